#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A month that the real `nise report ocp` makes of month.yml: equal to the reference program, in both
label modes, from CSV and from what convert makes of it.

usage: month.py
"""
import json
import os
import pathlib
import subprocess
import sys

import peers
from compare import same
from harness import Folder, must, need_shared, rows_of_csv

START, END = "2025-03-01", "2025-03-31"
CASE = {
    "start": START, "end": END,
    "enabled_keys": ["app", "tier", "env", "team", "zone", "node_role_kubernetes_io"],
    "cost_categories": [{"id": 4, "pattern": "openshift-%"}, {"id": 5, "pattern": "kube-%"}, {"id": 6, "pattern": "%atch"}],
}


def month():
    reference = need_shared("reference/summary.py")
    manifest = pathlib.Path(__file__).resolve().parent / "month.yml"
    with Folder() as folder:
        source = folder / "input"
        source.mkdir()
        made = subprocess.run([f"{peers.PEERS}/nise", "report", "ocp", "--static-report-file", manifest, "--ocp-cluster-id",
                               "month", "-s", START, "-e", END, "-w"], cwd=source, capture_output=True, text=True,
                              env={**os.environ, "HOME": str(folder)})
        assert made.returncode == 0, made.stderr
        lines = sum(len(path.read_bytes().splitlines()) - 1 for path in source.glob("*.csv"))
        assert lines > 5000, f"{lines} rows of nise"
        config = folder / "case.json"
        config.write_text(json.dumps(CASE))
        must("convert", source, "--to", folder / "parquet", cwd=folder)
        for labels in ("koku", "hourly"):
            expected = subprocess.run([sys.executable, reference, folder, "--labels", labels], check=True,
                                      capture_output=True).stdout
            words = ("--config", config, "--labels", labels, "--to", "-")
            got = must("aggregate", source, *words, cwd=folder).stdout
            same(rows_of_csv(expected), rows_of_csv(got), f"{labels}, CSV")
            assert must("aggregate", folder / "parquet", *words, cwd=folder).stdout == got, f"{labels}: other bytes of Parquet"
        print(f"{lines} rows of nise, {len(rows_of_csv(got))} rows of summary")


peers.harness.main([("month", month)])
