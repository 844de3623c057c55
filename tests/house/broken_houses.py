#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The checkers of tools/ say no where they should: a tree of one file breaks each rule."""
import pathlib
import subprocess
import sys
import tempfile

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"
ARROWS, STYLE = "check_arrows.py", "check_style.py"
CASES = [  # why, checker, files, its words (None: accepted)
    ("a room includes base", ARROWS, {"src/store/a.c": '#include "base/map.h"'}, None),
    ("input includes a face", ARROWS, {"src/input/a.c": '#include "parquet/parquet.h"'}, None),
    ("input includes a private header", ARROWS, {"src/input/a.c": '#include "parquet/footer.h"'}, "input may not"),
    ("base includes a room", ARROWS, {"src/base/a.c": '#include "store/store.h"'}, "base may not"),
    ("parquet includes its sibling", ARROWS, {"src/parquet/a.h": '#include "store/store.h"'}, "parquet may not"),
    ("summary reads files", ARROWS, {"src/summary/a.c": '#include "input/input.h"'}, "summary may not"),
    ("the program looks inside", ARROWS, {"src/cli/a.c": '#include "summary/row.h"'}, "cli may not"),
    ("run meets all", ARROWS, {"src/run.c": '#include "sink/sink.h"'}, None),
    ("an example looks inside", ARROWS, {"examples/a.c": '#include "base/map.h"'}, "examples may not"),
    ("good file", STYLE, {"src/store/a.c": SPDX + "int a; /* free() */"}, None),
    ("no SPDX", STYLE, {"src/store/a.c": "int a;"}, "no SPDX"),
    ("long file", STYLE, {"src/store/a.c": SPDX + "\n" * 801}, "split at 800"),
    ("two of a name", STYLE, {"src/store/a.c": SPDX, "src/sink/a.c": SPDX}, "also that of"),
    ("banned", STYLE, {"src/base/a.c": SPDX + "x = atoi (y);"}, "atoi is banned"),
    ("bare malloc", STYLE, {"src/sink/a.c": SPDX + "p = malloc(9);"}, "outside base"),
    ("prototype by hand", STYLE, {"src/sink/a.c": SPDX + "extern int f(void);"}, "prototype"),
    ("a promise", STYLE, {"src/sink/a.c": SPDX + "/* TO" + "DO */"}, "promises work"),
]


def main():
    failed = 0
    for why, checker, files, words in CASES:
        with tempfile.TemporaryDirectory() as top:
            for name, text in files.items():
                path = pathlib.Path(top, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            got = subprocess.run([sys.executable, TOOLS / checker, top], capture_output=True, text=True)
        if (got.returncode == 0) != (words is None) or words and words not in got.stdout:
            print(f"{why}: exit {got.returncode}: {got.stdout}{got.stderr}")
            failed += 1
    print(f"{len(CASES) - failed} of {len(CASES)} cases as they should")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
