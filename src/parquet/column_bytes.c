/* SPDX-License-Identifier: Apache-2.0 */
/* Booleans and texts of a column, as they are: nothing is interned. Block by block as
 * column_values.c: present values packed at the front, then spread apart where there are nulls. */
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

/* ---- booleans ---- */

static shukei_status boolean_block(struct sk_column *c, const struct sk_block *block,
                                   uint8_t *values, shukei_error *err)
{
  for (size_t done = 0, got = 0; done < block->present; done += got) {
    const uint8_t *raw = NULL;
    const shukei_status st = sk_page_fixed(&c->page, block->present - done, &raw, &got, err);
    if (st)
      return st;
    memcpy(values + done, raw, got);
  }
  if (block->present == 0)
    memset(values, 0, block->rows);
  size_t from = block->present;
  for (size_t i = block->valid ? block->rows : 0; i-- > 0;) {
    from -= block->valid[i];
    values[i] = values[from] & block->valid[i];
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
      st = boolean_block(column, &block, values, err);
    if (st)
      break;
    values += block.rows;
    if (valid) {
      sk_block_valid(&block, valid);
      valid += block.rows;
    }
    cap -= block.rows;
  }
  return st ? sk_column_context(column, st, err) : SHUKEI_OK;
}

/* ---- texts ---- */

/* Copies n texts into the arena, one behind the other; a null stays one. */
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
    if (!texts[i].bytes)
      continue;
    memcpy(at, texts[i].bytes, texts[i].length);
    texts[i].bytes = at;
    at += texts[i].length;
  }
  return SHUKEI_OK;
}

/* Whether the present page's texts stay where they are as long as it is open. */
static bool lie_in_page(const struct sk_column *c)
{
  return c->page.encoding == SK_ENCODING_PLAIN ||
         c->page.encoding == SK_ENCODING_DELTA_LENGTH_BYTE_ARRAY;
}

static void spread(const struct sk_block *block, struct sk_slice *texts)
{
  size_t from = block->present;
  for (size_t i = block->rows; i-- > 0;)
    texts[i] = block->valid && block->valid[i] ? texts[--from] : (struct sk_slice){NULL, 0};
}

static shukei_status text_block(struct sk_column *c, const struct sk_block *block,
                                struct sk_slice *texts, struct sk_arena *arena, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t done = 0, got = 0; !st && done < block->present; done += got) {
    st = sk_column_slices(c, block->present - done, texts + done, &got, err);
    if (!st && !sk_column_coded(c) && !lie_in_page(c))
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
  struct sk_slice *of_page = texts; /* from here on they may lie in the present page */
  shukei_status st = check_call(column, fits, "texts", cap, err);
  while (!st && cap) {
    struct sk_block block;
    if (!column->page_open) { /* another page is going to take its place */
      if (texts > of_page)
        st = keep(column, of_page, (size_t)(texts - of_page), arena, err);
      of_page = texts;
    }
    if (!st)
      st = sk_column_block(column, cap, &block, err);
    if (!st)
      st = text_block(column, &block, texts, arena, err);
    if (st)
      break;
    texts += block.rows;
    cap -= block.rows;
    if (!lie_in_page(column))
      of_page = texts;
  }
  return st ? sk_column_context(column, st, err) : SHUKEI_OK;
}
