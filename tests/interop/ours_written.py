# SPDX-License-Identifier: Apache-2.0
"""Files of shukei/parquet.h's writer by ctypes, for ours.py: `library` is libshukei, whose path is the caller's last word."""
import ctypes
import os
import sys

import numpy as np

library = ctypes.CDLL(os.path.realpath(sys.argv[-1]))
library.shukei_parquet_write.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_void_p]
library.shukei_parquet_writer_finish.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
library.shukei_parquet_writer_close.argtypes = [ctypes.c_void_p]

KINDS = ("text", "double", "int64", "time", "date")
ENCODINGS = ("chosen", "plain", "dictionary", "delta_binary_packed", "delta_length_byte_array", "delta_byte_array", "byte_stream_split")
CODECS = {"uncompressed": 0, "snappy": 1, "gzip": 2, "zstd": 6, "lz4_raw": 7}


class Error(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("offset", ctypes.c_int64), ("text", ctypes.c_char * 512), ("advice", ctypes.c_char * 256)]


class Column(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("kind", ctypes.c_int), ("required", ctypes.c_bool)]


class Text(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_char_p), ("length", ctypes.c_size_t)]


class Values(ctypes.Structure):
    _fields_ = [("valid", ctypes.c_void_p), ("values", ctypes.c_void_p)]


class Options(ctypes.Structure):
    _fields_ = [("codec", ctypes.c_int), ("level", ctypes.c_int), ("group_rows", ctypes.c_uint64), ("page_rows", ctypes.c_uint32),
                ("page_index", ctypes.c_bool), ("encodings", ctypes.POINTER(ctypes.c_int)),
                ("sorting_columns", ctypes.POINTER(ctypes.c_char_p)), ("sorting_column_count", ctypes.c_size_t),
                ("bloom_columns", ctypes.POINTER(ctypes.c_char_p)), ("bloom_column_count", ctypes.c_size_t),
                ("threads", ctypes.c_uint), ("memory_bytes", ctypes.c_uint64)]


def names(words):
    return (ctypes.c_char_p * len(words))(*[word.encode() for word in words])


def must(status, error):
    assert status == 0, error.text.decode()


def borrowed(kind, values):
    """The arrays of a column: values with None for null."""
    valid = np.array([value is not None for value in values], np.uint8)
    if kind == "text":
        texts = [None if value is None else value.encode() for value in values]
        array = (Text * max(len(texts), 1))(*[Text(text, len(text or b"")) for text in texts])
        return valid, array, ctypes.addressof(array)
    array = np.array([0 if value is None else value for value in values], np.float64 if kind == "double" else np.int64)
    return valid, array, array.ctypes.data


def write(path, columns, cuts=(), **wish):
    """columns: (name, kind, required, encoding, values). Rows are handed over in pieces that end at the cuts."""
    options, error, writer = Options(), Error(), ctypes.c_void_p()
    library.shukei_parquet_writer_options_init(ctypes.byref(options))
    encodings = (ctypes.c_int * len(columns))(*[ENCODINGS.index(column[3]) for column in columns])
    options.encodings = encodings
    for name, value in wish.items():
        if name in ("sorting_columns", "bloom_columns"):
            setattr(options, name, names(value))
            setattr(options, name[:-1] + "_count", len(value))
        else:
            setattr(options, name, CODECS[value] if name == "codec" else value)
    described = (Column * len(columns))(*[Column(c[0].encode(), KINDS.index(c[1]), c[2]) for c in columns])
    must(library.shukei_parquet_writer_open(str(path).encode(), described, ctypes.c_size_t(len(columns)), ctypes.byref(options),
                                            ctypes.byref(writer), ctypes.byref(error)), error)
    rows = len(columns[0][4])
    for begin, end in zip([0, *cuts], [*cuts, rows]):
        arrays = [borrowed(kind, values[begin:end]) for _, kind, _, _, values in columns]
        batch = (Values * len(columns))(*[Values(valid.ctypes.data, at) for valid, _, at in arrays])
        must(library.shukei_parquet_write(writer, end - begin, batch, ctypes.byref(error)), error)
    must(library.shukei_parquet_writer_finish(writer, ctypes.byref(error)), error)
    library.shukei_parquet_writer_close(writer)
