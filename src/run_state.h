/* SPDX-License-Identifier: Apache-2.0 */
/* One call of shukei_aggregate(), for the files that it is made of: run.c, run_sinks.c,
 * run_stages.c. */
#ifndef SK_RUN_STATE_H
#define SK_RUN_STATE_H

#include "run.h"
#include "sink/sink_settings.h"
#include "summary/summary.h"

struct sk_bad_rows;
struct sk_changed;
struct sk_run_state {
  const shukei_aggregate_options *options;
  struct sk_run_shared shared;
  struct sk_plan plan;
  struct sk_rules rules;
  struct sk_sink_settings settings; /* that the rules take from a database */
  struct sk_read_options read;
  struct sk_partial *done[SK_STAGE_COUNT];
  struct sk_counts counts;
  struct sk_bad_rows *bad_rows; /* NULL unless they are kept */
  struct sk_sink **sinks;       /* [sink_count], NULL where not open */
  struct sk_changed *changed;   /* NULL: all days are made */
  int32_t last_day;             /* of all rows */
  shukei_stats *stats;
  uint64_t phase_start_ns, phase_start_rows;
  _Atomic uint64_t rows_not_wanted;
  atomic_bool *keys_met; /* of the enabled keys that the options give; NULL: none */
  double wrote_seconds;  /* within this phase, which counts as phase "write" */
};

double sk_run_seconds_since(uint64_t start_ns);
/* Ends a phase: its seconds, but for those that days were written in between, are added where
 * `seconds` says, and the next phase begins. `rows`: that the phase wrote; -1: it read some. */
void sk_run_end_phase(struct sk_run_state *run, const char *name, int64_t rows, double *seconds);
/* The source that the rows of a cluster are written under; NULL: none. */
const char *sk_run_source_of(const struct sk_run_state *run, size_t cluster);
/* What is asked for counts where there is one cluster, else what is known of each. */
void sk_run_set_rules(struct sk_run_state *run, size_t cluster);

/* ---- run_sinks.c ---- */

/* EINVAL: no sink, one whose name says nothing, one twice. */
shukei_status sk_run_check_sinks(const shukei_aggregate_options *options, shukei_error *err);
/* Settings that the options leave out come from the first sink that has any; in a dry run, too. */
shukei_status sk_run_read_settings(struct sk_run_state *run, shukei_error *err);
shukei_status sk_run_open_sinks(struct sk_run_state *run, shukei_error *err);
/* Tells the sinks that the rows of a cluster come now, with its days and its ledger. */
shukei_status sk_run_begin_source(struct sk_run_state *run, size_t cluster, shukei_error *err);
/* Prepares all, ends the file of bad rows, commits all. */
shukei_status sk_run_finish_sinks(struct sk_run_state *run, shukei_error *err);

/* ---- run_stages.c ---- */

/* Summarises one cluster after the other into the same sinks. */
shukei_status sk_run_clusters(struct sk_run_state *run, shukei_error *err);

#endif
