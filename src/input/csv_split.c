/* SPDX-License-Identifier: Apache-2.0 */
/* The marks of csv_scan.c are found for some kilobytes ahead; a cell then ends at the next mark that
 * is no quote, unless it begins with one. A quoted cell without quotes inside is given as the text
 * between them, any other as it stands and marked: few are ever looked at. */
#include "input/csv_split.h"
#include "input/csv_scan.h"

#include <string.h>

#define SCAN_BYTES ((size_t)16 << 10)

bool sk_csv_split_init(struct sk_csv_split *split, uint32_t columns, const uint32_t *slots,
                       uint32_t slot_count, struct sk_budget *budget)
{
  memset(split, 0, sizeof *split);
  split->budget = budget;
  split->columns = columns;
  split->slots = slots;
  split->slot_count = slot_count;
  split->cells =
      sk_calloc(budget, ((size_t)slot_count + 1) * SK_SPLIT_STRIDE, sizeof *split->cells);
  split->marks = sk_alloc(budget, (SCAN_BYTES + 1) * sizeof *split->marks);
  if (split->cells && split->marks)
    return true;
  sk_csv_split_reset(split);
  return false;
}

void sk_csv_split_reset(struct sk_csv_split *split)
{
  sk_free(split->cells);
  sk_free(split->marks);
  split->cells = NULL;
  split->marks = NULL;
}

void sk_csv_split_begin(struct sk_csv_split *split, uint8_t *bytes, size_t length, bool open_end)
{
  bytes[length] = '\n'; /* ends the last record of a file that lacks it */
  split->bytes = bytes;
  split->length = length;
  split->at = split->scanned = 0;
  split->mark = split->mark_count = 0;
  split->line = 0;
  split->rows = 0;
  split->open_end = open_end;
  split->last_row_open = false;
}

/* The next mark; at the end of the block its length, again and again. */
static inline uint32_t next_mark(struct sk_csv_split *split)
{
  while (split->mark == split->mark_count) {
    if (split->scanned == split->length)
      return (uint32_t)split->length;
    const size_t left = split->length - split->scanned;
    const size_t to = split->scanned + (left < SCAN_BYTES ? left : SCAN_BYTES);
    split->mark_count = sk_csv_marks(split->bytes, split->scanned, to, split->marks);
    split->scanned = to;
    split->mark = 0;
  }
  return split->marks[split->mark++];
}

/* The next mark that is no quote: the end of an unquoted cell. */
static inline uint32_t next_end(struct sk_csv_split *split)
{
  uint32_t mark = next_mark(split);
  while (split->bytes[mark] == '"')
    mark = next_mark(split);
  return mark;
}

/* A cell whose first byte is a quote. Returns the mark that ends it. */
static uint32_t quoted_cell(struct sk_csv_split *split, struct sk_csv_cell *cell)
{
  const uint8_t *bytes = split->bytes;
  const uint32_t open = next_mark(split); /* the quote itself */
  bool doubled = false;
  uint32_t close;
  for (;;) {
    close = next_mark(split);
    if (close == split->length) { /* cut off inside of the quotes */
      *cell = (struct sk_csv_cell){open, (close - open) | SK_CELL_QUOTED};
      return close;
    }
    if (bytes[close] != '"')
      continue;
    if (bytes[close + 1] != '"' || close + 1 == split->length)
      break;
    next_mark(split);
    doubled = true;
  }
  const uint32_t end = next_end(split);
  if (doubled || end != close + 1)
    *cell = (struct sk_csv_cell){open, (end - open) | SK_CELL_QUOTED};
  else
    *cell = (struct sk_csv_cell){open + 1, close - open - 1};
  return end;
}

/* One record into row `row`; false where it is a blank line. */
static inline bool next_row(struct sk_csv_split *split, uint32_t row)
{
  const uint8_t *bytes = split->bytes;
  const uint32_t first = (uint32_t)split->at;
  uint32_t at = first, cells = 0, end;
  for (;;) {
    struct sk_csv_cell cell;
    if (bytes[at] == '"' && at < split->length) {
      end = quoted_cell(split, &cell);
    } else {
      end = next_end(split);
      cell = (struct sk_csv_cell){at, end - at};
    }
    if (cells < split->columns)
      split->cells[(size_t)split->slots[cells] * SK_SPLIT_STRIDE + row] = cell;
    cells++;
    at = end + 1;
    if (bytes[end] != ',' || end == split->length)
      break;
  }
  if (end < split->length && bytes[end] == '\r' && at < split->length && bytes[at] == '\n') {
    next_mark(split);
    at++;
  }
  split->at = at;
  split->row_cells[row] = cells;
  split->row_line[row] = split->line++;
  split->row_at[row] = first;
  split->row_end[row] = end;
  return end > first;
}

uint32_t sk_csv_split_next(struct sk_csv_split *split)
{
  uint32_t row = 0;
  while (row < SK_SPLIT_ROWS && split->at < split->length)
    row += next_row(split, row);
  split->rows = row;
  if (split->at < split->length || row == 0)
    split->last_row_open = false;
  else
    split->last_row_open = split->open_end;
  return row;
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
