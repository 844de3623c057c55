/* SPDX-License-Identifier: Apache-2.0 */
/* Parquet reports as plain rows. */
#include "validate/lanes.h"
#include "validate/plain_rows.h"
#include "validate/plain_values.h"

#include <math.h>

struct table {
  struct sk_plain_reading *reading;
  const struct sk_validate_file *file;
  struct sk_lanes lanes;
  const struct sk_plain_column *columns[SK_PLAIN_COLUMNS_MOST]; /* of the lanes */
  unsigned effective;
};

static unsigned effective_of(const struct table *table, const struct sk_plain_column *column)
{
  if (table->file->report != SK_PLAIN_PODS || column->kind != SK_PLAIN_NUMBER)
    return 0;
  return column->slot == SK_N_EFFECTIVE_CPU ? 1 : column->slot == SK_N_EFFECTIVE_MEMORY ? 2 : 0;
}

static void add_column(struct table *table, int index, const struct sk_plain_column *column)
{
  table->columns[table->lanes.count] = column;
  struct sk_lane *const lane = sk_lanes_add(&table->lanes, index);
  lane->texts = table->reading->texts;
  lane->as_text = column->kind == SK_PLAIN_TEXT;
  if (column->kind == SK_PLAIN_NUMBER)
    lane->kind = SK_KIND_NUMBER; /* whose reader says what else it is */
  else if (column->kind == SK_PLAIN_TIME && lane->kind != SK_KIND_TEXT)
    lane->kind = SK_KIND_TIME;
  table->effective |= effective_of(table, column);
}

static shukei_status find_columns(struct table *table, shukei_error *err)
{
  const struct sk_meta *const meta = sk_file_meta(table->lanes.file);
  bool timed = false;
  for (uint32_t i = 0; i < meta->column_count && table->lanes.count < SK_PLAIN_COLUMNS_MOST; i++) {
    const char *const name = meta->columns[i].name;
    const struct sk_plain_column *const column =
        meta->columns[i].flat ? sk_plain_column(table->file->report, name, strlen(name)) : NULL;
    if (!column)
      continue;
    add_column(table, (int)i, column);
    timed |= column->kind == SK_PLAIN_TIME;
  }
  return timed
             ? SHUKEI_OK
             : sk_fail(err, SHUKEI_EFORMAT, "%s: has no column interval_start", table->file->path);
}

static bool time_of(const struct sk_lane *lane, size_t row, int64_t *us)
{
  if (lane->kind != SK_KIND_TEXT) {
    *us = lane->times[row];
    return lane->valid[row];
  }
  const struct sk_intern_entry *const text = sk_lane_text(lane, row);
  return text && sk_plain_time(text->bytes, text->length, us);
}

static const char *fill_row(const struct table *table, size_t at, struct sk_plain_row *row)
{
  bool valid = true;
  *row = (struct sk_plain_row){.at = 0};
  for (size_t i = 0; i < table->lanes.count; i++) {
    const struct sk_lane *const lane = &table->lanes.lanes[i];
    const struct sk_plain_column *const column = table->columns[i];
    if (column->kind == SK_PLAIN_NUMBER) {
      row->numbers[column->slot] = isnan(lane->numbers[at]) ? 0 : lane->numbers[at];
    } else if (column->kind == SK_PLAIN_TEXT) {
      const struct sk_intern_entry *const text = sk_lane_text(lane, at);
      row->texts[column->slot] =
          sk_plain_text(table->reading, text ? text->bytes : "", text ? text->length : 0, &valid);
    } else if (!time_of(lane, at, &row->at)) {
      return "interval_start cannot be read";
    }
  }
  return valid ? NULL : "a text is not UTF-8";
}

static shukei_status take_rows(void *context, int64_t first, size_t rows, shukei_error *err)
{
  const struct table *const table = context;
  struct sk_plain_row row;
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; !st && i < rows; i++) {
    const char *const bad = fill_row(table, i, &row);
    st = bad ? sk_plain_bad_row(table->reading, table->file, (uint64_t)first + i + 1, bad, err)
             : sk_plain_take(table->reading, table->file, &row, table->effective, err);
  }
  return st;
}

shukei_status sk_plain_read_parquet(struct sk_plain_reading *reading,
                                    const struct sk_validate_file *file, shukei_error *err)
{
  struct table table = {.reading = reading, .file = file};
  shukei_status st =
      sk_lanes_open(&table.lanes, file->place, SK_PLAIN_COLUMNS_MOST, reading->budget, err);
  if (!st)
    st = find_columns(&table, err);
  if (!st)
    st = sk_lanes_each(&table.lanes, take_rows, &table, err);
  if (!st)
    reading->bytes_read += sk_object_size(table.lanes.object);
  sk_lanes_close(&table.lanes);
  return st;
}
