/* SPDX-License-Identifier: Apache-2.0 */
/* Merging one worker's partial of the labels or storage stage into another's. The two have tables of their own, so ids are
 * carried over by their texts, each once, and only those that a group names: pod names and label
 * texts stay behind. Keys of the labels stage's sets (pairs) are the same in all workers of a
 * stage, because that stage is done. Every step is a sum, a maximum or a union: any order of merges
 * gives the same. */
#include "summary/partial.h"

#include <assert.h>

struct carried {
  struct sk_partial *into;
  const struct sk_partial *from;
  struct sk_ids names, sets, intervals;
};

static uint32_t name(struct carried *c, uint32_t id)
{
  return sk_ids_carry(&c->names, &c->into->symbols.names, &c->from->symbols.names, id);
}
static uint32_t set(struct carried *c, uint32_t id)
{
  return sk_ids_carry(&c->sets, &c->into->sets.sets, &c->from->sets.sets, id);
}
static uint32_t interval(struct carried *c, uint32_t id)
{
  return sk_ids_carry(&c->intervals, &c->into->symbols.intervals, &c->from->symbols.intervals, id);
}
/* Two names packed as they are in keys; false when memory lacks. */
static bool names(struct carried *c, uint64_t packed, uint64_t *out)
{
  const uint32_t high = name(c, sk_high(packed)), low = name(c, sk_low(packed));
  *out = sk_pack(high, low);
  return high != SK_NO_ID && low != SK_NO_ID;
}

/* Texts with skipped pairs are counted once each, so their texts come along. */
static bool merge_skipped(struct carried *c)
{
  struct sk_label_texts *into = &c->into->texts;
  const struct sk_label_texts *from = &c->from->texts;
  struct sk_budget *budget = c->into->budget;
  struct sk_ids known = {.at = NULL};
  bool ok = true;
  if (!from->skipped_count)
    return true;
  for (uint32_t i = 0; ok && i < into->skipped_count; i++) {
    ok = sk_ids_reach(&known, budget, into->skipped[i].text + 1);
    if (ok)
      known.at[into->skipped[i].text] = i;
  }
  for (uint32_t i = 0; ok && i < from->skipped_count; i++) {
    const struct sk_intern_entry *text =
        sk_intern_at(&c->from->symbols.labels, from->skipped[i].text);
    const uint32_t id = sk_intern_add(&c->into->symbols.labels, text->bytes, text->length);
    ok = id != SK_NO_ID && sk_ids_reach(&known, budget, id + 1);
    if (!ok || known.at[id] != SK_NO_ID)
      continue;
    void *array = into->skipped;
    ok = sk_grow(budget, &array, &into->skipped_capacity, into->skipped_count + 1,
                 sizeof *into->skipped);
    if (ok) {
      into->skipped = array;
      into->skipped[into->skipped_count++] = (struct sk_skipped_text){id, from->skipped[i].pairs};
    }
  }
  sk_ids_reset(&known);
  return ok;
}

/* ---- labels --------------------------------------------------------------------------------- */

static bool merge_named(struct carried *c, const uint32_t *day_map, struct sk_named_sets *into,
                        const struct sk_named_sets *from)
{
  const bool hourly = c->into->hourly;
  for (uint32_t i = 0; i < from->keys.count; i++) {
    const uint32_t there = (uint32_t)from->keys.keys[i].high;
    const uint32_t when = hourly ? interval(c, there) : day_map[there];
    const uint32_t id = name(c, (uint32_t)from->keys.keys[i].low);
    if (when == SK_NO_ID || id == SK_NO_ID)
      return false;
    for (uint32_t l = from->first[i]; l != SK_NO_ID; l = from->links[l].next) {
      const uint32_t s = set(c, from->links[l].set);
      if (s == SK_NO_ID ||
          !sk_named_sets_add(into, &c->into->sets, c->into->budget, hourly, when, id, s))
        return false;
    }
  }
  return true;
}

static bool merge_labels(struct carried *c)
{
  const struct sk_label_stage *from = &c->from->label;
  struct sk_label_stage *into = &c->into->label;
  const uint32_t count = c->from->days.count;
  uint32_t *day_map = sk_alloc(c->into->budget, ((size_t)count + 1) * sizeof *day_map);
  bool ok = day_map != NULL, is_new;
  for (uint32_t i = 0; ok && i < count; i++) {
    day_map[i] = sk_days_add(&c->into->days, c->from->days.at[i], c->into->budget);
    ok = day_map[i] != SK_NO_ID;
  }
  ok = ok && merge_named(c, day_map, &into->nodes, &from->nodes) &&
       merge_named(c, day_map, &into->namespaces, &from->namespaces);
  for (uint32_t i = 0; ok && i < from->infra.count; i++) {
    const uint32_t id = name(c, (uint32_t)from->infra.keys[i].low);
    ok = id != SK_NO_ID &&
         sk_map_add(&into->infra, day_map[from->infra.keys[i].high], id, &is_new) != SK_NO_ID;
  }
  sk_free(day_map);
  return ok;
}

/* ---- volumes -------------------------------------------------------------------------------- */

static uint32_t class_of(struct carried *c, uint32_t class)
{
  if (!class)
    return 0;
  const uint32_t here = interval(c, c->from->volume.class_interval.at[class]);
  return here == SK_NO_ID ? SK_NO_ID : sk_interval_class(c->into, here);
}

static bool merge_volume(struct carried *c, struct sk_volume_day *day, const uint64_t *key,
                         const struct sk_volume_group *add)
{
  uint64_t mapped[SK_VOLUME_WORDS];
  for (int i = 0; i < SK_VOLUME_WORDS - 1; i++)
    if (!names(c, key[i], &mapped[i]))
      return false;
  const uint32_t s = set(c, sk_high(key[3])), class = class_of(c, sk_low(key[3]));
  if (s == SK_NO_ID || class == SK_NO_ID)
    return false;
  mapped[3] = sk_pack(s, class);
  const uint32_t index = sk_volume_group_next(day, mapped);
  if (index == SK_NO_ID)
    return false;
  struct sk_volume_group *g = &day->groups[index];
  g->capacity += add->capacity;
  g->request += add->request;
  g->usage += add->usage;
  g->rows += add->rows;
  if (add->claim_bytes > g->claim_bytes)
    g->claim_bytes = add->claim_bytes;
  return true;
}

static bool merge_volumes(struct carried *c)
{
  const struct sk_volume_stage *from = &c->from->volume;
  c->into->volume.names_pod |= from->names_pod;
  for (uint32_t d = 0; d < c->from->days.count; d++) {
    uint32_t index;
    struct sk_volume_day *day = sk_volume_day_of(c->into, c->from->days.at[d], &index);
    if (!day)
      return false;
    for (uint32_t g = 1; g < from->days[d].filled; g++)
      if (!merge_volume(c, day, sk_groups_key(&from->days[d].keys, g), &from->days[d].groups[g]))
        return false;
  }
  return true;
}

shukei_status sk_partial_merge(struct sk_partial *into, const struct sk_partial *from,
                               shukei_error *err)
{
  struct carried c = {.into = into, .from = from};
  shukei_status st = SHUKEI_OK;
  assert(into->stage < SK_STAGE_PODS);
  if (!sk_range_merge(&into->volume_range, &from->volume_range)) {
    st = sk_summary_out_of_range(err, "volumes' byte-seconds");
    goto done;
  }
  const bool ok =
      merge_skipped(&c) && (into->stage == SK_STAGE_LABELS ? merge_labels(&c) : merge_volumes(&c));
  if (!ok)
    st = sk_partial_no_memory(into, err);
done:
  sk_ids_reset(&c.names);
  sk_ids_reset(&c.sets);
  sk_ids_reset(&c.intervals);
  return st;
}
