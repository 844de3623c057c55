#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at random moments of a run into a dataset in MinIO: each day's object is the old one or the new one, whole. The
next run is right and leaves nothing that was begun: no upload, no lock. In half of the turns the runs are those of
--changed.

usage: s3_kill.py

Environment: SHUKEI_KILLS, how often (40).
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

KILLS = int(os.environ.get("SHUKEI_KILLS", "40"))
PLACE = "s3://kills/set/"


def objects_of(server):
    return {key: server.get(f"s3://kills/{key}") for key in server.keys("kills")}


def shown(found):
    return {key: body for key, body in found.items() if not key.rsplit("/", 1)[-1].startswith(".") and key.endswith(".parquet")}


def kills(server, folder):
    env, dice = server.environment(), random.Random(killed.SEED)
    sources, wanted = killed.both(folder), []
    for source in sources:
        must(*killed.words_of(source, PLACE), variables=env)
        wanted.append(server.take("kills"))
    assert set(wanted[0]) != set(wanted[1]) and len(wanted[0]) == 11, [sorted(one) for one in wanted]
    must("aggregate", sources[0], "--to", PLACE, "--source", "other", "--quiet", variables=env)
    others = objects_of(server)
    usual = killed.timed(killed.words_of(sources[0], PLACE), env)
    count, mixed, left, locked = 0, 0, 0, 0
    for turn in range(KILLS):
        old, new = wanted[turn % 2], wanted[1 - turn % 2]
        words = [*killed.words_of(sources[1 - turn % 2], PLACE), *(["--changed"] if turn % 4 >= 2 else [])]
        count += killed.kill_at(words, killed.moment(dice) * usual, env)
        everything = objects_of(server)
        now = {key: body for key, body in shown(everything).items() if key not in others}
        for key in sorted(set(old) | set(new)):
            assert now.get(key) in (old.get(key), new.get(key)), f"turn {turn}: {key} is neither old nor new"
        assert set(now) <= set(old) | set(new), f"turn {turn}: {sorted(set(now) - set(old) - set(new))}"
        mixed += now not in (old, new)
        left += bool(server.uploads("kills"))
        locked += any(key.endswith(".lock") for key in everything)
        usual = (usual + killed.timed(words, env)) / 2
        everything = objects_of(server)
        rest = {key for key in everything if key not in new and key not in others}
        assert shown(everything) == {**new, **others}, f"turn {turn}: the next run's days are others"
        assert rest <= {"set.mine.shukei-ledger.db"}, f"turn {turn}: left {rest}"
        assert not server.uploads("kills"), f"turn {turn}: left the uploads of {server.uploads('kills')}"
    print(f"{KILLS} runs, {count} killed, {left} of which left uploads, {locked} a lock, {mixed} between two days")
    assert count > KILLS // 4 and left, "hardly a run was killed in time"
    server.take("kills")


if __name__ == "__main__":
    if not (ROOT / ".cache/bin/minio").exists():
        skip("tools/minio.sh has built no MinIO")
    with MinIO(ROOT / ".cache/bin/minio") as server, Folder() as folder:
        server.make("kills")
        main([("kills", lambda: kills(server, folder))])
