#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`shukei status` of a benchmark that runs, was killed, stopped, finished, or is not there; --json, --watch; files that are
torn, wrong or of others.

usage: looked_at.py
"""
import json
import os
import signal
import subprocess
import tempfile
from datetime import datetime

import serving
import bench_folder
from harness import PROGRAM, Folder, environment, main, must, run


def text_of(folder):
    return must("status", "--dir", folder).stdout.decode()


def json_of(folder):
    return json.loads(must("status", "--dir", folder, "--json").stdout)


def running():
    with Folder() as folder, bench_folder.half_done(folder / "b") as fake:
        told = json_of(folder / "b")
        assert told["state"] == "running" and told["processes"] == 2, told
        assert [told[f"phases_{how}"] for how in ("done", "failed", "skipped", "ended", "running", "waiting")] == [13, 1, 0, 14, 1, 5], told
        assert len(told["phases"]) == 20, told
        now = told["now"]
        assert (now["scale"], now["phase"], now["rows"], now["rows_total"]) == ("xlarge", "aggregate", 200000, 500000), now
        # 0.28 s for 100,000 rows and alike for others: 1.4 to 1.8 s for all, of which 40 % are done
        assert 0.5 < now["left"]["seconds"] < 1.2, now["left"]
        assert now["left"]["low_seconds"] <= now["left"]["seconds"] <= now["left"]["high_seconds"]
        assert told["left"]["seconds"] > now["left"]["seconds"]
        states = {one["scale"]: one["state"] for one in told["scales"]}
        assert states == {"small": "done", "medium": "failed", "large": "done", "xlarge": "running",
                          "production-medium": "waiting"}, states
        verdicts = {name: one["verdict"] for name, one in told["health"].items()}
        assert verdicts == {"progress": "good", "errors": "bad", "memory": "good", "throughput": "good"}, told["health"]
        assert told["last_error"]["text"].startswith("time-out of 30 s") and told["last_error"]["scale"] == "medium"
        assert told["last_error"]["advice"] == "give it <i>more</i> time", told["last_error"]
        assert [one["advice"] for one in told["phases"] if "advice" in one] == ["give it <i>more</i> time"], told["phases"]
        lines = text_of(folder / "b").splitlines()
        assert lines[0].startswith("benchmark  running since "), lines
        assert lines[1] == "phases     13 of 20 done, 1 failed, 1 running, 5 waiting", lines
        assert [line.split()[3] for line in lines if line.startswith("medium ")][0] == "3/4", lines
        assert lines[-1].strip() == "give it <i>more</i> time", lines
        assert any("200,000 of 500,000 rows (40 %)" in line for line in lines), lines
        assert all(len(line) <= 100 for line in lines), max(lines, key=len)
        assert sorted(os.listdir(folder / "b")) == ["bench.lock", "results.jsonl", "running.json"], "it wrote something"
        fake.running(("xlarge", "aggregate", 0.4, 0.7), updated=bench_folder.utc(0))
        health = json_of(folder / "b")["health"]
        assert health["progress"]["verdict"] == "bad" and "no sign of life" in health["progress"]["text"], health


def skipped():
    """What a phase that failed keeps from being done is neither done nor failed."""
    with Folder() as folder:
        with bench_folder.FakeBench(folder / "b") as fake:
            fake.run(bench_folder.plan(["small"]))
            fake.result("small", "generate", 0.1, outcome="out-of-memory", error="more than 1 MiB")
            for phase in ("convert", "aggregate", "validate"):
                fake.result("small", phase, 0, outcome="skipped", error="generate of this scale is not done")
        told = json_of(folder / "b")
        assert [told[f"phases_{how}"] for how in ("done", "failed", "skipped", "ended")] == [0, 1, 3, 4], told
        assert [told["scales"][0][f"phases_{how}"] for how in ("done", "failed", "skipped", "ended")] == [0, 1, 3, 4], told
        text = text_of(folder / "b")
        assert "phases     0 of 4 done, 1 failed, 3 skipped\n" in text and " 0/4 " in text, text


def killed():
    with Folder() as folder:
        with bench_folder.half_done(folder / "b"):
            pass
        told = json_of(folder / "b")
        assert told["state"] == "crashed" and told["processes"] == 0 and told["now"]["rows"] == 200000, told
        assert {one["state"] for one in told["phases"] if one["scale"] == "xlarge"} == {"done", "interrupted", "waiting"}
        assert "not running since 2" in text_of(folder / "b")
        assert "\nphases     13 of 20 done, 1 failed, 1 interrupted, 5 waiting\n" in text_of(folder / "b")
        # another process has the number by now, and nobody the lock
        path = folder / "b/running.json"
        path.write_text(path.read_text().replace(f'"pid": {os.getpid()}', '"pid": 1'))
        assert json_of(folder / "b")["state"] == "crashed"


def stopped_and_finished():
    with Folder() as folder:
        with bench_folder.FakeBench(folder / "b") as fake:
            fake.run(bench_folder.plan(["small"]))
            for phase in ("generate", "convert", "aggregate"):
                fake.result("small", phase, 0.1)
        told = json_of(folder / "b")
        assert told["state"] == "stopped" and told["phases_ended"] == 3, told
        assert "ended_ms" not in told["scales"][0] and told["scales"][0]["begun_ms"] > 0, told["scales"]
        assert "stopped, 1 of 4 phases are still to do" in text_of(folder / "b")
        fake.result("small", "validate", 0.1, differences=3)
        told = json_of(folder / "b")
        assert told["state"] == "finished" and told["scales"][0]["differences"] == 3, told
        small, lines = told["scales"][0], [json.loads(line) for line in (folder / "b/results.jsonl").read_text().splitlines()]
        begun = [datetime.fromisoformat(line["time"]).timestamp() for line in lines if line["kind"] == "phase"]
        assert small["begun_ms"] == round(min(begun) * 1000) and small["ended_ms"] == round((max(begun) + 0.1) * 1000), small
        assert small["seconds"] * 1000 == small["ended_ms"] - small["begun_ms"], small
        assert f"{lines[1]['time'][:10]} {lines[1]['time'][11:19]} to " in text_of(folder / "b")
        assert told["health"]["errors"] == {"verdict": "bad", "text": "validation found 3 differences"}, told["health"]
        assert "left" in told and "seconds" not in told["left"]


def not_there():
    with Folder() as folder:
        got = run("status", cwd=folder)
        assert got.returncode == 3 and b'no benchmark in "shukei-bench"' in got.stderr, got
        (folder / "shukei-bench").mkdir()
        assert run("status", cwd=folder).returncode == 3


def bad_files():
    with Folder() as folder, bench_folder.half_done(folder / "b"):
        results = folder / "b/results.jsonl"
        whole = results.read_text()
        results.write_text(whole[:-20])  # torn: the last line does not count
        assert json_of(folder / "b")["state"] == "running"
        results.write_text(whole + '{"kind": "of tomorrow"}\n')
        assert json_of(folder / "b")["state"] == "running"
        for text, told in ((whole.replace('"format": 1', '"format": 99', 1), "results.jsonl"), ("no JSON\n" + whole, "results.jsonl")):
            results.write_text(text)
            got = run("status", "--dir", folder / "b")
            assert got.returncode == 3 and told in got.stderr.decode(), got
        results.write_text(whole)
        for text in ("", "[]", "{}", "[" * 100000, '{"pid": "x", "plan": [1, {}], "now": 7}', '{"format": 1, "pid": -5, "now": {}}'):
            (folder / "b/running.json").write_text(text)
            got = run("status", "--dir", folder / "b")
            assert got.returncode in (0, 3), (text[:50], got)


def watched():
    with Folder() as folder, bench_folder.half_done(folder / "b") as fake:
        words = [PROGRAM, "status", "--dir", str(folder / "b"), "--watch", "--json"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment(), cwd=tempfile.gettempdir()) as process:
            rows = json.loads(process.stdout.readline())["now"]["rows"]
            assert rows == 200000, rows
            fake.running(("xlarge", "aggregate", 0.5, 0.9))
            assert json.loads(process.stdout.readline())["now"]["rows"] == 250000
            process.send_signal(signal.SIGINT)
            process.stdout.read()
            assert process.wait(timeout=20) == -signal.SIGINT
        # before there is a benchmark
        with subprocess.Popen([PROGRAM, "status", "--dir", str(folder / "none"), "--watch"], stdout=subprocess.PIPE,
                              env=environment(), cwd=tempfile.gettempdir()) as process:
            assert process.stdout.readline() == b"benchmark  no benchmark yet\n"
            process.terminate()
            process.stdout.read()
            assert process.wait(timeout=20) == -signal.SIGTERM


def wrong_usage():
    for words, told in ((["--serve", "127.0.0.1:0", "--watch"], "--serve goes without"),
                        (["--serve-name", "a"], "--serve-name goes with --serve"),
                        (["--serve", "example.org:80"], "no address with a port"),
                        (["--serve", "127.0.0.1"], "no address with a port"),
                        (["--serve", "127.0.0.1:65536"], "no address with a port"),
                        (["--serve", "192.0.2.1:0"], "could not serve at 192.0.2.1:0"), (["x"], "status takes no operand")):
        got = run("status", *words)
        assert got.returncode in (2, 3) and told in got.stderr.decode(), (words, got.stderr)


main([(check.__name__, check) for check in (running, killed, skipped, stopped_and_finished, not_there, bad_files, watched, wrong_usage)])
