#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--changed over payloads makes the same rows as a run without it, and reads no archive that it knows.

usage: changed_payloads.py sequences    random sequences of new, changed, vanished, renamed and superseding payloads of
                                        one cluster or several, settings, days asked for, damaged sinks and ledgers
       changed_payloads.py corners      what is made, read and told

Environment: SHUKEI_SEQUENCES (25): how many sequences.
"""
import collections
import datetime
import json
import os
import pathlib
import random
import re
import shutil
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "golden"))
import harness
from archives import COLUMNS, HOUR, START, Cluster, History, pack, table
from changed import Sinks
from harness import must, rows_of_sqlite, run

SEED = 9301
STEPS = 8
DAYS = [START.date() + datetime.timedelta(n) for n in range(-1, 7)]


class Place:
    """The folder of payloads; archives of a history come, go, and become others."""

    def __init__(self, folder, dice):
        self.folder, self.dice = folder / "in", dice
        self.history = History(dice, folder / "pool")
        self.waiting, self.there = self.history.paths[:], []
        dice.shuffle(self.waiting)
        self.folder.mkdir()

    def put(self, source, name=None):
        target = self.folder / self.dice.choice("ab") / (name or source.name)
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(source, target)
        self.there.append(target)

    def add(self):
        for _ in range(min(len(self.waiting), self.dice.randint(1, 4))):
            self.put(self.waiting.pop())

    def add_again(self):
        """An archive that is there comes a second time, under a name that sorts before the first."""
        if self.there:
            self.put(self.dice.choice(self.there), f"0again-{self.dice.randrange(1000)}.tar.gz")

    def operate(self):
        """A cluster's operator sends more, which may supersede what is there."""
        before = len(self.history.paths)
        self.history.operate(self.dice.choice(self.history.clusters))
        self.waiting += self.history.paths[before:]
        self.add()

    def remove(self):
        for path in self.dice.sample(self.there, min(len(self.there), self.dice.randint(1, 2))):
            path.unlink()
            self.there.remove(path)

    def change(self):
        """One becomes another under its name."""
        if self.there:
            path = self.dice.choice(self.there)
            shutil.copyfile(self.dice.choice(self.history.paths), path)

    def rename(self):
        if self.there:
            path = self.there.pop(self.dice.randrange(len(self.there)))
            self.there.append(path.rename(path.with_name("z" + path.name)))

    def touch(self):
        for path in self.there[:2]:
            path.touch()

    def nothing(self):
        pass


class Settings:
    def __init__(self, history, dice):
        self.dice, self.clusters = dice, [cluster.id for cluster in history.clusters]
        self.words, self.days, self.chosen = [], [], []
        self.keys, self.listed = ["app", "tier"], self.clusters[:]

    def other_settings(self):
        which = self.dice.randrange(4)
        if which == 0:
            self.keys = self.dice.sample(["app", "tier", "zone", "env"], self.dice.randint(0, 3))
        elif which == 1:
            self.words = self.dice.choice([[], ["--labels", "hourly"], ["--cluster-alias", "b"]])
        elif which == 2:
            self.listed = self.dice.sample(self.clusters, self.dice.randint(1, len(self.clusters)))
        else:
            self.chosen = self.dice.choice([[], ["--cluster-id", self.dice.choice(self.clusters)]])

    def other_days(self):
        one, other = sorted(self.dice.sample(DAYS, 2))
        self.days = self.dice.choice([[], ["--start", DAYS[0], "--end", DAYS[-1]], ["--start", one], ["--start", one, "--end", other]])

    def config(self, path):
        path.write_text(json.dumps({"enabled_keys": self.keys, "clusters": [
            {"cluster_id": c, "source": f"source-of-{c}", "report_period_id": i} for i, c in enumerate(self.clusters)
            if c in self.listed]}))
        return path


def compare(got, plain, sinks, damaged, where):
    assert got.returncode == plain.returncode, f"exit {got.returncode}, plain {plain.returncode}: {where}\n{plain.stderr.decode()}"
    if got.returncode and damaged:
        return  # where no report is left, neither run writes, and what was damaged stays so
    a, b = sinks.rows(sinks.changed), sinks.rows(sinks.plain)
    assert a[0] == b[0], f"{len(a[0])} rows in the table, {len(b[0])} by a plain run: {where}"
    assert a[1] == b[1], f"datasets differ in {[n for n in sorted(set(a[1]) | set(b[1])) if a[1].get(n) != b[1].get(n)]}: {where}"


def damage(sinks):
    """As Sinks.damage, and the ledger's notes of archives."""
    base = sinks.changed[0]
    if sinks.dice.random() < 0.3 and base.exists():
        with sqlite3.connect(base) as db:
            if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'shukei_ledger_objects'").fetchone():
                db.execute("UPDATE shukei_ledger_objects SET note = substr(note, 1, length(note) * 2 / 3)")
        db.close()
        return False
    return sinks.damage()


def sequence(seed, counts):
    dice = random.Random(seed)
    with harness.Folder() as folder:
        place = Place(folder, dice)
        settings, sinks = Settings(place.history, dice), Sinks(folder, dice)
        place.add()
        always = dice.random() < 0.3  # all days asked for in every step
        history, damaged = [], False
        for step in range(STEPS):
            what = dice.choice([place.add, place.add, place.operate, place.operate, place.add_again, place.remove, place.change,
                                place.rename, place.touch, place.nothing, settings.other_settings, settings.other_days, damage])
            damaged |= (what(sinks) if what is damage else what()) is True
            history.append(what.__name__)
            whole = ["--start", DAYS[0], "--end", DAYS[-1]]
            words = [place.folder, "--bad-payloads", "skip", "--unknown-clusters", "skip", "--config",
                     settings.config(folder / "config.json"), *settings.words, *settings.chosen,
                     *(whole if always or damaged else settings.days)]
            stats = folder / "stats.json"
            got = sinks.run(sinks.changed, [*words, "--changed", "--explain", "--stats", stats, "--threads", dice.choice([1, 3])])
            plain = sinks.run(sinks.plain, words)
            compare(got, plain, sinks, damaged, f"seed {seed}, step {step}, {history}: {got.stderr.decode(errors='replace')}")
            if got.returncode == 0:
                damaged = False
                figures = json.loads(stats.read_text())
                counts["made"] += figures["days_made"]
                counts["kept"] += figures["days_kept"]
            counts["steps"] += 1


def sequences():
    count = int(os.environ.get("SHUKEI_SEQUENCES", "25"))
    counts = collections.Counter()

    def made_and_kept():
        print(f"{count} sequences, {counts['steps']} steps: {counts['made']} days made, {counts['kept']} kept")
        assert counts["kept"] > counts["made"] // 8 > 0, "hardly a day was kept"
    harness.main([(f"seed {SEED + n}", lambda n=n: sequence(SEED + n, counts)) for n in range(count)]
                 + [("made and kept", made_and_kept)])


# ---- corners --------------------------------------------------------------------------------------------


def payload(path, cluster, day, hours, whole=True, bad=None):
    """The hours of a day, from 0 on in a payload of whole days; `bad`: a row of pods more."""
    dice = random.Random(1)
    begin, end = START + HOUR * (24 * day + hours[0]), START + HOUR * (24 * day + hours[1])
    uuid = path.name.split(".")[0]
    parts = []
    for report in COLUMNS:
        rows = [row for h in range(*hours) for row in cluster.rows(report, START + HOUR * (24 * day + h), 1 + hours[1] / 100)]
        text = table(report, rows, dice)
        if bad and report == "pod_usage":
            text += bad
        parts.append((f"{uuid}.{len(parts)}.csv", text))
    manifest = {"uuid": uuid, "cluster_id": cluster.id, "date": end.isoformat() + "Z", "start": begin.isoformat() + "Z",
                "end": (end - datetime.timedelta(seconds=1)).isoformat() + "Z", "version": "4", "daily_reports": whole,
                "files": [name for name, _ in parts]}
    return old(pack(path, parts + [("manifest.json", json.dumps(manifest).encode())]))


def old(path):
    """With a time at which it is not taken for one that may still change."""
    when = 10**18 + len(path.read_bytes())
    os.utime(path, ns=(when, when))
    return path


def spoil(path):
    """Who reads the archive finds none, though its version is the same."""
    was = path.stat()
    with open(path, "r+b") as file:
        file.write(b"x" * was.st_size)
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


class Case:
    def __init__(self, folder, clusters=2):
        dice = random.Random(7)
        self.folder, self.clusters = folder, [Cluster(dice, n) for n in range(clusters)]
        for n, cluster in enumerate(self.clusters):
            cluster.id = f"c{n}"
        (folder / "config.json").write_text(json.dumps({"clusters": [{"cluster_id": c.id, "source": f"s{c.id}"} for c in self.clusters]}))
        (folder / "in").mkdir()

    def put(self, name, cluster, day, hours, **more):
        return payload(self.folder / "in" / name, self.clusters[cluster], day, hours, **more)

    def aggregate(self, *words, source="in"):
        """--stats and the lines of --explain."""
        got = must("aggregate", source, "--changed", "--explain", "--config", "config.json", "--to", "a.db", "--to", "a/",
                   "--stats", "stats.json", *words, cwd=self.folder)
        told = [line.removeprefix("shukei: info: ") for line in got.stderr.decode().splitlines()]
        stats = json.loads((self.folder / "stats.json").read_text())
        return (stats["days_made"], stats["days_kept"]), [line for line in told if re.match("(cluster .*: )?2025-", line)]

    def same_as_plain(self):
        must("aggregate", "in", "--config", "config.json", "--to", "plain.db", "--quiet", cwd=self.folder)
        a, b = (sorted(map(str, rows_of_sqlite(self.folder / name))) for name in ("a.db", "plain.db"))
        assert a == b, f"{len(a)} rows, {len(b)} by a plain run"


def untouched_is_not_read():
    """Neither what is known, nor other clusters, nor other days; and what is read is told."""
    with harness.Folder() as folder:
        case = Case(folder)
        first = {(c, d): case.put(f"{c}{d}.tar.gz", c, d, (0, 6)) for c in (0, 1) for d in (0, 1, 2)}
        assert case.aggregate()[0] == (6, 0)
        for path in first.values():
            if path.name != "01.tar.gz":
                spoil(path)
        assert case.aggregate() == ((0, 6), [])
        case.put("new.tar.gz", 0, 1, (0, 12))
        figures, told = case.aggregate()
        assert figures == (1, 5), figures
        assert told == ["cluster c0: 2025-09-30: 1 new (in/new.tar.gz), 1 superseded (in/01.tar.gz)"], told
        case.put("more.tar.gz", 0, 1, (12, 18), whole=False)
        figures, told = case.aggregate()
        assert figures == (1, 5) and told == ["cluster c0: 2025-09-30: 1 new (in/more.tar.gz)"], (figures, told)
        for name in ("new.tar.gz", "more.tar.gz"):
            (folder / "in" / name).unlink()
        figures, told = case.aggregate("--start", "2025-09-30", "--end", "2025-09-30")
        assert figures == (1, 1), figures  # the other cluster's day
        assert told == ["cluster c0: 2025-09-30: 1 not superseded any more (in/01.tar.gz), 2 gone (in/more.tar.gz, in/new.tar.gz)"], told


def copies_change_nothing():
    """A payload that came twice, was renamed or touched holds the same; one that lost a part does not."""
    with harness.Folder() as folder:
        case = Case(folder, 1)
        path = case.put("b.tar.gz", 0, 0, (0, 6))
        assert case.aggregate()[0] == (1, 0)
        copy = path.with_name("a.tar.gz")
        shutil.copyfile(path, copy)
        assert case.aggregate()[0] == (0, 1)
        path.unlink()
        assert case.aggregate()[0] == (0, 1)
        case.put("a.tar.gz", 0, 0, (0, 7))
        figures, told = case.aggregate()
        assert figures == (1, 0) and told == ["2025-09-29: 1 changed (in/a.tar.gz)"], (figures, told)
        case.same_as_plain()


def rows_without_a_time():
    """They end the run, also where nothing else of the payload is to be made."""
    with harness.Folder() as folder:
        case = Case(folder, 1)
        case.put("a.tar.gz", 0, 0, (0, 6))
        assert case.aggregate()[0] == (1, 0)
        bad = ",".join(["x"] * len(COLUMNS["pod_usage"])).encode() + b"\n"
        case.put("b.tar.gz", 0, 1, (0, 0), bad=bad)
        for words in (["--changed"], []):
            got = run("aggregate", "in", "--config", "config.json", "--to", "a.db", *words, cwd=folder)
            assert got.returncode == 3 and b"interval_start" in got.stderr, got.stderr
        assert case.aggregate("--bad-rows", "skip")[0] == (1, 0)  # another setting


def one_cluster_after_the_other():
    """A ledger is a source's: runs for one cluster know what runs for all have made."""
    with harness.Folder() as folder:
        case = Case(folder)
        for c in (0, 1):
            for day in (0, 1):
                case.put(f"{c}{day}.tar.gz", c, day, (0, 6))
        assert case.aggregate()[0] == (4, 0)
        for c in (0, 1):
            assert case.aggregate("--cluster-id", f"c{c}")[0] == (0, 2)
        assert case.aggregate()[0] == (0, 4)
        for path in (folder / "in").iterdir():
            spoil(path)
        assert case.aggregate("--cluster-id", "c1")[0] == (0, 2)
        with sqlite3.connect(folder / "a.db") as db:
            db.execute(f"DELETE FROM {harness.TABLE} WHERE source_uuid = 'sc1' AND usage_start = '2025-09-30'")
        db.close()
        got = run("aggregate", "in", "--changed", "--config", "config.json", "--to", "a.db", cwd=folder)
        assert got.returncode == 3 and b"11.tar.gz" in got.stderr, got.stderr


def another_since():
    """An archive that is recalled and holds other members than were noted is an error, not a mixture."""
    with harness.Folder() as folder:
        case = Case(folder, 1)
        path = case.put("a.tar.gz", 0, 0, (0, 6))
        assert case.aggregate()[0] == (1, 0)
        with sqlite3.connect(folder / "a.db") as db:
            db.execute("UPDATE shukei_ledger_objects SET note = replace(note, ' 512 ', ' 513 ')")
            db.execute("DELETE FROM shukei_ledger_days")
        db.close()
        got = run("aggregate", "in", "--changed", "--config", "config.json", "--to", "a.db", cwd=folder)
        assert got.returncode == 3 and f"{path.name}: is not what it was".encode() in got.stderr, got.stderr


CORNERS = [("untouched is not read", untouched_is_not_read), ("copies change nothing", copies_change_nothing),
           ("rows without a time", rows_without_a_time), ("one cluster after the other", one_cluster_after_the_other),
           ("another since", another_since)]

if __name__ == "__main__":
    if sys.argv[1] == "corners":
        harness.main(CORNERS)
    if sys.argv[1] == "sequences":
        sequences()
