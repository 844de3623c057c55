/* SPDX-License-Identifier: Apache-2.0 */
/* Interning: an open-addressing table over an array of entries.
 *
 *   sk_intern_init() -> sk_intern_add(), sk_intern_next(), sk_intern_find() -> sk_intern_reset()
 *
 * A slot holds 32 bits of the hash beside the id, so that a probe that fails is refused without
 * touching the entry or its text, and growing moves slots without hashing a text again. Probing is
 * linear: slots are 8 bytes, eight to a cache line, and the table is at most 3/4 full. Entries lie
 * in one array in the order of their ids; texts lie in an arena and never move. */
#include "base/intern.h"

#include <assert.h>

#define FIRST_SLOTS UINT32_C(64)
#define MOST_SLOTS (UINT32_C(1) << 31)
#define FIRST_ENTRIES UINT32_C(16)

bool sk_intern_init(struct sk_intern *table, struct sk_budget *budget)
{
  *table = (struct sk_intern){.slot_mask = FIRST_SLOTS - 1, .capacity = FIRST_ENTRIES};
  sk_arena_init(&table->texts, budget);
  table->slots = sk_calloc(budget, FIRST_SLOTS, sizeof *table->slots);
  table->entries = sk_alloc(budget, FIRST_ENTRIES * sizeof *table->entries);
  if (!table->slots || !table->entries) {
    sk_intern_reset(table);
    return false;
  }
  /* The empty text needs no slot: its length says which it is. */
  table->entries[0] = (struct sk_intern_entry){.bytes = ""};
  table->count = 1;
  return true;
}

void sk_intern_reset(struct sk_intern *table)
{
  struct sk_budget *budget = table->texts.budget;
  sk_free(table->slots);
  sk_free(table->entries);
  sk_arena_reset(&table->texts);
  *table = (struct sk_intern){.count = 0};
  sk_arena_init(&table->texts, budget);
}

static bool grow_slots(struct sk_intern *table)
{
  if (table->slot_mask >= MOST_SLOTS - 1)
    return false;
  const uint32_t mask = table->slot_mask * 2 + 1;
  uint64_t *slots = sk_calloc(table->texts.budget, (size_t)mask + 1, sizeof *slots);
  if (!slots)
    return false;
  for (size_t i = 0; i <= table->slot_mask; i++) {
    const uint64_t slot = table->slots[i];
    if (!slot)
      continue;
    uint32_t at = (uint32_t)(slot >> 32) & mask;
    while (slots[at])
      at = (at + 1) & mask;
    slots[at] = slot;
  }
  sk_free(table->slots);
  table->slots = slots;
  table->slot_mask = mask;
  return true;
}

static bool grow_entries(struct sk_intern *table)
{
  /* capacity stays below 2^32 because the slots, of which 3/4 are used, end at 2^31. */
  const uint32_t capacity = table->capacity * 2;
  struct sk_intern_entry *entries =
      sk_realloc(table->texts.budget, table->entries, (size_t)capacity * sizeof *entries);
  if (!entries)
    return false;
  table->entries = entries;
  table->capacity = capacity;
  return true;
}

/* The slot of the text, or the empty one where it belongs. */
static uint32_t slot_of(const struct sk_intern *table, uint32_t hash, const void *bytes,
                        size_t length)
{
  uint32_t at = hash & table->slot_mask;
  for (uint64_t slot; (slot = table->slots[at]) != 0; at = (at + 1) & table->slot_mask) {
    if ((uint32_t)(slot >> 32) != hash)
      continue;
    const struct sk_intern_entry *entry = &table->entries[(uint32_t)slot - 1];
    if (entry->length == length && memcmp(entry->bytes, bytes, length) == 0)
      break;
  }
  return at;
}

uint32_t sk_intern_find(const struct sk_intern *table, const void *bytes, size_t length)
{
  if (!length)
    return 0;
  const uint32_t hash = (uint32_t)(sk_hash_bytes(bytes, length) >> 32);
  const uint64_t slot = table->slots[slot_of(table, hash, bytes, length)];
  return slot ? (uint32_t)slot - 1 : SK_NO_ID;
}

static uint32_t add(struct sk_intern *table, const void *bytes, size_t length, bool lasts)
{
  assert(length <= INT32_MAX);
  if (!length)
    return 0;
  const uint32_t hash = (uint32_t)(sk_hash_bytes(bytes, length) >> 32);
  uint32_t at = slot_of(table, hash, bytes, length);
  if (table->slots[at])
    return (uint32_t)table->slots[at] - 1;
  if (table->count >= (table->slot_mask + 1) / 4 * 3) {
    if (!grow_slots(table))
      return SK_NO_ID;
    at = slot_of(table, hash, bytes, length);
  }
  if (table->count == table->capacity && !grow_entries(table))
    return SK_NO_ID;
  if (!lasts) {
    char *copy = sk_arena_bytes(&table->texts, length);
    if (!copy)
      return SK_NO_ID;
    bytes = memcpy(copy, bytes, length);
  }
  const uint32_t id = table->count++;
  table->entries[id] = (struct sk_intern_entry){.bytes = bytes, .length = (uint32_t)length};
  table->slots[at] = (uint64_t)hash << 32 | (id + 1);
  return id;
}

uint32_t sk_intern_add(struct sk_intern *table, const void *bytes, size_t length)
{
  return add(table, bytes, length, false);
}

uint32_t sk_intern_add_kept(struct sk_intern *table, const void *bytes, size_t length)
{
  return add(table, bytes, length, true);
}
