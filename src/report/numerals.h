/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as people read them: three digits that count, thousands apart, units of a thousand (MB,
 * as the figures of spec 3 have them). What is not known (NAN, or below 0 where nothing can be) is
 * "–". */
#ifndef SK_REPORT_NUMERALS_H
#define SK_REPORT_NUMERALS_H

#include "report/document.h"

#define SK_FIGURE_NONE "\xe2\x80\x93" /* an en dash */

const char *sk_figure_count(struct sk_doc *doc, double count);  /* "1,996,800" */
const char *sk_figure_number(struct sk_doc *doc, double value); /* "1,230,000", "12.3", "0.0123" */
const char *sk_figure_seconds(struct sk_doc *doc, double seconds); /* "0.412 s", "12 min 3 s" */
const char *sk_figure_bytes(struct sk_doc *doc, double bytes);     /* "388 MB" */
const char *sk_figure_percent(struct sk_doc *doc, double share);   /* "+12.3 %" of 0.123 */
/* For programs: the shortest decimal that reads back the same, "" where it is not known. */
const char *sk_figure_plain(struct sk_doc *doc, double value);

#endif
