#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every type in every encoding, codec and page version that pyarrow writes: cat prints its values.

usage: matrix.py
"""
import decimal
import itertools
import random
import struct

import peers
from harness import Folder, must, rows_of_csv

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 700
CODECS = ("none", "snappy", "gzip", "zstd", "lz4", "brotli")
dice = random.Random(4)


def some(make, nulls):
    return [None if nulls and dice.random() < 0.2 else make() for _ in range(ROWS)]


def word():
    return dice.choice(["web", "", "db", "naïve", "a,b", 'quo"te', "line\nbreak", "x" * 70]) + str(dice.randint(0, 40))


COLUMNS = {  # name: type, values, encodings beside plain and dictionary
    "flag": (pa.bool_(), lambda: dice.random() < 0.5, ["RLE"]),
    "small": (pa.int8(), lambda: dice.randint(-128, 127), ["DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"]),
    "int": (pa.int32(), lambda: dice.randint(-(2**31), 2**31 - 1), ["DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"]),
    "unsigned": (pa.uint32(), lambda: dice.randint(0, 2**32 - 1), ["DELTA_BINARY_PACKED"]),
    "long": (pa.int64(), lambda: dice.randint(-(2**63), 2**63 - 1), ["DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"]),
    "huge": (pa.uint64(), lambda: dice.randint(0, 2**64 - 1), ["DELTA_BINARY_PACKED"]),
    "single": (pa.float32(), lambda: struct.unpack("f", struct.pack("f", dice.uniform(-1e9, 1e9)))[0],
               ["BYTE_STREAM_SPLIT"]),
    "double": (pa.float64(), lambda: dice.uniform(-1, 1) * 10.0 ** dice.randint(-300, 300), ["BYTE_STREAM_SPLIT"]),
    "text": (pa.string(), word, ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"]),
    "time": (pa.timestamp("us", tz="UTC"), lambda: dice.randint(0, 2**50), ["DELTA_BINARY_PACKED"]),
    "day": (pa.date32(), lambda: dice.randint(-20000, 60000), ["DELTA_BINARY_PACKED"]),
    "money": (pa.decimal128(12, 3), lambda: decimal.Decimal(dice.randint(-(10**11), 10**11)).scaleb(-3),
              ["BYTE_STREAM_SPLIT", "DELTA_BYTE_ARRAY"]),
}


def numbers(text, value):
    return text != "" and float(text) == float(value)


def printed(text, value, kind):
    if value is None:
        return text == ""
    if pa.types.is_boolean(kind):
        return text == ("true" if value else "false")
    if pa.types.is_floating(kind):
        return numbers(text, value)
    if pa.types.is_decimal(kind):
        return decimal.Decimal(text) == value
    if pa.types.is_timestamp(kind):
        fraction = f".{value.microsecond:06d}".rstrip("0").rstrip(".") if value.microsecond else ""
        return text == value.strftime("%Y-%m-%dT%H:%M:%S") + fraction + "Z"
    return text == (value.isoformat() if pa.types.is_date(kind) else str(value))


def check(table, **options):
    with Folder() as folder:
        path = folder / "matrix.parquet"
        pq.write_table(table, path, **options)
        rows = rows_of_csv(must("cat", path).stdout)
        assert len(rows) == table.num_rows, f"{len(rows)} rows of {table.num_rows}"
        for field in table.schema:
            for at, (row, value) in enumerate(zip(rows, table[field.name].to_pylist())):
                assert printed(row[field.name], value, field.type), \
                    f"{field.name}, row {at}: {row[field.name]!r}, written {value!r}"


def tables():
    for nulls in (False, True):
        arrays = {name: pa.array(some(make, nulls), kind) for name, (kind, make, _) in COLUMNS.items()}
        fields = [pa.field(name, array.type, nulls) for name, array in arrays.items()]
        yield ("nulls" if nulls else "required"), pa.table(list(arrays.values()), schema=pa.schema(fields))


def cases():
    most = max(len(parts[2]) for parts in COLUMNS.values())
    for (what, table), version, codec in itertools.product(tables(), ("1.0", "2.0"), CODECS):
        common = {"data_page_version": version, "compression": codec, "row_group_size": 300, "data_page_size": 600,
                  "write_page_checksum": True}
        name = f"{what}, v{version} pages, {codec}"
        yield f"{name}, dictionary", table, common
        yield f"{name}, dictionary that falls back", table, {**common, "dictionary_pagesize_limit": 300,
                                                             "write_batch_size": 50}
        yield f"{name}, plain", table, {**common, "use_dictionary": False}
        for turn in range(most):
            chosen = {column: parts[2][turn % len(parts[2])] for column, parts in COLUMNS.items()}
            yield f"{name}, encodings {turn}", table, {**common, "use_dictionary": False, "column_encoding": chosen}


if __name__ == "__main__":
    peers.harness.main([(name, lambda t=table, o=options: check(t, **o)) for name, table, options in cases()])
