/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of measurements: what lies in the middle and how far it spreads, lines through points
 * with the interval of what they predict, and whether two sets of measurements differ beyond
 * noise. */
#ifndef SK_BENCH_TREND_H
#define SK_BENCH_TREND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sk_spread {
  size_t count;
  double median, least, most;
  double relative; /* (most - least) / median; 0 of a median of 0 */
};
/* Puts the values into order. Without any, all is 0. */
struct sk_spread sk_spread_of(double *values, size_t count);

enum sk_trend_kind {
  SK_TREND_LINE,  /* y = intercept + slope * x */
  SK_TREND_POWER, /* y = e^intercept * x^slope: a line through the logarithms */
  /* y = intercept + slope * x, neither below 0, by least squares of the relative errors: what it
   * costs to begin, and what each x costs more. Points of all sizes count alike, as they do for a
   * power. */
  SK_TREND_COST
};

/* By least squares. */
struct sk_trend {
  bool known; /* two points or more whose x differ, and nothing but finite numbers */
  enum sk_trend_kind kind;
  size_t count;
  double slope, intercept;
  double fit;              /* R squared, 0 to 1 */
  double deviation;        /* of the points from the line (COST: relative); 0 of two points */
  double weight;           /* of all points: their count; COST: sum of 1 / y^2 */
  double mean_x, square_x; /* weighted mean, and weighted sum of squared distances from it */
};
/* Points that cannot be used (POWER: x or y not above 0; COST: y not above 0) are left out. */
struct sk_trend sk_trend_of(const double *x, const double *y, size_t count,
                            enum sk_trend_kind kind);

struct sk_prediction {
  bool known;
  double value;
  double low,
      high; /* 95 %, by Student's distribution; known by three points or more, else both 0 */
};
struct sk_prediction sk_trend_at(const struct sk_trend *trend, double x);

/* How many times as large the median of `after` is as that of `before`, and the 95 % interval of
 * that by drawing from both with replacement, 2000 times from a fixed seed. Sure: the interval
 * leaves 1 out. One value or none on either side is never sure. */
struct sk_ratio {
  bool known, sure;
  double value, low, high;
};
struct sk_ratio sk_ratio_of(const double *before, size_t before_count, const double *after,
                            size_t after_count);

#endif
