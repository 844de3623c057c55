/* SPDX-License-Identifier: Apache-2.0 */
/* Parquet as a source of batches.
 *
 * A piece is a range of rows of one row group, cut at page borders of its largest column. A reader
 * keeps its column readers between pieces: the next piece of the same row group goes forward in
 * them, so that nothing is read twice. The dictionaries of texts are shared by all readers. Row
 * groups whose statistics lie outside of the days are passed over by their row counts.
 *
 * Of every batch interval_start comes first; where no row is within the days nothing else is read,
 * and the other columns catch up when they are needed again. */
#include "base/bytes.h"
#include "base/calendar.h"
#include "input/parquet_columns.h"
#include "input/reader.h"
#include "store/store.h"

#include <pthread.h>

struct parquet_source {
  struct sk_source source; /* first */
  struct sk_object *object;
  struct sk_file *file;
  struct sk_parquet_columns columns;
  int reads[SK_FIELD_COUNT]; /* columns that are read, for the cuts */
  size_t read_count;
  uint64_t cut_bytes;
  int64_t first_us, last_us; /* instants that a timestamp may have */
  int32_t *first_days;       /* of each row group and those behind it, the earliest */
  pthread_mutex_t lock;
  bool lock_made;
  /* under the lock */
  uint32_t group;
  bool group_begun;
  struct sk_cutter *cutter; /* of that row group */
  int64_t claimed_to;       /* its rows */
  int64_t rows_claimed;
};

struct sk_parquet_part {
  const struct parquet_source *of; /* whose columns are open, NULL: none */
  uint32_t group;
  struct sk_column *columns[SK_FIELD_COUNT];
  struct sk_column_tools *tools;
  int64_t row, end; /* of the row group, what is left of the piece */
  int64_t *times;
  uint8_t *valid;
  uint8_t *cause; /* enum sk_bad_cause */
  uint8_t *field;
  uint32_t *keep; /* rows of the batch that are looked at */
  uint32_t kept;
  bool any_bad;
};

static void close_columns(struct sk_parquet_part *part)
{
  for (int f = 0; f < SK_FIELD_COUNT; f++) {
    sk_column_close(part->columns[f]);
    part->columns[f] = NULL;
  }
  part->of = NULL;
  part->row = part->end = 0;
}

void sk_parquet_part_free(struct sk_parquet_part *part)
{
  if (!part)
    return;
  close_columns(part);
  sk_column_tools_free(part->tools);
  sk_free(part->times);
  sk_free(part->valid);
  sk_free(part->cause);
  sk_free(part->field);
  sk_free(part->keep);
  sk_free(part);
}

void sk_parquet_part_forget(struct sk_parquet_part *part)
{
  for (int f = 0; part && f < SK_FIELD_COUNT; f++)
    if (part->columns[f] && f != SK_F_INTERVAL_START) /* has a table of the reader's own */
      sk_column_forget(part->columns[f]);
}

/* Of dictionaries that the next file may have, too. */
static uint64_t remembered_bytes(const struct sk_budget *budget)
{
  const uint64_t most = UINT64_C(2) << 20;
  return budget && budget->limit_bytes / 64 < most ? budget->limit_bytes / 64 : most;
}

static shukei_status new_part(struct sk_reader *reader, shukei_error *err)
{
  struct sk_parquet_part *part = sk_calloc(reader->budget, 1, sizeof *part);
  shukei_status st = SHUKEI_OK;
  if (part) {
    part->times = sk_alloc(reader->budget, SK_BATCH_ROWS * sizeof *part->times);
    part->valid = sk_alloc(reader->budget, SK_BATCH_ROWS);
    part->cause = sk_alloc(reader->budget, SK_BATCH_ROWS);
    part->field = sk_alloc(reader->budget, SK_BATCH_ROWS);
    part->keep = sk_alloc(reader->budget, SK_BATCH_ROWS * sizeof *part->keep);
  }
  if (!part || !part->times || !part->valid || !part->cause || !part->field || !part->keep)
    st =
        sk_fail_memory(err, reader->budget, SK_BATCH_ROWS * sizeof *part->times, "reading Parquet");
  else
    st = sk_column_tools_new(reader->budget, &part->tools, err);
  if (st) {
    sk_parquet_part_free(part);
    return st;
  }
  sk_column_tools_remember(part->tools, remembered_bytes(reader->budget));
  reader->parquet = part;
  return SHUKEI_OK;
}

/* ---- claiming -------------------------------------------------------------------------------- */

static bool outside_days(const struct parquet_source *self, uint32_t group)
{
  const struct sk_read_options *options = &self->source.options;
  int64_t min_us, max_us;
  if (!sk_file_time_range(self->file, group, self->columns.column[SK_F_INTERVAL_START], &min_us,
                          &max_us))
    return false;
  if (min_us < self->first_us || max_us > self->last_us)
    return false; /* some of its rows are bad and must be seen */
  return sk_day_of_us(max_us) < options->start_day || sk_day_of_us(min_us) > options->end_day;
}

/* The least of a row group's and its successors' first days: they may come in any order. */
static shukei_status find_first_days(struct parquet_source *self, shukei_error *err)
{
  const uint32_t count = sk_file_meta(self->file)->group_count;
  const int32_t last_day = self->source.options.end_day;
  int32_t least = INT32_MAX;
  self->first_days = sk_alloc(self->source.budget, (count + 1) * sizeof *self->first_days);
  if (!self->first_days)
    return sk_fail_memory(err, self->source.budget, (count + 1) * sizeof *self->first_days,
                          "the days of row groups");
  self->first_days[count] = INT32_MAX;
  for (uint32_t g = count; g-- > 0;) {
    int32_t day =
        outside_days(self, g)
            ? last_day
            : sk_parquet_first_day(self->file, g, self->columns.column[SK_F_INTERVAL_START]);
    day = day == INT32_MAX ? INT32_MAX - 1 : day;
    least = day < least ? day : least;
    self->first_days[g] = least;
  }
  return SHUKEI_OK;
}

/* Goes to the row group that the next piece is of and cuts it, if that is due. */
static shukei_status begin_group(struct parquet_source *self, struct sk_reader *reader,
                                 int32_t last_day, shukei_error *err)
{
  const struct sk_meta *meta = sk_file_meta(self->file);
  while (self->group < meta->group_count && !self->group_begun) {
    const int64_t rows = meta->groups[self->group].row_count;
    if (rows == 0 || outside_days(self, self->group)) {
      reader->counts->rows_read += (uint64_t)rows;
      reader->counts->rows_filtered += (uint64_t)rows;
      self->rows_claimed += rows;
      self->group++;
      continue;
    }
    if (self->first_days[self->group] > last_day)
      return SHUKEI_OK;
    sk_cutter_free(self->cutter);
    self->cutter = NULL;
    self->claimed_to = 0;
    sk_file_expect(self->file, self->group, self->reads, self->read_count);
    const shukei_status st =
        sk_cutter_open(self->file, self->group, self->reads, self->read_count, self->cut_bytes,
                       self->source.budget, &self->cutter, err);
    if (st)
      return st;
    self->group_begun = true;
  }
  return SHUKEI_OK;
}

static shukei_status claim(struct sk_source *source, struct sk_reader *reader, int32_t last_day,
                           bool *claimed, shukei_error *err)
{
  struct parquet_source *self = (struct parquet_source *)source;
  const struct sk_meta *meta = sk_file_meta(self->file);
  shukei_status st = reader->parquet ? SHUKEI_OK : new_part(reader, err);
  if (st)
    return st;
  struct sk_parquet_part *part = reader->parquet;
  pthread_mutex_lock(&self->lock);
  st = begin_group(self, reader, last_day, err);
  const bool found = !st && self->group_begun && self->first_days[self->group] <= last_day;
  int64_t end = 0;
  if (found)
    st = sk_cutter_next(self->cutter, &end, err);
  if (found && !st) {
    if (part->of != self || part->group != self->group)
      close_columns(part);
    const int64_t rows = meta->groups[self->group].row_count;
    part->of = self;
    part->group = self->group;
    part->row = self->claimed_to;
    part->end = self->claimed_to = end;
    self->rows_claimed += part->end - part->row;
    if (end == rows) {
      self->group++;
      self->group_begun = false;
    }
    *claimed = true;
  }
  pthread_mutex_unlock(&self->lock);
  return st;
}

static void leave(struct sk_source *source, struct sk_reader *reader)
{
  (void)source;
  if (reader->parquet)
    close_columns(reader->parquet);
}

/* ---- a batch --------------------------------------------------------------------------------- */

/* The column reader of a field, at the batch's first row. */
static shukei_status column_at_row(struct parquet_source *self, struct sk_reader *reader,
                                   enum sk_field field, struct sk_column **out, shukei_error *err)
{
  struct sk_parquet_part *part = reader->parquet;
  struct sk_column **column = &part->columns[field];
  shukei_status st = SHUKEI_OK;
  if (!*column)
    st = sk_column_open(self->file, part->group, self->columns.column[field], part->row,
                        part->tools, reader->budget, column, err);
  else if (sk_column_row(*column) != part->row)
    st = sk_column_skip_to(*column, part->row, err);
  *out = *column;
  return st;
}

static void mark_bad(struct sk_parquet_part *part, uint32_t row, enum sk_bad_cause cause,
                     enum sk_field field)
{
  part->cause[row] = (uint8_t)cause;
  part->field[row] = (uint8_t)field;
  part->any_bad = true;
}

static shukei_status no_memory(const struct sk_reader *reader, shukei_error *err)
{
  return sk_fail_memory(err, reader->budget, 0, "the texts of a report");
}

static shukei_status select_by_time(struct parquet_source *self, struct sk_reader *reader,
                                    uint32_t rows, struct sk_column *column, shukei_error *err)
{
  struct sk_parquet_part *part = reader->parquet;
  uint32_t *ids = reader->ids[SK_F_INTERVAL_START];
  const shukei_status st = sk_column_times(column, rows, part->times, part->valid, err);
  if (st)
    return st;
  uint32_t kept = 0;
  for (uint32_t i = 0, end; i < rows; i = end) {
    end = i + 1;
    if (!part->valid[i]) {
      mark_bad(part, i, SK_BAD_TIME, SK_F_INTERVAL_START);
      continue;
    }
    struct sk_interval at = {.us = part->times[i], .id = SK_NO_ID};
    while (end < rows && part->times[end] == at.us && part->valid[end])
      end++;
    at.valid = at.us >= self->first_us && at.us <= self->last_us;
    if (!at.valid) {
      for (uint32_t k = i; k < end; k++)
        mark_bad(part, k, SK_BAD_TIME, SK_F_INTERVAL_START);
    } else if (!sk_source_keeps_day(&self->source, sk_day_of_us(at.us))) {
      reader->counts->rows_filtered += end - i;
    } else {
      if (sk_reader_interval(reader, &at) == SK_NO_ID)
        return no_memory(reader, err);
      for (uint32_t k = i; k < end; k++, kept++) {
        ids[kept] = at.id;
        part->keep[kept] = k;
      }
    }
  }
  part->kept = kept;
  return SHUKEI_OK;
}

static shukei_status select_by_text(struct parquet_source *self, struct sk_reader *reader,
                                    uint32_t rows, struct sk_column *column, shukei_error *err)
{
  struct sk_parquet_part *part = reader->parquet;
  uint32_t *ids = reader->ids[SK_F_INTERVAL_START];
  const shukei_status st = sk_column_ids(column, &reader->intervals.texts, rows, ids, err);
  if (st)
    return st;
  if (!sk_intervals_fill(&reader->intervals))
    return no_memory(reader, err);
  for (uint32_t i = 0; i < rows; i++) {
    part->valid[i] = ids[i] != SK_NO_ID;
    struct sk_interval *interval = part->valid[i] ? &reader->intervals.known[ids[i]] : NULL;
    part->times[i] = ids[i]; /* for a message; ids are overwritten below */
    if (!interval || !interval->valid) {
      mark_bad(part, i, SK_BAD_TIME, SK_F_INTERVAL_START);
    } else if (!sk_source_keeps_day(&self->source, interval->day)) {
      reader->counts->rows_filtered++;
    } else {
      ids[part->kept] = sk_reader_interval(reader, interval);
      if (ids[part->kept] == SK_NO_ID)
        return no_memory(reader, err);
      part->keep[part->kept++] = i;
    }
  }
  return SHUKEI_OK;
}

static shukei_status read_texts(struct parquet_source *self, struct sk_reader *reader,
                                uint32_t rows, enum sk_field field, shukei_error *err)
{
  struct sk_parquet_part *part = reader->parquet;
  uint32_t *ids = reader->ids[field];
  struct sk_column *column;
  shukei_status st = column_at_row(self, reader, field, &column, err);
  if (!st)
    st = sk_column_ids(column, sk_reader_table(reader, field), rows, ids, err);
  if (st)
    return st;
  const uint32_t kept = part->kept;
  for (uint32_t k = 0; kept < rows && k < kept; k++)
    ids[k] = ids[part->keep[k]];
  for (uint32_t k = 0; k < kept; k++)
    ids[k] &= 0 - (uint32_t)(ids[k] != SK_NO_ID);
  const bool some_bad = sk_reader_some_bad(reader, field);
  for (uint32_t k = 0; some_bad && k < kept; k++)
    if (part->cause[part->keep[k]] == SK_ROW_GOOD && sk_reader_bad_text(reader, field, ids[k]))
      mark_bad(part, part->keep[k], SK_BAD_UTF8, field);
  return SHUKEI_OK;
}

/* Reports the bad rows in their order and takes those that turned out so by their texts out. */
static shukei_status report_bad_rows(struct parquet_source *self, struct sk_reader *reader,
                                     uint32_t rows, int64_t first_row, shukei_error *err)
{
  struct sk_parquet_part *part = reader->parquet;
  const bool as_text = self->columns.kind[SK_F_INTERVAL_START] == SK_KIND_TEXT;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < rows; i++) {
    if (part->cause[i] == SK_ROW_GOOD)
      continue;
    struct sk_bad_row bad = {.cause = (enum sk_bad_cause)part->cause[i],
                             .field = (enum sk_field)part->field[i],
                             .row = (uint64_t)first_row + i + 1,
                             .text = ""};
    if (bad.cause == SK_BAD_TIME && part->valid[i]) {
      const struct sk_intern_entry *text =
          as_text ? sk_intern_at(&reader->intervals.texts, (uint32_t)part->times[i]) : NULL;
      bad.time = text ? text->bytes : NULL;
      bad.time_length = text ? text->length : 1;
    }
    const shukei_status st = sk_reader_bad_row(reader, &self->source, &bad, err);
    if (st)
      return st;
  }
  const sk_fields texts = self->source.texts | SK_FIELD_BIT(SK_F_INTERVAL_START);
  for (uint32_t k = 0; k < part->kept; k++) {
    if (part->cause[part->keep[k]] != SK_ROW_GOOD)
      continue;
    for (int f = 0; f < SK_FIELD_COUNT; f++)
      if (texts & SK_FIELD_BIT(f))
        reader->ids[f][kept] = reader->ids[f][k];
    part->keep[kept++] = part->keep[k];
  }
  part->kept = kept;
  return SHUKEI_OK;
}

/* Whether some are not within [0, SK_ANOMALY_ABOVE], or perhaps -0.0. As integers, since compilers
 * may not compare several doubles at once where one could be a NaN: the bits of such a number are
 * not above those of the bound, so that adding what the bound lacks to 2^63 - 1 leaves the top bit
 * alone. */
static bool some_odd(const double *values, uint32_t count)
{
  const double bound = SK_ANOMALY_ABOVE;
  const uint64_t lacks = (uint64_t)INT64_MAX - sk_bits_of_double(bound);
  uint64_t odd = 0;
  for (uint32_t k = 0; k < count; k++) {
    const uint64_t bits = sk_bits_of_double(values[k]);
    odd |= bits | (bits + lacks);
  }
  return odd >> 63;
}

static shukei_status read_numbers(struct parquet_source *self, struct sk_reader *reader,
                                  uint32_t rows, enum sk_field field, shukei_error *err)
{
  struct sk_parquet_part *part = reader->parquet;
  double *values = reader->numbers[field];
  const bool all = part->kept == rows;
  uint64_t nulls = 0;
  struct sk_column *column;
  shukei_status st = column_at_row(self, reader, field, &column, err);
  if (!st)
    st = sk_column_doubles(column, rows, values, all ? NULL : part->valid, &nulls, err);
  if (st)
    return st;
  if (!all) {
    nulls = 0;
    for (uint32_t k = 0; k < part->kept; k++) {
      nulls += !part->valid[part->keep[k]];
      values[k] = values[part->keep[k]];
    }
  }
  reader->counts->cells_empty += nulls;
  if (some_odd(values, part->kept))
    for (uint32_t k = 0; k < part->kept; k++)
      if (sk_number_odd(values[k]))
        values[k] = sk_reader_odd_number(reader, &self->source, field, k, values[k]);
  return SHUKEI_OK;
}

/* The next rows of the piece into the reader, which may end up with none of them. */
static shukei_status add_rows(struct parquet_source *self, struct sk_reader *reader, uint32_t rows,
                              shukei_error *err)
{
  struct sk_parquet_part *part = reader->parquet;
  const int64_t first_row = sk_file_meta(self->file)->groups[part->group].first_row + part->row;
  struct sk_column *column;
  part->kept = 0;
  part->any_bad = false;
  memset(part->cause, SK_ROW_GOOD, rows);
  shukei_status st = column_at_row(self, reader, SK_F_INTERVAL_START, &column, err);
  if (!st && self->columns.kind[SK_F_INTERVAL_START] == SK_KIND_TEXT)
    st = select_by_text(self, reader, rows, column, err);
  else if (!st)
    st = select_by_time(self, reader, rows, column, err);
  if (st)
    return st;
  reader->counts->rows_read += rows;
  for (int f = 0; part->kept && !st && f < SK_FIELD_COUNT; f++)
    if (self->source.texts & SK_FIELD_BIT(f))
      st = read_texts(self, reader, rows, (enum sk_field)f, err);
  if (!st && part->any_bad)
    st = report_bad_rows(self, reader, rows, first_row, err);
  for (uint32_t k = 0; k < part->kept; k++)
    reader->row_numbers[k] = (uint64_t)first_row + part->keep[k] + 1;
  for (int f = 0; part->kept && !st && f < SK_FIELD_COUNT; f++)
    if (self->source.numbers & SK_FIELD_BIT(f))
      st = read_numbers(self, reader, rows, (enum sk_field)f, err);
  part->row += rows;
  reader->rows = part->kept;
  return st;
}

static shukei_status next(struct sk_source *source, struct sk_reader *reader, shukei_error *err)
{
  struct parquet_source *self = (struct parquet_source *)source;
  struct sk_parquet_part *part = reader->parquet;
  while (reader->rows == 0 && part->row < part->end) {
    const int64_t left = part->end - part->row;
    const uint32_t rows = left < SK_BATCH_ROWS ? (uint32_t)left : SK_BATCH_ROWS;
    const shukei_status st = add_rows(self, reader, rows, err);
    if (st)
      return st;
    sk_reader_drop_anomalies(reader, source);
  }
  return SHUKEI_OK;
}

/* ---- the source ------------------------------------------------------------------------------ */

static uint64_t bytes_claimed(struct sk_source *source)
{
  struct parquet_source *self = (struct parquet_source *)source;
  const int64_t rows = sk_file_meta(self->file)->row_count;
  pthread_mutex_lock(&self->lock);
  const int64_t claimed = self->rows_claimed;
  pthread_mutex_unlock(&self->lock);
  const uint64_t size = sk_object_size(self->object);
  return claimed >= rows ? size : (uint64_t)((double)size * ((double)claimed / (double)rows));
}

static int32_t first_day(struct sk_source *source)
{
  struct parquet_source *self = (struct parquet_source *)source;
  pthread_mutex_lock(&self->lock);
  const int32_t day = self->first_days[self->group];
  pthread_mutex_unlock(&self->lock);
  return day;
}

static void close_source(struct sk_source *source)
{
  struct parquet_source *self = (struct parquet_source *)source;
  sk_cutter_free(self->cutter);
  sk_free(self->first_days);
  sk_file_close(self->file);
  sk_object_close(self->object);
  if (self->lock_made)
    pthread_mutex_destroy(&self->lock);
  sk_free(self);
}

static const struct sk_source_calls parquet_calls = {claim,         next,      leave,
                                                     bytes_claimed, first_day, close_source};

shukei_status sk_parquet_source_open(const struct sk_planned_file *file, uint32_t file_number,
                                     const struct sk_read_options *options, uint64_t cut_bytes,
                                     struct sk_budget *budget, struct sk_source **out,
                                     shukei_error *err)
{
  *out = NULL;
  struct parquet_source *self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, budget, sizeof *self, "an open Parquet file");
  self->source.calls = &parquet_calls;
  self->source.budget = budget;
  self->cut_bytes = cut_bytes;
  self->first_us = sk_day_of_date((struct sk_date){1, 1, 1}) * SK_DAY_US;
  self->last_us = (sk_day_of_date((struct sk_date){9999, 12, 31}) + 1) * SK_DAY_US - 1;
  self->lock_made = pthread_mutex_init(&self->lock, NULL) == 0;
  shukei_status st =
      self->lock_made ? SHUKEI_OK : sk_fail(err, SHUKEI_ENOMEM, "no lock for \"%s\"", file->path);
  if (!st)
    st = sk_store_open(file->path, budget, &self->object, err);
  if (!st)
    st = sk_file_open(self->object, budget, &self->file, err);
  if (!st)
    st = sk_parquet_find_columns(self->file, file->path, file->report, &self->columns, err);
  if (!st) {
    sk_source_describe(&self->source, file, file_number, options, self->columns.found, budget);
    st = find_first_days(self, err);
  }
  for (int f = 0; !st && f < SK_FIELD_COUNT; f++)
    if (self->source.texts & SK_FIELD_BIT(f) &&
        !sk_file_share_texts(self->file, self->columns.column[f]))
      st = sk_fail_memory(err, budget, sizeof *self, "an open Parquet file");
  if (st) {
    close_source(&self->source);
    return st;
  }
  const sk_fields reads =
      self->source.texts | self->source.numbers | SK_FIELD_BIT(SK_F_INTERVAL_START);
  for (int f = 0; f < SK_FIELD_COUNT; f++)
    if (reads & SK_FIELD_BIT(f))
      self->reads[self->read_count++] = self->columns.column[f];
  *out = &self->source;
  return SHUKEI_OK;
}
