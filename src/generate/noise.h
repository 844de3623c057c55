/* SPDX-License-Identifier: Apache-2.0 */
/* Chance without a state: a number is made from what it is for (seed, thing, hour, measure), so any
 * row can be made alone, by any thread, in any order. Integers, and doubles by exact steps only, so
 * every compiler and machine makes the same. */
#ifndef SK_GENERATE_NOISE_H
#define SK_GENERATE_NOISE_H

#include <stdint.h>

/* Spreads every bit of x over all 64; a permutation. The constants are those of the 64-bit finisher
 * that David Stafford found by search (his "Mix13"). */
static inline uint64_t sk_mix(uint64_t x)
{
  x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
  return x ^ x >> 31;
}

/* The number for `what` (a small constant: a measure) of thing `at` under `key`. */
static inline uint64_t sk_noise(uint64_t key, uint64_t what, uint64_t at)
{
  return sk_mix(sk_mix(key + what * UINT64_C(0x9e3779b97f4a7c15)) +
                at * UINT64_C(0xd1b54a32d192ed03));
}

/* [0, 1), every multiple of 2^-53 there. */
static inline double sk_unit(uint64_t noise)
{
  return (double)(noise >> 11) * 0x1p-53;
}

/* [0, bound) for a bound below 2^32. */
static inline uint32_t sk_below(uint64_t noise, uint32_t bound)
{
  return (uint32_t)((noise >> 32) * bound >> 32);
}

#endif
