# SPDX-License-Identifier: Apache-2.0
"""Decodes Parquet files of one column by a peer in one thread, for bench/decode.py. Each line of the input has
a word and a path, and is answered by a line:

    time PATH     seconds of the processor; the values go into the peer's own vectors, a batch of rows at a time
    table PATH    the same into a table of the whole file (pyarrow)
    sum PATH      what bench/decode_column.c makes of the values too

or by "cannot:" and why not.

usage: decode_peers.py duckdb|pyarrow

DuckDB counts the values, which is the least that makes it decode them (min() and sum() take longer); what would
let it count by the footer is off. pyarrow's batches are of 65,536 rows, its default, from a mapped file: reading
ahead (pre_buffer) and files that are not mapped take longer.
"""
import sys
import time

import numpy
import pyarrow as pa
import pyarrow.parquet as pq


def words_of(array):
    """The values of an array as words, a null being 0, and the bytes of its texts."""
    nothing = numpy.zeros(0, numpy.uint8)
    if pa.types.is_boolean(array.type):
        return array.cast(pa.uint8()).to_numpy().astype(numpy.uint64), nothing
    if pa.types.is_fixed_size_binary(array.type):
        width = array.type.byte_width
        bytes_ = numpy.frombuffer(array.buffers()[1], numpy.uint8)[array.offset * width:(array.offset + len(array)) * width]
        return numpy.full(len(array), width, numpy.uint64), bytes_
    if pa.types.is_binary(array.type):
        ends = numpy.frombuffer(array.buffers()[1], numpy.int32)[array.offset:array.offset + len(array) + 1]
        return numpy.diff(ends).astype(numpy.uint64), numpy.frombuffer(array.buffers()[2], numpy.uint8)[ends[0]:ends[-1]]
    if pa.types.is_floating(array.type):
        return array.to_numpy().astype(numpy.float64).view(numpy.uint64), nothing
    return array.cast(pa.int64()).to_numpy().view(numpy.uint64), nothing


def checksum(table):
    total, values, bytes_ = 0, 0, 0
    for chunk in table.column(0).chunks:
        nulls = chunk.null_count and not pa.types.is_binary(chunk.type)
        words, texts = words_of(chunk.fill_null(0) if nulls else chunk)
        total += int((words * numpy.arange(values + 1, values + 1 + len(words), dtype=numpy.uint64)).sum(dtype=numpy.uint64))
        total += int((texts * numpy.arange(bytes_ + 1, bytes_ + 1 + len(texts), dtype=numpy.uint64)).sum(dtype=numpy.uint64))
        values, bytes_ = values + len(words), bytes_ + len(texts)
    return total % 2**64


class PyArrow:
    def table(self, path):
        return pq.ParquetFile(path, memory_map=True).read(use_threads=False)

    def batches(self, path):
        for _ in pq.ParquetFile(path, memory_map=True).iter_batches(batch_size=65536, use_threads=False):
            pass


class DuckDB:
    def __init__(self):
        import duckdb
        self.connection = duckdb.connect()
        self.connection.execute("SET threads = 1")
        self.connection.execute("SET disabled_optimizers = 'statistics_propagation'")

    def table(self, path):
        return self.connection.sql(f"SELECT * FROM read_parquet('{path}')").to_arrow_table()

    def batches(self, path):
        self.connection.execute(f"SELECT count(c) FROM read_parquet('{path}')").fetchall()


def answer(peer, what, path):
    if what == "sum":
        return checksum(peer.table(path))
    start = time.process_time()
    {"time": peer.batches, "table": peer.table}[what](path)
    return time.process_time() - start


def main():
    peer = {"duckdb": DuckDB, "pyarrow": PyArrow}[sys.argv[1]]()
    for line in sys.stdin:
        what, path = line.split(maxsplit=1)
        try:
            print(answer(peer, what, path.strip()), flush=True)
        except Exception as error:  # not every peer reads every encoding
            print("cannot:", " ".join(str(error).split()), flush=True)


if __name__ == "__main__":
    main()
