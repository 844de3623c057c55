# SPDX-License-Identifier: Apache-2.0
"""What the interop tests share. Importing it goes on in the Python that has the peers' packages:
SHUKEI_PEERS names its folder of programs (make interop sets it); skipped without it.
"""
import os
import pathlib
import re
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "golden"),
                str(pathlib.Path(__file__).resolve().parents[1])]
import harness

PEERS = os.environ.get("SHUKEI_PEERS")
if not PEERS:
    harness.skip("SHUKEI_PEERS is not set; make interop sets it")
if os.environ.get("SHUKEI_IN_PEERS") != PEERS:
    os.environ["SHUKEI_IN_PEERS"] = PEERS
    os.execv(f"{PEERS}/python", [f"{PEERS}/python", *sys.argv])

import csv
import json
from datetime import datetime, timezone

import pyarrow as pa

TIMES = ("report_period_start", "report_period_end", "interval_start", "interval_end")
NUMBER = re.compile(r"(_seconds|_bytes|_cores)$")
LABELS = re.compile(r"_labels$")
DECIMAL = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$", re.I)


def cases():
    return sorted(path for path in harness.need_shared("golden").iterdir() if path.is_dir())


def time_of(text):
    text = text.replace(" +0000 UTC", "").replace("T", " ").replace("Z", "")
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc)


def number_of(text):
    """Null for an empty cell, NaN for what is no number: both are read as 0."""
    if not text.strip():
        return None
    return float(text) if DECIMAL.match(text) else float("nan")


def json_of(text):
    """The operator's spelling of labels as the JSON that upstream stores."""
    if text.startswith("{"):
        return text
    labels = {}
    for pair in text.split("|"):
        if pair.count(":") == 1:
            key, value = pair.split(":")
            labels[key.replace("label_", "")] = value
    return json.dumps(labels)


def reports(case):
    """(name, columns) of each report of a case: column name -> list of values, typed."""
    for path in sorted((case / "input").glob("*.csv")):
        with open(path, newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        columns = {}
        for at, name in enumerate(header):
            convert = (time_of if name in TIMES else number_of if NUMBER.search(name)
                       else json_of if LABELS.search(name) else str)
            columns[name] = [convert(row[at]) for row in rows]
        yield path.stem, columns


def kind_of(name, unit="us"):
    if name in TIMES:
        return pa.timestamp(unit, tz="UTC")
    return pa.float64() if NUMBER.search(name) else pa.string()


def table_of(columns, unit="us"):
    return pa.table({name: pa.array(values, kind_of(name, unit)) for name, values in columns.items()})


def expected_rows(case):
    return {labels: harness.rows_of_csv((case / name).read_bytes())
            for labels, name in (("koku", "expected.csv"), ("hourly", "expected-hourly.csv"))}
