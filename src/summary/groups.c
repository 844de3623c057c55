/* SPDX-License-Identifier: Apache-2.0 */
/* The table of groups: open addressing with linear probing over an array of keys.
 *
 *   sk_groups_init() -> sk_groups_next(), sk_groups_add() ... -> sk_groups_reset()
 *
 * Keys lie in the order of first sight, apart from what is added up for them: looking a batch's
 * groups up touches 16 to 32 bytes a row, in order, and the sums come after, when their addresses
 * are known and can be fetched ahead (pods.c). Group 0 keeps a key that nobody asks for, so that a
 * follower that is not known yet (0) needs no test of its own. */
#include "summary/groups.h"

#define FIRST_CAPACITY 32
#define MOST_CAPACITY (UINT32_C(1) << 30)

bool sk_groups_init(struct sk_groups *groups, uint32_t words, struct sk_budget *budget)
{
  *groups = (struct sk_groups){
      .budget = budget, .words = words, .count = 1, .slot_mask = FIRST_CAPACITY * 2 - 1};
  groups->keys = sk_alloc(budget, FIRST_CAPACITY * words * sizeof *groups->keys);
  groups->followers = sk_calloc(budget, FIRST_CAPACITY, sizeof *groups->followers);
  groups->slots = sk_calloc(budget, (size_t)groups->slot_mask + 1, sizeof *groups->slots);
  if (!groups->keys || !groups->followers || !groups->slots) {
    sk_groups_reset(groups);
    return false;
  }
  groups->capacity = FIRST_CAPACITY;
  memset(groups->keys, 0xff, words * sizeof *groups->keys);
  return true;
}

void sk_groups_reset(struct sk_groups *groups)
{
  sk_free(groups->keys);
  sk_free(groups->followers);
  sk_free(groups->slots);
  *groups = (struct sk_groups){.budget = groups->budget};
}

static uint32_t hash_key(const struct sk_groups *groups, const uint64_t *key)
{
  uint64_t h = 0;
  for (uint32_t i = 0; i < groups->words; i++) {
    h = (h ^ key[i]) * UINT64_C(0x9e3779b97f4a7c15);
    h ^= h >> 32;
  }
  return (uint32_t)(h * UINT64_C(0xd6e8feb86659fd93) >> 32);
}

static bool same(const struct sk_groups *groups, uint32_t index, const uint64_t *key)
{
  const uint64_t *k = sk_groups_key(groups, index);
  for (uint32_t i = 0; i < groups->words; i++)
    if (k[i] != key[i])
      return false;
  return true;
}

/* The key's slot, or the empty one where it belongs. */
static uint32_t slot_of(const struct sk_groups *groups, const uint64_t *key)
{
  uint32_t at = hash_key(groups, key) & groups->slot_mask;
  while (groups->slots[at] && !same(groups, groups->slots[at], key))
    at = (at + 1) & groups->slot_mask;
  return at;
}

/* Keys and followers grow by halves and the slots by two, so that each is as full as it may be. */
static bool grow_keys(struct sk_groups *groups)
{
  if (groups->capacity >= MOST_CAPACITY)
    return false;
  const uint32_t capacity = groups->capacity + groups->capacity / 2;
  uint64_t *keys =
      sk_realloc(groups->budget, groups->keys, (size_t)capacity * groups->words * sizeof *keys);
  if (!keys)
    return false;
  groups->keys = keys;
  uint32_t *followers =
      sk_realloc(groups->budget, groups->followers, (size_t)capacity * sizeof *followers);
  if (!followers)
    return false;
  groups->followers = followers;
  groups->capacity = capacity;
  return true;
}

static bool grow_slots(struct sk_groups *groups)
{
  const uint32_t before = groups->slot_mask;
  uint32_t *old = groups->slots;
  uint32_t *slots = sk_calloc(groups->budget, ((size_t)before + 1) * 2, sizeof *slots);
  if (!slots)
    return false;
  groups->slots = slots;
  groups->slot_mask = before * 2 + 1;
  for (uint32_t i = 1; i < groups->count; i++)
    slots[slot_of(groups, sk_groups_key(groups, i))] = i;
  sk_free(old);
  return true;
}

uint32_t sk_groups_add(struct sk_groups *groups, const uint64_t *key)
{
  uint32_t at = slot_of(groups, key);
  if (groups->slots[at])
    return groups->slots[at];
  if (groups->count == groups->capacity && !grow_keys(groups))
    return SK_NO_ID;
  if (groups->count > groups->slot_mask / 2) {
    if (!grow_slots(groups))
      return SK_NO_ID;
    at = slot_of(groups, key);
  }
  const uint32_t index = groups->count++;
  memcpy(groups->keys + (size_t)index * groups->words, key, groups->words * sizeof *key);
  groups->followers[index] = 0;
  groups->slots[at] = index;
  return index;
}

uint32_t sk_groups_find(const struct sk_groups *groups, const uint64_t *key)
{
  return groups->slots[slot_of(groups, key)];
}
