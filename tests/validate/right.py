#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Summaries that are right: shukei validate finds no difference.

usage: right.py golden|random

golden: all cases with known rows, ours and the shared folder's, in both label modes, as CSV, SQLite,
Parquet and a dataset; the reports as CSV and as Parquet. random: cases of the reference's generator,
SHUKEI_VALIDATED (18) tables in all, each of a case, a label mode and a sink.
"""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import must

SINKS = ["out.csv", "out.parquet", "out.db", "dataset/"]
FIRST_SEED = 5000


def right(source, config, labels, sink):
    got = harness.run("validate", source, "--config", config, "--labels", labels, "--against", sink, "--quiet")
    text = (got.stdout + got.stderr).decode()
    assert got.returncode == 0, f"{labels}, {sink}: exit {got.returncode}\n{text}"
    assert got.stdout.startswith(b"equal: "), text


def known(case):
    source = case / "input"
    if source.is_file():
        source = harness.ROOT / source.read_text().strip()
    with harness.Folder() as folder:
        must("convert", source, "--to", folder / "parquet", "--quiet")
        for labels in ("koku", "hourly"):
            sinks = [f"{folder}/{labels}-{name}" for name in SINKS]
            must("aggregate", source, "--config", case / "case.json", "--labels", labels, "--quiet",
                 *[word for sink in sinks for word in ("--to", sink)])
            for sink in sinks:
                right(source, case / "case.json", labels, sink)
            right(folder / "parquet", case / "case.json", labels, sinks[2])


def unknown(number):
    """One table: the seed, the label mode and the sink follow from its number."""
    seed, labels, name = FIRST_SEED + number // 6, ("koku", "hourly")[number % 2], SINKS[number % 3]
    with harness.Folder() as folder:
        subprocess.run([sys.executable, harness.SHARED / "reference/make_case.py", str(seed), folder], check=True)
        config, sink = folder / "case.json", f"{folder}/{name}"
        must("aggregate", folder / "input", "--config", config, "--labels", labels, "--quiet", "--to", sink)
        right(folder / "input", config, labels, sink)


def main():
    if sys.argv[1] == "random":
        harness.need_shared("reference")
        count = int(os.environ.get("SHUKEI_VALIDATED", "18"))
        harness.main([(f"table {n}", lambda n=n: unknown(n)) for n in range(count)])
    places = [harness.ROOT / "tests/golden/own", harness.SHARED / "golden"]
    cases = [case for place in places if place.exists() for case in sorted(place.iterdir()) if (case / "case.json").exists()]
    harness.main([(case.name, lambda c=case: known(c)) for case in cases])


if __name__ == "__main__":
    main()
