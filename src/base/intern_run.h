/* SPDX-License-Identifier: Apache-2.0 */
/* Interning texts that come one behind the other, as sk_intern_next(), but where the prediction
 * fails, texts wait until there are several, and are added together (sk_intern_add_many()).
 *
 *   sk_intern_run_begin() -> sk_intern_run_next() ... -> sk_intern_run_end()
 *
 * How many wait doubles with each time that the prediction failed again: one that fails once among
 * many that do not is looked up alone, and a table that knows nothing takes SK_INTERN_MANY at
 * once. */
#ifndef SK_BASE_INTERN_RUN_H
#define SK_BASE_INTERN_RUN_H

#include "base/intern.h"

struct sk_intern_run {
  struct sk_intern *table;
  bool kept;         /* texts are within a block that the table keeps */
  uint32_t previous; /* the id before those that wait */
  uint32_t count, limit;
  struct sk_intern_text texts[SK_INTERN_MANY];
  uint32_t *ids[SK_INTERN_MANY]; /* where they go */
};

/* previous: the id that the first text follows, or 0. */
static inline void sk_intern_run_begin(struct sk_intern_run *run, struct sk_intern *table,
                                       uint32_t previous, bool kept)
{
  run->table = table;
  run->kept = kept;
  run->previous = previous;
  run->count = 0;
  run->limit = 1;
}

/* Adds those that wait; false when memory lacks. run->previous is the last id then. */
bool sk_intern_run_end(struct sk_intern_run *run);
/* Lets a text wait, and adds them all when these are enough. */
bool sk_intern_run_wait(struct sk_intern_run *run, const void *bytes, uint32_t length,
                        uint32_t *id);

/* *id is set now, or by a later call; the text must last until then. False when memory lacks. */
static inline bool sk_intern_run_next(struct sk_intern_run *run, const void *bytes, uint32_t length,
                                      uint32_t *id)
{
  if (run->count == 0) {
    const uint32_t guess = sk_intern_follower(run->table, run->previous);
    const struct sk_intern_entry *entry = sk_intern_at(run->table, guess);
    if (entry->length == length && sk_same_bytes(entry->bytes, bytes, length)) {
      run->limit = 1;
      *id = run->previous = guess;
      return true;
    }
  }
  return sk_intern_run_wait(run, bytes, length, id);
}

#endif
