/* SPDX-License-Identifier: Apache-2.0 */
/* Days that count of a file: what of it no other file repeats (spec/6-payloads.md). */
#ifndef SK_INPUT_DAY_SET_H
#define SK_INPUT_DAY_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sk_day_set {
  const int32_t *days; /* in order, each once */
  size_t count;
};

/* NULL as the set: all days. */
static inline bool sk_day_set_has(const struct sk_day_set *set, int32_t day)
{
  if (!set)
    return true;
  size_t low = 0, high = set->count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (set->days[middle] < day)
      low = middle + 1;
    else
      high = middle;
  }
  return low < set->count && set->days[low] == day;
}

#endif
