/* SPDX-License-Identifier: Apache-2.0 */
/* The sinks of a run: opened before anything is read, told of each cluster, and all prepared before
 * the first is committed. */
#include "run_state.h"

#include "changed.h"
#include "input/bad_rows.h"
#include "sink/sink.h"

#include <string.h>

shukei_status sk_run_check_sinks(const shukei_aggregate_options *o, shukei_error *err)
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

/* The rows that no report of the run gives, by their data_source; NULL where there are reports of
 * both kinds. */
static const char *lacking_of(const struct sk_plan *plan)
{
  bool pods = false, storage = false;
  for (size_t i = 0; i < plan->count; i++) {
    pods |= plan->files[i].report == SK_REPORT_POD;
    storage |= plan->files[i].report == SK_REPORT_STORAGE;
  }
  return !storage ? "Storage" : !pods ? "Pod" : NULL;
}

static struct sk_sink_options sink_options(struct sk_run_state *run)
{
  const shukei_aggregate_options *o = run->options;
  struct sk_sink_options options = {
      .lacking = lacking_of(&run->plan),
      .start_day = run->read.start_day,
      .end_day = run->read.end_day,
      .source_uuid = sk_run_source_of(run, 0),
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

shukei_status sk_run_read_settings(struct sk_run_state *run, shukei_error *err)
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

/* The first of two that go to one place would hold the lock that the second waits for. */
static shukei_status check_place(const struct sk_run_state *run, size_t number, shukei_error *err)
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

shukei_status sk_run_open_sinks(struct sk_run_state *run, shukei_error *err)
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

shukei_status sk_run_begin_source(struct sk_run_state *run, size_t cluster, shukei_error *err)
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

shukei_status sk_run_finish_sinks(struct sk_run_state *run, shukei_error *err)
{
  /* Where nothing has changed they were opened, which clears what killed runs left, and that is
   * all. */
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
                     (int64_t)run->stats->rows_written, sk_run_seconds_since(start_ns));
  }
  return st;
}
