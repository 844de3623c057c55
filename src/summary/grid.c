/* SPDX-License-Identifier: Apache-2.0 */
/* The grid of the sums.
 *
 * CPU measures lie on multiples of 2^-42 core-seconds, memory and volume measures on multiples of
 * 2^-12 byte-seconds. The table keeps 15 decimals of core-hours and GiB-hours: 10^-15 h is about
 * 2^-38 core-seconds, and for memory about 3865 byte-seconds, so both grids are finer than what
 * is written. A value is multiplied by a power of two, which is exact, and rounded once. From
 * there on everything is integer addition, which is associative: rows, batches, workers and merges
 * may come in any order.
 *
 * Range. A scaled value below 2^62 is added without a look at the sum. Larger ones (beyond 2^20
 * core-seconds or 2^50 byte-seconds a row) are integers already; their magnitudes are added up for
 * the whole partial, and where that total would pass 2^126 the call fails. A total of magnitudes
 * only grows, so whether it passes does not depend on the order either. Hence for every sum of a
 * run of N < 2^63 rows
 *   |sum| <= 2^126 + N * 2^62 < 2^126 + 2^125 < 2^127,
 * it never wraps. 2^126 steps are 1.9 * 10^25 core-seconds, 19 million rows of the greatest value
 * that is no anomaly (10^18), or 2 * 10^34 byte-seconds. What is added up after the merge
 * (a group counted once per label set) is checked at every addition.
 *
 * A double-double sum would be as quick, but is only almost surely independent of the order. */
#include "summary/grid.h"

#include "base/bytes.h"

#define LARGE_LIMIT ((sk_uwide)1 << 126)

bool sk_grid_add_large(sk_wide *sum, double scaled, struct sk_range *range)
{
  const double size = fabs(scaled);
  if (!(size <= 0x1p126)) /* NaN too, though input lets none pass */
    return false;
  const sk_uwide magnitude = (sk_uwide)size;
  if (magnitude > LARGE_LIMIT - range->large)
    return false;
  range->large += magnitude;
  *sum += scaled < 0 ? -(sk_wide)magnitude : (sk_wide)magnitude;
  return true;
}

bool sk_range_merge(struct sk_range *into, const struct sk_range *from)
{
  if (from->large > LARGE_LIMIT - into->large)
    return false;
  into->large += from->large;
  return true;
}

bool sk_grid_add_times(sk_wide *into, sk_wide value, uint64_t times)
{
  const sk_uwide limit = ~(sk_uwide)0 >> 1;
  const sk_uwide magnitude = value < 0 ? -(sk_uwide)value : (sk_uwide)value;
  if (times > 1 && magnitude > limit / times)
    return false;
  const sk_wide product = (sk_wide)(magnitude * times);
  return !__builtin_add_overflow(*into, value < 0 ? -product : product, into);
}

double sk_grid_double(sk_wide sum, int bits)
{
  sk_uwide magnitude = sum < 0 ? -(sk_uwide)sum : (sk_uwide)sum;
  int shift = 0;
  /* 64 bits are left, the lowest of them telling whether anything was cut off: enough for the
   * conversion, which rounds once to 53. */
  const uint64_t high = (uint64_t)(magnitude >> 64);
  if (high) {
    shift = 64 - __builtin_clzll(high);
    const bool lost = (magnitude & (((sk_uwide)1 << shift) - 1)) != 0;
    magnitude = (magnitude >> shift) | lost;
  }
  /* 2^(shift - bits), by its bits: multiplying by it rounds nothing, as the sum is far from both
   * ends of a double's range. */
  const double unit = sk_double_of_bits((uint64_t)(1023 + shift - bits) << 52);
  const double size = (double)(uint64_t)magnitude * unit;
  return sum < 0 ? -size : size;
}
