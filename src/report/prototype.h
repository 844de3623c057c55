/* SPDX-License-Identifier: Apache-2.0 */
/* What spec/3-scales.md tells beside its scales (base/scales.h): the figures that an earlier
 * implementation in Python and pandas published. Its machines were others: 4 worker threads of a
 * laptop (streaming), a laptop with 12 cores (in-memory). */
#ifndef SK_REPORT_PROTOTYPE_H
#define SK_REPORT_PROTOTYPE_H

#include "base/scales.h"
#include "bench/results.h"

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
