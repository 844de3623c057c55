#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Faults put into summaries, one at a time: every one is found, nearly all with the right cause.

usage: injected.py

The summaries are of random cases of the reference's generator, two sources in one SQLite file, each with
a shukei-dataset.json beside the reports. Fourteen kinds of faults take turns; what a fault changes is drawn
by chance. Of the kinds that a file of its own shows better, every other one goes into a CSV file.

Environment: SHUKEI_FAULTS_INJECTED, how many (84); of 300, 250 must have the right cause.
"""
import collections
import csv
import datetime
import json
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import uuid
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import TABLE, must

FIRST_SEED, CASES = 6100, 12
OWN, OTHER = "source-a", "source-b"
USAGES = [f"pod_{what}_{unit}" for what in ("usage", "request", "effective_usage", "limit")
          for unit in ("cpu_core_hours", "memory_gigabyte_hours")]
CAPACITIES = ["node_capacity_cpu_cores", "node_capacity_cpu_core_hours", "node_capacity_memory_gigabytes",
              "node_capacity_memory_gigabyte_hours", "cluster_capacity_cpu_core_hours",
              "cluster_capacity_memory_gigabyte_hours"]
VOLUMES = ["persistentvolumeclaim_capacity_gigabyte", "persistentvolumeclaim_capacity_gigabyte_months",
           "volume_request_storage_gigabyte_months", "persistentvolumeclaim_usage_gigabyte_months"]


class Case:
    """Reports, their description, and a summary of both sources."""

    def __init__(self, folder, seed):
        self.folder = folder / f"case-{seed}"
        for name, number in (("a", seed), ("b", seed + 500)):
            made = self.folder / name
            subprocess.run([sys.executable, harness.SHARED / "reference/make_case.py", str(number), made], check=True)
            describe(made / "input")
        self.config = self.folder / "a/case.json"
        self.base, self.table = self.folder / "right.db", self.folder / "right.csv"
        must("aggregate", self.folder / "a/input", "--config", self.config, "--source", OWN, "--quiet",
             "--to", self.base, "--to", self.table)
        must("aggregate", self.folder / "b/input", "--config", self.folder / "b/case.json", "--source", OTHER,
             "--quiet", "--to", self.base)


def describe(folder):
    files = [{"name": path.name, "bytes": path.stat().st_size, "crc32": f"{zlib.crc32(path.read_bytes()):08x}"}
             for path in sorted(folder.glob("*.csv"))]
    (folder / "shukei-dataset.json").write_text(json.dumps({"dataset": 1, "files": files}))


def rows(base, where="1", source=OWN):
    cursor = base.execute(f"SELECT rowid, * FROM {TABLE} WHERE source_uuid = ? AND {where} ORDER BY rowid", (source,))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor]


def change(base, row, **values):
    words = ", ".join(f"{name} = ?" for name in values)
    base.execute(f"UPDATE {TABLE} SET {words} WHERE rowid = ?", (*values.values(), row["rowid"]))


def insert(base, row, **values):
    row = {name: value for name, value in {**row, "uuid": str(uuid.uuid4()), **values}.items() if name != "rowid"}
    base.execute(f"INSERT INTO {TABLE} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))


def moved(day, days):
    return str(datetime.date.fromisoformat(day) + datetime.timedelta(days=days))


# ---- the faults: each takes the database and the dice; true where it could be done -----------------


def row_lost(base, dice, case):
    base.execute(f"DELETE FROM {TABLE} WHERE rowid = ?", (dice.choice(rows(base))["rowid"],))
    return "row lost"


def row_doubled(base, dice, case):
    insert(base, dice.choice(rows(base)))
    return "rows twice"


def value_changed(base, dice, case):
    row = dice.choice(rows(base))
    names = [name for name in USAGES + VOLUMES if row[name]]
    if not names:
        return None
    name = dice.choice(names)
    change(base, row, **{name: row[name] * dice.choice([1.0001, 0.9999])})
    return "value changed"


def day_shifted(base, dice, case):
    all_rows, by = rows(base), dice.choice([-1, 1])
    some = [dice.choice(all_rows)]
    if dice.random() < 0.5:
        days = sorted({row["usage_start"] for row in all_rows})
        day = days[0] if by < 0 else days[-1]
        some = [row for row in all_rows if row["usage_start"] == day]
    elif not min(row["usage_start"] for row in all_rows) <= moved(some[0]["usage_start"], by) \
            <= max(row["usage_start"] for row in all_rows):
        by = -by
    for row in some:
        change(base, row, usage_start=moved(row["usage_start"], by), usage_end=moved(row["usage_end"], by))
    return "day shifted"


def other_run(base, dice, case):
    days = sorted({row["usage_start"] for row in rows(base)})
    for row in dice.sample(others := rows(base, source=OTHER), dice.randint(1, len(others))):
        day = dice.choice(days)
        insert(base, row, usage_start=day, usage_end=day, source_uuid=OWN)
    return "rows of another run or month"


def unit_wrong(base, dice, case):
    name, factor = dice.choice(USAGES + VOLUMES[1:]), dice.choice([3600, 1 / 3600, 2.0 ** 30, 1e9 / 2 ** 30, 2.0 ** -10])
    some = rows(base, f"{name} <> 0")
    if not some:
        return None
    if dice.random() < 0.5:
        space = dice.choice(some)["namespace"]
        some = [row for row in some if row["namespace"] == space]
    for row in some:
        change(base, row, **{name: row[name] * factor})
    return "unit of hours and seconds" if factor in (3600, 1 / 3600) else "unit of bytes"


def label_lost(base, dice, case):
    name = dice.choice(["pod_labels", "volume_labels"])
    some = rows(base, f"{name} IS NOT NULL AND {name} <> '{{}}'")
    if not some:
        return None
    row = dice.choice(some)
    labels = json.loads(row[name])
    if dice.random() < 0.3:
        labels = {}
    else:
        del labels[dice.choice(sorted(labels))]
    text = json.dumps(labels, sort_keys=True, ensure_ascii=False)
    change(base, row, **{name: text, "all_labels": text})
    return "labels lost"


def namespace_swapped(base, dice, case):
    some = [row for row in rows(base, "namespace NOT LIKE '%unallocated'") if row["namespace"]]
    spaces = sorted({row["namespace"] for row in some})
    if len(spaces) < 2:
        return None
    one, two = dice.sample(spaces, 2)
    day = dice.choice(sorted({row["usage_start"] for row in some if row["namespace"] in (one, two)}))
    for row in some:
        if row["usage_start"] == day and row["namespace"] in (one, two):
            change(base, row, namespace=two if row["namespace"] == one else one)
    return "namespace swapped"


def source_swapped(base, dice, case):
    how = dice.choice(["row", "day", "both"])
    if how == "both":
        base.execute(f"UPDATE {TABLE} SET source_uuid = CASE source_uuid WHEN ? THEN ? ELSE ? END", (OWN, OTHER, OWN))
        return "source swapped"
    all_rows = rows(base)
    chosen = dice.choice(all_rows)
    for row in all_rows:
        if row["rowid"] == chosen["rowid"] or how == "day" and row["usage_start"] == chosen["usage_start"]:
            change(base, row, source_uuid=OTHER)
    return "source swapped"


def capacity_wrong(base, dice, case):
    name, factor = dice.choice(CAPACITIES), dice.choice([0.5, 2, 1.5, 0, 1.0001])
    row = dice.choice(rows(base, f"{name} > 0"))
    for other in rows(base, f"{name} > 0"):
        if other["rowid"] == row["rowid"] or dice.random() < 0.3 and other["node"] == row["node"]:
            change(base, other, **{name: other[name] * factor})
    return "capacity wrong"


def stale_data(base, dice, case):
    """The reports change; the summary is of what they were."""
    path = case.folder / "a/input/pod_usage.csv"
    with open(path, newline="", encoding="utf-8") as file:
        header, *lines = csv.reader(file)
    at = {name: place for place, name in enumerate(header)}
    name = dice.choice([column for column in at if "usage" in column])
    names = [at[column] for column in at if column.startswith("pod_") and column.endswith("_seconds")]
    some = [line for line in lines if line[at["node"]] and all(line[place] not in ("", "n/a") for place in names)
            and all(0 < float(line[place]) < 1e18 for place in names)]
    some = dice.sample(some, dice.randint(1, min(len(some), 20)))
    if dice.random() < 0.3:
        lines.remove(some[0])
    else:
        for line in some:
            line[at[name]] = repr(float(line[at[name]]) * dice.choice([0.5, 1.3, 2]))
            line[at["pod_request_cpu_core_seconds"]] = repr(float(line[at["pod_request_cpu_core_seconds"]]) * 1.1)
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *lines])
    return "stale data set"


def unlike_ours(base, dice, case):
    """What no row of ours has, though all of its measures are right."""
    where, values, cause = dice.choice([
        ("1", {"data_source": "Nonsense"}, "another name or setting"),
        ("data_source = 'Pod'", {"volume_labels": "{\"a\": \"b\"}"}, "labels lost"),
        ("data_source = 'Storage'", {"pod_labels": "{}"}, "labels lost"),
        ("infrastructure_usage_cost IS NOT NULL",
         {"infrastructure_usage_cost": dice.choice(["{\"cpu\": 9}", "{}", None, "[]", "0",
                                                    "{\"cpu\": 0, \"memory\": 0, \"storage\": 1e-9}"])},
         "value changed"),
        ("data_source = 'Pod' AND pod_labels IS NULL",
         {"infrastructure_usage_cost": "{\"cpu\": 0, \"memory\": 0, \"storage\": 0}"}, "value changed")])
    some = rows(base, where)
    if not some:
        return None
    for row in dice.sample(some, (len(some) + 2) // 3):
        change(base, row, **values)
    return cause


def other_kind(base, dice, case):
    """A measure where it belongs to the other kind of row."""
    kind, names = dice.choice([("Pod", VOLUMES), ("Storage", USAGES + CAPACITIES)])
    some = rows(base, f"data_source = '{kind}'")
    if not some:
        return None
    name, value = dice.choice(names), dice.choice([12345.0, 0.0])
    for row in dice.sample(some, (len(some) + 3) // 4):
        change(base, row, **{name: value})
    return "value changed"


def infinite(base, dice, case):
    name = dice.choice(USAGES + VOLUMES)
    some = rows(base, f"{name} IS NOT NULL")
    if not some:
        return None
    change(base, dice.choice(some), **{name: dice.choice([float("inf"), float("-inf")])})
    return "value changed"


FAULTS = [row_lost, row_doubled, value_changed, day_shifted, other_run, unit_wrong, label_lost, namespace_swapped,
          source_swapped, stale_data, capacity_wrong, unlike_ours, other_kind, infinite]
IN_FILES = (row_lost, row_doubled, value_changed, day_shifted, other_run, unit_wrong, label_lost, namespace_swapped,
            capacity_wrong, unlike_ours, other_kind)


def as_csv(base, path):
    """The rows of our source, as the CSV sink has them."""
    some = rows(base)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [name for name in some[0] if name != "rowid"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(some)


def inject(case, number, dice):
    """One fault; tells what it was, and the causes that validate gave, the most frequent first."""
    fault = FAULTS[number % len(FAULTS)]
    path, reports = case.folder / "wrong.db", case.folder / "a/input"
    kept = (reports / "pod_usage.csv").read_bytes()
    wanted = None
    while not wanted:
        shutil.copy(case.base, path)
        base = sqlite3.connect(path)
        wanted = fault(base, dice, case)
        base.commit()
        if fault in IN_FILES and number // len(FAULTS) % 2:
            as_csv(base, case.folder / "wrong.csv")
            path = case.folder / "wrong.csv"
        base.close()
    got = harness.run("validate", reports, "--config", case.config, "--source", OWN, "--against", path, "--json")
    (reports / "pod_usage.csv").write_bytes(kept)
    assert got.returncode in (0, 4), got.stderr.decode()
    causes = json.loads(got.stdout)["causes"]
    assert (got.returncode == 4) == bool(causes), got.stdout.decode()
    return fault.__name__, wanted, sorted(causes, key=lambda cause: -causes[cause])


def check(folder, count):
    dice = random.Random(6001)
    cases = [Case(folder, FIRST_SEED + i) for i in range(min(CASES, max(1, count // 8)))]
    missed, wrong = [], collections.Counter()
    for number in range(count):
        name, wanted, causes = inject(dice.choice(cases), number, dice)
        if not causes:
            missed.append(f"{number} {name}")
        elif causes[0] != wanted:
            wrong[f"{wanted} told as {causes[0]}"] += 1
    right = count - len(missed) - sum(wrong.values())
    print(f"{count} faults, {count - len(missed)} found, {right} with the right cause; {dict(wrong)}")
    assert not missed, f"not found: {missed}"
    assert right * 300 >= 250 * count, f"only {right} of {count} with the right cause"


def main():
    harness.need_shared("reference")
    count = int(os.environ.get("SHUKEI_FAULTS_INJECTED", "84"))
    with harness.Folder() as folder:
        harness.main([(f"{count} faults", lambda: check(folder, count))])


if __name__ == "__main__":
    main()
