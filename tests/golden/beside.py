#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a run tells of rows that it leaves beside its own, or removes for good: a source that was forgotten, reports of a
part of the cluster.

usage: beside.py
"""
import csv
import pathlib
import re
import shutil
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import TABLE, must

SAMPLE = harness.ROOT / "examples/cluster"  # 2025-10-01 and 2025-10-02
SINKS = ("out.db", "out/")


def warnings(*words):
    said = must("aggregate", *words).stderr.decode()
    return [line for line in said.splitlines() if "warning" in line and "future" not in line]


def count(sink, where):
    if sink.endswith(".db"):
        return sqlite3.connect(sink).execute(f"SELECT count(*) FROM {TABLE} WHERE {where}").fetchone()[0]
    column, value = re.fullmatch(r"(\w+) = '(\w+)'", where).groups()
    return sum(row[column] == value for path in pathlib.Path(sink).glob("**/*.parquet")
               for row in csv.DictReader(must("cat", path, "--columns", column).stdout.decode().splitlines()))


def without_source(folder):
    """Rows without a source beside those of others: told with their number; with a source nobody asks."""
    for name in SINKS:
        sink = f"{folder}/{name}"
        assert warnings(SAMPLE, "--to", sink) == []
        assert warnings(SAMPLE, "--to", sink) == [], "they replace those of before"
        assert warnings(SAMPLE, "--to", sink, "--source", "mine") == []
        there = count(sink, "source_uuid = 'mine'")
        said, = warnings(SAMPLE, "--to", sink)
        assert f'beside {there} rows of source "mine" of the same days' in said and "--source" in said, said
        said, = warnings(SAMPLE, "--to", sink, "--start", "2025-10-01", "--end", "2025-10-01")
        assert 0 < int(re.search(r"beside (\d+) rows", said)[1]) < there, said
        assert warnings(SAMPLE, "--to", sink, "--source", "else") == []
        said, = warnings(SAMPLE, "--to", sink)
        assert f'beside {2 * there} rows of source "else" and others' in said, said


def a_part_of_the_reports(folder):
    """Rows of volumes that a run without storage reports removes, and rows of pods."""
    for name, other, data_source in (("storage", "volumes", "Storage"), ("pod", "pods", "Pod")):
        part = folder / f"without-{name}"
        shutil.copytree(SAMPLE, part)
        for path in part.glob(f"*{name}*"):
            path.unlink()
        for sink in SINKS:
            to = f"{folder}/{name}-{sink}"
            words = "--to", to, "--source", "mine"
            assert warnings(part, *words) == []
            assert warnings(SAMPLE, *words) == []
            there = count(to, f"data_source = '{data_source}'")
            said, = warnings(part, *words)
            assert f"{there} rows of {other} of these days and this source are removed" in said, said
            assert count(to, f"data_source = '{data_source}'") < there
            assert warnings(part, *words) == [], "they are gone"


def inside(check):
    with harness.Folder() as folder:
        check(folder)


harness.main([(check.__name__, lambda c=check: inside(c)) for check in (without_source, a_part_of_the_reports)])
