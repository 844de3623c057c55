#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares two summaries as bags of rows.

usage: compare.py EXPECTED.csv ACTUAL.csv [RELATIVE]    exit 0 when they agree

Columns go by name; what only ACTUAL has does not count, what it lacks is an error (but for
csi_volume_handle, which older summaries do not have). Rows may come in any order. Labels are
compared as maps, measures within RELATIVE (1e-9), an empty cell is null.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness

MAPS = {"pod_labels", "volume_labels", "all_labels", "infrastructure_usage_cost"}
MEASURES = ("hours", "months", "cores", "gigabytes", "gigabyte")
OPTIONAL = {"csi_volume_handle"}


def canonical(column, cell):
    return json.dumps(json.loads(cell), sort_keys=True) if cell and column in MAPS else cell


def close(a, b, relative):
    if a is None or b is None:
        return a is b
    return abs(a - b) <= relative * max(1.0, abs(a), abs(b))


def grouped(rows, names, measures):
    groups = {}
    for row in rows:
        key = tuple(canonical(c, row[c]) for c in names)
        groups.setdefault(key, []).append([float(row[c]) if row[c] else None for c in measures])
    for values in groups.values():
        values.sort(key=lambda v: [(x is not None, x or 0.0) for x in v])
    return groups


def differences(expected, actual, relative=1e-9):
    """Texts that tell where actual is not expected; empty when they agree."""
    if not expected or not actual:
        return [] if not expected and not actual else [f"{len(expected)} rows expected, {len(actual)} found"]
    columns = [c for c in expected[0] if c in actual[0] or c not in OPTIONAL]
    missing = [c for c in columns if c not in actual[0]]
    if missing:
        return [f"missing columns: {', '.join(missing)}"]
    measures = [c for c in columns if c.endswith(MEASURES)]
    names = [c for c in columns if c not in measures]
    want, got = grouped(expected, names, measures), grouped(actual, names, measures)
    found = []
    for key in sorted(want.keys() | got.keys()):
        place = ", ".join(k for k in key if k)[:200]
        w, g = want.get(key, []), got.get(key, [])
        if len(w) != len(g):
            found.append(f"{len(w)} expected, {len(g)} found: {place}")
            continue
        for u, v in zip(w, g):
            found += [f"{c}: {a} expected, {b} found: {place}"
                      for c, a, b in zip(measures, u, v) if not close(a, b, relative)]
    return found


def same(expected, actual, what, relative=1e-9):
    """AssertionError with the first differences where the summaries are not the same."""
    found = differences(expected, actual, relative)
    if found:
        raise AssertionError(f"{what}: {len(found)} differences\n  " + "\n  ".join(found[:8]))


def main():
    expected, actual = (harness.rows_of_csv(pathlib.Path(p).read_bytes()) for p in sys.argv[1:3])
    found = differences(expected, actual, *map(float, sys.argv[3:4]))
    print("\n".join(found[:20] + [f"{len(expected)} rows expected, {len(actual)} found, {len(found)} differences"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
