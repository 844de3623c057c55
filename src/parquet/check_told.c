/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics, page index, Bloom filter and dictionary of a chunk beside its pages and values.
 * Readers pass over rows by all of them, so what is wrong there loses rows without a word. */
#include "parquet/check.h"
#include "parquet/order.h"
#include "parquet/page.h"

#include <math.h>

enum finding {
  BELOW,
  ABOVE,
  PAGE_BELOW,
  PAGE_ABOVE,
  PAGE_BOUNDS,
  PAGE_NULLS,
  PAGE_NULL_COUNT,
  PAGE_PLACE,
  PAGE_CODED,
  NOT_IN_BLOOM
};

/* Whether a finding of that kind is the chunk's first one. */
static bool is_first(struct sk_check_told *told, enum finding kind)
{
  const uint32_t bit = UINT32_C(1) << kind;
  const bool first = !(told->c->told & bit);
  told->c->told |= bit;
  return first;
}

/* ---- before the pages ------------------------------------------------------------------------ */

static shukei_status open_indexes(struct sk_check_told *told, shukei_error *err)
{
  const struct sk_check_chunk *const c = told->c;
  shukei_status st = sk_page_places_read(c->check->file, c->group, c->column, c->check->budget,
                                         &told->places, err);
  if (!st && told->places.fault)
    sk_check_found(told->c, "the offset index %s", told->places.fault);
  if (!st)
    st = sk_page_bounds_read(c->check->file, c->group, c->column, told->places.count,
                             c->check->budget, &told->pages, err);
  if (!st && told->pages.fault)
    sk_check_found(told->c, "the column index %s", told->pages.fault);
  return st;
}

static shukei_status open_bloom(struct sk_check_told *told, shukei_error *err)
{
  const struct sk_check_chunk *const c = told->c;
  shukei_status st = sk_bloom_find(c->check->file, c->group, c->column, &told->bloom, err);
  if (!st && !told->bloom.size && c->chunk->bloom_filter_offset >= 0)
    sk_check_found(told->c, "its Bloom filter has no header that can be right");
  if (!st && told->bloom.size && c->meta->type != SK_TYPE_BOOLEAN)
    st = sk_bloom_read(c->check->file, &told->bloom, c->check->budget, &told->bits, err);
  return st;
}

/* Bytes of the dictionary page that its entries take. */
static size_t taken(const struct sk_dictionary *dictionary)
{
  const struct sk_dictionary_page *const page = dictionary->page;
  if (!page->slices)
    return page->count * sk_value_width(dictionary->column);
  if (!page->count)
    return 0;
  const struct sk_slice last = page->slices[page->count - 1];
  return (size_t)(last.bytes + last.length - page->bytes);
}

static shukei_status open_dictionary(struct sk_check_told *told, struct sk_column *column,
                                     shukei_error *err)
{
  const struct sk_dictionary *const dictionary = &column->dictionary;
  const shukei_status st = sk_column_dictionary(column, err);
  if (st)
    return st;
  if (dictionary->loaded && taken(dictionary) < dictionary->page->length)
    sk_check_found(told->c, "%zu bytes behind the %" PRIu32 " entries of the dictionary",
                   dictionary->page->length - taken(dictionary), dictionary->count);
  if (!dictionary->loaded && told->c->chunk->dictionary_page_offset > 0)
    sk_check_found(told->c, "the footer tells of a dictionary, the first page is none");
  return SHUKEI_OK;
}

shukei_status sk_check_told_open(struct sk_check_told *told, struct sk_check_chunk *c,
                                 struct sk_column *column, shukei_error *err)
{
  *told = (struct sk_check_told){
      .c = c, .page = -1, .bounds = sk_file_bounds(c->check->file, c->group, c->column)};
  shukei_status st = open_indexes(told, err);
  if (!st)
    st = open_bloom(told, err);
  return st ? st : open_dictionary(told, column, err);
}

void sk_check_told_close(struct sk_check_told *told)
{
  sk_page_places_reset(&told->places);
  sk_page_bounds_reset(&told->pages);
  sk_free(told->bits);
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* Nulls below a list are not compared, since the format does not say whether an empty list is
 * one. */
static void end_page(struct sk_check_told *told)
{
  const struct sk_page_bounds *const pages = &told->pages;
  const int64_t page = told->page;
  if (page < 0 || page >= pages->count)
    return;
  if (pages->null_pages[page] != (told->page_values == 0) && is_first(told, PAGE_NULLS))
    sk_check_found(told->c, "page %" PRId64 " has %s, the column index says %s", page,
                   told->page_values ? "values" : "none but nulls",
                   told->page_values ? "none but nulls" : "values");
  if (pages->null_counts[page] >= 0 && told->c->meta->max_repetition == 0 &&
      pages->null_counts[page] != told->page_nulls && is_first(told, PAGE_NULL_COUNT))
    sk_check_found(told->c,
                   "page %" PRId64 " has %" PRId64 " nulls, the column index says %" PRId64, page,
                   told->page_nulls, pages->null_counts[page]);
}

static void begin_bounds(struct sk_check_told *told)
{
  const struct sk_page_bounds *const pages = &told->pages;
  const int64_t page = told->page;
  told->page_bounds = (struct sk_bounds){.doubted = false};
  if (page >= pages->count || pages->null_pages[page] || !told->c->meta->type_order)
    return;
  told->page_bounds = sk_bounds_sound(told->c->meta, pages->min[page], pages->max[page]);
  if (told->page_bounds.doubted && is_first(told, PAGE_BOUNDS))
    sk_check_found(told->c, "the column index has bounds of page %" PRId64 " that are none", page);
}

void sk_check_told_page(struct sk_check_told *told, const struct sk_column *column,
                        int64_t first_row)
{
  const struct sk_page_places *const places = &told->places;
  const int64_t offset = (int64_t)(column->stream.at - column->stream.last);
  end_page(told);
  told->page = column->pages - 1;
  told->page_nulls = told->page_values = 0;
  begin_bounds(told);
  if (told->c->chunk->coded == SK_CODED_WHOLLY && !sk_column_coded(column) &&
      is_first(told, PAGE_CODED))
    sk_check_found(told->c, "page %" PRId64 " is not of codes, the footer says that all pages are",
                   told->page);
  if (told->page >= places->count)
    return;
  const struct sk_page_place *const place = &places->pages[told->page];
  if ((place->offset != offset || place->bytes != (int64_t)column->stream.last ||
       place->first_row != first_row) &&
      is_first(told, PAGE_PLACE))
    sk_check_found(told->c,
                   "page %" PRId64 " has %zu bytes at byte %" PRId64 " from row %" PRId64
                   " on, the offset index says %" PRId32 " at %" PRId64 " from row %" PRId64 " on",
                   told->page, column->stream.last, offset, first_row, place->bytes, place->offset,
                   place->first_row);
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Writers hash zeros of both signs, and the many NaNs, which nothing is less or greater than, as
 * they like. */
static bool is_hashed_alike(const struct sk_column_meta *meta, const struct sk_slice *value)
{
  const bool floating = meta->type == SK_TYPE_FLOAT || meta->type == SK_TYPE_DOUBLE ||
                        meta->logical == SK_LOGICAL_FLOAT16;
  static const uint8_t zero[8];
  bool unordered = false;
  return !floating ||
         sk_value_compare(meta, value->bytes, value->length, zero, value->length, &unordered) != 0;
}

static void compare(struct sk_check_told *told, const struct sk_bounds *bounds,
                    const struct sk_slice *value, enum finding below, const char *whose)
{
  const struct sk_column_meta *const meta = told->c->meta;
  bool unordered = false;
  for (int side = 0; side < 2; side++) {
    const struct sk_slice *const bound = side ? &bounds->max : &bounds->min;
    if (!bound->bytes)
      continue;
    const int order = sk_value_compare(meta, value->bytes, value->length, bound->bytes,
                                       bound->length, &unordered);
    if ((side ? order > 0 : order < 0) && is_first(told, (enum finding)((int)below + side)))
      sk_check_found(told->c, "a value is %s of the %s",
                     side ? "above the greatest" : "below the least", whose);
  }
}

void sk_check_told_values(struct sk_check_told *told, const struct sk_slice *values, size_t count)
{
  const bool bounded = told->bounds.min.bytes || told->bounds.max.bytes;
  const bool paged = told->page_bounds.min.bytes || told->page_bounds.max.bytes;
  told->page_values += (int64_t)count;
  for (size_t i = 0; i < count; i++) {
    const struct sk_slice *const value = &values[i];
    if (bounded)
      compare(told, &told->bounds, value, BELOW, "statistics");
    if (paged)
      compare(told, &told->page_bounds, value, PAGE_BELOW, "page's in the column index");
    if (told->bits && is_hashed_alike(told->c->meta, value) &&
        !sk_bloom_may_have(told->bits, told->bloom.size,
                           sk_bloom_hash(value->bytes, value->length)) &&
        is_first(told, NOT_IN_BLOOM))
      sk_check_found(told->c, "a value is not in the Bloom filter");
  }
}

void sk_check_told_nulls(struct sk_check_told *told, size_t count)
{
  told->page_nulls += (int64_t)count;
}

/* ---- behind the pages ------------------------------------------------------------------------ */

/* Whether a page's bound is on the wrong side of that of the page with values before it. */
static bool falls_out(const struct sk_check_told *told, const struct sk_slice *before,
                      const struct sk_slice *bound)
{
  bool unordered = false;
  const int order = sk_value_compare(told->c->meta, before->bytes, before->length, bound->bytes,
                                     bound->length, &unordered);
  return told->pages.order == SK_ASCENDING ? order > 0 : order < 0;
}

static void check_order(struct sk_check_told *told)
{
  const struct sk_page_bounds *const pages = &told->pages;
  struct sk_bounds before = {.doubted = true};
  if (pages->order < SK_UNORDERED || pages->order > SK_DESCENDING)
    sk_check_found(told->c, "the column index has the boundary order %" PRId32, pages->order);
  if (!told->c->meta->type_order || (pages->order != SK_ASCENDING && pages->order != SK_DESCENDING))
    return;
  for (uint32_t i = 0; i < pages->count; i++) {
    if (pages->null_pages[i])
      continue;
    const struct sk_bounds now = sk_bounds_sound(told->c->meta, pages->min[i], pages->max[i]);
    if (now.doubted || !now.min.bytes)
      return; /* was told, or the type has no order */
    if (!before.doubted &&
        (falls_out(told, &before.min, &now.min) || falls_out(told, &before.max, &now.max))) {
      sk_check_found(told->c, "the column index says %s, page %" PRIu32 " is not",
                     pages->order == SK_ASCENDING ? "ascending" : "descending", i);
      return;
    }
    before = now;
  }
}

void sk_check_told_end(struct sk_check_told *told)
{
  end_page(told);
  if (told->places.count && told->c->data_pages != told->places.count)
    sk_check_found(told->c, "%" PRIu32 " data pages, the offset index says %" PRIu32,
                   told->c->data_pages, told->places.count);
  if (told->pages.count)
    check_order(told);
}
