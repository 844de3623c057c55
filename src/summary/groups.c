/* SPDX-License-Identifier: Apache-2.0 */
/* The table of groups: open addressing with linear probing over an array of keys.
 *
 *   sk_groups_init() -> sk_groups_next(), sk_groups_add(), _many() ... -> sk_groups_reset()
 *
 * Keys lie in the order of first sight, apart from what is added up for them: looking a batch's
 * groups up touches 24 to 40 bytes a row, in order, and the sums come after, when their addresses
 * are known and can be fetched ahead (pods.c). Group 0 keeps a key that nobody asks for, so that a
 * follower that is not known yet (0) needs no test of its own.
 *
 * Shared tables are read and added to as in base/intern.c: the slot is set last, and slots that
 * were outgrown stay until the reset. */
#include "summary/groups.h"

#include <assert.h>

#define FIRST_SLOTS UINT32_C(64)
#define MOST_COUNT (UINT32_C(1) << 30)

struct sk_group_slots {
  struct sk_group_slots *older;
  uint32_t mask;
  _Atomic uint32_t at[]; /* index, 0 empty */
};

static struct sk_group_slots *new_slots(struct sk_budget *budget, uint32_t count)
{
  const size_t bytes = sizeof(struct sk_group_slots) + (size_t)count * sizeof(uint32_t);
  struct sk_group_slots *slots = sk_alloc(budget, bytes);
  if (!slots)
    return NULL;
  memset(slots, 0, bytes); /* pages that are read before they are written cost two faults */
  slots->mask = count - 1;
  return slots;
}

static struct sk_group_slots *slots_of(const struct sk_groups *groups)
{
  return atomic_load_explicit(&groups->slots, memory_order_acquire);
}

bool sk_groups_init(struct sk_groups *groups, uint32_t words, struct sk_budget *budget)
{
  *groups = (struct sk_groups){.words = words, .count = 1};
  sk_segments_init(&groups->keys, (words + 1) * sizeof(uint64_t), budget);
  atomic_init(&groups->slots, new_slots(budget, FIRST_SLOTS));
  uint64_t *none = sk_segments_make(&groups->keys, 0);
  if (!none || !slots_of(groups)) {
    sk_groups_reset(groups);
    return false;
  }
  memset(none, 0xff, words * sizeof *none);
  return true;
}

void sk_groups_reset(struct sk_groups *groups)
{
  for (struct sk_group_slots *slots = groups->slots, *older; slots; slots = older) {
    older = slots->older;
    sk_free(slots);
  }
  atomic_init(&groups->slots, NULL);
  atomic_init(&groups->count, 0);
  sk_segments_reset(&groups->keys);
}

static uint32_t hash_key(const uint64_t *key, uint32_t words)
{
  uint64_t h = 0;
  for (uint32_t i = 0; i < words; i++) {
    h = (h ^ key[i]) * UINT64_C(0x9e3779b97f4a7c15);
    h ^= h >> 32;
  }
  return (uint32_t)(h * UINT64_C(0xd6e8feb86659fd93) >> 32);
}

/* memcmp() of so few bytes is a call for each row whose group was not guessed. */
static inline bool same_key(const uint64_t *a, const uint64_t *b, uint32_t words)
{
  uint64_t difference = 0;
  for (uint32_t i = 0; i < words; i++)
    difference |= a[i] ^ b[i];
  return difference == 0;
}

/* The group, or 0, with the empty slot where its key belongs. */
static uint32_t look_up(const struct sk_groups *groups, const struct sk_group_slots *slots,
                        const uint64_t *key, uint32_t *at)
{
  *at = hash_key(key, groups->words) & slots->mask;
  for (;; *at = (*at + 1) & slots->mask) {
    const uint32_t index = atomic_load_explicit(&slots->at[*at], memory_order_acquire);
    if (!index || same_key(sk_groups_key(groups, index), key, groups->words))
      return index;
  }
}

static bool grow_slots(struct sk_groups *groups, uint32_t count)
{
  struct sk_group_slots *before = slots_of(groups);
  struct sk_group_slots *slots = new_slots(groups->keys.arena.budget, before->mask * 2 + 2);
  if (!slots)
    return false;
  for (uint32_t i = 1; i < count; i++) {
    uint32_t at = hash_key(sk_groups_key(groups, i), groups->words) & slots->mask;
    while (atomic_load_explicit(&slots->at[at], memory_order_relaxed))
      at = (at + 1) & slots->mask;
    atomic_store_explicit(&slots->at[at], i, memory_order_relaxed);
  }
  if (groups->shared)
    slots->older = before;
  else
    sk_free(before);
  atomic_store_explicit(&groups->slots, slots, memory_order_release);
  return true;
}

static uint32_t add_new(struct sk_groups *groups, const uint64_t *key, uint32_t at)
{
  const uint32_t index = atomic_load_explicit(&groups->count, memory_order_relaxed);
  struct sk_group_slots *slots = slots_of(groups);
  if (index >= MOST_COUNT)
    return UINT32_MAX;
  if (index > slots->mask / 2) {
    if (!grow_slots(groups, index))
      return UINT32_MAX;
    slots = slots_of(groups);
    look_up(groups, slots, key, &at);
  }
  uint64_t *words = sk_segments_make(&groups->keys, index);
  if (!words)
    return UINT32_MAX;
  memcpy(words, key, groups->words * sizeof *key);
  atomic_store_explicit(&groups->count, index + 1, memory_order_release);
  atomic_store_explicit(&slots->at[at], index, memory_order_release);
  return index;
}

uint32_t sk_groups_add(struct sk_groups *groups, const uint64_t *key)
{
  uint32_t at, index = look_up(groups, slots_of(groups), key, &at);
  if (index)
    return index;
  if (!groups->shared)
    return add_new(groups, key, at);
  sk_spin_lock(&groups->lock);
  index = look_up(groups, slots_of(groups), key, &at);
  if (!index)
    index = add_new(groups, key, at);
  sk_spin_unlock(&groups->lock);
  return index;
}

static bool add_missing(struct sk_groups *groups, const uint64_t *keys, const uint32_t *missing,
                        uint32_t count, uint32_t *indexes)
{
  bool ok = true;
  if (groups->shared)
    sk_spin_lock(&groups->lock);
  for (uint32_t i = 0; ok && i < count; i++) {
    const uint64_t *key = keys + (size_t)missing[i] * groups->words;
    uint32_t at, index = look_up(groups, slots_of(groups), key, &at);
    if (!index)
      index = add_new(groups, key, at);
    indexes[missing[i]] = index;
    ok = index != UINT32_MAX;
  }
  if (groups->shared)
    sk_spin_unlock(&groups->lock);
  return ok;
}

bool sk_groups_add_many(struct sk_groups *groups, const uint64_t *keys, uint32_t count,
                        uint32_t *indexes)
{
  const struct sk_group_slots *slots = slots_of(groups);
  uint32_t at[SK_GROUPS_MANY], missing[SK_GROUPS_MANY], missing_count = 0;
  assert(count <= SK_GROUPS_MANY);
  for (uint32_t i = 0; i < count; i++) {
    at[i] = hash_key(keys + (size_t)i * groups->words, groups->words) & slots->mask;
    __builtin_prefetch(&slots->at[at[i]]);
  }
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t first = atomic_load_explicit(&slots->at[at[i]], memory_order_acquire);
    __builtin_prefetch(sk_groups_key(groups, first));
  }
  for (uint32_t i = 0; i < count; i++) {
    indexes[i] = look_up(groups, slots, keys + (size_t)i * groups->words, &at[i]);
    if (!indexes[i])
      missing[missing_count++] = i;
  }
  return !missing_count || add_missing(groups, keys, missing, missing_count, indexes);
}
