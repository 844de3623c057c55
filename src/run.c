/* SPDX-License-Identifier: Apache-2.0 */
/* shukei_aggregate(), where the rooms meet:
 *
 *   plan (input) -> open sinks (run_sinks.c)
 *   -> the stages of one cluster after the other (run_stages.c)
 *   -> prepare and commit the sinks
 *
 * What is cut where depends only on the data, and sums do not depend on the order of adding, so the
 * result is the same for every number of threads, memory and order of files.
 *
 * Nothing under a sink's name changes before all input was read and every sink is prepared. */
#include "run_state.h"

#include "base/platform.h"
#include "changed.h"
#include "input/bad_rows.h"
#include "row_filter.h"
#include "run_targets.h"

#include <stdio.h>
#include <string.h>

void shukei_aggregate_options_init(shukei_aggregate_options *options)
{
  memset(options, 0, sizeof *options);
}

double sk_run_seconds_since(uint64_t start_ns)
{
  return (double)(sk_monotonic_ns() - start_ns) / 1e9;
}

void sk_run_end_phase(struct sk_run_state *run, const char *name, int64_t rows, double *seconds)
{
  const uint64_t read = atomic_load(&run->shared.rows_done);
  const double took = sk_run_seconds_since(run->phase_start_ns) - run->wrote_seconds;
  *seconds += took;
  sk_run_milestone(&run->shared, name, NULL,
                   rows < 0 ? (int64_t)(read - run->phase_start_rows) : rows, *seconds);
  run->phase_start_ns = sk_monotonic_ns();
  run->phase_start_rows = read;
  run->wrote_seconds = 0;
}

static shukei_status check_options(struct sk_run_state *run, shukei_error *err)
{
  const shukei_aggregate_options *o = run->options;
  if (o->source_count == 0)
    return sk_fail(err, SHUKEI_EINVAL, "no source is given");
  shukei_status st = sk_run_check_sinks(o, err);
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

const char *sk_run_source_of(const struct sk_run_state *run, size_t cluster)
{
  const shukei_cluster *known = run->plan.clusters[cluster].known;
  if (run->options->source)
    return run->options->source;
  return known ? known->source : run->plan.source;
}

void sk_run_set_rules(struct sk_run_state *run, size_t cluster)
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
      .source_uuid = sk_run_source_of(run, cluster),
      .cluster_id = o->cluster_id ? o->cluster_id : planned->cluster_id,
      .cluster_alias = alias && !(one && o->cluster_alias) ? alias : o->cluster_alias,
      .report_period_id = known_period ? known->report_period_id : o->report_period_id,
      .has_report_period_id = known_period || o->has_report_period_id,
  };
}

static shukei_status build_plan(struct sk_run_state *run, shukei_error *err)
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

/* A key that no label has may be misspelt; not so of a database's, which are of many clusters, or
 * where only the days are read that changed. */
static shukei_status ask_for_keys(struct sk_run_state *run, shukei_error *err)
{
  const shukei_aggregate_options *o = run->options;
  if (run->settings.want_keys || run->changed || !o->enabled_keys || !o->enabled_key_count)
    return SHUKEI_OK;
  run->keys_met = sk_calloc(&run->shared.budget, o->enabled_key_count, sizeof *run->keys_met);
  return run->keys_met ? SHUKEI_OK
                       : sk_fail_memory(err, &run->shared.budget, 0, "the enabled keys");
}

static shukei_status open_bad_rows(struct sk_run_state *run, shukei_error *err)
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

/* What is to be read, now that it is known. */
static void know_progress(struct sk_run_state *run)
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

static shukei_status decide(struct sk_run_state *run, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t c = 0; c < run->plan.cluster_count && !st; c++) {
    sk_run_set_rules(run, c);
    st = sk_changed_decide(run->changed, &run->plan, c, &run->rules, &run->read, err);
  }
  sk_run_set_rules(run, 0);
  if (!st)
    know_progress(run);
  run->stats->days_made = sk_changed_made(run->changed);
  run->stats->days_kept = sk_changed_kept(run->changed);
  return st;
}

static void choose_mode(struct sk_run_state *run)
{
  shukei_stats *stats = run->stats;
  const bool in_memory = run->options->mode == SHUKEI_MODE_IN_MEMORY;
  stats->mode = in_memory ? SHUKEI_MODE_IN_MEMORY : SHUKEI_MODE_STREAMING;
  snprintf(stats->mode_reason, sizeof stats->mode_reason, "%s",
           run->options->mode == SHUKEI_MODE_AUTO
               ? "streaming is never slower, and its memory does not grow with the rows"
               : "asked for");
}

static void fill_stats(struct sk_run_state *run, uint64_t start_ns)
{
  shukei_stats *stats = run->stats;
  stats->bytes_read = run->shared.bytes_done;
  sk_stats_take_counts(stats, &run->counts);
  sk_stats_take_run(stats, &run->shared);
  stats->total_seconds = sk_run_seconds_since(start_ns);
}

shukei_status shukei_aggregate(const shukei_aggregate_options *options, shukei_stats *stats,
                               shukei_error *err)
{
  shukei_stats own_stats;
  struct sk_run_state run = {
      .options = options, .last_day = INT32_MIN, .stats = stats ? stats : &own_stats};
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
  if ((st = sk_run_read_settings(&run, err)))
    goto done;
  if ((st = ask_for_keys(&run, err)))
    goto done;
  sk_run_set_rules(&run, 0);
  if (run.changed && (st = decide(&run, err)))
    goto done;
  sk_run_log(&run.shared, SHUKEI_LOG_DEBUG, "mode %s: %s; %u threads, %" PRIu64 " bytes of memory",
             run.stats->mode == SHUKEI_MODE_IN_MEMORY ? "in-memory" : "streaming",
             run.stats->mode_reason, run.shared.threads, run.shared.budget.limit_bytes);
  sk_run_end_phase(&run, "plan", -1, &run.stats->plan_seconds);
  if (!options->dry_run && ((st = sk_run_check_targets(&run.shared, options, &run.plan, err)) ||
                            (st = sk_run_open_sinks(&run, err))))
    goto done;
  if ((st = open_bad_rows(&run, err)))
    goto done;
  if ((st = sk_run_clusters(&run, err)))
    goto done;
  run.shared.phase = "write";
  sk_run_progress(&run.shared);
  st = sk_run_finish_sinks(&run, err);
  sk_run_end_phase(&run, "write", (int64_t)run.stats->rows_written, &run.stats->write_seconds);
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
