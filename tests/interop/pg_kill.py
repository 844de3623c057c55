#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at random moments of a run into PostgreSQL: afterwards the old rows are there or the new ones.

usage: pg_kill.py

Environment: SHUKEI_KILLS, how often (40).
"""
import os
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import TABLE, must
from pg_server import SCHEMA, SOURCE, Server
from pg_tables import COLUMNS, STAGING, fresh, table
import subprocess

KILLS = int(os.environ.get("SHUKEI_KILLS", "40"))
KEYS = ("app,tier", "app,env")
LIST = ", ".join(c for c in COLUMNS if c != "uuid")


def digest(server):
    """Of all rows of both tables, but for their uuids; waits until no run is left at the server."""
    server.wait_for("NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'shukei')", "the run is gone")
    return server.sql("".join(
        f"SELECT count(*), md5(string_agg(md5(row({LIST})::text), '' ORDER BY md5(row({LIST})::text))) FROM {SCHEMA}.{name};"
        for name in (TABLE, STAGING)))


def main_check(server, folder):
    source = folder / "reports"
    must("generate", "20k", "--to", source, "--quiet")
    staging = {**COLUMNS, **{c: "text" for c in ("source", "year", "month", "day")}}
    fresh(server, table(COLUMNS, partitioned=True), table(staging, STAGING, partitioned=True))
    commands = [[harness.PROGRAM, "aggregate", source, "--source", SOURCE, "--enabled-keys", keys, "--to", server.name(),
                 "--schema", SCHEMA, "--staging", "--quiet"] for keys in KEYS]
    wanted, seconds = [], []
    for command in commands:
        begun = time.monotonic()
        subprocess.run(command, check=True, env=harness.environment())
        seconds.append(time.monotonic() - begun)
        wanted.append(digest(server))
    assert wanted[0] != wanted[1]
    dice, now, seen = random.Random(3), 1, {"old": 0, "new": 0}
    for kill in range(KILLS):
        other = 1 - now
        run = subprocess.Popen(commands[other], env=harness.environment(), stderr=subprocess.DEVNULL)
        time.sleep(dice.uniform(0, 1.1 * max(seconds)))
        run.kill()
        run.wait()
        found = digest(server)
        assert found in wanted, f"kill {kill}: neither the old rows nor the new ones: {found}"
        seen["new" if found == wanted[other] else "old"] += 1
        now = wanted.index(found)
    assert KILLS < 20 or min(seen.values()) > 0, f"not tried at all places: {seen}"
    subprocess.run(commands[1 - now], check=True, env=harness.environment())
    assert digest(server) == wanted[1 - now], "the next run did not put it right"
    print(f"{KILLS} kills: {seen['old']} times the old rows, {seen['new']} times the new ones")


def main():
    with Server() as server, harness.Folder() as folder:
        harness.main([("kills", lambda: main_check(server, folder))])


if __name__ == "__main__":
    main()
