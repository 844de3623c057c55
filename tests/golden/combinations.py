#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same bytes, however a summary is made: runs with everything drawn by chance.

usage: combinations.py

A run draws a dataset, the form that it is read in (rows and files in another order, compressed,
converted), the label mode, threads, --mode, --memory and the processor's instructions; the CSV and the
Parquet of all runs of a dataset and label mode are the same bytes. The large dataset has more groups
than the smallest limits have room for, so that its runs with them use a temporary file. The others are
random cases of the reference's generator; without the shared folder there are none.

Environment: SHUKEI_COMBINATIONS, how many runs (8).
"""
import collections
import csv
import gzip
import json
import os
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import must

SEED = 7001
RANDOM_CASES = 6
# Few hours and many pods: 49,000 groups of two rows each, all but some of one day.
LARGE_DAYS = {"2025-10-01": 45000, "2025-10-02": 4000}
LARGE = ("1m", "--hours", 2, "--nodes", 60, "--namespaces", 40, "--volumes-per-node", 4)
LARGE_KEYS = "app,tier,env,node,pod"
SPILLING = "48MiB"
MEMORY = {  # of a large dataset or not, and the mode
    (True, "streaming"): ["96MiB", "256MiB", "4GiB"],
    (True, "in-memory"): ["192MiB", "512MiB", "4GiB"],
    (False, "streaming"): ["16MiB", "64MiB", "4GiB"],
    (False, "in-memory"): ["16MiB", "64MiB", "4GiB"],
}
INSTRUCTIONS = ["scalar", "sse2", "avx2", "avx512", "neon"]  # those that the processor lacks are as none


def shuffled(source, target, dice):
    """All rows of a report in another order, in other files, each of all its days, some compressed."""
    reports = collections.defaultdict(list)
    for path in sorted(source.rglob("*.csv")):
        with open(path, newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        reports[tuple(header)] += rows
    target.mkdir()
    for header, rows in reports.items():
        dice.shuffle(rows)
        cuts = sorted(dice.randint(0, len(rows)) for _ in range(dice.randint(0, 4)))
        for start, end in zip([0, *cuts], [*cuts, len(rows)]):
            name = target / f"{dice.randrange(1 << 40):010x}.csv"
            opened = dice.choice([lambda: open(name, "w", newline="", encoding="utf-8"),
                                  lambda: gzip.open(f"{name}.gz", "wt", 1, newline="", encoding="utf-8")])()
            with opened as file:
                writer = csv.writer(file, lineterminator=dice.choice(["\n", "\r\n"]))
                writer.writerow(header)
                writer.writerows(rows[start:end])
    return target


def compressed(source, target):
    target.mkdir()
    for number, path in enumerate(sorted(source.rglob("*.csv"))):
        (target / f"{9 - number % 7}{number}-{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 1))
    return target


def converted(source, target, *options):
    must("convert", source, "--to", target, "--quiet", *options)
    return target


class Dataset:
    """Forms of the same rows, each made when first used, and the first run's bytes by label mode."""

    def __init__(self, folder, source, options, large):
        self.folder, self.options, self.large = folder, options, large
        self.made, self.first = {}, {}
        dice = random.Random(f"{SEED} {folder.name}")
        self.forms = {
            "CSV": lambda target: source,
            "gzip": lambda target: compressed(source, target),
            "shuffled CSV": lambda target: shuffled(source, target, dice),
            "Parquet": lambda target: converted(source, target),
            "Parquet with snappy": lambda target: converted(source, target, "--codec", "snappy"),
            "shuffled Parquet": lambda target: converted(self.form("shuffled CSV"), target),
        }

    def form(self, name):
        if name not in self.made:
            self.made[name] = self.forms[name](self.folder / name.replace(" ", "-"))
        return self.made[name]

    def run(self, form, labels, instructions, options):
        """One run; tells how much of it went through a temporary file."""
        out = [self.folder / name for name in ("out.csv", "out.parquet", "stats.json")]
        what = f"{form}, labels {labels}, {instructions}, {' '.join(map(str, options))}"
        must("aggregate", self.form(form), *self.options, "--labels", labels, "--quiet", "--to", out[0],
             "--to", out[1], "--stats", out[2], *options, variables={"SHUKEI_ISA": instructions})
        now = [path.read_bytes() for path in out[:2]]
        what_first, first = self.first.setdefault(labels, (what, now))
        for name, a, b in zip(("CSV", "Parquet"), first, now):
            assert a == b, f"{self.folder.name}: another {name} of {what} than of {what_first}"
        return json.loads(out[2].read_text())["spilled_bytes"]


def random_case(folder, seed):
    made = folder / f"random-{seed}"
    script, days = harness.SHARED / "reference/make_case.py", (1, 3, 6)[seed % 3]
    subprocess.run([sys.executable, script, str(seed), made, "--days", str(days)], check=True)
    return Dataset(made, made / "input", ("--config", made / "case.json"), large=False)


def large_case(folder):
    made = folder / "large"
    for day, pods in LARGE_DAYS.items():
        must("generate", *LARGE, "--start", day, "--pods", pods, "--to", made / "input" / day, "--quiet")
    return Dataset(made, made / "input", ("--enabled-keys", LARGE_KEYS), large=True)


def draw(large, spilling, dice):
    """The words of a run, of one that must spill if so wanted."""
    mode = "streaming" if spilling else dice.choice(["streaming", "in-memory"])
    memory = SPILLING if spilling else dice.choice(MEMORY[large, mode])
    forms = ["CSV", "gzip", "shuffled CSV", "Parquet", "Parquet with snappy", "shuffled Parquet"]
    return (dice.choice(forms), dice.choice(["koku", "koku", "hourly"]), dice.choice(INSTRUCTIONS),
            ["--mode", mode, "--threads", dice.randint(1, 8), "--memory", memory])


def check(folder, count):
    dice = random.Random(SEED)
    large, seen = large_case(folder), collections.Counter()
    small = [random_case(folder, SEED + i) for i in range(RANDOM_CASES)] \
        if (harness.SHARED / "reference").exists() else []
    for number in range(count):
        data = large if number % 3 == 0 or not small else dice.choice(small)
        spilling = data.large and number % 2 == 1
        words = draw(data.large, spilling, dice)
        spilled = data.run(*words) > 0
        seen["large"] += data.large
        seen["spilled"] += spilled
        assert spilled or not spilling, f"large: nothing spilled with {words}"
    print(f"{count} runs, {seen['large']} of the large dataset, {seen['spilled']} of which spilled")


def main():
    count = int(os.environ.get("SHUKEI_COMBINATIONS", "8"))
    with harness.Folder() as folder:
        harness.main([(f"{count} combinations", lambda: check(folder, count))])


if __name__ == "__main__":
    main()
