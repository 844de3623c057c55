/* SPDX-License-Identifier: Apache-2.0 */
/* 64 bytes of CSV -> one bit each for the bytes that matter, by every set of instructions that has
 * a kernel. Inlined into the loops of csv_scan.c; bit i is byte i. */
#ifndef SK_INPUT_CSV_CLASSES_H
#define SK_INPUT_CSV_CLASSES_H

#include "base/bytes.h"
#include "base/masks.h"

/* Bits of 64 bytes. Where a \r is, is asked for apart, by returns_NAME(): most stretches have no
 * line end at all. */
struct csv_classes {
  uint64_t cells;  /* commas and what ends lines */
  uint64_t breaks; /* what ends lines: \n and \r */
  uint64_t quotes;
};

static inline struct csv_classes classes_scalar(const uint8_t *bytes)
{
  struct csv_classes out = {0, 0, 0};
  for (unsigned w = 0; w < 8; w++) {
    const uint64_t word = sk_le64(bytes + 8 * w);
    const uint64_t breaks = sk_same_of_8(word, '\n') | sk_same_of_8(word, '\r');
    const uint64_t cells = breaks | sk_same_of_8(word, ','), quotes = sk_same_of_8(word, '"');
    if (cells)
      out.cells |= sk_gather_8(cells, w);
    if (breaks | quotes) {
      out.breaks |= sk_gather_8(breaks, w);
      out.quotes |= sk_gather_8(quotes, w);
    }
  }
  return out;
}

static inline uint64_t returns_scalar(const uint8_t *bytes)
{
  uint64_t out = 0;
  for (unsigned w = 0; w < 8; w++)
    out |= sk_gather_8(sk_same_of_8(sk_le64(bytes + 8 * w), '\r'), w);
  return out;
}

#if defined(SK_ISA_X86)

static inline struct csv_classes classes_sse2(const uint8_t *bytes)
{
  const __m128i comma = _mm_set1_epi8(','), quote = _mm_set1_epi8('"');
  const __m128i feed = _mm_set1_epi8('\n'), back = _mm_set1_epi8('\r');
  struct csv_classes out = {0, 0, 0};
  for (unsigned v = 0; v < 4; v++) {
    const __m128i text = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * v));
    const __m128i breaks = _mm_or_si128(_mm_cmpeq_epi8(text, feed), _mm_cmpeq_epi8(text, back));
    const __m128i cells = _mm_or_si128(_mm_cmpeq_epi8(text, comma), breaks);
    out.cells |= (uint64_t)(uint32_t)_mm_movemask_epi8(cells) << (16 * v);
    out.breaks |= (uint64_t)(uint32_t)_mm_movemask_epi8(breaks) << (16 * v);
    out.quotes |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(text, quote)) << (16 * v);
  }
  return out;
}

static inline uint64_t returns_sse2(const uint8_t *bytes)
{
  uint64_t out = 0;
  for (unsigned v = 0; v < 4; v++) {
    const __m128i text = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * v));
    const __m128i found = _mm_cmpeq_epi8(text, _mm_set1_epi8('\r'));
    out |= (uint64_t)(uint32_t)_mm_movemask_epi8(found) << (16 * v);
  }
  return out;
}

#define CSV_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))

CSV_AVX2 static inline uint64_t bits_of_64(__m256i low, __m256i high)
{
  const uint32_t a = (uint32_t)_mm256_movemask_epi8(low);
  const uint32_t b = (uint32_t)_mm256_movemask_epi8(high);
  return (uint64_t)b << 32 | a;
}

CSV_AVX2 static inline struct csv_classes classes_avx2(const uint8_t *bytes)
{
  const __m256i comma = _mm256_set1_epi8(','), quote = _mm256_set1_epi8('"');
  const __m256i feed = _mm256_set1_epi8('\n'), back = _mm256_set1_epi8('\r');
  const __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)bytes);
  const __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + 32));
  const __m256i low_breaks =
      _mm256_or_si256(_mm256_cmpeq_epi8(low, feed), _mm256_cmpeq_epi8(low, back));
  const __m256i high_breaks =
      _mm256_or_si256(_mm256_cmpeq_epi8(high, feed), _mm256_cmpeq_epi8(high, back));
  return (struct csv_classes){
      bits_of_64(_mm256_or_si256(low_breaks, _mm256_cmpeq_epi8(low, comma)),
                 _mm256_or_si256(high_breaks, _mm256_cmpeq_epi8(high, comma))),
      bits_of_64(low_breaks, high_breaks),
      bits_of_64(_mm256_cmpeq_epi8(low, quote), _mm256_cmpeq_epi8(high, quote))};
}

CSV_AVX2 static inline uint64_t returns_avx2(const uint8_t *bytes)
{
  const __m256i back = _mm256_set1_epi8('\r');
  const __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)bytes);
  const __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + 32));
  return bits_of_64(_mm256_cmpeq_epi8(low, back), _mm256_cmpeq_epi8(high, back));
}

#elif defined(SK_ISA_ARM)

static inline struct csv_classes classes_neon(const uint8_t *bytes)
{
  uint8x16_t cells[4], breaks[4], quotes[4];
  for (unsigned v = 0; v < 4; v++) {
    const uint8x16_t text = vld1q_u8(bytes + 16 * v);
    breaks[v] = vorrq_u8(vceqq_u8(text, vdupq_n_u8('\n')), vceqq_u8(text, vdupq_n_u8('\r')));
    cells[v] = vorrq_u8(vceqq_u8(text, vdupq_n_u8(',')), breaks[v]);
    quotes[v] = vceqq_u8(text, vdupq_n_u8('"'));
  }
  return (struct csv_classes){sk_bits_of_four(cells[0], cells[1], cells[2], cells[3]),
                              sk_bits_of_four(breaks[0], breaks[1], breaks[2], breaks[3]),
                              sk_bits_of_four(quotes[0], quotes[1], quotes[2], quotes[3])};
}

static inline uint64_t returns_neon(const uint8_t *bytes)
{
  const uint8x16_t back = vdupq_n_u8('\r');
  return sk_bits_of_four(vceqq_u8(vld1q_u8(bytes), back), vceqq_u8(vld1q_u8(bytes + 16), back),
                         vceqq_u8(vld1q_u8(bytes + 32), back),
                         vceqq_u8(vld1q_u8(bytes + 48), back));
}

#endif
#endif
