/* SPDX-License-Identifier: Apache-2.0 */
/* Sections in their order. */
#include "report/documents.h"

#include "report/sections.h"

shukei_status sk_report_make(struct sk_reported *report, struct sk_doc *doc,
                             const struct sk_bench_results *results,
                             const struct sk_bench_results *before, double least_change,
                             shukei_error *err)
{
  const struct sk_measured *const measured = &report->measured;
  if (!results->line_count)
    return sk_fail(err, SHUKEI_EFORMAT, "the results hold no phase");
  sk_measured_make(&report->measured, results, doc);
  if (before && !doc->failed) {
    sk_measured_make(&report->before, before, doc);
    if (!doc->failed)
      sk_comparison_make(&report->comparison, &report->before, measured, least_change, doc);
  }
  if (doc->failed)
    return sk_fail_memory(err, doc->arena.budget, 0, "the report");
  const struct sk_bench_run *const run =
      results->run_count ? &results->runs[results->run_count - 1] : NULL;
  doc->title = "Benchmark of shukei";
  doc->subtitle = run ? sk_doc_text(doc, "shukei %s on %s, %s",
                                    run->version ? run->version : "of an unknown version",
                                    run->machine.cpu && *run->machine.cpu ? run->machine.cpu
                                                                          : "an unknown processor",
                                    run->time ? run->time : "at an unknown time")
                      : "";
  sk_section_summary(doc, measured, before ? &report->comparison : NULL);
  if (before)
    sk_section_comparison(doc, &report->comparison);
  sk_section_scales(doc, measured);
  sk_section_growth(doc, measured);
  sk_section_speedups(doc, measured);
  sk_section_prototype(doc, measured);
  sk_section_projections(doc, measured);
  sk_section_expected(doc, measured);
  sk_section_health(doc, measured);
  sk_section_phases(doc, measured);
  sk_section_environment(doc, measured);
  sk_section_commands(doc, measured);
  return doc->failed ? sk_fail_memory(err, doc->arena.budget, 0, "the report") : SHUKEI_OK;
}

static const struct sk_doc_block *find(const struct sk_doc *doc, enum sk_doc_kind kind,
                                       const char *id)
{
  for (const struct sk_doc_section *section = doc->sections; section; section = section->next)
    for (const struct sk_doc_block *block = section->blocks; block; block = block->next)
      if (block->kind == kind &&
          strcmp(kind == SK_DOC_CHART ? block->chart->id : block->table->id, id) == 0)
        return block;
  return NULL;
}

const struct sk_chart *sk_report_chart(const struct sk_doc *doc, const char *id)
{
  const struct sk_doc_block *const block = find(doc, SK_DOC_CHART, id);
  return block ? block->chart : NULL;
}

const struct sk_doc_table *sk_report_table(const struct sk_doc *doc, const char *id)
{
  const struct sk_doc_block *const block = find(doc, SK_DOC_TABLE, id);
  return block ? block->table : NULL;
}
