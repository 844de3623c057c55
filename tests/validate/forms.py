#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reports in every form are read as they are: gzip, zstd, payloads, Parquet in koku's layout; and what their
description says of them is looked at.

usage: forms.py
"""
import csv
import gzip
import json
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import must

MADE = ("20k", "--churn", "0.05", "--pods", "60", "--quiet")
KEYS = ("--enabled-keys", "app,env")


def validate(source, *words):
    return harness.run("validate", source, *KEYS, *words)


def form(folder, *options):
    """Generated in that form, summarised, validated."""
    must("generate", *MADE, *options, "--to", folder / "in")
    must("aggregate", folder / "in", *KEYS, "--to", folder / "out.db", "--quiet")
    got = validate(folder / "in", "--against", folder / "out.db")
    assert got.returncode == 0, (got.stdout + got.stderr).decode()[-2000:]
    assert b"warning" not in got.stderr, got.stderr.decode()


def zstd(folder):
    if not shutil.which("zstd"):
        return
    must("generate", *MADE, "--to", folder / "in")
    must("aggregate", folder / "in", *KEYS, "--to", folder / "out.db", "--quiet")
    for path in (folder / "in").glob("*.csv"):
        subprocess.run(["zstd", "-q", "--rm", path], check=True)
    got = validate(folder / "in", "--against", folder / "out.db")
    assert got.returncode == 0, (got.stdout + got.stderr).decode()
    assert b"is not in shukei-dataset.json" in got.stderr, got.stderr.decode()


def several_members(folder):
    """gzip members one behind the other, as cat makes them."""
    must("generate", *MADE, "--to", folder / "in")
    must("aggregate", folder / "in", *KEYS, "--to", folder / "out.db", "--quiet")
    for path in (folder / "in").glob("*.csv"):
        text = path.read_bytes()
        pieces = [text[at:at + 100_001] for at in range(0, len(text), 100_001)]
        (folder / "in" / f"{path.name}.gz").write_bytes(b"".join(map(gzip.compress, pieces)))
        path.unlink()
    got = validate(folder / "in", "--against", folder / "out.db", "--quiet")
    assert got.returncode == 0, (got.stdout + got.stderr).decode()


def another_seed(folder):
    """The reports were made anew, the summary was not."""
    must("generate", *MADE, "--to", folder / "one")
    must("aggregate", folder / "one", *KEYS, "--to", folder / "out.db", "--quiet")
    must("generate", *MADE, "--seed", 2, "--to", folder / "two")
    got = validate(folder / "two", "--against", folder / "out.db", "--json")
    causes = json.loads(got.stdout)["causes"]
    assert got.returncode == 4 and max(causes, key=causes.get) == "stale data set", causes


def harmless_change(folder):
    """Reports that changed, and a summary of what they are now: right, with a warning."""
    must("generate", *MADE, "--to", folder / "in")
    path = next((folder / "in").glob("*pod*.csv"))
    with open(path, newline="") as file:
        header, *rows = csv.reader(file)
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([header, *reversed(rows)])
    must("aggregate", folder / "in", *KEYS, "--to", folder / "out.db", "--quiet")
    got = validate(folder / "in", "--against", folder / "out.db")
    assert got.returncode == 0 and b"than shukei-dataset.json says" in got.stderr, got.stderr.decode()


def days(folder):
    """A part of the days of a table, and a table with a part of the days."""
    must("generate", "small", "--pods", "10", "--hours", "96", "--to", folder / "in", "--quiet")
    some = ("--start", "2025-10-02", "--end", "2025-10-03")
    for name in ("out.db", "out.csv", "out/"):
        sink = f"{folder}/{name}"
        must("aggregate", folder / "in", *KEYS, "--to", sink, "--quiet")
        for words in ((), some):
            got = validate(folder / "in", "--against", sink, *words)
            assert got.returncode == 0, f"{name}, {words}: {got.stdout.decode()}"
    must("aggregate", folder / "in", *KEYS, *some, "--to", folder / "part.csv", "--quiet")
    got = validate(folder / "in", "--against", folder / "part.csv", "--json")
    assert list(json.loads(got.stdout)["causes"]) == ["day missing"], got.stdout.decode()
    got = validate(folder / "in", *some, "--against", folder / "part.csv")
    assert got.returncode == 0, got.stdout.decode()


FORMS = [(), ("--format", "csv.gz"), ("--format", "csv.gz", "--files", "daily"), ("--payload",),
         ("--format", "parquet"), ("--format", "parquet", "--layout", "koku")]


def inside(check, *words):
    with harness.Folder() as folder:
        check(folder, *words)


harness.main([(" ".join(words) or "CSV", lambda w=words: inside(form, *w)) for words in FORMS]
             + [(check.__name__, lambda c=check: inside(c))
                for check in (zstd, several_members, another_seed, harmless_change, days)])
