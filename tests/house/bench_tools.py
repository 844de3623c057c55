#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What of bench/ can be tested without measuring: the charts, and how targets and peers are judged."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

sys.dont_write_bytecode = True
BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))
import decode  # adds scenarios
import distant  # adds scenarios
import draw
import measure
import scenarios

SVG = "{http://www.w3.org/2000/svg}"


def result(contender, commit, median, day, **more):
    return {"scenario": "1m", "contender": contender, "median_s": median, "peak_bytes": 50000000, "commit": commit, "machine": "two cores",
            "cores": 2, "committed": f"2025-10-{day:02d}T00:00:00Z", "time": f"2025-10-{day:02d}T01:00:00Z", **more}


RESULTS = [
    result("ours <&>", "bbbbbbb", 0.2, 2), result("ours <&>", "aaaaaaa", 0.4, 1), result("peer", "aaaaaaa", 1.0, 1),
    result("peer", "bbbbbbb", 9.0, 2), result("peer", "bbbbbbb", 1.0, 3),  # measured again: the last counts
    result("ours <&>", "ccccccc-dirty", 0.1, 4),
    result("peer", "ccccccc", 0.001, 5, machine="another"),
    result("peer", "aaaaaaa", 1.0, 6, committed="2025-10-01T00:00:00Z"),
]


def drawn(lines, *words):
    with tempfile.TemporaryDirectory() as top:
        log = pathlib.Path(top, "log.jsonl")
        log.write_text("".join(line + "\n" for line in lines))
        got = subprocess.run([sys.executable, BENCH / "draw.py", *words, log, top], capture_output=True, text=True)
        return got, {path.name: path.read_text() for path in pathlib.Path(top).glob("*.svg")}


class Charts(unittest.TestCase):
    def test_a_line_a_contender_in_the_order_of_commits(self):
        got, charts = drawn(map(json.dumps, RESULTS))
        self.assertEqual((got.returncode, list(charts)), (0, ["1m-seconds.svg"]), got.stderr)
        root = xml.fromstring(charts["1m-seconds.svg"])
        lines = {line[0].text: [tuple(map(float, p.split(","))) for p in line.get("points").split()] for line in root.iter(SVG + "polyline")}
        self.assertEqual({name: len(points) for name, points in lines.items()}, {"ours <&>": 3, "peer": 2})
        ours, peer = lines["ours <&>"], lines["peer"]
        self.assertTrue(ours[0][0] < ours[1][0] < ours[2][0])
        self.assertEqual([p[0] for p in peer], [p[0] for p in ours[:2]])
        self.assertTrue(ours[0][1] < ours[1][1] < ours[2][1], "less time is lower")
        self.assertAlmostEqual(ours[1][1] - ours[0][1], ours[2][1] - ours[1][1], delta=0.2, msg="halves are equal steps")
        self.assertEqual(peer[0][1], peer[1][1])
        texts = [text.text for text in root.iter(SVG + "text")]
        self.assertTrue({"aaaaaaa", "bbbbbbb", "ccccccc+", "ours <&> 0.1", "peer 1", "1m: two cores, 2 cores"} <= set(texts), texts)

    def test_all_lies_within_the_picture_however_many_lines(self):
        many = [result(f"contender {n}", commit, 0.1 + n / 1e6, day) for n in range(40) for day, commit in ((1, "aaaaaaa"), (2, "bbbbbbb"))]
        root = xml.fromstring(drawn(map(json.dumps, many), "--measure", "memory")[1]["1m-memory.svg"])
        names = [float(text.get("y")) for text in root.iter(SVG + "text") if text.text.startswith("contender")]
        self.assertEqual(len(names), 40)
        self.assertTrue(all(0 < y < float(root.get("height")) for y in names), names)
        self.assertTrue(all(b - a > 12 for a, b in zip(sorted(names), sorted(names)[1:])))

    def test_a_broken_line_is_named(self):
        for broken in ("{", "[]", '{"scenario": "1m"}'):
            got, charts = drawn([json.dumps(RESULTS[0]), broken])
            self.assertEqual((got.returncode, charts), (1, {}))
            self.assertIn("log.jsonl:2: no result", got.stderr)

    def test_ticks_hold_the_values(self):
        self.assertEqual(draw.ticks(0.3, 3.0), [0.2, 0.5, 1, 2, 5])
        self.assertEqual(draw.ticks(1, 1), [1, 2])


class Judging(unittest.TestCase):
    def contender(self, name, *seconds, **more):
        one = measure.Contender(name, [], **more)
        one.seconds, one.peak = list(seconds), 100_000_000
        return one

    def test_targets(self):
        all_ = {one.name: one for one in (self.contender("a", 1, 2, 9, rows=10), self.contender("b", 8, 8, 7, rows=40))}
        all_["broken"] = self.contender("broken")
        all_["broken"].failure = "exit 1"
        for figure, bounds, begins in (
                (scenarios.times("a", "b"), {"least": 4}, "reached"), (scenarios.times("a", "b"), {"least": 4.01}, "MISSED"),
                (scenarios.peak("a", 60_000_000), {"most": 40}, "reached"), (scenarios.peak("a"), {"most": 99}, "MISSED"),
                (scenarios.row("b", "a"), {"most": 1}, "reached"), (scenarios.seconds("a"), {"most": 1.9}, "MISSED"),
                (scenarios.times("a", "broken"), {"least": 0}, "MISSED"), (scenarios.peak("broken"), {"most": 999}, "MISSED")):
            self.assertTrue(scenarios.Target("", figure, **bounds).line(all_).startswith(begins), bounds)

    def test_one_that_fails_is_told_apart(self):
        one = measure.Contender("false", ["false"])
        measure.rounds([one], 2)
        self.assertEqual((one.failure, one.seconds), ("exit 1", []))

    def test_a_resident_answers_line_by_line(self):
        program = ("import sys\nfor n, line in enumerate(sys.stdin, 1):\n"
                   "  if line == 'die\\n': sys.exit(3)\n  print('cannot: so' if line == 'no\\n' else n, flush=True)")
        resident = measure.Resident([sys.executable, "-c", program])
        first, second, refused, dies = (measure.Asked(text, resident, text) for text in ("a", "b", "no", "die"))
        measure.rounds([first, second, refused, dies], 2)
        self.assertEqual((first.seconds, second.seconds), ([1, 3], [2, 4]))  # the round of "die" began a new process
        self.assertEqual((refused.failure, dies.failure), ("cannot: so", "exit 3"))

    def test_the_list_needs_no_package(self):
        got = subprocess.run([sys.executable, "-I", "-S", "-B", BENCH / "run.py", "--list"], capture_output=True, text=True)
        self.assertEqual([line.split()[0] for line in got.stdout.splitlines()], list(scenarios.SCENARIOS), got.stderr)


if __name__ == "__main__":
    unittest.main()
