/* SPDX-License-Identifier: Apache-2.0 */
/* Interning: an open-addressing table over an array of entries.
 *
 *   sk_intern_init() -> sk_intern_add(), _many(), sk_intern_next(), sk_intern_find()
 *   -> sk_intern_reset()
 *
 * A slot holds 32 bits of the hash beside the id, so that a probe that fails is refused without
 * touching the entry or its text, and growing moves slots without hashing a text again. Probing is
 * linear: slots are 8 bytes, eight to a cache line, and the table is at most 3/4 full. Entries lie
 * in segments in the order of their ids; texts lie in an arena and never move.
 *
 * A shared table is read without a lock. Who adds takes it, looks once more, writes the entry and
 * sets the slot last, so that whoever finds a slot finds its entry whole; followers and values pass
 * an entry on in the same way. A reader that stands in slots that were outgrown misses what is new,
 * and looks again with the lock held; outgrown slots are kept until the table is emptied, together
 * less than those in use. */
#include "base/intern.h"

#include "base/text.h"

#include <assert.h>

#define FIRST_SLOTS UINT32_C(64)
#define MOST_SLOTS (UINT32_C(1) << 31)

struct sk_intern_slots {
  struct sk_intern_slots *older;
  uint32_t mask;
  _Atomic uint64_t at[]; /* hash << 32 | id + 1, 0 empty */
};

static struct sk_intern_slots *new_slots(struct sk_budget *budget, uint32_t count)
{
  const size_t bytes = sizeof(struct sk_intern_slots) + (size_t)count * sizeof(uint64_t);
  struct sk_intern_slots *slots = sk_alloc(budget, bytes);
  if (!slots)
    return NULL;
  memset(slots, 0, bytes); /* pages that are read before they are written cost two faults */
  slots->mask = count - 1;
  return slots;
}

static struct sk_intern_slots *slots_of(const struct sk_intern *table)
{
  return atomic_load_explicit(&table->slots, memory_order_acquire);
}

static bool add_entry(struct sk_intern *table, const char *bytes, uint32_t length, bool bad)
{
  const uint32_t id = atomic_load_explicit(&table->count, memory_order_relaxed);
  struct sk_intern_entry *entry = sk_segments_make(&table->entries, id);
  if (!entry)
    return false;
  entry->bytes = bytes;
  entry->length = length & INT32_MAX;
  entry->bad = bad;
  atomic_init(&entry->value, SK_NO_ID);
  if (bad)
    atomic_fetch_add_explicit(&table->bad_count, 1, memory_order_relaxed);
  atomic_store_explicit(&table->count, id + 1, memory_order_release);
  return true;
}

static bool begin(struct sk_intern *table)
{
  /* The empty text needs no slot: its length says which it is. */
  atomic_init(&table->slots, new_slots(table->texts.budget, FIRST_SLOTS));
  if (slots_of(table) && add_entry(table, "", 0, false))
    return true;
  sk_intern_reset(table);
  return false;
}

bool sk_intern_init(struct sk_intern *table, struct sk_budget *budget)
{
  *table = (struct sk_intern){.generation = 0};
  sk_arena_init(&table->texts, budget);
  sk_segments_init(&table->entries, sizeof(struct sk_intern_entry), budget);
  return begin(table);
}

static void free_all(struct sk_intern *table)
{
  for (struct sk_intern_slots *slots = table->slots, *older; slots; slots = older) {
    older = slots->older;
    sk_free(slots);
  }
  atomic_init(&table->slots, NULL);
  sk_segments_reset(&table->entries);
  sk_arena_reset(&table->texts);
  atomic_init(&table->count, 0);
  atomic_init(&table->bad_count, 0);
}

void sk_intern_reset(struct sk_intern *table)
{
  struct sk_budget *budget = table->texts.budget;
  free_all(table);
  *table = (struct sk_intern){.generation = 0};
  sk_arena_init(&table->texts, budget);
  sk_segments_init(&table->entries, sizeof(struct sk_intern_entry), budget);
}

void sk_intern_settle(struct sk_intern *table)
{
  struct sk_intern_slots *slots = slots_of(table), *older;
  for (struct sk_intern_slots *old = slots ? slots->older : NULL; old; old = older) {
    older = old->older;
    sk_free(old);
  }
  if (slots)
    slots->older = NULL;
}

bool sk_intern_empty(struct sk_intern *table)
{
  free_all(table);
  table->generation++;
  return begin(table);
}

static bool grow_slots(struct sk_intern *table)
{
  struct sk_intern_slots *before = slots_of(table);
  if (before->mask >= MOST_SLOTS - 1)
    return false;
  struct sk_intern_slots *slots = new_slots(table->texts.budget, before->mask * 2 + 2);
  if (!slots)
    return false;
  for (size_t i = 0; i <= before->mask; i++) {
    const uint64_t slot = atomic_load_explicit(&before->at[i], memory_order_relaxed);
    if (!slot)
      continue;
    uint32_t at = (uint32_t)(slot >> 32) & slots->mask;
    while (atomic_load_explicit(&slots->at[at], memory_order_relaxed))
      at = (at + 1) & slots->mask;
    atomic_store_explicit(&slots->at[at], slot, memory_order_relaxed);
  }
  if (table->shared)
    slots->older = before;
  else
    sk_free(before);
  atomic_store_explicit(&table->slots, slots, memory_order_release);
  return true;
}

/* The id of the text; SK_NO_ID where the slots lack it, with the empty slot where it belongs. */
static uint32_t look_up(const struct sk_intern *table, const struct sk_intern_slots *slots,
                        uint32_t hash, const void *bytes, size_t length, uint32_t *at)
{
  *at = hash & slots->mask;
  for (;; *at = (*at + 1) & slots->mask) {
    const uint64_t slot = atomic_load_explicit(&slots->at[*at], memory_order_acquire);
    if (!slot)
      return SK_NO_ID;
    if ((uint32_t)(slot >> 32) != hash)
      continue;
    const uint32_t id = (uint32_t)slot - 1;
    const struct sk_intern_entry *entry = sk_intern_at(table, id);
    if (entry->length == length && memcmp(entry->bytes, bytes, length) == 0)
      return id;
  }
}

static uint32_t hash_of(const void *bytes, size_t length)
{
  return (uint32_t)(sk_hash_bytes(bytes, length) >> 32);
}

uint32_t sk_intern_find(const struct sk_intern *table, const void *bytes, size_t length)
{
  uint32_t at;
  return length ? look_up(table, slots_of(table), hash_of(bytes, length), bytes, length, &at) : 0;
}

/* Adds a text that is not there; `at` is the empty slot where it belongs. */
static uint32_t add_new(struct sk_intern *table, uint32_t hash, const void *bytes, size_t length,
                        bool lasts, bool bad, uint32_t at)
{
  const uint32_t id = atomic_load_explicit(&table->count, memory_order_relaxed);
  struct sk_intern_slots *slots = slots_of(table);
  if (id >= (slots->mask + 1) / 4 * 3) {
    if (!grow_slots(table))
      return SK_NO_ID;
    slots = slots_of(table);
    look_up(table, slots, hash, bytes, length, &at);
  }
  if (!lasts) {
    char *copy = sk_arena_bytes(&table->texts, length);
    if (!copy)
      return SK_NO_ID;
    bytes = memcpy(copy, bytes, length);
  }
  if (!add_entry(table, bytes, (uint32_t)length, bad))
    return SK_NO_ID;
  atomic_store_explicit(&slots->at[at], (uint64_t)hash << 32 | (id + 1), memory_order_release);
  return id;
}

uint32_t sk_intern_add(struct sk_intern *table, const void *bytes, size_t length)
{
  assert(length <= INT32_MAX);
  if (!length)
    return 0;
  const uint32_t hash = hash_of(bytes, length);
  uint32_t at, id = look_up(table, slots_of(table), hash, bytes, length, &at);
  if (id != SK_NO_ID)
    return id;
  const bool bad = table->checks && !sk_utf8_valid(bytes, length);
  if (!table->shared)
    return add_new(table, hash, bytes, length, false, bad, at);
  sk_spin_lock(&table->lock);
  id = look_up(table, slots_of(table), hash, bytes, length, &at);
  if (id == SK_NO_ID)
    id = add_new(table, hash, bytes, length, false, bad, at);
  sk_spin_unlock(&table->lock);
  return id;
}

/* Texts that the table lacked when it was asked. */
struct missing {
  uint32_t count;
  uint32_t at[SK_INTERN_MANY]; /* of the texts */
  bool bad[SK_INTERN_MANY];
};

static void lock(struct sk_intern *table)
{
  if (table->shared)
    sk_spin_lock(&table->lock);
}

static void unlock(struct sk_intern *table)
{
  if (table->shared)
    sk_spin_unlock(&table->lock);
}

/* Copied with the lock held: two threads meet the same new texts when tables were emptied, and
 * copies that one makes for nothing fill what memory there is. */
static bool add_missing(struct sk_intern *table, const struct sk_intern_text *texts,
                        const uint32_t *hashes, const struct missing *missing, bool kept,
                        uint32_t *ids)
{
  bool ok = true;
  lock(table);
  for (uint32_t i = 0; ok && i < missing->count; i++) {
    const uint32_t k = missing->at[i];
    uint32_t at,
        id = look_up(table, slots_of(table), hashes[k], texts[k].bytes, texts[k].length, &at);
    if (id == SK_NO_ID)
      id = add_new(table, hashes[k], texts[k].bytes, texts[k].length, kept, missing->bad[i], at);
    ids[k] = id;
    ok = id != SK_NO_ID;
  }
  unlock(table);
  return ok;
}

bool sk_intern_add_many(struct sk_intern *table, const struct sk_intern_text *texts, uint32_t count,
                        bool kept, uint32_t *ids)
{
  uint32_t hashes[SK_INTERN_MANY], at;
  struct missing missing;
  const struct sk_intern_slots *slots = slots_of(table);
  assert(count <= SK_INTERN_MANY);
  for (uint32_t i = 0; i < count; i++) {
    assert(texts[i].length <= INT32_MAX);
    hashes[i] = texts[i].length ? hash_of(texts[i].bytes, texts[i].length) : 0;
    __builtin_prefetch(&slots->at[hashes[i] & slots->mask]);
  }
  missing.count = 0;
  for (uint32_t i = 0; i < count; i++) {
    const struct sk_intern_text *text = &texts[i];
    ids[i] = text->length ? look_up(table, slots, hashes[i], text->bytes, text->length, &at) : 0;
    if (ids[i] != SK_NO_ID)
      continue;
    missing.bad[missing.count] = table->checks && !sk_utf8_valid(text->bytes, text->length);
    missing.at[missing.count++] = i;
  }
  return !missing.count || add_missing(table, texts, hashes, &missing, kept, ids);
}

bool sk_intern_keep(struct sk_intern *table, struct sk_shared *block)
{
  lock(table);
  const bool kept = sk_arena_keep(&table->texts, block);
  unlock(table);
  return kept;
}
