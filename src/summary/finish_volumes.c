/* SPDX-License-Identifier: Apache-2.0 */
/* The day's Storage rows: partial groups meet the nodes that their pods ran on (VN and node_count
 * of spec/2-summary.md).
 *
 * A row joins every VN entry of its claim, pod and namespace, and an entry has a volume of its
 * own: where a claim had several volumes on a day, each row counts once per volume, on every node.
 * The group's own volume stays, so this is a factor. */
#include "summary/finish.h"

struct mount {
  uint32_t node, resource_id, next;
};
struct join {
  struct sk_map pods; /* namespace|pod -> first mount */
  uint32_t *first;
  struct mount *mounts;
  struct sk_map entries, claims; /* namespace|pod, claim|volume; namespace|pod, claim */
  uint32_t *volumes;             /* by claim: how many volumes */
  uint32_t volume_capacity;
  struct sk_map mounted; /* volume, node */
};

static uint32_t name_of(struct sk_rows *rows, uint32_t id)
{
  return sk_ids_carry(&rows->volume_names, &rows->names, &rows->volumes->symbols.names, id);
}
static uint32_t pod_name_of(struct sk_rows *rows, uint32_t id)
{
  return sk_ids_carry(&rows->pod_names, &rows->names, &rows->pods->symbols.names, id);
}

/* Where the day's pods ran, as chains by namespace and pod. */
static bool chain_mounts(struct sk_rows *rows, struct join *join)
{
  const uint32_t day = rows->pods ? sk_days_find(&rows->pods->days, rows->day) : SK_NO_ID;
  if (day == SK_NO_ID)
    return true;
  const struct sk_pod_day *from = &rows->pods->pod.days[day];
  const size_t count = from->mounts.count;
  join->first = sk_alloc(rows->budget, (count + 1) * sizeof *join->first);
  join->mounts = sk_alloc(rows->budget, (count + 1) * sizeof *join->mounts);
  if (!join->first || !join->mounts)
    return false;
  for (uint32_t i = 0; i < count; i++) {
    const struct sk_map_key *key = &from->mounts.keys[i];
    const uint32_t namespace = pod_name_of(rows, sk_high(key->high));
    const uint32_t pod = pod_name_of(rows, sk_low(key->high));
    const uint32_t node = pod_name_of(rows, (uint32_t)key->low);
    const uint32_t id = pod_name_of(rows, from->mount_ids[i]);
    bool is_new;
    if (namespace == SK_NO_ID || pod == SK_NO_ID || node == SK_NO_ID || id == SK_NO_ID)
      return false;
    const uint32_t at = sk_map_add(&join->pods, namespace, pod, &is_new);
    if (at == SK_NO_ID)
      return false;
    join->mounts[i] = (struct mount){node, id, is_new ? SK_NO_ID : join->first[at]};
    join->first[at] = i;
  }
  return true;
}

/* The first mount of a partial group's pod, *out SK_NO_ID for none; false when memory lacks. */
static bool first_mount(struct sk_rows *rows, const struct join *join, uint64_t place,
                        uint32_t *out)
{
  *out = SK_NO_ID;
  if (!sk_high(place) || !sk_low(place))
    return true;
  const uint32_t namespace = name_of(rows, sk_high(place)), pod = name_of(rows, sk_low(place));
  if (namespace == SK_NO_ID || pod == SK_NO_ID)
    return false;
  const uint32_t at = sk_map_find(&join->pods, namespace, pod);
  if (at != SK_NO_ID)
    *out = join->first[at];
  return true;
}

/* Counts the volumes of each claim and the nodes of each volume. */
static bool count_entry(struct sk_rows *rows, struct join *join, const uint64_t *key)
{
  uint32_t mount;
  bool is_new;
  if (!first_mount(rows, join, key[0], &mount))
    return false;
  if (mount == SK_NO_ID)
    return true;
  void *array = join->volumes;
  if (!sk_grow(rows->budget, &array, &join->volume_capacity, join->claims.count + 1,
               sizeof *join->volumes))
    return false;
  join->volumes = array;
  const uint32_t claim = sk_map_add(&join->claims, key[0], sk_high(key[1]), &is_new);
  if (claim == SK_NO_ID)
    return false;
  if (is_new)
    join->volumes[claim] = 0;
  if (sk_map_add(&join->entries, key[0], key[1], &is_new) == SK_NO_ID)
    return false;
  join->volumes[claim] += is_new;
  const uint32_t volume = name_of(rows, sk_low(key[1]));
  if (volume == SK_NO_ID || !sk_ids_reach(&rows->mounted, rows->budget, volume + 1))
    return false;
  for (; volume && mount != SK_NO_ID; mount = join->mounts[mount].next) {
    const uint32_t node = join->mounts[mount].node;
    if (!node)
      continue;
    if (sk_map_add(&join->mounted, volume, node, &is_new) == SK_NO_ID)
      return false;
    uint32_t *count = &rows->mounted.at[volume];
    *count = *count == SK_NO_ID ? 1 : *count + is_new;
  }
  return true;
}

/* What a partial group's rows have in common, in our ids. */
struct entry {
  const struct sk_volume_group *group;
  uint32_t namespace, claim, volume, storageclass, handle, own, when;
  uint64_t times; /* VN entries of one node */
  bool shared;    /* joins more than one VN entry */
};

static shukei_status add_under(struct sk_rows *rows, const struct entry *e, uint32_t node,
                               uint32_t resource_id, uint32_t set, shukei_error *err)
{
  const uint64_t key[SK_VOLUME_WORDS] = {
      sk_pack(e->namespace, node), sk_pack(resource_id, e->claim),
      sk_pack(e->volume, e->storageclass), sk_pack(e->handle, set)};
  const uint32_t index = set == SK_NO_ID ? set : sk_volume_group_next(&rows->volume_day, key);
  if (index == SK_NO_ID)
    return sk_finish_no_memory(rows, err);
  struct sk_volume_group *g = &rows->volume_day.groups[index];
  if (e->group->claim_bytes > g->claim_bytes)
    g->claim_bytes = e->group->claim_bytes;
  if (!sk_grid_add_times(&g->capacity, e->group->capacity, e->times) ||
      !sk_grid_add_times(&g->request, e->group->request, e->times) ||
      !sk_grid_add_times(&g->usage, e->group->usage, e->times))
    return sk_summary_out_of_range(err, "a volume measure");
  return SHUKEI_OK;
}

static shukei_status add_on_node(struct sk_rows *rows, const struct entry *e, uint32_t node,
                                 uint32_t resource_id, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  const struct sk_sets_of n = sk_finish_sets(rows, true, e->when, node);
  const struct sk_sets_of s = sk_finish_sets(rows, false, e->when, e->namespace);
  if ((uint64_t)n.count * s.count > 1 || e->shared)
    rows->counts.rows_counted_more_than_once += e->group->rows * e->times;
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
        set = sk_labelsets_union(&rows->sets, set, e->own);
      st = add_under(rows, e, node, resource_id, set, err);
    }
  }
  return st;
}

/* The labels of a group's own intervals: the day's under koku, those of its class under hourly. */
static uint32_t when_of(const struct sk_rows *rows, uint32_t class)
{
  if (!rows->volumes->hourly)
    return rows->when;
  if (!class)
    return SK_NO_ID;
  const uint32_t interval = rows->volumes->volume.class_interval.at[class];
  return sk_label_when(rows->labels, 0, sk_symbols_interval_us(&rows->volumes->symbols, interval));
}

static shukei_status add_group(struct sk_rows *rows, const struct join *join, const uint64_t *key,
                               const struct sk_volume_group *g, shukei_error *err)
{
  struct entry e = {.group = g,
                    .namespace = name_of(rows, sk_high(key[0])),
                    .claim = name_of(rows, sk_high(key[1])),
                    .volume = name_of(rows, sk_low(key[1])),
                    .storageclass = name_of(rows, sk_high(key[2])),
                    .handle = name_of(rows, sk_low(key[2])),
                    .own = sk_ids_carry(&rows->volume_sets, &rows->sets.sets,
                                        &rows->volumes->sets.sets, sk_high(key[3])),
                    .when = when_of(rows, sk_low(key[3])),
                    .times = 1};
  uint32_t mount = SK_NO_ID;
  if (e.namespace == SK_NO_ID || e.claim == SK_NO_ID || e.volume == SK_NO_ID ||
      e.storageclass == SK_NO_ID || e.handle == SK_NO_ID || e.own == SK_NO_ID ||
      (e.claim && !first_mount(rows, join, key[0], &mount)))
    return sk_finish_no_memory(rows, err);
  if (mount == SK_NO_ID)
    return add_on_node(rows, &e, 0, 0, err);
  e.times = join->volumes[sk_map_find(&join->claims, key[0], sk_high(key[1]))];
  e.shared = e.times > 1 || join->mounts[mount].next != SK_NO_ID;
  shukei_status st = SHUKEI_OK;
  for (; !st && mount != SK_NO_ID; mount = join->mounts[mount].next)
    st = add_on_node(rows, &e, join->mounts[mount].node, join->mounts[mount].resource_id, err);
  return st;
}

shukei_status sk_finish_volumes(struct sk_rows *rows, shukei_error *err)
{
  const uint32_t day = rows->volumes ? sk_days_find(&rows->volumes->days, rows->day) : SK_NO_ID;
  if (day == SK_NO_ID)
    return SHUKEI_OK;
  struct join join = {.first = NULL};
  sk_map_init(&join.pods, rows->budget);
  sk_map_init(&join.entries, rows->budget);
  sk_map_init(&join.claims, rows->budget);
  sk_map_init(&join.mounted, rows->budget);
  const struct sk_volume_day *from = &rows->volumes->volume.days[day];
  bool ok = chain_mounts(rows, &join);
  for (uint32_t g = 1; ok && g < from->filled; g++)
    ok = count_entry(rows, &join, sk_groups_key(&from->keys, g));
  shukei_status st = ok ? SHUKEI_OK : sk_finish_no_memory(rows, err);
  for (uint32_t g = 1; !st && g < from->filled; g++)
    st = add_group(rows, &join, sk_groups_key(&from->keys, g), &from->groups[g], err);
  sk_map_reset(&join.pods);
  sk_map_reset(&join.entries);
  sk_map_reset(&join.claims);
  sk_map_reset(&join.mounted);
  sk_free(join.first);
  sk_free(join.mounts);
  sk_free(join.volumes);
  return st;
}
