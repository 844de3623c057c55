/* SPDX-License-Identifier: Apache-2.0 */
/* The powers of ten that number_parse.c and number_format.c multiply with. */
#ifndef SK_BASE_POWERS_OF_TEN_H
#define SK_BASE_POWERS_OF_TEN_H

#include <stdbool.h>
#include <stdint.h>

__extension__ typedef unsigned __int128 sk_u128;

#define SK_POWER_FIRST (-342)
#define SK_POWER_LAST 324

/* 10^exponent lies in [P, P + 1) * 2^(sk_power_log2(exponent) - 127), P = high * 2^64 + low; the
 * highest bit of P is set. */
struct sk_power {
  uint64_t high, low;
};
extern const struct sk_power sk_powers[SK_POWER_LAST - SK_POWER_FIRST + 1];

static inline const struct sk_power *sk_power_at(int exponent)
{
  return &sk_powers[exponent - SK_POWER_FIRST];
}
/* floor(log2(10^exponent)) for the exponents of the table, which its generator checks. */
static inline int sk_power_log2(int exponent)
{
  return (exponent * 217706) >> 16;
}
/* 5^55 is the last power of five below 2^128. */
static inline bool sk_power_exact(int exponent)
{
  return exponent >= 0 && exponent <= 55;
}

#endif
