/* SPDX-License-Identifier: Apache-2.0 */
/* The reports and their columns (spec/1-input.md): one list that everything else is made from. */
#ifndef SK_INPUT_REPORT_H
#define SK_INPUT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sk_report {
  SK_REPORT_POD,
  SK_REPORT_STORAGE,
  SK_REPORT_NODE_LABELS,
  SK_REPORT_NAMESPACE_LABELS,
  SK_REPORT_VM,
  SK_REPORT_GPU,
  SK_REPORT_COUNT
};

enum sk_field_kind {
  SK_FIELD_TIME,
  SK_FIELD_NAME,   /* text of the names table */
  SK_FIELD_LABELS, /* text of the labels table, either spelling */
  SK_FIELD_NUMBER
};

/* field, column name, kind. A field of several reports stands here once. */
#define SK_FIELD_MAP(X)                                                                            \
  X(INTERVAL_START, "interval_start", TIME)                                                        \
  X(INTERVAL_END, "interval_end", TIME)                                                            \
  X(REPORT_PERIOD_START, "report_period_start", TIME)                                              \
  X(REPORT_PERIOD_END, "report_period_end", TIME)                                                  \
  X(POD, "pod", NAME)                                                                              \
  X(NAMESPACE, "namespace", NAME)                                                                  \
  X(NODE, "node", NAME)                                                                            \
  X(RESOURCE_ID, "resource_id", NAME)                                                              \
  X(NODE_ROLE, "node_role", NAME)                                                                  \
  X(POD_USAGE_CPU, "pod_usage_cpu_core_seconds", NUMBER)                                           \
  X(POD_REQUEST_CPU, "pod_request_cpu_core_seconds", NUMBER)                                       \
  X(POD_LIMIT_CPU, "pod_limit_cpu_core_seconds", NUMBER)                                           \
  X(POD_USAGE_MEMORY, "pod_usage_memory_byte_seconds", NUMBER)                                     \
  X(POD_REQUEST_MEMORY, "pod_request_memory_byte_seconds", NUMBER)                                 \
  X(POD_LIMIT_MEMORY, "pod_limit_memory_byte_seconds", NUMBER)                                     \
  X(NODE_CAPACITY_CORES, "node_capacity_cpu_cores", NUMBER)                                        \
  X(NODE_CAPACITY_CPU, "node_capacity_cpu_core_seconds", NUMBER)                                   \
  X(NODE_CAPACITY_BYTES, "node_capacity_memory_bytes", NUMBER)                                     \
  X(NODE_CAPACITY_MEMORY, "node_capacity_memory_byte_seconds", NUMBER)                             \
  X(POD_EFFECTIVE_CPU, "pod_effective_usage_cpu_core_seconds", NUMBER)                             \
  X(POD_EFFECTIVE_MEMORY, "pod_effective_usage_memory_byte_seconds", NUMBER)                       \
  X(POD_LABELS, "pod_labels", LABELS)                                                              \
  X(CLAIM, "persistentvolumeclaim", NAME)                                                          \
  X(VOLUME, "persistentvolume", NAME)                                                              \
  X(STORAGECLASS, "storageclass", NAME)                                                            \
  X(CSI_DRIVER, "csi_driver", NAME)                                                                \
  X(CSI_VOLUME_HANDLE, "csi_volume_handle", NAME)                                                  \
  X(CLAIM_CAPACITY_BYTES, "persistentvolumeclaim_capacity_bytes", NUMBER)                          \
  X(CLAIM_CAPACITY, "persistentvolumeclaim_capacity_byte_seconds", NUMBER)                         \
  X(VOLUME_REQUEST, "volume_request_storage_byte_seconds", NUMBER)                                 \
  X(CLAIM_USAGE, "persistentvolumeclaim_usage_byte_seconds", NUMBER)                               \
  X(VOLUME_LABELS, "persistentvolume_labels", LABELS)                                              \
  X(CLAIM_LABELS, "persistentvolumeclaim_labels", LABELS)                                          \
  X(NODE_LABELS, "node_labels", LABELS)                                                            \
  X(NAMESPACE_LABELS, "namespace_labels", LABELS)

enum sk_field {
#define SK_AS_FIELD(field, column, kind) SK_F_##field,
  SK_FIELD_MAP(SK_AS_FIELD)
#undef SK_AS_FIELD
      SK_FIELD_COUNT
};

/* A set of fields; there are fewer than 64. */
typedef uint64_t sk_fields;
#define SK_FIELD_BIT(field) (UINT64_C(1) << (field))

struct sk_field_info {
  const char *column;
  enum sk_field_kind kind;
};
const struct sk_field_info *sk_field_info(enum sk_field field);

struct sk_report_info {
  const char *name;   /* "pod_usage": folder name in the koku layout */
  const char *table;  /* "openshift_pod_usage_line_items": folder name in the poc layout */
  const char *marker; /* the column that tells the report */
  sk_fields required, optional; /* known columns; both 0 for reports that the summary ignores */
};
const struct sk_report_info *sk_report_info(enum sk_report report);
/* The report that has such a column, by its marker (ASCII case ignored); -1 for none. */
int sk_report_of_columns(const char *const *columns, size_t count);
/* The field that a column of that report holds (ASCII case ignored); -1 for an unknown one. */
int sk_field_of_column(enum sk_report report, const char *column);

#endif
