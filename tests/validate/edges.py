#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Validating where there is little to go by: nothing to compare, other sources' files, odd bytes.

usage: edges.py
"""
import gzip
import json
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import TABLE, must

MADE = ("small", "--pods", "10", "--hours", "96", "--quiet")
KEYS = ("--enabled-keys", "app,env")
SINKS = ("out.csv", "out.parquet", "out.db", "out/")
CONTROLS = "evil\x1b[2J\x7f\u009b2J\nnode"


def validate(*words):
    return harness.run("validate", *words, *KEYS)


def said(got):
    return (got.stdout + got.stderr).decode(errors="replace")


def make(folder, *words, name="in"):
    must("generate", *MADE, "--to", folder / name)
    for sink in SINKS:
        must("aggregate", folder / name, *KEYS, *words, "--to", f"{folder}/{sink}", "--quiet")


def nothing(folder):
    """No row on either side is no success; the days told are those that were compared."""
    make(folder)
    for name in SINKS:
        sink = f"{folder}/{name}"
        got = validate(folder / "in", "--against", sink, "--start", "2031-01-01", "--end", "2031-01-31")
        assert got.returncode == 3 and not got.stdout, f"{name}: exit {got.returncode}: {said(got)}"
        assert b"nothing to compare" in got.stderr and b"2031-01-01 to 2031-01-31" in got.stderr, said(got)
        got = validate(folder / "in", "--against", sink, "--start", "2025-10-02", "--end", "2025-10-31")
        assert got.returncode == 0 and b"2025-10-02 to 2025-10-31, all" in got.stdout, said(got)
        got = validate(folder / "in", "--against", sink)
        assert got.returncode == 0 and b"2025-10-01 to 2025-10-04, all" in got.stdout, said(got)
        got = validate(folder / "in", "--against", sink, "--start", "2031-01-01")
        assert got.returncode in (3, 4), f"{name}: exit {got.returncode}: {said(got)}"


def no_summary(folder):
    """A place without any summary is not found, which is no difference; one of other days or sources differs."""
    make(folder, "--source", "mine")
    empty = sqlite3.connect(folder / "empty.db")
    empty.execute("CREATE TABLE other (a)")
    rows = sqlite3.connect(folder / "rows.db")
    rows.execute(f"ATTACH '{folder}/out.db' AS made")
    rows.execute(f"CREATE TABLE {TABLE} AS SELECT * FROM made.{TABLE} WHERE 0")
    (folder / "nothing").mkdir()
    (folder / "out.csv").write_text((folder / "out.csv").read_text(encoding="utf-8").splitlines()[0] + "\n")
    for name, why in (("nothing", "no Parquet file lies there"), ("in/", "no Parquet file lies there"),
                      ("empty.db", f"has no table {TABLE}"), ("rows.db", "no rows of 2025-10-01 to 2025-10-04"),
                      ("out.csv", "no rows of 2025-10-01 to 2025-10-04"), ("none/", "No such file or directory"),
                      ("none.db", "No such file or directory")):
        got = validate(folder / "in", "--against", f"{folder}/{name}", "--source", "mine")
        assert got.returncode == 3 and not got.stdout and why in said(got), f"{name}: exit {got.returncode}: {said(got)}"
    for name in ("out.db", "out/"):
        got = validate(folder / "in", "--against", f"{folder}/{name}", "--source", "mine", "--start", "2025-10-02",
                       "--end", "2025-10-02")
        assert got.returncode == 0, said(got)
        got = validate(folder / "in", "--against", f"{folder}/{name}", "--source", "else")
        assert got.returncode == 4 and b"source swapped" in got.stdout, said(got)
        assert b"has labels" not in got.stdout, said(got)  # it has no row at all


def enabled_keys(folder):
    """Another list of keys than that of the summary is told as such, with the keys, in both modes and all kinds of rows; a
    value that was changed as well stays one."""
    must("generate", *MADE, "--to", folder / "in")
    lists = ("", "app", "env", "app,env", "app,env,tier")
    for mode in ("koku", "hourly"):
        for made in lists:
            must("aggregate", folder / "in", "--labels", mode, "--enabled-keys", made, "--to", folder / "out.db", "--quiet")
            for asked in lists:
                got = harness.run("validate", folder / "in", "--labels", mode, "--enabled-keys", asked, "--against",
                                  folder / "out.db", "--json")
                told = json.loads(got.stdout)
                case = f"{mode}: made with {made}, asked for {asked}: {told['causes']}"
                lacking = [key for key in asked.split(",") if key and key not in made.split(",")]
                more = [key for key in made.split(",") if key and key not in asked.split(",")]
                assert sorted(told.get("keys_lacking", [])) == lacking and sorted(told.get("keys_more", [])) == more, case
                assert got.returncode == (4 if made != asked else 0), case
                assert set(told["causes"]) <= {"other enabled keys"}, case
    got = harness.run("validate", folder / "in", "--labels", "hourly", "--enabled-keys", "app", "--against", folder / "out.db")
    assert b"labels that --enabled-keys leaves out here: " in got.stdout and b'"tier"' in got.stdout, said(got)


def days_of_a_file(folder):
    """A row of another month in a file of its own: the days told have it."""
    make(folder)
    with open(folder / "out.csv", "a", encoding="utf-8") as file:
        text = (folder / "out.csv").read_text(encoding="utf-8").splitlines()[1]
        file.write(text.replace("2025-10-01", "2025-12-01") + "\n")
    got = validate(folder / "in", "--against", folder / "out.csv", "--json")
    told = json.loads(got.stdout)
    assert (told["first_day"], told["last_day"]) == ("2025-10-01", "2025-12-01"), got.stdout.decode()


def other_sources(folder):
    """Files of a dataset that are others' are not opened; where missing rows are looked for they may be bad."""
    mine, words = f"{folder}/out/", ("--source", "mine")
    make(folder, *words)
    for day in (folder / "out").glob("*/*/*"):
        (day / "summary.other.parquet").write_bytes(b"no Parquet")
    got = validate(folder / "in", *words, "--against", mine, "--quiet")
    assert got.returncode == 0 and not got.stderr, said(got)
    outside = folder / "out/year=2025/month=11/day=01/summary.mine.parquet"
    outside.parent.mkdir(parents=True)
    outside.write_bytes(b"no Parquet")
    got = validate(folder / "in", *words, "--against", mine)
    assert got.returncode == 0, said(got)
    first = folder / "out/year=2025/month=10/day=01/summary.mine.parquet"
    first.unlink()
    got = validate(folder / "in", *words, "--against", mine, "--json")
    assert got.returncode == 4 and b"missing rows are not looked for there" in got.stderr, said(got)
    assert list(json.loads(got.stdout)["causes"]) == ["day missing"], said(got)
    first.write_bytes(b"no Parquet")
    got = validate(folder / "in", *words, "--against", mine)
    assert got.returncode == 3 and not got.stdout, said(got)


def found_in_others(folder):
    """Missing rows are found under another source, beside rows of it that cannot be read."""
    words = ("--source", "mine")
    make(folder, *words)
    base = sqlite3.connect(folder / "out.db")
    must("aggregate", folder / "in", *KEYS, "--source", "bad", "--to", folder / "out.db", "--quiet")
    base.execute(f"UPDATE {TABLE} SET pod_usage_cpu_core_hours = 'much', namespace = 7 WHERE source_uuid = 'bad'")
    base.execute(f"UPDATE {TABLE} SET source_uuid = 'else' WHERE source_uuid = 'mine' AND usage_start = '2025-10-02'")
    base.commit()
    got = validate(folder / "in", *words, "--against", folder / "out.db", "--json")
    told = json.loads(got.stdout)
    assert got.returncode == 4 and list(told["causes"]) == ["source swapped"], said(got)
    assert told["other_source"] == "else", said(got)


def filled_up(folder):
    """gzip with zeros behind it, as aggregate takes it; what is corrupt is named once."""
    make(folder)
    for path in (folder / "in").glob("*.csv"):
        half = len(text := path.read_bytes()) // 2
        packed = gzip.compress(text[:half]) + bytes(700_000) + gzip.compress(text[half:]) + bytes(512)
        (folder / "in" / f"{path.name}.gz").write_bytes(packed)
        path.unlink()
    must("aggregate", folder / "in", *KEYS, "--to", folder / "again.db", "--quiet")
    got = validate(folder / "in", "--against", folder / "again.db", "--quiet")
    assert got.returncode == 0, said(got)
    path = next((folder / "in").glob("*pod*.gz"))
    whole = path.read_bytes()
    for wrong in (whole[:2000], whole[:len(whole) // 2] + b"x", whole + b"x", bytes(9) + whole):
        path.write_bytes(wrong)
        got = validate(folder / "in", "--against", folder / "again.db", "--quiet")
        assert got.returncode == 3 and got.stderr.count(path.name.encode()) == 1, said(got)


def controls(folder):
    """What a terminal would obey is shown."""
    make(folder)
    base = sqlite3.connect(folder / "out.db")
    base.execute(f"UPDATE {TABLE} SET namespace = ?, node = ? WHERE usage_start = '2025-10-02'", (CONTROLS, CONTROLS))
    base.commit()
    got = validate(folder / "in", "--against", folder / "out.db", "--differences", 100)
    text = got.stdout.decode()
    assert got.returncode == 4, said(got)
    assert not [c for c in text if c != "\n" and (ord(c) < 0x20 or 0x7f <= ord(c) < 0xa0)], repr(text)
    assert r"  evil\x1b[2J\x7f\xc2\x9b2J\nnode  " in text, text
    got = validate(folder / "in", "--against", folder / "out.db", "--differences", 100, "--json")
    assert CONTROLS in {line["namespace"] for line in json.loads(got.stdout)["list"]}


def inside(check):
    with harness.Folder() as folder:
        check(folder)


harness.main([(check.__name__, lambda c=check: inside(c)) for check in
              (nothing, no_summary, enabled_keys, days_of_a_file, other_sources, found_in_others, filled_up, controls)])
