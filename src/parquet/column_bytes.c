/* SPDX-License-Identifier: Apache-2.0 */
/* Booleans and texts of a column, as they are: nothing is interned. Block by block as column_values.c:
 * present values packed at the front, then spread apart where there are nulls. */
#include "parquet/column.h"
#include "parquet/values.h"

static shukei_status check_call(const struct sk_column *c, bool fits, const char *wanted,
                                size_t cap, shukei_error *err)
{
  if (!fits && c->kind != SK_KIND_NULL)
    return sk_fail(err, SHUKEI_EFORMAT, "holds %s (%s), expected %s", sk_type_name(c->meta->type),
                   sk_logical_name(c->meta->logical), wanted);
  if (cap > (uint64_t)(c->row_count - c->row))
    return sk_fail(err, SHUKEI_EINVAL, "%zu rows wanted at row %" PRId64 " of %" PRId64, cap,
                   c->row, c->row_count);
  return SHUKEI_OK;
}

static bool present_at(const struct sk_block *block, size_t row)
{
  return block->valid ? block->valid[row] : block->present > 0;
}

/* ---- booleans ---- */

static shukei_status boolean_block(struct sk_column *c, const struct sk_block *block,
                                   uint8_t *values, uint8_t *valid, shukei_error *err)
{
  struct sk_slice slices[SK_BLOCK];
  size_t left = block->present, got = 0, used = 0;
  for (size_t i = 0; i < block->rows; i++) {
    const bool present = present_at(block, i);
    if (present && used == got) {
      const shukei_status st = sk_column_slices(c, left, slices, &got, err);
      if (st)
        return st;
      left -= got;
      used = 0;
    }
    values[i] = present ? slices[used++].bytes[0] : 0;
    if (valid)
      valid[i] = present;
  }
  return SHUKEI_OK;
}

shukei_status sk_column_booleans(struct sk_column *column, size_t cap, uint8_t *values,
                                 uint8_t *valid, shukei_error *err)
{
  shukei_status st =
      check_call(column, column->meta->type == SK_TYPE_BOOLEAN, "booleans", cap, err);
  while (!st && cap) {
    struct sk_block block;
    st = sk_column_block(column, cap, &block, err);
    if (!st)
      st = boolean_block(column, &block, values, valid, err);
    if (st)
      break;
    values += block.rows;
    valid = valid ? valid + block.rows : NULL;
    cap -= block.rows;
  }
  return st ? sk_column_context(column, st, err) : SHUKEI_OK;
}

/* ---- texts ---- */

/* Copies n texts into the arena, one behind the other. */
static shukei_status keep(struct sk_column *c, struct sk_slice *texts, size_t n,
                          struct sk_arena *arena, shukei_error *err)
{
  size_t bytes = 0;
  for (size_t i = 0; i < n; i++)
    bytes += texts[i].length;
  uint8_t *at = sk_arena_bytes(arena, bytes + 1); /* an empty text is not NULL */
  if (!at)
    return sk_fail_memory(err, c->budget, bytes, "texts");
  for (size_t i = 0; i < n; i++) {
    if (texts[i].length)
      memcpy(at, texts[i].bytes, texts[i].length);
    texts[i].bytes = at;
    at += texts[i].length;
  }
  return SHUKEI_OK;
}

static void spread(const struct sk_block *block, struct sk_slice *texts)
{
  size_t from = block->present;
  for (size_t i = block->rows; i-- > 0;)
    texts[i] = present_at(block, i) ? texts[--from] : (struct sk_slice){NULL, 0};
}

static shukei_status text_block(struct sk_column *c, const struct sk_block *block,
                                struct sk_slice *texts, struct sk_arena *arena, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t done = 0, got = 0; !st && done < block->present; done += got) {
    st = sk_column_slices(c, block->present - done, texts + done, &got, err);
    if (!st && !sk_column_coded(c))
      st = keep(c, texts + done, got, arena, err);
  }
  if (!st && block->present < block->rows)
    spread(block, texts);
  return st;
}

shukei_status sk_column_texts(struct sk_column *column, size_t cap, struct sk_slice *texts,
                              struct sk_arena *arena, shukei_error *err)
{
  const enum sk_type type = column->meta->type;
  const bool fits = type == SK_TYPE_BYTE_ARRAY || type == SK_TYPE_FIXED_LEN_BYTE_ARRAY;
  shukei_status st = check_call(column, fits, "texts", cap, err);
  while (!st && cap) {
    struct sk_block block;
    st = sk_column_block(column, cap, &block, err);
    if (!st)
      st = text_block(column, &block, texts, arena, err);
    if (st)
      break;
    texts += block.rows;
    cap -= block.rows;
  }
  return st ? sk_column_context(column, st, err) : SHUKEI_OK;
}
