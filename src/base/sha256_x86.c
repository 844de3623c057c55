/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 by the SHA instructions of x86: two rounds an instruction. A state of eight words lies in
 * two registers as these instructions want it, ABEF and CDGH; four words of the schedule in one.
 * Without them (another processor, or SHUKEI_ISA=scalar) the plain way is taken. */
#include "base/isa.h"
#include "base/sha256_block.h"

#if defined(SK_ISA_X86)

#include <cpuid.h>
#include <immintrin.h>
#include <stdatomic.h>

static bool has_instructions(void)
{
  unsigned a, b, c, d;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1) && sk_isa() != SK_ISA_SCALAR &&
         __builtin_cpu_supports("sse4.1");
}

bool sk_sha256_fast(void)
{
  static _Atomic int known = -1; /* threads that come at once find the same */
  int fast = atomic_load_explicit(&known, memory_order_relaxed);
  if (fast < 0) {
    fast = has_instructions();
    atomic_store_explicit(&known, fast, memory_order_relaxed);
  }
  return fast;
}

#define FOR_SHA __attribute__((target("sha,sse4.1,ssse3")))

/* The next four words of the schedule from the sixteen before them. */
FOR_SHA static inline __m128i next_words(const __m128i w[4])
{
  const __m128i sum =
      _mm_add_epi32(_mm_sha256msg1_epu32(w[0], w[1]), _mm_alignr_epi8(w[3], w[2], 4));
  return _mm_sha256msg2_epu32(sum, w[3]);
}

FOR_SHA static inline void four_rounds(__m128i *abef, __m128i *cdgh, __m128i words, int group)
{
  const __m128i k =
      _mm_loadu_si128((const __m128i *)(const void *)(sk_sha256_constants + group * 4));
  const __m128i sum = _mm_add_epi32(words, k);
  *cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, sum);
  *abef = _mm_sha256rnds2_epu32(*abef, *cdgh, _mm_shuffle_epi32(sum, 0x0E));
}

FOR_SHA void sk_sha256_blocks_fast(uint32_t state[8], const uint8_t *bytes, size_t count)
{
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i low = _mm_loadu_si128((const __m128i *)(const void *)state);        /* DCBA */
  __m128i high = _mm_loadu_si128((const __m128i *)(const void *)(state + 4)); /* HGFE */
  low = _mm_shuffle_epi32(low, 0xB1);                                         /* CDAB */
  high = _mm_shuffle_epi32(high, 0x1B);                                       /* EFGH */
  __m128i abef = _mm_alignr_epi8(low, high, 8);
  __m128i cdgh = _mm_blend_epi16(high, low, 0xF0);
  for (; count > 0; count--, bytes += 64) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i w[4];
    for (int i = 0; i < 4; i++) {
      w[i] =
          _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(bytes + i * 16)), swap);
      four_rounds(&abef, &cdgh, w[i], i);
    }
    for (int i = 4; i < 16; i++) {
      const __m128i next = next_words(w);
      w[0] = w[1];
      w[1] = w[2];
      w[2] = w[3];
      w[3] = next;
      four_rounds(&abef, &cdgh, next, i);
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  low = _mm_shuffle_epi32(abef, 0x1B);  /* FEBA */
  high = _mm_shuffle_epi32(cdgh, 0xB1); /* DCHG */
  _mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(low, high, 0xF0));
  _mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

#else

bool sk_sha256_fast(void)
{
  return false;
}

void sk_sha256_blocks_fast(uint32_t state[8], const uint8_t *bytes, size_t count)
{
  sk_sha256_blocks_plain(state, bytes, count);
}

#endif
