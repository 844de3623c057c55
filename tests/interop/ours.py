#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random files of shukei/parquet.h's writer, with every option, encoding, codec, page index, Bloom filters and sorted columns,
are read by others as what was written; and what our files say of their values is what the others skip row groups and pages by, as they
tell it themselves.

usage: ours.py pyarrow|duckdb|polars|fastparquet|parquet_mr LIBSHUKEI      SHUKEI_MATRIX: so many times the files (1)
"""
import math
import os
import random
import subprocess
import sys

import peers
import cells
import matrix_tables
import ours_written
import parquet_mr
from harness import Folder

import pyarrow as pa

FILES = int(60 * float(os.environ.get("SHUKEI_MATRIX", "1")))
ROWS = 40000  # of the file with something to skip: 40 row groups of 10 pages
FIT = {"text": ("plain", "dictionary", "delta_length_byte_array", "delta_byte_array"), "double": ("plain", "dictionary", "byte_stream_split"),
       "int64": ("plain", "dictionary", "delta_binary_packed", "byte_stream_split")}
FIT["time"] = FIT["date"] = FIT["int64"]
MAKE = {"text": matrix_tables.word, "double": matrix_tables.double, "int64": matrix_tables.bits(64), "time": matrix_tables.near(2**55),
        "date": matrix_tables.near(2900000)}
SHOWN = {"text": str, "double": cells.number, "int64": int, "time": lambda v: cells.instant_text(v, "us"), "date": cells.date_text}
NEAR = {"time": matrix_tables.near(2**52), "date": matrix_tables.near(90000)}  # what pandas' nanoseconds can hold

REFUSES = {  # what others than pyarrow do not read, and what fastparquet does not
    False: {(kind, "byte_stream_split") for kind in ("int64", "time", "date")},
    True: {(kind, name) for kind in FIT for name in ("byte_stream_split", "delta_length_byte_array", "delta_byte_array")}
          | {(kind, "delta_binary_packed") for kind in ("int64", "time")},  # wide differences it gets wrong
}


def random_columns(dice, refuses, near):
    count, columns = dice.choice(matrix_tables.ROWS), []
    for at in range(dice.randint(1, 8)):
        kind = dice.choice(ours_written.KINDS)
        encoding = dice.choice([name for name in ("chosen", *FIT[kind]) if (kind, name) not in refuses])
        few = [{**MAKE, **(NEAR if near else {})}[kind](dice) for _ in range(dice.choice((2, 1000)))]
        share = dice.choice((0, 0, 0.3, 1))
        values = [None if dice.random() < share else dice.choice(few) for _ in range(count)]
        columns.append((f"c{at}", kind, share == 0, encoding, values))
    return columns


def random_file(dice, path, refuses, near):
    columns = random_columns(dice, refuses, near)
    rows = len(columns[0][4])
    texts = [column[0] for column in columns if column[1] == "text" and column[3] in ("chosen", "dictionary")]
    ours_written.write(path, columns, cuts=sorted(dice.sample(range(rows + 1), min(rows, 3))), codec=dice.choice(list(ours_written.CODECS)),
                       level=dice.choice((1, 9)), group_rows=dice.choice((1, 50, 1 << 20)) if rows < 100 else 90,
                       page_rows=dice.choice((1, 20, 65536)), page_index=dice.random() < 0.7, threads=dice.choice((1, 2)),
                       bloom_columns=texts if dice.random() < 0.5 else [],
                       sorting_columns=[column[0] for column in columns[:dice.randint(0, 3)]])
    return columns


# ---- readers: columns as cells.of_table(), and what is left for a condition on the file below ----

def skippable(path):
    """A sorted time, a number that repeats in every row group, and texts of which each row group has its own."""
    times = [1759276800000000 + 1000000 * row for row in range(ROWS)]
    ours_written.write(path, [("time", "time", True, "chosen", times), ("number", "int64", True, "dictionary", [2 * (row % 50) for row in range(ROWS)]),
                              ("text", "text", True, "chosen", [f"{row * 7919 % 1000}-{row // 1000}" for row in range(ROWS)])],
                       group_rows=1000, page_rows=100, bloom_columns=["text"], sorting_columns=["time"])
    return times[20550]


def by_pyarrow(path):
    import pyarrow.parquet as pq
    return cells.of_table(pq.read_table(path, page_checksum_verification=True))


def pruned_by_pyarrow(path, time):
    import pyarrow.compute as pc
    import pyarrow.dataset as ds
    fragment, = ds.dataset(path).get_fragments()
    left = fragment.subset(pc.field("time") == pa.scalar(time, pa.timestamp("us", "UTC")))
    assert (len(fragment.row_groups), len(left.row_groups)) == (40, 1), len(left.row_groups)


def duckdb_groups(base, query):
    """How many row groups the scan of a query read, by DuckDB's own profile."""
    import json
    profile = json.loads(base.execute("EXPLAIN (ANALYZE, FORMAT json) " + query).fetchall()[0][1])
    nodes, read = list(profile["operator"]), 0
    while nodes:
        node = nodes.pop()
        nodes.extend(node.get("children", []))
        read += node.get("row_groups_scanned", 0)
    return read


def by_duckdb(path):
    import duckdb
    with duckdb.connect() as base:
        base.execute("SET TimeZone = 'UTC'")
        return cells.of_table(base.sql(f"SELECT * FROM read_parquet('{path}')").to_arrow_table())


def pruned_by_duckdb(path, time):
    import duckdb
    with duckdb.connect() as base:
        base.execute("SET TimeZone = 'UTC'; SET threads = 1")
        groups = [duckdb_groups(base, f"SELECT sum(number) FROM '{path}'{where}") for where in (
            "", f" WHERE time = make_timestamptz({time})", " WHERE text = '5000-7'")]  # the text: between the bounds, and nowhere
        print("DuckDB reads row groups: %d of all, %d by statistics, %d by Bloom filters" % tuple(groups))
        assert groups[0] == 40 and groups[1] == 1 and groups[2] < 10


def by_polars(path):
    import polars as pl
    return cells.of_table(pl.read_parquet(path).to_arrow())


def pruned_by_polars(path, time):
    import re
    told = subprocess.run([sys.executable, "-c", f"import polars as pl; pl.scan_parquet({str(path)!r}).filter("
                           f"pl.col('time') == pl.lit({time}).cast(pl.Datetime('us', 'UTC'))).collect(engine='streaming')"],
                          env={**os.environ, "POLARS_VERBOSE": "1"}, capture_output=True, text=True).stderr
    found = re.search(r"reading (\d+) / (\d+) row groups", told, re.I)
    assert found and found.groups() == ("1", "40"), told[-1500:]


def by_fastparquet(path):
    import fastparquet
    import matrix_writers
    import pyarrow.parquet as pq
    read = fastparquet.ParquetFile(str(path)).to_pandas()
    kinds = {field.name: field.type for field in pq.read_schema(path)}
    found = []
    for name in read.columns:
        values = matrix_writers.of_pandas(read[name], read[name].dtype.name)
        dates = pa.types.is_date32(kinds[name])
        found.append((name, False, [v[:10] if dates and v else v for v in values]))
    return found


def pruned_by_fastparquet(path, time):
    import fastparquet
    import pandas as pd
    file = fastparquet.ParquetFile(str(path))
    left = fastparquet.api.filter_row_groups(file, [("time", "==", pd.Timestamp(time, unit="us"))])
    assert (len(file.row_groups), len(left)) == (40, 1), len(left)


def by_parquet_mr(path, servant):
    return parquet_mr.columns_of(servant.ask("read", path))


def pruned_by_parquet_mr(path, time, servant):
    def left(column, value, *use):
        answer = servant.ask("count", path, column=column, op="eq", value=value, use=use)
        return answer["groups"], answer["rows_by_index"]
    found = {"nothing": left("time", time), "statistics": left("time", time, "stats"),
             "page index": left("time", time, "stats", "index"), "dictionaries": left("number", 51, "dictionary"),
             "Bloom filters": left("text", b"5000-7".hex(), "bloom")}
    print("parquet-mr reads row groups, rows:", found)
    assert found["nothing"] == (40, ROWS) and found["statistics"] == (1, 1000) and found["page index"] == (1, 100), found
    assert found["dictionaries"] == (0, 0) and found["Bloom filters"][0] < 10, found


def wanted_of(columns):
    return [(name, [None if value is None else SHOWN[kind](value) for value in values]) for name, kind, _, _, values in columns]


def same(found, wanted, nan_is_null):
    if nan_is_null:
        found, wanted = (None if v == "nan" else v for v in (found, wanted))
    if isinstance(found, float) and isinstance(wanted, float):
        return found == wanted and math.copysign(1, found) == math.copysign(1, wanted)
    return found == wanted


def check(number, read, pandas):
    with Folder() as folder:
        path = folder / "ours.parquet"
        columns = random_file(random.Random(number), path, {} if read is by_pyarrow else REFUSES[pandas], pandas)
        got = read(path)
        assert [name for name, _, _ in got] == [column[0] for column in columns]
        for (name, _, found), (_, wanted) in zip(got, wanted_of(columns)):
            assert len(found) == len(wanted), f"{name}: {len(found)} rows of {len(wanted)}"
            for row, (a, b) in enumerate(zip(found, wanted)):
                assert same(a, b, pandas), f"{name}, row {row}: read as {a!r}, written {b!r}; {[c[:4] for c in columns]}"


def prune(check_left):
    with Folder() as folder:
        check_left(folder / "ours.parquet", skippable(folder / "ours.parquet"))


def main(name):
    ways = {"pyarrow": (by_pyarrow, pruned_by_pyarrow), "duckdb": (by_duckdb, pruned_by_duckdb), "polars": (by_polars, pruned_by_polars),
            "fastparquet": (by_fastparquet, pruned_by_fastparquet)}
    def run(read, left):
        cases = [(f"file {number}", lambda n=number: check(n, read, name == "fastparquet")) for number in range(FILES)]
        peers.harness.main(cases + [("skipping", lambda: prune(left))])
    if name != "parquet_mr":
        run(*ways[name])
    if not parquet_mr.here():
        peers.harness.skip("parquet-mr is not built; tools/parquet_mr.sh does it where Maven and Java are")
    with parquet_mr.ParquetMr() as servant:
        run(lambda path: by_parquet_mr(path, servant), lambda path, time: pruned_by_parquet_mr(path, time, servant))


if __name__ == "__main__":
    main(sys.argv[1])
