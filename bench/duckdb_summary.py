# SPDX-License-Identifier: Apache-2.0
"""The daily summary in DuckDB SQL, for bench/run.py.

usage: duckdb_summary.py ROWS FORM FOLDER OUT.parquet THREADS [warm]

ROWS is pods, storage or all; FORM parquet or csv (pods alone). Written to be fast, not to be like ours: rows are
added up by the labels' text before any text is parsed, each table is scanned once a need, CSV is
scanned once in all, the result is written by COPY.

Prints the seconds from connecting to the finished file. warm: the process stays, and does it again,
in the same database, for every line on standard input; then no connecting is in the seconds.
"""
import sys
import time

import duckdb

ENABLED = ["app", "tier", "env", "node", "pod", "vm_kubevirt_io_name"]
WHEN = "TIMESTAMP"
POD_COLUMNS = {
    "interval_start": WHEN, "namespace": "VARCHAR", "node": "VARCHAR", "pod": "VARCHAR", "resource_id": "VARCHAR",
    "node_role": "VARCHAR", "pod_labels": "VARCHAR",
    **{name: "DOUBLE" for name in (
        "pod_usage_cpu_core_seconds", "pod_request_cpu_core_seconds", "pod_limit_cpu_core_seconds",
        "pod_usage_memory_byte_seconds", "pod_request_memory_byte_seconds", "pod_limit_memory_byte_seconds",
        "node_capacity_cpu_cores", "node_capacity_cpu_core_seconds", "node_capacity_memory_bytes",
        "node_capacity_memory_byte_seconds")}}
SOURCES = {  # table: files as CSV, columns
    "pod_usage": ("pod-usage", POD_COLUMNS),
    "node_labels": ("node-usage", {"interval_start": WHEN, "node": "VARCHAR", "node_labels": "VARCHAR"}),
    "namespace_labels": ("namespace-usage", {"interval_start": WHEN, "namespace": "VARCHAR", "namespace_labels": "VARCHAR"}),
}
KEEP = {
    "parquet": "list_filter(map_entries(CAST(CAST(coalesce(nullif(labels, ''), '{}') AS JSON) AS MAP(VARCHAR, VARCHAR))), "
               "lambda e: list_contains(ENABLED, e.key))",
    "csv": "list_filter(list_transform(string_split(coalesce(labels, ''), '|'), lambda p: "
           "{'key': replace(split_part(p, ':', 1), 'label_', ''), 'value': split_part(p, ':', 2)}), "
           "lambda e: list_contains(ENABLED, e.key))",
}
DAY = {"parquet": "CAST(interval_start AT TIME ZONE 'UTC' AS DATE)", "csv": "CAST(interval_start AS DATE)"}
COST = "'{\"cpu\": 0.000000000, \"memory\": 0.000000000, \"storage\": 0.000000000}'"
MEASURES = """
  sum(usage_cpu) AS usage_cpu, sum(request_cpu) AS request_cpu, sum(effective_cpu) AS effective_cpu,
  sum(limit_cpu) AS limit_cpu, sum(usage_mem) AS usage_mem, sum(request_mem) AS request_mem,
  sum(effective_mem) AS effective_mem, sum(limit_mem) AS limit_mem, max(cores) AS cores, max(bytes) AS bytes"""
LABELS = """
CREATE OR REPLACE MACRO keep(labels) AS map_from_entries(KEEP);
CREATE OR REPLACE MACRO merged(n, s, own) AS
  CAST(to_json(map_from_entries(list_sort(map_entries(map_concat(coalesce(n, MAP {}), coalesce(s, MAP {}), own))))) AS VARCHAR);
CREATE TEMP TABLE node_sets AS SELECT DISTINCT DAY AS day, node, keep(node_labels) AS labels FROM node_labels;
CREATE TEMP TABLE space_sets AS SELECT DISTINCT DAY AS day, namespace, keep(namespace_labels) AS labels FROM namespace_labels;
"""
POD_TABLES = """
CREATE TEMP TABLE pods AS
SELECT DAY AS day, namespace, node, pod_labels, max(resource_id) AS resource_id, max(nullif(node_role, '')) AS role,
  sum(pod_usage_cpu_core_seconds) AS usage_cpu, sum(pod_request_cpu_core_seconds) AS request_cpu,
  sum(greatest(pod_usage_cpu_core_seconds, pod_request_cpu_core_seconds)) AS effective_cpu,
  sum(pod_limit_cpu_core_seconds) AS limit_cpu,
  sum(pod_usage_memory_byte_seconds) AS usage_mem, sum(pod_request_memory_byte_seconds) AS request_mem,
  sum(greatest(pod_usage_memory_byte_seconds, pod_request_memory_byte_seconds)) AS effective_mem,
  sum(pod_limit_memory_byte_seconds) AS limit_mem,
  max(node_capacity_cpu_cores) AS cores, max(node_capacity_memory_bytes) AS bytes
FROM pod_usage WHERE node <> '' GROUP BY ALL;

CREATE TEMP TABLE capacity AS
WITH hourly AS (
  SELECT DAY AS day, node, interval_start,
    max(node_capacity_cpu_core_seconds) AS cpu, max(node_capacity_memory_byte_seconds) AS mem
  FROM pod_usage GROUP BY ALL),
daily AS (SELECT day, node, sum(cpu) AS cpu, sum(mem) AS mem FROM hourly GROUP BY ALL)
SELECT day, node, cpu, mem, sum(cpu) OVER (PARTITION BY day) AS cluster_cpu, sum(mem) OVER (PARTITION BY day) AS cluster_mem
FROM daily;

CREATE TEMP TABLE grouped AS
WITH labelled AS (
  SELECT p.* EXCLUDE (pod_labels), merged(n.labels, s.labels, keep(p.pod_labels)) AS labels
  FROM pods p LEFT JOIN node_sets n ON n.day = p.day AND n.node = p.node
    LEFT JOIN space_sets s ON s.day = p.day AND s.namespace = p.namespace)
SELECT day, namespace, node, labels, max(resource_id) AS resource_id, MEASURES FROM labelled GROUP BY day, namespace, node, labels;

CREATE TEMP TABLE roles AS
SELECT day, node, coalesce(max(role), CASE WHEN bool_or(namespace = 'openshift-kube-apiserver') THEN 'master'
  WHEN bool_or(infra) THEN 'infra' ELSE 'worker' END) AS role
FROM pods LEFT JOIN (SELECT DISTINCT DAY AS day, node, true AS infra FROM node_labels
  WHERE node_labels LIKE '%node_role_kubernetes_io_: _infra%' OR node_labels LIKE '%node_role_kubernetes_io:infra%')
  USING (day, node) GROUP BY day, node;
"""
POD_ROWS = """
  WITH full_rows AS (
    SELECT g.day, namespace, g.node, resource_id, labels, coalesce(usage_cpu, 0) / 3600 AS usage_cpu,
      coalesce(request_cpu, 0) / 3600 AS request_cpu, coalesce(effective_cpu, 0) / 3600 AS effective_cpu,
      coalesce(limit_cpu, 0) / 3600 AS limit_cpu, coalesce(usage_mem, 0) / 3600 / 1073741824 AS usage_mem,
      coalesce(request_mem, 0) / 3600 / 1073741824 AS request_mem,
      coalesce(effective_mem, 0) / 3600 / 1073741824 AS effective_mem,
      coalesce(limit_mem, 0) / 3600 / 1073741824 AS limit_mem, cores, c.cpu / 3600 AS node_cpu,
      bytes / 1073741824 AS node_gib, c.mem / 3600 / 1073741824 AS node_mem, cluster_cpu / 3600 AS cluster_cpu,
      cluster_mem / 3600 / 1073741824 AS cluster_mem
    FROM grouped g JOIN capacity c ON c.day = g.day AND c.node = g.node),
  unallocated AS (
    SELECT f.day, CASE WHEN max(role) IN ('master', 'infra') THEN 'Platform unallocated' ELSE 'Worker unallocated' END AS namespace,
      f.node, max(resource_id) AS resource_id, NULL AS labels, max(node_cpu) - sum(usage_cpu) AS usage_cpu,
      max(node_cpu) - sum(request_cpu) AS request_cpu, max(node_cpu) - sum(effective_cpu) AS effective_cpu,
      NULL AS limit_cpu, max(node_mem) - sum(usage_mem) AS usage_mem, max(node_mem) - sum(request_mem) AS request_mem,
      max(node_mem) - sum(effective_mem) AS effective_mem, NULL AS limit_mem, max(cores) AS cores,
      max(node_cpu) AS node_cpu, max(node_gib) AS node_gib, max(node_mem) AS node_mem, max(cluster_cpu) AS cluster_cpu,
      max(cluster_mem) AS cluster_mem
    FROM full_rows f JOIN roles r ON r.day = f.day AND r.node = f.node
    WHERE namespace NOT IN ('Platform unallocated', 'Worker unallocated', 'Network unattributed', 'Storage unattributed')
    GROUP BY f.day, f.node)
  SELECT 'Pod' AS data_source, day AS usage_start, day AS usage_end, namespace, node, resource_id, labels AS pod_labels,
    usage_cpu AS pod_usage_cpu_core_hours, request_cpu AS pod_request_cpu_core_hours,
    effective_cpu AS pod_effective_usage_cpu_core_hours, limit_cpu AS pod_limit_cpu_core_hours,
    usage_mem AS pod_usage_memory_gigabyte_hours, request_mem AS pod_request_memory_gigabyte_hours,
    effective_mem AS pod_effective_usage_memory_gigabyte_hours, limit_mem AS pod_limit_memory_gigabyte_hours,
    cores AS node_capacity_cpu_cores, node_cpu AS node_capacity_cpu_core_hours, node_gib AS node_capacity_memory_gigabytes,
    node_mem AS node_capacity_memory_gigabyte_hours, cluster_cpu AS cluster_capacity_cpu_core_hours,
    cluster_mem AS cluster_capacity_memory_gigabyte_hours, coalesce(labels, '{}') AS all_labels,
    CASE WHEN labels IS NOT NULL THEN COST END AS infrastructure_usage_cost, uuid() AS uuid
  FROM (SELECT * FROM full_rows UNION ALL SELECT * FROM unallocated)
"""
# The places of pods that no volume names are left out before anything is added up; hourly rows become
# one a day before they meet the places.
STORAGE_TABLES = """
CREATE TEMP TABLE volumes AS
SELECT DAY AS day, namespace, pod, persistentvolumeclaim AS claim, persistentvolume AS volume, storageclass, csi_volume_handle,
  persistentvolume_labels AS volume_text, persistentvolumeclaim_labels AS claim_text,
  max(persistentvolumeclaim_capacity_bytes) AS bytes, sum(persistentvolumeclaim_capacity_byte_seconds) AS capacity,
  sum(volume_request_storage_byte_seconds) AS request, sum(persistentvolumeclaim_usage_byte_seconds) AS usage
FROM storage_usage GROUP BY ALL;

CREATE TEMP TABLE places AS
WITH named AS (SELECT DISTINCT day, namespace, pod FROM volumes WHERE pod <> '' AND namespace <> ''),
found AS (
  SELECT DAY AS day, namespace, pod, nullif(node, '') AS node, max(nullif(resource_id, '')) AS resource_id
  FROM pod_usage GROUP BY ALL)
SELECT found.* FROM found SEMI JOIN named USING (day, namespace, pod);

CREATE TEMP TABLE mounts AS
SELECT DISTINCT v.day, claim, volume, v.pod, v.namespace, node, resource_id
FROM volumes v JOIN places p ON p.day = v.day AND p.namespace = v.namespace AND p.pod = v.pod;

CREATE TEMP TABLE node_counts AS
SELECT day, volume, count(DISTINCT node) AS nodes FROM mounts WHERE node IS NOT NULL AND volume <> '' GROUP BY ALL;
"""
STORAGE_ROWS = """
  WITH joined AS (
    SELECT v.*, m.node, m.resource_id,
      merged(n.labels, s.labels, map_concat(keep(volume_text), keep(claim_text))) AS labels
    FROM volumes v
      LEFT JOIN mounts m ON m.day = v.day AND m.claim = v.claim AND m.pod = v.pod AND m.namespace = v.namespace
      LEFT JOIN node_sets n ON n.day = v.day AND n.node = m.node
      LEFT JOIN space_sets s ON s.day = v.day AND s.namespace = v.namespace),
  summed AS (
    SELECT day, namespace, node, resource_id, claim, volume, storageclass, csi_volume_handle, labels, max(bytes) AS bytes,
      coalesce(sum(capacity), 0) AS capacity, coalesce(sum(request), 0) AS request, coalesce(sum(usage), 0) AS usage,
      86400 * day(last_day(day)) AS month
    FROM joined GROUP BY ALL)
  SELECT 'Storage' AS data_source, s.day AS usage_start, s.day AS usage_end, namespace, node, resource_id,
    claim AS persistentvolumeclaim, s.volume AS persistentvolume, storageclass, csi_volume_handle, labels AS volume_labels,
    coalesce(bytes, 0) / 1073741824 AS persistentvolumeclaim_capacity_gigabyte,
    capacity / month / 1073741824 AS persistentvolumeclaim_capacity_gigabyte_months,
    request / coalesce(nodes, 1) / month / 1073741824 AS volume_request_storage_gigabyte_months,
    usage / coalesce(nodes, 1) / month / 1073741824 AS persistentvolumeclaim_usage_gigabyte_months,
    labels AS all_labels, COST AS infrastructure_usage_cost, uuid() AS uuid
  FROM summed s LEFT JOIN node_counts c ON c.day = s.day AND c.volume = s.volume
"""


def sources(rows, form, folder):
    """The reports as views or tables. Of two scans of the CSV and one into a table the latter is faster."""
    if form == "parquet":
        names = [*SOURCES, *(["storage_usage"] if rows != "pods" else [])]
        return "".join(f"CREATE TEMP VIEW {name} AS SELECT * FROM read_parquet('{folder}/{name}*.parquet');\n" for name in names)
    return "".join(
        f"CREATE TEMP TABLE {name} AS SELECT {', '.join(columns)} FROM read_csv('{folder}/*-{file}-*.csv*', header = true, "
        f"timestampformat = '%Y-%m-%d %H:%M:%S +0000 UTC', types = {columns});\n" for name, (file, columns) in SOURCES.items())


def statement(rows, form, folder, out):
    tables = LABELS + (POD_TABLES if rows != "storage" else "") + (STORAGE_TABLES if rows != "pods" else "")
    chosen = {"pods": POD_ROWS, "storage": STORAGE_ROWS, "all": f"({POD_ROWS}) UNION ALL BY NAME ({STORAGE_ROWS})"}[rows]
    text = sources(rows, form, folder) + tables + f"COPY ({chosen}) TO '{out}' (FORMAT parquet, CODEC zstd);"
    for name, value in (("KEEP", KEEP[form]), ("ENABLED", str(ENABLED)), ("MEASURES", MEASURES), ("DAY AS", DAY[form] + " AS"),
                        ("COST", COST)):
        text = text.replace(name, value)
    return text


def main(rows, form, folder, out, threads, warm=""):
    sql = statement(rows, form, folder, out)
    start = time.perf_counter()
    base = duckdb.connect(config={"threads": int(threads), "preserve_insertion_order": False})
    if not warm:
        base.execute(sql)
        base.close()
        print(time.perf_counter() - start)
    for _ in sys.stdin if warm else ():
        start = time.perf_counter()
        with base.cursor() as cursor:  # temporary tables go with it
            cursor.execute(sql)
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
