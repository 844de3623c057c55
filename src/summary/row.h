/* SPDX-License-Identifier: Apache-2.0 */
/* One row of the daily summary, and the list of its columns that every sink is made from
 * (spec/2-summary.md, spec/4-cli.md). */
#ifndef SK_SUMMARY_ROW_H
#define SK_SUMMARY_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sk_text {
  const char *bytes; /* NULL is null */
  uint32_t length;
};

/* column, kind: in the order of the files. MEASURE columns are doubles. The last five are the
 * run's own: constant but for uuid. */
#define SK_ROW_MAP(X)                                                                              \
  X(data_source, TEXT)                                                                             \
  X(usage_start, DAY)                                                                              \
  X(usage_end, DAY)                                                                                \
  X(namespace, TEXT)                                                                               \
  X(node, TEXT)                                                                                    \
  X(resource_id, TEXT)                                                                             \
  X(pod_labels, LABELS)                                                                            \
  X(pod_usage_cpu_core_hours, MEASURE)                                                             \
  X(pod_request_cpu_core_hours, MEASURE)                                                           \
  X(pod_effective_usage_cpu_core_hours, MEASURE)                                                   \
  X(pod_limit_cpu_core_hours, MEASURE)                                                             \
  X(pod_usage_memory_gigabyte_hours, MEASURE)                                                      \
  X(pod_request_memory_gigabyte_hours, MEASURE)                                                    \
  X(pod_effective_usage_memory_gigabyte_hours, MEASURE)                                            \
  X(pod_limit_memory_gigabyte_hours, MEASURE)                                                      \
  X(node_capacity_cpu_cores, MEASURE)                                                              \
  X(node_capacity_cpu_core_hours, MEASURE)                                                         \
  X(node_capacity_memory_gigabytes, MEASURE)                                                       \
  X(node_capacity_memory_gigabyte_hours, MEASURE)                                                  \
  X(cluster_capacity_cpu_core_hours, MEASURE)                                                      \
  X(cluster_capacity_memory_gigabyte_hours, MEASURE)                                               \
  X(persistentvolumeclaim, TEXT)                                                                   \
  X(persistentvolume, TEXT)                                                                        \
  X(storageclass, TEXT)                                                                            \
  X(csi_volume_handle, TEXT)                                                                       \
  X(volume_labels, LABELS)                                                                         \
  X(persistentvolumeclaim_capacity_gigabyte, MEASURE)                                              \
  X(persistentvolumeclaim_capacity_gigabyte_months, MEASURE)                                       \
  X(volume_request_storage_gigabyte_months, MEASURE)                                               \
  X(persistentvolumeclaim_usage_gigabyte_months, MEASURE)                                          \
  X(all_labels, LABELS)                                                                            \
  X(infrastructure_usage_cost, LABELS)                                                             \
  X(cost_category_id, INTEGER)                                                                     \
  X(uuid, TEXT)                                                                                    \
  X(report_period_id, INTEGER)                                                                     \
  X(cluster_id, TEXT)                                                                              \
  X(cluster_alias, TEXT)                                                                           \
  X(source_uuid, TEXT)

enum sk_row_column {
#define SK_AS_ROW_COLUMN(column, kind) SK_R_##column,
  SK_ROW_MAP(SK_AS_ROW_COLUMN)
#undef SK_AS_ROW_COLUMN
      SK_ROW_COLUMN_COUNT
};
enum sk_row_kind { SK_ROW_TEXT, SK_ROW_DAY, SK_ROW_LABELS, SK_ROW_MEASURE, SK_ROW_INTEGER };

struct sk_row_column_info {
  const char *name;
  enum sk_row_kind kind;
};
extern const struct sk_row_column_info sk_row_columns[SK_ROW_COLUMN_COUNT];

/* One cell; which member counts is told by the column's kind. */
union sk_cell {
  struct sk_text text; /* TEXT, LABELS (JSON with sorted keys) */
  double measure;
  int64_t integer; /* INTEGER, DAY (days since 1970-01-01) */
};

struct sk_row {
  uint64_t present; /* bit per column; a column without its bit is null */
  union sk_cell cells[SK_ROW_COLUMN_COUNT];
};
static inline bool sk_row_has(const struct sk_row *row, enum sk_row_column column)
{
  return row->present >> column & 1;
}

#endif
