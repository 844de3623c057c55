# SPDX-License-Identifier: Apache-2.0
"""What pyarrow takes for reading alone, for bench/run.py.

usage: pyarrow_reads.py decode PARQUET_FOLDER THREADS         only the columns that the summary needs
       pyarrow_reads.py convert IN.csv OUT.parquet THREADS    CSV to Parquet, zstd as ours

Prints the seconds, which begin after the imports.
"""
import pathlib
import sys
import time

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

NEEDED = [
    "interval_start", "namespace", "node", "resource_id", "node_role", "pod_labels",
    "pod_usage_cpu_core_seconds", "pod_request_cpu_core_seconds", "pod_limit_cpu_core_seconds",
    "pod_usage_memory_byte_seconds", "pod_request_memory_byte_seconds", "pod_limit_memory_byte_seconds",
    "node_capacity_cpu_cores", "node_capacity_cpu_core_seconds", "node_capacity_memory_bytes", "node_capacity_memory_byte_seconds",
]


def decode(folder):
    """The quickest of pyarrow's ways: read_table() and files that are not mapped take up to twice as long."""
    for path in pathlib.Path(folder).glob("pod_usage*.parquet"):
        pq.ParquetFile(path, memory_map=True).read(columns=NEEDED)


def convert(source, target):
    pq.write_table(pc.read_csv(source), target, compression="zstd")


if __name__ == "__main__":
    what, *paths, threads = sys.argv[1:]
    pa.set_cpu_count(int(threads))
    start = time.perf_counter()
    {"decode": decode, "convert": convert}[what](*paths)
    print(time.perf_counter() - start)
