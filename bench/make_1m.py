#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the data of make bench: 998,400 hourly pod rows of one day, as CSV and as Parquet.

usage: make_1m.py FOLDER [NODES]

400 nodes x 104 pods x 24 hours; each pod has labels of its own, so every pod is a group of the
summary. csv/ holds the pod report and those of node and namespace labels as the operator spells
them; parquet/ the same with labels as JSON, one snappy file a report, written by pyarrow with its
defaults. The same bytes on every run.
"""
import json
import os
import pathlib
import sys
from datetime import datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.csv as pc
import pyarrow.parquet as pq

PODS, HOURS, SPACES, SEED = 104, 24, 40, 1
START = datetime(2025, 10, 1, tzinfo=timezone.utc)
GIB = 2**30
CSV_TIME = "%Y-%m-%d %H:%M:%S +0000 UTC"
ENABLED = ("app", "tier", "env", "node", "pod")


def pod_labels(node, pod):
    """Eight labels; ENABLED keeps five of them."""
    number = node * PODS + pod
    return {
        "app": f"app-{number % 211}",
        "tier": ("front", "back", "data")[number % 3],
        "env": ("prod", "staging")[number % 7 == 0],
        "node": f"node-{node:04d}",
        "pod": f"pod-{number:06d}",
        "pod_template_hash": f"{(number * 2654435761) % 2**32:08x}",
        "controller_revision": str(number % 19),
        "managed_by": "helm",
    }


def both_spellings(labels):
    return "|".join(f"label_{k}:{v}" for k, v in labels.items()), json.dumps(labels)


def interval(hour):
    start = START + timedelta(hours=hour)
    return [START, datetime(2025, 11, 1, tzinfo=timezone.utc), start, start + timedelta(seconds=3599)]


def times(rows_an_hour):
    names = ["report_period_start", "report_period_end", "interval_start", "interval_end"]
    kind = pa.timestamp("us", tz="UTC")
    spans = [interval(hour) for hour in range(HOURS)]
    return {name: pa.array(np.repeat([np.datetime64(s[at].replace(tzinfo=None), "us") for s in spans], rows_an_hour), kind)
            for at, name in enumerate(names)}


def repeated(texts):
    """One hour's texts, for every hour."""
    return pa.chunked_array([pa.array(texts, pa.string())] * HOURS).combine_chunks()


def pods(nodes):
    count = nodes * PODS
    node = np.repeat(np.arange(nodes), PODS)
    dice = np.random.default_rng(SEED)
    cores = np.where(np.arange(nodes) % 4 == 0, 64.0, 32.0)[node]
    memory = cores * 4 * GIB
    rows = count * HOURS
    capacity, bytes_ = np.tile(cores, HOURS), np.tile(memory, HOURS)
    request = np.tile(dice.choice([0.1, 0.25, 0.5], count), HOURS) * 3600
    wanted = np.tile(dice.choice([0.25, 0.5, 1.0], count), HOURS) * GIB * 3600
    spelt = [both_spellings(pod_labels(n, p)) for n in range(nodes) for p in range(PODS)]
    names = [f"pod-{n:04d}-{p:03d}-{(n * PODS + p) * 40503 % 65536:04x}" for n in range(nodes) for p in range(PODS)]
    table = {
        **times(count),
        "pod": repeated(names),
        "namespace": repeated([f"space-{(n * 7 + p) % SPACES:02d}" for n in range(nodes) for p in range(PODS)]),
        "node": repeated([f"node-{n:04d}" for n in node]),
        "resource_id": repeated([f"i-{n * 2654435761 % 2**32:08x}" for n in node.tolist()]),
        "pod_usage_cpu_core_seconds": dice.random(rows) * request * 1.4,
        "pod_request_cpu_core_seconds": request,
        "pod_limit_cpu_core_seconds": request * 2,
        "pod_usage_memory_byte_seconds": dice.random(rows) * wanted * 1.2,
        "pod_request_memory_byte_seconds": wanted,
        "pod_limit_memory_byte_seconds": wanted * 2,
        "node_capacity_cpu_cores": capacity,
        "node_capacity_cpu_core_seconds": capacity * 3600,
        "node_capacity_memory_bytes": bytes_,
        "node_capacity_memory_byte_seconds": bytes_ * 3600,
    }
    return table, "pod_labels", [repeated([pair[at] for pair in spelt]) for at in (0, 1)]


def few(name, things, column):
    spelt = [both_spellings(labels) for labels in things.values()]
    return {**times(len(things)), name: repeated(list(things))}, column, [repeated([p[at] for p in spelt]) for at in (0, 1)]


def write(folder, name, parts):
    columns, labels, (operator, as_json) = parts
    pq.write_table(pa.table({**columns, labels: as_json}), folder / "parquet" / f"{name}.parquet", compression="snappy")
    text = {key: compute.strftime(value.cast(pa.timestamp("s", tz="UTC")), format=CSV_TIME) if pa.types.is_timestamp(getattr(value, "type", pa.null()))
            else value for key, value in columns.items()}
    pc.write_csv(pa.table({**text, labels: operator}), folder / "csv" / f"{name}.csv",
                 pc.WriteOptions(quoting_style="none"))


def main(folder, nodes=400):
    done = folder / f"complete-{nodes}"
    if done.exists():
        return
    for below in ("csv", "parquet"):
        os.makedirs(folder / below, exist_ok=True)
    write(folder, "pod_usage", pods(nodes))
    write(folder, "node_labels", few("node", {f"node-{n:04d}": {"zone": "abc"[n % 3], "env": "node"} for n in range(nodes)},
                                     "node_labels"))
    write(folder, "namespace_labels", few("namespace", {f"space-{s:02d}": {"team": f"team-{s % 9}", "tier": "none"}
                                                        for s in range(SPACES)}, "namespace_labels"))
    done.touch()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), *map(int, sys.argv[2:3]))
