#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at random moments of a run into PostgreSQL: afterwards the old rows are there or the new ones.

usage: pg_kill.py rows|clusters|changed

rows: with other settings; clusters: payloads of two clusters; changed: --changed, whose ledger fits the rows. All with the
staging table.

Environment: SHUKEI_KILLS, how often (40).
"""
import json
import os
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import TABLE, must
from pg_server import OTHER, SCHEMA, SOURCE, Server
from pg_tables import COLUMNS, STAGING, fresh, table

KILLS = int(os.environ.get("SHUKEI_KILLS", "40"))
KEYS = ("app,tier", "app,env")
LIST = ", ".join(c for c in COLUMNS if c != "uuid")
# Of the ledger what does not differ from run to run, and whether its marks are those of the rows.
LEDGER = f"""
SELECT md5(string_agg(settings || objects, '' ORDER BY day)), bool_and(mark =
  (SELECT count(*) || ' ' || sum(hashtextextended(uuid::text, 0)) FROM {SCHEMA}.{TABLE} t WHERE t.usage_start = l.day) || '/' ||
  (SELECT count(*) || ' ' || sum(hashtextextended(uuid::text, 0)) FROM {SCHEMA}.{STAGING} t WHERE t.usage_start = l.day) || '/')
FROM {SCHEMA}.shukei_ledger_days l;
"""


class Rows:
    """The same reports with one setting and another."""

    digest_more = ""

    def __init__(self, server, folder):
        self.source = folder / "reports"
        must("generate", "20k", "--to", self.source, "--quiet")
        self.commands = [self.command(server, "--source", SOURCE, "--enabled-keys", keys) for keys in KEYS]

    def command(self, server, *words):
        return [harness.PROGRAM, "aggregate", self.source, *words, "--to", server.name(), "--schema", SCHEMA, "--staging", "--quiet"]

    def turn(self, number):
        """Before a run that is to make these rows."""


class Clusters(Rows):
    def __init__(self, server, folder):
        self.source = folder / "payloads"
        for number, cluster in enumerate(("one", "two")):
            must("generate", "20k", "--pods", 100, "--nodes", 3, "--namespaces", 5, "--hours", 30, "--seed", number + 1, "--to",
                 self.source / cluster, "--payload", "--cluster-id", cluster, "--quiet")
        config = folder / "config.json"
        config.write_text(json.dumps({"clusters": [{"cluster_id": "one", "source": SOURCE}, {"cluster_id": "two", "source": OTHER}]}))
        self.commands = [self.command(server, "--config", config, "--enabled-keys", keys) for keys in KEYS]


class Changed(Rows):
    """One object of one day among four is there in one version or in another."""

    digest_more = LEDGER

    def __init__(self, server, folder):
        self.source, self.versions = folder / "reports", []
        for day in range(1, 5):
            must("generate", "20k", "--pods", 100, "--nodes", 3, "--namespaces", 5, "--hours", 24, "--start", f"2025-10-{day:02}", "--to",
                 self.source / str(day), "--quiet")
        self.path = next((self.source / "2").glob("*pod*"))
        text = self.path.read_text()
        for number, version in enumerate((text, text.replace("pod-0", "qod-0"))):
            self.versions.append(folder / f"{number}.csv")
            self.versions[-1].write_text(version)
        for path in [*self.source.rglob("*.csv"), *self.versions]:  # not so young that they might change without another time
            os.utime(path, ns=(10**18, 10**18))
        self.commands = 2 * [self.command(server, "--source", SOURCE, "--changed")]

    def turn(self, number):
        self.path.unlink()
        os.link(self.versions[number], self.path)


def digest(server, more):
    """Of all rows of both tables, but for their uuids; waits until no run is left at the server."""
    server.wait_for("NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'shukei')", "the run is gone")
    return server.sql("".join(
        f"SELECT count(*), md5(string_agg(md5(row({LIST})::text), '' ORDER BY md5(row({LIST})::text))) FROM {SCHEMA}.{name};"
        for name in (TABLE, STAGING)) + more)


def main_check(server, case):
    staging = {**COLUMNS, **{c: "text" for c in ("source", "year", "month", "day")}}
    fresh(server, table(COLUMNS, partitioned=True), table(staging, STAGING, partitioned=True))
    wanted, seconds = [], []
    for number, command in enumerate([case.commands[0], *case.commands]):
        case.turn(max(number - 1, 0))
        begun = time.monotonic()
        subprocess.run(command, check=True, env=harness.environment())
        if number:
            seconds.append(time.monotonic() - begun)
            wanted.append(digest(server, case.digest_more))
    assert wanted[0] != wanted[1] and not any(text.endswith("f") for text in wanted if case.digest_more), wanted
    dice, now, seen = random.Random(3), 1, {"old": 0, "new": 0}
    for kill in range(KILLS):
        other = 1 - now
        case.turn(other)
        run = subprocess.Popen(case.commands[other], env=harness.environment(), stderr=subprocess.DEVNULL)
        time.sleep(dice.uniform(0, 1.3 * max(seconds)))
        run.kill()
        run.wait()
        found = digest(server, case.digest_more)
        assert found in wanted, f"kill {kill}: neither the old rows nor the new ones: {found}"
        seen["new" if found == wanted[other] else "old"] += 1
        now = wanted.index(found)
    assert KILLS < 20 or min(seen.values()) > 0, f"not tried at all places: {seen}"
    case.turn(1 - now)
    subprocess.run(case.commands[1 - now], check=True, env=harness.environment())
    assert digest(server, case.digest_more) == wanted[1 - now], "the next run did not put it right"
    print(f"{KILLS} kills: {seen['old']} times the old rows, {seen['new']} times the new ones")


def main(what):
    with Server() as server, harness.Folder() as folder:
        case = {"rows": Rows, "clusters": Clusters, "changed": Changed}[what](server, folder)
        harness.main([("kills", lambda: main_check(server, case))])


if __name__ == "__main__":
    main(sys.argv[1])
