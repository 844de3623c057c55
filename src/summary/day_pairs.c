/* SPDX-License-Identifier: Apache-2.0 */
/* The day's groups in the order of their rows, as far as namespace and node tell.
 *
 * Rows are sorted by namespace, node and labels, and all groups of a namespace on a node (a pair) get
 * their labels from the same two names. So the groups are put in the order of pairs, and the
 * sequence of pairs is cut into parts of about as many groups each: a part's rows come before
 * those of the next, and parts can be made by different threads. */
#include "summary/finish.h"

#define GROUPS_PER_PART 1024

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

/* The pairs by first sight, with their counts; the pair of each group in pair_of. */
static bool find_pairs(struct sk_day *day, const struct sk_groups *groups, uint32_t *pair_of)
{
  struct sk_finish *finish = day->finish;
  struct sk_pair_list *list = &day->list;
  struct sk_map map;
  uint32_t capacity = 0, last = SK_NO_ID;
  bool ok = true;
  sk_map_init(&map, finish->budget);
  for (uint32_t g = 1; ok && g < groups->count; g++) {
    const uint64_t word = sk_groups_key(groups, g)[0];
    if (last == SK_NO_ID || map.keys[last].low != word) {
      bool is_new;
      void *array = list->pairs;
      last = sk_map_add(&map, 0, word, &is_new);
      ok = last != SK_NO_ID &&
           sk_grow(finish->budget, &array, &capacity, last + 1, sizeof *list->pairs);
      if (!ok)
        break;
      list->pairs = array;
      if (is_new) {
        const uint32_t namespace = sk_finish_name(finish, sk_high(word));
        const uint32_t node = sk_finish_name(finish, sk_low(word));
        ok = namespace != SK_NO_ID && node != SK_NO_ID && sk_day_node_add(day, node);
        list->pairs[last] = (struct sk_pair){.namespace = namespace, .node = node};
        list->count++;
      }
    }
    list->pairs[last].count++;
    pair_of[g] = last;
  }
  sk_map_reset(&map);
  return ok;
}

/* Groups by pair: a counting sort. */
static bool place_groups(struct sk_budget *budget, uint32_t count, struct sk_pair_list *list,
                         const uint32_t *pair_of)
{
  uint32_t at = 0;
  list->groups = sk_alloc(budget, ((size_t)count + 1) * sizeof *list->groups);
  if (!list->groups)
    return false;
  for (uint32_t i = 0; i < list->count; i++) {
    list->pairs[i].first = at;
    at += list->pairs[i].count;
    list->pairs[i].count = 0;
  }
  for (uint32_t g = 1; g < count; g++) {
    struct sk_pair *pair = &list->pairs[pair_of[g]];
    list->groups[pair->first + pair->count++] = g;
  }
  return true;
}

static bool list_groups(struct sk_day *day, const struct sk_groups *groups)
{
  struct sk_budget *budget = day->finish->budget;
  uint32_t *pair_of = sk_alloc(budget, ((size_t)groups->count + 1) * sizeof *pair_of);
  const bool ok = pair_of && find_pairs(day, groups, pair_of) &&
                  place_groups(budget, groups->count, &day->list, pair_of);
  sk_free(pair_of);
  return ok;
}

static bool sort_pairs(struct sk_finish *finish, struct sk_pair_list *list)
{
  const size_t count = list->count;
  uint32_t *keys = sk_alloc(finish->budget, (count * 2 + 1) * sizeof *keys);
  uint32_t *order = sk_alloc(finish->budget, (count * 2 + 1) * sizeof *order);
  struct sk_pair *sorted = sk_alloc(finish->budget, (count + 1) * sizeof *sorted);
  const bool ok = keys && order && sorted;
  if (ok) {
    for (size_t i = 0; i < count; i++) {
      const struct sk_pair *pair = &list->pairs[i];
      order[i] = (uint32_t)i;
      keys[i * 2] = finish->ranks[pair->namespace];
      keys[i * 2 + 1] = finish->ranks[pair->node];
    }
    sk_sort_rows(keys, 2, order, order + count, count);
    for (size_t i = 0; i < count; i++)
      sorted[i] = list->pairs[order[i]];
    sk_free(list->pairs);
    list->pairs = sorted;
  } else {
    sk_free(sorted);
  }
  sk_free(keys);
  sk_free(order);
  return ok;
}

static bool cut_parts(struct sk_day *day)
{
  uint64_t in_part = GROUPS_PER_PART;
  for (uint32_t i = 0; i < day->list.count; i++) {
    if (in_part >= GROUPS_PER_PART) {
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
  const bool ok = day->pods && (!day->keys || list_groups(day, day->keys)) && rank_names(finish) &&
                  sort_pairs(finish, &day->list) && cut_parts(day);
  return ok ? SHUKEI_OK : sk_finish_no_memory(finish, err);
}
