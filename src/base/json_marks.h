/* SPDX-License-Identifier: Apache-2.0 */
/* Which of 64 bytes mean something in JSON: bit i of a mask is byte i. The plain way reads eight
 * bytes as one number; SSE2 and NEON are part of every processor that has them compiled in, so
 * there is nothing to choose at run time. */
#ifndef SK_BASE_JSON_MARKS_H
#define SK_BASE_JSON_MARKS_H

#include "base/bytes.h"
#include "base/masks.h"

#define SK_JSON_BLOCK 64

struct sk_json_marks {
  uint64_t quotes;
  uint64_t others; /* backslashes, and bytes below 0x20 */
};

static inline struct sk_json_marks sk_json_marks_plain(const uint8_t *bytes)
{
  struct sk_json_marks marks = {0, 0};
  for (unsigned w = 0; w < SK_JSON_BLOCK / 8; w++) {
    const uint64_t word = sk_le64(bytes + 8 * w);
    const uint64_t others = sk_same_of_8(word, '\\') | sk_same_of_8(word & 0xe0 * SK_ONES, 0);
    marks.quotes |= sk_gather_8(sk_same_of_8(word, '"'), w);
    marks.others |= sk_gather_8(others, w);
  }
  return marks;
}

#if defined(SK_ISA_X86)

static inline struct sk_json_marks sk_json_marks(const uint8_t *bytes)
{
  const __m128i quote = _mm_set1_epi8('"'), back = _mm_set1_epi8('\\'), low = _mm_set1_epi8(0x1f);
  struct sk_json_marks marks = {0, 0};
  for (unsigned i = 0; i < SK_JSON_BLOCK; i += 16) {
    const __m128i text = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i));
    const __m128i others =
        _mm_or_si128(_mm_cmpeq_epi8(text, back), _mm_cmpeq_epi8(_mm_min_epu8(text, low), text));
    marks.quotes |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(text, quote)) << i;
    marks.others |= (uint64_t)(uint32_t)_mm_movemask_epi8(others) << i;
  }
  return marks;
}

#elif defined(SK_ISA_ARM)

static inline struct sk_json_marks sk_json_marks(const uint8_t *bytes)
{
  const uint8x16_t quote = vdupq_n_u8('"'), back = vdupq_n_u8('\\'), blank = vdupq_n_u8(0x20);
  uint8x16_t quotes[4], others[4];
  for (unsigned i = 0; i < 4; i++) {
    const uint8x16_t text = vld1q_u8(bytes + 16 * i);
    quotes[i] = vceqq_u8(text, quote);
    others[i] = vorrq_u8(vceqq_u8(text, back), vcltq_u8(text, blank));
  }
  return (struct sk_json_marks){sk_bits_of_four(quotes[0], quotes[1], quotes[2], quotes[3]),
                                sk_bits_of_four(others[0], others[1], others[2], others[3])};
}

#else

static inline struct sk_json_marks sk_json_marks(const uint8_t *bytes)
{
  return sk_json_marks_plain(bytes);
}

#endif
#endif
