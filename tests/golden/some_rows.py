#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""aggregate --namespace and --node write the whole summary's rows of these namespaces and nodes, unchanged and in the
same order, in both label modes, as CSV and as Parquet; and cat chooses the same ones from the whole summary's Parquet.

usage: some_rows.py       The cases are our own, and those of the shared folder where it is.
"""
import json
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import harness
from harness import SHARED, must, rows_of_csv

WISHES = 3  # a case and label mode


def wishes_of(draw, rows):
    """Namespaces, nodes or both; some that nobody has."""
    for _ in range(WISHES):
        wish = {}
        for column in draw.choice((["namespace"], ["node"], ["namespace", "node"])):
            there = sorted({row[column] for row in rows} - {""})
            names = draw.sample(there, min(len(there), draw.randint(1, 3))) + draw.choice(([], ["nobody"]))
            wish[column] = names or ["nobody"]
        yield wish


def check(case):
    draw = random.Random(case.name)
    shared = [case / "input", "--config", case / "case.json", "-q"]
    with harness.Folder() as folder:
        for labels in ("koku", "hourly"):
            all_rows, all_parquet = folder / f"{labels}.csv", folder / f"{labels}.parquet"
            must("aggregate", *shared, "--labels", labels, "--to", all_rows, "--to", all_parquet, cwd=folder)
            rows = rows_of_csv(all_rows.read_bytes())
            for wish in wishes_of(draw, rows):
                words = [word for column, names in wish.items() for name in names for word in ("--" + column, name)]
                got, stats, parquet = folder / "got.csv", folder / "stats.json", folder / "got.parquet"
                must("aggregate", *shared, "--labels", labels, *words, "--to", got, "--to", parquet, "--stats", stats, cwd=folder)
                want = [row for row in rows if all(row[column] in names for column, names in wish.items())]
                assert rows_of_csv(got.read_bytes()) == want, f"{labels}, {wish}: other rows"
                counts = json.loads(stats.read_text())
                assert (counts["rows_written"], counts["rows_not_wanted"]) == (len(want), len(rows) - len(want)), counts
                assert must("cat", parquet).stdout == must("cat", all_parquet, *words).stdout, f"{labels}, {wish}: Parquet"


if __name__ == "__main__":
    cases = [HERE / "own" / "corners", HERE / "own" / "sample"]
    if (SHARED / "golden").is_dir():
        cases += sorted(path for path in (SHARED / "golden").iterdir() if path.is_dir())
    harness.main([(case.name, lambda c=case: check(c)) for case in cases if (case / "input").is_dir()])
