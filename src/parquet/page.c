/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a data page: where its levels and its values lie, and the state of their decoders. Taking
 * the values is page_values.c.
 *
 * Version 1 compresses levels and values together; the levels have their length in front.
 * Version 2 keeps the levels outside of the compressed part and their lengths in the header. In
 * both the repetition levels lie first. A flat column has definition levels 0 and 1 only, and
 * repetition levels never. */
#include "parquet/page.h"

#include "base/bytes.h"
#include "parquet/page_stream.h"

size_t sk_value_width(const struct sk_column_meta *column)
{
  static const uint8_t widths[] = {
      [SK_TYPE_BOOLEAN] = 1, [SK_TYPE_INT32] = 4,  [SK_TYPE_INT64] = 8,      [SK_TYPE_INT96] = 12,
      [SK_TYPE_FLOAT] = 4,   [SK_TYPE_DOUBLE] = 8, [SK_TYPE_BYTE_ARRAY] = 0,
  };
  return column->type == SK_TYPE_FIXED_LEN_BYTE_ARRAY ? (size_t)column->type_length
                                                      : widths[column->type];
}

void sk_page_init(struct sk_page *page, const struct sk_column_meta *column,
                  struct sk_budget *budget)
{
  *page = (struct sk_page){.column = column, .budget = budget};
}

void sk_page_reset(struct sk_page *page)
{
  sk_free(page->bytes);
  sk_free(page->scratch);
  sk_free(page->levels);
  sk_free(page->text);
  sk_page_init(page, page->column, page->budget);
}

/* The most that stored bytes can become. Snappy: 64 bytes of a copy in 3; deflate: 1032 a byte;
 * LZ4: 255 a length byte; Zstandard: a block of 128 KiB in 4. Brotli has no useful bound: the
 * budget is its own. */
static uint64_t reach(enum sk_codec codec, uint64_t length)
{
  switch (codec) {
  case SK_CODEC_UNCOMPRESSED:
    return length;
  case SK_CODEC_SNAPPY:
    return length * 32 + 64;
  case SK_CODEC_GZIP:
    return length * 1040 + 64;
  case SK_CODEC_LZ4:
  case SK_CODEC_LZ4_RAW:
    return length * 256 + 64;
  case SK_CODEC_ZSTD:
    return (length / 4 + 1) << 17;
  default:
    return UINT64_MAX;
  }
}

shukei_status sk_page_reserve(struct sk_budget *budget, enum sk_codec codec, size_t length,
                              size_t uncompressed, uint8_t **bytes, size_t *capacity,
                              shukei_error *err)
{
  if (uncompressed > reach(codec, length))
    return sk_fail(err, SHUKEI_EFORMAT, "%zu bytes of %s cannot become %zu", length,
                   sk_codec_name(codec), uncompressed);
  if (uncompressed + SK_PAGE_PAD > *capacity) {
    const size_t spare = *capacity ? uncompressed / 8 : 0; /* none for an only page */
    const size_t want = uncompressed + spare + SK_PAGE_PAD;
    uint8_t *larger = sk_alloc(budget, want);
    if (!larger)
      return sk_fail_memory(err, budget, want, "a decompressed page");
    sk_free(*bytes);
    *bytes = larger;
    *capacity = want;
  }
  memset(*bytes + uncompressed, 0, SK_PAGE_PAD);
  return SHUKEI_OK;
}

shukei_status sk_page_refused(const struct sk_chunk_meta *chunk,
                              const struct sk_page_header *header, shukei_status status,
                              shukei_error *err)
{
  if (status != SHUKEI_ENOMEM || (int64_t)header->uncompressed_length <= chunk->uncompressed_bytes)
    return status;
  return sk_fail(err, SHUKEI_EFORMAT,
                 "page of %" PRIu32 " bytes without the codec, the footer says %" PRId64
                 " of the whole chunk",
                 header->uncompressed_length, chunk->uncompressed_bytes);
}

shukei_status sk_page_decompress(struct sk_budget *budget, struct sk_codec_state *state,
                                 enum sk_codec codec, const uint8_t *in, size_t length,
                                 size_t uncompressed, uint8_t **bytes, size_t *capacity,
                                 shukei_error *err)
{
  const shukei_status st =
      sk_page_reserve(budget, codec, length, uncompressed, bytes, capacity, err);
  if (st || !uncompressed)
    return st;
  if (codec == SK_CODEC_UNCOMPRESSED) {
    if (length != uncompressed)
      return sk_fail(err, SHUKEI_EFORMAT, "%zu uncompressed bytes, the page header says %zu",
                     length, uncompressed);
    memcpy(*bytes, in, length);
    return SHUKEI_OK;
  }
  return sk_decompress(state, codec, in, length, *bytes, uncompressed, err);
}

static bool fits(enum sk_type type, enum sk_encoding encoding)
{
  const bool boolean = type == SK_TYPE_BOOLEAN, bytes = type == SK_TYPE_BYTE_ARRAY;
  const bool fixed = type == SK_TYPE_FIXED_LEN_BYTE_ARRAY;
  const bool integer = type == SK_TYPE_INT32 || type == SK_TYPE_INT64;
  switch (encoding) {
  case SK_ENCODING_PLAIN:
    return true;
  case SK_ENCODING_PLAIN_DICTIONARY:
  case SK_ENCODING_RLE_DICTIONARY:
    return !boolean;
  case SK_ENCODING_RLE:
    return boolean;
  case SK_ENCODING_DELTA_BINARY_PACKED:
    return integer;
  case SK_ENCODING_DELTA_LENGTH_BYTE_ARRAY:
    return bytes;
  case SK_ENCODING_DELTA_BYTE_ARRAY:
    return bytes || fixed;
  case SK_ENCODING_BYTE_STREAM_SPLIT:
    return integer || fixed || type == SK_TYPE_FLOAT || type == SK_TYPE_DOUBLE;
  default:
    return false;
  }
}

static shukei_status open_levels_v1(struct sk_page *p, const struct sk_page_header *h,
                                    shukei_error *err)
{
  const shukei_status st =
      sk_levels_open_v1(&p->repetition, "repetition", p->column->max_repetition,
                        h->repetition_encoding, p->rows, &p->at, p->end, err);
  return st ? st
            : sk_levels_open_v1(&p->definition, "definition", p->column->max_definition,
                                h->definition_encoding, p->rows, &p->at, p->end, err);
}

static shukei_status load_v1(struct sk_page *p, const struct sk_page_header *h, const uint8_t *body,
                             enum sk_codec codec, struct sk_codec_state *state, shukei_error *err)
{
  if (codec == SK_CODEC_UNCOMPRESSED) {
    p->at = body;
    p->end = body + h->stored_length;
  } else {
    const shukei_status st =
        sk_page_decompress(p->budget, state, codec, body, h->stored_length, h->uncompressed_length,
                           &p->bytes, &p->capacity, err);
    if (st)
      return st;
    p->at = p->bytes;
    p->end = p->bytes + h->uncompressed_length;
  }
  return open_levels_v1(p, h, err);
}

static shukei_status load_v2(struct sk_page *p, const struct sk_page_header *h, const uint8_t *body,
                             enum sk_codec codec, struct sk_codec_state *state, shukei_error *err)
{
  const uint64_t levels = (uint64_t)h->definition_length + h->repetition_length;
  if (levels > h->stored_length || levels > h->uncompressed_length)
    return sk_fail(err, SHUKEI_EFORMAT, "levels of %" PRIu64 " bytes in a page of %" PRIu32, levels,
                   h->stored_length);
  const uint8_t *values = body + levels, *repetition = body;
  const size_t stored = (size_t)(h->stored_length - levels);
  size_t uncompressed = (size_t)(h->uncompressed_length - levels);
  if (codec != SK_CODEC_UNCOMPRESSED && p->column->max_definition) {
    const shukei_status copied =
        sk_page_decompress(p->budget, state, SK_CODEC_UNCOMPRESSED, body, (size_t)levels,
                           (size_t)levels, &p->levels, &p->levels_capacity, err);
    if (copied)
      return copied;
    repetition = p->levels;
  }
  sk_levels_open_v2(&p->repetition, "repetition", p->column->max_repetition, repetition,
                    h->repetition_length);
  sk_levels_open_v2(&p->definition, "definition", p->column->max_definition,
                    repetition + h->repetition_length, h->definition_length);
  if (codec == SK_CODEC_UNCOMPRESSED) {
    p->at = values;
    p->end = values + stored;
    return SHUKEI_OK;
  }
  if (!h->compressed) {
    codec = SK_CODEC_UNCOMPRESSED;
    uncompressed = stored;
  }
  const shukei_status st = sk_page_decompress(p->budget, state, codec, values, stored, uncompressed,
                                              &p->bytes, &p->capacity, err);
  if (st)
    return st;
  p->at = p->bytes;
  p->end = p->bytes + uncompressed;
  return SHUKEI_OK;
}

static bool grow_scratch(struct sk_page *p, size_t bytes)
{
  if (bytes > p->scratch_capacity) {
    sk_free(p->scratch);
    p->scratch = sk_alloc(p->budget, bytes);
    p->scratch_capacity = p->scratch ? bytes : 0;
  }
  return p->scratch != NULL;
}

static const char *open_lengths(struct sk_page *p)
{
  const char *wrong = sk_delta_init(&p->lengths, p->at, (size_t)(p->end - p->at));
  return wrong ? wrong : sk_delta_end(&p->lengths, &p->at);
}

static const char *open_codes(struct sk_page *p)
{
  const size_t room = (size_t)(p->end - p->at);
  if (room == 0) { /* of a page without values */
    sk_rle_init(&p->codes, p->at, 0, 1);
    return NULL;
  }
  if (p->at[0] > 32)
    return "dictionary codes are more than 32 bits wide";
  sk_rle_init(&p->codes, p->at + 1, room - 1, p->at[0]);
  return NULL;
}

static const char *open_booleans(struct sk_page *p)
{
  const size_t room = (size_t)(p->end - p->at);
  if (room == 0) {
    sk_rle_init(&p->codes, p->at, 0, 1);
    return NULL;
  }
  if (room < 4 || sk_le32(p->at) > room - 4)
    return "RLE booleans are longer than the page";
  sk_rle_init(&p->codes, p->at + 4, sk_le32(p->at), 1);
  return NULL;
}

static const char *open_split(struct sk_page *p, size_t width)
{
  const size_t room = (size_t)(p->end - p->at);
  if (room % width)
    return "BYTE_STREAM_SPLIT values do not fill the page";
  p->stride = room / width;
  return NULL;
}

/* Decoder states; NULL or what is wrong. */
static const char *open_values(struct sk_page *p)
{
  const char *wrong = NULL;
  p->index = 0;
  if (!p->carries || p->encoding != SK_ENCODING_DELTA_BYTE_ARRAY)
    p->text_at = p->text_length = 0;
  if (p->at == p->end && p->encoding >= SK_ENCODING_DELTA_BINARY_PACKED &&
      p->encoding <= SK_ENCODING_DELTA_BYTE_ARRAY) { /* a page without values */
    p->delta = p->lengths = (struct sk_delta){0};
    return NULL;
  }
  switch (p->encoding) {
  case SK_ENCODING_RLE_DICTIONARY:
    return open_codes(p);
  case SK_ENCODING_RLE:
    return open_booleans(p);
  case SK_ENCODING_DELTA_BINARY_PACKED:
    return sk_delta_init(&p->delta, p->at, (size_t)(p->end - p->at));
  case SK_ENCODING_DELTA_LENGTH_BYTE_ARRAY:
    return open_lengths(p);
  case SK_ENCODING_DELTA_BYTE_ARRAY:
    wrong = sk_delta_init(&p->delta, p->at, (size_t)(p->end - p->at));
    if (!wrong)
      wrong = sk_delta_end(&p->delta, &p->at);
    return wrong ? wrong : open_lengths(p);
  case SK_ENCODING_BYTE_STREAM_SPLIT:
    return open_split(p, sk_value_width(p->column));
  default:
    return NULL;
  }
}

/* Encodings that need the scratch; a very wide value is decoded alone. */
static shukei_status open_scratch(struct sk_page *p, shukei_error *err)
{
  const size_t width = sk_value_width(p->column);
  if (p->encoding == SK_ENCODING_RLE_DICTIONARY || width == 0 ||
      p->encoding == SK_ENCODING_DELTA_BYTE_ARRAY ||
      (p->encoding == SK_ENCODING_PLAIN && p->column->type != SK_TYPE_BOOLEAN))
    return SHUKEI_OK;
  /* A value wider than the page's bytes cannot be in it. */
  if (width > (size_t)(p->end - p->at) && width > 16)
    return SHUKEI_OK;
  const size_t want = width * SK_BLOCK <= 64 * 1024 ? width * SK_BLOCK : 64 * 1024 + width;
  if (!grow_scratch(p, want))
    return sk_fail_memory(err, p->budget, want, "values of a page");
  return SHUKEI_OK;
}

shukei_status sk_page_load(struct sk_page *page, const struct sk_page_header *header,
                           const uint8_t *body, enum sk_codec codec, struct sk_codec_state *state,
                           shukei_error *err)
{
  page->rows = (uint32_t)header->value_count;
  page->rows_done = 0;
  page->encoding = (enum sk_encoding)header->encoding;
  if (header->encoding < 0 || sk_encoding_name(page->encoding)[0] == '?')
    return sk_fail(err, SHUKEI_EUNSUPPORTED, "encoding %" PRId32 " is unknown", header->encoding);
  if (!fits(page->column->type, page->encoding))
    return sk_fail(err, SHUKEI_EFORMAT, "encoding %s of %s values",
                   sk_encoding_name(page->encoding), sk_type_name(page->column->type));
  if (page->encoding == SK_ENCODING_PLAIN_DICTIONARY)
    page->encoding = SK_ENCODING_RLE_DICTIONARY;
  shukei_status st = header->type == SK_PAGE_DATA_V2
                         ? load_v2(page, header, body, codec, state, err)
                         : load_v1(page, header, body, codec, state, err);
  if (st)
    return st;
  const char *wrong = open_values(page);
  if (wrong)
    return sk_fail(err, SHUKEI_EFORMAT, "%s", wrong);
  return open_scratch(page, err);
}
