/* SPDX-License-Identifier: Apache-2.0 */
/* Groups by packed ids: a key of a few 64-bit words -> dense index. As base/map.h, but of any
 * width, and with a guess: hourly data brings the same groups in the same order, so the group that
 * followed the previous one last time is compared first, and only a miss is hashed. */
#ifndef SK_SUMMARY_GROUPS_H
#define SK_SUMMARY_GROUPS_H

#include "base/intern.h"

struct sk_groups {
  struct sk_budget *budget;
  uint64_t *keys;      /* [capacity * words] */
  uint32_t *followers; /* [capacity] */
  uint32_t *slots;     /* index, 0 empty */
  uint32_t words, count, capacity, slot_mask;
  uint32_t last; /* the group that was found last */
};

/* Index 0 is taken by a key that no caller has (all ones); groups count from 1. */
bool sk_groups_init(struct sk_groups *groups, uint32_t words, struct sk_budget *budget);
void sk_groups_reset(struct sk_groups *groups);
/* The group's index, added where new; SK_NO_ID when memory lacks. */
uint32_t sk_groups_add(struct sk_groups *groups, const uint64_t *key);
/* Or 0. */
uint32_t sk_groups_find(const struct sk_groups *groups, const uint64_t *key);

static inline const uint64_t *sk_groups_key(const struct sk_groups *groups, uint32_t index)
{
  return groups->keys + (size_t)index * groups->words;
}

/* As sk_groups_add(), with the guess tried first. words is groups->words; told as a constant, the
 * comparison needs no loop. */
static inline uint32_t sk_groups_next(struct sk_groups *groups, const uint64_t *key, uint32_t words)
{
  uint32_t index = groups->followers[groups->last];
  const uint64_t *guess = groups->keys + (size_t)index * words;
  uint64_t difference = 0;
  for (uint32_t i = 0; i < words; i++)
    difference |= guess[i] ^ key[i];
  if (difference) {
    index = sk_groups_add(groups, key);
    if (index == SK_NO_ID)
      return index;
    groups->followers[groups->last] = index;
  }
  groups->last = index;
  return index;
}

#endif
