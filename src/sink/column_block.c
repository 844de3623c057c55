/* SPDX-License-Identifier: Apache-2.0 */
/* Rows as columns.
 *
 * A block has room for a fixed number of rows; memory for columns that no row has is never touched.
 * A text that is the one above it is not stored again: sorted rows make runs of the same namespace,
 * node and cost. A pod's labels and all its labels are mostly one text at one address, which is
 * then stored once for both columns. */
#include "sink/column_block.h"

#include "base/bytes.h"
#include "base/same.h"
#include "sink/kinds.h"

#define FIRST_HEAP_BYTES ((size_t)16 << 10)
#define FIRST_TEXTS 16u

struct sk_column_block *sk_column_block_new(struct sk_budget *budget)
{
  struct sk_column_block *block = sk_alloc(budget, sizeof *block);
  char *heap = sk_alloc(budget, FIRST_HEAP_BYTES);
  if (!block || !heap) {
    sk_free(block);
    sk_free(heap);
    return NULL;
  }
  block->next = NULL;
  block->budget = budget;
  block->heap = heap;
  block->heap_capacity = FIRST_HEAP_BYTES;
  for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++) {
    block->columns[c].texts = NULL;
    block->columns[c].text_capacity = 0;
  }
  sk_column_block_clear(block);
  return block;
}

void sk_column_block_free(struct sk_column_block *block)
{
  if (!block)
    return;
  for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++)
    sk_free(block->columns[c].texts);
  sk_free(block->heap);
  sk_free(block);
}

void sk_column_block_clear(struct sk_column_block *block)
{
  if (block->heap_capacity > SK_BLOCK_TEXT_BYTES) {
    char *heap = sk_realloc(block->budget, block->heap, FIRST_HEAP_BYTES);
    if (heap) {
      block->heap = heap;
      block->heap_capacity = FIRST_HEAP_BYTES;
    }
  }
  block->rows = 0;
  block->any = 0;
  block->all = UINT64_MAX;
  block->heap_bytes = 0;
  for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++)
    block->columns[c].text_count = 0;
}

bool sk_column_block_open(const struct sk_column_block *block)
{
  return block->rows < SK_BLOCK_ROWS && block->heap_bytes < SK_BLOCK_TEXT_BYTES;
}

/* ---- texts --------------------------------------------------------------------------------- */

static bool grow_heap(struct sk_column_block *block, size_t more)
{
  size_t capacity = block->heap_capacity * 2;
  if (capacity < block->heap_bytes + more)
    capacity = block->heap_bytes + more;
  char *heap = sk_realloc(block->budget, block->heap, capacity);
  if (!heap)
    return false;
  block->heap = heap;
  block->heap_capacity = capacity;
  return true;
}

static bool grow_texts(struct sk_column_block *block, struct sk_block_column *column, uint32_t more)
{
  uint32_t capacity = column->text_capacity ? column->text_capacity * 2 : FIRST_TEXTS;
  while (capacity < column->text_count + more)
    capacity *= 2;
  struct sk_write_text *texts =
      sk_realloc(block->budget, column->texts, capacity * sizeof *column->texts);
  if (!texts)
    return false;
  column->texts = texts;
  column->text_capacity = capacity;
  return true;
}

/* Adds a text to a column; `same` is one of another column that has these bytes, or NULL. */
static bool add_text(struct sk_column_block *block, struct sk_block_column *column,
                     const struct sk_text *text, const struct sk_write_text *same)
{
  const uint32_t count = column->text_count;
  const struct sk_write_text *last = count ? &column->texts[count - 1] : NULL;
  if (last && last->length == text->length &&
      (text->length == 0 || sk_same_bytes(block->heap + last->at, text->bytes, text->length))) {
    column->ids[block->rows] = count - 1;
    return true;
  }
  const struct sk_write_text added =
      same ? *same : (struct sk_write_text){(uint32_t)block->heap_bytes, text->length};
  if (count == column->text_capacity && !grow_texts(block, column, 1))
    return false;
  if (!same && text->length) {
    if (text->length > block->heap_capacity - block->heap_bytes && !grow_heap(block, text->length))
      return false;
    memcpy(block->heap + block->heap_bytes, text->bytes, text->length);
    block->heap_bytes += text->length;
  }
  column->texts[count] = added;
  column->text_count++;
  column->ids[block->rows] = count;
  return true;
}

static const struct sk_write_text *pod_labels(const struct sk_column_block *block)
{
  const struct sk_block_column *column = &block->columns[SK_R_pod_labels];
  return &column->texts[column->ids[block->rows]];
}

/* ---- rows ---------------------------------------------------------------------------------- */

static bool add_texts(struct sk_column_block *block, const struct sk_row *row)
{
  const struct sk_text *pod =
      sk_row_has(row, SK_R_pod_labels) ? &row->cells[SK_R_pod_labels].text : NULL;
  for (uint64_t left = row->present & SK_TEXT_COLUMNS; left; left &= left - 1) {
    const int c = sk_first_column(left);
    const struct sk_text *text = &row->cells[c].text;
    const bool same =
        c == SK_R_all_labels && pod && pod->bytes == text->bytes && pod->length == text->length;
    if (!add_text(block, &block->columns[c], text, same ? pod_labels(block) : NULL))
      return false;
  }
  return true;
}

shukei_status sk_column_block_add(struct sk_column_block *block, const struct sk_row *row,
                                  shukei_error *err)
{
  const uint32_t at = block->rows;
  uint64_t bytes = 0;
  for (uint64_t left = row->present & SK_TEXT_COLUMNS; left; left &= left - 1)
    bytes += row->cells[sk_first_column(left)].text.length;
  if (bytes > INT32_MAX)
    return sk_fail(err, SHUKEI_EUNSUPPORTED, "a row of %" PRIu64 " bytes of text", bytes);
  if (!add_texts(block, row))
    return sk_fail_memory(err, block->budget, bytes, "rows for Parquet");
  for (uint64_t left = row->present & ~SK_TEXT_COLUMNS; left; left &= left - 1) {
    const int c = sk_first_column(left);
    const union sk_cell *cell = &row->cells[c];
    block->columns[c].words[at] = sk_row_columns[c].kind == SK_ROW_MEASURE
                                      ? sk_bits_of_double(cell->measure)
                                      : (uint64_t)cell->integer;
  }
  block->present[at] = row->present;
  block->ends[at] = (at ? block->ends[at - 1] : 0) + bytes;
  block->any |= row->present;
  block->all &= row->present;
  block->rows++;
  return SHUKEI_OK;
}

bool sk_column_block_fits(const struct sk_column_block *into, const struct sk_column_block *from)
{
  return into->rows + from->rows <= SK_BLOCK_ROWS &&
         into->heap_bytes + from->heap_bytes <= SK_BLOCK_TEXT_BYTES;
}

static bool join_texts(struct sk_column_block *into, const struct sk_column_block *from, int c)
{
  struct sk_block_column *to = &into->columns[c];
  const struct sk_block_column *column = &from->columns[c];
  const uint32_t base = to->text_count;
  if (column->text_count > to->text_capacity - base && !grow_texts(into, to, column->text_count))
    return false;
  for (uint32_t i = 0; i < column->text_count; i++)
    to->texts[base + i] = (struct sk_write_text){column->texts[i].at + (uint32_t)into->heap_bytes,
                                                 column->texts[i].length};
  for (uint32_t i = 0; i < from->rows; i++)
    if (from->present[i] >> c & 1)
      to->ids[into->rows + i] = column->ids[i] + base;
  to->text_count += column->text_count;
  return true;
}

bool sk_column_block_join(struct sk_column_block *into, const struct sk_column_block *from)
{
  const uint64_t end = into->rows ? into->ends[into->rows - 1] : 0;
  const size_t room = into->heap_capacity - into->heap_bytes;
  if (from->heap_bytes > room && !grow_heap(into, from->heap_bytes))
    return false;
  for (uint64_t left = from->any; left; left &= left - 1) {
    const int c = sk_first_column(left);
    if (!(SK_TEXT_COLUMNS >> c & 1))
      memcpy(into->columns[c].words + into->rows, from->columns[c].words,
             from->rows * sizeof(uint64_t));
    else if (!join_texts(into, from, c))
      return false;
  }
  memcpy(into->heap + into->heap_bytes, from->heap, from->heap_bytes);
  memcpy(into->present + into->rows, from->present, from->rows * sizeof *from->present);
  for (uint32_t i = 0; i < from->rows; i++)
    into->ends[into->rows + i] = end + from->ends[i];
  into->heap_bytes += from->heap_bytes;
  into->rows += from->rows;
  into->any |= from->any;
  into->all &= from->all;
  return true;
}

void sk_column_block_slices(const struct sk_column_block *block, uint32_t first, uint32_t end,
                            struct sk_write_slice slices[SK_ROW_COLUMN_COUNT])
{
  const bool empty = first == end;
  for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++) {
    const struct sk_block_column *column = &block->columns[c];
    struct sk_write_slice *slice = &slices[c];
    *slice = (struct sk_write_slice){.none = empty || !(block->any >> c & 1), .bit = (uint8_t)c};
    if (slice->none)
      continue;
    slice->present = block->all >> c & 1 ? NULL : block->present + first;
    if (SK_TEXT_COLUMNS >> c & 1) {
      slice->ids = column->ids + first;
      slice->texts = column->texts;
      slice->bytes = block->heap;
    } else {
      slice->words = column->words + first;
    }
  }
}
