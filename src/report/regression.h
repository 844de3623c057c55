/* SPDX-License-Identifier: Apache-2.0 */
/* Two results compared: what has become faster or slower, larger or smaller beyond noise.
 *
 * A change is told where both sides have three repeats or more, the 95 % interval of the ratio of
 * medians (bootstrap over the repeats, bench/trend.h) leaves out 1, and the ratio differs from 1 by
 * at least the least change: with three repeats an interval leaves out 1 by chance now and then,
 * but rarely by much. */
#ifndef SK_REPORT_REGRESSION_H
#define SK_REPORT_REGRESSION_H

#include "report/fits.h"

#define SK_COMPARE_REPEATS 3
#define SK_COMPARE_LEAST_CHANGE 0.05

enum sk_change {
  SK_CHANGE_SAME,   /* within noise */
  SK_CHANGE_BETTER, /* faster, less memory */
  SK_CHANGE_WORSE,
  SK_CHANGE_FEW,    /* too few repeats to tell */
  SK_CHANGE_BROKEN, /* was done, is not any more */
  SK_CHANGE_MENDED, /* was not done, is now */
  SK_CHANGE_COUNT
};

struct sk_difference {
  const struct sk_setting *before, *after;
  enum sk_cost metric;
  struct sk_ratio ratio;
  enum sk_change verdict;
  struct sk_difference *next;
};

struct sk_comparison {
  const struct sk_measured *before, *after;
  double least_change;
  struct sk_difference *first, *last;
  size_t counts[SK_CHANGE_COUNT];
  size_t only_before, only_after; /* settings that the other lacks */
};

/* Settings are the same where scale, phase, mode, threads, memory, sink, and the machine's
 * processors and their number are; the host's name may differ, as it does from container to
 * container. In the document's arena. */
void sk_comparison_make(struct sk_comparison *comparison, const struct sk_measured *before,
                        const struct sk_measured *after, double least_change, struct sk_doc *doc);
/* Why a gate stays shut: something is worse or broken, or nothing could be judged; NULL: it
 * opens. */
const char *sk_comparison_fault(const struct sk_comparison *comparison);
void sk_section_comparison(struct sk_doc *doc, const struct sk_comparison *comparison);

#endif
