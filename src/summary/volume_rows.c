/* SPDX-License-Identifier: Apache-2.0 */
/* The day's Storage rows: partial groups meet the nodes that their pods ran on (VN and node_count
 * of spec/2-summary.md).
 *
 * A row joins every VN entry of its claim, pod and namespace, and an entry has a volume of its
 * own: where a claim had several volumes on a day, each row counts once per volume, on every node.
 * The group's own volume stays, so this is a factor. */
#include "summary/volume_rows.h"

struct mount {
  uint32_t node, resource_id, next;
};
/* What counting found for a group, for the adding. */
struct place {
  uint32_t mount, claim;
};
struct claim {
  uint32_t volume, volumes; /* of the stage: the first; how many */
};
struct join {
  struct sk_map pods; /* namespace|pod -> first mount */
  uint32_t *first;
  struct mount *mounts;
  uint32_t first_capacity, mount_count, mount_capacity;
  struct sk_map claims; /* namespace|pod, claim */
  struct claim *by_claim;
  uint32_t claim_capacity;
  struct sk_ids first_node;       /* volume -> its first node */
  struct sk_map volumes, mounted; /* claim's index, volume; volume, node: all but the first */
  struct place *places;           /* by partial group */
};

static uint32_t name_of(struct sk_volume_rows *rows, uint32_t id)
{
  return sk_ids_carry(&rows->volume_names, &rows->names,
                      &rows->finish->volumes->tables->symbols.names, id);
}

/* ---- where the pods ran ---------------------------------------------------------------------- */

/* A pod on a node, in our ids; several partials may tell of it, each with a resource_id. */
static bool add_mount(struct sk_volume_rows *rows, struct join *join, const uint32_t names[4])
{
  bool is_new;
  const uint32_t namespace = names[0], pod = names[1], node = names[2], id = names[3];
  void *first = join->first, *mounts = join->mounts;
  for (int i = 0; i < 4; i++)
    if (names[i] == SK_NO_ID)
      return false;
  const uint32_t at = sk_map_add(&join->pods, namespace, pod, &is_new);
  bool ok = at != SK_NO_ID && sk_grow(rows->budget, &first, &join->first_capacity, join->pods.count,
                                      sizeof *join->first);
  join->first = first;
  for (uint32_t m = !ok || is_new ? SK_NO_ID : join->first[at]; m != SK_NO_ID;
       m = join->mounts[m].next)
    if (join->mounts[m].node == node) {
      join->mounts[m].resource_id = sk_text_later(&rows->names, join->mounts[m].resource_id, id);
      return true;
    }
  ok = ok && sk_grow(rows->budget, &mounts, &join->mount_capacity, join->mount_count + 1,
                     sizeof *join->mounts);
  join->mounts = mounts;
  if (!ok)
    return false;
  join->mounts[join->mount_count] = (struct mount){node, id, is_new ? SK_NO_ID : join->first[at]};
  join->first[at] = join->mount_count++;
  return true;
}

static uint32_t pod_name_of(struct sk_volume_rows *rows, uint32_t id)
{
  const struct sk_tables *tables = rows->finish->tables;
  sk_carried_follow(&rows->pod_names, tables);
  return sk_ids_carry(&rows->pod_names.names, &rows->names, &tables->symbols.names, id);
}

static bool mounts_of_partial(struct sk_volume_rows *rows, struct join *join, size_t partial)
{
  const struct sk_pod_day *day = sk_pod_day_find(rows->finish->pods[partial], rows->day->day);
  bool ok = true;
  for (uint32_t i = 0; ok && day && i < day->mounts.count; i++) {
    const struct sk_map_key *key = &day->mounts.keys[i];
    const uint32_t names[4] = {
        pod_name_of(rows, sk_high(key->high)), pod_name_of(rows, sk_low(key->high)),
        pod_name_of(rows, (uint32_t)key->low), pod_name_of(rows, day->mount_ids[i])};
    ok = add_mount(rows, join, names);
  }
  return ok;
}

static uint32_t intern(struct sk_volume_rows *rows, const struct sk_text *text)
{
  return sk_intern_add(&rows->names, text->bytes, text->length);
}

static shukei_status spilled_mounts(struct sk_volume_rows *rows, struct join *join,
                                    shukei_error *err)
{
  struct sk_spilled_reader *reader = NULL;
  const struct sk_spilled_record *r = NULL;
  shukei_status st =
      sk_spilled_open(rows->finish->spilled, rows->day->spilled, SK_SPILLED_MOUNT, &reader, err);
  while (!st && !(st = sk_spilled_next(reader, &r, err)) && r) {
    const uint32_t names[4] = {intern(rows, &r->namespace), intern(rows, &r->pod),
                               intern(rows, &r->node), intern(rows, &r->resource_id)};
    if (!add_mount(rows, join, names))
      st = sk_finish_no_memory(rows->finish, err);
  }
  sk_spilled_close(reader);
  return st;
}

/* Where the day's pods ran, as chains by namespace and pod. */
static shukei_status chain_mounts(struct sk_volume_rows *rows, struct join *join, shukei_error *err)
{
  bool ok = true;
  if (rows->day->spilled)
    return spilled_mounts(rows, join, err);
  for (size_t i = 0; ok && i < rows->finish->pod_count; i++)
    ok = mounts_of_partial(rows, join, i);
  return ok ? SHUKEI_OK : sk_finish_no_memory(rows->finish, err);
}

/* The first mount of a partial group's pod, *out SK_NO_ID for none; false when memory lacks. */
static bool first_mount(struct sk_volume_rows *rows, const struct join *join, uint64_t place,
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

/* Counts a claim's volume where it is new. The first is kept apart, since most have no other. */
static bool count_volume(struct sk_volume_rows *rows, struct join *join, const uint64_t *key,
                         uint32_t *index)
{
  bool is_new;
  void *array = join->by_claim;
  if (!sk_grow(rows->budget, &array, &join->claim_capacity, join->claims.count + 1,
               sizeof *join->by_claim))
    return false;
  join->by_claim = array;
  *index = sk_map_add(&join->claims, key[0], sk_high(key[1]), &is_new);
  if (*index == SK_NO_ID)
    return false;
  struct claim *claim = &join->by_claim[*index];
  const uint32_t volume = sk_low(key[1]);
  if (is_new) {
    *claim = (struct claim){volume, 1};
  } else if (volume != claim->volume) {
    if (sk_map_add(&join->volumes, *index, volume, &is_new) == SK_NO_ID)
      return false;
    claim->volumes += is_new;
  }
  return true;
}

/* Counts the nodes of a volume; the first is kept apart as well. */
static bool count_nodes(struct sk_volume_rows *rows, struct join *join, uint32_t volume,
                        uint32_t mount)
{
  if (!sk_ids_reach(&rows->mounted, rows->budget, volume + 1) ||
      !sk_ids_reach(&join->first_node, rows->budget, volume + 1))
    return false;
  for (; mount != SK_NO_ID; mount = join->mounts[mount].next) {
    const uint32_t node = join->mounts[mount].node;
    uint32_t *first = &join->first_node.at[volume];
    bool is_new = true;
    if (!node || node == *first)
      continue;
    if (*first == SK_NO_ID) {
      *first = node;
      rows->mounted.at[volume] = 1;
      continue;
    }
    if (sk_map_add(&join->mounted, volume, node, &is_new) == SK_NO_ID)
      return false;
    rows->mounted.at[volume] += is_new;
  }
  return true;
}

/* Counts the volumes of each claim and the nodes of each volume. */
static bool count_entry(struct sk_volume_rows *rows, struct join *join, const uint64_t *key,
                        struct place *place)
{
  place->claim = SK_NO_ID;
  if (!first_mount(rows, join, key[0], &place->mount))
    return false;
  if (place->mount == SK_NO_ID)
    return true;
  const uint32_t volume = name_of(rows, sk_low(key[1]));
  return volume != SK_NO_ID && count_volume(rows, join, key, &place->claim) &&
         (!volume || count_nodes(rows, join, volume, place->mount));
}

/* What a partial group's rows have in common, in our ids. */
struct entry {
  const struct sk_volume_group *group;
  uint32_t namespace, claim, volume, storageclass, handle, own, when;
  uint64_t times; /* VN entries of one node */
  bool shared;    /* joins more than one VN entry */
};

static shukei_status add_under(struct sk_volume_rows *rows, const struct entry *e, uint32_t node,
                               uint32_t resource_id, uint32_t set, shukei_error *err)
{
  const uint64_t key[SK_VOLUME_WORDS] = {
      sk_pack(e->namespace, node), sk_pack(resource_id, e->claim),
      sk_pack(e->volume, e->storageclass), sk_pack(e->handle, set)};
  uint32_t index;
  struct sk_volume_group *g =
      set == SK_NO_ID ? NULL : sk_volume_group_next(&rows->groups, key, &index);
  if (!g)
    return sk_finish_no_memory(rows->finish, err);
  if (e->group->claim_bytes > g->claim_bytes)
    g->claim_bytes = e->group->claim_bytes;
  if (!sk_grid_add_times(&g->capacity, e->group->capacity, e->times) ||
      !sk_grid_add_times(&g->request, e->group->request, e->times) ||
      !sk_grid_add_times(&g->usage, e->group->usage, e->times))
    return sk_summary_out_of_range(err, "a volume measure");
  return SHUKEI_OK;
}

/* The label sets of a name: one empty set where it has none. */
struct sets_of {
  const struct sk_named_sets *named;
  uint32_t first, count; /* first: link or SK_NO_ID; count at least 1 */
};
static struct sets_of sets_of(struct sk_volume_rows *rows, bool nodes, uint32_t when, uint32_t name)
{
  const struct sk_partial *labels = rows->finish->labels;
  struct sets_of sets = {.first = SK_NO_ID, .count = 1};
  if (!labels || when == SK_NO_ID || !name)
    return sets;
  const uint32_t there = sk_ids_look_up(&rows->label_names, rows->budget,
                                        &labels->tables->symbols.names, &rows->names, name);
  sets.named = nodes ? &labels->label.nodes : &labels->label.namespaces;
  sets.first = sk_named_sets_find(sets.named, when, there);
  sets.count = sk_sets_count(sets.named, sets.first);
  return sets;
}

/* The set at a link in our table, *link moved on; SK_NO_ID when memory lacks. */
static uint32_t set_at(struct sk_volume_rows *rows, const struct sets_of *sets, uint32_t *link)
{
  if (*link == SK_NO_ID)
    return 0;
  const struct sk_set_link *l = &sets->named->links[*link];
  *link = l->next;
  return sk_ids_carry(&rows->label_sets, &rows->set_table, &rows->finish->labels->tables->sets,
                      l->set);
}

static shukei_status add_on_node(struct sk_volume_rows *rows, const struct entry *e, uint32_t node,
                                 uint32_t resource_id, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  const struct sets_of n = sets_of(rows, true, e->when, node);
  const struct sets_of s = sets_of(rows, false, e->when, e->namespace);
  if ((uint64_t)n.count * s.count > 1 || e->shared)
    rows->finish->counts.rows_counted_more_than_once += e->group->rows * e->times;
  uint32_t at_n = n.first;
  for (uint32_t i = 0; !st && i < n.count; i++) {
    const uint32_t node_set = set_at(rows, &n, &at_n);
    uint32_t at_s = s.first;
    for (uint32_t k = 0; !st && k < s.count; k++) {
      const uint32_t space_set = set_at(rows, &s, &at_s);
      if (node_set == SK_NO_ID || space_set == SK_NO_ID)
        return sk_finish_no_memory(rows->finish, err);
      uint32_t set = sk_labelsets_union(&rows->sets, node_set, space_set);
      if (set != SK_NO_ID)
        set = sk_labelsets_union(&rows->sets, set, e->own);
      st = add_under(rows, e, node, resource_id, set, err);
    }
  }
  return st;
}

/* The labels of a group's own intervals: the day's under koku, those of its class under hourly. */
static uint32_t when_of(const struct sk_volume_rows *rows, uint32_t class)
{
  if (!rows->finish->volumes->hourly)
    return rows->day->when;
  if (!class)
    return SK_NO_ID;
  const struct sk_tables *tables = rows->finish->volumes->tables;
  const uint32_t interval = sk_intern_value(&tables->classes, class);
  return sk_label_when(rows->finish->labels, 0, sk_symbols_interval_us(&tables->symbols, interval));
}

static shukei_status add_group(struct sk_volume_rows *rows, const struct join *join,
                               const uint64_t *key, const struct sk_volume_group *g,
                               const struct place *place, shukei_error *err)
{
  struct entry e = {.group = g,
                    .namespace = name_of(rows, sk_high(key[0])),
                    .claim = name_of(rows, sk_high(key[1])),
                    .volume = name_of(rows, sk_low(key[1])),
                    .storageclass = name_of(rows, sk_high(key[2])),
                    .handle = name_of(rows, sk_low(key[2])),
                    .own = sk_ids_carry(&rows->volume_sets, &rows->set_table,
                                        &rows->finish->volumes->tables->sets, sk_high(key[3])),
                    .when = when_of(rows, sk_low(key[3])),
                    .times = 1};
  uint32_t mount = e.claim ? place->mount : SK_NO_ID;
  if (e.namespace == SK_NO_ID || e.claim == SK_NO_ID || e.volume == SK_NO_ID ||
      e.storageclass == SK_NO_ID || e.handle == SK_NO_ID || e.own == SK_NO_ID)
    return sk_finish_no_memory(rows->finish, err);
  if (mount == SK_NO_ID)
    return add_on_node(rows, &e, 0, 0, err);
  e.times = join->by_claim[place->claim].volumes;
  e.shared = e.times > 1 || join->mounts[mount].next != SK_NO_ID;
  shukei_status st = SHUKEI_OK;
  for (; !st && mount != SK_NO_ID; mount = join->mounts[mount].next)
    st = add_on_node(rows, &e, join->mounts[mount].node, join->mounts[mount].resource_id, err);
  return st;
}

shukei_status sk_volume_groups(struct sk_volume_rows *rows, shukei_error *err)
{
  const struct sk_partial *volumes = rows->finish->volumes;
  const uint32_t day = sk_days_find(&volumes->tables->days, rows->day->day);
  if (day >= volumes->volume.day_count || !volumes->volume.days[day].keys)
    return SHUKEI_OK;
  struct join join = {.first = NULL};
  sk_map_init(&join.pods, rows->budget);
  sk_map_init(&join.claims, rows->budget);
  sk_map_init(&join.volumes, rows->budget);
  sk_map_init(&join.mounted, rows->budget);
  const struct sk_volume_day *from = &volumes->volume.days[day];
  const uint32_t count = from->keys->count;
  join.places = sk_alloc(rows->budget, (size_t)count * sizeof *join.places);
  shukei_status st =
      join.places ? chain_mounts(rows, &join, err) : sk_finish_no_memory(rows->finish, err);
  for (uint32_t g = 1; !st && g < count; g++)
    if (!count_entry(rows, &join, sk_groups_key(from->keys, g), &join.places[g]))
      st = sk_finish_no_memory(rows->finish, err);
  for (uint32_t g = 1; !st && g < count; g++)
    st = add_group(rows, &join, sk_groups_key(from->keys, g), sk_volume_group_at(from, g),
                   &join.places[g], err);
  sk_map_reset(&join.pods);
  sk_map_reset(&join.claims);
  sk_map_reset(&join.volumes);
  sk_map_reset(&join.mounted);
  sk_ids_reset(&join.first_node);
  sk_free(join.places);
  sk_free(join.first);
  sk_free(join.mounts);
  sk_free(join.by_claim);
  return st;
}
