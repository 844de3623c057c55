/* SPDX-License-Identifier: Apache-2.0 */
/* Health: what was not done and why; from the samples of each aggregation whether rows stood still,
 * memory went on growing and the pace held. */
#include "report/numerals.h"
#include "report/sections.h"

#include "base/redact.h"

#include <math.h>

#define SAMPLES_LEAST 6
#define STALL_SHARE 0.25 /* of the time in which rows were read */
#define STALL_SECONDS 2
#define GROWTH_SHARE 0.10 /* of the peak, in the second half */
#define PACE_SHARE 0.5

struct health {
  bool known;
  double stall;         /* longest time without a row, between the first and the last row */
  double reading;       /* from the first to the last row */
  double slope, growth; /* bytes a row in the second half of the rows; that growth by the peak */
  double pace;          /* rows a second in the second half by those in the first */
};

static double rate(const struct sk_bench_sample *from, const struct sk_bench_sample *to)
{
  return (double)(to->rows - from->rows) / (to->seconds - from->seconds);
}

static struct health look(const struct sk_bench_line *line)
{
  struct health health = {0};
  double x[SK_BENCH_SAMPLES], y[SK_BENCH_SAMPLES];
  size_t first = 0, last = 0, half, count = 0;
  const struct sk_bench_sample *const at = line->samples;
  for (size_t i = 1; i < line->sample_count; i++)
    if (at[i].rows > at[i - 1].rows) {
      first = last ? first : i - 1;
      last = i;
    }
  if (last < first + SAMPLES_LEAST - 1 || at[last].seconds <= at[first].seconds)
    return health;
  health.known = true;
  health.reading = at[last].seconds - at[first].seconds;
  double since = at[first].seconds;
  for (size_t i = first + 1; i <= last; i++)
    if (at[i].rows > at[i - 1].rows) { /* no sample between: the rows may have come at once */
      health.stall = fmax(health.stall, at[i - 1].seconds - since);
      since = at[i].seconds;
    }
  for (half = first;
       half < last && at[half].rows - at[first].rows < (at[last].rows - at[first].rows) / 2; half++)
    ;
  for (size_t i = half; i <= last; i++)
    if (at[i].rss >= 0) {
      x[count] = (double)at[i].rows;
      y[count++] = (double)at[i].rss;
    }
  const struct sk_trend trend = sk_trend_of(x, y, count, SK_TREND_LINE);
  health.slope = trend.known ? trend.slope : NAN;
  health.growth = health.slope * (double)(at[last].rows - at[half].rows) / (double)line->peak_rss;
  health.pace =
      half > first && half < last ? rate(&at[half], &at[last]) / rate(&at[first], &at[half]) : NAN;
  return health;
}

static const char *verdict(struct sk_doc *doc, const struct health *health)
{
  const bool stalled =
      health->stall > STALL_SECONDS && health->stall > STALL_SHARE * health->reading;
  const bool grows = health->growth > GROWTH_SHARE, slower = health->pace < PACE_SHARE;
  if (!stalled && !grows && !slower)
    return "steady";
  return sk_doc_text(doc, "%s%s%s%s%s", stalled ? "rows stood still" : "",
                     stalled && (grows || slower) ? ", " : "", grows ? "memory still growing" : "",
                     grows && slower ? ", " : "", slower ? "slower towards the end" : "");
}

static void health_row(struct sk_doc *doc, struct sk_doc_table *table,
                       const struct sk_measured *measured, const struct sk_setting *setting)
{
  const struct health health = look(setting->line);
  sk_doc_row(doc, table);
  sk_doc_cell(doc, table, measured->sizes[setting->size].name, NULL);
  sk_doc_cell(doc, table, measured->setups[setting->setup].name, NULL);
  sk_doc_cell(doc, table, sk_doc_text(doc, "%zu", setting->line->sample_count), NULL);
  if (!health.known) {
    for (int i = 0; i < 3; i++)
      sk_doc_cell(doc, table, SK_FIGURE_NONE, "");
    sk_doc_cell(doc, table, "too short to tell", NULL);
    return;
  }
  sk_doc_cell(doc, table, sk_figure_seconds(doc, health.stall), sk_figure_plain(doc, health.stall));
  sk_doc_cell(doc, table,
              isfinite(health.slope) ? sk_doc_text(doc, "%+.1f bytes (%s)", health.slope,
                                                   sk_figure_percent(doc, health.growth))
                                     : SK_FIGURE_NONE,
              sk_figure_plain(doc, health.slope));
  sk_doc_cell(doc, table,
              isfinite(health.pace) ? sk_doc_text(doc, "%.2f", health.pace) : SK_FIGURE_NONE,
              sk_figure_plain(doc, health.pace));
  sk_doc_cell(doc, table, verdict(doc, &health), NULL);
}

/* The error, and what the phase advised to do about it, without secrets. */
static const char *what_it_said(struct sk_doc *doc, const struct sk_bench_line *line)
{
  struct sk_buffer hidden;
  sk_buffer_init(&hidden, doc->arena.budget, 1u << 20);
  sk_redact(&hidden, line->error ? line->error : "");
  if (line->advice && *line->advice) {
    sk_buffer_text(&hidden, "; ");
    sk_redact(&hidden, line->advice);
  }
  const char *const text =
      sk_doc_text(doc, "%.*s", (int)hidden.length, hidden.length ? (const char *)hidden.bytes : "");
  doc->failed |= hidden.failed;
  sk_buffer_reset(&hidden);
  return text;
}

static void failures(struct sk_doc *doc, struct sk_doc_section *section,
                     const struct sk_measured *measured)
{
  struct sk_doc_table *table = NULL;
  for (size_t i = 0; i < measured->setting_count; i++)
    for (size_t n = 0; n < measured->settings[i].line_count; n++) {
      const struct sk_setting *const setting = &measured->settings[i];
      const struct sk_bench_line *const line = setting->lines[n];
      if (line->outcome == SK_BENCH_STATE_DONE)
        continue;
      if (!table) {
        table = sk_doc_table(doc, section, "failures", "Phases that were not done");
        sk_doc_column(doc, table, "scale", "scale", false);
        sk_doc_column(doc, table, "phase", "phase", false);
        sk_doc_column(doc, table, "setting", "setting", false);
        sk_doc_column(doc, table, "repeat", "repeat", true);
        sk_doc_column(doc, table, "outcome", "outcome", false);
        sk_doc_column(doc, table, "after", "seconds", true);
        sk_doc_column(doc, table, "what it said", "error", false);
      }
      sk_doc_row(doc, table);
      sk_doc_cell(doc, table, measured->sizes[setting->size].name, NULL);
      sk_doc_cell(doc, table, sk_bench_phase_name(line->key.phase), NULL);
      sk_doc_cell(doc, table, measured->setups[setting->setup].name, NULL);
      sk_doc_cell(doc, table, sk_doc_text(doc, "%" PRId64, line->key.repeat), NULL);
      sk_doc_cell(doc, table, sk_bench_state_name(line->outcome), NULL);
      sk_doc_cell(doc, table, sk_figure_seconds(doc, line->seconds),
                  sk_figure_plain(doc, line->seconds < 0 ? NAN : line->seconds));
      sk_doc_cell(doc, table, what_it_said(doc, line), NULL);
    }
  if (!table)
    sk_doc_paragraph(doc, section,
                     "Every phase that ran was done: no error, no time-out, none out of memory.");
}

/* Memory over rows of the largest aggregation that was sampled. */
static void samples_chart(struct sk_doc *doc, struct sk_doc_section *section,
                          const struct sk_measured *measured)
{
  const struct sk_setting *largest = NULL;
  for (size_t i = 0; measured->lead && i < measured->lead->count; i++) {
    const struct sk_setting *const one = measured->lead->settings[i];
    if (look(one->line).known &&
        (!largest || sk_setting_rows(measured, one) > sk_setting_rows(measured, largest)))
      largest = one;
  }
  if (!largest)
    return;
  const struct sk_bench_line *const line = largest->line;
  struct sk_chart *const chart =
      sk_doc_chart(doc, section, SK_CHART_LINES, "samples",
                   sk_doc_text(doc, "Memory while %s was aggregated", line->key.scale),
                   "Resident memory over the rows read so far, one point a sample. The table of "
                   "health has its slope.");
  if (!chart)
    return;
  chart->x = (struct sk_axis){.title = "rows read", .zero = true};
  chart->y = (struct sk_axis){.title = "MB of resident memory", .zero = true};
  struct sk_series *const series = sk_doc_series(doc, chart, "", SK_LOOK_LINE | SK_LOOK_MARKERS);
  for (size_t i = 0; i < line->sample_count; i++)
    if (line->samples[i].rows >= 0 && line->samples[i].rss >= 0)
      sk_doc_point(doc, series, (double)line->samples[i].rows, (double)line->samples[i].rss / 1e6,
                   NAN, NAN, NULL);
}

void sk_section_health(struct sk_doc *doc, const struct sk_measured *measured)
{
  struct sk_doc_section *const section = sk_doc_section(doc, "health", "Health");
  failures(doc, section, measured);
  if (!measured->lead)
    return;
  samples_chart(doc, section, measured);
  struct sk_doc_table *const table =
      sk_doc_table(doc, section, "health", "Samples of each aggregation's last repeat");
  sk_doc_column(doc, table, "scale", "scale", false);
  sk_doc_column(doc, table, "setting", "setting", false);
  sk_doc_column(doc, table, "samples", "samples", true);
  sk_doc_column(doc, table, "longest without a row", "longest_stall_seconds", true);
  sk_doc_column(doc, table, "memory a further row", "rss_slope_bytes_per_row", true);
  sk_doc_column(doc, table, "pace, second half by first", "pace_ratio", true);
  sk_doc_column(doc, table, "verdict", "verdict", false);
  for (size_t i = 0; i < measured->setting_count; i++)
    if (measured->settings[i].key.phase == SK_BENCH_PHASE_AGGREGATE && measured->settings[i].count)
      health_row(doc, table, measured, &measured->settings[i]);
}
