#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes examples/cluster: two days of a small web shop on three nodes, as the operator reports it.

usage: make_sample.py [FOLDER]    the same bytes on every run
"""
import csv
import pathlib
import sys
from datetime import datetime, timedelta

GIB = 2**30
START, HOURS = datetime(2025, 10, 1), 48
# Load of a shop, in percent of the day's peak, by hour of the day.
LOAD = [18, 14, 11, 9, 8, 10, 17, 31, 46, 58, 66, 71, 78, 74, 69, 67, 70, 79, 91, 100, 94, 72, 45, 27]
NODES = {  # cores, GiB, resource id, labels
    "control-0": (4, 16, "i-0a1c", "label_node_role_kubernetes_io:master|label_zone:a"),
    "compute-0": (16, 64, "i-0b2d", "label_node_role_kubernetes_io:worker|label_zone:a"),
    "compute-1": (16, 64, "i-0c3e", "label_node_role_kubernetes_io:worker|label_zone:b"),
}
NAMESPACES = {
    "openshift-kube-apiserver": "",
    "shop": "label_team:storefront|label_env:prod",
    "payments": "label_team:billing|label_env:prod",
    "analytics": "label_team:data|label_env:prod",
    "shop-staging": "label_team:storefront|label_env:staging",
}
PODS = [  # namespace, pod, node, cores at peak, cores asked, GiB used, GiB asked, hours of the day, labels
    ("openshift-kube-apiserver", "kube-apiserver-control-0", "control-0", 0.9, 0.5, 3, 2, range(24), "label_app:apiserver"),
    ("shop", "web-6f7c9-a", "compute-0", 3.2, 2, 2, 3, range(24), "label_app:web|label_tier:front"),
    ("shop", "web-6f7c9-b", "compute-1", 3.1, 2, 2, 3, range(24), "label_app:web|label_tier:front"),
    ("shop", "web-6f7c9-c", "compute-1", 2.4, 2, 2, 3, range(9, 23), "label_app:web|label_tier:front"),
    ("shop", "catalog-0", "compute-0", 1.6, 1, 6, 8, range(24), "label_app:catalog|label_tier:back"),
    ("payments", "api-58d4b-x", "compute-0", 1.1, 1.5, 1, 2, range(24), "label_app:payments|label_tier:back"),
    ("payments", "ledger-0", "compute-1", 0.7, 1, 4, 4, range(24), "label_app:ledger|label_tier:back"),
    ("analytics", "nightly-report", "compute-1", 40, 6, 20, 24, range(1, 4), "label_app:report"),
    ("shop-staging", "web-7d1aa-z", "compute-0", 0.3, 1, 1, 2, range(8, 19), "label_app:web|label_tier:front|label_branch:next"),
]
VOLUMES = [  # namespace, pod, claim, volume, class, GiB, GiB used, labels of the claim
    ("shop", "catalog-0", "catalog-data", "pv-11", "ssd", 50, 31, "label_app:catalog"),
    ("payments", "ledger-0", "ledger-data", "pv-12", "ssd", 100, 42, "label_app:ledger"),
    ("analytics", "nightly-report", "scratch", "pv-13", "hdd", 500, 260, ""),
    ("shop", "retired-cache-0", "old-cache", "pv-14", "hdd", 20, 0, "label_app:cache"),
]
WHEN = ["report_period_start", "report_period_end", "interval_start", "interval_end"]


def stamp(time):
    return time.strftime("%Y-%m-%d %H:%M:%S +0000 UTC")


def hours():
    for n in range(HOURS):
        time = START + timedelta(hours=n)
        yield n, time.hour, [stamp(START), stamp(datetime(2025, 11, 1)), stamp(time),
                             stamp(time + timedelta(seconds=3599))]


def seconds(number):
    """An hour of it, rounded so that the text does not depend on the platform."""
    return f"{number * 3600:.3f}"


def pods():
    for n, hour, when in hours():
        for at, (space, pod, node, peak, asked, used, wanted, alive, labels) in enumerate(PODS):
            if hour in alive:
                cores, gib, resource, _ = NODES[node]
                # A little of its own for each pod and hour, without a random generator.
                share = (LOAD[hour] + (n * 7 + at * 13) % 5) / 100
                memory = used * GIB * (96 + (n * 3 + at * 5) % 9) // 100
                yield when + [
                    pod, space, node, resource, seconds(min(peak * share, cores)), seconds(asked), seconds(asked * 2),
                    seconds(memory), seconds(wanted * GIB), seconds(wanted * GIB * 2), cores, cores * 3600,
                    gib * GIB, gib * GIB * 3600, labels]


def volumes():
    for n, _, when in hours():
        for space, pod, claim, volume, kind, size, used, labels in VOLUMES:
            yield when + [space, pod, claim, volume, kind, size * GIB, seconds(size * GIB), seconds(size * GIB),
                          seconds(used * GIB + n * GIB // 64), "label_storage:" + kind, labels]


REPORTS = {
    "pod_usage": (WHEN + [
        "pod", "namespace", "node", "resource_id", "pod_usage_cpu_core_seconds", "pod_request_cpu_core_seconds",
        "pod_limit_cpu_core_seconds", "pod_usage_memory_byte_seconds", "pod_request_memory_byte_seconds",
        "pod_limit_memory_byte_seconds", "node_capacity_cpu_cores", "node_capacity_cpu_core_seconds",
        "node_capacity_memory_bytes", "node_capacity_memory_byte_seconds", "pod_labels"], pods),
    "storage_usage": (WHEN + [
        "namespace", "pod", "persistentvolumeclaim", "persistentvolume", "storageclass",
        "persistentvolumeclaim_capacity_bytes", "persistentvolumeclaim_capacity_byte_seconds",
        "volume_request_storage_byte_seconds", "persistentvolumeclaim_usage_byte_seconds", "persistentvolume_labels",
        "persistentvolumeclaim_labels"], volumes),
    "node_labels": (WHEN + ["node", "node_labels"],
                    lambda: (when + [node, parts[3]] for _, _, when in hours() for node, parts in NODES.items())),
    "namespace_labels": (WHEN + ["namespace", "namespace_labels"],
                         lambda: (when + list(pair) for _, _, when in hours() for pair in NAMESPACES.items())),
}


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, (header, rows) in REPORTS.items():
        with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows())


if __name__ == "__main__":
    default = pathlib.Path(__file__).resolve().parent.parent / "examples/cluster"
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default)
