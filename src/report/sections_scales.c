/* SPDX-License-Identifier: Apache-2.0 */
/* The table of scales, and that of all phases. */
#include "report/numerals.h"
#include "report/sections.h"

#include <math.h>

const char *sk_spread_seconds(struct sk_doc *doc, const struct sk_spread *spread)
{
  if (!spread->count)
    return SK_FIGURE_NONE;
  const char *const median = sk_figure_seconds(doc, spread->median);
  if (spread->count == 1)
    return median;
  return sk_doc_text(doc, "%s (%s to %s)", median, sk_figure_seconds(doc, spread->least),
                     sk_figure_seconds(doc, spread->most));
}

const char *sk_validity(struct sk_doc *doc, const struct sk_measured *measured, size_t size,
                        size_t *validations, size_t *valid)
{
  int64_t differences = 0;
  size_t failed = 0;
  *validations = *valid = 0;
  for (size_t i = 0; i < measured->setting_count; i++) {
    const struct sk_setting *const setting = &measured->settings[i];
    if (setting->size != size || setting->key.phase != SK_BENCH_PHASE_VALIDATE)
      continue;
    for (size_t n = 0; n < setting->line_count; n++) {
      const struct sk_bench_line *const line = setting->lines[n];
      if (line->outcome == SK_BENCH_STATE_SKIPPED || line->outcome == SK_BENCH_STATE_INTERRUPTED)
        continue;
      ++*validations;
      if (line->differences > 0)
        differences += line->differences;
      else if (line->outcome != SK_BENCH_STATE_DONE)
        failed++;
      else
        ++*valid;
    }
  }
  if (!*validations)
    return "not validated";
  if (differences)
    return sk_doc_text(doc, "no: %s differences", sk_figure_count(doc, (double)differences));
  if (failed)
    return "could not be validated";
  return "yes";
}

static bool has_phase(const struct sk_measured *measured, enum sk_bench_phase phase)
{
  for (size_t i = 0; i < measured->setting_count; i++)
    if (measured->settings[i].key.phase == phase)
      return true;
  return false;
}

/* The setting of a phase that belongs to the aggregation: of validate the one of its own
 * setting. */
static const struct sk_setting *beside(const struct sk_measured *measured,
                                       const struct sk_setting *aggregation,
                                       enum sk_bench_phase phase)
{
  const struct sk_setting *found = NULL;
  for (size_t i = 0; i < measured->setting_count; i++) {
    const struct sk_setting *const setting = &measured->settings[i];
    if (setting->size != aggregation->size || setting->key.phase != phase ||
        setting->machine != aggregation->machine)
      continue;
    if (setting->key.mode == aggregation->key.mode &&
        setting->key.threads == aggregation->key.threads &&
        setting->key.memory == aggregation->key.memory)
      return setting;
    if (!found && phase < SK_BENCH_PHASE_AGGREGATE)
      found = setting;
  }
  return found;
}

static void seconds_cell(struct sk_doc *doc, struct sk_doc_table *table,
                         const struct sk_setting *setting)
{
  if (setting && setting->count)
    sk_doc_cell(doc, table, sk_spread_seconds(doc, &setting->time),
                sk_figure_plain(doc, setting->time.median));
  else if (setting && setting->reused)
    sk_doc_cell(doc, table, "reused", "");
  else if (setting)
    sk_doc_cell(doc, table, sk_bench_state_name(setting->line->outcome), "");
  else
    sk_doc_cell(doc, table, SK_FIGURE_NONE, "");
}

static void number_cell(struct sk_doc *doc, struct sk_doc_table *table,
                        const char *figure(struct sk_doc *, double), double value)
{
  sk_doc_cell(doc, table, figure(doc, value), sk_figure_plain(doc, value));
}

static void scale_row(struct sk_doc *doc, struct sk_doc_table *table,
                      const struct sk_measured *measured, const struct sk_setting *setting,
                      bool several)
{
  size_t validations, valid;
  const double rows = sk_setting_rows(measured, setting);
  const double seconds = sk_cost_of(setting, SK_COST_SECONDS),
               memory = sk_cost_of(setting, SK_COST_MEMORY);
  sk_doc_row(doc, table);
  sk_doc_cell(doc, table, measured->sizes[setting->size].name, NULL);
  number_cell(doc, table, sk_figure_count, rows);
  if (several)
    sk_doc_cell(doc, table, measured->setups[setting->setup].name, NULL);
  for (int phase = 0; phase < SK_BENCH_PHASE_COUNT; phase++)
    if (has_phase(measured, (enum sk_bench_phase)phase))
      seconds_cell(doc, table,
                   phase == SK_BENCH_PHASE_AGGREGATE
                       ? setting
                       : beside(measured, setting, (enum sk_bench_phase)phase));
  number_cell(doc, table, sk_figure_number, rows / seconds);
  number_cell(doc, table, sk_figure_bytes, memory);
  number_cell(doc, table, sk_figure_number, memory / rows);
  sk_doc_cell(doc, table, sk_validity(doc, measured, setting->size, &validations, &valid), NULL);
}

void sk_section_scales(struct sk_doc *doc, const struct sk_measured *measured)
{
  size_t setups = 0;
  for (size_t i = 0; i < measured->setup_count; i++)
    setups += measured->setups[i].key.phase == SK_BENCH_PHASE_AGGREGATE;
  if (!setups)
    return;
  struct sk_doc_section *const section = sk_doc_section(doc, "scales", "Scales");
  sk_doc_paragraph(doc, section,
                   "Rows are hourly pod rows, the size of a scale; other reports come on top. "
                   "Seconds are the median of the "
                   "repeats, with the least and the most where there were several. Rows a second "
                   "are those of aggregate. "
                   "Memory is the peak resident set of the aggregating process; bytes a row are "
                   "that memory by the rows.");
  struct sk_doc_table *const table =
      sk_doc_table(doc, section, "scales", "Time and memory of each scale");
  sk_doc_column(doc, table, "scale", "scale", false);
  sk_doc_column(doc, table, "rows", "rows", true);
  if (setups > 1)
    sk_doc_column(doc, table, "setting", "setting", false);
  for (int phase = 0; phase < SK_BENCH_PHASE_COUNT; phase++)
    if (has_phase(measured, (enum sk_bench_phase)phase))
      sk_doc_column(doc, table, sk_bench_phase_name((enum sk_bench_phase)phase),
                    sk_doc_text(doc, "%s_seconds", sk_bench_phase_name((enum sk_bench_phase)phase)),
                    true);
  sk_doc_column(doc, table, "rows/s", "rows_per_second", true);
  sk_doc_column(doc, table, "peak memory", "peak_rss_bytes", true);
  sk_doc_column(doc, table, "bytes a row", "peak_bytes_per_row", true);
  sk_doc_column(doc, table, "valid", "valid", false);
  for (size_t i = 0; i < measured->setting_count; i++)
    if (measured->settings[i].key.phase == SK_BENCH_PHASE_AGGREGATE)
      scale_row(doc, table, measured, &measured->settings[i], setups > 1);
}

/* ---- all phases ---------------------------------------------------------------------------- */

static void phase_row(struct sk_doc *doc, struct sk_doc_table *table,
                      const struct sk_measured *measured, const struct sk_setting *setting)
{
  const struct sk_bench_key *const key = &setting->key;
  const struct sk_bench_line *const line = setting->line;
  const double rows = sk_setting_rows(measured, setting);
  const double median = setting->time.count ? setting->time.median : NAN;
  sk_doc_row(doc, table);
  sk_doc_cell(doc, table, measured->sizes[setting->size].name, NULL);
  sk_doc_cell(doc, table, sk_bench_phase_name(key->phase), NULL);
  sk_doc_cell(doc, table,
              *sk_bench_mode_name(key->mode) ? sk_bench_mode_name(key->mode) : SK_FIGURE_NONE,
              sk_bench_mode_name(key->mode));
  sk_doc_cell(doc, table, key->threads > 0 ? sk_figure_count(doc, (double)key->threads) : "default",
              key->threads > 0 ? NULL : "");
  sk_doc_cell(doc, table, key->memory > 0 ? sk_figure_bytes(doc, (double)key->memory) : "default",
              key->memory > 0 ? sk_figure_plain(doc, (double)key->memory) : "");
  sk_doc_cell(doc, table, *setting->sink ? setting->sink : SK_FIGURE_NONE, setting->sink);
  sk_doc_cell(doc, table, sk_doc_text(doc, "%zu of %zu", setting->done, setting->line_count),
              sk_figure_plain(doc, (double)setting->done));
  number_cell(doc, table, sk_figure_seconds, median);
  number_cell(doc, table, sk_figure_seconds, setting->time.count ? setting->time.least : NAN);
  number_cell(doc, table, sk_figure_seconds, setting->time.count ? setting->time.most : NAN);
  number_cell(doc, table, sk_figure_seconds, setting->cpu.count ? setting->cpu.median : NAN);
  number_cell(doc, table, sk_figure_number, rows / median);
  number_cell(doc, table, sk_figure_bytes, setting->memory.count ? setting->memory.median : NAN);
  number_cell(doc, table, sk_figure_count, sk_known(line->rows_read));
  number_cell(doc, table, sk_figure_count, sk_known(line->rows_written));
  number_cell(doc, table, sk_figure_bytes, sk_known(line->bytes_in));
  number_cell(doc, table, sk_figure_bytes, sk_known(line->bytes_out));
  number_cell(doc, table, sk_figure_count, sk_known(line->requests));
  sk_doc_cell(doc, table,
              setting->reused == setting->done && setting->done
                  ? "reused"
                  : sk_bench_state_name(line->outcome),
              NULL);
}

void sk_section_phases(struct sk_doc *doc, const struct sk_measured *measured)
{
  static const struct {
    const char *title, *name;
    bool number;
  } columns[] = {{"scale", "scale", false},
                 {"phase", "phase", false},
                 {"mode", "mode", false},
                 {"threads", "threads", true},
                 {"limit", "memory_limit_bytes", true},
                 {"sink", "sink", false},
                 {"done", "repeats_done", true},
                 {"median", "seconds_median", true},
                 {"least", "seconds_least", true},
                 {"most", "seconds_most", true},
                 {"processor time", "cpu_seconds", true},
                 {"rows/s", "rows_per_second", true},
                 {"peak memory", "peak_rss_bytes", true},
                 {"rows read", "rows_read", true},
                 {"rows written", "rows_written", true},
                 {"bytes in", "bytes_in", true},
                 {"bytes out", "bytes_out", true},
                 {"requests", "requests", true},
                 {"outcome", "outcome", false}};
  struct sk_doc_section *const section = sk_doc_section(doc, "phases", "Every phase");
  struct sk_doc_table *const table =
      sk_doc_table(doc, section, "phases", "Each setting's repeats put together");
  for (size_t i = 0; i < SK_COUNT(columns); i++)
    sk_doc_column(doc, table, columns[i].title, columns[i].name, columns[i].number);
  for (size_t i = 0; i < measured->setting_count; i++)
    phase_row(doc, table, measured, &measured->settings[i]);
}
