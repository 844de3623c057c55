#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`cat` with conditions gives the rows that filtering the full `cat` gives, whatever the file says of its values: random
rows with nulls, NaN and long texts, written with and without statistics, page index, Bloom filters and dictionaries.
inspect --check finds nothing wrong in them. Over all files each of these must have been of use. "ours": Bloom filters of convert, as
DuckDB looks values up in them.

usage: skipping.py pyarrow|duckdb|polars|ours       SHUKEI_RANDOM_FILES: how many (12)
"""
import json
import os
import random
import sys
from datetime import date, datetime, timedelta, timezone

import peers
from harness import Folder, must, rows_of_csv

import pyarrow as pa
import pyarrow.parquet as pq

FILES = int(os.environ.get("SHUKEI_RANDOM_FILES", 12))
START = datetime(2025, 10, 1, tzinfo=timezone.utc)
NUMBERS = ("value", "single", "count", "small")


def names_of(draw):
    """Few or many texts, some with what cuts bounds short, or what sorts oddly."""
    names = [f"ns-{i}" for i in range(draw.choice((3, 40, 900)))]
    names += ["", "größer", "ns-", "\U0001f600", "a" * 90 + "1", "a" * 90 + "2", "\u07ff" * 50]
    return names


def table_of(draw):
    rows = draw.choice((0, 1, 900, 4000, 4000, 4000))
    names = names_of(draw)
    nulls = draw.choice((0, 0.1, 0.1, 1))
    def column(make):
        return [None if draw.random() < nulls else make() for _ in range(rows)]
    columns = {
        "namespace": pa.array(column(lambda: draw.choice(names)), pa.string()),
        "node": pa.array([f"worker-{draw.randrange(50)}" for _ in range(rows)], pa.string()),
        "value": pa.array(column(lambda: draw.choice((0.0, -0.0, float("nan"), float("inf"), draw.randrange(60) / 4))), pa.float64()),
        "single": pa.array(column(lambda: draw.choice((float("nan"), draw.randrange(60) / 4))), pa.float32()),
        "count": pa.array(column(lambda: draw.randrange(-50, 50)), pa.int64()),
        "small": pa.array(column(lambda: draw.randrange(200)), pa.uint8()),
        "time": pa.array(column(lambda: START + timedelta(hours=draw.randrange(100))), pa.timestamp("us", tz="UTC")),
        "day": pa.array(column(lambda: date(2025, 10, 1 + draw.randrange(30))), pa.date32()),
        "sure": pa.array(column(lambda: draw.random() < 0.5), pa.bool_()),
        "items": pa.array(column(lambda: [draw.randrange(9)] * draw.randrange(4)), pa.list_(pa.int64())),
    }
    table = pa.table(columns)
    order = draw.choice((None, "namespace", "node", "time", "value"))
    return table.sort_by(order) if order else table


def by_pyarrow(draw, table, path):
    options = {
        "row_group_size": draw.choice((200, 1000, 100000)),
        "write_page_index": draw.random() < 0.8,
        "write_statistics": draw.choice((True, False, ["namespace", "value"])),
        "use_dictionary": draw.choice((True, False, ["node"])),
        "data_page_size": draw.choice((300, 5000, 1 << 20)),
        "max_rows_per_page": draw.choice((100, 20000)),
        "write_batch_size": 64,
        "dictionary_pagesize_limit": draw.choice((400, 1 << 20)),
        "data_page_version": draw.choice(("1.0", "2.0")),
        "compression": draw.choice(("none", "snappy", "zstd")),
    }
    if draw.random() < 0.4:  # much for a page index to tell
        options.update(row_group_size=100000, write_page_index=True, max_rows_per_page=100, write_statistics=True)
    if draw.random() < 0.6:
        options["bloom_filter_options"] = {name: {"ndv": 300} for name in ("namespace", "node", "count", "time", "value")}
    pq.write_table(table, path, **options)


def by_duckdb(draw, table, path):
    import duckdb
    with duckdb.connect() as base:
        base.execute("SET TimeZone = 'UTC'")
        base.register("t", table)
        base.execute(f"COPY t TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE {draw.choice((2048, 122880))},"
                     f" PARQUET_VERSION {draw.choice(('v1', 'v2'))}, WRITE_BLOOM_FILTER {draw.choice(('true', 'false'))})")


def by_polars(draw, table, path):
    import polars as pl
    pl.from_arrow(table).write_parquet(path, row_group_size=draw.choice((300, 100000)), data_page_size=draw.choice((300, 1 << 20)),
                                       statistics=draw.choice(("full", True, False)), use_pyarrow=False)


def has(row, column, value):
    cell = row[column]
    if column in NUMBERS:
        return cell not in ("", "nan") and float(cell) == float(value)
    return cell == value


def wishes_of(draw, rows):
    """Conditions on one to three columns, with values that are there and others."""
    columns = ["namespace", "node", *NUMBERS, "time", "day", "sure"]
    absent = {"namespace": "ns-0x", "node": "worker-7x", "value": "3.14", "single": "0.375", "count": "51", "small": "1000",
              "time": "2025-10-01T00:30:00Z", "day": "2025-11-01", "sure": "true"}
    for _ in range(8):
        wish = []
        for column in draw.sample(columns, draw.choice((1, 1, 2, 3))):
            for _ in range(draw.choice((1, 1, 2))):
                cell = draw.choice(rows)[column] if rows and draw.random() < 0.7 else absent[column]
                wish.append((column, absent[column] if cell in ("", '""', "nan") else cell))
        yield wish


def check_file(draw, path, used):
    rows = rows_of_csv(must("cat", path, "--nested").stdout)
    must("inspect", path, "--check")
    for wish in wishes_of(draw, rows):
        words = [word for column, value in wish for word in
                 (("--" + column, value) if column in ("namespace", "node") and draw.random() < 0.7 else ("--where", f"{column}={value}"))]
        stats = path.with_suffix(".json")
        got = rows_of_csv(must("cat", path, "--nested", *words, "--stats", stats).stdout)
        want = [row for row in rows if all(any(has(row, c, v) for c, v in wish if c == column) for column, _ in wish)]
        assert got == want, f"{path.name}: {wish}: {len(got)} rows instead of {len(want)}"
        for name, count in json.loads(stats.read_text()).items():
            if isinstance(count, int):
                used[name] = used.get(name, 0) + count
        some = rows_of_csv(must("cat", path, *words, "--columns", "count,node", "--limit", 5).stdout)
        assert some == [{"count": row["count"], "node": row["node"]} for row in want[:5]], f"{path.name}: {wish}, --columns and --limit"


def check(write, kinds):
    used = {}
    with Folder() as folder:
        for seed in range(FILES):
            draw = random.Random(seed)
            path = folder / f"{seed}.parquet"
            write(draw, table_of(draw), path)
            check_file(draw, path, used)
    print(used)
    for kind in kinds:
        assert used[kind], f"{kind}: of no use in {FILES} files"


def check_ours():
    import duckdb
    case = peers.cases()[0]
    with Folder() as folder, duckdb.connect() as base:
        must("convert", case / "input", "--to", folder, "--bloom-filter", "namespace,node,pod")
        path, = folder.rglob("pod_usage*.parquet")
        def probe(column, value):
            found = base.execute("SELECT * FROM parquet_bloom_probe(?, ?, ?)", [str(path), column, value]).fetchall()
            return all(row[-1] for row in found)
        for column in ("namespace", "node", "pod"):
            values = {row[column] for row in rows_of_csv(must("cat", path).stdout)} - {""}
            wrong = [value for value in values if probe(column, value)]
            assert values and not wrong, f"{column}: DuckDB takes {wrong} for absent"
            skipped = sum(probe(column, f"nobody-{i}") for i in range(200))
            assert skipped > 180, f"{column}: DuckDB skips {skipped} of 200 values that are absent"


BY_FOOTER = ["row_groups_by_statistics", "row_groups_by_dictionary"]
WRITERS = {
    "pyarrow": (by_pyarrow, BY_FOOTER + ["row_groups_by_bloom_filter", "pages_skipped"]),
    "duckdb": (by_duckdb, BY_FOOTER + ["row_groups_by_bloom_filter"]),
    "polars": (by_polars, ["row_groups_by_statistics"]),
}

if __name__ == "__main__":
    name = sys.argv[1]
    peers.harness.main([("all", check_ours if name == "ours" else lambda: check(*WRITERS[name]))])
