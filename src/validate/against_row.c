/* SPDX-License-Identifier: Apache-2.0 */
/* What all readers have in common: from the cells of a row to the row. */
#include "validate/against.h"

#include "base/calendar.h"
#include "base/number.h"

#include <jansson.h>
#include <math.h>

#define CHECK_ROWS 4096
#define DAY_MOST 4e6      /* of any calendar's days since 1970, either way */
#define INTEGER_MOST 9e15 /* doubles below are whole numbers exactly */

/* A row while it is read. */
struct reading {
  struct sk_against *against;
  const struct sk_found_cell *cells;
  struct sk_check_row row;
  const char *odd; /* the column that cannot be read */
  bool no_memory, unknown /* while looking: a text that no row of ours has */;
};

static bool number_of(const struct sk_found_cell *cell, double *number)
{
  if (cell->is_number)
    *number = cell->number;
  return cell->is_number || sk_number_parse(cell->text, cell->length, number);
}

static bool is_null(const struct sk_found_cell *cell)
{
  return !cell->is_number && (!cell->text || !cell->length);
}

static bool day_of(const struct sk_found_cell *cell, int32_t *day)
{
  if (!cell->is_number)
    return cell->text && sk_day_parse(cell->text, cell->length, day);
  const bool fits = fabs(cell->number) < DAY_MOST;
  *day = fits ? (int32_t)cell->number : 0;
  return fits;
}

static uint32_t name_of(struct reading *r, enum sk_found_column column)
{
  const struct sk_found_cell *const cell = &r->cells[column];
  struct sk_intern *const texts = &r->against->names->texts;
  if (is_null(cell))
    return 0;
  const bool looking = r->against->looking && column != SK_F_source_uuid;
  const uint32_t id = looking ? sk_intern_find(texts, cell->text, cell->length)
                              : sk_intern_add(texts, cell->text, cell->length);
  *(looking ? &r->unknown : &r->no_memory) |= id == SK_NO_ID;
  return id;
}

/* 0: null. */
static uint32_t labels_of(struct reading *r, enum sk_found_column column)
{
  const struct sk_found_cell *const cell = &r->cells[column];
  struct sk_label_sets *const labels = &r->against->names->labels;
  uint32_t set;
  if (is_null(cell))
    return 0;
  if (!r->against->looking) {
    set = sk_label_sets_read(labels, cell->text, cell->length, true);
    r->no_memory |= set == SK_NO_ID;
    return set;
  }
  r->no_memory |= !sk_label_sets_find(labels, cell->text, cell->length, &set);
  r->unknown |= set == SK_NO_ID;
  return set;
}

static bool is_text(const struct sk_found_cell *cell, const char *text)
{
  return cell->text && cell->length == strlen(text) && memcmp(cell->text, text, cell->length) == 0;
}

static bool is_own(const struct sk_against *against, const struct sk_found_cell *cell)
{
  const char *const source = against->source;
  return source && *source ? is_text(cell, source) : is_null(cell);
}

/* Another process's (spec/2-summary.md, Idempotence). */
static bool has_raw_cost(const struct sk_found_cell *cell)
{
  double cost = 0;
  return !is_null(cell) && number_of(cell, &cost) && cost != 0;
}

/* ---- the cost ------------------------------------------------------------------------------- */

/* {"cpu": 0, "memory": 0, "storage": 0}, in any spelling. */
static bool is_no_cost(struct reading *r, const struct sk_found_cell *cell)
{
  static const char *const parts[] = {"cpu", "memory", "storage"};
  json_error_t error;
  json_t *const cost = json_loadb(cell->text, cell->length, 0, &error);
  r->no_memory |= !cost && json_error_code(&error) == json_error_out_of_memory;
  bool none = json_is_object(cost) && json_object_size(cost) == SK_COUNT(parts);
  for (size_t i = 0; none && i < SK_COUNT(parts); i++) {
    const json_t *const part = json_object_get(cost, parts[i]);
    none = json_is_number(part) && !(json_number_value(part) < 0 || json_number_value(part) > 0);
  }
  json_decref(cost);
  return none;
}

/* As aggregate writes it: what was left over of a node has none. */
static bool cost_is_written(struct reading *r)
{
  static const char written[] =
      "{\"cpu\": 0.000000000, \"memory\": 0.000000000, \"storage\": 0.000000000}";
  const struct sk_found_cell *const cell = &r->cells[SK_F_infrastructure_usage_cost];
  if (r->row.key.sort == SK_ROW_SPARE || is_null(cell))
    return r->row.key.sort == SK_ROW_SPARE && is_null(cell);
  return cell->text && (is_text(cell, written) || is_no_cost(r, cell));
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* Which kind of row it is, and its labels. One of another data source is told by its labels. */
static void take_kind(struct reading *r)
{
  struct sk_check_row *const row = &r->row;
  const struct sk_found_cell *const cells = r->cells;
  const struct sk_found_cell *const data_source = &cells[SK_F_data_source];
  bool storage = is_text(data_source, "Storage");
  if (!storage && !is_text(data_source, "Pod")) {
    row->unlike |= SK_UNLIKE_DATA_SOURCE;
    storage = is_null(&cells[SK_F_pod_labels]) && !is_null(&cells[SK_F_volume_labels]);
  }
  if (!is_null(&cells[storage ? SK_F_pod_labels : SK_F_volume_labels]))
    row->unlike |= SK_UNLIKE_LABELS;
  row->key.labels = labels_of(r, storage ? SK_F_volume_labels : SK_F_pod_labels);
  row->key.sort = storage ? SK_ROW_STORAGE : row->key.labels ? SK_ROW_POD : SK_ROW_SPARE;
}

static void take_names(struct reading *r)
{
  struct sk_check_row *const row = &r->row;
  const bool storage = row->key.sort == SK_ROW_STORAGE;
  row->source = name_of(r, SK_F_source_uuid);
  row->key.namespace = name_of(r, SK_F_namespace);
  row->key.node = name_of(r, SK_F_node);
  row->resource_id = name_of(r, SK_F_resource_id);
  row->key.resource_id = storage ? row->resource_id : 0;
  row->key.claim = name_of(r, SK_F_persistentvolumeclaim);
  row->key.volume = name_of(r, SK_F_persistentvolume);
  row->key.class = name_of(r, SK_F_storageclass);
  row->key.handle = name_of(r, SK_F_csi_volume_handle);
}

static void take_numbers(struct reading *r)
{
  struct sk_check_row *const row = &r->row;
  double number = 0;
  row->has_category = !is_null(&r->cells[SK_F_cost_category_id]);
  if (row->has_category &&
      (!number_of(&r->cells[SK_F_cost_category_id], &number) || !(fabs(number) < INTEGER_MOST)))
    r->odd = sk_found_name(SK_F_cost_category_id);
  else
    row->category = (int64_t)number;
  for (int i = 0; i < SK_MEASURE_COUNT; i++) {
    const struct sk_found_cell *const cell = &r->cells[SK_F_MEASURES + i];
    if (is_null(cell))
      continue;
    if (!number_of(cell, &row->measures[i]))
      r->odd = sk_measure_names[i];
    row->known |= 1u << i;
  }
}

static shukei_status refuse(const struct sk_against *against, const char *column, shukei_error *err)
{
  return sk_fail(err, SHUKEI_EFORMAT, "%s: row %" PRIu64 ": column %s cannot be read",
                 against->name, against->rows_read, column);
}

shukei_status sk_against_row(struct sk_against *against,
                             const struct sk_found_cell cells[SK_FOUND_COLUMNS], shukei_error *err)
{
  const struct sk_validate_request *const request = against->request;
  struct reading r = {.against = against, .cells = cells};
  const bool own = is_own(against, &cells[SK_F_source_uuid]);
  struct sk_row_key *const key = &r.row.key;
  int32_t end;
  if (++against->rows_read % CHECK_ROWS == 0) {
    const shukei_status st = request->check(request->context, 0, 0, err);
    if (st)
      return st;
  }
  if (has_raw_cost(&cells[SK_F_infrastructure_raw_cost]))
    return SHUKEI_OK;
  if (!day_of(&cells[SK_F_usage_start], &key->day))
    return own && !against->looking ? refuse(against, "usage_start", err) : SHUKEI_OK;
  if (!against->wants(against->context, key->day, own))
    return SHUKEI_OK;
  if (!day_of(&cells[SK_F_usage_end], &end) || end != key->day)
    r.row.unlike |= SK_UNLIKE_END;
  take_numbers(&r);
  if (r.odd)
    return against->looking ? SHUKEI_OK : refuse(against, r.odd, err);
  take_kind(&r);
  take_names(&r);
  if (!cost_is_written(&r))
    r.row.unlike |= SK_UNLIKE_USAGE_COST;
  if (!against->looking)
    r.row.all_labels = labels_of(&r, SK_F_all_labels);
  if (r.no_memory)
    return sk_fail_memory(err, against->budget, 0, "rows of the sink");
  return r.unknown ? SHUKEI_OK : against->take(against->context, &r.row, own, err);
}
