/* SPDX-License-Identifier: Apache-2.0 */
/* The values of any flat column as texts, in the forms that `cat` prints. A dictionary's entries
 * come again and again, so the table is asked with the entry before as its guess. */
#include "parquet/cell.h"
#include "parquet/column.h"
#include "parquet/values.h"

static shukei_status next_block(struct sk_column *c, struct sk_intern *table,
                                struct sk_buffer *text, const struct sk_block *block, uint32_t *ids,
                                shukei_error *err)
{
  struct sk_slice slices[SK_BLOCK];
  size_t got = 0, used = 0, left = block->present;
  for (size_t i = 0; i < block->rows; i++) {
    const bool present = block->valid ? block->valid[i] : block->present > 0;
    ids[i] = SK_NO_ID;
    if (!present)
      continue;
    if (used == got) {
      const shukei_status st = sk_column_slices(c, left, slices, &got, err);
      if (st)
        return st;
      left -= got;
      used = 0;
    }
    const struct sk_slice slice = slices[used++];
    sk_buffer_clear(text);
    sk_value_text(text, c->meta, slice.bytes, slice.length);
    if (!text->failed)
      ids[i] = sk_intern_next(table, c->previous, text->bytes, text->length);
    if (ids[i] == SK_NO_ID)
      return sk_fail_memory(err, c->budget, slice.length, "a text");
    c->previous = ids[i];
  }
  return SHUKEI_OK;
}

shukei_status sk_column_cells(struct sk_column *column, struct sk_intern *table, size_t cap,
                              uint32_t *ids, shukei_error *err)
{
  struct sk_buffer text;
  shukei_status st = SHUKEI_OK;
  sk_buffer_init(&text, column->budget, INT32_MAX);
  if (column->table != table)
    column->previous = 0;
  column->table = table;
  if (cap > (uint64_t)(column->row_count - column->row))
    st = sk_fail(err, SHUKEI_EINVAL, "%zu rows wanted at row %" PRId64 " of %" PRId64, cap,
                 column->row, column->row_count);
  while (!st && cap) {
    struct sk_block block;
    st = sk_column_block(column, cap, &block, err);
    if (!st)
      st = next_block(column, table, &text, &block, ids, err);
    if (st)
      break;
    ids += block.rows;
    cap -= block.rows;
  }
  sk_buffer_reset(&text);
  return st ? sk_column_context(column, st, err) : SHUKEI_OK;
}
