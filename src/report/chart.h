/* SPDX-License-Identifier: Apache-2.0 */
/* Charts as SVG: points and lines over two axes, or bars that lie below one another.
 *
 * A chart is drawn for a width of its own, wide or narrow, and not scaled down, so that its texts
 * keep their size on a telephone. Series differ by colour, by marker and by stroke, so that no
 * colour has to be told apart. Colours are variables of CSS that the page, or the SVG's own style,
 * sets for light and dark. Each mark carries the numbers that it stands for (data-x, data-y,
 * data-low, data-high). */
#ifndef SK_REPORT_CHART_H
#define SK_REPORT_CHART_H

#include "base/buffer.h"

enum sk_chart_kind { SK_CHART_LINES, SK_CHART_BARS };

/* What a series is drawn as. */
#define SK_LOOK_MARKERS 1u
#define SK_LOOK_LINE 2u
#define SK_LOOK_DASHED 4u
#define SK_LOOK_BAND 8u    /* low to high as an area; else as whiskers */
#define SK_LOOK_MUTED 16u  /* grey: for comparison */
#define SK_LOOK_HOLLOW 32u /* markers without filling: not measured */
#define SK_LOOK_SAME                                                                               \
  64u /* colour and marker of the series before; not in the legend unless it has a name */

struct sk_point {
  double x, y, low, high; /* low, high: NAN where there is none */
  const char *label;      /* bars: what stands over it */
  struct sk_point *next;
};

struct sk_series {
  const char *name; /* "": not in the legend */
  unsigned look;
  struct sk_point *points, *last;
  struct sk_series *next;
};

struct sk_axis {
  const char *title;  /* with the unit */
  const char *suffix; /* bars: behind each value; NULL: nothing */
  bool logarithmic;
  bool zero; /* linear: begins at 0 */
};

struct sk_chart {
  enum sk_chart_kind kind;
  const char *id, *title, *text;
  struct sk_axis x, y; /* bars: x alone */
  struct sk_series *series, *last;
};

#define SK_CHART_WIDE 640
#define SK_CHART_NARROW 320

/* An <svg> element for a page that has sk_chart_style() in it. name tells this drawing's ids apart
 * from those of others of the same chart; class is that of the element. */
void sk_chart_draw(struct sk_buffer *out, const struct sk_chart *chart, int width,
                   const char *name);
/* A file of its own, with style and background. */
void sk_chart_file(struct sk_buffer *out, const struct sk_chart *chart);
/* CSS of the charts: colours for light and dark, and what is drawn with them. */
void sk_chart_style(struct sk_buffer *out);

#endif
