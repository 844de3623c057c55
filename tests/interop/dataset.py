#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Datasets read back by DuckDB, Polars and pyarrow, which find year, month and day in the folders' names: every
golden case's rows, of two sources side by side; and while hidden files of a run lie between them.

usage: dataset.py
"""
import shutil

import peers
from compare import differences, same
from dataset_rows import SOURCES, as_rows
from harness import Folder, must, rows_of_csv

import duckdb
import polars
import pyarrow.dataset


def by_duckdb(place):
    base = duckdb.connect()
    cursor = base.execute("SELECT * FROM read_parquet($1, hive_partitioning = true)", [f"{place}/**/*.parquet"])
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


def by_polars(place):
    return polars.scan_parquet(place, hive_partitioning=True, hidden_file_prefix=(".", "_")).collect().to_dicts()


def by_pyarrow(place):
    return pyarrow.dataset.dataset(place, format="parquet", partitioning="hive").to_table().to_pylist()


READERS = {"DuckDB": by_duckdb, "Polars": by_polars, "pyarrow": by_pyarrow}


def check(case):
    with Folder() as folder:
        place = folder / "dataset"
        expected = []
        for source in SOURCES:
            for _ in range(2):
                must("aggregate", case / "input", "--config", case / "case.json", "--source", source, "--to", f"{place}/")
            expected += rows_of_csv(must("aggregate", case / "input", "--config", case / "case.json", "--source", source,
                                         "--to", "-").stdout)
        assert expected, "no rows"
        for name, read in READERS.items():
            same(expected, as_rows(read(str(place)), name), name, 0.0)
        # What lies there in the middle of a run, and what one leaves that is killed.
        first = min(place.rglob("*.parquet"))
        shutil.copy(first, first.with_name(f".{first.name}.tmp-12345-0"))
        (place / f".{first.name}.lock").write_bytes(b"")
        for name, read in READERS.items():
            found = differences(expected, as_rows(read(str(place)), name), 0.0)
            assert not found, f"{name} looks at hidden files: {found[:3]}"


def one_day(case):
    """A day by its folder alone, and a count by month, as a report asks."""
    with Folder() as folder:
        place = folder / "dataset"
        must("aggregate", case / "input", "--config", case / "case.json", "--to", f"{place}/")
        rows = rows_of_csv(must("aggregate", case / "input", "--config", case / "case.json", "--to", "-").stdout)
        day = rows[0]["usage_start"]
        year, month, of_month = map(int, day.split("-"))
        want = sum(row["usage_start"] == day for row in rows)
        got = duckdb.execute("SELECT count(*) FROM read_parquet($1, hive_partitioning = true)"
                             " WHERE year = $2 AND month = $3 AND day = $4",
                             [f"{place}/**/*.parquet", year, month, of_month]).fetchone()[0]
        assert got == want, f"DuckDB: {got} rows of {day}, expected {want}"
        frame = polars.scan_parquet(place, hive_partitioning=True, hidden_file_prefix=(".", "_"))
        got = frame.filter((polars.col("year") == year) & (polars.col("month") == month)
                           & (polars.col("day") == of_month)).collect().height
        assert got == want, f"Polars: {got} rows of {day}, expected {want}"


cases = peers.cases()
peers.harness.main([(case.name, lambda c=case: check(c)) for case in cases] + [("one day", lambda: one_day(cases[0]))])
