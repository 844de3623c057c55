/* SPDX-License-Identifier: Apache-2.0 */
/* Interning: bytes -> small dense integer. Equal bytes get equal ids; ids count from 0 in the
 * order of first sight; id 0 is the empty text, which stands for "absent". Texts never move.
 * One thread at a time; any number may read a table that nobody adds to.
 *
 * Hourly data names the same things in the same order again and again, so the table can predict:
 * sk_intern_next() first compares with the text that followed `previous` last time, and only a
 * miss is hashed (docs/design/engine.md). */
#ifndef SK_BASE_INTERN_H
#define SK_BASE_INTERN_H

#include "base/arena.h"
#include "base/same.h"

#include <string.h>

struct sk_intern_entry {
  const char *bytes;
  uint32_t length;
  uint32_t follower; /* id that came after this one last time */
};

struct sk_intern {
  struct sk_arena texts;
  struct sk_intern_entry *entries; /* [count] */
  uint64_t *slots;                 /* hash << 32 | id + 1, 0 empty */
  uint32_t count, capacity, slot_mask;
};

#define SK_NO_ID UINT32_MAX

/* False when memory lacks. */
bool sk_intern_init(struct sk_intern *table, struct sk_budget *budget);
void sk_intern_reset(struct sk_intern *table); /* frees; init again before use */

/* The text's id, added where new; SK_NO_ID when memory lacks. length < 2^31. */
uint32_t sk_intern_add(struct sk_intern *table, const void *bytes, size_t length);
/* The same for a text within a block that the table's arena keeps (sk_arena_keep()): no copy. */
uint32_t sk_intern_add_kept(struct sk_intern *table, const void *bytes, size_t length);
/* The text's id, or SK_NO_ID where the table lacks it. Adds nothing. */
uint32_t sk_intern_find(const struct sk_intern *table, const void *bytes, size_t length);

static inline const struct sk_intern_entry *sk_intern_at(const struct sk_intern *table, uint32_t id)
{
  return &table->entries[id];
}

/* As sk_intern_add(), with the guess that follows `previous` tried first. */
static inline uint32_t sk_intern_next(struct sk_intern *table, uint32_t previous, const void *bytes,
                                      size_t length)
{
  const uint32_t guess = table->entries[previous].follower;
  const struct sk_intern_entry *entry = &table->entries[guess];
  if (entry->length == length && sk_same_bytes(entry->bytes, bytes, length))
    return guess;
  const uint32_t id = sk_intern_add(table, bytes, length);
  if (id != SK_NO_ID)
    table->entries[previous].follower = id;
  return id;
}

/* As sk_intern_add_kept(); sets what follows `previous`. */
static inline uint32_t sk_intern_next_kept(struct sk_intern *table, uint32_t previous,
                                           const void *bytes, size_t length)
{
  const uint32_t id = sk_intern_add_kept(table, bytes, length);
  if (id != SK_NO_ID)
    table->entries[previous].follower = id;
  return id;
}

/* 64-bit hash of bytes, the same on every machine; not against attackers who choose keys. */
uint64_t sk_hash_bytes(const void *bytes, size_t length);
/* Spreads an integer over 64 bits. */
static inline uint64_t sk_hash_u64(uint64_t x)
{
  x ^= x >> 32;
  x *= UINT64_C(0xd6e8feb86659fd93);
  x ^= x >> 32;
  x *= UINT64_C(0xd6e8feb86659fd93);
  x ^= x >> 32;
  return x;
}

#endif
