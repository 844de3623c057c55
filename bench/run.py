#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""shukei beside DuckDB, Polars and pyarrow, on the 998,400 pod rows of make_1m.py.

usage: run.py [--shukei PROGRAM] [--data FOLDER] [--runs N] [--threads N] [--out FILE.jsonl]

Every contender runs once a round, in turn, so that a slow minute of the machine meets all of them;
the first round warms the page cache and does not count. Seconds of shukei are those of the whole
process, from fork to exit; those of the Python peers begin after their imports. Peak memory is that of
the process, for all. Before anything is timed the summaries are compared row by row.

Prints a table and appends one JSON line a contender: median, spread (least and most), ratio to the
reference contender, peak memory, machine, versions, commit.
"""
import argparse
import importlib.metadata
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests/golden")]
import compare
import harness

import make_1m

CONVERT_BY_PYARROW = """
import sys, time, pyarrow.csv as pc, pyarrow.parquet as pq, pyarrow as pa
pa.set_cpu_count(int(sys.argv[3]))
start = time.perf_counter()
pq.write_table(pc.read_csv(sys.argv[1]), sys.argv[2], compression="zstd")
print(time.perf_counter() - start)
"""
DECODE_BY_PYARROW = """
import sys, time, pyarrow.parquet as pq, pyarrow as pa
pa.set_cpu_count(int(sys.argv[2]))
start = time.perf_counter()
pq.read_table(sys.argv[1])
print(time.perf_counter() - start)
"""


# A process's peak memory begins with what its parent had when it was forked, so a small one starts it.
SPAWN = """
import json, os, subprocess, sys, time
start = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
text = child.stdout.read()
_, status, usage = os.wait4(child.pid, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), time.perf_counter() - start, usage.ru_maxrss * 1024, text.decode()]), flush=True)
os._exit(0)
"""


def timed(words, extra, own_clock):
    """Runs a process to its end: seconds, peak bytes."""
    got = subprocess.run([sys.executable, "-I", "-S", "-c", SPAWN, *map(str, words)], check=True, stdout=subprocess.PIPE,
                         env={**os.environ, **extra})
    status, seconds, peak, text = json.loads(got.stdout)
    if status:
        sys.exit(f"exit {status} of {' '.join(map(str, words))}")
    return float(text) if own_clock else seconds, peak


def contenders(options, data, out):
    """name -> (words, environment, own clock, reference); the order is that of a round."""
    threads = ["--threads", options.threads]
    keys = ["--enabled-keys", ",".join(make_1m.ENABLED)]

    def aggregate(sink):
        return [options.shukei, "aggregate", data / "parquet", *keys, *threads, "--quiet", "--to", out / sink]

    python, pods = sys.executable, data / "parquet/pod_usage.parquet"
    csv = data / "csv/pod_usage.csv"
    polars = {"POLARS_MAX_THREADS": str(options.threads)}
    return {
        "duckdb summary -> parquet": ([python, HERE / "duckdb_summary.py", data / "parquet", out / "duckdb.parquet",
                                       options.threads], {}, True, None),
        "shukei summary -> sqlite": (aggregate("shukei.db"), {}, False, "duckdb summary -> parquet"),
        "shukei summary -> parquet": (aggregate("shukei.parquet"), {}, False, "duckdb summary -> parquet"),
        "shukei summary -> csv": (aggregate("shukei.csv"), {}, False, "duckdb summary -> parquet"),
        "polars summary -> parquet": ([python, HERE / "polars_summary.py", data / "parquet", out / "polars.parquet"],
                                      polars, True, "duckdb summary -> parquet"),
        "pyarrow decode": ([python, "-c", DECODE_BY_PYARROW, pods, options.threads], {}, True, "duckdb summary -> parquet"),
        "pyarrow csv -> parquet": ([python, "-c", CONVERT_BY_PYARROW, csv, out / "pyarrow.parquet", options.threads], {}, True, None),
        "shukei csv -> parquet": ([options.shukei, "convert", csv, "--to", out / "converted", *threads, "--quiet"], {}, False,
                                  "pyarrow csv -> parquet"),
    }


def rows_of_parquet(path):
    import pyarrow.parquet as pq
    return [{name: "" if value is None else str(value) for name, value in row.items() if name != "uuid"}
            for row in pq.read_table(path).to_pylist()]


def agree(out):
    """The others' rows are ours, column by column, but for what they leave out."""
    ours = harness.rows_of_csv((out / "shukei.csv").read_bytes())
    for name in ("duckdb", "polars"):
        theirs = rows_of_parquet(out / f"{name}.parquet")
        found = compare.differences(theirs, ours)
        if found:
            sys.exit(f"{name} and shukei differ in {len(found)} places:\n" + "\n".join(found[:5]))
    same = compare.differences(ours, harness.rows_of_sqlite(out / "shukei.db"), 0.0)
    if same:
        sys.exit(f"CSV and SQLite differ: {same[:3]}")
    print(f"{len(ours)} rows: shukei, DuckDB and Polars agree", flush=True)


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    commit = subprocess.run(["git", "-C", HERE, "describe", "--always", "--dirty", "--abbrev=12"], capture_output=True,
                            text=True).stdout.strip()
    versions = {name: importlib.metadata.version(name) for name in ("duckdb", "polars", "pyarrow")}
    return {"machine": model, "cores": len(os.sched_getaffinity(0)), "kernel": platform.release(), "commit": commit, **versions}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shukei", default=HERE.parent / "build/src/cli/shukei")
    parser.add_argument("--data", type=pathlib.Path, default=HERE.parent / ".cache/bench-1m")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default="", help="contenders whose name holds this text")
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / ".cache/bench.jsonl")
    options = parser.parse_args()
    make_1m.main(options.data)
    out = pathlib.Path(tempfile.mkdtemp(prefix="shukei-bench-", dir=options.data))
    try:
        chosen = {name: parts for name, parts in contenders(options, options.data, out).items() if options.only in name}
        seconds, peak = {name: [] for name in chosen}, {name: 0 for name in chosen}
        for turn in range(options.runs + 1):
            for name, (words, extra, own_clock, _) in chosen.items():
                (out / "shukei.db").unlink(missing_ok=True)
                took, bytes_ = timed(words, extra, own_clock)
                if turn:
                    seconds[name].append(took)
                    peak[name] = max(peak[name], bytes_)
            if turn == 0 and not options.only:
                timed(chosen["shukei summary -> sqlite"][0], {}, False)
                agree(out)
    finally:
        shutil.rmtree(out)
    about = machine()
    print(f"{about['machine']}, {about['cores']} cores; {options.runs} runs, {options.threads} threads; commit {about['commit']}")
    print(f"{'':28}{'median s':>9}{'least':>8}{'most':>8}{'ratio':>7}{'peak MB':>9}")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with open(options.out, "a") as log:
        for name, (_, _, _, reference) in chosen.items():
            median = statistics.median(seconds[name])
            ratio = median / statistics.median(seconds[reference]) if reference in chosen else None
            print(f"{name:28}{median:9.3f}{min(seconds[name]):8.3f}{max(seconds[name]):8.3f}"
                  f"{'' if ratio is None else f'{ratio:.2f}':>7}{peak[name] / 1e6:9.0f}")
            log.write(json.dumps({"contender": name, "rows": 998400, "runs": options.runs, "threads": options.threads,
                                  "median_s": median, "least_s": min(seconds[name]), "most_s": max(seconds[name]),
                                  "ratio": ratio, "reference": reference, "peak_bytes": peak[name],
                                  "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **about}) + "\n")


if __name__ == "__main__":
    main()
