/* SPDX-License-Identifier: Apache-2.0 */
/* The marks of csv_scan.c are found for some kilobytes ahead, from the beginning of a record on. A
 * record that ends within them is cut by looking at the marks alone, without any byte of it: the
 * k-th cell lies between marks k - 1 and k, and columns that nobody reads cost nothing. Only where
 * there are quotes in sight are the first bytes of cells looked at. The record that the stretch
 * cuts off is scanned again as the first of the next: 1.5 % of the bytes of a pod report, for no
 * state in between.
 *
 * A record that is longer than a stretch, or whose quotes are odd, is cut byte by byte. */
#include "input/csv_split.h"

#include <string.h>

#define SCAN_BYTES ((size_t)16 << 10)

bool sk_csv_split_init(struct sk_csv_split *split, uint32_t columns, const uint32_t *slots,
                       uint32_t slot_count, struct sk_budget *budget)
{
  const size_t room = SCAN_BYTES + SK_CSV_MARKS_SLACK;
  memset(split, 0, sizeof *split);
  split->budget = budget;
  split->columns = columns;
  split->takes = sk_alloc(budget, ((size_t)columns + 1) * sizeof *split->takes);
  split->cells =
      sk_calloc(budget, ((size_t)slot_count + 1) * SK_SPLIT_STRIDE, sizeof *split->cells);
  split->marks.places = sk_alloc(budget, (room + 1) * sizeof *split->marks.places);
  split->marks.ends = sk_alloc(budget, room * sizeof *split->marks.ends);
  if (!split->takes || !split->cells || !split->marks.places || !split->marks.ends) {
    sk_free(split->marks.places);
    split->marks.places = NULL;
    sk_csv_split_reset(split);
    return false;
  }
  split->marks.places++; /* there is one before the first, see take_cells() */
  for (uint32_t i = 0; i < columns; i++)
    if (slots[i] < slot_count)
      split->takes[split->take_count++] = (struct sk_csv_take){i, slots[i]};
  return true;
}

void sk_csv_split_reset(struct sk_csv_split *split)
{
  sk_free(split->takes);
  sk_free(split->cells);
  sk_free(split->marks.places ? split->marks.places - 1 : NULL);
  sk_free(split->marks.ends);
  split->takes = NULL;
  split->cells = NULL;
  split->marks.places = split->marks.ends = NULL;
}

void sk_csv_split_begin(struct sk_csv_split *split, uint8_t *bytes, size_t length, bool open_end)
{
  bytes[length] = '\n'; /* ends the last record of a file that lacks it */
  split->bytes = bytes;
  split->length = length;
  split->at = 0;
  split->mark = split->end = split->marks.end_count = 0;
  split->line = 0;
  split->rows = 0;
  split->open_end = open_end;
  split->last_row_open = false;
}

/* ---- by marks -------------------------------------------------------------------------------- */

/* Finds the marks of what follows; false where no record ends within them. */
static bool look_ahead(struct sk_csv_split *split)
{
  const size_t all = split->length + split->open_end, left = all - split->at;
  const size_t to = left < SCAN_BYTES ? all : split->at + SCAN_BYTES;
  sk_csv_find_marks(split->bytes, split->at, to, &split->marks);
  split->mark = split->end = 0;
  return split->marks.end_count > 0;
}

/* A cell in its quotes, in the plain form. */
static struct sk_csv_cell quoted_cell(const uint8_t *bytes, uint32_t at, uint32_t length)
{
  if (memchr(bytes + at + 1, '"', length - 2))
    return (struct sk_csv_cell){at, length | SK_CELL_QUOTED};
  return (struct sk_csv_cell){at + 1, length - 2};
}

/* The cells of a record of the right size, whose marks are ends[0 .. columns). ends[-1] is written:
 * it belongs to the record before. */
static inline void take_cells(struct sk_csv_split *split, uint32_t row, uint32_t *ends)
{
  struct sk_csv_cell *cells = split->cells + row;
  ends[-1] = (uint32_t)split->at - 1;
  for (uint32_t i = 0; i < split->take_count; i++) {
    const struct sk_csv_take take = split->takes[i];
    const uint32_t at = ends[(ptrdiff_t)take.column - 1] + 1;
    cells[(size_t)take.slot * SK_SPLIT_STRIDE] = (struct sk_csv_cell){at, ends[take.column] - at};
  }
  if (!split->marks.quotes)
    return;
  for (uint32_t i = 0; i < split->take_count; i++) {
    struct sk_csv_cell *cell = &cells[(size_t)split->takes[i].slot * SK_SPLIT_STRIDE];
    if (cell->length && split->bytes[cell->at] == '"')
      *cell = quoted_cell(split->bytes, cell->at, cell->length);
  }
}

/* The next record of those that the marks know; false where it is a blank line. */
static inline bool known_row(struct sk_csv_split *split, uint32_t row)
{
  uint32_t *ends = split->marks.places + split->mark;
  const uint32_t last = split->marks.ends[split->end++];
  const uint32_t cells = last + 1 - (uint32_t)split->mark;
  const uint32_t first = (uint32_t)split->at, end = ends[cells - 1];
  if (cells == split->columns)
    take_cells(split, row, ends);
  split->mark = last + 1;
  split->at = end + 1;
  if (split->bytes[end] == '\r' && split->at < split->length && split->bytes[split->at] == '\n')
    split->at++;
  split->row_cells[row] = cells;
  split->row_line[row] = split->line++;
  split->row_at[row] = first;
  split->row_end[row] = end;
  return end > first;
}

/* ---- byte by byte ---------------------------------------------------------------------------- */

/* Where an unquoted stretch of a cell ends: at the next comma or line end, or the end of the
 * block. */
static uint32_t next_end(const struct sk_csv_split *split, size_t at)
{
  while (at < split->length && split->bytes[at] != ',' && split->bytes[at] != '\n' &&
         split->bytes[at] != '\r')
    at++;
  return (uint32_t)at;
}

/* A cell whose first byte, at `open`, is a quote. Returns where it ends. */
static uint32_t any_quoted_cell(const struct sk_csv_split *split, uint32_t open,
                                struct sk_csv_cell *cell)
{
  const uint8_t *bytes = split->bytes;
  size_t close = open + 1;
  bool doubled = false;
  for (; close < split->length; close++) {
    if (bytes[close] != '"')
      continue;
    if (bytes[close + 1] != '"' || close + 1 == split->length)
      break;
    close++;
    doubled = true;
  }
  const uint32_t end = close < split->length ? next_end(split, close + 1) : (uint32_t)split->length;
  if (doubled || end != close + 1)
    *cell = (struct sk_csv_cell){open, (end - open) | SK_CELL_QUOTED};
  else
    *cell = (struct sk_csv_cell){open + 1, (uint32_t)close - open - 1};
  return end;
}

/* One record of any form; false where it is a blank line. */
static bool any_row(struct sk_csv_split *split, uint32_t row)
{
  const uint8_t *bytes = split->bytes;
  const uint32_t first = (uint32_t)split->at;
  uint32_t at = first, cells = 0, taken = 0, end;
  for (;;) {
    struct sk_csv_cell cell;
    if (at < split->length && bytes[at] == '"') {
      end = any_quoted_cell(split, at, &cell);
    } else {
      end = next_end(split, at);
      cell = (struct sk_csv_cell){at, end - at};
    }
    if (taken < split->take_count && split->takes[taken].column == cells)
      split->cells[(size_t)split->takes[taken++].slot * SK_SPLIT_STRIDE + row] = cell;
    cells++;
    at = end + 1;
    if (end == split->length || bytes[end] != ',')
      break;
  }
  if (end < split->length && bytes[end] == '\r' && at < split->length && bytes[at] == '\n')
    at++;
  split->at = at;
  split->row_cells[row] = cells;
  split->row_line[row] = split->line++;
  split->row_at[row] = first;
  split->row_end[row] = end;
  split->mark = split->end = split->marks.end_count = 0;
  return end > first;
}

uint32_t sk_csv_split_next(struct sk_csv_split *split)
{
  uint32_t row = 0;
  while (row < SK_SPLIT_ROWS && split->at < split->length) {
    if (split->end < split->marks.end_count || look_ahead(split))
      row += known_row(split, row);
    else
      row += any_row(split, row);
  }
  split->rows = row;
  if (split->at < split->length || row == 0)
    split->last_row_open = false;
  else
    split->last_row_open = split->open_end;
  return row;
}

bool sk_csv_repeats(const struct sk_csv_split *split, uint32_t slot, const uint32_t *row,
                    uint32_t count)
{
  const struct sk_csv_cell *cells = sk_csv_slot(split, slot);
  uint32_t same = 0;
  for (uint32_t i = 1; i <= 3; i++) {
    const uint32_t k = count / 4 * i;
    same += k > 0 && sk_csv_same_cells(split, cells[row[k]], cells[row[k - 1]]);
  }
  return same == 3;
}

bool sk_csv_unquote(const uint8_t *cell, size_t length, struct sk_buffer *out)
{
  sk_buffer_clear(out);
  if (!sk_buffer_reserve(out, length))
    return false;
  bool inside = true;
  for (size_t i = 1; i < length; i++) {
    if (inside && cell[i] == '"') {
      if (i + 1 < length && cell[i + 1] == '"')
        i++;
      else {
        inside = false; /* what follows is ordinary, quotes too */
        continue;
      }
    }
    out->bytes[out->length++] = cell[i];
  }
  return true;
}
