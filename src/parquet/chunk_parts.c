/* SPDX-License-Identifier: Apache-2.0 */
/* A page of rows that come in parts: the way of the summary's own files, where the rows are there
 * as columns before the writer sees them, and everything, interning too, is done by the thread that
 * has the column.
 *
 * Texts that never come back cost a look-up, a code and a place in the dictionary, and gain
 * nothing. So a column may be plain from the start (uuids), or become it: labels come back from day
 * to day, not within one, and a row group that holds but one day of a large cluster has none twice.
 * A dictionary is given up as soon as it is large and a page adds more texts than it repeats; small
 * clusters keep theirs, which then serves many days. The rule looks at the rows only. */
#include "parquet/chunk_write.h"

#include "base/bytes.h"

#include <string.h>

static bool is_there(const struct sk_write_slice *slice, size_t row)
{
  return !slice->present || slice->present[row] >> slice->bit & 1;
}

/* ---- rows into the stripe ------------------------------------------------------------------ */

static bool add_words(struct sk_chunk_writer *chunk, const struct sk_write_slice *slice,
                      uint32_t rows)
{
  if ((slice->none || slice->present) && !chunk->valid) {
    chunk->valid = sk_alloc(chunk->budget, chunk->capacity);
    if (!chunk->valid)
      return false;
    memset(chunk->valid, 1, chunk->rows);
  }
  uint8_t *valid = chunk->valid ? chunk->valid + chunk->rows : NULL;
  uint64_t *words = chunk->words + chunk->rows;
  if (slice->none) {
    memset(valid, 0, rows);
    memset(words, 0, rows * sizeof *words);
    chunk->nulls += rows;
    return true;
  }
  memcpy(words, slice->words, rows * sizeof *words);
  if (valid && !slice->present)
    memset(valid, 1, rows);
  uint32_t nulls = 0;
  for (uint32_t row = 0; row < rows && slice->present; row++) {
    valid[row] = slice->present[row] >> slice->bit & 1;
    nulls += !valid[row];
  }
  chunk->nulls += nulls;
  return true;
}

/* Turns texts into codes; the codes of a plain column only tell which rows are null. */
static bool add_texts(struct sk_chunk_writer *chunk, const struct sk_write_slice *slice,
                      uint32_t rows)
{
  uint32_t *codes = chunk->codes + chunk->rows;
  uint32_t last = SK_NO_ID, code = 0, nulls = 0;
  if (slice->none) {
    memset(codes, 0xff, rows * sizeof *codes);
    chunk->nulls += rows;
    return true;
  }
  for (uint32_t row = 0; row < rows; row++) {
    if (!is_there(slice, row)) {
      codes[row] = SK_NO_ID;
      nulls++;
      continue;
    }
    const uint32_t id = slice->ids[row];
    if (id != last && !chunk->uncoded) {
      const struct sk_write_text *text = &slice->texts[id];
      code = sk_chunk_take_text(chunk, slice->bytes + text->at, text->length);
      if (code == SK_NO_ID)
        return false;
      last = id;
    }
    codes[row] = code;
  }
  chunk->nulls += nulls;
  return true;
}

static shukei_status check_days(const struct sk_write_slice *slice, uint32_t rows,
                                shukei_error *err)
{
  for (uint32_t row = 0; row < rows && !slice->none; row++) {
    const int64_t day = (int64_t)slice->words[row];
    if (is_there(slice, row) && (day < INT32_MIN || day > INT32_MAX))
      return sk_fail(err, SHUKEI_EINVAL, "day %" PRId64 " is outside of what a date holds", day);
  }
  return SHUKEI_OK;
}

static shukei_status add_parts(struct sk_chunk_writer *chunk, shukei_error *err)
{
  bool ok = true;
  for (size_t i = 0; ok && i < chunk->part_count; i++) {
    const struct sk_write_slice *slice = &chunk->parts[i].columns[chunk->column];
    const uint32_t rows = (uint32_t)chunk->parts[i].rows;
    ok = chunk->kind == SK_WRITE_TEXT ? add_texts(chunk, slice, rows)
                                      : add_words(chunk, slice, rows);
    chunk->rows += rows;
    const shukei_status st =
        chunk->kind == SK_WRITE_DATE ? check_days(slice, rows, err) : SHUKEI_OK;
    if (st)
      return st;
  }
  if (!ok)
    return sk_fail_memory(err, chunk->budget, 0, "rows of a page");
  if (chunk->required && chunk->nulls > 0)
    return sk_fail(err, SHUKEI_EINVAL, "a null where every row needs a value");
  return SHUKEI_OK;
}

/* ---- the page ------------------------------------------------------------------------------ */

/* The dictionary is complete: makes its page, and keeps only those texts that bound pages. */
static shukei_status give_dictionary_up(struct sk_chunk_writer *chunk,
                                        struct sk_encode_tools *tools,
                                        const struct sk_encode_options *options, shukei_error *err)
{
  shukei_status st = sk_chunk_encode_dictionary(chunk, tools, options, err);
  if (st)
    return st;
  struct sk_chunk_writer before = *chunk;
  chunk->uncoded = true;
  chunk->has_texts = false;
  sk_chunk_drop_texts(chunk);
  before.stamps = NULL; /* freed with the chunk's */
  for (uint32_t i = 0; !st && i < chunk->page_count; i++) {
    struct sk_encoded_page *page = &chunk->pages[i];
    if (!page->bounded)
      continue;
    const struct sk_intern_entry *least = sk_chunk_text(&before, page->min);
    const struct sk_intern_entry *most = sk_chunk_text(&before, page->max);
    page->min = sk_chunk_keep_bound(chunk, least->bytes, least->length);
    page->max = sk_chunk_keep_bound(chunk, most->bytes, most->length);
    if (page->min == SK_NO_ID || page->max == SK_NO_ID)
      st = sk_fail_memory(err, chunk->budget, most->length, "bounds of a page");
  }
  sk_chunk_drop_texts(&before);
  return st;
}

void sk_chunk_encode_parts(struct sk_chunk_writer *chunk, struct sk_encode_tools *tools,
                           const struct sk_encode_options *options,
                           const struct sk_write_part *parts, size_t part_count, uint32_t column,
                           bool last)
{
  const uint32_t known = sk_chunk_text_count(chunk);
  chunk->parts = parts;
  chunk->part_count = part_count;
  chunk->column = column;
  chunk->status = add_parts(chunk, &chunk->error);
  const uint32_t present = chunk->rows - chunk->nulls;
  if (!chunk->status)
    sk_chunk_encode(chunk, tools, options, last);
  chunk->parts = NULL;
  chunk->part_count = 0;
  if (chunk->status || chunk->kind != SK_WRITE_TEXT || chunk->uncoded || chunk->always_coded ||
      !options->most_coded_bytes || chunk->text_bytes <= options->most_coded_bytes)
    return;
  const uint32_t count = sk_chunk_text_count(chunk);
  if (count - known > present / 2 && !last)
    chunk->status = give_dictionary_up(chunk, tools, options, &chunk->error);
}
