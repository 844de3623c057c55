/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the finished summary.
 *
 *   sk_rows_open() -> sk_rows_next() until *row is NULL -> sk_rows_counts() -> sk_rows_close()
 *
 * Days are finished one after the other, so that only one day's final groups are in memory beside
 * the partial ones: groups are made (finish.h), their names and label texts are ranked, rows are
 * sorted by ranks, then emitted one by one. Names, label sets and label texts are kept over the
 * days, as most of them come again. */
#include "summary/finish.h"

#include <stdlib.h>

static const char *const known_names[SK_NAME_KNOWN] = {
    [SK_NAME_ABSENT] = "",
    [SK_NAME_PLATFORM_UNALLOCATED] = "Platform unallocated",
    [SK_NAME_WORKER_UNALLOCATED] = "Worker unallocated",
    [SK_NAME_NETWORK_UNATTRIBUTED] = "Network unattributed",
    [SK_NAME_STORAGE_UNATTRIBUTED] = "Storage unattributed",
    [SK_NAME_APISERVER] = "openshift-kube-apiserver",
};

/* As in partial.c: the greatest of the tables' next growths stands for what failed. */
shukei_status sk_finish_no_memory(const struct sk_rows *rows, shukei_error *err)
{
  const uint64_t pods = (uint64_t)rows->pod_day.capacity * 3 / 2 * sizeof(struct sk_pod_group);
  const uint64_t volumes =
      (uint64_t)rows->volume_day.capacity * 3 / 2 * sizeof(struct sk_volume_group);
  const uint64_t sets = (uint64_t)rows->sets.sets.capacity * 2 * sizeof(struct sk_intern_entry);
  const uint64_t most = pods > volumes ? pods : volumes;
  return sk_fail_memory(err, rows->budget, most > sets ? most : sets, "finished rows");
}

static int compare_days(const void *a, const void *b)
{
  int32_t x, y;
  memcpy(&x, a, sizeof x);
  memcpy(&y, b, sizeof y);
  return (x > y) - (x < y);
}

static bool collect_days(struct sk_rows *rows)
{
  const struct sk_partial *stages[] = {rows->pods, rows->volumes};
  struct sk_days days = {.at = NULL};
  bool ok = true;
  for (size_t s = 0; s < SK_COUNT(stages); s++)
    for (uint32_t i = 0; ok && stages[s] && i < stages[s]->days.count; i++)
      ok = sk_days_add(&days, stages[s]->days.at[i], rows->budget) != SK_NO_ID;
  if (days.count)
    qsort(days.at, days.count, sizeof *days.at, compare_days);
  sk_map_reset(&days.places);
  rows->days = days.at;
  rows->day_count = days.count;
  return ok;
}

/* Pairs that were skipped, once per distinct text of all stages. */
static bool count_skipped(struct sk_rows *rows)
{
  const struct sk_partial *stages[] = {rows->labels, rows->volumes, rows->pods};
  struct sk_intern seen;
  if (!sk_intern_init(&seen, rows->budget))
    return false;
  bool ok = true;
  for (size_t s = 0; s < SK_COUNT(stages); s++)
    for (uint32_t i = 0; ok && stages[s] && i < stages[s]->texts.skipped_count; i++) {
      const struct sk_skipped_text *skipped = &stages[s]->texts.skipped[i];
      const struct sk_intern_entry *text = sk_intern_at(&stages[s]->symbols.labels, skipped->text);
      const uint32_t before = seen.count;
      ok = sk_intern_add(&seen, text->bytes, text->length) != SK_NO_ID;
      if (seen.count > before)
        rows->counts.label_pairs_skipped += skipped->pairs;
    }
  sk_intern_reset(&seen);
  return ok;
}

static bool init_tables(struct sk_rows *rows)
{
  sk_arena_init(&rows->texts, rows->budget);
  sk_buffer_init(&rows->scratch, rows->budget, SIZE_MAX);
  bool ok = sk_intern_init(&rows->names, rows->budget) &&
            sk_labelsets_init(&rows->sets, rows->budget) &&
            sk_roles_init(&rows->roles, rows->rules, rows->budget);
  for (uint32_t i = 0; ok && i < SK_NAME_KNOWN; i++)
    ok = sk_intern_add(&rows->names, known_names[i], strlen(known_names[i])) == i;
  return ok;
}

shukei_status sk_rows_open(const struct sk_rules *rules,
                           const struct sk_partial *const done[SK_STAGE_COUNT],
                           struct sk_budget *budget, struct sk_rows **out, shukei_error *err)
{
  *out = NULL;
  struct sk_rows *rows = sk_calloc(budget, 1, sizeof *rows);
  if (!rows)
    goto no_memory;
  rows->rules = rules;
  rows->budget = budget;
  rows->labels = done[SK_STAGE_LABELS];
  rows->volumes = done[SK_STAGE_STORAGE];
  rows->pods = done[SK_STAGE_PODS];
  rows->phase = SK_PHASE_DONE;
  rows->counts.first_day = INT32_MAX;
  rows->counts.last_day = INT32_MIN;
  sk_uuid_namespace(rules->source_uuid, rows->namespace);
  if (!init_tables(rows) || !collect_days(rows) || !count_skipped(rows))
    goto no_memory;
  *out = rows;
  return SHUKEI_OK;
no_memory:
  sk_rows_close(rows);
  return sk_fail_memory(err, budget, sizeof *rows, "the summary's rows");
}

static void end_day(struct sk_rows *rows)
{
  sk_groups_reset(&rows->pod_day.keys);
  sk_free(rows->pod_day.groups);
  rows->pod_day = (struct sk_pod_day){.filled = 0};
  sk_groups_reset(&rows->volume_day.keys);
  sk_free(rows->volume_day.groups);
  rows->volume_day = (struct sk_volume_day){.filled = 0};
  sk_free(rows->pod_order);
  sk_free(rows->volume_order);
  sk_free(rows->spare_order);
  rows->pod_order = rows->volume_order = rows->spare_order = NULL;
  rows->pod_total = rows->volume_total = rows->spare_total = 0;
  sk_ids_reset(&rows->node_index);
  sk_ids_reset(&rows->mounted);
  rows->node_count = 0;
  sk_ranks_clear(&rows->name_ranks);
  sk_ranks_clear(&rows->set_ranks);
}

void sk_rows_close(struct sk_rows *rows)
{
  if (!rows)
    return;
  end_day(rows);
  sk_ranks_reset(&rows->name_ranks);
  sk_ranks_reset(&rows->set_ranks);
  sk_free(rows->nodes);
  sk_roles_reset(&rows->roles);
  sk_free(rows->days);
  sk_intern_reset(&rows->names);
  sk_labelsets_reset(&rows->sets);
  sk_ids_reset(&rows->pod_names);
  sk_ids_reset(&rows->volume_names);
  sk_ids_reset(&rows->label_names);
  sk_ids_reset(&rows->label_sets);
  sk_ids_reset(&rows->pod_sets);
  sk_ids_reset(&rows->volume_sets);
  sk_arena_reset(&rows->texts);
  sk_free(rows->json);
  sk_free(rows->categories);
  sk_buffer_reset(&rows->scratch);
  sk_free(rows);
}

/* ---- sorting -------------------------------------------------------------------------------- */

/* Makes the set's text, once in all days. */
static bool make_json(struct sk_rows *rows, uint32_t set)
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
  sk_buffer_clear(&rows->scratch);
  if (!sk_labelsets_json(&rows->sets, set, &rows->scratch) || rows->scratch.failed ||
      rows->scratch.length > UINT32_MAX)
    return false;
  char *text = sk_arena_bytes(&rows->texts, rows->scratch.length);
  if (!text)
    return false;
  memcpy(text, rows->scratch.bytes, rows->scratch.length);
  rows->json[set] = (struct sk_text){.bytes = text, .length = (uint32_t)rows->scratch.length};
  return true;
}

static bool want_set(struct sk_rows *rows, uint32_t set)
{
  return make_json(rows, set) && sk_ranks_want(&rows->set_ranks, rows->budget, set,
                                               rows->json[set].bytes, rows->json[set].length);
}
static bool want_name(struct sk_rows *rows, uint32_t id)
{
  const struct sk_intern_entry *name = sk_intern_at(&rows->names, id);
  return sk_ranks_want(&rows->name_ranks, rows->budget, id, name->bytes, name->length);
}
static bool want_names(struct sk_rows *rows, uint64_t packed)
{
  return want_name(rows, sk_high(packed)) && want_name(rows, sk_low(packed));
}

static bool rank_texts(struct sk_rows *rows)
{
  bool ok =
      want_name(rows, SK_NAME_PLATFORM_UNALLOCATED) && want_name(rows, SK_NAME_WORKER_UNALLOCATED);
  for (uint32_t g = 1; ok && g < rows->pod_day.filled; g++) {
    const uint64_t *key = sk_groups_key(&rows->pod_day.keys, g);
    ok = want_names(rows, key[0]) && want_set(rows, sk_high(key[1]));
  }
  for (uint32_t g = 1; ok && g < rows->volume_day.filled; g++) {
    const uint64_t *key = sk_groups_key(&rows->volume_day.keys, g);
    ok = want_names(rows, key[0]) && want_names(rows, key[1]) && want_names(rows, key[2]) &&
         want_name(rows, sk_high(key[3])) && want_set(rows, sk_low(key[3]));
  }
  if (!ok)
    return false;
  sk_ranks_sort(&rows->name_ranks);
  sk_ranks_sort(&rows->set_ranks);
  return true;
}

/* The indexes of `count` rows from `first` on, sorted by their keys; NULL when memory lacks. */
static uint32_t *sort_keys(struct sk_rows *rows, const uint32_t *keys, size_t words, size_t count)
{
  uint32_t *order = sk_alloc(rows->budget, (count + 1) * sizeof *order);
  uint32_t *spare = sk_alloc(rows->budget, (count + 1) * sizeof *spare);
  for (size_t i = 0; order && i < count; i++)
    order[i] = (uint32_t)i;
  if (order && spare) {
    sk_sort_rows(keys, words, order, spare, count);
  } else {
    sk_free(order);
    order = NULL;
  }
  sk_free(spare);
  return order;
}

static bool sort_pods(struct sk_rows *rows)
{
  const uint32_t *name = rows->name_ranks.rank.at, *set = rows->set_ranks.rank.at;
  const uint32_t count = rows->pod_day.filled ? rows->pod_day.filled - 1 : 0;
  uint32_t *keys = sk_alloc(rows->budget, (size_t)count * 3 * sizeof *keys + 1);
  if (!keys)
    return false;
  for (uint32_t i = 0; i < count; i++) {
    const uint64_t *key = sk_groups_key(&rows->pod_day.keys, i + 1);
    uint32_t *k = keys + (size_t)i * 3;
    k[0] = name[sk_high(key[0])];
    k[1] = name[sk_low(key[0])];
    k[2] = set[sk_high(key[1])];
  }
  rows->pod_order = sort_keys(rows, keys, 3, count);
  sk_free(keys);
  rows->pod_total = count;
  return rows->pod_order != NULL;
}

static bool sort_volumes(struct sk_rows *rows)
{
  const uint32_t *name = rows->name_ranks.rank.at, *set = rows->set_ranks.rank.at;
  const uint32_t count = rows->volume_day.filled ? rows->volume_day.filled - 1 : 0;
  const size_t words = (size_t)2 * SK_VOLUME_WORDS;
  uint32_t *keys = sk_alloc(rows->budget, (size_t)count * words * sizeof *keys + 1);
  if (!keys)
    return false;
  for (uint32_t i = 0; i < count; i++) {
    const uint64_t *key = sk_groups_key(&rows->volume_day.keys, i + 1);
    uint32_t *k = keys + (size_t)i * words;
    for (size_t w = 0; w < SK_VOLUME_WORDS; w++) {
      k[w * 2] = name[sk_high(key[w])];
      k[w * 2 + 1] = w < SK_VOLUME_WORDS - 1 ? name[sk_low(key[w])] : set[sk_low(key[w])];
    }
  }
  rows->volume_order = sort_keys(rows, keys, words, count);
  sk_free(keys);
  rows->volume_total = count;
  return rows->volume_order != NULL;
}

/* All nodes are sorted, those without an unallocated row to the end. */
static bool sort_spare(struct sk_rows *rows)
{
  const uint32_t *name = rows->name_ranks.rank.at;
  uint32_t *keys = sk_alloc(rows->budget, (size_t)rows->node_count * 2 * sizeof *keys + 1);
  if (!keys)
    return false;
  for (uint32_t i = 0; i < rows->node_count; i++) {
    const struct sk_final_node *n = &rows->nodes[i];
    keys[(size_t)i * 2] = n->namespace ? name[n->namespace] : SK_NO_ID;
    keys[(size_t)i * 2 + 1] = n->namespace ? name[n->name] : 0;
    rows->spare_total += n->namespace != 0;
  }
  rows->spare_order = sort_keys(rows, keys, 2, rows->node_count);
  sk_free(keys);
  return rows->spare_order != NULL;
}

/* ---- days and rows -------------------------------------------------------------------------- */

static shukei_status begin_day(struct sk_rows *rows, shukei_error *err)
{
  end_day(rows);
  rows->day = rows->days[rows->next_day++];
  sk_day_text(rows->day, rows->day_text);
  const struct sk_date date = sk_date_of_day(rows->day);
  rows->month_seconds = 86400.0 * sk_days_in_month(date.year, date.month);
  rows->when =
      rows->labels && !rows->labels->hourly ? sk_label_when(rows->labels, rows->day, 0) : SK_NO_ID;
  rows->range = (struct sk_range){.large = 0};
  rows->cluster_cpu = rows->cluster_memory = 0;
  if (!sk_groups_init(&rows->pod_day.keys, SK_POD_WORDS, rows->budget) ||
      !sk_groups_init(&rows->volume_day.keys, SK_VOLUME_WORDS, rows->budget))
    return sk_finish_no_memory(rows, err);
  shukei_status st = sk_finish_pods(rows, err);
  if (!st)
    st = sk_finish_spare(rows, err);
  if (!st)
    st = sk_finish_volumes(rows, err);
  if (st)
    return st;
  if (!rank_texts(rows) || !sort_pods(rows) || !sort_spare(rows) || !sort_volumes(rows))
    return sk_finish_no_memory(rows, err);
  rows->counts.groups += (uint64_t)rows->pod_total + rows->volume_total;
  rows->phase = SK_PHASE_PODS;
  rows->at = 0;
  return SHUKEI_OK;
}

shukei_status sk_rows_next(struct sk_rows *rows, const struct sk_row **row, shukei_error *err)
{
  bool ok = true, found = false;
  *row = NULL;
  while (!found) {
    if (rows->phase == SK_PHASE_DONE) {
      if (rows->next_day == rows->day_count)
        return SHUKEI_OK;
      const shukei_status st = begin_day(rows, err);
      if (st)
        return sk_context(err, st, "summary of %s", rows->day_text);
    }
    const uint32_t totals[] = {rows->pod_total, rows->spare_total, rows->volume_total};
    if (rows->at == totals[rows->phase]) {
      rows->phase++;
      rows->at = 0;
      continue;
    }
    const uint32_t at = rows->at++;
    found = true;
    if (rows->phase == SK_PHASE_PODS)
      ok = sk_emit_pod(rows, rows->pod_order[at] + 1);
    else if (rows->phase == SK_PHASE_SPARE)
      ok = sk_emit_spare(rows, rows->spare_order[at]);
    else
      ok = sk_emit_volume(rows, rows->volume_order[at] + 1);
  }
  if (!ok)
    return sk_context(err, sk_finish_no_memory(rows, err), "summary of %s", rows->day_text);
  if (rows->day < rows->counts.first_day)
    rows->counts.first_day = rows->day;
  if (rows->day > rows->counts.last_day)
    rows->counts.last_day = rows->day;
  rows->counts.rows_written++;
  *row = &rows->row;
  return SHUKEI_OK;
}

const struct sk_summary_counts *sk_rows_counts(const struct sk_rows *rows)
{
  return &rows->counts;
}
