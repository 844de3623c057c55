/* SPDX-License-Identifier: Apache-2.0 */
/* Running a benchmark: phases as child processes, one after the other, each a line of results.
 *
 * A run that was stopped at any moment goes on when it is started again with the same settings;
 * what has a line is not run again. */
#ifndef SK_BENCH_BENCH_H
#define SK_BENCH_BENCH_H

#include "bench/bench_plan.h"

struct sk_bench_calls {
  void *context;
  bool (*canceled)(void *context);
  void (*note)(void *context, const char *text);
  /* Before the first phase that is left: whether what they write to can be written. What is not OK
   * ends the benchmark. */
  shukei_status (*check)(void *context, shukei_error *err);
  /* A phase begins: the i-th of count, from 0. */
  void (*begins)(void *context, const struct sk_bench_key *key, size_t i, size_t count);
  void (*ends)(void *context, const struct sk_bench_line *line);
  /* All phases of a scale have ended, in this call of sk_bench() or before: their lines in the
   * order of the plan. */
  void (*scale_done)(void *context, const char *scale, const struct sk_bench_line *lines,
                     size_t count);
};

/* Runs what is left. results is initialised and empty; what the folder has of before is read into
 * it, and all texts and lists live in its arena, also the lines of all phases, in the order of the
 * plan, which are given where it went well. OK whatever became of the phases; EINVAL settings, or a
 * benchmark runs there; EWRITE, EIO results cannot be written or read, a child cannot be started;
 * ENOMEM; ECANCELED: stopped, what ran has a line of outcome INTERRUPTED. */
shukei_status sk_bench(const struct sk_bench_settings *settings, const struct sk_bench_calls *calls,
                       struct sk_bench_results *results, struct sk_bench_line **lines,
                       size_t *count, shukei_error *err);

#endif
