#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at random moments of a run into a dataset in MinIO: each day's object is the old one or the new one, whole. The
next run is right and leaves nothing that was begun: no upload, no lock. In half of the turns the runs are those of
--changed.

usage: s3_kill.py

Environment: SHUKEI_KILLS, how often (20), a quarter as often with large days.
"""
import os
import pathlib
import random
import sys

import peers
from harness import ROOT, Folder, must, main, skip
from s3_servers import MinIO

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "bad"))
import killed

KILLS = int(os.environ.get("SHUKEI_KILLS", "20"))
PLACE = "s3://kills/set/"


def objects_of(server):
    return {key: server.get(f"s3://kills/{key}") for key in server.keys("kills")}


def shown(found):
    return {key: body for key, body in found.items() if not key.rsplit("/", 1)[-1].startswith(".") and key.endswith(".parquet")}


def kills(server, words_of, count):
    """words_of(0) and (1): the runs that replace each other's days."""
    server.take("kills")
    env, dice, wanted = server.environment(), random.Random(killed.SEED), []
    for number in (0, 1):
        must(*words_of(number), "--source", "mine", variables=env)
        wanted.append(server.take("kills"))
    assert wanted[0] != wanted[1] and len(wanted[0]) > 5, [sorted(one) for one in wanted]
    must(*words_of(0), "--source", "other", variables=env)
    others = objects_of(server)
    usual = killed.timed([*words_of(0), "--source", "mine"], env)
    ended, mixed, left, parts, locked = 0, 0, 0, 0, 0
    for turn in range(count):
        old, new = wanted[turn % 2], wanted[1 - turn % 2]
        words = [*words_of(1 - turn % 2), "--source", "mine", *(["--changed"] if turn % 4 >= 2 else [])]
        ended += killed.kill_at(words, killed.moment(dice) * usual, env)
        everything = objects_of(server)
        now = {key: body for key, body in shown(everything).items() if key not in others}
        for key in sorted(set(old) | set(new)):
            assert now.get(key) in (old.get(key), new.get(key)), f"turn {turn}: {key} is neither old nor new"
        assert set(now) <= set(old) | set(new), f"turn {turn}: {sorted(set(now) - set(old) - set(new))}"
        mixed += now not in (old, new)
        uploads = server.uploads("kills")
        left += bool(uploads)
        parts += any(key.endswith(".parquet") for key in uploads)
        locked += any(key.endswith(".lock") for key in everything)
        usual = (usual + killed.timed(words, env)) / 2
        everything = objects_of(server)
        rest = {key for key in everything if key not in new and key not in others}
        assert shown(everything) == {**new, **others}, f"turn {turn}: the next run's days are others"
        assert rest <= {"set.mine.shukei-ledger.db"}, f"turn {turn}: left {rest}"
        assert not server.uploads("kills"), f"turn {turn}: left the uploads of {server.uploads('kills')}"
    print(f"{count} runs, {ended} killed, {left} of which left uploads ({parts} of days), {locked} a lock, {mixed} between two days")
    assert ended > count // 4 and left, "hardly a run was killed in time"
    server.take("kills")
    return parts


def small(server, folder):
    """Days that come and go, each one request."""
    sources = killed.both(folder)
    kills(server, lambda number: killed.words_of(sources[number], PLACE)[:-2], KILLS)


def large(server, folder):
    """Days that are sent before the commit, since there is little memory."""
    must("generate", "small", "--hours", "240", "--scale-factor", "100", "--format", "parquet", "--to", folder / "large", "-q")
    words = ("aggregate", folder / "large", "--to", PLACE, "--quiet", "--memory", "16MiB", "--threads", "1", "--start",
             "2025-10-01", "--end", "2025-10-31")
    parts = kills(server, lambda number: [*words, "--enabled-keys", ("app,tier,env,node,pod", "tier,env,node,pod")[number]], KILLS // 4)
    assert KILLS < 40 or parts, "no run was killed while days were on their way"


if __name__ == "__main__":
    if not (ROOT / ".cache/bin/minio").exists():
        skip("tools/minio.sh has built no MinIO")
    with MinIO(ROOT / ".cache/bin/minio") as server, Folder() as folder:
        server.make("kills")
        main([(what.__name__, lambda w=what: w(server, folder)) for what in (small, large)])
