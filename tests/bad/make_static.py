#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/bad/static: small files that must fail with the status in their name.

usage: make_static.py    needs pyarrow (.venv/bin/python, made by make interop); the files are kept
"""
import gzip
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).resolve().parent / "static"
HEADER = ("interval_start,interval_end,report_period_start,report_period_end,pod,namespace,node,resource_id,"
          "pod_usage_cpu_core_seconds,pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,"
          "pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,"
          "node_capacity_cpu_cores,node_capacity_cpu_core_seconds,node_capacity_memory_bytes,"
          "node_capacity_memory_byte_seconds,pod_labels")
ROW = ("2025-10-01T00:00:00Z,2025-10-01T00:59:59Z,2025-10-01T00:00:00Z,2025-11-01T00:00:00Z,web,shop,n1,i-1,"
       "3600,1800,0,3600,3600,0,4,14400,1024,3686400,label_app:web")
NAMES = HEADER.split(",")


def csv_text(header=HEADER, *rows):
    return "\n".join([header, *(rows or [ROW])]).encode() + b"\n"


def columns():
    cells = dict(zip(NAMES, ROW.split(",")))
    return {name: pa.array([float(cell)] * 3) if name.endswith(("seconds", "bytes", "cores")) else pa.array([cell] * 3)
            for name, cell in cells.items()}


def parquet(name, without=None, **changes):
    table = {**columns(), **changes}
    table.pop(without, None)
    pq.write_table(pa.table(table), HERE / name, write_statistics=False, store_schema=False)


def long_parquet(name, **options):
    """Thirty rows of ten hours, uncompressed, so that a change of a page is one of what it says."""
    table = {**columns(), "interval_start": pa.array([f"2025-10-01T0{hour}:00:00Z" for hour in range(10) for _ in range(3)])}
    long = {column: values if len(values) == 30 else pa.chunked_array([values] * 10) for column, values in table.items()}
    long["pod_usage_cpu_core_seconds"] = pa.array([None if row % 7 == 0 else row * 1.5 for row in range(30)])
    pq.write_table(pa.table(long), HERE / name, store_schema=False, compression="none", **options)


def main():
    HERE.mkdir(exist_ok=True)
    put = lambda name, data: (HERE / name).write_bytes(data)
    put("good.OK.csv", csv_text())
    put("byte-order-mark.OK.csv", b"\xef\xbb\xbf" + csv_text())
    put("no-row.OK.csv", csv_text().split(b"\n")[0] + b"\n")
    put("no-namespace.EFORMAT.csv", csv_text(HEADER.replace(",namespace,", ",name,")))
    put("short-row.EFORMAT.csv", csv_text(HEADER, ROW, ROW.rsplit(",", 2)[0]))
    put("long-row.EFORMAT.csv", csv_text(HEADER, ROW, ROW + ",more"))
    put("open-quote.EFORMAT.csv", csv_text(HEADER, ROW.replace("shop", '"shop')))
    put("not-utf8.EFORMAT.csv", csv_text().replace(b"shop", b"sh\xf8p"))
    put("zero-byte-in-time.EFORMAT.csv", csv_text().replace(b"2025-10-01T00:00:00Z", b"2025-10-01\0 00:00:00", 1))
    put("not-gzip.EFORMAT.csv.gz", csv_text())
    put("not-zstd.EFORMAT.csv.zst", csv_text())
    put("no-line-end.EFORMAT.csv", csv_text()[:-1])
    put("bad-checksum.EFORMAT.csv.gz", gzip.compress(csv_text(), mtime=0)[:-8] + b"\1\2\3\4\5\6\7\x08")
    put("not-parquet.EFORMAT.parquet", csv_text())
    put("too-short.ETRUNC.parquet", b"PAR1PAR1")
    put("huge-footer.EFORMAT.parquet", b"PAR1" + bytes(20) + b"\xff\xff\xff\x7f" + b"PAR1")
    put("empty-footer.EFORMAT.parquet", b"PAR1" + bytes(4) + b"PAR1")
    put("noise-footer.EFORMAT.parquet", b"PAR1" + b"\xf7" * 64 + b"\x40\0\0\0" + b"PAR1")
    put("encrypted-footer.EUNSUPPORTED.parquet", b"PARE" + bytes(40) + b"\x10\0\0\0" + b"PARE")
    parquet("good.OK.parquet")
    texts = [name for name in NAMES if not name.endswith(("seconds", "bytes", "cores"))]
    encodings = {name: "DELTA_BYTE_ARRAY" if name in texts else "BYTE_STREAM_SPLIT" for name in NAMES}
    long_parquet("small-pages.OK.parquet", data_page_size=40, write_batch_size=7, write_page_index=True, row_group_size=20)
    long_parquet("version-2.OK.parquet", data_page_version="2.0", use_dictionary=False, column_encoding=encodings)
    long_parquet("lengths.OK.parquet", use_dictionary=False, column_encoding={name: "DELTA_LENGTH_BYTE_ARRAY" for name in texts})
    parquet("no-node.EFORMAT.parquet", without="node")
    parquet("no-interval.EFORMAT.parquet", without="interval_start")
    parquet("interval-is-text-of-none.EFORMAT.parquet", interval_start=pa.array(["2025-10-01T00:00:00Z", "noon", ""]))
    parquet("interval-is-null.EFORMAT.parquet", interval_start=pa.array([None] * 3, pa.timestamp("us")))
    parquet("interval-is-boolean.EFORMAT.parquet", interval_start=pa.array([True] * 3))
    parquet("namespace-is-number.EFORMAT.parquet", namespace=pa.array([1.5] * 3))
    parquet("namespace-is-list.EFORMAT.parquet", namespace=pa.array([["shop"]] * 3))
    parquet("limit-is-struct.EFORMAT.parquet", pod_limit_cpu_core_seconds=pa.array([{"a": 1.0}] * 3))
    parquet("usage-is-timestamp.EFORMAT.parquet", pod_usage_cpu_core_seconds=pa.array([1] * 3, pa.timestamp("us")))
    parquet("node-not-utf8.EFORMAT.parquet", node=pa.array([b"n\xff"] * 3, pa.binary()))


if __name__ == "__main__":
    main()
