/* SPDX-License-Identifier: Apache-2.0 */
#include "validate/plain_rows.h"

#include "base/calendar.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>

#define ANOMALY 1e18
#define CHECK_ROWS 4096

static const struct sk_plain_column columns[] = {
    {"interval_start", SK_PLAIN_PODS, SK_PLAIN_TIME, 0},
    {"pod", SK_PLAIN_PODS, SK_PLAIN_TEXT, SK_T_POD},
    {"namespace", SK_PLAIN_PODS, SK_PLAIN_TEXT, SK_T_NAMESPACE},
    {"node", SK_PLAIN_PODS, SK_PLAIN_TEXT, SK_T_NODE},
    {"resource_id", SK_PLAIN_PODS, SK_PLAIN_TEXT, SK_T_RESOURCE_ID},
    {"node_role", SK_PLAIN_PODS, SK_PLAIN_TEXT, SK_T_ROLE},
    {"pod_labels", SK_PLAIN_PODS, SK_PLAIN_TEXT, SK_T_LABELS},
    {"pod_usage_cpu_core_seconds", SK_PLAIN_PODS, SK_PLAIN_NUMBER, SK_N_USAGE_CPU},
    {"pod_request_cpu_core_seconds", SK_PLAIN_PODS, SK_PLAIN_NUMBER, SK_N_REQUEST_CPU},
    {"pod_limit_cpu_core_seconds", SK_PLAIN_PODS, SK_PLAIN_NUMBER, SK_N_LIMIT_CPU},
    {"pod_effective_usage_cpu_core_seconds", SK_PLAIN_PODS, SK_PLAIN_NUMBER, SK_N_EFFECTIVE_CPU},
    {"pod_usage_memory_byte_seconds", SK_PLAIN_PODS, SK_PLAIN_NUMBER, SK_N_USAGE_MEMORY},
    {"pod_request_memory_byte_seconds", SK_PLAIN_PODS, SK_PLAIN_NUMBER, SK_N_REQUEST_MEMORY},
    {"pod_limit_memory_byte_seconds", SK_PLAIN_PODS, SK_PLAIN_NUMBER, SK_N_LIMIT_MEMORY},
    {"pod_effective_usage_memory_byte_seconds", SK_PLAIN_PODS, SK_PLAIN_NUMBER,
     SK_N_EFFECTIVE_MEMORY},
    {"node_capacity_cpu_cores", SK_PLAIN_PODS, SK_PLAIN_NUMBER, SK_N_CORES},
    {"node_capacity_cpu_core_seconds", SK_PLAIN_PODS, SK_PLAIN_NUMBER, SK_N_CAPACITY_CPU},
    {"node_capacity_memory_bytes", SK_PLAIN_PODS, SK_PLAIN_NUMBER, SK_N_BYTES},
    {"node_capacity_memory_byte_seconds", SK_PLAIN_PODS, SK_PLAIN_NUMBER, SK_N_CAPACITY_MEMORY},
    {"interval_start", SK_PLAIN_STORAGE, SK_PLAIN_TIME, 0},
    {"namespace", SK_PLAIN_STORAGE, SK_PLAIN_TEXT, SK_T_NAMESPACE},
    {"pod", SK_PLAIN_STORAGE, SK_PLAIN_TEXT, SK_T_POD},
    {"persistentvolumeclaim", SK_PLAIN_STORAGE, SK_PLAIN_TEXT, SK_T_CLAIM},
    {"persistentvolume", SK_PLAIN_STORAGE, SK_PLAIN_TEXT, SK_T_VOLUME},
    {"storageclass", SK_PLAIN_STORAGE, SK_PLAIN_TEXT, SK_T_CLASS},
    {"csi_volume_handle", SK_PLAIN_STORAGE, SK_PLAIN_TEXT, SK_T_HANDLE},
    {"persistentvolume_labels", SK_PLAIN_STORAGE, SK_PLAIN_TEXT, SK_T_LABELS},
    {"persistentvolumeclaim_labels", SK_PLAIN_STORAGE, SK_PLAIN_TEXT, SK_T_CLAIM_LABELS},
    {"persistentvolumeclaim_capacity_bytes", SK_PLAIN_STORAGE, SK_PLAIN_NUMBER, SK_N_CLAIM_BYTES},
    {"persistentvolumeclaim_capacity_byte_seconds", SK_PLAIN_STORAGE, SK_PLAIN_NUMBER,
     SK_N_CLAIM_CAPACITY},
    {"volume_request_storage_byte_seconds", SK_PLAIN_STORAGE, SK_PLAIN_NUMBER, SK_N_CLAIM_REQUEST},
    {"persistentvolumeclaim_usage_byte_seconds", SK_PLAIN_STORAGE, SK_PLAIN_NUMBER,
     SK_N_CLAIM_USAGE},
    {"interval_start", SK_PLAIN_NODES, SK_PLAIN_TIME, 0},
    {"node", SK_PLAIN_NODES, SK_PLAIN_TEXT, SK_T_NODE},
    {"node_labels", SK_PLAIN_NODES, SK_PLAIN_TEXT, SK_T_LABELS},
    {"interval_start", SK_PLAIN_NAMESPACES, SK_PLAIN_TIME, 0},
    {"namespace", SK_PLAIN_NAMESPACES, SK_PLAIN_TEXT, SK_T_NAMESPACE},
    {"namespace_labels", SK_PLAIN_NAMESPACES, SK_PLAIN_TEXT, SK_T_LABELS},
};

const struct sk_plain_column *sk_plain_column(enum sk_plain_report report, const char *name,
                                              size_t length)
{
  while (length && (*name == ' ' || *name == '\t')) {
    name++;
    length--;
  }
  while (length && (name[length - 1] == ' ' || name[length - 1] == '\t'))
    length--;
  for (size_t i = 0; i < SK_COUNT(columns); i++)
    if (columns[i].report == report && strlen(columns[i].name) == length &&
        strncasecmp(columns[i].name, name, length) == 0)
      return &columns[i];
  return NULL;
}

uint32_t sk_plain_text(struct sk_plain_reading *reading, const char *text, size_t length,
                       bool *valid)
{
  if (!length)
    return 0;
  const uint32_t id = sk_intern_add(reading->texts, text, length);
  if (id == SK_NO_ID)
    return id;
  uint32_t known = sk_intern_value(reading->texts, id);
  if (known == SK_NO_ID) {
    known = sk_utf8_valid(text, length);
    sk_intern_set_value(reading->texts, id, known);
  }
  *valid &= known != 0;
  return id;
}

shukei_status sk_plain_bad_row(struct sk_plain_reading *reading,
                               const struct sk_validate_file *file, uint64_t row, const char *what,
                               shukei_error *err)
{
  reading->rows_bad++;
  if (reading->request->options->bad_rows != SHUKEI_BAD_ROWS_FAIL)
    return SHUKEI_OK;
  return sk_fail(err, SHUKEI_EFORMAT, "%s: row %" PRIu64 ": %s", file->path, row, what);
}

static bool day_counts(const struct sk_plain_reading *reading, const struct sk_validate_file *file,
                       int32_t day)
{
  if (day < reading->request->start_day || day > reading->request->end_day)
    return false;
  if (!file->days)
    return true;
  size_t low = 0, high = file->day_count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (file->days[middle] == day)
      return true;
    if (file->days[middle] < day)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}

/* Numbers of the row that must be finite and no more than 1e18: all but the number of cores. */
static bool is_anomaly(enum sk_plain_report report, const struct sk_plain_row *row)
{
  const int count = report == SK_PLAIN_PODS ? SK_N_COUNT : report == SK_PLAIN_STORAGE ? 4 : 0;
  for (int i = 0; i < count; i++)
    if (!(report == SK_PLAIN_PODS && i == SK_N_CORES) &&
        (row->numbers[i] > ANOMALY || isinf(row->numbers[i])))
      return true;
  return false;
}

shukei_status sk_plain_take(struct sk_plain_reading *reading, const struct sk_validate_file *file,
                            struct sk_plain_row *row, unsigned effective, shukei_error *err)
{
  double *const n = row->numbers;
  const struct sk_validate_request *const request = reading->request;
  if (++reading->rows_read % CHECK_ROWS == 0) {
    const shukei_status st =
        request->check(request->context, reading->rows_read, reading->bytes_read, err);
    if (st)
      return st;
  }
  row->day = sk_day_of_us(row->at);
  if (!day_counts(reading, file, row->day))
    return SHUKEI_OK;
  if (is_anomaly(file->report, row)) {
    reading->anomalies++;
    return SHUKEI_OK;
  }
  if (file->report == SK_PLAIN_PODS) {
    if (!(effective & 1))
      n[SK_N_EFFECTIVE_CPU] = fmax(n[SK_N_USAGE_CPU], n[SK_N_REQUEST_CPU]);
    if (!(effective & 2))
      n[SK_N_EFFECTIVE_MEMORY] = fmax(n[SK_N_USAGE_MEMORY], n[SK_N_REQUEST_MEMORY]);
  }
  return reading->take(reading->context, file->report, row, err);
}

shukei_status sk_plain_read(struct sk_plain_reading *reading, const struct sk_validate_file *file,
                            shukei_error *err)
{
  if (file->form == SK_PLAIN_PARQUET)
    return sk_plain_read_parquet(reading, file, err);
  return sk_plain_read_csv(reading, file, err);
}
