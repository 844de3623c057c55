#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Payloads of several clusters in one run into PostgreSQL.

usage: pg_clusters.py
"""
import json
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import TABLE, must
from pg_faults import hold_lock, lock_of, release, waits
from pg_server import OTHER, SCHEMA, SOURCE, Server
from pg_tables import COLUMNS, STAGING, fresh, rows, stay, table

FULL = f"{SCHEMA}.{TABLE}"
THIRD = "99999999-1111-4222-8333-444444444444"
SOURCES = {"one": SOURCE, "two": OTHER, "three": THIRD}
STARTS = {"one": "2025-09-29", "two": "2025-10-01", "three": "2025-09-30"}  # two days each, across the end of a month
TEXTS = {**COLUMNS, **{c: "text" for c in ("source", "year", "month", "day")}}


def payloads(folder, clusters=SOURCES):
    for cluster in clusters:
        must("generate", "20k", "--pods", 6, "--hours", 30, "--start", STARTS[cluster], "--seed", len(cluster), "--to",
             folder / "in" / cluster, "--payload", "--cluster-id", cluster, "--quiet")
    return folder / "in"


def config(folder, clusters=SOURCES, **other):
    path = folder / "config.json"
    path.write_text(json.dumps({"enabled_keys": ["app"], "clusters": [
        {"cluster_id": c, "source": {**SOURCES, **other}[c], "cluster_alias": f"alias {c}"} for c in clusters]}))
    return path


class Check:
    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        self.source, self.config = payloads(folder), config(folder)

    def run(self, *more, name=None, to=SCHEMA):
        return must("aggregate", self.source, "--config", self.config, "--to", name or self.server.name(), "--schema", to,
                    "--quiet", *more)

    def ask(self, query):
        return self.server.sql(f"SELECT {query}")

    def days(self, where="true"):
        return self.ask(f"string_agg(DISTINCT usage_start || ' ' || cluster_id, ', ' ORDER BY usage_start || ' ' || cluster_id) "
                        f"FROM {FULL} WHERE {where}")

    def as_single_runs(self):
        """The rows of each, as by a run for each, in both tables, and none doubled by a second run."""
        for partitioned in (False, True):
            fresh(self.server, table(COLUMNS, partitioned=partitioned), table(TEXTS, STAGING, partitioned=partitioned))
            self.server.sql("DROP SCHEMA IF EXISTS single CASCADE")
            for cluster, source in SOURCES.items():
                must("aggregate", self.source, "--config", self.config, "--source", source, "--to", self.server.name(), "--schema",
                     "single", "--create", "--staging", "--quiet")
            for _ in range(2):
                self.run("--staging")
                for name in (TABLE, STAGING):
                    columns = ", ".join(c for c in (COLUMNS if name == TABLE else TEXTS) if c != "uuid")
                    both = [f"SELECT {columns} FROM {schema}.{name}" for schema in (SCHEMA, "single")]
                    assert self.ask(f"count(*) FROM ({both[0]} EXCEPT ALL {both[1]}) AS more") == "0"
                    assert self.ask(f"count(*) FROM ({both[1]} EXCEPT ALL {both[0]}) AS missing") == "0"
            counts = [len(rows(self.server, source)) for source in SOURCES.values()]
            assert min(counts) > 10 and self.ask(f"count(*) FROM {FULL}") == str(sum(counts))

    def own_days(self):
        """Without --start and --end each source's own days are replaced."""
        fresh(self.server, table(COLUMNS))
        for source in SOURCES.values():
            for day in ("2025-09-28", "2025-09-29", "2025-09-30", "2025-10-01", "2025-10-02"):
                stay(self.server, day=day, source=source, cost="0", namespace="old")
        self.run()
        left = self.ask(f"string_agg(usage_start || ' ' || source_uuid, ',' ORDER BY usage_start, source_uuid) FROM {FULL} "
                        "WHERE namespace = 'old'").split(",")
        want = {SOURCE: ("09-28", "10-01", "10-02"), OTHER: ("09-28", "09-29", "09-30"), THIRD: ("09-28", "09-29", "10-02")}
        assert left == sorted(f"2025-{day} {source}" for source, days in want.items() for day in days), left

    def days_asked_for(self):
        """With both all days of every source are, also of one that has no rows of them; of others and with costs none."""
        fresh(self.server, table(COLUMNS))
        for source in (*SOURCES.values(), None):
            stay(self.server, day="2025-10-02", source=source, cost="0", namespace="old")
        stay(self.server, day="2025-10-02", source=SOURCE, cost="1", namespace="costs")
        self.run("--start", "2025-10-01", "--end", "2025-10-31")
        assert self.ask(f"count(*) FROM {FULL} WHERE namespace = 'old'") == "1"
        assert self.ask(f"count(*) FROM {FULL} WHERE namespace = 'costs'") == "1"
        assert self.days("cluster_id IS NOT NULL") == "2025-10-01 three, 2025-10-01 two, 2025-10-02 two", self.days()

    def one_order_of_locks(self):
        """By the source's text, whatever the clusters' order: a run that waits for the first one holds no other."""
        fresh(self.server, table(COLUMNS))
        first, *others = sorted(SOURCES.values())
        blocker = hold_lock(self.server, first)
        runs = []
        for clusters in (list(SOURCES), list(reversed(SOURCES))):
            path = config(self.folder, clusters).rename(self.folder / f"{clusters[0]}.json")
            runs.append(subprocess.Popen(
                [harness.PROGRAM, "aggregate", self.source, "--config", path, "--to", self.server.name(), "--schema", SCHEMA,
                 "--quiet"], stderr=subprocess.PIPE, env=harness.environment()))
        config(self.folder)
        waits(self.server, 2)
        free = [self.ask(lock_of(source).replace("pg_advisory", "pg_try_advisory")) for source in others]
        release(blocker)
        assert free == ["t", "t"], "a lock is held already"
        for one in runs:
            text = one.communicate(timeout=60)[1]
            assert one.returncode == 0 and text == b"", text.decode()
        assert "deadlock" not in (self.server.folder / "log").read_text()
        self.as_before()

    def as_before(self):
        count = self.ask(f"count(*) FROM {FULL}")
        self.run()
        assert self.ask(f"count(*) FROM {FULL}") == count, "rows are doubled or missing"

    def no_uuid(self):
        """A second source that is none is told, and nothing is changed."""
        fresh(self.server, table(COLUMNS))
        self.run()
        uuids = f"md5(string_agg(uuid::text, ',' ORDER BY uuid)) FROM {FULL}"
        before = self.ask(uuids)
        path = config(self.folder, two="second").rename(self.folder / "no_uuid.json")
        config(self.folder)
        got = harness.run("aggregate", self.source, "--config", path, "--to", self.server.name(), "--schema", SCHEMA)
        assert got.returncode == 2 and 'source "second" is no UUID' in got.stderr.decode(), got.stderr.decode()
        assert self.ask(uuids) == before

    def only_what_changed(self):
        """--changed: a payload of one cluster makes its days anew; rows of the others, and its other days, stay those they were."""
        fresh(self.server, table(COLUMNS))
        uuids = f"md5(string_agg(uuid::text, ',' ORDER BY uuid)) FROM {FULL} WHERE NOT (cluster_id = 'two' AND usage_start = '2025-10-04')"
        self.run("--changed")
        before = self.ask(uuids)
        self.run("--changed")
        assert self.ask(uuids) == before, "rows were written again though nothing had changed"
        more = self.source / "more"
        must("generate", "20k", "--pods", 6, "--hours", 5, "--start", "2025-10-04", "--seed", 3, "--to", more, "--payload",
             "--cluster-id", "two", "--quiet")
        self.run("--changed")
        assert self.ask(uuids) == before and self.days("usage_start = '2025-10-04'") == "2025-10-04 two"
        self.server.sql("DROP SCHEMA IF EXISTS plain CASCADE")
        self.run("--create", to="plain")
        columns = ", ".join(c for c in COLUMNS if c != "uuid")
        both = [f"SELECT {columns} FROM {schema}.{TABLE}" for schema in (SCHEMA, "plain")]
        assert self.ask(f"count(*) FROM (({both[0]} EXCEPT ALL {both[1]}) UNION ALL ({both[1]} EXCEPT ALL {both[0]})) AS other") == "0"
        shutil.rmtree(more)
        self.run("--changed", "--start", "2025-09-01", "--end", "2025-10-31")
        assert self.ask(uuids) == before and self.days("usage_start = '2025-10-04'") == ""

    def made(self):
        """--create makes the tables and all months."""
        self.server.sql("DROP SCHEMA IF EXISTS made CASCADE")
        for _ in range(2):
            self.run("--create", "--staging", to="made")
        for name in (TABLE, STAGING):
            assert self.ask(f"string_agg(right(inhrelid::regclass::text, 7), ' ' ORDER BY inhrelid::regclass::text) FROM pg_inherits "
                            f"WHERE inhparent = 'made.{name}'::regclass") == "2025_09 2025_10"


def main():
    with Server() as server, harness.Folder() as folder:
        check = Check(server, folder)
        harness.main([(name, getattr(check, name)) for name, call in vars(Check).items() if callable(call) and call.__doc__])


if __name__ == "__main__":
    main()
