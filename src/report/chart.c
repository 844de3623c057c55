/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of a chart, its legend and its style. Colours: six that people with any of the common
 * colour-blindnesses tell apart, at least 3:1 against the background (WCAG 1.4.11), in the order in
 * which they are easiest to tell from the one before. */
#include "report/chart_parts.h"
#include "report/escape.h"

#include "base/number.h"

#include <math.h>
#include <stdio.h>

#define CUT_TEXT 200 /* bytes of a text that is too wide */

static const char *const light[] = {"#0b62b0", "#c24e00", "#00785a",
                                    "#8b3fa0", "#7a6400", "#b3245f"};
static const char *const dark[] = {"#6bb5ff", "#ff9b5e", "#4cd0a4",
                                   "#dba4f0", "#d9c14a", "#ff8db4"};

void sk_chart_class(struct sk_buffer *out, const struct sk_series *series, unsigned index)
{
  sk_buffer_printf(out, "c%u%s%s%s", index % SK_COLOURS,
                   series->look & SK_LOOK_MUTED ? " muted" : "",
                   series->look & SK_LOOK_DASHED ? " dashed" : "",
                   series->look & SK_LOOK_HOLLOW ? " hollow" : "");
}

int sk_chart_next(const struct sk_series *series, int index)
{
  return (series->look & SK_LOOK_SAME) && index >= 0 ? index : index + 1;
}

void sk_chart_text(struct sk_buffer *out, double x, double y, const char *anchor, const char *text)
{
  sk_buffer_printf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
  sk_escape_html(out, text);
  sk_buffer_text(out, "</text>");
}

void sk_chart_text_within(struct sk_buffer *out, double x, double y, double width, const char *text)
{
  char part[CUT_TEXT + 4];
  size_t length = 0, fits = 0;
  if (sk_text_width(text) <= width)
    return sk_chart_text(out, x, y, "start", text);
  while (text[length] && length < CUT_TEXT) {
    part[length] = text[length];
    part[++length] = '\0';
    if (((uint8_t)text[length] & 0xc0) != 0x80 && sk_text_width(part) <= width - 13)
      fits = length;
  }
  snprintf(part + fits, 4, "\xe2\x80\xa6");
  sk_chart_text(out, x, y, "start", part);
}

void sk_chart_marker(struct sk_buffer *out, unsigned index, double x, double y)
{
  static const char *const shapes[] = {
      "m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",         /* circle */
      "m-4 -4h8v8h-8z",                                       /* square */
      "m0 -5.5l5 9h-10z",                                     /* triangle */
      "m0 -6l5 6l-5 6l-5 -6z",                                /* diamond */
      "m0 5.5l5 -9h-10z",                                     /* triangle, point down */
      "m-5.5 -2h3.5v-3.5h4v3.5h3.5v4h-3.5v3.5h-4v-3.5h-3.5z", /* cross */
  };
  sk_buffer_printf(out, "M%.2f %.2f%s", x, y, shapes[index % SK_COUNT(shapes)]);
}

static void attribute(struct sk_buffer *out, const char *name, double value)
{
  char text[SK_NUMBER_TEXT];
  if (isfinite(value))
    sk_buffer_printf(out, " data-%s=\"%.*s\"", name, (int)sk_number_format(value, text), text);
}

void sk_chart_numbers(struct sk_buffer *out, const struct sk_series *series,
                      const struct sk_point *point)
{
  attribute(out, "x", point->x);
  attribute(out, "y", point->y);
  attribute(out, "low", point->low);
  attribute(out, "high", point->high);
  sk_buffer_text(out, "><title>");
  if (point->label) {
    sk_escape_html(out, point->label);
    sk_buffer_text(out, *series->name ? ", " : "");
  }
  sk_escape_html(out, series->name);
  if (isfinite(point->y))
    sk_buffer_printf(out, ": %.6g, %.6g", point->x, point->y);
  else
    sk_buffer_printf(out, ": %.6g", point->x);
  sk_buffer_text(out, "</title>");
}

/* The sample before a name in the legend. */
static void swatch(struct sk_buffer *out, const struct sk_series *series, unsigned index, double x,
                   double y, bool bars)
{
  sk_buffer_text(out, "<g class=\"");
  sk_chart_class(out, series, index);
  sk_buffer_text(out, "\">");
  if (bars) {
    sk_buffer_printf(out, "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"18\" height=\"10\"/>",
                     x, y - 9);
  } else {
    if (series->look & SK_LOOK_BAND)
      sk_buffer_printf(out,
                       "<rect class=\"band\" x=\"%.1f\" y=\"%.1f\" width=\"20\" height=\"12\"/>", x,
                       y - 10);
    if (series->look & SK_LOOK_LINE)
      sk_buffer_printf(out, "<path class=\"line\" d=\"M%.1f %.1fh20\"/>", x, y - 4);
    if (series->look & SK_LOOK_MARKERS) {
      sk_buffer_text(out, "<path class=\"mark\" d=\"");
      sk_chart_marker(out, index, x + 10, y - 4);
      sk_buffer_text(out, "\"/>");
    }
  }
  sk_buffer_text(out, "</g>");
}

double sk_chart_legend(struct sk_buffer *out, const struct sk_chart *chart, int width, double y)
{
  double x = 2;
  int index = -1;
  size_t named = 0;
  for (const struct sk_series *series = chart->series; series; series = series->next)
    named += *series->name != '\0';
  if (!named)
    return y;
  y += 13;
  for (const struct sk_series *series = chart->series; series; series = series->next) {
    index = sk_chart_next(series, index);
    if (!*series->name)
      continue;
    const double wide = 28 + sk_text_width(series->name) + 14;
    if (x > 2 && x + wide > width) {
      x = 2;
      y += SK_CHART_LINE;
    }
    if (out) {
      swatch(out, series, (unsigned)index, x, y, chart->kind == SK_CHART_BARS);
      sk_chart_text_within(out, x + 26, y, width - x - 28, series->name);
    }
    x += wide;
  }
  return y + 8;
}

static double height_of(const struct sk_chart *chart, int width)
{
  return chart->kind == SK_CHART_BARS ? sk_chart_bars_height(chart, width)
                                      : sk_chart_lines_height(chart, width);
}

static void draw_in(struct sk_buffer *out, const struct sk_chart *chart, int width,
                    const char *name, const char *more)
{
  const double height = height_of(chart, width);
  sk_buffer_printf(
      out,
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart %s\" width=\"%d\" height=\"%.0f\" "
      "viewBox=\"0 0 %d %.0f\" preserveAspectRatio=\"xMinYMin\" role=\"img\" "
      "aria-labelledby=\"%s-%s-t\" "
      "aria-describedby=\"%s-%s-d\">",
      name, width, height, width, height, chart->id, name, chart->id, name);
  sk_buffer_printf(out, "<title id=\"%s-%s-t\">", chart->id, name);
  sk_escape_html(out, chart->title);
  sk_buffer_printf(out, "</title><desc id=\"%s-%s-d\">", chart->id, name);
  sk_escape_html(out, chart->text);
  sk_buffer_text(out, "</desc>");
  sk_buffer_text(out, more);
  if (chart->kind == SK_CHART_BARS)
    sk_chart_bars(out, chart, width);
  else
    sk_chart_lines(out, chart, width);
  sk_buffer_text(out, "</svg>");
}

void sk_chart_draw(struct sk_buffer *out, const struct sk_chart *chart, int width, const char *name)
{
  draw_in(out, chart, width, name, "");
}

static void colours(struct sk_buffer *out, const char *const list[SK_COLOURS], const char *rest)
{
  for (unsigned i = 0; i < SK_COLOURS; i++)
    sk_buffer_printf(out, "--c%u:%s;", i, list[i]);
  sk_buffer_text(out, rest);
}

void sk_chart_style(struct sk_buffer *out)
{
  static const char light_rest[] =
      "--paper:#ffffff;--ink:#1c2127;--soft:#55606c;--grid:#e2e6ea;--axis:#8b96a1;--muted:#69737d";
  static const char dark_rest[] =
      "--paper:#14181d;--ink:#e8ebee;--soft:#a9b4bf;--grid:#2b323a;--axis:#6c7784;--muted:#98a3ae";
  sk_buffer_text(out, ":root{color-scheme:light dark;");
  colours(out, light, light_rest);
  sk_buffer_text(out, "}\n@media screen and (prefers-color-scheme:dark){:root{");
  colours(out, dark, dark_rest);
  sk_buffer_text(out, "}}\n");
  for (unsigned i = 0; i < SK_COLOURS; i++)
    sk_buffer_printf(out, ".chart .c%u{--c:var(--c%u)}", i, i);
  sk_buffer_text(
      out, "\n.chart{font:12px system-ui,-apple-system,\"Segoe UI\",\"Liberation "
           "Sans\",Arial,sans-serif}\n"
           ".chart text{fill:var(--soft)}.chart .value{fill:var(--ink)}\n"
           ".chart .muted{--c:var(--muted)}\n"
           ".chart .grid{stroke:var(--grid);fill:none}.chart .axis{stroke:var(--axis);fill:none}\n"
           ".chart .line{stroke:var(--c);stroke-width:2;fill:none;stroke-linejoin:round}\n"
           ".chart .dashed .line{stroke-dasharray:5 4}\n"
           ".chart .mark{fill:var(--c);stroke:var(--c)}.chart .hollow "
           ".mark{fill:var(--paper);stroke-width:2}\n"
           ".chart .whisker{stroke:var(--c);stroke-width:1.5;fill:none}\n"
           ".chart .band{fill:var(--c);fill-opacity:.16}\n"
           ".chart .bar{fill:var(--c)}\n");
}

void sk_chart_file(struct sk_buffer *out, const struct sk_chart *chart)
{
  struct sk_buffer style;
  sk_buffer_init(&style, out->budget, 1u << 16);
  sk_buffer_text(&style, "<style>\n");
  sk_chart_style(&style);
  sk_buffer_printf(&style,
                   "</style><rect width=\"100%%\" height=\"100%%\" fill=\"var(--paper)\"/>");
  sk_buffer_byte(&style, '\0');
  if (style.failed)
    out->failed = true;
  else
    draw_in(out, chart, SK_CHART_WIDE, "wide", (const char *)style.bytes);
  sk_buffer_byte(out, '\n');
  sk_buffer_reset(&style);
}
