/* SPDX-License-Identifier: Apache-2.0 */
/* Snappy's block format (format_description.txt of its project): the length as a varint, then
 * elements. The low two bits of an element's first byte say what it is:
 *
 *   00  literal: length - 1 in the upper six bits, or for 60 to 63 in the next 1 to 4 bytes
 *   01  copy of 4 to 11 bytes: length - 4 in three bits, the offset's upper three bits, one byte more
 *   10  copy of 1 to 64 bytes: length - 1 in six bits, offset in two bytes
 *   11  the same with an offset of four bytes
 *
 * Why not the library's own reader: as distributions build it, it calls memmove() for every element,
 * and label texts are elements of 17 bytes on average. Here an element is one or two moves of 16 bytes,
 * inlined, which may write beyond the element while 80 bytes of room are left; the rest of the block is
 * done byte by byte. 186 MB of label texts take 32 ms in place of 50 ms. Choosing between literal and
 * copy without a branch took 45 ms: the elements of such texts repeat, and branches are predicted. */
#include "parquet/snappy_read.h"

#include "base/bytes.h"

enum {
  IN_ROOM = 72, /* a first byte, 4 bytes of length or offset, 64 bytes that are loaded at once */
  OUT_ROOM = 80 /* the longest copy and 16 bytes beyond it */
};

struct snappy {
  const uint8_t *in, *in_end;
  uint8_t *begin, *out, *out_end;
};

static inline void copy16(uint8_t *to, const uint8_t *from)
{
  uint8_t bytes[16];
  memcpy(bytes, from, sizeof bytes);
  memcpy(to, bytes, sizeof bytes);
}

/* A copy whose offset is below 16: a pattern. What is right of it doubles with each move. */
static void repeat(uint8_t *out, size_t offset, size_t length)
{
  const uint8_t *from = out - offset;
  uint8_t *const end = out + length;
  for (; out < end && out - from < 16; out += out - from)
    copy16(out, from);
  for (; out < end; out += 16, from += 16)
    copy16(out, from);
}

/* A literal with its length in the next bytes, of which 4 are readable; false where it is corrupt. */
static bool long_literal(struct snappy *s, uint32_t tag)
{
  const uint32_t bytes = (tag >> 2) - 59;
  const uint64_t length = (uint64_t)(sk_le32(s->in) & UINT32_MAX >> (32 - 8 * bytes)) + 1;
  s->in += bytes;
  if (length > (uint64_t)(s->in_end - s->in) || length > (uint64_t)(s->out_end - s->out))
    return false;
  memcpy(s->out, s->in, (size_t)length);
  s->in += length;
  s->out += length;
  return true;
}

/* Elements while there is room for moves that are longer than needed. */
static bool read_most(struct snappy *s)
{
  const uint8_t *in = s->in;
  uint8_t *out = s->out;
  while (s->in_end - in >= IN_ROOM && s->out_end - out >= OUT_ROOM) {
    const uint32_t tag = *in++;
    size_t length = (tag >> 2) + 1, offset;
    switch (tag & 3) {
    case 0:
      if (length <= 16) {
        copy16(out, in);
      } else if (length <= 60) {
        for (unsigned i = 0; i < 64; i += 16)
          copy16(out + i, in + i);
      } else {
        s->in = in;
        s->out = out;
        if (!long_literal(s, tag))
          return false;
        in = s->in;
        out = s->out;
        continue;
      }
      in += length;
      out += length;
      continue;
    case 1:
      length = 4 + (tag >> 2 & 7);
      offset = tag >> 5 << 8 | *in++;
      break;
    case 2:
      offset = sk_le16(in);
      in += 2;
      break;
    default:
      offset = sk_le32(in);
      in += 4;
    }
    if (offset - 1 >= (size_t)(out - s->begin)) /* 0 as well */
      return false;
    if (offset < 16) {
      repeat(out, offset, length);
    } else {
      copy16(out, out - offset);
      copy16(out + 16, out - offset + 16);
      if (length > 32) {
        copy16(out + 32, out - offset + 32);
        copy16(out + 48, out - offset + 48);
      }
    }
    out += length;
  }
  s->in = in;
  s->out = out;
  return true;
}

/* The last elements, byte by byte. */
static bool read_rest(struct snappy *s)
{
  while (s->in < s->in_end) {
    const uint32_t tag = *s->in++;
    const size_t left = (size_t)(s->in_end - s->in);
    /* bytes behind the first: of a literal's length, of an offset */
    const uint32_t more = (tag & 3) == 3  ? 4
                          : tag & 3       ? tag & 3
                          : tag >> 2 < 60 ? 0
                                          : (tag >> 2) - 59;
    uint64_t value = 0, length = (tag >> 2) + 1;
    if (left < more)
      return false;
    for (uint32_t i = 0; i < more; i++)
      value |= (uint64_t)s->in[i] << 8 * i;
    s->in += more;
    if ((tag & 3) == 0 && more)
      length = value + 1;
    if ((tag & 3) == 1) {
      length = 4 + (tag >> 2 & 7);
      value |= tag >> 5 << 8;
    }
    if (length > (uint64_t)(s->out_end - s->out))
      return false;
    if (tag & 3 ? value - 1 >= (uint64_t)(s->out - s->begin) : length > left - more)
      return false;
    for (uint64_t i = 0; i < length; i++, s->out++)
      *s->out = tag & 3 ? *(s->out - value) : *s->in++;
  }
  return s->out == s->out_end;
}

bool sk_snappy_read(const uint8_t *in, size_t in_length, uint8_t *out, size_t out_length)
{
  struct snappy s = {in, in + in_length, out, out, out + out_length};
  uint64_t length = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    if (s.in == s.in_end)
      return false;
    const uint64_t byte = *s.in++;
    length |= (byte & 0x7f) << shift;
    if (!(byte & 0x80))
      return length == out_length && read_most(&s) && read_rest(&s);
  }
  return false;
}
