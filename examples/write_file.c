/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a Parquet file of made-up measurements: one row a second, of five columns.
 *
 *   cc write_file.c -o write_file $(pkg-config --cflags --libs shukei)
 *   ./write_file FILE.parquet ROWS [ROWS_OF_A_GROUP]
 */
#include <shukei/parquet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_ROWS = 500, COLUMNS = 5 };

/* The rows of a call, column by column. */
struct batch {
  int64_t times_us[BATCH_ROWS], days[BATCH_ROWS], counts[BATCH_ROWS];
  double values[BATCH_ROWS];
  uint8_t has_value[BATCH_ROWS];
  shukei_parquet_text names[BATCH_ROWS];
};

static const char *const places[] = {"attic", "cellar", "kitchen"};

static void fill(struct batch *batch, uint64_t first, size_t rows)
{
  const int64_t begin_s = INT64_C(1759276800); /* 2025-10-01T00:00:00Z */
  for (size_t i = 0; i < rows; i++) {
    const uint64_t row = first + i;
    const int64_t seconds = begin_s + (int64_t)row;
    const char *place = places[row % 3];
    batch->times_us[i] = seconds * 1000000;
    batch->days[i] = seconds / 86400;
    batch->counts[i] = (int64_t)(row * row);
    batch->values[i] = 18.0 + (double)(row % 40) / 8;
    batch->has_value[i] = row % 10 != 9; /* else null */
    batch->names[i].bytes = place;
    batch->names[i].length = strlen(place);
  }
}

static shukei_status write_rows(shukei_parquet_writer *writer, uint64_t rows, shukei_error *err)
{
  static struct batch batch;
  shukei_status st = SHUKEI_OK;
  for (uint64_t first = 0; first < rows && !st; first += BATCH_ROWS) {
    const size_t n = rows - first < BATCH_ROWS ? (size_t)(rows - first) : BATCH_ROWS;
    const shukei_parquet_write_values values[COLUMNS] = {
        {.as.integers = batch.times_us},
        {.as.integers = batch.days},
        {.as.texts = batch.names},
        {.as.integers = batch.counts},
        {.valid = batch.has_value, .as.doubles = batch.values},
    };
    fill(&batch, first, n);
    st = shukei_parquet_write(writer, n, values, err);
  }
  return st;
}

int main(int argc, char **argv)
{
  if (argc < 3) {
    fprintf(stderr, "usage: write_file FILE.parquet ROWS [ROWS_OF_A_GROUP]\n");
    return 2;
  }
  static const shukei_parquet_write_column columns[COLUMNS] = {
      {"time", SHUKEI_PARQUET_WRITE_TIME, true},       {"day", SHUKEI_PARQUET_WRITE_DATE, true},
      {"place", SHUKEI_PARQUET_WRITE_TEXT, true},      {"count", SHUKEI_PARQUET_WRITE_INT64, true},
      {"degrees", SHUKEI_PARQUET_WRITE_DOUBLE, false},
  };
  shukei_error error;
  shukei_parquet_writer *writer = NULL;
  shukei_parquet_writer_options options;
  shukei_parquet_writer_options_init(&options);
  options.sorting_columns = &columns[0].name;
  options.sorting_column_count = 1;
  if (argc > 3)
    options.group_rows = strtoull(argv[3], NULL, 10);
  shukei_status st =
      shukei_parquet_writer_open(argv[1], columns, COLUMNS, &options, &writer, &error);
  if (!st)
    st = write_rows(writer, strtoull(argv[2], NULL, 10), &error);
  if (!st) /* only now the file appears */
    st = shukei_parquet_writer_finish(writer, &error);
  shukei_parquet_writer_close(writer);
  if (st)
    fprintf(stderr, "write_file: %s (%s)\n", error.text, shukei_status_name(st));
  return st ? 1 : 0;
}
