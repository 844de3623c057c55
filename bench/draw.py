#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws what make bench recorded: one SVG a scenario, time over commits, one line a contender.

usage: draw.py [--measure seconds|memory] [--machine TEXT] [FILE.jsonl [FOLDER]]

The commits stand in the order of their dates, the axis of values is logarithmic. Where a commit was
measured several times its last result counts; results of another machine than the last line's, or than
the one whose name holds --machine, are left out, for they cannot be compared. Needs only the standard library.
"""
import argparse
import json
import math
import pathlib
import sys
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, TOP, BOTTOM, HEIGHT = 900, 64, 250, 48, 56, 420
LINE_HEIGHT = 15  # of the names at the right
# Okabe and Ito's colours: told apart by the colour-blind, and seen on white as on black.
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#7f7f7f"]
DASHES = ["", "6 3", "2 3"]
MEASURES = {"seconds": ("median_s", 1.0, "seconds (median)"), "memory": ("peak_bytes", 1e-6, "peak memory, MB")}
STYLE = """
  text { font: 12px sans-serif; fill: #222 }
  .title { font-size: 15px; font-weight: bold }
  .grid { stroke: #ddd } .axis { stroke: #666 } .back { fill: #fff }
  .line { fill: none; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd } .grid { stroke: #3a3a3a } .axis { stroke: #999 } .back { fill: #181818 }
  }
"""


def read(path):
    """The lines of the log; a text that is no JSON object is an error with its number."""
    found = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        try:
            entry = json.loads(line)
            found.append({key: entry[key] for key in ("scenario", "contender", "median_s", "peak_bytes", "commit", "committed",
                                                      "machine", "cores", "time")})
        except (ValueError, KeyError, TypeError) as error:
            sys.exit(f"{path}:{number}: no result of make bench: {error}")
    return found


def series(entries, key):
    """commits in order, {contender: {commit: value}}."""
    commits = {}
    lines = {}
    for entry in sorted(entries, key=lambda e: e["time"]):
        commits[entry["commit"]] = max(commits.get(entry["commit"], ""), entry["committed"])
        lines.setdefault(entry["contender"], {})[entry["commit"]] = entry[key]
    # A tree with changes follows the commit that it was made from.
    return sorted(commits, key=lambda commit: (commits[commit], commit.endswith("-dirty"))), lines


def ticks(least, most):
    """1, 2, 5 times powers of ten from below the least to above the most."""
    steps = [digit * 10.0**power for power in range(-9, 12) for digit in (1, 2, 5)]
    below = max(step for step in steps if step <= least)
    above = min(step for step in steps if step >= most and step > below)
    return [step for step in steps if below <= step <= above]


def spread(places, distance, lowest):
    """Moves places apart to at least a distance, as little as need be, none beyond the lowest."""
    order = sorted(range(len(places)), key=lambda at: places[at])
    moved = [places[at] for at in order]
    for at in range(1, len(moved)):
        moved[at] = max(moved[at], moved[at - 1] + distance)
    for at in range(len(moved) - 1, -1, -1):
        moved[at] = min(moved[at], lowest - distance * (len(moved) - 1 - at))
    result = [0.0] * len(places)
    for at, place in zip(order, moved):
        result[at] = place
    return result


def chart(title, unit, commits, lines, scale):
    """The SVG as text."""
    values = [value * scale for line in lines.values() for value in line.values()]
    marks = ticks(min(values), max(values))
    height = max(HEIGHT, TOP + BOTTOM + LINE_HEIGHT * len(lines))
    low, high, bottom = math.log10(marks[0]), math.log10(marks[-1]), height - BOTTOM

    def x(at):
        return LEFT + 16 + (WIDTH - LEFT - RIGHT - 32) * (at / (len(commits) - 1) if len(commits) > 1 else 0.5)

    def y(value):
        return bottom - (bottom - TOP) * (math.log10(value) - low) / (high - low)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">',
           f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>", f'<rect class="back" width="{WIDTH}" height="{height}"/>',
           f'<text class="title" x="{LEFT}" y="20">{escape(title)}</text>', f'<text x="{LEFT}" y="38">{escape(unit)}</text>']
    for mark in marks:
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(mark):.1f}" y2="{y(mark):.1f}"/>')
        out.append(f'<text text-anchor="end" x="{LEFT - 6}" y="{y(mark) + 4:.1f}">{mark:g}</text>')
    out.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{bottom}" y2="{bottom}"/>')
    every = max(1, math.ceil(len(commits) / 12))
    for at, commit in enumerate(commits):
        if at % every == 0 or at == len(commits) - 1:
            name = commit[:7] + ("+" if commit.endswith("-dirty") else "")
            out.append(f'<text text-anchor="end" transform="rotate(-35 {x(at):.1f} {bottom + 14})" x="{x(at):.1f}" '
                       f'y="{bottom + 14}">{escape(name)}</text>')
    names = sorted(lines)
    ends = [y(next(lines[name][c] for c in reversed(commits) if c in lines[name]) * scale) for name in names]
    for at, (name, place) in enumerate(zip(names, spread(ends, LINE_HEIGHT, bottom))):
        colour, dash = COLOURS[at % len(COLOURS)], DASHES[at // len(COLOURS) % len(DASHES)]
        dots = [(x(i), y(lines[name][c] * scale), lines[name][c] * scale, c) for i, c in enumerate(commits) if c in lines[name]]
        out.append(f'<polyline class="line" stroke="{colour}" stroke-dasharray="{dash}" points="'
                   + " ".join(f"{px:.1f},{py:.1f}" for px, py, _, _ in dots) + f'"><title>{escape(name)}</title></polyline>')
        out += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colour}"><title>{escape(name)}, {escape(c)}: {value:.4g}</title></circle>'
                for px, py, value, c in dots]
        out.append(f'<line class="line" stroke="{colour}" stroke-dasharray="{dash}" x1="{WIDTH - RIGHT + 8}" x2="{WIDTH - RIGHT + 26}" '
                   f'y1="{place:.1f}" y2="{place:.1f}"/>')
        out.append(f'<text x="{WIDTH - RIGHT + 32}" y="{place + 4:.1f}">{escape(name)} {dots[-1][2]:.3g}</text>')
    return "\n".join(out + ["</svg>", ""])


def main():
    top = pathlib.Path(__file__).resolve().parent.parent / ".cache"
    parser = argparse.ArgumentParser()
    parser.add_argument("--measure", choices=MEASURES, default="seconds")
    parser.add_argument("--machine", help="results of machines whose name holds this text")
    parser.add_argument("log", nargs="?", type=pathlib.Path, default=top / "bench.jsonl")
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=top / "bench-charts")
    options = parser.parse_args()
    entries = read(options.log)
    if not entries:
        sys.exit(f"{options.log}: no results")
    wanted = options.machine or entries[-1]["machine"]
    entries = [entry for entry in entries if wanted in entry["machine"]]
    if not entries:
        sys.exit(f"{options.log}: no results of \"{wanted}\"")
    about = entries[-1]
    entries = [entry for entry in entries if (entry["machine"], entry["cores"]) == (about["machine"], about["cores"])]
    options.folder.mkdir(parents=True, exist_ok=True)
    key, scale, unit = MEASURES[options.measure]
    for scenario in dict.fromkeys(entry["scenario"] for entry in entries):
        commits, lines = series([entry for entry in entries if entry["scenario"] == scenario], key)
        path = options.folder / f"{scenario}-{options.measure}.svg"
        path.write_text(chart(f"{scenario}: {about['machine']}, {about['cores']} cores", unit, commits, lines, scale))
        print(path)


if __name__ == "__main__":
    main()
