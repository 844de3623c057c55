/* SPDX-License-Identifier: Apache-2.0 */
/* Rows in the order in which a statement binds them.
 *
 *   row:  | present 8 | changed 8 | day 4 | cells ... |      cell: | 8 | text ... |
 *
 * Sorted rows share most of their cells with the row above; of the 38 about 10 differ. */
#include "sink/packed_rows.h"

#include "base/bytes.h"
#include "base/calendar.h"
#include "base/same.h"
#include "sink/kinds.h"

#define FIRST_BYTES ((size_t)64 << 10)
#define HEAD_BYTES 20
#define DAY_COLUMNS (UINT64_C(1) << SK_R_usage_start | UINT64_C(1) << SK_R_usage_end)

void sk_packed_rows_init(struct sk_packed_rows *rows, struct sk_budget *budget)
{
  *rows = (struct sk_packed_rows){.budget = budget};
}

void sk_packed_rows_reset(struct sk_packed_rows *rows)
{
  sk_free(rows->bytes);
  sk_packed_rows_init(rows, rows->budget);
}

void sk_packed_rows_clear(struct sk_packed_rows *rows)
{
  rows->length = 0;
}

static bool make_room(struct sk_packed_rows *rows, size_t bytes)
{
  if (bytes <= rows->capacity - rows->length)
    return true;
  size_t capacity = rows->capacity ? rows->capacity * 2 : FIRST_BYTES;
  if (capacity < rows->length + bytes)
    capacity = rows->length + bytes;
  uint8_t *moved = sk_realloc(rows->budget, rows->bytes, capacity);
  if (!moved)
    return false;
  rows->bytes = moved;
  rows->capacity = capacity;
  return true;
}

static bool is_day(int column)
{
  return DAY_COLUMNS >> column & 1;
}

static bool is_same(const struct sk_packed_rows *rows, const struct sk_row *row, int column)
{
  const union sk_cell *cell = &row->cells[column];
  const uint8_t *last = rows->bytes + rows->cells[column];
  if (is_day(column))
    return rows->days[column == SK_R_usage_end] == cell->integer;
  if (SK_TEXT_COLUMNS >> column & 1)
    return sk_le64(last) == cell->text.length &&
           (cell->text.length == 0 || sk_same_bytes(last + 8, cell->text.bytes, cell->text.length));
  if (sk_row_columns[column].kind == SK_ROW_MEASURE)
    return sk_le64(last) == sk_bits_of_double(cell->measure);
  return sk_le64(last) == (uint64_t)cell->integer;
}

static uint8_t *put_text(uint8_t *at, const char *bytes, size_t length)
{
  sk_put_le64(at, length);
  if (length)
    memcpy(at + 8, bytes, length);
  return at + 8 + length;
}

static uint8_t *put_cell(struct sk_packed_rows *rows, uint8_t *at, const struct sk_row *row,
                         int column)
{
  const union sk_cell *cell = &row->cells[column];
  char day[16];
  rows->cells[column] = (size_t)(at - rows->bytes);
  switch (sk_row_columns[column].kind) {
  case SK_ROW_TEXT:
  case SK_ROW_LABELS:
    return put_text(at, cell->text.bytes, cell->text.length);
  case SK_ROW_DAY:
    rows->days[column == SK_R_usage_end] = cell->integer;
    sk_day_text((int32_t)cell->integer, day);
    return put_text(at, day, strlen(day));
  case SK_ROW_MEASURE:
    sk_put_le64(at, sk_bits_of_double(cell->measure));
    break;
  case SK_ROW_INTEGER:
    sk_put_le64(at, (uint64_t)cell->integer);
    break;
  }
  return at + 8;
}

shukei_status sk_packed_rows_add(struct sk_packed_rows *rows, const struct sk_row *row,
                                 shukei_error *err)
{
  size_t most = HEAD_BYTES + SK_ROW_COLUMN_COUNT * (8 + sizeof "YYYY-MM-DD....");
  for (uint64_t left = row->present & SK_TEXT_COLUMNS; left; left &= left - 1)
    most += row->cells[sk_first_column(left)].text.length;
  if (!make_room(rows, most))
    return sk_fail_memory(err, rows->budget, most, "rows for SQLite");
  const bool first = rows->length == 0;
  uint64_t changed =
      first ? (UINT64_C(1) << SK_ROW_COLUMN_COUNT) - 1 : rows->present ^ row->present;
  uint8_t *const head = rows->bytes + rows->length;
  uint8_t *at = head + HEAD_BYTES;
  for (uint64_t left = row->present; left; left &= left - 1) {
    const int c = sk_first_column(left);
    if (!(changed >> c & 1)) {
      if (is_same(rows, row, c))
        continue;
      changed |= UINT64_C(1) << c;
    }
    at = put_cell(rows, at, row, c);
  }
  sk_put_le64(head, row->present);
  sk_put_le64(head + 8, changed);
  sk_put_le32(head + 16, (uint32_t)(int32_t)row->cells[SK_R_usage_start].integer);
  rows->present = row->present;
  rows->length = (size_t)(at - rows->bytes);
  return SHUKEI_OK;
}

void sk_packed_row_read(const uint8_t *at, struct sk_packed_row *row)
{
  row->present = sk_le64(at);
  row->changed = sk_le64(at + 8);
  row->day = (int32_t)sk_le32(at + 16);
  row->cells = at + HEAD_BYTES;
}
