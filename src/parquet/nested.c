/* SPDX-License-Identifier: Apache-2.0 */
/* Nested columns are not read; where a file has no others, their first page is opened, so that a
 * corrupt file is called corrupt and not merely unsupported. The first repetition level of a chunk
 * must be 0: a row cannot go on from another row group. */
#include "parquet/nested.h"

#include "base/bytes.h"
#include "parquet/codec.h"
#include "parquet/page.h"
#include "parquet/page_stream.h"

static unsigned bits_of(unsigned highest)
{
  unsigned bits = 0;
  for (; highest; highest >>= 1)
    bits++;
  return bits;
}

/* The first level of a page; *there is false where it has none. */
static bool first_level(const struct sk_page_header *h, const uint8_t *bytes, size_t length,
                        unsigned width, uint32_t *level)
{
  struct sk_rle rle;
  if (h->type == SK_PAGE_DATA_V2) {
    sk_rle_init(&rle, bytes, h->repetition_length < length ? h->repetition_length : length, width);
    return sk_rle_read(&rle, level, 1);
  }
  if (length < 4 || sk_le32(bytes) > length - 4)
    return false;
  sk_rle_init(&rle, bytes + 4, sk_le32(bytes), width);
  return sk_rle_read(&rle, level, 1);
}

static shukei_status check_page(const struct sk_column_meta *meta, enum sk_codec codec,
                                const struct sk_page_header *header, const uint8_t *body,
                                struct sk_budget *budget, shukei_error *err)
{
  uint8_t *bytes = NULL;
  size_t capacity = 0, length = header->stored_length;
  uint32_t level = 0;
  struct sk_codec_state *state = NULL;
  shukei_status st = SHUKEI_OK;
  if (header->type == SK_PAGE_DATA && codec != SK_CODEC_UNCOMPRESSED) {
    st = sk_codec_new(budget, &state, err);
    if (!st)
      st = sk_page_decompress(budget, state, codec, body, length, header->uncompressed_length,
                              &bytes, &capacity, err);
    length = header->uncompressed_length;
    body = bytes;
  }
  if (!st && !first_level(header, body, length, bits_of(meta->max_repetition), &level))
    st = sk_fail(err, SHUKEI_EFORMAT, "the repetition levels end too early");
  if (!st && level)
    st = sk_fail(err, SHUKEI_EFORMAT,
                 "the first repetition level is %" PRIu32 ", a record begins with 0", level);
  sk_free(bytes);
  sk_codec_free(state);
  return st;
}

shukei_status sk_nested_check(const struct sk_file *file, uint32_t group, int column,
                              struct sk_budget *budget, shukei_error *err)
{
  struct sk_page_stream stream;
  struct sk_page_header header = {0};
  const uint8_t *body = NULL;
  uint64_t begin = 0, end = 0;
  const struct sk_column_meta *meta = &file->meta.columns[column];
  const struct sk_chunk_meta *chunk = &file->meta.groups[group].chunks[column];
  if (meta->max_repetition == 0 || chunk->value_count == 0 || chunk->missing || chunk->encrypted ||
      chunk->other_file)
    return SHUKEI_OK;
  sk_chunk_range(chunk, file->data_end, &begin, &end);
  sk_page_stream_init(&stream, file->object, begin, end, NULL, budget);
  shukei_status st = sk_page_stream_header(&stream, true, &header, err);
  while (!st && ((header.type != SK_PAGE_DATA && header.type != SK_PAGE_DATA_V2) ||
                 header.value_count == 0)) {
    sk_page_stream_skip(&stream, &header);
    st = sk_page_stream_header(&stream, true, &header, err);
  }
  if (!st)
    st = sk_page_stream_body(&stream, &header, &body, err);
  if (!st && (header.type == SK_PAGE_DATA_V2 || header.definition_encoding == SK_ENCODING_RLE))
    st = check_page(meta, chunk->codec, &header, body, budget, err);
  sk_page_stream_reset(&stream);
  return st ? sk_context(err, st, "%s: column %s, row group %" PRIu32 ", page 0",
                         sk_object_name(file->object), meta->path, group)
            : SHUKEI_OK;
}
