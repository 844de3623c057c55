/* SPDX-License-Identifier: Apache-2.0 */
/* The day's nodes and their capacities (NC of spec/2-summary.md): the greatest that any row of an
 * interval tells of a node, summed over the day's intervals. Each partial knows only what its own
 * rows told, so the greatest of all is taken interval by interval; what was spilled comes sorted
 * that way. */
#include "summary/finish.h"

#include <stdlib.h>

struct seen {
  int64_t us;
  size_t partial;
  const struct sk_moment *moment;
};

struct sk_day_node *sk_day_node_add(struct sk_day *day, uint32_t name)
{
  struct sk_budget *budget = day->finish->budget;
  if (!sk_ids_reach(&day->node_index, budget, name + 1))
    return NULL;
  uint32_t *index = &day->node_index.at[name];
  if (*index == SK_NO_ID) {
    void *array = day->nodes;
    if (!sk_grow(budget, &array, &day->node_capacity, day->node_count + 1, sizeof *day->nodes))
      return NULL;
    day->nodes = array;
    memset(&day->nodes[day->node_count], 0, sizeof *day->nodes);
    day->nodes[day->node_count].name = name;
    *index = day->node_count++;
  }
  return &day->nodes[*index];
}

static shukei_status add_capacity(struct sk_day *day, struct sk_day_node *node, double cpu,
                                  double memory, shukei_error *err)
{
  if (!sk_grid_add(&node->cpu, cpu * SK_GRID_CPU, &day->range))
    return sk_summary_out_of_range(err, sk_field_info(SK_F_NODE_CAPACITY_CPU)->column);
  if (!sk_grid_add(&node->memory, memory * SK_GRID_BYTES, &day->range))
    return sk_summary_out_of_range(err, sk_field_info(SK_F_NODE_CAPACITY_MEMORY)->column);
  return SHUKEI_OK;
}

/* ---- from the partials ----------------------------------------------------------------------- */

static int compare_seen(const void *a, const void *b)
{
  const struct seen *x = a, *y = b;
  if (x->us != y->us)
    return x->us < y->us ? -1 : 1;
  return (x->partial > y->partial) - (x->partial < y->partial);
}

/* The moments of the day in all partials, by their instants; NULL when memory lacks. */
static struct seen *collect(const struct sk_day *day, size_t *count)
{
  const struct sk_finish *finish = day->finish;
  size_t most = 1;
  for (size_t i = 0; i < finish->pod_count; i++)
    most += finish->pods[i]->pod.moment_count;
  struct seen *seen = sk_alloc(finish->budget, most * sizeof *seen);
  *count = 0;
  const uint32_t index = finish->tables ? sk_days_find(&finish->tables->days, day->day) : SK_NO_ID;
  for (size_t i = 0; seen && index != SK_NO_ID && i < finish->pod_count; i++) {
    const struct sk_pod_stage *pod = &finish->pods[i]->pod;
    for (uint32_t m = 0; m < pod->moment_count; m++)
      if (pod->moments[m].day == index)
        seen[(*count)++] =
            (struct seen){sk_symbols_interval_us(&finish->tables->symbols, m), i, &pod->moments[m]};
  }
  if (seen)
    qsort(seen, *count, sizeof *seen, compare_seen);
  return seen;
}

static uint32_t nodes_of(const struct sk_finish *finish, const struct seen *seen)
{
  const struct sk_pod_stage *stage = &finish->pods[seen->partial]->pod;
  const uint32_t known = stage->node_count - seen->moment->first_node;
  return seen->moment->node_count < known ? seen->moment->node_count : known;
}

static struct sk_day_node *node_of(struct sk_day *day, const struct seen *seen, uint32_t n)
{
  const struct sk_pod_stage *stage = &day->finish->pods[seen->partial]->pod;
  const uint32_t name =
      sk_finish_name(day->finish, stage->node_names[seen->moment->first_node + n]);
  return name == SK_NO_ID ? NULL : sk_day_node_add(day, name);
}

/* An interval that several partials saw: the greatest of all, then added. */
static shukei_status add_greatest(struct sk_day *day, const struct seen *seen, size_t count,
                                  struct sk_capacity *greatest, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  memset(greatest, 0, day->node_count * sizeof *greatest);
  for (size_t i = 0; i < count; i++)
    for (uint32_t n = 0; n < nodes_of(day->finish, &seen[i]); n++) {
      const struct sk_day_node *node = node_of(day, &seen[i], n);
      const struct sk_capacity *c = &seen[i].moment->nodes[n];
      if (!node)
        return sk_finish_no_memory(day->finish, err);
      struct sk_capacity *g = &greatest[node - day->nodes];
      g->cpu = c->cpu > g->cpu ? c->cpu : g->cpu;
      g->memory = c->memory > g->memory ? c->memory : g->memory;
    }
  for (uint32_t n = 0; !st && n < day->node_count; n++)
    st = add_capacity(day, &day->nodes[n], greatest[n].cpu, greatest[n].memory, err);
  return st;
}

static shukei_status from_partials(struct sk_day *day, shukei_error *err)
{
  struct sk_budget *budget = day->finish->budget;
  shukei_status st = SHUKEI_OK;
  size_t count = 0;
  struct sk_capacity *greatest = NULL;
  struct seen *seen = collect(day, &count);
  bool ok = seen != NULL;
  for (size_t i = 0; ok && i < count; i++)
    for (uint32_t n = 0; ok && n < nodes_of(day->finish, &seen[i]); n++)
      ok = node_of(day, &seen[i], n) != NULL;
  if (ok)
    greatest = sk_alloc(budget, (day->node_count + (size_t)1) * sizeof *greatest);
  if (!ok || !greatest)
    st = sk_finish_no_memory(day->finish, err);
  for (size_t i = 0, next; !st && i < count; i = next) {
    for (next = i + 1; next < count && seen[next].us == seen[i].us;)
      next++;
    st = add_greatest(day, seen + i, next - i, greatest, err);
  }
  sk_free(greatest);
  sk_free(seen);
  return st;
}

/* ---- from what was spilled ------------------------------------------------------------------- */

static shukei_status from_spilled(struct sk_day *day, shukei_error *err)
{
  struct sk_finish *finish = day->finish;
  struct sk_spilled_reader *reader = NULL;
  const struct sk_spilled_record *record = NULL;
  struct sk_capacity greatest = {.cpu = 0.0};
  uint32_t last = SK_NO_ID; /* node of the records before, */
  int64_t us = 0;           /* and their interval */
  shukei_status st =
      sk_spilled_open(finish->spilled, day->spilled, SK_SPILLED_CAPACITY, &reader, err);
  while (!st && !(st = sk_spilled_next(reader, &record, err))) {
    const struct sk_day_node *node = NULL;
    if (record) {
      const uint32_t name =
          sk_intern_next(&finish->names, last == SK_NO_ID ? 0 : day->nodes[last].name,
                         record->node.bytes, record->node.length);
      node = name == SK_NO_ID ? NULL : sk_day_node_add(day, name);
      if (!node) {
        st = sk_finish_no_memory(finish, err);
        break;
      }
    }
    const bool same = record && last == (uint32_t)(node - day->nodes) && us == record->interval_us;
    if (last != SK_NO_ID && !same) {
      st = add_capacity(day, &day->nodes[last], greatest.cpu, greatest.memory, err);
      greatest = (struct sk_capacity){.cpu = 0.0};
    }
    if (!record)
      break;
    greatest.cpu = record->cpu > greatest.cpu ? record->cpu : greatest.cpu;
    greatest.memory = record->memory > greatest.memory ? record->memory : greatest.memory;
    last = (uint32_t)(node - day->nodes);
    us = record->interval_us;
  }
  sk_spilled_close(reader);
  return st;
}

/* What the array was grown by and does not need; pairs hardly add nodes. */
static bool trim_nodes(struct sk_day *day)
{
  if (!day->node_count)
    return true;
  struct sk_day_node *nodes =
      sk_realloc(day->finish->budget, day->nodes, day->node_count * sizeof *nodes);
  if (!nodes)
    return false;
  day->nodes = nodes;
  day->node_capacity = day->node_count;
  return true;
}

shukei_status sk_day_nodes(struct sk_day *day, shukei_error *err)
{
  shukei_status st = day->spilled ? from_spilled(day, err) : from_partials(day, err);
  if (!st && !trim_nodes(day))
    st = sk_finish_no_memory(day->finish, err);
  for (uint32_t n = 0; !st && n < day->node_count; n++)
    if (!sk_grid_add_times(&day->cluster_cpu, day->nodes[n].cpu, 1) ||
        !sk_grid_add_times(&day->cluster_memory, day->nodes[n].memory, 1))
      st = sk_summary_out_of_range(err, "the cluster's capacity");
  return st;
}
