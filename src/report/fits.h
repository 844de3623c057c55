/* SPDX-License-Identifier: Apache-2.0 */
/* Curves through a setup's measured sizes over hourly pod rows: seconds as a start and a time a row
 * (least squares of the relative errors), since the start bends a power of small sizes and would
 * make large ones too quick; peak memory as a power of the rows (least squares of the logarithms).
 * Neither can become negative. */
#ifndef SK_REPORT_FITS_H
#define SK_REPORT_FITS_H

#include "report/measured.h"

enum sk_cost { SK_COST_SECONDS, SK_COST_MEMORY };

/* The median of a setting, NAN where it was not measured. */
double sk_cost_of(const struct sk_setting *setting, enum sk_cost metric);

struct sk_fit {
  struct sk_trend trend;
  bool pooled;        /* through the sizes of all families: too few of the own one were measured */
  double least, most; /* rows of the points */
};
/* Through the sizes of the family, of fewer than `below` rows; own: not pooled where there are
 * few. */
struct sk_fit sk_fit_of(const struct sk_measured *measured, const struct sk_setup *setup,
                        enum sk_family family, enum sk_cost metric, double below, bool own);

/* Times as much for twice the rows of the largest point. */
double sk_fit_doubling(const struct sk_fit *fit);

#endif
