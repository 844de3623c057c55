#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The include arrows between the rooms (docs/architecture.md). usage: check_arrows.py [ROOT]

tests/ and bench/ look into every room, for they try single functions."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
FACES = {  # what a room shows the others; all of base is for everybody
    "parquet": ["parquet/parquet.h", "parquet/meta.h", "parquet/values.h"],
    "store": ["store/store.h"],
    "input": ["input/input.h", "input/batch.h", "input/report.h", "input/convert_run.h", "input/bad_rows.h"],
    "summary": ["summary/summary.h", "summary/row.h"],
    "sink": ["sink/sink.h", "sink/sink_settings.h", "sink/ledger.h", "sink/sink_read.h"],
    "generate": ["generate/generate.h"],
    "bench": ["bench/bench.h", "bench/expect.h", "bench/results.h", "bench/running.h", "bench/trend.h"],
    "status": ["status/site.h", "status/standing.h", "status/standing_text.h", "status/http_server.h",
               "status/aggregate_metrics.h"],
    "validate": ["validate/validate.h"],
    "report": ["report/documents.h"],
}
MAY = {  # room: the faces it may include, beside base, the public headers and its own
    "base": [],
    "parquet": [],
    "store": [],
    "input": FACES["parquet"] + FACES["store"],
    "summary": ["input/batch.h"],
    "sink": FACES["parquet"] + FACES["store"] + ["summary/row.h"],
    "generate": FACES["parquet"] + FACES["store"] + ["input/report.h"],
    "run": sum((FACES[room] for room in FACES if room not in ("bench", "report", "status")), []),  # the files directly in src/: where rooms meet
    "bench": [],
    "report": ["bench/results.h", "bench/trend.h"],
    "status": FACES["bench"],
    "cli": FACES["bench"] + FACES["report"] + FACES["status"] + FACES["store"],
    "validate": FACES["parquet"] + FACES["store"] + ["sink/sink_read.h", "sink/dataset_names.h"],
    "api": FACES["parquet"] + FACES["store"],
    "examples": [],
}
bad = []
for path in sorted(p for top in ("src", "examples") for p in (root / top).rglob("*.*") if p.suffix in (".c", ".h", ".cpp")):
    parts = path.relative_to(root).parts
    room = parts[0] if parts[0] != "src" else parts[1] if len(parts) > 2 else "run"
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
        if match and not (match[1] in ("shukei.h", "shukei/parquet.h") or match[1] in MAY.get(room, [])
                          or match[1].startswith(room + "/")
                          or room == "run" and (root / "src" / match[1]).parent == root / "src"
                          or match[1].startswith("base/") and room != "examples"):
            bad.append(f"{path.relative_to(root)}:{number}: {room} may not include {match[1]}")
print("\n".join(bad) or "all includes follow the arrows")
sys.exit(1 if bad else 0)
