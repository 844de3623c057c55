#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""nise and `shukei generate` side by side: the same cluster, the same number of pod rows, in turn.

usage: generate.py [--shukei PROGRAM] [--preset NAME] [--runs N] [--threads N] [--out FILE.jsonl]

nise gets the preset as a static report file that `generate --dump-manifest` wrote, so that both make
the rows of the same pods, volumes and nodes. Seconds and peak memory are those of the whole process.
nise takes a minute and a half for a million rows, so the preset is 50k unless --preset says
otherwise (--preset 1m is the whole million); what we make of 1m, as CSV and as Parquet, is measured in
the same rounds. The first round warms up and does not count.

Prints a table and appends one JSON line a contender. Ratio: our pod rows a second to nise's.
"""
import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from run import HERE, machine, timed

IN_FOLDER = 'cd "$1" && shift && exec "$@" >/dev/null 2>&1'


def pod_rows_of(folder):
    """Rows of nise's pod reports: it writes one file a report and month."""
    return sum(sum(1 for _ in open(path, "rb")) - 1 for path in folder.glob("*.csv") if b"pod_usage_cpu" in open(path, "rb").readline())


class Contender:
    def __init__(self, words, folder, rows_in):
        self.words, self.folder, self.rows_in = words, folder, rows_in
        self.seconds, self.peak, self.rows = [], 0, 0

    def run(self, counts):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        took, peak = timed(self.words, {"HOME": str(self.folder)}, False)
        self.rows = self.rows_in(self.folder)
        if counts:
            self.seconds.append(took)
            self.peak = max(self.peak, peak)

    def rate(self):
        return self.rows / statistics.median(self.seconds)


def described_rows(folder):
    return json.loads((folder / "shukei-dataset.json").read_text())["rows"]["pod_usage"]


def contenders(options, work):
    manifest = work / "manifest.yml"
    subprocess.run([options.shukei, "generate", options.preset, "--dump-manifest", manifest, "--quiet"], check=True)
    nise = [options.nise, "report", "ocp", "--static-report-file", manifest, "--ocp-cluster-id", "bench",
            "-s", "2025-10-01", "-e", "2025-10-02", "-w"]

    def ours(name, preset, *more):
        words = [options.shukei, "generate", preset, "--to", work / name, "--threads", options.threads, "--quiet", *more]
        return Contender(words, work / name, described_rows)

    found = {f"nise {options.preset} -> csv": Contender(["sh", "-c", IN_FOLDER, "sh", work / "nise", *nise], work / "nise", pod_rows_of)}
    for preset in dict.fromkeys((options.preset, "1m")):
        for form in ("csv", "parquet"):
            found[f"shukei {preset} -> {form}"] = ours(f"{preset}-{form}", preset, "--format", form)
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shukei", type=pathlib.Path, default=HERE.parent / "build/src/cli/shukei")
    parser.add_argument("--nise", type=pathlib.Path, default=pathlib.Path(sys.executable).parent / "nise")
    parser.add_argument("--preset", default="50k", choices=["20k", "50k", "100k", "250k", "500k", "1m"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / ".cache/bench.jsonl")
    options = parser.parse_args()
    options.shukei = options.shukei.resolve()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="shukei-bench-", dir=options.out.parent) as work:
        all_ = contenders(options, pathlib.Path(work))
        for turn in range(options.runs + 1):
            for one in all_.values():
                if turn or one.rows_in is described_rows:  # nise needs no warming up, and is slow
                    one.run(turn > 0)
    nise = next(iter(all_.values()))
    same = all_[f"shukei {options.preset} -> csv"]
    if nise.rows != same.rows:
        sys.exit(f"nise made {nise.rows} pod rows, shukei {same.rows}")
    about = machine()
    print(f"{about['machine']}, {about['cores']} cores; {options.runs} runs, {options.threads} threads; commit {about['commit']}")
    print(f"{'':24}{'pod rows':>10}{'median s':>10}{'least':>8}{'most':>8}{'rows/s':>11}{'ratio':>8}{'peak MB':>9}")
    with open(options.out, "a") as log:
        for name, one in all_.items():
            median = statistics.median(one.seconds)
            ratio = one.rate() / nise.rate()
            print(f"{name:24}{one.rows:10}{median:10.3f}{min(one.seconds):8.3f}{max(one.seconds):8.3f}{one.rate():11.0f}"
                  f"{ratio:8.1f}{one.peak / 1e6:9.1f}")
            log.write(json.dumps({"contender": name, "rows": one.rows, "runs": options.runs, "threads": options.threads,
                                  "median_s": median, "least_s": min(one.seconds), "most_s": max(one.seconds),
                                  "ratio": ratio, "reference": next(iter(all_)), "peak_bytes": one.peak,
                                  "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **about}) + "\n")


if __name__ == "__main__":
    main()
