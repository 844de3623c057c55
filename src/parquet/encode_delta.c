/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of 128 differences in four miniblocks, the shape that all readers know. */
#include "parquet/encode_delta.h"

#include "base/bytes.h"

enum { BLOCK = 128, MINIBLOCKS = 4, PER_MINIBLOCK = BLOCK / MINIBLOCKS, VARINT = 10 };

static uint8_t *put_varint(uint8_t *to, uint64_t value)
{
  while (value >= 0x80) {
    *to++ = (uint8_t)(value | 0x80);
    value >>= 7;
  }
  *to++ = (uint8_t)value;
  return to;
}

static uint8_t *put_zigzag(uint8_t *to, uint64_t value)
{
  return put_varint(to, value << 1 ^ (0 - (value >> 63)));
}

static unsigned bits_of(uint64_t value)
{
  return value ? 64 - (unsigned)__builtin_clzll(value) : 0;
}

/* 32 values make whole words of 32 bits, whatever their width. */
static uint8_t *pack(uint8_t *to, const uint64_t *values, unsigned width)
{
  uint64_t bits = 0;
  unsigned held = 0;
  for (size_t i = 0; i < PER_MINIBLOCK; i++) {
    bits |= values[i] << held;
    held += width;
    if (held < 64)
      continue;
    sk_put_le64(to, bits);
    to += 8;
    held -= 64;
    bits = held ? values[i] >> (width - held) : 0;
  }
  if (held)
    sk_put_le32(to, (uint32_t)bits);
  return to + held / 8;
}

/* As the word that INT32 or INT64 would hold. */
static uint64_t wrapped(uint64_t word, size_t width)
{
  return width == 4 ? (uint64_t)(int32_t)(uint32_t)word : word;
}

/* One block of up to 128 differences; behind them there is room for the rest of its last
 * miniblock. */
static uint8_t *put_block(uint8_t *to, uint64_t *deltas, size_t count, size_t width)
{
  int64_t least = INT64_MAX;
  for (size_t i = 0; i < count; i++)
    least = (int64_t)deltas[i] < least ? (int64_t)deltas[i] : least;
  const uint64_t mask = width == 4 ? UINT32_MAX : UINT64_MAX;
  for (size_t i = 0; i < count; i++)
    deltas[i] = (deltas[i] - (uint64_t)least) & mask;
  memset(deltas + count, 0, (BLOCK - count) * sizeof *deltas);
  to = put_zigzag(to, (uint64_t)least);
  uint8_t *const widths = to;
  to += MINIBLOCKS;
  for (size_t m = 0; m < MINIBLOCKS; m++) {
    const uint64_t *const values = deltas + m * PER_MINIBLOCK;
    uint64_t all = 0;
    for (size_t i = 0; i < PER_MINIBLOCK; i++)
      all |= values[i];
    widths[m] = (uint8_t)bits_of(all);
    if (all)
      to = pack(to, values, widths[m]);
  }
  return to;
}

bool sk_encode_delta(struct sk_buffer *out, const uint64_t *words, size_t count, size_t width)
{
  const size_t blocks = count / BLOCK + 1;
  uint64_t deltas[BLOCK];
  if (!sk_buffer_reserve(out, 4 * VARINT + blocks * (VARINT + MINIBLOCKS + BLOCK * width)))
    return false;
  uint8_t *to = out->bytes + out->length;
  to = put_varint(to, BLOCK);
  to = put_varint(to, MINIBLOCKS);
  to = put_varint(to, count);
  to = put_zigzag(to, count ? wrapped(words[0], width) : 0);
  for (size_t at = 1; at < count; at += BLOCK) {
    const size_t n = count - at < BLOCK ? count - at : BLOCK;
    for (size_t i = 0; i < n; i++)
      deltas[i] = wrapped(words[at + i] - words[at + i - 1], width);
    to = put_block(to, deltas, n, width);
  }
  out->length = (size_t)(to - out->bytes);
  return true;
}

/* ---- texts ----------------------------------------------------------------------------------- */

/* The last lengths[i] bytes of each text, behind these lengths. */
static bool put_ends(struct sk_buffer *out, const struct sk_slice *texts, size_t count,
                     const uint64_t *lengths)
{
  size_t bytes = 0;
  for (size_t i = 0; i < count; i++)
    bytes += lengths[i];
  if (!sk_encode_delta(out, lengths, count, 4) || !sk_buffer_reserve(out, bytes))
    return false;
  uint8_t *to = out->bytes + out->length;
  for (size_t i = 0; i < count; i++) {
    if (lengths[i])
      memcpy(to, texts[i].bytes + (texts[i].length - lengths[i]), lengths[i]);
    to += lengths[i];
  }
  out->length = (size_t)(to - out->bytes);
  return true;
}

bool sk_encode_delta_lengths(struct sk_buffer *out, const struct sk_slice *texts, size_t count,
                             uint64_t *words)
{
  for (size_t i = 0; i < count; i++)
    words[i] = texts[i].length;
  return put_ends(out, texts, count, words);
}

static uint64_t common_bytes(const struct sk_slice *a, const struct sk_slice *b)
{
  const uint32_t most = a->length < b->length ? a->length : b->length;
  uint32_t same = 0;
  while (same < most && a->bytes[same] == b->bytes[same])
    same++;
  return same;
}

bool sk_encode_delta_texts(struct sk_buffer *out, const struct sk_slice *texts, size_t count,
                           uint64_t *words)
{
  for (size_t i = 0; i < count; i++)
    words[i] = i ? common_bytes(&texts[i - 1], &texts[i]) : 0;
  if (!sk_encode_delta(out, words, count, 4))
    return false;
  for (size_t i = 0; i < count; i++)
    words[i] = texts[i].length - words[i];
  return put_ends(out, texts, count, words);
}
