/* SPDX-License-Identifier: Apache-2.0 */
/* What a benchmark measured, as tables for people. */
#ifndef SK_CLI_BENCH_TABLE_H
#define SK_CLI_BENCH_TABLE_H

#include "bench/bench.h"
#include "bench/expect.h"

/* A row for each mode, number of threads and memory that a scale was measured with: medians of its
 * repeats. The column's names stand before the first. */
void sk_bench_table(struct sk_buffer *out, const struct sk_bench_line *lines, size_t count,
                    bool names);
/* Of each aggregation in mode auto: what it chose, and why. */
void sk_bench_choices(struct sk_buffer *out, const struct sk_bench_line *lines, size_t count);
/* Where both modes were measured: how they compare. */
void sk_bench_modes(struct sk_buffer *out, const struct sk_bench_line *lines, size_t count);
/* A row for each judgement of that kind, the columns' names before the first. */
void sk_bench_judgements(struct sk_buffer *out, const struct sk_judgement *judgements, size_t count,
                         enum sk_judgement_kind kind);
/* "aggregate of small, streaming, 2 threads, 256 MiB, repeat 3". */
#define SK_BENCH_KEY_TEXT 192
const char *sk_bench_key_text(const struct sk_bench_key *key, char text[SK_BENCH_KEY_TEXT]);

#endif
