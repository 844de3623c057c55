#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/parquet.md names every function of shukei/parquet.h, and the C in it compiles.

usage: documented.py COMPILER...
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What a block may take for given from those before it.
GIVEN = """#include <shukei/parquet.h>
#include <stdio.h>
shukei_error error;
shukei_parquet_file *file;
shukei_parquet_reader *reader;
shukei_status st;
size_t rows, column;
double total;
double values[4096];
uint8_t valid[4096];
shukei_parquet_text texts[100];
"""


def main(*compiler):
    header = re.sub(r"/\*.*?\*/", "", (ROOT / "include/shukei/parquet.h").read_text(), flags=re.S)
    page = (ROOT / "docs/parquet.md").read_text()
    bad = [f"docs/parquet.md does not name {name}()" for name in sorted(set(re.findall(r"\b(shukei_parquet_\w+)\(", header)))
           if f"{name}(" not in page]
    blocks = re.findall(r"^```c\n(.*?)^```", page, re.M | re.S)
    code = GIVEN + "".join(f"void block_{at}(void);\nvoid block_{at}(void)\n{{\n{block}}}\n" for at, block in enumerate(blocks))
    got = subprocess.run([*compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{ROOT / 'include'}",
                          "-x", "c", "-"], input=code, capture_output=True, text=True)
    if got.returncode or not blocks:
        bad.append(f"the C of docs/parquet.md: {got.stderr}")
    print("\n".join(bad) or f"{len(blocks)} blocks compile")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
