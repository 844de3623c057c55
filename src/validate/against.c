/* SPDX-License-Identifier: Apache-2.0 */
/* Which reader is meant, CSV and folders, and what all have in common: from cells to rows. */
#include "validate/against.h"

#include "base/calendar.h"
#include "base/number.h"
#include "sink/sink_read.h"
#include "store/store.h"
#include "validate/plain_records.h"

#include <stdlib.h>

static const char *const found_names[] = {
#define SK_AS_NAME(name) #name,
    SK_FOUND_MAP(SK_AS_NAME)
#undef SK_AS_NAME
};

const char *sk_found_name(int column)
{
  return column < SK_F_MEASURES ? found_names[column] : sk_measure_names[column - SK_F_MEASURES];
}

shukei_status sk_against_check(struct sk_against *against, const char *path,
                               const bool has[SK_FOUND_COLUMNS], shukei_error *err)
{
  against->lacks_handle |= !has[SK_F_csi_volume_handle];
  for (int c = 0; c < SK_FOUND_COLUMNS; c++)
    if (!has[c] && !sk_found_optional(c)) {
      const shukei_status st = sk_fail(err, SHUKEI_EFORMAT, "%s: is no summary: has no column %s",
                                       path, sk_found_name(c));
      sk_advise(err, "--against takes what aggregate wrote with --to");
      return st;
    }
  return SHUKEI_OK;
}

/* ---- from cells to rows --------------------------------------------------------------------- */

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
  if (cell->is_number)
    *day = (int32_t)cell->number;
  return cell->is_number || (cell->text && sk_day_parse(cell->text, cell->length, day));
}

static uint32_t name_of(struct sk_against *against, const struct sk_found_cell *cell, bool *memory)
{
  if (is_null(cell))
    return 0;
  const uint32_t id = sk_intern_add(&against->names->texts, cell->text, cell->length);
  *memory &= id != SK_NO_ID;
  return id;
}

/* 0: null. */
static uint32_t labels_of(struct sk_against *against, const struct sk_found_cell *cell,
                          bool *memory)
{
  if (is_null(cell))
    return 0;
  const uint32_t set = sk_label_sets_read(&against->names->labels, cell->text, cell->length, true);
  *memory &= set != SK_NO_ID;
  return set;
}

static bool is_text(const struct sk_found_cell *cell, const char *text)
{
  return cell->text && cell->length == strlen(text) && memcmp(cell->text, text, cell->length) == 0;
}

static bool is_own(const struct sk_against *against, const struct sk_found_cell *cell)
{
  const char *const source = against->request->source;
  return source && *source ? is_text(cell, source) : is_null(cell);
}

static const char *take_measures(struct sk_check_row *row, const struct sk_found_cell *cells)
{
  const int first = sk_first_measure(row), count = sk_row_measures(row);
  for (int i = 0; i < count; i++) {
    const struct sk_found_cell *const cell = &cells[SK_F_MEASURES + first + i];
    if (is_null(cell))
      continue;
    if (!number_of(cell, &row->measures[i]))
      return sk_measure_names[first + i];
    row->known |= 1u << i;
  }
  return NULL;
}

static shukei_status odd(const struct sk_against *against, const char *column, shukei_error *err)
{
  return sk_fail(err, SHUKEI_EFORMAT, "%s: row %" PRIu64 ": column %s cannot be read",
                 against->name, against->rows_read, column);
}

shukei_status sk_against_row(struct sk_against *against,
                             const struct sk_found_cell cells[SK_FOUND_COLUMNS], shukei_error *err)
{
  bool memory = true;
  double number = 0;
  struct sk_check_row row;
  int32_t end;
  against->rows_read++;
  memset(&row, 0, sizeof row);
  const bool own = is_own(against, &cells[SK_F_source_uuid]);
  if (!is_null(&cells[SK_F_infrastructure_raw_cost]) &&
      number_of(&cells[SK_F_infrastructure_raw_cost], &number) && number != 0)
    return SHUKEI_OK; /* another process's (spec/2-summary.md, Idempotence) */
  if (!day_of(&cells[SK_F_usage_start], &row.key.day))
    return odd(against, "usage_start", err);
  row.end_differs = !day_of(&cells[SK_F_usage_end], &end) || end != row.key.day;
  const bool storage = is_text(&cells[SK_F_data_source], "Storage");
  row.key.sort = storage ? SK_ROW_STORAGE : SK_ROW_POD;
  row.key.labels =
      labels_of(against, &cells[storage ? SK_F_volume_labels : SK_F_pod_labels], &memory);
  if (!storage && !row.key.labels)
    row.key.sort = SK_ROW_SPARE;
  row.all_labels = labels_of(against, &cells[SK_F_all_labels], &memory);
  row.source = name_of(against, &cells[SK_F_source_uuid], &memory);
  row.key.namespace = name_of(against, &cells[SK_F_namespace], &memory);
  row.key.node = name_of(against, &cells[SK_F_node], &memory);
  row.resource_id = name_of(against, &cells[SK_F_resource_id], &memory);
  row.key.resource_id = storage ? row.resource_id : 0;
  row.key.claim = name_of(against, &cells[SK_F_persistentvolumeclaim], &memory);
  row.key.volume = name_of(against, &cells[SK_F_persistentvolume], &memory);
  row.key.class = name_of(against, &cells[SK_F_storageclass], &memory);
  row.key.handle = name_of(against, &cells[SK_F_csi_volume_handle], &memory);
  row.has_category = !is_null(&cells[SK_F_cost_category_id]);
  if (row.has_category && !number_of(&cells[SK_F_cost_category_id], &number))
    return odd(against, "cost_category_id", err);
  row.category = row.has_category ? (int64_t)number : 0;
  const char *const bad = take_measures(&row, cells);
  if (bad)
    return odd(against, bad, err);
  if (!memory)
    return sk_fail_memory(err, against->budget, 0, "rows of the sink");
  return against->take(against->context, &row, own, err);
}

/* ---- CSV ------------------------------------------------------------------------------------ */

struct csv_places {
  size_t place[SK_FOUND_COLUMNS], width;
  bool has[SK_FOUND_COLUMNS];
};

static void find_places(const struct sk_plain_csv *csv, struct csv_places *places)
{
  places->width = csv->count;
  for (size_t i = 0; i < csv->count; i++)
    for (int c = 0; c < SK_FOUND_COLUMNS; c++)
      if (strlen(sk_found_name(c)) == csv->cells[i].length &&
          memcmp(sk_found_name(c), csv->cells[i].text, csv->cells[i].length) == 0) {
        places->place[c] = i;
        places->has[c] = true;
      }
}

static shukei_status read_csv_rows(struct sk_against *against, struct sk_plain_csv *csv,
                                   const struct csv_places *places, shukei_error *err)
{
  struct sk_found_cell cells[SK_FOUND_COLUMNS];
  for (;;) {
    bool there;
    shukei_status st = sk_plain_csv_next(csv, &there, err);
    if (st || !there)
      return st;
    if (csv->count != places->width)
      return sk_fail(err, SHUKEI_EFORMAT, "%s: row %" PRIu64 ": %zu cells, expected %zu", csv->name,
                     csv->row, csv->count, places->width);
    for (int c = 0; c < SK_FOUND_COLUMNS; c++) {
      const struct sk_plain_cell *const cell =
          places->has[c] ? &csv->cells[places->place[c]] : NULL;
      cells[c] = (struct sk_found_cell){.text = cell ? cell->text : NULL,
                                        .length = cell ? cell->length : 0};
    }
    st = sk_against_row(against, cells, err);
    if (st)
      return st;
  }
}

static shukei_status read_csv(struct sk_against *against, const char *path, shukei_error *err)
{
  struct sk_plain_csv csv;
  struct csv_places places = {.width = 0};
  bool there = false;
  shukei_status st = sk_plain_csv_open(&csv, path, SK_FLOW_PLAIN, NULL, path, against->budget, err);
  if (!st)
    st = sk_plain_csv_next(&csv, &there, err);
  if (!st)
    find_places(&csv, &places);
  if (!st)
    st = sk_against_check(against, path, places.has, err);
  if (!st && there)
    st = read_csv_rows(against, &csv, &places, err);
  sk_plain_csv_close(&csv);
  return st;
}

/* ---- a folder of Parquet, PostgreSQL -------------------------------------------------------- */

static bool ends_with(const char *text, const char *ending)
{
  const size_t length = strlen(text), part = strlen(ending);
  return length > part && strcmp(text + length - part, ending) == 0;
}

static shukei_status read_folder(struct sk_against *against, const char *path, shukei_error *err)
{
  struct sk_listing listing;
  sk_listing_init(&listing, against->budget);
  shukei_status st = sk_store_list(path, &listing, err);
  for (size_t i = 0; !st && i < listing.count; i++)
    if (ends_with(listing.items[i].relative, ".parquet"))
      st = sk_against_parquet(against, listing.items[i].path, err);
  sk_listing_reset(&listing);
  return st;
}

static shukei_status check_table(void *context, const bool *has, shukei_error *err)
{
  struct sk_against *const against = context;
  return sk_against_check(against, against->name, has, err);
}

static shukei_status take_texts(void *context, const char *const *texts, shukei_error *err)
{
  struct sk_found_cell cells[SK_FOUND_COLUMNS];
  for (int c = 0; c < SK_FOUND_COLUMNS; c++)
    cells[c] = (struct sk_found_cell){.text = texts[c], .length = texts[c] ? strlen(texts[c]) : 0};
  return sk_against_row(context, cells, err);
}

static shukei_status read_postgres(struct sk_against *against, shukei_error *err)
{
  const shukei_validate_options *const options = against->request->options;
  const char *names[SK_FOUND_COLUMNS];
  const struct sk_sink_query query = {
      .schema = options->schema,
      .columns = names,
      .column_count = SK_FOUND_COLUMNS,
      .found = check_table,
      .first_day = against->first_day,
      .last_day = against->last_day,
      .source_uuid = against->request->source,
      .any_source = against->any_source,
      .take = take_texts,
      .context = against,
      .canceled = options->callbacks.canceled,
      .canceled_context = options->callbacks.context,
  };
  for (int c = 0; c < SK_FOUND_COLUMNS; c++)
    names[c] = sk_found_name(c);
  return sk_sink_read_postgres(against->name, &query, against->budget, err);
}

/* ---- the name ------------------------------------------------------------------------------- */

static const char *sqlite_path(const char *name)
{
  static const char *const endings[] = {".db", ".sqlite", ".sqlite3"};
  static const char prefix[] = "sqlite:";
  if (strncmp(name, prefix, sizeof prefix - 1) == 0)
    return name + sizeof prefix - 1;
  for (size_t i = 0; i < SK_COUNT(endings) && !sk_store_distant(name); i++)
    if (ends_with(name, endings[i]))
      return name;
  return NULL;
}

bool sk_against_shared(const char *name)
{
  return sk_sink_is_postgres(name) || sqlite_path(name) ||
         !(ends_with(name, ".csv") || ends_with(name, ".parquet"));
}

shukei_status sk_against_read(struct sk_against *against, shukei_error *err)
{
  const char *const name = against->name, *const database = sqlite_path(name);
  if (sk_sink_is_postgres(name))
    return read_postgres(against, err);
  if (database)
    return sk_against_sqlite(against, database, err);
  if (ends_with(name, ".csv"))
    return read_csv(against, name, err);
  if (ends_with(name, ".parquet"))
    return sk_against_parquet(against, name, err);
  if (ends_with(name, "/") || sk_store_is_folder(name))
    return read_folder(against, name, err);
  const shukei_status st =
      sk_fail(err, SHUKEI_EINVAL, "\"%s\": the name does not tell what to compare with", name);
  sk_advise(err, "name it NAME.csv, NAME.parquet, NAME.db, NAME.sqlite, sqlite:PATH, FOLDER/ or "
                 "postgresql://...");
  return st;
}
