/* SPDX-License-Identifier: Apache-2.0 */
/* An axis as it is drawn: from where to where, which ticks, and where a value lies on it. */
#ifndef SK_REPORT_CHART_AXIS_H
#define SK_REPORT_CHART_AXIS_H

#include "report/chart.h"

#define SK_TICKS_MOST 24
#define SK_TICK_TEXT 24

struct sk_scale {
  bool logarithmic;
  double low, high;  /* of the values, both at round numbers */
  double begin, end; /* in pixels; end is before begin on an axis that goes up */
  double ticks[SK_TICKS_MOST];
  size_t tick_count;
};

/* Takes the values from low to high, in pixels from begin to end; across: labels stand side by
 * side, else one above another. Round numbers around the values become the ends; so many ticks as
 * have room for their labels. */
void sk_scale_set(struct sk_scale *scale, const struct sk_axis *axis, double low, double high,
                  double begin, double end, bool across);
/* Pixels; a value beyond the ends lies at the end. */
double sk_scale_at(const struct sk_scale *scale, double value);

/* "250k", "1M", "0.5"; returns text. */
const char *sk_tick_text(double value, char text[SK_TICK_TEXT]);
/* How wide a text of 12 pixels is, rather too much than too little: fonts differ. */
double sk_text_width(const char *text);

#endif
