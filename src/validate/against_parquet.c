/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of one Parquet file of the summary. */
#include "validate/against.h"

#include "validate/lanes.h"

struct reading {
  struct sk_against *against;
  struct sk_lanes lanes;
};

static shukei_status find_columns(struct reading *r, const char *path, shukei_error *err)
{
  bool has[SK_FOUND_COLUMNS];
  for (int c = 0; c < SK_FOUND_COLUMNS; c++)
    has[c] =
        sk_lanes_add(&r->lanes, sk_file_find_column(r->lanes.file, sk_found_name(c)))->index >= 0;
  return sk_against_check(r->against, path, has, err);
}

static struct sk_found_cell cell_of(const struct sk_lane *lane, size_t row)
{
  const double day_us = 86400e6;
  struct sk_found_cell cell = {.text = NULL};
  if (!lane->reader)
    return cell;
  if (lane->kind == SK_KIND_NUMBER || lane->kind == SK_KIND_TIME) {
    cell.is_number = lane->valid[row];
    cell.number =
        lane->kind == SK_KIND_NUMBER ? lane->numbers[row] : (double)lane->times[row] / day_us;
    return cell;
  }
  const struct sk_intern_entry *const text = sk_lane_text(lane, row);
  if (text) {
    cell.text = text->bytes;
    cell.length = text->length;
  }
  return cell;
}

static shukei_status take_rows(void *context, int64_t first, size_t rows, shukei_error *err)
{
  struct reading *const r = context;
  struct sk_found_cell cells[SK_FOUND_COLUMNS];
  shukei_status st = SHUKEI_OK;
  (void)first;
  for (size_t i = 0; !st && i < rows; i++) {
    for (int c = 0; c < SK_FOUND_COLUMNS; c++)
      cells[c] = cell_of(&r->lanes.lanes[c], i);
    st = sk_against_row(r->against, cells, err);
  }
  return st;
}

shukei_status sk_against_parquet(struct sk_against *against, const char *path, shukei_error *err)
{
  struct reading reading = {.against = against};
  shukei_status st = sk_lanes_open(&reading.lanes, path, SK_FOUND_COLUMNS, against->budget, err);
  if (!st)
    st = find_columns(&reading, path, err);
  if (!st)
    st = sk_lanes_each(&reading.lanes, take_rows, &reading, err);
  sk_lanes_close(&reading.lanes);
  return st;
}
