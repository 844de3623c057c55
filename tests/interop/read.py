#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What we write as Parquet, the others read: the same values in every column, from the reports that
convert wrote (both codecs) and from a summary.

usage: read.py pyarrow|duckdb|polars|fastparquet|parquet_mr
"""
import math
import sys
from datetime import date, datetime, timezone

import peers
import parquet_mr
from harness import Folder, must, rows_of_csv

import pyarrow as pa


def by_pyarrow(path):
    import pyarrow.parquet as pq
    return pq.read_table(path, partitioning=None, page_checksum_verification=True).to_pydict()


def by_duckdb(path):
    import duckdb
    with duckdb.connect() as base:
        base.execute("SET TimeZone = 'UTC'")
        return base.sql(f"SELECT * FROM read_parquet('{path}', hive_partitioning = false)").to_arrow_table().to_pydict()


def by_polars(path):
    import polars as pl
    return pl.read_parquet(path, hive_partitioning=False).to_dict(as_series=False)


def by_fastparquet(path):
    import fastparquet
    import pandas as pd
    frame = fastparquet.ParquetFile(str(path)).to_pandas()
    return {name: [None if pd.isna(v) else v for v in frame[name].tolist()] for name in frame.columns}


def by_parquet_mr(path, servant):
    return {name: values for name, _, values in parquet_mr.columns_of(servant.ask("read", path))}


def text_of(value):
    """A value as cat prints it, but for numbers."""
    if value is None:
        return ""
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime()
    if isinstance(value, datetime):
        value = value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    return value.decode() if isinstance(value, bytes) else value


def same_cell(printed, value):
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return printed != "" and (float(printed) == value or math.isnan(value))
    text = text_of(value)
    return printed == text or text.endswith("T00:00:00Z") and printed == text[:10]  # a date in pandas


def check_file(path, read):
    printed = rows_of_csv(must("cat", path).stdout)
    got = read(path)
    if printed:
        assert list(got) == list(printed[0]), f"{path.name}: columns {list(got)}"
    for name, values in got.items():
        assert len(values) == len(printed), f"{path.name}: {len(values)} rows of {len(printed)}"
        for at, (row, value) in enumerate(zip(printed, values)):
            assert same_cell(row[name], value), f"{path.name}, {name}, row {at}: {row[name]!r}, read as {value!r}"


def check(case, read):
    with Folder() as folder:
        for codec in ("zstd", "snappy"):
            must("convert", case / "input", "--to", folder / codec, "--codec", codec)
        must("aggregate", case / "input", "--config", case / "case.json", "--to", folder / "summary.parquet", cwd=folder)
        files = sorted(folder.rglob("*.parquet"))
        assert len(files) > 2
        for path in files:
            check_file(path, read)


READERS = {"pyarrow": by_pyarrow, "duckdb": by_duckdb, "polars": by_polars, "fastparquet": by_fastparquet}


def main(read):
    peers.harness.main([(case.name, lambda c=case: check(c, read)) for case in peers.cases()])


if __name__ == "__main__":
    if sys.argv[1] != "parquet_mr":
        main(READERS[sys.argv[1]])
    if not parquet_mr.here():
        peers.harness.skip("parquet-mr is not built; tools/parquet_mr.sh does it where Maven and Java are")
    with parquet_mr.ParquetMr() as servant:
        main(lambda path: by_parquet_mr(path, servant))
