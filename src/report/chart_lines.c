/* SPDX-License-Identifier: Apache-2.0 */
/* Points, lines, whiskers and bands over two axes. From the top: legend, the title of the upright
 * axis, the plot, labels of the other axis and its title. */
#include "report/chart_parts.h"

#include <math.h>

#define PLOT_HEIGHT 250
#define PLOT_HEIGHT_NARROW 220
#define FOOT 46 /* labels and title below the plot */
#define REACH 8 /* an interval makes an axis at most so many times as long */

struct extent {
  double low, high;
};

static void reach(struct extent *extent, double value)
{
  if (!isfinite(value))
    return;
  extent->low = fmin(extent->low, value);
  extent->high = fmax(extent->high, value);
}

/* What values the points take; intervals count as far as they are not absurd. */
static void measure(const struct sk_chart *chart, struct extent *x, struct extent *y)
{
  *x = *y = (struct extent){INFINITY, -INFINITY};
  for (const struct sk_series *series = chart->series; series; series = series->next)
    for (const struct sk_point *point = series->points; point; point = point->next) {
      reach(x, point->x);
      reach(y, point->y);
    }
  const struct extent points = *y;
  for (const struct sk_series *series = chart->series; series; series = series->next)
    for (const struct sk_point *point = series->points; point; point = point->next) {
      if (isfinite(point->low))
        reach(y, fmax(point->low, chart->y.logarithmic ? points.low / REACH : fmin(points.low, 0)));
      if (isfinite(point->high))
        reach(y, fmin(point->high, chart->y.logarithmic ? points.high * REACH : points.high * 1.5));
    }
}

static double top_of(struct sk_buffer *out, const struct sk_chart *chart, int width)
{
  double y = sk_chart_legend(out, chart, width, 2) + 14;
  if (out)
    sk_chart_text(out, 2, y, "start", chart->y.title);
  return y + 14;
}

static double plot_height(int width)
{
  return width > 480 ? PLOT_HEIGHT : PLOT_HEIGHT_NARROW;
}

double sk_chart_lines_height(const struct sk_chart *chart, int width)
{
  return top_of(NULL, chart, width) + plot_height(width) + FOOT;
}

static void draw_axes(struct sk_buffer *out, const struct sk_chart *chart, const struct sk_scale *x,
                      const struct sk_scale *y)
{
  char text[SK_TICK_TEXT];
  sk_buffer_text(out, "<path class=\"grid\" d=\"");
  for (size_t i = 0; i < y->tick_count; i++)
    sk_buffer_printf(out, "M%.1f %.1fH%.1f", x->begin, sk_scale_at(y, y->ticks[i]), x->end);
  sk_buffer_text(out, "\"/><path class=\"axis\" d=\"");
  sk_buffer_printf(out, "M%.1f %.1fH%.1f", x->begin, y->begin, x->end);
  for (size_t i = 0; i < x->tick_count; i++)
    sk_buffer_printf(out, "M%.1f %.1fv5", sk_scale_at(x, x->ticks[i]), y->begin);
  sk_buffer_text(out, "\"/>");
  for (size_t i = 0; i < y->tick_count; i++)
    sk_chart_text(out, x->begin - 7, sk_scale_at(y, y->ticks[i]) + 4, "end",
                  sk_tick_text(y->ticks[i], text));
  for (size_t i = 0; i < x->tick_count; i++)
    sk_chart_text(out, sk_scale_at(x, x->ticks[i]), y->begin + 19, "middle",
                  sk_tick_text(x->ticks[i], text));
  sk_chart_text(out, (x->begin + x->end) / 2, y->begin + 39, "middle", chart->x.title);
}

static void draw_band(struct sk_buffer *out, const struct sk_series *series,
                      const struct sk_scale *x, const struct sk_scale *y)
{
  char go = 'M';
  size_t count = 0;
  for (const struct sk_point *point = series->points; point; point = point->next)
    count += isfinite(point->low) && isfinite(point->high);
  if (count < 2)
    return;
  sk_buffer_text(out, "<path class=\"band\" d=\"");
  for (const struct sk_point *point = series->points; point; point = point->next)
    if (isfinite(point->high)) {
      sk_buffer_printf(out, "%c%.2f %.2f", go, sk_scale_at(x, point->x),
                       sk_scale_at(y, point->high));
      go = 'L';
    }
  for (size_t left = count;
       left-- > 0;) { /* back along the lower ends: the list goes forward only */
    size_t i = 0;
    for (const struct sk_point *point = series->points; point; point = point->next)
      if (isfinite(point->low) && i++ == left)
        sk_buffer_printf(out, "L%.2f %.2f", sk_scale_at(x, point->x), sk_scale_at(y, point->low));
  }
  sk_buffer_text(out, "z\"/>");
}

static void draw_line(struct sk_buffer *out, const struct sk_series *series,
                      const struct sk_scale *x, const struct sk_scale *y)
{
  char go = 'M';
  if (!series->points || !series->points->next)
    return;
  sk_buffer_text(out, "<path class=\"line\" d=\"");
  for (const struct sk_point *point = series->points; point; point = point->next) {
    sk_buffer_printf(out, "%c%.2f %.2f", go, sk_scale_at(x, point->x), sk_scale_at(y, point->y));
    go = 'L';
  }
  sk_buffer_text(out, "\"/>");
}

static void draw_markers(struct sk_buffer *out, const struct sk_series *series, unsigned index,
                         const struct sk_scale *x, const struct sk_scale *y)
{
  for (const struct sk_point *point = series->points; point; point = point->next) {
    const double px = sk_scale_at(x, point->x), py = sk_scale_at(y, point->y);
    if (!(series->look & SK_LOOK_BAND) && isfinite(point->low) && isfinite(point->high)) {
      const double low = sk_scale_at(y, point->low), high = sk_scale_at(y, point->high);
      sk_buffer_printf(out,
                       "<path class=\"whisker\" d=\"M%.2f %.2fV%.2fM%.2f %.2fh8M%.2f %.2fh8\"/>",
                       px, low, high, px - 4, low, px - 4, high);
    }
    sk_buffer_text(out, "<path class=\"mark\" d=\"");
    sk_chart_marker(out, index, px, py);
    sk_buffer_byte(out, '"');
    sk_chart_numbers(out, series, point);
    sk_buffer_text(out, "</path>");
  }
}

void sk_chart_lines(struct sk_buffer *out, const struct sk_chart *chart, int width)
{
  struct extent across, up;
  struct sk_scale x, y;
  char text[SK_TICK_TEXT];
  measure(chart, &across, &up);
  const double top = top_of(out, chart, width), bottom = top + plot_height(width);
  sk_scale_set(&y, &chart->y, up.low, up.high, bottom, top, false);
  double left = 0;
  for (size_t i = 0; i < y.tick_count; i++)
    left = fmax(left, sk_text_width(sk_tick_text(y.ticks[i], text)));
  sk_scale_set(&x, &chart->x, across.low, across.high, left + 10, width - 22, true);
  draw_axes(out, chart, &x, &y);
  for (int layer = 0; layer < 2; layer++) { /* areas below all else */
    int index = -1;
    for (const struct sk_series *series = chart->series; series; series = series->next) {
      index = sk_chart_next(series, index);
      sk_buffer_text(out, "<g class=\"");
      sk_chart_class(out, series, (unsigned)index);
      sk_buffer_text(out, "\">");
      if (layer == 0 && series->look & SK_LOOK_BAND)
        draw_band(out, series, &x, &y);
      if (layer == 1 && series->look & SK_LOOK_LINE)
        draw_line(out, series, &x, &y);
      if (layer == 1 && series->look & SK_LOOK_MARKERS)
        draw_markers(out, series, (unsigned)index, &x, &y);
      sk_buffer_text(out, "</g>");
    }
  }
}
