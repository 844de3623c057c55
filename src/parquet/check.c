/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers leave out for speed, or forgive because other writers do it: here it is told.
 *
 * A chunk is read twice: once by its pages, whose headers are compared with the footer, and once by
 * its values, as `cat` reads them. What ends a chunk's reading is one finding, and the next chunk
 * is read. */
#include "parquet/check.h"

#include "parquet/cell.h"
#include "parquet/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- findings -------------------------------------------------------------------------------- */

void sk_check_found(struct sk_check_chunk *c, const char *format, ...)
{
  struct sk_buffer *const out = c->check->out;
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  c->check->result->findings++;
  sk_buffer_printf(out, "row group %" PRIu32 ", column ", c->group);
  sk_name_write(out, false, c->meta->path);
  sk_buffer_printf(out, ": %s\n", text);
}

static void found_count(struct sk_check_chunk *c, const char *what, int64_t found, int64_t told)
{
  if (found != told)
    sk_check_found(c, "%" PRId64 " %s, the footer says %" PRId64, found, what, told);
}

static void found_text(struct sk_check *check, const char *text)
{
  check->result->findings++;
  sk_name_write(check->out, false, text);
  sk_buffer_byte(check->out, '\n');
}

/* Broken data are a finding; everything else ends the check. */
static shukei_status judge(struct sk_check *check, shukei_status status, shukei_error *error,
                           shukei_error *err)
{
  if (status == SHUKEI_EFORMAT || status == SHUKEI_ETRUNC || status == SHUKEI_EUNSUPPORTED) {
    found_text(check, error->text);
    return SHUKEI_OK;
  }
  if (status && err)
    *err = *error;
  return status;
}

/* ---- parts of the file ----------------------------------------------------------------------- */

struct part {
  uint64_t begin, end;
  const char *what;
  uint32_t group;
  int column; /* -1: of the whole file */
};

static int by_beginning(const void *a, const void *b)
{
  const struct part *x = a, *y = b;
  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;
  return (x->end > y->end) - (x->end < y->end);
}

static void name_part(const struct sk_check *check, const struct part *part)
{
  if (part->column < 0) {
    sk_buffer_text(check->out, part->what);
    return;
  }
  sk_buffer_printf(check->out, "the %s of column ", part->what);
  sk_name_write(check->out, false, check->file->meta.columns[part->column].path);
  sk_buffer_printf(check->out, " in row group %" PRIu32, part->group);
}

/* Where the footer does not tell its length, its header does. */
static shukei_status bloom_length(const struct sk_check *check, uint32_t group, uint32_t column,
                                  int64_t *length, shukei_error *err)
{
  const struct sk_chunk_meta *const chunk = &check->file->meta.groups[group].chunks[column];
  struct sk_bloom_place place = {.size = 0};
  *length = chunk->bloom_filter_length;
  if (chunk->bloom_filter_offset < 0 || *length > 0)
    return SHUKEI_OK;
  const shukei_status st = sk_bloom_find(check->file, group, (int)column, &place, err);
  *length = place.size ? (int64_t)(place.bits - place.begin) + place.size : 1;
  return st;
}

static shukei_status list_parts(const struct sk_check *check, struct part *parts,
                                size_t *part_count, shukei_error *err)
{
  const struct sk_meta *meta = &check->file->meta;
  size_t count = 0;
  parts[count++] = (struct part){0, 4, "the magic number", 0, -1};
  parts[count++] = (struct part){check->file->data_end, sk_object_size(check->file->object),
                                 "the footer", 0, -1};
  for (uint32_t g = 0; g < meta->group_count; g++)
    for (uint32_t i = 0; i < meta->column_count; i++) {
      const struct sk_chunk_meta *chunk = &meta->groups[g].chunks[i];
      if (chunk->missing || chunk->other_file || !chunk->value_count)
        continue;
      int64_t bloom = 0;
      const shukei_status st = bloom_length(check, g, i, &bloom, err);
      if (st)
        return st;
      const struct {
        int64_t offset, length;
        const char *what;
      } own[] = {{chunk->dictionary_page_offset > 0 ? chunk->dictionary_page_offset
                                                    : chunk->data_page_offset,
                  chunk->compressed_bytes, "pages"},
                 {chunk->offset_index_offset, chunk->offset_index_length, "offset index"},
                 {chunk->column_index_offset, chunk->column_index_length, "column index"},
                 {chunk->bloom_filter_offset, bloom, "Bloom filter"}};
      for (size_t k = 0; k < sizeof own / sizeof *own; k++)
        if (own[k].offset >= 0 && own[k].length > 0)
          parts[count++] = (struct part){(uint64_t)own[k].offset,
                                         (uint64_t)own[k].offset + (uint64_t)own[k].length,
                                         own[k].what, g, (int)i};
    }
  *part_count = count;
  return SHUKEI_OK;
}

static shukei_status check_parts(struct sk_check *check, shukei_error *err)
{
  const struct sk_meta *meta = &check->file->meta;
  const size_t most = 2 + (size_t)meta->group_count * meta->column_count * 4;
  struct part *parts = sk_alloc(check->budget, most * sizeof *parts);
  if (!parts)
    return sk_fail_memory(err, check->budget, most * sizeof *parts, "the parts of a file");
  size_t count = 0;
  const shukei_status st = list_parts(check, parts, &count, err);
  if (!st)
    qsort(parts, count, sizeof *parts, by_beginning);
  for (size_t i = 1; !st && i < count; i++)
    if (parts[i].begin < parts[i - 1].end) {
      check->result->findings++;
      name_part(check, &parts[i]);
      sk_buffer_printf(check->out, " at byte %" PRIu64 " begins within ", parts[i].begin);
      name_part(check, &parts[i - 1]);
      sk_buffer_byte(check->out, '\n');
    }
  sk_free(parts);
  return st;
}

/* ---- pages ----------------------------------------------------------------------------------- */

static shukei_status decompress(struct sk_check_chunk *c, const struct sk_page_header *header,
                                const uint8_t *body, shukei_error *err)
{
  uint8_t *bytes = NULL;
  size_t capacity = 0, levels = 0;
  if (header->type == SK_PAGE_DATA_V2)
    levels = (size_t)header->definition_length + header->repetition_length;
  if (levels > header->stored_length || levels > header->uncompressed_length)
    return sk_fail(err, SHUKEI_EFORMAT, "levels of %zu bytes in a page of %" PRIu32, levels,
                   header->stored_length);
  if (header->type == SK_PAGE_DATA_V2 && !header->compressed)
    return SHUKEI_OK;
  const shukei_status st = sk_page_decompress(
      c->check->budget, c->check->tools->codec, c->chunk->codec, body + levels,
      header->stored_length - levels, header->uncompressed_length - levels, &bytes, &capacity, err);
  sk_free(bytes);
  return sk_page_refused(c->chunk, header, st, err);
}

static shukei_status walk_pages(struct sk_check_chunk *c, struct sk_page_stream *stream,
                                uint64_t begin, shukei_error *err)
{
  const uint64_t end = begin + (uint64_t)c->chunk->compressed_bytes;
  int64_t values = 0, uncompressed = 0;
  while (stream->at < end) {
    struct sk_page_header header;
    const uint8_t *body = NULL;
    shukei_status st = sk_page_stream_header(stream, false, &header, err);
    if (!st)
      st = sk_page_stream_body(stream, &header, &body, err);
    if (!st)
      st = decompress(c, &header, body, err);
    if (st)
      return st;
    c->check->result->pages++;
    uncompressed += (int64_t)header.header_length + header.uncompressed_length;
    if (header.type == SK_PAGE_DATA || header.type == SK_PAGE_DATA_V2) {
      values += header.value_count;
      c->data_pages++;
    }
  }
  found_count(c, "values", values, c->chunk->value_count);
  found_count(c, "bytes of pages", (int64_t)(stream->at - begin), c->chunk->compressed_bytes);
  found_count(c, "bytes of pages without the codec", uncompressed, c->chunk->uncompressed_bytes);
  return SHUKEI_OK;
}

static shukei_status check_pages(struct sk_check_chunk *c, shukei_error *err)
{
  struct sk_page_stream stream;
  uint64_t begin = 0, end = 0;
  sk_chunk_range(c->chunk, c->check->file->data_end, &begin, &end);
  sk_page_stream_init(&stream, c->check->file->object, begin, end, NULL, c->check->budget);
  const shukei_status st = walk_pages(c, &stream, begin, err);
  sk_page_stream_reset(&stream);
  return st;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* The levels of the next rows; of a nested column those that begin a record are added to
 * *records. */
static shukei_status read_levels(const struct sk_check_chunk *c, struct sk_column *column,
                                 struct sk_block *block, int64_t *records, shukei_error *err)
{
  uint16_t repetition[SK_BLOCK], definition[SK_BLOCK];
  if (c->meta->flat)
    return sk_column_block(column, SK_BLOCK, block, err);
  const bool first = column->row == 0;
  const shukei_status st = sk_column_entries(column, SK_BLOCK, repetition, definition, block, err);
  for (size_t i = 0; i < block->rows && !st; i++)
    *records += repetition[i] == 0;
  if (!st && first && repetition[0])
    return sk_fail(err, SHUKEI_EFORMAT, "the first repetition level is %u, a record begins with 0",
                   (unsigned)repetition[0]);
  return st;
}

/* The values of a block, page by page as the reader comes to them. */
static shukei_status read_block(struct sk_check_told *told, struct sk_column *column,
                                int64_t *records, int64_t *nulls, shukei_error *err)
{
  struct sk_slice slices[SK_BLOCK];
  struct sk_block block;
  const int64_t pages = column->pages, first = told->c->meta->flat ? column->row : *records;
  shukei_status st = read_levels(told->c, column, &block, records, err);
  if (!st && column->pages > pages)
    sk_check_told_page(told, column, first);
  for (size_t left = st ? 0 : block.present, got = 0; !st && left; left -= got) {
    st = sk_column_slices(column, left, slices, &got, err);
    if (!st)
      sk_check_told_values(told, slices, got);
  }
  if (st)
    return sk_column_context(column, st, err);
  sk_check_told_nulls(told, block.rows - block.present);
  *nulls += (int64_t)(block.rows - block.present);
  told->c->check->result->values += block.rows;
  return SHUKEI_OK;
}

static shukei_status read_values(struct sk_check_chunk *c, struct sk_column *column,
                                 int64_t *records, int64_t *nulls, shukei_error *err)
{
  struct sk_check_told told;
  shukei_status st = sk_check_told_open(&told, c, column, err);
  while (!st && column->row < column->row_count)
    st = read_block(&told, column, records, nulls, err);
  if (!st)
    sk_check_told_end(&told);
  sk_check_told_close(&told);
  return st;
}

static shukei_status check_values(struct sk_check_chunk *c, shukei_error *err)
{
  struct sk_check *const check = c->check;
  struct sk_column *column = NULL;
  int64_t records = 0, nulls = 0;
  shukei_status st = c->meta->flat
                         ? sk_column_open(check->file, c->group, c->column, 0, check->tools,
                                          check->budget, &column, err)
                         : sk_column_open_nested(check->file, c->group, c->column, check->tools,
                                                 check->budget, &column, err);
  if (!st)
    st = read_values(c, column, &records, &nulls, err);
  sk_column_close(column);
  if (!st && !c->meta->flat)
    found_count(c, "rows by the levels", records, check->file->meta.groups[c->group].row_count);
  /* Whether an empty list counts as null is nowhere said. */
  if (!st && c->chunk->statistics.null_count >= 0 && c->meta->max_repetition == 0)
    found_count(c, "nulls", nulls, c->chunk->statistics.null_count);
  return st;
}

/* ---- the file -------------------------------------------------------------------------------- */

static shukei_status check_chunk(struct sk_check *check, uint32_t group, int column,
                                 shukei_error *err)
{
  struct sk_check_chunk c = {.check = check,
                             .meta = &check->file->meta.columns[column],
                             .chunk = &check->file->meta.groups[group].chunks[column],
                             .group = group,
                             .column = column};
  const uint64_t before = check->result->findings;
  if (!c.chunk->value_count && !check->file->meta.groups[group].row_count)
    return SHUKEI_OK; /* writers put anything for the pages that are not there */
  shukei_error error = {.status = SHUKEI_OK};
  shukei_status st = c.meta->flat ? sk_chunk_check(check->file, group, column, &error)
                                  : sk_chunk_nested_check(check->file, group, column, &error);
  if (!st)
    st = check_pages(&c, &error);
  if (st)
    sk_context(&error, st, "row group %" PRIu32 ", column %s", group, c.meta->path);
  st = judge(check, st, &error, err);
  if (st || check->result->findings > before)
    return st;
  return judge(check, check_values(&c, &error), &error, err);
}

shukei_status sk_parquet_check(struct sk_file *file, struct sk_budget *budget,
                               struct sk_buffer *lines, struct sk_check_result *result,
                               shukei_error *err)
{
  struct sk_check check = {.file = file, .budget = budget, .out = lines, .result = result};
  const struct sk_meta *meta = &file->meta;
  int64_t rows = 0;
  *result = (struct sk_check_result){.findings = 0};
  shukei_status st = sk_column_tools_new(budget, &check.tools, err);
  if (!st)
    st = check_parts(&check, err);
  for (uint32_t g = 0; !st && g < meta->group_count; g++) {
    rows += meta->groups[g].row_count;
    for (uint32_t i = 0; !st && i < meta->column_count; i++)
      st = check_chunk(&check, g, (int)i, err);
  }
  if (!st && rows != meta->row_count) {
    result->findings++;
    sk_buffer_printf(lines, "%" PRId64 " rows in all row groups, the footer says %" PRId64 "\n",
                     rows, meta->row_count);
  }
  sk_column_tools_free(check.tools);
  return !st && lines->failed ? sk_fail_memory(err, budget, lines->length, "findings") : st;
}
