# SPDX-License-Identifier: Apache-2.0
"""The pod rows of a folder of daily Parquet files as one file, or as a file an hour, by pyarrow with its defaults.
usage: split_month.py FROM TO one|hours
"""
import pathlib
import sys

import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.parquet as pq

from_, to, form = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
days = [pq.read_table(path).replace_schema_metadata(None) for path in sorted(from_.glob("pod_usage.*.parquet"))]
if form == "one":
    pq.write_table(pa.concat_tables(days), to / "pod_usage.parquet")
else:
    for day in days:
        times = day["interval_start"]
        for hour in compute.unique(times).to_pylist():
            rows = day.filter(compute.equal(times, pa.scalar(hour, times.type)))
            pq.write_table(rows, to / f"pod_usage.{hour:%Y-%m-%dT%H}.parquet")
