/* SPDX-License-Identifier: Apache-2.0 */
/* Reading OffsetIndex and ColumnIndex. Their places within the object were compared with its size
 * when the footer was read; all else is looked at here, before anybody relies on it. */
#include "parquet/page_index.h"

#include "parquet/page_stream.h"

struct sk_page_place sk_page_place_read(struct sk_thrift *t)
{
  struct sk_thrift_field f = {0};
  struct sk_page_place at = {-1, -1, -1};
  while (sk_thrift_field(t, &f)) {
    if (f.id == 1)
      at.offset = sk_thrift_i64(t, &f);
    else if (f.id == 2)
      at.bytes = sk_thrift_i32(t, &f);
    else if (f.id == 3)
      at.first_row = sk_thrift_i64(t, &f);
    else
      sk_thrift_skip(t, &f);
  }
  return at;
}

/* ---- offset index ---------------------------------------------------------------------------- */

void sk_page_places_reset(struct sk_page_places *places)
{
  sk_free(places->pages);
  *places = (struct sk_page_places){.fault = places->fault};
}

/* A page without values may lie among those of a nested column. */
static bool places_hold(const struct sk_page_places *places, bool flat, uint64_t begin,
                        uint64_t end)
{
  for (uint32_t i = 0; i < places->count; i++) {
    const struct sk_page_place *at = &places->pages[i];
    const int64_t row = i ? at[-1].first_row : -1;
    if (at->bytes <= 0 || at->offset < 0 || (uint64_t)at->offset < begin ||
        (uint64_t)at->offset > end || (uint64_t)at->bytes > end - (uint64_t)at->offset ||
        at->first_row < row + flat || at->first_row >= places->row_count + !flat ||
        (i == 0 && at->first_row))
      return false;
    begin = (uint64_t)at->offset + (uint64_t)at->bytes;
  }
  return places->count > 0;
}

static shukei_status parse_places(const uint8_t *bytes, size_t length, struct sk_budget *budget,
                                  struct sk_page_places *places, shukei_error *err)
{
  struct sk_thrift t;
  struct sk_thrift_field f = {0};
  sk_thrift_init(&t, bytes, length);
  while (sk_thrift_field(&t, &f)) {
    if (f.id != 1 || places->pages) {
      sk_thrift_skip(&t, &f);
      continue;
    }
    const uint32_t count = sk_thrift_list(&t, &f, SK_THRIFT_STRUCT);
    const size_t room = (count ? count : (size_t)1) * sizeof *places->pages;
    places->pages = sk_alloc(budget, room);
    if (!places->pages)
      return sk_fail_memory(err, budget, room, "an offset index");
    for (uint32_t i = 0; i < count && !t.error; i++)
      places->pages[places->count++] = sk_page_place_read(&t);
  }
  places->fault = t.error;
  return SHUKEI_OK;
}

/* The bytes of an index, NULL where there is none. */
static shukei_status read_bytes(struct sk_file *file, int64_t offset, int32_t length,
                                struct sk_budget *budget, uint8_t **bytes, const char **fault,
                                shukei_error *err)
{
  *bytes = NULL;
  if (offset < 0)
    return SHUKEI_OK;
  if (length <= 0 || (uint64_t)offset + (uint64_t)length > file->data_end) {
    *fault = "lies outside of the file";
    return SHUKEI_OK;
  }
  *bytes = sk_alloc(budget, (size_t)length);
  if (!*bytes)
    return sk_fail_memory(err, budget, (uint64_t)length, "a page index");
  const shukei_status st =
      sk_object_read(file->object, (uint64_t)offset, *bytes, (size_t)length, err);
  if (st) {
    sk_free(*bytes);
    *bytes = NULL;
  }
  return st;
}

shukei_status sk_page_places_read(struct sk_file *file, uint32_t group, int column,
                                  struct sk_budget *budget, struct sk_page_places *places,
                                  shukei_error *err)
{
  const struct sk_group_meta *g = &file->meta.groups[group];
  const struct sk_chunk_meta *chunk = &g->chunks[column];
  uint64_t begin = 0, end = 0;
  uint8_t *bytes = NULL;
  *places = (struct sk_page_places){.row_count = g->row_count};
  shukei_status st = read_bytes(file, chunk->offset_index_offset, chunk->offset_index_length,
                                budget, &bytes, &places->fault, err);
  if (!st && bytes)
    st = parse_places(bytes, (size_t)chunk->offset_index_length, budget, places, err);
  sk_chunk_range(chunk, file->data_end, &begin, &end);
  if (!st && bytes && !places->fault &&
      !places_hold(places, file->meta.columns[column].flat, begin, end))
    places->fault = "has pages that do not follow each other within the chunk";
  sk_free(bytes);
  if (st || places->fault)
    sk_page_places_reset(places);
  return st;
}

uint32_t sk_page_places_find(const struct sk_page_places *places, int64_t row)
{
  uint32_t low = 0, high = places->count; /* the page is in [low, high) */
  while (high - low > 1) {
    const uint32_t middle = low + (high - low) / 2;
    if (places->pages[middle].first_row <= row)
      low = middle;
    else
      high = middle;
  }
  return low;
}

int64_t sk_page_places_end(const struct sk_page_places *places, uint32_t page)
{
  return page + 1 < places->count ? places->pages[page + 1].first_row : places->row_count;
}

/* ---- column index ---------------------------------------------------------------------------- */

void sk_page_bounds_reset(struct sk_page_bounds *bounds)
{
  sk_free(bounds->bytes);
  sk_free(bounds->null_pages);
  sk_free(bounds->min);
  sk_free(bounds->max);
  sk_free(bounds->null_counts);
  *bounds = (struct sk_page_bounds){.fault = bounds->fault};
}

static void read_flags(struct sk_thrift *t, const struct sk_thrift_field *f, uint32_t page_count,
                       uint8_t *flags)
{
  if (sk_thrift_bool_list(t, f) != page_count)
    sk_thrift_fail(t, "flags for another number of pages");
  for (uint32_t i = 0; i < page_count && !t->error; i++)
    flags[i] = sk_thrift_item_bool(t);
}

static void read_slices(struct sk_thrift *t, const struct sk_thrift_field *f, uint32_t page_count,
                        struct sk_slice *slices)
{
  if (sk_thrift_list(t, f, SK_THRIFT_BINARY) != page_count)
    sk_thrift_fail(t, "bounds for another number of pages");
  for (uint32_t i = 0; i < page_count && !t->error; i++)
    slices[i].bytes = sk_thrift_item_binary(t, &slices[i].length);
}

static void read_counts(struct sk_thrift *t, const struct sk_thrift_field *f, uint32_t page_count,
                        int64_t *counts)
{
  if (sk_thrift_list(t, f, SK_THRIFT_I64) != page_count)
    sk_thrift_fail(t, "null counts for another number of pages");
  for (uint32_t i = 0; i < page_count && !t->error; i++)
    counts[i] = sk_thrift_item_i64(t);
}

/* Fields 1 null_pages, 2 min_values, 3 max_values must be there; 4 boundary_order, 5
 * null_counts. */
static const char *parse_bounds(struct sk_page_bounds *b, size_t length, uint32_t page_count)
{
  struct sk_thrift t;
  struct sk_thrift_field f = {0};
  unsigned seen = 0;
  sk_thrift_init(&t, b->bytes, length);
  while (sk_thrift_field(&t, &f)) {
    if (f.id >= 1 && f.id <= 3)
      seen |= 1u << f.id;
    if (f.id == 1)
      read_flags(&t, &f, page_count, b->null_pages);
    else if (f.id == 2 || f.id == 3)
      read_slices(&t, &f, page_count, f.id == 2 ? b->min : b->max);
    else if (f.id == 4)
      b->order = sk_thrift_i32(&t, &f);
    else if (f.id == 5)
      read_counts(&t, &f, page_count, b->null_counts);
    else
      sk_thrift_skip(&t, &f);
  }
  return t.error                                 ? t.error
         : seen != (1u << 1 | 1u << 2 | 1u << 3) ? "lacks bounds or null flags"
                                                 : NULL;
}

shukei_status sk_page_bounds_read(struct sk_file *file, uint32_t group, int column,
                                  uint32_t page_count, struct sk_budget *budget,
                                  struct sk_page_bounds *bounds, shukei_error *err)
{
  const struct sk_chunk_meta *chunk = &file->meta.groups[group].chunks[column];
  *bounds = (struct sk_page_bounds){.bytes = NULL};
  if (page_count == 0)
    return SHUKEI_OK;
  shukei_status st = read_bytes(file, chunk->column_index_offset, chunk->column_index_length,
                                budget, &bounds->bytes, &bounds->fault, err);
  if (st || !bounds->bytes)
    return st;
  bounds->null_pages = sk_calloc(budget, page_count, sizeof *bounds->null_pages);
  bounds->min = sk_calloc(budget, page_count, sizeof *bounds->min);
  bounds->max = sk_calloc(budget, page_count, sizeof *bounds->max);
  bounds->null_counts = sk_alloc(budget, page_count * sizeof *bounds->null_counts);
  if (!bounds->null_pages || !bounds->min || !bounds->max || !bounds->null_counts) {
    st = sk_fail_memory(err, budget, page_count * sizeof *bounds->min, "a column index");
  } else {
    memset(bounds->null_counts, 0xff, page_count * sizeof *bounds->null_counts);
    bounds->fault = parse_bounds(bounds, (size_t)chunk->column_index_length, page_count);
    bounds->count = page_count;
  }
  if (st || bounds->fault)
    sk_page_bounds_reset(bounds);
  return st;
}
