/* SPDX-License-Identifier: Apache-2.0 */
#include "input/parquet_columns.h"
#include "base/calendar.h"
#include "input/ascii.h"
#include "input/reader.h"

int sk_parquet_report(const struct sk_file *file, struct sk_budget *budget)
{
  const struct sk_meta *meta = sk_file_meta(file);
  const char **names = sk_alloc(budget, (meta->column_count + 1) * sizeof *names);
  size_t count = 0;
  if (!names)
    return SK_NO_MEMORY;
  for (uint32_t i = 0; i < meta->column_count; i++)
    if (meta->columns[i].flat)
      names[count++] = meta->columns[i].name;
  const int report = sk_report_of_columns(names, count);
  sk_free(names);
  return report;
}

static bool fits(enum sk_field_kind field, enum sk_column_kind column)
{
  if (column == SK_KIND_NULL)
    return true;
  if (field == SK_FIELD_TIME)
    return column == SK_KIND_TIME || column == SK_KIND_TEXT;
  return column == (field == SK_FIELD_NUMBER ? SK_KIND_NUMBER : SK_KIND_TEXT);
}

/* A nested column under the name of a field would pass for "absent". */
static shukei_status check_nested(const struct sk_meta *meta, const char *path,
                                  enum sk_report report, shukei_error *err)
{
  for (uint32_t i = 0; i < meta->element_count; i++) {
    const struct sk_element *element = &meta->elements[i];
    const bool nested =
        element->depth == 1 && (element->leaf < 0 || !meta->columns[element->leaf].flat);
    if (nested && sk_field_of_column(report, element->name) >= 0)
      return sk_fail(err, SHUKEI_EFORMAT, "%s: column %s: is nested, expected one value a row",
                     path, element->name);
  }
  return SHUKEI_OK;
}

static const char *const expected[] = {[SK_FIELD_TIME] = "a timestamp",
                                       [SK_FIELD_NAME] = "text",
                                       [SK_FIELD_LABELS] = "text",
                                       [SK_FIELD_NUMBER] = "a number"};

shukei_status sk_parquet_find_columns(const struct sk_file *file, const char *path,
                                      enum sk_report report, struct sk_parquet_columns *out,
                                      shukei_error *err)
{
  const struct sk_meta *meta = sk_file_meta(file);
  out->found = 0;
  for (int f = 0; f < SK_FIELD_COUNT; f++)
    out->column[f] = -1;
  for (uint32_t i = 0; i < meta->column_count; i++) {
    const struct sk_column_meta *column = &meta->columns[i];
    const int field = column->flat ? sk_field_of_column(report, column->name) : -1;
    if (field < 0)
      continue;
    if (out->found & SK_FIELD_BIT(field))
      return sk_fail(err, SHUKEI_EFORMAT, "%s: column %s: is there twice", path, column->name);
    const enum sk_field_kind kind = sk_field_info((enum sk_field)field)->kind;
    out->kind[field] = sk_column_kind(column);
    if (!fits(kind, out->kind[field]))
      return sk_fail(err, SHUKEI_EFORMAT, "%s: column %s: %s%s%s, expected %s", path, column->name,
                     sk_type_name(column->type), column->logical == SK_LOGICAL_NONE ? "" : " ",
                     column->logical == SK_LOGICAL_NONE ? " without annotation"
                                                        : sk_logical_name(column->logical),
                     expected[kind]);
    out->found |= SK_FIELD_BIT(field);
    out->column[field] = (int)i;
  }
  const shukei_status st = check_nested(meta, path, report, err);
  return st ? st : sk_check_columns(path, report, out->found, err);
}

int32_t sk_parquet_first_day(const struct sk_file *file, uint32_t group, int column)
{
  int64_t min_us, max_us;
  if (sk_file_meta(file)->groups[group].row_count == 0)
    return INT32_MAX;
  return sk_file_time_range(file, group, column, &min_us, &max_us) ? sk_day_of_us(min_us)
                                                                   : INT32_MIN;
}

int32_t sk_parquet_last_day(const struct sk_file *file, uint32_t group, int column)
{
  int64_t min_us, max_us;
  if (sk_file_meta(file)->groups[group].row_count == 0)
    return INT32_MIN;
  return sk_file_time_range(file, group, column, &min_us, &max_us) ? sk_day_of_us(max_us)
                                                                   : INT32_MAX;
}
