/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of --changed share: changed.c decides, changed_explain.c says why. */
#ifndef SK_CHANGED_STATE_H
#define SK_CHANGED_STATE_H

#include "base/day_list.h"
#include "changed.h"

/* An object as this run has listed it. */
struct sk_changed_object {
  struct sk_ledger_object noted; /* its texts in the arena; days as of the list */
  struct sk_day_list list;
  bool planned; /* a report that the summary is made from, and not left out for another one */
};
struct sk_changed_day {
  int32_t day;
  size_t first, count; /* of the pairs: its objects */
  char objects[33];    /* their hash */
  bool made;
};
struct sk_changed_pair {
  int32_t day;
  uint32_t object;
};

struct sk_changed {
  struct sk_run_shared *shared;
  const shukei_aggregate_options *options;
  struct sk_plan_memory memory;
  struct sk_arena arena;
  struct sk_ledger *ledgers; /* [options->sink_count] */
  size_t ledgers_ready;      /* initialised */
  struct sk_changed_object *objects;
  size_t object_count, object_capacity; /* sorted by path */
  uint32_t *of_file;                    /* the object of each file of the plan */
  struct sk_changed_pair *pairs;        /* sorted */
  size_t pair_count;
  struct sk_changed_day *days; /* every day that is looked at, sorted */
  size_t day_count, made, kept;
  struct sk_day_range *passes;
  size_t pass_count;
  int32_t start_day, end_day;
  bool whole_range; /* both were given */
  char settings[33];
};

/* What the files share: the object of a path, NULL where there is none; a copy of a text that lives as
 * long, NULL when memory lacks; the hash of a text that ends with one byte more; ENOMEM. */
struct sk_changed_object *sk_changed_find(const struct sk_changed *changed, const char *path);
const char *sk_changed_text(struct sk_changed *changed, const char *text);
void sk_changed_hash(const struct sk_buffer *text, char hash[33]);
shukei_status sk_changed_no_memory(const struct sk_changed *changed, shukei_error *err);
/* Fills changed->settings: everything but the objects that can change a row. */
shukei_status sk_changed_settings(struct sk_changed *changed, const struct sk_rules *rules,
                                  shukei_error *err);
/* Brings the ledgers up to date with the objects, and with the days that are to be made. */
shukei_status sk_changed_note(struct sk_changed *changed, shukei_error *err);
/* The first ledger's word on a day: NULL where its rows are up to date, else a text of why they are not,
 * for people, in room. */
#define SK_CHANGED_REASON 600
const char *sk_changed_reason(const struct sk_changed *changed, const struct sk_changed_day *day,
                              char room[SK_CHANGED_REASON]);
/* True where a ledger does not vouch for the day. */
bool sk_changed_stale(const struct sk_changed *changed, const struct sk_ledger *ledger,
                      const struct sk_changed_day *day);

#endif
