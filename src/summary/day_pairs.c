/* SPDX-License-Identifier: Apache-2.0 */
/* The day's groups in the order of their rows, as far as namespace and node tell.
 *
 * Rows are sorted by namespace, node and labels, and all groups of a namespace on a node (a pair)
 * get their labels from the same two names. So the groups are put in the order of pairs, and the
 * sequence of pairs is cut into parts of about as many groups each: a part's rows come before those
 * of the next, and parts can be made by different threads. */
#include "summary/finish.h"

/* A part of a small day is smaller, so that it ends for all workers at about the same time. */
#define MOST_GROUPS_PER_PART 1024
#define LEAST_GROUPS_PER_PART 64
#define PARTS_OF_SMALL_DAY 8

/* Ranks of all names. */
static bool rank_names(struct sk_finish *finish)
{
  const uint32_t count = finish->names.count;
  if (finish->ranked == count)
    return true;
  void *array = finish->ranks;
  if (!sk_grow(finish->budget, &array, &finish->rank_capacity, count, sizeof *finish->ranks))
    return false;
  finish->ranks = array;
  struct sk_ranked_text *texts = sk_alloc(finish->budget, count * sizeof *texts);
  if (!texts)
    return false;
  for (uint32_t i = 0; i < count; i++) {
    const struct sk_intern_entry *e = sk_intern_at(&finish->names, i);
    texts[i] = (struct sk_ranked_text){.bytes = e->bytes, .length = e->length, .id = i};
  }
  sk_sort_texts(texts, count);
  for (uint32_t i = 0; i < count; i++)
    finish->ranks[texts[i].id] = i;
  sk_free(texts);
  finish->ranked = count;
  return true;
}

/* The names of each group, namespace and node in turn; makes the nodes the day's. */
static bool find_names(struct sk_day *day, uint32_t *names)
{
  struct sk_finish *finish = day->finish;
  const uint32_t count = day->keys->count;
  for (uint32_t g = 1; g < count; g++, names += 2) {
    const uint64_t word = sk_groups_key(day->keys, g)[0];
    if (g > 1 && sk_groups_key(day->keys, g - 1)[0] == word) {
      names[0] = names[-2];
      names[1] = names[-1];
      continue;
    }
    names[0] = sk_finish_name(finish, sk_high(word));
    names[1] = sk_finish_name(finish, sk_low(word));
    if (names[0] == SK_NO_ID || names[1] == SK_NO_ID || !sk_day_node_add(day, names[1]))
      return false;
  }
  return true;
}

/* Turns the sorted groups, places from 0, into the list. */
static bool list_pairs(struct sk_day *day, const uint32_t *ranks, uint32_t count)
{
  struct sk_pair_list *list = &day->list;
  const uint32_t *order = list->groups;
  uint32_t pairs = 0;
  uint64_t last = UINT64_MAX;
  for (uint32_t i = 0; i < count; i++) {
    const uint64_t rank = sk_pack(ranks[order[i] * 2], ranks[order[i] * 2 + 1]);
    pairs += rank != last;
    last = rank;
  }
  list->pairs = sk_alloc(day->finish->budget, ((size_t)pairs + 1) * sizeof *list->pairs);
  if (!list->pairs)
    return false;
  last = UINT64_MAX;
  for (uint32_t i = 0; i < count; i++) {
    const uint64_t rank = sk_pack(ranks[order[i] * 2], ranks[order[i] * 2 + 1]);
    if (rank != last) {
      const uint64_t word = sk_groups_key(day->keys, order[i] + 1)[0];
      list->pairs[list->count++] =
          (struct sk_pair){.namespace = sk_finish_name(day->finish, sk_high(word)),
                           .node = sk_finish_name(day->finish, sk_low(word)),
                           .first = i};
    }
    list->pairs[list->count - 1].count++;
    list->groups[i]++; /* groups count from 1 */
    last = rank;
  }
  return true;
}

static bool list_groups(struct sk_day *day)
{
  struct sk_finish *finish = day->finish;
  const size_t count = day->keys->count - 1;
  uint32_t *ranks = sk_alloc(finish->budget, (count * 2 + 1) * sizeof *ranks);
  uint32_t *spare = sk_alloc(finish->budget, (count + 1) * sizeof *spare);
  day->list.groups = sk_alloc(finish->budget, (count + 1) * sizeof *day->list.groups);
  bool ok = ranks && spare && day->list.groups && find_names(day, ranks) && rank_names(finish);
  if (ok) {
    for (size_t i = 0; i < count * 2; i++)
      ranks[i] = finish->ranks[ranks[i]];
    for (size_t i = 0; i < count; i++)
      day->list.groups[i] = (uint32_t)i;
    sk_sort_rows(ranks, 2, day->list.groups, spare, count);
    ok = list_pairs(day, ranks, (uint32_t)count);
  }
  sk_free(ranks);
  sk_free(spare);
  return ok;
}

static uint64_t groups_per_part(uint64_t groups)
{
  const uint64_t share = groups / PARTS_OF_SMALL_DAY;
  if (share > MOST_GROUPS_PER_PART)
    return MOST_GROUPS_PER_PART;
  return share > LEAST_GROUPS_PER_PART ? share : LEAST_GROUPS_PER_PART;
}

static bool cut_parts(struct sk_day *day)
{
  const uint64_t full = groups_per_part(day->keys ? day->keys->count - 1 : 0);
  uint64_t in_part = full;
  for (uint32_t i = 0; i < day->list.count; i++) {
    if (in_part >= full) {
      void *array = day->part_from;
      if (!sk_grow(day->finish->budget, &array, &day->part_capacity, day->part_count + 1,
                   sizeof *day->part_from))
        return false;
      day->part_from = array;
      day->part_from[day->part_count++] = i;
      in_part = 0;
    }
    in_part += day->list.pairs[i].count;
  }
  return true;
}

shukei_status sk_day_pairs(struct sk_day *day, shukei_error *err)
{
  struct sk_finish *finish = day->finish;
  if (day->spilled)
    return sk_pair_claims_begin(day, err);
  const uint32_t index = finish->tables ? sk_days_find(&finish->tables->days, day->day) : SK_NO_ID;
  day->keys = index == SK_NO_ID ? NULL : finish->tables->groups[index];
  day->pods = sk_alloc(finish->budget, (finish->pod_count + 1) * sizeof *day->pods);
  for (size_t i = 0; day->pods && i < finish->pod_count; i++)
    day->pods[i] = sk_pod_day_find(finish->pods[i], day->day);
  const bool ok = day->pods && (!day->keys || list_groups(day)) && cut_parts(day);
  return ok ? SHUKEI_OK : sk_finish_no_memory(finish, err);
}
