/* SPDX-License-Identifier: Apache-2.0 */
/* CSV as a source of batches.
 *
 * A piece is a block of csv_file.c. Its records are split in groups of SK_SPLIT_ROWS, and a group
 * is read column by column into the batch: interval_start first, which decides which rows are
 * looked at at all, then texts, then numbers. */
#include "base/number.h"
#include "input/archive.h"
#include "input/csv_file.h"
#include "input/csv_split.h"
#include "input/reader.h"

struct csv_source {
  struct sk_source source; /* first */
  struct sk_csv *csv;
  struct sk_archive_member *member; /* NULL: a file of its own */
  uint32_t slot_of[SK_FIELD_COUNT];
  uint32_t slot_count, column_count;
  uint32_t *slots;   /* [column_count] */
  _Atomic bool done; /* nothing is left to claim */
};

struct sk_csv_part {
  struct sk_csv_block block;
  struct sk_csv_split split;
  const struct csv_source *split_for; /* whose columns the split is set for */
  struct sk_buffer text;              /* a cell without its quotes */
  uint32_t last[SK_FIELD_COUNT];      /* ids of the row before, to predict the next */
  /* the group in hand */
  uint32_t selected; /* rows that are looked at */
  uint32_t row[SK_SPLIT_ROWS];
  uint8_t cause[SK_SPLIT_ROWS]; /* enum sk_bad_cause of each row */
  uint8_t field[SK_SPLIT_ROWS];
  bool any_bad;
};

void sk_csv_part_free(struct sk_csv_part *part)
{
  if (!part)
    return;
  sk_csv_block_reset(&part->block);
  sk_csv_split_reset(&part->split);
  sk_buffer_reset(&part->text);
  sk_free(part);
}

void sk_csv_part_forget(struct sk_csv_part *part)
{
  for (int f = 0; part && f < SK_FIELD_COUNT; f++)
    if (f != SK_F_INTERVAL_START) /* whose texts the reader has in a table of its own */
      part->last[f] = 0;
}

/* ---- claiming -------------------------------------------------------------------------------- */

static shukei_status claim(struct sk_source *source, struct sk_reader *reader, int32_t last_day,
                           bool *claimed, shukei_error *err)
{
  (void)last_day; /* a block may hold any day */
  struct csv_source *self = (struct csv_source *)source;
  struct sk_csv_part *part = reader->csv;
  if (!part) {
    part = reader->csv = sk_calloc(reader->budget, 1, sizeof *part);
    if (!part)
      return sk_fail_memory(err, reader->budget, sizeof *part, "reading CSV");
    sk_buffer_init(&part->text, reader->budget, SK_CSV_RECORD_MOST * 2);
  }
  if (part->split_for != self) {
    sk_csv_split_reset(&part->split);
    part->split_for = NULL;
    if (!sk_csv_split_init(&part->split, self->column_count, self->slots, self->slot_count,
                           reader->budget))
      return sk_fail_memory(err, reader->budget, 0, "the cells of CSV");
    part->split_for = self;
    memset(part->last, 0, sizeof part->last);
  }
  const shukei_status st = sk_csv_claim(self->csv, &part->block, claimed, err);
  if (!st && *claimed)
    sk_csv_split_begin(&part->split, part->block.bytes, part->block.length, part->block.open_end);
  else if (!st)
    atomic_store(&self->done, true);
  return st;
}

static void leave(struct sk_source *source, struct sk_reader *reader)
{
  (void)source;
  if (reader->csv)
    reader->csv->split_for = NULL; /* another source may come to lie at the same address */
}

/* ---- a group of rows ------------------------------------------------------------------------- */

/* The text of a cell; *text may be in part->text, good until the next call. */
static inline bool cell_text(struct sk_csv_part *part, struct sk_csv_cell cell, const char **text,
                             size_t *length)
{
  *text = (const char *)part->block.bytes + cell.at;
  *length = cell.length;
  if (!(cell.length & SK_CELL_QUOTED))
    return true;
  if (!sk_csv_unquote(part->block.bytes + cell.at, cell.length & ~SK_CELL_QUOTED, &part->text))
    return false;
  *text = (const char *)part->text.bytes;
  *length = part->text.length;
  return true;
}

static shukei_status no_memory(const struct sk_reader *reader, shukei_error *err)
{
  return sk_fail_memory(err, reader->budget, 0, "the texts of a report");
}

static struct sk_interval *find_interval(struct sk_reader *reader, struct sk_csv_cell cell)
{
  struct sk_csv_part *part = reader->csv;
  const char *text;
  size_t length;
  if (!cell_text(part, cell, &text, &length))
    return NULL;
  return sk_intervals_find(&reader->intervals, &part->last[SK_F_INTERVAL_START], text, length);
}

/* Which rows of the group are whole and lie within the days. */
static shukei_status select_rows(struct csv_source *self, struct sk_reader *reader,
                                 shukei_error *err)
{
  struct sk_csv_part *part = reader->csv;
  const struct sk_csv_split *split = &part->split;
  const struct sk_csv_cell *cells = sk_csv_slot(split, self->slot_of[SK_F_INTERVAL_START]);
  uint32_t *ids = reader->ids[SK_F_INTERVAL_START] + reader->rows;
  uint64_t *numbers = reader->row_numbers + reader->rows;
  struct sk_interval *interval = NULL; /* of the row `known` */
  uint32_t selected = 0, known = 0;
  for (uint32_t i = 0; i < split->rows; i++) {
    enum sk_bad_cause cause = SK_ROW_GOOD;
    if (split->row_cells[i] != self->column_count) {
      cause = SK_BAD_CELLS;
    } else if (split->last_row_open && i + 1 == split->rows) {
      cause = SK_BAD_OPEN_END;
    } else {
      if (!interval || !sk_csv_same_cells(split, cells[i], cells[known])) {
        interval = find_interval(reader, cells[i]);
        known = i;
      }
      if (!interval)
        return no_memory(reader, err);
      if (!interval->valid)
        cause = SK_BAD_TIME;
    }
    part->cause[i] = (uint8_t)cause;
    if (cause) {
      part->any_bad = true;
      continue;
    }
    if (!sk_source_keeps_day(&self->source, interval->day)) {
      reader->counts->rows_filtered++;
      continue;
    }
    const uint32_t id = sk_reader_interval(reader, interval);
    if (id == SK_NO_ID)
      return no_memory(reader, err);
    ids[selected] = id;
    numbers[selected] = part->block.first_row + split->row_line[i];
    part->row[selected++] = i;
  }
  part->selected = selected;
  return SHUKEI_OK;
}

static shukei_status read_texts(struct csv_source *self, struct sk_reader *reader,
                                enum sk_field field, shukei_error *err)
{
  struct sk_csv_part *part = reader->csv;
  const struct sk_csv_cell *cells = sk_csv_slot(&part->split, self->slot_of[field]);
  struct sk_intern *table = sk_reader_table(reader, field);
  uint32_t *ids = reader->ids[field] + reader->rows;
  uint32_t last = part->last[field];
  for (uint32_t k = 0; k < part->selected; k++) {
    const char *text;
    size_t length;
    if (!cell_text(part, cells[part->row[k]], &text, &length))
      return no_memory(reader, err);
    last = sk_intern_next(table, last, text, length);
    if (last == SK_NO_ID)
      return no_memory(reader, err);
    ids[k] = last;
  }
  part->last[field] = last;
  const bool some_bad = sk_reader_some_bad(reader, field);
  for (uint32_t k = 0; some_bad && k < part->selected; k++) {
    const uint32_t i = part->row[k];
    if (part->cause[i] == SK_ROW_GOOD && sk_reader_bad_text(reader, field, ids[k])) {
      part->cause[i] = SK_BAD_UTF8;
      part->field[i] = (uint8_t)field;
      part->any_bad = true;
    }
  }
  return SHUKEI_OK;
}

static shukei_status report_bad_rows(struct csv_source *self, struct sk_reader *reader,
                                     shukei_error *err)
{
  struct sk_csv_part *part = reader->csv;
  const struct sk_csv_split *split = &part->split;
  for (uint32_t i = 0; i < split->rows; i++) {
    if (part->cause[i] == SK_ROW_GOOD)
      continue;
    struct sk_bad_row bad = {.cause = (enum sk_bad_cause)part->cause[i],
                             .field = (enum sk_field)part->field[i],
                             .cells = split->row_cells[i],
                             .expected = self->column_count,
                             .row = part->block.first_row + split->row_line[i],
                             .text = (const char *)part->block.bytes + split->row_at[i],
                             .length = split->row_end[i] - split->row_at[i]};
    if (bad.cause == SK_BAD_TIME &&
        !cell_text(part, sk_csv_slot(split, self->slot_of[SK_F_INTERVAL_START])[i], &bad.time,
                   &bad.time_length))
      return no_memory(reader, err);
    const shukei_status st = sk_reader_bad_row(reader, &self->source, &bad, err);
    if (st)
      return st;
  }
  return SHUKEI_OK;
}

/* Takes the rows that turned out bad by their texts from those selected. */
static void drop_bad_rows(struct sk_reader *reader, sk_fields texts)
{
  struct sk_csv_part *part = reader->csv;
  const uint32_t base = reader->rows;
  uint32_t kept = 0;
  for (uint32_t k = 0; k < part->selected; k++) {
    if (part->cause[part->row[k]] != SK_ROW_GOOD)
      continue;
    for (int f = 0; f < SK_FIELD_COUNT; f++)
      if ((texts | SK_FIELD_BIT(SK_F_INTERVAL_START)) & SK_FIELD_BIT(f))
        reader->ids[f][base + kept] = reader->ids[f][base + k];
    reader->row_numbers[base + kept] = reader->row_numbers[base + k];
    part->row[kept++] = part->row[k];
  }
  part->selected = kept;
}

/* A number that is no plain one: in quotes, with blanks, empty, odd, or none at all. */
static shukei_status read_number(struct csv_source *self, struct sk_reader *reader,
                                 enum sk_field field, uint32_t k, struct sk_csv_cell cell,
                                 shukei_error *err)
{
  const uint32_t at = reader->rows + k;
  const char *text;
  size_t length;
  double value = 0.0;
  if (!cell_text(reader->csv, cell, &text, &length))
    return no_memory(reader, err);
  sk_trim_blanks(&text, &length);
  if (length == 0)
    reader->counts->cells_empty++;
  else if (!sk_number_parse(text, length, &value))
    sk_reader_unparsable(reader, &self->source, field, at);
  if (sk_number_odd(value))
    value = sk_reader_odd_number(reader, &self->source, field, at, value);
  reader->numbers[field][at] = value;
  return SHUKEI_OK;
}

static shukei_status read_numbers(struct csv_source *self, struct sk_reader *reader,
                                  enum sk_field field, shukei_error *err)
{
  struct sk_csv_part *part = reader->csv;
  const struct sk_csv_cell *cells = sk_csv_slot(&part->split, self->slot_of[field]);
  const char *bytes = (const char *)part->block.bytes;
  double *numbers = reader->numbers[field] + reader->rows;
  const bool compare =
      sk_csv_repeats(&part->split, self->slot_of[field], part->row, part->selected);
  struct sk_csv_cell before = {0, UINT32_MAX}; /* the last plain number, and its value */
  double value = 0.0;
  for (uint32_t k = 0; k < part->selected; k++) {
    const struct sk_csv_cell cell = cells[part->row[k]];
    if ((compare && sk_csv_same_cells(&part->split, cell, before)) ||
        (!(cell.length & SK_CELL_QUOTED) &&
         sk_number_parse_in(bytes + cell.at, cell.length, &value) && !sk_number_odd(value))) {
      numbers[k] = value;
      before = cell;
      continue;
    }
    before.length = UINT32_MAX;
    const shukei_status st = read_number(self, reader, field, k, cell, err);
    if (st)
      return st;
  }
  return SHUKEI_OK;
}

/* Adds the rows of the group in the split to the reader's. */
static shukei_status add_group(struct csv_source *self, struct sk_reader *reader, shukei_error *err)
{
  struct sk_csv_part *part = reader->csv;
  part->any_bad = false;
  reader->counts->rows_read += part->split.rows;
  shukei_status st = select_rows(self, reader, err);
  for (int f = 0; !st && f < SK_FIELD_COUNT; f++)
    if (self->source.texts & SK_FIELD_BIT(f))
      st = read_texts(self, reader, (enum sk_field)f, err);
  if (!st && part->any_bad) {
    st = report_bad_rows(self, reader, err);
    drop_bad_rows(reader, self->source.texts);
  }
  for (int f = 0; !st && f < SK_FIELD_COUNT; f++)
    if (self->source.numbers & SK_FIELD_BIT(f))
      st = read_numbers(self, reader, (enum sk_field)f, err);
  reader->rows += part->selected;
  return st;
}

static shukei_status next(struct sk_source *source, struct sk_reader *reader, shukei_error *err)
{
  struct csv_source *self = (struct csv_source *)source;
  bool more = true;
  while (more && reader->rows == 0) {
    while (reader->rows + SK_SPLIT_ROWS <= SK_BATCH_ROWS) {
      more = sk_csv_split_next(&reader->csv->split) > 0;
      if (!more)
        break;
      const shukei_status st = add_group(self, reader, err);
      if (st)
        return st;
    }
    sk_reader_drop_anomalies(reader, source);
  }
  return SHUKEI_OK;
}

/* ---- the source ------------------------------------------------------------------------------ */

static uint64_t bytes_claimed(struct sk_source *source)
{
  return sk_csv_position(((struct csv_source *)source)->csv);
}

static int32_t first_day(struct sk_source *source)
{
  return atomic_load(&((struct csv_source *)source)->done) ? INT32_MAX : INT32_MIN;
}

static void close_source(struct sk_source *source)
{
  struct csv_source *self = (struct csv_source *)source;
  sk_csv_close(self->csv);
  if (self->member)
    sk_archive_forget(self->member);
  sk_free(self->slots);
  sk_free(self);
}

static const struct sk_source_calls csv_calls = {claim,         next,      leave,
                                                 bytes_claimed, first_day, close_source};

/* Finds the fields among the columns and gives slots to those that are read. */
static shukei_status find_columns(struct csv_source *self, const struct sk_planned_file *file,
                                  uint32_t file_number, const struct sk_read_options *options,
                                  shukei_error *err)
{
  struct sk_budget *budget = self->source.budget;
  const char *const *columns = sk_csv_columns(self->csv);
  sk_fields found = 0;
  self->column_count = sk_csv_column_count(self->csv);
  shukei_status st = sk_csv_check_names(self->csv, (int)file->report, err);
  if (st)
    return st;
  self->slots = sk_alloc(budget, self->column_count * sizeof *self->slots);
  if (!self->slots)
    return sk_fail_memory(err, budget, self->column_count * sizeof *self->slots,
                          "the columns of CSV");
  for (uint32_t i = 0; i < self->column_count; i++) {
    const int field = sk_field_of_column(file->report, columns[i]);
    if (field >= 0)
      found |= SK_FIELD_BIT(field);
  }
  st = sk_check_columns(file->path, file->report, found, err);
  if (st)
    return st;
  sk_source_describe(&self->source, file, file_number, options, found, budget);
  const sk_fields read =
      self->source.texts | self->source.numbers | SK_FIELD_BIT(SK_F_INTERVAL_START);
  for (uint32_t i = 0; i < self->column_count; i++) {
    const int field = sk_field_of_column(file->report, columns[i]);
    self->slots[i] = UINT32_MAX;
    if (field >= 0 && read & SK_FIELD_BIT(field))
      self->slots[i] = self->slot_of[field] = self->slot_count++;
  }
  for (uint32_t i = 0; i < self->column_count; i++)
    if (self->slots[i] == UINT32_MAX)
      self->slots[i] = self->slot_count;
  return SHUKEI_OK;
}

shukei_status sk_csv_source_open(const struct sk_planned_file *file, uint32_t file_number,
                                 const struct sk_read_options *options, size_t block_bytes,
                                 struct sk_budget *budget, struct sk_source **out,
                                 shukei_error *err)
{
  *out = NULL;
  struct csv_source *self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, budget, sizeof *self, "an open CSV file");
  self->source.calls = &csv_calls;
  self->source.budget = budget;
  shukei_status st =
      sk_csv_open(file, block_bytes ? block_bytes : SK_CSV_BLOCK_BYTES, budget, &self->csv, err);
  self->member = file->member;
  if (!st)
    st = find_columns(self, file, file_number, options, err);
  if (st)
    close_source(&self->source);
  else
    *out = &self->source;
  return st;
}
