#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""shukei beside DuckDB, Polars and pyarrow: docs/benchmark.md.

usage: run.py [--list] [--only SCENARIO,...] [--scales SET,...] [--runs N] [--threads N]
              [--shukei PROGRAM] [--data FOLDER] [--out FILE.jsonl]

Each scenario runs its contenders once a round, in turn; the first round warms up and does not count,
and after it the results are compared: a difference ends the run with exit status 1. Then a table, one
line a target, and one JSON line a contender in the log. --scales names sets that are too large to be
made without asking.
"""
import argparse
import hashlib
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests/golden")]
import compare
import datasets
import decode
import distant
import harness
import measure
import scenarios


class Disagreement(Exception):
    pass


def days_of_parquet(path):
    import pyarrow.compute as compute
    import pyarrow.parquet as pq
    return compute.unique(pq.read_table(path, columns=["usage_start"])["usage_start"]).to_pylist()


def rows_of(path, day, kind=None):
    """The rows of a day as texts; of CSV and SQLite, which are small here, all of them are read."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq
        rows = pq.read_table(path, filters=[("usage_start", "=", day)]).to_pylist()
        rows = [{name: "" if value is None else repr(value) if isinstance(value, float) else str(value)
                 for name, value in row.items()} for row in rows]
    else:
        rows = harness.rows_of_sqlite(path) if path.suffix == ".db" else harness.rows_of_csv(path.read_bytes())
    return [{name: value for name, value in row.items() if name != "uuid"} for row in rows
            if row["usage_start"] == str(day) and (kind is None or row["data_source"] == kind)]


def compare_rows(left, right, relative, kind=None):
    """Day by day, so that a large result need not fit into memory as Python's objects. One of the two is
    a Parquet file; of the right one only rows of a data_source count where kind names it."""
    parquet = next(path for path in (left.out, right.out) if path.suffix == ".parquet")
    count = 0
    for day in days_of_parquet(parquet):
        ours = rows_of(right.out, day, kind)
        found = compare.differences(rows_of(left.out, day), ours, relative)
        if found:
            raise Disagreement(f"{left.name} and {right.name} differ in {len(found)} places of {day}:\n" + "\n".join(found[:5]))
        count += len(ours)
    print(f"agree    {count} rows: {left.name}; {right.name}", flush=True)


def check(plan):
    by_name = {one.name: one for one in plan.contenders if not one.failure}
    digests = {}
    for name in plan.same:
        if name in by_name:
            with open(by_name[name].out, "rb") as file:
                digests.setdefault(hashlib.file_digest(file, "sha256").digest(), []).append(name)
    if len(digests) > 1:
        raise Disagreement("not the same bytes: " + " | ".join(", ".join(names) for names in digests.values()))
    for names in digests.values():
        print(f"agree    the same bytes: {'; '.join(names)}", flush=True)
    if plan.compare:
        plan.compare()
    for pairs, relative in ((plan.agree, 1e-9), (plan.agree_exactly, 0.0)):
        for left, right, *kind in pairs:
            if left in by_name and right in by_name:
                compare_rows(by_name[left], by_name[right], relative, *kind)


def run_scenario(name, bench, options, about):
    function, text, _ = scenarios.SCENARIOS[name]
    print(f"\n== {name}: {text}", flush=True)
    plan = function(bench)
    runs = plan.runs or options.runs
    measure.rounds(plan.contenders, runs, lambda: check(plan))
    print(f"{runs} rounds, {bench.threads} threads" + ("" if plan.table else f"\n{measure.COLUMNS}"))
    for one in plan.contenders:
        if one.failure:
            print(f"{one.name:34}{one.failure}")
            continue
        ratio = measure.times_as_fast(one, plan.contenders)
        if not plan.table:
            print(measure.line_of(one, ratio))
        measure.record(options.out, name, one, ratio, about)
    by_name = {one.name: one for one in plan.contenders}
    if plan.table:
        plan.table(by_name)
    if plan.after:
        plan.after(by_name)
    lines = [target.line(by_name) for target in plan.targets]
    print("\n".join(lines), flush=True)
    return [line for line in lines if line.startswith("MISSED")], len(lines)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--list", action="store_true", help="name the scenarios and sets, and end")
    parser.add_argument("--only", default="", help="scenarios, with commas between")
    parser.add_argument("--scales", default="", help="large sets to use too: " + ", ".join(datasets.ON_DEMAND))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--shukei", type=pathlib.Path, default=HERE.parent / "build/src/cli/shukei")
    parser.add_argument("--data", type=pathlib.Path, default=HERE.parent / ".cache/bench")
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / ".cache/bench.jsonl")
    options = parser.parse_args()
    for words, known in ((options.only, scenarios.SCENARIOS), (options.scales, datasets.SETS)):
        for word in filter(None, words.split(",")):
            if word not in known:
                parser.error(f"\"{word}\" is none of {', '.join(known)}")
    return options


def main():
    options = arguments()
    if options.list:
        for name, (_, text, needs) in scenarios.SCENARIOS.items():
            asked = [need for need in needs if need in datasets.ON_DEMAND]
            print(f"{name:14} {text}{''.join(f' (--scales {need})' for need in asked)}")
        return 0
    sets = [name for name in datasets.SETS if name not in datasets.ON_DEMAND] + options.scales.split(",")
    chosen = options.only.split(",") if options.only else list(scenarios.SCENARIOS)
    options.data.mkdir(parents=True, exist_ok=True)
    shukei = options.shukei.resolve()
    store = datasets.Store(options.data.resolve(), shukei, sys.executable, lambda text: print(text, flush=True))
    about = measure.machine()
    print(measure.about_line(about))
    missed, promised = [], 0
    for name in chosen:
        lacking = [need for need in scenarios.SCENARIOS[name][2] if need not in sets]
        if lacking:
            print(f"\n== {name}: left out, needs --scales {','.join(lacking)}")
            continue
        out = pathlib.Path(tempfile.mkdtemp(prefix="out-", dir=options.data))
        try:
            bench = scenarios.Bench(shukei, sys.executable, store, out, options.threads, sets)
            misses, count = run_scenario(name, bench, options, about)
        except measure.LeftOut as why:
            print(f"left out: {why}")
            continue
        except (Disagreement, decode.Disagreement, distant.Disagreement) as found:
            print(f"DISAGREE {found}", flush=True)
            return 1
        finally:
            bench.servers.close()
            shutil.rmtree(out)
        missed += [f"{name}: {line[9:]}" for line in misses]
        promised += count
    print(f"\n{promised - len(missed)} of {promised} targets reached" + "".join(f"\nmissed   {line}" for line in missed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
