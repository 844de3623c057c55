/* SPDX-License-Identifier: Apache-2.0 */
/* Storage rows in their order: names and label texts are ranked, rows sorted by the ranks. */
#include "summary/volume_rows.h"

static struct sk_volume_rows *new_rows(struct sk_finish *finish)
{
  struct sk_volume_rows *rows = sk_calloc(finish->budget, 1, sizeof *rows);
  if (!rows)
    return NULL;
  rows->finish = finish;
  rows->budget = finish->budget;
  sk_arena_init(&rows->texts, finish->budget);
  sk_buffer_init(&rows->scratch, finish->budget, SIZE_MAX);
  sk_labelsets_init(&rows->sets, &rows->set_table, finish->budget);
  if (sk_intern_init(&rows->names, finish->budget) &&
      sk_intern_init(&rows->set_table, finish->budget))
    return rows;
  sk_volume_rows_free(rows);
  return NULL;
}

static void end_day(struct sk_volume_rows *rows)
{
  sk_groups_reset(&rows->keys);
  sk_volume_day_reset(&rows->groups);
  sk_free(rows->order);
  rows->order = NULL;
  rows->total = 0;
  sk_ids_reset(&rows->mounted);
  sk_ranks_clear(&rows->name_ranks);
  sk_ranks_clear(&rows->set_ranks);
}

void sk_volume_rows_free(struct sk_volume_rows *rows)
{
  if (!rows)
    return;
  end_day(rows);
  sk_ranks_reset(&rows->name_ranks);
  sk_ranks_reset(&rows->set_ranks);
  sk_intern_reset(&rows->names);
  sk_labelsets_reset(&rows->sets);
  sk_intern_reset(&rows->set_table);
  sk_ids_reset(&rows->pod_names.names);
  sk_ids_reset(&rows->volume_names);
  sk_ids_reset(&rows->label_names);
  sk_ids_reset(&rows->label_sets);
  sk_ids_reset(&rows->volume_sets);
  sk_arena_reset(&rows->texts);
  sk_free(rows->json);
  sk_buffer_reset(&rows->scratch);
  sk_free(rows);
}

/* ---- sorting -------------------------------------------------------------------------------- */

/* Makes the set's text, once in all days. */
static bool make_json(struct sk_volume_rows *rows, uint32_t set)
{
  const uint32_t before = rows->json_count;
  void *array = rows->json;
  if (!sk_grow(rows->budget, &array, &rows->json_count, set + 1, sizeof *rows->json))
    return false;
  rows->json = array;
  for (uint32_t i = before; i < rows->json_count; i++)
    rows->json[i] = (struct sk_text){.bytes = NULL};
  if (rows->json[set].bytes)
    return true;
  const struct sk_intern_entry *e = sk_intern_at(&rows->set_table, set);
  const struct sk_text canonical = {e->bytes, e->length};
  sk_buffer_clear(&rows->scratch);
  if (!sk_labelsets_json(&canonical, 1, &rows->scratch) || rows->scratch.failed ||
      rows->scratch.length > UINT32_MAX)
    return false;
  char *text = sk_arena_bytes(&rows->texts, rows->scratch.length);
  if (!text)
    return false;
  memcpy(text, rows->scratch.bytes, rows->scratch.length);
  rows->json[set] = (struct sk_text){.bytes = text, .length = (uint32_t)rows->scratch.length};
  return true;
}

static bool want_set(struct sk_volume_rows *rows, uint32_t set)
{
  return make_json(rows, set) && sk_ranks_want(&rows->set_ranks, rows->budget, set,
                                               rows->json[set].bytes, rows->json[set].length);
}
static bool want_name(struct sk_volume_rows *rows, uint32_t id)
{
  const struct sk_intern_entry *name = sk_intern_at(&rows->names, id);
  return sk_ranks_want(&rows->name_ranks, rows->budget, id, name->bytes, name->length);
}
static bool want_names(struct sk_volume_rows *rows, uint64_t packed)
{
  return want_name(rows, sk_high(packed)) && want_name(rows, sk_low(packed));
}

static bool rank_texts(struct sk_volume_rows *rows)
{
  bool ok = true;
  for (uint32_t g = 1; ok && g < rows->keys.count; g++) {
    const uint64_t *key = sk_groups_key(&rows->keys, g);
    ok = want_names(rows, key[0]) && want_names(rows, key[1]) && want_names(rows, key[2]) &&
         want_name(rows, sk_high(key[3])) && want_set(rows, sk_low(key[3]));
  }
  if (!ok)
    return false;
  sk_ranks_sort(&rows->name_ranks);
  sk_ranks_sort(&rows->set_ranks);
  return true;
}

static bool sort_rows(struct sk_volume_rows *rows)
{
  const uint32_t *name = rows->name_ranks.rank.at, *set = rows->set_ranks.rank.at;
  const uint32_t count = rows->keys.count - 1;
  const size_t words = (size_t)2 * SK_VOLUME_WORDS;
  uint32_t *keys = sk_alloc(rows->budget, (size_t)count * words * sizeof *keys + 1);
  uint32_t *spare = sk_alloc(rows->budget, (count + (size_t)1) * sizeof *spare);
  rows->order = sk_alloc(rows->budget, (count + (size_t)1) * sizeof *rows->order);
  const bool ok = keys && spare && rows->order;
  for (uint32_t i = 0; ok && i < count; i++) {
    const uint64_t *key = sk_groups_key(&rows->keys, i + 1);
    uint32_t *k = keys + (size_t)i * words;
    rows->order[i] = i;
    for (size_t w = 0; w < SK_VOLUME_WORDS; w++) {
      k[w * 2] = name[sk_high(key[w])];
      k[w * 2 + 1] = w < SK_VOLUME_WORDS - 1 ? name[sk_low(key[w])] : set[sk_low(key[w])];
    }
  }
  if (ok)
    sk_sort_rows(keys, words, rows->order, spare, count);
  rows->total = count;
  sk_free(keys);
  sk_free(spare);
  return ok;
}

shukei_status sk_volume_rows_prepare(struct sk_day *day, shukei_error *err)
{
  struct sk_finish *finish = day->finish;
  if (!finish->volumes)
    return SHUKEI_OK;
  if (!finish->volume_rows)
    finish->volume_rows = new_rows(finish);
  struct sk_volume_rows *rows = finish->volume_rows;
  if (!rows)
    return sk_finish_no_memory(finish, err);
  end_day(rows);
  rows->day = day;
  if (!sk_groups_init(&rows->keys, SK_VOLUME_WORDS, rows->budget))
    return sk_finish_no_memory(finish, err);
  sk_volume_day_init(&rows->groups, &rows->keys, rows->budget);
  const shukei_status st = sk_volume_groups(rows, err);
  if (st)
    return st;
  if (!rank_texts(rows) || !sort_rows(rows))
    return sk_finish_no_memory(finish, err);
  day->volume_count = rows->total;
  return SHUKEI_OK;
}

/* ---- emitting -------------------------------------------------------------------------------- */

static struct sk_text name_text(const struct sk_volume_rows *rows, uint32_t id)
{
  const struct sk_intern_entry *e = sk_intern_at(&rows->names, id);
  return (struct sk_text){id ? e->bytes : NULL, e->length};
}

shukei_status sk_volume_rows_emit(struct sk_day *day, struct sk_row_worker *worker, uint32_t first,
                                  uint32_t count, sk_row_taker take, void *context,
                                  shukei_error *err)
{
  const struct sk_volume_rows *rows = day->finish->volume_rows;
  shukei_status st = SHUKEI_OK;
  for (uint32_t i = first; !st && i < first + count; i++) {
    const uint64_t *key = sk_groups_key(&rows->keys, rows->order[i] + 1);
    const uint32_t volume = sk_high(key[2]);
    const bool mounted =
        volume && volume < rows->mounted.count && rows->mounted.at[volume] != SK_NO_ID;
    const struct sk_volume_row row = {
        .namespace = name_text(rows, sk_high(key[0])),
        .node = name_text(rows, sk_low(key[0])),
        .resource_id = name_text(rows, sk_high(key[1])),
        .claim = name_text(rows, sk_low(key[1])),
        .volume = name_text(rows, volume),
        .storageclass = name_text(rows, sk_low(key[2])),
        .handle = name_text(rows, sk_high(key[3])),
        .labels = rows->json[sk_low(key[3])],
        .group = sk_segments_at(&rows->groups.groups, rows->order[i] + 1, sizeof *row.group),
        .nodes = mounted ? rows->mounted.at[volume] : 1.0,
        .month_seconds = day->month_seconds};
    worker->groups++;
    if (!sk_emit_volume(&worker->emitter, &row))
      return sk_finish_no_memory(day->finish, err);
    st = take(context, &worker->emitter.row, err);
  }
  return st;
}
