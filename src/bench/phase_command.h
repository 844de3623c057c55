/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of a phase: what is run is what is recorded, but for secrets. */
#ifndef SK_BENCH_PHASE_COMMAND_H
#define SK_BENCH_PHASE_COMMAND_H

#include "bench/bench_plan.h"

#define SK_BENCH_KEYS                                                                              \
  "app,tier,env,node,pod" /* labels that are kept: in the second family each pod is a group */

/* The words, NULL behind the last, in the arena; NULL when memory lacks.
 *   stats  file for --stats, which validate has not */
struct sk_bench_words sk_phase_command(const struct sk_bench_settings *settings,
                                       const struct sk_bench_key *key, const char *stats,
                                       struct sk_arena *arena);
/* The same without secrets. */
struct sk_bench_words sk_words_redacted(const struct sk_bench_words *words, struct sk_arena *arena);
const char *sk_text_redacted(const char *text, struct sk_arena *arena);

/* "FOLDER/BELOW/SCALE" in the arena, NULL when memory lacks. */
const char *sk_bench_data(const struct sk_bench_settings *settings, const char *scale,
                          struct sk_arena *arena);
const char *sk_bench_lake(const struct sk_bench_settings *settings, const char *scale,
                          struct sk_arena *arena);
/* Text by a format, in the arena. */
const char *sk_arena_text(struct sk_arena *arena, const char *format, ...) SK_PRINTF(2, 3);

#endif
