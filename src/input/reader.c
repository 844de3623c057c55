/* SPDX-License-Identifier: Apache-2.0 */
#include "input/reader.h"
#include "base/text.h"
#include "parquet/parquet.h"

#include <stdio.h>

void sk_source_describe(struct sk_source *source, const struct sk_planned_file *file,
                        uint32_t file_number, const struct sk_read_options *options,
                        sk_fields columns, struct sk_budget *budget)
{
  source->budget = budget;
  source->path = file->path;
  source->file = file_number;
  source->report = file->report;
  source->options = *options;
  source->days = file->days;
  source->numbers = source->texts = 0;
  for (int f = 0; f < SK_FIELD_COUNT; f++) {
    if (!(columns & SK_FIELD_BIT(f)))
      continue;
    const enum sk_field_kind kind = sk_field_info((enum sk_field)f)->kind;
    if (options->times_only)
      break;
    if (kind == SK_FIELD_NUMBER)
      source->numbers |= SK_FIELD_BIT(f);
    else if (kind != SK_FIELD_TIME && options->wanted & SK_FIELD_BIT(f))
      source->texts |= SK_FIELD_BIT(f);
  }
  source->present =
      SK_FIELD_BIT(SK_F_INTERVAL_START) | source->texts | (source->numbers & options->wanted);
}

shukei_status sk_check_columns(const char *path, enum sk_report report, sk_fields columns,
                               shukei_error *err)
{
  const sk_fields missing = sk_report_info(report)->required & ~columns;
  char names[400];
  size_t length = 0;
  if (!missing)
    return SHUKEI_OK;
  names[0] = '\0';
  for (int f = 0; f < SK_FIELD_COUNT && length < sizeof names; f++)
    if (missing & SK_FIELD_BIT(f))
      length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", length ? ", " : "",
                                 sk_field_info((enum sk_field)f)->column);
  return sk_fail(err, SHUKEI_EFORMAT, "%s: %s report lacks %s", path, sk_report_info(report)->name,
                 names);
}

/* ---- sources and readers --------------------------------------------------------------------- */

#define CUT_BYTES (UINT64_C(4) << 20) /* of the largest column, uncompressed */

shukei_status sk_source_open(const struct sk_planned_file *file, uint32_t file_number,
                             const struct sk_read_options *options, struct sk_budget *budget,
                             struct sk_source **out, shukei_error *err)
{
  if (file->format == SK_FORMAT_PARQUET)
    return sk_parquet_source_open(file, file_number, options, CUT_BYTES, budget, out, err);
  return sk_csv_source_open(file, file_number, options, 0, budget, out, err);
}

void sk_source_close(struct sk_source *source)
{
  if (source)
    source->calls->close(source);
}

const char *sk_source_path(const struct sk_source *source)
{
  return source->path;
}

uint64_t sk_source_bytes_claimed(struct sk_source *source)
{
  return source->calls->bytes_claimed(source);
}

shukei_status sk_reader_new(struct sk_symbols *symbols, struct sk_counts *counts,
                            struct sk_budget *budget, struct sk_reader **out, shukei_error *err)
{
  struct sk_reader *reader = sk_calloc(budget, 1, sizeof *reader);
  *out = NULL;
  if (reader) {
    reader->budget = budget;
    reader->symbols = symbols;
    reader->counts = counts;
    reader->row_numbers = sk_alloc(budget, SK_BATCH_ROWS * sizeof *reader->row_numbers);
    reader->anomalous = sk_calloc(budget, SK_BATCH_ROWS, 1);
    if (sk_intervals_init(&reader->intervals, budget) && reader->row_numbers && reader->anomalous) {
      *out = reader;
      return SHUKEI_OK;
    }
    sk_reader_free(reader);
  }
  return sk_fail_memory(err, budget, sizeof *reader, "a reader");
}

static void leave(struct sk_reader *reader)
{
  if (reader->source)
    reader->source->calls->leave(reader->source, reader);
  reader->source = NULL;
}

void sk_reader_free(struct sk_reader *reader)
{
  if (!reader)
    return;
  leave(reader);
  sk_csv_part_free(reader->csv);
  sk_parquet_part_free(reader->parquet);
  sk_intervals_reset(&reader->intervals);
  for (int f = 0; f < SK_FIELD_COUNT; f++) {
    sk_free(reader->ids[f]);
    sk_free(reader->numbers[f]);
  }
  sk_free(reader->row_numbers);
  sk_free(reader->anomalous);
  sk_free(reader);
}

int32_t sk_source_first_day(struct sk_source *source)
{
  return source->calls->first_day(source);
}

shukei_status sk_reader_claim(struct sk_reader *reader, struct sk_source *source, int32_t last_day,
                              bool *claimed, shukei_error *err)
{
  *claimed = false;
  if (reader->source != source)
    leave(reader);
  shukei_status st = sk_reader_reserve(reader, source, err);
  if (st)
    return st;
  reader->source = source;
  st = source->calls->claim(source, reader, last_day, claimed, err);
  if (st || !*claimed)
    leave(reader);
  return st;
}

shukei_status sk_reader_next(struct sk_reader *reader, const struct sk_batch **batch,
                             shukei_error *err)
{
  struct sk_source *source = reader->source;
  *batch = NULL;
  if (!source)
    return SHUKEI_OK;
  reader->rows = 0;
  const shukei_status st = source->calls->next(source, reader, err);
  if (st)
    return st;
  if (reader->rows == 0)
    return SHUKEI_OK;
  reader->batch.report = source->report;
  reader->batch.rows = reader->rows;
  reader->batch.present = source->present;
  for (int f = 0; f < SK_FIELD_COUNT; f++) {
    const bool present = source->present & SK_FIELD_BIT(f);
    reader->batch.ids[f] = present ? reader->ids[f] : NULL;
    reader->batch.numbers[f] = present ? reader->numbers[f] : NULL;
  }
  *batch = &reader->batch;
  return SHUKEI_OK;
}

void sk_reader_forget(struct sk_reader *reader)
{
  reader->last_interval = 0;
  sk_intervals_forget(&reader->intervals);
  sk_csv_part_forget(reader->csv);
  sk_parquet_part_forget(reader->parquet);
}

shukei_status sk_reader_reserve(struct sk_reader *reader, const struct sk_source *source,
                                shukei_error *err)
{
  const sk_fields ids = source->texts | SK_FIELD_BIT(SK_F_INTERVAL_START);
  for (int f = 0; f < SK_FIELD_COUNT; f++) {
    if (ids & SK_FIELD_BIT(f) && !reader->ids[f]) {
      reader->ids[f] = sk_alloc(reader->budget, SK_BATCH_ROWS * sizeof **reader->ids);
      if (!reader->ids[f])
        return sk_fail_memory(err, reader->budget, SK_BATCH_ROWS * sizeof **reader->ids, "a batch");
    }
    if (source->numbers & SK_FIELD_BIT(f) && !reader->numbers[f]) {
      reader->numbers[f] = sk_alloc(reader->budget, SK_BATCH_ROWS * sizeof **reader->numbers);
      if (!reader->numbers[f])
        return sk_fail_memory(err, reader->budget, SK_BATCH_ROWS * sizeof **reader->numbers,
                              "a batch");
    }
  }
  return SHUKEI_OK;
}

uint32_t sk_reader_interval(struct sk_reader *reader, struct sk_interval *interval)
{
  if (interval->id == SK_NO_ID)
    interval->id = sk_interval_id(&reader->symbols->intervals, reader->last_interval, interval->us);
  if (interval->id != SK_NO_ID)
    reader->last_interval = interval->id;
  return interval->id;
}

/* ---- bad rows -------------------------------------------------------------------------------- */

#define SHOWN 48 /* bytes of a wrong text that a message repeats */

/* A text for a message: control characters and what is no ASCII in an invalid one become '?'. */
static const char *shown(const char *text, size_t length, char out[SHOWN + 4])
{
  size_t n = length < SHOWN ? length : SHOWN;
  while (n < length && n > 0 && ((uint8_t)text[n] & 0xC0) == 0x80) /* no half of a character */
    n--;
  const bool valid = sk_utf8_valid(text, n);
  for (size_t i = 0; i < n; i++) {
    const uint8_t c = (uint8_t)text[i];
    out[i] = c < 0x20 || c == 0x7F || (c >= 0x80 && !valid) ? '?' : text[i];
  }
  memcpy(out + n, n < length ? "..." : "", n < length ? 4 : 1);
  return out;
}

static void describe(const struct sk_bad_row *bad, char *text, size_t size)
{
  char found[SHOWN + 4];
  switch (bad->cause) {
  case SK_BAD_CELLS:
    snprintf(text, size, "%" PRIu32 " cells, expected %" PRIu32, bad->cells, bad->expected);
    break;
  case SK_BAD_OPEN_END:
    snprintf(text, size, "no line end: the file may be cut off");
    break;
  case SK_BAD_TIME:
    if (bad->time)
      snprintf(text, size, "column interval_start: \"%s\" is no time",
               shown(bad->time, bad->time_length, found));
    else
      snprintf(text, size, "column interval_start: %s",
               bad->time_length ? "beyond the years 1 to 9999" : "null, expected a time");
    break;
  case SK_BAD_UTF8:
    snprintf(text, size, "column %s: not valid UTF-8",
             bad->column ? bad->column : sk_field_info(bad->field)->column);
    break;
  case SK_ROW_GOOD:
    snprintf(text, size, "good");
    break;
  }
}

static void note_place(struct sk_place *first, uint32_t file, uint64_t row, enum sk_field field)
{
  const struct sk_place place = {file, row, field};
  if (sk_place_before(&place, first))
    *first = place;
}

shukei_status sk_bad_row(const char *path, uint32_t file, const struct sk_read_options *options,
                         const struct sk_bad_row *bad, struct sk_counts *counts, shukei_error *err)
{
  char cause[160];
  counts->rows_bad++;
  note_place(&counts->first_bad, file, bad->row,
             bad->cause == SK_BAD_UTF8 && !bad->column ? bad->field : SK_F_INTERVAL_START);
  if (options->bad_rows == SHUKEI_BAD_ROWS_SKIP)
    return SHUKEI_OK;
  describe(bad, cause, sizeof cause);
  if (options->bad_rows == SHUKEI_BAD_ROWS_KEEP) {
    if (options->keep_bad_row(options->keep_context, path, bad->row, cause, bad->text, bad->length))
      return SHUKEI_OK;
    return sk_fail(err, SHUKEI_EWRITE, "%s: row %" PRIu64 ": could not keep it aside", path,
                   bad->row);
  }
  const shukei_status st =
      sk_fail(err, SHUKEI_EFORMAT, "%s: row %" PRIu64 ": %s", path, bad->row, cause);
  sk_advise(err, "--bad-rows skip leaves such rows out, --bad-rows FILE keeps them aside");
  return st;
}

/* ---- numbers --------------------------------------------------------------------------------- */

void sk_reader_unparsable(struct sk_reader *reader, const struct sk_source *source,
                          enum sk_field field, uint32_t at)
{
  reader->counts->cells_unparsable++;
  note_place(&reader->counts->first_unparsable, source->file, reader->row_numbers[at], field);
}

double sk_reader_odd_number(struct sk_reader *reader, const struct sk_source *source,
                            enum sk_field field, uint32_t at, double value)
{
  if (value != value) {
    sk_reader_unparsable(reader, source, field, at);
    return 0.0;
  }
  if (value < 0)
    reader->counts->values_negative++;
  const bool infinite = value - value != 0;
  if (field != SK_F_NODE_CAPACITY_CORES && (value > SK_ANOMALY_ABOVE || infinite)) {
    reader->anomalous[at] = 1;
    reader->any_anomalous = true;
    note_place(&reader->counts->first_anomaly, source->file, reader->row_numbers[at], field);
  }
  return value;
}

void sk_reader_drop_anomalies(struct sk_reader *reader, const struct sk_source *source)
{
  if (!reader->any_anomalous)
    return;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < reader->rows; i++) {
    if (reader->anomalous[i])
      continue;
    for (int f = 0; f < SK_FIELD_COUNT; f++) {
      if (source->present & SK_FIELD_BIT(f) && reader->ids[f])
        reader->ids[f][kept] = reader->ids[f][i];
      if (source->numbers & SK_FIELD_BIT(f))
        reader->numbers[f][kept] = reader->numbers[f][i];
    }
    reader->row_numbers[kept++] = reader->row_numbers[i];
  }
  reader->counts->anomalies_dropped += reader->rows - kept;
  memset(reader->anomalous, 0, reader->rows);
  reader->any_anomalous = false;
  reader->rows = kept;
}
