/* SPDX-License-Identifier: Apache-2.0 */
/* Merging one worker's partial of the labels or storage stage into another's. The two share their
 * tables, so that an id, a day's index and a group's mean the same in both. Every step is a sum, a
 * maximum or a union: any order of merges gives the same. */
#include "summary/partial.h"

#include <assert.h>

/* Texts with skipped pairs are counted once each. */
static bool merge_skipped(struct sk_partial *into, const struct sk_partial *from)
{
  struct sk_label_texts *texts = &into->texts;
  struct sk_ids known = {.at = NULL};
  bool ok = true;
  if (!from->texts.skipped_count)
    return true;
  for (uint32_t i = 0; ok && i < texts->skipped_count; i++) {
    ok = sk_ids_reach(&known, into->budget, texts->skipped[i].text + 1);
    if (ok)
      known.at[texts->skipped[i].text] = i;
  }
  for (uint32_t i = 0; ok && i < from->texts.skipped_count; i++) {
    const struct sk_skipped_text *skipped = &from->texts.skipped[i];
    if (skipped->text < known.count && known.at[skipped->text] != SK_NO_ID)
      continue;
    void *array = texts->skipped;
    ok = sk_grow(into->budget, &array, &texts->skipped_capacity, texts->skipped_count + 1,
                 sizeof *texts->skipped);
    texts->skipped = array;
    if (ok)
      texts->skipped[texts->skipped_count++] = *skipped;
  }
  sk_ids_reset(&known);
  return ok;
}

/* ---- labels --------------------------------------------------------------------------------- */

static bool merge_named(struct sk_partial *p, struct sk_named_sets *into,
                        const struct sk_named_sets *from)
{
  for (uint32_t i = 0; i < from->keys.count; i++) {
    const struct sk_map_key *key = &from->keys.keys[i];
    for (uint32_t l = from->first[i]; l != SK_NO_ID; l = from->links[l].next)
      if (!sk_named_sets_add(into, &p->sets, p->budget, p->hourly, (uint32_t)key->high,
                             (uint32_t)key->low, from->links[l].set))
        return false;
  }
  return true;
}

static bool merge_labels(struct sk_partial *into, const struct sk_label_stage *from)
{
  bool ok = merge_named(into, &into->label.nodes, &from->nodes) &&
            merge_named(into, &into->label.namespaces, &from->namespaces);
  for (uint32_t i = 0; ok && i < from->infra.count; i++) {
    bool is_new;
    ok = sk_map_add(&into->label.infra, from->infra.keys[i].high, from->infra.keys[i].low,
                    &is_new) != SK_NO_ID;
  }
  return ok;
}

/* ---- volumes -------------------------------------------------------------------------------- */

static bool merge_day(struct sk_volume_day *into, const struct sk_volume_day *from)
{
  for (uint32_t i = 1; i < from->keys->count; i++) {
    const struct sk_volume_group *add = sk_volume_group_at(from, i);
    struct sk_volume_group *g = add ? sk_segments_make(&into->groups, i) : NULL;
    if (!add)
      continue;
    if (!g)
      return false;
    g->capacity += add->capacity;
    g->request += add->request;
    g->usage += add->usage;
    g->rows += add->rows;
    if (add->claim_bytes > g->claim_bytes)
      g->claim_bytes = add->claim_bytes;
  }
  return true;
}

static bool merge_volumes(struct sk_partial *into, const struct sk_volume_stage *from)
{
  into->volume.names_pod |= from->names_pod;
  for (uint32_t d = 0; d < from->day_count; d++) {
    if (!from->days[d].keys)
      continue;
    struct sk_volume_day *day = sk_volume_day_at(into, d);
    if (!day || !merge_day(day, &from->days[d]))
      return false;
  }
  return true;
}

shukei_status sk_partial_merge(struct sk_partial *into, const struct sk_partial *from,
                               shukei_error *err)
{
  assert(into->stage < SK_STAGE_PODS && into->tables == from->tables);
  if (!sk_range_merge(&into->volume_range, &from->volume_range))
    return sk_summary_out_of_range(err, "volumes' byte-seconds");
  const bool ok = merge_skipped(into, from) &&
                  (into->stage == SK_STAGE_LABELS ? merge_labels(into, &from->label)
                                                  : merge_volumes(into, &from->volume));
  return ok ? SHUKEI_OK : sk_partial_no_memory(into, err);
}
