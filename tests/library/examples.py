#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The examples of shukei/parquet.h do what they say: what write_file writes, cat and inspect see, read_columns
reads, skip_groups counts, find_rows finds and totals sums.

usage: examples.py read_columns|write_file|skip_groups|find_rows|totals FOLDER_OF_PROGRAMS
"""
import datetime
import json
import pathlib
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "s3")]
import harness
from fake_s3 import Fake

PROGRAMS = pathlib.Path(sys.argv[2]).resolve()
ROWS, GROUP = 2501, 1000
BEGIN = datetime.datetime(2025, 10, 1, tzinfo=datetime.timezone.utc)


def call(name, *words, variables=None):
    return subprocess.run([PROGRAMS / name, *map(str, words)], capture_output=True, text=True,
                          env={**harness.environment(), **(variables or {})})


def expected():
    """The rows of write_file: time, day, place, count, degrees."""
    for row in range(ROWS):
        time = BEGIN + datetime.timedelta(seconds=row)
        yield (time, time.date(), ("attic", "cellar", "kitchen")[row % 3], row * row,
               None if row % 10 == 9 else 18 + row % 40 / 8)


def written(folder):
    path = folder / "a.parquet"
    got = call("write_file", path, ROWS, GROUP)
    assert got.returncode == 0 and got.stderr == "", got
    return path


def with_file(check):
    with harness.Folder() as folder:
        check(written(folder), folder)


def cat_sees_it(path, _folder):
    rows = harness.rows_of_csv(harness.must("cat", path).stdout)
    assert len(rows) == ROWS
    for row, (time, day, place, count, degrees) in zip(rows, expected()):
        want = [time.strftime("%Y-%m-%dT%H:%M:%SZ"), str(day), place, str(count)]
        assert list(row.values())[:4] == want, (row, want)
        assert (float(row["degrees"]) if row["degrees"] else None) == degrees, (row, degrees)


def inspect_sees_it(path, _folder):
    told = json.loads(harness.must("inspect", path, "--json").stdout)
    assert [group["rows"] for group in told["row_groups"]] == [1000, 1000, 501], told["row_groups"]
    assert harness.run("inspect", path, "--check").returncode == 0


def nothing_is_half_there(_path, folder):
    target = folder / "none" / "file"
    target.parent.write_text("in the way")
    got = call("write_file", target, ROWS)
    assert got.returncode == 1 and "EWRITE" in got.stderr, got
    assert sorted(p.name for p in folder.iterdir()) == ["a.parquet", "none"]
    got = call("write_file", folder / "b.parquet", ROWS, 0)
    assert got.returncode == 1 and "EINVAL" in got.stderr and not (folder / "b.parquet").exists(), got


def reads_all(path, _folder):
    got = call("read_columns", path)
    assert got.returncode == 0, got.stderr
    head, *lines = got.stdout.splitlines()
    assert head == "time\tday\tplace\tcount\tdegrees" and len(lines) == ROWS
    for line, (time, day, place, count, degrees) in zip(lines, expected()):
        micros = int(time.timestamp()) * 1000000
        of_day = int(datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.timezone.utc).timestamp())
        want = [str(micros), str(of_day * 1000000), place, str(count), "" if degrees is None else "%.17g" % degrees]
        assert line.split("\t") == want, (line, want)


def reads_some(path, _folder):
    got = call("read_columns", path, "PLACE", "count")
    assert got.returncode == 0 and got.stdout.splitlines()[:3] == ["place\tcount", "attic\t0", "cellar\t1"], got
    got = call("read_columns", path, "nothing")
    assert got.returncode == 1 and "nothing" in got.stderr, got


def reads_no_such_file(path, folder):
    got = call("read_columns", folder / "nowhere.parquet")
    assert got.returncode == 1 and "nowhere.parquet" in got.stderr and "ENOTFOUND" in got.stderr, got
    broken = folder / "broken.parquet"
    broken.write_bytes(path.read_bytes()[:-9])
    got = call("read_columns", broken)
    assert got.returncode == 1 and "broken.parquet" in got.stderr, got


def reads_a_bucket(path, _folder):
    """The same by way of S3, written there and read from there."""
    with Fake() as s3:
        s3.buckets["lake"] = {}
        place, env = "s3://lake/of/a.parquet", s3.environment()
        got = call("write_file", place, ROWS, GROUP, variables=env)
        assert got.returncode == 0 and s3.get(place) == path.read_bytes(), got
        assert call("read_columns", place, variables=env).stdout == call("read_columns", path).stdout
        assert call("skip_groups", place, "count", 0, 10, variables=env).stdout.endswith("2 of 3 row groups skipped\n")
        got = call("read_columns", "s3://lake/nowhere", variables=env)
        assert got.returncode == 1 and "ENOTFOUND" in got.stderr, got


def skips(path, _folder):
    counts = [row[3] for row in expected()]
    for low, high, skipped in (0, 10, 2), (999 * 999, 999 * 999, 2), (999 * 999 + 1, 10**6 - 1, 3), (-5, -1, 3), \
            (5, 10**12, 0), (2000 * 2000, 10**12, 2):
        want = sum(low <= count <= high for count in counts)
        got = call("skip_groups", path, "count", low, high)
        assert got.stdout == f"{want} rows, {skipped} of 3 row groups skipped\n", (low, high, got)


def skips_with_nulls(path, _folder):
    degrees = [row[4] for row in expected()]
    want = sum(value is not None and 20 <= value <= 21 for value in degrees)
    assert call("skip_groups", path, "degrees", 20, 21).stdout.startswith(f"{want} rows, 0 of 3 ")
    assert call("skip_groups", path, "degrees", 23, 24).stdout.startswith("0 rows, 3 of 3 ")
    got = call("skip_groups", path, "nothing", 0, 1)
    assert got.returncode == 1 and "no such column" in got.stderr and "EINVAL" in got.stderr, got
    got = call("skip_groups", path, "place", 0, 1)
    assert got.returncode == 1 and "cannot be read as doubles" in got.stderr, got


def finds_rows(path, _folder):
    """By a value that all row groups have, and by one of a single row."""
    rows = [row for row in expected() if row[2] == "attic"]
    total = "%.17g" % sum(row[4] or 0 for row in rows)
    assert call("find_rows", path, "degrees", "place", "attic").stdout == f"{len(rows)} rows, {total}, 0 of 3 row groups skipped\n"
    got = call("find_rows", path, "count", "time", "2025-10-01T00:20:00Z").stdout
    assert got == f"1 rows, {1200 * 1200}, 2 of 3 row groups skipped\n", got
    assert call("find_rows", path, "count", "place", "loft").stdout == "0 rows, 0, 3 of 3 row groups skipped\n"
    got = call("find_rows", path, "count", "nothing", "1")
    assert got.returncode == 1 and "nothing" in got.stderr and "EINVAL" in got.stderr, got


def sums(path, folder):
    got = call("totals", path)
    counts, degrees = (sum(row[at] or 0 for row in expected()) for at in (3, 4))
    assert got.returncode == 0 and got.stdout == f"count\t{counts}\ndegrees\t{'%.17g' % degrees}\n", got
    got = call("totals", folder / "nowhere.parquet")
    assert got.returncode == 1 and "ENOTFOUND" in got.stderr, got


CHECKS = {"write_file": [cat_sees_it, inspect_sees_it, nothing_is_half_there],
          "read_columns": [reads_all, reads_some, reads_no_such_file, reads_a_bucket],
          "skip_groups": [skips, skips_with_nulls],
          "find_rows": [finds_rows],
          "totals": [sums]}

harness.main([(check.__name__, lambda c=check: with_file(c)) for check in CHECKS[sys.argv[1]]])
