#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cases with known rows, through every way that leads to them.

usage: golden.py CASE_FOLDER        a case with expected rows; below the shared folder, or our own
       golden.py random SHARD OF    random cases of the reference program: seeds 3000 + SHARD,
                                    + OF, ...; SHUKEI_RANDOM_CASES (24) in all shards together

For a case: CSV into each sink, our Parquet of it, 1, 2, 3 and 8 threads, both modes, rows and files
shuffled; each equal to the expected rows, and the CSV and Parquet of one label mode the same bytes.
"""
import csv
import gzip
import os
import pathlib
import random
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from compare import same
from harness import must, rows_of_csv, rows_of_sqlite

EXPECTED = {"koku": "expected.csv", "hourly": "expected-hourly.csv"}
FIRST_SEED = 3000


def shuffled(source, target, seed):
    """The reports' rows in another order, in other files, some of them compressed."""
    dice = random.Random(seed)
    target.mkdir()
    for path in sorted(source.glob("*.csv")):
        with open(path, newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        dice.shuffle(rows)
        cuts = sorted(dice.randint(0, len(rows)) for _ in range(dice.randint(0, 3)))
        for start, end in zip([0, *cuts], [*cuts, len(rows)]):
            name = target / f"{dice.randrange(1 << 40):010x}.csv"
            opened = dice.choice([lambda: open(name, "w", newline="", encoding="utf-8"),
                                  lambda: gzip.open(f"{name}.gz", "wt", newline="", encoding="utf-8")])()
            with opened as file:
                writer = csv.writer(file, lineterminator=dice.choice(["\n", "\r\n"]))
                writer.writerow(header)
                writer.writerows(rows[start:end])
    return target


class Case:
    """One case in one label mode; remembers the first bytes, which all later runs must repeat."""

    def __init__(self, folder, config, labels, expected):
        self.folder, self.config, self.labels, self.expected = folder, config, labels, expected
        self.bytes = None

    def aggregate(self, source, what, *options):
        """One run into a CSV and a Parquet file."""
        out = [self.folder / "out.csv", self.folder / "out.parquet"]
        must("aggregate", source, "--config", self.config, "--labels", self.labels, "--quiet",
             "--to", out[0], "--to", out[1], *options)
        got = [path.read_bytes() for path in out]
        if self.bytes is None:
            same(self.expected, rows_of_csv(got[0]), what)
            self.bytes = got
        for name, first, now in zip(("CSV", "Parquet"), self.bytes, got):
            if first != now:
                same(rows_of_csv(self.bytes[0]), rows_of_csv(got[0]), what, 0.0)
                raise AssertionError(f"{what}: {name} with other bytes than the first run's, rows the same")

    def sinks(self, source):
        """The other sinks hold the rows of the CSV file to the last bit."""
        base = self.folder / "out.db"
        base.unlink(missing_ok=True)
        words = ("aggregate", source, "--config", self.config, "--labels", self.labels)
        printed = must(*words, "--to", "-").stdout
        if printed != self.bytes[0]:
            raise AssertionError("standard output: other bytes than the CSV file's")
        rows = rows_of_csv(printed)
        for again in ("first", "second"):  # the second run replaces the rows of the first
            must(*words, "--to", base)
            same(rows, rows_of_sqlite(base), f"SQLite, {again} run", 0.0)
        listed = must("cat", self.folder / "out.parquet").stdout
        same(rows, rows_of_csv(listed), "Parquet by cat", 0.0)
        self.dataset(words, rows)
        uuids = [row["uuid"] for row in rows]
        if len(set(uuids)) != len(uuids):
            raise AssertionError(f"{len(uuids)} rows with {len(set(uuids))} uuids")

    def dataset(self, words, rows):
        """A folder a day with that day's rows in their order; a second run leaves the same files."""
        place, made = self.folder / "dataset", []
        for _ in range(2):
            must(*words, "--to", f"{place}/")
            made.append({path.relative_to(place): path.read_bytes() for path in place.rglob("*") if path.is_file()})
        if made[0] != made[1]:
            raise AssertionError(f"dataset: other files after the second run: {sorted(made[0])}, {sorted(made[1])}")
        days = {}
        for row in rows:
            year, month, day = row["usage_start"].split("-")
            days.setdefault(f"year={year}/month={month}/day={day}", []).append(row)
        found = sorted(str(path.parent) for path in made[0])
        if found != sorted(days):
            raise AssertionError(f"dataset: {found}, expected {sorted(days)}")
        for path in made[0]:
            listed = rows_of_csv(must("cat", place / path).stdout)
            if [row["uuid"] for row in listed] != [row["uuid"] for row in days[str(path.parent)]]:
                raise AssertionError(f"dataset: {path}: other rows or another order")
            same(days[str(path.parent)], listed, f"dataset, {path}", 0.0)
        shutil.rmtree(place, ignore_errors=True)


def converted(source, target, *options):
    must("convert", source, "--to", target, "--quiet", *options)
    files = sorted(path.relative_to(target) for path in target.rglob("*.parquet"))
    return {str(path): (target / path).read_bytes() for path in files}


def check(source, config, expected, thorough):
    """source: folder of CSV reports; expected: rows by label mode."""
    with harness.Folder() as folder:
        parquet, mixed = folder / "parquet", shuffled(source, folder / "mixed", 1)
        first = converted(source, parquet, "--threads", 3)
        if thorough and converted(source, folder / "again", "--threads", 1) != first:
            raise AssertionError("convert with 1 and with 3 threads: other files")
        inputs = {"CSV": source, "Parquet": parquet, "shuffled CSV": mixed}
        if thorough:
            converted(mixed, folder / "mixed-parquet")
            inputs["shuffled Parquet"] = folder / "mixed-parquet"
        for labels, rows in expected.items():
            case = Case(folder, config, labels, rows)
            for what, place in inputs.items():
                for threads in (1, 2, 3, 8) if thorough else (2,):
                    for mode in ("streaming", "in-memory") if thorough else ("auto",):
                        case.aggregate(place, f"{labels}, {what}, {threads} threads, {mode}",
                                       "--threads", threads, "--mode", mode)
            case.sinks(source)


def known(case):
    """A case folder: case.json, input/ (or `input` with the folder's path from the root), expected."""
    source = case / "input"
    if source.is_file():
        source = harness.ROOT / source.read_text().strip()
    expected = {labels: rows_of_csv((case / name).read_bytes()) for labels, name in EXPECTED.items()}
    check(source, case / "case.json", expected, thorough=True)


def unknown(seed):
    reference = harness.SHARED / "reference"
    with harness.Folder() as folder:
        subprocess.run([sys.executable, reference / "make_case.py", str(seed), folder], check=True)
        expected = {}
        for labels in EXPECTED:
            got = subprocess.run([sys.executable, reference / "summary.py", folder, "--labels", labels],
                                 check=True, capture_output=True)
            expected[labels] = rows_of_csv(got.stdout)
        check(folder / "input", folder / "case.json", expected, thorough=False)


def main():
    if sys.argv[1] == "random":
        harness.need_shared("reference")
        shard, of = map(int, sys.argv[2:4])
        count = int(os.environ.get("SHUKEI_RANDOM_CASES", "24"))
        seeds = range(FIRST_SEED + shard, FIRST_SEED + count, of)
        harness.main([(f"seed {seed}", lambda seed=seed: unknown(seed)) for seed in seeds])
    case = harness.ROOT / "tests/golden" / sys.argv[1]
    if not case.exists():
        case = harness.need_shared(f"golden/{sys.argv[1]}")
    harness.main([(case.name, lambda: known(case))])


if __name__ == "__main__":
    main()
