/* SPDX-License-Identifier: Apache-2.0 */
/* What a value is compared with. What bounds of values tell of it is bounds.c. */
#include "parquet/predicate.h"

#include "parquet/literal.h"
#include "parquet/order.h"
#include "parquet/values.h"

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

/* Room for two values of each condition. */
static bool add_value(struct sk_predicates *predicates, struct sk_predicate *predicate,
                      const struct sk_buffer *value, size_t most)
{
  uint8_t *const bytes = sk_arena_alloc(&predicates->arena, value->length + 1);
  if (!predicate->values)
    predicate->values = sk_arena_alloc(&predicates->arena, 2 * most * sizeof *predicate->values);
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
  if (!condition->column || !condition->value)
    return sk_fail(err, SHUKEI_EINVAL, "a condition without a column or a value");
  int column = -1;
  struct sk_buffer value;
  bool exists = false;
  const shukei_status found = sk_file_named_column(file, condition->column, &column, err);
  if (found)
    return found;
  if (column < 0)
    return no_column(file, condition->column, err);
  struct sk_predicate *const predicate = predicate_of(predicates, file, column);
  sk_buffer_init(&value, budget, INT32_MAX);
  shukei_status st = sk_literal_parse(predicate->meta, condition->value, &value, &exists, err);
  if (!st && exists && !add_value(predicates, predicate, &value, most))
    st = sk_fail_memory(err, budget, value.length, "conditions");
  sk_buffer_clear(&value);
  if (!st && sk_literal_bytes(predicate->meta, condition->value, &value) &&
      (value.failed || !add_value(predicates, predicate, &value, most)))
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

bool sk_predicate_outside(const struct sk_predicate *predicate, struct sk_slice min,
                          struct sk_slice max)
{
  const struct sk_column_meta *const column = predicate->meta;
  const struct sk_bounds bounds = sk_bounds_sound(column, min, max);
  if (bounds.doubted || (!bounds.min.bytes && !bounds.max.bytes))
    return false;
  for (size_t i = 0; i < predicate->count; i++)
    if (!sk_bounds_below(column, &bounds, predicate->values[i]) &&
        !sk_bounds_above(column, &bounds, predicate->values[i]))
      return false;
  return true;
}
