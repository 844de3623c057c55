# SPDX-License-Identifier: Apache-2.0
"""The Pod rows of the daily summary in Polars, by its streaming engine, for bench/run.py.

usage: polars_summary.py PARQUET_FOLDER OUT.parquet      POLARS_MAX_THREADS sets the threads

As in DuckDB rows are added up by the labels' text first. Labels are structs of the enabled keys, so that
merging is a coalesce per key. Prints the seconds from the first scan to the finished file.
"""
import sys
import time

import polars as pl

ENABLED = ["app", "env", "node", "pod", "tier", "vm_kubevirt_io_name"]  # in order of the keys
LABELS = pl.Struct({key: pl.String for key in ENABLED})
RESERVED = ["Platform unallocated", "Worker unallocated", "Network unattributed", "Storage unattributed"]
GIB = 2.0**30
DAY = pl.col("interval_start").dt.date().alias("day")
SUMS = {"usage_cpu": "pod_usage_cpu_core_hours", "request_cpu": "pod_request_cpu_core_hours",
        "effective_cpu": "pod_effective_usage_cpu_core_hours", "limit_cpu": "pod_limit_cpu_core_hours",
        "usage_mem": "pod_usage_memory_gigabyte_hours", "request_mem": "pod_request_memory_gigabyte_hours",
        "effective_mem": "pod_effective_usage_memory_gigabyte_hours", "limit_mem": "pod_limit_memory_gigabyte_hours"}
COST = '{"cpu": 0.000000000, "memory": 0.000000000, "storage": 0.000000000}'


def kept(column, prefix):
    parsed = pl.col(column).str.json_decode(LABELS)
    return [parsed.struct.field(key).alias(prefix + key) for key in ENABLED]


def label_sets(path, name, column, prefix):
    return pl.scan_parquet(path).select(DAY, name, column).unique().select("day", name, *kept(column, prefix)).unique()


def as_json():
    """{"key": "value", ...} of the keys that are present; the values need no escapes here."""
    pairs = [pl.format('"{}": "{}"', pl.lit(key), pl.col("l_" + key)) for key in ENABLED]
    return pl.concat_str([pl.lit("{"), pl.concat_str(pairs, separator=", ", ignore_nulls=True), pl.lit("}")])


def main(folder, out):
    start = time.perf_counter()
    scan = pl.scan_parquet(f"{folder}/pod_usage*.parquet")
    usage, request = pl.col("pod_usage_cpu_core_seconds"), pl.col("pod_request_cpu_core_seconds")
    usage_mem, request_mem = pl.col("pod_usage_memory_byte_seconds"), pl.col("pod_request_memory_byte_seconds")
    pods = scan.filter(pl.col("node") != "").group_by(DAY, "namespace", "node", "pod_labels").agg(
        pl.col("resource_id").max(), pl.col("node_role").max().alias("role"), usage.sum().alias("usage_cpu"), request.sum().alias("request_cpu"),
        pl.max_horizontal(usage, request).sum().alias("effective_cpu"),
        pl.col("pod_limit_cpu_core_seconds").sum().alias("limit_cpu"), usage_mem.sum().alias("usage_mem"),
        request_mem.sum().alias("request_mem"), pl.max_horizontal(usage_mem, request_mem).sum().alias("effective_mem"),
        pl.col("pod_limit_memory_byte_seconds").sum().alias("limit_mem"),
        pl.col("node_capacity_cpu_cores").max(), pl.col("node_capacity_memory_bytes").max())
    capacity = scan.group_by(DAY, "node", "interval_start").agg(
        pl.col("node_capacity_cpu_core_seconds").max().alias("cpu"),
        pl.col("node_capacity_memory_byte_seconds").max().alias("mem")).group_by("day", "node").agg(
        pl.col("cpu").sum(), pl.col("mem").sum()).with_columns(
        pl.col("cpu").sum().over("day").alias("cluster_cpu"), pl.col("mem").sum().over("day").alias("cluster_mem"))
    merged = (
        pods.with_columns(*kept("pod_labels", "p_"))
        .join(label_sets(f"{folder}/node_labels*.parquet", "node", "node_labels", "n_"), on=["day", "node"], how="left")
        .join(label_sets(f"{folder}/namespace_labels*.parquet", "namespace", "namespace_labels", "s_"),
              on=["day", "namespace"], how="left")
        .with_columns(pl.coalesce("p_" + key, "s_" + key, "n_" + key).alias("l_" + key) for key in ENABLED)
        .with_columns(as_json().alias("pod_labels"))
        .group_by("day", "namespace", "node", "pod_labels")
        .agg(pl.col("resource_id", "role").max(), *[pl.col(name).sum() for name in SUMS],
             pl.col("node_capacity_cpu_cores").max(), pl.col("node_capacity_memory_bytes").max()))
    hours = [(pl.col(name) / 3600 / (GIB if name.endswith("mem") else 1)).alias(long) for name, long in SUMS.items()]
    rows = merged.join(capacity, on=["day", "node"]).select(
        pl.lit("Pod").alias("data_source"), pl.col("day").alias("usage_start"), pl.col("day").alias("usage_end"),
        "namespace", "node", "resource_id", "role", "pod_labels", *hours, "node_capacity_cpu_cores",
        (pl.col("cpu") / 3600).alias("node_capacity_cpu_core_hours"),
        (pl.col("node_capacity_memory_bytes") / GIB).alias("node_capacity_memory_gigabytes"),
        (pl.col("mem") / 3600 / GIB).alias("node_capacity_memory_gigabyte_hours"),
        (pl.col("cluster_cpu") / 3600).alias("cluster_capacity_cpu_core_hours"),
        (pl.col("cluster_mem") / 3600 / GIB).alias("cluster_capacity_memory_gigabyte_hours"),
        pl.col("pod_labels").alias("all_labels"), pl.lit(COST).alias("infrastructure_usage_cost")).collect(engine="streaming")
    infra = pl.scan_parquet(f"{folder}/node_labels*.parquet").filter(
        pl.col("node_labels").str.contains('"node_role_kubernetes_io": "infra"', literal=True)).select(
        DAY.alias("usage_start"), "node", pl.lit("infra").alias("infra")).unique()
    role = pl.coalesce(
        pl.col("role").max(), pl.when((pl.col("namespace") == "openshift-kube-apiserver").any()).then(pl.lit("master")),
        pl.col("infra").max(), pl.lit("worker"))
    free = [(pl.col(f"node_capacity_{kind}_hours").max() - pl.col(f"pod_{name}_{kind}_hours").sum()).alias(f"pod_{name}_{kind}_hours")
            for kind in ("cpu_core", "memory_gigabyte") for name in ("usage", "request", "effective_usage")]
    greatest = [pl.col(name).max() for name in rows.columns if "capacity" in name]
    unallocated = rows.lazy().filter(~pl.col("namespace").is_in(RESERVED)).join(
        infra, on=["usage_start", "node"], how="left").group_by("usage_start", "node").agg(
        pl.when(role.is_in(["master", "infra"])).then(pl.lit("Platform unallocated")).otherwise(
            pl.lit("Worker unallocated")).alias("namespace"),
        pl.col("resource_id").max(), *free, *greatest).with_columns(
        pl.lit("Pod").alias("data_source"), pl.col("usage_start").alias("usage_end"), pl.lit("{}").alias("all_labels"))
    pl.concat([rows.drop("role"), unallocated.collect(engine="streaming")], how="diagonal_relaxed").write_parquet(out, compression="zstd")
    print(time.perf_counter() - start)


if __name__ == "__main__":
    main(*sys.argv[1:3])
