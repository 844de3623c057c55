#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""shukei report: the numbers of its tables and charts, computed again from results.jsonl; forms, comparisons, errors.

usage: report_numbers.py
"""
import csv
import math
import pathlib
import re
import statistics
import subprocess
import sys
import xml.etree.ElementTree as xml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import Folder, main, must, run
from made_results import HOSTILE, SIZES, cost, hostile_lines, lines, phase_line, power_law, run_line, write

SVG = "{http://www.w3.org/2000/svg}"


def table(folder, name):
    with open(folder / "tables" / f"{name}.csv", newline="") as file:
        return list(csv.DictReader(file))


def told(results, name):
    """One table, without the other files of a report."""
    text = must("report", results, "--to", "-", "--format", "csv", "--table", name).stdout.decode()
    return list(csv.DictReader(text.splitlines()))


def near(a, b):
    assert abs(float(a) - float(b)) <= 1e-9 * max(abs(float(a)), abs(float(b))), f"{a} is not {b}"


def repeats(made, **wanted):
    return [one for one in made if one["kind"] == "phase" and all(one.get(k) == v for k, v in wanted.items())]


def median(made, member, **wanted):
    return statistics.median(one[member] for one in repeats(made, **wanted))


def chart(folder, name):
    """Series of a chart: lists of the numbers of their marks, and the pixels of each."""
    root = xml.parse(folder / "charts" / f"{name}.svg").getroot()
    found = []
    for group in root.findall(SVG + "g"):
        marks = [mark for mark in group if mark.get("data-x")]
        if marks:
            found.append([({k[5:]: float(v) for k, v in mark.items() if k.startswith("data-")}, mark) for mark in marks])
    return found


def tables():
    made = lines()
    with Folder() as folder:
        must("report", write(folder / "results.jsonl", made), "--to", f"{folder}/out/")
        out = folder / "out"
        scales = table(out, "scales")
        assert len(scales) == len(SIZES) * 4
        for row in scales:
            mode, threads = re.match(r"([a-z-]+), (\d) thread", row["setting"]).groups()
            key = {"scale": row["scale"], "phase": "aggregate", "mode": mode, "threads": int(threads)}
            seconds, peak = median(made, "seconds", **key), median(made, "peak_rss", **key)
            assert int(row["rows"]) == SIZES[row["scale"]] and row["valid"] == "yes"
            near(row["aggregate_seconds"], seconds)
            near(row["rows_per_second"], SIZES[row["scale"]] / seconds)
            near(row["peak_rss_bytes"], peak)
            near(row["peak_bytes_per_row"], peak / SIZES[row["scale"]])
            near(row["generate_seconds"], median(made, "seconds", scale=row["scale"], phase="generate"))
        for row in table(out, "phases"):
            key = {"scale": row["scale"], "phase": row["phase"]}
            if row["mode"]:
                key.update(mode=row["mode"], threads=int(row["threads"]))
            near(row["seconds_median"], median(made, "seconds", **key))
            near(row["seconds_least"], min(one["seconds"] for one in repeats(made, **key)))
            near(row["seconds_most"], max(one["seconds"] for one in repeats(made, **key)))
        for row in table(out, "threads"):
            mode = row["setting"].split(",")[0]
            key = {"scale": row["scale"], "phase": "aggregate", "mode": mode}
            near(row["speedup"], median(made, "seconds", threads=1, **key) / median(made, "seconds", threads=int(row["threads"]), **key))
        for row in table(out, "modes"):
            key = {"scale": row["scale"], "phase": "aggregate", "threads": int(row["setting"].split(", ")[1][0])}
            near(row["speedup"], median(made, "seconds", mode="streaming", **key) / median(made, "seconds", mode="in-memory", **key))


def lead(made, member, family):
    key = {"phase": "aggregate", "mode": "streaming", "threads": 2}
    return [(SIZES[scale], median(made, member, scale=scale, **key)) for scale in SIZES if (scale[0] in "1234567890") == family]


def fitted(member, points, rows):
    if member == "seconds":
        start, each = cost(points)
        return start + each * rows
    slope, factor = power_law(points)
    return factor * rows ** slope


def fits():
    made = lines()
    with Folder() as folder:
        rows = told(write(folder / "results.jsonl", made), "fits")
        for row in [row for row in rows if row["setting"].startswith("streaming, 2")]:
            member = "seconds" if row["metric"] == "seconds" else "peak_rss"
            points = lead(made, member, row["family"] == "one day")
            largest = max(points)[0]
            near(row["factor_of_doubling"], fitted(member, points, 2 * largest) / fitted(member, points, largest))
            assert int(row["points"]) == len(points) and 0.9 < float(row["r_squared"]) <= 1, row
            if member == "seconds":
                near(row["start_seconds"], cost(points)[0])
                near(row["seconds_per_million_rows"], cost(points)[1] * 1e6)
                assert row["exponent"] == ""
            else:
                near(row["exponent"], power_law(points)[0])
                assert row["start_seconds"] == row["seconds_per_million_rows"] == ""
        assert len(rows) == 4 * 2 * 2


def starts_do_not_bend_projections():
    """Seconds of a start and a time a row: the next sizes are foretold as they come."""
    law = {scale: 0.03 + 0.16e-6 * rows for scale, rows in SIZES.items()}
    made = [run_line()] + [phase_line(scale, "aggregate", 1, law[scale], 10_000_000, mode="streaming", threads=2, sink="sqlite") for scale in SIZES]
    with Folder() as folder:
        for row in told(write(folder / "results.jsonl", made), "projections"):
            near(row["seconds"], 0.03 + 0.16e-6 * int(row["rows"]))


def prototype_line():
    """One scale has one ratio, several have the least and the greatest."""
    for scales, form in ((("small",), r"Prototype: \S+ times as fast .* at 1 scale\."),
                         (tuple(SIZES), r"Prototype: \S+ to \S+ times as fast .* at \d+ scales\.")):
        with Folder() as folder:
            made = [line for line in lines() if line.get("scale", scales[0]) in scales]
            must("report", write(folder / "results.jsonl", made), "--to", f"{folder}/out.md")
            text = (folder / "out.md").read_text()
            assert re.search(form, text), text


def predictions():
    made = lines()
    with Folder() as folder:
        must("report", write(folder / "results.jsonl", made), "--to", f"{folder}/out/")
        projected = table(folder / "out", "projections")
        assert [row["scale"] for row in projected] == ["production-medium", "production-large", "250k", "500k", "1m", "1.5m", "2m"]
        for row in projected:
            for member, column in (("seconds", "seconds"), ("peak_rss", "peak_rss_bytes")):
                near(row[column], fitted(member, lead(made, member, row["scale"][0] in "1234567890"), int(row["rows"])))
                low, high = map(float, row[column + "_interval"].split(" to "))
                assert low < float(row[column]) < high
        expected = table(folder / "out", "expected")
        assert [row["scale"] for row in expected] == ["large", "large", "xlarge", "xlarge", "100k", "100k"]
        for row in expected:
            member = "seconds" if row["metric"] == "seconds" else "peak_rss"
            points = [one for one in lead(made, member, row["scale"] == "100k") if one[0] < SIZES[row["scale"]]]
            near(row["expected"], fitted(member, points, SIZES[row["scale"]]))
            near(row["deviation"], float(row["actual"]) / float(row["expected"]) - 1)


SIZES_OF = {rows: scale[0].isdigit() for scale, rows in SIZES.items()}  # 20k to 2m are one family


def charts():
    made = lines()
    with Folder() as folder:
        must("report", write(folder / "results.jsonl", made), "--to", f"{folder}/out/")
        of_rate = chart(folder / "out", "throughput")
        assert len(of_rate) == 5  # four settings, and the prototype
        key = {"phase": "aggregate", "mode": "streaming", "threads": 2}
        points = of_rate[0] + of_rate[1]  # a series for each family of scales
        assert all(len({SIZES_OF[mark["x"]] for mark, _ in series}) == 1 for series in of_rate[:2])
        got = {(mark["x"], mark["y"]) for mark, _ in points}
        want = {(rows, rows / median(made, "seconds", scale=scale, **key)) for scale, rows in SIZES.items()}
        for (x, y), (rows, rate) in zip(sorted(got), sorted(want)):
            near(x, rows)
            near(y, rate)
        for mark, _ in points:
            assert mark["low"] <= mark["y"] <= mark["high"]
        memory = {mark["x"]: mark["y"] for series in chart(folder / "out", "memory")[:2] for mark, _ in series}
        for scale, rows in SIZES.items():
            near(memory[rows], median(made, "peak_rss", scale=scale, **key) / 1e6)
        bars = [mark for series in chart(folder / "out", "prototype") for mark in series]
        ratio = 17.77 / median(made, "seconds", scale="small", **key)
        near(bars[0][0]["x"], ratio)
        widths = [float(mark.get("width")) / numbers["x"] for numbers, mark in bars]
        assert max(widths) - min(widths) < 0.01 * max(widths), "bars are not as long as their numbers say"
        # places: the pixels of points lie on a line over the logarithms
        places = [(mark["x"], float(re.match(r"M([\d.]+)", one.get("d"))[1])) for mark, one in points]
        import math
        (a, at_a), (b, at_b) = min(places), max(places)
        for x, at in places:
            assert abs(at_a + math.log(x / a) / math.log(b / a) * (at_b - at_a) - at) < 0.02


def forms():
    with Folder() as folder:
        results = write(folder / "results.jsonl", lines(scales=("small", "medium", "large")))
        must("report", folder, "--to", folder / "a.html")
        must("report", results, "--to", folder / "b.html")
        assert (folder / "a.html").read_bytes() == (folder / "b.html").read_bytes()
        assert b"<script" not in (folder / "a.html").read_bytes()
        assert must("report", results, "--to", "-").stdout.startswith(b"# Benchmark")
        assert must("report", results, "--to", "-", "--format", "csv", "--table", "fits").stdout.startswith(b"setting,family")
        assert must("report", results, "--to", "-", "--format", "svg", "--chart", "memory").stdout.startswith(b"<svg")
        assert b"<script>" in must("report", results, "--to", "-", "--format", "slides").stdout
        for words, told in ((["--to", folder / "x.txt"], "does not tell its form"), ([], "needs --to"),
                            (["--to", folder / "x.svg", "--chart", "none"], "they have throughput"),
                            (["--to", folder / "x.html", "--enforce"], "--enforce needs --against"),
                            (["--to", f"{folder}/y/", "--format", "csv"], "is a folder")):
            got = run("report", results, *words)
            assert got.returncode == 2 and told in got.stderr.decode(), f"{words}: {got.returncode} {got.stderr.decode()}"
        assert not (folder / "x.svg").exists() and not (folder / "y").exists()
        assert run("report", folder / "none", "--to", "-").returncode == 3
        (folder / "empty.jsonl").write_text("")
        assert run("report", folder / "empty.jsonl", "--to", "-").returncode == 3


def all_or_nothing():
    """A folder gets all files of a report, or those of before stay as they are."""
    with Folder() as folder:
        results = write(folder / "results.jsonl", lines(scales=("small", "medium", "large")))
        out = folder / "out"
        must("report", results, "--to", f"{out}/")
        before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
        assert not [path for path in before if path.name.startswith(".")], before.keys()
        subprocess.run(["rm", "-r", out / "tables"], check=True)
        (out / "tables").write_text("no folder")
        got = run("report", write(folder / "other.jsonl", lines(scales=("small", "medium"))), "--to", f"{out}/")
        assert got.returncode == 1 and b"tables" in got.stderr, got
        for path, text in before.items():
            assert path.parent.name == "tables" or path.read_bytes() == text, f"{path} was replaced"
        assert not [path for path in out.rglob("*") if path.name.startswith(".")], "hidden files are left"


def later_lines_count():
    made = lines(scales=("small", "medium"), repeats=1)
    again = [dict(one, seconds=one["seconds"] * 2) for one in made if one["kind"] == "phase" and one["phase"] == "aggregate"]
    with Folder() as folder:
        first, second = write(folder / "a.jsonl", made), write(folder / "b.jsonl", [made[0], *again])
        must("report", first, second, "--to", f"{folder}/out/")
        for row in table(folder / "out", "phases"):
            if row["phase"] == "aggregate":
                key = {"scale": row["scale"], "phase": "aggregate", "mode": row["mode"], "threads": int(row["threads"])}
                near(row["seconds_median"], 2 * median(made, "seconds", **key))


def runs_are_not_mixed():
    """Five repeats of one run, then two of another: the setting is what the last run says."""
    made, second = lines(scales=("small", "medium"), repeats=5), lines(scales=("small",), repeats=2, slower=3, seed=2)
    for one in second:
        one["run"] = "0b0b0b0b0b0b0b0b"
    stopped = [dict(one, run="0c0c0c0c0c0c0c0c", outcome="interrupted", error="stopped on request")
               for one in repeats(second, phase="aggregate", repeat=1)]  # what was interrupted is no result
    with Folder() as folder:
        for row in told(write(folder / "a.jsonl", made + second + stopped), "phases"):
            if row["phase"] == "aggregate":
                key = {"scale": row["scale"], "phase": "aggregate", "mode": row["mode"], "threads": int(row["threads"])}
                near(row["seconds_median"], median(second if row["scale"] == "small" else made, "seconds", **key))


def machine(made, **what):
    made[0] = run_line(**what)
    return made


def gates_need_something_to_compare():
    """Exit status 1 where --enforce has compared nothing: no scale in common, too few repeats, another machine."""
    with Folder() as folder:
        old = write(folder / "old.jsonl", lines(scales=("small", "medium"), repeats=5))
        for name, made, status in (("scales", lines(scales=("large", "xlarge"), repeats=5), 1),
                                   ("repeats", lines(scales=("small", "medium"), repeats=2, seed=2), 1),
                                   ("cpu", machine(lines(scales=("small", "medium"), repeats=5), cpu="Another"), 1),
                                   ("processors", machine(lines(scales=("small", "medium"), repeats=5), processors=64), 1),
                                   ("host", machine(lines(scales=("small", "medium"), repeats=5), host="there"), 0)):
            got = run("report", write(folder / f"{name}.jsonl", made), "--against", old, "--enforce", "--to", folder / "x.md")
            assert got.returncode == status, f"{name}: {got.returncode} {got.stderr.decode()}"
            assert (status == 1) == (b"nothing was compared" in got.stderr), got.stderr.decode()
        # two machines in the old results: each is compared with its own
        other = machine(lines(scales=("small", "medium"), repeats=5, slower=0.5), cpu="Another", run="0b0b0b0b0b0b0b0b")
        for one in other:
            one["run"] = "0b0b0b0b0b0b0b0b"
        both = write(folder / "both.jsonl", other + lines(scales=("small", "medium"), repeats=5))
        must("report", old, "--against", both, "--enforce", "--to", folder / "x.md")


def comparisons():
    with Folder() as folder:
        old, same = write(folder / "old.jsonl", lines(repeats=5)), write(folder / "same.jsonl", lines(repeats=5, seed=2))
        slow, once = write(folder / "slow.jsonl", lines(repeats=5, slower=1.3)), write(folder / "once.jsonl", lines(repeats=1, slower=3))
        broken = lines(repeats=5)
        for one in broken:
            if one.get("scale") == "large" and one["phase"] == "aggregate":
                one.update(outcome="failed", error="it broke")
        broken = write(folder / "broken.jsonl", broken)
        for new, status in ((same, 0), (slow, 1), (once, 1), (broken, 1)):
            got = run("report", new, "--against", old, "--enforce", "--to", "-", "--format", "csv", "--table", "comparison")
            assert got.returncode == status, f"{new.name}: {got.returncode} {got.stderr.decode()}"
            rows = list(csv.DictReader(got.stdout.decode().splitlines()))
            for row in rows:
                if row["ratio"]:
                    near(row["ratio"], float(row["now"]) / float(row["before"]))
            verdicts = [row["verdict"] for row in rows if row["phase"] == "aggregate" and row["metric"] == "seconds"]
            assert new != slow or set(verdicts) == {"slower"}, verdicts
            assert new != once or set(verdicts) == {"too few repeats to tell"}, verdicts
        faster = must("report", old, "--against", slow, "--enforce", "--to", "-", "--format", "csv", "--table", "comparison").stdout
        assert b"faster" in faster and b"slower" not in faster


def hostile():
    with Folder() as folder:
        must("report", write(folder / "results.jsonl", hostile_lines()), "--to", f"{folder}/out/")
        files = [one for one in (folder / "out").rglob("*") if one.is_file() and one.suffix != ".pdf"]
        for one in files:
            text = one.read_text()
            assert "secret1" not in text, f"{one.name} tells a password"
            assert "\x1b" not in text and "\u202e" not in text, one.name
            if one.suffix == ".md":  # code is indented, and taken as it is
                text = "\n".join(line for line in text.splitlines() if not line.startswith("    "))
            if one.suffix in (".html", ".svg", ".md"):
                assert HOSTILE[:12] not in text and "<img" not in text and "<script>document" not in text, one.name
            if one.suffix == ".svg":
                xml.fromstring(text)
        assert [row for row in table(folder / "out", "failures") if "; free some " in row["error"]], "no advice"
        for row in table(folder / "out", "failures"):
            assert not row["error"].startswith(("=", "+", "-", "@")), row


main([(check.__name__, check) for check in (tables, fits, starts_do_not_bend_projections, prototype_line, predictions, charts, forms, all_or_nothing, later_lines_count, runs_are_not_mixed,
                                                    gates_need_something_to_compare, comparisons, hostile)])
