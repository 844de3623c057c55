/* SPDX-License-Identifier: Apache-2.0 */
/* Parquet reports as plain rows: each column of a row group is read by itself, a few thousand rows at a
 * time. */
#include "validate/plain_rows.h"
#include "validate/plain_values.h"

#include "parquet/parquet.h"
#include "store/store.h"

#include <math.h>

#define ROWS 2048

struct lane { /* one column of the rows at hand */
  const struct sk_plain_column *column;
  int index;
  enum sk_column_kind kind;
  struct sk_column *reader;
  union {
    uint32_t ids[ROWS];
    double numbers[ROWS];
    int64_t times[ROWS];
  };
  uint8_t valid[ROWS];
};

struct table {
  struct sk_object *object;
  struct sk_file *file;
  struct lane *lanes;
  size_t count;
  unsigned effective;
};

static shukei_status find_columns(struct table *table, const struct sk_validate_file *file,
                                  struct sk_budget *budget, shukei_error *err)
{
  const struct sk_meta *const meta = sk_file_meta(table->file);
  bool timed = false;
  table->lanes = sk_calloc(budget, SK_PLAIN_COLUMNS_MOST, sizeof *table->lanes);
  if (!table->lanes)
    return sk_fail_memory(err, budget, SK_PLAIN_COLUMNS_MOST * sizeof *table->lanes, "columns");
  for (uint32_t i = 0; i < meta->column_count && table->count < SK_PLAIN_COLUMNS_MOST; i++) {
    const char *const name = meta->columns[i].name;
    const struct sk_plain_column *const column =
        meta->columns[i].flat ? sk_plain_column(file->report, name, strlen(name)) : NULL;
    if (!column)
      continue;
    struct lane *const lane = &table->lanes[table->count++];
    lane->column = column;
    lane->index = (int)i;
    lane->kind = sk_column_kind(&meta->columns[i]);
    timed |= column->kind == SK_PLAIN_TIME;
    if (file->report == SK_PLAIN_PODS && column->kind == SK_PLAIN_NUMBER)
      table->effective |= column->slot == SK_N_EFFECTIVE_CPU      ? 1u
                          : column->slot == SK_N_EFFECTIVE_MEMORY ? 2u
                                                                  : 0u;
  }
  return timed ? SHUKEI_OK
               : sk_fail(err, SHUKEI_EFORMAT, "%s: has no column interval_start", file->path);
}

static shukei_status read_lane(struct lane *lane, struct sk_intern *texts, size_t rows,
                               shukei_error *err)
{
  if (lane->column->kind == SK_PLAIN_NUMBER)
    return sk_column_doubles(lane->reader, rows, lane->numbers, lane->valid, NULL, err);
  if (lane->column->kind == SK_PLAIN_TIME && lane->kind != SK_KIND_TEXT)
    return sk_column_times(lane->reader, rows, lane->times, lane->valid, err);
  return sk_column_ids(lane->reader, texts, rows, lane->ids, err);
}

static bool time_of(const struct lane *lane, const struct sk_intern *texts, size_t row, int64_t *us)
{
  if (lane->kind != SK_KIND_TEXT) {
    *us = lane->times[row];
    return lane->valid[row];
  }
  if (lane->ids[row] == SK_NO_ID)
    return false;
  const struct sk_intern_entry *const text = sk_intern_at(texts, lane->ids[row]);
  return sk_plain_time(text->bytes, text->length, us);
}

static const char *fill_row(struct sk_plain_reading *reading, const struct table *table, size_t at,
                            struct sk_plain_row *row)
{
  bool valid = true;
  *row = (struct sk_plain_row){.at = 0};
  for (size_t i = 0; i < table->count; i++) {
    const struct lane *const lane = &table->lanes[i];
    const int slot = lane->column->slot;
    if (lane->column->kind == SK_PLAIN_NUMBER) {
      row->numbers[slot] = isnan(lane->numbers[at]) ? 0 : lane->numbers[at];
    } else if (lane->column->kind == SK_PLAIN_TEXT) {
      const uint32_t id = lane->ids[at] == SK_NO_ID ? 0 : lane->ids[at];
      const struct sk_intern_entry *const text = sk_intern_at(reading->texts, id);
      row->texts[slot] = sk_plain_text(reading, text->bytes, text->length, &valid);
    } else if (!time_of(lane, reading->texts, at, &row->at)) {
      return "interval_start cannot be read";
    }
  }
  return valid ? NULL : "a text is not UTF-8";
}

static shukei_status take_rows(struct sk_plain_reading *reading, const struct table *table,
                               const struct sk_validate_file *file, int64_t first, size_t rows,
                               shukei_error *err)
{
  struct sk_plain_row row;
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; !st && i < rows; i++) {
    const char *const bad = fill_row(reading, table, i, &row);
    st = bad ? sk_plain_bad_row(reading, file, (uint64_t)first + i + 1, bad, err)
             : sk_plain_take(reading, file, &row, table->effective, err);
  }
  return st;
}

static shukei_status read_group(struct sk_plain_reading *reading, struct table *table,
                                const struct sk_validate_file *file, uint32_t group,
                                shukei_error *err)
{
  const struct sk_group_meta *const meta = &sk_file_meta(table->file)->groups[group];
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; !st && i < table->count; i++)
    st = sk_column_open(table->file, group, table->lanes[i].index, 0, NULL, reading->budget,
                        &table->lanes[i].reader, err);
  for (int64_t done = 0; !st && done < meta->row_count;) {
    const int64_t left = meta->row_count - done;
    const size_t rows = left < ROWS ? (size_t)left : ROWS;
    for (size_t i = 0; !st && i < table->count; i++)
      st = read_lane(&table->lanes[i], reading->texts, rows, err);
    if (!st)
      st = take_rows(reading, table, file, meta->first_row + done, rows, err);
    done += (int64_t)rows;
  }
  for (size_t i = 0; i < table->count; i++) {
    sk_column_close(table->lanes[i].reader);
    table->lanes[i].reader = NULL;
  }
  return st;
}

shukei_status sk_plain_read_parquet(struct sk_plain_reading *reading,
                                    const struct sk_validate_file *file, shukei_error *err)
{
  struct table table = {.count = 0};
  shukei_status st = sk_store_open(file->place, reading->budget, &table.object, err);
  if (!st)
    st = sk_file_open(table.object, reading->budget, &table.file, err);
  if (!st)
    st = find_columns(&table, file, reading->budget, err);
  const uint32_t groups = st ? 0 : sk_file_meta(table.file)->group_count;
  for (uint32_t group = 0; !st && group < groups; group++)
    st = read_group(reading, &table, file, group, err);
  if (!st)
    reading->bytes_read += sk_object_size(table.object);
  sk_free(table.lanes);
  sk_file_close(table.file);
  sk_object_close(table.object);
  return st;
}
