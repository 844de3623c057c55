/* SPDX-License-Identifier: Apache-2.0 */
/* What scales that did not run would take, and how far the smaller scales told what the larger ones
 * took. */
#include "report/numerals.h"
#include "report/sections.h"

#include <math.h>

#define MB 1e6

static const char *figure(struct sk_doc *doc, enum sk_cost metric, double value)
{
  return metric == SK_COST_SECONDS ? sk_figure_seconds(doc, value) : sk_figure_bytes(doc, value);
}

static const char *interval_text(struct sk_doc *doc, enum sk_cost metric,
                                 const struct sk_trend *trend, const struct sk_prediction *at)
{
  if (trend->count < 3)
    return "none: two points";
  return sk_doc_text(doc, "%s to %s", figure(doc, metric, at->low), figure(doc, metric, at->high));
}

static void prediction_cells(struct sk_doc *doc, struct sk_doc_table *table, enum sk_cost metric,
                             const struct sk_trend *trend, const struct sk_prediction *at)
{
  const bool interval = at->known && trend->count >= 3;
  sk_doc_cell(doc, table, at->known ? figure(doc, metric, at->value) : SK_FIGURE_NONE,
              at->known ? sk_figure_plain(doc, at->value) : "");
  sk_doc_cell(doc, table, at->known ? interval_text(doc, metric, trend, at) : SK_FIGURE_NONE,
              interval ? sk_doc_text(doc, "%s to %s", sk_figure_plain(doc, at->low),
                                     sk_figure_plain(doc, at->high))
                       : "");
}

/* Whether the lead has a time of that preset. */
static bool has_run(const struct sk_measured *measured, const struct sk_scale *preset)
{
  for (size_t i = 0; i < measured->size_count; i++)
    if (strcmp(measured->sizes[i].name, preset->name) == 0) {
      const struct sk_setting *const setting = sk_setup_at(measured->lead, i);
      return setting && setting->count;
    }
  return false;
}

static void projected_row(struct sk_doc *doc, struct sk_doc_table *table,
                          const struct sk_measured *measured, const struct sk_scale *preset)
{
  const double rows = (double)sk_scale_rows(preset);
  sk_doc_row(doc, table);
  sk_doc_cell(doc, table, preset->name, NULL);
  sk_doc_cell(doc, table, sk_figure_count(doc, rows), sk_figure_plain(doc, rows));
  for (int metric = 0; metric < 2; metric++) {
    const struct sk_fit fit =
        sk_fit_of(measured, measured->lead, preset->family, (enum sk_cost)metric, INFINITY, false);
    const struct sk_prediction at = sk_trend_at(&fit.trend, rows);
    prediction_cells(doc, table, (enum sk_cost)metric, &fit.trend, &at);
    if (metric == SK_COST_SECONDS)
      continue;
    sk_doc_cell(doc, table,
                rows > fit.most
                    ? sk_doc_text(doc, "%s\xc3\x97", sk_figure_number(doc, rows / fit.most))
                    : "within",
                sk_figure_plain(doc, rows / fit.most));
    sk_doc_cell(doc, table,
                sk_doc_text(doc, "%zu scales %s", fit.trend.count,
                            fit.pooled ? "of all families" : "of its family"),
                NULL);
  }
}

/* Measured points, the curve with its band, and hollow points for what did not run. */
static void projected_chart(struct sk_doc *doc, struct sk_doc_section *section,
                            const struct sk_measured *measured, enum sk_cost metric)
{
  const bool seconds = metric == SK_COST_SECONDS;
  const double unit = seconds ? 1 : MB;
  struct sk_chart *const chart =
      sk_doc_chart(doc, section, SK_CHART_LINES, seconds ? "projected-seconds" : "projected-memory",
                   seconds ? "Seconds of aggregate, measured and projected"
                           : "Peak memory of aggregate, measured and projected",
                   "Filled points are measured, hollow ones projected; the area is the 95 % "
                   "interval of the projection. The table of "
                   "projections has the numbers.");
  if (!chart)
    return;
  chart->x = (struct sk_axis){.title = "hourly pod rows (log scale)", .logarithmic = true};
  chart->y =
      (struct sk_axis){.title = seconds ? "seconds (log scale)" : "MB of peak memory (log scale)",
                       .logarithmic = true};
  for (int family = 0; family < SK_FAMILY_OTHER; family++) {
    const struct sk_fit fit =
        sk_fit_of(measured, measured->lead, (enum sk_family)family, metric, INFINITY, false);
    double low = fit.least, high = fit.most;
    if (!fit.trend.known)
      continue;
    for (size_t i = 0; i < SK_SCALE_COUNT; i++)
      if ((int)sk_scales[i].family == family) {
        low = fmin(low, (double)sk_scale_rows(&sk_scales[i]));
        high = fmax(high, (double)sk_scale_rows(&sk_scales[i]));
      }
    struct sk_series *const points = sk_doc_series(
        doc, chart, sk_doc_text(doc, "measured: %s", sk_family_text((enum sk_family)family)),
        SK_LOOK_MARKERS);
    for (size_t i = 0; i < measured->lead->count; i++) {
      const struct sk_setting *const setting = measured->lead->settings[i];
      const double value = sk_cost_of(setting, metric), rows = sk_setting_rows(measured, setting);
      if ((int)measured->sizes[setting->size].family == family && value > 0 && rows > 0)
        sk_doc_point(doc, points, rows, value / unit, NAN, NAN,
                     measured->sizes[setting->size].name);
    }
    if (points && !points->points)
      points->name = "";
    struct sk_series *const curve = sk_doc_series(doc, chart, "",
                                                  SK_LOOK_LINE | SK_LOOK_DASHED | SK_LOOK_SAME |
                                                      (fit.trend.count > 2 ? SK_LOOK_BAND : 0));
    for (int i = 0; i <= 32; i++) {
      const double rows = low * pow(high / low, i / 32.0);
      const struct sk_prediction at = sk_trend_at(&fit.trend, rows);
      const bool interval = fit.trend.count > 2;
      sk_doc_point(doc, curve, rows, at.value / unit, interval ? at.low / unit : NAN,
                   interval ? at.high / unit : NAN, NULL);
    }
    struct sk_series *const hollow = sk_doc_series(
        doc, chart, sk_doc_text(doc, "projected: %s", sk_family_text((enum sk_family)family)),
        SK_LOOK_MARKERS | SK_LOOK_HOLLOW | SK_LOOK_SAME);
    for (size_t i = 0; i < SK_SCALE_COUNT; i++)
      if ((int)sk_scales[i].family == family && !has_run(measured, &sk_scales[i])) {
        const double rows = (double)sk_scale_rows(&sk_scales[i]);
        sk_doc_point(doc, hollow, rows, sk_trend_at(&fit.trend, rows).value / unit, NAN, NAN,
                     sk_scales[i].name);
      }
    if (hollow && !hollow->points)
      hollow->name = "";
  }
}

void sk_section_projections(struct sk_doc *doc, const struct sk_measured *measured)
{
  size_t missing = 0;
  if (!measured->lead)
    return;
  for (size_t i = 0; i < SK_SCALE_COUNT; i++)
    missing += !has_run(measured, &sk_scales[i]);
  struct sk_doc_section *const section =
      sk_doc_section(doc, "projections", "Scales that did not run");
  if (!missing) {
    sk_doc_paragraph(doc, section, "All scales of both families ran: nothing is projected.");
    return;
  }
  if (measured->lead->measured < 2) {
    sk_doc_paragraph(doc, section,
                     "One scale alone tells nothing of others: two are needed to project, three "
                     "for an interval.");
    return;
  }
  sk_doc_paragraph(
      doc, section,
      sk_doc_text(
          doc,
          "Projected for aggregate (%s): seconds by a start and a time a row, least squares "
          "of the relative errors; memory by a power of the rows, least squares of the "
          "logarithms; each with its 95 %% interval (Student's distribution). Where fewer than "
          "three scales of a "
          "family ran, the scales "
          "of both are taken together: their groups a row differ, so those are rougher "
          "than their interval "
          "says. Memory's limit (--memory) and disks that fill up are not in the curve.",
          measured->lead->name));
  projected_chart(doc, section, measured, SK_COST_SECONDS);
  projected_chart(doc, section, measured, SK_COST_MEMORY);
  struct sk_doc_table *const table = sk_doc_table(doc, section, "projections", "Projections");
  sk_doc_column(doc, table, "scale", "scale", false);
  sk_doc_column(doc, table, "rows", "rows", true);
  sk_doc_column(doc, table, "time", "seconds", true);
  sk_doc_column(doc, table, "95 % interval", "seconds_interval", true);
  sk_doc_column(doc, table, "peak memory", "peak_rss_bytes", true);
  sk_doc_column(doc, table, "95 % interval", "peak_rss_bytes_interval", true);
  sk_doc_column(doc, table, "beyond the largest measured", "times_the_largest_measured", true);
  sk_doc_column(doc, table, "from", "from", false);
  for (size_t i = 0; i < SK_SCALE_COUNT; i++)
    if (!has_run(measured, &sk_scales[i]))
      projected_row(doc, table, measured, &sk_scales[i]);
}

/* ---- expected against actual --------------------------------------------------------------- */

struct deviations {
  size_t count, within, with_interval;
  double sum, square, absolute;
};

static void expected_row(struct sk_doc *doc, struct sk_doc_table *table,
                         const struct sk_measured *measured, const struct sk_setting *setting,
                         enum sk_cost metric, const struct sk_fit *fit, struct deviations *all)
{
  const double rows = sk_setting_rows(measured, setting), actual = sk_cost_of(setting, metric);
  const struct sk_prediction at = sk_trend_at(&fit->trend, rows);
  const double deviation = actual / at.value - 1;
  const bool interval = fit->trend.count > 2,
             within = interval && actual >= at.low && actual <= at.high;
  all->count++;
  all->sum += deviation;
  all->square += deviation * deviation;
  all->absolute += fabs(deviation);
  all->with_interval += interval;
  all->within += within;
  sk_doc_row(doc, table);
  sk_doc_cell(doc, table, measured->sizes[setting->size].name, NULL);
  sk_doc_cell(doc, table, metric == SK_COST_SECONDS ? "seconds" : "peak memory", NULL);
  sk_doc_cell(doc, table, sk_doc_text(doc, "%zu", fit->trend.count), NULL);
  prediction_cells(doc, table, metric, &fit->trend, &at);
  sk_doc_cell(doc, table, figure(doc, metric, actual), sk_figure_plain(doc, actual));
  sk_doc_cell(doc, table, sk_figure_percent(doc, deviation), sk_figure_plain(doc, deviation));
  sk_doc_cell(doc, table,
              !interval ? SK_FIGURE_NONE
              : within  ? "yes"
                        : "no",
              !interval ? "" : NULL);
}

static void deviation_text(struct sk_doc *doc, struct sk_doc_section *section, const char *what,
                           const struct deviations *all)
{
  if (!all->count)
    return;
  const double n = (double)all->count, mean = all->sum / n;
  const double variance = all->count > 1 ? (all->square - n * mean * mean) / (n - 1) : NAN;
  const char *const spread = all->count > 1
                                 ? sk_doc_text(doc, ", standard deviation %.1f %% (variance %.4f)",
                                               sqrt(fmax(variance, 0)) * 100, fmax(variance, 0))
                                 : "";
  sk_doc_paragraph(doc, section,
                   sk_doc_text(doc,
                               "%s: %zu prediction%s, off by %.1f %% on average (mean of the "
                               "absolute deviations), %s with their "
                               "sign%s; %zu of %zu within their interval.",
                               what, all->count, all->count == 1 ? "" : "s",
                               all->absolute / n * 100, sk_figure_percent(doc, mean), spread,
                               all->within, all->with_interval));
}

void sk_section_expected(struct sk_doc *doc, const struct sk_measured *measured)
{
  struct deviations all[2] = {{0}, {0}};
  struct sk_doc_table *table = NULL;
  struct sk_doc_section *section = NULL;
  for (size_t i = 0; measured->lead && i < measured->lead->count; i++)
    for (int metric = 0; metric < 2; metric++) {
      const struct sk_setting *const setting = measured->lead->settings[i];
      const double rows = sk_setting_rows(measured, setting);
      if (!isfinite(sk_cost_of(setting, (enum sk_cost)metric)) || !isfinite(rows))
        continue;
      const struct sk_fit fit =
          sk_fit_of(measured, measured->lead, measured->sizes[setting->size].family,
                    (enum sk_cost)metric, rows, true);
      if (!fit.trend.known)
        continue;
      if (!table) {
        section = sk_doc_section(doc, "expected", "Expected against actual");
        sk_doc_paragraph(
            doc, section,
            sk_doc_text(doc,
                        "What the smaller scales of the same family let expect of each larger one "
                        "(aggregate, %s), and "
                        "what it took. This tells how far the projections can be trusted.",
                        measured->lead->name));
        table = sk_doc_table(doc, section, "expected",
                             "Predicted from the smaller scales, and measured");
        sk_doc_column(doc, table, "scale", "scale", false);
        sk_doc_column(doc, table, "what", "metric", false);
        sk_doc_column(doc, table, "from scales", "points", true);
        sk_doc_column(doc, table, "expected", "expected", true);
        sk_doc_column(doc, table, "95 % interval", "interval", true);
        sk_doc_column(doc, table, "actual", "actual", true);
        sk_doc_column(doc, table, "deviation", "deviation", true);
        sk_doc_column(doc, table, "within", "within", false);
      }
      expected_row(doc, table, measured, setting, (enum sk_cost)metric, &fit, &all[metric]);
    }
  deviation_text(doc, section, "Seconds", &all[SK_COST_SECONDS]);
  deviation_text(doc, section, "Peak memory", &all[SK_COST_MEMORY]);
}
