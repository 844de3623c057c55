/* SPDX-License-Identifier: Apache-2.0 */
/* Writes runs of equal values as one (length, value) pair and everything else as groups of eight
 * values of `width` bits. A pair must repay the header that resumes the groups behind it, so runs
 * below least_run() stay in their groups. */
#include "parquet/encode_rle.h"

#include "base/bytes.h"

unsigned sk_bit_width(uint32_t greatest)
{
  unsigned width = 1;
  while (width < 32 && greatest >> width)
    width++;
  return width;
}

/* From this many values on a pair is never longer than the bits it replaces. */
static size_t least_run(unsigned width)
{
  return width >= 5 ? 8 : width >= 3 ? 16 : 40 / width;
}

static uint8_t *put_varint(uint8_t *to, uint64_t value)
{
  while (value >= 0x80) {
    *to++ = (uint8_t)(value | 0x80);
    value >>= 7;
  }
  *to++ = (uint8_t)value;
  return to;
}

/* count is a multiple of eight, so the last bits fill a byte. */
static uint8_t *pack(uint8_t *to, const uint32_t *values, size_t count, unsigned width)
{
  if (width == 16) {
    for (size_t i = 0; i < count; i++) {
      to[2 * i] = (uint8_t)values[i];
      to[2 * i + 1] = (uint8_t)(values[i] >> 8);
    }
    return to + 2 * count;
  }
  uint64_t bits = 0;
  unsigned held = 0;
  for (size_t i = 0; i < count; i++) {
    bits |= (uint64_t)values[i] << held;
    held += width;
    if (held >= 32) {
      sk_put_le32(to, (uint32_t)bits);
      to += 4;
      bits >>= 32;
      held -= 32;
    }
  }
  for (; held > 0; held -= 8) {
    *to++ = (uint8_t)bits;
    bits >>= 8;
  }
  return to;
}

static uint8_t *put_groups(uint8_t *to, const uint32_t *values, size_t count, unsigned width)
{
  if (count == 0)
    return to;
  const size_t whole = count / 8 * 8;
  to = put_varint(to, (uint64_t)((count + 7) / 8) << 1 | 1);
  to = pack(to, values, whole, width);
  if (whole < count) {
    uint32_t last[8] = {0};
    memcpy(last, values + whole, (count - whole) * sizeof *last);
    to = pack(to, last, 8, width);
  }
  return to;
}

static uint8_t *put_run(uint8_t *to, uint32_t value, size_t count, unsigned width)
{
  to = put_varint(to, (uint64_t)count << 1);
  for (unsigned done = 0; done < width; done += 8) {
    *to++ = (uint8_t)value;
    value >>= 8;
  }
  return to;
}

bool sk_encode_rle(struct sk_buffer *out, const uint32_t *values, size_t count, unsigned width)
{
  /* Eight values take at most `width` bytes in a group or 1 + 4 in a pair, and every pair, which
   * stands for at least eight values, adds at most two headers. */
  if (!sk_buffer_reserve(out, (count / 8 + 2) * (width + 12)))
    return false;
  const size_t least = least_run(width);
  uint8_t *to = out->bytes + out->length;
  size_t at = 0, from = 0; /* values[from..at) wait to be packed */
  while (at < count) {
    const uint32_t value = values[at];
    size_t run = 1;
    while (at + run < count && values[at + run] == value)
      run++;
    const size_t fill = (0 - (at - from)) & 7; /* up to the group's border */
    if (run >= fill + least) {
      to = put_groups(to, values + from, at + fill - from, width);
      to = put_run(to, value, run - fill, width);
      from = at + run;
    }
    at += run;
  }
  to = put_groups(to, values + from, count - from, width);
  out->length = (size_t)(to - out->bytes);
  return true;
}

bool sk_encode_run(struct sk_buffer *out, uint32_t value, size_t count, unsigned width)
{
  if (!sk_buffer_reserve(out, 16))
    return false;
  out->length = (size_t)(put_run(out->bytes + out->length, value, count, width) - out->bytes);
  return true;
}
