/* SPDX-License-Identifier: Apache-2.0 */
/* What footers tell of a column, added up over the row groups, so that files whose rows are cut
 * otherwise can be compared. */
#include "parquet/describe.h"
#include "parquet/diff.h"
#include "parquet/order.h"
#include "parquet/values.h"

struct totals {
  uint32_t codecs, encodings; /* bits */
  int64_t packed, raw, values;
  int64_t nulls; /* -1: not told of all row groups */
  uint32_t chunks, dictionaries, offset_indexes, column_indexes, bloom_filters;
  struct sk_slice min, max;
  bool unbounded[2]; /* a row group with values tells no least, or no greatest */
};

static void widen(const struct sk_column_meta *column, const struct sk_slice *bound, bool greatest,
                  struct sk_slice *total)
{
  bool unordered = false;
  const int order = total->bytes ? sk_value_compare(column, bound->bytes, bound->length,
                                                    total->bytes, total->length, &unordered)
                                 : 0;
  if (!total->bytes || (greatest ? order > 0 : order < 0))
    *total = *bound;
}

static void add_bounds(const struct sk_file *file, uint32_t group, int column, struct totals *t)
{
  const struct sk_column_meta *const meta = &file->meta.columns[column];
  const struct sk_bounds bounds = sk_file_bounds(file, group, column);
  if (sk_file_all_null(file, group, column))
    return;
  t->unbounded[0] = t->unbounded[0] || !bounds.min.bytes;
  t->unbounded[1] = t->unbounded[1] || !bounds.max.bytes;
  if (bounds.min.bytes)
    widen(meta, &bounds.min, false, &t->min);
  if (bounds.max.bytes)
    widen(meta, &bounds.max, true, &t->max);
}

static void add_chunk(const struct sk_file *file, uint32_t group, int column, struct totals *t)
{
  const struct sk_chunk_meta *const chunk = &file->meta.groups[group].chunks[column];
  if (chunk->missing || !file->meta.groups[group].row_count)
    return;
  t->chunks++;
  if ((unsigned)chunk->codec < 32)
    t->codecs |= UINT32_C(1) << chunk->codec;
  t->encodings |= chunk->encodings;
  t->packed += chunk->compressed_bytes;
  t->raw += chunk->uncompressed_bytes;
  t->values += chunk->value_count;
  t->nulls = t->nulls < 0 || chunk->statistics.null_count < 0
                 ? -1
                 : t->nulls + chunk->statistics.null_count;
  t->dictionaries += sk_has_dictionary(chunk);
  t->offset_indexes += chunk->offset_index_offset >= 0;
  t->column_indexes += chunk->column_index_offset >= 0;
  t->bloom_filters += chunk->bloom_filter_offset >= 0;
  add_bounds(file, group, column, t);
}

static void tell_numbers(struct sk_diff *diff, const char *path, const char *what, int64_t a,
                         int64_t b)
{
  const int64_t numbers[2] = {a, b};
  for (int side = 0; side < 2; side++) {
    diff->sides[side].absent = numbers[side] < 0;
    sk_buffer_printf(sk_diff_text(diff, side), "%" PRId64, numbers[side]);
  }
  sk_diff_tell(diff, "columns", path, what);
}

/* Of all the column's row groups, of some, or of none. */
static void tell_share(struct sk_diff *diff, const char *path, const char *what, uint32_t a,
                       uint32_t a_all, uint32_t b, uint32_t b_all)
{
  const uint32_t some[2] = {a, b}, all[2] = {a_all, b_all};
  for (int side = 0; side < 2; side++)
    sk_buffer_text(sk_diff_text(diff, side), some[side] == 0           ? "no"
                                             : some[side] == all[side] ? "yes"
                                                                       : "of some row groups");
  sk_diff_tell(diff, "columns", path, what);
}

static void tell_bound(struct sk_diff *diff, const char *path, bool greatest,
                       const struct totals *totals, const struct sk_column_meta *const *metas)
{
  for (int side = 0; side < 2; side++) {
    const struct totals *const t = &totals[side];
    const struct sk_slice *const bound = greatest ? &t->max : &t->min;
    struct sk_buffer *const text = sk_diff_text(diff, side);
    diff->sides[side].absent = !bound->bytes || t->unbounded[greatest];
    if (!diff->sides[side].absent)
      sk_describe_bound(text, false, metas[side], bound->bytes, bound->length);
  }
  sk_diff_tell(diff, "columns", path, greatest ? "max" : "min");
}

static void compare_totals(struct sk_diff *diff, const struct totals *t,
                           const struct sk_column_meta *const *metas)
{
  const char *const path = metas[0]->path;
  for (int side = 0; side < 2; side++) {
    struct sk_buffer *const text = sk_diff_text(diff, side);
    for (unsigned i = 0; i < 32; i++)
      if (t[side].codecs >> i & 1)
        sk_buffer_printf(text, "%s%s", text->length ? "," : "", sk_codec_name((enum sk_codec)i));
  }
  sk_diff_tell(diff, "columns", path, "codec");
  for (int side = 0; side < 2; side++)
    sk_describe_encodings(sk_diff_text(diff, side), false, t[side].encodings);
  sk_diff_tell(diff, "columns", path, "encodings");
  tell_numbers(diff, path, "values", t[0].values, t[1].values);
  tell_numbers(diff, path, "bytes", t[0].packed, t[1].packed);
  tell_numbers(diff, path, "bytes without the codec", t[0].raw, t[1].raw);
  tell_numbers(diff, path, "nulls", t[0].nulls, t[1].nulls);
  tell_bound(diff, path, false, t, metas);
  tell_bound(diff, path, true, t, metas);
  tell_share(diff, path, "dictionary", t[0].dictionaries, t[0].chunks, t[1].dictionaries,
             t[1].chunks);
  tell_share(diff, path, "offset index", t[0].offset_indexes, t[0].chunks, t[1].offset_indexes,
             t[1].chunks);
  tell_share(diff, path, "column index", t[0].column_indexes, t[0].chunks, t[1].column_indexes,
             t[1].chunks);
  tell_share(diff, path, "Bloom filter", t[0].bloom_filters, t[0].chunks, t[1].bloom_filters,
             t[1].chunks);
}

void sk_diff_columns(struct sk_diff *diff)
{
  for (uint32_t i = 0; i < diff->sides[0].file->meta.column_count; i++) {
    const int columns[2] = {(int)i, diff->pairs[i]};
    const struct sk_column_meta *metas[2];
    struct totals totals[2] = {{.nulls = 0}, {.nulls = 0}};
    if (columns[1] < 0)
      continue;
    for (int side = 0; side < 2; side++) {
      const struct sk_file *const file = diff->sides[side].file;
      metas[side] = &file->meta.columns[columns[side]];
      for (uint32_t g = 0; g < file->meta.group_count; g++)
        add_chunk(file, g, columns[side], &totals[side]);
    }
    compare_totals(diff, totals, metas);
  }
}
