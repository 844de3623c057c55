/* SPDX-License-Identifier: Apache-2.0 */
/* Partial groups that memory had no room for, in runs of a temporary file. Private to the room.
 *
 * A worker whose partial has become too large writes all of it, day by day, as sorted runs of texts
 * in place of ids, and begins anew. Once a day has any run, what is left of it in the partials
 * follows when the day is finished, so that its groups are either all here or all in memory. */
#ifndef SK_SUMMARY_SPILLED_H
#define SK_SUMMARY_SPILLED_H

#include "base/runs.h"
#include "base/sort_key.h"
#include "summary/partial.h"

#include <pthread.h>

enum sk_spilled_kind { SK_SPILLED_CAPACITY, SK_SPILLED_MOUNT, SK_SPILLED_GROUP, SK_SPILLED_KINDS };
struct sk_spilled_day {
  int32_t day;
  struct sk_run **runs[SK_SPILLED_KINDS];
  uint32_t count[SK_SPILLED_KINDS], capacity[SK_SPILLED_KINDS];
};
struct sk_spilled { /* of the whole run; any thread */
  struct sk_budget *budget;
  struct sk_spill *file;
  pthread_mutex_t lock;         /* days and what is in them */
  struct sk_spilled_day **days; /* [count], each stays where it is until it is dropped */
  uint32_t count, capacity;
};

/* NULL when memory lacks. */
struct sk_spilled *sk_spilled_new(struct sk_budget *budget);
void sk_spilled_free(struct sk_spilled *spilled); /* NULL is fine */

/* Writes all that a partial of the pods stage holds, or one day of it. The partial is left as it
 * is. */
shukei_status sk_spilled_write(struct sk_spilled *spilled, const struct sk_partial *partial,
                               shukei_error *err);
shukei_status sk_spilled_write_day(struct sk_spilled *spilled, const struct sk_partial *partial,
                                   int32_t day, shukei_error *err);
/* How records hold what a group adds up, ids and rows apart, and whole numbers: for the runs of
 * others. Taking is from the front of what is left, false where it is not there. */
void sk_spilled_put_number(struct sk_buffer *out, uint64_t value);
void sk_spilled_put_sums(struct sk_buffer *out, const struct sk_pod_group *group);
bool sk_spilled_take_number(struct sk_key_rest *rest, uint64_t *value);
bool sk_spilled_take_sums(struct sk_key_rest *rest, struct sk_pod_group *group);
/* Takes over the runs of a day (NULL: none of that kind) and empties the array; ENOMEM leaves it as
 * it is. Of spilled.c only. */
shukei_status sk_spilled_keep(struct sk_spilled *spilled, int32_t day,
                              struct sk_run *runs[SK_SPILLED_KINDS], shukei_error *err);
/* The day's runs, NULL where it has none. */
struct sk_spilled_day *sk_spilled_find(struct sk_spilled *spilled, int32_t day);
/* The least day below `before` that has runs; false: none. */
bool sk_spilled_next_day(const struct sk_spilled *spilled, int32_t before, int32_t *day);
void sk_spilled_drop_day(struct sk_spilled *spilled, int32_t day);

/* Reading a day's runs in the order of their keys. */
struct sk_spilled_reader;
shukei_status sk_spilled_open(struct sk_spilled *spilled, struct sk_spilled_day *day,
                              enum sk_spilled_kind kind, struct sk_spilled_reader **out,
                              shukei_error *err);
void sk_spilled_close(struct sk_spilled_reader *reader); /* NULL is fine */

/* A record; texts are valid until the next one. Members that the kind has not are empty. */
struct sk_spilled_record {
  struct sk_text namespace, node, pod, resource_id, role;
  struct sk_text set;           /* the group's own label set, in its canonical form */
  uint32_t node_set, space_set; /* hourly: of the labels stage */
  int64_t interval_us;
  double cpu, memory;        /* capacity */
  struct sk_pod_group group; /* without ids */
};
/* The next record, *record NULL at the end. */
shukei_status sk_spilled_next(struct sk_spilled_reader *reader,
                              const struct sk_spilled_record **record, shukei_error *err);

#endif
