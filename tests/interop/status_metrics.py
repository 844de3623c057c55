#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The metrics against Prometheus' own checker, and the dashboard, the alerts and docs/status.md against the metrics: they name
only what there is.

usage: status_metrics.py
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1]), str(pathlib.Path(__file__).resolve().parents[1] / "status")]
import bench_folder
from serving import Server
from harness import ROOT, Folder, main, must, skip

DASHBOARD = ROOT / "deploy/grafana/shukei.json"
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
NAME = re.compile(r"\bshukei_[a-z_]+\b")


def scraped(folder):
    """All texts of metrics that there are: of a benchmark in the middle, crashed and none, of runs."""
    with Server(folder / "none") as server:
        yield server.ask("/metrics").body
    with Server(folder / "b") as server:
        with bench_folder.half_done(folder / "b") as fake:
            yield server.ask("/metrics").body
            fake.running(("xlarge", "aggregate", 0.5, 1.0), last_error='"\\\n')
            fake.result('odd "name\\', "aggregate", 1.0)
        yield server.ask("/metrics").body
    path = folder / "nightly.prom"
    must("aggregate", ROOT / "examples/cluster", "--to", folder / "a.db", "--metrics-file", path)
    yield path.read_bytes()


def names():
    """Every family that there is, by its type; each text is checked by whoever wants to."""
    found = {}
    with Folder() as folder:
        for text in scraped(folder):
            found.update(re.findall(r"^# TYPE (\S+) (\S+)$", text.decode(), re.M))
    return found


def accepted():
    with Folder() as folder:
        count = 0
        for text in scraped(folder):
            got = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True)
            assert got.returncode == 0 and not got.stdout and not got.stderr, (got, text.decode()[:3000])
            count += 1
        assert count == 4
        bad = subprocess.run(["promtool", "check", "metrics"], input=b"# TYPE a_total gauge\na_total 1\n", capture_output=True)
        assert bad.returncode != 0, "promtool takes anything"


def dashboard():
    """Queries and variables of the dashboard, each a query that Prometheus can parse, with names that exist."""
    there, board = names(), json.loads(DASHBOARD.read_text())
    queries = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    queries += [one["query"]["query"] for one in board["templating"]["list"] if one["type"] == "query"]
    assert len(queries) >= 15, len(queries)
    for query in queries:
        used = set(NAME.findall(query))
        assert used and used <= set(there), f"{query}: {used - set(there)} is no metric"
        assert "rate(" not in query or all(there[name] == "counter" for name in used), f"{query}: rate() of a gauge"
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    for a in board["panels"]:
        for b in board["panels"]:
            x, y = a["gridPos"], b["gridPos"]
            apart = (a is b or x["x"] + x["w"] <= y["x"] or y["x"] + y["w"] <= x["x"] or x["y"] + x["h"] <= y["y"]
                     or y["y"] + y["h"] <= x["y"])
            assert apart and x["x"] + x["w"] <= 24, f"{a['title']} and {b['title']} overlap"
    with Folder() as folder:  # promtool parses queries as rules
        lines = ["groups:", "- name: all", "  rules:"]
        for i, query in enumerate(query for query in queries if not query.startswith("label_values")):
            plain = re.sub(r"\$__\w+", "5m", query).replace("$run", "a")
            lines += [f"  - record: a:{i}", f"    expr: {json.dumps(plain)}"]
        (folder / "rules.yml").write_text("\n".join(lines) + "\n")
        got = subprocess.run(["promtool", "check", "rules", folder / "rules.yml"], capture_output=True, text=True)
        assert got.returncode == 0, got.stdout + got.stderr


def alerts():
    used = set(NAME.findall(re.sub(r"#.*", "", ALERTS.read_text())))
    assert used and used <= set(names()), used
    got = subprocess.run(["promtool", "check", "rules", ALERTS], capture_output=True, text=True)
    assert got.returncode == 0, got.stdout + got.stderr
    got = subprocess.run(["promtool", "test", "rules", pathlib.Path(__file__).parent / "alerts_test.yml"], capture_output=True, text=True)
    assert got.returncode == 0, got.stdout + got.stderr


def documented():
    told = set(NAME.findall((ROOT / "docs/status.md").read_text()))
    there = set(names())
    assert told == there, f"not in docs/status.md: {sorted(there - told)}; no metric: {sorted(told - there)}"


if not shutil.which("promtool"):
    skip("promtool is not here (Debian: prometheus)")
main([(check.__name__, check) for check in (accepted, dashboard, alerts, documented)])
