#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/own/corners: few rows, each there for one rule of docs/summary.md.

usage: make_corners.py    the same bytes on every run; expected rows are kept beside and not made here
"""
import csv
import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent / "own/corners"
GIB = 2**30
HOUR = ["2024-02-28T23:00:00Z", "2024-02-29T00:00:00Z", "2024-02-29 01:00:00 +0000 UTC", "2024-02-29T04:00:00+02:00",
        "2024-03-01 00:00:00"]
WHEN = ["interval_start", "interval_end", "report_period_start", "report_period_end"]


def when(hour):
    return [HOUR[hour], "2024-03-01T00:59:59Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"]


def pod(hour, name, space, node, cpu, request, labels, memory=GIB, cores=4, capacity=None, resource=None):
    return when(hour) + [name, space, node, f"id-{node}" if resource is None else resource, cpu, request, "", memory, memory * 2,
                         0, cores, cores * 3600 if capacity is None else capacity, 16 * GIB, 16 * GIB * 3600, labels]


PODS = [
    # the same labels in both spellings are one group, and keys that are not enabled do not part it
    pod(1, "a", "shop", "n1", 3600, 1800, "label_app:web|label_tier:front|label_secret:1"),
    pod(2, "a", "shop", "n1", 900.25, 1800, '{"tier": "front", "app": "web"}'),
    # effective usage is the hourly maximum, not the maximum of sums
    pod(3, "a", "shop", "n1", 100, 1800, "app:web|tier:front"),
    # a pod's own label wins over the namespace's, that over the node's
    pod(1, "b", "shop", "n1", 1, 2, "label_env:pod"),
    # it moves to another node in mid-day, and the node's labels change
    pod(2, "b", "shop", "n2", 1, 2, "label_env:pod"),
    # capacity: the maximum within an interval, summed over the intervals; an empty node counts in the cluster
    pod(1, "c", "kube-system", "n1", 5, 0, "", capacity=7200),
    pod(1, "no-node", "shop", "", 7, 7, "label_app:web", resource=""),
    # pairs that are none are skipped; escapes; text beyond ASCII
    pod(1, "d", "ünter_1", "n2", 5, 0, 'label_app:naïve|nocolon|a:b:c|label_naïve:😀'),
    pod(2, "d", "ünter_1", "n2", 5, 0, '{"app": "na\\u00efve", "na\\u00efve": "\\ud83d\\ude00", "tier": null}'),
    pod(3, "d", "ünter_1", "n2", 5, 0, '{"app": 1, "tier": true, "env": 2.5}'),
    # numbers: empty, unparsable, negative, blanks, exponent; an anomaly's row is dropped
    pod(1, "e", "openshift-kube-apiserver", "n3", "", "n/a", None),
    pod(2, "e", "openshift-kube-apiserver", "n3", " 1e3 ", -5, "{}"),
    pod(3, "e", "openshift-kube-apiserver", "n3", 1, 1, "", memory=2e18),
    # over-committed: unallocated may be negative
    pod(3, "f", "a%b", "n2", 99999, 5, "label_app:web"),
    # reserved namespaces do not count as allocated
    pod(1, "g", "Worker unallocated", "n2", 10, 10, ""),
    # outside of the days asked for, on both sides
    pod(0, "a", "shop", "n1", 1e9, 1, ""),
    pod(4, "a", "shop", "n1", 1e9, 1, ""),
]
CLAIM = 86400 * 29 * GIB  # GiB-months of a day are easy to see with it: 2024-02 has 29 days
VOLUMES = [  # namespace, pod, claim, volume, class, capacity, capacity-seconds, requested, used, labels, claim labels, handle
    ("shop", "b", "data", "pv-1", "ssd", 10 * GIB, CLAIM, CLAIM, CLAIM, "label_app:pv|label_tier:slow", "label_app:claim", "h1"),
    ("shop", "a", "data", "pv-1", "ssd", 10 * GIB, CLAIM, CLAIM, CLAIM, "", "", "h1"),     # shared by two nodes' pods
    ("shop", "ghost", "lost", "pv-2", "hdd", GIB, CLAIM, CLAIM, CLAIM, "", "label_env:x", ""),  # a pod without usage
    ("shop", "no-node", "home", "pv-3", "", GIB, CLAIM, CLAIM, CLAIM, "", "", ""),          # a pod without a node
    ("shop", "", "idle", "pv-4", "hdd", GIB, CLAIM, CLAIM, CLAIM, "", "", ""),
]
REPORTS = {
    "pods": (WHEN + [
        "pod", "Namespace", "node", "resource_id", "pod_usage_cpu_core_seconds", "pod_request_cpu_core_seconds",
        "pod_limit_cpu_core_seconds", "pod_usage_memory_byte_seconds", "pod_request_memory_byte_seconds",
        "pod_limit_memory_byte_seconds", "node_capacity_cpu_cores", "node_capacity_cpu_core_seconds",
        "node_capacity_memory_bytes", "node_capacity_memory_byte_seconds", "POD_LABELS"], PODS),
    "volumes": (WHEN + [
        "namespace", "pod", "persistentvolumeclaim", "persistentvolume", "storageclass",
        "persistentvolumeclaim_capacity_bytes", "persistentvolumeclaim_capacity_byte_seconds",
        "volume_request_storage_byte_seconds", "persistentvolumeclaim_usage_byte_seconds", "persistentvolume_labels",
        "persistentvolumeclaim_labels", "csi_volume_handle"],
        [when(1) + list(volume) for volume in VOLUMES] + [when(2) + list(VOLUMES[0])]),
    "nodes": (WHEN + ["node", "node_labels", "unknown_column"], [
        when(1) + ["n1", "label_env:node|label_zone:a", "?"],
        when(2) + ["n2", "label_zone:b|label_node_role_kubernetes_io:infra", "?"],
        when(3) + ["n2", "label_zone:c|label_node_role_kubernetes_io:infra", "?"],
        when(4) + ["n1", "label_zone:tomorrow", "?"]]),
    "spaces": (WHEN + ["namespace", "namespace_labels"], [
        when(1) + ["shop", "label_env:space|label_team:red"],
        when(2) + ["shop", "label_env:space|label_team:blue"],
        when(1) + ["kube-system", ""]]),
}
CASE = {
    "start": "2024-02-29", "end": "2024-02-29",
    "enabled_keys": ["app", "tier", "env", "zone", "team", "naïve", "node_role_kubernetes_io"],
    "cost_categories": [{"id": 2, "pattern": "shop"}, {"id": 7, "pattern": "%_nter__"}, {"id": 5, "pattern": "ünter%"},
                        {"id": 3, "pattern": "a%"}, {"id": 9, "pattern": "Worker unallocated"}],
}


def main():
    (HERE / "input").mkdir(parents=True, exist_ok=True)
    for name, (header, rows) in REPORTS.items():
        with open(HERE / "input" / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\r\n" if name == "nodes" else "\n")
            writer.writerow(header)
            writer.writerows(rows)
    text = json.dumps(CASE, indent=1, ensure_ascii=False)
    (HERE / "case.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
