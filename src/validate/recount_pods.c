/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of pods, and of what they left of each node. */
#include "validate/recount.h"

#include <math.h>

#define GIB 0x1p-30

struct left {     /* what the rows of a node and day come to */
  double used[6]; /* usage, request, effective usage of CPU; the same of memory */
  double capacities[6];
  uint32_t resource_id, role;
  bool there;
};

static shukei_status no_memory(const struct sk_recount *recount, shukei_error *err)
{
  return sk_fail_memory(err, recount->budget, 0, "rows of the summary");
}

/* Capacities of nodes, and of all of them, from those of their hours. */
static bool add_capacities(struct sk_recount *recount, struct sk_recount_table *clusters)
{
  for (uint32_t i = 1; i <= sk_recount_count(&recount->hours); i++) {
    const struct sk_hours_key *const at = sk_recount_key(&recount->hours, i);
    const struct sk_node_hour *const hour = sk_recount_value(&recount->hours, i);
    int64_t us;
    uint32_t name;
    memcpy(&us, &at->at, sizeof us);
    memcpy(&name, &at->name, sizeof name);
    const int64_t day_us = INT64_C(86400000000);
    const int32_t day = (int32_t)(us >= 0 ? us / day_us : -((-us + day_us - 1) / day_us));
    const struct sk_day_key key = {day, name};
    struct sk_node_day *const node = sk_recount_at(&recount->nodes, &key, sizeof key);
    struct sk_node_day *const all = sk_recount_at(clusters, &day, sizeof day);
    if (!node || !all)
      return false;
    node->cpu += hour->cpu;
    node->memory += hour->memory;
    all->cpu += hour->cpu;
    all->memory += hour->memory;
  }
  return true;
}

/* Adds sums to the row of that key, which is made where it lacks. */
static bool add_row(struct sk_recount *recount, struct sk_recount_table *index,
                    struct sk_check_rows *out, const struct sk_row_key *key,
                    const struct sk_pod_sums *sums)
{
  struct sk_check_row *const row = sk_recount_row(recount, index, out, key, SK_POD_MEASURES);
  if (!row)
    return false;
  for (int i = 0; i < 8; i++)
    row->measures[i] += (double)(sums->sums[i] / 3600 * (i < 4 ? 1 : GIB));
  row->measures[SK_M_node_capacity_cpu_cores] =
      fmax(row->measures[SK_M_node_capacity_cpu_cores], sums->cores);
  row->measures[SK_M_node_capacity_memory_gigabytes] =
      fmax(row->measures[SK_M_node_capacity_memory_gigabytes], sums->bytes * GIB);
  row->resource_id = sk_recount_later(recount, row->resource_id, sums->resource_id);
  return true;
}

/* The rows of one group: one for each pair of label sets that its node and namespace had that
 * day. */
static bool expand(struct sk_recount *recount, struct sk_recount_table *index,
                   struct sk_check_rows *out, uint32_t place)
{
  const struct sk_pod_sums *const sums = sk_recount_value(&recount->pods, place);
  struct sk_label_sets *const labels = &recount->names->labels;
  struct sk_pod_key pod;
  memcpy(&pod, sk_recount_key(&recount->pods, place), sizeof pod);
  struct sk_row_key key = {.day = pod.day,
                           .sort = SK_ROW_POD,
                           .namespace = pod.namespace,
                           .node = pod.node,
                           .labels = pod.labels};
  if (recount->request->options->labels == SHUKEI_LABELS_HOURLY)
    return add_row(recount, index, out, &key, sums);
  const uint32_t of_node = sk_recount_sets(&recount->node_sets, pod.day, pod.node);
  const uint32_t of_space = sk_recount_sets(&recount->namespace_sets, pod.day, pod.namespace);
  uint32_t n = of_node;
  do {
    const uint32_t first = n ? sk_link_number(recount, n) : SK_NO_LABELS;
    uint32_t s = of_space;
    do {
      const uint32_t second = s ? sk_link_number(recount, s) : SK_NO_LABELS;
      key.labels =
          sk_label_sets_union(labels, sk_label_sets_union(labels, first, second), pod.labels);
      if (key.labels == SK_NO_ID || !add_row(recount, index, out, &key, sums))
        return false;
      s = s ? sk_link_next(recount, s) : 0;
    } while (s);
    n = n ? sk_link_next(recount, n) : 0;
  } while (n);
  return true;
}

static bool same_text(const struct sk_recount *recount, uint32_t id, const char *text)
{
  const struct sk_intern_entry *const entry = sk_intern_at(&recount->names->texts, id);
  return entry->length == strlen(text) && memcmp(entry->bytes, text, entry->length) == 0;
}

static bool is_left_out(const struct sk_recount *recount, uint32_t namespace)
{
  static const char *const names[] = {"Platform unallocated", "Worker unallocated",
                                      "Network unattributed", "Storage unattributed"};
  for (size_t i = 0; i < SK_COUNT(names); i++)
    if (same_text(recount, namespace, names[i]))
      return true;
  return !namespace;
}

/* The highest role that the configuration has for the node of the row; 0: none. */
static uint32_t configured_role(struct sk_recount *recount, const struct sk_check_row *row,
                                bool *memory)
{
  const struct sk_validate_request *const request = recount->request;
  uint32_t role = 0;
  for (size_t i = 0; row->resource_id && i < request->node_count; i++) {
    const shukei_node_role *const node = &request->nodes[i];
    if (!node->node || !node->resource_id || !node->role || !*node->role ||
        !same_text(recount, row->key.node, node->node) ||
        !same_text(recount, row->resource_id, node->resource_id))
      continue;
    const uint32_t found = sk_intern_add(&recount->names->texts, node->role, strlen(node->role));
    *memory &= found != SK_NO_ID;
    if (found != SK_NO_ID)
      role = sk_recount_later(recount, role, found);
  }
  return role;
}

static bool finish_row(struct sk_recount *recount, const struct sk_recount_table *clusters,
                       struct sk_recount_table *spare, struct sk_check_row *row)
{
  bool memory = true;
  const struct sk_day_key key = {row->key.day, row->key.node};
  const struct sk_node_day *const node = sk_recount_find(&recount->nodes, &key, sizeof key);
  const struct sk_node_day *const all =
      sk_recount_find(clusters, &row->key.day, sizeof row->key.day);
  double *const m = row->measures;
  m[SK_M_node_capacity_cpu_core_hours] = (double)(node->cpu / 3600);
  m[SK_M_node_capacity_memory_gigabyte_hours] = (double)(node->memory / 3600 * GIB);
  m[SK_M_cluster_capacity_cpu_core_hours] = (double)(all->cpu / 3600);
  m[SK_M_cluster_capacity_memory_gigabyte_hours] = (double)(all->memory / 3600 * GIB);
  if (is_left_out(recount, row->key.namespace))
    return true;
  struct left *const left = sk_recount_at(spare, &key, sizeof key);
  if (!left)
    return false;
  for (int i = 0; i < 3; i++) {
    left->used[i] += m[i];
    left->used[3 + i] += m[4 + i];
  }
  for (int i = 0; i < 6; i++) {
    const double value = m[SK_M_CAPACITIES + i];
    left->capacities[i] = left->there ? fmax(left->capacities[i], value) : value;
  }
  left->there = true;
  left->resource_id = sk_recount_later(recount, left->resource_id, row->resource_id);
  left->role = sk_recount_later(recount, left->role, configured_role(recount, row, &memory));
  return memory;
}

static const char *namespace_of(const struct sk_recount *recount, const struct left *left,
                                const struct sk_node_day *node)
{
  const uint32_t role = left->role ? left->role : node->role;
  const bool platform =
      role ? same_text(recount, role, "master") || same_text(recount, role, "infra")
           : node->apiserver || node->infra;
  return platform ? "Platform unallocated" : "Worker unallocated";
}

static bool add_left(struct sk_recount *recount, const struct sk_recount_table *spare,
                     uint32_t place, struct sk_check_rows *out)
{
  const struct left *const left = sk_recount_value(spare, place);
  struct sk_day_key key;
  memcpy(&key, sk_recount_key(spare, place), sizeof key);
  const struct sk_node_day *const node = sk_recount_find(&recount->nodes, &key, sizeof key);
  const char *const name = namespace_of(recount, left, node);
  struct sk_check_row *const row = sk_check_rows_add(out);
  if (!row)
    return false;
  row->key = (struct sk_row_key){.day = key.day, .sort = SK_ROW_SPARE, .node = key.name};
  row->key.namespace = sk_intern_add(&recount->names->texts, name, strlen(name));
  row->all_labels = SK_NO_LABELS;
  row->resource_id = left->resource_id;
  row->known = SK_POD_MEASURES;
  row->known &= ~(1u << SK_M_pod_limit_cpu_core_hours | 1u << SK_M_pod_limit_memory_gigabyte_hours);
  for (int i = 0; i < 6; i++)
    row->measures[SK_M_CAPACITIES + i] = left->capacities[i];
  for (int i = 0; i < 3; i++) {
    row->measures[i] = left->capacities[1] - left->used[i];
    row->measures[4 + i] = left->capacities[3] - left->used[3 + i];
    row->scale = fmax(row->scale, fmax(fabs(left->used[i]), fabs(left->used[3 + i])));
  }
  row->scale = fmax(row->scale, fmax(left->capacities[1], left->capacities[3]));
  return row->key.namespace != SK_NO_ID && sk_recount_category(recount, row);
}

shukei_status sk_recount_pods(struct sk_recount *recount, struct sk_check_rows *out,
                              shukei_error *err)
{
  struct sk_recount_table index, clusters, spare;
  bool ok = sk_recount_table_init(&index, sizeof(uint32_t), recount->budget);
  ok &= sk_recount_table_init(&clusters, sizeof(struct sk_node_day), recount->budget);
  ok &= sk_recount_table_init(&spare, sizeof(struct left), recount->budget);
  ok = ok && add_capacities(recount, &clusters);
  for (uint32_t i = 1; ok && i <= sk_recount_count(&recount->pods); i++)
    ok = expand(recount, &index, out, i);
  for (uint32_t i = 0; ok && i < out->count; i++)
    ok = finish_row(recount, &clusters, &spare, &out->rows[i]);
  for (uint32_t i = 1; ok && i <= sk_recount_count(&spare); i++)
    ok = add_left(recount, &spare, i, out);
  sk_recount_table_reset(&index);
  sk_recount_table_reset(&clusters);
  sk_recount_table_reset(&spare);
  return ok ? SHUKEI_OK : no_memory(recount, err);
}
