#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Parquet files changed by chance, and those of Apache's corpus as they are: cat, aggregate and inspect --check end by themselves
with exit status 0 or 3, in memory of --memory and 32 MB, in ten seconds of a processor.

usage: mutated_files.py

SHUKEI_MUTATED_FILES (300): how many. SHUKEI_MUTATED_SEED (1): which. A file that is dealt with otherwise stays in
the temporary folder, and the failure names it. Files are changed by their parts (parquet_parts.py): fields of the footer
and of page headers, bytes of pages with their CRC put right, and by bits, cuts and moved bytes.
"""
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
import parquet_parts as parts
from harness import Folder, apart, measured, must

MUTATED = int(os.environ.get("SHUKEI_MUTATED_FILES", "300"))
SEED = os.environ.get("SHUKEI_MUTATED_SEED", "1")
MEMORY_MIB = 64
MOST_RSS = (MEMORY_MIB << 20) + 32_000_000
MOST_SECONDS = 10
LARGEST = 100_000  # bytes of a file to be changed
COMMANDS = ["cat"], ["aggregate", "--to", "-"], ["inspect", "--check", "--pages"]


# ---- files to be changed -------------------------------------------------------------------------

def bases(folder):
    """Bytes of whole files: reports that aggregate takes, and as many of whatever the format has."""
    must("convert", harness.ROOT / "examples/cluster", "--to", folder / "zstd")
    must("convert", harness.ROOT / "examples/cluster", "--to", folder / "snappy", "--codec", "snappy", "--bloom-filter", "namespace,node")
    reports = [*sorted(folder.rglob("*.parquet")), *sorted(harness.ROOT.glob("tests/bad/static/*.OK.parquet"))]
    others = [path for place in (harness.ROOT / "tests/bad/static", harness.ROOT / "tests/fuzz/corpus", harness.SHARED / "parquet-testing/data")
              for path in sorted(place.rglob("*.parquet")) if path.stat().st_size < LARGEST]
    assert len(reports) > 4 and len(others) > 20, "files to be changed"
    return [[without_seal(path.read_bytes()) for path in found] for found in (reports, others)]


def without_seal(data):
    """Our footers have a checksum, which would refuse every change of them: it goes."""
    try:
        body, footer = parts.take_apart(data)
    except parts.Broken:
        return data
    pairs = parts.value_of(footer, 5)
    if pairs:
        pairs[1][:] = [pair for pair in pairs[1] if parts.value_of(pair, 1) != b"shukei.footer_crc32"]
    return parts.with_footer(body, footer)


# ---- changes -------------------------------------------------------------------------------------

def change_bytes(dice, data):
    """Bits, bytes, a part cut out, doubled or moved: of the same length or not."""
    data = bytearray(data)
    at, much = dice.randrange(len(data) + 1), dice.choice([1, 4, 30, 300])
    how = dice.randrange(6)
    if how == 0:
        for _ in range(dice.choice([1, 3, 20])):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    elif how == 1:
        data[at:at + much] = dice.randbytes(len(data[at:at + much]))
    elif how == 2:
        data[at:at + much] = dice.choice([b"\0", b"\xff", b"\x80"]) * len(data[at:at + much])
    elif how == 3:
        del data[at:at + much]
    elif how == 4:
        data[at:at] = data[at:at + much]
    else:
        there = dice.randrange(len(data) + 1)
        data[there:there + much] = data[at:at + much]
    return bytes(data) or b"\0"


def integer(dice, value):
    return dice.choice([0, 1, -1, value + 1, value - 1, value * 2, value // 2, -value, value ^ 1 << dice.randrange(63),
                        dice.randrange(-5, 40), (1 << 31) - 1, 1 << 31, -1 << 31, (1 << 32) - 1, (1 << 63) - 1, -1 << 63,
                        dice.getrandbits(dice.randrange(1, 63)), -dice.getrandbits(dice.randrange(1, 63))])


def another(dice, kind, value):
    """Another value of a kind that is no struct or list."""
    if kind in (parts.I16, parts.I32, parts.I64):
        bits = 63 if kind == parts.I64 or dice.randrange(10) == 0 else 31
        return max(-1 << bits, min(integer(dice, value), (1 << bits) - 1))
    if kind == parts.BINARY:
        return dice.choice([b"", value * 2, value[:-1], value[1:], value + b"\0", dice.randbytes(len(value)), value * dice.randrange(500_000 // (len(value) + 1) + 1)])
    if kind == parts.DOUBLE:
        return dice.choice([0.0, -0.0, float("nan"), float("inf"), -1.0])
    return value


def any_value(dice, kind):
    """One of a kind, from nothing."""
    if kind in (parts.TRUE, parts.FALSE, parts.BYTE, parts.I16, parts.I32, parts.I64):
        return integer(dice, 1) % (1 << 62)
    return {parts.DOUBLE: 1.0, parts.BINARY: b"a", parts.LIST: (parts.I32, [1] * 20), parts.SET: (parts.STRUCT, [[]]),
            parts.MAP: (parts.I32, parts.BINARY, [[1, b""]]), parts.UUID: bytes(16)}.get(kind, [[1, parts.I32, 7]])


def places(tree):
    """Every struct and list of a tree, itself first."""
    found = [tree]
    for kind, value in [(f[1], f[2]) for f in tree] if isinstance(tree, list) else [(tree[0], v) for v in tree[1]]:
        if kind in (parts.STRUCT, parts.LIST, parts.SET):
            found += places(value)
    return found


def change_struct(dice, tree):
    at = dice.randrange(len(tree))
    number, kind, value = tree[at]
    how = dice.randrange(12)
    if how == 0:
        del tree[at]
    elif how == 1:
        tree.insert(at, [number, kind, value])
    elif how == 2:
        tree[at][0] = dice.choice([number + 1, number - 1, dice.randrange(20), dice.randrange(-1 << 15, 1 << 15)])
    elif how == 3:
        kind = dice.randrange(1, 14)
        tree[at][1:] = [kind, any_value(dice, kind)]
    elif kind in (parts.TRUE, parts.FALSE):
        tree[at][1] = parts.TRUE + parts.FALSE - kind
    else:
        tree[at][2] = another(dice, kind, value)


def change_list(dice, found):
    kind, values = found
    at, how = dice.randrange(len(values)), dice.randrange(6)
    if how == 0:
        del values[at]
    elif how == 1:
        values[at:at] = [values[at]] * (dice.choice([1, 2, 100, 1000]) if len(values) < 2000 else 1)
    elif how == 2:
        dice.shuffle(values)
    elif how == 3:
        values.clear()
    else:
        values[at] = another(dice, kind, values[at])


def change_tree(dice, tree):
    for _ in range(dice.choice([1, 1, 1, 2, 4])):
        found = [place for place in places(tree) if (place if isinstance(place, list) else place[1])]
        if not found:
            break
        place = dice.choice(found)
        (change_struct if isinstance(place, list) else change_list)(dice, place)


def change_page(dice, body, footer):
    """Another header, other bytes, or both; the CRC is that of the bytes unless it was what changed."""
    page = dice.choice(list(parts.pages(body, footer)))
    _, at, header_length, _, length = page
    header = parts.read_struct(body, at)[0]
    content = body[at + header_length:at + header_length + length]
    how = dice.randrange(3)
    if how != 0:
        change_tree(dice, header)
    if how != 1 and content:
        content = change_bytes(dice, content)
        size = parts.field(header, 3)
        if size and dice.randrange(4):
            size[2] = len(content)
    return parts.with_footer(parts.replace_page(body, footer, page, header, content), footer)


def change(dice, data):
    """A changed file."""
    how = dice.randrange(10)
    try:
        if how < 8:
            body, footer = parts.take_apart(data)
            if how < 4 and next(parts.pages(body, footer), None):
                return change_page(dice, body, footer)
            change_tree(dice, footer)
            return parts.with_footer(body, footer)
    except (parts.Broken, TypeError):  # a page or a footer that is broken already, a field of another kind
        pass
    return data[:dice.randrange(len(data))] if how == 8 else change_bytes(dice, data)


# ---- runs ----------------------------------------------------------------------------------------

def complaint(words, path, greatest):
    status, peak, said = measured([*words, "--memory", f"{MEMORY_MIB}MiB", path], MOST_SECONDS)
    greatest[words[0]] = max(greatest.get(words[0], 0), peak)
    if status == -signal.SIGKILL:
        return f"more than {MOST_SECONDS} seconds"
    if status not in (0, 3):
        return f"exit {status}: {said[-1500:]}"
    if status == 3 and path.name not in said and "passes the range" not in said:  # a sum is of no one file
        return f"the error does not name the file: {said[-500:]}"
    if peak > MOST_RSS and not harness.sanitized():
        return f"{peak} bytes of memory"
    return None


def corpus():
    """How many files of the corpus there are, and runs over them that were wrong."""
    greatest = {}
    paths = sorted(harness.SHARED.glob("parquet-testing/*/*.parquet"))
    wrong = [(path, words, why) for path in paths for words in COMMANDS for why in [complaint(words, path, greatest)] if why]
    for path, words, why in wrong:
        print(f"FAILED {path}: {' '.join(words)}: {why}", flush=True)
    print(f"{len(paths)} files of the corpus, {len(paths) * len(COMMANDS)} runs, {len(wrong)} wrong; greatest memory {greatest}")
    return len(wrong)


def main():
    wrong, greatest = corpus(), {}
    with Folder() as folder:
        whole = bases(folder)
        path = folder / "mutated.parquet"
        for number in range(MUTATED):
            dice = random.Random(f"{SEED}:{number}")
            apart(lambda: path.write_bytes(change(dice, dice.choice(dice.choice(whole)))))
            for words in COMMANDS:
                why = complaint(words, path, greatest)
                if why:
                    wrong += 1
                    kept = pathlib.Path(tempfile.gettempdir()) / f"shukei-mutated-{SEED}-{number}.parquet"
                    shutil.copy(path, kept)
                    print(f"FAILED file {number} of seed {SEED}, kept as {kept}: {' '.join(words)}: {why}", flush=True)
    print(f"{MUTATED} files of seed {SEED}, {MUTATED * len(COMMANDS)} runs, {wrong} wrong; greatest memory {greatest}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
