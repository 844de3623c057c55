/* SPDX-License-Identifier: Apache-2.0 */
/* What the page and the slides share. */
#ifndef SK_REPORT_WRITE_PARTS_H
#define SK_REPORT_WRITE_PARTS_H

#include "report/document.h"

/* A table with a frame that scrolls where it is too wide; most: so many rows, then a line that
 * tells of the others. */
void sk_html_table(struct sk_buffer *out, const struct sk_doc_table *table, size_t most);
/* A chart, drawn wide and narrow; the style shows the one that fits. */
void sk_html_chart(struct sk_buffer *out, const struct sk_chart *chart);
/* The head up to and with <style>, and the style of tables and charts; policy: of
 * Content-Security-Policy. */
void sk_html_head(struct sk_buffer *out, const struct sk_doc *doc, const char *policy);

#endif
