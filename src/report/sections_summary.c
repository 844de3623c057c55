/* SPDX-License-Identifier: Apache-2.0 */
/* Five lines for those who read no more. */
#include "report/numerals.h"
#include "report/sections.h"

#include <math.h>

static const struct sk_setting *largest(const struct sk_measured *measured)
{
  const struct sk_setting *found = NULL;
  for (size_t i = 0; measured->lead && i < measured->lead->count; i++) {
    const struct sk_setting *const one = measured->lead->settings[i];
    if (one->count && sk_setting_rows(measured, one) > 0 &&
        (!found || sk_setting_rows(measured, one) > sk_setting_rows(measured, found)))
      found = one;
  }
  return found;
}

static void ran_line(struct sk_doc *doc, struct sk_doc_section *section,
                     const struct sk_measured *measured)
{
  size_t done = 0, all = 0, counts[SK_BENCH_STATE_COUNT] = {0};
  const char *bad = "";
  for (size_t i = 0; i < measured->setting_count; i++)
    for (size_t n = 0; n < measured->settings[i].line_count; n++) {
      counts[measured->settings[i].lines[n]->outcome]++;
      all++;
    }
  done = counts[SK_BENCH_STATE_DONE];
  for (int state = SK_BENCH_STATE_DONE + 1; state < SK_BENCH_STATE_COUNT; state++)
    if (counts[state])
      bad = sk_doc_text(doc, "%s; %zu %s", bad, counts[state],
                        sk_bench_state_name((enum sk_bench_state)state));
  sk_doc_item(doc, section,
              sk_doc_text(doc, "What ran: %zu scale%s, %zu of %zu phases done%s.",
                          measured->size_count, measured->size_count == 1 ? "" : "s", done, all,
                          *bad ? bad : ", none failed"));
}

static void largest_line(struct sk_doc *doc, struct sk_doc_section *section,
                         const struct sk_measured *measured)
{
  const struct sk_setting *const setting = largest(measured);
  if (!setting) {
    sk_doc_item(doc, section, "Speed: no aggregation was measured.");
    return;
  }
  const double rows = sk_setting_rows(measured, setting), seconds = setting->time.median;
  const char *const memory =
      setting->memory.count
          ? sk_doc_text(doc, " with %s of memory", sk_figure_bytes(doc, setting->memory.median))
          : "";
  sk_doc_item(
      doc, section,
      sk_doc_text(doc,
                  "Speed: %s, %s hourly pod rows, is summarised in %s%s: %s rows a second (%s%s).",
                  measured->sizes[setting->size].name, sk_figure_count(doc, rows),
                  sk_figure_seconds(doc, seconds), memory, sk_figure_number(doc, rows / seconds),
                  measured->lead->name,
                  setting->count == 1 ? "; one sample only"
                                      : sk_doc_text(doc, "; median of %zu", setting->count)));
}

/* The scale that did not run and whose projection is least far away. */
static const char *projection_text(struct sk_doc *doc, const struct sk_measured *measured,
                                   enum sk_family family)
{
  for (size_t i = SK_SCALE_COUNT; i-- > 0;) {
    const struct sk_scale *const preset = &sk_scales[i];
    bool ran = false;
    for (size_t n = 0; n < measured->lead->count; n++)
      ran |= measured->lead->settings[n]->count &&
             strcmp(measured->sizes[measured->lead->settings[n]->size].name, preset->name) == 0;
    const struct sk_fit fit =
        sk_fit_of(measured, measured->lead, preset->family, SK_COST_SECONDS, INFINITY, true);
    if (ran || preset->family != family || fit.trend.count < 3)
      continue;
    const struct sk_prediction at = sk_trend_at(&fit.trend, (double)sk_scale_rows(preset));
    return sk_doc_text(doc, " %s (%s rows), which did not run, would take %s (95 %%: %s to %s).",
                       preset->name, sk_figure_count(doc, (double)sk_scale_rows(preset)),
                       sk_figure_seconds(doc, at.value), sk_figure_seconds(doc, at.low),
                       sk_figure_seconds(doc, at.high));
  }
  return "";
}

static void growth_line(struct sk_doc *doc, struct sk_doc_section *section,
                        const struct sk_measured *measured)
{
  const struct sk_setting *const setting = largest(measured);
  if (!setting)
    return sk_doc_item(doc, section, "Growth: nothing to tell of.");
  const enum sk_family family = measured->sizes[setting->size].family;
  const struct sk_fit seconds =
      sk_fit_of(measured, measured->lead, family, SK_COST_SECONDS, INFINITY, true);
  const struct sk_fit memory =
      sk_fit_of(measured, measured->lead, family, SK_COST_MEMORY, INFINITY, true);
  if (!seconds.trend.known)
    return sk_doc_item(doc, section,
                       "Growth: one scale alone does not tell how time and memory grow.");
  const char *const of_memory =
      memory.trend.known ? sk_doc_text(doc, " and %.2f times the memory", sk_fit_doubling(&memory))
                         : "";
  sk_doc_item(doc, section,
              sk_doc_text(doc,
                          "Growth: twice the rows of the largest scale take %.2f times the time%s, "
                          "by %zu scales.%s",
                          sk_fit_doubling(&seconds), of_memory, seconds.trend.count,
                          projection_text(doc, measured, family)));
}

static void valid_line(struct sk_doc *doc, struct sk_doc_section *section,
                       const struct sk_measured *measured)
{
  size_t scales = 0, good = 0;
  const char *bad = "";
  for (size_t i = 0; i < measured->size_count; i++) {
    size_t validations, valid;
    const char *const text = sk_validity(doc, measured, i, &validations, &valid);
    scales += validations > 0;
    good += validations > 0 && valid == validations;
    if (validations > valid)
      bad = sk_doc_text(doc, "%s %s: %s.", bad, measured->sizes[i].name, text);
  }
  if (!scales)
    sk_doc_item(doc, section, "Validity: nothing was validated.");
  else
    sk_doc_item(
        doc, section,
        sk_doc_text(
            doc,
            "Validity: recomputed another way at %zu of %zu scales; the same at %zu of them.%s",
            scales, measured->size_count, good, bad));
}

static void prototype_line(struct sk_doc *doc, struct sk_doc_section *section,
                           const struct sk_measured *measured)
{
  double least = INFINITY, most = 0;
  size_t count = 0;
  for (size_t i = 0; measured->lead && i < measured->lead->count; i++) {
    const struct sk_setting *const setting = measured->lead->settings[i];
    const struct sk_prototype *const one = sk_prototype_of(measured, setting);
    if (!one || !setting->count)
      continue;
    least = fmin(least, one->seconds / setting->time.median);
    most = fmax(most, one->seconds / setting->time.median);
    count++;
  }
  if (!count)
    return sk_doc_item(doc, section, "Prototype: it published no figure for a scale that ran.");
  sk_doc_item(doc, section,
              sk_doc_text(doc,
                          "Prototype: %s%s%s times as fast as the figures that the "
                          "implementation in pandas published, on another "
                          "machine, at %zu scale%s.",
                          sk_figure_number(doc, least), count == 1 ? "" : " to ",
                          count == 1 ? "" : sk_figure_number(doc, most), count,
                          count == 1 ? "" : "s"));
}

static void comparison_line(struct sk_doc *doc, struct sk_doc_section *section,
                            const struct sk_comparison *comparison)
{
  const size_t *const counts = comparison->counts;
  sk_doc_item(doc, section,
              sk_doc_text(doc,
                          "Compared with before: %zu worse, %zu better, %zu no longer done, %zu "
                          "done now, %zu without a change beyond noise, "
                          "%zu with too few repeats to tell.",
                          counts[SK_CHANGE_WORSE], counts[SK_CHANGE_BETTER],
                          counts[SK_CHANGE_BROKEN], counts[SK_CHANGE_MENDED],
                          counts[SK_CHANGE_SAME], counts[SK_CHANGE_FEW]));
}

void sk_section_summary(struct sk_doc *doc, const struct sk_measured *measured,
                        const struct sk_comparison *comparison)
{
  struct sk_doc_section *const section = sk_doc_section(doc, "summary", "Summary");
  ran_line(doc, section, measured);
  largest_line(doc, section, measured);
  growth_line(doc, section, measured);
  valid_line(doc, section, measured);
  if (comparison)
    comparison_line(doc, section, comparison);
  else
    prototype_line(doc, section, measured);
}
