/* SPDX-License-Identifier: Apache-2.0 */
/* The day's Pod rows: each partial group is counted once per pair of label sets that its node and
 * namespace had (koku) or under its own pair (hourly), and groups whose labels became equal are
 * added up. Node capacities are summed over the day's intervals. */
#include "summary/finish.h"

struct sk_sets_of sk_finish_sets(struct sk_rows *rows, bool nodes, uint32_t when, uint32_t name)
{
  struct sk_sets_of sets = {.first = SK_NO_ID, .count = 1};
  if (!rows->labels || when == SK_NO_ID || !name)
    return sets;
  const struct sk_label_stage *label = &rows->labels->label;
  const uint32_t there = sk_ids_look_up(&rows->label_names, rows->budget,
                                        &rows->labels->symbols.names, &rows->names, name);
  sets.named = nodes ? &label->nodes : &label->namespaces;
  sets.first = sk_named_sets_find(sets.named, when, there);
  if (sets.first == SK_NO_ID)
    return sets;
  sets.count = 0;
  for (uint32_t l = sets.first; l != SK_NO_ID; l = sets.named->links[l].next)
    sets.count++;
  return sets;
}

uint32_t sk_finish_set(struct sk_rows *rows, const struct sk_sets_of *sets, uint32_t *link)
{
  if (*link == SK_NO_ID)
    return 0;
  const struct sk_set_link *l = &sets->named->links[*link];
  *link = l->next;
  return sk_ids_carry(&rows->label_sets, &rows->sets.sets, &rows->labels->sets.sets, l->set);
}

struct sk_final_node *sk_finish_node(struct sk_rows *rows, uint32_t name)
{
  if (!sk_ids_reach(&rows->node_index, rows->budget, name + 1))
    return NULL;
  uint32_t *index = &rows->node_index.at[name];
  if (*index == SK_NO_ID) {
    void *array = rows->nodes;
    if (!sk_grow(rows->budget, &array, &rows->node_capacity, rows->node_count + 1,
                 sizeof *rows->nodes))
      return NULL;
    rows->nodes = array;
    rows->nodes[rows->node_count] = (struct sk_final_node){.name = name, .role_listed = ""};
    *index = rows->node_count++;
  }
  return &rows->nodes[*index];
}

static uint32_t name_of(struct sk_rows *rows, uint32_t id)
{
  return sk_ids_carry(&rows->pod_names, &rows->names, &rows->pods->symbols.names, id);
}

static shukei_status sum_capacities(struct sk_rows *rows, uint32_t day, shukei_error *err)
{
  const struct sk_pod_stage *stage = &rows->pods->pod;
  for (uint32_t i = 0; i < stage->moment_count; i++) {
    const struct sk_moment *m = &stage->moments[i];
    if (m->day != day)
      continue;
    for (uint32_t n = 0; n < m->node_count && m->first_node + n < stage->node_count; n++) {
      const uint32_t name = name_of(rows, stage->node_names[m->first_node + n]);
      struct sk_final_node *node = name == SK_NO_ID ? NULL : sk_finish_node(rows, name);
      if (!node)
        return sk_finish_no_memory(rows, err);
      if (!sk_grid_add(&node->cpu, m->nodes[n].cpu * SK_GRID_CPU, &rows->range))
        return sk_summary_out_of_range(err, sk_field_info(SK_F_NODE_CAPACITY_CPU)->column);
      if (!sk_grid_add(&node->memory, m->nodes[n].memory * SK_GRID_BYTES, &rows->range))
        return sk_summary_out_of_range(err, sk_field_info(SK_F_NODE_CAPACITY_MEMORY)->column);
    }
  }
  for (uint32_t n = 0; n < rows->node_count; n++)
    if (!sk_grid_add_times(&rows->cluster_cpu, rows->nodes[n].cpu, 1) ||
        !sk_grid_add_times(&rows->cluster_memory, rows->nodes[n].memory, 1))
      return sk_summary_out_of_range(err, "the cluster's capacity");
  return SHUKEI_OK;
}

/* Adds a partial group under one merged label set. */
static shukei_status add_under(struct sk_rows *rows, const struct sk_pod_group *add,
                               uint32_t namespace, uint32_t node, uint32_t set,
                               uint32_t resource_id, shukei_error *err)
{
  const uint64_t key[SK_POD_WORDS] = {sk_pack(namespace, node), sk_pack(set, 0)};
  const uint32_t index = set == SK_NO_ID ? set : sk_pod_group_next(&rows->pod_day, key);
  if (index == SK_NO_ID)
    return sk_finish_no_memory(rows, err);
  struct sk_pod_group *g = &rows->pod_day.groups[index];
  for (int k = 0; k < SK_SUM_COUNT; k++)
    if (!sk_grid_add_times(&g->sums[k], add->sums[k], 1))
      return sk_summary_out_of_range(err, "a pod measure");
  g->cores = add->cores > g->cores ? add->cores : g->cores;
  g->bytes = add->bytes > g->bytes ? add->bytes : g->bytes;
  if (!g->resource_id ||
      (resource_id && sk_text_compare(&rows->names, resource_id, g->resource_id) > 0))
    g->resource_id = resource_id;
  return SHUKEI_OK;
}

static shukei_status add_koku(struct sk_rows *rows, const struct sk_pod_group *g,
                              uint32_t namespace, uint32_t node, uint32_t own, uint32_t resource_id,
                              shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  const struct sk_sets_of n = sk_finish_sets(rows, true, rows->when, node);
  const struct sk_sets_of s = sk_finish_sets(rows, false, rows->when, namespace);
  if ((uint64_t)n.count * s.count > 1)
    rows->counts.rows_counted_more_than_once += g->rows;
  uint32_t at_n = n.first;
  for (uint32_t i = 0; !st && i < n.count; i++) {
    const uint32_t node_set = sk_finish_set(rows, &n, &at_n);
    uint32_t at_s = s.first;
    for (uint32_t k = 0; !st && k < s.count; k++) {
      const uint32_t space_set = sk_finish_set(rows, &s, &at_s);
      if (node_set == SK_NO_ID || space_set == SK_NO_ID)
        return sk_finish_no_memory(rows, err);
      uint32_t set = sk_labelsets_union(&rows->sets, node_set, space_set);
      if (set != SK_NO_ID)
        set = sk_labelsets_union(&rows->sets, set, own);
      st = add_under(rows, g, namespace, node, set, resource_id, err);
    }
  }
  return st;
}

static shukei_status add_hourly(struct sk_rows *rows, const struct sk_pod_group *g, uint32_t pair,
                                uint32_t namespace, uint32_t node, uint32_t own,
                                uint32_t resource_id, shukei_error *err)
{
  const struct sk_map_key *key = &rows->pods->pod.pairs.keys[pair];
  uint32_t set = own;
  if (key->high || key->low) {
    struct sk_intern *ours = &rows->sets.sets;
    const struct sk_intern *theirs = &rows->labels->sets.sets;
    const uint32_t n = sk_ids_carry(&rows->label_sets, ours, theirs, (uint32_t)key->high);
    const uint32_t s = sk_ids_carry(&rows->label_sets, ours, theirs, (uint32_t)key->low);
    if (n == SK_NO_ID || s == SK_NO_ID)
      return sk_finish_no_memory(rows, err);
    set = sk_labelsets_union(&rows->sets, n, s);
    if (set != SK_NO_ID)
      set = sk_labelsets_union(&rows->sets, set, own);
  }
  return add_under(rows, g, namespace, node, set, resource_id, err);
}

static shukei_status add_group(struct sk_rows *rows, const uint64_t *key,
                               const struct sk_pod_group *g, shukei_error *err)
{
  const uint32_t namespace = name_of(rows, sk_high(key[0])), node = name_of(rows, sk_low(key[0]));
  const uint32_t id = name_of(rows, g->resource_id), role = name_of(rows, g->role);
  const uint32_t own =
      sk_ids_carry(&rows->pod_sets, &rows->sets.sets, &rows->pods->sets.sets, sk_high(key[1]));
  if (namespace == SK_NO_ID || node == SK_NO_ID || id == SK_NO_ID || role == SK_NO_ID ||
      own == SK_NO_ID)
    return sk_finish_no_memory(rows, err);
  struct sk_final_node *n = sk_finish_node(rows, node);
  if (!n)
    return sk_finish_no_memory(rows, err);
  n->apiserver |= namespace == SK_NAME_APISERVER;
  if (role && (!n->role_seen || sk_text_compare(&rows->names, role, n->role_seen) > 0))
    n->role_seen = role;
  return rows->pods->hourly ? add_hourly(rows, g, sk_low(key[1]), namespace, node, own, id, err)
                            : add_koku(rows, g, namespace, node, own, id, err);
}

shukei_status sk_finish_pods(struct sk_rows *rows, shukei_error *err)
{
  const uint32_t day = rows->pods ? sk_days_find(&rows->pods->days, rows->day) : SK_NO_ID;
  if (day == SK_NO_ID)
    return SHUKEI_OK;
  shukei_status st = sum_capacities(rows, day, err);
  const struct sk_pod_day *from = &rows->pods->pod.days[day];
  for (uint32_t g = 1; !st && g < from->filled; g++)
    st = add_group(rows, sk_groups_key(&from->keys, g), &from->groups[g], err);
  return st;
}
