/* SPDX-License-Identifier: Apache-2.0 */
/* interval_start as text -> interval: each distinct text is parsed once per reader. */
#ifndef SK_INPUT_INTERVALS_H
#define SK_INPUT_INTERVALS_H

#include "input/batch.h"

struct sk_interval {
  int64_t us;
  int32_t day;
  uint32_t id; /* in symbols->intervals; SK_NO_ID until it was asked for */
  bool valid;  /* the text could be read */
};

struct sk_intervals {
  struct sk_budget *budget;
  struct sk_intern texts;
  struct sk_interval *known; /* [texts.count] as far as `filled` */
  uint32_t filled, capacity;
};

/* False when memory lacks; these three alike. */
bool sk_intervals_init(struct sk_intervals *intervals, struct sk_budget *budget);
void sk_intervals_reset(struct sk_intervals *intervals);
/* Forgets the ids in the symbols; the texts stay known. */
void sk_intervals_forget(struct sk_intervals *intervals);
/* Parses the texts of the table that are new. */
bool sk_intervals_fill(struct sk_intervals *intervals);

/* The interval of a text; NULL when memory lacks. Good until the next call.
 *   last  0 at first; a column's own: the next row's text is likely the same */
static inline struct sk_interval *sk_intervals_find(struct sk_intervals *intervals, uint32_t *last,
                                                    const void *text, size_t length)
{
  const uint32_t id = sk_intern_next(&intervals->texts, *last, text, length);
  if (id == SK_NO_ID || (id >= intervals->filled && !sk_intervals_fill(intervals)))
    return NULL;
  *last = id;
  return &intervals->known[id];
}

/* The id of an instant in the table; SK_NO_ID when memory lacks. */
static inline uint32_t sk_interval_id(struct sk_intern *table, uint32_t previous, int64_t us)
{
  return sk_intern_next(table, previous, &us, sizeof us);
}

#endif
