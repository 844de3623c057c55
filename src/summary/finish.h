/* SPDX-License-Identifier: Apache-2.0 */
/* The finished summary, a day at a time. Private to the room.
 *
 *   sk_finish_pods()     groups of the day's Pod rows, capacities, roles
 *   sk_finish_spare()    its unallocated capacity
 *   sk_finish_volumes()  groups of its Storage rows
 *
 * in this order; rows.c sorts and emits. Ids are of the finished summary's own tables, into which
 * those of the stages are carried. */
#ifndef SK_SUMMARY_FINISH_H
#define SK_SUMMARY_FINISH_H

#include "summary/partial.h"
#include "summary/rank.h"

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

/* A node on the day at hand. */
struct sk_final_node {
  sk_wide cpu, memory;        /* its capacity */
  sk_wide sums[SK_SUM_COUNT]; /* of the rows that count for unallocated capacity */
  double cores, bytes;        /* the greatest of those rows */
  uint32_t name, resource_id, role_seen;
  uint32_t namespace;      /* of its unallocated row, 0: it has none */
  const char *role_listed; /* "": none */
  bool apiserver, counts;
};

struct sk_category {
  bool known, found;
  int64_t id;
};

enum sk_phase { SK_PHASE_PODS, SK_PHASE_SPARE, SK_PHASE_VOLUMES, SK_PHASE_DONE };

struct sk_rows {
  const struct sk_rules *rules;
  struct sk_budget *budget;
  const struct sk_partial *labels, *volumes, *pods; /* NULL where a stage had no reports */
  struct sk_roles roles;
  struct sk_summary_counts counts;
  int32_t *days; /* [day_count], sorted */
  uint32_t day_count, next_day;

  /* tables of the whole summary */
  struct sk_intern names;
  struct sk_labelsets sets;
  struct sk_ids pod_names, volume_names;           /* of the stage -> ours */
  struct sk_ids label_names;                       /* ours -> of the labels stage */
  struct sk_ids label_sets, pod_sets, volume_sets; /* of the stage -> ours */
  struct sk_arena texts;
  struct sk_text *json;           /* [json_count] by set, bytes NULL: not made yet */
  struct sk_category *categories; /* [category_count] by name */
  uint32_t json_count, category_count;
  struct sk_buffer scratch;
  uuid_t namespace; /* of the rows' uuids */

  /* the day at hand */
  int32_t day;
  uint32_t when; /* in the labels stage (koku) */
  double month_seconds;
  char day_text[16];
  struct sk_range range;
  sk_wide cluster_cpu, cluster_memory;
  struct sk_pod_day pod_day;       /* key words: namespace|node, set|0 */
  struct sk_volume_day volume_day; /* namespace|node, resource_id|claim, volume|class, handle|set */
  struct sk_ids node_index;        /* name -> nodes */
  struct sk_final_node *nodes;
  uint32_t node_count, node_capacity;
  struct sk_ids mounted; /* volume -> number of its nodes */
  struct sk_ranks name_ranks, set_ranks;
  uint32_t *pod_order, *volume_order, *spare_order;
  uint32_t pod_total, volume_total, spare_total;

  enum sk_phase phase;
  uint32_t at;
  struct sk_row row;
  char uuid_text[37];
};

/* An iteration over the label sets of a name: one empty set where it has none. */
struct sk_sets_of {
  const struct sk_named_sets *named;
  uint32_t first, count; /* first: link or SK_NO_ID; count at least 1 */
};
struct sk_sets_of sk_finish_sets(struct sk_rows *rows, bool nodes, uint32_t when, uint32_t name);
/* The set at a link in our table, *link moved on; SK_NO_ID when memory lacks. */
uint32_t sk_finish_set(struct sk_rows *rows, const struct sk_sets_of *sets, uint32_t *link);
/* The day's node of that name, added where new; NULL when memory lacks. */
struct sk_final_node *sk_finish_node(struct sk_rows *rows, uint32_t name);

shukei_status sk_finish_pods(struct sk_rows *rows, shukei_error *err);
shukei_status sk_finish_spare(struct sk_rows *rows, shukei_error *err);
shukei_status sk_finish_volumes(struct sk_rows *rows, shukei_error *err);
shukei_status sk_finish_no_memory(const struct sk_rows *rows, shukei_error *err);

/* Emitting: fills rows->row. False when memory lacks. */
bool sk_emit_pod(struct sk_rows *rows, uint32_t group);
bool sk_emit_spare(struct sk_rows *rows, uint32_t node);
bool sk_emit_volume(struct sk_rows *rows, uint32_t group);
/* The namespace of all uuids: the source's uuid, or one made of its text. */
void sk_uuid_namespace(const char *source_uuid, uuid_t out);

#endif
