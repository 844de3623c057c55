#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""aggregate --metrics-file: a whole file at any moment, for a run that goes on, succeeds, fails, is interrupted or killed.

usage: metrics.py
"""
import json
import os
import re
import signal
import subprocess
import tempfile
import time

import serving
from harness import PROGRAM, ROOT, Folder, environment, main, must, run

CLUSTER = ROOT / "examples/cluster"


def values(path):
    """Samples by name, of one label set each; the file's form is checked on the way."""
    found, helped = {}, set()
    text = path.read_text()
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# HELP "):
            helped.add(line.split()[2])
        elif not line.startswith("# TYPE "):
            name, labels, value = re.fullmatch(r'([a-z_]+)\{(run="[^"]*"[^}]*)\} (\S+)', line).groups()
            assert name in helped, name
            found[name.removeprefix("shukei_aggregate_"), labels.partition(",")[2]] = float(value)
    return found


def succeeds():
    with Folder() as folder:
        path = folder / "nightly.prom"
        must("aggregate", CLUSTER, "--to", folder / "a.db", "--metrics-file", path, "--stats", folder / "stats.json")
        told, stats = values(path), json.loads((folder / "stats.json").read_text())
        for name, of in (("read_rows", "rows_read"), ("written_rows", "rows_written"), ("files", "files"), ("groups", "groups"),
                         ("read_bytes", "bytes_read"), ("threads", "threads"), ("memory_limit_bytes", "memory_bytes")):
            assert told[name, ""] == stats[of], (name, told[name, ""], stats[of])
        assert told["running", ""] == 0 and told["success", ""] == 1 and told["exit_code", ""] == 0
        assert told["last_success_timestamp_seconds", ""] == told["end_timestamp_seconds", ""]
        assert abs(told["phase_seconds", 'phase="pods"'] - stats["seconds"]["pods"]) < 1e-5
        assert 'run="nightly"' in path.read_text() and sorted(os.listdir(folder)) == ["a.db", "nightly.prom", "stats.json"]


def fails():
    """The last success stays, whatever comes after it."""
    with Folder() as folder:
        path = folder / "nightly.prom"
        must("aggregate", CLUSTER, "--to", folder / "a.db", "--metrics-file", path)
        before = values(path)["last_success_timestamp_seconds", ""]
        bad = folder / "bad.csv"
        bad.write_text((CLUSTER / sorted(os.listdir(CLUSTER))[0]).read_text() + "x,y\n")
        for source, status in ((bad, 3), (folder / "none", 3)):
            assert run("aggregate", source, "--to", folder / "a.db", "--metrics-file", path).returncode == status
            told = values(path)
            assert (told["success", ""], told["exit_code", ""], told["running", ""]) == (0, status, 0), told
            assert told["last_success_timestamp_seconds", ""] == before
        assert run("aggregate", CLUSTER, "--metrics-file", path).returncode == 2  # no --to: it never began
        assert values(path)["exit_code", ""] == 3


def refused():
    with Folder() as folder:
        (folder / "taken").mkdir()
        for name, status, told in (("taken", 2, "is not a file"), ("none/a.prom", 1, "could not write metrics"), ("/dev/null", 2, "not a file")):
            got = run("aggregate", CLUSTER, "--to", folder / "a.db", "--metrics-file", folder / name)
            assert got.returncode == status and told in got.stderr.decode(), (name, got)
            assert not (folder / "a.db").exists()


def goes_on():
    """Reads from a pipe that is held back: the file tells of the run meanwhile; then it is interrupted, or killed."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with Folder() as folder:
            path = folder / "a.prom"
            must("generate", "medium", "--to", folder / "reports")
            words = [PROGRAM, "aggregate", str(folder / "reports"), "--to", "-", "--metrics-file", str(path)]
            read, write = os.pipe()  # nobody reads what it writes: it cannot end
            with subprocess.Popen(words, stdout=write, stderr=subprocess.PIPE, env=environment(), cwd=tempfile.gettempdir()) as process:
                os.close(write)
                end = time.monotonic() + 60
                while not path.exists():
                    assert time.monotonic() < end and process.poll() is None
                    time.sleep(0.01)
                told = values(path)
                assert told["running", ""] == 1 and ("success", "") not in told, told
                process.send_signal(number)
                process.stderr.read()
                process.wait(timeout=60)
            os.close(read)
            told = values(path)
            if number == signal.SIGINT:
                assert (told["running", ""], told["success", ""]) == (0, 0), told
            else:
                assert told["running", ""] == 1, told


def always_whole():
    """A file that is read again and again while runs write it is never a part of one."""
    with Folder() as folder:
        path = folder / "a.prom"
        must("aggregate", CLUSTER, "--to", folder / "a.db", "--metrics-file", path)
        lines = len(path.read_text().splitlines())
        for _ in range(5):
            words = [PROGRAM, "aggregate", str(CLUSTER), "--to", str(folder / "a.db"), "--metrics-file", str(path)]
            with subprocess.Popen(words, stderr=subprocess.DEVNULL, env=environment(), cwd=tempfile.gettempdir()) as process:
                while process.poll() is None:
                    text = path.read_text()
                    assert text.endswith("\n") and len(text.splitlines()) > lines // 2, text[-200:]


main([(check.__name__, check) for check in (succeeds, fails, refused, goes_on, always_whole)])
