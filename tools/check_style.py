#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a script can check of the house rules. usage: check_style.py [ROOT]

SPDX line first in every source; files within 800 lines, C within 100 columns, which clang-format does
not see to in comments; names unique in the tree; no banned
function, no bare heap call outside base; no extern prototype in a .c file; no promise of work.
"""
import pathlib
import re
import sys

CODE = {".c", ".cpp", ".h", ".py", ".sh", ".yml", ".txt"}
WIDTH = 100
SPDX = "SPDX-License-Identifier: Apache-2.0"
BANNED = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|atof|gmtime|localtime|strerror|gets)\s*\(")
HEAP = re.compile(r"\b(malloc|calloc|realloc|free|strdup|strndup|alloca)\s*\(")
EXTERN = re.compile(r"^\s*extern\b[^;{]*\(")
PROMISE = re.compile(r"\b(TODO|FIXME|XXX)\b")
COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*', re.S)


def code_of(text):
    """The text without comments and strings, lines kept."""
    return COMMENT.sub(lambda m: '""' if m[0][0] == '"' else "\n" * m[0].count("\n"), text)


def sources(root):
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if parts[0].startswith((".git", "build", ".venv", ".cache")) or "__pycache__" in parts:
            continue
        if path.is_file() and (path.suffix in CODE or path.name in ("meson.build", "meson.options",
                                                                    "Makefile", "run")):
            yield path, path.relative_to(root)


def main(root):
    bad, names = [], {}
    for path, name in sources(root):
        text = path.read_text()
        lines = text.splitlines()
        if SPDX not in "\n".join(lines[:2] if lines and lines[0].startswith("#!") else lines[:1]):
            bad.append(f"{name}:1: no SPDX line")
        if len(lines) > 800:
            bad.append(f"{name}: {len(lines)} lines, split at 800")
        is_case = name.parts[:2] == ("tests", "cli") and len(name.parts) > 3  # a folder per command
        is_public = name.parts[0] == "include"  # <shukei/parquet.h>: users see it below its folder
        if path.name != "meson.build" and not is_case and not is_public:
            if path.name in names:
                bad.append(f"{name}: the name is also that of {names[path.name]}")
            names[path.name] = name
        if path.suffix not in (".c", ".cpp", ".h"):
            continue
        for number, line in enumerate(lines, 1):
            if len(line) > WIDTH:
                bad.append(f"{name}:{number}: {len(line)} columns, at most {WIDTH}")
            if PROMISE.search(line):
                bad.append(f"{name}:{number}: promises work instead of doing it")
        for number, line in enumerate(code_of(text).splitlines(), 1):
            for match in BANNED.finditer(line):
                bad.append(f"{name}:{number}: {match[1]} is banned")
            in_library = name.parts[0] == "src" and name.parts[1] not in ("base", "cli")
            if in_library and (match := HEAP.search(line)):
                bad.append(f"{name}:{number}: {match[1]} outside base, use base/alloc.h")
            if path.suffix == ".c" and EXTERN.search(line):
                bad.append(f"{name}:{number}: prototype with extern in a .c file")
    print("\n".join(bad) or "style: nothing to say")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)))
