/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics as typed values, and the question whether a row group can be passed over.
 *
 * The question is asked in the values that a reader of that kind gives. Readings round, but never
 * change the order of two values, so a bound that is read the same way is a bound of what is read.
 * Whatever is not certain means that the rows have to be read. */
#include "api/column_file.h"

#include "parquet/values.h"

#include <string.h>

static shukei_parquet_text text_of(struct sk_slice slice)
{
  return (shukei_parquet_text){(const char *)slice.bytes, slice.length};
}

/* Byte order is the order of these alone: not of decimals and half-precision floats. */
static bool ordered_as_bytes(const struct sk_column_meta *meta)
{
  return meta->logical != SK_LOGICAL_DECIMAL && meta->logical != SK_LOGICAL_FLOAT16;
}

static shukei_parquet_value value_of(const struct sk_column_meta *meta, struct sk_slice bound,
                                     shukei_parquet_kind kind)
{
  shukei_parquet_value value = {.kind = kind};
  bool known = bound.bytes != NULL;
  switch (kind) {
  case SHUKEI_PARQUET_BOOLEANS:
    value.as.boolean = known && bound.bytes[0];
    break;
  case SHUKEI_PARQUET_INTEGERS:
    known = sk_bound_integer(meta, bound, &value.as.integer);
    break;
  case SHUKEI_PARQUET_DOUBLES:
    known = sk_bound_double(meta, bound, &value.as.number);
    break;
  case SHUKEI_PARQUET_TIMES:
    known = sk_bound_time(meta, bound, &value.as.time_us);
    break;
  case SHUKEI_PARQUET_TEXTS:
    value.as.text = text_of(bound);
    known = known && ordered_as_bytes(meta);
    break;
  default:
    known = false;
  }
  return known ? value : (shukei_parquet_value){.kind = SHUKEI_PARQUET_NONE};
}

shukei_status shukei_parquet_statistics_at(const shukei_parquet_file *file, size_t group,
                                           size_t column, shukei_parquet_statistics *out,
                                           shukei_error *err)
{
  const shukei_status st = sk_parquet_check_place(file, group, column, err);
  if (st)
    return st;
  const struct sk_column_meta *meta = &file->meta->columns[column];
  const struct sk_statistics *said = &file->meta->groups[group].chunks[column].statistics;
  const shukei_parquet_kind kind = file->columns[column].kind;
  const struct sk_bounds bounds = sk_file_bounds(file->file, (uint32_t)group, (int)column);
  *out = (shukei_parquet_statistics){
      .min = value_of(meta, bounds.min, kind),
      .max = value_of(meta, bounds.max, kind),
      .min_bytes = text_of(bounds.min),
      .max_bytes = text_of(bounds.max),
      .min_exact = bounds.min.bytes && said->min_exact,
      .max_exact = bounds.max.bytes && said->max_exact,
      .null_count = said->null_count,
      .distinct_count = said->distinct_count,
  };
  return SHUKEI_OK;
}

/* ---- skipping ---- */

/* Whether a is certainly below b; both of one kind. NaN is below nothing. */
static bool below(const struct sk_column_meta *meta, const shukei_parquet_value *a,
                  const shukei_parquet_value *b)
{
  const bool no_sign = meta->logical == SK_LOGICAL_INTEGER && !meta->is_signed;
  switch (a->kind) {
  case SHUKEI_PARQUET_BOOLEANS:
    return a->as.boolean < b->as.boolean;
  case SHUKEI_PARQUET_INTEGERS:
    return no_sign ? (uint64_t)a->as.integer < (uint64_t)b->as.integer
                   : a->as.integer < b->as.integer;
  case SHUKEI_PARQUET_DOUBLES:
    return a->as.number < b->as.number;
  case SHUKEI_PARQUET_TIMES:
    return a->as.time_us < b->as.time_us;
  default:
    return false; /* texts: texts_outside() */
  }
}

static bool given(const shukei_parquet_value *value)
{
  return value && value->kind != SHUKEI_PARQUET_NONE;
}

/* Texts are in the form that bounds have. */
static bool texts_outside(const struct sk_column_meta *meta, const struct sk_bounds *bounds,
                          const shukei_parquet_value *low, const shukei_parquet_value *high)
{
  struct sk_slice ends[2] = {{NULL, 0}, {NULL, 0}};
  for (size_t i = 0; i < 2; i++) {
    const shukei_parquet_value *const end = i ? high : low;
    if (!given(end))
      continue;
    if (!ordered_as_bytes(meta) || !end->as.text.bytes || end->as.text.length > UINT32_MAX)
      return false;
    ends[i] = (struct sk_slice){(const uint8_t *)end->as.text.bytes, (uint32_t)end->as.text.length};
  }
  return (ends[0].bytes && sk_bounds_above(meta, bounds, ends[0])) ||
         (ends[1].bytes && sk_bounds_below(meta, bounds, ends[1]));
}

bool shukei_parquet_outside(const shukei_parquet_file *file, size_t group, size_t column,
                            const shukei_parquet_value *low, const shukei_parquet_value *high)
{
  if (sk_parquet_check_place(file, group, column, NULL) || !file->meta->columns[column].flat)
    return false;
  const struct sk_column_meta *meta = &file->meta->columns[column];
  const shukei_parquet_kind kind = given(low)    ? low->kind
                                   : given(high) ? high->kind
                                                 : SHUKEI_PARQUET_NONE;
  if (given(low) && given(high) && low->kind != high->kind)
    return false;
  if (sk_file_all_null(file->file, (uint32_t)group, (int)column))
    return true;
  const struct sk_bounds bounds = sk_file_bounds(file->file, (uint32_t)group, (int)column);
  if (bounds.doubted)
    return false;
  if (kind == SHUKEI_PARQUET_TEXTS)
    return texts_outside(meta, &bounds, low, high);
  const shukei_parquet_value min = value_of(meta, bounds.min, kind);
  const shukei_parquet_value max = value_of(meta, bounds.max, kind);
  return (given(low) && given(&max) && below(meta, &max, low)) ||
         (given(high) && given(&min) && below(meta, high, &min));
}
