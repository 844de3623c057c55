/* SPDX-License-Identifier: Apache-2.0 */
/* How many times as fast: threads against one, in-memory against streaming, ours against the
 * prototype's figures. */
#include "report/numerals.h"
#include "report/sections.h"

#include <math.h>

static const char *times_text(struct sk_doc *doc, double ratio)
{
  return isfinite(ratio) ? sk_doc_text(doc, "%s\xc3\x97", sk_figure_number(doc, ratio))
                         : SK_FIGURE_NONE;
}

static bool same_but_threads(const struct sk_setup *a, const struct sk_setup *b)
{
  return a->key.phase == b->key.phase && a->key.mode == b->key.mode &&
         a->key.memory == b->key.memory && a->machine == b->machine &&
         strcmp(a->sink, b->sink) == 0;
}

/* The setup with the fewest threads of those that are alike otherwise; NULL where it is the only
 * one. */
static const struct sk_setup *fewest(const struct sk_measured *measured,
                                     const struct sk_setup *setup)
{
  const struct sk_setup *best = NULL;
  size_t alike = 0;
  for (size_t i = 0; i < measured->setup_count; i++) {
    const struct sk_setup *const other = &measured->setups[i];
    const int64_t threads = sk_setup_threads(measured, other);
    if (!same_but_threads(setup, other) || !other->measured || threads <= 0)
      continue;
    alike++;
    if (!best || threads < sk_setup_threads(measured, best))
      best = other;
  }
  return alike > 1 ? best : NULL;
}

static void threads_row(struct sk_doc *doc, struct sk_doc_table *table,
                        const struct sk_measured *measured, const struct sk_setup *setup,
                        const struct sk_setting *few, const struct sk_setting *many)
{
  const double ratio = few->time.median / many->time.median;
  const double threads = (double)sk_setup_threads(measured, setup);
  const double base = (double)sk_setup_threads(measured, &measured->setups[few->setup]);
  sk_doc_row(doc, table);
  sk_doc_cell(doc, table, measured->sizes[many->size].name, NULL);
  sk_doc_cell(doc, table, setup->name, NULL);
  sk_doc_cell(doc, table, sk_figure_count(doc, threads), NULL);
  sk_doc_cell(doc, table, sk_spread_seconds(doc, &many->time),
              sk_figure_plain(doc, many->time.median));
  sk_doc_cell(doc, table, times_text(doc, ratio), sk_figure_plain(doc, ratio));
  sk_doc_cell(doc, table, sk_doc_text(doc, "%.0f %%", ratio / (threads / base) * 100),
              sk_figure_plain(doc, ratio / (threads / base)));
}

static bool wanted_in_chart(const struct sk_measured *measured, size_t size)
{
  /* the largest five that the lead measured */
  size_t larger = 0;
  for (size_t i = size + 1; i < measured->size_count; i++)
    larger += sk_setup_at(measured->lead, i) != NULL;
  return larger < 5;
}

static void threads_chart(struct sk_doc *doc, struct sk_doc_section *section,
                          const struct sk_measured *measured)
{
  double most = 1;
  struct sk_chart *const chart =
      sk_doc_chart(doc, section, SK_CHART_LINES, "threads", "Speed-up by threads",
                   "How many times as fast aggregate is with more threads as with the fewest, a "
                   "line a scale, beside the "
                   "line of a speed-up by as many times as there are threads. The table of threads "
                   "has the numbers.");
  if (!chart)
    return;
  chart->x = (struct sk_axis){.title = "threads", .zero = true};
  chart->y = (struct sk_axis){.title = "times as fast as with the fewest threads", .zero = true};
  const struct sk_setup *const base = fewest(measured, measured->lead);
  for (size_t size = 0; size < measured->size_count; size++) {
    const struct sk_setting *const few = sk_setup_at(base, size);
    if (!few || !few->count || !wanted_in_chart(measured, size))
      continue;
    struct sk_series *const series =
        sk_doc_series(doc, chart, measured->sizes[size].name, SK_LOOK_MARKERS | SK_LOOK_LINE);
    for (int64_t threads = 1; threads <= 1024; threads++) /* in their order */
      for (size_t i = 0; i < measured->setup_count; i++) {
        const struct sk_setup *const setup = &measured->setups[i];
        const struct sk_setting *const many = sk_setup_at(setup, size);
        if (!many || !many->count || !same_but_threads(setup, base) ||
            sk_setup_threads(measured, setup) != threads)
          continue;
        sk_doc_point(doc, series, (double)threads, few->time.median / many->time.median, NAN, NAN,
                     measured->sizes[size].name);
        most = fmax(most, (double)threads);
      }
  }
  struct sk_series *const ideal = sk_doc_series(doc, chart, "as many times as threads",
                                                SK_LOOK_LINE | SK_LOOK_DASHED | SK_LOOK_MUTED);
  const double begin = (double)sk_setup_threads(measured, base);
  sk_doc_point(doc, ideal, begin, 1, NAN, NAN, NULL);
  sk_doc_point(doc, ideal, most, most / begin, NAN, NAN, NULL);
}

static bool threads_part(struct sk_doc *doc, struct sk_doc_section *section,
                         const struct sk_measured *measured)
{
  struct sk_doc_table *table = NULL;
  for (size_t i = 0; i < measured->setup_count; i++) {
    const struct sk_setup *const setup = &measured->setups[i];
    const struct sk_setup *const base =
        setup->key.phase == SK_BENCH_PHASE_AGGREGATE ? fewest(measured, setup) : NULL;
    for (size_t n = 0; base && n < setup->count; n++) {
      const struct sk_setting *const few = sk_setup_at(base, setup->settings[n]->size);
      if (!few || !few->count || !setup->settings[n]->count)
        continue;
      if (!table) {
        table = sk_doc_table(doc, section, "threads", "Aggregate by threads, against the fewest");
        sk_doc_column(doc, table, "scale", "scale", false);
        sk_doc_column(doc, table, "setting", "setting", false);
        sk_doc_column(doc, table, "threads", "threads", true);
        sk_doc_column(doc, table, "time", "seconds", true);
        sk_doc_column(doc, table, "times as fast", "speedup", true);
        sk_doc_column(doc, table, "of the ideal", "efficiency", true);
      }
      threads_row(doc, table, measured, setup, few, setup->settings[n]);
    }
  }
  if (table && fewest(measured, measured->lead))
    threads_chart(doc, section, measured);
  return table != NULL;
}

/* ---- modes --------------------------------------------------------------------------------- */

static const struct sk_setting *other_mode(const struct sk_measured *measured,
                                           const struct sk_setting *streaming)
{
  for (size_t i = 0; i < measured->setting_count; i++) {
    const struct sk_setting *const one = &measured->settings[i];
    if (one->size == streaming->size && one->key.phase == SK_BENCH_PHASE_AGGREGATE &&
        one->key.mode == SK_BENCH_MODE_IN_MEMORY && one->key.threads == streaming->key.threads &&
        one->key.memory == streaming->key.memory && one->machine == streaming->machine &&
        strcmp(one->sink, streaming->sink) == 0)
      return one;
  }
  return NULL;
}

static void mode_cells(struct sk_doc *doc, struct sk_doc_table *table,
                       const struct sk_setting *setting)
{
  const double memory = sk_cost_of(setting, SK_COST_MEMORY);
  if (setting->count)
    sk_doc_cell(doc, table, sk_spread_seconds(doc, &setting->time),
                sk_figure_plain(doc, setting->time.median));
  else
    sk_doc_cell(doc, table, sk_bench_state_name(setting->line->outcome), "");
  sk_doc_cell(doc, table, sk_figure_bytes(doc, memory), sk_figure_plain(doc, memory));
}

static bool modes_part(struct sk_doc *doc, struct sk_doc_section *section,
                       const struct sk_measured *measured)
{
  struct sk_doc_table *table = NULL;
  for (size_t i = 0; i < measured->setting_count; i++) {
    const struct sk_setting *const one = &measured->settings[i];
    const struct sk_setting *const other =
        one->key.phase == SK_BENCH_PHASE_AGGREGATE && one->key.mode == SK_BENCH_MODE_STREAMING
            ? other_mode(measured, one)
            : NULL;
    if (!other)
      continue;
    if (!table) {
      table = sk_doc_table(doc, section, "modes", "Streaming against in-memory, the rest alike");
      sk_doc_column(doc, table, "scale", "scale", false);
      sk_doc_column(doc, table, "setting", "setting", false);
      sk_doc_column(doc, table, "streaming", "streaming_seconds", true);
      sk_doc_column(doc, table, "memory", "streaming_peak_rss_bytes", true);
      sk_doc_column(doc, table, "in-memory", "in_memory_seconds", true);
      sk_doc_column(doc, table, "memory", "in_memory_peak_rss_bytes", true);
      sk_doc_column(doc, table, "in-memory: times as fast", "speedup", true);
      sk_doc_column(doc, table, "times the memory", "memory_ratio", true);
    }
    const double ratio = sk_cost_of(one, SK_COST_SECONDS) / sk_cost_of(other, SK_COST_SECONDS);
    const double memory = sk_cost_of(other, SK_COST_MEMORY) / sk_cost_of(one, SK_COST_MEMORY);
    sk_doc_row(doc, table);
    sk_doc_cell(doc, table, measured->sizes[one->size].name, NULL);
    sk_doc_cell(doc, table, measured->setups[one->setup].name, NULL);
    mode_cells(doc, table, one);
    mode_cells(doc, table, other);
    sk_doc_cell(doc, table, times_text(doc, ratio), sk_figure_plain(doc, ratio));
    sk_doc_cell(doc, table, times_text(doc, memory), sk_figure_plain(doc, memory));
  }
  return table != NULL;
}

void sk_section_speedups(struct sk_doc *doc, const struct sk_measured *measured)
{
  if (!measured->lead)
    return;
  struct sk_doc_section *const section = sk_doc_section(doc, "speedups", "Threads and modes");
  const bool threads = threads_part(doc, section, measured),
             modes = modes_part(doc, section, measured);
  if (!threads)
    sk_doc_paragraph(doc, section,
                     "Only one number of threads was measured: bench --threads 1,2 measures more.");
  if (!modes)
    sk_doc_paragraph(
        doc, section,
        "Only one mode was measured: bench --mode both measures streaming and in-memory.");
}

/* ---- the prototype ------------------------------------------------------------------------- */

const struct sk_prototype *sk_prototype_of(const struct sk_measured *measured,
                                           const struct sk_setting *setting)
{
  const struct sk_prototype *found = NULL;
  const struct sk_size *const size = &measured->sizes[setting->size];
  for (size_t i = 0; i < sk_prototype_count; i++) {
    const struct sk_prototype *const one = &sk_prototypes[i];
    if (strcmp(one->scale, size->name) == 0 &&
        size->rows == sk_scale_rows(sk_scale_find(one->scale)) &&
        (!found || one->mode == setting->key.mode))
      found = one;
  }
  return found;
}

static void prototype_row(struct sk_doc *doc, struct sk_doc_table *table,
                          const struct sk_setting *setting, const struct sk_prototype *one)
{
  const double memory = sk_cost_of(setting, SK_COST_MEMORY), seconds = setting->time.median;
  sk_doc_row(doc, table);
  sk_doc_cell(doc, table, one->scale, NULL);
  sk_doc_cell(doc, table, one->note, NULL);
  sk_doc_cell(doc, table, sk_figure_seconds(doc, one->seconds), sk_figure_plain(doc, one->seconds));
  sk_doc_cell(doc, table, sk_figure_bytes(doc, one->bytes > 0 ? one->bytes : NAN),
              sk_figure_plain(doc, one->bytes > 0 ? one->bytes : NAN));
  sk_doc_cell(doc, table, sk_spread_seconds(doc, &setting->time), sk_figure_plain(doc, seconds));
  sk_doc_cell(doc, table, sk_figure_bytes(doc, memory), sk_figure_plain(doc, memory));
  sk_doc_cell(doc, table, times_text(doc, one->seconds / seconds),
              sk_figure_plain(doc, one->seconds / seconds));
  sk_doc_cell(doc, table, times_text(doc, one->bytes > 0 ? one->bytes / memory : NAN),
              sk_figure_plain(doc, one->bytes > 0 ? one->bytes / memory : NAN));
}

void sk_section_prototype(struct sk_doc *doc, const struct sk_measured *measured)
{
  struct sk_doc_table *table = NULL;
  struct sk_series *series = NULL;
  for (size_t i = 0; measured->lead && i < measured->lead->count; i++) {
    const struct sk_setting *const setting = measured->lead->settings[i];
    const struct sk_prototype *const one = sk_prototype_of(measured, setting);
    if (!one || !setting->count)
      continue;
    if (!table) {
      struct sk_doc_section *const section =
          sk_doc_section(doc, "prototype", "Against the prototype's figures");
      sk_doc_paragraph(doc, section,
                       sk_doc_text(doc,
                                   "The prototype in Python and pandas published figures of its "
                                   "own, measured on other machines (a "
                                   "laptop with 4 worker threads, MinIO and PostgreSQL; later a "
                                   "laptop with 12 cores). What stands "
                                   "beside them here is \"%s\" on this machine: the ratio is of "
                                   "two programs on two machines.",
                                   measured->lead->name));
      struct sk_chart *const chart =
          sk_doc_chart(doc, section, SK_CHART_BARS, "prototype",
                       "Aggregate against the prototype's published times",
                       "The prototype's published time by the time measured here, a bar a scale. "
                       "The table below has the numbers.");
      if (chart)
        chart->x = (struct sk_axis){.title = "times as fast (its machine was another)",
                                    .suffix = "\xc3\x97"};
      series = sk_doc_series(doc, chart, "", SK_LOOK_MARKERS);
      table = sk_doc_table(doc, section, "prototype", "The prototype's figures, and ours");
      sk_doc_column(doc, table, "scale", "scale", false);
      sk_doc_column(doc, table, "prototype", "prototype", false);
      sk_doc_column(doc, table, "its time", "prototype_seconds", true);
      sk_doc_column(doc, table, "its memory", "prototype_bytes", true);
      sk_doc_column(doc, table, "time", "seconds", true);
      sk_doc_column(doc, table, "memory", "peak_rss_bytes", true);
      sk_doc_column(doc, table, "times as fast", "speedup", true);
      sk_doc_column(doc, table, "times less memory", "memory_ratio", true);
    }
    prototype_row(doc, table, setting, one);
    sk_doc_point(doc, series, one->seconds / setting->time.median, NAN, NAN, NAN, one->scale);
  }
}
