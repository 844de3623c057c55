# SPDX-License-Identifier: Apache-2.0
"""The rules of spec/6-payloads.md as a plain program: archives in, the rows that count out.

It knows nothing of how shukei does it: it unpacks archives with tarfile, reads manifests with json and
members with csv, and decides by the sentences of the page.
"""
import csv
import datetime
import gzip
import io
import json
import math
import re
import tarfile
import zlib
from fractions import Fraction

MARKS = {"pod_usage_cpu_core_seconds": "pod_usage", "persistentvolumeclaim_capacity_byte_seconds": "storage_usage",
         "node_labels": "node_labels", "namespace_labels": "namespace_labels",
         "vm_uptime_total_seconds": "vm_usage", "gpu_uuid": "gpu_usage"}
EPOCH = datetime.datetime(1970, 1, 1)
DAY = 86400


def moment(text):
    """Seconds since 1970 as an exact fraction; None for what is absent."""
    if text is None or text.startswith("0001-01-01T00:00:00Z"):
        return None
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?", text)
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    at = Fraction(int((datetime.datetime(year, month, day, hour, minute, second) - EPOCH).total_seconds()))
    if match[7]:
        at += Fraction(match[7][1:]) / 10 ** len(match[7][1:])
    if match[8] and match[8] != "Z":
        sign = -1 if match[8][0] == "+" else 1
        at += sign * (int(match[8][1:3]) * 3600 + int(match[8][4:6]) * 60)
    return at


def day_text(day):
    return (EPOCH + datetime.timedelta(days=day)).strftime("%Y-%m-%d")


class Part:
    """A member: its report, header and rows."""

    def __init__(self, data):
        table = list(csv.reader(io.StringIO(data.decode(errors="surrogateescape"), newline="")))
        self.header = table[0] if table else None
        self.rows = [row for row in table[1:] if row]
        names = [c.strip().lower() for c in self.header or []]
        self.report = next((MARKS[c] for c in MARKS if c in names), None)
        self.when = names.index("interval_start") if "interval_start" in names else None

    def instant(self, row):
        return int((datetime.datetime.strptime(row[self.when][:19], "%Y-%m-%d %H:%M:%S") - EPOCH).total_seconds())


class Manifest:
    def __init__(self, archive, members, text):
        self.archives = [archive]
        self.uuid, self.cluster = text["uuid"], text["cluster_id"]
        self.date, self.start, self.end = moment(text["date"]), moment(text.get("start")), moment(text.get("end"))
        self.whole = bool(text.get("daily_reports")) or not text.get("version")
        self.named = set(text.get("files") or [])
        self.parts = {name: Part(data) for name, data in members.items() if name in self.named}

    def merge(self, other):
        """Another archive of the same uuid."""
        self.archives += other.archives
        self.parts = {**other.parts, **self.parts}
        self.named |= other.named

    def instants(self, report, day):
        return {part.instant(row) for part in self.parts.values() if part.report == report for row in part.rows
                if part.instant(row) // DAY == day}

    def days(self):
        """(report, day) of which it has rows."""
        return {(part.report, part.instant(row) // DAY) for part in self.parts.values() if part.report
                for row in part.rows}

    def hours(self, report, day):
        if self.start is None or self.end is None:
            return len(self.instants(report, day))
        within = min(self.end, Fraction((day + 1) * DAY)) - max(self.start, Fraction(day * DAY))
        return max(0, math.ceil(within / 3600))


def read_archive(path):
    """A manifest, or None where it is no payload that may be read."""
    members = {}
    try:
        text = gzip.decompress(path.read_bytes())  # all of it: tarfile stops at its end blocks
        with tarfile.open(fileobj=io.BytesIO(text)) as tar:
            for one in tar:
                if one.isfile():
                    members[one.name.removeprefix("./")] = tar.extractfile(one).read()
        place, = [name for name in members if name.rsplit("/", 1)[-1] == "manifest.json"]
        folder = place.removesuffix("manifest.json")
        beside = {name.removeprefix(folder): data for name, data in members.items() if name.startswith(folder)}
        return Manifest(path.name, beside, json.loads(members[place]))
    except (tarfile.TarError, OSError, EOFError, KeyError, ValueError, zlib.error):
        return None


class Model:
    """All archives of a history."""

    def __init__(self, paths):
        self.bad, self.manifests = 0, {}
        read = [m for m in map(read_archive, sorted(paths)) if m or self.count_bad()]
        self.archives = len(read)
        for one in read:
            key = one.cluster, one.uuid
            if key in self.manifests:
                self.manifests[key].merge(one)
            else:
                self.manifests[key] = one
        self.clusters = sorted({cluster for cluster, _ in self.manifests})
        self.counting = {}  # (cluster, report, day) -> manifests
        for cluster in self.clusters:
            mine = [m for m in self.manifests.values() if m.cluster == cluster]
            for report, day in set().union(*(m.days() for m in mine)):
                here = [m for m in mine if (report, day) in m.days()]
                self.counting[cluster, report, day] = self.choose(report, day, here)

    def count_bad(self):
        self.bad += 1

    @staticmethod
    def choose(report, day, manifests):
        whole = [m for m in manifests if m.whole]
        if not whole:
            return manifests
        best = max(whole, key=lambda m: (m.hours(report, day), m.date, m.uuid))
        return [best] + [m for m in manifests if not m.whole and m.date > best.date]

    def counts(self, manifest, report, day):
        return manifest in self.counting[manifest.cluster, report, day]

    def superseded_rows(self, cluster):
        return sum(not self.counts(m, part.report, part.instant(row) // DAY)
                   for m in self.manifests.values() if m.cluster == cluster
                   for part in m.parts.values() if part.report for row in part.rows)

    def superseded_manifests(self, cluster):
        return sum(bool(m.days()) and not any(self.counts(m, report, day) for report, day in m.days())
                   for m in self.manifests.values() if m.cluster == cluster)

    def write(self, cluster, folder):
        """The CSV that counts; false where there is none."""
        folder.mkdir(parents=True)
        number = 0
        for manifest in self.manifests.values():
            if manifest.cluster != cluster:
                continue
            for part in manifest.parts.values():
                rows = [r for r in part.rows if part.report and self.counts(manifest, part.report, part.instant(r) // DAY)]
                if not rows:
                    continue
                number += 1
                with open(folder / f"{number:04}.csv", "w", newline="", encoding="utf-8",
                          errors="surrogateescape") as file:
                    writer = csv.writer(file, lineterminator="\n")
                    writer.writerow(part.header)
                    writer.writerows(rows)
        return number > 0
