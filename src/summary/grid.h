/* SPDX-License-Identifier: Apache-2.0 */
/* Sums that do not depend on the order of adding: every value is rounded once to a fixed grid and
 * added as a 128-bit integer. The grid and the proof of its range are in grid.c. */
#ifndef SK_SUMMARY_GRID_H
#define SK_SUMMARY_GRID_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

__extension__ typedef __int128 sk_wide;
__extension__ typedef unsigned __int128 sk_uwide;

/* Steps to one core-second and to one byte-second. */
#define SK_GRID_CPU_BITS 42
#define SK_GRID_BYTE_BITS 12
#define SK_GRID_CPU 0x1p42
#define SK_GRID_BYTES 0x1p12
/* Scaled values below it go the fast way. */
#define SK_GRID_FAST 0x1p62

/* What has been added the slow way: the sum of the magnitudes, at most 2^126. */
struct sk_range {
  sk_uwide large;
};

/* Adds a scaled value of at least SK_GRID_FAST; false: beyond the range, nothing was added. */
bool sk_grid_add_large(sk_wide *sum, double scaled, struct sk_range *range);
/* Adds value * steps, rounded to the nearest integer; `scaled` is that product. */
static inline bool sk_grid_add(sk_wide *sum, double scaled, struct sk_range *range)
{
  if (fabs(scaled) < SK_GRID_FAST) {
    *sum += llrint(scaled);
    return true;
  }
  return sk_grid_add_large(sum, scaled, range);
}
/* Adds what another worker added the slow way; false: beyond the range. */
bool sk_range_merge(struct sk_range *into, const struct sk_range *from);

/* *into += value * times, or false where 128 bits do not hold it. */
bool sk_grid_add_times(sk_wide *into, sk_wide value, uint64_t times);

/* sum / 2^bits, correctly rounded to the nearest double, ties to even. */
double sk_grid_double(sk_wide sum, int bits);

#endif
