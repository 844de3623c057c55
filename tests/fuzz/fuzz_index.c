/* SPDX-License-Identifier: Apache-2.0 */
/* What is read beside the pages: an offset index, a column index and a Bloom filter of any bytes.
 * Places that are taken follow each other, rows are only passed over where bounds rule them out,
 * and what a filter has is found in it. */
#include "fuzzing.h"

#include "parquet/bloom.h"
#include "parquet/order.h"
#include "parquet/page.h"
#include "parquet/page_index.h"
#include "parquet/page_stream.h"
#include "parquet/prune.h"

enum { BEGIN = 4, MOST_VALUE = 40 };

struct indexed {
  struct sk_file file;
  struct sk_column_meta column;
  struct sk_group_meta group;
  struct sk_chunk_meta chunk;
  struct sk_budget budget;
  uint8_t value[MOST_VALUE];
  struct sk_predicate predicate;
  struct sk_slice wanted;
};

/* Behind "PAR1" lie pages, of which nothing is read, then what the input has: the offset index up
 * to `split`, the column index behind it, and a filter in the place of the first. */
static void open_input(struct indexed *x, struct input *input)
{
  static const enum sk_type types[] = {SK_TYPE_BYTE_ARRAY, SK_TYPE_INT32, SK_TYPE_DOUBLE,
                                       SK_TYPE_INT64};
  const uint32_t kind = take(input, 1), rows = take(input, 2), pages = take(input, 2);
  const uint32_t split = take(input, 2), length = take(input, 1) % MOST_VALUE;
  memset(x, 0, sizeof *x);
  sk_budget_init(&x->budget, UINT64_C(64) << 20);
  x->column = (struct sk_column_meta){.name = "c",
                                      .path = "c",
                                      .type = types[kind % 4],
                                      .flat = !(kind & 4),
                                      .max_definition = kind >> 6 & 1,
                                      .type_order = !(kind & 8)};
  if (x->column.type == SK_TYPE_BYTE_ARRAY)
    x->column.logical = kind & 16 ? SK_LOGICAL_DECIMAL : SK_LOGICAL_STRING;
  const size_t width = sk_value_width(&x->column);
  for (size_t i = 0; i < (width ? width : length); i++)
    x->value[i] = (uint8_t)take(input, 1);
  x->wanted = (struct sk_slice){x->value, (uint32_t)(width ? width : length)};
  x->predicate = (struct sk_predicate){.meta = &x->column, .values = &x->wanted, .count = 1};
  const size_t there = rest(input), first = split < there ? split : there;
  const int64_t at = BEGIN + (int64_t)pages;
  x->chunk = (struct sk_chunk_meta){.value_count = rows,
                                    .data_page_offset = BEGIN,
                                    .dictionary_page_offset = -1,
                                    .compressed_bytes = pages,
                                    .offset_index_offset = first ? at : -1,
                                    .offset_index_length = (int32_t)first,
                                    .column_index_offset = at + (int64_t)first,
                                    .column_index_length = (int32_t)(there - first),
                                    .bloom_filter_offset = at,
                                    .bloom_filter_length = kind & 32 ? (int32_t)there : -1};
  x->group = (struct sk_group_meta){.row_count = rows, .chunks = &x->chunk};
  x->file.meta.columns = &x->column;
  x->file.meta.groups = &x->group;
  x->file.meta.column_count = x->file.meta.group_count = 1;
  x->file.data_end = BEGIN + pages + there;
}

/* Each row has a page, each page lies in the chunk behind the one before. */
static void check_places(const struct indexed *x, const struct sk_page_places *places)
{
  uint64_t begin = 0, end = 0;
  sk_chunk_range(&x->chunk, x->file.data_end, &begin, &end);
  MUST(!places->count || !places->fault);
  for (uint32_t i = 0; i < places->count; i++) {
    const struct sk_page_place *const at = &places->pages[i];
    const int64_t behind = sk_page_places_end(places, i);
    MUST((uint64_t)at->offset >= begin && (uint64_t)at->offset + (uint64_t)at->bytes <= end);
    MUST(behind >= at->first_row + x->column.flat && behind <= x->group.row_count);
    MUST(behind == at->first_row || sk_page_places_find(places, behind - 1) == i);
    begin = (uint64_t)at->offset + (uint64_t)at->bytes;
  }
}

static bool has_row(const struct sk_row_ranges *ranges, int64_t row)
{
  for (size_t i = 0; i < ranges->count; i++)
    if (row >= ranges->list[i].begin && row < ranges->list[i].end)
      return true;
  return false;
}

/* Whether the value may be in the page by bounds that are values. */
static bool within(const struct indexed *x, const struct sk_page_bounds *bounds, uint32_t page)
{
  const struct sk_slice min = bounds->min[page], max = bounds->max[page], v = x->wanted;
  const size_t width = sk_value_width(&x->column);
  bool odd[2] = {false, false};
  if (bounds->null_pages[page] || (width && (min.length != width || max.length != width)))
    return false;
  return sk_value_compare(&x->column, min.bytes, min.length, v.bytes, v.length, &odd[0]) <= 0 &&
         sk_value_compare(&x->column, v.bytes, v.length, max.bytes, max.length, &odd[1]) <= 0 &&
         !odd[0] && !odd[1];
}

static void check_bounds(struct indexed *x, const struct sk_page_places *places)
{
  struct sk_page_bounds bounds;
  struct sk_row_ranges ranges = {sk_alloc(&x->budget, sizeof *ranges.list), 1};
  uint64_t pages = 0, skipped = 0;
  MUST(ranges.list);
  ranges.list[0] = (struct sk_row_range){0, x->group.row_count};
  MUST(!sk_page_bounds_read(&x->file, 0, 0, places->count, &x->budget, &bounds, NULL));
  MUST(bounds.count == 0 || (bounds.count == places->count && !bounds.fault));
  MUST(!sk_prune_by_pages(&x->file, 0, &x->predicate, places, &x->budget, &ranges, &pages, &skipped,
                          NULL));
  MUST(skipped <= pages && pages <= places->count);
  for (size_t i = 0; i < ranges.count; i++)
    MUST(ranges.list[i].begin < ranges.list[i].end && ranges.list[i].end <= x->group.row_count &&
         ranges.list[i].begin >= (i ? ranges.list[i - 1].end : 0));
  for (uint32_t i = 0; i < bounds.count; i++)
    if (places->pages[i].first_row < sk_page_places_end(places, i) && within(x, &bounds, i))
      MUST(has_row(&ranges, places->pages[i].first_row));
  sk_page_bounds_reset(&bounds);
  sk_free(ranges.list);
}

static void check_bloom(struct indexed *x)
{
  struct sk_bloom_place place;
  uint8_t *bits = NULL;
  const uint64_t hash = sk_bloom_hash(x->wanted.bytes, x->wanted.length);
  bool lacks = false;
  MUST(!sk_bloom_find(&x->file, 0, 0, &place, NULL));
  MUST(!sk_bloom_lacks(&x->file, 0, 0, &hash, 1, &x->budget, &lacks, NULL));
  MUST(place.size || !lacks);
  if (!place.size)
    return;
  MUST(place.bits > place.begin && place.bits + place.size <= x->file.data_end);
  MUST(!sk_bloom_read(&x->file, &place, &x->budget, &bits, NULL));
  MUST(lacks == !sk_bloom_may_have(bits, place.size, hash));
  sk_bloom_insert(bits, place.size, hash);
  MUST(sk_bloom_may_have(bits, place.size, hash));
  sk_free(bits);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  struct input input = {bytes, bytes + length};
  struct indexed x;
  struct sk_page_places places;
  open_input(&x, &input);
  uint8_t *const object = copy_of(NULL, 0, (size_t)x.file.data_end);
  if (rest(&input))
    memcpy(object + x.file.data_end - rest(&input), input.at, rest(&input));
  MUST(!sk_object_from_bytes("i.parquet", object, (size_t)x.file.data_end, &x.file.object, NULL));
  MUST(!sk_page_places_read(&x.file, 0, 0, &x.budget, &places, NULL));
  check_places(&x, &places);
  if (x.column.flat && x.group.row_count)
    check_bounds(&x, &places);
  sk_page_places_reset(&places);
  check_bloom(&x);
  sk_object_close(x.file.object);
  free(object);
  MUST(x.budget.used_bytes == 0);
  return 0;
}
