/* SPDX-License-Identifier: Apache-2.0 */
#include "input/intervals.h"
#include "base/calendar.h"
#include "input/times.h"

bool sk_intervals_init(struct sk_intervals *intervals, struct sk_budget *budget)
{
  memset(intervals, 0, sizeof *intervals);
  intervals->budget = budget;
  return sk_intern_init(&intervals->texts, budget);
}

void sk_intervals_reset(struct sk_intervals *intervals)
{
  sk_intern_reset(&intervals->texts);
  sk_free(intervals->known);
  intervals->known = NULL;
}

void sk_intervals_forget(struct sk_intervals *intervals)
{
  for (uint32_t i = 0; i < intervals->filled; i++)
    intervals->known[i].id = SK_NO_ID;
}

bool sk_intervals_fill(struct sk_intervals *intervals)
{
  const uint32_t count = intervals->texts.count;
  if (count > intervals->capacity) {
    const uint32_t more = count < 64 ? 128 : count * 2;
    void *moved = sk_realloc(intervals->budget, intervals->known, more * sizeof *intervals->known);
    if (!moved)
      return false;
    intervals->known = moved;
    intervals->capacity = more;
  }
  for (uint32_t i = intervals->filled; i < count; i++) {
    const struct sk_intern_entry *text = sk_intern_at(&intervals->texts, i);
    struct sk_interval interval = {.id = SK_NO_ID};
    interval.valid = sk_time_parse(text->bytes, text->length, &interval.us) == SHUKEI_OK;
    interval.day = sk_day_of_us(interval.us);
    intervals->known[i] = interval;
  }
  intervals->filled = count;
  return true;
}
