# SPDX-License-Identifier: Apache-2.0
"""What docs/cat.md promises of a value, from Arrow's arrays and from physical values: the tests' own way to the cells, which
shares nothing with ours. A value becomes what json would make of its cell within a list; same_cell() compares a cell of CSV.
"""
import decimal
import json
import math
import re
import struct
import uuid

import pyarrow as pa

DAY = 86400 * 10**9
NANOS = {"s": 10**9, "ms": 10**6, "us": 1000, "ns": 1}
CELL = re.compile(r'("(?:[^"]|"")*"|[^,\n"]*)([,\n])')


class Members(list):
    """Of a JSON object, in order."""


# ---- texts of single values ----

def date_text(days):
    """The day so many days from 1970, in the calendar that has no end."""
    era, day = divmod(days + 719468, 146097)
    year = (day - day // 1460 + day // 36524 - day // 146096) // 365
    rest = day - (365 * year + year // 4 - year // 100)
    month = (5 * rest + 2) // 153
    day_of_month = rest - (153 * month + 2) // 5 + 1
    month += 3 if month < 10 else -9
    year += era * 400 + (month <= 2)
    sign = "-" if year < 0 else "+" if year > 9999 else ""
    return f"{sign}{abs(year):04d}-{month:02d}-{day_of_month:02d}"


def clock_text(nanos):
    seconds, rest = divmod(nanos, 10**9)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}" + (f".{rest:09d}".rstrip("0") if rest else "")


def instant_text(value, unit):
    days, nanos = divmod(value * NANOS[unit], DAY)
    return f"{date_text(days)}T{clock_text(nanos)}Z"


def time_of_day(value, unit):
    nanos = value * NANOS[unit]
    return clock_text(nanos) if 0 <= nanos < DAY else str(value)


def decimal_text(unscaled, scale):
    digits = str(abs(unscaled)).rjust(scale + 1, "0")
    return ("-" if unscaled < 0 else "") + (f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits)


def interval_text(months, days, millis):
    rest = f".{millis % 1000:03d}" if millis % 1000 else ""
    return f"P{months}M{days}DT{millis // 1000}{rest}S"


def bytes_text(value):
    try:
        return value.decode()
    except UnicodeDecodeError:
        return "0x" + value.hex()


def number(value):
    return float(value) if math.isfinite(value) else str(float(value))


# ---- of Arrow ----

def leaf_of(kind):
    """What makes a value of a leaf of what Arrow's array, cast to integers where it is of time, lists."""
    if pa.types.is_timestamp(kind):
        return lambda v: instant_text(v, kind.unit)
    if pa.types.is_time(kind):
        return lambda v: time_of_day(v, kind.unit)
    if pa.types.is_date64(kind):
        return lambda v: date_text(v // 86400000)
    if pa.types.is_date32(kind):
        return date_text
    if pa.types.is_decimal(kind):
        return lambda v: decimal_text(int(v.scaleb(kind.scale, decimal.Context(prec=100))), kind.scale)
    if pa.types.is_fixed_size_binary(kind):
        return lambda v: "0x" + v.hex()
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        return bytes_text
    if pa.types.is_floating(kind):
        return number
    if pa.types.is_interval(kind):
        return lambda v: interval_text(v.months, v.days, v.nanoseconds // 10**6)
    return lambda v: v


def leaves(array):
    kind = array.type
    if pa.types.is_timestamp(kind) or pa.types.is_time64(kind) or pa.types.is_date64(kind) or pa.types.is_duration(kind):
        array = array.cast(pa.int64())
    elif pa.types.is_time32(kind) or pa.types.is_date32(kind):
        array = array.cast(pa.int32())
    elif pa.types.is_float16(kind):
        array = array.cast(pa.float32())
    make = leaf_of(kind)
    return [None if value is None else make(value) for value in array.to_pylist()]


def is_text(kind):
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def pairs(array, texts):
    keys, values = of_array(array.keys), of_array(array.items)
    return [(k, v) if texts else Members((("key", k), ("value", v))) for k, v in zip(keys, values)]


def of_array(array):
    """The values of an array, of any depth."""
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        inner = of_array(array.storage)
        return [v and str(uuid.UUID(v[2:])) for v in inner] if kind.extension_name == "arrow.uuid" else inner
    if pa.types.is_dictionary(kind):
        return of_array(array.dictionary_decode())
    valid = array.is_valid().to_pylist()
    if pa.types.is_struct(kind):
        fields = [of_array(array.field(at)) for at in range(kind.num_fields)]
        return [Members((kind.field(at).name, field[row]) for at, field in enumerate(fields)) if there else None
                for row, there in enumerate(valid)]
    if pa.types.is_fixed_size_list(kind):
        inner, size = of_array(array.values), kind.list_size
        return [inner[(array.offset + row) * size:(array.offset + row + 1) * size] if there else None
                for row, there in enumerate(valid)]
    if pa.types.is_map(kind) or pa.types.is_list(kind) or pa.types.is_large_list(kind):
        texts = pa.types.is_map(kind) and is_text(kind.key_type)
        inner = pairs(array, texts) if pa.types.is_map(kind) else of_array(array.values)
        at = array.offsets.to_pylist()
        return [(Members if texts else list)(inner[at[row]:at[row + 1]]) if there else None for row, there in enumerate(valid)]
    return leaves(array)


def of_table(table):
    """Columns as (name, nested, values)."""
    return [(field.name, pa.types.is_nested(field.type), [value for chunk in table.column(at).chunks for value in of_array(chunk)])
            for at, field in enumerate(table.schema)]


# ---- of physical values, as parquet_mr.py gives them ----

def signed_bytes(value):
    return int.from_bytes(value, "big", signed=True)


def of_bytes(value, annotation):
    if annotation.startswith("DECIMAL"):
        return decimal_text(signed_bytes(value), int(re.search(r",(\d+)", annotation)[1]))
    if annotation == "UUID":
        return str(uuid.UUID(bytes=value))
    if annotation == "INTERVAL":
        return interval_text(*struct.unpack("<III", value))
    if annotation == "FLOAT16":
        return number(struct.unpack("<e", value)[0])
    return bytes_text(value)


def of_integer(value, bits, annotation):
    told = re.findall(r"\w+", annotation)
    units = {"MILLIS": "ms", "MICROS": "us", "NANOS": "ns"}
    if annotation.startswith("DECIMAL"):
        return decimal_text(value, int(told[2]))
    if annotation == "DATE":
        return date_text(value)
    if annotation.startswith("TIMESTAMP"):
        return instant_text(value, units[told[1]])
    if annotation.startswith("TIME"):
        return time_of_day(value, units[told[1]])
    return value % 2**bits if annotation.endswith("false)") else value


def of_physical(value, physical, annotation):
    """physical: "int32"; annotation: "DECIMAL(9,2)", "TIMESTAMP(MICROS,true)", "INTEGER(8,false)" or ""."""
    if value is None or physical == "boolean":
        return value
    if physical in ("int32", "int64"):
        return of_integer(value, int(physical[3:]), annotation)
    if physical in ("float", "double"):
        return number(float(value))
    value = bytes.fromhex(value)
    if physical == "int96":
        nanos, day = struct.unpack("<qI", value)
        return instant_text((day - 2440588) * DAY + nanos, "ns")
    return of_bytes(value, annotation) if annotation or physical == "binary" else "0x" + value.hex()


# ---- cells of CSV ----

def rows_of(text):
    """Rows of (quoted, cell): the csv module does not tell an empty text from null."""
    rows, row = [], []
    for found in CELL.finditer(text):
        cell = found[1]
        row.append((True, cell[1:-1].replace('""', '"')) if cell[:1] == '"' else (False, cell))
        if found[2] == "\n":
            rows.append(row)
            row = []
    return rows


def same_value(found, wanted):
    if type(found) is not type(wanted) or isinstance(found, bool) or not isinstance(found, (list, tuple)):
        return type(found) is type(wanted) and found == wanted and str(found) == str(wanted)
    return len(found) == len(wanted) and all(same_value(a, b) for a, b in zip(found, wanted))


def same_cell(cell, wanted, nested):
    quoted, text = cell
    if wanted is None:
        return not quoted and text == ""
    if nested:
        found = json.loads(text, object_pairs_hook=Members) if text else None
        return same_value(found, wanted)
    if isinstance(wanted, bool):
        return text == ("true" if wanted else "false")
    if isinstance(wanted, float):
        return not quoted and text != "" and str(float(text)) == str(wanted)
    if wanted == "":
        return quoted and text == ""
    return text == str(wanted)
