/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays by id, and carrying ids from one table to another: a text is hashed once per pair of
 * tables, however many rows or groups name it. */
#include "summary/ids.h"

bool sk_grow(struct sk_budget *budget, void **array, uint32_t *capacity, uint32_t needed,
             size_t size)
{
  if (needed <= *capacity)
    return true;
  uint64_t wanted = (uint64_t)*capacity + *capacity / 2;
  if (wanted < needed)
    wanted = needed;
  if (wanted < 16)
    wanted = 16;
  if (wanted >= SK_NO_ID || wanted > SIZE_MAX / 2 / size)
    return false;
  void *grown = sk_realloc(budget, *array, (size_t)wanted * size);
  if (!grown)
    return false;
  *array = grown;
  *capacity = (uint32_t)wanted;
  return true;
}

bool sk_ids_grow(struct sk_ids *ids, struct sk_budget *budget, uint32_t count)
{
  const uint32_t before = ids->count;
  void *array = ids->at;
  if (!sk_grow(budget, &array, &ids->count, count, sizeof *ids->at))
    return false;
  ids->at = array;
  memset(ids->at + before, 0xff, (size_t)(ids->count - before) * sizeof *ids->at);
  return true;
}

void sk_ids_reset(struct sk_ids *ids)
{
  sk_free(ids->at);
  *ids = (struct sk_ids){.at = NULL};
}

uint32_t sk_ids_carry(struct sk_ids *ids, struct sk_intern *into, const struct sk_intern *from,
                      uint32_t id)
{
  if (!sk_ids_reach(ids, into->texts.budget, id + 1))
    return SK_NO_ID;
  if (ids->at[id] == SK_NO_ID) {
    const struct sk_intern_entry *text = sk_intern_at(from, id);
    ids->at[id] = sk_intern_add(into, text->bytes, text->length);
  }
  return ids->at[id];
}

uint32_t sk_ids_look_up(struct sk_ids *ids, struct sk_budget *budget, const struct sk_intern *into,
                        const struct sk_intern *from, uint32_t id)
{
  const bool remembered = sk_ids_reach(ids, budget, id + 1);
  if (remembered && ids->at[id] != SK_NO_ID)
    return ids->at[id];
  const struct sk_intern_entry *text = sk_intern_at(from, id);
  const uint32_t found = sk_intern_find(into, text->bytes, text->length);
  if (remembered)
    ids->at[id] = found;
  return found;
}

int sk_text_compare(const struct sk_intern *table, uint32_t a, uint32_t b)
{
  const struct sk_intern_entry *x = sk_intern_at(table, a), *y = sk_intern_at(table, b);
  const int order = memcmp(x->bytes, y->bytes, x->length < y->length ? x->length : y->length);
  return order ? order : (x->length > y->length) - (x->length < y->length);
}
