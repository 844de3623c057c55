/* SPDX-License-Identifier: Apache-2.0 */
/* One row of a summary as both sides of the comparison have it, and a list of them. */
#ifndef SK_VALIDATE_CHECK_ROWS_H
#define SK_VALIDATE_CHECK_ROWS_H

#include "base/intern.h"
#include "validate/label_sets.h"

/* The measures, in the order of the summary's columns: those of pods, then those of volumes. */
#define SK_MEASURE_MAP(X)                                                                          \
  X(pod_usage_cpu_core_hours)                                                                      \
  X(pod_request_cpu_core_hours)                                                                    \
  X(pod_effective_usage_cpu_core_hours)                                                            \
  X(pod_limit_cpu_core_hours)                                                                      \
  X(pod_usage_memory_gigabyte_hours)                                                               \
  X(pod_request_memory_gigabyte_hours)                                                             \
  X(pod_effective_usage_memory_gigabyte_hours)                                                     \
  X(pod_limit_memory_gigabyte_hours)                                                               \
  X(node_capacity_cpu_cores)                                                                       \
  X(node_capacity_cpu_core_hours)                                                                  \
  X(node_capacity_memory_gigabytes)                                                                \
  X(node_capacity_memory_gigabyte_hours)                                                           \
  X(cluster_capacity_cpu_core_hours)                                                               \
  X(cluster_capacity_memory_gigabyte_hours)                                                        \
  X(persistentvolumeclaim_capacity_gigabyte)                                                       \
  X(persistentvolumeclaim_capacity_gigabyte_months)                                                \
  X(volume_request_storage_gigabyte_months)                                                        \
  X(persistentvolumeclaim_usage_gigabyte_months)

enum sk_measure {
#define SK_AS_MEASURE(name) SK_M_##name,
  SK_MEASURE_MAP(SK_AS_MEASURE)
#undef SK_AS_MEASURE
      SK_MEASURE_COUNT
};
#define SK_M_CAPACITIES SK_M_node_capacity_cpu_cores
#define SK_M_STORAGE SK_M_persistentvolumeclaim_capacity_gigabyte
#define SK_POD_MEASURES ((1u << SK_M_STORAGE) - 1) /* bits of those that a row of pods has */
#define SK_STORAGE_MEASURES (((1u << SK_MEASURE_COUNT) - 1) & ~SK_POD_MEASURES)

extern const char *const sk_measure_names[SK_MEASURE_COUNT];

enum sk_row_sort { SK_ROW_POD, SK_ROW_STORAGE, SK_ROW_SPARE /* unallocated */ };

struct sk_row_key { /* no gaps: it is hashed as bytes */
  int32_t day;
  uint32_t sort; /* enum sk_row_sort */
  uint32_t namespace, node;
  uint32_t labels;      /* number of the set; 0: null */
  uint32_t resource_id; /* of storage; 0 else, where it is no part of the key */
  uint32_t claim, volume, class, handle;
};

enum sk_unlike {                            /* what no row of ours has: */
                 SK_UNLIKE_END = 1,         /* a usage_end that is not usage_start */
                 SK_UNLIKE_DATA_SOURCE = 2, /* neither Pod nor Storage */
                 SK_UNLIKE_LABELS = 4,      /* labels in the column of the other kind */
                 SK_UNLIKE_USAGE_COST =
                     8, /* an infrastructure_usage_cost that is not the one that is written */
};

struct sk_check_row {
  struct sk_row_key key;
  uint32_t resource_id, all_labels;
  uint32_t source; /* of found rows */
  int64_t category;
  bool has_category;
  uint8_t unlike; /* bit per enum sk_unlike, of found rows */
  uint32_t known; /* bit per measure that is not null; those of the other kind are */
  double scale;   /* what differences of usage are measured by, at least */
  double measures[SK_MEASURE_COUNT];
};

struct sk_check_rows {
  struct sk_budget *budget;
  struct sk_check_row *rows;
  uint32_t count, capacity;
};
/* A new row of zeros; NULL when memory lacks. */
struct sk_check_row *sk_check_rows_add(struct sk_check_rows *rows);
void sk_check_rows_reset(struct sk_check_rows *rows);

/* What both sides share: names by id, labels by number. */
struct sk_check_names {
  struct sk_intern texts;
  struct sk_label_sets labels;
};

#endif
