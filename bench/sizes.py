#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How large the reports of a set are as Parquet: by `shukei convert`, and as pyarrow and DuckDB write the same rows by
their defaults and with zstd.

usage: sizes.py SHUKEI FOLDER [SET]    the set, 1m unless another is named, is made below FOLDER where it lacks
"""
import pathlib
import sys
import tempfile

import duckdb
import pyarrow.parquet as pq

import datasets


def size_of(folder):
    return sum(path.stat().st_size for path in pathlib.Path(folder).glob("*.parquet"))


def by_pyarrow(source, to, **options):
    for path in sorted(source.glob("*.parquet")):
        pq.write_table(pq.read_table(path).replace_schema_metadata(None), to / path.name, row_group_size=1 << 20, **options)


def by_duckdb(source, to, options=""):
    for path in sorted(source.glob("*.parquet")):
        duckdb.sql(f"COPY (SELECT * FROM '{path}') TO '{to / path.name}' (FORMAT parquet{options})")


WRITERS = {
    "pyarrow, its defaults": lambda source, to: by_pyarrow(source, to),
    "DuckDB, its defaults": lambda source, to: by_duckdb(source, to),
    "pyarrow, zstd": lambda source, to: by_pyarrow(source, to, compression="zstd"),
    "DuckDB, zstd": lambda source, to: by_duckdb(source, to, ", CODEC zstd"),
}


def main(program, top, name="1m"):
    source = datasets.Store(top, program, say=lambda text: print(text, file=sys.stderr)).folder_of(name, "ours")
    ours = size_of(source)
    print(f"{'shukei convert':24}{ours:>14,} bytes")
    for writer, write in WRITERS.items():
        with tempfile.TemporaryDirectory(dir=top) as folder:
            write(source, pathlib.Path(folder))
            size = size_of(folder)
        print(f"{writer:24}{size:>14,} bytes, shukei's is {ours / size:.3f} of it")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
