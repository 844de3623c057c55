# SPDX-License-Identifier: Apache-2.0
"""Random files of parquet-mr for matrix.py: every physical type with every annotation, which no other writer has so completely.
"""
import math
import struct

import cells
import matrix_tables
from matrix_tables import bits, digits, fixed, near, unsigned

CODECS = ("UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4", "LZ4_RAW")


def text(dice):
    return matrix_tables.word(dice).encode()


def unscaled(precision, width=None):
    """A decimal's number as the bytes of BINARY, as few as it takes, or of FIXED_LEN_BYTE_ARRAY."""
    def make(dice):
        number = int(digits(precision, 0)(dice))
        return number.to_bytes(width or number.bit_length() // 8 + 1, "big", signed=True)
    return make


def instant96(dice):
    return struct.pack("<qI", dice.randint(0, cells.DAY - 1), 2440588 + dice.randint(-20000, 60000))


def real(pack):
    """Of float and double, as JSON takes them."""
    def make(dice):
        value = dice.choice([math.nan, math.inf, -math.inf, 0.0, -0.0, dice.uniform(-1e6, 1e6)])
        value = struct.unpack(pack, struct.pack(pack, value))[0]
        return value if math.isfinite(value) else str(value).replace("nan", "NaN").replace("inf", "Infinity")
    return make


def wrapped(bit_count):
    """Unsigned numbers as the signed ones that hold their bits."""
    return lambda d: (lambda v: v - 2**bit_count if v >= 2**(bit_count - 1) else v)(unsigned(bit_count)(d))


NATURAL32, NATURAL64 = wrapped(32), wrapped(64)
KINDS = [  # physical type, width, annotation, value
    ("boolean", 0, "", lambda d: d.random() < 0.5), ("int32", 0, "", bits(32)), ("int64", 0, "", bits(64)),
    ("int96", 0, "", instant96), ("float", 0, "", real("<f")), ("double", 0, "", real("<d")),
    ("binary", 0, "", matrix_tables.some_bytes), ("fixed_len_byte_array", 7, "", fixed(7)),
    ("binary", 0, "STRING", text), ("binary", 0, "ENUM", text), ("binary", 0, "JSON", text),
    ("binary", 0, "BSON", matrix_tables.some_bytes), ("fixed_len_byte_array", 16, "UUID", fixed(16)),
    ("fixed_len_byte_array", 12, "INTERVAL", fixed(12)), ("fixed_len_byte_array", 2, "FLOAT16", lambda d: struct.pack("<e", d.uniform(-9, 9))),
    ("int32", 0, "DECIMAL(9,2)", lambda d: int(digits(9, 0)(d))), ("int64", 0, "DECIMAL(18,0)", lambda d: int(digits(18, 0)(d))),
    ("fixed_len_byte_array", 4, "DECIMAL(9,9)", unscaled(9, 4)), ("fixed_len_byte_array", 20, "DECIMAL(47,3)", unscaled(47, 20)),
    ("binary", 0, "DECIMAL(30,4)", unscaled(30)), ("binary", 0, "DECIMAL(3,0)", unscaled(3)),
    ("int32", 0, "DATE", near(2900000)), ("int32", 0, "TIME(MILLIS,true)", lambda d: d.randint(0, 86399999)),
    ("int64", 0, "TIME(MICROS,false)", lambda d: d.randint(0, 86399999999)), ("int64", 0, "TIME(NANOS,true)", lambda d: d.randint(0, cells.DAY - 1)),
    *[("int64", 0, f"TIMESTAMP({unit},{utc})", near(most)) for unit, most in (("MILLIS", 2**45), ("MICROS", 2**55), ("NANOS", 2**62))
      for utc in ("true", "false")],
    ("int32", 0, "INTEGER(8,true)", bits(8)), ("int32", 0, "INTEGER(16,true)", bits(16)), ("int32", 0, "INTEGER(32,true)", bits(32)),
    ("int64", 0, "INTEGER(64,true)", bits(64)), ("int32", 0, "INTEGER(8,false)", unsigned(8)), ("int32", 0, "INTEGER(16,false)", unsigned(16)),
    ("int32", 0, "INTEGER(32,false)", NATURAL32), ("int64", 0, "INTEGER(64,false)", NATURAL64),
]
KEYS = [kind for kind in KINDS if kind[2] in ("STRING", "DATE", "INTEGER(32,true)")]


class Leaf:
    """A field of values. Each node tells its schema, its leaves' paths, a random value as parquet_mr.py takes it, and the
    cell's value of what parquet_mr.py reads."""

    def __init__(self, kind):
        self.physical, self.width, self.annotation, self.make = kind

    def schema(self, repetition, name):
        told = f" ({self.annotation})" if self.annotation else ""
        return f"{repetition} {self.physical}{f'({self.width})' if self.width else ''} {name}{told};"

    def paths(self, name):
        return [(name, self)]

    def some(self, dice, nulls):
        value = self.make(dice)
        return value.hex() if isinstance(value, bytes) else value

    def shown(self, value):
        return cells.of_physical(value, self.physical, self.annotation)


class Group:
    def __init__(self, parts, annotation=""):
        self.parts, self.annotation = parts, annotation  # parts: (repetition, name, node)

    def schema(self, repetition, name):
        told = f" ({self.annotation})" if self.annotation else ""
        return f"{repetition} group {name}{told} {{ {' '.join(node.schema(r, n) for r, n, node in self.parts)} }}"

    def paths(self, name):
        return [found for _, part, node in self.parts for found in node.paths(f"{name}.{part}")]

    def some(self, dice, nulls):
        return [field_of(dice, repetition, node, nulls) for repetition, _, node in self.parts]

    def shown(self, value):
        if value is None:
            return None
        if self.annotation == "LIST":
            (_, _, repeated), = self.parts
            if isinstance(repeated, Group) and len(repeated.parts) == 1:
                return [repeated.parts[0][2].shown(item[0]) for item in value[0]]
            return [repeated.shown(item) for item in value[0]]
        if self.annotation == "MAP":
            (_, _, key), (_, _, inner) = self.parts[0][2].parts
            found = [(key.shown(k), inner.shown(v)) for k, v in value[0]]
            return cells.Members(found) if key.annotation == "STRING" else [cells.Members((("key", k), ("value", v))) for k, v in found]
        return cells.Members((name, [node.shown(item) for item in part] if repetition == "repeated" else node.shown(part))
                             for (repetition, name, node), part in zip(self.parts, value))


def field_of(dice, repetition, node, nulls):
    if repetition == "repeated":
        return [node.some(dice, nulls) for _ in range(dice.choice((0, 1, 1, 2, 5)))]
    return None if repetition == "optional" and dice.random() < nulls else node.some(dice, nulls)


def repetition_of(dice):
    return dice.choice(("required", "optional", "optional"))


def node_of(dice, depth):
    """Lists in the three forms that are in use, maps, structs, and fields that are repeated without an annotation."""
    turn = dice.random() if depth else 0
    if turn < 0.25:
        return Leaf(dice.choice(KINDS))
    if turn < 0.45:
        return Group([("repeated", "list", Group([(repetition_of(dice), "element", node_of(dice, depth - 1))]))], "LIST")
    if turn < 0.55:
        inner = Group([(repetition_of(dice), name, node_of(dice, depth - 1)) for name in ("a", "b")])
        return Group([("repeated", "array", dice.choice((inner, Leaf(dice.choice(KINDS)))))], "LIST")
    if turn < 0.75:
        pair = Group([("required", "key", Leaf(dice.choice(KEYS))), (repetition_of(dice), "value", node_of(dice, depth - 1))])
        return Group([("repeated", "key_value", pair)], "MAP")
    return Group([(dice.choice(("required", "optional", "repeated")), name, node_of(dice, depth - 1)) for name in "xyz"[:dice.randint(1, 3)]])


def by_parquet_mr(dice, path, servant):
    fields = [(repetition_of(dice) if dice.random() < 0.9 else "repeated", f"c{at}", node_of(dice, dice.choice((0, 0, 0, 1, 3))))
              for at in range(dice.randint(1, 8))]
    count, nulls = dice.choice(matrix_tables.ROWS), dice.choice((0, 0.2, 0.2, 1))
    rows = [[field_of(dice, repetition, node, nulls) for repetition, _, node in fields] for _ in range(count)]
    codec = dice.choice(CODECS)
    columns = {}
    for _, name, node in fields:
        for leaf_path, leaf in node.paths(name):
            split = leaf.physical not in ("boolean", "binary", "int96") and dice.random() < 0.4
            columns[leaf_path] = {"codec": dice.choice(CODECS) if dice.random() < 0.1 else codec, "split": split,
                                  "dictionary": not split and dice.random() < 0.5,
                                  "bloom_filter": leaf.physical not in ("boolean", "int96") and dice.random() < 0.2}
    schema = "message made { " + " ".join(node.schema(repetition, name) for repetition, name, node in fields) + " }"
    servant.ask("write", path, schema=schema, rows=rows, columns=columns, version=dice.choice(("v1", "v2")),
                page_rows=dice.choice((1, 20, 20000)), page_bytes=dice.choice((64, 1 << 20)), group_rows=dice.choice((40, 1 << 20)),
                dictionary_bytes=dice.choice((100, 1 << 20)), check_rows=dice.choice((1, 100)), checksums=dice.random() < 0.7,
                statistics=dice.random() < 0.8)
    read = servant.ask("read", path)["rows"]
    whole = Group(fields)
    return [(name, repetition == "repeated" or isinstance(node, Group), [whole.shown(row)[at][1] for row in read])
            for at, (repetition, name, node) in enumerate(fields)]
