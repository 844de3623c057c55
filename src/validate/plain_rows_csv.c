/* SPDX-License-Identifier: Apache-2.0 */
/* CSV reports as plain rows. */
#include "validate/plain_records.h"
#include "validate/plain_rows.h"
#include "validate/plain_values.h"

struct table {
  struct sk_plain_csv csv;
  const struct sk_plain_column *columns[SK_PLAIN_COLUMNS_MOST]; /* those that are used */
  size_t places[SK_PLAIN_COLUMNS_MOST], count, width;
  unsigned effective;
  bool timed;
  uint64_t taken; /* bytes of the file, as told before */
};

static shukei_status read_header(struct table *table, const struct sk_validate_file *file,
                                 shukei_error *err)
{
  bool there;
  const shukei_status st = sk_plain_csv_next(&table->csv, &there, err);
  if (st || !there)
    return st;
  table->width = table->csv.count;
  for (size_t i = 0; i < table->csv.count && table->count < SK_PLAIN_COLUMNS_MOST; i++) {
    const struct sk_plain_cell *const cell = &table->csv.cells[i];
    const struct sk_plain_column *const column =
        sk_plain_column(file->report, cell->text, cell->length);
    if (!column)
      continue;
    table->columns[table->count] = column;
    table->places[table->count++] = i;
    table->timed |= column->kind == SK_PLAIN_TIME;
    if (file->report == SK_PLAIN_PODS && column->kind == SK_PLAIN_NUMBER)
      table->effective |= column->slot == SK_N_EFFECTIVE_CPU      ? 1u
                          : column->slot == SK_N_EFFECTIVE_MEMORY ? 2u
                                                                  : 0u;
  }
  if (!table->timed)
    return sk_fail(err, SHUKEI_EFORMAT, "%s: has no column interval_start", file->path);
  return SHUKEI_OK;
}

/* The reason why the row is bad, or NULL; *memory false when there is none left. */
static const char *fill_row(struct sk_plain_reading *reading, const struct table *table,
                            struct sk_plain_row *row, bool *memory)
{
  bool valid = true;
  *row = (struct sk_plain_row){.at = 0};
  for (size_t i = 0; i < table->count; i++) {
    const struct sk_plain_column *const column = table->columns[i];
    const struct sk_plain_cell *const cell = &table->csv.cells[table->places[i]];
    if (column->kind == SK_PLAIN_NUMBER) {
      row->numbers[column->slot] = sk_plain_number(cell->text, cell->length);
    } else if (column->kind == SK_PLAIN_TEXT) {
      row->texts[column->slot] = sk_plain_text(reading, cell->text, cell->length, &valid);
      *memory &= row->texts[column->slot] != SK_NO_ID;
    } else if (!sk_plain_time(cell->text, cell->length, &row->at)) {
      return "interval_start cannot be read";
    }
  }
  return valid ? NULL : "a text is not UTF-8";
}

static shukei_status read_rows(struct sk_plain_reading *reading, struct table *table,
                               const struct sk_validate_file *file, shukei_error *err)
{
  struct sk_plain_row row;
  for (;;) {
    bool there, memory = true;
    shukei_status st = sk_plain_csv_next(&table->csv, &there, err);
    if (st || !there)
      return st;
    const uint64_t taken = sk_flow_taken(table->csv.flow);
    reading->bytes_read += taken - table->taken;
    table->taken = taken;
    const char *bad = table->csv.count == table->width ? fill_row(reading, table, &row, &memory)
                                                       : "has a wrong number of cells";
    if (!memory)
      return sk_fail_memory(err, reading->budget, 0, "texts of the reports");
    st = bad ? sk_plain_bad_row(reading, file, table->csv.row, bad, err)
             : sk_plain_take(reading, file, &row, table->effective, err);
    if (st)
      return st;
  }
}

shukei_status sk_plain_read_csv(struct sk_plain_reading *reading,
                                const struct sk_validate_file *file, shukei_error *err)
{
  static const enum sk_flow_form forms[] = {[SK_PLAIN_CSV] = SK_FLOW_PLAIN,
                                            [SK_PLAIN_CSV_GZIP] = SK_FLOW_GZIP,
                                            [SK_PLAIN_CSV_ZSTD] = SK_FLOW_ZSTD};
  struct table table = {.count = 0};
  const enum sk_flow_form form = file->member ? SK_FLOW_GZIP : forms[file->form];
  shukei_status st = sk_plain_csv_open(&table.csv, file->place, form, file->member, file->path,
                                       reading->budget, err);
  if (!st)
    st = read_header(&table, file, err);
  if (!st && table.count)
    st = read_rows(reading, &table, file, err);
  sk_plain_csv_close(&table.csv);
  return st;
}
