/* SPDX-License-Identifier: Apache-2.0 */
/* A cluster over a range of hours, as the writers of reports see it. Presets (preset_model.c) and
 * manifests fill one; nothing here knows where it came from.
 *
 * Nodes and namespaces are few and stand in arrays. Pods and claims may be many millions, so they
 * are not stored: pod() and claim() make the row of a slot in an hour when it is asked for, any
 * slot and hour in any order and from any thread. A slot may have no row in an hour.
 *
 * Hours count from the model's first hour, which is midnight UTC of `first_day`. */
#ifndef SK_GENERATE_MODEL_H
#define SK_GENERATE_MODEL_H

#include "base/arena.h"

#define SK_NONE UINT32_MAX /* no node, no namespace */

#define SK_DAY_AFTER_ALL 2932897 /* 10000-01-01: a year has four digits */

/* Borrowed text; NULL with length 0 where there is none. */
struct sk_span {
  const char *text;
  size_t length;
};

struct sk_life {
  uint32_t first, end; /* hours [first, end) */
};

/* Labels are in the operator's spelling, "label_app:web|label_tier:front"; from hour change_hour on
 * `later_labels` holds. */
struct sk_node {
  struct sk_span name, resource_id, role, labels, later_labels;
  uint32_t change_hour; /* UINT32_MAX: never */
  struct sk_life life;
  double cores, memory_bytes;
};
struct sk_space { /* a namespace, as the label report lists it */
  struct sk_span name, labels, later_labels;
  uint32_t change_hour;
  struct sk_life life;
};

/* Which of a row's numbers are there; an absent one is an empty cell or a null. */
enum {
  SK_HAS_REQUEST_CPU = 1,
  SK_HAS_LIMIT_CPU = 2,
  SK_HAS_REQUEST_MEMORY = 4,
  SK_HAS_LIMIT_MEMORY = 8,
  SK_HAS_ALL_OF_POD = 15,
  SK_HAS_VOLUME_REQUEST = 1,
  SK_HAS_CLAIM_USAGE = 2,
  SK_HAS_ALL_OF_CLAIM = 3
};

#define SK_ROW_SCRATCH 1536

struct sk_pod_row {
  struct sk_span name, labels;
  uint32_t node;  /* SK_NONE: not scheduled yet; then capacity and resource id are empty */
  uint32_t space; /* never SK_NONE */
  unsigned has;
  double usage_cpu, request_cpu, limit_cpu;          /* core-seconds of the hour */
  double usage_memory, request_memory, limit_memory; /* byte-seconds */
  char scratch[SK_ROW_SCRATCH]; /* where made texts lie; the row must not be copied */
};

struct sk_claim_row {
  struct sk_span pod, claim, volume, storage_class, csi_driver, csi_handle;
  struct sk_span volume_labels, claim_labels;
  uint32_t node, space; /* SK_NONE: the cell is empty */
  unsigned has;
  double capacity_bytes; /* capacity byte-seconds are an hour of it */
  double request_byte_seconds, usage_byte_seconds;
  char scratch[SK_ROW_SCRATCH];
};

struct sk_model {
  struct sk_arena arena; /* everything below, where the maker likes */
  int32_t first_day;     /* since 1970-01-01 */
  uint32_t hour_count;
  struct sk_node *nodes;
  uint32_t node_count;
  struct sk_space *spaces;
  uint32_t space_count;
  uint64_t pod_slots, claim_slots; /* of each hour */
  /* Every pod slot has a row in every hour, with the same name, namespace, node and labels. */
  bool steady;
  /* A claim slot has the same row but for its numbers in every hour, or none in any. */
  bool steady_claims;
  bool plain_text; /* no text needs quotes in CSV */
  const void *maker;
  /* False: no row. */
  bool (*pod)(const struct sk_model *model, uint32_t hour, uint64_t slot, struct sk_pod_row *row);
  /* As pod() without name and labels, for steady models alone; NULL where that saves nothing. */
  bool (*pod_numbers)(const struct sk_model *model, uint32_t hour, uint64_t slot,
                      struct sk_pod_row *row);
  /* Whether pod() would give a row, without making it. */
  bool (*pod_present)(const struct sk_model *model, uint32_t hour, uint64_t slot);
  bool (*claim)(const struct sk_model *model, uint32_t hour, uint64_t slot,
                struct sk_claim_row *row);
};

void sk_model_reset(struct sk_model *model); /* frees the arena */

static inline bool sk_alive(struct sk_life life, uint32_t hour)
{
  return hour >= life.first && hour < life.end;
}
static inline const struct sk_span *sk_node_labels(const struct sk_node *node, uint32_t hour)
{
  return hour >= node->change_hour ? &node->later_labels : &node->labels;
}
static inline const struct sk_span *sk_space_labels(const struct sk_space *space, uint32_t hour)
{
  return hour >= space->change_hour ? &space->later_labels : &space->labels;
}

/* Copies text into the model's arena; a span of NULL where memory lacks. */
struct sk_span sk_model_text(struct sk_model *model, const char *text, size_t length);

#endif
