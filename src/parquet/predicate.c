/* SPDX-License-Identifier: Apache-2.0 */
/* What a value is compared with, and what bounds of values tell of it.
 *
 * Bounds are relied upon as far as parquet.thrift allows it: in the order of the column's type; not where one of
 * them is a NaN, or they are in the wrong order, or have another length than the type's values. One of two is enough.
 * Zeros of both signs are equal (order.h). Bounds of texts may be cut: a least one then is below the values, which
 * is fine; a greatest one must have been raised, and in case that a writer has not done so, texts that begin
 * with it count as below it. */
#include "parquet/predicate.h"

#include "parquet/literal.h"
#include "parquet/order.h"

#include <string.h>

/* ---- binding --------------------------------------------------------------------------------- */

static shukei_status no_column(const struct sk_file *file, const char *name, shukei_error *err)
{
  const size_t length = strlen(name);
  for (uint32_t i = 0; i < file->meta.column_count; i++) {
    const char *const path = file->meta.columns[i].path;
    if (strncmp(path, name, length) == 0 && (path[length] == 0 || path[length] == '.'))
      return sk_fail(err, SHUKEI_EUNSUPPORTED,
                     "column %s: nested, only flat columns can be compared", name);
  }
  return sk_fail(err, SHUKEI_EINVAL, "there is no column \"%s\" to compare", name);
}

/* The predicate of the column, made where it lacks. There is room for all conditions. */
static struct sk_predicate *predicate_of(struct sk_predicates *predicates,
                                         const struct sk_file *file, int column)
{
  for (size_t i = 0; i < predicates->count; i++)
    if (predicates->list[i].column == column)
      return &predicates->list[i];
  struct sk_predicate *const made = &predicates->list[predicates->count++];
  *made = (struct sk_predicate){.column = column, .meta = &file->meta.columns[column]};
  return made;
}

/* Room for as many values as there are conditions. */
static bool add_value(struct sk_predicates *predicates, struct sk_predicate *predicate,
                      const struct sk_buffer *value, size_t most)
{
  uint8_t *const bytes = sk_arena_alloc(&predicates->arena, value->length + 1);
  if (!predicate->values)
    predicate->values = sk_arena_alloc(&predicates->arena, most * sizeof *predicate->values);
  if (!bytes || !predicate->values)
    return false;
  if (value->length)
    memcpy(bytes, value->bytes, value->length);
  predicate->values[predicate->count++] = (struct sk_slice){bytes, (uint32_t)value->length};
  return true;
}

static shukei_status bind_one(struct sk_predicates *predicates, const struct sk_file *file,
                              const shukei_condition *condition, size_t most, shukei_error *err)
{
  struct sk_budget *const budget = predicates->arena.budget;
  const int column = sk_file_find_column(file, condition->column);
  struct sk_buffer value;
  bool exists = false;
  if (column < 0)
    return no_column(file, condition->column, err);
  struct sk_predicate *const predicate = predicate_of(predicates, file, column);
  sk_buffer_init(&value, budget, INT32_MAX);
  shukei_status st = sk_literal_parse(predicate->meta, condition->value, &value, &exists, err);
  if (!st && exists && !add_value(predicates, predicate, &value, most))
    st = sk_fail_memory(err, budget, value.length, "conditions");
  sk_buffer_reset(&value);
  return st ? sk_context(err, st, "column %s", predicate->meta->path) : SHUKEI_OK;
}

shukei_status sk_predicates_bind(const struct sk_file *file, const shukei_condition *conditions,
                                 size_t count, struct sk_budget *budget,
                                 struct sk_predicates *predicates, shukei_error *err)
{
  *predicates = (struct sk_predicates){.count = 0};
  sk_arena_init(&predicates->arena, budget);
  predicates->list = sk_arena_alloc(&predicates->arena, (count + 1) * sizeof *predicates->list);
  shukei_status st = SHUKEI_OK;
  if (!predicates->list)
    st = sk_fail_memory(err, budget, count * sizeof *predicates->list, "conditions");
  for (size_t i = 0; !st && i < count; i++)
    st = bind_one(predicates, file, &conditions[i], count, err);
  return st ? sk_context(err, st, "%s", sk_object_name(file->object)) : SHUKEI_OK;
}

void sk_predicates_reset(struct sk_predicates *predicates)
{
  sk_arena_reset(&predicates->arena);
  predicates->list = NULL;
  predicates->count = 0;
}

/* ---- values and bounds ----------------------------------------------------------------------- */

bool sk_predicate_accepts(const struct sk_predicate *predicate, const uint8_t *bytes, size_t length)
{
  for (size_t i = 0; i < predicate->count; i++) {
    const struct sk_slice *const value = &predicate->values[i];
    bool unordered = false;
    if (value->length == length &&
        sk_value_compare(predicate->meta, bytes, length, value->bytes, length, &unordered) == 0 &&
        !unordered)
      return true;
  }
  return false;
}

static bool is_bytes(const struct sk_column_meta *column)
{
  return column->type == SK_TYPE_BYTE_ARRAY || column->type == SK_TYPE_FIXED_LEN_BYTE_ARRAY;
}

/* As a value of the column at all; of a text any length will do, since it may be cut. */
static bool is_bound(const struct sk_column_meta *column, const struct sk_slice *bound)
{
  bool unordered = false;
  if (!is_bytes(column)) {
    if (bound->length != sk_value_width(column))
      return false;
    sk_value_compare(column, bound->bytes, bound->length, bound->bytes, bound->length, &unordered);
  }
  return !unordered;
}

static bool is_below(const struct sk_column_meta *column, const struct sk_slice *a,
                     const struct sk_slice *b)
{
  bool unordered = false;
  return sk_value_compare(column, a->bytes, a->length, b->bytes, b->length, &unordered) < 0;
}

static bool begins_with(const struct sk_slice *text, const struct sk_slice *beginning)
{
  return text->length >= beginning->length &&
         memcmp(text->bytes, beginning->bytes, beginning->length) == 0;
}

bool sk_predicate_outside(const struct sk_predicate *predicate, struct sk_slice min,
                          struct sk_slice max)
{
  const struct sk_column_meta *const column = predicate->meta;
  if (!sk_has_order(column) || (!min.bytes && !max.bytes) ||
      (min.bytes && !is_bound(column, &min)) || (max.bytes && !is_bound(column, &max)) ||
      (min.bytes && max.bytes && is_below(column, &max, &min)))
    return false;
  for (size_t i = 0; i < predicate->count; i++) {
    const struct sk_slice *const value = &predicate->values[i];
    const bool below = min.bytes && is_below(column, value, &min);
    const bool above = max.bytes && is_below(column, &max, value) &&
                       !(is_bytes(column) && begins_with(value, &max));
    if (!below && !above)
      return false;
  }
  return true;
}
