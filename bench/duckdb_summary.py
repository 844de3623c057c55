# SPDX-License-Identifier: Apache-2.0
"""The Pod rows of the daily summary in DuckDB SQL, for bench/run.py.

usage: duckdb_summary.py PARQUET_FOLDER OUT.parquet THREADS

Written to be fast, not to be like ours: rows are added up by the labels' text before any text is
parsed (41,600 parses instead of 998,400), each table is scanned once a need, the result is written by
COPY. Prints the seconds from connecting to the finished file.
"""
import sys
import time

import duckdb

ENABLED = "['app', 'tier', 'env', 'node', 'pod', 'vm_kubevirt_io_name']"
MEASURES = """
  sum(usage_cpu) AS usage_cpu, sum(request_cpu) AS request_cpu, sum(effective_cpu) AS effective_cpu,
  sum(limit_cpu) AS limit_cpu, sum(usage_mem) AS usage_mem, sum(request_mem) AS request_mem,
  sum(effective_mem) AS effective_mem, sum(limit_mem) AS limit_mem, max(cores) AS cores, max(bytes) AS bytes"""
SQL = """
CREATE MACRO keep(labels) AS map_from_entries(list_filter(
  map_entries(CAST(CAST(coalesce(nullif(labels, ''), '{}') AS JSON) AS MAP(VARCHAR, VARCHAR))),
  lambda e: list_contains(ENABLED, e.key)));
CREATE MACRO sorted_json(labels) AS CAST(to_json(map_from_entries(list_sort(map_entries(labels)))) AS VARCHAR);

CREATE TEMP TABLE pods AS
SELECT CAST(interval_start AT TIME ZONE 'UTC' AS DATE) AS day, namespace, node, pod_labels, max(resource_id) AS resource_id,
  sum(pod_usage_cpu_core_seconds) AS usage_cpu, sum(pod_request_cpu_core_seconds) AS request_cpu,
  sum(greatest(pod_usage_cpu_core_seconds, pod_request_cpu_core_seconds)) AS effective_cpu,
  sum(pod_limit_cpu_core_seconds) AS limit_cpu,
  sum(pod_usage_memory_byte_seconds) AS usage_mem, sum(pod_request_memory_byte_seconds) AS request_mem,
  sum(greatest(pod_usage_memory_byte_seconds, pod_request_memory_byte_seconds)) AS effective_mem,
  sum(pod_limit_memory_byte_seconds) AS limit_mem,
  max(node_capacity_cpu_cores) AS cores, max(node_capacity_memory_bytes) AS bytes
FROM read_parquet('FOLDER/pod_usage.parquet') WHERE node <> '' GROUP BY ALL;

CREATE TEMP TABLE capacity AS
WITH hourly AS (
  SELECT CAST(interval_start AT TIME ZONE 'UTC' AS DATE) AS day, node, interval_start,
    max(node_capacity_cpu_core_seconds) AS cpu, max(node_capacity_memory_byte_seconds) AS mem
  FROM read_parquet('FOLDER/pod_usage.parquet') GROUP BY ALL),
daily AS (SELECT day, node, sum(cpu) AS cpu, sum(mem) AS mem FROM hourly GROUP BY ALL)
SELECT day, node, cpu, mem, sum(cpu) OVER (PARTITION BY day) AS cluster_cpu, sum(mem) OVER (PARTITION BY day) AS cluster_mem
FROM daily;

CREATE TEMP TABLE node_sets AS SELECT DISTINCT CAST(interval_start AT TIME ZONE 'UTC' AS DATE) AS day, node,
  keep(node_labels) AS labels FROM read_parquet('FOLDER/node_labels.parquet');
CREATE TEMP TABLE space_sets AS SELECT DISTINCT CAST(interval_start AT TIME ZONE 'UTC' AS DATE) AS day, namespace,
  keep(namespace_labels) AS labels FROM read_parquet('FOLDER/namespace_labels.parquet');

CREATE TEMP TABLE grouped AS
WITH merged AS (
  SELECT p.* EXCLUDE (pod_labels),
    sorted_json(map_concat(coalesce(n.labels, MAP {}), coalesce(s.labels, MAP {}), keep(p.pod_labels))) AS labels
  FROM pods p LEFT JOIN node_sets n ON n.day = p.day AND n.node = p.node
    LEFT JOIN space_sets s ON s.day = p.day AND s.namespace = p.namespace)
SELECT day, namespace, node, labels, max(resource_id) AS resource_id, MEASURES FROM merged GROUP BY day, namespace, node, labels;

COPY (
  WITH full_rows AS (
    SELECT g.day, namespace, g.node, resource_id, labels, usage_cpu / 3600 AS usage_cpu, request_cpu / 3600 AS request_cpu,
      effective_cpu / 3600 AS effective_cpu, limit_cpu / 3600 AS limit_cpu, usage_mem / 3600 / 1073741824 AS usage_mem,
      request_mem / 3600 / 1073741824 AS request_mem, effective_mem / 3600 / 1073741824 AS effective_mem,
      limit_mem / 3600 / 1073741824 AS limit_mem, cores, c.cpu / 3600 AS node_cpu, bytes / 1073741824 AS node_gib,
      c.mem / 3600 / 1073741824 AS node_mem, cluster_cpu / 3600 AS cluster_cpu,
      cluster_mem / 3600 / 1073741824 AS cluster_mem
    FROM grouped g JOIN capacity c ON c.day = g.day AND c.node = g.node),
  roles AS (SELECT node, bool_or(namespace = 'openshift-kube-apiserver') AS master FROM full_rows GROUP BY node),
  unallocated AS (
    SELECT day, CASE WHEN max(master) THEN 'Platform unallocated' ELSE 'Worker unallocated' END AS namespace, f.node,
      max(resource_id) AS resource_id, NULL AS labels, max(node_cpu) - sum(usage_cpu) AS usage_cpu,
      max(node_cpu) - sum(request_cpu) AS request_cpu, max(node_cpu) - sum(effective_cpu) AS effective_cpu,
      NULL AS limit_cpu, max(node_mem) - sum(usage_mem) AS usage_mem, max(node_mem) - sum(request_mem) AS request_mem,
      max(node_mem) - sum(effective_mem) AS effective_mem, NULL AS limit_mem, max(cores) AS cores,
      max(node_cpu) AS node_cpu, max(node_gib) AS node_gib, max(node_mem) AS node_mem, max(cluster_cpu) AS cluster_cpu,
      max(cluster_mem) AS cluster_mem
    FROM full_rows f JOIN roles r ON r.node = f.node
    WHERE namespace NOT IN ('Platform unallocated', 'Worker unallocated', 'Network unattributed', 'Storage unattributed')
    GROUP BY day, f.node)
  SELECT 'Pod' AS data_source, day AS usage_start, day AS usage_end, namespace, node, resource_id, labels AS pod_labels,
    usage_cpu AS pod_usage_cpu_core_hours, request_cpu AS pod_request_cpu_core_hours,
    effective_cpu AS pod_effective_usage_cpu_core_hours, limit_cpu AS pod_limit_cpu_core_hours,
    usage_mem AS pod_usage_memory_gigabyte_hours, request_mem AS pod_request_memory_gigabyte_hours,
    effective_mem AS pod_effective_usage_memory_gigabyte_hours, limit_mem AS pod_limit_memory_gigabyte_hours,
    cores AS node_capacity_cpu_cores, node_cpu AS node_capacity_cpu_core_hours, node_gib AS node_capacity_memory_gigabytes,
    node_mem AS node_capacity_memory_gigabyte_hours, cluster_cpu AS cluster_capacity_cpu_core_hours,
    cluster_mem AS cluster_capacity_memory_gigabyte_hours, coalesce(labels, '{}') AS all_labels,
    CASE WHEN labels IS NOT NULL THEN '{"cpu": 0.000000000, "memory": 0.000000000, "storage": 0.000000000}' END
      AS infrastructure_usage_cost, uuid() AS uuid
  FROM (SELECT * FROM full_rows UNION ALL SELECT * FROM unallocated)
) TO 'OUT' (FORMAT parquet, CODEC zstd);
"""

if __name__ == "__main__":
    folder, out, threads = sys.argv[1:4]
    start = time.perf_counter()
    base = duckdb.connect(config={"threads": int(threads), "preserve_insertion_order": False})
    for name, text in (("ENABLED", ENABLED), ("MEASURES", MEASURES), ("FOLDER", folder), ("OUT", out)):
        SQL = SQL.replace(name, text)
    base.execute(SQL)
    base.close()
    print(time.perf_counter() - start)
