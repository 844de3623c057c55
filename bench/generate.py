#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""nise and `shukei generate` side by side: the same cluster, the same number of pod rows, in turn.

usage: generate.py [--shukei PROGRAM] [--preset NAME] [--runs N] [--threads N] [--out FILE.jsonl]

nise gets the preset as a static report file that `generate --dump-manifest` wrote, so that both make
the rows of the same pods, volumes and nodes. Seconds and peak memory are those of the whole process.
nise takes a minute and a half for a million rows, so the preset is 50k unless --preset says
otherwise (--preset 1m is the whole million); what we make of 1m, as CSV and as Parquet, is measured in
the same rounds. The first round warms up and does not count, and nise is not in it.

Prints a table and appends one JSON line a contender. Times: pod rows a second to those of nise.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import measure

IN_FOLDER = 'cd "$1" && shift && exec "$@" >/dev/null 2>&1'


def pod_rows_of(folder):
    """Rows of nise's pod reports: it writes one file a report and month."""
    return sum(sum(1 for _ in open(path, "rb")) - 1 for path in folder.glob("*.csv") if b"pod_usage_cpu" in open(path, "rb").readline())


def described_rows(folder):
    return json.loads((folder / "shukei-dataset.json").read_text())["rows"]["pod_usage"]


class Maker(measure.Contender):
    """Fills an empty folder each time."""

    def __init__(self, name, words, folder, rows_in, warms, threads=1):
        super().__init__(name, words, extra={"HOME": str(folder)}, threads=threads)
        self.folder, self.rows_in, self.warms = folder, rows_in, warms

    def run(self, counts):
        if counts or self.warms:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir()
            super().run(counts)
            self.rows = 0 if self.failure else self.rows_in(self.folder)

    def rate(self):
        return self.rows / self.median


def contenders(options, work):
    manifest = work / "manifest.yml"
    subprocess.run([options.shukei, "generate", options.preset, "--dump-manifest", manifest, "--quiet"], check=True)
    nise = [options.nise, "report", "ocp", "--static-report-file", manifest, "--ocp-cluster-id", "bench",
            "-s", "2025-10-01", "-e", "2025-10-02", "-w"]
    made = [Maker(f"nise {options.preset} -> csv", ["sh", "-c", IN_FOLDER, "sh", work / "nise", *nise], work / "nise", pod_rows_of, False)]
    for preset in dict.fromkeys((options.preset, "1m")):
        for form in ("csv", "parquet"):
            folder = work / f"{preset}-{form}"
            words = [options.shukei, "generate", preset, "--to", folder, "--threads", options.threads, "--quiet", "--format", form]
            made.append(Maker(f"shukei {preset} -> {form}", words, folder, described_rows, True, options.threads))
    return made


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shukei", type=pathlib.Path, default=measure.HERE.parent / "build/src/cli/shukei")
    parser.add_argument("--nise", type=pathlib.Path, default=pathlib.Path(sys.executable).parent / "nise")
    parser.add_argument("--preset", default="50k", choices=["20k", "50k", "100k", "250k", "500k", "1m"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=pathlib.Path, default=measure.HERE.parent / ".cache/bench.jsonl")
    options = parser.parse_args()
    options.shukei = options.shukei.resolve()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="shukei-bench-", dir=options.out.parent) as work:
        made = contenders(options, pathlib.Path(work))
        measure.rounds(made, options.runs)
    failed = [f"{one.name}: {one.failure}" for one in made if one.failure]
    if failed:
        sys.exit("\n".join(failed))
    nise, same = made[:2]
    if nise.rows != same.rows:
        sys.exit(f"nise made {nise.rows} pod rows, shukei {same.rows}")
    about = measure.machine()
    print(f"{measure.about_line(about)}; {options.runs} runs, {options.threads} threads\n{measure.COLUMNS}{'rows/s':>11}")
    for one in made:
        one.against = nise.name
        ratio = one.rate() / nise.rate()
        print(f"{measure.line_of(one, ratio)}{one.rate():11.0f}")
        measure.record(options.out, "generate", one, ratio, about)


if __name__ == "__main__":
    main()
