/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting a row group into ranges of rows for several threads. Ranges begin where a page of the
 * largest column begins, so that this column, most of the work, is decompressed once; the others
 * decompress the page at a border twice. Pages come from the offset index where there is a sound
 * one, else by hopping from header to header. A wrong cut would cost time, never rows: a reader
 * finds any row.
 *
 * The first rows of a group name most of what it will ever name, hour after hour: there the ranges are
 * small, so that threads do not meet the same names at the same time, and grow from there. */
#include "parquet/file.h"

#include "parquet/page_index.h"
#include "parquet/page_stream.h"

struct cuts { /* by an offset index */
  struct sk_budget *budget;
  int64_t *rows;
  size_t count, capacity;
  uint64_t bytes, limit; /* of the present range; where it ends */
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
  int64_t page_row; /* that the stream's next page begins with */
  uint32_t pages;   /* of data before it */
  int64_t at;       /* where the last range ended */
  int64_t
      border; /* the first page border from there on, where ranges are as large as they should be */
  int64_t step;   /* rows of a range at the beginning of the group; 0: it is one range */
  unsigned given; /* ranges */
};

static bool add_cut(struct cuts *cuts, int64_t row)
{
  if (cuts->count == cuts->capacity) {
    const size_t capacity = cuts->capacity ? cuts->capacity * 2 : 16;
    int64_t *rows = sk_realloc(cuts->budget, cuts->rows, capacity * sizeof *rows);
    if (!rows)
      return false;
    cuts->rows = rows;
    cuts->capacity = capacity;
  }
  cuts->rows[cuts->count++] = row;
  cuts->bytes = 0;
  return true;
}

/* A page of so many bytes begins at a row. */
static bool see_page(struct cuts *cuts, int64_t row, uint64_t bytes)
{
  const int64_t last = cuts->count ? cuts->rows[cuts->count - 1] : 0;
  if (cuts->bytes >= cuts->limit && row > last && !add_cut(cuts, row))
    return false;
  cuts->bytes += bytes;
  return true;
}

/* Goes over the locations; false where the index contradicts itself. The first pass only checks. */
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
      if (cuts && !see_page(cuts, row, (uint64_t)at.bytes)) {
        *no_memory = true;
        return false;
      }
    }
  }
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
  if (!st && walk_index(bytes, length, row_count, NULL, &no_memory))
    *done = walk_index(bytes, length, row_count, cuts, &no_memory);
  sk_free(bytes);
  if (no_memory)
    st = sk_fail_memory(err, cuts->budget, cuts->capacity * 16, "cuts");
  return st;
}

/* Goes on to the border of a page behind which there is enough for a range. */
static shukei_status border_by_headers(struct sk_cutter *cutter, shukei_error *err)
{
  struct sk_page_stream *const stream = &cutter->stream;
  const int64_t from = cutter->border;
  uint64_t bytes = 0;
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
    bytes += header.uncompressed_length;
    cutter->page_row += header.value_count;
    if (bytes >= cutter->index.limit && cutter->page_row > from &&
        cutter->page_row < cutter->row_count) {
      cutter->border = cutter->page_row;
      return SHUKEI_OK;
    }
  }
  cutter->border = cutter->row_count;
  return SHUKEI_OK;
}

static shukei_status next_border(struct sk_cutter *cutter, shukei_error *err)
{
  if (cutter->by_headers)
    return border_by_headers(cutter, err);
  cutter->border =
      cutter->next < cutter->index.count ? cutter->index.rows[cutter->next++] : cutter->row_count;
  return SHUKEI_OK;
}

#define FIRST_ROWS 4096
#define RANGES_OF_A_SIZE 8

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
  cutter->index.limit = limit_of(target, (uint64_t)chunk->compressed_bytes, sum);
  st = cut_by_index(file, chunk, cutter->row_count, &cutter->index, &done, err);
  if (st || done)
    return st;
  cutter->by_headers = true;
  cutter->index.limit = limit_of(target, (uint64_t)chunk->uncompressed_bytes, sum);
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

shukei_status sk_cutter_next(struct sk_cutter *cutter, int64_t *end, shukei_error *err)
{
  const int64_t step = cutter->step;
  if (cutter->at == cutter->border) {
    const shukei_status st = next_border(cutter, err);
    if (st)
      return cutter_context(cutter, st, err);
  }
  cutter->at =
      step && cutter->border - cutter->at > step + step / 2 ? cutter->at + step : cutter->border;
  if (++cutter->given % RANGES_OF_A_SIZE == 0 && step < INT64_MAX / 8) /* row counts may be lies */
    cutter->step *= 2;
  *end = cutter->at;
  return SHUKEI_OK;
}

void sk_cutter_free(struct sk_cutter *cutter)
{
  if (!cutter)
    return;
  sk_page_stream_reset(&cutter->stream);
  sk_free(cutter->index.rows);
  sk_free(cutter);
}
