/* SPDX-License-Identifier: Apache-2.0 */
/* An array of ids by id: what a worker remembers of each entry of a table. */
#ifndef SK_SUMMARY_IDS_H
#define SK_SUMMARY_IDS_H

#include "base/intern.h"

struct sk_ids {
  uint32_t *at;
  uint32_t count; /* entries; those never set are SK_NO_ID */
};

bool sk_ids_grow(struct sk_ids *ids, struct sk_budget *budget, uint32_t count);
/* Makes at[0 .. count-1] valid; false when memory lacks. */
static inline bool sk_ids_reach(struct sk_ids *ids, struct sk_budget *budget, uint32_t count)
{
  return count <= ids->count || sk_ids_grow(ids, budget, count);
}
void sk_ids_reset(struct sk_ids *ids);

/* The id in `into` of the text that has `id` in `from`, added where new and remembered in `ids`;
 * SK_NO_ID when memory lacks. */
uint32_t sk_ids_carry(struct sk_ids *ids, struct sk_intern *into, const struct sk_intern *from,
                      uint32_t id);
/* As above, but nothing is added: SK_NO_ID where `into` lacks the text, which is not remembered. */
uint32_t sk_ids_look_up(struct sk_ids *ids, struct sk_budget *budget, const struct sk_intern *into,
                        const struct sk_intern *from, uint32_t id);

/* Byte order of two texts of a table; the empty text is least. */
int sk_text_compare(const struct sk_intern *table, uint32_t a, uint32_t b);
/* The later of two texts in that order. */
static inline uint32_t sk_text_later(const struct sk_intern *table, uint32_t a, uint32_t b)
{
  return a == b || !b || (a && sk_text_compare(table, a, b) >= 0) ? a : b;
}

/* Makes room for `needed` elements of `size` bytes behind *array; grows by halves, leaves new
 * memory uninitialised. */
bool sk_grow(struct sk_budget *budget, void **array, uint32_t *capacity, uint32_t needed,
             size_t size);

#endif
