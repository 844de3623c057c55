/* SPDX-License-Identifier: Apache-2.0 */
/* Curves through a setup's measured sizes: seconds or peak memory over hourly pod rows, as a power of them
 * (least squares of the logarithms), since that is what both grow by and what cannot become negative. */
#ifndef SK_REPORT_FITS_H
#define SK_REPORT_FITS_H

#include "report/measured.h"

enum sk_measure { SK_MEASURE_SECONDS, SK_MEASURE_MEMORY };

/* The median of a setting, NAN where it was not measured. */
double sk_measure_of(const struct sk_setting *setting, enum sk_measure metric);

struct sk_fit {
  struct sk_trend trend;
  bool pooled;        /* through the sizes of all families: too few of the own one were measured */
  double least, most; /* rows of the points */
};
/* Through the sizes of the family, of fewer than `below` rows; own: not pooled where there are few. */
struct sk_fit sk_fit_of(const struct sk_measured *measured, const struct sk_setup *setup,
                        enum sk_family family, enum sk_measure metric, double below, bool own);

#endif
