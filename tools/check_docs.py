#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a script can check of the documents. usage: check_docs.py [ROOT]

docs/dependencies.md names every package of tools/packages.txt, and no other; docs/errors.md has
the statuses of shukei.h in their words; a section with a measured figure names the command that it
comes from; links inside the tree lead somewhere.
"""
import pathlib
import re
import sys

FIGURE = re.compile(r"\b\d[\d.,]*\s?(?:ms|seconds|s|MB|MiB|GB|GiB|rows/s|%|times)(?=[\s,.;:)|]|$)")
COMMAND = re.compile(r"`(?:make \w+|bench/|tools/|shukei |\.ci/run|meson )")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def main(root):
    bad = []
    wanted = {line.split()[1] for line in (root / "tools/packages.txt").read_text().splitlines()
              if line and line[0] != "#"}
    table = (root / "docs/dependencies.md").read_text()
    named = set(re.findall(r"^\| `([^`]+)`", table, re.M))
    bad += [f"docs/dependencies.md: no reason for {p}" for p in sorted(wanted - named)]
    bad += [f"docs/dependencies.md: {p} is not in tools/packages.txt" for p in sorted(named - wanted)]
    statuses = re.findall(r'X\((\w+), \d+, "([^"]+)"\)', (root / "include/shukei.h").read_text())
    told = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", (root / "docs/errors.md").read_text(), re.M)
    if statuses != told or not told:
        bad.append(f"docs/errors.md: not the statuses of shukei.h: {set(statuses) ^ set(told)}")
    pages = [root / "README.md", root / "CHANGELOG.md", *sorted((root / "docs").rglob("*.md"))]
    for page in pages:
        name, text = page.relative_to(root), page.read_text()
        for section in re.split(r"^(?=#)", text, flags=re.M):
            plain = re.sub(r"```.*?```|`[^`]*`", "", section, flags=re.S)
            figure = FIGURE.search(plain)
            if figure and not COMMAND.search(section):
                bad.append(f"{name}: \"{figure[0]}\" in \"{section.splitlines()[0]}\" names no command")
        for match in LINK.finditer(text):
            if not (page.parent / match[1]).exists():
                bad.append(f"{name}: nothing at {match[1]}")
    print("\n".join(bad) or "documents: nothing to say")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)))
