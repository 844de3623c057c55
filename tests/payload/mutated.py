#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Archives changed by chance: refused with exit status 3 and nothing written, or read right.

usage: mutated.py

SHUKEI_MUTATED_ARCHIVES (60): how many. Right is what the plain model (model.py) makes of them. And every
truncation of a small archive is refused.
"""
import gzip
import io
import json
import os
import pathlib
import random
import sys
import tarfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from archives import COLUMNS, HOUR, START, Cluster, pack, table
from harness import Folder, run
from model import Model

MUTATED = int(os.environ.get("SHUKEI_MUTATED_ARCHIVES", "60"))


def check(ok, why):
    if not ok:
        raise AssertionError(why)


def make(dice, cluster, number):
    """(name, bytes) of a payload of six hours."""
    begin = START + 6 * number * HOUR
    text = {"uuid": f"u{number}", "cluster_id": cluster.id, "version": "3", "date": "2025-10-01T00:00:00Z",
            "start": begin.isoformat() + "Z", "end": (begin + 6 * HOUR).isoformat() + "Z", "files": []}
    members = []
    for report in COLUMNS:
        rows = sum((cluster.rows(report, begin + h * HOUR, 1.5) for h in range(6)), [])
        members.append((f"part-{len(members)}.csv", table(report, rows, dice)))
    text["files"] = [name for name, _ in members]
    return [("manifest.json", json.dumps(text).encode())] + members


def flip(dice, data):
    changed = bytearray(data)
    for _ in range(dice.randint(1, 3)):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def mutate(dice, path, members):
    """Changes the archive: its bytes, those of the tar within, its length, its members or their names."""
    data = path.read_bytes()
    how = dice.choice(["bits", "cut", "tar bits", "tar bits", "tar cut", "renamed", "manifest", "member", "behind"])
    if how == "bits":
        path.write_bytes(flip(dice, data))
    elif how == "cut":
        path.write_bytes(data[:dice.randrange(len(data))])
    elif how == "tar bits":
        path.write_bytes(gzip.compress(flip(dice, gzip.decompress(data)), 1))
    elif how == "tar cut":
        text = gzip.decompress(data)
        path.write_bytes(gzip.compress(text[:dice.randrange(len(text))], 1))
    elif how == "behind":
        path.write_bytes(data + dice.randbytes(dice.randint(1, 600)))
    else:
        number = 0 if how == "manifest" else dice.randrange(len(members))
        name, text = members[number]
        if how == "renamed":
            name = dice.choice(["", "../", "/", "x/", "./", "._"]) + dice.choice([name, "part-1.csv", "manifest.json", ".."])
        else:
            text = flip(dice, text)
        pack(path, members[:number] + [(name, text)] + members[number + 1:])
    return how


def expected(paths, cluster, folder):
    """What the model makes of them: standard output, or None where it can make nothing of them."""
    try:
        model = Model(paths)
        if model.bad or not model.write(cluster, folder / "plain"):
            return None
    except (ValueError, AttributeError, TypeError, IndexError, KeyError):
        return None
    got = run("aggregate", folder / "plain", "--to", "-", "--quiet", "--cluster-id", cluster)
    return got.stdout if got.returncode == 0 else None


def mutated(seed):
    dice = random.Random(seed)
    with Folder() as folder:
        cluster = Cluster(dice, 0)
        payloads = [make(dice, cluster, n) for n in range(2)]
        paths = [pack(folder / f"in/{n}.tar.gz", members, style=dice.choice([tarfile.USTAR_FORMAT, tarfile.PAX_FORMAT]))
                 for n, members in enumerate(payloads)]
        how = mutate(dice, paths[1], payloads[1])
        got = run("aggregate", folder / "in", "--to", folder / "out.csv", "--memory", "64MiB", "--cluster-id", cluster.id)
        text = got.stderr.decode(errors="replace")
        check(got.returncode in (0, 3), f"{how}: exit {got.returncode}: {text}")
        if got.returncode == 3:
            check(not (folder / "out.csv").exists(), f"{how}: refused, and yet written")
            check(text.count("shukei: error") == 1 or "shukei: " in text, f"{how}: no message")
            return
        want = expected(paths, cluster.id, folder)
        check(want == (folder / "out.csv").read_bytes(), f"{how}: read, but not right\n{text}")


def truncations():
    with Folder() as folder:
        rows = b"interval_start,node,node_labels\n2025-10-01,n,\n"
        manifest = {"uuid": "u", "cluster_id": "c", "date": "2025-10-01T00:00:00Z", "files": ["a.csv"]}
        whole = pack(folder / "whole.tar.gz", [("manifest.json", json.dumps(manifest).encode()), ("a.csv", rows)])
        path, data = folder / "in.tar.gz", whole.read_bytes()
        for length in range(0, len(data), 1 if MUTATED >= 500 else 7):
            path.write_bytes(data[:length])
            got = run("aggregate", path, "--to", folder / "out.csv")
            check(got.returncode == 3, f"cut at {length} of {len(data)}: exit {got.returncode} {got.stderr}")
            check(not (folder / "out.csv").exists(), f"cut at {length}: written")


if __name__ == "__main__":
    harness.main([(f"archive {seed}", lambda s=seed: mutated(s)) for seed in range(MUTATED)] + [("truncations", truncations)])
