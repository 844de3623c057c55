/* SPDX-License-Identifier: Apache-2.0 */
/* What one worker adds up in one stage. Private to the room: each stage has its own file that adds
 * (labelstage.c, volumes.c, pods.c), one that merges (merge.c), and readers of the result
 * (finish.h). All ids are of the stage's tables, which its workers share (tables.h). */
#ifndef SK_SUMMARY_PARTIAL_H
#define SK_SUMMARY_PARTIAL_H

#include "base/calendar.h"
#include "summary/grid.h"
#include "summary/groups.h"
#include "summary/labelsets.h"
#include "summary/summary.h"
#include "summary/tables.h"

static inline uint64_t sk_pack(uint32_t high, uint32_t low)
{
  return (uint64_t)high << 32 | low;
}
static inline uint32_t sk_high(uint64_t packed)
{
  return (uint32_t)(packed >> 32);
}
static inline uint32_t sk_low(uint64_t packed)
{
  return (uint32_t)packed;
}

/* ---- labels stage -------------------------------------------------------------------------- */

/* (when, name) -> label sets. `when` is a day's index under koku, where all distinct sets of the
 * day are kept, and an interval's id under hourly, where the greatest of the interval is. */
struct sk_named_sets {
  struct sk_map keys; /* high when, low name */
  uint32_t *first;    /* [first_capacity] by index of the key: a link */
  struct sk_set_link {
    uint32_t set, next; /* next: a link or SK_NO_ID */
  } * links;
  uint32_t first_capacity, link_count, link_capacity;
};
struct sk_label_stage {
  struct sk_named_sets nodes, namespaces;
  struct sk_map infra;  /* high day's index, low node */
  struct sk_ids day_of; /* interval id -> day's index */
  uint32_t last[2][4];  /* the row before, of nodes and of namespaces: most repeat its set */
};
bool sk_named_sets_add(struct sk_named_sets *named, const struct sk_labelsets *sets,
                       struct sk_budget *budget, bool greatest, uint32_t when, uint32_t name,
                       uint32_t set);
shukei_status sk_label_stage_add(struct sk_partial *partial, const struct sk_batch *batch,
                                 shukei_error *err);
void sk_label_stage_reset(struct sk_label_stage *stage);
/* `when` of a day (koku) or an instant (hourly) in a merged labels partial; SK_NO_ID: no rows. */
uint32_t sk_label_when(const struct sk_partial *labels, int32_t day, int64_t us);
/* The first link, SK_NO_ID for none (which means one empty set). name is of labels' names, and
 * may be SK_NO_ID or 0, as `when` may be SK_NO_ID. */
uint32_t sk_named_sets_find(const struct sk_named_sets *named, uint32_t when, uint32_t name);

/* ---- storage stage ------------------------------------------------------------------------- */

struct sk_volume_group {
  sk_wide capacity, request, usage; /* on the grid of byte-seconds */
  double claim_bytes;
  uint64_t rows;
};
#define SK_VOLUME_WORDS 4
/* Key words: namespace|pod, claim|volume, storageclass|handle, label set|interval class. */
struct sk_volume_day {
  struct sk_groups *keys; /* NULL: not seen */
  struct sk_segments
      groups;      /* of struct sk_volume_group, by index of the key, where rows were added */
  uint64_t *texts; /* [text_count] volume's|claim's label text of the last row */
  uint32_t last, text_count, text_capacity;
};
struct sk_volume_scratch;
struct sk_volume_stage {
  struct sk_volume_day *days; /* [day_count] by the tables' index */
  uint32_t day_count, day_capacity;
  struct sk_ids day_of, class_of;      /* interval id -> day's index; -> class (hourly only) */
  uint32_t *label_order, *label_start; /* keys of done[LABELS] by interval; nodes, namespaces */
  bool names_pod;                      /* a row names a pod */
  struct sk_volume_scratch *scratch;
};
shukei_status sk_volume_stage_add(struct sk_partial *partial, const struct sk_batch *batch,
                                  shukei_error *err);
void sk_volume_stage_reset(struct sk_volume_stage *stage);
/* Begins a day's groups, or frees them. */
void sk_volume_day_init(struct sk_volume_day *day, struct sk_groups *keys,
                        struct sk_budget *budget);
void sk_volume_day_reset(struct sk_volume_day *day);
/* The day of that index, made where new; NULL when memory lacks. */
struct sk_volume_day *sk_volume_day_at(struct sk_partial *partial, uint32_t index);
/* The group of a key, *index told; NULL when memory lacks. */
struct sk_volume_group *sk_volume_group_next(struct sk_volume_day *day,
                                             const uint64_t key[SK_VOLUME_WORDS], uint32_t *index);
/* A group by its index, NULL where no row was added to it. */
static inline const struct sk_volume_group *sk_volume_group_at(const struct sk_volume_day *day,
                                                               uint32_t index)
{
  const struct sk_volume_group *group = sk_segments_find(&day->groups, index);
  return group && group->rows ? group : NULL;
}
/* The class of an interval (hourly), SK_NO_ID when memory lacks. */
uint32_t sk_interval_class(struct sk_partial *partial, uint32_t interval);

/* ---- pods stage ---------------------------------------------------------------------------- */

enum sk_pod_sum {
  SK_SUM_USAGE_CPU,
  SK_SUM_REQUEST_CPU,
  SK_SUM_EFFECTIVE_CPU,
  SK_SUM_LIMIT_CPU,
  SK_SUM_USAGE_MEMORY,
  SK_SUM_REQUEST_MEMORY,
  SK_SUM_EFFECTIVE_MEMORY,
  SK_SUM_LIMIT_MEMORY,
  SK_SUM_COUNT
};
struct sk_pod_group {
  sk_wide sums[SK_SUM_COUNT];
  double cores, bytes;
  uint64_t rows;
  uint32_t resource_id, role; /* the greatest text */
};
#define SK_POD_WORDS 2
/* Key words: namespace|node, label set|pair. */
struct sk_pod_day {
  struct sk_groups *keys; /* NULL: not seen, or finished */
  struct sk_segments
      groups;           /* of struct sk_pod_group, by index of the key, where rows were added */
  uint32_t last;        /* the group that was found last */
  struct sk_map mounts; /* namespace|pod, node: pods that storage rows name */
  uint32_t *mount_ids;  /* their greatest resource_id */
  uint32_t mount_capacity;
};
struct sk_capacity {
  double cpu, memory;
};
/* What the rows of one interval tell of nodes, by the partial's own count of nodes: a window of it,
 * since nodes that come and go over a long time are never all there at once. */
struct sk_moment {
  uint32_t day; /* index, SK_NO_ID not seen yet */
  uint32_t first_node, node_count;
  struct sk_capacity *nodes; /* [node_count] of first_node and on: the greatest of the rows */
  uint32_t when;             /* in done[LABELS], hourly only */
  struct sk_ids node_sets, namespace_sets; /* hourly: sets of done[LABELS] */
};
struct sk_pod_scratch;
struct sk_pod_stage {
  struct sk_pod_day *days; /* [day_count] by the tables' index */
  uint32_t day_count, day_capacity;
  struct sk_moment *moments; /* by interval id */
  uint32_t moment_count;
  struct sk_ids node_index, namespace_index; /* name -> count of nodes, of namespaces */
  uint32_t *node_names;                      /* node index -> name */
  uint32_t node_count, node_capacity, namespace_count;
  struct sk_ids label_names; /* name -> name in done[LABELS] */
  struct sk_ids named;       /* name -> place in seen, or NOT_NAMED */
  struct sk_mount_seen {
    uint32_t day, namespace, node, resource_id;
  } * seen;
  uint32_t seen_count, seen_capacity;
  struct sk_range cpu_range, byte_range;
  struct sk_pod_scratch *scratch;
  int32_t finished_before; /* days below it are finished: no row of theirs may come */
  bool late;               /* one did */
};
/* Frees a day's groups and capacities. */
void sk_pod_stage_drop_day(struct sk_partial *partial, uint32_t day);
shukei_status sk_pod_stage_add(struct sk_partial *partial, const struct sk_batch *batch,
                               shukei_error *err);
void sk_pod_stage_reset(struct sk_pod_stage *stage);
/* The day's groups, made where new, and its index; NULL when memory lacks. */
struct sk_pod_day *sk_pod_day_of(struct sk_partial *partial, int32_t day, uint32_t *index);
/* The day's groups, NULL where no row was added. */
struct sk_pod_day *sk_pod_day_find(const struct sk_partial *partial, int32_t day);
/* A group by its index, NULL where no row was added to it. */
static inline const struct sk_pod_group *sk_pod_group_at(const struct sk_pod_day *day,
                                                         uint32_t index)
{
  const struct sk_pod_group *group = sk_segments_find(&day->groups, index);
  return group && group->rows ? group : NULL;
}
/* The pair of label sets of the labels stage that an hourly key has. */
static inline uint64_t sk_pod_pair_sets(const struct sk_tables *tables, uint32_t pair)
{
  return *sk_groups_key(&tables->pairs, pair);
}
/* Makes moments[0 .. count-1] valid; false when memory lacks. */
bool sk_moments_reach(struct sk_partial *partial, uint32_t count);
/* The moment of an interval, its day known; NULL when memory lacks. */
struct sk_moment *sk_moment_of(struct sk_partial *partial, uint32_t interval);
/* The index of a node, added where new; SK_NO_ID when memory lacks. */
uint32_t sk_node_index(struct sk_partial *partial, uint32_t name);
bool sk_capacity_add(struct sk_moment *moment, struct sk_budget *budget, uint32_t node, double cpu,
                     double memory);
/* Keeps the greatest resource_id of a pod on a node; false when memory lacks. */
bool sk_mount_add(struct sk_partial *partial, struct sk_pod_day *day, uint32_t namespace,
                  uint32_t pod, uint32_t node, uint32_t resource_id);

/* ---- all stages ---------------------------------------------------------------------------- */

struct sk_partial {
  const struct sk_rules *rules;
  enum sk_stage stage;
  bool hourly;
  const struct sk_partial *labels, *storage; /* merged earlier stages, or NULL */
  struct sk_budget own_budget, *budget;      /* a part of the run's: what this partial holds */
  struct sk_tables *tables;
  struct sk_keys keys;
  struct sk_labelsets sets;
  struct sk_label_texts texts;
  struct sk_label_stage label;
  struct sk_volume_stage volume;
  struct sk_pod_stage pod;
  struct sk_range volume_range;
};
/* Empties a partial of the pods stage, but not its tables. */
void sk_partial_renew(struct sk_partial *partial);

/* Columns that a file lacks: nothing, and zeros. */
extern const uint32_t sk_no_ids[SK_BATCH_ROWS];
extern const double sk_no_numbers[SK_BATCH_ROWS];
static inline const uint32_t *sk_batch_ids(const struct sk_batch *batch, enum sk_field field)
{
  return batch->ids[field] ? batch->ids[field] : sk_no_ids;
}
static inline const double *sk_batch_numbers(const struct sk_batch *batch, enum sk_field field)
{
  return batch->numbers[field] ? batch->numbers[field] : sk_no_numbers;
}

shukei_status sk_partial_no_memory(const struct sk_partial *partial, shukei_error *err);
shukei_status sk_summary_out_of_range(shukei_error *err, const char *column);

/* The set ids of label texts with their marks (labelsets.h); false when memory lacks. */
static inline bool sk_partial_sets(struct sk_partial *partial, const uint32_t *texts,
                                   uint32_t count, uint32_t *sets)
{
  return sk_label_texts_sets(&partial->texts, &partial->sets, &partial->keys,
                             &partial->tables->symbols.labels, texts, count, sets);
}
/* The set id of a label text with its mark (labelsets.h), SK_NO_ID when memory lacks. */
static inline uint32_t sk_partial_set(struct sk_partial *partial, uint32_t text)
{
  return sk_label_texts_set(&partial->texts, &partial->sets, &partial->keys,
                            &partial->tables->symbols.labels, text);
}
#endif
