/* SPDX-License-Identifier: Apache-2.0 */
/* Which reader is meant; CSV, folders and PostgreSQL. */
#include "validate/against.h"

#include "base/text.h"
#include "sink/dataset_names.h"
#include "sink/sink_read.h"
#include "store/store.h"
#include "validate/plain_records.h"

#include <stdio.h>
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
      sk_advise(err, SK_AGAINST_ADVICE);
      return st;
    }
  return SHUKEI_OK;
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

/* Whether the file can have rows that are wanted: of a dataset's files names tell day and
 * source. */
static bool wants_file(const struct sk_against *against, const struct sk_dataset_names *names,
                       const char *relative)
{
  int32_t day;
  if (!sk_ends_with(relative, ".parquet"))
    return false;
  const bool others = sk_dataset_day_of_others(names, relative, &day);
  if (!others && !sk_dataset_day(names, relative, &day))
    return true; /* no file of a dataset: its rows tell */
  return day >= against->first_day && day <= against->last_day && (against->looking || !others);
}

/* A file that cannot be read does not keep the differences that are known from being told. */
static shukei_status pass_over(const struct sk_against *against, const char *path,
                               shukei_status status, shukei_error *err)
{
  char text[512];
  if (!against->looking || status == SHUKEI_OK || status == SHUKEI_ENOMEM ||
      status == SHUKEI_ECANCELED)
    return status;
  snprintf(text, sizeof text, "%s cannot be read: missing rows are not looked for there", path);
  against->request->warn(against->request->context, text);
  *err = (shukei_error){.status = SHUKEI_OK};
  return SHUKEI_OK;
}

static shukei_status read_folder(struct sk_against *against, const char *path, shukei_error *err)
{
  struct sk_listing listing;
  struct sk_dataset_names names;
  bool any = false;
  sk_listing_init(&listing, against->budget);
  shukei_status st =
      sk_dataset_names_init(&names, path, against->request->source, against->budget, err);
  if (!st)
    st = sk_store_list(path, &listing, err);
  for (size_t i = 0; !st && i < listing.count; i++) {
    const char *const file = listing.items[i].path;
    any |= sk_ends_with(listing.items[i].relative, ".parquet");
    if (wants_file(against, &names, listing.items[i].relative))
      st = pass_over(against, file, sk_against_parquet(against, file, err), err);
  }
  if (!st && !any) {
    st = sk_fail(err, SHUKEI_ENOTFOUND, "%s: holds no summary: no Parquet file lies there", path);
    sk_advise(err, SK_AGAINST_ADVICE);
  }
  sk_dataset_names_reset(&names);
  sk_listing_reset(&listing);
  return st;
}

static shukei_status check_table(void *context, const bool *has, const char *source,
                                 shukei_error *err)
{
  struct sk_against *const against = context;
  if (source) {
    snprintf(against->spelled, sizeof against->spelled, "%s", source);
    against->source = against->spelled;
  }
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
      .any_source = against->looking,
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
    if (sk_ends_with(name, endings[i]))
      return name;
  return NULL;
}

bool sk_against_shared(const char *name)
{
  return sk_sink_is_postgres(name) || sqlite_path(name) ||
         !(sk_ends_with(name, ".csv") || sk_ends_with(name, ".parquet"));
}

shukei_status sk_against_read(struct sk_against *against, shukei_error *err)
{
  const char *const name = against->name, *const database = sqlite_path(name);
  against->source = against->request->source;
  if (sk_sink_is_postgres(name))
    return read_postgres(against, err);
  if (database)
    return sk_against_sqlite(against, database, err);
  if (sk_ends_with(name, ".csv"))
    return read_csv(against, name, err);
  if (sk_ends_with(name, ".parquet"))
    return sk_against_parquet(against, name, err);
  if (sk_ends_with(name, "/") || sk_store_is_folder(name))
    return read_folder(against, name, err);
  const shukei_status st =
      sk_fail(err, SHUKEI_EINVAL, "\"%s\": the name does not tell what to compare with", name);
  sk_advise(err, "name it NAME.csv, NAME.parquet, NAME.db, NAME.sqlite, sqlite:PATH, FOLDER/ or "
                 "postgresql://...");
  return st;
}
