/* SPDX-License-Identifier: Apache-2.0 */
/* Runs and bits. Unpacking is where a dictionary column spends its time: values are taken eight at
 * a time by a function per width, in which shifts and masks are constants. Each value is one
 * unaligned 64-bit load, since 32 bits and 7 of misalignment fit; the pad behind a page makes the
 * last load legal. */
#include "parquet/rle.h"

#include "base/bytes.h"

/* Eight values of W bits are W bytes: a group starts at a byte. */
#define UNPACKER(W)                                                                                \
  static void unpack_##W(const uint8_t *restrict bits, uint32_t *restrict out, size_t groups)      \
  {                                                                                                \
    const uint32_t mask = (uint32_t)((UINT64_C(1) << (W)) - 1);                                    \
    for (size_t g = 0; g < groups; g++, bits += (W), out += 8)                                     \
      for (unsigned i = 0; i < 8; i++)                                                             \
        out[i] = (uint32_t)(sk_le64(bits + (i * (W)) / 8) >> (i * (W)) % 8) & mask;                \
  }
#define EACH_WIDTH(X)                                                                              \
  X(1)                                                                                             \
  X(2)                                                                                             \
  X(3)                                                                                             \
  X(4)                                                                                             \
  X(5)                                                                                             \
  X(6)                                                                                             \
  X(7)                                                                                             \
  X(8)                                                                                             \
  X(9)                                                                                             \
  X(10)                                                                                            \
  X(11)                                                                                            \
  X(12)                                                                                            \
  X(13)                                                                                            \
  X(14)                                                                                            \
  X(15)                                                                                            \
  X(16)                                                                                            \
  X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31) X(32)
EACH_WIDTH(UNPACKER)

typedef void (*unpacker)(const uint8_t *restrict, uint32_t *restrict, size_t);
#define ENTRY(W) unpack_##W,
static const unpacker unpackers[33] = {NULL, EACH_WIDTH(ENTRY)};

static uint32_t one(const uint8_t *bits, uint64_t index, unsigned width)
{
  const uint64_t bit = index * width;
  return (uint32_t)(sk_le64(bits + bit / 8) >> bit % 8 & ((UINT64_C(1) << width) - 1));
}

void sk_unpack32(const uint8_t *bits, uint64_t index, unsigned width, uint32_t *out, size_t n)
{
  if (width == 0) {
    memset(out, 0, n * sizeof *out);
    return;
  }
  while (n && index % 8) {
    *out++ = one(bits, index++, width);
    n--;
  }
  const size_t groups = n / 8;
  unpackers[width](bits + index / 8 * width, out, groups);
  for (size_t i = groups * 8; i < n; i++)
    out[i] = one(bits, index + i, width);
}

void sk_rle_init(struct sk_rle *rle, const uint8_t *bytes, size_t length, unsigned width)
{
  *rle = (struct sk_rle){.at = bytes, .end = bytes + length, .width = (uint8_t)width};
}

static bool run_header(struct sk_rle *rle, uint64_t *header)
{
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 35 && rle->at < rle->end; shift += 7) {
    const uint8_t b = *rle->at++;
    value |= (uint64_t)(b & 0x7f) << shift;
    if (!(b & 0x80)) {
      *header = value;
      return true;
    }
  }
  return false;
}

bool sk_rle_run(struct sk_rle *rle)
{
  while (rle->left == 0) {
    uint64_t header = 0;
    if (!run_header(rle, &header))
      return false;
    const uint64_t room = (uint64_t)(rle->end - rle->at);
    rle->packed = header & 1;
    if (rle->packed) {
      /* Parquet-mr and Impala pack the last few codes of a dictionary of one entry, which have no
       * bits; more than one group of them stands for a width that was lost. */
      if (rle->width == 0 && header >> 1 > 1)
        return false;
      const uint64_t bytes = (header >> 1) * rle->width;
      rle->left = (header >> 1) * 8;
      rle->bits = rle->at;
      rle->index = 0;
      if (bytes > room) /* some writers do not fill up the last group */
        rle->left = room * 8 / rle->width;
      rle->at += bytes > room ? room : bytes;
      continue;
    }
    const unsigned length = (rle->width + 7u) / 8;
    if (length > room)
      return false;
    rle->left = header >> 1;
    rle->value = 0;
    for (unsigned i = 0; i < length; i++)
      rle->value |= (uint32_t)rle->at[i] << 8 * i;
    rle->at += length;
  }
  return true;
}

bool sk_rle_read(struct sk_rle *rle, uint32_t *out, size_t n)
{
  while (n) {
    if (!sk_rle_run(rle))
      return false;
    const size_t k = rle->left < n ? (size_t)rle->left : n;
    if (rle->packed) {
      sk_unpack32(rle->bits, rle->index, rle->width, out, k);
      rle->index += k;
    } else {
      for (size_t i = 0; i < k; i++)
        out[i] = rle->value;
    }
    rle->left -= k;
    out += k;
    n -= k;
  }
  return true;
}

bool sk_rle_skip(struct sk_rle *rle, size_t n)
{
  while (n) {
    if (!sk_rle_run(rle))
      return false;
    const size_t k = rle->left < n ? (size_t)rle->left : n;
    rle->index += k;
    rle->left -= k;
    n -= k;
  }
  return true;
}
