#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Apache's test corpus of Parquet files: cat prints the expected cells and finds rows by them, inspect --check finds what is
known to be wrong; the bad ones are refused.

usage: corpus.py data|bad
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness


KNOWN = {  # what their writers did wrong, as inspect --check tells it
    "nation.dict-malformed": ["337 bytes of pages, the footer says 322", "337 bytes of pages without the codec, the footer says 322",
                              "2017 bytes of pages, the footer says 2002", "2017 bytes of pages without the codec, the footer says 2002"],
    "repeated_no_annotation": ["6 rows in all row groups, the footer says 0"],
    "datapage_v1-snappy-compressed-checksum": ["page 0 has values, the column index says none but nulls"] * 2,
    "datapage_v1-uncompressed-checksum": ["page 0 has values, the column index says none but nulls"] * 2,
}


def cells_of(text):
    """Rows of (quoted, cell): the csv module does not tell an empty text from null."""
    rows, row, cell, quoted, inside, at = [], [], [], False, False, 0
    while at < len(text):
        now = text[at]
        if inside and now == '"' and text[at + 1:at + 2] == '"':
            cell.append('"')
            at += 1
        elif now == '"':
            quoted, inside = True, not inside
        elif inside or now not in ",\n":
            cell.append(now)
        else:
            row.append((quoted, "".join(cell)))
            cell, quoted = [], False
            if now == "\n":
                rows.append(row)
                row = []
        at += 1
    return rows


def same_cell(expected, found):
    if not expected[1] or not found[1]:
        return expected == found
    if expected[1] == found[1]:
        return True
    try:
        return float(expected[1]) == float(found[1])
    except ValueError:
        return False


def readable(path):
    expected = cells_of((path.parents[1] / "expected" / f"{path.stem}.csv").read_bytes().decode().replace("\r\n", "\n"))
    found = cells_of(harness.must("cat", path).stdout.decode())
    assert len(expected) == len(found), f"{len(found)} lines, expected {len(expected)}"
    for number, (want, got) in enumerate(zip(expected, found)):
        assert len(want) == len(got), f"line {number}: {len(got)} cells, expected {len(want)}: {got}"
        for name, a, b in zip(expected[0], want, got):
            assert same_cell(a, b), f"line {number}, {name[1]}: {b}, expected {a}"
    found_by_value(path, found)
    harness.must("inspect", path)
    harness.must("inspect", path, "--json")
    checked = harness.run("inspect", path, "--check")
    wrong = [line.split(": ")[-1] for line in checked.stdout.decode().splitlines() if " says " in line]
    assert (checked.returncode, wrong) == (3 if path.stem in KNOWN else 0, KNOWN.get(path.stem, [])), checked.stdout.decode()


def found_by_value(path, expected):
    """Whatever the file says of its values, the rows of one are found by it."""
    for at, (_, name) in enumerate(expected[0]):
        cell = expected[1][at][1] if len(expected) > 1 else ""
        got = harness.run("cat", path, "--columns", name, "--where", f"{name}={cell}")
        if cell in ("", "nan") or got.returncode == 2 or b"cannot be compared" in got.stderr or b"nested" in got.stderr:
            continue
        rows = sum(row[at][1] == cell for row in expected[1:])
        found = len(cells_of(got.stdout.decode())) - 1
        assert got.returncode == 0 and found == rows, f"{name}={cell}: {found} rows instead of {rows}: {got.stderr}"


def refused(path):
    got = harness.run("cat", path, timeout=60)
    text = got.stderr.decode()
    assert got.returncode == 3, f"exit {got.returncode}: {text}"
    assert text.startswith("shukei: ") and path.name in text.splitlines()[0], text


folder = harness.need_shared("parquet-testing") / sys.argv[1]
check = {"data": readable, "bad": refused}[sys.argv[1]]
harness.main([(path.name, lambda p=path: check(p)) for path in sorted(folder.glob("*.parquet"))])
