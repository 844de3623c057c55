# SPDX-License-Identifier: Apache-2.0
"""A folder as `shukei bench` leaves it, made up: for what looks at one.

    with FakeBench(folder) as fake:    # takes the lock, as a benchmark that is alive
        fake.run(plan)                 # a line of the run
        fake.result(scale, phase, rows, seconds, ...)
        fake.running(now={...})        # running.json, replaced whole
"""
import fcntl
import json
import os
import pathlib
import time
from datetime import datetime, timezone

SCALES = {"small": 22320, "medium": 100000, "large": 250000, "xlarge": 500000, "production-medium": 1000000}
RUN = "00c0ffee00c0ffee"


def utc(seconds=None):
    moment = datetime.fromtimestamp(time.time() if seconds is None else seconds, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def key(scale, phase):
    of_mode = phase in ("aggregate", "validate")
    return {"scale": scale, "phase": phase, "repeat": 1, "threads": 2, "memory": 256 << 20,
            **({"mode": "streaming"} if of_mode else {})}


def plan(scales=SCALES):
    return [key(scale, phase) for scale in scales for phase in ("generate", "convert", "aggregate", "validate")]


class FakeBench:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.plan, self.states, self.lock = [], {}, None
        self.begun = time.time()

    def __enter__(self):
        self.lock = os.open(self.folder / "bench.lock", os.O_RDWR | os.O_CREAT)
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_):
        """As if it were killed: what it wrote stays, the lock goes."""
        os.close(self.lock)

    def append(self, line):
        with open(self.folder / "results.jsonl", "a") as out:
            out.write(json.dumps(line) + "\n")

    def run(self, phases):
        self.plan = phases
        self.append({"kind": "run", "format": 1, "run": RUN, "time": utc(self.begun), "command": ["shukei", "bench"],
                     "version": "0.1.0", "machine": {"host": "here", "cpu": "made up", "processors": 2,
                                                     "memory": 8 << 30, "kernel": "6.1", "os": "Debian 12"},
                     "settings": {"scales": list(SCALES), "repeat": 1, "threads": [2], "memory": [256 << 20],
                                  "modes": ["streaming"], "to": "bench.db", "lake": "lake", "timeout": 0},
                     "plan": phases})

    def result(self, scale, phase, seconds, outcome="done", **more):
        rows, rss = SCALES.get(scale, 1000), more.pop("peak_rss", 180 << 20)
        self.states[scale, phase] = outcome
        line = {"kind": "phase", "run": RUN, "time": utc(), **key(scale, phase), "outcome": outcome, "exit": 0, "signal": 0,
                "seconds": seconds, "cpu_user": seconds * 1.5, "cpu_system": seconds / 10, "peak_rss": rss, "rows": rows,
                "rows_read": int(rows * 1.3), "command": ["shukei", phase],
                "samples": [[seconds * i / 20, rows * i // 20, rss - (20 - i) * 1000] for i in range(21)], **more}
        if phase == "validate":
            line.setdefault("differences", 0)
        self.append(line)

    def running(self, now=None, pid=None, **more):
        """now: (scale, phase, share of its rows, seconds)."""
        phases = []
        for one in self.plan:
            state = self.states.get((one["scale"], one["phase"]), "waiting")
            phases.append({**one, "state": "running" if now and (one["scale"], one["phase"]) == now[:2] else state})
        what = {"format": 1, "run": RUN, "pid": pid or os.getpid(), "begun": utc(self.begun), "updated": utc(), "plan": phases,
                "disk_free": 41 << 30, "memory_free": 5 << 30, "last_error": "", **more}
        if now:
            scale, phase, share, seconds = now
            rows = SCALES[scale]
            what["now"] = {**key(scale, phase), "pid": os.getpid(), "begun": utc(), "seconds": seconds,
                           "rows": int(rows * share), "rows_total": rows, "rss": 170 << 20,
                           "rate": rows * share / max(seconds, 1e-9)}
        temporary = self.folder / ".running.json.tmp"
        temporary.write_text(json.dumps(what))
        temporary.rename(self.folder / "running.json")


def half_done(folder):
    """A benchmark in the middle of its plan, with one phase that failed."""
    fake = FakeBench(folder)
    fake.run(plan())
    for scale, factor in (("small", 1), ("medium", 4), ("large", 10)):
        fake.result(scale, "generate", 0.05 * factor)
        fake.result(scale, "convert", 0.11 * factor)
        fake.result(scale, "aggregate", 0.07 * factor)
        if scale == "medium":
            fake.result(scale, "validate", 30.0, outcome="timed-out", error='time-out of 30 s <b>&"quoted"</b>',
                        advice="give it <i>more</i> time", signal=15)
        else:
            fake.result(scale, "validate", 0.4 * factor)
    fake.result("xlarge", "generate", 1.0)
    fake.result("xlarge", "convert", 2.4)
    fake.running(("xlarge", "aggregate", 0.4, 0.7))
    return fake
