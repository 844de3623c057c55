/* SPDX-License-Identifier: Apache-2.0 */
/* Unallocated capacity (spec/2-summary.md): what the day's Pod rows of a node leave over, in exact
 * integers, and the node's role, which names the row's namespace. */
#include "summary/finish.h"

static const int spare_sums[] = {SK_SUM_USAGE_CPU,      SK_SUM_REQUEST_CPU,
                                 SK_SUM_EFFECTIVE_CPU,  SK_SUM_USAGE_MEMORY,
                                 SK_SUM_REQUEST_MEMORY, SK_SUM_EFFECTIVE_MEMORY};

static shukei_status add_row(struct sk_rows *rows, const uint64_t *key,
                             const struct sk_pod_group *g, shukei_error *err)
{
  const uint32_t namespace = sk_high(key[0]);
  if (namespace <= SK_NAME_STORAGE_UNATTRIBUTED) /* absent, or one that is made up */
    return SHUKEI_OK;
  struct sk_final_node *n = sk_finish_node(rows, sk_low(key[0]));
  if (!n)
    return sk_finish_no_memory(rows, err);
  for (size_t i = 0; i < SK_COUNT(spare_sums); i++)
    if (!sk_grid_add_times(&n->sums[spare_sums[i]], g->sums[spare_sums[i]], 1))
      return sk_summary_out_of_range(err, "unallocated capacity");
  if (!n->counts || g->resource_id != n->resource_id) {
    const char *role;
    if (!sk_roles_find(&rows->roles, sk_intern_at(&rows->names, n->name),
                       sk_intern_at(&rows->names, g->resource_id), &role))
      return sk_finish_no_memory(rows, err);
    if (strcmp(role, n->role_listed) > 0)
      n->role_listed = role;
    if (!n->resource_id || sk_text_compare(&rows->names, g->resource_id, n->resource_id) > 0)
      n->resource_id = g->resource_id;
  }
  n->counts = true;
  n->cores = g->cores > n->cores ? g->cores : n->cores;
  n->bytes = g->bytes > n->bytes ? g->bytes : n->bytes;
  return SHUKEI_OK;
}

static bool has_infra_label(struct sk_rows *rows, uint32_t node)
{
  if (!rows->labels)
    return false;
  const uint32_t day = sk_days_find(&rows->labels->days, rows->day);
  const uint32_t there = sk_ids_look_up(&rows->label_names, rows->budget,
                                        &rows->labels->symbols.names, &rows->names, node);
  return day != SK_NO_ID && there != SK_NO_ID &&
         sk_map_find(&rows->labels->label.infra, day, there) != SK_NO_ID;
}

static bool is_platform(struct sk_rows *rows, const struct sk_final_node *n)
{
  static const char *const platform[] = {"master", "infra"};
  const struct sk_intern_entry *seen = sk_intern_at(&rows->names, n->role_seen);
  const char *role = seen->bytes;
  size_t length = seen->length;
  if (*n->role_listed) {
    role = n->role_listed;
    length = strlen(role);
  }
  if (!length)
    return n->apiserver || has_infra_label(rows, n->name);
  for (size_t i = 0; i < SK_COUNT(platform); i++)
    if (length == strlen(platform[i]) && !memcmp(role, platform[i], length))
      return true;
  return false;
}

shukei_status sk_finish_spare(struct sk_rows *rows, shukei_error *err)
{
  const struct sk_pod_day *day = &rows->pod_day;
  for (uint32_t g = 1; g < day->filled; g++) {
    const shukei_status st = add_row(rows, sk_groups_key(&day->keys, g), &day->groups[g], err);
    if (st)
      return st;
  }
  for (uint32_t i = 0; i < rows->node_count; i++) {
    struct sk_final_node *n = &rows->nodes[i];
    if (!n->counts)
      continue;
    n->namespace = is_platform(rows, n) ? SK_NAME_PLATFORM_UNALLOCATED : SK_NAME_WORKER_UNALLOCATED;
    for (size_t k = 0; k < SK_COUNT(spare_sums); k++) {
      const int sum = spare_sums[k];
      const sk_wide capacity = sum < SK_SUM_USAGE_MEMORY ? n->cpu : n->memory;
      if (__builtin_sub_overflow(capacity, n->sums[sum], &n->sums[sum]))
        return sk_summary_out_of_range(err, "unallocated capacity");
    }
  }
  return SHUKEI_OK;
}
