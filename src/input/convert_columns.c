/* SPDX-License-Identifier: Apache-2.0 */
/* What CSV's headers and Parquet's footers name becomes one list of columns for each report: known
 * ones by their kind, others by their names or types. A file that lacks some of them has nulls
 * there. */
#include "input/convert_columns.h"

#include "base/text.h"
#include "input/ascii.h"
#include "input/convert_parquet.h"
#include "input/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Known fields by their kind, others by their names: reports of virtual machines and GPUs. */
static enum sk_convert_kind kind_of_column(enum sk_report report, const char *name)
{
  static const char *const times[] = {"interval_start", "interval_end", "report_period_start",
                                      "report_period_end"};
  static const char *const numbers[] = {"_seconds", "_bytes", "_cores", "_sockets",
                                        "_threads", "_mib",   "_uptime"};
  const int field = sk_field_of_column(report, name);
  if (field >= 0) {
    const enum sk_field_kind kind = sk_field_info((enum sk_field)field)->kind;
    return kind == SK_FIELD_TIME     ? SK_CONVERT_TIME
           : kind == SK_FIELD_NUMBER ? SK_CONVERT_NUMBER
           : kind == SK_FIELD_LABELS ? SK_CONVERT_LABELS
                                     : SK_CONVERT_TEXT;
  }
  for (size_t i = 0; i < SK_COUNT(times); i++)
    if (strcmp(name, times[i]) == 0)
      return SK_CONVERT_TIME;
  for (size_t i = 0; i < SK_COUNT(numbers); i++)
    if (sk_ends_with(name, numbers[i]))
      return SK_CONVERT_NUMBER;
  return sk_ends_with(name, "_labels") ? SK_CONVERT_LABELS : SK_CONVERT_TEXT;
}

static shukei_status no_memory(const struct sk_convert_schema *self, shukei_error *err)
{
  return sk_fail_memory(err, self->shared->budget, 0, "the columns of a report");
}

/* What keeps the values of two files' columns of one name, integers beyond 2^53 beside doubles
 * apart. */
static enum sk_convert_kind common_kind(enum sk_convert_kind a, enum sk_convert_kind b)
{
  const bool numbers = (a == SK_CONVERT_NUMBER || a == SK_CONVERT_INTEGER) &&
                       (b == SK_CONVERT_NUMBER || b == SK_CONVERT_INTEGER);
  if (a == b || b == SK_CONVERT_ANY)
    return a;
  return a == SK_CONVERT_ANY ? b : numbers ? SK_CONVERT_NUMBER : SK_CONVERT_TEXT;
}

/* The report's column of that name, added where new; UINT32_MAX when memory lacks. */
static uint32_t add_column(struct sk_convert_schema *self, struct sk_convert_report *report,
                           const char *name, enum sk_convert_kind kind)
{
  for (uint32_t i = 0; i < report->column_count; i++)
    if (strcmp(report->columns[i].name, name) == 0) {
      report->kinds[i] = common_kind(report->kinds[i], kind);
      return i;
    }
  if (report->column_count == report->capacity) {
    const uint32_t more = report->capacity ? report->capacity * 2 : 64;
    struct sk_write_column *columns = sk_arena_alloc(&self->arena, more * sizeof *columns);
    enum sk_convert_kind *kinds = sk_arena_alloc(&self->arena, more * sizeof *kinds);
    if (!columns || !kinds)
      return UINT32_MAX;
    if (report->column_count) {
      memcpy(columns, report->columns, report->column_count * sizeof *columns);
      memcpy(kinds, report->kinds, report->column_count * sizeof *kinds);
    }
    report->columns = columns;
    report->kinds = kinds;
    report->capacity = more;
  }
  const size_t length = strlen(name);
  char *copy = sk_arena_bytes(&self->arena, length + 1);
  if (!copy)
    return UINT32_MAX;
  memcpy(copy, name, length + 1);
  const uint32_t index = report->column_count++;
  report->kinds[index] = kind;
  report->columns[index] = (struct sk_write_column){
      .name = copy, .required = strcmp(name, sk_field_info(SK_F_INTERVAL_START)->column) == 0};
  return index;
}

/* Adds the columns of an open CSV file to its report's. */
static shukei_status add_columns(struct sk_convert_schema *self, struct sk_convert_file *file,
                                 const struct sk_csv *csv, shukei_error *err)
{
  const char *const *names = sk_csv_columns(csv);
  const uint32_t count = file->column_count = sk_csv_column_count(csv);
  shukei_status st = sk_csv_check_names(csv, -1, err);
  if (st)
    return st;
  file->slots = sk_arena_alloc(&self->arena, count * sizeof *file->slots);
  file->columns = sk_arena_alloc(&self->arena, count * sizeof *file->columns);
  file->start_slot = UINT32_MAX;
  if (!file->slots || !file->columns)
    return no_memory(self, err);
  for (uint32_t i = 0; i < count; i++) {
    if (!names[i][0])
      continue;
    const uint32_t column =
        add_column(self, file->report, names[i], kind_of_column(file->report->report, names[i]));
    if (column == UINT32_MAX)
      return no_memory(self, err);
    if (file->report->columns[column].required)
      file->start_slot = file->slot_count;
    file->slots[i] = file->slot_count;
    file->columns[file->slot_count++] = column;
  }
  for (uint32_t i = 0; i < count; i++)
    if (!names[i][0])
      file->slots[i] = file->slot_count;
  if (file->start_slot == UINT32_MAX)
    st = sk_fail(err, SHUKEI_EFORMAT, "%s: %s report lacks interval_start", file->planned->path,
                 sk_report_info(file->report->report)->name);
  return st;
}

/* Adds one column of a Parquet file; a second one of its name would be another value of the same
 * cell. */
static shukei_status add_leaf(struct sk_convert_schema *self, struct sk_convert_file *file,
                              uint32_t leaf, const struct sk_column_meta *meta, shukei_error *err)
{
  const char *name;
  const enum sk_convert_kind kind = sk_parquet_kind(file->report->report, meta, &name);
  const uint32_t column = add_column(self, file->report, name, kind);
  if (column == UINT32_MAX)
    return no_memory(self, err);
  for (uint32_t slot = 0; slot < file->slot_count; slot++)
    if (file->columns[slot] == column)
      return sk_fail(err, SHUKEI_EFORMAT, "%s: column %s: is there twice", file->planned->path,
                     name);
  if (file->report->columns[column].required)
    file->start_slot = file->slot_count;
  file->leaves[file->slot_count] = (int)leaf;
  file->columns[file->slot_count++] = column;
  return SHUKEI_OK;
}

/* Adds the columns of an open Parquet file to its report's. */
static shukei_status add_leaves(struct sk_convert_schema *self, struct sk_convert_file *file,
                                const struct sk_file *parquet, shukei_error *err)
{
  const struct sk_meta *meta = sk_file_meta(parquet);
  char text[600];
  shukei_status st = SHUKEI_OK;
  if (meta->column_count > INT16_MAX)
    return sk_fail(err, SHUKEI_EUNSUPPORTED, "%s: %" PRIu32 " columns, at most %d can be written",
                   file->planned->path, meta->column_count, INT16_MAX);
  file->leaves = sk_arena_alloc(&self->arena, (meta->column_count + 1) * sizeof *file->leaves);
  file->columns = sk_arena_alloc(&self->arena, (meta->column_count + 1) * sizeof *file->columns);
  file->start_slot = UINT32_MAX;
  if (!file->leaves || !file->columns)
    return no_memory(self, err);
  for (uint32_t i = 0; !st && i < meta->column_count; i++)
    if (meta->columns[i].flat)
      st = add_leaf(self, file, i, &meta->columns[i], err);
  for (uint32_t i = 0; !st && i < meta->element_count; i++) {
    const struct sk_element *element = &meta->elements[i];
    if (element->depth != 1 || (element->leaf >= 0 && meta->columns[element->leaf].flat))
      continue;
    snprintf(text, sizeof text, "%s: column %s: is nested, left out", file->planned->path,
             element->name);
    sk_convert_warn(self->shared, text);
  }
  if (!st && file->start_slot == UINT32_MAX)
    st = sk_fail(err, SHUKEI_EFORMAT, "%s: %s report lacks interval_start", file->planned->path,
                 sk_report_info(file->report->report)->name);
  if (!st && sk_column_kind(&meta->columns[file->leaves[file->start_slot]]) == SK_KIND_NUMBER)
    st = sk_fail(err, SHUKEI_EFORMAT, "%s: column interval_start: is no time", file->planned->path);
  if (!st)
    file->first_us = sk_parquet_first_us(parquet);
  return st;
}

static shukei_status read_header(struct sk_convert_schema *self,
                                 const struct sk_planned_file *planned, uint32_t number,
                                 shukei_error *err)
{
  const bool parquet = planned->format == SK_FORMAT_PARQUET;
  struct sk_convert_file *file =
      parquet ? &self->parquet[self->parquet_count++] : &self->csv[self->csv_count++];
  struct sk_parquet_input input = {.object = NULL};
  struct sk_csv *csv = NULL;
  *file = (struct sk_convert_file){
      .planned = planned, .number = number, .report = &self->reports[planned->report]};
  shukei_status st = parquet
                         ? sk_parquet_input_open(planned, self->shared->budget, &input, err)
                         : sk_csv_open(planned, (size_t)64 << 10, self->shared->budget, &csv, err);
  if (!st)
    st = parquet ? add_leaves(self, file, input.file, err) : add_columns(self, file, csv, err);
  sk_csv_close(csv);
  sk_parquet_input_close(&input);
  return st;
}

/* Parquet files by report, and by when they begin: so their rows come in the order of time, and
 * days end. */
static int by_time(const void *a, const void *b)
{
  const struct sk_convert_file *x = a, *y = b;
  if (x->report != y->report)
    return x->report < y->report ? -1 : 1;
  if (x->first_us != y->first_us)
    return x->first_us < y->first_us ? -1 : 1;
  return (x->number > y->number) - (x->number < y->number);
}

/* All columns are known: settles what they are written as. */
static shukei_status settle_columns(struct sk_convert_schema *self,
                                    struct sk_convert_report *report, shukei_error *err)
{
  static const enum sk_write_kind write[] = {
      [SK_CONVERT_TEXT] = SK_WRITE_TEXT,     [SK_CONVERT_LABELS] = SK_WRITE_TEXT,
      [SK_CONVERT_NUMBER] = SK_WRITE_DOUBLE, [SK_CONVERT_TIME] = SK_WRITE_TIME,
      [SK_CONVERT_INTEGER] = SK_WRITE_INT64, [SK_CONVERT_DATE] = SK_WRITE_DATE};
  for (uint32_t i = 0; i < report->column_count; i++) {
    if (report->kinds[i] == SK_CONVERT_ANY)
      report->kinds[i] = SK_CONVERT_TEXT;
    report->columns[i].kind = write[report->kinds[i]];
  }
  report->last = sk_arena_alloc(&self->arena, (report->capacity + 1) * sizeof *report->last);
  if (!report->last)
    return no_memory(self, err);
  memset(report->last, 0, (report->capacity + 1) * sizeof *report->last);
  return SHUKEI_OK;
}

/* Of the reports that are here, one at least must have the column, and as texts. */
static shukei_status check_bloom_columns(const struct sk_convert_schema *self, shukei_error *err)
{
  const shukei_convert_options *options = self->shared->options;
  for (size_t i = 0; i < options->bloom_column_count; i++) {
    const char *const name = options->bloom_columns[i];
    bool found = false;
    for (int r = 0; r < SK_REPORT_COUNT; r++)
      for (uint32_t c = 0; c < self->reports[r].column_count; c++) {
        if (strcmp(self->reports[r].columns[c].name, name) != 0)
          continue;
        found = true;
        if (self->reports[r].columns[c].kind != SK_WRITE_TEXT)
          return sk_fail(err, SHUKEI_EINVAL,
                         "column \"%s\" holds no texts, and only these can have a Bloom filter",
                         name);
      }
    if (!found)
      return sk_fail(err, SHUKEI_EINVAL, "no report has a column \"%s\", to get a Bloom filter",
                     name);
  }
  return SHUKEI_OK;
}

void sk_convert_schema_init(struct sk_convert_schema *schema,
                            const struct sk_convert_shared *shared)
{
  *schema = (struct sk_convert_schema){.shared = shared};
  sk_arena_init(&schema->arena, shared->budget);
}

void sk_convert_schema_reset(struct sk_convert_schema *schema)
{
  sk_arena_reset(&schema->arena);
}

shukei_status sk_convert_schema_read(struct sk_convert_schema *self, uint32_t cluster,
                                     shukei_error *err)
{
  const struct sk_plan *plan = self->shared->plan;
  shukei_status st = SHUKEI_OK;
  self->csv = sk_arena_alloc(&self->arena, (plan->count + 1) * sizeof *self->csv);
  self->parquet = sk_arena_alloc(&self->arena, (plan->count + 1) * sizeof *self->parquet);
  self->csv_count = self->parquet_count = 0;
  memset(self->reports, 0, sizeof self->reports);
  for (int r = 0; r < SK_REPORT_COUNT; r++)
    self->reports[r].report = (enum sk_report)r;
  if (!self->csv || !self->parquet)
    return no_memory(self, err);
  for (size_t i = 0; !st && i < plan->count; i++)
    if (plan->files[i].cluster == cluster)
      st = read_header(self, &plan->files[i], (uint32_t)i, err);
  for (int r = 0; !st && r < SK_REPORT_COUNT; r++)
    st = settle_columns(self, &self->reports[r], err);
  if (self->parquet_count)
    qsort(self->parquet, self->parquet_count, sizeof *self->parquet, by_time);
  return st || self->csv_count + self->parquet_count == 0 ? st : check_bloom_columns(self, err);
}
