/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of shukei/parquet.h share: a table of chance in five columns, written to a file in
 * a folder of its own and read into memory. */
#ifndef SK_TESTS_API_TESTING_H
#define SK_TESTS_API_TESTING_H

#include "testing.h"

#include "api/column_file.h"

#include <sys/stat.h>
#include <unistd.h>

enum { ROWS = 3000, COLUMNS = 5, TEXT, DOUBLE, INT64, TIME, DATE };

struct made {
  char folder[64], path[80];
  uint8_t valid[COLUMNS][ROWS];
  char bytes[ROWS][16];
  shukei_parquet_text texts[ROWS];
  double doubles[ROWS];
  int64_t integers[ROWS], times[ROWS], dates[ROWS];
};

static const shukei_parquet_write_column made_columns[COLUMNS] = {
    {"text", SHUKEI_PARQUET_WRITE_TEXT, false},
    {"double", SHUKEI_PARQUET_WRITE_DOUBLE, false},
    {"int64", SHUKEI_PARQUET_WRITE_INT64, false},
    {"time", SHUKEI_PARQUET_WRITE_TIME, true},
    {"date", SHUKEI_PARQUET_WRITE_DATE, false}};

/* Values that grow with the rows, so that row groups differ, and repeat; a tenth is null. */
static inline void made_fill(struct made *m, uint64_t seed)
{
  for (size_t row = 0; row < ROWS; row++) {
    for (size_t i = 0; i < COLUMNS; i++)
      m->valid[i][row] = i == 3 || random_below(&seed, 10) > 0;
    const int length = snprintf(m->bytes[row], sizeof m->bytes[row], "%04zu é%zu", row / 8,
                                random_below(&seed, 3));
    m->texts[row] =
        (shukei_parquet_text){m->bytes[row], random_below(&seed, 20) ? (size_t)length : 0};
    m->doubles[row] = (double)row / 7 - (double)random_below(&seed, 5);
    m->integers[row] = (int64_t)(row * row) - (int64_t)random_below(&seed, 9) * 1000;
    m->times[row] = INT64_C(1759276800000000) + (int64_t)row * 999;
    m->dates[row] = 20000 + (int64_t)row / 100;
  }
}

static inline void made_begin(struct made *m)
{
  memset(m, 0, sizeof *m);
  snprintf(m->folder, sizeof m->folder, "%s/shukei-api-XXXXXX", "/tmp");
  assert_non_null(mkdtemp(m->folder));
  snprintf(m->path, sizeof m->path, "%s/a.parquet", m->folder);
  made_fill(m, 1);
}

static inline void made_end(struct made *m)
{
  unlink(m->path);
  assert_int_equal(rmdir(m->folder), 0); /* nothing else was left there */
}

static inline void made_values(struct made *m, size_t first,
                               shukei_parquet_write_values values[COLUMNS])
{
  memset(values, 0, COLUMNS * sizeof *values);
  for (size_t i = 0; i < COLUMNS; i++)
    values[i].valid = m->valid[i] + first;
  values[0].as.texts = m->texts + first;
  values[1].as.doubles = m->doubles + first;
  values[2].as.integers = m->integers + first;
  values[3].as.integers = m->times + first;
  values[4].as.integers = m->dates + first;
}

/* Writes all rows, up to `step` of them a call. */
static inline shukei_status made_write(struct made *m, const shukei_parquet_writer_options *options,
                                       size_t step, shukei_error *err)
{
  shukei_parquet_writer *writer = NULL;
  shukei_status st =
      shukei_parquet_writer_open(m->path, made_columns, COLUMNS, options, &writer, err);
  for (size_t first = 0; !st && first < ROWS; first += step) {
    shukei_parquet_write_values values[COLUMNS];
    made_values(m, first, values);
    st = shukei_parquet_write(writer, ROWS - first < step ? ROWS - first : step, values, err);
  }
  if (!st)
    st = shukei_parquet_writer_finish(writer, err);
  shukei_parquet_writer_close(writer);
  return st;
}

/* The file's bytes; freed by free(). */
static inline uint8_t *made_bytes(const struct made *m, size_t *length)
{
  FILE *file = fopen(m->path, "rb");
  struct stat status;
  assert_non_null(file);
  assert_int_equal(fstat(fileno(file), &status), 0);
  uint8_t *bytes = malloc((size_t)status.st_size);
  assert_non_null(bytes);
  *length = fread(bytes, 1, (size_t)status.st_size, file);
  assert_int_equal(*length, status.st_size);
  fclose(file);
  return bytes;
}

/* Row groups of 1,000 rows, opened. */
static inline shukei_parquet_file *made_open(struct made *m)
{
  shukei_error err;
  shukei_parquet_file *file = NULL;
  shukei_parquet_writer_options options;
  shukei_parquet_writer_options_init(&options);
  options.group_rows = 1000;
  if (made_write(m, &options, 700, &err) || shukei_parquet_open(m->path, 64 << 20, &file, &err))
    fail_msg("%s", err.text);
  return file;
}

#endif
