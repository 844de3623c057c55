/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of a file, by their headers alone. A header that cannot be read ends its chunk and is
 * told in its place. */
#include "parquet/cell.h"
#include "parquet/file.h"
#include "parquet/inspect_pages.h"
#include "parquet/page_stream.h"

static const char *page_name(int32_t type)
{
  switch (type) {
  case SK_PAGE_DATA:
    return "data";
  case SK_PAGE_DATA_V2:
    return "data v2";
  case SK_PAGE_DICTIONARY:
    return "dictionary";
  case SK_PAGE_INDEX:
    return "index";
  default:
    return "unknown";
  }
}

static void add_page(struct sk_buffer *out, bool json, bool first, uint64_t at,
                     const struct sk_page_header *h)
{
  const char *encoding = sk_encoding_name((enum sk_encoding)h->encoding);
  const char *form = json ? "%s{\"offset\":%" PRIu64
                            ",\"type\":\"%s\",\"encoding\":\"%s\",\"values\":%" PRId32
                            ",\"header_bytes\":%" PRIu32 ",\"stored_bytes\":%" PRIu32
                            ",\"uncompressed_bytes\":%" PRIu32 ",\"crc\":%s}"
                          : "%s    at %" PRIu64 ": %s, %s, %" PRId32 " values, header %" PRIu32
                            " B, stored %" PRIu32 " B, uncompressed %" PRIu32 " B, CRC %s\n";
  sk_buffer_printf(out, form, json && !first ? "," : "", at, page_name(h->type), encoding,
                   h->value_count, h->header_length, h->stored_length, h->uncompressed_length,
                   json ? (h->has_crc ? "true" : "false") : (h->has_crc ? "yes" : "no"));
}

static void add_complaint(struct sk_buffer *out, bool json, const shukei_error *error)
{
  if (json) {
    sk_buffer_text(out, ",\"error\":");
    sk_name_write(out, true, error->text);
  } else {
    sk_buffer_text(out, "    ");
    sk_name_write(out, false, error->text);
    sk_buffer_byte(out, '\n');
  }
}

static shukei_status list_chunk(struct sk_file *file, uint32_t group, uint32_t column, bool json,
                                struct sk_budget *budget, struct sk_buffer *out, shukei_error *err)
{
  const struct sk_chunk_meta *chunk = &file->meta.groups[group].chunks[column];
  struct sk_page_stream stream;
  shukei_error error = {.status = SHUKEI_OK};
  uint64_t begin = 0, end = 0;
  bool first = true;
  shukei_status st = sk_chunk_pages_check(file, group, (int)column, &error);
  if (!st)
    sk_chunk_range(chunk, file->data_end, &begin, &end);
  sk_page_stream_init(&stream, file->object, begin, end, NULL, budget);
  while (!st && stream.at < begin + (uint64_t)chunk->compressed_bytes) {
    struct sk_page_header header;
    const uint64_t at = stream.at;
    st = sk_page_stream_header(&stream, true, &header, &error);
    if (st)
      break;
    add_page(out, json, first, at, &header);
    first = false;
    sk_page_stream_skip(&stream, &header);
  }
  sk_page_stream_reset(&stream);
  if (json)
    sk_buffer_byte(out, ']');
  if (st == SHUKEI_EFORMAT || st == SHUKEI_ETRUNC || st == SHUKEI_EUNSUPPORTED) {
    add_complaint(out, json, &error);
    return SHUKEI_OK;
  }
  if (st && err)
    *err = error;
  return st;
}

shukei_status sk_parquet_pages(struct sk_file *file, bool json, struct sk_budget *budget,
                               struct sk_buffer *out, shukei_error *err)
{
  const struct sk_meta *meta = &file->meta;
  shukei_status st = SHUKEI_OK;
  if (json)
    sk_buffer_byte(out, '[');
  for (uint32_t g = 0; !st && g < meta->group_count; g++)
    for (uint32_t i = 0; !st && i < meta->column_count; i++) {
      const char *path = meta->columns[i].path;
      if (json) {
        sk_buffer_printf(out, "%s{\"row_group\":%" PRIu32 ",\"path\":", g || i ? "," : "", g);
        sk_name_write(out, true, path);
        sk_buffer_text(out, ",\"pages\":[");
      } else {
        sk_buffer_printf(out, "row group %" PRIu32 ", column ", g);
        sk_name_write(out, false, path);
        sk_buffer_byte(out, '\n');
      }
      st = list_chunk(file, g, i, json, budget, out, err);
      if (json)
        sk_buffer_byte(out, '}');
    }
  if (json)
    sk_buffer_byte(out, ']');
  return !st && out->failed ? sk_fail_memory(err, budget, out->length, "a list of pages") : st;
}
