# SPDX-License-Identifier: Apache-2.0
"""Random Arrow tables of every type and any nesting, for matrix.py."""
import decimal
import math
import struct

import pyarrow as pa

WORDS = ["", "web", "naïve", 'quo"te', "a,b", "line\nbreak", "back\\slash", "x" * 60, "\x01", "{}", "null", "\U0001f600"]
ROWS = (0, 1, 7, 60, 60, 300, 300, 700)


def single(dice):
    return struct.unpack("f", struct.pack("f", dice.uniform(-1e6, 1e6)))[0]


def double(dice):
    return dice.choice([math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, dice.uniform(-1, 1), 10.0 ** dice.randint(-300, 300)])


def bits(count):
    """Integers of so many bits, the ends and small ones among them."""
    return lambda d: d.choice([d.randint(-(2**(count - 1)), 2**(count - 1) - 1), d.randint(-9, 9), -(2**(count - 1)), 2**(count - 1) - 1])


def unsigned(count):
    return lambda d: d.choice([d.randint(0, 2**count - 1), d.randint(0, 9), 2**count - 1, 2**(count - 1)])


def near(most):
    return lambda d: d.choice([d.randint(-most, most), d.randint(-9, 9)])


def digits(precision, scale):
    return lambda d: decimal.Decimal(d.choice([d.randint(1 - 10**precision, 10**precision - 1), d.randint(-9, 9)])).scaleb(
        -scale, decimal.Context(prec=100))


def word(dice):
    return dice.choice(WORDS) + str(dice.randint(0, 40)) if dice.random() < 0.9 else ""


def some_bytes(dice):
    return dice.choice([b"", b"plain", b"\xff\x00", b"\xc3", bytes(dice.randint(0, 255) for _ in range(dice.randint(0, 9)))])


def fixed(width):
    return lambda d: bytes(d.randint(0, 255) for _ in range(width))


FLAT = {  # kind: value, as pa.array() takes it
    pa.bool_(): lambda d: d.random() < 0.5,
    pa.int8(): bits(8), pa.int16(): bits(16), pa.int32(): bits(32), pa.int64(): bits(64),
    pa.uint8(): unsigned(8), pa.uint16(): unsigned(16), pa.uint32(): unsigned(32), pa.uint64(): unsigned(64),
    pa.float32(): single, pa.float64(): double,
    pa.string(): word, pa.large_string(): word,
    pa.binary(): some_bytes, pa.large_binary(): some_bytes, pa.binary(5): fixed(5),
    pa.date32(): near(2900000),
    pa.time32("ms"): lambda d: d.randint(0, 86399999), pa.time64("us"): lambda d: d.randint(0, 86399999999),
    pa.time64("ns"): lambda d: d.randint(0, 86399999999999),
    pa.timestamp("ms"): near(2**45), pa.timestamp("us"): near(2**55), pa.timestamp("ns"): near(2**62),
    pa.timestamp("ms", "UTC"): near(2**45), pa.timestamp("us", "UTC"): near(2**55), pa.timestamp("ns", "UTC"): near(2**62),
    pa.decimal128(5, 2): digits(5, 2), pa.decimal128(9, 0): digits(9, 0), pa.decimal128(18, 6): digits(18, 6),
    pa.decimal128(38, 10): digits(38, 10),
}
ONLY_PYARROW = {
    pa.float16(): lambda d: struct.unpack("e", struct.pack("e", d.uniform(-1000, 1000)))[0],
    pa.date64(): lambda d: 86400000 * d.randint(-100000, 100000),
    pa.time32("s"): lambda d: d.randint(0, 86399), pa.timestamp("s"): near(2**35), pa.duration("ms"): bits(64),
    pa.decimal32(7, 3): digits(7, 3), pa.decimal64(15, 4): digits(15, 4), pa.decimal256(60, 20): digits(60, 20),
    pa.uuid(): fixed(16), pa.json_(): lambda d: '{"a":%d}' % d.randint(0, 99), pa.null(): lambda d: None,
    pa.dictionary(pa.int32(), pa.string()): word, pa.string_view(): word, pa.binary_view(): some_bytes,
}
NEAR = {kind: near(2**33 * 1000**at) for at, unit in enumerate(("s", "ms", "us", "ns")) for kind in (pa.timestamp(unit), pa.timestamp(unit, "UTC"))}
WHOLE_MICROS = {pa.timestamp("ns", zone): lambda d: 1000 * d.randint(-(2**52), 2**52) for zone in (None, "UTC")}
KEYS = (pa.string(), pa.string(), pa.int32(), pa.date32())


def kind_of(dice, depth, leaves):
    """A type, nested at most so deep."""
    turn = dice.random() if depth else 0
    if turn < 0.25:
        return dice.choice(list(leaves))
    inner = [pa.field(name, kind_of(dice, depth - 1, leaves), nullable=dice.random() < 0.7) for name in ("item", "b", "ü,\"")]
    if turn < 0.55:
        return pa.list_(inner[0])
    if turn < 0.8:
        return pa.struct(inner[:dice.randint(1, 3)])
    return pa.map_(dice.choice(KEYS), inner[1].with_name("value"))


def some(dice, field, nulls, leaves):
    """A value of a field, perhaps null."""
    kind = field.type
    if field.nullable and dice.random() < nulls:
        return None
    if pa.types.is_list(kind):
        return [some(dice, kind.value_field, nulls, leaves) for _ in range(dice.choice((0, 1, 1, 2, 3, 9)))]
    if pa.types.is_struct(kind):
        return {part.name: some(dice, part, nulls, leaves) for part in kind}
    if pa.types.is_map(kind):
        keys = {FLAT[kind.key_type](dice) for _ in range(dice.choice((0, 1, 2, 4)))}
        return [(key, some(dice, kind.item_field, nulls, leaves)) for key in sorted(keys)]
    return leaves[kind](dice)


def array_of(dice, field, count, leaves):
    nulls = dice.choice((0, 0.2, 0.2, 1))
    values = [some(dice, field, nulls, leaves) for _ in range(count)]
    if isinstance(field.type, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(field.type, pa.array(values, field.type.storage_type))
    return pa.array(values, field.type)


def table_of(dice, leaves, nestable=FLAT):
    """A third of its columns are nested, of `nestable` leaves."""
    count = dice.choice(ROWS)
    fields = []
    for at in range(dice.randint(1, 7)):
        depth = dice.randint(1, 5) if dice.random() < 0.33 else 0
        kind = kind_of(dice, depth, nestable if depth else leaves)
        fields.append(pa.field(f"c{at}", kind, nullable=kind == pa.null() or dice.random() < 0.7))
    return pa.table([array_of(dice, field, count, {**nestable, **leaves}) for field in fields], schema=pa.schema(fields))
