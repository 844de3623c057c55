/* SPDX-License-Identifier: Apache-2.0 */
/* CSV as the metrics operator writes it: its order of columns, its spelling of times and labels.
 * Whole numbers are written without a fraction, others in the shortest form that reads back.
 *
 * Room for the longest possible row is made before each row, so that the cells are plain stores.
 * The four times of an hour are the same for all its rows: 120 bytes that are made once. */
#include "generate/csv_rows.h"

#include "base/calendar.h"
#include "base/number.h"

#include <stdio.h>

#define TIMES_BYTES 124 /* four times of 29 bytes, each with its comma */
#define CELLS_BYTES 512 /* commas and numbers of a row, more than enough */

static const char *const headers[SK_REPORTS] = {
    "report_period_start,report_period_end,interval_start,interval_end,node,namespace,pod,"
    "pod_usage_cpu_core_seconds,pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,"
    "pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,"
    "node_capacity_cpu_cores,node_capacity_cpu_core_seconds,node_capacity_memory_bytes,"
    "node_capacity_memory_byte_seconds,node_role,resource_id,pod_labels\n",
    "report_period_start,report_period_end,interval_start,interval_end,namespace,pod,node,"
    "persistentvolumeclaim,persistentvolume,storageclass,csi_driver,csi_volume_handle,"
    "persistentvolumeclaim_capacity_bytes,persistentvolumeclaim_capacity_byte_seconds,"
    "volume_request_storage_byte_seconds,persistentvolumeclaim_usage_byte_seconds,"
    "persistentvolume_labels,persistentvolumeclaim_labels\n",
    "report_period_start,report_period_end,interval_start,interval_end,node,node_labels\n",
    ("report_period_start,report_period_end,interval_start,interval_end,namespace,"
     "namespace_labels\n")};

const char *sk_csv_header(enum sk_report report)
{
  return headers[report];
}

struct hour_text {
  char bytes[TIMES_BYTES * 2];
  size_t length;
};

static void make_times(const struct sk_model *model, uint32_t hour, struct hour_text *text)
{
  const struct sk_date day = sk_date_of_day(model->first_day + (int32_t)(hour / 24));
  const int32_t next_year = day.month == 12 ? day.year + 1 : day.year;
  const int next_month = day.month == 12 ? 1 : day.month + 1;
  text->length = (size_t)snprintf(text->bytes, sizeof text->bytes,
                                  "%04d-%02d-01 00:00:00 +0000 UTC,%04d-%02d-01 00:00:00 +0000 UTC,"
                                  "%04d-%02d-%02d %02u:00:00 +0000 UTC,"
                                  "%04d-%02d-%02d %02u:59:59 +0000 UTC,",
                                  (int)day.year, day.month, (int)next_year, next_month,
                                  (int)day.year, day.month, day.day, (unsigned)(hour % 24),
                                  (int)day.year, day.month, day.day, (unsigned)(hour % 24));
}

static char *put_quoted(char *at, struct sk_span span)
{
  bool quotes = false;
  for (size_t i = 0; i < span.length && !quotes; i++)
    quotes =
        span.text[i] == '"' || span.text[i] == ',' || span.text[i] == '\n' || span.text[i] == '\r';
  if (!quotes) {
    memcpy(at, span.text, span.length);
    return at + span.length;
  }
  *at++ = '"';
  for (size_t i = 0; i < span.length; i++) {
    if (span.text[i] == '"')
      *at++ = '"';
    *at++ = span.text[i];
  }
  *at++ = '"';
  return at;
}

/* A cell and the comma behind it. */
static inline char *put_text(char *at, struct sk_span span, bool plain)
{
  if (span.length) {
    if (plain) {
      memcpy(at, span.text, span.length);
      at += span.length;
    } else {
      at = put_quoted(at, span);
    }
  }
  *at++ = ',';
  return at;
}

static inline char *put_number(char *at, double value, bool there)
{
  if (there) {
    if (value >= 0 && value < 0x1p53 && value == (double)(uint64_t)value)
      at += sk_integer_format((int64_t)value, at);
    else
      at += sk_number_format(value, at);
  }
  *at++ = ',';
  return at;
}

/* The most that a text takes in a cell. */
static size_t room_of(struct sk_span span, bool plain)
{
  return plain ? span.length : span.length * 2 + 2;
}

static const struct sk_span no_text = {NULL, 0};

/* The cells that depend on the node alone, made once per node of a run of rows. */
struct capacity_text {
  uint32_t node;
  char bytes[128];
  size_t length;
};

static void make_capacity(const struct sk_model *model, uint32_t node, struct capacity_text *text)
{
  const struct sk_node *const it = &model->nodes[node];
  char *at = put_number(text->bytes, it->cores, true);
  at = put_number(at, it->cores * 3600, true);
  at = put_number(at, it->memory_bytes, true);
  at = put_number(at, it->memory_bytes * 3600, true);
  text->node = node;
  text->length = (size_t)(at - text->bytes);
}

static char *put_capacity(const struct sk_model *model, uint32_t node, struct capacity_text *text,
                          char *at)
{
  if (node == SK_NONE) {
    memcpy(at, ",,,,", 4);
    return at + 4;
  }
  if (text->node != node)
    make_capacity(model, node, text);
  memcpy(at, text->bytes, text->length);
  return at + text->length;
}

static bool put_pod(const struct sk_model *model, const struct hour_text *times,
                    const struct sk_pod_row *row, struct capacity_text *capacity,
                    struct sk_buffer *out)
{
  const bool plain = model->plain_text;
  const struct sk_node *const node = row->node == SK_NONE ? NULL : &model->nodes[row->node];
  const struct sk_span space = model->spaces[row->space].name;
  const struct sk_span node_name = node ? node->name : no_text;
  const struct sk_span role = node ? node->role : no_text;
  const struct sk_span resource_id = node ? node->resource_id : no_text;
  const size_t room = times->length + CELLS_BYTES + room_of(row->name, plain) +
                      room_of(row->labels, plain) + room_of(space, plain) +
                      room_of(node_name, plain) + room_of(role, plain) +
                      room_of(resource_id, plain);
  if (out->capacity - out->length < room && !sk_buffer_reserve(out, room))
    return false;
  char *at = (char *)out->bytes + out->length;
  memcpy(at, times->bytes, times->length);
  at = put_text(at + times->length, node_name, plain);
  at = put_text(at, space, plain);
  at = put_text(at, row->name, plain);
  at = put_number(at, row->usage_cpu, true);
  at = put_number(at, row->request_cpu, row->has & SK_HAS_REQUEST_CPU);
  at = put_number(at, row->limit_cpu, row->has & SK_HAS_LIMIT_CPU);
  at = put_number(at, row->usage_memory, true);
  at = put_number(at, row->request_memory, row->has & SK_HAS_REQUEST_MEMORY);
  at = put_number(at, row->limit_memory, row->has & SK_HAS_LIMIT_MEMORY);
  at = put_capacity(model, row->node, capacity, at);
  at = put_text(at, role, plain);
  at = put_text(at, resource_id, plain);
  at = put_text(at, row->labels, plain);
  at[-1] = '\n';
  out->length = (size_t)(at - (char *)out->bytes);
  return true;
}

static bool put_claim(const struct sk_model *model, const struct hour_text *times,
                      const struct sk_claim_row *row, struct sk_buffer *out)
{
  const bool plain = model->plain_text;
  const struct sk_span cells[] = {
      row->space == SK_NONE ? no_text : model->spaces[row->space].name,
      row->pod,
      row->node == SK_NONE ? no_text : model->nodes[row->node].name,
      row->claim,
      row->volume,
      row->storage_class,
      row->csi_driver,
      row->csi_handle,
  };
  size_t room = times->length + CELLS_BYTES + room_of(row->volume_labels, plain) +
                room_of(row->claim_labels, plain);
  for (size_t i = 0; i < SK_COUNT(cells); i++)
    room += room_of(cells[i], plain);
  if (!sk_buffer_reserve(out, room))
    return false;
  char *at = (char *)out->bytes + out->length;
  memcpy(at, times->bytes, times->length);
  at += times->length;
  for (size_t i = 0; i < SK_COUNT(cells); i++)
    at = put_text(at, cells[i], plain);
  at = put_number(at, row->capacity_bytes, true);
  at = put_number(at, row->capacity_bytes * 3600, true);
  at = put_number(at, row->request_byte_seconds, row->has & SK_HAS_VOLUME_REQUEST);
  at = put_number(at, row->usage_byte_seconds, row->has & SK_HAS_CLAIM_USAGE);
  at = put_text(at, row->volume_labels, plain);
  at = put_text(at, row->claim_labels, plain);
  at[-1] = '\n';
  out->length = (size_t)(at - (char *)out->bytes);
  return true;
}

static bool put_label_row(const struct sk_model *model, const struct hour_text *times,
                          struct sk_span name, struct sk_span labels, struct sk_buffer *out)
{
  const bool plain = model->plain_text;
  if (!sk_buffer_reserve(out, times->length + 4 + room_of(name, plain) + room_of(labels, plain)))
    return false;
  char *at = (char *)out->bytes + out->length;
  memcpy(at, times->bytes, times->length);
  at = put_text(at + times->length, name, plain);
  at = put_text(at, labels, plain);
  at[-1] = '\n';
  out->length = (size_t)(at - (char *)out->bytes);
  return true;
}

static uint64_t pod_rows(const struct sk_model *model, const struct sk_slice *slice, uint32_t hour,
                         const struct hour_text *times, struct sk_buffer *out,
                         struct sk_tally *tally)
{
  struct sk_pod_row row;
  struct capacity_text capacity = {.node = SK_NONE};
  uint64_t rows = 0;
  for (uint64_t slot = slice->first_slot; slot < slice->end_slot; slot++) {
    if (!model->pod(model, hour, slot, &row))
      continue;
    if (!put_pod(model, times, &row, &capacity, out))
      break;
    sk_tally_pod(tally, model, hour, slot, &row);
    rows++;
  }
  return rows;
}

static uint64_t other_rows(const struct sk_model *model, const struct sk_slice *slice,
                           uint32_t hour, const struct hour_text *times, struct sk_buffer *out)
{
  struct sk_claim_row row;
  uint64_t rows = 0;
  bool ok = true;
  for (uint64_t slot = slice->first_slot; ok && slot < slice->end_slot; slot++) {
    if (slice->report == SK_REPORT_STORAGE) {
      if (!model->claim(model, hour, slot, &row))
        continue;
      ok = put_claim(model, times, &row, out);
    } else if (slice->report == SK_REPORT_NODE_LABELS) {
      const struct sk_node *const node = &model->nodes[slot];
      if (!sk_alive(node->life, hour))
        continue;
      ok = put_label_row(model, times, node->name, *sk_node_labels(node, hour), out);
    } else {
      const struct sk_space *const space = &model->spaces[slot];
      if (!sk_alive(space->life, hour))
        continue;
      ok = put_label_row(model, times, space->name, *sk_space_labels(space, hour), out);
    }
    rows += ok;
  }
  return rows;
}

uint64_t sk_csv_rows(const struct sk_model *model, const struct sk_slice *slice,
                     struct sk_buffer *text, struct sk_tally *tally)
{
  struct hour_text times;
  uint64_t rows = 0;
  for (uint32_t hour = slice->first_hour; hour < slice->end_hour; hour++) {
    make_times(model, hour, &times);
    rows += slice->report == SK_REPORT_POD ? pod_rows(model, slice, hour, &times, text, tally)
                                           : other_rows(model, slice, hour, &times, text);
  }
  tally->totals.rows += rows;
  return rows;
}
