#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Through the Arrow C stream interface, by ctypes, pyarrow gets of shukei/parquet.h what its own reader reads: the same
types and values, from random files that pyarrow wrote (SHUKEI_ARROW_FILES of them, 120 by default).

usage: arrow_c.py all LIBSHUKEI
"""
import ctypes
import datetime
import decimal
import os
import random
import sys

import peers
from harness import Folder

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FILES = int(os.environ.get("SHUKEI_ARROW_FILES", "120"))
NONE = ctypes.c_size_t(-1).value


class Error(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("offset", ctypes.c_int64), ("text", ctypes.c_char * 512),
                ("advice", ctypes.c_char * 256)]


class Options(ctypes.Structure):
    _fields_ = [("columns", ctypes.POINTER(ctypes.c_size_t)), ("column_count", ctypes.c_size_t),
                ("groups", ctypes.POINTER(ctypes.c_size_t)), ("group_count", ctypes.c_size_t),
                ("batch_rows", ctypes.c_size_t)]


class Stream(ctypes.Structure):  # pyarrow moves it away: only its size counts here
    _fields_ = [("calls", ctypes.c_void_p * 5)]


library = ctypes.CDLL(os.path.realpath(sys.argv[2]))
library.shukei_parquet_open.argtypes = [ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p]
library.shukei_parquet_close.argtypes = [ctypes.c_void_p]
library.shukei_parquet_find_column.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
library.shukei_parquet_find_column.restype = ctypes.c_size_t
library.shukei_parquet_arrow_stream.argtypes = [ctypes.c_void_p, ctypes.POINTER(Options), ctypes.c_void_p, ctypes.c_void_p]


def sizes(numbers):
    return (ctypes.c_size_t * len(numbers))(*numbers)


def opened(path, memory=0):
    file, error = ctypes.c_void_p(), Error()
    status = library.shukei_parquet_open(str(path).encode(), memory, ctypes.byref(file), ctypes.byref(error))
    assert status == 0, error.text.decode()
    return file


def reader_of(file, columns=None, groups=None, batch_rows=65536):
    options, stream, error = Options(batch_rows=batch_rows), Stream(), Error()
    if columns is not None:
        options.columns, options.column_count = sizes(columns), len(columns)
    if groups is not None:
        options.groups, options.group_count = sizes(groups), len(groups)
    status = library.shukei_parquet_arrow_stream(file, ctypes.byref(options), ctypes.byref(stream), ctypes.byref(error))
    assert status == 0, error.text.decode()
    return pa.RecordBatchReader._import_from_c(ctypes.addressof(stream))


def table_of(path, **options):
    file = opened(path)
    reader = reader_of(file, **options)
    library.shukei_parquet_close(file)  # the stream keeps what it needs
    batches = list(reader)
    for batch in batches:
        batch.validate(full=True)
        assert 0 < batch.num_rows <= options.get("batch_rows", 65536)
    return pa.Table.from_batches(batches, reader.schema)


# ---- random files ------------------------------------------------------------------------------

def decimals(precision, scale):
    def draw(rng):
        digits = rng.randint(1, precision)
        return decimal.Decimal(rng.randrange(-10**digits + 1, 10**digits)).scaleb(-scale, decimal.Context(prec=80))
    return draw


def texts(rng):
    return "".join(rng.choice("aäß𝄞 z") for _ in range(rng.choice((0, 1, 3, 30))))


def integers(bits, signed):
    low, high = (-2**(bits - 1), 2**(bits - 1) - 1) if signed else (0, 2**bits - 1)
    return lambda rng: rng.choice((low, high, rng.randint(low, high), rng.randint(0, 5)))


TYPES = [(pa.bool_(), lambda rng: rng.random() < 0.5), (pa.string(), texts),
         (pa.binary(), lambda rng: rng.randbytes(rng.choice((0, 1, 20)))),
         (pa.binary(5), lambda rng: rng.randbytes(5)),
         (pa.float16(), lambda rng: np.float16(rng.uniform(-9, 9))),
         (pa.float32(), lambda rng: float(np.float32(rng.uniform(-1e30, 1e30)))),
         (pa.float64(), lambda rng: rng.choice((0.0, -0.0, float("inf"), rng.uniform(-1e300, 1e300)))),
         (pa.date32(), lambda rng: datetime.date(1, 1, 1) + datetime.timedelta(rng.randrange(3000000))),
         (pa.time32("ms"), lambda rng: rng.randrange(86400000)),
         (pa.time64("us"), lambda rng: rng.randrange(86400000000)),
         (pa.time64("ns"), lambda rng: rng.randrange(86400000000000)),
         (pa.null(), lambda rng: None)]
TYPES += [(kind, integers(bits, signed)) for kind, bits, signed in (
    (pa.int8(), 8, True), (pa.int16(), 16, True), (pa.int32(), 32, True), (pa.int64(), 64, True),
    (pa.uint8(), 8, False), (pa.uint16(), 16, False), (pa.uint32(), 32, False), (pa.uint64(), 64, False))]
# Within what INT96 can hold as nanoseconds.
TYPES += [(pa.timestamp(unit, zone), integers(bits, True)) for unit, bits in (("ms", 43), ("us", 53), ("ns", 63))
          for zone in (None, "UTC")]
TYPES += [(make(precision, scale), decimals(precision, scale)) for make, precision, scale in (
    (pa.decimal128, 5, 2), (pa.decimal128, 18, 0), (pa.decimal128, 20, 20), (pa.decimal128, 38, 9),
    (pa.decimal256, 39, 3), (pa.decimal256, 76, 40))]


def column(rng, rows, kind, draw):
    """Values of a pool, so that there are dictionaries too; some null."""
    pool = [draw(rng) for _ in range(rng.choice((1, 3, 50, 1000)))]
    nulls = rng.choice((0, 0, 0.05, 0.7, 1))
    values = [None if rng.random() < nulls else rng.choice(pool) for _ in range(rows)]
    field = pa.field("x", kind, nullable=kind == pa.null() or None in values or rng.random() < 0.5)
    return field, pa.array(values, kind)


def options_of(rng, table):
    dictionary = rng.random() < 0.6
    options = dict(compression=rng.choice(("none", "snappy", "gzip", "zstd", "lz4", "brotli")), store_schema=False,
                   data_page_version=rng.choice(("1.0", "2.0")), use_dictionary=dictionary,
                   row_group_size=rng.choice((7, 100, 1000, 100000)), data_page_size=rng.choice((64, 1000, 1 << 20)),
                   write_batch_size=rng.choice((1, 64, 1024)), write_page_checksum=rng.random() < 0.5,
                   store_decimal_as_integer=rng.random() < 0.5, use_deprecated_int96_timestamps=rng.random() < 0.1)
    if not dictionary:
        encodings = {pa.string(): ("PLAIN", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"),
                     pa.binary(): ("PLAIN", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"),
                     pa.int64(): ("PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"),
                     pa.uint32(): ("PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"),
                     pa.float64(): ("PLAIN", "BYTE_STREAM_SPLIT"), pa.float32(): ("PLAIN", "BYTE_STREAM_SPLIT"),
                     pa.binary(5): ("PLAIN", "DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT")}
        options["column_encoding"] = {f.name: rng.choice(encodings.get(f.type, ("PLAIN",))) for f in table.schema
                                      if f.type != pa.null()}
    return options


def random_file(rng, path):
    rows = rng.choice((0, 1, 10, 1023, 1025, 3000))
    fields, arrays = zip(*(column(rng, rows, *rng.choice(TYPES)) for _ in range(rng.randint(1, 9))))
    names = [f"c{i}" for i in range(len(fields))]
    schema = pa.schema([field.with_name(name) for field, name in zip(fields, names)])
    table = pa.table(list(arrays), schema=schema)
    pq.write_table(table, path, **options_of(rng, table))


def same(ours, theirs, what):
    assert [(f.name, f.type, f.nullable) for f in ours.schema] == [(f.name, f.type, f.nullable) for f in theirs.schema], \
        f"{what}: {ours.schema} is not {theirs.schema}"
    for name in theirs.schema.names:
        assert ours[name].equals(theirs[name]), f"{what}, {name}: {ours[name]} is not {theirs[name]}"
    assert ours.num_rows == theirs.num_rows, what


def random_files():
    assert FILES > 0
    for number in range(FILES):
        rng = random.Random(f"arrow {number}")
        with Folder() as folder:
            path = folder / "a.parquet"
            random_file(rng, path)
            theirs = pq.read_table(path, partitioning=None, thrift_string_size_limit=1 << 30)
            same(table_of(path, batch_rows=rng.choice((1, 100, 65536))), theirs, f"file {number}")


# ---- what else there is --------------------------------------------------------------------------

def some_columns_and_groups():
    with Folder() as folder:
        path = folder / "a.parquet"
        table = pa.table({"a": range(1000), "nested": [[1, 2]] * 1000, "B": [f"t{i}" for i in range(1000)]})
        pq.write_table(table, path, row_group_size=300)
        file = opened(path)
        assert library.shukei_parquet_find_column(file, b"nothing") == NONE
        b, a = (library.shukei_parquet_find_column(file, name) for name in (b"b", b"A"))
        got = reader_of(file, columns=[b, a], groups=[3, 1]).read_all()
        assert got.equals(table.select(["B", "a"]).take([*range(900, 1000), *range(300, 600)])), got
        assert reader_of(file).read_all().equals(table.select(["a", "B"]))
        assert reader_of(file, groups=[]).read_all().num_rows == 0
        for wrong, words in (dict(columns=[9]), "no column 9"), (dict(groups=[4]), "no row group 4"), \
                (dict(columns=[1]), "nested"), (dict(batch_rows=0), "batches of 0 rows"):
            try:
                reader_of(file, **wrong)
                raise SystemError(f"{wrong} was taken")
            except AssertionError as error:
                assert words in str(error), error
        library.shukei_parquet_close(file)


def what_floats_hold():
    """NaNs are not equal to themselves: their bits are compared."""
    values = np.array([0x7ff8000000000000, 0xfff8000000000000, 0x8000000000000000, 1, 0x7ff0000000000000], "uint64").view("float64")
    with Folder() as folder:
        path = folder / "a.parquet"
        pq.write_table(pa.table({"d": values, "f": values.astype("float32"), "h": values.astype("float16")}), path)
        for name, bits in ("d", "uint64"), ("f", "uint32"), ("h", "uint16"):
            got, want = (t[name].combine_chunks().to_numpy().view(bits) for t in (table_of(path), pq.read_table(path)))
            assert (got == want).all(), (name, got, want)


def batches_outlive_their_stream():
    with Folder() as folder:
        path = folder / "a.parquet"
        table = pa.table({"t": [f"text {i % 700}" for i in range(5000)], "d": [i / 3 for i in range(5000)]})
        pq.write_table(table, path)
        file = opened(path)
        reader = reader_of(file, batch_rows=1000)
        first = reader.read_next_batch()
        part = first.column(0).slice(990, 10)
        library.shukei_parquet_close(file)
        second = reader.read_next_batch()
        del reader, first
        assert part.to_pylist() == table["t"].slice(990, 10).to_pylist()
        assert second.equals(table.slice(1000, 1000).combine_chunks().to_batches()[0])


def broken_files_are_told():
    with Folder() as folder:
        path = folder / "a.parquet"
        pq.write_table(pa.table({"a": [f"text {i}" for i in range(5000)]}), path, write_page_checksum=True, compression="none",
                       use_dictionary=False)
        data = bytearray(path.read_bytes())
        data[data.index(b"text 777")] ^= 1
        path.write_bytes(data)
        file = opened(path)
        reader = reader_of(file)
        try:
            reader.read_all()
            raise SystemError("the flipped bit was not noticed")
        except pa.ArrowInvalid as error:
            assert str(error).startswith(f"{path}: column a, row group 0, page 0: ") and "CRC" in str(error), error
        pq.write_table(pa.table({"a": pa.array([b"good", b"bad \xff"])}), path, store_schema=False)
        assert table_of(path)["a"].to_pylist() == [b"good", b"bad \xff"]
        library.shukei_parquet_close(file)


def memory_is_kept():
    with Folder() as folder:
        path = folder / "a.parquet"
        pq.write_table(pa.table({"d": np.random.default_rng(1).random(1000000)}), path, use_dictionary=False)
        file = opened(path, memory=4 << 20)
        assert reader_of(file, batch_rows=10000).read_next_batch().num_rows == 10000
        try:
            reader_of(file, batch_rows=1000000).read_all()
            raise SystemError("8 MB were found in 4")
        except (MemoryError, pa.ArrowException, OSError) as error:
            assert "memory" in str(error), error
        batches = reader_of(file, batch_rows=10000)
        assert sum(batch.num_rows for batch in batches) == 1000000  # what is released is given back
        library.shukei_parquet_close(file)


peers.harness.main([(check.__name__, check) for check in (
    random_files, some_columns_and_groups, what_floats_hold, batches_outlive_their_stream, broken_files_are_told, memory_is_kept)])
