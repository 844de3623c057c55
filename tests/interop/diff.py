#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""inspect --diff: two files of the same random rows are equal however they are laid out; a value that was changed in one of them is
found and named, also in a list.

usage: diff.py pyarrow|duckdb|polars|ours       who wrote the first file (the second is pyarrow's); SHUKEI_RANDOM_FILES: how many (12)
"""
import json
import random
import sys

import peers
import skipping
from harness import Folder, must, run

import pyarrow as pa
import pyarrow.parquet as pq

EXIT_DIFFERS = 4


def diff(a, b):
    got = run("inspect", "--diff", "--json", a, b)
    assert got.returncode in (0, EXIT_DIFFERS), got.stderr
    told = json.loads(got.stdout)
    assert told["differs"] == (got.returncode == EXIT_DIFFERS)
    text = run("inspect", "--diff", a, b)
    assert text.returncode == got.returncode
    return told, text.stdout.decode()


def same(x, y):
    return repr(x) == repr(y)  # NaN is NaN, and -0 is not 0


def changed(draw, table):
    """The table with one value changed, or None where it is all the same; column and row."""
    name = draw.choice(table.column_names)
    values = table[name].to_pylist()
    row = draw.randrange(len(values))
    others = [value for value in values if not same(value, values[row])]
    if not others:
        return None, name, row
    values[row] = draw.choice(others)
    at = table.schema.get_field_index(name)
    if values[row] is None and not table.schema.field(at).nullable:
        return None, name, row
    return table.set_column(at, table.schema.field(at), pa.array(values, table.schema.field(at).type)), name, row


def check_pair(draw, table, first, folder, same_schema):
    """`first` is a file of the table."""
    again, other = folder / "again.parquet", folder / "other.parquet"
    skipping.by_pyarrow(draw, table, again)
    told, text = diff(first, again)
    assert told["rows"]["equal"] and not told["rows"]["columns"], text
    assert f"the {len(table)} rows are equal" in text
    of = {difference["of"] for difference in told["differences"]}
    assert told["differs"] == ("schema" in of), text
    assert not (same_schema and told["differs"]), text
    return sum(check_change(draw, table, first, other) for _ in range(3)) if len(table) else 0


def check_change(draw, table, first, other):
    new, name, row = changed(draw, table)
    if new is None:
        return False
    skipping.by_pyarrow(draw, new, other)
    told, text = diff(first, other)
    rows = told["rows"]
    assert told["differs"] and not rows["equal"] and rows["first"]["row"] == row, (name, row, text)
    assert rows["first"]["column"].split(".")[0] == name, (name, row, text)
    assert all((column["rows"], column["first"]) == (1, row) for column in rows["columns"]) and len(rows["columns"]) == 1, text
    assert f"first row {row} in column {name}" in text, text
    return True


def check(write, same_schema):
    found = 0
    with Folder() as folder:
        for seed in range(skipping.FILES):
            draw = random.Random(seed)
            table = skipping.table_of(draw)
            first = folder / "first.parquet"
            write(draw, table, first)
            found += check_pair(draw, pq.read_table(first), first, folder, same_schema)
    print(f"{found} changed values were found")
    assert found > skipping.FILES / 2


def check_ours():
    """Reports by convert, with both codecs, and as pyarrow writes them again."""
    found = 0
    with Folder() as folder:
        for seed, case in enumerate(peers.cases()):
            draw = random.Random(seed)
            for codec in ("zstd", "snappy"):
                must("convert", case / "input", "--to", folder / case.name / codec, "--codec", codec)
            for path in sorted((folder / case.name / "zstd").rglob("*.parquet")):
                twin = folder / case.name / "snappy" / path.relative_to(folder / case.name / "zstd")
                told, text = diff(path, twin)
                assert told["rows"]["equal"] and not told["differs"], text
                found += check_pair(draw, pq.read_table(path), path, folder, True)
    assert found > 10


def null_arrays():
    """DuckDB stores something for each place of an array that is null."""
    import duckdb
    lists = pa.list_(pa.int32())
    rows = pa.table({"a": pa.array([[1, 2, 3], None, [4, None, 6], None], lists),
                     "s": pa.array([{"b": [1, 2]}, None, {"b": None}, {"b": [5, None]}], pa.struct([("b", lists)]))})
    with Folder() as folder:
        duckdb.sql(f"""COPY (FROM (VALUES ([1, 2, 3]::INT[3], {{'b': [1, 2]::INT[2]}}), (NULL, NULL), ([4, NULL, 6], {{'b': NULL}}), (NULL, {{'b': [5, NULL]}}))
                       t(a, s)) TO '{folder / "arrays.parquet"}'""")
        pq.write_table(rows, folder / "lists.parquet")
        told, text = diff(folder / "arrays.parquet", folder / "lists.parquet")
        assert told["rows"]["equal"] and not told["rows"]["columns"], text
        pq.write_table(rows.set_column(0, "a", pa.array([[1, 2, 3], [], [4, None, 6], None], lists)), folder / "lists.parquet")
        told, text = diff(folder / "arrays.parquet", folder / "lists.parquet")
        assert told["rows"]["first"]["row"] == 1 and told["rows"]["columns"][0]["rows"] == 1, text


WRITERS = {"pyarrow": lambda: check(skipping.by_pyarrow, True), "duckdb": lambda: check(skipping.by_duckdb, False),
           "polars": lambda: check(skipping.by_polars, False), "ours": check_ours}

if __name__ == "__main__":
    peers.harness.main([("all", WRITERS[sys.argv[1]])] + ([("null arrays", null_arrays)] if sys.argv[1] == "duckdb" else []))
