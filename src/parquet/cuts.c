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

struct cuts {
  struct sk_budget *budget;
  int64_t *rows;
  size_t count, capacity;
  uint64_t bytes, limit; /* of the present range; where it ends */
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
  if (cuts->bytes >= cuts->limit && row > cuts->rows[cuts->count - 1] && !add_cut(cuts, row))
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

static shukei_status cut_by_headers(struct sk_file *file, const struct sk_chunk_meta *chunk,
                                    int64_t row_count, struct cuts *cuts, shukei_error *err)
{
  struct sk_page_stream stream;
  struct sk_page_header header;
  uint64_t begin = 0, end = 0;
  int64_t row = 0;
  shukei_status st = SHUKEI_OK;
  sk_chunk_range(chunk, file->data_end, &begin, &end);
  sk_page_stream_init(&stream, file->object, begin, end, NULL, cuts->budget);
  while (!st && row < row_count && stream.at < stream.end) {
    st = sk_page_stream_header(&stream, true, &header, err);
    if (st)
      break;
    if (header.type == SK_PAGE_DATA || header.type == SK_PAGE_DATA_V2) {
      if (!see_page(cuts, row, header.uncompressed_length))
        st = sk_fail_memory(err, cuts->budget, cuts->capacity * 16, "cuts");
      row += header.value_count;
    }
    sk_page_stream_skip(&stream, &header);
  }
  sk_page_stream_reset(&stream);
  return st;
}

#define FIRST_ROWS 4096
#define RANGES_OF_A_SIZE 8

/* Cuts the ranges at the beginning into smaller ones. */
static bool cut_beginning(struct cuts *cuts, int64_t row_count)
{
  struct cuts fine = {.budget = cuts->budget};
  int64_t at = 0, step = FIRST_ROWS;
  size_t next = 1;
  bool ok = add_cut(&fine, 0);
  while (ok && (next < cuts->count || row_count - at > step + step / 2)) {
    const int64_t end = next < cuts->count ? cuts->rows[next] : row_count;
    if (end - at > step + step / 2) {
      at += step;
    } else {
      at = end;
      next++;
    }
    ok = add_cut(&fine, at);
    if (fine.count % RANGES_OF_A_SIZE == 0 && step < INT64_MAX / 8) /* row counts may be lies */
      step *= 2;
  }
  sk_free(cuts->rows);
  *cuts = fine;
  return ok;
}

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

shukei_status sk_file_cuts(struct sk_file *file, uint32_t group, const int *columns,
                           size_t column_count, uint64_t target_bytes, struct sk_budget *budget,
                           int64_t **cuts, size_t *cut_count, shukei_error *err)
{
  struct cuts all = {.budget = budget};
  const struct sk_group_meta *g = &file->meta.groups[group];
  uint64_t sum = 0;
  bool done = false;
  shukei_status st = SHUKEI_OK;
  const int column = largest(g, columns, column_count, &sum);
  *cuts = NULL;
  *cut_count = 0;
  if (!add_cut(&all, 0))
    st = sk_fail_memory(err, budget, 16 * sizeof *all.rows, "cuts");
  if (st || column < 0 || sum <= target_bytes || g->row_count == 0)
    goto done;
  const struct sk_chunk_meta *chunk = &g->chunks[column];
  st = sk_chunk_check(file, group, column, err);
  if (st)
    goto done;
  all.limit = limit_of(target_bytes, (uint64_t)chunk->compressed_bytes, sum);
  st = cut_by_index(file, chunk, g->row_count, &all, &done, err);
  if (!st && !done) {
    all.limit = limit_of(target_bytes, (uint64_t)chunk->uncompressed_bytes, sum);
    st = cut_by_headers(file, chunk, g->row_count, &all, err);
  }
  if (!st && !cut_beginning(&all, g->row_count))
    st = sk_fail_memory(err, budget, all.capacity * sizeof *all.rows, "cuts");
done:
  if (st) {
    sk_free(all.rows);
    return sk_context(err, st, "%s: column %s, row group %" PRIu32, sk_object_name(file->object),
                      column < 0 ? "?" : file->meta.columns[column].path, group);
  }
  *cuts = all.rows;
  *cut_count = all.count;
  return SHUKEI_OK;
}
