/* SPDX-License-Identifier: Apache-2.0 */
/* The tables behind input/report.h. */
#include "input/report.h"
#include "input/ascii.h"

#include <string.h>

static const struct sk_field_info fields[SK_FIELD_COUNT] = {
#define SK_AS_FIELD_INFO(field, column, kind) {column, SK_FIELD_##kind},
    SK_FIELD_MAP(SK_AS_FIELD_INFO)
#undef SK_AS_FIELD_INFO
};

const struct sk_field_info *sk_field_info(enum sk_field field)
{
  return &fields[field];
}

#define F(field) SK_FIELD_BIT(SK_F_##field)
#define PERIOD (F(INTERVAL_END) | F(REPORT_PERIOD_START) | F(REPORT_PERIOD_END))

/* Required is what the summary cannot do without. The period and interval_end are not used by it,
 * and a missing column of labels means that there are none. */
static const struct sk_report_info reports[SK_REPORT_COUNT] = {
    [SK_REPORT_POD] = {"pod_usage", "openshift_pod_usage_line_items", "pod_usage_cpu_core_seconds",
                       F(INTERVAL_START) | F(POD) | F(NAMESPACE) | F(NODE) | F(RESOURCE_ID) |
                           F(POD_USAGE_CPU) | F(POD_REQUEST_CPU) | F(POD_LIMIT_CPU) |
                           F(POD_USAGE_MEMORY) | F(POD_REQUEST_MEMORY) | F(POD_LIMIT_MEMORY) |
                           F(NODE_CAPACITY_CORES) | F(NODE_CAPACITY_CPU) | F(NODE_CAPACITY_BYTES) |
                           F(NODE_CAPACITY_MEMORY),
                       PERIOD | F(NODE_ROLE) | F(POD_EFFECTIVE_CPU) | F(POD_EFFECTIVE_MEMORY) |
                           F(POD_LABELS)},
    [SK_REPORT_STORAGE] = {"storage_usage", "openshift_storage_usage_line_items",
                           "persistentvolumeclaim_capacity_byte_seconds",
                           F(INTERVAL_START) | F(NAMESPACE) | F(POD) | F(CLAIM) | F(VOLUME) |
                               F(STORAGECLASS) | F(CLAIM_CAPACITY_BYTES) | F(CLAIM_CAPACITY) |
                               F(VOLUME_REQUEST) | F(CLAIM_USAGE),
                           PERIOD | F(NODE) | F(CSI_DRIVER) | F(CSI_VOLUME_HANDLE) |
                               F(VOLUME_LABELS) | F(CLAIM_LABELS)},
    [SK_REPORT_NODE_LABELS] = {"node_labels", "openshift_node_labels_line_items", "node_labels",
                               F(INTERVAL_START) | F(NODE) | F(NODE_LABELS), PERIOD},
    [SK_REPORT_NAMESPACE_LABELS] = {"namespace_labels", "openshift_namespace_labels_line_items",
                                    "namespace_labels",
                                    F(INTERVAL_START) | F(NAMESPACE) | F(NAMESPACE_LABELS), PERIOD},
    [SK_REPORT_VM] = {"vm_usage", "openshift_vm_usage_line_items", "vm_uptime_total_seconds", 0, 0},
    [SK_REPORT_GPU] = {"gpu_usage", "openshift_gpu_usage_line_items", "gpu_uuid", 0, 0},
};

const struct sk_report_info *sk_report_info(enum sk_report report)
{
  return &reports[report];
}

int sk_report_of_columns(const char *const *columns, size_t count)
{
  /* The order decides for a file that carries several markers. */
  static const enum sk_report order[] = {SK_REPORT_POD,         SK_REPORT_STORAGE,
                                         SK_REPORT_VM,          SK_REPORT_GPU,
                                         SK_REPORT_NODE_LABELS, SK_REPORT_NAMESPACE_LABELS};
  for (size_t i = 0; i < sizeof order / sizeof *order; i++)
    for (size_t c = 0; c < count; c++)
      if (sk_same_name(columns[c], reports[order[i]].marker))
        return (int)order[i];
  return -1;
}

int sk_field_of_column(enum sk_report report, const char *column)
{
  const sk_fields known = reports[report].required | reports[report].optional;
  for (int f = 0; f < SK_FIELD_COUNT; f++)
    if (known & SK_FIELD_BIT(f) && sk_same_name(column, fields[f].column))
      return f;
  return -1;
}
