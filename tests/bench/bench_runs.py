#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""shukei bench from outside: what it leaves in its folder, what becomes of phases that fail, and of a benchmark that is
killed by SIGKILL at random moments and started again.

usage: bench_runs.py whole|limits|killed

Environment: SHUKEI_BENCH_KILLS, how often (6).
"""
import json
import os
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import must, run

SEED = 4711
KEY = "scale", "phase", "repeat", "mode", "threads", "memory"


def bench(folder, *words, expected=0):
    got = run("bench", "--dir", folder, *words)
    assert got.returncode == expected, f"exit {got.returncode} of bench\n{got.stdout.decode()}{got.stderr.decode()}"
    return got.stdout.decode()


def lines_of(folder, kind="phase"):
    """The lines of results, a torn one left out."""
    found = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines(keepends=True)
             if line.endswith("\n")]
    return [line for line in found if line["kind"] == kind]


def key(line):
    return tuple(line.get(name) for name in KEY)


def outcomes(folder, run_id=None):
    return {(line["scale"], line["phase"]): line["outcome"] for line in lines_of(folder)
            if run_id in (None, line["run"])}


def by_phase(lines, scale, phase):
    return [line for line in lines if (line["scale"], line["phase"]) == (scale, phase)]


def orderly_end(folder):
    assert not (folder / "running.json").exists(), "running.json is left"
    assert not list(folder.rglob("*.tmp")), list(folder.rglob("*.tmp"))


# ---- whole -------------------------------------------------------------------------------------


def measures_and_goes_on(folder):
    words = "--scales", "small,20k", "--repeat", 2, "--threads", "1,2"
    table = bench(folder, *words, "--enforce")
    lines, runs = lines_of(folder), lines_of(folder, "run")
    assert len(runs) == 1 and [key(p) for p in runs[0]["plan"]] == [key(line) for line in lines]
    assert all(line["outcome"] == "done" for line in lines), outcomes(folder)
    assert len(lines) == 2 * (2 + 2 * 2 + 2), len(lines)
    for line in by_phase(lines, "small", "aggregate"):
        assert line["rows"] == 22320 and line["rows_read"] == 33480 and line["rows_written"] > 0, line
        assert line["seconds"] > 0 and line["peak_rss"] > 1 << 20 and 1 <= len(line["samples"]) <= 64, line
        assert line["sink"] == "sqlite" and line["command"][:2] == ["shukei", "aggregate"], line
        assert [s[0] for s in line["samples"]] == sorted(s[0] for s in line["samples"])
        again = subprocess.run([harness.PROGRAM, *line["command"][1:]], capture_output=True, cwd="/",
                               env=harness.environment())
        assert again.returncode == 0, again.stderr.decode()  # the command as it is recorded
    assert all(line["differences"] == 0 for line in by_phase(lines, "20k", "validate"))
    assert table.count("yes") == 4 and table.splitlines()[0].startswith("scale"), table
    assert "\n16 of 16 phases done, " in table and " failed" not in table and " skipped" not in table, table
    assert "16 of 16 phases done" in table and " 0 missed" in table, table
    orderly_end(folder)

    assert "16 of 16" in bench(folder, *words)  # nothing is left to do
    assert lines_of(folder) == lines, "a phase ran twice"
    results = folder / "results.jsonl"
    results.write_text(results.read_text()[::-1].replace('"enod"', '"detpurretni"', 1)[::-1])
    bench(folder, *words)  # what was interrupted is done again, and nothing else
    assert [key(line) for line in lines_of(folder)] == [key(line) for line in lines + lines[-1:]]
    bench(folder, "--scales", "20k")  # another plan, another run, the same data
    assert len(lines_of(folder, "run")) == 2
    for phase in "generate", "convert":
        line = by_phase(lines_of(folder), "20k", phase)[-1]
        assert line["reused"] is True and "seconds" not in line and line["bytes_out"] > 0, line
    bench(folder, "--scales", "20k", "--again")
    assert len(lines_of(folder, "run")) == 3
    assert "reused" not in by_phase(lines_of(folder), "20k", "convert")[-1]
    (next((folder / "lake/20k").glob("pod*"))).unlink()  # what is not whole is made again
    bench(folder, "--scales", "20k", "--timeout", 1000)
    assert "reused" not in by_phase(lines_of(folder), "20k", "convert")[-1]
    assert len(lines_of(folder, "run")) == 4, "another time-out is another run"
    # as large as it was, and of other data
    results.write_text(results.read_text().replace(line["dataset"], line["dataset"][::-1]))
    bench(folder, "--scales", "20k", "--timeout", 999)
    assert "reused" not in by_phase(lines_of(folder), "20k", "convert")[-1]


def is_checked_first(folder):
    """What cannot be written is told before the first phase, and what a run holds already stays as it is."""
    folder.mkdir()
    broken = folder / "broken.db"
    broken.write_bytes(b"no database" * 100)
    s3 = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    for words in (("--to", "postgresql://me@127.0.0.1:1/none"), ("--to", "/proc/none/x.db"), ("--to", broken),
                  ("--to", "/proc/none/x.csv"), ("--to", "/dev/null/set/"), ("--lake", "s3://bucket/key")):
        got = run("bench", "--dir", folder / "refused", "--scales", "20k", *words, variables=s3)
        assert got.returncode in (1, 3), (words, got)
        assert not lines_of(folder / "refused") and not (folder / "refused/data").exists(), words
        assert not list((folder / "refused/phase").iterdir()), words
    bench(folder / "run", "--scales", "20k", "--to", folder / "x.csv")
    made = (folder / "x.csv").read_bytes()
    results = folder / "run/results.jsonl"
    results.write_text("".join(results.read_text().splitlines(keepends=True)[:-1]))  # but for the validation
    bench(folder / "run", "--scales", "20k", "--to", folder / "x.csv")
    assert (folder / "x.csv").read_bytes() == made and not (folder / "x.csv.trial").exists()
    for expect, words in (("scales: [50k]", ()), ("sinks: [postgresql]", ()), ("lake: s3", ()), ("mode: in-memory", ("--mode", "auto"))):
        mine = folder / "mine.yml"
        mine.write_text(f"expectations:\n- {{phase: aggregate, {expect}, seconds: {{most: 100}}}}\n")
        got = run("bench", "--dir", folder / "none", "--scales", "20k", "--expect", mine, "--enforce", *words)
        assert got.returncode == 2 and b"none is about a phase" in got.stderr and not (folder / "none").exists(), (expect, got)


def every_sink(folder):
    for sink, kind in ("out.csv", "csv"), ("out.parquet", "parquet"), ("set/", "dataset"), ("sqlite:x.db", "sqlite"):
        place = folder / kind
        scheme, _, name = sink.rpartition(":")
        to = f"{scheme}:{place}/{name}" if scheme else f"{place}/{sink}"
        bench(place, "--scales", "20k", "--to", to, "--keep", "results")
        assert {line.get("sink") for line in lines_of(place)} == {None, kind}
        assert set(outcomes(place).values()) == {"done"}, outcomes(place)
        assert not (place / "data/20k").exists() and not (place / "lake/20k").exists()
    tables = sqlite3.connect(folder / "sqlite/x.db")
    assert tables.execute(f"SELECT count(DISTINCT source_uuid) FROM {harness.TABLE}").fetchone() == (1,)
    tables.close()


def both_modes(folder):
    """Both are compared; --mode auto of aggregate is streaming, as docs/bench.md says."""
    table = bench(folder, "--scales", "20k,small", "--mode", "both", "--repeat", 3)
    assert len(re.findall(r"beside in-memory: [\d.]+ times the time", table)) == 2, table
    assert "auto" not in table, "what was not measured is told"
    table = bench(folder, "--scales", "20k", "--mode", "auto")
    line = by_phase(lines_of(folder), "20k", "aggregate")[-1]
    assert (line["mode"], line["mode_used"]) == ("auto", "streaming") and line["mode_reason"], line
    assert f"aggregate of 20k, auto, chose streaming: {line['mode_reason']}" in table, table
    for scale in "20k", "small":
        stats = folder / "stats.json"
        must("aggregate", folder / "lake" / scale, "--dry-run", "--stats", stats)
        assert json.loads(stats.read_text())["mode"] == "streaming"


def expectations(folder):
    mine = folder / "mine.yml"
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("expectations:\n- {phase: aggregate, seconds: {most: 0}, memory_mib: {least: 1}}\n")
    table = bench(folder, "--scales", "20k", "--expect", mine)
    assert "1 expectations met, 1 missed, 0 not measured" in table, table
    table = bench(folder, "--scales", "20k", "--expect", mine, "--enforce", expected=1)
    assert re.search(r"aggregate of 20k, streaming +seconds +[\d.]+ +at most +0\n", table), table
    for nothing in "[]", "\n- {phase: upload, seconds: {most: 9}}", "\n- {phase: convert, scales: [2m], seconds: {most: 9}}":
        mine.write_text(f"expectations: {nothing}\n")  # none of it is about what runs
        table = bench(folder, "--scales", "20k", "--expect", mine)
        assert "0 expectations met, 0 missed" in table, table
        got = run("bench", "--dir", folder, "--scales", "20k", "--expect", mine, "--enforce")
        assert got.returncode == 2 and b"none is about a phase" in got.stderr, got
    mine.write_text("expectations:\n- {phase: convert, seconds: {most: 100}}\n")  # which is there already
    got = run("bench", "--dir", folder, "--scales", "20k", "--timeout", 1000, "--expect", mine, "--enforce")
    assert got.returncode == 1 and b"nothing was compared" in got.stderr, got
    mine.write_text("expectations:\n- {phase: aggregat}\n")
    count = len(lines_of(folder))
    got = run("bench", "--dir", folder, "--scales", "small", "--expect", mine)
    assert got.returncode == 2 and b"mine.yml:2:11" in got.stderr, got.stderr
    assert len(lines_of(folder)) == count, "work was done before the mistake was told"


def refuses(folder):
    for words, text in (
        (["--scales", "3m"], 'unknown scale "3m"'), (["--scales", "smal"], "did you mean small?"), (["--scales", "small,small"], "given twice"), (["--to", "-"], "keep the rows"),
        (["--threads", "2,x"], "--threads"), (["--threads", "1,2,1"], '"1" is given twice'),
        (["--memory", "256MiB,1GiB,268435456"], '"268435456" is given twice'), (["--memory", "none"], "--memory"), (["--timeout", "0"], "--timeout"),
        (["--lake", "here"], "s3://"), (["--dir", "/dev/null/x"], "/dev/null/x"),
    ):
        got = run("bench", *words, cwd=folder)
        assert got.returncode in (1, 2) and text in got.stderr.decode(), (words, got.stderr)
    plan = must("bench", "--scales", "20k", "--mode", "both", "--dry-run", cwd=folder).stdout.decode().splitlines()
    assert plan[0] == "generate of 20k" and plan[-1] == "validate of 20k, in-memory" and len(plan) == 6, plan
    assert not (folder / "shukei-bench").exists()


def secrets(folder):
    """A password in a name is refused before all the work; what a sink that is not there makes of a run."""
    got = run("bench", "--dir", folder, "--scales", "20k", "--to", "postgresql://me:hush@127.0.0.1:1/none")
    assert got.returncode == 2 and b"PGPASSWORD" in got.stderr and b"hush" not in got.stderr, got
    assert not folder.exists()
    got = run("bench", "--dir", folder, "--scales", "20k", "--to", "postgresql://me@127.0.0.1:1/none",
              variables={"PGPASSWORD": "hush"})
    assert got.returncode == 1, got
    found = [p for p in folder.rglob("*") if p.is_file() and b"hush" in p.read_bytes()]
    assert not found and b"hush" not in got.stdout + got.stderr, found
    assert not lines_of(folder), "it is known before the first phase"


# ---- limits ------------------------------------------------------------------------------------


def out_of_memory(folder):
    table = bench(folder, "--scales", "20k,small", "--mode", "in-memory", "--memory", "2MiB,1GiB", expected=1)
    assert "\n8 of 12 phases done, 2 failed, 2 skipped, " in table, table
    lines = lines_of(folder)
    for scale in "20k", "small":
        small, large = by_phase(lines, scale, "aggregate")
        assert (small["outcome"], large["outcome"]) == ("out-of-memory", "done"), (small, large)
        assert "--memory" in small["error"] or "memory" in small["error"], small
        assert [v["outcome"] for v in by_phase(lines, scale, "validate")] == ["skipped", "done"]
    orderly_end(folder)


def failed_runs_again(folder):
    """What failed, and what was skipped for it, is tried again by the next call; what is done, or over its limit, is not."""
    words = "--scales", "20k", "--memory", "2MiB,1GiB", "--mode", "in-memory"
    bench(folder, *words, expected=1)
    lake = folder / "lake/20k"
    pods = next(lake.glob("pod*"))
    whole = pods.read_bytes()
    pods.write_bytes(whole[:len(whole) // 2])
    cut = [line for line in (folder / "results.jsonl").read_text().splitlines(keepends=True)
           if '"memory":1073741824' not in line or '"kind":"run"' in line]
    (folder / "results.jsonl").write_text("".join(cut))
    bench(folder, *words, expected=1)
    made = by_phase(lines_of(folder), "20k", "aggregate")[-1]
    assert made["outcome"] == "failed" and made["exit"] == 3 and pods.name in made["error"], made
    assert by_phase(lines_of(folder), "20k", "validate")[-1]["outcome"] == "skipped"
    before = len(lines_of(folder))
    pods.write_bytes(whole)
    bench(folder, *words, expected=1)
    again = lines_of(folder)[before:]
    assert [(line["phase"], line["memory"], line["outcome"]) for line in again] == [
        ("aggregate", 1 << 30, "done"), ("validate", 1 << 30, "done")], again
    bench(folder, *words, expected=1)
    assert len(lines_of(folder)) == before + 2 and len(lines_of(folder, "run")) == 1
    orderly_end(folder)


def failed_keeps_its_data(folder):
    """With --keep results, too, what failed can be tried again: here of a sink that somebody breaks meanwhile."""
    words = "--scales", "small", "--to", folder / "x.db", "--keep", "results"
    child = start(folder, *words)
    running(folder, "small", "generate", 0)
    child.send_signal(signal.SIGSTOP)
    assert ("small", "convert") not in outcomes(folder), "it was stopped too late"
    (folder / "x.db").write_bytes(b"no database" * 100)
    child.send_signal(signal.SIGCONT)
    child.communicate(timeout=120)
    assert outcomes(folder)["small", "aggregate"] == "failed", outcomes(folder)
    before = len(lines_of(folder))
    (folder / "x.db").unlink()
    bench(folder, *words)
    again = lines_of(folder)[before:]
    assert [(line["phase"], line["outcome"]) for line in again] == [("aggregate", "done"), ("validate", "done")], again
    assert not (folder / "data/small").exists() and not (folder / "lake/small").exists()


def advice(folder):
    """What a phase that failed says should be done is kept and shown."""
    bench(folder, "--scales", "20k")
    (folder / "lake/20k/second").mkdir()
    for path in (folder / "data/20k").glob("*pod*"):
        (folder / "lake/20k/second" / path.name).write_bytes(path.read_bytes())
    results = folder / "results.jsonl"
    results.write_text("".join(results.read_text().splitlines(keepends=True)[:-2]))
    got = run("bench", "--dir", folder, "--scales", "20k")
    line = by_phase(lines_of(folder), "20k", "aggregate")[-1]
    assert got.returncode == 1 and line["outcome"] == "failed" and line["advice"], line
    assert line["advice"] in got.stderr.decode(), got.stderr


def running(folder, scale, phase, least=1):
    """The process id of that phase, waited for; with least=0 as soon as it is about to begin, when there is none yet."""
    for _ in range(60000):
        try:
            now = json.loads((folder / "running.json").read_text()).get("now", {})
        except (OSError, ValueError):
            now = {}
        if (now.get("scale"), now.get("phase")) == (scale, phase) and now.get("pid", 0) >= least:
            return now.get("pid", 0)
        time.sleep(0.001)
    raise AssertionError(f"{phase} of {scale} was not seen")


def start(folder, *words):
    return subprocess.Popen([harness.PROGRAM, "bench", "--dir", str(folder), *map(str, words)], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=harness.environment())


def time_out(folder):
    """A phase that hangs: stopped, so that it hears nothing."""
    child = start(folder, "--scales", "2m,20k", "--timeout", 12)
    os.kill(running(folder, "2m", "generate"), signal.SIGSTOP)
    child.communicate(timeout=120)
    assert child.returncode == 1
    line = by_phase(lines_of(folder), "2m", "generate")[0]
    assert line["outcome"] == "timed-out" and line["seconds"] >= 12 and "time-out" in line["error"], line
    assert {line["rows"] for line in lines_of(folder)} == {1996800, 19920}
    told = outcomes(folder)
    assert told["2m", "aggregate"] == "skipped" and told["20k", "validate"] == "done", told
    orderly_end(folder)


def crash(folder):
    child = start(folder, "--scales", "2m,20k")
    os.kill(running(folder, "2m", "generate"), signal.SIGABRT)
    child.communicate(timeout=120)
    line = by_phase(lines_of(folder), "2m", "generate")[0]
    assert (line["outcome"], line["signal"]) == ("failed", signal.SIGABRT), line
    assert outcomes(folder)["20k", "validate"] == "done"


def stopped(folder):
    """Ctrl-C: the child is stopped as well, the state is kept; two at once are refused."""
    child = start(folder, "--scales", "2m")
    pid = running(folder, "2m", "generate")
    got = run("bench", "--dir", folder, "--scales", "20k")
    assert got.returncode == 2 and b"runs in" in got.stderr, got
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=60)
    assert child.returncode == -signal.SIGINT, child.returncode
    assert not pathlib.Path(f"/proc/{pid}").exists(), "the phase still runs"
    assert [line["outcome"] for line in lines_of(folder)] == ["interrupted"], outcomes(folder)
    orderly_end(folder)


# ---- killed ------------------------------------------------------------------------------------


def killed(folder):
    """The same set of results as if nothing had happened, and nothing twice."""
    count, dice = int(os.environ.get("SHUKEI_BENCH_KILLS", 6)), random.Random(SEED)
    words = "--scales", "small,20k", "--repeat", 2
    begun = time.monotonic()
    bench(folder / "clean", *words)
    usual, wanted = time.monotonic() - begun, sorted(map(str, map(key, lines_of(folder / "clean"))))
    kills = torn = turn = 0
    while turn < count or kills < count:  # a machine that has become quicker ends some before they are killed
        turn += 1
        assert turn <= 5 * count, "hardly a benchmark was killed in time"
        place = folder / "killed"
        for _ in range(20):
            child = start(place, *words)
            try:
                child.wait(dice.uniform(0, usual))
            except subprocess.TimeoutExpired:
                child.kill()
                kills += 1
            child.communicate()
            if child.returncode == 0:
                break
            if (place / "results.jsonl").exists():
                torn += not (place / "results.jsonl").read_bytes().endswith(b"\n")
        else:
            bench(place, *words)
        lines = lines_of(place)
        assert len(lines_of(place, "run")) == 1, f"turn {turn}: another run was begun"
        assert sorted(map(str, map(key, lines))) == wanted, f"turn {turn}: {sorted(map(key, lines))}"
        assert all(line["outcome"] == "done" for line in lines), outcomes(place)
        assert {line["dataset"] for line in lines} == {line["dataset"] for line in lines_of(folder / "clean")}
        orderly_end(place)
        subprocess.run(["rm", "-rf", place], check=True)
    print(f"{turn} benchmarks, killed {kills} times, {torn} torn lines")


GROUPS = {
    "whole": [measures_and_goes_on, is_checked_first, every_sink, both_modes, expectations, refuses, secrets],
    "limits": [out_of_memory, failed_runs_again, failed_keeps_its_data, advice, time_out, crash, stopped],
    "killed": [killed],
}


def in_folder(check):
    def call():
        with harness.Folder() as folder:
            check(folder / "bench" if check not in (refuses,) else folder)

    return check.__name__, call


harness.main([in_folder(check) for check in GROUPS[sys.argv[1]]])
