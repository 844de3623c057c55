/* SPDX-License-Identifier: Apache-2.0 */
/* A map of 128-bit keys to dense indexes: open addressing over an array of keys.
 *
 *   sk_map_init() -> sk_map_add(), sk_map_find() -> sk_map_reset()
 *
 * Slots are 4 bytes and hold index + 1; the keys lie in the order of their indexes, which callers
 * mostly walk in that order (hourly data repeats itself), so a hit costs one slot and one key. A
 * slot has no part of the hash, so a wrong probe costs a key: at most half of the slots are
 * used. */
#include "base/map.h"

__extension__ typedef unsigned __int128 wide;

#define FIRST_SLOTS UINT32_C(32)
#define MOST_SLOTS (UINT32_C(1) << 31)
#define FIRST_KEYS UINT32_C(16)

void sk_map_init(struct sk_map *map, struct sk_budget *budget)
{
  *map = (struct sk_map){.budget = budget};
}

void sk_map_reset(struct sk_map *map)
{
  sk_free(map->keys);
  sk_free(map->slots);
  sk_map_init(map, map->budget);
}

/* Keys are packed small integers: all their difference may sit in any few bits of either word. */
static inline uint32_t hash_key(uint64_t high, uint64_t low)
{
  const wide product =
      (wide)(high ^ UINT64_C(0xa54ff53a5f1d36f1)) * (low ^ UINT64_C(0x8e51ecd3b72a91c7));
  const uint64_t folded = (uint64_t)product ^ (uint64_t)(product >> 64);
  return (uint32_t)(folded * UINT64_C(0x9d3f6a4be2c857a1) >> 32);
}

/* The key's slot, or the empty one where it belongs. The map has slots. */
static inline uint32_t slot_of(const struct sk_map *map, uint64_t high, uint64_t low)
{
  uint32_t at = hash_key(high, low) & map->slot_mask;
  for (uint32_t slot; (slot = map->slots[at]) != 0; at = (at + 1) & map->slot_mask) {
    const struct sk_map_key *key = &map->keys[slot - 1];
    if (key->low == low && key->high == high)
      break;
  }
  return at;
}

static bool grow_slots(struct sk_map *map)
{
  if (map->slots && map->slot_mask >= MOST_SLOTS - 1)
    return false;
  const uint32_t mask = map->slots ? map->slot_mask * 2 + 1 : FIRST_SLOTS - 1;
  uint32_t *slots = sk_calloc(map->budget, (size_t)mask + 1, sizeof *slots);
  if (!slots)
    return false;
  for (uint32_t i = 0; i < map->count; i++) {
    uint32_t at = hash_key(map->keys[i].high, map->keys[i].low) & mask;
    while (slots[at])
      at = (at + 1) & mask;
    slots[at] = i + 1;
  }
  sk_free(map->slots);
  map->slots = slots;
  map->slot_mask = mask;
  return true;
}

static bool grow_keys(struct sk_map *map)
{
  const uint32_t capacity = map->capacity ? map->capacity * 2 : FIRST_KEYS;
  struct sk_map_key *keys = sk_realloc(map->budget, map->keys, (size_t)capacity * sizeof *keys);
  if (!keys)
    return false;
  map->keys = keys;
  map->capacity = capacity;
  return true;
}

uint32_t sk_map_find(const struct sk_map *map, uint64_t high, uint64_t low)
{
  if (!map->slots)
    return SK_NO_ID;
  const uint32_t slot = map->slots[slot_of(map, high, low)];
  return slot ? slot - 1 : SK_NO_ID;
}

uint32_t sk_map_add(struct sk_map *map, uint64_t high, uint64_t low, bool *is_new)
{
  *is_new = false;
  uint32_t at = 0;
  if (map->slots) {
    at = slot_of(map, high, low);
    if (map->slots[at])
      return map->slots[at] - 1;
  }
  if (!map->slots || map->count > map->slot_mask / 2) {
    if (!grow_slots(map))
      return SK_NO_ID;
    at = slot_of(map, high, low);
  }
  if (map->count == map->capacity && !grow_keys(map))
    return SK_NO_ID;
  const uint32_t index = map->count++;
  map->keys[index] = (struct sk_map_key){.high = high, .low = low};
  map->slots[at] = index + 1;
  *is_new = true;
  return index;
}
