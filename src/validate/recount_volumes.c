/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of volumes: each hourly row joins the pods that its claim was mounted by, on every node they
 * ran. */
#include "validate/recount.h"

#include "base/calendar.h"

#include <math.h>

#define GIB 0x1p-30

struct mount_key { /* what a row of storage joins by */
  int32_t day;
  uint32_t claim, pod, namespace;
};
struct mount { /* one of the places: a volume on a node */
  uint32_t volume, node, resource_id;
};
struct tables {
  struct sk_recount_table mounts;  /* mount_key -> list of places of `places` */
  struct sk_recount_table places;  /* struct mount -> nothing: numbers them */
  struct sk_recount_table mounted; /* (day, volume) -> list of nodes */
  struct sk_recount_table rows;    /* row key -> place in the list of rows */
};

static bool add_mount(struct sk_recount *recount, struct tables *t,
                      const struct sk_storage_key *key, uint32_t node, uint32_t resource_id)
{
  const struct mount_key by = {key->day, key->claim, key->pod, key->namespace};
  const struct mount place = {key->volume, node, resource_id};
  if (!sk_recount_at(&t->places, &place, sizeof place))
    return false;
  const uint32_t number = sk_intern_find(&t->places.keys, &place, sizeof place);
  uint32_t *const list = sk_recount_at(&t->mounts, &by, sizeof by);
  if (!list || !sk_recount_link(recount, list, number))
    return false;
  if (!node || !key->volume)
    return true;
  const struct sk_day_key volume = {key->day, key->volume};
  uint32_t *const nodes = sk_recount_at(&t->mounted, &volume, sizeof volume);
  return nodes && sk_recount_link(recount, nodes, node);
}

static bool find_mounts(struct sk_recount *recount, struct tables *t,
                        const struct sk_storage_key *key)
{
  const struct sk_place_key by = {key->day, key->namespace, key->pod};
  const uint32_t *const found =
      key->namespace && key->pod ? sk_recount_find(&recount->places, &by, sizeof by) : NULL;
  for (uint32_t l = found ? *found : 0; l;) {
    const uint32_t node = sk_link_number(recount, l), id = sk_link_next(recount, l);
    const uint32_t next = sk_link_next(recount, id);
    if (!add_mount(recount, t, key, node, sk_link_number(recount, id)))
      return false;
    l = next;
  }
  return true;
}

static bool add_row(struct sk_recount *recount, struct tables *t, struct sk_check_rows *out,
                    const struct sk_row_key *key, const struct sk_storage_sums *sums)
{
  struct sk_check_row *const row = sk_recount_row(recount, &t->rows, out, key, SK_STORAGE_MEASURES);
  if (!row)
    return false;
  const struct sk_day_key volume = {key->day, key->volume};
  const uint32_t *const list = sk_recount_find(&t->mounted, &volume, sizeof volume);
  uint32_t nodes = 0;
  for (uint32_t l = key->volume && list ? *list : 0; l; l = sk_link_next(recount, l))
    nodes++;
  const struct sk_date date = sk_date_of_day(key->day);
  const long double seconds = 86400.0L * sk_days_in_month(date.year, date.month);
  const long double shared = nodes ? nodes : 1;
  double *const m = &row->measures[SK_M_STORAGE];
  m[0] = fmax(m[0], sums->bytes * GIB);
  m[1] += (double)(sums->capacity / seconds * GIB);
  m[2] += (double)(sums->request / shared / seconds * GIB);
  m[3] += (double)(sums->usage / shared / seconds * GIB);
  return true;
}

/* The rows with the labels of a node's and a namespace's sets. */
static bool expand_labels(struct sk_recount *recount, struct tables *t, struct sk_check_rows *out,
                          const struct sk_storage_key *storage, struct sk_row_key *key,
                          const struct sk_storage_sums *sums)
{
  struct sk_label_sets *const labels = &recount->names->labels;
  if (recount->request->options->labels == SHUKEI_LABELS_HOURLY) {
    key->labels =
        sk_recount_hour_labels(recount, storage->at, key->node, key->namespace, storage->labels);
    return key->labels != SK_NO_ID && add_row(recount, t, out, key, sums);
  }
  uint32_t n = sk_recount_sets(&recount->node_sets, key->day, key->node);
  do {
    const uint32_t first = n ? sk_link_number(recount, n) : SK_NO_LABELS;
    uint32_t s = sk_recount_sets(&recount->namespace_sets, key->day, key->namespace);
    do {
      const uint32_t second = s ? sk_link_number(recount, s) : SK_NO_LABELS;
      key->labels =
          sk_label_sets_union(labels, sk_label_sets_union(labels, first, second), storage->labels);
      if (key->labels == SK_NO_ID || !add_row(recount, t, out, key, sums))
        return false;
      s = s ? sk_link_next(recount, s) : 0;
    } while (s);
    n = n ? sk_link_next(recount, n) : 0;
  } while (n);
  return true;
}

static bool expand(struct sk_recount *recount, struct tables *t, struct sk_check_rows *out,
                   uint32_t place)
{
  const struct sk_storage_sums *const sums = sk_recount_value(&recount->storage, place);
  struct sk_storage_key storage;
  memcpy(&storage, sk_recount_key(&recount->storage, place), sizeof storage);
  const struct mount_key by = {storage.day, storage.claim, storage.pod, storage.namespace};
  const bool joins = storage.claim && storage.pod && storage.namespace;
  const uint32_t *const list = joins ? sk_recount_find(&t->mounts, &by, sizeof by) : NULL;
  struct sk_row_key key = {.day = storage.day,
                           .sort = SK_ROW_STORAGE,
                           .namespace = storage.namespace,
                           .claim = storage.claim,
                           .volume = storage.volume,
                           .class = storage.class,
                           .handle = storage.handle};
  uint32_t l = list ? *list : 0;
  do {
    struct mount at = {0, 0, 0};
    if (l)
      memcpy(&at, sk_recount_key(&t->places, sk_link_number(recount, l)), sizeof at);
    key.node = at.node;
    key.resource_id = at.resource_id;
    if (!expand_labels(recount, t, out, &storage, &key, sums))
      return false;
    l = l ? sk_link_next(recount, l) : 0;
  } while (l);
  return true;
}

shukei_status sk_recount_volumes(struct sk_recount *recount, struct sk_check_rows *out,
                                 shukei_error *err)
{
  struct tables t;
  bool ok = sk_recount_table_init(&t.mounts, sizeof(uint32_t), recount->budget);
  ok &= sk_recount_table_init(&t.places, sizeof(uint32_t), recount->budget);
  ok &= sk_recount_table_init(&t.mounted, sizeof(uint32_t), recount->budget);
  ok &= sk_recount_table_init(&t.rows, sizeof(uint32_t), recount->budget);
  for (uint32_t i = 1; ok && i <= sk_recount_count(&recount->storage); i++) {
    struct sk_storage_key key;
    memcpy(&key, sk_recount_key(&recount->storage, i), sizeof key);
    ok = find_mounts(recount, &t, &key);
  }
  for (uint32_t i = 1; ok && i <= sk_recount_count(&recount->storage); i++)
    ok = expand(recount, &t, out, i);
  sk_recount_table_reset(&t.mounts);
  sk_recount_table_reset(&t.places);
  sk_recount_table_reset(&t.mounted);
  sk_recount_table_reset(&t.rows);
  return ok ? SHUKEI_OK : sk_fail_memory(err, recount->budget, 0, "rows of the summary");
}
