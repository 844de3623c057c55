/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of --changed share: changed_memory.c knows and notes objects, changed_days.c gives
 * each day what it is made from, changed.c decides, changed_explain.c says why, changed_note.c
 * keeps it. */
#ifndef SK_CHANGED_STATE_H
#define SK_CHANGED_STATE_H

#include "base/day_list.h"
#include "changed.h"

/* An object as this run has listed it. */
struct sk_changed_object {
  struct sk_ledger_object noted; /* its texts in the arena; days as of the list */
  struct sk_day_list list;       /* of its rows; of a payload those that count of it */
  bool planned; /* a report that the summary is made from, and not left out for another one */
  const char *cluster_id; /* of a payload; NULL: the first one's, or of none that is read */
};
struct sk_changed_day {
  int32_t day;
  size_t first, count; /* of the pairs: its files */
  char objects[33];    /* their hash */
  bool made;
};
#define SK_NO_FILE UINT32_MAX
struct sk_changed_pair {
  int32_t day;
  uint32_t file; /* of the plan; SK_NO_FILE: a ledger has the day */
};

/* What is known and decided of the rows of one source. */
struct sk_changed_source {
  const char *source;            /* NULL: rows without source */
  struct sk_ledger *ledgers;     /* [options->sink_count], loaded */
  const char *cluster_id;        /* of the cluster of the plan, NULL: none or the only one */
  size_t cluster;                /* SIZE_MAX: it has none in the plan */
  struct sk_changed_pair *pairs; /* sorted */
  size_t pair_count;
  struct sk_changed_day *days; /* every day that is looked at, sorted */
  size_t day_count, made, kept;
  struct sk_day_range *passes;
  size_t pass_count;
  const char *settings; /* their hash, in the arena: the ledgers keep it */
};

struct sk_changed {
  struct sk_run_shared *shared;
  const shukei_aggregate_options *options;
  struct sk_plan_memory memory;
  struct sk_arena arena;
  struct sk_changed_source *sources; /* whose ledgers may know an object, and those of the plan */
  size_t source_count;
  struct sk_changed_object *objects;
  size_t object_count, object_capacity; /* sorted by path */
  const struct sk_plan *plan;
  uint32_t *of_file;         /* [plan->count] the object of each file of the plan */
  struct sk_day_list *lists; /* [plan->count] of members: the days that count of it */
  int32_t start_day, end_day;
  bool whole_range; /* both were given */
};

/* What the files share: the object of a path, NULL where there is none; a copy of a text that lives
 * as long, NULL when memory lacks; ENOMEM. */
struct sk_changed_object *sk_changed_find(const struct sk_changed *changed, const char *path);
const char *sk_changed_text(struct sk_changed *changed, const char *text);
shukei_status sk_changed_no_memory(const struct sk_changed *changed, shukei_error *err);
/* Of changed_memory.c: the calls of the plan's memory; the state of a source, whose ledgers are
 * loaded where that was not done before. ENOMEM and what loading fails with. */
void sk_changed_remember(struct sk_changed *changed);
shukei_status sk_changed_source_of(struct sk_changed *changed, const char *source,
                                   struct sk_changed_source **out, shukei_error *err);
/* Of changed_days.c: finds the days of all files, reading those that do not tell them; the days of
 * a file; what each day of a cluster is made from. */
shukei_status sk_changed_find_days(struct sk_changed *changed, const struct sk_plan *plan,
                                   shukei_error *err);
const struct sk_day_list *sk_changed_days_of(const struct sk_changed *changed, size_t file);
shukei_status sk_changed_list_days(struct sk_changed *changed, struct sk_changed_source *source,
                                   shukei_error *err);
/* Of changed_note.c: fills source->settings: everything but the objects that can change a row;
 * brings the ledgers up to date with the objects, and with the days that are to be made. */
shukei_status sk_changed_settings(struct sk_changed *changed, struct sk_changed_source *source,
                                  const struct sk_rules *rules, shukei_error *err);
shukei_status sk_changed_note(struct sk_changed *changed, struct sk_changed_source *source,
                              shukei_error *err);
/* The first ledger's word on a day: NULL where its rows are up to date, else a text of why they are
 * not, for people, in room. */
#define SK_CHANGED_REASON 600
const char *sk_changed_reason(const struct sk_changed *changed,
                              const struct sk_changed_source *source,
                              const struct sk_changed_day *day, char room[SK_CHANGED_REASON]);
/* True where a ledger does not vouch for the day. */
bool sk_changed_stale(const struct sk_changed *changed, const struct sk_changed_source *source,
                      const struct sk_ledger *ledger, const struct sk_changed_day *day);

#endif
