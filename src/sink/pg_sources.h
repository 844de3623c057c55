/* SPDX-License-Identifier: Apache-2.0 */
/* Whose rows a run writes: the sources in the order in which they come, each with the days of its
 * rows.
 *
 *   sk_pg_sources_init() -> sk_pg_sources_begin() -> sk_pg_days_add() for its rows
 *   -> the next source ...
 *   -> sk_pg_sources_sort() -> sk_pg_sources_reset() */
#ifndef SK_SINK_PG_SOURCES_H
#define SK_SINK_PG_SOURCES_H

#include "base/buffer.h"
#include "base/day_list.h"

struct sk_ledger;
struct sk_pg_source {
  char *name;                        /* NULL: rows without one */
  struct sk_buffer days;             /* int32_t, rising */
  const struct sk_day_range *ranges; /* of these the days that are made; NULL: all */
  size_t range_count;
  struct sk_ledger *ledger; /* to be written with the rows; NULL: none is kept */
};
struct sk_pg_sources {
  struct sk_budget *budget;
  struct sk_pg_source *list; /* never empty once one was begun; the last one is the present one */
  size_t count;
};

void sk_pg_sources_init(struct sk_pg_sources *sources, struct sk_budget *budget);
void sk_pg_sources_reset(struct sk_pg_sources *sources);
/* The rows from here on are of that source, which is copied. False when memory lacks. */
bool sk_pg_sources_begin(struct sk_pg_sources *sources, const char *name);
/* True where the rows are of that one already. */
bool sk_pg_sources_is(const struct sk_pg_sources *sources, const char *name);
/* The source whose rows come now. */
static inline struct sk_pg_source *sk_pg_sources_now(const struct sk_pg_sources *sources)
{
  return &sources->list[sources->count - 1];
}
/* By name, the same in every run: the order in which locks are taken. No rows come after that. */
void sk_pg_sources_sort(struct sk_pg_sources *sources);

/* Days never fall within a source; the same one again is nothing. A failed append shows in the
 * buffer. */
void sk_pg_days_add(struct sk_buffer *days, int32_t day);
int32_t sk_pg_days_first(const struct sk_buffer *days); /* of some days */
int32_t sk_pg_days_last(const struct sk_buffer *days);  /* INT32_MIN where there are none */
/* Whether a day is among them. */
bool sk_pg_days_have(const struct sk_buffer *days, int32_t day);
/* The days of one source, or of all sources (NULL), as an array of SQL with a zero behind it. */
void sk_pg_days_text(const struct sk_pg_sources *sources, const struct sk_pg_source *one,
                     struct sk_buffer *text);

#endif
