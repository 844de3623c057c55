/* SPDX-License-Identifier: Apache-2.0 */
/* Bars that lie below one another from 0 on, each with its value behind it; over the bars of one
 * label stands the label, so that long ones have room on narrow pages, too. */
#include "report/chart_parts.h"

#include <math.h>
#include <stdio.h>

#define BAR 14
#define ROW_GAP 10
#define VALUE_TEXT 40

static const char *value_text(const struct sk_chart *chart, double value, char text[VALUE_TEXT])
{
  const int digits = value >= 100 || value <= -100 ? 0 : value >= 10 || value <= -10 ? 1 : 2;
  snprintf(text, VALUE_TEXT, "%.*f%s", digits, value, chart->x.suffix ? chart->x.suffix : "");
  return text;
}

/* The series' point of that label, or NULL. */
static const struct sk_point *find(const struct sk_series *series, const char *label)
{
  for (const struct sk_point *point = series->points; point; point = point->next)
    if (point->label && strcmp(point->label, label) == 0)
      return point;
  return NULL;
}

/* Whether an earlier point has had that label. */
static bool had(const struct sk_chart *chart, const struct sk_series *series,
                const struct sk_point *point)
{
  for (const struct sk_series *s = chart->series; s; s = s->next)
    for (const struct sk_point *p = s->points; p; p = p->next) {
      if (s == series && p == point)
        return false;
      if (strcmp(p->label, point->label) == 0)
        return true;
    }
  return false;
}

/* Draws, or only measures where out is NULL; returns the height. */
static double rows(struct sk_buffer *out, const struct sk_chart *chart, int width, double most)
{
  char text[VALUE_TEXT];
  double y = sk_chart_legend(out, chart, width, 2) + 6, room = 0;
  for (const struct sk_series *series = chart->series; series; series = series->next)
    for (const struct sk_point *point = series->points; point; point = point->next)
      room = fmax(room, sk_text_width(value_text(chart, point->x, text)));
  const double pixels = width - room - 12;
  for (const struct sk_series *series = chart->series; series; series = series->next)
    for (const struct sk_point *point = series->points; point; point = point->next) {
      int index = -1;
      if (had(chart, series, point))
        continue;
      if (out)
        sk_chart_text_within(out, 2, y + 12, width - 4, point->label);
      y += SK_CHART_LINE;
      for (const struct sk_series *one = chart->series; one; one = one->next) {
        const struct sk_point *const bar = find(one, point->label);
        index = sk_chart_next(one, index);
        if (!bar)
          continue;
        const double length = most > 0 && bar->x > 0 ? fmax(bar->x / most * pixels, 1) : 1;
        if (out) {
          sk_buffer_text(out, "<g class=\"");
          sk_chart_class(out, one, (unsigned)index);
          sk_buffer_printf(out,
                           "\"><rect class=\"bar\" x=\"2\" y=\"%.1f\" width=\"%.2f\" height=\"%d\"",
                           y, length, BAR);
          sk_chart_numbers(out, one, bar);
          sk_buffer_text(out, "</rect></g>");
          sk_chart_text(out, 2 + length + 6, y + 11, "start", value_text(chart, bar->x, text));
        }
        y += BAR + 3;
      }
      y += ROW_GAP;
    }
  if (out)
    sk_chart_text(out, 2, y + 10, "start", chart->x.title);
  return y + 18;
}

double sk_chart_bars_height(const struct sk_chart *chart, int width)
{
  return rows(NULL, chart, width, 0);
}

void sk_chart_bars(struct sk_buffer *out, const struct sk_chart *chart, int width)
{
  double most = 0;
  for (const struct sk_series *series = chart->series; series; series = series->next)
    for (const struct sk_point *point = series->points; point; point = point->next)
      most = fmax(most, point->x);
  rows(out, chart, width, most);
}
