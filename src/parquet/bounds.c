/* SPDX-License-Identifier: Apache-2.0 */
/* The bounds in the statistics of a chunk, as far as the format lets a reader rely on them: min_value and
 * max_value are told in the order of the column's type; the deprecated min and max in that of signed
 * numbers, whatever the type, and are taken of such types alone. INT96 and INTERVAL have no order. */
#include "parquet/file.h"
#include "parquet/order.h"
#include "parquet/values.h"

#include <math.h>

/* A bound of another length than its type's is none. */
static void drop_misfit(struct sk_slice *bound, size_t width)
{
  if (width && bound->bytes && bound->length != width)
    *bound = (struct sk_slice){NULL, 0};
}

struct sk_bounds sk_file_bounds(const struct sk_file *file, uint32_t group, int column)
{
  const struct sk_column_meta *meta = &file->meta.columns[column];
  const struct sk_chunk_meta *chunk = &file->meta.groups[group].chunks[column];
  const struct sk_statistics *s = &chunk->statistics;
  struct sk_bounds bounds = {{NULL, 0}, {NULL, 0}};
  if (chunk->missing || !sk_has_order(meta))
    return bounds;
  if (s->min_value || s->max_value) {
    bounds.min = (struct sk_slice){s->min_value, s->min_length};
    bounds.max = (struct sk_slice){s->max_value, s->max_length};
  } else if (sk_has_old_order(meta)) {
    bounds.min = (struct sk_slice){s->old_min, s->old_min_length};
    bounds.max = (struct sk_slice){s->old_max, s->old_max_length};
  }
  drop_misfit(&bounds.min, sk_value_width(meta));
  drop_misfit(&bounds.max, sk_value_width(meta));
  return bounds;
}

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
