/* SPDX-License-Identifier: Apache-2.0 */
/* The one rule of what bounds tell, for statistics and column indexes, for skipping and for
 * checking.
 *
 * min_value and max_value are told in the order of the column's type, where column_orders says so
 * (parquet.thrift, ColumnOrder: without it their meaning is undefined); the deprecated min and max
 * in that of signed numbers, whatever the type, and are taken of such types alone. INT96 and
 * INTERVAL have no order. What is no value of the type (a NaN, another length) is no bound, and
 * rows are then not passed over by the other one either, nor by two that are the wrong way round.
 * Bounds of texts may be cut: a least one then is below the values, which is fine; a greatest one
 * must have been raised, and in case that a writer has not done so, texts that begin with it count
 * as below it. */
#include "parquet/file.h"
#include "parquet/order.h"
#include "parquet/values.h"

#include <math.h>

/* As a value of the column at all; of a text any length will do, since it may be cut. */
static bool is_value(const struct sk_column_meta *column, const struct sk_slice *bound)
{
  const size_t width = sk_value_width(column);
  bool unordered = false;
  if (width && bound->length != width)
    return false;
  sk_value_compare(column, bound->bytes, bound->length, bound->bytes, bound->length, &unordered);
  return !unordered;
}

static bool is_below(const struct sk_column_meta *column, const struct sk_slice *a,
                     const struct sk_slice *b)
{
  bool unordered = false;
  return sk_value_compare(column, a->bytes, a->length, b->bytes, b->length, &unordered) < 0;
}

struct sk_bounds sk_bounds_sound(const struct sk_column_meta *column, struct sk_slice min,
                                 struct sk_slice max)
{
  struct sk_bounds bounds = {.doubted = false};
  if (!sk_has_order(column))
    return bounds;
  if (min.bytes && is_value(column, &min))
    bounds.min = min;
  if (max.bytes && is_value(column, &max))
    bounds.max = max;
  bounds.doubted = bounds.min.bytes != min.bytes || bounds.max.bytes != max.bytes ||
                   (min.bytes && max.bytes && is_below(column, &max, &min));
  return bounds;
}

struct sk_bounds sk_file_bounds(const struct sk_file *file, uint32_t group, int column)
{
  const struct sk_column_meta *meta = &file->meta.columns[column];
  const struct sk_chunk_meta *chunk = &file->meta.groups[group].chunks[column];
  const struct sk_statistics *s = &chunk->statistics;
  struct sk_slice min = {NULL, 0}, max = {NULL, 0};
  if (!chunk->missing && meta->type_order && (s->min_value || s->max_value)) {
    min = (struct sk_slice){s->min_value, s->min_length};
    max = (struct sk_slice){s->max_value, s->max_length};
  } else if (!chunk->missing && sk_has_old_order(meta)) {
    min = (struct sk_slice){s->old_min, s->old_min_length};
    max = (struct sk_slice){s->old_max, s->old_max_length};
  }
  return sk_bounds_sound(meta, min, max);
}

bool sk_file_all_null(const struct sk_file *file, uint32_t group, int column)
{
  const struct sk_group_meta *const rows = &file->meta.groups[group];
  const struct sk_chunk_meta *const chunk = &rows->chunks[column];
  const struct sk_statistics *const s = &chunk->statistics;
  return !chunk->missing && s->null_count == rows->row_count &&
         chunk->value_count == rows->row_count && !s->min_value && !s->max_value && !s->old_min &&
         !s->old_max;
}

bool sk_bounds_below(const struct sk_column_meta *column, const struct sk_bounds *bounds,
                     struct sk_slice value)
{
  return !bounds->doubted && bounds->min.bytes && is_below(column, &value, &bounds->min);
}

bool sk_bounds_above(const struct sk_column_meta *column, const struct sk_bounds *bounds,
                     struct sk_slice value)
{
  const struct sk_slice *const max = &bounds->max;
  const bool bytes =
      column->type == SK_TYPE_BYTE_ARRAY || column->type == SK_TYPE_FIXED_LEN_BYTE_ARRAY;
  return !bounds->doubted && max->bytes && is_below(column, max, &value) &&
         !(bytes && value.length >= max->length &&
           memcmp(value.bytes, max->bytes, max->length) == 0);
}

/* ---- as readings ----------------------------------------------------------------------------- */

bool sk_bound_double(const struct sk_column_meta *column, struct sk_slice bound, double *out)
{
  if (!bound.bytes || sk_column_kind(column) != SK_KIND_NUMBER)
    return false;
  const shukei_status st = column->type == SK_TYPE_BYTE_ARRAY
                               ? sk_convert_texts(column, &bound, 1, out, NULL)
                               : sk_convert_doubles(column, bound.bytes, 1, out, NULL);
  return !st && !isnan(*out);
}

bool sk_bound_time(const struct sk_column_meta *column, struct sk_slice bound, int64_t *out_us)
{
  return bound.bytes && sk_column_kind(column) == SK_KIND_TIME &&
         !sk_convert_times(column, bound.bytes, 1, out_us, NULL);
}

bool sk_bound_integer(const struct sk_column_meta *column, struct sk_slice bound, int64_t *out)
{
  if (!bound.bytes)
    return false;
  if (column->type == SK_TYPE_INT32 || column->type == SK_TYPE_INT64)
    return !sk_convert_integers(column, bound.bytes, 1, out, NULL);
  return column->logical == SK_LOGICAL_DECIMAL &&
         !sk_convert_text_integers(column, &bound, 1, out, NULL);
}

bool sk_file_time_range(const struct sk_file *file, uint32_t group, int column, int64_t *min_us,
                        int64_t *max_us)
{
  const struct sk_column_meta *const meta = &file->meta.columns[column];
  const struct sk_bounds bounds = sk_file_bounds(file, group, column);
  int64_t low = 0, high = 0;
  if (bounds.doubted || !sk_bound_time(meta, bounds.min, &low) ||
      !sk_bound_time(meta, bounds.max, &high))
    return false;
  *min_us = low;
  *max_us = high;
  return true;
}
