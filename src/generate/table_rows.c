/* SPDX-License-Identifier: Apache-2.0 */
/* A slice's rows as columns. Texts become ids of a table of the slice's own, so that slices can be
 * made side by side; or, where a slot has the same
 * texts in every hour, ids of a table that all slices share and that is complete before they
 * begin. */
#include "generate/table_rows.h"

#include "base/calendar.h"
#include "generate/json_labels.h"

#define HOUR_US INT64_C(3600000000)
#define JSON_MOST_BYTES ((size_t)1 << 20)
enum { POD_TEXTS = 6, CLAIM_TEXTS = 10 }; /* columns of texts */

#define TIMES                                                                                      \
  {"report_period_start", SK_WRITE_TIME, false}, {"report_period_end", SK_WRITE_TIME, false},      \
      {"interval_start", SK_WRITE_TIME, false},                                                    \
  {                                                                                                \
    "interval_end", SK_WRITE_TIME, false                                                           \
  }
#define TEXT(name)                                                                                 \
  {                                                                                                \
    name, SK_WRITE_TEXT, false                                                                     \
  }
#define NUMBER(name)                                                                               \
  {                                                                                                \
    name, SK_WRITE_DOUBLE, false                                                                   \
  }

static const struct sk_write_column pod_columns[] = {TIMES,
                                                     TEXT("pod"),
                                                     TEXT("namespace"),
                                                     TEXT("node"),
                                                     TEXT("resource_id"),
                                                     NUMBER("pod_usage_cpu_core_seconds"),
                                                     NUMBER("pod_request_cpu_core_seconds"),
                                                     NUMBER("pod_limit_cpu_core_seconds"),
                                                     NUMBER("pod_usage_memory_byte_seconds"),
                                                     NUMBER("pod_request_memory_byte_seconds"),
                                                     NUMBER("pod_limit_memory_byte_seconds"),
                                                     NUMBER("node_capacity_cpu_cores"),
                                                     NUMBER("node_capacity_cpu_core_seconds"),
                                                     NUMBER("node_capacity_memory_bytes"),
                                                     NUMBER("node_capacity_memory_byte_seconds"),
                                                     TEXT("node_role"),
                                                     TEXT("pod_labels")};
static const struct sk_write_column storage_columns[] = {
    TIMES,
    TEXT("namespace"),
    TEXT("pod"),
    TEXT("node"),
    TEXT("persistentvolumeclaim"),
    TEXT("persistentvolume"),
    TEXT("storageclass"),
    TEXT("csi_driver"),
    TEXT("csi_volume_handle"),
    NUMBER("persistentvolumeclaim_capacity_bytes"),
    NUMBER("persistentvolumeclaim_capacity_byte_seconds"),
    NUMBER("volume_request_storage_byte_seconds"),
    NUMBER("persistentvolumeclaim_usage_byte_seconds"),
    TEXT("persistentvolume_labels"),
    TEXT("persistentvolumeclaim_labels")};
static const struct sk_write_column node_columns[] = {TIMES, TEXT("node"), TEXT("node_labels")};
static const struct sk_write_column space_columns[] = {TIMES, TEXT("namespace"),
                                                       TEXT("namespace_labels")};

const struct sk_write_column *sk_table_columns(enum sk_report report, size_t *count)
{
  switch (report) {
  case SK_REPORT_POD:
    *count = SK_COUNT(pod_columns);
    return pod_columns;
  case SK_REPORT_STORAGE:
    *count = SK_COUNT(storage_columns);
    return storage_columns;
  case SK_REPORT_NODE_LABELS:
    *count = SK_COUNT(node_columns);
    return node_columns;
  default:
    *count = SK_COUNT(space_columns);
    return space_columns;
  }
}

void sk_table_init(struct sk_table *table, struct sk_budget *budget)
{
  *table = (struct sk_table){.budget = budget};
  sk_buffer_init(&table->json, budget, JSON_MOST_BYTES);
}

static void free_columns(struct sk_table *table)
{
  for (size_t i = 0; i < SK_COUNT(table->ids); i++) {
    sk_free(table->ids[i]);
    sk_free(table->doubles[i]);
    sk_free(table->valid[i]);
    table->ids[i] = NULL;
    table->doubles[i] = NULL;
    table->valid[i] = NULL;
  }
  for (size_t i = 0; i < SK_COUNT(table->times); i++) {
    sk_free(table->times[i]);
    table->times[i] = NULL;
  }
  table->capacity = 0;
}

void sk_table_reset(struct sk_table *table)
{
  free_columns(table);
  if (table->texts)
    sk_intern_reset(table->texts);
  table->texts = NULL;
  sk_buffer_reset(&table->json);
}

static bool make_room(struct sk_table *table, size_t rows)
{
  if (rows <= table->capacity)
    return true;
  free_columns(table);
  bool ok = true;
  for (size_t i = 0; i < SK_COUNT(table->ids); i++) {
    table->ids[i] = sk_alloc(table->budget, rows * sizeof *table->ids[i]);
    table->doubles[i] = sk_alloc(table->budget, rows * sizeof *table->doubles[i]);
    table->valid[i] = sk_alloc(table->budget, rows);
    ok = ok && table->ids[i] && table->doubles[i] && table->valid[i];
  }
  for (size_t i = 0; i < SK_COUNT(table->times); i++) {
    table->times[i] = sk_alloc(table->budget, rows * sizeof *table->times[i]);
    ok = ok && table->times[i];
  }
  table->capacity = ok ? rows : 0;
  return ok;
}

/* The kinds of columns come in the order of the arrays: the n-th text is ids[n], and so on. */
static void set_values(struct sk_table *table, enum sk_report report, const struct sk_intern *from)
{
  size_t count, texts = 0, numbers = 0, times = 0;
  const struct sk_write_column *const columns = sk_table_columns(report, &count);
  for (size_t i = 0; i < count; i++) {
    struct sk_write_values *const values = &table->values[i];
    *values = (struct sk_write_values){.texts = from};
    if (columns[i].kind == SK_WRITE_TEXT) {
      values->ids = table->ids[texts++];
    } else if (columns[i].kind == SK_WRITE_DOUBLE) {
      values->valid = table->valid[numbers];
      values->doubles = table->doubles[numbers++];
    } else {
      values->integers = table->times[times++];
    }
  }
}

/* ---- rows ---------------------------------------------------------------------------------- */

static uint32_t text_id(struct sk_table *table, struct sk_span span)
{
  return span.length ? sk_intern_add(table->texts, span.text, span.length) : 0;
}

static uint32_t labels_id(struct sk_table *table, struct sk_span labels)
{
  sk_json_labels(labels, &table->json);
  return table->json.failed ? SK_NO_ID
                            : sk_intern_add(table->texts, table->json.bytes, table->json.length);
}

static void put_number(struct sk_table *table, size_t column, double value, bool there)
{
  table->doubles[column][table->rows] = there ? value : 0;
  table->valid[column][table->rows] = there;
}

struct hour_times {
  int64_t us[4];
};

static struct hour_times times_of(const struct sk_model *model, uint32_t hour)
{
  struct sk_date date = sk_date_of_day(model->first_day + (int32_t)(hour / 24));
  struct hour_times times;
  date.day = 1;
  times.us[0] = sk_day_of_date(date) * SK_DAY_US;
  times.us[1] = times.us[0] + sk_days_in_month(date.year, date.month) * SK_DAY_US;
  times.us[2] = model->first_day * SK_DAY_US + hour * HOUR_US;
  times.us[3] = times.us[2] + HOUR_US - 1000000;
  return times;
}

/* Ids of what all rows of a node or a namespace share; made at first use in a slice. */
struct node_ids {
  uint32_t node, name, resource_id, role; /* node: the index that the rest belongs to */
};

static void use_node(struct sk_table *table, const struct sk_model *model, uint32_t node,
                     struct node_ids *ids)
{
  if (ids->node == node)
    return;
  ids->node = node;
  ids->name = node == SK_NONE ? 0 : text_id(table, model->nodes[node].name);
  ids->resource_id = node == SK_NONE ? 0 : text_id(table, model->nodes[node].resource_id);
  ids->role = node == SK_NONE ? 0 : text_id(table, model->nodes[node].role);
}

static void put_pod_numbers(struct sk_table *table, const struct sk_model *model,
                            const struct sk_pod_row *row)
{
  const bool placed = row->node != SK_NONE;
  const double cores = placed ? model->nodes[row->node].cores : 0;
  const double bytes = placed ? model->nodes[row->node].memory_bytes : 0;
  put_number(table, 0, row->usage_cpu, true);
  put_number(table, 1, row->request_cpu, row->has & SK_HAS_REQUEST_CPU);
  put_number(table, 2, row->limit_cpu, row->has & SK_HAS_LIMIT_CPU);
  put_number(table, 3, row->usage_memory, true);
  put_number(table, 4, row->request_memory, row->has & SK_HAS_REQUEST_MEMORY);
  put_number(table, 5, row->limit_memory, row->has & SK_HAS_LIMIT_MEMORY);
  put_number(table, 6, cores, placed);
  put_number(table, 7, cores * 3600, placed);
  put_number(table, 8, bytes, placed);
  put_number(table, 9, bytes * 3600, placed);
}

/* Puts the ids of a row's texts; false where memory lacked for one. */
static bool put_ids(struct sk_table *table, const uint32_t *ids, size_t count)
{
  bool ok = true;
  for (size_t i = 0; i < count; i++) {
    table->ids[i][table->rows] = ids[i] ? ids[i] : SK_NO_ID; /* an empty text is a null */
    ok = ok && ids[i] != SK_NO_ID;
  }
  return ok;
}

static void pod_ids(struct sk_table *table, const struct sk_model *model,
                    const struct sk_pod_row *row, struct node_ids *ids, uint32_t made[POD_TEXTS])
{
  use_node(table, model, row->node, ids);
  made[0] = text_id(table, row->name);
  made[1] = text_id(table, model->spaces[row->space].name);
  made[2] = ids->name;
  made[3] = ids->resource_id;
  made[4] = ids->role;
  made[5] = labels_id(table, row->labels);
}

static void claim_ids(struct sk_table *table, const struct sk_model *model,
                      const struct sk_claim_row *row, uint32_t made[CLAIM_TEXTS])
{
  static const struct sk_span none = {NULL, 0};
  made[0] = text_id(table, row->space == SK_NONE ? none : model->spaces[row->space].name);
  made[1] = text_id(table, row->pod);
  made[2] = text_id(table, row->node == SK_NONE ? none : model->nodes[row->node].name);
  made[3] = text_id(table, row->claim);
  made[4] = text_id(table, row->volume);
  made[5] = text_id(table, row->storage_class);
  made[6] = text_id(table, row->csi_driver);
  made[7] = text_id(table, row->csi_handle);
  made[8] = labels_id(table, row->volume_labels);
  made[9] = labels_id(table, row->claim_labels);
}

static void put_claim_numbers(struct sk_table *table, const struct sk_claim_row *row)
{
  put_number(table, 0, row->capacity_bytes, true);
  put_number(table, 1, row->capacity_bytes * 3600, true);
  put_number(table, 2, row->request_byte_seconds, row->has & SK_HAS_VOLUME_REQUEST);
  put_number(table, 3, row->usage_byte_seconds, row->has & SK_HAS_CLAIM_USAGE);
}

static bool put_labels(struct sk_table *table, struct sk_span name, struct sk_span labels)
{
  const uint32_t name_id = text_id(table, name), id = labels_id(table, labels);
  table->ids[0][table->rows] = name_id ? name_id : SK_NO_ID;
  table->ids[1][table->rows] = id;
  return name_id != SK_NO_ID && id != SK_NO_ID;
}

/* Puts a row of pods or claims; *there tells whether the slot has one. */
static bool put_pod(struct sk_table *table, const struct sk_model *model, uint32_t hour,
                    uint64_t slot, const struct sk_known_texts *known, struct node_ids *ids,
                    struct sk_tally *tally, bool *there)
{
  struct sk_pod_row pod;
  uint32_t made[POD_TEXTS];
  const uint32_t *texts = made;
  *there = known && model->pod_numbers ? model->pod_numbers(model, hour, slot, &pod)
                                       : model->pod(model, hour, slot, &pod);
  if (!*there)
    return true;
  if (known)
    texts = &known->ids[slot * POD_TEXTS];
  else
    pod_ids(table, model, &pod, ids, made);
  put_pod_numbers(table, model, &pod);
  sk_tally_pod(tally, model, hour, slot, &pod);
  return put_ids(table, texts, POD_TEXTS);
}

static bool put_claim(struct sk_table *table, const struct sk_model *model, uint32_t hour,
                      uint64_t slot, const struct sk_known_texts *known, bool *there)
{
  struct sk_claim_row claim;
  uint32_t made[CLAIM_TEXTS];
  const uint32_t *texts = known ? &known->ids[slot * CLAIM_TEXTS] : made;
  *there = !(known && texts[0] == SK_NO_ID) && model->claim(model, hour, slot, &claim);
  if (!*there)
    return true;
  if (!known)
    claim_ids(table, model, &claim, made);
  put_claim_numbers(table, &claim);
  return put_ids(table, texts, CLAIM_TEXTS);
}

static shukei_status hour_rows(const struct sk_model *model, const struct sk_slice *slice,
                               uint32_t hour, const struct sk_known_texts *known,
                               struct sk_table *table, struct sk_tally *tally, shukei_error *err)
{
  const struct hour_times times = times_of(model, hour);
  struct node_ids ids = {.node = SK_NONE};
  for (uint64_t slot = slice->first_slot; slot < slice->end_slot; slot++) {
    bool there = true, ok = true;
    if (slice->report == SK_REPORT_POD) {
      ok = put_pod(table, model, hour, slot, known, &ids, tally, &there);
    } else if (slice->report == SK_REPORT_STORAGE) {
      ok = put_claim(table, model, hour, slot, known, &there);
    } else if (slice->report == SK_REPORT_NODE_LABELS) {
      const struct sk_node *const node = &model->nodes[slot];
      there = sk_alive(node->life, hour);
      ok = !there || put_labels(table, node->name, *sk_node_labels(node, hour));
    } else {
      const struct sk_space *const space = &model->spaces[slot];
      there = sk_alive(space->life, hour);
      ok = !there || put_labels(table, space->name, *sk_space_labels(space, hour));
    }
    if (!ok)
      return sk_fail_memory(err, table->budget, 0, "the texts of a slice");
    for (int i = 0; there && i < 4; i++)
      table->times[i][table->rows] = times.us[i];
    table->rows += there;
  }
  return SHUKEI_OK;
}

shukei_status sk_table_rows(const struct sk_model *model, const struct sk_slice *slice,
                            const struct sk_known_texts *known, struct sk_table *table,
                            struct sk_tally *tally, shukei_error *err)
{
  const size_t most =
      (size_t)((slice->end_hour - slice->first_hour) * (slice->end_slot - slice->first_slot));
  if (table->texts)
    sk_intern_reset(table->texts);
  table->texts = NULL;
  table->rows = 0;
  if (!make_room(table, most > SK_SLICE_ROWS ? most : SK_SLICE_ROWS) ||
      !sk_intern_init(&table->own, table->budget))
    return sk_fail_memory(err, table->budget, most * 200, "the rows of a slice");
  table->texts = &table->own;
  set_values(table, slice->report, known ? &known->texts : &table->own);
  shukei_status st = SHUKEI_OK;
  for (uint32_t hour = slice->first_hour; !st && hour < slice->end_hour; hour++)
    st = hour_rows(model, slice, hour, known, table, tally, err);
  tally->totals.rows += table->rows;
  return st;
}

/* ---- texts that stay --------------------------------------------------------------------- */

/* Interns through a table whose texts are then taken over. */
static bool know_all(const struct sk_model *model, enum sk_report report, struct sk_table *table,
                     struct sk_known_texts *known)
{
  struct node_ids ids = {.node = SK_NONE};
  struct sk_pod_row pod;
  struct sk_claim_row claim;
  const uint64_t slots = sk_report_slots(model, report);
  for (uint64_t slot = 0; slot < slots; slot++) {
    uint32_t *const row = &known->ids[slot * known->columns];
    const bool there = report == SK_REPORT_POD ? model->pod(model, 0, slot, &pod)
                                               : model->claim(model, 0, slot, &claim);
    row[0] = SK_NO_ID;
    if (there && report == SK_REPORT_POD)
      pod_ids(table, model, &pod, &ids, row);
    else if (there)
      claim_ids(table, model, &claim, row);
    for (uint32_t i = 0; there && i < known->columns; i++)
      if (row[i] == SK_NO_ID)
        return false;
  }
  return true;
}

shukei_status sk_known_texts_new(const struct sk_model *model, enum sk_report report,
                                 struct sk_budget *budget, struct sk_known_texts **out,
                                 shukei_error *err)
{
  struct sk_table table;
  const uint64_t slots = sk_report_slots(model, report);
  const bool steady = report == SK_REPORT_POD       ? model->steady
                      : report == SK_REPORT_STORAGE ? model->steady_claims
                                                    : false;
  *out = NULL;
  if (!steady || slots > SK_KNOWN_SLOTS)
    return SHUKEI_OK;
  struct sk_known_texts *known = sk_calloc(budget, 1, sizeof *known);
  if (!known)
    return sk_fail_memory(err, budget, sizeof *known, "the texts of pods");
  known->columns = report == SK_REPORT_POD ? POD_TEXTS : CLAIM_TEXTS;
  known->ids = sk_calloc(budget, (size_t)slots * known->columns + 1, sizeof *known->ids);
  sk_table_init(&table, budget);
  bool ok = sk_intern_init(&known->texts, budget) && known->ids;
  table.texts = &known->texts;
  ok = ok && know_all(model, report, &table, known);
  table.texts = NULL;
  sk_table_reset(&table);
  if (!ok) {
    sk_known_texts_free(known);
    return sk_fail_memory(err, budget, slots * 256, "the texts of pods");
  }
  *out = known;
  return SHUKEI_OK;
}

void sk_known_texts_free(struct sk_known_texts *known)
{
  if (!known)
    return;
  sk_intern_reset(&known->texts);
  sk_free(known->ids);
  sk_free(known);
}
