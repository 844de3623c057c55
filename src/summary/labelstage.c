/* SPDX-License-Identifier: Apache-2.0 */
/* The labels stage: which label sets nodes and namespaces had (NL and NSL of spec/2-summary.md).
 *
 * koku    (day, name) -> all distinct sets. A day has one to a few per name, kept as a chain.
 * hourly  (interval, name) -> the greatest set of that interval, alone in its chain.
 *
 * `infra` is told by the unfiltered labels, so it is marked when a text is parsed. */
#include "summary/partial.h"

void sk_label_stage_reset(struct sk_label_stage *stage)
{
  struct sk_named_sets *both[] = {&stage->nodes, &stage->namespaces};
  for (size_t i = 0; i < SK_COUNT(both); i++) {
    sk_map_reset(&both[i]->keys);
    sk_free(both[i]->first);
    sk_free(both[i]->links);
  }
  sk_map_reset(&stage->infra);
  sk_ids_reset(&stage->day_of);
}

bool sk_named_sets_add(struct sk_named_sets *named, const struct sk_labelsets *sets,
                       struct sk_budget *budget, bool greatest, uint32_t when, uint32_t name,
                       uint32_t set)
{
  bool is_new;
  void *array = named->first;
  if (!sk_grow(budget, &array, &named->first_capacity, named->keys.count + 1, sizeof *named->first))
    return false;
  named->first = array;
  array = named->links;
  if (!sk_grow(budget, &array, &named->link_capacity, named->link_count + 1, sizeof *named->links))
    return false;
  named->links = array;
  const uint32_t index = sk_map_add(&named->keys, when, name, &is_new);
  if (index == SK_NO_ID)
    return false;
  uint32_t *first = &named->first[index];
  if (is_new)
    *first = SK_NO_ID;
  for (uint32_t i = *first; i != SK_NO_ID; i = named->links[i].next) {
    if (named->links[i].set == set)
      return true;
    if (greatest) {
      if (sk_labelsets_compare(sets, set, named->links[i].set) > 0)
        named->links[i].set = set;
      return true;
    }
  }
  named->links[named->link_count] = (struct sk_set_link){.set = set, .next = *first};
  *first = named->link_count++;
  return true;
}

uint32_t sk_named_sets_find(const struct sk_named_sets *named, uint32_t when, uint32_t name)
{
  if (when == SK_NO_ID || name == SK_NO_ID || !name)
    return SK_NO_ID;
  const uint32_t index = sk_map_find(&named->keys, when, name);
  return index == SK_NO_ID ? SK_NO_ID : named->first[index];
}

uint32_t sk_label_when(const struct sk_partial *labels, int32_t day, int64_t us)
{
  if (!labels)
    return SK_NO_ID;
  return labels->hourly ? sk_intern_find(&labels->tables->symbols.intervals, &us, sizeof us)
                        : sk_days_find(&labels->tables->days, day);
}

static bool add_row(struct sk_partial *p, bool nodes, uint32_t interval, uint32_t name,
                    uint32_t text)
{
  struct sk_label_stage *stage = &p->label;
  const uint32_t value = sk_partial_set(p, text);
  if (value == SK_NO_ID)
    return false;
  uint32_t day = stage->day_of.at[interval];
  if (day == SK_NO_ID) {
    day = sk_tables_day(p->tables,
                        sk_day_of_us(sk_symbols_interval_us(&p->tables->symbols, interval)));
    if (day == SK_NO_ID)
      return false;
    stage->day_of.at[interval] = day;
  }
  if (!name)
    return true;
  const uint32_t when = p->hourly ? interval : day;
  const uint32_t now[4] = {day, when, name, value};
  if (!memcmp(stage->last[nodes], now, sizeof now))
    return true;
  bool is_new;
  if (nodes && value & SK_TEXT_INFRA && sk_map_add(&stage->infra, day, name, &is_new) == SK_NO_ID)
    return false;
  if (!sk_named_sets_add(nodes ? &stage->nodes : &stage->namespaces, &p->sets, p->budget, p->hourly,
                         when, name, SK_TEXT_SET(value)))
    return false;
  memcpy(stage->last[nodes], now, sizeof now);
  return true;
}

shukei_status sk_label_stage_add(struct sk_partial *p, const struct sk_batch *batch,
                                 shukei_error *err)
{
  const bool nodes = batch->report == SK_REPORT_NODE_LABELS;
  const uint32_t *intervals = batch->ids[SK_F_INTERVAL_START];
  const uint32_t *names = sk_batch_ids(batch, nodes ? SK_F_NODE : SK_F_NAMESPACE);
  const uint32_t *texts = sk_batch_ids(batch, nodes ? SK_F_NODE_LABELS : SK_F_NAMESPACE_LABELS);
  bool ok = sk_ids_reach(&p->label.day_of, p->budget, p->tables->symbols.intervals.count);
  for (uint32_t i = 0; ok && i < batch->rows; i++)
    ok = add_row(p, nodes, intervals[i], names[i], texts[i]);
  return ok ? SHUKEI_OK : sk_partial_no_memory(p, err);
}
