# SPDX-License-Identifier: Apache-2.0
"""The data of make bench: what `shukei generate` makes up, in the forms that are compared.

    folder_of("1m", "pyarrow")    makes what is not there yet, and says where it is

Forms: `csv` and `csv.gz` (gzip -6) as the operator writes them; `ours`, Parquet by `shukei convert`
from that CSV; `pyarrow`, the same rows and files written by pyarrow with its defaults (snappy, one row
group a million rows); `one` and `hours`, the pod rows alone as one file or as a file an hour, by pyarrow as well. A set too large to lie about as CSV has only the two Parquet forms, and `ours`
is then what `shukei generate` writes, by the same writer. A marker is set when a form is whole.

A hundred days are made in ten parts of ten, and each part is converted and its CSV removed before
the next; pyarrow takes one row group at a time: little more than a gigabyte of memory is needed.
"""
import json
import pathlib
import shutil
import subprocess
import sys
from datetime import date, timedelta

HERE = pathlib.Path(__file__).resolve().parent
FIRST = date(2025, 10, 1)
FORMS = ("csv", "csv.gz", "ours", "pyarrow", "one", "hours")
MADE = {"csv": 1, "csv.gz": 1, "ours": 2, "pyarrow": 1, "one": 1, "hours": 1}  # counts up when a form is made differently


class Data:
    def __init__(self, preset, *more, parts=1, days=1, by_csv=True, on_demand=False):
        self.words, self.parts, self.days, self.by_csv, self.on_demand = [preset, *more], parts, days, by_csv, on_demand


PODS = ("--volumes-per-node", "0")
SETS = {
    "24": Data("20k", "--nodes", "1", "--pods", "1", "--namespaces", "1", *PODS),
    "20k": Data("20k", *PODS),
    "100k": Data("100k", *PODS),
    "1m": Data("1m", *PODS),
    "10m": Data("1m", "--hours", "240", *PODS, days=10),
    "month": Data("20k", "--pods", "1344", "--hours", "744", *PODS, days=31, by_csv=False),
    "month-large": Data("100k", "--hours", "744", *PODS, days=31, by_csv=False),
    "storage": Data("100k", "--volumes-per-node", "900"),
    "100m": Data("1m", "--hours", "240", *PODS, days=10, parts=10, on_demand=True),
    "100m-pods": Data("1m", "--scale-factor", "100", *PODS, by_csv=False, on_demand=True),
    "10m-groups": Data("1m", "--scale-factor", "250", "--hours", "2", *PODS, by_csv=False, on_demand=True),
}
ON_DEMAND = [name for name, data in SETS.items() if data.on_demand]

WRITE_BY_PYARROW = """
import pathlib, sys, pyarrow as pa, pyarrow.parquet as pq
from_, to, group = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), 1 << 20
for path in sorted(from_.glob("*.parquet")):
    source = pq.ParquetFile(path, pre_buffer=False)
    schema = source.schema_arrow.remove_metadata()
    with pq.ParquetWriter(to / path.name, schema) as out:
        waiting, rows = [], 0
        for batch in source.iter_batches(batch_size=group >> 3):
            waiting.append(batch.replace_schema_metadata(None))
            rows += batch.num_rows
            if rows >= group:
                table = pa.Table.from_batches(waiting)
                out.write_table(table.slice(0, group))
                waiting = table.slice(group).combine_chunks().to_batches()
                rows = sum(b.num_rows for b in waiting)
        if rows:
            out.write_table(pa.Table.from_batches(waiting))
"""


class Store:
    """The sets below a folder, made by a program."""

    def __init__(self, top, program, python=sys.executable, say=lambda text: None):
        self.top, self.program, self.python, self.say = pathlib.Path(top), str(program), python, say

    def marker(self, name, form):
        return self.top / name / f"{form}.made"  # beside the folder, which holds reports and nothing else

    def told(self, name, form):
        """What the marker says; nothing where the form is not there, or was made otherwise."""
        marker = self.marker(name, form)
        told = json.loads(marker.read_text()) if marker.exists() else {}
        return told if told.get("made") == [MADE[form], *SETS[name].words] else {}

    def is_made(self, name, form):
        return bool(self.told(name, form))

    def rows(self, name, report):
        """Rows of a report, by any form that is there."""
        return next(told for told in (self.told(name, form) for form in FORMS) if told)["rows"][report]

    def folder_of(self, name, form):
        folder = self.top / name / form
        if self.is_made(name, form):
            return folder
        self.say(f"making {name} as {form}")
        work = folder.with_name(f"{form}.unfinished")
        self.marker(name, form).unlink(missing_ok=True)
        for old in (work, folder):
            shutil.rmtree(old, ignore_errors=True)
        work.mkdir(parents=True)
        rows = {"csv": self.make_csv, "csv.gz": self.make_gzip, "ours": self.make_ours, "pyarrow": self.make_pyarrow,
                "one": self.make_one, "hours": self.make_hours}[form](name, work)
        work.rename(folder)
        self.marker(name, form).write_text(json.dumps({"made": [MADE[form], *SETS[name].words], "rows": rows}))
        return folder

    def generate(self, name, part, to, *more):
        start = FIRST + timedelta(days=part * SETS[name].days)
        subprocess.run([self.program, "generate", *SETS[name].words, "--start", start.isoformat(), "--to", to, "--quiet", *more], check=True)
        described = to / "shukei-dataset.json"
        rows = json.loads(described.read_text())["rows"]
        described.unlink()
        return rows

    def make_csv(self, name, work):
        if not SETS[name].by_csv or SETS[name].parts > 1:
            raise ValueError(f"{name} is too large for CSV")
        return self.generate(name, 0, work, "--files", "daily")

    def make_gzip(self, name, work):
        csv = self.folder_of(name, "csv")
        for path in sorted(csv.glob("*.csv")):
            with open(work / f"{path.name}.gz", "wb") as out:
                subprocess.run(["gzip", "-6", "-c", path], check=True, stdout=out)
        return self.told(name, "csv")["rows"]

    def make_ours(self, name, work):
        if not SETS[name].by_csv:
            return self.generate(name, 0, work, "--format", "parquet")
        total = {}
        for part in range(SETS[name].parts):
            keep = self.is_made(name, "csv")
            csv = self.folder_of(name, "csv") if keep else work / "csv"
            rows = self.told(name, "csv")["rows"] if keep else self.generate(name, part, csv, "--files", "daily")
            subprocess.run([self.program, "convert", csv, "--to", work, "--quiet"], check=True)
            if not keep:
                shutil.rmtree(csv)
            total = {report: total.get(report, 0) + count for report, count in rows.items()}
        return total

    def make_pyarrow(self, name, work):
        ours = self.folder_of(name, "ours")
        subprocess.run([self.python, "-c", WRITE_BY_PYARROW, ours, work], check=True)
        return self.told(name, "ours")["rows"]

    def split(self, name, work, form):
        ours = self.folder_of(name, "ours")
        subprocess.run([self.python, HERE / "split_month.py", ours, work, form], check=True)
        return self.told(name, "ours")["rows"]

    def make_one(self, name, work):
        return self.split(name, work, "one")

    def make_hours(self, name, work):
        return self.split(name, work, "hours")
