#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files with the bugs and the habits of writers of old, put together here byte by byte: what they hold is read as it was
meant, no row of theirs is passed over, and inspect --check tells what is not as the format wants it. And names that nobody would choose.

usage: old_writers.py
"""
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
import parquet_parts as parts
from harness import Folder, run
from parquet_parts import BINARY, I32, I64, LIST, STRUCT

BOOLEAN, INT32, INT64, INT96, FLOAT, DOUBLE, BYTES, FIXED = range(8)
REQUIRED, OPTIONAL, REPEATED = range(3)
PLAIN, PLAIN_DICTIONARY, RLE, BIT_PACKED = 0, 2, 3, 4
DELTA_BYTE_ARRAY, RLE_DICTIONARY = 7, 8
UTF8, DECIMAL, DATE, TIME_MILLIS, TIMESTAMP_MILLIS, UINT_8, UINT_32, INT_8 = 0, 5, 6, 7, 9, 11, 13, 15
UNCOMPRESSED, SNAPPY, LZ4 = 0, 1, 5


# ---- values and levels ---------------------------------------------------------------------------

def texts(*values):
    return b"".join(struct.pack("<I", len(v)) + v for v in (v.encode() if isinstance(v, str) else v for v in values))


def words(*values):
    return struct.pack(f"<{len(values)}I", *(v & 0xFFFFFFFF for v in values))


def longs(*values):
    return struct.pack(f"<{len(values)}q", *values)


def bits(values, width):
    """The lowest bit first, in groups of eight values."""
    values = [*values, *[0] * (-len(values) % 8)]
    packed = sum(value << at * width for at, value in enumerate(values))
    return bytes([len(values) // 8 << 1 | 1]) + packed.to_bytes(len(values) * width // 8, "little")


def levels(values, width=1):
    packed = bits(values, width)
    return struct.pack("<I", len(packed)) + packed


def deltas(numbers):
    """DELTA_BINARY_PACKED of at most 33 numbers."""
    out = bytearray()
    parts.put_varint(out, 128)
    parts.put_varint(out, 4)
    parts.put_varint(out, len(numbers))
    parts.put_integer(out, numbers[0])
    steps = [b - a for a, b in zip(numbers, numbers[1:])]
    if steps:
        parts.put_integer(out, min(steps))
        out += bytes([32, 0, 0, 0]) + words(*(step - min(steps) for step in steps), *[0] * (32 - len(steps)))
    return bytes(out)


def prefixed(values, before):
    """DELTA_BYTE_ARRAY, the first value after one that need not be of the same page."""
    prefixes, suffixes = [], []
    for value in values:
        same = next((at for at, (a, b) in enumerate(zip(before, value)) if a != b), min(len(before), len(value)))
        prefixes.append(same)
        suffixes.append(value[same:].encode())
        before = value
    return deltas(prefixes) + deltas([len(s) for s in suffixes]) + b"".join(suffixes)


# ---- files ---------------------------------------------------------------------------------------

def page(kind, body, own, stored=None):
    """A page: kind 0 data, 2 dictionary, 3 data of version 2; its own header."""
    stored = body if stored is None else stored
    member = {0: 5, 2: 7, 3: 8}[kind]
    return parts.struct_bytes([[1, I32, kind], [2, I32, len(body)], [3, I32, len(stored)], [member, STRUCT, own]]) + stored


def data(count, body, encoding=PLAIN, level_encoding=RLE, stored=None):
    return page(0, body, [[1, I32, count], [2, I32, encoding], [3, I32, level_encoding], [4, I32, level_encoding]], stored)


def dictionary(count, body, encoding=PLAIN):
    return page(2, body, [[1, I32, count], [2, I32, encoding]])


class Column:
    """A leaf with its chunk; `about` are fields of ColumnMetaData, as they are wanted instead of the right ones."""

    def __init__(self, name, kind, pages, rows, repetition=REQUIRED, converted=None, more=(), codec=UNCOMPRESSED, about=(), file_path=None):
        self.name, self.kind, self.pages, self.rows, self.codec, self.file_path = name, kind, pages, rows, codec, file_path
        self.element = [[1, I32, kind], [3, I32, repetition], [4, BINARY, name.encode()], *more]
        if converted is not None:
            self.element.append([6, I32, converted])
        self.element.sort(key=lambda field: field[0])
        self.about = {field[0]: field for field in about}

    def chunk(self, at):
        size = sum(map(len, self.pages))
        fields = {1: [1, I32, self.kind], 2: [2, LIST, (I32, [PLAIN, RLE])], 3: [3, LIST, (BINARY, [self.name.encode()])],
                  4: [4, I32, self.codec], 5: [5, I64, self.rows], 6: [6, I64, size], 7: [7, I64, size], 9: [9, I64, at], **self.about}
        own = [[1, BINARY, self.file_path.encode()]] if self.file_path else []
        return [*own, [2, I64, at], [3, STRUCT, [fields[number] for number in sorted(fields)]]]


def file_of(columns, rows, created_by=b"a writer of old", orders=False):
    body, chunks = b"PAR1", []
    for column in columns:
        chunks.append(column.chunk(len(body)))
        body += b"".join(column.pages)
    footer = [[1, I32, 1], [2, LIST, (STRUCT, [[[4, BINARY, b"m"], [5, I32, len(columns)]], *(c.element for c in columns)])],
              [3, I64, rows], [4, LIST, (STRUCT, [[[1, LIST, (STRUCT, chunks)], [2, I64, len(body)], [3, I64, rows]]])]]
    if created_by is not None:
        footer.append([6, BINARY, created_by])
    if orders:
        footer.append([7, LIST, (STRUCT, [[[1, STRUCT, []]]] * len(columns))])
    return parts.with_footer(body, footer)


def plain(name, *values, **options):
    return Column(name, BYTES, [data(len(values), texts(*values))], len(values), converted=UTF8, **options)


def cat(content, rows, *words, finding=None, name="f.parquet"):
    """What cat prints, and what inspect --check finds; None: nothing."""
    with Folder() as folder:
        (folder / name).write_bytes(content)
        got = run("cat", folder / name, *words)
        text = got.stdout.decode().split("\n", 1)[-1]
        assert got.returncode == 0 and text == "".join(f"{row}\n" for row in rows), f"exit {got.returncode}, {text!r}, {got.stderr.decode()}"
        got = run("inspect", "--check", folder / name)
        assert got.returncode == (3 if finding else 0) and (finding or "").encode() in got.stdout, f"exit {got.returncode}: {got.stdout.decode()}"


def refused(content, words):
    with Folder() as folder:
        (folder / "f.parquet").write_bytes(content)
        got = run("cat", folder / "f.parquet")
        assert got.returncode == 3 and words in got.stderr.decode(), f"exit {got.returncode}: {got.stderr.decode()}"


# ---- what is wrong with them ---------------------------------------------------------------------

def numbers_of_values():
    """parquet-cpp before 1.0 did not count nulls (PARQUET-666): the pages tell."""
    for given, told in ([1, None, 3, None, 5], 3), ([None] * 4, 0), ([7, 8], 1), ([7, 8], 200):
        there = [value for value in given if value is not None]
        body = levels([value is not None for value in given]) + words(*there)
        column = Column("a", INT32, [data(len(given), body)], len(given), OPTIONAL, about=[[5, I64, told]])
        expected = ["" if value is None else value for value in given]
        cat(file_of([column], len(given)), expected, finding=f"{len(given)} values, the footer says {told}")
    pages = [data(2, words(1, 2)), data(2, words(3, 4))]
    cat(file_of([Column("a", INT32, pages, 4, about=[[5, I64, 2]])], 4), [1, 2, 3, 4], finding="4 values, the footer says 2")
    refused(file_of([Column("a", INT32, pages, 4)], 5), "ends after 4 of 5 rows")
    refused(file_of([Column("a", INT32, pages, 4)], 3), "2 values behind 2 of 3 rows")
    refused(file_of([Column("a", INT32, [], 0, about=[[9, I64, 0]])], 3), "no pages for 3 rows")


def places_of_dictionaries():
    """Left out, 0, or only that of the data pages; and PARQUET-816: a size without the header of the dictionary page."""
    first, codes = dictionary(2, texts("x", "yy")), data(3, b"\1" + bits([0, 1, 1], 1), RLE_DICTIONARY)
    size = len(first) + len(codes)
    header = len(first) - len(texts("x", "yy"))
    for what in ([], [[11, I64, 0]], [[11, I64, 4]], [[9, I64, 4 + len(first)], [11, I64, 4]]):
        cat(file_of([Column("t", BYTES, [first, codes], 3, converted=UTF8, about=what)], 3), ["x", "yy", "yy"])
    short = Column("t", BYTES, [first, codes], 3, converted=UTF8, about=[[7, I64, size - header]])
    finding = f"{size} bytes of pages, the footer says {size - header}"
    cat(file_of([short], 3), ["x", "yy", "yy"], finding=finding)
    cat(file_of([short, plain("u", "a", "b", "c")], 3), ["x,a", "yy,b", "yy,c"], finding=finding)
    old = dictionary(2, texts("x", "yy"), PLAIN_DICTIONARY), data(3, b"\1" + bits([0, 1, 1], 1), PLAIN_DICTIONARY)
    cat(file_of([Column("t", BYTES, old, 3, converted=UTF8)], 3), ["x", "yy", "yy"])


def statistics(low, high, fields):
    return [12, STRUCT, [[fields[0], BINARY, high], [fields[1], BINARY, low]]]


def orders_of_statistics():
    """min and max in the order of signed bytes and numbers, or of a buffer that was used again (PARQUET-251); min_value and max_value of
    which no order is told."""
    signed = "é".encode(), b"z"
    for bounds, fields in (signed, (1, 2)), ((b"q", b"q"), (1, 2)), (signed, (5, 6)):
        content = file_of([plain("t", "a", "z", "é", about=[statistics(*bounds, fields)])], 3)
        for text in "a", "z", "é":
            cat(content, [text], "--where", f"t={text}")
    pages = [data(3, words(1, 7, 4000000000))]
    content = file_of([Column("n", INT32, pages, 3, converted=UINT_32, about=[statistics(words(4000000000), words(7), (1, 2))])], 3)
    for number in 1, 7, 4000000000:
        cat(content, [number], "--where", f"n={number}")
    told = [statistics(words(5), words(9), (1, 2))]
    content = file_of([Column("n", INT32, [data(2, words(5, 9))], 2, about=told), plain("t", "x", "y")], 2)
    cat(content, [], "--where", "n=4")
    cat(content, ["9,y"], "--where", "n=9")


def framings_of_lz4():
    """The codec that is called LZ4: a bare block, Hadoop's framing in one part and in two, a frame of LZ4's own."""
    body = words(1, 2)
    block = bytes([len(body) << 4]) + body
    half = bytes([4 << 4])
    framings = [block, struct.pack(">II", 8, 9) + block,
                struct.pack(">II", 8, 5) + half + body[:4] + struct.pack(">I", 5) + half + body[4:],
                struct.pack(">II", 4, 5) + half + body[:4] + struct.pack(">II", 4, 5) + half + body[4:],
                bytes.fromhex("04224d18604082") + struct.pack("<I", 9) + block + bytes(4),
                bytes.fromhex("04224d18604082") + struct.pack("<I", 8 | 1 << 31) + body + bytes(4)]
    for stored in framings:
        pages = [data(2, body, stored=stored)]
        unpacked = sum(map(len, pages)) - len(stored) + len(body)
        cat(file_of([Column("a", INT32, pages, 2, codec=LZ4, about=[[6, I64, unpacked]])], 2), [1, 2])


def file_paths():
    """Of the file itself, whatever it is called now; but what lies elsewhere, or may, is not read."""
    def both(first, second, **options):
        return file_of([plain("t", "a", "b", file_path=first), plain("u", "c", "d", file_path=second, **options)], 2)
    cat(both("f.parquet", "f.parquet"), ["a,c", "b,d"])
    cat(both("part-0.parquet", "part-0.parquet"), ["a,c", "b,d"])
    elsewhere = "its pages lie in another file"
    refused(both("f.parquet", "g.parquet"), elsewhere)
    refused(both(None, "g.parquet"), elsewhere)
    refused(both("f.parquet", "f.parquet", about=[[9, I64, 4000]]), elsewhere)


def second(count, nulls, level_bytes, body, encoding=PLAIN, compressed=None, uncompressed=None):
    own = [[1, I32, count], [2, I32, nulls], [3, I32, count], [4, I32, encoding], [5, I32, len(level_bytes)], [6, I32, 0]]
    if compressed is not None:
        own.append([7, parts.TRUE if compressed else parts.FALSE, None])
    whole = level_bytes + body
    return page(3, bytes(uncompressed or len(whole)), own, whole)


def pages_of_version_2():
    """Not compressed within a codec, with a size that says otherwise; without anything but levels, which is compressed to nothing."""
    flags = bits([1, 0, 1], 1)
    for codec in UNCOMPRESSED, SNAPPY:
        for size in None, 99:
            pages = [second(3, 1, flags, words(4, 5), compressed=False, uncompressed=size)]
            sizes = [[6, I64, sum(map(len, pages)) + (size - len(flags) - 8 if size else 0)]]
            cat(file_of([Column("a", INT32, pages, 3, OPTIONAL, codec=codec, about=sizes)], 3), [4, "", 5])
    for compressed in None, True, False:
        pages = [second(2, 2, bits([0, 0], 1), b"", compressed=compressed)]
        cat(file_of([Column("a", INT32, pages, 2, OPTIONAL, codec=SNAPPY)], 2), ["", ""])


def levels_bit_packed():
    """The encoding of levels of old, the highest bit first and without a length; and where there are no levels, its name alone."""
    body = bytes([0b10110000]) + words(1, 2, 3)
    cat(file_of([Column("a", INT32, [data(4, body, level_encoding=BIT_PACKED)], 4, OPTIONAL)], 4), [1, "", 2, 3])
    cat(file_of([Column("a", INT32, [data(2, words(1, 2), level_encoding=BIT_PACKED)], 2)], 2), [1, 2])


def int96_beyond_a_day():
    """Nanoseconds of the day that are more than a day's, or before it."""
    day = 86400 * 10 ** 9
    body = b"".join(struct.pack("<qI", nanos, 2440588 + 1) for nanos in (0, day + 5 * 10 ** 9, -10 ** 9))
    cat(file_of([Column("t", INT96, [data(3, body)], 3, about=[statistics(bytes(12), bytes(12), (1, 2))])], 3),
        ["1970-01-02T00:00:00Z", "1970-01-03T00:00:05Z", "1970-01-01T23:59:59Z"])


def unknown_writers():
    for created_by in None, b"", b"\xff", b"parquet-mr", b"parquet-mr version 1.2.8rc3-SNAPSHOT (build", b"version  (build )":
        cat(file_of([plain("t", "a", "b")], 2, created_by), ["a", "b"])
        cat(file_of([plain("t", "a", "b")], 2, created_by), ["b"], "--where", "t=b")


def prefixes_over_pages():
    """parquet-mr before 1.8 (PARQUET-246): the first value of a page goes on from the last one of the page before."""
    rows = [f"namespace-{at // 3:03d}/pod-{at % 3}" for at in range(60)]
    pages, before = [], ""
    for at in range(0, 60, 10):
        pages.append(data(10, prefixed(rows[at:at + 10], before), DELTA_BYTE_ARRAY))
        before = rows[at + 9]
    column = Column("t", BYTES, pages, 60, converted=UTF8)
    numbers = Column("n", INT32, [data(60, words(*range(60)))], 60)
    content = file_of([column, numbers], 60, b"parquet-mr version 1.6.0 (build 0)")
    cat(content, [f"{row},{at}" for at, row in enumerate(rows)])
    for wanted in ([45], [3, 44], [10], [59], [9, 10, 29, 30]):
        where = [word for at in wanted for word in ("--where", f"n={at}")]
        cat(content, [f"{rows[at]},{at}" for at in wanted], *where)
    refused(file_of([Column("t", BYTES, pages[1:], 50, converted=UTF8)], 50), "a prefix of 18 bytes, the value before it has 0")


def widths_of_decimals():
    """More bytes than the precision needs, fewer, and as many as each value takes."""
    def decimal(kind, body, precision, length=None):
        more = [[7, I32, 2], [8, I32, precision]] + ([[2, I32, length]] if length else [])
        return file_of([Column("d", kind, [data(3, body)], 3, converted=DECIMAL, more=more)], 3)
    expected = ["1.23", "-0.01", "0.00"]
    for width in 1, 3, 9, 20:
        found = b"".join(value.to_bytes(width, "big", signed=True) for value in (123, -1, 0))
        cat(decimal(FIXED, found, 9, width), expected)
    cat(decimal(BYTES, texts(b"\0\0\0\x7b", b"\xff", b"\0"), 9), expected)
    cat(decimal(BYTES, texts(b"\x7b", b"\xff" * 20, b""), 9), expected)
    cat(decimal(INT32, words(123, -1, 0), 18), expected)
    cat(decimal(INT64, longs(123, -1, 0), 4), expected)


def converted_types():
    """No LogicalType at all."""
    for kind, converted, body, expected in (
            (BYTES, UTF8, texts("a", "é"), ["a", "é"]), (INT32, DATE, words(0, 20000), ["1970-01-01", "2024-10-04"]),
            (INT64, TIMESTAMP_MILLIS, longs(0, 1500), ["1970-01-01T00:00:00Z", "1970-01-01T00:00:01.5Z"]),
            (INT32, UINT_8, words(255, 1), [255, 1]), (INT32, INT_8, words(-1, 1), [-1, 1]), (INT32, UINT_32, words(-1, 1), [4294967295, 1])):
        cat(file_of([Column("a", kind, [data(2, body)], 2, converted=converted)], 2), expected)


def two_annotations():
    """Kinds of texts are texts; what gives values another meaning is refused, since no two readers take the same one."""
    def both(kind, converted, member, own, body, *more):
        logical = [10, STRUCT, [[member, STRUCT, own]]]
        return file_of([Column("a", kind, [data(2, body)], 2, converted=converted, more=[logical, *more])], 2)
    for converted, member in (UTF8, 12), (UTF8, 4), (4, 1), (19, 1):
        cat(both(BYTES, converted, member, [], texts("1", "x")), ["1", "x"])
    refused(both(INT64, TIMESTAMP_MILLIS, 8, [[1, parts.TRUE, None], [2, STRUCT, [[2, STRUCT, []]]]], longs(1, 2)), "two annotations that contradict")
    refused(both(INT32, DECIMAL, 5, [[1, I32, 3], [2, I32, 9]], words(1, 2), [7, I32, 2], [8, I32, 9]), "two annotations that contradict")


def names_of_columns():
    """There twice, the same but for upper and lower case, with commas and quotes."""
    content = file_of([plain(name, f"{at}") for at, name in enumerate(("a", "a", "A", "b,c", 'd"e', '"', "Pod", "pod", "node", " f"))], 1)
    with Folder() as folder:
        (folder / "f.parquet").write_bytes(content)

        def columns(*words, status=0):
            got = run("cat", folder / "f.parquet", *words)
            assert got.returncode == status, f"{words}: exit {got.returncode}, {got.stderr.decode()}"
            return got.stdout.decode().split("\n")[1] if not status else got.stderr.decode()
        assert columns() == "0,1,2,3,4,5,6,7,8,9"
        for wanted, found in (("A", "2"), ("A,A", "2,2"), ('"b,c"', "3"), ('d"e,"d""e"', "4,4"), ('""""', "5"), ('"', "5"), ("pod,Pod", "7,6"),
                              ("NODE", "8"), (' "b,c" , node', "3,8"), ('" f",node,,', "9,8")):
            assert columns("--columns", wanted) == found, wanted
        assert '2 columns are named "a"' in columns("--columns", "a", status=2)
        assert '2 columns are named "POD"' in columns("--columns", "node,POD", status=2)
        assert '2 columns are named "a"' in columns("--where", "a=0", status=2)
        assert 'there is no column "b"' in columns("--columns", "b,c", status=2)
        assert columns("--columns", "node", "--where", "b,c=3", "--where", "Pod=6") == "8"


if __name__ == "__main__":
    harness.main([(check.__name__, check) for check in (
        numbers_of_values, places_of_dictionaries, orders_of_statistics, framings_of_lz4, file_paths, pages_of_version_2, levels_bit_packed,
        int96_beyond_a_day, unknown_writers, prefixes_over_pages, widths_of_decimals, converted_types, two_annotations, names_of_columns)])
