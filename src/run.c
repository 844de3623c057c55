/* SPDX-License-Identifier: Apache-2.0 */
/* shukei_aggregate(): the one file where the rooms meet.
 *
 *   plan (input) -> open sinks -> labels, storage: workers' partials, merged (stage.c)
 *   -> pods: read up to a day (stage.c), write the days that are complete (day_write.c), again
 *   -> labels, storage, pods of the next cluster, where payloads of several are read
 *   -> prepare and commit the sinks
 *
 * What is cut where depends only on the data, and sums do not depend on the order of adding, so the
 * result is the same for every number of threads, memory and order of files.
 *
 * Nothing under a sink's name changes before all input was read and every sink is prepared. */
#include "run.h"

#include "base/calendar.h"
#include "base/crew.h"
#include "base/platform.h"
#include "changed.h"
#include "day_write.h"
#include "input/bad_rows.h"
#include "input/input.h"
#include "row_filter.h"
#include "sink/sink_settings.h"
#include "run_targets.h"
#include "stage.h"
#include "summary/summary.h"

#include <stdio.h>
#include <time.h>

struct run {
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

void shukei_aggregate_options_init(shukei_aggregate_options *options)
{
  memset(options, 0, sizeof *options);
}

static double seconds_since(uint64_t start_ns)
{
  return (double)(sk_monotonic_ns() - start_ns) / 1e9;
}

/* Ends a phase: its seconds, but for those that days were written in between, are added where `seconds`
 * says, and the next phase begins. `rows`: that the phase wrote; -1: it read some. */
static void end_phase(struct run *run, const char *name, int64_t rows, double *seconds)
{
  const uint64_t read = atomic_load(&run->shared.rows_done);
  const double took = seconds_since(run->phase_start_ns) - run->wrote_seconds;
  *seconds += took;
  sk_run_milestone(&run->shared, name, NULL,
                   rows < 0 ? (int64_t)(read - run->phase_start_rows) : rows, *seconds);
  run->phase_start_ns = sk_monotonic_ns();
  run->phase_start_rows = read;
  run->wrote_seconds = 0;
}

static shukei_status check_sinks(const shukei_aggregate_options *o, shukei_error *err)
{
  if (o->sink_count == 0 && !o->dry_run)
    return sk_fail(err, SHUKEI_EINVAL, "no sink is given");
  for (size_t i = 0; i < o->sink_count; i++) {
    const shukei_status st = sk_sink_check(o->sinks[i], err);
    if (st)
      return st;
    if (strcmp(o->sinks[i], "-") == 0 && !o->callbacks.write)
      return sk_fail(err, SHUKEI_EINVAL, "sink \"-\" needs the write callback");
    for (size_t j = 0; j < i; j++)
      if (strcmp(o->sinks[i], o->sinks[j]) == 0)
        return sk_fail(err, SHUKEI_EINVAL, "sink \"%s\" is given twice", o->sinks[i]);
  }
  return SHUKEI_OK;
}

static shukei_status check_options(struct run *run, shukei_error *err)
{
  const shukei_aggregate_options *o = run->options;
  if (o->source_count == 0)
    return sk_fail(err, SHUKEI_EINVAL, "no source is given");
  shukei_status st = check_sinks(o, err);
  if (!st)
    st = sk_row_filter_check(o, err);
  if (!st)
    st = sk_parse_days(o->start, o->end, &run->read.start_day, &run->read.end_day, err);
  if (st)
    return st;
  if (o->bad_rows == SHUKEI_BAD_ROWS_KEEP && !o->bad_rows_file)
    return sk_fail(err, SHUKEI_EINVAL, "keeping bad rows needs a file to keep them in");
  if (o->explain && !o->changed)
    return sk_fail(err, SHUKEI_EINVAL, "--explain tells what --changed does, which is not given");
  return o->changed ? sk_changed_new(&run->shared, o, &run->changed, err) : SHUKEI_OK;
}

static const char *source_of(const struct run *run, size_t cluster)
{
  const shukei_cluster *known = run->plan.clusters[cluster].known;
  if (run->options->source)
    return run->options->source;
  return known ? known->source : run->plan.source;
}

/* What is asked for counts where there is one cluster, else what is known of each. */
static void set_rules(struct run *run, size_t cluster)
{
  const shukei_aggregate_options *o = run->options;
  const struct sk_sink_settings *read = &run->settings;
  const struct sk_planned_cluster *planned = &run->plan.clusters[cluster];
  const shukei_cluster *known = planned->known;
  const bool one = run->plan.cluster_count == 1;
  const char *alias = known ? known->cluster_alias : NULL;
  const bool known_period =
      known && known->has_report_period_id && !(one && o->has_report_period_id);
  run->rules = (struct sk_rules){
      .enabled_keys = read->want_keys ? read->enabled_keys : o->enabled_keys,
      .enabled_key_count = read->want_keys ? read->enabled_key_count : o->enabled_key_count,
      .keys_met = run->keys_met,
      .cost_categories = read->want_categories ? read->cost_categories : o->cost_categories,
      .cost_category_count =
          read->want_categories ? read->cost_category_count : o->cost_category_count,
      .nodes = read->want_nodes ? read->nodes : o->nodes,
      .node_count = read->want_nodes ? read->node_count : o->node_count,
      .labels = o->labels,
      .source_uuid = source_of(run, cluster),
      .cluster_id = o->cluster_id ? o->cluster_id : planned->cluster_id,
      .cluster_alias = alias && !(one && o->cluster_alias) ? alias : o->cluster_alias,
      .report_period_id = known_period ? known->report_period_id : o->report_period_id,
      .has_report_period_id = known_period || o->has_report_period_id,
  };
}

static shukei_status build_plan(struct run *run, shukei_error *err)
{
  const shukei_aggregate_options *o = run->options;
  const struct sk_plan_options options = {
      SK_PLAN_OPTIONS_OF(o, &run->shared),
      .start_day = run->read.start_day,
      .end_day = run->read.end_day,
      .memory = run->changed ? sk_changed_memory(run->changed) : NULL,
      .skip_unknown_clusters = o->unknown_clusters == SHUKEI_UNKNOWN_CLUSTERS_SKIP,
  };
  shukei_status st = sk_plan_build(&options, &run->shared.budget, &run->plan, err);
  if (st)
    return st;
  bool useful = false;
  uint64_t rows_known = 0;
  for (size_t i = 0; i < run->plan.count; i++) {
    const struct sk_planned_file *file = &run->plan.files[i];
    if (sk_stage_of_report(file->report) == SK_STAGE_COUNT) {
      sk_run_log_about(&run->shared, SHUKEI_LOG_INFO, file->path, -1,
                       "%s: %s reports are no part of the summary", file->path,
                       sk_report_info(file->report)->name);
      continue;
    }
    useful = true;
    run->shared.bytes_known += file->size_bytes;
    rows_known += file->row_count_known ? file->row_count : 0;
  }
  run->shared.rows_known = rows_known;
  sk_stats_take_plan(run->stats, &run->plan);
  if (!useful)
    return sk_fail(err, SHUKEI_ENOTFOUND, "%s%s: no report that the summary is made from",
                   o->sources[0], o->source_count > 1 ? " and the other sources" : "");
  return SHUKEI_OK;
}

/* The rows that no report of the run gives, by their data_source; NULL where there are reports of both kinds. */
static const char *lacking_of(const struct sk_plan *plan)
{
  bool pods = false, storage = false;
  for (size_t i = 0; i < plan->count; i++) {
    pods |= plan->files[i].report == SK_REPORT_POD;
    storage |= plan->files[i].report == SK_REPORT_STORAGE;
  }
  return !storage ? "Storage" : !pods ? "Pod" : NULL;
}

static struct sk_sink_options sink_options(struct run *run)
{
  const shukei_aggregate_options *o = run->options;
  struct sk_sink_options options = {
      .lacking = lacking_of(&run->plan),
      .start_day = run->read.start_day,
      .end_day = run->read.end_day,
      .source_uuid = source_of(run, 0),
      .threads = run->shared.workers,
      .helpers = &run->shared.helpers,
      .write = o->callbacks.write,
      .write_context = o->callbacks.context,
      .schema = o->schema,
      .create = o->create_tables,
      .staging = o->staging,
      .ledger = run->changed != NULL,
      .canceled = o->callbacks.canceled,
      .canceled_context = o->callbacks.context,
      .warn = sk_run_warn_text,
      .warn_context = &run->shared,
  };
  if (run->changed)
    options.ranges = sk_changed_passes(run->changed, 0, &options.range_count);
  return options;
}

/* Settings that the options leave out come from the first sink that has any; in a dry run, too. */
static shukei_status read_settings(struct run *run, shukei_error *err)
{
  const shukei_aggregate_options *o = run->options;
  const struct sk_sink_options options = sink_options(run);
  struct sk_sink_settings *from = &run->settings;
  size_t i = 0;
  while (i < o->sink_count && !sk_sink_has_settings(o->sinks[i]))
    i++;
  if (i == o->sink_count || (o->enabled_keys && o->cost_categories && o->nodes))
    return SHUKEI_OK;
  from->want_keys = !o->enabled_keys;
  from->want_categories = !o->cost_categories;
  from->want_nodes = !o->nodes;
  const shukei_status st =
      sk_sink_settings_read(from, o->sinks[i], &options, &run->shared.budget, err);
  if (st)
    return st;
  const size_t found = from->enabled_key_count + from->cost_category_count + from->node_count;
  sk_run_log(&run->shared, found ? SHUKEI_LOG_INFO : SHUKEI_LOG_DEBUG,
             "%s: read %zu enabled keys, %zu cost categories, %zu roles of nodes", o->sinks[i],
             from->enabled_key_count, from->cost_category_count, from->node_count);
  return SHUKEI_OK;
}

/* A key that no label has may be misspelt; not so of a database's, which are of many clusters, or where only the days are
 * read that changed. */
static shukei_status ask_for_keys(struct run *run, shukei_error *err)
{
  const shukei_aggregate_options *o = run->options;
  if (run->settings.want_keys || run->changed || !o->enabled_keys || !o->enabled_key_count)
    return SHUKEI_OK;
  run->keys_met = sk_calloc(&run->shared.budget, o->enabled_key_count, sizeof *run->keys_met);
  return run->keys_met ? SHUKEI_OK
                       : sk_fail_memory(err, &run->shared.budget, 0, "the enabled keys");
}

/* The first of two that go to one place would hold the lock that the second waits for. */
static shukei_status check_place(const struct run *run, size_t number, shukei_error *err)
{
  const char *place = sk_sink_place(run->sinks[number]);
  for (size_t i = 0; place && i < number; i++) {
    const char *other = sk_sink_place(run->sinks[i]);
    if (other && strcmp(place, other) == 0)
      return sk_fail(err, SHUKEI_EINVAL, "sinks \"%s\" and \"%s\" are one table",
                     run->options->sinks[i], run->options->sinks[number]);
  }
  return SHUKEI_OK;
}

static shukei_status open_sinks(struct run *run, shukei_error *err)
{
  const shukei_aggregate_options *o = run->options;
  const struct sk_sink_options options = sink_options(run);
  run->sinks = sk_calloc(&run->shared.budget, o->sink_count, sizeof *run->sinks);
  if (!run->sinks)
    return sk_fail_memory(err, &run->shared.budget, o->sink_count * sizeof *run->sinks, "sinks");
  for (size_t i = 0; i < o->sink_count; i++) {
    shukei_status st =
        sk_sink_open(o->sinks[i], &options, &run->shared.budget, &run->sinks[i], err);
    if (!st)
      st = check_place(run, i, err);
    if (st)
      return st;
  }
  return SHUKEI_OK;
}

static shukei_status open_bad_rows(struct run *run, shukei_error *err)
{
  if (run->options->bad_rows != SHUKEI_BAD_ROWS_KEEP)
    return SHUKEI_OK;
  if (run->options->dry_run) {
    run->read.bad_rows = SHUKEI_BAD_ROWS_SKIP;
    return SHUKEI_OK;
  }
  const shukei_status st =
      sk_bad_rows_open(run->options->bad_rows_file, &run->shared.budget, &run->bad_rows, err);
  run->read.keep_bad_row = sk_bad_rows_keep;
  run->read.keep_context = run->bad_rows;
  return st;
}

/* Writes the days that no row can be added to any more. */
static shukei_status write_days(struct run *run, struct sk_finish *finish, int32_t before,
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
  const double took = seconds_since(start_ns);
  run->stats->write_seconds += took;
  run->wrote_seconds += took;
  run->shared.phase = "pods";
  return st;
}

/* Reads pods day by day, as far as the files tell their days, and writes what is complete. */
static shukei_status read_and_write(struct run *run, struct sk_stage_run *stage,
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

static void take_summary_counts(struct run *run, const struct sk_summary_counts *counts)
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

static void note_future_days(struct run *run)
{
  const int32_t today = sk_day_of_us((int64_t)time(NULL) * INT64_C(1000000));
  char text[16];
  if (run->last_day > today)
    sk_run_log(&run->shared, SHUKEI_LOG_WARNING,
               "the reports reach into the future: the last day is %s",
               sk_day_text(run->last_day, text));
}

/* A cluster's summary has no rows, though days of it were made. */
static void note_empty(struct run *run, size_t number)
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

static shukei_status run_pods(struct run *run, const struct sk_stage_input *input,
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
static shukei_status run_first_stage(struct run *run, const struct sk_stage_input *input,
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

static shukei_status run_stages(struct run *run, size_t cluster, shukei_error *err)
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
    end_phase(run, phases[stage], -1, seconds[stage]);
    if (st)
      return st;
  }
  return SHUKEI_OK;
}

static void free_partials(struct run *run)
{
  for (size_t i = 0; i < SK_STAGE_COUNT; i++) {
    sk_partial_free(run->done[i]);
    run->done[i] = NULL;
  }
}

/* All stages over all days of a cluster, or over one range of those that are to be made after the other. */
static shukei_status run_passes(struct run *run, size_t cluster, shukei_error *err)
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

/* Tells the sinks that the rows of a cluster come now, with its days and its ledger. */
static shukei_status begin_source(struct run *run, size_t cluster, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  size_t count = 0;
  const struct sk_day_range *ranges =
      run->changed ? sk_changed_passes(run->changed, cluster, &count) : NULL;
  for (size_t i = 0; run->sinks && i < run->options->sink_count && !st; i++) {
    if (ranges)
      sk_sink_limit(run->sinks[i], ranges, count);
    st = sk_sink_begin_source(run->sinks[i], run->rules.source_uuid, err);
    if (!st && run->changed)
      sk_changed_keep(run->changed, cluster, i, run->sinks[i]);
  }
  return st;
}

/* Summarises one cluster after the other into the same sinks. */
static shukei_status run_clusters(struct run *run, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t c = 0; c < run->plan.cluster_count && !st; c++) {
    const uint64_t rows_before = run->stats->rows_written;
    set_rules(run, c);
    st = begin_source(run, c, err);
    if (!st)
      st = run_passes(run, c, err);
    if (!st && run->stats->rows_written == rows_before)
      note_empty(run, c);
  }
  if (!st)
    note_future_days(run);
  return st;
}

/* What is to be read, now that it is known. */
static void know_progress(struct run *run)
{
  size_t count = 0;
  run->shared.bytes_known = run->shared.rows_known = 0;
  for (size_t c = 0; c < run->plan.cluster_count; c++) {
    sk_changed_passes(run->changed, c, &count);
    for (size_t pass = 0; pass < count; pass++) {
      sk_changed_select(run->changed, &run->plan, c, pass);
      for (size_t i = 0; i < run->plan.count; i++) {
        const struct sk_planned_file *file = &run->plan.files[i];
        run->shared.bytes_known += file->left_out ? 0 : file->size_bytes;
        run->shared.rows_known += file->left_out || !file->row_count_known ? 0 : file->row_count;
      }
    }
  }
}

static shukei_status decide(struct run *run, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t c = 0; c < run->plan.cluster_count && !st; c++) {
    set_rules(run, c);
    st = sk_changed_decide(run->changed, &run->plan, c, &run->rules, &run->read, err);
  }
  set_rules(run, 0);
  if (!st)
    know_progress(run);
  run->stats->days_made = sk_changed_made(run->changed);
  run->stats->days_kept = sk_changed_kept(run->changed);
  return st;
}

static shukei_status finish_sinks(struct run *run, shukei_error *err)
{
  /* Where nothing has changed they were opened, which clears what killed runs left, and that is all. */
  const bool idle = run->changed && sk_changed_idle(run->changed);
  const size_t sink_count = run->sinks && !idle ? run->options->sink_count : 0;
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < sink_count && !st; i++)
    st = sk_sink_prepare(run->sinks[i], err);
  if (!st)
    st = sk_run_check_canceled(&run->shared, err);
  if (!st)
    st = run->bad_rows ? sk_bad_rows_commit(run->bad_rows, err) : SHUKEI_OK;
  for (size_t i = 0; i < sink_count && !st; i++) {
    const uint64_t start_ns = sk_monotonic_ns();
    st = sk_sink_commit(run->sinks[i], err);
    if (st)
      break;
    run->stats->bytes_written += sk_sink_bytes(run->sinks[i]);
    sk_run_milestone(&run->shared, "write", run->options->sinks[i],
                     (int64_t)run->stats->rows_written, seconds_since(start_ns));
  }
  return st;
}

static void choose_mode(struct run *run)
{
  shukei_stats *stats = run->stats;
  const bool in_memory = run->options->mode == SHUKEI_MODE_IN_MEMORY;
  stats->mode = in_memory ? SHUKEI_MODE_IN_MEMORY : SHUKEI_MODE_STREAMING;
  snprintf(stats->mode_reason, sizeof stats->mode_reason, "%s",
           run->options->mode == SHUKEI_MODE_AUTO
               ? "streaming is never slower, and its memory does not grow with the rows"
               : "asked for");
}

static void fill_stats(struct run *run, uint64_t start_ns)
{
  shukei_stats *stats = run->stats;
  stats->bytes_read = run->shared.bytes_done;
  sk_stats_take_counts(stats, &run->counts);
  sk_stats_take_run(stats, &run->shared);
  stats->total_seconds = seconds_since(start_ns);
}

shukei_status shukei_aggregate(const shukei_aggregate_options *options, shukei_stats *stats,
                               shukei_error *err)
{
  shukei_stats own_stats;
  struct run run = {.options = options, .last_day = INT32_MIN, .stats = stats ? stats : &own_stats};
  const uint64_t start_ns = sk_monotonic_ns();
  memset(run.stats, 0, sizeof *run.stats);
  sk_counts_init(&run.counts);
  sk_run_shared_init(&run.shared, &options->callbacks, options->threads, options->memory_bytes);
  run.phase_start_ns = start_ns;
  run.read.bad_rows = options->bad_rows;

  shukei_status st = check_options(&run, err);
  if (st)
    goto done;
  choose_mode(&run);
  sk_run_progress(&run.shared);
  if ((st = build_plan(&run, err)))
    goto done;
  if ((st = read_settings(&run, err)))
    goto done;
  if ((st = ask_for_keys(&run, err)))
    goto done;
  set_rules(&run, 0);
  if (run.changed && (st = decide(&run, err)))
    goto done;
  sk_run_log(&run.shared, SHUKEI_LOG_DEBUG, "mode %s: %s; %u threads, %" PRIu64 " bytes of memory",
             run.stats->mode == SHUKEI_MODE_IN_MEMORY ? "in-memory" : "streaming",
             run.stats->mode_reason, run.shared.threads, run.shared.budget.limit_bytes);
  end_phase(&run, "plan", -1, &run.stats->plan_seconds);
  if (!options->dry_run && ((st = sk_run_check_targets(&run.shared, options, &run.plan, err)) ||
                            (st = open_sinks(&run, err))))
    goto done;
  if ((st = open_bad_rows(&run, err)))
    goto done;
  if ((st = run_clusters(&run, err)))
    goto done;
  run.shared.phase = "write";
  sk_run_progress(&run.shared);
  st = finish_sinks(&run, err);
  end_phase(&run, "write", (int64_t)run.stats->rows_written, &run.stats->write_seconds);
  if (!st)
    sk_run_report_counts(&run.shared, &run.plan, &run.counts,
                         run.stats->rows_counted_more_than_once, run.stats->label_pairs_skipped);
  if (!st && run.keys_met && run.counts.rows_read)
    sk_run_report_keys(&run.shared, options->enabled_keys, run.keys_met,
                       options->enabled_key_count);
done:
  for (size_t i = 0; run.sinks && i < options->sink_count; i++)
    sk_sink_close(run.sinks[i]);
  sk_free(run.sinks);
  sk_sink_settings_reset(&run.settings);
  sk_changed_free(run.changed);
  fill_stats(&run, start_ns);
  sk_plan_reset(&run.plan);
  sk_bad_rows_close(run.bad_rows);
  sk_free(run.keys_met);
  sk_run_shared_reset(&run.shared);
  return st;
}
