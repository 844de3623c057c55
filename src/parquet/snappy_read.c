/* SPDX-License-Identifier: Apache-2.0 */
/* Snappy's block format (format_description.txt of its project): the length as a varint, then
 * elements. The low two bits of an element's first byte say what it is:
 *
 *   00  literal: length - 1 in the upper six bits, or for 60 to 63 in the next 1 to 4 bytes
 *   01  copy of 4 to 11 bytes: length - 4 in three bits, the offset's upper three bits, one byte
 *       more
 *   10  copy of 1 to 64 bytes: length - 1 in six bits, offset in two bytes
 *   11  the same with an offset of four bytes
 *
 * Why not the library's own reader: as distributions build it, it calls memmove() for every
 * element, and label texts are elements of 14 bytes on average. Here an element is four moves of 16
 * bytes, inlined, which may write beyond the element while there is room; the rest of the block is
 * done byte by byte. Moving costs next to nothing, wrong guesses do: which kind of copy is next,
 * and how long it is, is looked up and not branched on, and two copies are taken from one word, so
 * that the second's tag waits for no load. 205 MB of label texts, 15 million elements, take 46 ms
 * of a processor; with a branch for each kind and for lengths above 32 they took 57. */
#include "parquet/snappy_read.h"

#include "base/bytes.h"

/* What a round reads and writes at most, all of it: a copy of 3 bytes, and a literal's tag and the
 * 64 bytes that are loaded at once; a copy of 64 bytes and, up to 80 bytes on, a second element:
 * repeat() goes at most 16 beyond its end. */
enum { IN_ROOM = 80, OUT_ROOM = 160 };

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

/* A literal with its length in the next bytes, of which 4 are readable; false where it is
 * corrupt. */
static inline bool long_literal(struct snappy *s, uint32_t tag)
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

static inline void copy64(uint8_t *to, const uint8_t *from)
{
  for (unsigned i = 0; i < 64; i += 16)
    copy16(to + i, from + i);
}

/* How a copy's offset and length lie in the tag and the two bytes behind it, by the tag's kind. */
static const struct {
  uint32_t offset_low, offset_high, length, length_least;
} forms[4] = {[1] = {0xff, 0x700, 7, 4}, [2] = {0xffff, 0, 63, 1}};

static inline bool is_short_copy(uint64_t word)
{
  return (word & 3) - 1 < 2;
}

/* A copy of kind 1 or 2 that `word` begins with; false where it is corrupt. */
static inline __attribute__((always_inline)) bool short_copy(struct snappy *s, uint64_t word)
{
  uint8_t *out = s->out;
  const unsigned kind = word & 3;
  const size_t offset = ((uint32_t)(word >> 8) & forms[kind].offset_low) |
                        ((uint32_t)word << 3 & forms[kind].offset_high);
  const size_t length = ((uint32_t)word >> 2 & forms[kind].length) + forms[kind].length_least;
  if ((offset < 16) | (offset > (size_t)(out - s->begin))) {
    if (offset - 1 >= (size_t)(out - s->begin)) /* 0 as well */
      return false;
    repeat(out, offset, length);
  } else {
    copy64(out, out - offset);
  }
  s->out = out + length;
  return true;
}

/* A literal, or a copy with an offset of four bytes, which writers hardly ever make. */
static inline __attribute__((always_inline)) bool other_element(struct snappy *s)
{
  const uint32_t tag = *s->in++;
  const size_t length = (tag >> 2) + 1;
  if ((tag & 3) == 0) {
    if (length > 60)
      return long_literal(s, tag);
    copy64(s->out, s->in);
    s->in += length;
    s->out += length;
    return true;
  }
  const size_t offset = sk_le32(s->in);
  if (offset - 1 >= (size_t)(s->out - s->begin))
    return false;
  s->in += 4;
  for (size_t i = 0; i < length; i++, s->out++)
    *s->out = *(s->out - offset);
  return true;
}

/* Elements while there is room for moves that are longer than needed. */
static bool read_most(struct snappy *state)
{
  struct snappy s = *state; /* a compiler keeps it in registers */
  while (s.in_end - s.in >= IN_ROOM && s.out_end - s.out >= OUT_ROOM) {
    uint64_t word = sk_le64(s.in);
    if (is_short_copy(word)) {
      const unsigned step = (word & 3) + 1;
      if (!short_copy(&s, word))
        return false;
      s.in += step;
      word >>= 8 * step;
      if (is_short_copy(word)) {
        if (!short_copy(&s, word))
          return false;
        s.in += (word & 3) + 1;
        continue;
      }
    }
    if (!other_element(&s))
      return false;
  }
  *state = s;
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
