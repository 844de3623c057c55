/* SPDX-License-Identifier: Apache-2.0 */
/* One cluster after the other through all stages:
 *
 *   labels, storage: workers' partials, merged (stage.c)
 *   -> pods: read up to a day (stage.c), write the days that are complete (day_write.c), again */
#include "run_state.h"

#include "base/calendar.h"
#include "base/platform.h"
#include "changed.h"
#include "day_write.h"
#include "row_filter.h"
#include "stage.h"

#include <time.h>

/* Writes the days that no row can be added to any more. */
static shukei_status write_days(struct sk_run_state *run, struct sk_finish *finish, int32_t before,
                                shukei_error *err)
{
  const struct sk_day_write write = {.shared = &run->shared,
                                     .finish = finish,
                                     .sinks = run->sinks,
                                     .sink_count = run->sinks ? run->options->sink_count : 0,
                                     .filter =
                                         sk_row_filter_given(run->options) ? run->options : NULL,
                                     .rows_not_wanted = &run->rows_not_wanted};
  const int64_t bound = before == INT32_MAX ? INT64_MAX : before;
  const uint64_t start_ns = sk_monotonic_ns();
  shukei_status st = SHUKEI_OK;
  int32_t day;
  run->shared.phase = "write";
  while (!st && sk_finish_next_day(finish, bound, &day)) {
    sk_run_progress(&run->shared);
    st = sk_day_write(&write, day, err);
  }
  const double took = sk_run_seconds_since(start_ns);
  run->stats->write_seconds += took;
  run->wrote_seconds += took;
  run->shared.phase = "pods";
  return st;
}

/* Reads pods day by day, as far as the files tell their days, and writes what is complete. */
static shukei_status read_and_write(struct sk_run_state *run, struct sk_stage_run *stage,
                                    struct sk_finish *finish, shukei_error *err)
{
  const bool in_memory = run->stats->mode == SHUKEI_MODE_IN_MEMORY;
  for (int32_t first = INT32_MIN; first != INT32_MAX;) {
    shukei_status st = SHUKEI_OK;
    if (stage)
      st = sk_stage_read(stage, in_memory ? INT32_MAX : sk_stage_first_day(stage), finish, err);
    if (st)
      return st;
    first = stage ? sk_stage_first_day(stage) : INT32_MAX;
    st = write_days(run, finish, first, err);
    if (!st && stage)
      st = sk_stage_renew(stage, finish, err);
    if (st)
      return st;
  }
  return SHUKEI_OK;
}

static void take_summary_counts(struct sk_run_state *run, const struct sk_summary_counts *counts)
{
  const uint64_t not_wanted = atomic_exchange(&run->rows_not_wanted, 0);
  run->stats->groups += counts->groups;
  run->stats->rows_written += counts->rows_written - not_wanted;
  run->stats->rows_not_wanted += not_wanted;
  run->stats->rows_counted_more_than_once += counts->rows_counted_more_than_once;
  run->stats->label_pairs_skipped += counts->label_pairs_skipped;
  if (counts->first_day <= counts->last_day && counts->last_day > run->last_day)
    run->last_day = counts->last_day;
}

static void note_future_days(struct sk_run_state *run)
{
  const int32_t today = sk_day_of_us((int64_t)time(NULL) * INT64_C(1000000));
  char text[16];
  if (run->last_day > today)
    sk_run_log(&run->shared, SHUKEI_LOG_WARNING,
               "the reports reach into the future: the last day is %s",
               sk_day_text(run->last_day, text));
}

/* A cluster's summary has no rows, though days of it were made. */
static void note_empty(struct sk_run_state *run, size_t number)
{
  const char *cluster = run->plan.cluster_count > 1 ? run->rules.cluster_id : NULL;
  if (run->changed && sk_changed_made_of(run->changed, number) == 0)
    return;
  sk_run_log(&run->shared, SHUKEI_LOG_WARNING, "the summary%s%s is empty: %s",
             cluster ? " of cluster " : "", cluster ? cluster : "",
             sk_row_filter_given(run->options)
                 ? "it has no rows of the namespaces and nodes asked for"
                 : "the reports have no pod or storage rows of these days");
}

static shukei_status run_pods(struct sk_run_state *run, const struct sk_stage_input *input,
                              shukei_error *err)
{
  struct sk_stage_run *stage = NULL;
  struct sk_finish *finish = NULL;
  struct sk_summary_counts counts;
  size_t partial_count = 0;
  shukei_status st = sk_stage_open(input, &stage, err);
  struct sk_partial *const *partials = stage ? sk_stage_partials(stage, &partial_count) : NULL;
  if (!st)
    st = sk_finish_new(&run->rules, input->done, partials, partial_count, run->shared.workers,
                       &run->shared.budget, &finish, err);
  if (!st)
    st = read_and_write(run, stage, finish, err);
  if (!st && !sk_finish_counts(finish, &counts))
    st = sk_fail_memory(err, &run->shared.budget, 0, "the summary's counts");
  if (!st)
    take_summary_counts(run, &counts);
  run->stats->spilled_bytes += finish ? sk_finish_spilled_bytes(finish) : 0;
  sk_finish_free(finish);
  sk_stage_close(stage, &run->counts, &run->stats->files);
  return st;
}

/* A stage whose partials are merged into one, which later stages look at. */
static shukei_status run_first_stage(struct sk_run_state *run, const struct sk_stage_input *input,
                                     shukei_error *err)
{
  struct sk_stage_run *stage = NULL;
  shukei_status st = sk_stage_open(input, &stage, err);
  if (!st && stage)
    st = sk_stage_read(stage, INT32_MAX, NULL, err);
  if (!st && stage)
    st = sk_stage_merge(stage, &run->done[input->stage], err);
  sk_stage_close(stage, &run->counts, &run->stats->files);
  struct sk_partial *done = run->done[input->stage];
  if (!st && done && !sk_partial_settle(done))
    st = sk_fail_memory(err, &run->shared.budget, 0, "a summary's tables");
  return st;
}

static shukei_status run_stages(struct sk_run_state *run, size_t cluster, shukei_error *err)
{
  static const char *const phases[SK_STAGE_COUNT] = {"labels", "storage", "pods"};
  double *const seconds[SK_STAGE_COUNT] = {&run->stats->labels_seconds,
                                           &run->stats->storage_seconds, &run->stats->pods_seconds};
  for (enum sk_stage stage = SK_STAGE_LABELS; stage < SK_STAGE_COUNT; stage++) {
    run->shared.phase = phases[stage];
    const struct sk_stage_input input = {
        .shared = &run->shared,
        .rules = &run->rules,
        .plan = &run->plan,
        .cluster = (uint32_t)cluster,
        .read = &run->read,
        .stage = stage,
        .done = (const struct sk_partial *const *)run->done,
        .in_memory = run->stats->mode == SHUKEI_MODE_IN_MEMORY,
    };
    const shukei_status st =
        stage == SK_STAGE_PODS ? run_pods(run, &input, err) : run_first_stage(run, &input, err);
    sk_run_end_phase(run, phases[stage], -1, seconds[stage]);
    if (st)
      return st;
  }
  return SHUKEI_OK;
}

static void free_partials(struct sk_run_state *run)
{
  for (size_t i = 0; i < SK_STAGE_COUNT; i++) {
    sk_partial_free(run->done[i]);
    run->done[i] = NULL;
  }
}

/* All stages over all days of a cluster, or over one range of those that are to be made after the
 * other. */
static shukei_status run_passes(struct sk_run_state *run, size_t cluster, shukei_error *err)
{
  size_t count = 1;
  const struct sk_day_range *ranges =
      run->changed ? sk_changed_passes(run->changed, cluster, &count) : NULL;
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < count && !st; i++) {
    if (ranges) {
      sk_changed_select(run->changed, &run->plan, cluster, i);
      run->read.start_day = ranges[i].first;
      run->read.end_day = ranges[i].last;
      st = sk_plan_fetch_archives(&run->plan, run->shared.threads, &run->shared.budget, err);
    }
    if (!st)
      st = run_stages(run, cluster, err);
    free_partials(run);
  }
  return st;
}

shukei_status sk_run_clusters(struct sk_run_state *run, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t c = 0; c < run->plan.cluster_count && !st; c++) {
    const uint64_t rows_before = run->stats->rows_written;
    sk_run_set_rules(run, c);
    st = sk_run_begin_source(run, c, err);
    if (!st)
      st = run_passes(run, c, err);
    if (!st && run->stats->rows_written == rows_before)
      note_empty(run, c);
  }
  if (!st)
    note_future_days(run);
  return st;
}
