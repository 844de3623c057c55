#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reports that others wrote as Parquet give the expected rows, in both label modes, and the same
bytes as the CSV they were made from.

usage: written.py pyarrow|duckdb|polars|fastparquet
"""
import sys

import peers
from compare import same
from harness import Folder, must, rows_of_csv

import pyarrow as pa
import pyarrow.parquet as pq


def arrow(columns, path, unit="us", change=None, **options):
    table = peers.table_of(columns, unit)
    pq.write_table(change(table, columns) if change else table, path, **options)


def with_encodings(columns, path):
    table = peers.table_of(columns)
    encodings, delta = {}, 0
    for field in table.schema:
        if pa.types.is_string(field.type):
            delta += 1
            encodings[field.name] = ("DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY")[delta % 2]
        else:
            encodings[field.name] = "BYTE_STREAM_SPLIT" if pa.types.is_floating(field.type) else "DELTA_BINARY_PACKED"
    pq.write_table(table, path, use_dictionary=False, column_encoding=encodings, compression="zstd",
                   data_page_version="2.0", data_page_size=512, write_page_checksum=True, write_page_index=True)


def recast(table, kinds):
    return table.cast(pa.schema([pa.field(f.name, kinds(f) or f.type, f.nullable) for f in table.schema]))


def required(table, columns):
    """Columns without nulls, declared so."""
    fields = [f.with_nullable(table[f.name].null_count > 0) for f in table.schema]
    return table.cast(pa.schema(fields))


def times_as_text(table, columns):
    return recast(table, lambda f: pa.string() if f.name in peers.TIMES else None)


def absent_as_null(table, columns):
    """Empty texts are null, and labels without a pair too."""
    for at, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            values = [None if v in ("", "{}") else v for v in table[field.name].to_pylist()]
            table = table.set_column(at, field, pa.array(values, pa.string()))
    return table


def narrow_numbers(table, columns):
    """Whole numbers as integers and decimals of several widths, where nothing is lost."""
    kinds = [pa.int64(), pa.decimal128(30, 2), pa.int32(), pa.float32(), pa.decimal128(18, 0), pa.uint64()]
    for at, field in enumerate(table.schema):
        if not pa.types.is_floating(field.type):
            continue
        for turn in range(len(kinds)):
            kind = kinds[(at + turn) % len(kinds)]
            try:
                cast = table[field.name].cast(kind)
                if cast.cast(pa.float64()).equals(table[field.name]):
                    table = table.set_column(at, pa.field(field.name, kind), cast)
                    break
            except pa.ArrowInvalid:
                continue
    return table


def dictionaries(table, columns):
    return recast(table, lambda f: pa.dictionary(pa.int32(), pa.string()) if pa.types.is_string(f.type) else None)


def with_strangers(table, columns):
    """Nested columns and unknown ones, between ours."""
    count = table.num_rows
    table = table.add_column(0, "tags", pa.array([[{"k": str(i), "v": [i]}] for i in range(count)],
                                                 pa.list_(pa.struct([("k", pa.string()), ("v", pa.list_(pa.int64()))]))))
    table = table.add_column(5, "origin", pa.array([{"a": {"b": i}} for i in range(count)],
                                                   pa.struct([("a", pa.struct([("b", pa.int32())]))])))
    return table.append_column("comment", pa.array(["x" * (i % 7) for i in range(count)]))


def by_pyarrow():
    ways = {
        "defaults": {},
        "v2 pages, zstd": {"data_page_version": "2.0", "compression": "zstd"},
        "gzip, no dictionary": {"compression": "gzip", "use_dictionary": False},
        "brotli, small pages": {"compression": "brotli", "data_page_size": 256, "write_batch_size": 16},
        "lz4, small row groups": {"compression": "lz4", "row_group_size": 37},
        "fall-back from dictionary": {"compression": "none", "dictionary_pagesize_limit": 64, "write_batch_size": 8,
                                      "data_page_size": 128, "write_statistics": False},
        "fall-back, v2 pages": {"dictionary_pagesize_limit": 64, "write_batch_size": 8, "data_page_version": "2.0"},
        "format 1.0, milliseconds": {"version": "1.0", "coerce_timestamps": "ms"},
        "nanoseconds": {"unit": "ns", "version": "2.6"},
        "INT96": {"use_deprecated_int96_timestamps": True},
        "times as text": {"change": times_as_text},
        "required columns": {"change": required},
        "required columns, v2": {"change": required, "data_page_version": "2.0", "compression": "snappy"},
        "absent is null": {"change": absent_as_null},
        "integers and decimals": {"change": narrow_numbers},
        "decimals as integers": {"change": narrow_numbers, "store_decimal_as_integer": True},
        "dictionary columns": {"change": dictionaries},
        "nested and unknown columns": {"change": with_strangers},
        "page index, checksums": {"write_page_index": True, "write_page_checksum": True, "row_group_size": 50},
    }
    found = {name: lambda c, p, o=options: arrow(c, p, **o) for name, options in ways.items()}
    return {**found, "delta and split encodings": with_encodings}


def by_duckdb():
    import duckdb

    def write(columns, path, options):
        with duckdb.connect() as base:
            base.execute("SET TimeZone = 'UTC'")
            base.register("report", peers.table_of(columns))
            base.execute(f"COPY (SELECT * FROM report) TO '{path}' (FORMAT parquet{options})")

    ways = {"defaults": "", "zstd": ", CODEC zstd", "gzip": ", CODEC gzip", "uncompressed": ", CODEC uncompressed",
            "brotli": ", CODEC brotli", "lz4": ", CODEC lz4_raw", "version 2": ", PARQUET_VERSION v2",
            "row groups": ", ROW_GROUP_SIZE 2048",
            "no dictionary": ", PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1"}
    return {name: lambda c, p, o=options: write(c, p, o) for name, options in ways.items()}


def by_polars():
    import polars as pl

    def write(columns, path, options):
        pl.from_arrow(peers.table_of(columns)).write_parquet(path, **options)

    ways = {"defaults": {}, "snappy": {"compression": "snappy"}, "gzip": {"compression": "gzip"},
            "brotli": {"compression": "brotli"}, "lz4": {"compression": "lz4"},
            "uncompressed": {"compression": "uncompressed"}, "row groups": {"row_group_size": 40},
            "small pages": {"data_page_size": 200}, "no statistics": {"statistics": False}}
    return {name: lambda c, p, o=options: write(c, p, o) for name, options in ways.items()}


def by_fastparquet():
    import fastparquet
    import pandas as pd

    def write(columns, path, options):
        frame = {}
        for name, values in columns.items():
            if name in peers.TIMES:
                frame[name] = pd.to_datetime(pd.Series(values, dtype="object"), utc=True).astype("datetime64[ns, UTC]")
            elif peers.NUMBER.search(name):
                frame[name] = pd.Series(values, dtype="float64")
            else:
                frame[name] = pd.Series(values, dtype="object")
        text = {name: "utf8" for name in columns if name not in peers.TIMES and not peers.NUMBER.search(name)}
        fastparquet.write(str(path), pd.DataFrame(frame), object_encoding=text, write_index=False, **options)

    ways = {"defaults": {}, "uncompressed": {"compression": "UNCOMPRESSED"}, "gzip": {"compression": "GZIP"},
            "zstd": {"compression": "ZSTD"}, "lz4": {"compression": "LZ4_RAW"}, "INT96": {"times": "int96"},
            "no nulls": {"has_nulls": False}, "row groups": {"row_group_offsets": 50}}
    return {name: lambda c, p, o=options: write(c, p, o) for name, options in ways.items()}


def check(case, write):
    expected = peers.expected_rows(case)
    with Folder() as folder:
        (folder / "in").mkdir()
        for name, columns in peers.reports(case):
            write(columns, folder / "in" / f"{name}.parquet")
        for labels, rows in expected.items():
            words = ("--config", case / "case.json", "--labels", labels, "--to", "-")
            got = must("aggregate", folder / "in", *words, cwd=folder).stdout
            same(rows, rows_of_csv(got), labels)
            assert got == must("aggregate", case / "input", *words, cwd=folder).stdout, f"{labels}: other bytes than of CSV"


WRITERS = {"pyarrow": by_pyarrow, "duckdb": by_duckdb, "polars": by_polars, "fastparquet": by_fastparquet}

if __name__ == "__main__":
    peers.harness.main([(f"{way}, {case.name}", lambda c=case, w=write: check(c, w))
                        for way, write in WRITERS[sys.argv[1]]().items() for case in peers.cases()])
