/* SPDX-License-Identifier: Apache-2.0 */
/* Unallocated capacity (spec/2-summary.md): what the day's Pod rows of a node leave over, in exact
 * integers, and the node's role, which names the row's namespace. What each worker tallied of its
 * own rows is brought together when all Pod rows are made. */
#include "summary/finish.h"

static const int spare_sums[SK_SPARE_COUNT] = {SK_SUM_USAGE_CPU,      SK_SUM_REQUEST_CPU,
                                               SK_SUM_EFFECTIVE_CPU,  SK_SUM_USAGE_MEMORY,
                                               SK_SUM_REQUEST_MEMORY, SK_SUM_EFFECTIVE_MEMORY};

bool sk_spare_add(sk_wide into[SK_SPARE_COUNT], const sk_wide from[SK_SUM_COUNT])
{
  for (size_t i = 0; i < SK_SPARE_COUNT; i++)
    if (!sk_grid_add_times(&into[i], from[spare_sums[i]], 1))
      return false;
  return true;
}

bool sk_tally_begin(const struct sk_day *day, struct sk_row_worker *worker)
{
  void *array = worker->tally;
  if (worker->tally_count == day->node_count)
    return true;
  if (!sk_grow(day->finish->budget, &array, &worker->tally_capacity, day->node_count,
               sizeof *worker->tally))
    return false;
  worker->tally = array;
  worker->tally_count = day->node_count;
  memset(worker->tally, 0, day->node_count * sizeof *worker->tally);
  return true;
}

/* The node's tally of all workers, in the tail; its texts are worker 0's. */
static struct sk_node_tally *tally_of(const struct sk_day *day, uint32_t node)
{
  return &day->finish->workers[0].tally[node];
}

/* The later of a text of worker 0 and one of another worker, as one of worker 0. */
static uint32_t later_text(struct sk_row_worker *first, uint32_t a, const struct sk_row_worker *of,
                           uint32_t id)
{
  const struct sk_intern_entry *e = sk_intern_at(&of->texts, id);
  const uint32_t b = sk_intern_add(&first->texts, e->bytes, e->length);
  return b == SK_NO_ID ? b : sk_text_later(&first->texts, a, b);
}

static shukei_status add_tally(struct sk_finish *finish, struct sk_node_tally *into,
                               const struct sk_row_worker *worker, uint32_t node, shukei_error *err)
{
  struct sk_row_worker *first = &finish->workers[0];
  const struct sk_node_tally *from = &worker->tally[node];
  for (size_t i = 0; i < SK_SPARE_COUNT; i++)
    if (!sk_grid_add_times(&into->sums[i], from->sums[i], 1))
      return sk_summary_out_of_range(err, "unallocated capacity");
  into->resource_id = later_text(first, into->resource_id, worker, from->resource_id);
  into->role_seen = later_text(first, into->role_seen, worker, from->role_seen);
  if (into->resource_id == SK_NO_ID || into->role_seen == SK_NO_ID)
    return sk_finish_no_memory(finish, err);
  into->role_listed = sk_roles_later(&finish->roles, into->role_listed, from->role_listed);
  into->apiserver |= from->apiserver;
  into->counts |= from->counts;
  into->cores = from->cores > into->cores ? from->cores : into->cores;
  into->bytes = from->bytes > into->bytes ? from->bytes : into->bytes;
  return SHUKEI_OK;
}

static bool has_infra_label(const struct sk_day *day, const struct sk_day_node *node)
{
  const struct sk_partial *labels = day->finish->labels;
  if (!labels)
    return false;
  const uint32_t when = sk_days_find(&labels->tables->days, day->day);
  const uint32_t there = day->finish->label_names[node->name];
  return when != SK_NO_ID && there != SK_NO_ID &&
         sk_map_find(&labels->label.infra, when, there) != SK_NO_ID;
}

static bool is_platform(const struct sk_day *day, const struct sk_day_node *node,
                        const struct sk_node_tally *tally)
{
  static const char *const platform[] = {"master", "infra"};
  const struct sk_intern_entry *seen =
      sk_intern_at(&day->finish->workers[0].texts, tally->role_seen);
  const char *role = seen->bytes;
  size_t length = seen->length;
  if (tally->role_listed) {
    role = day->finish->roles.roles[tally->role_listed];
    length = strlen(role);
  }
  if (!length)
    return tally->apiserver || has_infra_label(day, node);
  for (size_t i = 0; i < SK_COUNT(platform); i++)
    if (length == strlen(platform[i]) && !memcmp(role, platform[i], length))
      return true;
  return false;
}

/* Capacity less what the rows took of it. */
static shukei_status leave_over(struct sk_day *day, struct sk_day_node *node,
                                struct sk_node_tally *tally, shukei_error *err)
{
  node->namespace =
      is_platform(day, node, tally) ? SK_NAME_PLATFORM_UNALLOCATED : SK_NAME_WORKER_UNALLOCATED;
  for (size_t i = 0; i < SK_SPARE_COUNT; i++) {
    const sk_wide capacity = spare_sums[i] < SK_SUM_USAGE_MEMORY ? node->cpu : node->memory;
    if (__builtin_sub_overflow(capacity, tally->sums[i], &tally->sums[i]))
      return sk_summary_out_of_range(err, "unallocated capacity");
  }
  return SHUKEI_OK;
}

/* Sorted by the rows' namespaces, then the nodes' names. */
static bool sort_nodes(struct sk_day *day)
{
  struct sk_budget *budget = day->finish->budget;
  struct sk_ranked_text *texts = sk_alloc(budget, (day->node_count + (size_t)1) * sizeof *texts);
  day->spare_order = sk_alloc(budget, (day->node_count + (size_t)1) * sizeof *day->spare_order);
  if (texts && day->spare_order) {
    for (uint32_t namespace = SK_NAME_PLATFORM_UNALLOCATED; namespace <= SK_NAME_WORKER_UNALLOCATED;
         namespace ++) {
      size_t count = 0;
      for (uint32_t n = 0; n < day->node_count; n++) {
        const struct sk_intern_entry *name = sk_intern_at(&day->finish->names, day->nodes[n].name);
        if (day->nodes[n].namespace == namespace)
          texts[count++] =
              (struct sk_ranked_text){.bytes = name->bytes, .length = name->length, .id = n};
      }
      sk_sort_texts(texts, count);
      for (size_t i = 0; i < count; i++)
        day->spare_order[day->spare_count++] = texts[i].id;
    }
  }
  sk_free(texts);
  return texts && day->spare_order;
}

shukei_status sk_spare_prepare(struct sk_day *day, shukei_error *err)
{
  struct sk_finish *finish = day->finish;
  shukei_status st = SHUKEI_OK;
  if (!sk_tally_begin(day, &finish->workers[0]))
    st = sk_finish_no_memory(finish, err);
  for (uint32_t n = 0; !st && n < day->node_count; n++) {
    struct sk_node_tally *tally = tally_of(day, n);
    for (unsigned w = 1; !st && w < finish->worker_count; w++)
      if (finish->workers[w].tally_count)
        st = add_tally(finish, tally, &finish->workers[w], n, err);
    if (!st && tally->counts)
      st = leave_over(day, &day->nodes[n], tally, err);
  }
  if (!st && !sort_nodes(day))
    st = sk_finish_no_memory(finish, err);
  return st;
}

shukei_status sk_spare_rows(struct sk_day *day, struct sk_row_worker *worker, sk_row_taker take,
                            void *context, shukei_error *err)
{
  const struct sk_finish *finish = day->finish;
  shukei_status st = SHUKEI_OK;
  for (uint32_t i = 0; !st && i < day->spare_count; i++) {
    const struct sk_day_node *node = &day->nodes[day->spare_order[i]];
    const struct sk_node_tally *tally = tally_of(day, day->spare_order[i]);
    const struct sk_intern_entry *id = sk_intern_at(&finish->workers[0].texts, tally->resource_id);
    sk_wide sums[SK_SUM_COUNT] = {0};
    for (size_t k = 0; k < SK_SPARE_COUNT; k++)
      sums[spare_sums[k]] = tally->sums[k];
    const struct sk_pod_row spare = {
        .namespace = sk_finish_text(finish, node->namespace),
        .node = sk_finish_text(finish, node->name),
        .resource_id = {tally->resource_id ? id->bytes : NULL, id->length},
        .sums = sums,
        .cores = tally->cores,
        .bytes = tally->bytes,
        .capacities = sk_day_capacities(day, node)};
    if (!sk_emit_spare(&worker->emitter, &spare))
      return sk_finish_no_memory(finish, err);
    st = take(context, &worker->emitter.row, err);
  }
  return st;
}
