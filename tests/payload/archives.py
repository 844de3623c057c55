# SPDX-License-Identifier: Apache-2.0
"""Operators' payloads by chance: clusters, their hours as CSV, manifests and archives.

The columns and their order are those of the operator's reports.
"""
import datetime
import gzip
import io
import json
import tarfile

PERIOD = ["report_period_start", "report_period_end", "interval_start", "interval_end"]
COLUMNS = {
    "pod_usage": PERIOD + """pod namespace node resource_id pod_usage_cpu_core_seconds pod_request_cpu_core_seconds
        pod_limit_cpu_core_seconds pod_usage_memory_byte_seconds pod_request_memory_byte_seconds
        pod_limit_memory_byte_seconds node_capacity_cpu_cores node_capacity_cpu_core_seconds
        node_capacity_memory_bytes node_capacity_memory_byte_seconds pod_labels""".split(),
    "storage_usage": PERIOD + """namespace pod persistentvolumeclaim persistentvolume storageclass
        persistentvolumeclaim_capacity_bytes persistentvolumeclaim_capacity_byte_seconds
        volume_request_storage_byte_seconds persistentvolumeclaim_usage_byte_seconds persistentvolume_labels
        persistentvolumeclaim_labels""".split(),
    "node_labels": PERIOD + ["node", "node_labels"],
    "namespace_labels": PERIOD + ["namespace", "namespace_labels"],
}
START = datetime.datetime(2025, 9, 29)  # days around the end of a month
HOUR = datetime.timedelta(hours=1)


def stamp(at):
    return at.strftime("%Y-%m-%d %H:%M:%S +0000 UTC")


class Cluster:
    """Few pods on few nodes. Each manifest sees an hour with a factor of its own, so that a wrong choice
    between two that repeat it shows."""

    def __init__(self, dice, number):
        self.id = f"{dice.randrange(1 << 32):08x}-cluster-{number}"
        self.nodes = [f"n{number}-{i}" for i in range(dice.randint(1, 3))]
        self.spaces = [f"space-{i}" for i in range(dice.randint(1, 3))]
        self.pods = [(f"pod-{i}", dice.choice(self.spaces), dice.choice(self.nodes)) for i in range(dice.randint(1, 5))]

    def period(self, at):
        first = at.replace(day=1, hour=0)
        return [stamp(first), stamp((first + datetime.timedelta(days=32)).replace(day=1)), stamp(at),
                stamp(at + HOUR - datetime.timedelta(seconds=1))]

    def rows(self, report, at, factor):
        period = self.period(at)
        if report == "node_labels":
            return [period + [n, f"label_app:{n}|label_zone:z{at.day % 2}"] for n in self.nodes]
        if report == "namespace_labels":
            return [period + [s, f"label_tier:{s}"] for s in self.spaces]
        if report == "storage_usage":
            return [period + [space, pod, f"claim-{pod}", f"volume-{pod}", "fast", 1 << 30, 3600 << 30,
                              1800 * factor, 900 * factor, "label_app:v", ""] for pod, space, _ in self.pods[:2]]
        return [period + [pod, space, node, f"i-{node}", round(360.5 * factor, 3), 720, "", 3.5e12 * factor, 1 << 42,
                          "", 4, 14400, 1 << 34, 3600 << 34, f"label_app:{pod}|label_env:prod"]
                for pod, space, node in self.pods]


def table(report, rows, dice):
    names = COLUMNS[report]
    text = io.StringIO()
    if dice.random() < 0.1:  # newer operators have more columns
        names, rows = names + ["new_column"], [row + ["x"] for row in rows]
    end = dice.choice(["\n", "\r\n"])
    for row in [names] + rows:
        text.write(",".join(map(str, row)) + end)
    return text.getvalue().encode()


def rfc3339(dice, at, end=False):
    """A time in one of the forms that manifests have."""
    text = at.strftime("%Y-%m-%d") + dice.choice("T ") + at.strftime("%H:%M:%S")
    if dice.random() < 0.3:
        text += "." + str(dice.randrange(10 ** 9)).zfill(9)[:dice.randint(1, 9)]
    if dice.random() < 0.2:
        local = at + 2 * HOUR
        return local.strftime("%Y-%m-%dT%H:%M:%S") + "+02:00"
    return text + dice.choice(["Z", "", "Z"])


def pack(path, members, dice=None, style=tarfile.GNU_FORMAT):
    """A tar.gz of (name, bytes), in one of the forms that programs write."""
    text = io.BytesIO()
    with tarfile.open(fileobj=text, mode="w", format=style) as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    data = text.getvalue()
    cut = dice.randrange(len(data)) if dice and dice.random() < 0.2 else 0  # gzip of two members
    level = dice.choice([0, 1, 6, 9]) if dice else 6
    packed = b"".join(gzip.compress(part, level, mtime=0) for part in ([data[:cut], data[cut:]] if cut else [data]))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed)
    return path


class History:
    """Archives of some clusters and days below a folder."""

    def __init__(self, dice, folder):
        self.dice, self.folder, self.paths, self.serial = dice, folder, [], 0
        self.clusters = [Cluster(dice, i) for i in range(dice.choice([1, 1, 1, 2, 3]))]
        for cluster in self.clusters:
            self.operate(cluster)
        if dice.random() < 0.3:
            self.damage()

    def operate(self, cluster):
        """One cluster's operator: of one kind or, after an update, the other."""
        dice = self.dice
        kind = dice.choice(["daily", "no version", "additive", "both"])
        first = START + datetime.timedelta(days=dice.randint(0, 1))
        for day in range(dice.randint(1, 4)):
            midnight = first + datetime.timedelta(days=day)
            whole = dice.random() < 0.5 if kind == "both" else kind != "additive"
            hour = dice.choice([0, 0, 0, 3])  # a restart: the day before is lost
            while hour < 24:
                to = min(24 if dice.random() < 0.8 else 27, hour + dice.choice([3, 6, 6, 12]))
                begin = midnight + HOUR * (dice.choice([0, 0, 0, 2, hour]) if whole else hour)
                self.payload(cluster, begin, midnight + HOUR * to, whole, kind)
                hour = to if dice.random() < 0.9 else max(hour + 1, to - 2)

    def manifest(self, cluster, begin, end, whole, kind):
        dice = self.dice
        last = end - datetime.timedelta(seconds=1)
        date = dice.choice([end, end, end + HOUR, begin.replace(hour=0)])
        text = {"uuid": f"{dice.randrange(1 << 40):010x}", "cluster_id": cluster.id, "date": rfc3339(dice, date),
                "start": rfc3339(dice, begin), "end": rfc3339(dice, last)}
        if whole and (kind == "no version" or dice.random() < 0.3):
            text["daily_reports"] = dice.choice([False, None, True])
            text["version"] = dice.choice([None, ""])
        elif whole:
            text["daily_reports"] = True
        else:
            text["daily_reports"] = dice.choice([False, None])
        if whole and text["daily_reports"] or not whole:
            text.setdefault("version", "3.2.0")
        for key in ("start", "end"):
            if dice.random() < 0.15:
                text[key] = dice.choice([None, "0001-01-01T00:00:00Z"])
        return {k: v for k, v in text.items() if v is not None or dice.random() < 0.5}

    def payload(self, cluster, begin, end, whole, kind):
        dice = self.dice
        text = self.manifest(cluster, begin, end, whole, kind)
        factor = 1 + dice.randrange(1000) / 1000
        parts, named = [], []
        for report in COLUMNS:
            if dice.random() < 0.1:
                continue
            rows, at = [], begin
            while at < end:
                rows += cluster.rows(report, at, factor)
                at += HOUR
            if dice.random() < 0.05:  # outside of [start, end]
                rows += cluster.rows(report, begin - datetime.timedelta(days=1), factor)
            cut = dice.randint(0, len(rows))
            for piece in ([rows[:cut], rows[cut:]] if dice.random() < 0.3 else [rows]):
                parts.append((f"{text['uuid']}_openshift_usage_report.{len(parts)}.csv", table(report, piece, dice)))
        named = [name for name, _ in parts]
        if dice.random() < 0.1:
            parts.append((f"{text['uuid']}_empty.csv", b""))
            named.append(parts[-1][0])
        if dice.random() < 0.05:
            named.append("missing.csv")
        if dice.random() < 0.05 and named:
            named.remove(dice.choice(named))  # there, but not named
        text["files"] = named or None
        if dice.random() < 0.2:
            text["resource_optimization_files"] = ["ros.csv"]
            parts.append(("ros.csv", b"container_name,x\n1,2\n"))
        self.archive(text, parts)

    def archive(self, text, parts):
        """Splits the parts over archives of one manifest, some of which come twice."""
        dice = self.dice
        shares = [[] for _ in range(dice.choice([1, 1, 1, 2, 3]))]
        for part in parts:
            dice.choice(shares).append(part)
        for share in shares:
            if dice.random() < 0.1:
                share.append((dice.choice(["._x.csv", "notes.txt"]), b"interval_start,node,node_labels\n"))
            dice.shuffle(share)
            members = share[:]
            members.insert(dice.choice([0, len(share)]), ("manifest.json", json.dumps(text).encode()))
            style = dice.choice([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
            prefix = "./" if dice.random() < 0.1 else ""
            for _ in range(1 if dice.random() < 0.9 else 2):
                self.serial += 1
                place = self.folder / dice.choice(["", "a", "b/c"])
                path = place / (f"{dice.randrange(1 << 32):08x}-{self.serial}" + dice.choice([".tar.gz", ".tgz", ""]))
                self.paths.append(pack(path, [(prefix + n, d) for n, d in members], dice, style))

    def damage(self):
        """An archive that is cut, or one without a manifest."""
        dice = self.dice
        if dice.random() < 0.5:
            whole = dice.choice(self.paths).read_bytes()
            path = self.folder / "cut.tar.gz"
            path.write_bytes(whole[:dice.randrange(1, len(whole))])
        else:
            path = pack(self.folder / "without.tar.gz", [("x.csv", b"interval_start,node,node_labels\n")])
        self.paths.append(path)
