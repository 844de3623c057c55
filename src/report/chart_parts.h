/* SPDX-License-Identifier: Apache-2.0 */
/* What both kinds of charts are drawn with. */
#ifndef SK_REPORT_CHART_PARTS_H
#define SK_REPORT_CHART_PARTS_H

#include "report/chart_axis.h"

#define SK_COLOURS 6
#define SK_CHART_LINE 18 /* pixels from one line of text to the next */

/* The classes of a series' marks, "c0 muted"; index counts series that are not SK_LOOK_SAME. */
void sk_chart_class(struct sk_buffer *out, const struct sk_series *series, unsigned index);
/* The next series' index; begins at -1. */
int sk_chart_next(const struct sk_series *series, int index);

/* A <text> element: anchor "start", "middle" or "end". */
void sk_chart_text(struct sk_buffer *out, double x, double y, const char *anchor, const char *text);
/* One that begins at x and ends with an ellipsis where it is wider than it may be. */
void sk_chart_text_within(struct sk_buffer *out, double x, double y, double width,
                          const char *text);
/* The path of a marker around a place; shapes differ by index. */
void sk_chart_marker(struct sk_buffer *out, unsigned index, double x, double y);
/* data-x, data-y and the interval's ends, then the title that a pointer shows. Ends the opening tag
 * with ">". */
void sk_chart_numbers(struct sk_buffer *out, const struct sk_series *series,
                      const struct sk_point *point);
/* The legend from y on; returns where it ends. Only measured where out is NULL. */
double sk_chart_legend(struct sk_buffer *out, const struct sk_chart *chart, int width, double y);

double sk_chart_lines_height(const struct sk_chart *chart, int width);
void sk_chart_lines(struct sk_buffer *out, const struct sk_chart *chart, int width);
double sk_chart_bars_height(const struct sk_chart *chart, int width);
void sk_chart_bars(struct sk_buffer *out, const struct sk_chart *chart, int width);

#endif
