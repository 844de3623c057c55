/* SPDX-License-Identifier: Apache-2.0 */
/* Turning a stripe of rows into a v1 data page, and a dictionary into its page.
 *
 * v1 pages and not v2: Trino's older readers, Hive and fastparquet take them without exception, and
 * a flat column gains nothing from v2. A page is [levels] [values], compressed as one piece, behind
 * a Thrift header with its CRC.
 *
 * Which encoding the values have is for chunk_texts.c and chunk_words.c to say.
 *
 * A chunk that compresses badly is stored as it is, so that readers take its values where they lie:
 * a day's usage of 41,600 pods, 8 MB of doubles, loses 5 % by zstd and costs every reader 8 ms. The
 * format has one codec for a chunk, and only all of its pages tell. So each page is kept in the
 * form that pays for itself, and those few that are of the other kind than their chunk are recoded
 * when it is whole. */
#include "parquet/chunk_write.h"

#include "base/bytes.h"
#include "parquet/crc.h"
#include "parquet/encode_rle.h"
#include "parquet/thrift_write.h"

#include <string.h>

/* What is stored compressed must be below these tenths of its size. */
#define LEAST_PACKED 9
/* From that many equal levels on, the encoder makes one run of them. */
#define LEAST_LEVEL_RUN 40

void sk_encode_tools_init(struct sk_encode_tools *tools, struct sk_budget *budget)
{
  *tools = (struct sk_encode_tools){0};
  sk_buffer_init(&tools->head, budget, 4096);
  sk_buffer_init(&tools->raw, budget, INT32_MAX);
  sk_buffer_init(&tools->packed, budget, SIZE_MAX);
}

void sk_encode_tools_reset(struct sk_encode_tools *tools)
{
  struct sk_budget *budget = tools->raw.budget;
  sk_codec_free(tools->codec);
  sk_buffer_reset(&tools->head);
  sk_buffer_reset(&tools->raw);
  sk_buffer_reset(&tools->packed);
  sk_free(tools->codes);
  sk_free(tools->words);
  sk_free(tools->texts);
  sk_encode_tools_init(tools, budget);
}

static shukei_status prepare_tools(struct sk_encode_tools *tools,
                                   const struct sk_encode_options *options, bool words, bool texts,
                                   shukei_error *err)
{
  struct sk_budget *budget = tools->raw.budget;
  if (!tools->codec) {
    const shukei_status st = sk_codec_new(budget, &tools->codec, err);
    if (st)
      return st;
  }
  if (!tools->codes)
    tools->codes = sk_alloc(budget, options->page_rows * sizeof *tools->codes);
  if (words && !tools->words)
    tools->words = sk_alloc(budget, options->page_rows * sizeof *tools->words);
  if (texts && !tools->texts)
    tools->texts = sk_alloc(budget, options->page_rows * sizeof *tools->texts);
  if (!tools->codes || (words && !tools->words) || (texts && !tools->texts))
    return sk_fail_memory(err, budget, options->page_rows * sizeof(uint64_t), "values of a page");
  return SHUKEI_OK;
}

/* ---- levels and values --------------------------------------------------------------------- */

/* Definition levels of an optional column: their length in four bytes, then 0 or 1 a row. */
static bool put_levels(const struct sk_chunk_writer *chunk, struct sk_encode_tools *tools)
{
  if (chunk->required)
    return true;
  const size_t at = tools->raw.length;
  const uint8_t room[4] = {0};
  sk_buffer_add(&tools->raw, room, sizeof room);
  if (tools->raw.failed)
    return false;
  if (chunk->nulls == 0 || (chunk->nulls == chunk->rows && chunk->rows >= LEAST_LEVEL_RUN)) {
    if (!sk_encode_run(&tools->raw, chunk->nulls == 0, chunk->rows, 1))
      return false;
  } else {
    uint32_t *levels = tools->codes;
    for (uint32_t row = 0; row < chunk->rows; row++)
      levels[row] =
          chunk->kind == SK_WRITE_TEXT ? chunk->codes[row] != SK_NO_ID : chunk->valid[row];
    if (!sk_encode_rle(&tools->raw, levels, chunk->rows, 1))
      return false;
  }
  sk_put_le32(tools->raw.bytes + at, (uint32_t)(tools->raw.length - at - sizeof room));
  return true;
}

/* ---- pages --------------------------------------------------------------------------------- */

static void put_header(struct sk_encode_tools *tools, const struct sk_encoded_page *page,
                       const struct sk_buffer *body, bool dictionary)
{
  struct sk_compact to;
  sk_buffer_clear(&tools->head);
  sk_compact_init(&to, &tools->head);
  sk_compact_i32(&to, 1, dictionary ? SK_PAGE_DICTIONARY : SK_PAGE_DATA);
  sk_compact_i32(&to, 2, (int32_t)page->raw_length);
  sk_compact_i32(&to, 3, (int32_t)body->length);
  sk_compact_i32(&to, 4, (int32_t)sk_crc32(0, body->bytes, body->length));
  sk_compact_begin(&to, dictionary ? 7 : 5);
  sk_compact_i32(&to, 1, (int32_t)page->rows);
  sk_compact_i32(&to, 2, (int32_t)page->encoding);
  if (!dictionary) {
    sk_compact_i32(&to, 3, SK_ENCODING_RLE); /* definition levels */
    sk_compact_i32(&to, 4, SK_ENCODING_RLE); /* repetition levels */
  }
  sk_compact_end(&to);
  sk_compact_end(&to);
}

static bool packs_well(uint64_t packed, uint64_t raw)
{
  return packed * 10 < raw * LEAST_PACKED;
}

static shukei_status pack(struct sk_encode_tools *tools, const struct sk_encode_options *options,
                          shukei_error *err)
{
  const size_t bound = sk_compress_bound(options->codec, tools->raw.length);
  sk_buffer_clear(&tools->packed);
  if (!sk_buffer_reserve(&tools->packed, bound))
    return sk_fail_memory(err, tools->raw.budget, bound, "compressed page");
  return sk_compress(tools->codec, options->codec, options->level, tools->raw.bytes,
                     tools->raw.length, tools->packed.bytes, tools->packed.capacity,
                     &tools->packed.length, err);
}

/* Puts header and body, in the form that page->packed tells, together. */
static shukei_status store_page(struct sk_encode_tools *tools, bool dictionary,
                                struct sk_encoded_page *page, shukei_error *err)
{
  struct sk_budget *budget = tools->raw.budget;
  const struct sk_buffer *body = page->packed ? &tools->packed : &tools->raw;
  put_header(tools, page, body, dictionary);
  const size_t length = tools->head.length + body->length;
  if (length > INT32_MAX)
    return sk_fail(err, SHUKEI_EUNSUPPORTED, "a page of %zu bytes is larger than the format allows",
                   length);
  page->bytes = tools->head.failed ? NULL : sk_alloc(budget, length);
  if (!page->bytes)
    return sk_fail_memory(err, budget, length, "compressed page");
  memcpy(page->bytes, tools->head.bytes, tools->head.length);
  if (body->length)
    memcpy(page->bytes + tools->head.length, body->bytes, body->length);
  page->head_length = (uint32_t)tools->head.length;
  page->length = (uint32_t)length;
  return SHUKEI_OK;
}

shukei_status sk_stored_bytes(struct sk_encode_tools *tools,
                              const struct sk_encode_options *options, uint64_t *bytes,
                              shukei_error *err)
{
  const shukei_status st = pack(tools, options, err);
  *bytes = packs_well(tools->packed.length, tools->raw.length) ? tools->packed.length
                                                               : tools->raw.length;
  return st;
}

/* Makes a page of the raw body. */
static shukei_status finish_page(struct sk_encode_tools *tools,
                                 const struct sk_encode_options *options, bool dictionary,
                                 struct sk_encoded_page *page, shukei_error *err)
{
  const shukei_status st = pack(tools, options, err);
  if (st)
    return st;
  page->raw_length = (uint32_t)tools->raw.length;
  page->packed_length = (uint32_t)tools->packed.length;
  page->packed = packs_well(page->packed_length, page->raw_length);
  return store_page(tools, dictionary, page, err);
}

/* Brings a page into the other form. */
static shukei_status recode_page(struct sk_encode_tools *tools,
                                 const struct sk_encode_options *options, bool dictionary,
                                 struct sk_encoded_page *page, shukei_error *err)
{
  const uint8_t *body = page->bytes + page->head_length;
  const size_t length = page->length - page->head_length;
  shukei_status st = SHUKEI_OK;
  sk_buffer_clear(&tools->raw);
  if (!sk_buffer_reserve(&tools->raw, page->raw_length))
    return sk_fail_memory(err, tools->raw.budget, page->raw_length, "page");
  tools->raw.length = page->raw_length;
  if (page->packed)
    st = sk_decompress(tools->codec, options->codec, body, length, tools->raw.bytes,
                       tools->raw.length, err);
  else
    memcpy(tools->raw.bytes, body, length);
  if (!st && !page->packed)
    st = pack(tools, options, err);
  if (st)
    return st;
  sk_page_drop_bytes(page);
  page->packed = !page->packed;
  return store_page(tools, dictionary, page, err);
}

/* Gives all pages of the chunk, which is whole, the form that is better for it. */
static shukei_status settle_codec(struct sk_chunk_writer *chunk, struct sk_encode_tools *tools,
                                  const struct sk_encode_options *options, shukei_error *err)
{
  uint64_t raw = chunk->dictionary.raw_length, packed = chunk->dictionary.packed_length;
  for (uint32_t i = 0; i < chunk->page_count; i++) {
    raw += chunk->pages[i].raw_length;
    packed += chunk->pages[i].packed_length;
  }
  chunk->packed = packs_well(packed, raw);
  shukei_status st = SHUKEI_OK;
  if (chunk->dictionary.bytes && chunk->dictionary.packed != chunk->packed)
    st = recode_page(tools, options, true, &chunk->dictionary, err);
  for (uint32_t i = 0; !st && i < chunk->page_count; i++)
    if (chunk->pages[i].packed != chunk->packed)
      st = recode_page(tools, options, false, &chunk->pages[i], err);
  return st;
}

shukei_status sk_chunk_page_room(struct sk_chunk_writer *chunk, shukei_error *err)
{
  if (chunk->page_count < chunk->page_capacity)
    return SHUKEI_OK;
  const uint32_t capacity = chunk->page_capacity ? chunk->page_capacity * 2 : 4;
  struct sk_encoded_page *pages = sk_realloc(chunk->budget, chunk->pages, capacity * sizeof *pages);
  if (!pages)
    return sk_fail_memory(err, chunk->budget, capacity * sizeof *pages, "list of pages");
  chunk->pages = pages;
  chunk->page_capacity = capacity;
  return SHUKEI_OK;
}

static shukei_status encode_stripe(struct sk_chunk_writer *chunk, struct sk_encode_tools *tools,
                                   const struct sk_encode_options *options, shukei_error *err)
{
  struct sk_encoded_page page = {.rows = chunk->rows, .nulls = chunk->nulls};
  shukei_status st = sk_chunk_page_room(chunk, err);
  if (st)
    return st;
  sk_buffer_clear(&tools->raw);
  st = put_levels(chunk, tools)
           ? SHUKEI_OK
           : sk_fail_memory(err, chunk->budget, chunk->rows, "definition levels of a page");
  if (!st)
    st = chunk->kind == SK_WRITE_TEXT ? sk_chunk_encode_texts(chunk, tools, &page, err)
                                      : sk_chunk_encode_words(chunk, tools, options, &page, err);
  if (!st)
    st = finish_page(tools, options, false, &page, err);
  if (st)
    return st;
  chunk->pages[chunk->page_count++] = page;
  chunk->rows = chunk->nulls = 0;
  return SHUKEI_OK;
}

/* ---- dictionary ---------------------------------------------------------------------------- */

static void put_text(uint8_t **to, const struct sk_intern_entry *entry)
{
  sk_put_le32(*to, entry->length);
  memcpy(*to + 4, entry->bytes, entry->length);
  *to += 4 + (size_t)entry->length;
}

static shukei_status put_texts(const struct sk_chunk_writer *chunk, struct sk_buffer *raw,
                               uint32_t *count, shukei_error *err)
{
  const uint64_t bytes = chunk->text_bytes;
  *count = sk_chunk_text_count(chunk);
  if (*count == 0)
    return SHUKEI_OK;
  if (bytes > INT32_MAX)
    return sk_fail(err, SHUKEI_EUNSUPPORTED,
                   "a dictionary of %" PRIu64 " bytes is larger than the format allows", bytes);
  if (!sk_buffer_reserve(raw, (size_t)bytes))
    return sk_fail_memory(err, chunk->budget, bytes, "dictionary");
  uint8_t *to = raw->bytes;
  for (uint32_t code = 0; code < *count; code++)
    put_text(&to, sk_chunk_text(chunk, code));
  raw->length = (size_t)(to - raw->bytes);
  return SHUKEI_OK;
}

shukei_status sk_chunk_encode_dictionary(struct sk_chunk_writer *chunk,
                                         struct sk_encode_tools *tools,
                                         const struct sk_encode_options *options, shukei_error *err)
{
  /* A plain column's texts are bounds; the dictionary of those before is made (chunk_parts.c). */
  if (chunk->kind == SK_WRITE_TEXT ? chunk->uncoded || sk_chunk_text_count(chunk) == 0
                                   : chunk->set.count == 0)
    return SHUKEI_OK;
  shukei_status st = SHUKEI_OK;
  uint32_t count = chunk->set.count;
  sk_buffer_clear(&tools->raw);
  if (chunk->kind == SK_WRITE_TEXT)
    st = put_texts(chunk, &tools->raw, &count, err);
  else if (!sk_put_words(&tools->raw, chunk->kind, chunk->set.words, count))
    st = sk_fail_memory(err, chunk->budget, count * sizeof(uint64_t), "dictionary");
  struct sk_encoded_page page = {.encoding = SK_ENCODING_PLAIN, .rows = count};
  if (!st)
    st = finish_page(tools, options, true, &page, err);
  if (!st)
    chunk->dictionary = page;
  return st;
}

void sk_chunk_encode(struct sk_chunk_writer *chunk, struct sk_encode_tools *tools,
                     const struct sk_encode_options *options, bool last)
{
  shukei_error *err = &chunk->error;
  const bool texts = chunk->kind == SK_WRITE_TEXT && chunk->uncoded && chunk->rows > 0;
  const bool words = chunk->kind != SK_WRITE_TEXT && chunk->nulls > 0;
  shukei_status st = prepare_tools(tools, options, words || texts, texts, err);
  if (!st && chunk->rows > 0)
    st = encode_stripe(chunk, tools, options, err);
  if (!st && last)
    st = sk_chunk_encode_dictionary(chunk, tools, options, err);
  if (!st && last)
    st = settle_codec(chunk, tools, options, err);
  chunk->status = st;
}
