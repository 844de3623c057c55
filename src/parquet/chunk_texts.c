/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of a page: their bounds, and how they are stored.
 *
 * Texts are codes of the chunk's dictionary, but for columns that the writer's options and
 * chunk_parts.c leave without. These are PLAIN unless the caller asks for another encoding: the
 * delta encodings of texts make uuids and labels smaller by a twentieth at most, and not every
 * reader has them (docs/parquet.md, "How values are stored"). Of texts without codes the least and
 * the greatest of each page are kept, as bounds. */
#include "parquet/chunk_write.h"

#include "base/bytes.h"
#include "parquet/encode_delta.h"
#include "parquet/encode_rle.h"

#include <string.h>

/* ---- codes --------------------------------------------------------------------------------- */

bool sk_put_codes(struct sk_buffer *raw, const uint32_t *codes, uint32_t count)
{
  uint32_t greatest = 0;
  for (uint32_t i = 0; i < count; i++)
    greatest = codes[i] > greatest ? codes[i] : greatest;
  const unsigned width = sk_bit_width(greatest);
  sk_buffer_byte(raw, (uint8_t)width);
  return sk_encode_rle(raw, codes, count, width);
}

/* Looks at each text of the page once, not once a row. */
static bool bound_texts(struct sk_chunk_writer *chunk, const uint32_t *codes, uint32_t count,
                        struct sk_encoded_page *page)
{
  const uint32_t known = sk_chunk_text_count(chunk);
  if (known > chunk->stamp_capacity) {
    const uint32_t capacity = known + known / 2;
    uint32_t *stamps = sk_realloc(chunk->budget, chunk->stamps, capacity * sizeof *stamps);
    if (!stamps)
      return false;
    memset(stamps + chunk->stamp_capacity, 0, (capacity - chunk->stamp_capacity) * sizeof *stamps);
    chunk->stamps = stamps;
    chunk->stamp_capacity = capacity;
  }
  const uint32_t stamp = chunk->page_count + 1;
  page->bounded = count > 0;
  if (count == 0)
    return true;
  page->min = page->max = codes[0];
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t code = codes[i];
    if (chunk->stamps[code] == stamp)
      continue;
    chunk->stamps[code] = stamp;
    if (sk_chunk_compare(chunk, code, page->min) < 0)
      page->min = code;
    else if (sk_chunk_compare(chunk, code, page->max) > 0)
      page->max = code;
  }
  return true;
}

static shukei_status encode_codes(struct sk_chunk_writer *chunk, struct sk_encode_tools *tools,
                                  const uint32_t *codes, uint32_t count,
                                  struct sk_encoded_page *page, shukei_error *err)
{
  page->encoding = SK_ENCODING_RLE_DICTIONARY;
  return bound_texts(chunk, codes, count, page) && sk_put_codes(&tools->raw, codes, count)
             ? SHUKEI_OK
             : sk_fail_memory(err, chunk->budget, count * sizeof *codes, "page");
}

/* ---- texts themselves ---------------------------------------------------------------------- */

static int compare(const struct sk_slice *a, const struct sk_slice *b)
{
  const size_t both = a->length < b->length ? a->length : b->length;
  const int order = both ? memcmp(a->bytes, b->bytes, both) : 0;
  return order ? order : (a->length > b->length) - (a->length < b->length);
}

/* Where the texts of a part's rows lie; bounds[0] and [1], bytes NULL: none yet, become the least
 * and the greatest. */
static uint32_t gather_part(const struct sk_write_slice *part, size_t rows, struct sk_slice *texts,
                            struct sk_slice bounds[2])
{
  uint32_t last = SK_NO_ID, count = 0;
  for (size_t row = 0; row < rows; row++) {
    if (part->present && !(part->present[row] >> part->bit & 1))
      continue;
    const struct sk_write_text *text = &part->texts[part->ids[row]];
    const struct sk_slice slice = {(const uint8_t *)part->bytes + text->at, text->length};
    texts[count++] = slice;
    if (part->ids[row] == last)
      continue;
    last = part->ids[row];
    if (!bounds[0].bytes || compare(&slice, &bounds[0]) < 0)
      bounds[0] = slice;
    if (!bounds[1].bytes || compare(&slice, &bounds[1]) > 0)
      bounds[1] = slice;
  }
  return count;
}

static shukei_status gather_parts(struct sk_chunk_writer *chunk, struct sk_slice *texts,
                                  struct sk_encoded_page *page, shukei_error *err)
{
  struct sk_slice bounds[2] = {{NULL, 0}, {NULL, 0}};
  for (size_t i = 0; i < chunk->part_count; i++) {
    const struct sk_write_slice *part = &chunk->parts[i].columns[chunk->column];
    if (!part->none)
      texts += gather_part(part, chunk->parts[i].rows, texts, bounds);
  }
  page->bounded = bounds[0].bytes != NULL;
  if (!page->bounded)
    return SHUKEI_OK;
  page->min = sk_chunk_keep_bound(chunk, (const char *)bounds[0].bytes, bounds[0].length);
  page->max = sk_chunk_keep_bound(chunk, (const char *)bounds[1].bytes, bounds[1].length);
  return page->min == SK_NO_ID || page->max == SK_NO_ID
             ? sk_fail_memory(err, chunk->budget, bounds[1].length, "bounds of a page")
             : SHUKEI_OK;
}

static bool put_plain(struct sk_buffer *raw, const struct sk_slice *texts, uint32_t count,
                      uint64_t bytes)
{
  if (!sk_buffer_reserve(raw, (size_t)bytes))
    return false;
  uint8_t *to = raw->bytes + raw->length;
  for (uint32_t i = 0; i < count; i++) {
    sk_put_le32(to, texts[i].length);
    if (texts[i].length)
      memcpy(to + 4, texts[i].bytes, texts[i].length);
    to += 4 + (size_t)texts[i].length;
  }
  raw->length = (size_t)(to - raw->bytes);
  return true;
}

/* Puts the texts that lie in tools->texts. */
static shukei_status put_texts(struct sk_chunk_writer *chunk, struct sk_encode_tools *tools,
                               uint32_t count, struct sk_encoded_page *page, shukei_error *err)
{
  uint64_t bytes = 0;
  bool ok;
  for (uint32_t i = 0; i < count; i++)
    bytes += 4 + (uint64_t)tools->texts[i].length;
  if (bytes > INT32_MAX)
    return sk_fail(err, SHUKEI_EUNSUPPORTED,
                   "a page of %" PRIu64 " bytes is larger than the format allows", bytes);
  page->encoding = chunk->encoding;
  if (chunk->encoding == SK_ENCODING_DELTA_LENGTH_BYTE_ARRAY)
    ok = sk_encode_delta_lengths(&tools->raw, tools->texts, count, tools->words);
  else if (chunk->encoding == SK_ENCODING_DELTA_BYTE_ARRAY)
    ok = sk_encode_delta_texts(&tools->raw, tools->texts, count, tools->words);
  else
    ok = put_plain(&tools->raw, tools->texts, count, bytes);
  return ok ? SHUKEI_OK : sk_fail_memory(err, chunk->budget, bytes, "page");
}

uint32_t sk_chunk_keep_bound(struct sk_chunk_writer *chunk, const char *bytes, uint32_t length)
{
  const uint64_t before = chunk->text_bytes;
  const uint32_t code = sk_chunk_take_text(chunk, bytes, length);
  chunk->text_bytes = before;
  return code;
}

/* ---- the page ------------------------------------------------------------------------------ */

shukei_status sk_chunk_encode_texts(struct sk_chunk_writer *chunk, struct sk_encode_tools *tools,
                                    struct sk_encoded_page *page, shukei_error *err)
{
  const uint32_t count = chunk->rows - chunk->nulls;
  page->encoding = SK_ENCODING_PLAIN;
  if (count == 0) /* as for words */
    return SHUKEI_OK;
  if (chunk->uncoded && chunk->parts) {
    const shukei_status st = gather_parts(chunk, tools->texts, page, err);
    return st ? st : put_texts(chunk, tools, count, page, err);
  }
  const uint32_t *codes = chunk->codes;
  if (chunk->nulls > 0) {
    uint32_t present = 0;
    for (uint32_t row = 0; row < chunk->rows; row++)
      if (codes[row] != SK_NO_ID)
        tools->codes[present++] = codes[row];
    codes = tools->codes;
  }
  if (!chunk->uncoded)
    return encode_codes(chunk, tools, codes, count, page, err);
  for (uint32_t i = 0; i < count; i++) {
    const struct sk_intern_entry *text = sk_chunk_text(chunk, codes[i]);
    tools->texts[i] = (struct sk_slice){(const uint8_t *)text->bytes, text->length};
  }
  return bound_texts(chunk, codes, count, page)
             ? put_texts(chunk, tools, count, page, err)
             : sk_fail_memory(err, chunk->budget, count * sizeof *codes, "page");
}
