#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bad input and bad targets: one line that names the place, the exit status of the manual, no output
touched, nothing left behind.

usage: bad.py cut|values|sources|targets|signals
"""
import datetime
import gzip
import os
import pathlib
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import must, rows_of_csv, run

CLUSTER = harness.ROOT / "examples/cluster"
FAILED, USAGE, INPUT = 1, 2, 3
PLACES = 200
POD_HEADER = ("interval_start,interval_end,report_period_start,report_period_end,pod,namespace,node,resource_id,"
              "pod_usage_cpu_core_seconds,pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,"
              "pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,"
              "node_capacity_cpu_cores,node_capacity_cpu_core_seconds,node_capacity_memory_bytes,"
              "node_capacity_memory_byte_seconds,pod_labels")
GOOD = dict(zip(POD_HEADER.split(","), "2025-10-01T00:00:00Z,2025-10-01T00:59:59Z,2025-10-01T00:00:00Z,"
                "2025-11-01T00:00:00Z,web,shop,n1,i-1,3600,1800,0,3600,3600,0,4,14400,1024,3686400,".split(",")))


def pod_csv(path, *changes, header=POD_HEADER):
    """A pod report with a row for each dict of changes to a good one."""
    lines = [header.encode()]
    for change in changes:
        cells = [{**GOOD, **change}[name] for name in POD_HEADER.split(",")]
        lines.append(b",".join(cell if isinstance(cell, bytes) else cell.encode() for cell in cells))
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def snapshot(folder):
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
            for path in sorted(folder.rglob("*"))}


def said(got, status, *words):
    """The exit status, and one line of error with the words; a line of advice may follow."""
    text = got.stderr.decode(errors="replace")
    assert got.returncode == status, f"exit {got.returncode}, not {status}: {text}"
    lines = [line for line in text.splitlines() if "warning" not in line]
    assert lines and lines[0].startswith("shukei: "), text
    assert len(lines) <= 2, f"more than an error and an advice:\n{text}"
    for word in words:
        assert word in lines[0], f"no {word!r} in: {lines[0]}"
    return lines[0]


def refused(status, source, *words, options=(), sinks=("out.csv", "out.parquet", "out.db"), **spawn):
    """aggregate refuses: with no sink yet there is none after it, with old ones they stay as they were."""
    with harness.Folder() as folder:
        targets = [item for name in sinks for item in ("--to", folder / name)]
        said(run("aggregate", *([source] if not isinstance(source, list) else source), *targets, *options,
                 cwd=folder, **spawn), status, *words)
        left = snapshot(folder)
        assert not left, f"left behind: {list(left)}"
        must("aggregate", CLUSTER, *targets, cwd=folder)
        before = snapshot(folder)
        said(run("aggregate", *([source] if not isinstance(source, list) else source), *targets, *options,
                 cwd=folder, **spawn), status, *words)
        assert snapshot(folder) == before, "an old output was touched"


def places(size):
    """PLACES lengths from 0 to size - 1: both ends densely, the rest evenly."""
    ends = set(range(min(20, size))) | set(range(max(0, size - 20), size))
    step = max(1, size // (PLACES - len(ends)))
    return sorted(ends | set(range(0, size, step)))


def cut_everywhere(folder, name, whole, expects):
    path, wrong = folder / name, []
    for length in places(len(whole)):
        path.write_bytes(whole[:length])
        got = run("aggregate", path, "--to", "-", cwd=folder)
        text = got.stderr.decode(errors="replace")
        want = expects(length)
        if got.returncode != want or want and (got.stdout or name not in text or not text.startswith("shukei: ")):
            wrong.append(f"{length} of {len(whole)} bytes: exit {got.returncode}, not {want}: {text[:300]}")
    assert not wrong, f"{len(wrong)} places\n  " + "\n  ".join(wrong[:5])


def cut_csv():
    """Every cut but one behind the end of a line, which leaves a shorter report that nobody can tell."""
    whole = (CLUSTER / "storage_usage.csv").read_bytes()
    with harness.Folder() as folder:
        cut_everywhere(folder, "storage_usage.csv", whole, lambda length: 0 if whole[:length].endswith(b"\n") else INPUT)


def cut_gzip():
    whole = gzip.compress((CLUSTER / "pod_usage.csv").read_bytes(), mtime=0)
    with harness.Folder() as folder:
        cut_everywhere(folder, "pod_usage.csv.gz", whole, lambda length: INPUT)


def cut_zstd():
    if not shutil.which("zstd"):
        return
    whole = subprocess.run(["zstd", "-q", "-c", CLUSTER / "pod_usage.csv"], check=True, capture_output=True).stdout
    with harness.Folder() as folder:
        cut_everywhere(folder, "pod_usage.csv.zst", whole, lambda length: INPUT)


def cut_parquet():
    with harness.Folder() as folder:
        must("convert", CLUSTER / "pod_usage.csv", "--to", folder / "parquet")
        whole = min((folder / "parquet").rglob("*.parquet")).read_bytes()
        cut_everywhere(folder, "pod_usage.parquet", whole, lambda length: INPUT)


def gzip_with_a_flipped_bit():
    whole = bytearray(gzip.compress((CLUSTER / "pod_usage.csv").read_bytes(), mtime=0))
    with harness.Folder() as folder:
        for at in range(len(whole) // 3, len(whole), len(whole) // 9):
            whole[at] ^= 0x10
            (folder / "pods.csv.gz").write_bytes(whole)
            refused(INPUT, folder / "pods.csv.gz", "pods.csv.gz", sinks=("out.csv",))
            whole[at] ^= 0x10


# What a cell may hold: change of a good row, and what becomes of it: an exit status with the words
# of its line, or the counters of --stats.
VALUES = [
    ("no time", {"interval_start": ""}, (INPUT, "pods.csv", "row 2")),
    ("no time at all", {"interval_start": "yesterday"}, (INPUT, "pods.csv", "row 2")),
    ("month 13", {"interval_start": "2025-13-01 00:00:00"}, (INPUT, "pods.csv", "row 2")),
    ("30th of February", {"interval_start": "2025-02-30 00:00:00"}, (INPUT, "pods.csv", "row 2")),
    ("hour 24", {"interval_start": "2025-02-03 24:00:00"}, (INPUT, "pods.csv", "row 2")),
    ("year 0", {"interval_start": "0000-01-01T00:00:00Z"}, (INPUT, "pods.csv", "row 2")),
    ("a cell more", {"pod_labels": "a,b"}, (INPUT, "pods.csv", "row 2")),
    ("namespace not UTF-8", {"namespace": b"sh\xffop"}, (INPUT, "pods.csv", "row 2")),
    ("label not UTF-8", {"pod_labels": b"label_app:\xc3\x28"}, (INPUT, "pods.csv", "row 2")),
    ("a surrogate in UTF-8", {"node": b"n\xed\xa0\x80"}, (INPUT, "pods.csv", "row 2")),
    ("invalid JSON in labels", {"pod_labels": '{"app": "web"'}, {"rows_written": 3, "anomalies_dropped": 0}),
    ("JSON that is no object", {"pod_labels": '"[1;2]"'}, {"rows_written": 2, "label_pairs_skipped": 1}),
    ("not a number", {"pod_usage_cpu_core_seconds": "NaN"}, {"cells_unparsable": 1, "rows_written": 2}),
    ("hexadecimal", {"pod_usage_cpu_core_seconds": "0x10"}, {"cells_unparsable": 1, "rows_written": 2}),
    ("infinite", {"pod_usage_cpu_core_seconds": "inf"}, {"anomalies_dropped": 1, "rows_written": 2}),
    ("minus infinite", {"pod_limit_memory_byte_seconds": "-Infinity"}, {"anomalies_dropped": 1, "rows_written": 2}),
    ("beyond double", {"pod_usage_memory_byte_seconds": "1e999"}, {"anomalies_dropped": 1, "rows_written": 2}),
    ("1e19", {"node_capacity_memory_bytes": "1e19"}, {"anomalies_dropped": 1, "rows_written": 2}),
    ("1e18 is the last good one", {"pod_usage_memory_byte_seconds": "1e18"}, {"anomalies_dropped": 0}),
    ("negative", {"pod_request_cpu_core_seconds": "-1"}, {"values_negative": 1, "anomalies_dropped": 0}),
    ("year 9999", {"interval_start": "9999-12-31T23:00:00Z"}, {"rows_written": 4}),
    ("year 1", {"interval_start": "0001-01-01T00:00:00Z"}, {"rows_written": 4}),
    ("the future", {"interval_start": "2199-07-01T00:00:00Z"}, {"rows_written": 4}),
]


def value(change, becomes):
    import json
    with harness.Folder() as folder:
        path = pod_csv(folder / "pods.csv", change, {})
        if isinstance(becomes, tuple):
            refused(becomes[0], path, *becomes[1:])
            return
        must("aggregate", path, "--to", folder / "out.csv", "--stats", folder / "stats.json",
             "--enabled-keys", "app,{\"app\"", cwd=folder)
        stats = json.loads((folder / "stats.json").read_text())
        wrong = {k: stats.get(k) for k, v in becomes.items() if stats.get(k) != v}
        assert not wrong, f"{wrong}, expected {becomes}"


def bad_rows_kept():
    with harness.Folder() as folder:
        path = pod_csv(folder / "pods.csv", {"interval_start": "soon"}, {}, {"pod_labels": "a,b"})
        for choice in ("skip", folder / "kept.csv"):
            got = must("aggregate", path, "--to", "-", "--bad-rows", choice, cwd=folder)
            assert len(rows_of_csv(got.stdout)) == 2, got.stdout
        kept = (folder / "kept.csv").read_text()
        assert kept.count("pods.csv") == 2 and "soon" in kept, kept


def columns():
    with harness.Folder() as folder:
        header = POD_HEADER.replace(",namespace,", ",name_space,")
        refused(INPUT, pod_csv(folder / "pods.csv", {}, header=header), "pods.csv", "namespace")
        header = POD_HEADER.replace("interval_start,", "started,").replace(",node,", ",machine,")
        line = pod_csv(folder / "pods.csv", {}, header=header)
        refused(INPUT, line, "pods.csv", "interval_start", "node")


def moment(text):
    """How statistics tell a time."""
    time = datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc)
    return (int(time.timestamp()) * 10**6).to_bytes(8, "little")


def lie(path, true, told):
    """Puts another time into the statistics of a Parquet file of ours. Its footer's checksum goes by a name
    that nobody looks at."""
    data = path.read_bytes()
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    footer = data[start:-8]
    assert moment(true) in footer and b"shukei.footer_crc32" in footer
    footer = footer.replace(moment(true), moment(told)).replace(b"shukei.footer_crc32", b"shukei.footer_crc3?")
    path.write_bytes(data[:start] + footer + data[-8:])


def late_rows():
    """Statistics tell of a later day than the rows are of, and theirs is written by then."""
    with harness.Folder() as folder:
        good = pod_csv(folder / "good.csv", {}, {"interval_start": "2025-10-02T00:00:00Z"})
        late = pod_csv(folder / "late.csv", {"interval_start": "2025-10-01T06:00:00Z"})
        must("convert", good, "--to", folder / "good")
        must("convert", late, "--to", folder / "late")
        report = next((folder / "late").glob("*.parquet"))
        must("aggregate", folder / "good", report, "--to", folder / "out.csv")
        lie(report, "2025-10-01T06:00:00", "2025-10-03T06:00:00")
        for threads in "1", "4":
            refused(INPUT, [folder / "good", report], report.name, "statistics", options=("--threads", threads))


def sources():
    with harness.Folder() as folder:
        refused(INPUT, folder / "missing.csv", "missing.csv")
        refused(INPUT, folder / "missing", "missing")
        (folder / "empty").mkdir()
        refused(INPUT, folder / "empty", "empty")
        (folder / "other").mkdir()
        (folder / "other/notes.csv").write_text("a,b\n1,2\n")
        (folder / "other/readme.txt").write_text("nothing here\n")
        refused(INPUT, folder / "other", "other")
        (folder / "void.csv").write_bytes(b"")
        refused(INPUT, folder / "void.csv", "void.csv")
        (folder / "fake.parquet").write_bytes(b"PAR1 but no more than that PAR1")
        refused(INPUT, folder / "fake.parquet", "fake.parquet")
        refused(INPUT, [CLUSTER, folder / "missing"], "missing")


def two_spellings():
    """CSV and Parquet of one report would count twice."""
    with harness.Folder() as folder:
        shutil.copytree(CLUSTER, folder / "both")
        must("convert", CLUSTER / "pod_usage.csv", "--to", folder / "both/parquet")
        refused(USAGE, folder / "both", "pod_usage")


def unreadable():
    with harness.Folder() as folder:
        path = pod_csv(folder / "pods.csv", {})
        path.chmod(0)
        unprivileged(folder, lambda run_there: said(run_there("aggregate", path, "--to", "-"), INPUT, "pods.csv",
                                                    "ermission"))


def unprivileged(folder, check):
    """Runs the check with a function that runs the program as a user who is not root and owns the folder."""
    user = 65534
    change = (lambda: os.setuid(user)) if os.geteuid() == 0 else None
    # A build for coverage would complain that this user cannot write its counters, which go aside.
    with harness.Folder() as counters:
        for place in (folder, counters):
            if change:
                os.chown(place, user, -1)
            place.chmod(0o755)
        environment = {**harness.environment(), "GCOV_PREFIX": str(counters)}

        def run_there(*words):
            return subprocess.run([harness.PROGRAM, *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True,
                                  preexec_fn=change, cwd="/", env=environment)
        try:
            reachable = os.access(harness.PROGRAM, os.X_OK) and run_there("--version").returncode == 0
        except OSError:
            reachable = False
        if reachable:
            check(run_there)
        else:
            print("  an unprivileged user cannot start the program here: not checked")


def usage():
    for words in (["aggregate"], ["aggregate", CLUSTER], ["aggregate", CLUSTER, "--to", "out.xyz"], ["nonsense"],
                  ["aggregate", CLUSTER, "--to", "-", "--threads", "many"], ["aggregate", CLUSTER, "--to", "-", "--nope"],
                  ["aggregate", CLUSTER, "--to", "-", "--start", "2025-02-30"],
                  ["aggregate", CLUSTER, "--to", "-", "--start", "2025-10-02", "--end", "2025-10-01"],
                  ["aggregate", CLUSTER, "--to", "-", "--config", "missing.yaml"]):
        said(run(*words), USAGE)


def small_files():
    """The disk is full after 4 KiB; the write fails instead of a signal."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))


def full_disk():
    for sink in ("out.csv", "out.parquet", "out.db"):
        refused(FAILED, CLUSTER, sink, sinks=(sink,), preexec_fn=small_files)
    refused(FAILED, CLUSTER, sinks=("out.csv", "out.parquet", "out.db"), preexec_fn=small_files)
    with harness.Folder() as folder:
        said(run("convert", CLUSTER, "--to", folder / "parquet", preexec_fn=small_files), FAILED, ".parquet")
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert not files, f"left behind: {files}"
        must("generate", "20k", "--to", folder / "large")  # it is written before its end is there
        got = run("convert", folder / "large", "--to", folder / "parquet", preexec_fn=small_files)
        said(got, FAILED, ".parquet")
        assert got.stderr.count(b".parquet") == 1, got.stderr
    with open("/dev/full", "wb") as full:
        got = subprocess.run([harness.PROGRAM, "aggregate", CLUSTER, "--to", "-"], stdin=subprocess.DEVNULL, stdout=full,
                             stderr=subprocess.PIPE, env=harness.environment())
    said(got, FAILED, "standard output")


def unwritable():
    with harness.Folder() as folder:
        (folder / "file").write_text("in the way")
        (folder / "taken.csv").mkdir()
        (folder / "taken.db").mkdir()
        before = snapshot(folder)
        for target in ("file/out.csv", "file/out.parquet", "file/out.db", "taken.csv", "taken.db"):
            said(run("aggregate", CLUSTER, "--to", folder / target), FAILED, target.split("/")[-1])
        said(run("convert", CLUSTER, "--to", folder / "file"), FAILED, "file")
        assert snapshot(folder) == before
        # one bad sink among good ones: none is written
        said(run("aggregate", CLUSTER, "--to", folder / "good.csv", "--to", folder / "taken.db"), FAILED, "taken.db")
        assert snapshot(folder) == before


def write_protected():
    """A file that its user may not write is kept, although its folder would let it be replaced."""
    with harness.Folder() as folder:
        source = pod_csv(folder / "pods.csv", {})

        def check(run_there):
            for name in ("kept.csv", "kept.parquet", "kept.db"):
                (folder / name).write_bytes(b"")
                (folder / name).chmod(0o444)
            before = snapshot(folder)
            for name in ("kept.csv", "kept.parquet", "kept.db"):
                said(run_there("aggregate", source, "--to", folder / name), FAILED, name)
                assert snapshot(folder) == before
            got = run_there("aggregate", source, "--to", folder / "new.csv")
            assert got.returncode == 0, got.stderr
        unprivileged(folder, check)


def strange_databases():
    with harness.Folder() as folder:
        path = folder / "old.db"
        path.write_bytes(b"this is a letter, not a database\n" * 200)
        keep = path.read_bytes()
        said(run("aggregate", CLUSTER, "--to", path), FAILED, "old.db")
        assert path.read_bytes() == keep
        path.unlink()
        base = sqlite3.connect(path)
        base.execute(f"CREATE TABLE {harness.TABLE} (namespace TEXT, colour TEXT)")
        base.execute(f"INSERT INTO {harness.TABLE} VALUES ('shop', 'green')")
        base.commit()
        base.close()
        keep = path.read_bytes()
        said(run("aggregate", CLUSTER, "--to", path), FAILED, "old.db")
        assert path.read_bytes() == keep
        assert [name.name for name in folder.iterdir()] == ["old.db"], list(folder.iterdir())


def locked_database():
    with harness.Folder() as folder:
        path = folder / "busy.db"
        must("aggregate", CLUSTER, "--to", path)
        base = sqlite3.connect(path, isolation_level=None)
        keep = path.read_bytes()  # not later: closing a file drops the process's locks of it
        base.execute("BEGIN EXCLUSIVE")
        said(run("aggregate", CLUSTER, "--to", path), FAILED, "busy.db")
        base.execute("ROLLBACK")
        base.close()
        assert path.read_bytes() == keep


def heed_signals():
    """Who starts the tests may ignore some, as nohup does, and the program would keep to that."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def stopped():
    """A signal at any time: 128 + n and the old output, or the whole new one."""
    with harness.Folder() as folder:
        big = folder / "big"
        big.mkdir()
        for name in ("node_labels", "namespace_labels", "storage_usage"):
            shutil.copy(CLUSTER / f"{name}.csv", big)
        header, rows = (CLUSTER / "pod_usage.csv").read_bytes().split(b"\n", 1)
        (big / "pod_usage.csv").write_bytes(header + b"\n" + rows * 200)
        names = ("out.csv", "out.parquet", "out.db")
        targets = [item for name in names for item in ("--to", folder / name)]
        must("aggregate", CLUSTER, *targets)
        seen, wait = set(), 0.001
        for turn in range(12):
            before = snapshot(folder)
            number = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)[turn % 3]
            child = subprocess.Popen([harness.PROGRAM, "aggregate", big, *map(str, targets)], stdin=subprocess.DEVNULL,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=harness.environment(),
                                     preexec_fn=heed_signals)
            try:
                child.wait(wait)
            except subprocess.TimeoutExpired:
                child.send_signal(number)
            _, text = child.communicate(timeout=120)
            # Before main() has run the signal ends the process as for any program.
            assert child.returncode in (0, 128 + number, -number), f"exit {child.returncode}: {text.decode()}"
            seen.add(child.returncode)
            if child.returncode:
                assert snapshot(folder) == before, f"signal after {wait:.3f} s: an output was touched"
            wait *= 1.8
        assert 0 not in seen or len(seen) > 1, "no run was stopped"


def left_pipe():
    """The reader of standard output goes away: no result is lost silently, nothing hangs."""
    child = subprocess.Popen([harness.PROGRAM, "aggregate", CLUSTER, "--to", "-"], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=harness.environment())
    child.stdout.close()
    child.wait(120)
    child.stderr.close()
    assert child.returncode in (1, 128 + signal.SIGPIPE, -signal.SIGPIPE), child.returncode


GROUPS = {
    "cut": [("CSV", cut_csv), ("gzip", cut_gzip), ("zstd", cut_zstd), ("Parquet", cut_parquet),
            ("a flipped bit in gzip", gzip_with_a_flipped_bit)],
    "values": [(why, lambda c=change, b=becomes: value(c, b)) for why, change, becomes in VALUES]
    + [("bad rows kept", bad_rows_kept)],
    "sources": [("columns", columns), ("sources", sources), ("late rows", late_rows), ("two spellings", two_spellings),
                ("unreadable", unreadable), ("usage", usage)],
    "targets": [("full disk", full_disk), ("unwritable", unwritable), ("write-protected", write_protected),
                ("strange databases", strange_databases), ("locked database", locked_database),
                ("pipe left", left_pipe)],
    "signals": [("stopped", stopped)],
}

if __name__ == "__main__":
    harness.main(GROUPS[sys.argv[1]])
