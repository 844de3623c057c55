# SPDX-License-Identifier: Apache-2.0
"""What every benchmark needs: a process timed to its end, rounds in turn, the machine, the log.

Seconds are those of the whole process, from the call that starts it to its end, unless its own clock
is asked for: then it prints them. Peak memory is that of the process, for all.
"""
import importlib.metadata
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
PEERS = ("duckdb", "polars", "pyarrow")
COLUMNS = f"{'':34}{'median s':>10}{'least':>9}{'most':>9}{'times':>8}{'peak MB':>9}"

# A process's peak memory begins with what its parent had when it was started, so a small one starts it.
SPAWN = """
import json, os, sys, time
read, write = os.pipe()
null = os.open(os.devnull, os.O_RDONLY)
start = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ,
                        file_actions=[(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, write, 1)])
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - start
os.close(write)
text = os.read(read, 4096).decode()
print(json.dumps([os.waitstatus_to_exitcode(status), seconds, usage.ru_maxrss * 1024, text]), flush=True)
os._exit(0)
"""


class Failed(Exception):
    """A contender that did not end well."""


class LeftOut(Exception):
    """A scenario that cannot be run here."""


def timed(words, extra=None, own_clock=False):
    """Runs a process to its end: seconds, peak bytes. What it prints must fit into a pipe."""
    words = [str(word) for word in words]
    got = subprocess.run([sys.executable, "-I", "-S", "-c", SPAWN, *words], check=True, stdout=subprocess.PIPE,
                         env={**os.environ, **(extra or {})})
    status, seconds, peak, text = json.loads(got.stdout)
    if status:
        raise Failed(f"exit {status}")
    return float(text) if own_clock else seconds, peak


class Contender:
    """Something that runs once a round.

    out      a file that each run makes anew
    rows     input rows, for the time a row
    against  the name of the contender whose seconds are divided by ours
    """

    def __init__(self, name, words, rows=0, extra=None, own_clock=False, out=None, against=None, threads=0):
        self.name, self.words, self.rows, self.extra = name, words, rows, extra
        self.own_clock, self.out, self.against, self.threads = own_clock, out, against, threads
        self.seconds, self.peak, self.failure = [], 0, None

    def run(self, counts):
        """Once; who fails, fails for good. The peak counts in the warming round too."""
        if self.failure:
            return
        if self.out:
            pathlib.Path(self.out).unlink(missing_ok=True)
        try:
            took, peak = self.once()
        except Failed as failure:
            self.failure = str(failure)
            return
        self.peak = max(self.peak, peak)
        if counts:
            self.seconds.append(took)

    def once(self):
        return timed(self.words, self.extra, self.own_clock)

    def end(self):
        pass

    @property
    def median(self):
        if self.failure:
            raise Failed(self.failure)
        return statistics.median(self.seconds)

    @property
    def spread(self):
        return min(self.seconds), max(self.seconds)


class Resident:
    """A process that stays and answers a line with a line; started when it is first asked."""

    def __init__(self, words, extra=None):
        self.words, self.extra, self.process = words, extra, None

    def ask(self, text=""):
        if not self.process:
            self.process = subprocess.Popen([str(w) for w in self.words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                            env={**os.environ, **(self.extra or {})})
        line = ""
        try:
            self.process.stdin.write(f"{text}\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            pass
        if not line:
            gone, self.process = self.process, None
            gone.communicate()
            raise Failed(f"exit {gone.returncode}")
        if line.startswith("cannot:"):
            raise Failed(line.strip())
        return line.strip()

    def peak(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024

    def end(self):
        if self.process:
            self.process.communicate()
            self.process = None


class Asked(Contender):
    """A resident's answer to a line, which is seconds by its own clock; several may share a resident."""

    def __init__(self, name, resident, text="", *more, **named):
        super().__init__(name, resident.words, *more, **named)
        self.resident, self.text = resident, text

    def once(self):
        return float(self.resident.ask(self.text)), self.resident.peak()

    def end(self):
        self.resident.end()


def rounds(contenders, runs, after_first=None):
    """Each contender once a round, in turn, so that a slow minute of the machine meets all of them; the
    first round warms the page cache and does not count."""
    try:
        for turn in range(runs + 1):
            for one in contenders:
                one.run(turn > 0)
            if turn == 0 and after_first:
                after_first()
    finally:
        for one in contenders:
            one.end()


def times_as_fast(one, contenders):
    """How many times as fast as the one that it is measured against."""
    reference = next((other for other in contenders if other.name == one.against), None)
    return reference.median / one.median if reference and not reference.failure else None


def line_of(one, ratio):
    least, most = one.spread
    return (f"{one.name:34}{one.median:10.4f}{least:9.4f}{most:9.4f}{'' if ratio is None else f'{ratio:.2f}':>8}"
            f"{one.peak / 1e6:9.1f}")


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    git = ["git", "-C", HERE]
    commit = subprocess.run([*git, "describe", "--always", "--dirty", "--abbrev=12"], capture_output=True, text=True).stdout.strip()
    committed = subprocess.run([*git, "log", "-1", "--format=%cI"], capture_output=True, text=True).stdout.strip()
    return {"machine": model, "cores": len(os.sched_getaffinity(0)), "kernel": platform.release(), "commit": commit,
            "committed": committed, "versions": {name: importlib.metadata.version(name) for name in PEERS}}


def about_line(about):
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    return f"{about['machine']}, {about['cores']} cores; commit {about['commit']}; {versions}"


def record(log, scenario, one, ratio, about):
    """One JSON line a contender."""
    log.parent.mkdir(parents=True, exist_ok=True)
    least, most = one.spread
    line = {"scenario": scenario, "contender": one.name, "rows": one.rows, "threads": one.threads, "runs": len(one.seconds),
            "median_s": one.median, "least_s": least, "most_s": most, "times": ratio, "against": one.against, "peak_bytes": one.peak,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **about}
    with open(log, "a") as file:
        file.write(json.dumps(line) + "\n")
