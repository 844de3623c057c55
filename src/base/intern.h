/* SPDX-License-Identifier: Apache-2.0 */
/* Interning: bytes -> small dense integer. Equal bytes get equal ids; ids count from 0 in the
 * order of first sight; id 0 is the empty text, which stands for "absent". Texts and entries never
 * move. A shared table takes texts of many threads at once, and an id that one of them was given,
 * or was told by another, is good for all; any other table is one thread's at a time.
 *
 * Hourly data names the same things in the same order again and again, so the table can predict:
 * sk_intern_next() first compares with the text that followed `previous` last time, and only a
 * miss is hashed (docs/design/engine.md). */
#ifndef SK_BASE_INTERN_H
#define SK_BASE_INTERN_H

#include "base/arena.h"
#include "base/same.h"
#include "base/segments.h"
#include "base/spin.h"

#include <string.h>

struct sk_intern_entry {
  const char *bytes;
  uint32_t length : 31;
  uint32_t bad : 1;          /* the table checks its texts, and this one is no UTF-8 */
  _Atomic uint32_t follower; /* id that came after this one last time */
  _Atomic uint32_t value;    /* what the table's user remembers of the text; SK_NO_ID at first */
  _Atomic uint32_t hint;     /* what the table's user guesses of it, may be wrong; 0 at first */
};

struct sk_intern_slots;
struct sk_intern {
  struct sk_arena texts;
  struct sk_segments entries; /* [count] */
  struct sk_intern_slots *_Atomic slots;
  _Atomic uint32_t count, bad_count;
  uint32_t generation; /* counts how often it was emptied */
  bool shared, checks; /* set by the table's user, after init */
  struct sk_spin lock; /* of a shared table: taken to add */
};

#define SK_NO_ID UINT32_MAX

/* False when memory lacks. */
bool sk_intern_init(struct sk_intern *table, struct sk_budget *budget);
void sk_intern_reset(struct sk_intern *table); /* frees; init again before use */
/* Forgets all texts and their ids; nobody else may be using the table. False when memory lacks: it
 * can only be reset then. */
bool sk_intern_empty(struct sk_intern *table);

/* Frees slots that were outgrown, while nobody uses the table. */
void sk_intern_settle(struct sk_intern *table);

/* The text's id, added where new; SK_NO_ID when memory lacks. length < 2^31. */
uint32_t sk_intern_add(struct sk_intern *table, const void *bytes, size_t length);
/* Texts that are added together: slots are fetched while the next text is hashed, and the lock is
 * taken once for all that are new, so that threads that meet new texts at the same time do not
 * write to each other's lines of entries. */
#define SK_INTERN_MANY 64
struct sk_intern_text {
  const void *bytes;
  uint32_t length;
};
/* As sk_intern_add() of each in order, count at most SK_INTERN_MANY; false when memory lacks: some
 * of them may be in the table then.
 *   kept  they lie within a block that the table keeps: no copy */
bool sk_intern_add_many(struct sk_intern *table, const struct sk_intern_text *texts, uint32_t count,
                        bool kept, uint32_t *ids);
/* Makes the table an owner of a block, until it is emptied; false when memory lacks. */
bool sk_intern_keep(struct sk_intern *table, struct sk_shared *block);
/* The text's id, or SK_NO_ID where the table lacks it. Adds nothing. */
uint32_t sk_intern_find(const struct sk_intern *table, const void *bytes, size_t length);

static inline struct sk_intern_entry *sk_intern_entry(const struct sk_intern *table, uint32_t id)
{
  return sk_segments_at(&table->entries, id, sizeof(struct sk_intern_entry));
}
static inline const struct sk_intern_entry *sk_intern_at(const struct sk_intern *table, uint32_t id)
{
  return sk_intern_entry(table, id);
}
/* What is remembered of a text: whoever reads it sees all that was written before it was set. */
static inline uint32_t sk_intern_value(const struct sk_intern *table, uint32_t id)
{
  return atomic_load_explicit(&sk_intern_entry(table, id)->value, memory_order_acquire);
}
static inline void sk_intern_set_value(const struct sk_intern *table, uint32_t id, uint32_t value)
{
  atomic_store_explicit(&sk_intern_entry(table, id)->value, value, memory_order_release);
}
static inline uint32_t sk_intern_follower(const struct sk_intern *table, uint32_t id)
{
  return atomic_load_explicit(&sk_intern_entry(table, id)->follower, memory_order_acquire);
}
static inline void sk_intern_set_follower(const struct sk_intern *table, uint32_t id, uint32_t next)
{
  atomic_store_explicit(&sk_intern_entry(table, id)->follower, next, memory_order_release);
}

/* As sk_intern_add(), with the guess that follows `previous` tried first. */
static inline uint32_t sk_intern_next(struct sk_intern *table, uint32_t previous, const void *bytes,
                                      size_t length)
{
  const uint32_t guess = sk_intern_follower(table, previous);
  const struct sk_intern_entry *entry = sk_intern_at(table, guess);
  if (entry->length == length && sk_same_bytes(entry->bytes, bytes, length))
    return guess;
  const uint32_t id = sk_intern_add(table, bytes, length);
  if (id != SK_NO_ID)
    sk_intern_set_follower(table, previous, id);
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
