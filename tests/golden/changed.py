#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--changed makes the same rows as a run without it, and makes no day that it need not.

usage: changed.py sequences    random sequences of new, changed, vanished and renamed objects, settings, days asked
                               for, damaged sinks and ledgers: after each step the rows are those of a plain run
       changed.py month        one new object among 31 days of hourly ones: the same table, from the objects of one day;
                               prints how much faster, which depends on the machine and is no test

       changed.py corners      objects that change without another time, days that are read once and no more

Environment: SHUKEI_SEQUENCES (25); SHUKEI_MONTH_PODS (60): pods of the month's cluster, 3000 for figures.
"""
import collections
import csv
import datetime
import gzip
import json
import os
import pathlib
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import must, rows_of_sqlite, run

SEED = 8101
STEPS = 9


def chunks_of(source, dice):
    """The reports' rows as (report, header, rows), cut by day, or across days, or by chance."""
    chunks = []
    for path in sorted(source.glob("*.csv")):
        with open(path, newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        at = header.index("interval_start")
        days = collections.defaultdict(list)
        for row in rows:
            days[row[at][:10]].append(row)
        for _, of_day in sorted(days.items()):
            middle = dice.randint(0, len(of_day))
            for part in (of_day[:middle], of_day[middle:]):
                if chunks and chunks[-1][0] == path.stem and dice.random() < 0.2:
                    chunks[-1][2].extend(part)
                elif part:
                    chunks.append((path.stem, header, part))
    return chunks


class Place:
    """The objects, written in one form; what is there can be taken away, changed, renamed, touched."""

    def __init__(self, folder, form, chunks, dice):
        self.folder, self.form, self.chunks, self.dice = folder / "in", form, chunks, dice
        self.names, self.serial, self.scratch = {}, 0, folder / "scratch"
        self.folder.mkdir()

    def write(self, number, rows):
        report, header, _ = self.chunks[number]
        stem = self.folder / f"{number % 3}" / f"{self.dice.choice('abc')}{number}-{report}"
        for old in self.names.pop(number, []):
            old.unlink()
        stem.parent.mkdir(exist_ok=True)
        text = "\n".join([",".join(header), *(",".join(cell if not set(cell) & set(',"\n') else '"' + cell.replace('"', '""') + '"'
                                                       for cell in row) for row in rows)]) + "\n"
        if self.form == "parquet":
            shutil.rmtree(self.scratch, ignore_errors=True)
            self.scratch.mkdir()
            (self.scratch / "one.csv").write_text(text, encoding="utf-8")
            must("convert", self.scratch / "one.csv", "--to", self.scratch / "out", "--quiet")
            made = []
            for path in sorted((self.scratch / "out").rglob("*.parquet")):
                made.append(stem.with_name(f"{stem.name}-{path.name}"))
                shutil.copyfile(path, made[-1])
            self.names[number] = made
        else:
            path = stem.with_name(stem.name + (".csv.gz" if self.form == "gzip" else ".csv"))
            path.write_bytes(gzip.compress(text.encode(), 1) if self.form == "gzip" else text.encode())
            self.names[number] = [path]

    def add(self):
        absent = [n for n in range(len(self.chunks)) if n not in self.names]
        for number in self.dice.sample(absent, min(len(absent), self.dice.randint(1, 4))):
            self.write(number, self.chunks[number][2])

    def change(self):
        if self.names:
            number = self.dice.choice(sorted(self.names))
            rows = self.chunks[number][2]
            self.write(number, self.dice.sample(rows, self.dice.randint(1, len(rows))))

    def remove(self):
        for number in self.dice.sample(sorted(self.names), min(len(self.names), self.dice.randint(1, 3))):
            for path in self.names.pop(number):
                path.unlink()

    def rename(self):
        if self.names:
            number = self.dice.choice(sorted(self.names))
            moved = [path.with_name("z" + path.name) for path in self.names[number]]
            for old, new in zip(self.names[number], moved):
                old.rename(new)
            self.names[number] = moved

    def touch(self):
        for paths in list(self.names.values())[:2]:
            for path in paths:
                path.touch()

    def nothing(self):
        time.sleep(0)


class Settings:
    def __init__(self, case, dice):
        self.case, self.dice = dict(case), dice
        self.words, self.days = [], []
        self.all_days = (case["start"], case["end"])

    def other_settings(self):
        which = self.dice.randrange(4)
        if which == 0:
            self.case["enabled_keys"] = self.dice.sample(["app", "tier", "env", "team", "zone"], self.dice.randint(0, 4))
        elif which == 1:
            self.words = self.dice.choice([[], ["--labels", "hourly"], ["--cluster-alias", "b"]])
        elif which == 2:
            self.case["cost_categories"] = [{"id": self.dice.randint(1, 4), "pattern": self.dice.choice(["%", "kube-%", "a%"])}]
        else:
            self.case["nodes"] = [] if self.case.get("nodes") else [{"node": "node-1", "role": "infra"}]

    def other_days(self):
        first, last = (datetime.date.fromisoformat(day) for day in self.all_days)
        one, other = sorted(first + datetime.timedelta(self.dice.randint(0, (last - first).days)) for _ in range(2))
        self.days = self.dice.choice([[], ["--start", first, "--end", last], ["--start", one], ["--start", one, "--end", other]])


class Sinks:
    """Those of --changed, and those of plain runs beside them."""

    def __init__(self, folder, dice):
        self.folder, self.dice = folder, dice
        self.changed = [folder / "changed.db", folder / "changed"]
        self.plain = [folder / "plain.db", folder / "plain"]

    def run(self, sinks, words):
        targets = ["--to", sinks[0], "--to", f"{sinks[1]}/"]
        return run("aggregate", *words, *targets)

    def damage(self):
        """Takes away rows, files or a ledger; what is left tells that the days must be made again."""
        base, place = self.changed
        ledger = self.folder / "changed.shukei-ledger.db"
        which = self.dice.randrange(4)
        if which == 0 and base.exists():
            with sqlite3.connect(base) as db:
                db.execute(f"DELETE FROM {harness.TABLE} WHERE usage_start = (SELECT min(usage_start) FROM {harness.TABLE})"
                           " AND rowid % 2 = 0")
            db.close()
            return True
        files = sorted(place.rglob("*.parquet"))
        if which == 1 and files:
            self.dice.choice(files).unlink()
            return True
        if which == 2 and ledger.exists():
            ledger.write_bytes(self.dice.choice([b"", b"no database", ledger.read_bytes()[:5000]]))
        elif which == 3 and base.exists():
            with sqlite3.connect(base) as db:
                db.execute("DROP TABLE IF EXISTS shukei_ledger_days")
            db.close()
        return False

    def rows(self, sinks):
        base, place = sinks
        table = sorted(tuple(row.items()) for row in rows_of_sqlite(base)) if base.exists() else []
        files = {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*.parquet")}
        return table, files


class Sequence:
    """Reports and settings of a random case, to which something happens in each step; sinks are the caller's."""

    def __init__(self, folder, seed, dice):
        script = harness.need_shared("reference/make_case.py")
        subprocess.run([sys.executable, script, str(seed), folder / "case", "--days", "5"], check=True)
        case = json.loads((folder / "case/case.json").read_text())
        self.folder, self.seed, self.dice, self.history = folder, seed, dice, []
        self.place = Place(folder, dice.choice(["csv", "gzip", "parquet"]), chunks_of(folder / "case/input", dice), dice)
        self.settings = Settings(case, dice)
        for _ in range(3):
            self.place.add()

    def step(self, always, *more, taken=()):
        """Something that happens, one of `more` perhaps, and the words of a run after it; `always`: with all days. `taken`: what
        the configuration does not say, since the words do."""
        place, settings = self.place, self.settings
        what = self.dice.choice([place.add, place.add, place.change, place.remove, place.rename, place.touch, place.nothing,
                                 settings.other_settings, settings.other_days, *more])
        damaged = what() is True
        self.history.append(what.__name__)
        for key in ("start", "end", *taken):
            settings.case.pop(key, None)
        config = self.folder / "config.json"
        config.write_text(json.dumps(settings.case))
        days = ["--start", settings.all_days[0], "--end", settings.all_days[1]] if always or damaged else settings.days
        return what, [place.folder, "--config", config, *settings.words, *days]

    def told(self, step, got):
        return f"seed {self.seed}, {self.place.form}, step {step}, {self.history}: {got.stderr.decode(errors='replace')}"


def sequence(seed, counts):
    dice = random.Random(seed)
    with harness.Folder() as folder:
        of = Sequence(folder, seed, dice)
        sinks = Sinks(folder, dice)
        always = dice.random() < 0.3  # all days asked for in every step
        for step in range(STEPS):
            _, words = of.step(always, sinks.damage)
            stats = folder / "stats.json"
            got = sinks.run(sinks.changed, [*words, "--changed", "--explain", "--stats", stats, "--threads", dice.choice([1, 3])])
            plain = sinks.run(sinks.plain, words)
            where = of.told(step, got)
            assert got.returncode == plain.returncode, f"exit {got.returncode}, plain {plain.returncode}: {where}{plain.stderr.decode()}"
            if got.returncode == 0:
                figures = json.loads(stats.read_text())
                counts["made"] += figures["days_made"]
                counts["kept"] += figures["days_kept"]
            a, b = sinks.rows(sinks.changed), sinks.rows(sinks.plain)
            assert a[0] == b[0], f"{len(a[0])} rows in the table, {len(b[0])} by a plain run: {where}"
            assert a[1] == b[1], f"datasets differ in {[n for n in sorted(set(a[1]) | set(b[1])) if a[1].get(n) != b[1].get(n)]}: {where}"
            counts["steps"] += 1


def sequences():
    count = int(os.environ.get("SHUKEI_SEQUENCES", "25"))
    harness.need_shared("reference")
    counts = collections.Counter()

    def made_and_kept():
        print(f"{count} sequences, {counts['steps']} steps: {counts['made']} days made, {counts['kept']} kept")
        assert counts["kept"] > counts["made"] // 4 > 0, "hardly a day was kept"
    harness.main([(f"seed {SEED + n}", lambda n=n: sequence(SEED + n, counts)) for n in range(count)]
                 + [("made and kept", made_and_kept)])


def hourly(folder, pods):
    """A month with an object of pods for every hour of 31 days, and the other reports by the day."""
    for day in range(1, 32):
        made = folder / "made"
        must("generate", "20k", "--pods", pods, "--nodes", 10, "--namespaces", 20, "--hours", 24, "--start",
             f"2025-10-{day:02}", "--to", made, "--quiet")
        for path in made.glob("*.csv"):
            if "pod" not in path.name:
                (folder / "in" / f"{day:02}").mkdir(parents=True, exist_ok=True)
                path.rename(folder / "in" / f"{day:02}" / path.name)
                continue
            header, *lines = path.read_text().splitlines(keepends=True)
            at, hours = header.split(",").index("interval_start"), collections.defaultdict(list)
            for line in lines:
                hours[line.split(",")[at][11:13]].append(line)
            for hour, of_hour in hours.items():
                target = folder / "in" / f"{day:02}" / f"{hour}-{path.name}"
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(header + "".join(of_hour))
        shutil.rmtree(made)
    return folder / "in"


def seconds(words):
    """Processor time and time of a run."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    must(*words)
    took, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, took


def month():
    pods = int(os.environ.get("SHUKEI_MONTH_PODS", "60"))
    with harness.Folder() as folder:
        source, changed, full = hourly(folder, pods), folder / "changed.db", folder / "full.db"
        objects = sum(1 for path in source.rglob("*.csv"))
        must("aggregate", source, "--to", changed, "--changed", "--quiet")
        template = next(source.glob("15/03-*pod*"))
        lines = template.read_text().splitlines(keepends=True)
        whole, one = [], []
        for turn in range(5):
            new = template.with_name(f"late-{turn}.csv")
            must("aggregate", source, "--to", changed, "--changed", "--quiet")
            new.write_text("".join([lines[0], *(line.replace(",pod-", f",late{turn}-") for line in lines[1:])]))

            full.unlink(missing_ok=True)
            whole.append(seconds(["aggregate", source, "--to", full, "--quiet"]))
            one.append(seconds(["aggregate", source, "--to", changed, "--changed", "--quiet", "--stats", folder / "stats.json"]))
            figures = json.loads((folder / "stats.json").read_text())
            assert (figures["days_made"], figures["days_kept"]) == (1, 30), figures["days_made"]
            assert figures["files"] <= 24 + 4, f"{figures['files']} objects were read for one day"
            a, b = (sorted(tuple(row.items()) for row in rows_of_sqlite(base)) for base in (changed, full))
            assert a == b, "other rows than those of the whole month"
            new.unlink()
        times = min(whole)[0] / min(one)[0]
        print(f"{objects} objects, {pods} pods: the month {min(whole)[0]:.3f} s of processor time, one changed day {min(one)[0]:.3f} s,"
              f" {times:.1f} times; {min(t for _, t in whole):.3f} s and {min(t for _, t in one):.3f} s by the clock,"
              f" {min(t for _, t in whole) / min(t for _, t in one):.1f} times")


def small(folder, days=3):
    for day in range(1, days + 1):
        must("generate", "20k", "--pods", 20, "--nodes", 2, "--namespaces", 2, "--hours", 3, "--start", f"2025-10-{day:02}",
             "--to", folder / "in" / str(day), "--quiet")
    for path in (folder / "in").rglob("*.csv"):
        os.utime(path, ns=(10**18, 10**18 + 1))
    return folder / "in"


def figures(folder, *words):
    must("aggregate", folder / "in", "--changed", "--quiet", "--stats", folder / "stats.json", *words)
    stats = json.loads((folder / "stats.json").read_text())
    return stats["days_made"], stats["days_kept"], stats["files"]


def same_time():
    """A file that is changed within a moment, in place and to the same length, keeps size, time and inode."""
    with harness.Folder() as folder:
        pods = next((small(folder) / "2").glob("*pod*"))
        now = time.time_ns() + 10**10  # the clock of a file server may be ahead, too
        text = pods.read_text()
        os.utime(pods, ns=(now, now))
        words = ("--to", folder / "a.db")
        assert figures(folder, *words)[:2] == (3, 0)
        pods.write_text(text.replace("pod-0", "qod-0"))
        os.utime(pods, ns=(now, now))
        assert figures(folder, *words)[:2] == (1, 2), "the change was not seen"
        must("aggregate", folder / "in", "--to", folder / "b.db", "--quiet")
        assert sorted(map(str, rows_of_sqlite(folder / "a.db"))) == sorted(map(str, rows_of_sqlite(folder / "b.db")))


def nothing_to_do():
    """No report is opened and nothing is written where nothing has changed."""
    with harness.Folder() as folder:
        small(folder)
        words = ("--to", folder / "a.db", "--to", f"{folder}/d/")
        assert figures(folder, *words)[:2] == (3, 0)

        def files():
            return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in folder.rglob("*")
                    if path.is_file() and path.name != "stats.json"}
        before = files()
        for path in (folder / "in").rglob("*.csv"):  # who opens one finds no report
            was = path.stat()
            with open(path, "r+b") as file:
                file.write(b"x" * was.st_size)
            os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
        assert figures(folder, *words) == (0, 3, 0)
        assert files() == before, "something was written"


def ledgers_do_not_grow():
    """Objects that are gone leave the ledger; those of days that were not asked for stay."""
    with harness.Folder() as folder:
        small(folder)
        words = ("--to", folder / "a.db")
        figures(folder, *words)

        def noted():
            with sqlite3.connect(folder / "a.db") as db:
                return {pathlib.Path(path).parent.name for path, in db.execute("SELECT path FROM shukei_ledger_objects")}
        assert noted() == {"1", "2", "3"}
        shutil.rmtree(folder / "in/2")
        figures(folder, *words, "--start", "2025-10-03")
        assert noted() == {"1", "2", "3"}
        figures(folder, *words)
        assert noted() == {"1", "3"}


def explained():
    """Reasons, each day its own, also as objects of the log; nothing is written by a dry run."""
    with harness.Folder() as folder:
        small(folder)
        words = ["aggregate", "in", "--changed", "--explain", "--to", "a.db", "--start", "2025-10-01", "--end", "2025-10-09"]

        def reasons(*more):
            told = must(*words, *more, cwd=folder).stderr.decode().splitlines()
            return [line.removeprefix("shukei: info: ") for line in told
                    if ": 2025-" in line or '"message": "2025-' in line]
        none = [f"2025-10-0{day}: a.db has no ledger yet" for day in (1, 2, 3)]
        assert reasons("--dry-run") == none
        assert not (folder / "a.db").exists()
        assert reasons() == none
        assert reasons() == []
        pods = next((folder / "in/1").glob("*pod*"))
        pods.rename(pods.with_name("other.csv"))
        next((folder / "in/2").glob("*node*")).unlink()
        storage = next((folder / "in/3").glob("*storage*"))
        storage.write_text(storage.read_text() + storage.read_text().splitlines()[1] + "\n")
        with sqlite3.connect(folder / "a.db") as db:
            db.execute(f"INSERT INTO {harness.TABLE} (usage_start, usage_end, uuid) VALUES ('2025-10-07', '2025-10-07', 'x')")
        db.close()
        want = ["2025-10-01: 1 new (in/1/other.csv), 1 gone (in/1/cm-openshift-pod-usage-202510.csv)",
                "2025-10-02: 1 gone (in/2/cm-openshift-node-usage-202510.csv)",
                "2025-10-03: 1 changed (in/3/cm-openshift-storage-usage-202510.csv)",
                "2025-10-07: the ledger of a.db does not have the day"]
        got = reasons("--dry-run", "--log-format", "json")
        assert [json.loads(line)["message"] for line in got] == want, got
        got = reasons()
        assert got == want, got
        assert not any(row["usage_start"] == "2025-10-07" for row in rows_of_sqlite(folder / "a.db"))
        got = reasons("--cluster-id", "c")
        assert got == [f"2025-10-0{day}: settings or the program's version are others" for day in (1, 2, 3)], got


def refused():
    with harness.Folder() as folder:
        source = small(folder)
        for words, text in ((["--changed", "--to", "a.csv"], "a.csv"), (["--changed", "--to", "a.db", "--to", "-"], '"-"'),
                            (["--changed", "--dry-run"], "none is given"), (["--explain", "--to", "a.db"], "--explain")):
            got = run("aggregate", source, *words, cwd=folder)
            assert got.returncode == 2 and text in got.stderr.decode(), got.stderr
        assert sorted(path.name for path in folder.iterdir()) == ["in"]


CORNERS = [("the same time", same_time), ("nothing to do", nothing_to_do), ("ledgers do not grow", ledgers_do_not_grow),
           ("explained", explained), ("refused", refused)]

if __name__ == "__main__":
    if sys.argv[1] == "sequences":
        sequences()
    harness.main(CORNERS if sys.argv[1] == "corners" else [("month", month)])
