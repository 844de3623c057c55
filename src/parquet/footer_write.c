/* SPDX-License-Identifier: Apache-2.0 */
/* Writing FileMetaData, ColumnIndex and OffsetIndex; field numbers are those of parquet.thrift.
 *
 * The indexes are made when a row group is written, while its dictionary still tells the texts, and
 * lie together before the footer, column indexes first, as the format's PageIndex.md recommends. */
#include "parquet/footer_write.h"

#include "base/bytes.h"
#include "parquet/footer_seal.h"
#include "parquet/page_index.h"
#include "parquet/thrift_write.h"

#include <string.h>

#define CREATED_BY SK_SEAL_WRITER SHUKEI_VERSION " (build release)"

enum { CONVERTED_UTF8 = 0, CONVERTED_DATE = 6, CONVERTED_TIMESTAMP_MICROS = 10 };
enum { UNION_STRING = 1, UNION_DATE = 6, UNION_TIMESTAMP = 8 };

/* ---- page index ---------------------------------------------------------------------------- */

static int boundary_order(const struct sk_chunk_writer *chunk)
{
  const struct sk_encoded_page *before = NULL;
  bool rising = true, falling = true;
  for (uint32_t i = 0; i < chunk->page_count; i++) {
    const struct sk_encoded_page *page = &chunk->pages[i];
    if (!page->bounded)
      continue;
    if (before) {
      const int min = sk_chunk_compare(chunk, before->min, page->min);
      const int max = sk_chunk_compare(chunk, before->max, page->max);
      rising = rising && min <= 0 && max <= 0;
      falling = falling && min >= 0 && max >= 0;
    }
    before = page;
  }
  return rising ? SK_ASCENDING : falling ? SK_DESCENDING : SK_UNORDERED;
}

/* A page that holds nothing but NaN has no bounds, nor has one whose upper bound cannot be cut; the
 * format then wants no column index for the whole chunk. */
static bool all_bounded(const struct sk_chunk_writer *chunk)
{
  struct sk_bound lower, upper;
  for (uint32_t i = 0; i < chunk->page_count; i++) {
    const struct sk_encoded_page *page = &chunk->pages[i];
    if (page->nulls < page->rows &&
        (!page->bounded || !sk_chunk_bounds(chunk, page->min, page->max, &lower, &upper)))
      return false;
  }
  return true;
}

static void put_column_index(const struct sk_chunk_writer *chunk, struct sk_buffer *out)
{
  struct sk_compact to;
  struct sk_bound bounds[2] = {0};
  sk_compact_init(&to, out);
  sk_compact_list(&to, 1, SK_COMPACT_BOOL, chunk->page_count); /* null_pages */
  for (uint32_t i = 0; i < chunk->page_count; i++)
    sk_compact_item_bool(&to, !chunk->pages[i].bounded);
  for (int16_t side = 0; side < 2; side++) { /* min_values, max_values */
    sk_compact_list(&to, (int16_t)(2 + side), SK_COMPACT_BYTES, chunk->page_count);
    for (uint32_t i = 0; i < chunk->page_count; i++) {
      const struct sk_encoded_page *page = &chunk->pages[i];
      bounds[side].length = 0;
      if (page->bounded)
        sk_chunk_bounds(chunk, page->min, page->max, &bounds[0], &bounds[1]);
      sk_compact_item_bytes(&to, bounds[side].bytes, bounds[side].length);
    }
  }
  sk_compact_i32(&to, 4, boundary_order(chunk));
  sk_compact_list(&to, 5, SK_COMPACT_I64, chunk->page_count); /* null_counts */
  for (uint32_t i = 0; i < chunk->page_count; i++)
    sk_compact_item_int(&to, chunk->pages[i].nulls);
  sk_compact_end(&to);
}

static void put_offset_index(const struct sk_chunk_writer *chunk, int64_t offset,
                             struct sk_buffer *out)
{
  struct sk_compact to;
  int64_t first_row = 0;
  sk_compact_init(&to, out);
  sk_compact_list(&to, 1, SK_COMPACT_STRUCT, chunk->page_count);
  for (uint32_t i = 0; i < chunk->page_count; i++) {
    const struct sk_encoded_page *page = &chunk->pages[i];
    sk_compact_item(&to);
    sk_compact_i64(&to, 1, offset);
    sk_compact_i32(&to, 2, (int32_t)page->length);
    sk_compact_i64(&to, 3, first_row);
    sk_compact_end(&to);
    offset += page->length;
    first_row += page->rows;
  }
  sk_compact_end(&to);
}

static void record_bounds(const struct sk_chunk_writer *chunk, struct sk_chunk_record *record)
{
  const struct sk_encoded_page *least = NULL, *most = NULL;
  for (uint32_t i = 0; i < chunk->page_count; i++) {
    const struct sk_encoded_page *page = &chunk->pages[i];
    if (!page->bounded)
      continue;
    if (!least || sk_chunk_compare(chunk, page->min, least->min) < 0)
      least = page;
    if (!most || sk_chunk_compare(chunk, page->max, most->max) > 0)
      most = page;
  }
  record->has_min = least != NULL;
  record->has_max =
      least && sk_chunk_bounds(chunk, least->min, most->max, &record->min, &record->max);
}

bool sk_record_chunk(const struct sk_chunk_writer *chunk, int64_t offset, bool indexes,
                     struct sk_chunk_record *record, struct sk_buffer *column_indexes,
                     struct sk_buffer *offset_indexes)
{
  *record = (struct sk_chunk_record){.dictionary_page_offset = -1, .packed = chunk->packed};
  if (chunk->dictionary.bytes) {
    record->dictionary_page_offset = offset;
    record->raw_bytes = (int64_t)chunk->dictionary.head_length + chunk->dictionary.raw_length;
    record->packed_bytes = chunk->dictionary.length;
    offset += chunk->dictionary.length;
  }
  record->data_page_offset = offset;
  for (uint32_t i = 0; i < chunk->page_count; i++) {
    const struct sk_encoded_page *page = &chunk->pages[i];
    record->value_count += page->rows;
    record->null_count += page->nulls;
    record->raw_bytes += (int64_t)page->head_length + page->raw_length;
    record->packed_bytes += page->length;
    record->pages_of[page->encoding]++;
  }
  record_bounds(chunk, record);
  if (!indexes)
    return true;
  record->column_index_offset = (int64_t)column_indexes->length;
  if (all_bounded(chunk))
    put_column_index(chunk, column_indexes);
  record->column_index_length =
      (int32_t)((int64_t)column_indexes->length - record->column_index_offset);
  record->offset_index_offset = (int64_t)offset_indexes->length;
  put_offset_index(chunk, offset, offset_indexes);
  record->offset_index_length =
      (int32_t)((int64_t)offset_indexes->length - record->offset_index_offset);
  return !column_indexes->failed && !offset_indexes->failed;
}

/* ---- footer -------------------------------------------------------------------------------- */

static void put_logical(struct sk_compact *to, enum sk_write_kind kind)
{
  const int16_t member = kind == SK_WRITE_TEXT   ? UNION_STRING
                         : kind == SK_WRITE_DATE ? UNION_DATE
                                                 : UNION_TIMESTAMP;
  sk_compact_begin(to, 10); /* logicalType */
  sk_compact_begin(to, member);
  if (kind == SK_WRITE_TIME) {
    sk_compact_bool(to, 1, true); /* isAdjustedToUTC */
    sk_compact_begin(to, 2);      /* unit */
    sk_compact_begin(to, 2);      /* MICROS */
    sk_compact_end(to);
    sk_compact_end(to);
  }
  sk_compact_end(to);
  sk_compact_end(to);
}

static void put_schema(struct sk_compact *to, const struct sk_footer_parts *parts)
{
  sk_compact_list(to, 2, SK_COMPACT_STRUCT, parts->column_count + 1);
  sk_compact_item(to);
  sk_compact_text(to, 4, "schema");
  sk_compact_i32(to, 5, (int32_t)parts->column_count);
  sk_compact_end(to);
  for (uint32_t i = 0; i < parts->column_count; i++) {
    const struct sk_chunk_writer *column = &parts->columns[i];
    sk_compact_item(to);
    sk_compact_i32(to, 1, (int32_t)sk_chunk_type(column));
    sk_compact_i32(to, 3, column->required ? SK_REQUIRED : SK_OPTIONAL);
    sk_compact_text(to, 4, column->name);
    if (column->kind == SK_WRITE_TEXT)
      sk_compact_i32(to, 6, CONVERTED_UTF8);
    if (column->kind == SK_WRITE_DATE)
      sk_compact_i32(to, 6, CONVERTED_DATE);
    if (column->kind == SK_WRITE_TIME)
      sk_compact_i32(to, 6, CONVERTED_TIMESTAMP_MICROS);
    if (column->kind != SK_WRITE_DOUBLE && column->kind != SK_WRITE_INT64)
      put_logical(to, column->kind);
    sk_compact_end(to);
  }
}

static void put_statistics(struct sk_compact *to, const struct sk_chunk_record *chunk)
{
  sk_compact_begin(to, 12);
  sk_compact_i64(to, 3, chunk->null_count);
  if (chunk->has_max)
    sk_compact_bytes(to, 5, chunk->max.bytes, chunk->max.length);
  if (chunk->has_min)
    sk_compact_bytes(to, 6, chunk->min.bytes, chunk->min.length);
  if (chunk->has_max)
    sk_compact_bool(to, 7, chunk->max.exact);
  if (chunk->has_min)
    sk_compact_bool(to, 8, chunk->min.exact);
  sk_compact_end(to);
}

static void put_page_count(struct sk_compact *to, enum sk_page_type type, enum sk_encoding encoding,
                           uint32_t count)
{
  sk_compact_item(to);
  sk_compact_i32(to, 1, (int32_t)type);
  sk_compact_i32(to, 2, (int32_t)encoding);
  sk_compact_i32(to, 3, (int32_t)count);
  sk_compact_end(to);
}

/* PLAIN is also that of the dictionary, RLE that of levels. */
static bool has_encoding(const struct sk_chunk_record *chunk, enum sk_encoding encoding)
{
  return chunk->pages_of[encoding] > 0 || encoding == SK_ENCODING_RLE ||
         (encoding == SK_ENCODING_PLAIN && chunk->dictionary_page_offset >= 0);
}

static void put_encodings(struct sk_compact *to, const struct sk_chunk_record *chunk)
{
  size_t count = 0;
  for (int encoding = 0; encoding < SK_ENCODINGS; encoding++)
    count += has_encoding(chunk, (enum sk_encoding)encoding);
  sk_compact_list(to, 2, SK_COMPACT_I32, count);
  for (int encoding = 0; encoding < SK_ENCODINGS; encoding++)
    if (has_encoding(chunk, (enum sk_encoding)encoding))
      sk_compact_item_int(to, encoding);
}

static void put_encoding_stats(struct sk_compact *to, const struct sk_chunk_record *chunk)
{
  const bool dictionary = chunk->dictionary_page_offset >= 0;
  size_t count = dictionary;
  for (int encoding = 0; encoding < SK_ENCODINGS; encoding++)
    count += chunk->pages_of[encoding] > 0;
  sk_compact_list(to, 13, SK_COMPACT_STRUCT, count);
  if (dictionary)
    put_page_count(to, SK_PAGE_DICTIONARY, SK_ENCODING_PLAIN, 1);
  for (int encoding = SK_ENCODINGS - 1; encoding >= 0; encoding--)
    if (chunk->pages_of[encoding])
      put_page_count(to, SK_PAGE_DATA, (enum sk_encoding)encoding, chunk->pages_of[encoding]);
}

static void put_chunk(struct sk_compact *to, const struct sk_footer_parts *parts,
                      const struct sk_chunk_writer *column, const struct sk_chunk_record *chunk)
{
  sk_compact_item(to);
  sk_compact_i64(to, 2, 0); /* file_offset: deprecated, required, 0 by the format's advice */
  sk_compact_begin(to, 3);
  sk_compact_i32(to, 1, (int32_t)sk_chunk_type(column));
  put_encodings(to, chunk);
  sk_compact_list(to, 3, SK_COMPACT_BYTES, 1);
  sk_compact_item_bytes(to, column->name, strlen(column->name));
  sk_compact_i32(to, 4, (int32_t)(chunk->packed ? parts->codec : SK_CODEC_UNCOMPRESSED));
  sk_compact_i64(to, 5, chunk->value_count);
  sk_compact_i64(to, 6, chunk->raw_bytes);
  sk_compact_i64(to, 7, chunk->packed_bytes);
  sk_compact_i64(to, 9, chunk->data_page_offset);
  if (chunk->dictionary_page_offset >= 0)
    sk_compact_i64(to, 11, chunk->dictionary_page_offset);
  put_statistics(to, chunk);
  put_encoding_stats(to, chunk);
  if (chunk->bloom_length) {
    sk_compact_i64(to, 14, chunk->bloom_offset);
    sk_compact_i32(to, 15, chunk->bloom_length);
  }
  sk_compact_end(to);
  if (chunk->offset_index_length) {
    sk_compact_i64(to, 4, parts->offset_indexes_offset + chunk->offset_index_offset);
    sk_compact_i32(to, 5, chunk->offset_index_length);
  }
  if (chunk->column_index_length) {
    sk_compact_i64(to, 6, parts->column_indexes_offset + chunk->column_index_offset);
    sk_compact_i32(to, 7, chunk->column_index_length);
  }
  sk_compact_end(to);
}

static void put_group(struct sk_compact *to, const struct sk_footer_parts *parts, uint32_t index)
{
  const struct sk_group_record *group = &parts->groups[index];
  int64_t raw_bytes = 0, packed_bytes = 0;
  sk_compact_item(to);
  sk_compact_list(to, 1, SK_COMPACT_STRUCT, parts->column_count);
  for (uint32_t i = 0; i < parts->column_count; i++) {
    put_chunk(to, parts, &parts->columns[i], &group->chunks[i]);
    raw_bytes += group->chunks[i].raw_bytes;
    packed_bytes += group->chunks[i].packed_bytes;
  }
  sk_compact_i64(to, 2, raw_bytes);
  sk_compact_i64(to, 3, group->row_count);
  if (group->sorted)
    sk_compact_list(to, 4, SK_COMPACT_STRUCT, group->sorted);
  for (uint32_t i = 0; i < group->sorted; i++) {
    sk_compact_item(to);
    sk_compact_i32(to, 1, (int32_t)parts->sorting_columns[i]);
    sk_compact_bool(to, 2, false); /* descending */
    sk_compact_bool(to, 3, false); /* nulls_first */
    sk_compact_end(to);
  }
  sk_compact_i64(to, 5, group->offset);
  sk_compact_i64(to, 6, packed_bytes);
  if (index <= INT16_MAX)
    sk_compact_i16(to, 7, (int16_t)index); /* ordinal */
  sk_compact_end(to);
}

/* The checksum's pair, with the digits still blank; returns where they lie in the buffer. */
static size_t put_seal(struct sk_compact *to)
{
  sk_compact_list(to, 5, SK_COMPACT_STRUCT, 1);
  sk_compact_item(to);
  sk_compact_text(to, 1, SK_SEAL_KEY);
  sk_compact_text(to, 2, SK_SEAL_BLANK);
  const size_t digits = to->out->length - SK_SEAL_DIGITS;
  sk_compact_end(to);
  return digits;
}

bool sk_write_footer(const struct sk_footer_parts *parts, struct sk_buffer *out)
{
  const size_t before = out->length;
  struct sk_compact to;
  int64_t row_count = 0;
  for (uint32_t i = 0; i < parts->group_count; i++)
    row_count += parts->groups[i].row_count;
  sk_compact_init(&to, out);
  sk_compact_i32(&to, 1, 2); /* version 2: RLE_DICTIONARY, logical types */
  put_schema(&to, parts);
  sk_compact_i64(&to, 3, row_count);
  sk_compact_list(&to, 4, SK_COMPACT_STRUCT, parts->group_count);
  for (uint32_t i = 0; i < parts->group_count; i++)
    put_group(&to, parts, i);
  const size_t digits = put_seal(&to);
  sk_compact_text(&to, 6, CREATED_BY);
  sk_compact_list(&to, 7, SK_COMPACT_STRUCT, parts->column_count); /* column_orders */
  for (uint32_t i = 0; i < parts->column_count; i++) {
    sk_compact_item(&to);
    sk_compact_begin(&to, 1); /* TYPE_ORDER */
    sk_compact_end(&to);
    sk_compact_end(&to);
  }
  sk_compact_end(&to);
  if (out->failed)
    return false;
  sk_seal_set(out->bytes + before, out->length - before, digits - before);
  uint8_t tail[8];
  sk_put_le32(tail, (uint32_t)(out->length - before));
  memcpy(tail + 4, "PAR1", 4);
  sk_buffer_add(out, tail, sizeof tail);
  return !out->failed;
}
