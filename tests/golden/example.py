#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""examples/summary.c, linked with libshukei alone, gives what the program gives.

usage: example.py EXAMPLE_PROGRAM
"""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness

PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
CLUSTER = harness.ROOT / "examples/cluster"


def call(*words):
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True)


def same_bytes():
    with harness.Folder() as folder:
        got = call(CLUSTER, folder / "a.csv", "app,tier")
        assert got.returncode == 0, got.stderr
        assert got.stdout.startswith("920 rows of 4 files -> "), got.stdout
        harness.must("aggregate", CLUSTER, "--enabled-keys", "app,tier", "--to", folder / "b.csv", cwd=folder)
        assert (folder / "a.csv").read_bytes() == (folder / "b.csv").read_bytes()


def error_reaches_the_caller():
    with harness.Folder() as folder:
        got = call(folder / "nowhere", folder / "a.csv")
        assert got.returncode == 1 and "nowhere" in got.stderr and "ENOTFOUND" in got.stderr, got
        assert not (folder / "a.csv").exists()


harness.main([("same bytes as the program", same_bytes), ("an error", error_reaches_the_caller)])
