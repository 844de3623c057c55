/* SPDX-License-Identifier: Apache-2.0 */
/* The face of the report room: results in, documents out. The same results give the same bytes:
 * nothing depends on clock, machine or locale.
 *
 *   sk_doc_init() -> sk_report_make() -> sk_report_html(), sk_report_chart() ...
 *   -> sk_doc_reset() */
#ifndef SK_REPORT_DOCUMENTS_H
#define SK_REPORT_DOCUMENTS_H

#include "report/regression.h"

struct sk_reported {
  struct sk_measured measured, before;
  struct sk_comparison comparison; /* where there is something to compare with */
};

/* Fills the document. before NULL: nothing to compare with. Results outlive the document. OK;
 * EFORMAT no phase in the results; ENOMEM. */
shukei_status sk_report_make(struct sk_reported *report, struct sk_doc *doc,
                             const struct sk_bench_results *results,
                             const struct sk_bench_results *before, double least_change,
                             shukei_error *err);

/* Each appends a whole file; a buffer that failed had no memory. */
void sk_report_html(struct sk_buffer *out, const struct sk_doc *doc);
/* charts: where the charts' files lie, "charts/"; NULL: without them. */
void sk_report_markdown(struct sk_buffer *out, const struct sk_doc *doc, const char *charts);
void sk_report_slides(struct sk_buffer *out, const struct sk_doc *doc);
void sk_report_csv(struct sk_buffer *out, const struct sk_doc_table *table);

/* What has that id, or NULL. */
const struct sk_chart *sk_report_chart(const struct sk_doc *doc, const char *id);
const struct sk_doc_table *sk_report_table(const struct sk_doc *doc, const char *id);

/* Prints an HTML file as a PDF by Chromium, found in the folders of `path` (as of PATH), with
 * `profile`, a folder that it makes. EUNSUPPORTED: there is none; EWRITE: it failed, or took longer
 * than a minute; ECANCELED: `canceled` (asked meanwhile; NULL: never) told so, and Chromium was
 * ended. */
shukei_status sk_report_pdf(const char *html, const char *pdf, const char *profile,
                            const char *path, bool (*canceled)(void), shukei_error *err);

#endif
