/* SPDX-License-Identifier: Apache-2.0 */
/* What aggregate and convert share: the budget, the crew and its size, messages and progress behind
 * one lock. */
#ifndef SK_RUN_H
#define SK_RUN_H

#include "base/crew.h"
#include "base/helpers.h"
#include "input/input.h"
#include "shukei.h"

struct sk_run_shared {
  const shukei_callbacks *callbacks;
  struct sk_budget budget;
  unsigned threads; /* asked for */
  unsigned workers; /* of use: no more than processors, which would only take turns */
  const char *phase;
  uint64_t rows_known, bytes_known;
  _Atomic uint64_t rows_done, bytes_done;
  pthread_mutex_t lock;      /* callbacks are called one at a time */
  struct sk_crew crew;       /* of the calling thread's stages and days */
  struct sk_helpers helpers; /* the workers that write a day */
};
void sk_run_shared_init(struct sk_run_shared *shared, const shukei_callbacks *callbacks,
                        unsigned threads, uint64_t memory_bytes);
void sk_run_shared_reset(struct sk_run_shared *shared);
/* Hands a message to the callback; any thread. */
void sk_run_log(struct sk_run_shared *shared, shukei_log_level level, const char *format, ...)
    SK_PRINTF(3, 4);
/* The same about a file or a sink; `rows` -1 where they do not apply. */
void sk_run_log_about(struct sk_run_shared *shared, shukei_log_level level, const char *object,
                      int64_t rows, const char *format, ...) SK_PRINTF(5, 6);
/* Tells programs that a phase has ended, or, with an object, that it was written; `rows` may be
 * -1. */
void sk_run_milestone(struct sk_run_shared *shared, const char *phase, const char *object,
                      int64_t rows, double seconds);
void sk_run_warn_text(void *shared, const char *text); /* a warning, as sk_plan_build() calls it */
shukei_status sk_run_check_plan(void *shared, shukei_error *err); /* canceled, likewise */
void sk_run_note_text(void *shared, const char *text);            /* what is no warning, likewise */
/* Members of a struct sk_plan_options that are those of a call's options `o`, by the same names,
 * and of what its run shares. */
#define SK_PLAN_OPTIONS_OF(o, shared)                                                              \
  .sources = (o)->sources, .source_count = (o)->source_count, .layout = (o)->layout,               \
  .org = (o)->org, .source = (o)->source, .threads = (shared)->threads,                            \
  .cluster_id = (o)->cluster_id, .clusters = (o)->clusters, .cluster_count = (o)->cluster_count,   \
  .skip_bad_payloads = (o)->bad_payloads == SHUKEI_BAD_PAYLOADS_SKIP, .check = sk_run_check_plan,  \
  .warn = sk_run_warn_text, .note = sk_run_note_text, .context = (shared)
/* Tells how far the run is; passes over a call while another one is under way. */
void sk_run_progress(struct sk_run_shared *shared);
/* ECANCELED once the caller asked to stop. */
shukei_status sk_run_check_canceled(struct sk_run_shared *shared, shukei_error *err);

void sk_stats_take_counts(shukei_stats *stats, const struct sk_counts *counts);
void sk_stats_take_plan(shukei_stats *stats, const struct sk_plan *plan);
void sk_stats_take_run(shukei_stats *stats, const struct sk_run_shared *shared);
/* Warns of what was dropped, taken as zero, or counted more than once, with the first place. */
void sk_run_report_counts(struct sk_run_shared *shared, const struct sk_plan *plan,
                          const struct sk_counts *counts, uint64_t counted_more_than_once,
                          uint64_t label_pairs_skipped);
/* Warns of enabled keys that no label has. */
void sk_run_report_keys(struct sk_run_shared *shared, const char *const *keys,
                        const atomic_bool *met, size_t count);

#endif
