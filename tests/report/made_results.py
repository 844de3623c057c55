# SPDX-License-Identifier: Apache-2.0
"""results.jsonl made by hand, as shukei bench writes it: the same numbers in every run."""
import json
import math
import random

SIZES = {"small": 22320, "medium": 100000, "large": 250000, "xlarge": 500000, "20k": 19920, "50k": 49920, "100k": 99840}
RUN = "00c0ffee00c0ffee"
HOSTILE = "</title></style><script>document.title='taken'</script><img src=http://192.0.2.1/x onerror=alert(1)>|`*[a](b)\x1b[31m\u202e=1+1"


def run_line(host="here", processors=2, cpu="A processor", run=RUN):
    return {"kind": "run", "format": 1, "run": run, "time": "2026-11-26T21:00:00.000Z", "command": ["shukei", "bench", "--repeat", "3"],
            "version": "0.1.0", "machine": {"host": host, "cpu": cpu, "processors": processors, "memory": 8589934592,
                                            "kernel": "6.1", "os": "Debian 12"},
            "settings": {"scales": list(SIZES), "repeat": 3, "threads": [1, 2], "memory": [0], "modes": ["streaming", "in-memory"],
                         "to": "bench.db", "lake": "lake", "timeout": 0}, "plan": []}


def phase_line(scale, phase, repeat, seconds, peak, **more):
    rows = SIZES[scale]
    return {"kind": "phase", "run": RUN, "time": "2026-11-26T21:00:00.000Z", "scale": scale, "phase": phase, "repeat": repeat,
            "outcome": "done", "exit": 0, "seconds": seconds, "cpu_user": seconds * 1.5, "cpu_system": 0.01, "peak_rss": peak,
            "rows": rows, "rows_read": rows * 2, "rows_written": rows // 24, "bytes_in": rows * 100, "bytes_out": rows * 10,
            "samples": [[seconds * i / 20, rows * i // 20, peak // 2 + peak * i // 50] for i in range(21)],
            "command": ["shukei", phase, "data/it's " + scale], **more}


def lines(scales=tuple(SIZES), repeats=3, slower=1.0, seed=1, threads=(1, 2), modes=("streaming", "in-memory")):
    """Each phase of each scale; `slower` stretches aggregate."""
    chance = random.Random(seed)
    made = [run_line()]
    for scale in scales:
        rows = SIZES[scale]
        made += [phase_line(scale, "generate", 1, rows / 5e6 + 0.02, 20_000_000), phase_line(scale, "convert", 1, rows / 2e6 + 0.03, 30_000_000)]
        for mode in modes:
            for count in threads:
                for repeat in range(1, repeats + 1):
                    seconds = slower * (0.02 + 1.5e-6 * rows / count ** 0.8) * chance.uniform(0.97, 1.03)
                    peak = int(8e6 + (60 if mode == "streaming" else 160) * rows * chance.uniform(0.98, 1.02))
                    key = {"mode": mode, "threads": count, "sink": "sqlite"}
                    made.append(phase_line(scale, "aggregate", repeat, round(seconds, 6), peak, **key))
                made.append(phase_line(scale, "validate", 1, rows / 1e6, 40_000_000, differences=0, mode=mode, threads=count, sink="sqlite"))
    return made


def hostile_lines():
    """Texts that would do harm where they are not escaped, and phases that were not done."""
    made = lines(scales=("small", "medium", "large"))
    made[0]["machine"]["host"] = made[0]["machine"]["cpu"] = HOSTILE
    made[0]["command"].append(HOSTILE)
    made.append(phase_line("xlarge", "aggregate", 1, 4.5, 90_000_000, mode="streaming", threads=2, sink="sqlite",
                           outcome="out-of-memory", error=HOSTILE + " password=secret1",
                           advice="free some " + HOSTILE + " password=secret1"))
    made.append(phase_line("large", "aggregate", 9, 60, 90_000_000, mode="streaming", threads=2, sink=HOSTILE, outcome="timed-out",
                           error="=cmd|' /C calc'!A1"))
    for line in made:
        if line["kind"] == "phase" and line["scale"] == "medium":
            line["scale"] = HOSTILE
    return made


def write(path, made):
    path.write_text("".join(json.dumps(line) + "\n" for line in made))
    return path


def cost(points):
    """Start and time a row by least squares of the relative errors, neither below 0: the normal equations by Cramer's rule."""
    one, x, xx = (sum(rows ** power / seconds ** 2 for rows, seconds in points) for power in (0, 1, 2))
    y, xy = (sum(rows ** power / seconds for rows, seconds in points) for power in (0, 1))
    each = (one * xy - x * y) / (one * xx - x * x)
    start = (y - each * x) / one
    return (y / one, 0) if each < 0 else (0, xy / xx) if start < 0 else (start, each)


def power_law(points):
    """Exponent and factor by least squares of the logarithms."""
    xs, ys = [math.log(x) for x, _ in points], [math.log(y) for _, y in points]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys)) / sum((x - mean_x) ** 2 for x in xs)
    return slope, math.exp(mean_y - slope * mean_x)
