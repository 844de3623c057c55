#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nested columns by chance: lists, maps and structs of any depth, written by others and read by cat as JSON,
must be what the writer's own reader makes of them; inspect --check finds nothing wrong.

usage: nested.py pyarrow|duckdb|polars|corpus      SHUKEI_NESTED_FILES: how many files (400; of the other writers half)
"""
import datetime
import decimal
import io
import json
import math
import os
import random
import struct
import sys

import peers
from harness import Folder, must

import csv
import pyarrow as pa
import pyarrow.parquet as pq

FILES = int(os.environ.get("SHUKEI_NESTED_FILES", "400"))
CODECS = ("none", "snappy", "gzip", "zstd", "lz4", "brotli")
WORDS = ["", "web", "naïve", 'quo"te', "a,b", "line\nbreak", "back\\slash", "x" * 60, "\x01", "{}", "null"]
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
csv.field_size_limit(1 << 30)


def single(dice):
    return struct.unpack("f", struct.pack("f", dice.uniform(-1e6, 1e6)))[0]


def double(dice):
    return dice.choice([math.nan, math.inf, -math.inf, 0.0, -0.0, 1e300, dice.uniform(-1, 1), dice.uniform(-1, 1)])


def money(dice):
    return decimal.Decimal(dice.randint(-(10**11), 10**11)).scaleb(-3)


LEAVES = {  # kind: value, encodings beside plain and dictionary
    pa.bool_(): (lambda d: d.random() < 0.5, ["RLE"]),
    pa.int8(): (lambda d: d.randint(-128, 127), ["DELTA_BINARY_PACKED"]),
    pa.int32(): (lambda d: d.randint(-(2**31), 2**31 - 1), ["DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"]),
    pa.int64(): (lambda d: d.randint(-(2**63), 2**63 - 1), ["DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"]),
    pa.uint64(): (lambda d: d.randint(0, 2**64 - 1), ["DELTA_BINARY_PACKED"]),
    pa.float32(): (single, ["BYTE_STREAM_SPLIT"]),
    pa.float64(): (double, ["BYTE_STREAM_SPLIT"]),
    pa.string(): (lambda d: d.choice(WORDS) + str(d.randint(0, 9)), ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"]),
    pa.binary(): (lambda d: d.choice([b"", b"plain", b"\xff\x00", b"\xc3"]), ["DELTA_BYTE_ARRAY"]),
    pa.binary(5): (lambda d: bytes(d.randint(0, 255) for _ in range(5)), ["DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT"]),
    pa.date32(): (lambda d: datetime.date(1970, 1, 1) + datetime.timedelta(d.randint(-9000, 40000)),
                  ["DELTA_BINARY_PACKED"]),
    pa.timestamp("us", tz="UTC"): (lambda d: EPOCH + datetime.timedelta(microseconds=d.randint(0, 2**50)),
                                   ["DELTA_BINARY_PACKED"]),
    pa.time64("us"): (lambda d: (EPOCH + datetime.timedelta(microseconds=d.randint(0, 86399999999))).time(),
                      ["DELTA_BINARY_PACKED"]),
    pa.decimal128(12, 3): (money, ["BYTE_STREAM_SPLIT"]),
}


def kind_of(dice, depth):
    """A type, nested at most so deep."""
    turn = dice.random() if depth else 0
    if turn < 0.25:
        return dice.choice(list(LEAVES))
    inner = [pa.field(name, kind_of(dice, depth - 1), nullable=dice.random() < 0.7) for name in ("item", "b", "ü,\"")]
    if turn < 0.55:
        return pa.list_(inner[0])
    if turn < 0.8:
        return pa.struct(inner[:dice.randint(1, 3)])
    key = dice.choice([pa.string(), pa.string(), pa.int32(), pa.date32()])
    return pa.map_(key, inner[1].with_name("value"))


def some(dice, field):
    """A value of a field, perhaps null."""
    kind = field.type
    if field.nullable and dice.random() < 0.2:
        return None
    if pa.types.is_list(kind):
        return [some(dice, kind.value_field) for _ in range(dice.choice((0, 1, 1, 2, 3, 9)))]
    if pa.types.is_struct(kind):
        return {part.name: some(dice, part) for part in kind}
    if pa.types.is_map(kind):
        keys = {LEAVES[kind.key_type][0](dice) for _ in range(dice.choice((0, 1, 2, 4)))}
        return [(key, some(dice, kind.item_field)) for key in sorted(keys)]
    return LEAVES[kind][0](dice)


class Members(list):
    """Of a JSON object, in order."""


def fraction(value):
    return f".{value.microsecond:06d}".rstrip("0") if value.microsecond else ""


def shown(value, kind):
    """What json makes of our cell of a value."""
    if value is None:
        return None
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return [shown(item, kind.value_type) for item in value]
    if pa.types.is_struct(kind):
        return Members((part.name, shown(value[part.name], part.type)) for part in kind)
    if pa.types.is_map(kind):
        pairs = [(shown(k, kind.key_type), shown(v, kind.item_type)) for k, v in value]
        texts = pa.types.is_string(kind.key_type) or pa.types.is_large_string(kind.key_type)
        return Members(pairs) if texts else [Members((("key", k), ("value", v))) for k, v in pairs]
    if pa.types.is_floating(kind):
        return str(value) if not math.isfinite(value) else float(value)
    if isinstance(value, bytes):
        try:
            return "0x" + value.hex() if pa.types.is_fixed_size_binary(kind) else value.decode()
        except UnicodeDecodeError:
            return "0x" + value.hex()
    if isinstance(value, decimal.Decimal):
        return f"{value:f}"
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S") + fraction(value) + "Z"
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M:%S") + fraction(value)
    return value.isoformat() if isinstance(value, datetime.date) else value


def same(found, wanted):
    if type(found) is not type(wanted) or isinstance(found, bool) or not isinstance(found, (list, tuple)):
        return type(found) is type(wanted) and found == wanted and str(found) == str(wanted)
    return len(found) == len(wanted) and all(same(a, b) for a, b in zip(found, wanted))


def check(path, table, sound=True):
    header, *rows = csv.reader(io.StringIO(must("cat", "--nested", path).stdout.decode(), newline=""))
    assert header == table.column_names, header
    assert len(rows) == table.num_rows, f"{len(rows)} rows of {table.num_rows}"
    for at, field in enumerate(table.schema):
        if not pa.types.is_nested(field.type):
            continue
        for number, value in enumerate(table.column(at).to_pylist()):
            cell = rows[number][at]
            found = json.loads(cell, object_pairs_hook=Members) if cell else None
            wanted = shown(value, field.type)
            assert same(found, wanted), f"{field}, row {number}: {cell}, expected {wanted!r}"
    if sound:
        must("inspect", "--check", path)


def leaves_of(name, kind, compliant):
    """Paths of the schema's leaves with their kinds."""
    if pa.types.is_list(kind):
        yield from leaves_of(f"{name}.list.{'element' if compliant else kind.value_field.name}", kind.value_type, compliant)
    elif pa.types.is_struct(kind):
        for part in kind:
            yield from leaves_of(f"{name}.{part.name}", part.type, compliant)
    elif pa.types.is_map(kind):
        yield from leaves_of(f"{name}.key_value.key", kind.key_type, compliant)
        yield from leaves_of(f"{name}.key_value.value", kind.item_type, compliant)
    else:
        yield name, kind


def made(dice):
    fields = [pa.field(f"c{at}", kind_of(dice, dice.randint(1, 5)), nullable=dice.random() < 0.7)
              for at in range(dice.randint(1, 4))] + [pa.field("id", pa.int32())]
    count = dice.choice((0, 1, 7, 60, 300))
    return pa.table([pa.array([some(dice, field) for _ in range(count)], field.type) for field in fields],
                    schema=pa.schema(fields))


def by_pyarrow(dice, table, path):
    compliant = dice.random() < 0.7
    options = {"compression": dice.choice(CODECS), "data_page_version": dice.choice(("1.0", "2.0")),
               "data_page_size": dice.choice((1, 100, 3000, 1 << 20)), "write_batch_size": dice.choice((1, 10, 1024)),
               "row_group_size": dice.choice((1, 50, 1000)) if len(table) < 100 else dice.choice((97, 1000)),
               "use_dictionary": dice.random() < 0.5, "use_compliant_nested_type": compliant,
               "write_page_checksum": dice.random() < 0.5, "write_page_index": dice.random() < 0.5}
    if options["use_dictionary"]:
        options["dictionary_pagesize_limit"] = dice.choice((50, 1 << 20))
    else:
        chosen = {}
        for field in table.schema:
            for name, kind in leaves_of(field.name, field.type, compliant):
                chosen[name] = dice.choice(["PLAIN", *LEAVES[kind][1]])
        options["column_encoding"] = chosen
    pq.write_table(table, path, **options)
    return table


def by_duckdb(dice, table, path):
    import duckdb
    codec = dice.choice(("uncompressed", "snappy", "gzip", "zstd", "lz4_raw", "brotli"))
    version = dice.choice(("v1", "v2"))
    with duckdb.connect() as base:
        base.execute("SET TimeZone = 'UTC'")
        base.register("made", table)
        base.execute(f"COPY (SELECT * FROM made) TO '{path}' (FORMAT parquet, CODEC {codec}, PARQUET_VERSION {version})")
        # By its own reader: of version 2 pyarrow refuses some with "InitBlock EOF".
        return base.execute(f"SELECT * FROM read_parquet('{path}')").to_arrow_table()


def by_polars(dice, table, path):
    import polars
    codec = dice.choice(("uncompressed", "snappy", "gzip", "zstd", "lz4", "brotli"))
    polars.from_arrow(table).write_parquet(path, compression=codec, row_group_size=dice.choice((20, 1000)),
                                           data_page_size=dice.choice((100, 1 << 20)))
    return pq.read_table(path)


def one(write, number):
    dice = random.Random(number)
    with Folder() as folder:
        path = folder / "nested.parquet"
        check(path, write(dice, made(dice), path))


def of_corpus():
    """Nested columns of Apache's test corpus, by pyarrow."""
    for path in sorted((peers.harness.need_shared("parquet-testing") / "data").glob("*.parquet")):
        try:
            nested = any(pa.types.is_nested(field.type) for field in pq.read_schema(path))
        except (OSError, pa.ArrowException):
            continue  # what pyarrow cannot read
        if nested:
            yield path.name, lambda p=path: check(p, pq.read_table(p), sound=False)  # footers that lie of the rows are in it


def made_ones(write):
    for number in range(FILES if write is by_pyarrow else FILES // 2):
        yield f"file {number}", lambda n=number: one(write, n)


if __name__ == "__main__":
    ways = {"pyarrow": by_pyarrow, "duckdb": by_duckdb, "polars": by_polars}
    write = ways.get(sys.argv[1])
    peers.harness.main(list(made_ones(write) if write else of_corpus()))
