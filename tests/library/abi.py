#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What programs that were built with shukei/parquet.h rely upon is as parquet.abi records it: structs, numbers,
and the functions that the library shows. The header declares just these functions, and has every member and
number in abi.c.

usage: abi.py ABI_PROGRAM LIBRARY [--record]    --record writes parquet.abi anew: what is in it already may
only stay as it is, unless the library's soname changes
"""
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
RECORD = HERE / "parquet.abi"
HEADER = HERE.parents[1] / "include/shukei/parquet.h"


def output(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()


def shown(library):
    names = [line.split()[-1] for line in output("nm", "-D", "--defined-only", library)]
    return sorted(name for name in names if name.startswith("shukei_parquet_"))


def main(program, library, *words):
    header = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.S)
    functions, structs = shown(library), output(program)
    now = structs + [f"function {name}" for name in functions]
    if words == ("--record",):
        RECORD.write_text("\n".join(now) + "\n")
        return 0
    bad = []
    recorded = RECORD.read_text().splitlines()
    bad += [f"no longer so: {line}" for line in recorded if line not in now]
    bad += [f"not recorded: {line}" for line in now if line not in recorded]
    declared = sorted(re.findall(r"\b(shukei_parquet_\w+)\(", header))
    if declared != functions:
        bad.append(f"declared or shown, not both: {sorted(set(declared) ^ set(functions))}")
    told = "\n".join(structs)
    for name in re.findall(r"\b(SHUKEI_PARQUET_\w+) = \d", header):
        if f"\n{name}: " not in told:
            bad.append(f"abi.c does not print {name}")
    for body, name in re.findall(r"typedef struct \w+ \{(.*?)\n\} (\w+);", header, re.S):
        body = re.sub(r"union \{.*?\}", "", body, flags=re.S)
        for member in re.findall(r"(\w+)(?=[,;])", body):
            if f"{name}.{member}: " not in told:
                bad.append(f"abi.c does not print {name}.{member}")
    print("\n".join(bad) or f"{len(recorded)} lines of parquet.abi hold")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
