/* SPDX-License-Identifier: Apache-2.0 */
/* Throughput, time of the phases and memory over the scales' rows, with fits. */
#include "report/numerals.h"
#include "report/sections.h"

#include <math.h>

#define SERIES_MOST 5 /* and the prototype's: more than six are not told apart */
#define CURVE 24      /* points of a fitted curve */
#define MB 1e6

enum what { RATE, MEMORY, ROW_BYTES, SECONDS };

static double value_of(enum what what, double rows, double seconds, double bytes)
{
  return what == RATE        ? rows / seconds
         : what == MEMORY    ? bytes / MB
         : what == ROW_BYTES ? bytes / rows
                             : seconds;
}

/* The sizes of one family. */
static size_t add_points(struct sk_doc *doc, struct sk_series *series,
                         const struct sk_measured *measured, const struct sk_setup *setup,
                         int family, enum what what)
{
  size_t added = 0;
  for (size_t i = 0; i < setup->count; i++) {
    const struct sk_setting *const setting = setup->settings[i];
    const struct sk_spread *const time = &setting->time, *const memory = &setting->memory;
    const bool of_time = what == RATE || what == SECONDS;
    const double rows = sk_setting_rows(measured, setting);
    if ((int)measured->sizes[setting->size].family != family || !isfinite(rows) ||
        !(of_time ? time->count : memory->count))
      continue;
    const bool range = (of_time ? time : memory)->count > 1;
    const double y = value_of(what, rows, time->median, memory->median);
    double low = range ? value_of(what, rows, time->least, memory->least) : NAN;
    double high = range ? value_of(what, rows, time->most, memory->most) : NAN;
    if (what == RATE && range) {
      const double swap = low;
      low = high;
      high = swap;
    }
    added += y > 0;
    if (y > 0 && series)
      sk_doc_point(doc, series, rows, y, low, high, measured->sizes[setting->size].name);
  }
  return added;
}

/* The curve that a setup follows in a family, where it has two points. */
static void add_fit(struct sk_doc *doc, struct sk_chart *chart, const struct sk_measured *measured,
                    const struct sk_setup *setup, int family, enum what what)
{
  const enum sk_cost metric = what == RATE || what == SECONDS ? SK_COST_SECONDS : SK_COST_MEMORY;
  const struct sk_fit fit =
      sk_fit_of(measured, setup, (enum sk_family)family, metric, INFINITY, true);
  if (!fit.trend.known)
    return;
  struct sk_series *const series = sk_doc_series(doc, chart, "", SK_LOOK_LINE | SK_LOOK_SAME);
  for (int i = 0; i <= CURVE; i++) {
    const double rows = fit.least * pow(fit.most / fit.least, (double)i / CURVE);
    const double y = sk_trend_at(&fit.trend, rows).value;
    sk_doc_point(doc, series, rows, value_of(what, rows, y, y), NAN, NAN, NULL);
  }
}

static bool has_several_families(const struct sk_measured *measured)
{
  for (size_t i = 1; i < measured->size_count; i++)
    if (measured->sizes[i].family != measured->sizes[0].family)
      return true;
  return false;
}

/* Points and curve of a family; false: there are none. */
static bool add_family(struct sk_doc *doc, struct sk_chart *chart,
                       const struct sk_measured *measured, const struct sk_setup *setup,
                       const char *name, int family, enum what what)
{
  if (!add_points(doc, NULL, measured, setup, family, what))
    return false;
  add_points(doc, sk_doc_series(doc, chart, name, SK_LOOK_MARKERS), measured, setup, family, what);
  add_fit(doc, chart, measured, setup, family, what);
  return true;
}

/* A series for each family of scales, named by it where there are several: as many rows are not the
 * same work in both. Returns how many series. */
static size_t add_setup(struct sk_doc *doc, struct sk_chart *chart,
                        const struct sk_measured *measured, const struct sk_setup *setup,
                        const char *name, enum what what)
{
  const bool several = has_several_families(measured);
  size_t shown = 0;
  for (int family = 0; family < SK_FAMILY_COUNT; family++) {
    const char *const told =
        several ? sk_doc_text(doc, "%s, %s", name, sk_family_text((enum sk_family)family)) : name;
    shown += add_family(doc, chart, measured, setup, told, family, what);
  }
  return shown;
}

static void add_prototype(struct sk_doc *doc, struct sk_chart *chart,
                          const struct sk_measured *measured, enum what what)
{
  struct sk_series *series = NULL;
  for (size_t i = 0; i < sk_prototype_count; i++) {
    const struct sk_prototype *const one = &sk_prototypes[i];
    const double rows = (double)sk_scale_rows(sk_scale_find(one->scale));
    bool ran = false;
    for (size_t n = 0; n < measured->size_count; n++)
      ran |= strcmp(measured->sizes[n].name, one->scale) == 0;
    if (!ran || one->mode != SK_BENCH_MODE_STREAMING || (what != RATE && one->bytes <= 0))
      continue;
    if (!series)
      series = sk_doc_series(doc, chart, "prototype, streaming, another machine",
                             SK_LOOK_MARKERS | SK_LOOK_LINE | SK_LOOK_DASHED | SK_LOOK_MUTED);
    sk_doc_point(doc, series, rows, value_of(what, rows, one->seconds, one->bytes), NAN, NAN,
                 one->scale);
  }
}

static struct sk_chart *growth_chart(struct sk_doc *doc, struct sk_doc_section *section,
                                     const struct sk_measured *measured, enum what what,
                                     const char *id, const char *title, const char *axis)
{
  struct sk_chart *const chart = sk_doc_chart(
      doc, section, SK_CHART_LINES, id, title,
      sk_doc_text(
          doc,
          "%s over hourly pod rows. Points are medians with their range where there are repeats, "
          "lines are fits by %s. The table of scales has the numbers.",
          axis, what == RATE ? "a start and a time a row" : "a power of the rows"));
  if (!chart)
    return NULL;
  chart->x = (struct sk_axis){.title = "hourly pod rows (log scale)", .logarithmic = true};
  chart->y =
      (struct sk_axis){.title = sk_doc_text(doc, "%s (log scale)", axis), .logarithmic = true};
  size_t shown = 0;
  const size_t most = has_several_families(measured) ? SERIES_MOST - 1 : SERIES_MOST;
  const struct sk_setup *const lead = measured->lead;
  for (size_t i = 0; i <= measured->setup_count && shown < most; i++) { /* the lead first */
    const struct sk_setup *const setup = i ? &measured->setups[i - 1] : lead;
    if (!setup || (i && setup == lead) || setup->key.phase != SK_BENCH_PHASE_AGGREGATE ||
        !setup->measured)
      continue;
    shown += add_setup(doc, chart, measured, setup, setup->name, what);
  }
  add_prototype(doc, chart, measured, what);
  return chart;
}

/* A family by itself: all phases of several would be more than can be told apart. */
static void phases_chart(struct sk_doc *doc, struct sk_doc_section *section,
                         const struct sk_measured *measured, int family)
{
  const bool several = has_several_families(measured);
  const char *const text = sk_family_text((enum sk_family)family);
  struct sk_chart *const chart = sk_doc_chart(
      doc, section, SK_CHART_LINES,
      family == (int)measured->sizes[0].family ? "phases-seconds"
                                               : sk_doc_text(doc, "phases-seconds-%d", family + 1),
      several ? sk_doc_text(doc, "Seconds of each phase, scales of %s", text)
              : "Seconds of each phase",
      "Seconds of generate, convert, upload, aggregate and validate over hourly pod "
      "rows, medians of the "
      "repeats. The table of scales has the numbers.");
  if (!chart)
    return;
  chart->x = (struct sk_axis){.title = "hourly pod rows (log scale)", .logarithmic = true};
  chart->y = (struct sk_axis){.title = "seconds (log scale)", .logarithmic = true};
  for (int phase = 0; phase < SK_BENCH_PHASE_COUNT; phase++) {
    const struct sk_setup *const setup =
        phase == SK_BENCH_PHASE_AGGREGATE ? measured->lead
                                          : sk_setup_of_phase(measured, (enum sk_bench_phase)phase);
    if (setup)
      add_family(doc, chart, measured, setup, sk_bench_phase_name((enum sk_bench_phase)phase),
                 family, SECONDS);
  }
}

static void fit_row(struct sk_doc *doc, struct sk_doc_table *table, const struct sk_setup *setup,
                    int family, enum sk_cost metric, const struct sk_fit *fit)
{
  sk_doc_row(doc, table);
  sk_doc_cell(doc, table, setup->name, NULL);
  sk_doc_cell(doc, table, sk_family_text((enum sk_family)family), NULL);
  sk_doc_cell(doc, table, metric == SK_COST_SECONDS ? "seconds" : "peak memory", NULL);
  sk_doc_cell(doc, table, sk_doc_text(doc, "%zu", fit->trend.count), NULL);
  const bool cost = fit->trend.kind == SK_TREND_COST;
  const double start = cost ? fit->trend.intercept : NAN;
  const double million = cost ? fit->trend.slope * 1e6 : NAN;
  const double exponent = cost ? NAN : fit->trend.slope;
  sk_doc_cell(doc, table, cost ? sk_figure_seconds(doc, start) : SK_FIGURE_NONE,
              sk_figure_plain(doc, start));
  sk_doc_cell(doc, table, cost ? sk_figure_seconds(doc, million) : SK_FIGURE_NONE,
              sk_figure_plain(doc, million));
  sk_doc_cell(doc, table, cost ? SK_FIGURE_NONE : sk_doc_text(doc, "rows^%.3f", exponent),
              sk_figure_plain(doc, exponent));
  sk_doc_cell(doc, table, sk_doc_text(doc, "%.2f", sk_fit_doubling(fit)),
              sk_figure_plain(doc, sk_fit_doubling(fit)));
  sk_doc_cell(doc, table,
              fit->trend.count > 2 ? sk_doc_text(doc, "%.4f", fit->trend.fit) : "two points only",
              fit->trend.count > 2 ? sk_figure_plain(doc, fit->trend.fit) : "");
}

static void fits_table(struct sk_doc *doc, struct sk_doc_section *section,
                       const struct sk_measured *measured)
{
  struct sk_doc_table *table = NULL;
  for (size_t i = 0; i < measured->setup_count; i++)
    for (int at = 0; at < 2 * SK_FAMILY_COUNT; at++) {
      const struct sk_setup *const setup = &measured->setups[i];
      const enum sk_cost metric = at % 2 ? SK_COST_MEMORY : SK_COST_SECONDS;
      if (setup->key.phase != SK_BENCH_PHASE_AGGREGATE)
        continue;
      const struct sk_fit fit =
          sk_fit_of(measured, setup, (enum sk_family)(at / 2), metric, INFINITY, true);
      if (!fit.trend.known)
        continue;
      if (!table) {
        table = sk_doc_table(doc, section, "fits",
                             "Fits: aggregate's seconds as a start and a time a row, its peak "
                             "memory as a power of the rows, by family of scales");
        sk_doc_column(doc, table, "setting", "setting", false);
        sk_doc_column(doc, table, "scales of", "family", false);
        sk_doc_column(doc, table, "what", "metric", false);
        sk_doc_column(doc, table, "points", "points", true);
        sk_doc_column(doc, table, "start", "start_seconds", true);
        sk_doc_column(doc, table, "a million rows", "seconds_per_million_rows", true);
        sk_doc_column(doc, table, "grows as", "exponent", true);
        sk_doc_column(doc, table, "twice the largest: times", "factor_of_doubling", true);
        sk_doc_column(doc, table, "R\xc2\xb2", "r_squared", true);
      }
      fit_row(doc, table, setup, at / 2, metric, &fit);
    }
}

void sk_section_growth(struct sk_doc *doc, const struct sk_measured *measured)
{
  size_t setups = 0;
  if (!measured->lead)
    return;
  struct sk_doc_section *const section =
      sk_doc_section(doc, "growth", "Throughput and memory over scale");
  for (size_t i = 0; i < measured->setup_count; i++)
    setups +=
        measured->setups[i].key.phase == SK_BENCH_PHASE_AGGREGATE && measured->setups[i].measured;
  if (setups > (has_several_families(measured) ? SERIES_MOST / 2 : SERIES_MOST))
    sk_doc_paragraph(
        doc, section,
        sk_doc_text(doc, "The charts show some of %zu settings; the tables have all.", setups));
  growth_chart(doc, section, measured, RATE, "throughput", "Throughput of aggregate",
               "Rows a second");
  growth_chart(doc, section, measured, MEMORY, "memory", "Peak memory of aggregate",
               "MB of peak memory");
  growth_chart(doc, section, measured, ROW_BYTES, "memory-row", "Memory a row of aggregate",
               "Bytes of peak memory a row");
  for (int family = 0; family < SK_FAMILY_COUNT; family++)
    for (size_t i = 0; i < measured->size_count; i++)
      if ((int)measured->sizes[i].family == family) {
        phases_chart(doc, section, measured, family);
        break;
      }
  fits_table(doc, section, measured);
}
