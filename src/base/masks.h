/* SPDX-License-Identifier: Apache-2.0 */
/* From comparisons of bytes to one bit a byte, for kernels of every set of instructions. */
#ifndef SK_BASE_MASKS_H
#define SK_BASE_MASKS_H

#include "base/isa.h"

#include <stdint.h>

#if defined(SK_ISA_X86)
#include <immintrin.h>
#elif defined(SK_ISA_ARM)
#include <arm_neon.h>
#endif

#define SK_ONES UINT64_C(0x0101010101010101)
#define SK_TOPS UINT64_C(0x8080808080808080)

/* 0x80 in each byte of word that is c: a byte of x is zero exactly where ((x & 0x7f..) + 0x7f..) |
 * x lacks its top bit. */
static inline uint64_t sk_same_of_8(uint64_t word, uint64_t c)
{
  const uint64_t x = word ^ (c * SK_ONES);
  return ~(((x & ~SK_TOPS) + ~SK_TOPS) | x) & SK_TOPS;
}

/* These bits, gathered in one byte, of which the w-th of 64 bits is made. */
static inline uint64_t sk_gather_8(uint64_t tops, unsigned w)
{
  return (((tops >> 7) * UINT64_C(0x0102040810204080)) >> 56) << (8 * w);
}

#if defined(SK_ISA_ARM)

/* Each vector of a comparison keeps one bit of each byte; three rounds of pairwise adding bring the
 * bits of all four into eight bytes. */
static inline uint64_t sk_bits_of_four(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d)
{
  const uint8x16_t places = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const uint8x16_t first = vpaddq_u8(vandq_u8(a, places), vandq_u8(b, places));
  const uint8x16_t second = vpaddq_u8(vandq_u8(c, places), vandq_u8(d, places));
  const uint8x16_t both = vpaddq_u8(first, second);
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(both, both)), 0);
}

#endif
#endif
