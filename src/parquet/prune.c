/* SPDX-License-Identifier: Apache-2.0 */
/* Each of these errs on the side of reading: what is absent, broken or of an order that is not the
 * type's rules nothing out. */
#include "parquet/prune.h"

#include "parquet/bloom.h"
#include "parquet/values.h"

#include <string.h>

/* ---- statistics ------------------------------------------------------------------------------ */

bool sk_prune_by_statistics(const struct sk_file *file, uint32_t group,
                            const struct sk_predicate *predicate)
{
  const struct sk_bounds bounds = sk_file_bounds(file, group, predicate->column);
  return sk_file_all_null(file, group, predicate->column) ||
         (!bounds.doubted && sk_predicate_outside(predicate, bounds.min, bounds.max));
}

/* ---- Bloom filter ---------------------------------------------------------------------------- */

/* Zeros are equal and hashed apart, a boolean has no filter. */
static bool can_be_hashed(const struct sk_predicate *predicate)
{
  const enum sk_type type = predicate->meta->type;
  return type != SK_TYPE_BOOLEAN && type != SK_TYPE_FLOAT && type != SK_TYPE_DOUBLE;
}

shukei_status sk_prune_by_bloom(struct sk_file *file, uint32_t group,
                                const struct sk_predicate *predicate, struct sk_budget *budget,
                                bool *none, shukei_error *err)
{
  const struct sk_chunk_meta *const chunk = &file->meta.groups[group].chunks[predicate->column];
  *none = false;
  if (chunk->missing || chunk->bloom_filter_offset < 0 || !can_be_hashed(predicate))
    return SHUKEI_OK;
  uint64_t *const hashes = sk_alloc(budget, (predicate->count + 1) * sizeof *hashes);
  if (!hashes)
    return sk_fail_memory(err, budget, predicate->count * sizeof *hashes, "conditions");
  for (size_t i = 0; i < predicate->count; i++)
    hashes[i] = sk_bloom_hash(predicate->values[i].bytes, predicate->values[i].length);
  const shukei_status st =
      sk_bloom_lacks(file, group, predicate->column, hashes, predicate->count, budget, none, err);
  sk_free(hashes);
  return st;
}

/* ---- dictionary ------------------------------------------------------------------------------ */

bool sk_prune_is_coded(struct sk_file *file, uint32_t group, int column, struct sk_budget *budget)
{
  const struct sk_group_meta *const g = &file->meta.groups[group];
  const struct sk_chunk_meta *const chunk = &g->chunks[column];
  struct sk_page_stream stream;
  uint64_t begin = 0, end = 0;
  int64_t rows = 0;
  bool coded = true;
  if (chunk->coded != SK_CODED_UNKNOWN)
    return chunk->coded == SK_CODED_WHOLLY;
  sk_chunk_range(chunk, file->data_end, &begin, &end);
  sk_page_stream_init(&stream, file->object, begin, end, NULL, budget);
  while (coded && rows < g->row_count && stream.at < stream.end) {
    struct sk_page_header header;
    coded = sk_page_stream_header(&stream, true, &header, NULL) == SHUKEI_OK;
    if (coded && (header.type == SK_PAGE_DATA || header.type == SK_PAGE_DATA_V2)) {
      coded = header.encoding == SK_ENCODING_RLE_DICTIONARY ||
              header.encoding == SK_ENCODING_PLAIN_DICTIONARY;
      rows += header.value_count;
    }
    if (coded)
      sk_page_stream_skip(&stream, &header);
  }
  sk_page_stream_reset(&stream);
  return coded && rows == g->row_count;
}

/* ---- page index ------------------------------------------------------------------------------ */

static void add_range(struct sk_row_ranges *ranges, int64_t begin, int64_t end)
{
  if (ranges->count && ranges->list[ranges->count - 1].end == begin)
    ranges->list[ranges->count - 1].end = end;
  else
    ranges->list[ranges->count++] = (struct sk_row_range){begin, end};
}

/* Both in their order: what is in both of them. There is room for one range a range of each. */
static void intersect(const struct sk_row_ranges *a, const struct sk_row_ranges *b,
                      struct sk_row_ranges *out)
{
  for (size_t i = 0, j = 0; i < a->count && j < b->count;) {
    const struct sk_row_range *x = &a->list[i], *y = &b->list[j];
    const int64_t begin = x->begin > y->begin ? x->begin : y->begin;
    const int64_t end = x->end < y->end ? x->end : y->end;
    if (begin < end)
      add_range(out, begin, end);
    if (x->end < y->end)
      i++;
    else
      j++;
  }
}

/* A writer has flagged the pages of columns without statistics, also of such as cannot have
 * nulls. */
static bool is_null_page(const struct sk_column_meta *column, const struct sk_page_places *places,
                         const struct sk_page_bounds *bounds, uint32_t page)
{
  const int64_t rows = sk_page_places_end(places, page) - places->pages[page].first_row;
  return bounds->null_pages[page] && column->max_definition > 0 &&
         (bounds->null_counts[page] < 0 || bounds->null_counts[page] == rows);
}

/* Room for one range a page. */
static void keep_pages(const struct sk_predicate *predicate, const struct sk_page_places *places,
                       const struct sk_page_bounds *bounds, struct sk_row_ranges *kept,
                       uint64_t *skipped)
{
  for (uint32_t i = 0; i < bounds->count; i++) {
    if (is_null_page(predicate->meta, places, bounds, i) ||
        (!bounds->null_pages[i] && sk_predicate_outside(predicate, bounds->min[i], bounds->max[i])))
      ++*skipped;
    else
      add_range(kept, places->pages[i].first_row, sk_page_places_end(places, i));
  }
}

shukei_status sk_prune_by_pages(struct sk_file *file, uint32_t group,
                                const struct sk_predicate *predicate,
                                const struct sk_page_places *places, struct sk_budget *budget,
                                struct sk_row_ranges *ranges, uint64_t *pages, uint64_t *skipped,
                                shukei_error *err)
{
  struct sk_page_bounds bounds;
  struct sk_row_ranges kept = {.list = NULL}, both = {.list = NULL};
  if (!predicate->meta->type_order) /* nothing tells in which order the bounds are */
    return SHUKEI_OK;
  shukei_status st =
      sk_page_bounds_read(file, group, predicate->column, places->count, budget, &bounds, err);
  if (st || !bounds.count)
    return st;
  const size_t room = (ranges->count + bounds.count) * sizeof *kept.list;
  kept.list = sk_alloc(budget, bounds.count * sizeof *kept.list);
  both.list = sk_alloc(budget, room);
  if (kept.list && both.list) {
    keep_pages(predicate, places, &bounds, &kept, skipped);
    *pages += bounds.count;
    intersect(ranges, &kept, &both);
    sk_free(ranges->list);
    *ranges = both;
  } else {
    sk_free(both.list);
    st = sk_fail_memory(err, budget, room, "ranges of rows");
  }
  sk_free(kept.list);
  sk_page_bounds_reset(&bounds);
  return st;
}
