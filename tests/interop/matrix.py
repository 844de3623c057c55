#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random files of every type, encoding, codec, page version, share of nulls and nesting that others write: cat prints what the
writer's own reader finds in them, flat and with --nested, and inspect --check finds nothing wrong. Prints how many files were compared,
and how many combinations of codec, page version, physical type, annotation and encodings are in them.

usage: matrix.py pyarrow|duckdb|polars|fastparquet|parquet_mr|corpus     SHUKEI_MATRIX: so many times the files (1)
"""
import os
import random
import sys
import traceback

import peers
import cells
import matrix_mr
import matrix_writers
import parquet_mr
from harness import Folder, must

import pyarrow as pa
import pyarrow.parquet as pq

TIMES = float(os.environ.get("SHUKEI_MATRIX", "1"))


def compare(path, columns):
    flat = [column for column in columns if not column[1]]
    for words, wanted in ((["--nested"], columns), ([], flat)):
        if not wanted:
            continue
        header, *rows = cells.rows_of(must("cat", *words, path).stdout.decode())
        assert [text for _, text in header] == [name for name, _, _ in wanted], header
        for at, (name, nested, values) in enumerate(wanted):
            assert len(rows) == len(values), f"{len(rows)} rows of {len(values)}"
            for number, value in enumerate(values):
                cell = rows[number][at]
                assert cells.same_cell(cell, value, nested), f"{name}, row {number}: {cell[1]!r}, expected {value!r}"


def seen(path):
    """What kinds of chunks a file has."""
    try:
        meta = pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        return set()
    for group in range(meta.num_row_groups):
        for at in range(meta.num_columns):
            chunk = meta.row_group(group).column(at)
            logical = str(meta.schema.column(at).logical_type).split("(")[0]
            yield chunk.compression, chunk.physical_type, logical, tuple(sorted(chunk.encodings))


def all_of(name, write, count):
    failed, kinds = 0, set()
    with Folder() as folder:
        for number in range(count):
            path = folder / f"{number}.parquet"
            try:
                columns = write(random.Random(number), path)
                compare(path, columns)
                must("inspect", "--check", path)
                kinds.update(seen(path))
                path.unlink()
            except Exception as error:
                failed += 1
                what = str(error)[:600] if isinstance(error, AssertionError) else traceback.format_exc()
                print(f"FAILED {name}, file {number}: {what}", flush=True)
                if failed == 20:
                    break
    print(f"{name}: {count} files, {len(kinds)} combinations of codec, physical type, annotation and encodings, {failed} failed")
    sys.exit(1 if failed else 0)


def of_corpus():
    """Nested columns of Apache's test corpus, by pyarrow."""
    for path in sorted((peers.harness.need_shared("parquet-testing") / "data").glob("*.parquet")):
        try:
            nested = any(pa.types.is_nested(field.type) for field in pq.read_schema(path))
        except (OSError, pa.ArrowException):
            continue  # what pyarrow cannot read
        if nested:  # footers that lie of the rows are in it: no --check
            yield path.name, lambda p=path: compare(p, cells.of_table(pq.read_table(p)))


def main(name):
    if name == "corpus":
        peers.harness.main(list(of_corpus()))
    if name == "parquet_mr":
        if not parquet_mr.here():
            peers.harness.skip("parquet-mr is not built; tools/parquet_mr.sh does it where Maven and Java are")
        with parquet_mr.ParquetMr() as servant:
            all_of(name, lambda dice, path: matrix_mr.by_parquet_mr(dice, path, servant), int(450 * TIMES))
    base = matrix_writers.duckdb_base()
    writers = {"pyarrow": (matrix_writers.by_pyarrow, 700), "polars": (matrix_writers.by_polars, 250),
               "duckdb": (lambda dice, path: matrix_writers.by_duckdb(dice, path, base), 300),
               "fastparquet": (matrix_writers.by_fastparquet, 150)}
    write, count = writers[name]
    all_of(name, write, int(count * TIMES))


if __name__ == "__main__":
    main(sys.argv[1])
