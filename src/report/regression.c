/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of settings, and what their repeats say. */
#include "report/regression.h"

#include "report/numerals.h"

#include <math.h>

static const struct sk_bench_machine *machine_of(const struct sk_measured *in,
                                                 const struct sk_setting *setting)
{
  static const struct sk_bench_machine unknown = {.processors = -1};
  return setting->machine < in->machine_count ? &in->machines[setting->machine]->machine : &unknown;
}

static bool same_text(const char *a, const char *b)
{
  return strcmp(a ? a : "", b ? b : "") == 0;
}

/* The setting of `in` that is `wanted` of `of`, on the same host where it ran there, else on one of
 * its kind. */
static const struct sk_setting *same_setting(const struct sk_measured *in,
                                             const struct sk_measured *of,
                                             const struct sk_setting *wanted)
{
  const struct sk_bench_machine *const there = machine_of(of, wanted);
  const struct sk_setting *found = NULL;
  for (size_t i = 0; i < in->setting_count; i++) {
    const struct sk_setting *const setting = &in->settings[i];
    const struct sk_bench_machine *const here = machine_of(in, setting);
    if (strcmp(in->sizes[setting->size].name, of->sizes[wanted->size].name) != 0 ||
        setting->key.phase != wanted->key.phase || setting->key.mode != wanted->key.mode ||
        setting->key.threads != wanted->key.threads || setting->key.memory != wanted->key.memory ||
        strcmp(setting->sink, wanted->sink) != 0 || !same_text(here->cpu, there->cpu) ||
        here->processors != there->processors)
      continue;
    if (!found || same_text(here->host, there->host))
      found = setting;
  }
  return found;
}

static void judge(struct sk_difference *difference, double least_change)
{
  const bool seconds = difference->metric == SK_COST_SECONDS;
  const struct sk_setting *const before = difference->before, *const after = difference->after;
  const size_t had = seconds ? before->count : before->peak_count;
  const size_t has = seconds ? after->count : after->peak_count;
  if (before->done && !after->done) {
    difference->verdict = SK_CHANGE_BROKEN;
    return;
  }
  if (!before->done && after->done) {
    difference->verdict = SK_CHANGE_MENDED;
    return;
  }
  difference->ratio = sk_ratio_of(seconds ? before->seconds : before->peaks, had,
                                  seconds ? after->seconds : after->peaks, has);
  if (!difference->ratio.known || had < SK_COMPARE_REPEATS || has < SK_COMPARE_REPEATS)
    difference->verdict = SK_CHANGE_FEW;
  else if (!difference->ratio.sure || fabs(difference->ratio.value - 1) < least_change)
    difference->verdict = SK_CHANGE_SAME;
  else
    difference->verdict = difference->ratio.value > 1 ? SK_CHANGE_WORSE : SK_CHANGE_BETTER;
}

static void add(struct sk_comparison *self, const struct sk_setting *before,
                const struct sk_setting *after, enum sk_cost metric, struct sk_doc *doc)
{
  struct sk_difference *const difference = sk_doc_new(doc, sizeof *difference);
  if (!difference)
    return;
  *difference = (struct sk_difference){.before = before, .after = after, .metric = metric};
  judge(difference, self->least_change);
  self->counts[difference->verdict]++;
  if (self->last)
    self->last->next = difference;
  else
    self->first = difference;
  self->last = difference;
}

void sk_comparison_make(struct sk_comparison *comparison, const struct sk_measured *before,
                        const struct sk_measured *after, double least_change, struct sk_doc *doc)
{
  *comparison =
      (struct sk_comparison){.before = before, .after = after, .least_change = least_change};
  for (size_t i = 0; i < after->setting_count; i++) {
    const struct sk_setting *const now = &after->settings[i];
    const struct sk_setting *const then = same_setting(before, after, now);
    if (!then) {
      comparison->only_after++;
      continue;
    }
    const bool broken = then->done && !now->done, mended = !then->done && now->done;
    if (broken || mended || (then->count && now->count))
      add(comparison, then, now, SK_COST_SECONDS, doc);
    if (!broken && !mended && then->peak_count && now->peak_count)
      add(comparison, then, now, SK_COST_MEMORY, doc);
  }
  for (size_t i = 0; i < before->setting_count; i++) {
    const struct sk_setting *const then = &before->settings[i];
    comparison->only_before += !same_setting(after, before, then);
  }
}

const char *sk_comparison_fault(const struct sk_comparison *comparison)
{
  size_t judged = 0;
  for (int i = 0; i < SK_CHANGE_COUNT; i++)
    judged += i == SK_CHANGE_FEW ? 0 : comparison->counts[i];
  if (!judged)
    return "nothing was compared: no setting has three repeats or more on both sides, on machines "
           "of the same kind";
  return comparison->counts[SK_CHANGE_WORSE] + comparison->counts[SK_CHANGE_BROKEN] == 0
             ? NULL
             : "something is worse than before, beyond noise: see the comparison";
}

static const char *verdict_text(const struct sk_difference *difference)
{
  const bool seconds = difference->metric == SK_COST_SECONDS;
  switch (difference->verdict) {
  case SK_CHANGE_BETTER:
    return seconds ? "faster" : "less memory";
  case SK_CHANGE_WORSE:
    return seconds ? "slower" : "more memory";
  case SK_CHANGE_FEW:
    return "too few repeats to tell";
  case SK_CHANGE_BROKEN:
    return "no longer done";
  case SK_CHANGE_MENDED:
    return "done now";
  case SK_CHANGE_SAME:
  case SK_CHANGE_COUNT:
    break;
  }
  return "no change beyond noise";
}

static void difference_row(struct sk_doc *doc, struct sk_doc_table *table,
                           const struct sk_comparison *comparison,
                           const struct sk_difference *difference)
{
  const struct sk_setting *const after = difference->after;
  const bool seconds = difference->metric == SK_COST_SECONDS;
  const double old = sk_cost_of(difference->before, difference->metric);
  const double new = sk_cost_of(after, difference->metric);
  const struct sk_ratio *const ratio = &difference->ratio;
  sk_doc_row(doc, table);
  sk_doc_cell(doc, table, comparison->after->sizes[after->size].name, NULL);
  sk_doc_cell(doc, table, sk_bench_phase_name(after->key.phase), NULL);
  sk_doc_cell(doc, table, comparison->after->setups[after->setup].name, NULL);
  sk_doc_cell(doc, table, seconds ? "time" : "peak memory", seconds ? "seconds" : "peak_rss_bytes");
  sk_doc_cell(doc, table, seconds ? sk_figure_seconds(doc, old) : sk_figure_bytes(doc, old),
              sk_figure_plain(doc, old));
  sk_doc_cell(doc, table, seconds ? sk_figure_seconds(doc, new) : sk_figure_bytes(doc, new),
              sk_figure_plain(doc, new));
  sk_doc_cell(doc, table, ratio->known ? sk_doc_text(doc, "%.3f", ratio->value) : SK_FIGURE_NONE,
              sk_figure_plain(doc, ratio->known ? ratio->value : NAN));
  sk_doc_cell(doc, table,
              ratio->known ? sk_doc_text(doc, "%.3f to %.3f", ratio->low, ratio->high)
                           : SK_FIGURE_NONE,
              ratio->known ? NULL : "");
  sk_doc_cell(doc, table,
              sk_doc_text(doc, "%zu, %zu",
                          seconds ? difference->before->count : difference->before->peak_count,
                          seconds ? after->count : after->peak_count),
              NULL);
  sk_doc_cell(doc, table, verdict_text(difference), NULL);
}

void sk_section_comparison(struct sk_doc *doc, const struct sk_comparison *comparison)
{
  static const enum sk_change shown[] = {SK_CHANGE_BROKEN, SK_CHANGE_WORSE, SK_CHANGE_BETTER,
                                         SK_CHANGE_MENDED, SK_CHANGE_SAME,  SK_CHANGE_FEW};
  const size_t *const counts = comparison->counts;
  struct sk_doc_section *const section =
      sk_doc_section(doc, "comparison", "Compared with the results before");
  sk_doc_paragraph(
      doc, section,
      sk_doc_text(doc,
                  "A change counts where both sides have %d repeats or more, the 95 %% interval of "
                  "the ratio of "
                  "medians (bootstrap over the repeats) leaves out 1, and the ratio differs from 1 "
                  "by %.0f %% or "
                  "more. Worse: %zu. Better: %zu. No longer done: %zu. Done now: %zu. No change "
                  "beyond noise: "
                  "%zu. Too few repeats: %zu. Measured only before: %zu, only now: %zu.",
                  SK_COMPARE_REPEATS, comparison->least_change * 100, counts[SK_CHANGE_WORSE],
                  counts[SK_CHANGE_BETTER], counts[SK_CHANGE_BROKEN], counts[SK_CHANGE_MENDED],
                  counts[SK_CHANGE_SAME], counts[SK_CHANGE_FEW], comparison->only_before,
                  comparison->only_after));
  struct sk_doc_table *const table =
      sk_doc_table(doc, section, "comparison", "Ratio of the medians, now to before");
  sk_doc_column(doc, table, "scale", "scale", false);
  sk_doc_column(doc, table, "phase", "phase", false);
  sk_doc_column(doc, table, "setting", "setting", false);
  sk_doc_column(doc, table, "what", "metric", false);
  sk_doc_column(doc, table, "before", "before", true);
  sk_doc_column(doc, table, "now", "now", true);
  sk_doc_column(doc, table, "ratio", "ratio", true);
  sk_doc_column(doc, table, "95 % interval", "interval", true);
  sk_doc_column(doc, table, "repeats", "repeats", true);
  sk_doc_column(doc, table, "verdict", "verdict", false);
  for (size_t i = 0; i < SK_COUNT(shown); i++)
    for (const struct sk_difference *one = comparison->first; one; one = one->next)
      if (one->verdict == shown[i])
        difference_row(doc, table, comparison, one);
}
