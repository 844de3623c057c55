/* SPDX-License-Identifier: Apache-2.0 */
/* Maps of usage: "full_period" and days. nise goes through a map in its order and takes the first
 * entry that fits, so days behind full_period never count, nor a second spelling of a day.
 *
 * nise also cuts values above the limit of the pod, in place. Where two pods share a map by an
 * alias, both see it cut at the lower of their limits; so a map that was read once is found again
 * by its node of the tree. */
#include "generate/manifest_cluster.h"

#include <stdlib.h>

struct entry {
  struct sk_usage_day at;
  size_t order;
};

static int by_day(const void *a, const void *b)
{
  const struct entry *const x = a, *const y = b;
  if (x->at.day != y->at.day)
    return x->at.day < y->at.day ? -1 : 1;
  return x->order < y->order ? -1 : x->order > y->order;
}

static shukei_status take_pair(struct sk_walk *walk, const struct sk_pair *pair, const char *what,
                               struct sk_usage *usage, struct entry *entries)
{
  double value = 0;
  int64_t moment;
  bool there;
  const bool full = strcmp(pair->key->text, "full_period") == 0;
  if (!full && !sk_moment_parse(pair->key->text, &moment)) {
    const shukei_status st =
        sk_walk_fail(walk, pair->key, "\"%s\" in %s is no day", pair->key->text, what);
    sk_advise(walk->err, "its keys are full_period and days, MM-DD-YYYY or YYYY-MM-DD");
    return st;
  }
  const struct sk_yaml *const node =
      pair->value->kind == SK_YAML_SCALAR && sk_yaml_is_null(pair->value) ? NULL : pair->value;
  const shukei_status st = sk_walk_number(walk, node, what, &value, &there);
  if (st || usage->has_full)
    return st;
  if (full) {
    usage->has_full = true;
    usage->full = value;
  } else {
    const int64_t day = moment / 86400 - (moment % 86400 < 0);
    entries[usage->count] = (struct entry){{(int32_t)day, value}, usage->count};
    usage->count++;
  }
  return SHUKEI_OK;
}

static shukei_status make_usage(struct sk_walk *walk, const struct sk_yaml *node, const char *what,
                                struct sk_usage *usage)
{
  struct sk_pair *pairs;
  size_t count, kept = 0;
  shukei_status st = sk_walk_pairs(walk, node, what, &pairs, &count);
  if (st)
    return st;
  struct entry *const entries = sk_arena_alloc(walk->scratch, (count + 1) * sizeof *entries);
  if (!entries)
    return sk_walk_no_memory(walk, "days of usage");
  for (size_t i = 0; !st && i < count; i++)
    st = take_pair(walk, &pairs[i], what, usage, entries);
  if (st || !usage->count)
    return st;
  qsort(entries, usage->count, sizeof *entries, by_day);
  usage->days = sk_arena_alloc(&walk->model->arena, usage->count * sizeof *usage->days);
  if (!usage->days)
    return sk_walk_no_memory(walk, "days of usage");
  for (size_t i = 0; i < usage->count; i++)
    if (!kept || usage->days[kept - 1].day != entries[i].at.day)
      usage->days[kept++] = entries[i].at;
  usage->count = kept;
  return SHUKEI_OK;
}

shukei_status sk_usage_read(struct sk_build *build, const struct sk_yaml *node, const char *what,
                            double limit, const struct sk_usage **usage)
{
  bool is_new;
  *usage = NULL;
  if (!node)
    return SHUKEI_OK;
  const uint32_t at = sk_map_add(&build->usage_at, (uint64_t)(uintptr_t)node, 0, &is_new);
  if (at == SK_NO_ID)
    return sk_walk_no_memory(&build->walk, "maps of usage");
  if (is_new) {
    struct sk_usage **const slot = sk_rows_add(&build->usages, sizeof *slot, build->budget);
    if (!slot || !(*slot = sk_arena_alloc(&build->walk.model->arena, sizeof **slot)))
      return sk_walk_no_memory(&build->walk, "maps of usage");
    **slot = (struct sk_usage){.most = limit};
    const shukei_status st = make_usage(&build->walk, node, what, *slot);
    if (st)
      return st;
  }
  struct sk_usage *const found = ((struct sk_usage **)build->usages.items)[at];
  if (limit < found->most)
    found->most = limit;
  *usage = found->count || found->has_full ? found : NULL;
  return SHUKEI_OK;
}
