/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting a row group into ranges of rows for several threads. Ranges begin where a page of the
 * largest column begins, so that this column, most of the work, is decompressed once; the others
 * decompress the page at a border twice. Pages come from the offset index where there is a sound
 * one, else by hopping from header to header. A wrong cut would cost time, never rows: a reader
 * finds any row.
 *
 * The first rows of a group name most of what it will ever name, hour after hour: there the ranges
 * are small, so that threads do not meet the same names at the same time, and grow from there. The
 * last ones are small again, so that threads end at about the same time. Pages that are much longer
 * are cut. */
#include "parquet/file.h"

#include "parquet/page_index.h"
#include "parquet/page_stream.h"

struct page_cut {
  int64_t end; /* the row behind the page */
  uint64_t bytes;
};

struct cuts { /* by an offset index */
  struct sk_budget *budget;
  struct page_cut *pages;
  size_t count, capacity;
};

struct sk_cutter {
  struct sk_file *file;
  uint32_t group;
  int column;        /* the largest; below 0: there is nothing to cut */
  int64_t row_count; /* of the row group */
  struct cuts index;
  size_t next; /* of those */
  bool by_headers;
  struct sk_page_stream stream;
  int64_t page_row;     /* that the stream's next page begins with */
  uint32_t pages;       /* of data before it */
  struct page_cut page; /* the last one that was looked at */
  uint64_t limit;       /* bytes of a range */
  int64_t at;           /* where the last range ended */
  int64_t step;         /* rows of a range; 0: the group is one */
  unsigned given;       /* ranges */
};

/* A page of so many bytes begins at a row, and ends that before it. */
static bool see_page(struct cuts *cuts, int64_t row, uint64_t bytes)
{
  if (cuts->count)
    cuts->pages[cuts->count - 1].end = row;
  if (cuts->count == cuts->capacity) {
    const size_t capacity = cuts->capacity ? cuts->capacity * 2 : 16;
    struct page_cut *pages = sk_realloc(cuts->budget, cuts->pages, capacity * sizeof *pages);
    if (!pages)
      return false;
    cuts->pages = pages;
    cuts->capacity = capacity;
  }
  cuts->pages[cuts->count++].bytes = bytes;
  return true;
}

/* Goes over the locations; false where the index contradicts itself: what was seen of it until then
 * is of no use. */
static bool walk_index(const uint8_t *bytes, size_t length, int64_t row_count, struct cuts *cuts,
                       bool *no_memory)
{
  struct sk_thrift t;
  struct sk_thrift_field f = {0};
  int64_t row = -1;
  sk_thrift_init(&t, bytes, length);
  while (sk_thrift_field(&t, &f)) {
    if (f.id != 1) {
      sk_thrift_skip(&t, &f);
      continue;
    }
    const uint32_t count = sk_thrift_list(&t, &f, SK_THRIFT_STRUCT);
    for (uint32_t i = 0; i < count && !t.error; i++) {
      const struct sk_page_place at = sk_page_place_read(&t);
      if (at.bytes < 0 || at.first_row >= row_count || (i == 0 && at.first_row != 0) ||
          at.first_row < row)
        return false;
      row = at.first_row;
      if (!see_page(cuts, row, (uint64_t)at.bytes)) {
        *no_memory = true;
        return false;
      }
    }
  }
  if (cuts->count)
    cuts->pages[cuts->count - 1].end = row_count;
  return !t.error && row >= 0;
}

/* *done is false where there is no sound index. */
static shukei_status cut_by_index(struct sk_file *file, const struct sk_chunk_meta *chunk,
                                  int64_t row_count, struct cuts *cuts, bool *done,
                                  shukei_error *err)
{
  bool no_memory = false;
  *done = false;
  if (chunk->offset_index_offset < 0)
    return SHUKEI_OK;
  const size_t length = (size_t)chunk->offset_index_length; /* within the object, see footer.c */
  uint8_t *bytes = sk_alloc(cuts->budget, length);
  if (!bytes)
    return sk_fail_memory(err, cuts->budget, length, "an offset index");
  shukei_status st =
      sk_object_read(file->object, (uint64_t)chunk->offset_index_offset, bytes, length, err);
  if (!st)
    *done = walk_index(bytes, length, row_count, cuts, &no_memory);
  sk_free(bytes);
  if (no_memory)
    st = sk_fail_memory(err, cuts->budget, cuts->capacity * sizeof *cuts->pages, "cuts");
  return st;
}

/* The next page of data by its header. */
static shukei_status page_by_header(struct sk_cutter *cutter, shukei_error *err)
{
  struct sk_page_stream *const stream = &cutter->stream;
  cutter->page = (struct page_cut){cutter->row_count, UINT64_MAX};
  while (cutter->page_row < cutter->row_count && stream->at < stream->end) {
    struct sk_page_header header;
    const shukei_status st = sk_page_stream_header(stream, true, &header, err);
    if (st)
      return st;
    const struct sk_mapped_page page = {stream->at, cutter->page_row, cutter->pages};
    sk_page_stream_skip(stream, &header);
    if (header.type != SK_PAGE_DATA && header.type != SK_PAGE_DATA_V2)
      continue;
    sk_page_maps_note(&cutter->file->pages, cutter->group, cutter->column, &page);
    cutter->pages++;
    cutter->page_row += header.value_count;
    if (cutter->page_row < cutter->row_count)
      cutter->page = (struct page_cut){cutter->page_row, header.uncompressed_length};
    return SHUKEI_OK;
  }
  return SHUKEI_OK;
}

static shukei_status next_page(struct sk_cutter *cutter, shukei_error *err)
{
  if (cutter->by_headers)
    return page_by_header(cutter, err);
  cutter->page = cutter->next < cutter->index.count
                     ? cutter->index.pages[cutter->next++]
                     : (struct page_cut){cutter->row_count, UINT64_MAX};
  return SHUKEI_OK;
}

#define FIRST_ROWS 4096
#define RANGES_OF_A_SIZE 8
#define LAST_SHARE 4 /* of the rows that are left, where these are few */

static uint64_t limit_of(uint64_t target, uint64_t share, uint64_t all)
{
  const double limit = (double)target * ((double)share / (double)(all ? all : 1));
  return limit < 1 ? 1 : limit > 1e18 ? UINT64_MAX : (uint64_t)limit;
}

static int largest(const struct sk_group_meta *group, const int *columns, size_t count,
                   uint64_t *sum)
{
  int best = -1;
  *sum = 0;
  for (size_t i = 0; i < count; i++) {
    if (columns[i] < 0)
      continue;
    const int64_t bytes = group->chunks[columns[i]].uncompressed_bytes;
    *sum += bytes > 0 ? (uint64_t)bytes : 0;
    if (best < 0 || bytes > group->chunks[best].uncompressed_bytes)
      best = columns[i];
  }
  return best;
}

static shukei_status cutter_context(const struct sk_cutter *cutter, shukei_status status,
                                    shukei_error *err)
{
  return sk_context(
      err, status, "%s: column %s, row group %" PRIu32, sk_object_name(cutter->file->object),
      cutter->column < 0 ? "?" : cutter->file->meta.columns[cutter->column].path, cutter->group);
}

/* Finds out how to cut the largest column. */
static shukei_status begin(struct sk_cutter *cutter, uint64_t target, uint64_t sum,
                           shukei_error *err)
{
  struct sk_file *const file = cutter->file;
  const struct sk_chunk_meta *const chunk =
      &file->meta.groups[cutter->group].chunks[cutter->column];
  uint64_t begin = 0, end = 0;
  bool done = false;
  shukei_status st = sk_chunk_check(file, cutter->group, cutter->column, err);
  if (st)
    return st;
  cutter->step = FIRST_ROWS;
  sk_page_maps_begin(&file->pages, cutter->group, file->meta.column_count);
  cutter->limit = limit_of(target, (uint64_t)chunk->compressed_bytes, sum);
  st = cut_by_index(file, chunk, cutter->row_count, &cutter->index, &done, err);
  if (st || done)
    return st;
  cutter->by_headers = true;
  cutter->limit = limit_of(target, (uint64_t)chunk->uncompressed_bytes, sum);
  sk_chunk_range(chunk, file->data_end, &begin, &end);
  sk_page_stream_init(&cutter->stream, file->object, begin, end, NULL, cutter->index.budget);
  return SHUKEI_OK;
}

shukei_status sk_cutter_open(struct sk_file *file, uint32_t group, const int *columns,
                             size_t column_count, uint64_t target_bytes, struct sk_budget *budget,
                             struct sk_cutter **out, shukei_error *err)
{
  const struct sk_group_meta *const g = &file->meta.groups[group];
  uint64_t sum = 0;
  struct sk_cutter *const cutter = sk_calloc(budget, 1, sizeof *cutter);
  *out = NULL;
  if (!cutter)
    return sk_fail_memory(err, budget, sizeof *cutter, "cuts");
  *cutter = (struct sk_cutter){.file = file,
                               .group = group,
                               .column = largest(g, columns, column_count, &sum),
                               .row_count = g->row_count,
                               .index = {.budget = budget}};
  shukei_status st = SHUKEI_OK;
  if (cutter->column >= 0 && sum > target_bytes && g->row_count > 0)
    st = begin(cutter, target_bytes, sum, err);
  if (st) {
    st = cutter_context(cutter, st, err);
    sk_cutter_free(cutter);
    return st;
  }
  *out = cutter;
  return SHUKEI_OK;
}

/* Rows that the next range should have. */
static int64_t wanted_rows(const struct sk_cutter *cutter)
{
  const int64_t share = (cutter->row_count - cutter->at) / LAST_SHARE;
  const int64_t most = share < FIRST_ROWS ? FIRST_ROWS : share;
  return cutter->step < most ? cutter->step : most;
}

shukei_status sk_cutter_next(struct sk_cutter *cutter, int64_t *end, shukei_error *err)
{
  const int64_t first = cutter->at, wanted = wanted_rows(cutter);
  uint64_t bytes = 0;
  *end = cutter->step ? first : cutter->row_count;
  while (*end < cutter->row_count && bytes < cutter->limit && *end - first < wanted - wanted / 4) {
    while (cutter->page.end <= *end) {
      const shukei_status st = next_page(cutter, err);
      if (st)
        return cutter_context(cutter, st, err);
    }
    if (cutter->page.end - first > wanted + wanted / 2) {
      if (*end == first)
        *end += wanted;
      break;
    }
    *end = cutter->page.end;
    bytes += cutter->page.bytes;
  }
  cutter->at = *end;
  if (++cutter->given % RANGES_OF_A_SIZE == 0 && cutter->step < INT64_MAX / 8) /* counts may lie */
    cutter->step *= 2;
  return SHUKEI_OK;
}

void sk_cutter_free(struct sk_cutter *cutter)
{
  if (!cutter)
    return;
  sk_page_stream_reset(&cutter->stream);
  sk_free(cutter->index.pages);
  sk_free(cutter);
}
