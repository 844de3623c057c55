/* SPDX-License-Identifier: Apache-2.0 */
/* Deciding which days are made.
 *
 * Every object is noted with its version and its days: from the ledger, by the statistics of its
 * row groups, or by reading its interval_start, as CSV does not tell. Turned around this gives each
 * day its objects, whose paths and versions are hashed; a second hash is of the settings. A day is
 * up to date where every sink's ledger has the same two hashes and the sink still has the rows.
 *
 * Of payloads a day has those members of which rows of the day count. What decides about that,
 * manifests and hours, is noted of each archive, so that one that is known is not read
 * (changed_memory.c).
 *
 * Without both --start and --end a run replaces the days of its rows, and leaves others alone; so
 * the days that are looked at are those of the objects. With both, days that a ledger or a sink has
 * are looked at, too, whose objects may all be gone.
 *
 * Objects are compared by the path as it was listed: a source named in another way is another
 * one. */
#include "changed.h"

#include "changed_state.h"

shukei_status sk_changed_no_memory(const struct sk_changed *changed, shukei_error *err)
{
  return sk_fail_memory(err, &changed->shared->budget, 0, "what has changed");
}

struct sk_changed_object *sk_changed_find(const struct sk_changed *self, const char *path)
{
  size_t low = 0, high = self->object_count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = strcmp(self->objects[middle].noted.path, path);
    if (order == 0)
      return &self->objects[middle];
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

/* ---- deciding ------------------------------------------------------------------------------ */

static void tell(const struct sk_changed *self, const struct sk_changed_source *source)
{
  char text[16], room[SK_CHANGED_REASON];
  const char *cluster = source->cluster_id ? source->cluster_id : "";
  const char *before = source->cluster_id ? "cluster " : "", *behind = *before ? ": " : "";
  for (size_t i = 0; i < source->day_count && self->options->explain; i++) {
    const struct sk_changed_day *day = &source->days[i];
    if (day->made)
      sk_run_log(self->shared, SHUKEI_LOG_INFO, "%s%s%s%s: %s", before, cluster, behind,
                 sk_day_text(day->day, text), sk_changed_reason(self, source, day, room));
  }
  sk_run_log(self->shared, SHUKEI_LOG_INFO, "%s%s%s%zu of %zu days to be made, %zu up to date",
             before, cluster, behind, source->made, source->day_count, source->kept);
}

static shukei_status choose(struct sk_changed *self, struct sk_changed_source *source,
                            shukei_error *err)
{
  source->passes =
      sk_alloc(&self->shared->budget, (source->day_count + 1) * sizeof *source->passes);
  if (!source->passes)
    return sk_changed_no_memory(self, err);
  for (size_t i = 0; i < source->day_count; i++) {
    struct sk_changed_day *day = &source->days[i];
    for (size_t l = 0; l < self->options->sink_count && !day->made; l++)
      day->made = sk_changed_stale(self, source, &source->ledgers[l], day);
    source->made += day->made;
    source->kept += !day->made;
    if (!day->made)
      continue;
    if (i == 0 || !source->days[i - 1].made)
      source->passes[source->pass_count++] = (struct sk_day_range){day->day, day->day};
    source->passes[source->pass_count - 1].last = day->day;
  }
  return SHUKEI_OK;
}

shukei_status sk_changed_decide(struct sk_changed *changed, const struct sk_plan *plan,
                                size_t cluster, const struct sk_rules *rules,
                                const struct sk_read_options *read, shukei_error *err)
{
  struct sk_changed_source *source;
  shukei_status st = changed->plan ? SHUKEI_OK : sk_changed_find_days(changed, plan, err);
  if (!st)
    st = sk_changed_source_of(changed, rules->source_uuid, &source, err);
  if (st)
    return st;
  changed->start_day = read->start_day;
  changed->end_day = read->end_day;
  changed->whole_range = read->start_day != INT32_MIN && read->end_day != INT32_MAX;
  source->cluster = cluster;
  source->cluster_id = plan->cluster_count > 1 ? plan->clusters[cluster].cluster_id : NULL;
  st = sk_changed_settings(changed, source, rules, err);
  if (!st)
    st = sk_changed_list_days(changed, source, err);
  if (!st)
    st = choose(changed, source, err);
  if (st)
    return st;
  tell(changed, source);
  return sk_changed_note(changed, source, err);
}

/* ---- the run ------------------------------------------------------------------------------- */

/* NULL before it was decided. */
static const struct sk_changed_source *of_cluster(const struct sk_changed *changed, size_t cluster)
{
  size_t i = 0;
  while (i < changed->source_count && changed->sources[i].cluster != cluster)
    i++;
  return i < changed->source_count ? &changed->sources[i] : NULL;
}

const struct sk_day_range *sk_changed_passes(const struct sk_changed *changed, size_t cluster,
                                             size_t *count)
{
  const struct sk_changed_source *source = of_cluster(changed, cluster);
  *count = source ? source->pass_count : 0;
  return source ? source->passes : NULL;
}

size_t sk_changed_made(const struct sk_changed *changed)
{
  size_t made = 0;
  for (size_t i = 0; i < changed->source_count; i++)
    made += changed->sources[i].made;
  return made;
}

size_t sk_changed_kept(const struct sk_changed *changed)
{
  size_t kept = 0;
  for (size_t i = 0; i < changed->source_count; i++)
    kept += changed->sources[i].kept;
  return kept;
}

size_t sk_changed_made_of(const struct sk_changed *changed, size_t cluster)
{
  return of_cluster(changed, cluster)->made;
}

bool sk_changed_idle(const struct sk_changed *changed)
{
  for (size_t s = 0; s < changed->source_count; s++)
    for (size_t i = 0; i < changed->options->sink_count; i++)
      if (sk_ledger_changed(&changed->sources[s].ledgers[i]))
        return false;
  return sk_changed_made(changed) == 0;
}

void sk_changed_select(const struct sk_changed *changed, struct sk_plan *plan, size_t cluster,
                       size_t pass)
{
  const struct sk_changed_source *source = of_cluster(changed, cluster);
  for (size_t i = 0; i < plan->count; i++) {
    struct sk_planned_file *file = &plan->files[i];
    file->left_out = file->cluster != cluster ||
                     sk_stage_of_report(file->report) == SK_STAGE_COUNT ||
                     !sk_day_list_meets(sk_changed_days_of(changed, i), source->passes[pass]);
  }
}

void sk_changed_keep(const struct sk_changed *changed, size_t cluster, size_t i,
                     struct sk_sink *sink)
{
  sk_sink_keep_ledger(sink, &of_cluster(changed, cluster)->ledgers[i]);
}

const struct sk_plan_memory *sk_changed_memory(const struct sk_changed *changed)
{
  return &changed->memory;
}

static shukei_status check_sinks(const shukei_aggregate_options *o, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  if (o->sink_count == 0)
    st = sk_fail(err, SHUKEI_EINVAL,
                 "what has changed can be told for a sink only, and none is given");
  for (size_t i = 0; i < o->sink_count && !st; i++) {
    st = sk_sink_check(o->sinks[i], err);
    if (!st && !sk_sink_has_ledger(o->sinks[i])) {
      st = sk_fail(err, SHUKEI_EINVAL,
                   "sink \"%s\" is always written whole, not what has changed alone", o->sinks[i]);
      sk_advise(err, "name a SQLite database, a dataset or PostgreSQL, or leave out --changed");
    }
  }
  return st;
}

shukei_status sk_changed_new(struct sk_run_shared *shared, const shukei_aggregate_options *options,
                             struct sk_changed **out, shukei_error *err)
{
  struct sk_budget *budget = &shared->budget;
  *out = NULL;
  const shukei_status st = check_sinks(options, err);
  if (st)
    return st;
  struct sk_changed *self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, budget, sizeof *self, "what has changed");
  self->shared = shared;
  self->options = options;
  sk_arena_init(&self->arena, budget);
  sk_changed_remember(self);
  *out = self;
  return SHUKEI_OK;
}

void sk_changed_free(struct sk_changed *changed)
{
  if (!changed)
    return;
  for (size_t s = 0; s < changed->source_count; s++) {
    struct sk_changed_source *source = &changed->sources[s];
    for (size_t i = 0; i < changed->options->sink_count; i++)
      sk_ledger_reset(&source->ledgers[i]);
    sk_free(source->ledgers);
    sk_free(source->pairs);
    sk_free(source->days);
    sk_free(source->passes);
  }
  for (size_t i = 0; i < changed->object_count; i++)
    sk_day_list_reset(&changed->objects[i].list);
  for (size_t i = 0; changed->lists && i < changed->plan->count; i++)
    sk_day_list_reset(&changed->lists[i]);
  sk_free(changed->sources);
  sk_free(changed->objects);
  sk_free(changed->of_file);
  sk_free(changed->lists);
  sk_arena_reset(&changed->arena);
  sk_free(changed);
}
