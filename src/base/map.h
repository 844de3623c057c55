/* SPDX-License-Identifier: Apache-2.0 */
/* A map of two 64-bit words -> dense index, for keys made of packed ids. The index counts from 0
 * in order of first sight, so the values live in an array of the caller's. */
#ifndef SK_BASE_MAP_H
#define SK_BASE_MAP_H

#include "base/intern.h"

struct sk_map_key {
  uint64_t high, low;
};

struct sk_map {
  struct sk_budget *budget;
  struct sk_map_key *keys; /* [count] */
  uint32_t *slots;         /* index + 1, 0 empty */
  uint32_t count, capacity, slot_mask;
};

void sk_map_init(struct sk_map *map, struct sk_budget *budget); /* allocates nothing */
void sk_map_reset(struct sk_map *map);
/* Index of the key, added where new (then *is_new is true); SK_NO_ID when memory lacks. */
uint32_t sk_map_add(struct sk_map *map, uint64_t high, uint64_t low, bool *is_new);
uint32_t sk_map_find(const struct sk_map *map, uint64_t high, uint64_t low); /* or SK_NO_ID */

#endif
