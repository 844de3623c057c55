#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at random moments of a run. Into a dataset: each day's file is the old one or the new one, whole. Into a
SQLite database: all rows are old or all are new; where there was none, there is none or a whole one. Of many small Parquet
files into one a day: each of these is the old or the new one, whole (hidden files may be left). A next run of aggregate
clears what was left, and is right. In half of its turns the runs are those of --changed.

usage: killed.py dataset|sqlite|convert

Environment: SHUKEI_KILLS, how often (40).
"""
import os
import pathlib
import random
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import must, rows_of_sqlite

SEED = 9203
DAYS = "2025-10-01", "2025-10-12"
OTHERS = "summary.other.parquet"


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def reports(folder, name, days):
    """Twelve days of a small cluster, some of them without rows."""
    for day in days:
        must("generate", "20k", "--pods", 40, "--nodes", 3, "--namespaces", 4, "--hours", 24, "--seed", day + len(name),
             "--start", f"2025-10-{day:02}", "--to", folder / name / str(day), "--quiet")
    return folder / name


def words_of(source, sink, *more):
    """The reports have one name in all turns: what --changed compares are the versions behind it."""
    link = source.with_name("in")
    link.unlink(missing_ok=True)
    link.symlink_to(source)
    return ["aggregate", link, "--start", DAYS[0], "--end", DAYS[1], "--to", sink, "--quiet", "--source", "mine", *more]


def kill_at(words, seconds, variables=None):
    """True where the run was still going."""
    child = subprocess.Popen([harness.PROGRAM, *map(str, words)], stdin=subprocess.DEVNULL,
                             env={**harness.environment(), **(variables or {})})
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
    return child.wait(60) != 0


def timed(words, variables=None):
    start = time.monotonic()
    must(*words, variables=variables)
    return time.monotonic() - start


def both(folder):
    return [reports(folder, "a", range(1, 12)), reports(folder, "bb", range(3, 13))]


def moment(dice):
    """Half of them at the end, where files get their names and transactions end."""
    return dice.uniform(0.7, 1.05) if dice.random() < 0.5 else dice.uniform(0, 1)


def table(path):
    """The rows; None without a database. Who reads after a kill takes back what was not committed."""
    if path.exists():
        base = sqlite3.connect(path)
        base.execute("SELECT count(*) FROM sqlite_master").fetchall()
        base.close()
    return sorted(tuple(row.items()) for row in rows_of_sqlite(path)) if path.exists() else None


def sqlite(folder, count):
    dice, base, sources = random.Random(SEED), folder / "base/summary.db", both(folder)
    base.parent.mkdir()
    wanted = []
    for source in sources:
        must(*words_of(source, folder / "clean.db"))
        wanted.append(table(folder / "clean.db"))
    assert wanted[0] != wanted[1]
    usual = timed(words_of(sources[0], base))
    killed, litter, changed = 0, 0, 0
    for turn in range(count):
        old, new = wanted[turn % 2], wanted[1 - turn % 2]
        if turn % 3 == 0:
            base.unlink()
            old = None
        words = words_of(sources[1 - turn % 2], base, *(["--changed"] if turn % 4 >= 2 else []))
        killed += kill_at(words, moment(dice) * usual)
        litter += len(list(base.parent.iterdir())) > base.exists()
        now = table(base)
        assert now in (old, new), f"turn {turn}: a mixture of {len(now or [])} rows"
        changed += now == new
        usual = (usual + timed(words)) / 2
        assert table(base) == new, f"turn {turn}: the next run's rows are others"
        assert list(base.parent.iterdir()) == [base], f"turn {turn}: left {list(base.parent.iterdir())}"
    print(f"{count} runs, {killed} killed, {litter} left something, {changed} had written")
    assert killed > count // 4 and (litter or killed < 8), "hardly a run was killed in time"


def dataset(folder, count):
    dice, place = random.Random(SEED), folder / "dataset"
    sources, wanted = both(folder), []
    for number, source in enumerate(sources):
        clean = folder / f"clean-{number}"
        must(*words_of(source, f"{clean}/"))
        wanted.append(files_of(clean))
    assert set(wanted[0]) != set(wanted[1]) and len(wanted[0]) == 11, [sorted(one) for one in wanted]
    must("aggregate", sources[0], "--to", f"{place}/", "--source", "other", "--quiet")
    others = {name: data for name, data in files_of(place).items() if name.endswith(OTHERS)}
    usual = timed(words_of(sources[0], f"{place}/"))
    killed, mixed, litter = 0, 0, 0
    for turn in range(count):
        old, new = wanted[turn % 2], wanted[1 - turn % 2]
        words = words_of(sources[1 - turn % 2], f"{place}/", *(["--changed"] if turn % 4 >= 2 else []))
        killed += kill_at(words, moment(dice) * usual)
        now = files_of(place)
        shown = {name for name in now if not pathlib.Path(name).name.startswith(".")} - set(others)
        for name in sorted(set(old) | set(new)):
            assert now.get(name) in (old.get(name), new.get(name)), f"turn {turn}: {name} is neither old nor new"
        assert shown <= set(old) | set(new), f"turn {turn}: {sorted(shown - set(old) - set(new))}"
        mixed += any(now.get(name) != old.get(name) for name in old) and any(now.get(name) != new.get(name) for name in new)
        litter += len(now) > len(shown) + len(others)
        usual = (usual + timed(words)) / 2
        assert not list(folder.glob(".*.tmp-*")), f"turn {turn}: left beside the folder: {list(folder.glob('.*'))}"
        now = files_of(place)
        assert now == {**new, **others}, f"turn {turn}: the next run left {sorted(set(now) ^ set({**new, **others}))}"
    print(f"{count} runs, {killed} killed, {litter} of which left hidden files, {mixed} between two days")
    assert killed > count // 4 and (litter or killed < 8), "hardly a run was killed in time"


def convert(folder, count):
    dice, place, sources, wanted = random.Random(SEED), folder / "days", [], []
    for number, csv in enumerate(both(folder)):
        sources.append(folder / f"parts-{number}")
        for part in sorted(csv.iterdir()):
            must("convert", part, "--to", sources[-1] / part.name, "--quiet")
        must("convert", sources[-1], "--to", folder / f"clean-{number}", "--quiet")
        wanted.append(files_of(folder / f"clean-{number}"))
    usual = timed(["convert", sources[0], "--to", place, "--quiet"])
    killed = litter = 0
    for turn in range(count):
        new = wanted[1 - turn % 2]
        words = ["convert", sources[1 - turn % 2], "--to", place, "--quiet"]
        before = files_of(place)
        killed += kill_at(words, moment(dice) * usual)
        litter += any(pathlib.Path(name).name.startswith(".") for name in files_of(place))
        for name, data in files_of(place).items():
            if not pathlib.Path(name).name.startswith("."):
                assert data in (before.get(name), new.get(name)), f"turn {turn}: {name} is neither old nor new"
        usual = (usual + timed(words)) / 2
        now = files_of(place)
        assert all(now.get(name) == data for name, data in new.items()), f"turn {turn}: the next run's files are others"
        shown = {name for name in now if not pathlib.Path(name).name.startswith(".")}
        assert shown <= set(wanted[0]) | set(wanted[1]), f"turn {turn}: {sorted(shown)}"
        left = [name for name in set(now) - shown if any(f".{pathlib.Path(target).name}.tmp-" in name for target in new)]
        assert not left, f"turn {turn}: the next run left {left}"
    print(f"{count} runs, {killed} killed, {litter} of which left hidden files")
    assert killed > count // 4, "hardly a run was killed in time"


def main():
    count = int(os.environ.get("SHUKEI_KILLS", "40"))
    with harness.Folder() as folder:
        check = {"convert": convert, "dataset": dataset, "sqlite": sqlite}[sys.argv[1]]
        harness.main([(f"{count} kills", lambda: check(folder, count))])


if __name__ == "__main__":
    main()
