#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--changed into PostgreSQL makes the same rows as a run without it.

usage: pg_changed.py sequences   random sequences of new, changed, vanished and renamed objects, settings, days asked for,
                                 damaged tables and ledgers: after each step the rows are those of a plain run
       pg_changed.py corners     rights, reasons, ledgers of another version, many objects, days left alone

Environment: SHUKEI_SEQUENCES, how many (8).
"""
import collections
import json
import os
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "golden"))
import harness
from changed import STEPS, Sequence, small
from harness import TABLE, must, run
from pg_faults import release, waits
from pg_server import OTHER, SCHEMA, SOURCE, Server
from pg_tables import COLUMNS, STAGING, fresh, stay, table

SEED = 9301
LIST = ", ".join(c for c in COLUMNS if c != "uuid")
LEDGER = ("shukei_ledger_objects", "shukei_ledger_days")


def differences(server, one, other, name=TABLE):
    """How many rows each schema has that the other one lacks, uuids apart."""
    rows = [f"SELECT {LIST} FROM {schema}.{name}" for schema in (one, other)]
    return server.sql(f"SELECT count(*) FROM ({rows[0]} EXCEPT ALL {rows[1]}) AS more; "
                      f"SELECT count(*) FROM ({rows[1]} EXCEPT ALL {rows[0]}) AS missing").split()


class Sinks:
    """The schema that --changed fills, and that of plain runs beside it."""

    def __init__(self, server, dice):
        self.server, self.dice = server, dice
        self.staging = dice.random() < 0.4
        server.sql("DROP SCHEMA IF EXISTS changed CASCADE; DROP SCHEMA IF EXISTS plain CASCADE")

    def run(self, schema, words):
        staging = ["--staging"] if self.staging else []
        return run("aggregate", *words, *staging, "--to", self.server.name(), "--schema", schema, "--create")

    def exists(self, name):
        return self.server.sql(f"SELECT to_regclass('changed.{name}') IS NOT NULL") == "t"

    def damage(self):
        """Takes rows or a ledger away, or exchanges rows. Returns whether days have to be made for that."""
        which = self.dice.randrange(5)
        name = self.dice.choice([n for n in (TABLE, STAGING) if self.exists(n)] or [TABLE])
        if which < 3 and not self.exists(name):
            return False
        oldest = f"usage_start = (SELECT min(usage_start) FROM changed.{name})"
        if which == 0:
            self.server.sql(f"DELETE FROM changed.{name} WHERE {oldest} AND namespace < 'm'")
        elif which == 1:
            self.server.sql(f"UPDATE changed.{name} SET uuid = gen_random_uuid(), namespace = 'x' WHERE {oldest}")
        elif which == 2:
            self.server.sql(f"DELETE FROM changed.{name}")
        elif self.exists(LEDGER[0]):
            self.server.sql(f"DELETE FROM changed.{self.dice.choice(LEDGER)}" if which == 3 else
                            f"ALTER TABLE changed.{self.dice.choice(LEDGER)} DROP COLUMN source")
        return which < 3

    def other_tables(self):
        self.staging = not self.staging

    def unledgered(self):
        """Marks that the next run goes without --changed, of which the ledger does not know."""


def sequence(server, seed, counts):
    dice = random.Random(seed)
    with harness.Folder() as folder:
        of = Sequence(folder, seed, dice)
        sinks = Sinks(server, dice)
        source = ["--source", dice.choice([SOURCE, OTHER])] if dice.random() < 0.8 else []
        always = dice.random() < 0.3
        for step in range(STEPS):
            what, words = of.step(always, sinks.damage, sinks.unledgered, sinks.other_tables, taken=("source",))
            words += source
            ledger = [] if what == sinks.unledgered else ["--changed", "--explain", "--stats", folder / "stats.json"]
            got = sinks.run("changed", [*words, *ledger, "--threads", dice.choice([1, 3])])
            plain = sinks.run("plain", words)
            where = of.told(step, got)
            assert got.returncode == plain.returncode, \
                f"exit {got.returncode}, plain {plain.returncode}: {where}{plain.stderr.decode()}"
            if got.returncode == 0 and ledger:
                figures = json.loads((folder / "stats.json").read_text())
                counts["made"] += figures["days_made"]
                counts["kept"] += figures["days_kept"]
            counts["steps"] += 1
            for name in filter(sinks.exists, (TABLE, STAGING)):
                if name == STAGING and not sinks.staging:
                    continue
                found = differences(server, "changed", "plain", name)
                assert found == ["0", "0"], f"{name}: {found[0]} rows too many, {found[1]} are missing: {where}"


def sequences(server):
    count = int(os.environ.get("SHUKEI_SEQUENCES", "8"))
    harness.need_shared("reference")
    counts = collections.Counter()

    def made_and_kept():
        print(f"{count} sequences, {counts['steps']} steps: {counts['made']} days made, {counts['kept']} kept")
        assert counts["kept"] > counts["made"] // 4 > 0, "hardly a day was kept"
    return [(f"seed {SEED + n}", lambda n=n: sequence(server, SEED + n, counts)) for n in range(count)] + [
        ("made and kept", made_and_kept)]


class Corners:
    def __init__(self, server):
        self.server = server
        server.sql("CREATE ROLE worker LOGIN")

    def aggregate(self, folder, *more, user="postgres", works=True):
        got = run("aggregate", "in", "--changed", "--source", SOURCE, "--to", self.server.name(user=user), "--schema", SCHEMA,
                  "--stats", folder / "stats.json", *more, cwd=folder)
        assert (got.returncode == 0) == works, f"exit {got.returncode}: {got.stderr.decode()}"
        return got.stderr.decode()

    def figures(self, folder, *more, **options):
        self.aggregate(folder, *more, **options)
        stats = json.loads((folder / "stats.json").read_text())
        return stats["days_made"], stats["days_kept"]

    def ask(self, query):
        return self.server.sql(f"SELECT {query}")

    def days_left_alone(self):
        """Days that are not made are not touched, also between those that are, and with all days asked for."""
        fresh(self.server, table(COLUMNS, partitioned=True))
        with harness.Folder() as folder:
            source = small(folder, 4)
            ends = ("--start", "2025-10-01", "--end", "2025-10-31")
            uuids = f"md5(string_agg(uuid::text, ',' ORDER BY uuid)) FROM {SCHEMA}.{TABLE} WHERE usage_start = "
            for days in ((), ends):
                self.server.sql(f"TRUNCATE {SCHEMA}.{TABLE}")
                self.figures(folder, *days)
                before = {day: self.ask(uuids + f"'2025-10-0{day}'") for day in (1, 2, 3, 4)}
                for day in (1, 3):
                    pods = next((source / str(day)).glob("*pod*"))
                    pods.rename(pods.with_name(pods.name + "x.csv"))
                assert self.figures(folder, *days) == (2, 2)
                after = {day: self.ask(uuids + f"'2025-10-0{day}'") for day in (1, 2, 3, 4)}
                assert [day for day in after if after[day] == before[day]] == [2, 4]
            stay(self.server, day="2025-10-20", source=SOURCE, cost="NULL", namespace="old")
            stay(self.server, day="2025-10-02", source=SOURCE, cost="1", namespace="costs of others")
            assert self.figures(folder, *ends) == (1, 4)
            assert self.ask(f"count(*) FROM {SCHEMA}.{TABLE} WHERE namespace = 'old'") == "0"

    def reasons(self):
        """Each day its own; a dry run writes nothing and does not need a right to write."""
        fresh(self.server, table(COLUMNS), f"GRANT USAGE ON SCHEMA {SCHEMA} TO worker; "
              f"GRANT SELECT ON {SCHEMA}.{TABLE} TO worker;")
        name = self.server.name(user="worker")
        with harness.Folder() as folder:
            source = small(folder)

            def told(*more, user="postgres"):
                text = self.aggregate(folder, "--explain", "--start", "2025-10-01", "--end", "2025-10-09", *more, user=user)
                return [line.removeprefix("shukei: info: ") for line in text.splitlines() if ": 2025-" in line]
            want = [f"2025-10-0{day}: {name} has no ledger yet" for day in (1, 2, 3)]
            assert told("--dry-run", user="worker") == want
            assert self.ask(f"to_regclass('{SCHEMA}.{LEDGER[0]}') IS NULL") == "t"
            assert len(told()) == 3 and told() == []
            pods = next((source / "1").glob("*pod*"))
            pods.rename(pods.with_name("other.csv"))
            self.server.sql(f"UPDATE {SCHEMA}.{TABLE} SET uuid = gen_random_uuid() WHERE usage_start = '2025-10-02'; "
                            f"DELETE FROM {SCHEMA}.{TABLE} WHERE usage_start = '2025-10-03'")
            name = self.server.name()
            want = [f"2025-10-01: 1 new (in/1/other.csv), 1 gone (in/1/{pods.name})",
                    f"2025-10-02: {name} has other rows of it than those that were written",
                    f"2025-10-03: {name} has no rows of it any more"]
            self.server.sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO worker")
            got = told("--dry-run")
            assert got == want, got
            assert told() == want and told() == []
            assert told("--dry-run", user="worker") == []

    def rights(self):
        """Without the right to make the ledger, or to write it, that is told before anything is read."""
        with harness.Folder() as folder:
            small(folder)
            fresh(self.server, table(COLUMNS), f"GRANT USAGE ON SCHEMA {SCHEMA} TO worker; "
                  f"GRANT SELECT, INSERT, DELETE ON {SCHEMA}.{TABLE} TO worker;")
            text = self.aggregate(folder, user="worker", works=False)
            assert f'may not make the ledger\'s table "{SCHEMA}".{LEDGER[0]}' in text and "GRANT CREATE" in text, text
            self.figures(folder)
            text = self.aggregate(folder, user="worker", works=False)
            assert f'may not read the ledger\'s table "{SCHEMA}".{LEDGER[0]}' in text, text
            self.server.sql(f"GRANT SELECT ON {SCHEMA}.{LEDGER[0]}, {SCHEMA}.{LEDGER[1]} TO worker")
            text = self.aggregate(folder, user="worker", works=False)
            assert "may not read and write" in text and "GRANT SELECT, INSERT, UPDATE, DELETE" in text, text
            self.server.sql(f"GRANT INSERT, UPDATE, DELETE ON {SCHEMA}.{LEDGER[0]}, {SCHEMA}.{LEDGER[1]} TO worker")
            assert self.figures(folder, user="worker") == (0, 3)
            self.server.sql(f"ALTER TABLE {SCHEMA}.{LEDGER[1]} RENAME mark TO other; GRANT CREATE ON SCHEMA {SCHEMA} TO worker")
            text = self.aggregate(folder, user="worker", works=False)
            assert f"may not make the ledger's table \"{SCHEMA}\".{LEDGER[1]}" in text, text
            self.server.sql(f"DROP TABLE {SCHEMA}.{LEDGER[0]}, {SCHEMA}.{LEDGER[1]}")
            assert self.figures(folder, user="worker") == (3, 0)
            assert self.figures(folder, user="worker") == (0, 3)

    def staging(self):
        """The rows of the staging table count, too: a run that did not fill it does not vouch for it."""
        texts = {**COLUMNS, **{c: "text" for c in ("source", "year", "month", "day")}}
        fresh(self.server, table(COLUMNS), table(texts, STAGING))
        with harness.Folder() as folder:
            small(folder)
            assert self.figures(folder) == (3, 0)
            assert self.figures(folder, "--staging") == (3, 0)
            assert self.figures(folder, "--staging") == (0, 3)
            self.server.sql(f"DELETE FROM {SCHEMA}.{STAGING} WHERE day = '2'")
            assert self.figures(folder, "--staging") == (1, 2)
            found = [self.ask(f"count(*) FROM {SCHEMA}.{name}") for name in (TABLE, STAGING)]
            assert found[0] == found[1], found

    def others_meanwhile(self):
        """A plain run with other settings, then again ours: the ledger does not vouch for what it did not write."""
        fresh(self.server, table(COLUMNS))
        with harness.Folder() as folder:
            source = small(folder)
            words = ("--source", SOURCE, "--to", self.server.name(), "--schema", SCHEMA, "--quiet")
            self.figures(folder)
            must("aggregate", source / "2", *words, "--cluster-id", "other")
            assert self.figures(folder) == (1, 2)
            assert self.ask(f"count(*) FROM {SCHEMA}.{TABLE} WHERE cluster_id = 'other'") == "0"

    def no_rows_of_a_day(self):
        """A day that the objects have no summary of keeps older rows, until all days are asked for."""
        fresh(self.server, table(COLUMNS))
        with harness.Folder() as folder:
            source = small(folder, 2)
            for path in (source / "2").glob("*.csv"):
                if "node" not in path.name:
                    path.unlink()
            stay(self.server, day="2025-10-02", source=SOURCE, cost="0", namespace="old")
            old = f"count(*) FROM {SCHEMA}.{TABLE} WHERE namespace = 'old'"
            ends = ("--start", "2025-10-01", "--end", "2025-10-02")
            assert [self.figures(folder) for _ in range(2)] == [(2, 0), (0, 2)] and self.ask(old) == "1"
            assert self.figures(folder, *ends) == (1, 1) and self.ask(old) == "0"
            assert self.figures(folder, *ends) == (0, 2)

    def strange_names(self):
        """Quotes, backslashes, commas and braces in paths; one that is no UTF-8 is noted nowhere and made right."""
        fresh(self.server, table(COLUMNS))
        with harness.Folder() as folder:
            source = small(folder, 2)
            for number, name in enumerate((b'a "b" \\c {d},\'e\'.csv', b"\xff\xfe.csv")):
                pods = next((source / str(number + 1)).glob("*pod*"))
                os.rename(bytes(pods), os.path.join(bytes(pods.parent), name))
            assert self.figures(folder) == (2, 0)
            assert self.figures(folder) == (0, 2)
            assert self.ask(f"count(*) FROM {SCHEMA}.{LEDGER[0]} WHERE path = 'in/1/a \"b\" \\c {{d}},''e''.csv'") == "1"
            assert self.ask(f"count(*) FROM {SCHEMA}.{LEDGER[0]}") == "7"

    def many_objects(self):
        """More than are written and read at once."""
        fresh(self.server, table(COLUMNS))
        with harness.Folder() as folder:
            source = small(folder, 1)
            pods = next((source / "1").glob("*pod*"))
            header, *lines = pods.read_text().splitlines(keepends=True)
            pods.unlink()
            for number in range(4100):
                path = source / f"{number}.csv"
                path.write_text(header + lines[number % len(lines)])
                os.utime(path, ns=(10**18, 10**18))
            assert self.figures(folder) == (1, 0)
            count = f"count(*) FROM {SCHEMA}.{LEDGER[0]}"
            assert self.ask(count) == "4103", self.ask(count)
            assert self.figures(folder) == (0, 1)
            for number in range(3000):
                (source / f"{number}.csv").unlink()
            assert self.figures(folder) == (1, 0)
            assert self.ask(count) == "1103"
            assert self.figures(folder) == (0, 1)

    def first_use_at_once(self):
        """Runs of several sources make the ledger at the same time."""
        fresh(self.server, table(COLUMNS))
        with harness.Folder() as folder:
            small(folder, 1)
            runs = [subprocess.Popen([harness.PROGRAM, "aggregate", folder / "in", "--changed", "--quiet", "--source",
                                      f"{n}0000000-0000-4000-8000-000000000000", "--to", self.server.name(), "--schema", SCHEMA],
                                     stderr=subprocess.PIPE, env=harness.environment()) for n in range(6)]
            for one in runs:
                assert one.communicate(timeout=120)[1] == b"" and one.returncode == 0
            assert self.ask(f"count(DISTINCT source) FROM {SCHEMA}.{LEDGER[1]}") == "6"

    def as_it_is_now(self):
        """The ledger follows: the rows of an object that has more of them, a day that no object is of any more."""
        fresh(self.server, table(COLUMNS))
        with harness.Folder() as folder:
            source = small(folder).rename(folder / "csv")

            def figures():
                return self.figures(folder, "--start", "2025-10-01", "--end", "2025-10-31")
            must("convert", source, "--to", folder / "in", "--quiet")
            rows = f"sum(row_count) FROM {SCHEMA}.{LEDGER[0]} WHERE path LIKE '%pod%'"
            days = f"string_agg(day::text, ' ' ORDER BY day) FROM {SCHEMA}.{LEDGER[1]}"
            assert figures() == (3, 0) and self.ask(days) == "2025-10-01 2025-10-02 2025-10-03"
            pods, before = next((source / "1").glob("*pod*")), int(self.ask(rows))
            pods.write_text(pods.read_text() + pods.read_text().splitlines()[-1] + "\n")
            must("convert", source, "--to", folder / "in", "--quiet")
            figures()
            assert before > 0 and int(self.ask(rows)) == before + 1
            for path in (folder / "in").glob("*2025-10-03*"):
                path.unlink()
            figures()
            assert self.ask(days) == "2025-10-01 2025-10-02", self.ask(days)
            assert figures() == (0, 2)

    def another_version(self):
        """A ledger that lacks a column is made anew, and all days with it."""
        fresh(self.server, table(COLUMNS))
        with harness.Folder() as folder:
            small(folder)
            for name, column in zip(LEDGER, ("note", "mark")):
                self.figures(folder)
                self.server.sql(f"ALTER TABLE {SCHEMA}.{name} RENAME {column} TO other")
                assert [self.figures(folder) for _ in range(2)] == [(3, 0), (0, 3)]

    def one_makes_it(self):
        """Who finds no ledger waits for whoever makes the schema's tables."""
        fresh(self.server, table(COLUMNS))
        with harness.Folder() as folder:
            small(folder, 1)
            other = self.server.session()
            other.stdin.write(f"BEGIN; SELECT 'held' FROM (SELECT pg_advisory_xact_lock(hashtextextended('shukei tables of {SCHEMA}', "
                              "0))) AS a;\n")
            other.stdin.flush()
            assert other.stdout.readline().strip() == "held"
            run = subprocess.Popen([harness.PROGRAM, "aggregate", folder / "in", "--changed", "--quiet", "--source", SOURCE, "--to",
                                    self.server.name(), "--schema", SCHEMA], stderr=subprocess.PIPE, env=harness.environment())
            waits(self.server, 1)
            there = self.ask(f"to_regclass('{SCHEMA}.{LEDGER[0]}') IS NOT NULL")
            release(other)
            assert run.communicate(timeout=60)[1] == b"" and run.returncode == 0 and there == "f"

    def nothing_to_do(self):
        """Where nothing has changed nothing is written, and no lock of the rows is taken."""
        fresh(self.server, table(COLUMNS))
        with harness.Folder() as folder:
            small(folder)
            self.figures(folder)
            before = self.ask(f"pg_current_wal_insert_lsn(), count(*), max(xmin::text::bigint) FROM {SCHEMA}.{TABLE}").split("|")
            assert self.figures(folder) == (0, 3)
            after = self.ask(f"pg_current_wal_insert_lsn(), count(*), max(xmin::text::bigint) FROM {SCHEMA}.{TABLE}").split("|")
            assert before[1:] == after[1:]


def main(what):
    with Server() as server:
        if what == "sequences":
            cases = sequences(server)
        else:
            corners = Corners(server)
            cases = [(name, getattr(corners, name)) for name, call in vars(Corners).items() if callable(call) and call.__doc__]
        harness.main(cases)


if __name__ == "__main__":
    main(sys.argv[1])
