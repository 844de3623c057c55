/* SPDX-License-Identifier: Apache-2.0 */
/* Groups by packed ids: a key of a few 64-bit words -> dense index. As base/map.h, but of any
 * width, and with a guess: hourly data brings the same groups in the same order, so the group that
 * followed the previous one last time is compared first, and only a miss is hashed. Keys never
 * move. A shared table takes groups of many threads at once, as base/intern.h does texts. */
#ifndef SK_SUMMARY_GROUPS_H
#define SK_SUMMARY_GROUPS_H

#include "base/segments.h"
#include "base/spin.h"

#include <string.h>

struct sk_group_slots;
struct sk_groups {
  struct sk_segments keys;              /* of words + 1 words: the last one holds the follower */
  struct sk_group_slots *_Atomic slots; /* NULL: reset */
  _Atomic uint32_t count;
  uint32_t words;
  bool shared; /* set by the table's user, after init */
  struct sk_spin lock;
};

/* Index 0 is taken by a key that no caller has (all ones); groups count from 1. */
bool sk_groups_init(struct sk_groups *groups, uint32_t words, struct sk_budget *budget);
void sk_groups_reset(struct sk_groups *groups);
/* The group's index, added where new; UINT32_MAX (SK_NO_ID) when memory lacks. */
uint32_t sk_groups_add(struct sk_groups *groups, const uint64_t *key);
/* As sk_groups_add() of each of count keys, one behind the other: what the search looks at is
 * fetched ahead, and the lock is taken once. count is at most SK_GROUPS_MANY; false when memory
 * lacks. */
#define SK_GROUPS_MANY 64
bool sk_groups_add_many(struct sk_groups *groups, const uint64_t *keys, uint32_t count,
                        uint32_t *indexes);

/* [words], and the word of the follower. */
static inline uint64_t *sk_groups_at(const struct sk_groups *groups, uint32_t index, uint32_t words)
{
  return sk_segments_at(&groups->keys, index, (words + 1) * sizeof(uint64_t));
}
static inline const uint64_t *sk_groups_key(const struct sk_groups *groups, uint32_t index)
{
  return sk_groups_at(groups, index, groups->words);
}
/* The group that followed one last time, 0 where that is not known. */
static inline uint32_t sk_groups_follower(const struct sk_groups *groups, uint32_t index,
                                          uint32_t words)
{
  const _Atomic uint64_t *follower =
      (const _Atomic uint64_t *)(sk_groups_at(groups, index, words) + words);
  return (uint32_t)atomic_load_explicit(follower, memory_order_acquire);
}
static inline void sk_groups_set_follower(struct sk_groups *groups, uint32_t index, uint32_t words,
                                          uint32_t next)
{
  _Atomic uint64_t *follower = (_Atomic uint64_t *)(sk_groups_at(groups, index, words) + words);
  atomic_store_explicit(follower, next, memory_order_release);
}

/* As sk_groups_add(), with the guess tried first that follows *last, which becomes the group. words
 * is groups->words; told as a constant, the comparison needs no loop. */
static inline uint32_t sk_groups_next(struct sk_groups *groups, uint32_t *last, const uint64_t *key,
                                      uint32_t words)
{
  uint32_t index = sk_groups_follower(groups, *last, words);
  const uint64_t *guess = sk_groups_at(groups, index, words);
  uint64_t difference = 0;
  for (uint32_t i = 0; i < words; i++)
    difference |= guess[i] ^ key[i];
  if (difference) {
    index = sk_groups_add(groups, key);
    if (index == UINT32_MAX)
      return index;
    sk_groups_set_follower(groups, *last, words, index);
  }
  return *last = index;
}

#endif
