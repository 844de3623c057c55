#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Footers of 100 MB, of 100,000 columns, of 100,000 row groups: cat, aggregate and inspect read them, or refuse them with a
reason, in memory of --memory and 32 MB.

usage: large_footers.py
"""
import pathlib
import signal
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import Folder, apart, measured, must
from parquet_parts import BINARY, I32, I64, LIST, MAGIC, STRUCT, field, struct_bytes, take_apart, value_of

SMALL, LARGE = 64, 1024  # MiB
MOST_SECONDS = 60
SHARE = 20 if harness.sanitized() else 1
MANY = 100_000 // SHARE
BYTES = 100_000_000 // SHARE
PAGE = struct_bytes([[1, I32, 0], [2, I32, 4], [3, I32, 4], [5, STRUCT, [[1, I32, 1], [2, I32, 0], [3, I32, 3], [4, I32, 3]]]]) + struct.pack("<i", 7)


# ---- making them ---------------------------------------------------------------------------------

def write(path, pages, *footer):
    with path.open("wb") as out:
        out.write(MAGIC + pages)
        for part in footer:
            out.write(part)
        out.write(struct.pack("<I", sum(map(len, footer))) + MAGIC)


def many(kind, count):
    """The head of a list field of many items, behind the field that is one less."""
    head = bytearray([count >> shift & 0x7F | 0x80 for shift in range(0, 28, 7)])
    return bytes([kind | 0xF0]) + head + b"\0"  # a varint may be longer than it need be


def root(columns):
    return struct_bytes([[4, BINARY, b"root"], [5, I32, columns]])


def leaf(name):
    return struct_bytes([[1, I32, 1], [3, I32, 0], [4, BINARY, name]])


def chunk(name, *more):
    return struct_bytes([[2, I64, 4], [3, STRUCT, [[1, I32, 1], [2, LIST, (I32, [0])], [3, LIST, (BINARY, [name])], [4, I32, 0], [5, I64, 1],
                                                   [6, I64, len(PAGE)], [7, I64, len(PAGE)], [9, I64, 4], *more]]])


def file_of(path, names, groups, group_rows=1, behind=b"\0", chunk_more=()):
    """A file of INT32 columns, all of which have their value in the same page."""
    schema = b"".join([root(len(names)), *map(leaf, names)])
    group = b"\x19" + many(STRUCT, len(names)) + b"".join(chunk(name, *chunk_more) for name in names) + b"\x16\x02" + b"\x16" + bytes([2 * group_rows]) + b"\0"
    rows = struct_bytes([[3, I64, groups * group_rows]])[1:-1]
    write(path, PAGE, b"\x15\x02" + b"\x19" + many(STRUCT, len(names) + 1), schema, b"\x16" + rows, b"\x19" + many(STRUCT, groups), *[group] * groups, behind)


def of_report(path):
    """The row groups of a report of ours again and again: the same pages, many times the rows."""
    with Folder() as folder:
        must("convert", harness.ROOT / "tests/bad/static/good.OK.csv", "--to", folder)
        body, footer = take_apart(next(folder.rglob("*.parquet")).read_bytes())
    before = struct_bytes([[1, I32, 2], field(footer, 2), [3, I64, value_of(footer, 3) * MANY]])[:-1]
    group = struct_bytes(value_of(footer, 4)[1][0])
    write(path, body[4:], before + b"\x19" + many(STRUCT, MANY), *[group] * MANY, b"\0")


def names(count):
    return [b"c%d" % i for i in range(count)]


MINIMAL = b"\x15\x02\x19\x2c" + root(1) + leaf(b"a") + b"\x16\x00\x19\x0c"  # a table of no rows, up to field 4
# Of every file whether the commands can read it in LARGE, and how it is made.
FILES = {
    "columns": (True, lambda path: file_of(path, names(MANY), 1)),
    "row-groups": (True, lambda path: file_of(path, [b"a"], MANY)),
    "report": (True, of_report),
    "statistics": (True, lambda path: file_of(path, names(BYTES // 100_000), 100, chunk_more=[[12, STRUCT, [[5, BINARY, bytes(500)], [6, BINARY, bytes(400)]]]])),
    "value": (True, lambda path: write(path, b"", MINIMAL + b"\x19\x1c", struct_bytes([[1, BINARY, b"key"], [2, BINARY, b"v" * BYTES]]), b"\0")),
    "unknown-field": (True, lambda path: write(path, b"", MINIMAL + b"\xc9" + many(STRUCT, BYTES), bytes(BYTES), b"\0")),
    "name": (True, lambda path: file_of(path, [b"n" * (BYTES // 3)], 1)),
    "empty-groups": (False, lambda path: write(path, b"", MINIMAL[:-2] + b"\x19" + many(STRUCT, BYTES), bytes(BYTES), b"\0")),
    "empty-elements": (False, lambda path: write(path, b"", b"\x15\x02\x19" + many(STRUCT, BYTES), bytes(BYTES), b"\0")),
    "empty-pairs": (False, lambda path: write(path, b"", MINIMAL + b"\x19" + many(STRUCT, BYTES), bytes(BYTES), b"\0")),
    "deep": (False, lambda path: write(path, b"", MINIMAL + b"\xcc", b"\x1c" * BYTES, bytes(BYTES), b"\0")),
}


# ---- reading them --------------------------------------------------------------------------------

def check(path, words, memory, reads):
    status, peak, said = measured([*words, "--memory", f"{memory}MiB", path], MOST_SECONDS)
    print(f"  {path.stem}: {words[0]} in {memory} MiB: exit {status}, {peak >> 20} MiB {said[:200].strip()}", flush=True)
    assert status != -signal.SIGKILL, f"more than {MOST_SECONDS} seconds"
    assert status in (0, 1, 3), f"exit {status}: {said}"
    assert status == 0 or path.name in said, said
    assert status != 1 or "memory" in said, said
    assert status == 0 or not reads, said
    assert peak <= (memory << 20) + 32_000_000 or harness.sanitized(), f"{peak} bytes of memory"


def refuses_to_convert_too_many_columns(folder):
    """More than can be written are counted before they are looked at: each would be compared with all others."""
    path = folder / "vms.parquet"
    file_of(path, [b"vm_uptime_total_seconds", b"interval_start", *names(40_000)], 1)
    status, _, said = measured(["convert", path, "--to", folder / "out"], MOST_SECONDS)
    assert status == 3 and "40002 columns, at most 32767" in said, f"exit {status}: {said}"


def main():
    wrong = 0
    with Folder() as folder:
        refuses_to_convert_too_many_columns(folder)
        for name, (reads, make) in FILES.items():
            path = folder / f"{name}.parquet"
            apart(make, path)
            for words in ["inspect"], ["inspect", "--json"], ["cat"], ["aggregate", "--to", "-"]:
                for memory in SMALL, LARGE:
                    try:
                        check(path, words, memory, reads and memory == LARGE and (words[0] != "aggregate" or name == "report"))
                    except AssertionError as error:
                        wrong += 1
                        print(f"FAILED {name}: {' '.join(words)} in {memory} MiB: {error}", flush=True)
            path.unlink()
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
