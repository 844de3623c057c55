#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Static report files: the real nise and `generate` make the same of tests/generate/manifests/.

Every row is compared, and the summary of both. A manifest tells in its head what nise draws by
chance: "# drawn: COLUMN LOW HIGH" or "# drawn: COLUMN WORD ..." (our value lies among them), "# drawn:
COLUMN *" (any), "# drawn: everything" (counts only), "# without: COLUMN VALUE" (nise's rows that we
leave out). Where all is given, both have the same rows and the same summary.

usage: manifests.py all | NAME...
"""
import collections
import csv
import json
import os
import pathlib
import subprocess
import sys
from datetime import datetime, timezone

import peers
from compare import same
from harness import ROOT, Folder, must, rows_of_csv, run

MANIFESTS = ROOT / "tests/generate/manifests"
REPORTS = {"pod": "pod_usage_cpu_core_seconds", "storage": "persistentvolumeclaim",
           "node": "node_labels", "namespace": "namespace_labels"}
UNREAD = ("vm_name", "gpu_uuid")
KEYS = ["app", "tier", "env", "team", "zone", "kind", "node_role_kubernetes_io"]


def now():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H")


def head(path):
    """What is drawn of a manifest: {column: range}, and what is left out."""
    drawn, without = {}, []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# drawn: "):
            column, *words = line[9:].split()
            drawn[column] = words
        elif line.startswith("# without: "):
            without.append(tuple(line[11:].split(" ", 1)))
    return drawn, without


def cell(name, text):
    if name == "interval_start":
        return text[:13]  # nise may start an hour at half past, and then ends it there
    if name == "interval_end":
        return ""
    if peers.NUMBER.search(name) and text:
        return float(text)
    return text


def tables(folder, drawn, without):
    """{report: rows}; a row is its cells in the order of nise's columns, the drawn ones at the end."""
    found = {name: [] for name in REPORTS}
    for path in sorted(folder.rglob("*.csv")):
        with open(path, newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            kinds = [name for name, column in REPORTS.items() if column in reader.fieldnames]
            if not kinds or any(column in reader.fieldnames for column in UNREAD):
                continue
            columns = sorted(set(reader.fieldnames) - {"node_role"})
            for row in reader:
                if any(row.get(column) == value for column, value in without):
                    continue
                found[kinds[0]].append((tuple(cell(name, row[name]) for name in columns if name not in drawn),
                                        {name: cell(name, row[name]) for name in columns if name in drawn}))
    return found


def in_range(name, value, words):
    if words == ["*"]:
        return value != "" or name in ("pod", "node")
    if peers.NUMBER.search(name):
        low, high = map(float, words)
        return low * (1 - 1e-9) <= value <= high * (1 + 1e-9)
    return value in words


def check(path, nise, ours):
    drawn, without = head(path)
    theirs, mine = tables(nise, drawn, without), tables(ours, drawn, without)
    if "everything" in drawn:
        for name, rows in mine.items():
            assert bool(rows) == bool(theirs[name]), f"{name}: {len(rows)} rows, nise has {len(theirs[name])}"
        return
    for name in REPORTS:
        want = collections.Counter(row for row, _ in theirs[name])
        got = collections.Counter(row for row, _ in mine[name])
        assert want == got, (f"{name}: nise alone {list((want - got).items())[:2]}\n"
                             f"ours alone {list((got - want).items())[:2]}")
        for whose, rows in (("nise's", theirs[name]), ("our", mine[name])):
            for _, cells in rows:
                for column, value in cells.items():
                    empty = value == "" and name == "storage"
                    assert empty or in_range(column, value, drawn[column]), f"{name}: {whose} {column} {value}"
    return drawn or without


def make_nise(path, folder, *words):
    folder.mkdir()
    done = subprocess.run([f"{peers.PEERS}/nise", "report", "ocp", "--static-report-file", path, "--ocp-cluster-id", "cluster",
                           "-w", *words], cwd=folder, capture_output=True, text=True,
                          env={**os.environ, "HOME": str(folder)})
    assert done.returncode == 0, f"nise: {done.stderr[-2000:]}"


def summary(source, folder):
    config = folder / "config.json"
    config.write_text(json.dumps({"start": "2024-01-01", "end": "2099-01-01", "enabled_keys": KEYS}))
    return rows_of_csv(must("aggregate", source, "--config", config, "--to", "-", "--cluster-id", "cluster",
                            "--quiet", cwd=folder).stdout)


def one(path):
    def test():
        while True:  # until the hour does not turn meanwhile: nise reads the clock
            with Folder() as folder:
                hour = now()
                make_nise(path, folder / "nise")
                must("generate", path, "--to", folder / "ours", "--today", hour, "--quiet", cwd=folder)
                if now() != hour:
                    continue
                chance = check(path, folder / "nise", folder / "ours")
                if not chance and "everything" not in head(path)[0]:
                    same(summary(folder / "nise", folder), summary(folder / "ours", folder), path.name)
                return
    return test


def dumped():
    """What --dump-manifest writes is read by nise, and comes back the same."""
    with Folder() as folder:
        must("generate", "small", "--hours", "24", "--dump-manifest", folder / "small.yml", cwd=folder)
        make_nise(folder / "small.yml", folder / "nise")
        must("generate", folder / "small.yml", "--to", folder / "ours", "--quiet", cwd=folder)
        check(folder / "small.yml", folder / "nise", folder / "ours")
        same(summary(folder / "nise", folder), summary(folder / "ours", folder), "small.yml")


def of_its_yaml_command(*words):
    """What `nise yaml ocp` writes is read, and has as many rows of each report. By chance it writes
    claims that are more than their volume, which nise then refuses: so must we.
    """
    def test():
        with Folder() as folder:
            path = folder / "made.yml"
            subprocess.run([f"{peers.PEERS}/nise", "yaml", "ocp", "-o", path, "-c", "default", "-s", "2025-03-03",
                            "-e", "2025-03-05", *words], cwd=folder, check=True, capture_output=True,
                           env={**os.environ, "HOME": str(folder)})
            try:
                make_nise(path, folder / "nise")
            except AssertionError as refused:
                assert "is greater than volume request" in str(refused), refused
                ours = run("generate", path, "--to", folder / "ours", cwd=folder)
                assert ours.returncode == 3 and b"are more than their volume" in ours.stderr, ours.stderr
                return
            must("generate", path, "--to", folder / "ours", "--quiet", cwd=folder)
            theirs, ours = (tables(folder / name, {}, []) for name in ("nise", "ours"))
            for name in REPORTS:
                assert theirs[name] and len(theirs[name]) == len(ours[name]), \
                    f"{name}: {len(ours[name])} rows, nise has {len(theirs[name])}"
    return test


tests = [(path.stem, one(path)) for path in sorted(MANIFESTS.glob("*.yml"))] + [
    ("dumped", dumped), ("nise yaml", of_its_yaml_command()), ("nise yaml, by chance", of_its_yaml_command("-r", "-n", "3"))]
if __name__ == "__main__":
    names = sys.argv[1:]
    peers.harness.main([test for test in tests if names in ([], ["all"]) or test[0] in names])
