#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Archives made to do harm: refused within the memory they are given, or skipped and named.

Beside each lies a good payload, whose rows remain with --bad-payloads skip.
"""
import gzip
import io
import json
import pathlib
import sys
import tarfile
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from archives import pack
from harness import Folder, must, run

HEAD = b"report_period_start,report_period_end,interval_start,interval_end,node,node_labels\n"
ROWS = HEAD + b",,2025-10-01 00:00:00 +0000 UTC,,n,label_a:b\n"
PODS = (b"interval_start,pod,namespace,node,resource_id,pod_usage_cpu_core_seconds,pod_request_cpu_core_seconds,"
        b"pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,"
        b"pod_limit_memory_byte_seconds,node_capacity_cpu_cores,node_capacity_cpu_core_seconds,"
        b"node_capacity_memory_bytes,node_capacity_memory_byte_seconds,pod_labels,report_period_start,"
        b"report_period_end,interval_end\n2025-10-01,p,s,n,r,1,1,1,1,1,1,1,1,1,1,,,,\n")
MANIFEST = {"uuid": "u", "cluster_id": "c", "date": "2025-10-01T00:00:00Z", "files": ["a.csv"]}
MEMORY = 64 << 20


def check(ok, why):
    if not ok:
        raise AssertionError(why)


def manifest(**more):
    return "manifest.json", json.dumps({**MANIFEST, **more}).encode()


def special(kind, name="a.csv", link="/etc/passwd"):
    """A tar.gz with a member of some kind."""
    text = io.BytesIO()
    with tarfile.open(fileobj=text, mode="w") as tar:
        for member, data in [manifest()]:
            info = tarfile.TarInfo(member)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, link
        tar.addfile(info)
    return gzip.compress(text.getvalue())


def packed(*members):
    with Folder() as folder:
        return pack(folder / "x", members).read_bytes()


def header(name, size):
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf(tarfile.GNU_FORMAT)


def stream(pieces):
    """gzip of many bytes, which never lie in memory at once."""
    squeeze = zlib.compressobj(1, zlib.DEFLATED, 31)
    return b"".join([squeeze.compress(piece) for piece in pieces] + [squeeze.flush()])


def million_members():
    block = header("x", 0) * 1000
    yield block[:0]
    for _ in range(1000):
        yield block
    yield bytes(1024)


def large(name, size):
    yield header(name, size)
    for _ in range(size >> 20):
        yield bytes(1 << 20)
    yield bytes(1024)


def nested():
    inner = packed(manifest(), ("a.csv", ROWS))
    return packed(manifest(), ("a.csv", inner))


def deep():
    return packed(("manifest.json", b"[" * 100000 + b"]" * 100000))


def behind(data):
    return packed(manifest(), ("a.csv", ROWS)) + data


def trailer(change):
    data = bytearray(packed(manifest(), ("a.csv", ROWS)))
    data[len(data) - 8 + change] ^= 1
    return bytes(data)


CASES = {
    "upward": lambda: packed(manifest(), ("../a.csv", ROWS)),
    "upward, not named": lambda: packed(manifest(), ("a.csv", ROWS), ("b/../../x", b"")),
    "absolute": lambda: packed(manifest(), ("/a.csv", ROWS)),
    "symbolic link": lambda: special(tarfile.SYMTYPE),
    "hard link": lambda: special(tarfile.LNKTYPE),
    "device": lambda: special(tarfile.CHRTYPE),
    "pipe": lambda: special(tarfile.FIFOTYPE),
    "a million members": lambda: stream(million_members()),
    "a manifest of 1 GB": lambda: stream(large("manifest.json", 1 << 30)),
    "a manifest of 11 MB": lambda: packed(("manifest.json", b" " * (11 << 20))),
    "a manifest of values": lambda: packed(("manifest.json", b"[" + b"[]," * 3000000 + b"[]]")),
    "a deep manifest": deep,
    "a bomb": lambda: stream(large("a.csv", 1 << 30)),
    "a bomb behind the end": lambda: stream([bytes(1 << 20)] * 300),
    "no manifest": lambda: packed(("a.csv", ROWS)),
    "no JSON": lambda: packed(("manifest.json", b"{")),
    "files upward": lambda: packed(manifest(files=["../a.csv"]), ("a.csv", ROWS)),
    "files in folders": lambda: packed(manifest(files=["b/a.csv"]), ("b/a.csv", ROWS)),
    "files as Windows has them": lambda: packed(manifest(files=["b\\a.csv"]), ("a.csv", ROWS)),
    "files without a name": lambda: packed(manifest(files=[""]), ("a.csv", ROWS)),
    "behind it": lambda: behind(b"garbage"),
    "wrong checksum": lambda: trailer(0),
    "wrong length": lambda: trailer(4),
    "empty": lambda: b"",
    "no gzip": lambda: b"PK\3\4 something else",
    "no tar": lambda: gzip.compress(b"hello, world\n" * 1000),
}
NEVER_SKIPPED = {"nested": nested}  # the archive is sound; what a member holds is not


def hostile(name, data):
    with Folder() as folder:
        pack(folder / "in/good.tar.gz", [manifest(files=["p.csv"], uuid="good"), ("p.csv", PODS)])
        (folder / "in/hostile.tar.gz").write_bytes(data)
        words = ["aggregate", folder / "in", "--memory", MEMORY, "--threads", 2]
        got = run(*words, "--to", folder / "out.csv")
        text = got.stderr.decode()
        check(got.returncode == 3, f"exit {got.returncode}: {text}")
        check("hostile.tar.gz" in text, f"not named: {text}")
        check(not (folder / "out.csv").exists(), "written")
        got = run(*words, "--to", folder / "out.csv", "--bad-payloads", "skip", "--stats", folder / "stats.json")
        text = got.stderr.decode()
        if name in NEVER_SKIPPED:
            check(got.returncode == 3, f"skipped: {text}")
            return
        check(got.returncode == 0, f"skip: exit {got.returncode}: {text}")
        stats = json.loads((folder / "stats.json").read_text())
        check(stats["payloads_bad"] == 1 and stats["payloads"] == 1 and stats["rows_written"] == 2, str(stats))
        check("hostile.tar.gz" in text and "left out" in text, f"not named: {text}")
        check(stats["peak_budget_bytes"] <= MEMORY, f"{stats['peak_budget_bytes']} bytes")


def targets():
    """A sink must not be one of the archives."""
    with Folder() as folder:
        path = pack(folder / "x.csv", [manifest(files=["p.csv"]), ("p.csv", PODS)])
        got = run("aggregate", path, "--to", path)
        check(got.returncode == 2 and b"is a report that is read" in got.stderr, got.stderr.decode())


def several():
    """Clusters that are not listed, and convert, which takes one."""
    with Folder() as folder:
        for n in "ab":
            pack(folder / f"in/{n}.tar.gz", [manifest(files=["p.csv"], cluster_id=n), ("p.csv", PODS)])
        got = run("aggregate", folder / "in", "--to", "-")
        check(got.returncode == 2 and b'cluster "a" is none' in got.stderr, got.stderr.decode())
        got = run("convert", folder / "in", "--to", folder / "out")
        check(got.returncode == 2 and b"of 2 clusters" in got.stderr, got.stderr.decode())
        (folder / "c.yaml").write_text("clusters: [{cluster_id: b, source: sb, report_period_id: 7}]\n")
        got = must("aggregate", folder / "in", "--to", "-", "--config", folder / "c.yaml", "--unknown-clusters", "skip")
        rows = harness.rows_of_csv(got.stdout)
        check({(r["source_uuid"], r["report_period_id"], r["cluster_id"]) for r in rows} == {("sb", "7", "b")}, str(rows))
        got = run("aggregate", folder / "in", "--to", "-", "--unknown-clusters", "skip")
        check(got.returncode == 3, f"nothing is listed: exit {got.returncode}")


if __name__ == "__main__":
    harness.main([(name, lambda n=name, m=make: hostile(n, m())) for name, make in {**CASES, **NEVER_SKIPPED}.items()]
                 + [("targets", targets), ("several", several)])
