/* SPDX-License-Identifier: Apache-2.0 */
/* Counts the rows whose number in a column lies within bounds, and reads only the row groups that
 * may have such rows by their statistics.
 *
 *   cc skip_groups.c -o skip_groups $(pkg-config --cflags --libs shukei)
 *   ./skip_groups FILE.parquet COLUMN LOW HIGH */
#include <shukei/parquet.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH_ROWS = 4096 };

static shukei_status count_rows(shukei_parquet_file *file, size_t group, size_t column, double low,
                                double high, uint64_t *found, shukei_error *err)
{
  static double values[BATCH_ROWS];
  static uint8_t valid[BATCH_ROWS];
  shukei_parquet_reader *reader = NULL;
  size_t rows = 1;
  shukei_status st = shukei_parquet_reader_open(file, group, column, &reader, err);
  while (!st && rows) {
    st = shukei_parquet_read_doubles(reader, BATCH_ROWS, values, valid, &rows, err);
    for (size_t i = 0; i < rows && !st; i++)
      *found += valid[i] && values[i] >= low && values[i] <= high;
  }
  shukei_parquet_reader_close(reader);
  return st;
}

int main(int argc, char **argv)
{
  if (argc != 5) {
    fprintf(stderr, "usage: skip_groups FILE.parquet COLUMN LOW HIGH\n");
    return 2;
  }
  shukei_error error;
  shukei_parquet_file *file = NULL;
  shukei_parquet_value low = {.kind = SHUKEI_PARQUET_DOUBLES};
  shukei_parquet_value high = {.kind = SHUKEI_PARQUET_DOUBLES};
  low.as.number = strtod(argv[3], NULL);
  high.as.number = strtod(argv[4], NULL);
  uint64_t found = 0;
  size_t skipped = 0, groups = 0;
  shukei_status st = shukei_parquet_open(argv[1], 0, &file, &error);
  if (!st) {
    const size_t column = shukei_parquet_find_column(file, argv[2]);
    groups = shukei_parquet_group_count(file);
    for (size_t group = 0; group < groups && !st; group++) {
      if (shukei_parquet_outside(file, group, column, &low, &high))
        skipped++;
      else /* a column that is none ends here */
        st = count_rows(file, group, column, low.as.number, high.as.number, &found, &error);
    }
  }
  shukei_parquet_close(file);
  if (st) {
    fprintf(stderr, "skip_groups: %s (%s)\n", error.text, shukei_status_name(st));
    return 1;
  }
  printf("%" PRIu64 " rows, %zu of %zu row groups skipped\n", found, skipped, groups);
  return 0;
}
