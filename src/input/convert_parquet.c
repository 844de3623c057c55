/* SPDX-License-Identifier: Apache-2.0 */
/* A file's columns are read side by side, a few thousand rows at a time, into a piece like those
 * that CSV is parsed into, and the piece is written. One thread reads: texts come as ids of the
 * writer's table, each entry of a dictionary being looked up once, so that reading takes a fraction
 * of the encoding, which all threads share. */
#include "input/convert_parquet.h"
#include "base/calendar.h"
#include "input/ascii.h"
#include "input/parquet_columns.h"
#include "input/reader.h"
#include "parquet/values.h"
#include "store/store.h"

enum { BATCH_ROWS = 8192 };

shukei_status sk_parquet_input_open(const struct sk_planned_file *planned, struct sk_budget *budget,
                                    struct sk_parquet_input *input, shukei_error *err)
{
  struct sk_parquet_columns columns;
  *input = (struct sk_parquet_input){.object = NULL};
  shukei_status st = sk_store_open(planned->path, budget, &input->object, err);
  if (!st)
    st = sk_file_open(input->object, budget, &input->file, err);
  if (!st)
    st = sk_parquet_find_columns(input->file, planned->path, planned->report, &columns, err);
  return st;
}

void sk_parquet_input_close(struct sk_parquet_input *input)
{
  sk_file_close(input->file);
  sk_object_close(input->object);
  *input = (struct sk_parquet_input){.object = NULL};
}

/* ---- columns --------------------------------------------------------------------------------- */

static bool is_string(const struct sk_column_meta *column)
{
  return column->type == SK_TYPE_BYTE_ARRAY &&
         (column->logical == SK_LOGICAL_STRING || column->logical == SK_LOGICAL_ENUM ||
          column->logical == SK_LOGICAL_JSON);
}

/* The type that keeps all values of a column that is none of the report's; TEXT where none does. */
static enum sk_convert_kind own_kind(const struct sk_column_meta *column)
{
  const bool integer = column->type == SK_TYPE_INT32 || column->type == SK_TYPE_INT64;
  switch (column->logical) {
  case SK_LOGICAL_NULL:
    return SK_CONVERT_ANY;
  case SK_LOGICAL_DATE:
    return SK_CONVERT_DATE;
  case SK_LOGICAL_TIMESTAMP:
    return column->utc && column->unit != SK_UNIT_NANOS ? SK_CONVERT_TIME : SK_CONVERT_TEXT;
  case SK_LOGICAL_INTEGER:
    return column->is_signed || column->bit_width < 64 ? SK_CONVERT_INTEGER : SK_CONVERT_TEXT;
  case SK_LOGICAL_NONE:
    return integer                                                           ? SK_CONVERT_INTEGER
           : column->type == SK_TYPE_DOUBLE || column->type == SK_TYPE_FLOAT ? SK_CONVERT_NUMBER
                                                                             : SK_CONVERT_TEXT;
  default:
    return SK_CONVERT_TEXT;
  }
}

enum sk_convert_kind sk_parquet_kind(enum sk_report report, const struct sk_column_meta *column,
                                     const char **name)
{
  static const enum sk_convert_kind kinds[] = {[SK_FIELD_TIME] = SK_CONVERT_TIME,
                                               [SK_FIELD_NAME] = SK_CONVERT_TEXT,
                                               [SK_FIELD_LABELS] = SK_CONVERT_LABELS,
                                               [SK_FIELD_NUMBER] = SK_CONVERT_NUMBER};
  const char *const start = sk_field_info(SK_F_INTERVAL_START)->column;
  const int field = sk_field_of_column(report, column->name);
  *name = column->name;
  if (field >= 0) {
    *name = sk_field_info((enum sk_field)field)->column;
    return kinds[sk_field_info((enum sk_field)field)->kind];
  }
  if (!sk_same_name(column->name, start)) /* which reports have that the summary does not know */
    return own_kind(column);
  *name = start;
  return SK_CONVERT_TIME;
}

int64_t sk_parquet_first_us(const struct sk_file *file)
{
  const int column = sk_file_find_column(file, sk_field_info(SK_F_INTERVAL_START)->column);
  const struct sk_meta *meta = sk_file_meta(file);
  int64_t first = INT64_MAX, min_us, max_us;
  for (uint32_t g = 0; g < meta->group_count; g++) {
    if (meta->groups[g].row_count == 0)
      continue;
    if (!sk_file_time_range(file, g, column, &min_us, &max_us))
      return INT64_MIN;
    first = min_us < first ? min_us : first;
  }
  return first;
}

/* ---- reading --------------------------------------------------------------------------------- */

struct reading {
  const struct sk_parquet_rows *rows;
  const struct sk_convert_file *file;
  struct sk_parquet_input input;
  struct sk_column_tools *tools;
  struct sk_column **columns; /* by slot, of the row group */
  struct sk_piece piece;
  struct sk_intervals intervals; /* of times that are texts */
  uint32_t *text_ids;            /* [BATCH_ROWS] */
  int64_t first_us, last_us;     /* instants that interval_start may have */
};

static enum sk_convert_kind kind_of(const struct reading *self, uint32_t slot)
{
  return self->file->report->kinds[self->file->columns[slot]];
}

static const struct sk_column_meta *meta_of(const struct reading *self, uint32_t slot)
{
  return &sk_file_meta(self->input.file)->columns[self->file->leaves[slot]];
}

static shukei_status no_memory(const struct reading *self, shukei_error *err)
{
  return sk_fail_memory(err, self->rows->settings->budget, 0, "rows of a Parquet file");
}

static shukei_status set_up(struct reading *self, shukei_error *err)
{
  struct sk_budget *budget = self->rows->settings->budget;
  struct sk_piece *piece = &self->piece;
  const uint32_t slots = self->file->slot_count;
  sk_piece_init(piece, budget);
  piece->file = self->file;
  piece->columns = sk_calloc(budget, slots, sizeof *piece->columns);
  self->columns = sk_calloc(budget, slots, sizeof *self->columns);
  piece->days = sk_alloc(budget, BATCH_ROWS * sizeof *piece->days);
  self->text_ids = sk_alloc(budget, BATCH_ROWS * sizeof *self->text_ids);
  if (!sk_intervals_init(&self->intervals, budget) || !piece->columns || !self->columns ||
      !piece->days || !self->text_ids)
    return no_memory(self, err);
  piece->column_count = slots;
  for (uint32_t slot = 0; slot < slots; slot++) {
    struct sk_piece_column *column = &piece->columns[slot];
    const enum sk_convert_kind kind = kind_of(self, slot);
    const bool texts = kind == SK_CONVERT_TEXT || kind == SK_CONVERT_LABELS;
    if (texts)
      column->ids = sk_alloc(budget, BATCH_ROWS * sizeof *column->ids);
    else if (kind == SK_CONVERT_NUMBER)
      column->numbers = sk_alloc(budget, BATCH_ROWS * sizeof *column->numbers);
    else
      column->times = sk_alloc(budget, BATCH_ROWS * sizeof *column->times);
    if (!texts)
      column->valid = sk_alloc(budget, BATCH_ROWS);
    if (texts ? !column->ids : !column->valid || !(column->numbers || column->times))
      return no_memory(self, err);
  }
  return sk_column_tools_new(budget, &self->tools, err);
}

static void close_columns(struct reading *self)
{
  for (uint32_t slot = 0; self->columns && slot < self->file->slot_count; slot++) {
    sk_column_close(self->columns[slot]);
    self->columns[slot] = NULL;
  }
}

static void tear_down(struct reading *self)
{
  close_columns(self);
  sk_column_tools_free(self->tools);
  sk_piece_reset(&self->piece);
  sk_intervals_reset(&self->intervals);
  sk_free(self->columns);
  sk_free(self->text_ids);
  sk_parquet_input_close(&self->input);
}

/* Times that are texts, as CSV has them; one that is none is null, and told where it is no
 * interval_start. */
static shukei_status read_time_texts(struct reading *self, uint32_t slot, uint32_t rows,
                                     uint64_t first_row, shukei_error *err)
{
  struct sk_piece_column *column = &self->piece.columns[slot];
  struct sk_counts *counts = self->rows->counts;
  const shukei_status st =
      sk_column_ids(self->columns[slot], &self->intervals.texts, rows, self->text_ids, err);
  if (st)
    return st;
  if (!sk_intervals_fill(&self->intervals))
    return no_memory(self, err);
  for (uint32_t i = 0; i < rows; i++) {
    const bool there = self->text_ids[i] != SK_NO_ID;
    const struct sk_interval *interval = there ? &self->intervals.known[self->text_ids[i]] : NULL;
    column->valid[i] = interval && interval->valid;
    column->times[i] = column->valid[i] ? interval->us : 0;
    if (!there || column->valid[i] || slot == self->file->start_slot)
      continue;
    const struct sk_place place = {self->file->number, first_row + i + 1, SK_FIELD_COUNT};
    counts->cells_unparsable++;
    if (sk_place_before(&place, &counts->first_unparsable))
      counts->first_unparsable = place;
  }
  return SHUKEI_OK;
}

static shukei_status read_slot(struct reading *self, uint32_t slot, uint32_t rows,
                               uint64_t first_row, shukei_error *err)
{
  struct sk_column *from = self->columns[slot];
  struct sk_piece_column *to = &self->piece.columns[slot];
  struct sk_convert_writer *writer = self->rows->writer;
  struct sk_counts *counts = self->rows->counts;
  const struct sk_column_meta *meta = meta_of(self, slot);
  const bool known = sk_field_of_column(self->file->report->report, meta->name) >= 0;
  shukei_status st;
  switch (kind_of(self, slot)) {
  case SK_CONVERT_NUMBER:
    st = sk_column_doubles(from, rows, to->numbers, to->valid, &counts->cells_empty, err);
    for (uint32_t i = 0; !st && i < rows; i++)
      counts->values_negative += to->numbers[i] < 0;
    return st;
  case SK_CONVERT_TIME:
    return sk_column_kind(meta) == SK_KIND_TEXT
               ? read_time_texts(self, slot, rows, first_row, err)
               : sk_column_times(from, rows, to->times, to->valid, err);
  case SK_CONVERT_INTEGER:
  case SK_CONVERT_DATE:
    return sk_column_integers(from, rows, to->times, to->valid, err);
  case SK_CONVERT_LABELS:
    return sk_column_ids(from, &writer->labels, rows, to->ids, err);
  default:
    return known || is_string(meta) ? sk_column_ids(from, &writer->texts, rows, to->ids, err)
                                    : sk_column_cells(from, &writer->texts, rows, to->ids, err);
  }
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* The first column whose text in a row is no UTF-8; NULL: none. */
static const char *bad_text(const struct reading *self, uint32_t row)
{
  const struct sk_convert_writer *writer = self->rows->writer;
  for (uint32_t slot = 0; slot < self->file->slot_count; slot++) {
    const uint32_t *ids = self->piece.columns[slot].ids;
    const struct sk_intern *table =
        kind_of(self, slot) == SK_CONVERT_LABELS ? &writer->labels : &writer->texts;
    if (ids && ids[row] != SK_NO_ID && sk_intern_at(table, ids[row])->bad)
      return self->file->report->columns[self->file->columns[slot]].name;
  }
  return NULL;
}

/* Tells the days of the rows: SK_NO_DAY of those that are not wanted, or bad. */
static shukei_status find_days(struct reading *self, uint32_t rows, uint64_t first_row,
                               shukei_error *err)
{
  const struct sk_read_options *read = &self->rows->settings->read;
  const struct sk_piece_column *start = &self->piece.columns[self->file->start_slot];
  const struct sk_convert_writer *writer = self->rows->writer;
  struct sk_counts *counts = self->rows->counts;
  const bool texts_bad = writer->texts.bad_count || writer->labels.bad_count;
  for (uint32_t i = 0; i < rows; i++) {
    struct sk_bad_row bad = {.row = first_row + i + 1, .text = ""};
    const bool good =
        start->valid[i] && start->times[i] >= self->first_us && start->times[i] <= self->last_us;
    const int32_t day = good ? sk_day_of_us(start->times[i]) : SK_NO_DAY;
    self->piece.days[i] = SK_NO_DAY;
    if (good && (day < read->start_day || day > read->end_day ||
                 !sk_day_set_has(self->file->planned->days, day))) {
      counts->rows_filtered++;
      continue;
    }
    if (!good) {
      bad.cause = SK_BAD_TIME;
      bad.time_length = start->valid[i];
    } else if (texts_bad && (bad.column = bad_text(self, i))) {
      bad.cause = SK_BAD_UTF8;
    }
    if (bad.cause == SK_ROW_GOOD) {
      self->piece.days[i] = day;
      continue;
    }
    const shukei_status st =
        sk_bad_row(self->file->planned->path, self->file->number, read, &bad, counts, err);
    if (st)
      return st;
  }
  return SHUKEI_OK;
}

static bool outside_days(const struct reading *self, uint32_t group)
{
  const struct sk_read_options *read = &self->rows->settings->read;
  int64_t min_us, max_us;
  return sk_file_time_range(self->input.file, group, self->file->leaves[self->file->start_slot],
                            &min_us, &max_us) &&
         min_us >= self->first_us && max_us <= self->last_us &&
         (sk_day_of_us(max_us) < read->start_day || sk_day_of_us(min_us) > read->end_day);
}

static shukei_status convert_group(struct reading *self, uint32_t group, shukei_error *err)
{
  const struct sk_parquet_rows *all = self->rows;
  const struct sk_group_meta *meta = &sk_file_meta(self->input.file)->groups[group];
  const int64_t count = meta->row_count;
  const uint32_t slots = self->file->slot_count;
  shukei_status st = SHUKEI_OK;
  if (count == 0 || outside_days(self, group)) {
    all->counts->rows_read += (uint64_t)count;
    all->counts->rows_filtered += (uint64_t)count;
    return SHUKEI_OK;
  }
  sk_file_expect(self->input.file, group, self->file->leaves, slots);
  for (uint32_t slot = 0; !st && slot < slots; slot++)
    st = sk_column_open(self->input.file, group, self->file->leaves[slot], 0, self->tools,
                        all->settings->budget, &self->columns[slot], err);
  for (int64_t row = 0; !st && row < count; row += BATCH_ROWS) {
    const uint32_t rows = count - row < BATCH_ROWS ? (uint32_t)(count - row) : BATCH_ROWS;
    const uint64_t first_row = (uint64_t)(meta->first_row + row);
    for (uint32_t slot = 0; !st && slot < slots; slot++)
      st = read_slot(self, slot, rows, first_row, err);
    self->piece.rows = rows;
    if (st)
      break;
    all->counts->rows_read += rows;
    st = find_days(self, rows, first_row, err);
    if (!st)
      st = sk_convert_writer_add(all->writer, &self->piece, err);
    if (!st)
      st = all->step(all->context, err);
  }
  close_columns(self);
  return st;
}

shukei_status sk_parquet_rows_convert(const struct sk_parquet_rows *rows,
                                      const struct sk_convert_file *file, shukei_error *err)
{
  struct reading self = {.rows = rows,
                         .file = file,
                         .first_us = sk_day_of_date((struct sk_date){1, 1, 1}) * SK_DAY_US,
                         .last_us =
                             (sk_day_of_date((struct sk_date){9999, 12, 31}) + 1) * SK_DAY_US - 1};
  shukei_status st = sk_parquet_input_open(file->planned, rows->settings->budget, &self.input, err);
  if (!st)
    st = set_up(&self, err);
  for (uint32_t group = 0; !st && group < sk_file_meta(self.input.file)->group_count; group++)
    st = convert_group(&self, group, err);
  tear_down(&self);
  return st;
}
