/* SPDX-License-Identifier: Apache-2.0 */
/* The doubles, integers, times and days of a page: their bounds, and how they are stored.
 *
 * Words are codes of the chunk's dictionary as long as that pays: each page compares its codes plus
 * the dictionary entries it adds with its plain values, and the first page that loses ends the
 * codes of the chunk. The first page of a chunk needs but a small gain, since entries that come
 * back in later pages cost nothing there; later pages need a large one, which tells a cluster whose
 * pods come back every hour from values that never do.
 *
 * That page also settles how all pages from there on are encoded: it is made in each encoding of
 * its type, and another than PLAIN is taken where it makes the page, compressed where that pays,
 * smaller without making it slower to read, or much smaller (docs/parquet.md, "How values are
 * stored", has the figures of the constants below). Later pages are not asked: values of one column
 * are alike, and compressing each page twice would take longest where the least is gained. */
#include "parquet/chunk_write.h"

#include "base/bytes.h"
#include "parquet/encode_delta.h"

#include <math.h>

/* Codes must be below these sixteenths of the plain size. */
#define FIRST_PAGE_GAIN 15
#define LATER_PAGE_GAIN 10
/* Another encoding than PLAIN must make the page smaller than these sixteenths, and by that many
 * bytes. Values that PLAIN leaves uncompressed are read where they lie, and nothing is as quick. */
#define OVER_PACKED_GAIN 15
#define OVER_RAW_GAIN 12
#define LEAST_GAIN_BYTES 512

/* ---- bounds -------------------------------------------------------------------------------- */

/* NaN is left out; a zero counts as -0.0 below and 0.0 above, as the format demands. */
static void bound_doubles(const uint64_t *words, uint32_t count, struct sk_encoded_page *page)
{
  double min = INFINITY, max = -INFINITY;
  for (uint32_t i = 0; i < count; i++) {
    const double value = sk_double_of_bits(words[i]);
    min = value < min ? value : min;
    max = value > max ? value : max;
  }
  page->bounded = min <= max;
  page->min = sk_bits_of_double(min == 0.0 ? -0.0 : min);
  page->max = sk_bits_of_double(max == 0.0 ? 0.0 : max);
}

static void bound_integers(const uint64_t *words, uint32_t count, struct sk_encoded_page *page)
{
  int64_t min = INT64_MAX, max = INT64_MIN;
  for (uint32_t i = 0; i < count; i++) {
    const int64_t value = (int64_t)words[i];
    min = value < min ? value : min;
    max = value > max ? value : max;
  }
  page->bounded = count > 0;
  page->min = (uint64_t)min;
  page->max = (uint64_t)max;
}

/* ---- encodings ----------------------------------------------------------------------------- */

bool sk_put_words(struct sk_buffer *raw, enum sk_write_kind kind, const uint64_t *words,
                  uint32_t count)
{
  const size_t size = kind == SK_WRITE_DATE ? 4 : 8;
  if (!sk_buffer_reserve(raw, count * size))
    return false;
  uint8_t *to = raw->bytes + raw->length;
  if (kind == SK_WRITE_DATE)
    for (uint32_t i = 0; i < count; i++)
      sk_put_le32(to + i * size, (uint32_t)words[i]);
  else
    for (uint32_t i = 0; i < count; i++)
      sk_put_le64(to + i * size, words[i]);
  raw->length += count * size;
  return true;
}

/* BYTE_STREAM_SPLIT: all first bytes, then all second ones and so on. */
static bool put_split(struct sk_buffer *raw, const uint64_t *words, uint32_t count, size_t width)
{
  if (!sk_buffer_reserve(raw, count * width))
    return false;
  for (size_t byte = 0; byte < width; byte++) {
    uint8_t *const to = raw->bytes + raw->length + byte * count;
    for (uint32_t i = 0; i < count; i++)
      to[i] = (uint8_t)(words[i] >> 8 * byte);
  }
  raw->length += count * width;
  return true;
}

static size_t width_of(const struct sk_chunk_writer *chunk)
{
  return chunk->kind == SK_WRITE_DATE ? 4 : 8;
}

static bool put_values(const struct sk_chunk_writer *chunk, enum sk_encoding encoding,
                       const uint64_t *words, uint32_t count, struct sk_buffer *raw)
{
  switch (encoding) {
  case SK_ENCODING_BYTE_STREAM_SPLIT:
    return put_split(raw, words, count, width_of(chunk));
  case SK_ENCODING_DELTA_BINARY_PACKED:
    return sk_encode_delta(raw, words, count, width_of(chunk));
  default:
    return sk_put_words(raw, chunk->kind, words, count);
  }
}

/* What the page takes with its values in that encoding. */
static shukei_status try_encoding(const struct sk_chunk_writer *chunk,
                                  struct sk_encode_tools *tools,
                                  const struct sk_encode_options *options,
                                  enum sk_encoding encoding, const uint64_t *words, uint32_t count,
                                  uint64_t *bytes, shukei_error *err)
{
  const size_t before = tools->raw.length;
  shukei_status st = put_values(chunk, encoding, words, count, &tools->raw)
                         ? sk_stored_bytes(tools, options, bytes, err)
                         : sk_fail_memory(err, chunk->budget, count * sizeof *words, "page");
  tools->raw.length = before;
  return st;
}

/* Chooses the encoding of this page and of those that follow it in the chunk. */
static shukei_status settle_encoding(struct sk_chunk_writer *chunk, struct sk_encode_tools *tools,
                                     const struct sk_encode_options *options, const uint64_t *words,
                                     uint32_t count, shukei_error *err)
{
  const enum sk_encoding other = chunk->kind == SK_WRITE_DOUBLE ? SK_ENCODING_BYTE_STREAM_SPLIT
                                                                : SK_ENCODING_DELTA_BINARY_PACKED;
  uint64_t plain = 0, bytes = 0;
  shukei_status st =
      try_encoding(chunk, tools, options, SK_ENCODING_PLAIN, words, count, &plain, err);
  if (!st)
    st = try_encoding(chunk, tools, options, other, words, count, &bytes, err);
  if (st)
    return st;
  const bool packed = plain < count * width_of(chunk);
  const uint64_t aim = plain * (packed ? OVER_PACKED_GAIN : OVER_RAW_GAIN) / 16;
  chunk->encoding = bytes < aim && bytes + LEAST_GAIN_BYTES < plain ? other : SK_ENCODING_PLAIN;
  chunk->settled = true;
  return SHUKEI_OK;
}

/* Puts words as codes, or sets chunk->uncoded where that does not pay. False when memory lacks. */
static bool put_word_codes(struct sk_chunk_writer *chunk, struct sk_encode_tools *tools,
                           const uint64_t *words, uint32_t count)
{
  struct sk_word_set *set = &chunk->set;
  const uint64_t size = chunk->kind == SK_WRITE_DATE ? 4 : 8;
  const uint32_t known = set->count;
  const uint64_t aim = size * count * (chunk->page_count ? LATER_PAGE_GAIN : FIRST_PAGE_GAIN) / 16;
  const uint32_t most = chunk->always_coded ? count : (uint32_t)(aim / size);
  bool coded = false;
  if (!sk_word_set_codes(set, words, count, most, tools->codes, &coded))
    return false;
  const size_t before = tools->raw.length;
  if (coded && !sk_put_codes(&tools->raw, tools->codes, count))
    return false;
  const uint64_t cost = tools->raw.length - before + size * (set->count - known);
  if (coded && (cost <= aim || count < 8 || chunk->always_coded))
    return true;
  tools->raw.length = before;
  set->count = known;
  sk_word_set_seal(set);
  chunk->uncoded = true;
  return true;
}

shukei_status sk_chunk_encode_words(struct sk_chunk_writer *chunk, struct sk_encode_tools *tools,
                                    const struct sk_encode_options *options,
                                    struct sk_encoded_page *page, shukei_error *err)
{
  const uint64_t *words = chunk->words;
  uint32_t count = chunk->rows;
  page->encoding = SK_ENCODING_PLAIN;
  if (chunk->nulls ==
      chunk->rows) /* no codes, which a chunk that turns uncoded has no dictionary for */
    return SHUKEI_OK;
  if (chunk->nulls > 0) {
    count = 0;
    for (uint32_t row = 0; row < chunk->rows; row++) {
      tools->words[count] = words[row]; /* overwritten where the row is null */
      count += chunk->valid[row];
    }
    words = tools->words;
  }
  if (chunk->kind == SK_WRITE_DOUBLE)
    bound_doubles(words, count, page);
  else
    bound_integers(words, count, page);
  bool fits = chunk->uncoded || put_word_codes(chunk, tools, words, count);
  if (fits && chunk->uncoded && !chunk->settled) {
    const shukei_status st = settle_encoding(chunk, tools, options, words, count, err);
    if (st)
      return st;
  }
  page->encoding = chunk->uncoded ? chunk->encoding : SK_ENCODING_RLE_DICTIONARY;
  if (fits && chunk->uncoded)
    fits = put_values(chunk, chunk->encoding, words, count, &tools->raw);
  return fits ? SHUKEI_OK : sk_fail_memory(err, chunk->budget, count * sizeof *words, "page");
}
