/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that all workers of a stage look texts, label sets, days and groups up in: each is
 * met, checked and parsed by one of them only, and an id means the same to all. What is added up
 * for a group is each worker's own (partial.h). Private to the room.
 *
 * Any worker adds at any time. Tables are emptied only while none of them works. */
#ifndef SK_SUMMARY_TABLES_H
#define SK_SUMMARY_TABLES_H

#include "base/map.h"
#include "input/batch.h"
#include "summary/groups.h"
#include "summary/ids.h"

/* The days of a stage, in the order of first sight. */
struct sk_days {
  int32_t *at;
  uint32_t count, capacity;
  struct sk_map places; /* day -> index */
};
uint32_t sk_days_find(const struct sk_days *days, int32_t day); /* or SK_NO_ID */

struct sk_tables {
  struct sk_budget own_budget, *budget; /* a part of the run's: what the tables hold */
  _Atomic uint32_t users;               /* partials */
  struct sk_symbols symbols; /* a label text's value: its set, with a mark (labelsets.h) */
  struct sk_intern sets;     /* label sets in their canonical form (labelsets.c) */
  struct sk_intern classes;  /* volumes, hourly: what labels an interval has; 0: none. The
                                           value is an interval of the class */
  struct sk_groups pairs;    /* pods, hourly: a node's and a namespace's label set */
  struct sk_spin lock;       /* of the days */
  struct sk_days days;
  struct sk_groups **groups; /* [days.count] the keys of a day's groups; NULL: none, or finished */
  uint32_t group_capacity, group_words;
  uint32_t generation;    /* counts how often they were emptied */
  uint32_t usual_symbols; /* of the first days of this generation, 0: not known yet */
};

/* group_words: of the stage's groups, 0: it has none. NULL when memory lacks. */
struct sk_tables *sk_tables_new(uint32_t group_words, struct sk_budget *budget);
/* Counts one user more, or less; the last one frees. */
void sk_tables_join(struct sk_tables *tables);
void sk_tables_leave(struct sk_tables *tables); /* NULL is fine */
/* The day's index, added where new, with its groups; SK_NO_ID when memory lacks. Any worker. */
uint32_t sk_tables_day(struct sk_tables *tables, int32_t day);
/* The day behind an index. Any worker. */
int32_t sk_tables_day_number(struct sk_tables *tables, uint32_t index);
/* A day's groups, once its index is known. Any worker. */
struct sk_groups *sk_tables_groups(struct sk_tables *tables, uint32_t day);
/* The other calls are for when no worker works. Frees a day's groups: */
void sk_tables_drop_day(struct sk_tables *tables, uint32_t day);
/* Whether a day is there that was not dropped. */
bool sk_tables_in_use(const struct sk_tables *tables);
/* Forgets everything; false when memory lacks: the tables can only be left then. */
bool sk_tables_empty(struct sk_tables *tables);

#endif
