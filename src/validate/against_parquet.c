/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of one Parquet file of the summary. */
#include "validate/against.h"

#include "parquet/parquet.h"
#include "store/store.h"

#define ROWS 1024

struct lane {
  int index; /* of the file's columns; -1 none */
  enum sk_column_kind kind;
  struct sk_column *reader;
  struct sk_intern texts; /* of this column, emptied for each row group */
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
  struct lane *lanes; /* [SK_FOUND_COLUMNS] */
};

static shukei_status find_columns(struct sk_against *against, struct table *table, const char *path,
                                  shukei_error *err)
{
  const struct sk_meta *const meta = sk_file_meta(table->file);
  bool has[SK_FOUND_COLUMNS];
  table->lanes = sk_calloc(against->budget, SK_FOUND_COLUMNS, sizeof *table->lanes);
  if (!table->lanes)
    return sk_fail_memory(err, against->budget, SK_FOUND_COLUMNS * sizeof *table->lanes, "columns");
  for (int c = 0; c < SK_FOUND_COLUMNS; c++) {
    struct lane *const lane = &table->lanes[c];
    lane->index = sk_file_find_column(table->file, sk_found_name(c));
    has[c] = lane->index >= 0;
    lane->kind = has[c] ? sk_column_kind(&meta->columns[lane->index]) : SK_KIND_NULL;
  }
  return sk_against_check(against, path, has, err);
}

static shukei_status read_lane(struct lane *lane, size_t rows, shukei_error *err)
{
  switch (lane->kind) {
  case SK_KIND_NUMBER:
    return sk_column_doubles(lane->reader, rows, lane->numbers, lane->valid, NULL, err);
  case SK_KIND_TIME:
    return sk_column_times(lane->reader, rows, lane->times, lane->valid, err);
  default:
    return sk_column_ids(lane->reader, &lane->texts, rows, lane->ids, err);
  }
}

static struct sk_found_cell cell_of(const struct lane *lane, size_t row)
{
  const double day_us = 86400e6;
  struct sk_found_cell cell = {.text = NULL};
  if (!lane->reader)
    return cell;
  if (lane->kind == SK_KIND_NUMBER || lane->kind == SK_KIND_TIME) {
    cell.is_number = lane->valid[row];
    cell.number =
        lane->kind == SK_KIND_NUMBER ? lane->numbers[row] : (double)lane->times[row] / day_us;
  } else if (lane->ids[row] != SK_NO_ID) {
    const struct sk_intern_entry *const text = sk_intern_at(&lane->texts, lane->ids[row]);
    cell.text = text->bytes;
    cell.length = text->length;
  }
  return cell;
}

static shukei_status open_group(struct sk_against *against, struct table *table, uint32_t group,
                                shukei_error *err)
{
  for (int c = 0; c < SK_FOUND_COLUMNS; c++) {
    struct lane *const lane = &table->lanes[c];
    if (lane->index < 0)
      continue;
    if (!sk_intern_init(&lane->texts, against->budget))
      return sk_fail_memory(err, against->budget, 0, "texts of a summary");
    const shukei_status st = sk_column_open(table->file, group, lane->index, 0, NULL,
                                            against->budget, &lane->reader, err);
    if (st)
      return st;
  }
  return SHUKEI_OK;
}

static shukei_status read_group(struct sk_against *against, struct table *table, uint32_t group,
                                shukei_error *err)
{
  struct sk_found_cell cells[SK_FOUND_COLUMNS];
  int64_t left = sk_file_meta(table->file)->groups[group].row_count;
  shukei_status st = open_group(against, table, group, err);
  while (!st && left > 0) {
    const size_t rows = left < ROWS ? (size_t)left : ROWS;
    for (int c = 0; !st && c < SK_FOUND_COLUMNS; c++)
      if (table->lanes[c].reader)
        st = read_lane(&table->lanes[c], rows, err);
    for (size_t i = 0; !st && i < rows; i++) {
      for (int c = 0; c < SK_FOUND_COLUMNS; c++)
        cells[c] = cell_of(&table->lanes[c], i);
      st = sk_against_row(against, cells, err);
    }
    left -= (int64_t)rows;
  }
  for (int c = 0; c < SK_FOUND_COLUMNS; c++) {
    sk_column_close(table->lanes[c].reader);
    table->lanes[c].reader = NULL;
    sk_intern_reset(&table->lanes[c].texts);
  }
  return st;
}

shukei_status sk_against_parquet(struct sk_against *against, const char *path, shukei_error *err)
{
  struct table table = {.object = NULL};
  shukei_status st = sk_store_open(path, against->budget, &table.object, err);
  if (!st)
    st = sk_file_open(table.object, against->budget, &table.file, err);
  if (!st)
    st = find_columns(against, &table, path, err);
  const uint32_t groups = st ? 0 : sk_file_meta(table.file)->group_count;
  for (uint32_t group = 0; !st && group < groups; group++)
    st = read_group(against, &table, group, err);
  sk_free(table.lanes);
  sk_file_close(table.file);
  sk_object_close(table.object);
  return st;
}
