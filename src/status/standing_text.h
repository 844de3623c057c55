/* SPDX-License-Identifier: Apache-2.0 */
/* The standing of a benchmark in words: for a terminal, for programs, for Prometheus, as a page. */
#ifndef SK_STATUS_STANDING_TEXT_H
#define SK_STATUS_STANDING_TEXT_H

#include "base/buffer.h"
#include "base/figures.h"
#include "status/standing.h"

#define SK_STANDING_BYTES ((size_t)16 << 20) /* most of a text */

/* Lines of at most 100 characters where names are no longer than usual. */
void sk_standing_text(struct sk_buffer *out, const struct sk_standing *standing);
/* One JSON object and a line end; indented or on one line. */
void sk_standing_json(struct sk_buffer *out, const struct sk_standing *standing, bool indented);
void sk_standing_metrics(struct sk_buffer *out, const struct sk_standing *standing);
/* A whole document. problem: what kept the standing from being read, which is then that of before;
 * NULL: nothing did. */
void sk_standing_page(struct sk_buffer *out, const struct sk_standing *standing,
                      const char *problem);
/* The Content-Security-Policy of that document: its own style and script and nothing else. */
#define SK_PAGE_POLICY 400
const char *sk_standing_page_policy(char text[SK_PAGE_POLICY]);

/* "running since 21:00:03 UTC", "finished", "not running since ...: it ended without a word". */
#define SK_STANDING_LINE 160
const char *sk_standing_line(const struct sk_standing *standing, char text[SK_STANDING_LINE]);
/* "large, aggregate, streaming, 2 threads, 256 MiB, run 2": what of it is not the usual. */
#define SK_PHASE_TEXT 160
const char *sk_phase_text(const struct sk_bench_key *key, char text[SK_PHASE_TEXT]);
/* "about 42 s (38 s to 47 s)", "not known"; missing phases are told. */
#define SK_ESTIMATE_TEXT 128
/* "2026-11-27 12:00:01 to 12:00:09, 8.4 s"; "since ..." as long as a phase is to come; "-": nothing
 * ran. */
#define SK_TIMES_TEXT 112
const char *sk_scale_times_text(const struct sk_standing_scale *scale, char text[SK_TIMES_TEXT]);
const char *sk_estimate_text(const struct sk_estimate *estimate, char text[SK_ESTIMATE_TEXT]);
/* A count of rows, bytes, rows a second; "-" where it is below 0 (not known). */
const char *sk_count_text(double count, char text[SK_GROUPED_TEXT]);
const char *sk_bytes_text(int64_t bytes, char text[SK_SIZE_TEXT]);

#endif
