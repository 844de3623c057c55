/* SPDX-License-Identifier: Apache-2.0 */
/* What a benchmark is asked for, and the phases that it comes to, in the order in which they
 * run. */
#ifndef SK_BENCH_BENCH_PLAN_H
#define SK_BENCH_BENCH_PLAN_H

#include "bench/results.h"

#define SK_BENCH_PHASES 100000 /* of a plan, at most */

struct sk_bench_settings {
  const char *folder;
  const char *const *scales;
  size_t scale_count;
  int64_t repeat;
  const int64_t *threads; /* 0: one for each processor; at least one entry */
  size_t thread_count;
  const int64_t *memory; /* bytes; 0: shukei's own default; at least one entry */
  size_t memory_count;
  const enum sk_bench_mode *modes;
  size_t mode_count;
  const char *to;      /* a sink; NULL: bench.db in the folder */
  const char *schema;  /* of PostgreSQL; NULL: the connection's own */
  const char *lake;    /* s3://...; NULL: lake/ in the folder */
  double timeout;      /* seconds of a phase; 0: none */
  bool again;          /* what has been measured is measured anew */
  bool discard;        /* data of a scale are removed when it is done */
  const char *program; /* the file that the phases run; its name is "shukei" */
  const char *const *command;
  size_t command_count;
};

/* Hourly pod rows of a scale (base/scales.h); -1 for none. */
int64_t sk_bench_scale_rows(const char *name);

/* "sqlite", "postgresql", "parquet", "csv", "dataset": what aggregate takes the name of a sink
 * for. */
const char *sk_bench_sink_kind(const char *to);
bool sk_bench_is_sink_kind(const char *kind);

/* Phases: of each scale generate, then convert or upload, then for each repeat all combinations of
 * modes, threads and memory in turn, so that what disturbs the machine for a while meets all of
 * them; of the first repeat each summary is validated. The list lives in the arena. OK; EINVAL a
 * scale that is none or stands twice, too many phases, a sink that keeps nothing; ENOMEM. */
shukei_status sk_bench_plan(const struct sk_bench_settings *settings, struct sk_arena *arena,
                            struct sk_bench_key **plan, size_t *count, shukei_error *err);

#endif
