/* SPDX-License-Identifier: Apache-2.0 */
/* The header says how many values a block has, in how many miniblocks, how many values there are
 * and the first. A block then has the smallest difference, a width for each miniblock and the
 * miniblocks: differences less the smallest one. Sums wrap around, as the format asks. */
#include "parquet/delta.h"

#include "base/bytes.h"
#include "parquet/rle.h"

enum { MOST_UNPACKED = 64 };

void sk_unpack64(const uint8_t *bits, uint64_t index, unsigned width, uint64_t *out, size_t n)
{
  if (width == 0) {
    memset(out, 0, n * sizeof *out);
    return;
  }
  const uint64_t mask = width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
  uint64_t bit = index * width;
  if (width <= 57) {
    for (size_t i = 0; i < n; i++, bit += width)
      out[i] = sk_le64(bits + bit / 8) >> bit % 8 & mask;
    return;
  }
  for (size_t i = 0; i < n; i++, bit += width) {
    const uint8_t *at = bits + bit / 8;
    const unsigned shift = (unsigned)(bit % 8);
    uint64_t v = sk_le64(at) >> shift;
    if (shift)
      v |= (uint64_t)at[8] << (64 - shift);
    out[i] = v & mask;
  }
}

static bool varint(const uint8_t **at, const uint8_t *end, uint64_t *value)
{
  *value = 0;
  for (unsigned shift = 0; shift < 70 && *at < end; shift += 7) {
    const uint8_t b = *(*at)++;
    if (shift < 64)
      *value |= (uint64_t)(b & 0x7f) << shift;
    if (!(b & 0x80))
      return true;
  }
  return false;
}

static uint64_t unzigzag(uint64_t v)
{
  return v >> 1 ^ (0 - (v & 1));
}

const char *sk_delta_init(struct sk_delta *delta, const uint8_t *bytes, size_t length)
{
  uint64_t block = 0, miniblocks = 0, count = 0, first = 0;
  const uint8_t *at = bytes, *end = bytes + length;
  *delta = (struct sk_delta){.at = bytes, .end = end};
  if (!varint(&at, end, &block) || !varint(&at, end, &miniblocks) || !varint(&at, end, &count) ||
      !varint(&at, end, &first))
    return "the header of a delta encoding ends too early";
  if (block == 0 || block > INT32_MAX || miniblocks == 0 || miniblocks > block ||
      block % miniblocks != 0 || block / miniblocks % 8 != 0)
    return "the block size of a delta encoding is impossible";
  if (count > INT32_MAX)
    return "the number of values of a delta encoding is impossible";
  delta->at = at;
  delta->count = delta->left = count;
  delta->first = count > 0;
  delta->value = unzigzag(first);
  delta->per_miniblock = (uint32_t)(block / miniblocks);
  delta->miniblock = delta->miniblocks = (uint32_t)miniblocks;
  return NULL;
}

/* Opens the next miniblock; there are values left. */
static const char *next_miniblock(struct sk_delta *d)
{
  if (d->miniblock == d->miniblocks) {
    uint64_t least = 0;
    if (!varint(&d->at, d->end, &least) || (uint64_t)(d->end - d->at) < d->miniblocks)
      return "a block of a delta encoding ends too early";
    d->min_delta = unzigzag(least);
    d->widths = d->at;
    d->at += d->miniblocks;
    d->miniblock = 0;
  }
  d->width = d->widths[d->miniblock++];
  if (d->width > 64)
    return "a miniblock of a delta encoding is more than 64 bits wide";
  const uint64_t room = (uint64_t)(d->end - d->at);
  const uint64_t bytes = (uint64_t)d->per_miniblock / 8 * d->width;
  const uint64_t used = d->left < d->per_miniblock ? d->left : d->per_miniblock;
  if ((used * d->width + 7) / 8 > room)
    return "a miniblock of a delta encoding ends too early";
  d->bits = d->at;
  d->at += bytes > room ? room : bytes; /* some writers do not fill up the last one */
  d->in_miniblock = d->per_miniblock;
  d->index = 0;
  return NULL;
}

/* The next k values of the present miniblock, k at most MOST_UNPACKED. Only the sum of a value
 * waits for the one before it. */
static uint64_t add_up(const struct sk_delta *d, int64_t *out, size_t k)
{
  const uint64_t least = d->min_delta;
  uint64_t value = d->value;
  if (d->width == 0) {
    size_t i = 0;
    for (; i + 4 <= k; i += 4, value += 4 * least) { /* no sum waits for the one before it */
      out[i] = (int64_t)(value + least);
      out[i + 1] = (int64_t)(value + 2 * least);
      out[i + 2] = (int64_t)(value + 3 * least);
      out[i + 3] = (int64_t)(value + 4 * least);
    }
    for (; i < k; i++)
      out[i] = (int64_t)(value += least);
    return value;
  }
  if (d->width <= 32) {
    uint32_t unpacked[MOST_UNPACKED];
    sk_unpack32(d->bits, d->index, d->width, unpacked, k);
    for (size_t i = 0; i < k; i++)
      out[i] = (int64_t)(value += least + unpacked[i]);
    return value;
  }
  uint64_t unpacked[MOST_UNPACKED];
  sk_unpack64(d->bits, d->index, d->width, unpacked, k);
  for (size_t i = 0; i < k; i++)
    out[i] = (int64_t)(value += least + unpacked[i]);
  return value;
}

const char *sk_delta_read(struct sk_delta *d, int64_t *out, size_t n)
{
  if (n > d->left)
    return "a delta encoding holds fewer values than the page";
  if (n && d->first) {
    d->first = false;
    d->left--;
    n--;
    *out++ = (int64_t)d->value;
  }
  while (n) {
    if (d->in_miniblock == 0) {
      const char *wrong = next_miniblock(d);
      if (wrong)
        return wrong;
    }
    size_t k = n < MOST_UNPACKED ? n : MOST_UNPACKED;
    if (k > d->in_miniblock)
      k = d->in_miniblock;
    d->value = add_up(d, out, k);
    d->index += (uint32_t)k;
    d->in_miniblock -= (uint32_t)k;
    d->left -= k;
    out += k;
    n -= k;
  }
  return NULL;
}

const char *sk_delta_skip(struct sk_delta *d, size_t n)
{
  int64_t dropped[256];
  while (n) {
    const size_t k = n < 256 ? n : 256;
    const char *wrong = sk_delta_read(d, dropped, k);
    if (wrong)
      return wrong;
    n -= k;
  }
  return NULL;
}

const char *sk_delta_end(const struct sk_delta *delta, const uint8_t **end)
{
  struct sk_delta d = *delta;
  if (d.left)
    d.left--; /* the first value has no bits */
  while (d.left) {
    const char *wrong = next_miniblock(&d);
    if (wrong)
      return wrong;
    d.left -= d.left < d.per_miniblock ? d.left : d.per_miniblock;
  }
  *end = d.at;
  return NULL;
}
