# SPDX-License-Identifier: Apache-2.0
"""The parts of a Parquet file, to be changed: Thrift's compact protocol as trees, the footer, the pages.

A struct is a list of [id, type, value], a list or set (type, [values]), a map (type, type, [[key, value]]), a
boolean a field of type TRUE or FALSE, in a list its byte. Everything else is an int, a float or bytes.
"""
import struct
import zlib

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT, UUID = range(1, 14)
MAGIC = b"PAR1"
MASK = (1 << 64) - 1


class Broken(ValueError):
    """Bytes that are no Thrift."""


# ---- Thrift --------------------------------------------------------------------------------------

def varint(data, at):
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Broken
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def read_value(data, at, kind, in_list=False):
    if kind in (TRUE, FALSE):
        return (data[at], at + 1) if in_list else (None, at)
    if kind == BYTE:
        return data[at], at + 1
    if kind in (I16, I32, I64):
        value, at = varint(data, at)
        return value >> 1 ^ -(value & 1), at
    if kind == DOUBLE:
        return struct.unpack_from("<d", data, at)[0], at + 8
    if kind == BINARY:
        length, at = varint(data, at)
        return data[at:at + length], at + length
    if kind in (LIST, SET):
        head, at = data[at], at + 1
        count = head >> 4
        if count == 15:
            count, at = varint(data, at)
        values = []
        for _ in range(count):
            value, at = read_value(data, at, head & 15, True)
            values.append(value)
        return (head & 15, values), at
    if kind == MAP:
        count, at = varint(data, at)
        if not count:
            return (0, 0, []), at
        kinds, at, pairs = data[at], at + 1, []
        for _ in range(count):
            key, at = read_value(data, at, kinds >> 4, True)
            value, at = read_value(data, at, kinds & 15, True)
            pairs.append([key, value])
        return (kinds >> 4, kinds & 15, pairs), at
    if kind == UUID:
        return data[at:at + 16], at + 16
    if kind != STRUCT:
        raise Broken
    fields, last = [], 0
    while data[at]:
        head, at = data[at], at + 1
        if head >> 4:
            last += head >> 4
        else:
            value, at = varint(data, at)
            last = value >> 1 ^ -(value & 1)
        value, at = read_value(data, at, head & 15)
        fields.append([last, head & 15, value])
    return fields, at + 1


def read_struct(data, at=0):
    """The tree, and where it ends."""
    try:
        return read_value(data, at, STRUCT)
    except (IndexError, struct.error) as error:
        raise Broken from error


def put_varint(out, value):
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def put_integer(out, value):
    put_varint(out, (value << 1 ^ value >> 63) & MASK)


def put_value(out, kind, value, in_list=False):
    if kind in (TRUE, FALSE):
        if in_list:
            out.append(value & 255)
    elif kind == BYTE:
        out.append(value & 255)
    elif kind in (I16, I32, I64):
        put_integer(out, value)
    elif kind == DOUBLE:
        out += struct.pack("<d", value)
    elif kind == BINARY:
        put_varint(out, len(value))
        out += value
    elif kind in (LIST, SET):
        few = min(len(value[1]), 15)
        out.append(few << 4 | value[0])
        if few == 15:
            put_varint(out, len(value[1]))
        for item in value[1]:
            put_value(out, value[0], item, True)
    elif kind == MAP:
        put_varint(out, len(value[2]))
        if value[2]:
            out.append(value[0] << 4 | value[1])
        for pair in value[2]:
            put_value(out, value[0], pair[0], True)
            put_value(out, value[1], pair[1], True)
    elif kind == UUID:
        out += value
    else:
        last = 0
        for number, kind_of_field, item in value:
            if 0 < number - last < 16:
                out.append(number - last << 4 | kind_of_field)
            else:
                out.append(kind_of_field)
                put_integer(out, number)
            last = number
            put_value(out, kind_of_field, item)
        out.append(0)


def struct_bytes(tree):
    out = bytearray()
    put_value(out, STRUCT, tree)
    return bytes(out)


def field(tree, number):
    """The field [id, type, value] of a struct, or None."""
    return next((f for f in tree if f[0] == number), None)


def value_of(tree, number, otherwise=None):
    found = field(tree, number)
    return found[2] if found else otherwise


# ---- files ---------------------------------------------------------------------------------------

def with_footer(body, tree):
    """A file of the bytes before the footer, and the footer."""
    footer = struct_bytes(tree)
    return body + footer + struct.pack("<I", len(footer)) + MAGIC


def take_apart(data):
    """(bytes before the footer, the footer's tree) of a file."""
    if len(data) < 12 or data[-4:] != MAGIC:
        raise Broken
    start = len(data) - 8 - struct.unpack("<I", data[-8:-4])[0]
    if start < 4:
        raise Broken
    return data[:start], read_struct(data, start)[0]


def chunks(footer):
    """Of every column chunk (ColumnChunk, its ColumnMetaData)."""
    for group in value_of(footer, 4, (STRUCT, []))[1]:
        for chunk in value_of(group, 1, (STRUCT, []))[1]:
            about = value_of(chunk, 3)
            if about:
                yield chunk, about


def pages(body, footer):
    """Of every page that can be found (its chunk's metadata, place, length of the header, header, length of its bytes)."""
    for _, about in chunks(footer):
        at = min(value_of(about, 9, 0), value_of(about, 11, 0) or MASK)
        end = min(at + value_of(about, 7, 0), len(body))
        while 0 < at < end:
            try:
                header, behind = read_struct(body, at)
            except Broken:
                break
            length = value_of(header, 3, -1)
            if not 0 <= length <= end - behind:
                break
            yield about, at, behind - at, header, length
            at = behind + length


def replace_page(body, footer, page, header, content):
    """The bytes before the footer with another page in the place of one; the footer tells the new places."""
    about, at, header_length, old_header, length = page
    crc = field(header, 4)
    if crc and crc == field(old_header, 4):
        header = [[4, I32, signed_crc(content)] if f is crc else f for f in header]
    new = struct_bytes(header) + content
    more = len(new) - header_length - length
    field(about, 7)[2] += more
    for chunk, other in chunks(footer):
        for place in (field(other, 9), field(other, 11), field(other, 14), field(chunk, 4), field(chunk, 6)):
            if place and place[2] > at:
                place[2] += more
    return body[:at] + new + body[at + header_length + length:]


def signed_crc(content):
    crc = zlib.crc32(content)
    return crc - (1 << 32) if crc >> 31 else crc
