/* SPDX-License-Identifier: Apache-2.0 */
/* What spec/3-scales.md fixes: the presets' sizes, and the figures that an earlier implementation in Python and
 * pandas published. Its machines were others: 4 worker threads of a laptop (streaming), a laptop with 12 cores
 * (in-memory). */
#ifndef SK_REPORT_PROTOTYPE_H
#define SK_REPORT_PROTOTYPE_H

#include "bench/results.h"

enum sk_family { SK_FAMILY_WEEKS, SK_FAMILY_DAY, SK_FAMILY_OTHER, SK_FAMILY_COUNT };

struct sk_preset_size {
  const char *name;
  enum sk_family family;
  int64_t rows; /* hourly pod rows */
};
/* Sorted by family and rows. */
extern const struct sk_preset_size sk_preset_sizes[];
extern const size_t sk_preset_size_count;
/* NULL: no preset of that name. */
const struct sk_preset_size *sk_preset_size_find(const char *name);
/* "days or weeks" (of a cluster), "one day" (every pod a group of its own). */
const char *sk_family_text(enum sk_family family);

struct sk_prototype {
  const char *scale;
  enum sk_bench_mode mode;
  double seconds, bytes; /* bytes 0: not told */
  const char *note;
};
extern const struct sk_prototype sk_prototypes[];
extern const size_t sk_prototype_count;

#endif
