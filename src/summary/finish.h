/* SPDX-License-Identifier: Apache-2.0 */
/* The finished summary, a day at a time, by several threads. Private to the room.
 *
 *   sk_day_open()   the day's nodes and their capacities (day_nodes.c), its groups put in the order
 *                   of (namespace, node) and cut into parts (day_pairs.c)
 *   parts           each by whichever worker is free: groups meet the labels of their node and
 *                   namespace, equal ones are added up, sorted, emitted (pair_rows.c, emit.c)
 *   tail            unallocated capacity (spare.c) and Storage rows (volume_rows.c, volume_order.c)
 *
 * While parts are made, everything but a worker's own is read-only. */
#ifndef SK_SUMMARY_FINISH_H
#define SK_SUMMARY_FINISH_H

#include "base/sha1.h"
#include "summary/partial.h"
#include "summary/rank.h"
#include "summary/spilled.h"

#include <pthread.h>
#include <uuid/uuid.h>

/* Names that rules speak of, interned first: their ids. */
enum sk_known_name {
  SK_NAME_ABSENT,
  SK_NAME_PLATFORM_UNALLOCATED,
  SK_NAME_WORKER_UNALLOCATED,
  SK_NAME_NETWORK_UNATTRIBUTED,
  SK_NAME_STORAGE_UNATTRIBUTED,
  SK_NAME_APISERVER,
  SK_NAME_KNOWN
};
extern const char *const sk_known_names[SK_NAME_KNOWN];

/* ---- rows ------------------------------------------------------------------------------------ */

/* Makes rows; a worker's own. */
struct sk_emitter {
  const struct sk_rules *rules;
  struct sk_row row;
  struct sk_buffer key; /* that a uuid is made of */
  struct sk_sha1 sha1;
  uuid_t uuid_space;
  char uuid_text[37], day_text[16];
  int32_t day;
  uint64_t rows;
  /* the cost category of the namespace before */
  struct sk_text category_of;
  int64_t category;
  bool category_found;
};
void sk_emitter_init(struct sk_emitter *emitter, const struct sk_rules *rules,
                     struct sk_budget *budget);
void sk_emitter_reset(struct sk_emitter *emitter);
/* The namespace of all uuids: the source's uuid, or one made of its text. */
void sk_uuid_namespace(const char *source_uuid, uuid_t out);

/* What all rows of a node share. */
struct sk_capacities {
  double node_cpu, node_memory, cluster_cpu, cluster_memory;
};
struct sk_pod_row {
  struct sk_text namespace, node, resource_id, labels;
  const sk_wide *sums; /* [SK_SUM_COUNT] */
  double cores, bytes;
  struct sk_capacities capacities;
};
struct sk_volume_row {
  struct sk_text namespace, node, resource_id, claim, volume, storageclass, handle, labels;
  const struct sk_volume_group *group;
  double nodes, month_seconds;
};
/* Fill emitter->row; false when memory lacks. */
bool sk_emit_pod(struct sk_emitter *emitter, const struct sk_pod_row *pod);
bool sk_emit_spare(struct sk_emitter *emitter, const struct sk_pod_row *spare);
bool sk_emit_volume(struct sk_emitter *emitter, const struct sk_volume_row *volume);

/* ---- the run and its workers ----------------------------------------------------------------- */

/* What one worker's rows of a node add up to. There may be 100,000 nodes: 128 bytes each. */
#define SK_SPARE_COUNT 6
struct sk_node_tally {
  sk_wide sums[SK_SPARE_COUNT];    /* of the rows that count for unallocated capacity (spare.c) */
  double cores, bytes;             /* the greatest of those rows */
  uint32_t resource_id, role_seen; /* of the worker's texts */
  uint32_t role_listed;            /* of finish->roles, 0: none */
  bool apiserver, counts;
};

/* Names of the pods stage in a table of somebody else; another generation's are worth nothing. */
struct sk_carried {
  struct sk_ids names; /* the stage's -> the table's */
  uint32_t generation; /* of the stage's tables */
};
void sk_carried_follow(struct sk_carried *carried, const struct sk_tables *tables);

struct sk_pair_scratch; /* pair_rows.c */
struct sk_row_worker {
  struct sk_finish *finish;
  struct sk_emitter emitter;
  struct sk_intern texts;    /* resource ids and roles */
  struct sk_carried carried; /* the stage's names -> texts */
  struct sk_node_tally
      *tally; /* [tally_count] by the day's node; none until it makes rows of the day */
  uint32_t tally_count, tally_capacity;
  uint64_t groups, counted_more_than_once;
  struct sk_buffer role_key;
  struct sk_pair_scratch *scratch;
};
void sk_pair_scratch_free(struct sk_pair_scratch *scratch);

struct sk_finish {
  const struct sk_rules *rules;
  struct sk_budget *budget;
  const struct sk_partial *labels, *volumes; /* NULL where a stage had no reports */
  struct sk_partial *const *pods;            /* the workers' */
  size_t pod_count;
  struct sk_tables *tables; /* of these; NULL: there are none */
  struct sk_roles roles;
  struct sk_summary_counts counts;
  struct sk_spilled *spilled;
  pthread_mutex_t lock;           /* of the two below */
  struct sk_intern skipped_texts; /* label texts with skipped pairs */
  uint64_t skipped_pairs;
  bool lock_made;
  int32_t finished_before;       /* days below are written */
  struct sk_row_worker *workers; /* [worker_count] */
  unsigned worker_count;
  size_t pair_bytes; /* a worker's share of the budget for groups of one pair, and for its rows */

  struct sk_intern names; /* of nodes and namespaces */
  uint32_t *label_names;  /* [label_name_count] name -> name of the labels stage, or SK_NO_ID */
  uint32_t *ranks;        /* [names.count] in byte order */
  uint32_t label_name_count, label_name_capacity, ranked, rank_capacity;
  struct sk_carried carried; /* the stage's names -> names */
  struct sk_volume_rows *volume_rows;
};

/* ---- the day --------------------------------------------------------------------------------- */

struct sk_day_node {
  sk_wide cpu, memory; /* capacity */
  uint32_t name;
  uint32_t namespace; /* of its unallocated row, 0: it has none */
};
/* A namespace on a node. */
struct sk_pair {
  uint32_t namespace, node; /* names */
  uint32_t first, count;    /* in groups */
};
struct sk_pair_list {
  struct sk_pair *pairs; /* in the order of their names */
  uint32_t *groups;      /* by pair */
  uint32_t count;
};

struct sk_day {
  struct sk_finish *finish;
  int32_t day;
  uint32_t when; /* in the labels stage (koku) */
  double month_seconds;
  sk_wide cluster_cpu, cluster_memory;
  struct sk_range range;
  struct sk_ids node_index; /* name -> nodes */
  struct sk_day_node *nodes;
  uint32_t node_count, node_capacity;
  const struct sk_groups *keys;   /* NULL: no groups in memory */
  const struct sk_pod_day **pods; /* [pod_count] what each partial has of the day, or NULL */
  struct sk_pair_list list;
  uint32_t *part_from; /* [part_count] the first pair of each part */
  uint32_t part_count, part_capacity;
  uint64_t group_count;
  struct sk_spilled_day *spilled; /* the day's groups are there; NULL: in the partials */
  struct sk_pair_claims *claims;  /* then */
  bool tail;
  uint32_t *spare_order, spare_count;
  uint32_t volume_count;
  _Atomic uint32_t next_part;
};

/* The worker's tally of the day's nodes, begun where that is due; false when memory lacks. */
bool sk_tally_begin(const struct sk_day *day, struct sk_row_worker *worker);
shukei_status sk_finish_no_memory(const struct sk_finish *finish, shukei_error *err);

/* The name in finish->names of a name of the pods stage, added where new; SK_NO_ID when memory
 * lacks. */
uint32_t sk_finish_name(struct sk_finish *finish, uint32_t id);
static inline struct sk_text sk_finish_text(const struct sk_finish *finish, uint32_t name)
{
  const struct sk_intern_entry *e = sk_intern_at(&finish->names, name);
  return (struct sk_text){.bytes = name ? e->bytes : NULL, .length = e->length};
}
/* The day's node of that name, added where new; NULL when memory lacks. */
struct sk_day_node *sk_day_node_add(struct sk_day *day, uint32_t name);
/* Makes the day's nodes known, with the sum of what each interval tells of them. */
shukei_status sk_day_nodes(struct sk_day *day, shukei_error *err);
struct sk_capacities sk_day_capacities(const struct sk_day *day, const struct sk_day_node *node);
/* Sorts the day's groups into a list of pairs and cuts it into parts. */
shukei_status sk_day_pairs(struct sk_day *day, shukei_error *err);

/* Reading a spilled day's groups back, a part at a time. */
shukei_status sk_pair_claims_begin(struct sk_day *day, shukei_error *err);
void sk_pair_claims_end(struct sk_day *day);
bool sk_pair_claim_spilled(struct sk_day *day, struct sk_row_worker *worker, uint32_t *part);
/* Rows of a part of the groups. */
shukei_status sk_pair_rows(struct sk_day *day, struct sk_row_worker *worker, uint32_t part,
                           sk_row_taker take, void *context, shukei_error *err);
/* Adds a group's sums that count for unallocated capacity; false where 128 bits do not hold one. */
bool sk_spare_add(sk_wide into[SK_SPARE_COUNT], const sk_wide from[SK_SUM_COUNT]);
/* Unallocated rows: what the workers tallied is brought together and sorted; then they are
 * emitted. */
shukei_status sk_spare_prepare(struct sk_day *day, shukei_error *err);
shukei_status sk_spare_rows(struct sk_day *day, struct sk_row_worker *worker, sk_row_taker take,
                            void *context, shukei_error *err);
/* Storage rows of a day: prepared by one thread, emitted from `first` on by any. */
shukei_status sk_volume_rows_prepare(struct sk_day *day, shukei_error *err);
shukei_status sk_volume_rows_emit(struct sk_day *day, struct sk_row_worker *worker, uint32_t first,
                                  uint32_t count, sk_row_taker take, void *context,
                                  shukei_error *err);
void sk_volume_rows_free(struct sk_volume_rows *rows);

/* The label sets of a name at a time: a link of `named` or SK_NO_ID, which means one empty set. */
static inline uint32_t sk_sets_count(const struct sk_named_sets *named, uint32_t first)
{
  uint32_t count = first == SK_NO_ID;
  for (uint32_t l = first; l != SK_NO_ID; l = named->links[l].next)
    count++;
  return count;
}

#endif
