/* SPDX-License-Identifier: Apache-2.0 */
/* Adds up the numbers of a column in the rows that have a value in another one, and reads only what
 * may have such rows.
 *
 *   cc find_rows.c -o find_rows $(pkg-config --cflags --libs shukei)
 *   ./find_rows FILE.parquet NUMBERS COLUMN VALUE */
#include <shukei/parquet.h>

#include <inttypes.h>
#include <stdio.h>

enum { BATCH_ROWS = 4096 };

struct sum {
  uint64_t rows;
  double total;
};

/* The rows of a row group that the selection finds; its reader skips from one to the next. */
static shukei_status add_rows(shukei_parquet_selection *selection, shukei_parquet_reader *reader,
                              struct sum *sum, shukei_error *err)
{
  static double values[BATCH_ROWS];
  for (;;) {
    shukei_parquet_selected some;
    size_t rows = 0;
    shukei_status st = shukei_parquet_selection_next(selection, BATCH_ROWS, &some, err);
    if (!st && !some.rows)
      return SHUKEI_OK;
    if (!st)
      st = shukei_parquet_reader_skip_to(reader, some.first, err);
    if (!st)
      st = shukei_parquet_read_doubles(reader, some.rows, values, NULL, &rows, err);
    if (st)
      return st;
    for (size_t i = 0; i < rows; i++) {
      sum->rows += some.match[i];
      sum->total += some.match[i] ? values[i] : 0;
    }
  }
}

static shukei_status add_group(shukei_parquet_file *file, shukei_parquet_selection *selection,
                               size_t group, size_t column, struct sum *sum, shukei_error *err)
{
  shukei_parquet_reader *reader = NULL;
  bool any = false;
  shukei_status st = shukei_parquet_selection_group(selection, group, &any, err);
  if (st || !any)
    return st;
  st = shukei_parquet_reader_open(file, group, column, &reader, err);
  if (!st)
    st = add_rows(selection, reader, sum, err);
  shukei_parquet_reader_close(reader);
  return st;
}

int main(int argc, char **argv)
{
  if (argc != 5) {
    fprintf(stderr, "usage: find_rows FILE.parquet NUMBERS COLUMN VALUE\n");
    return 2;
  }
  const shukei_condition condition = {.column = argv[3], .value = argv[4]};
  shukei_error error;
  shukei_parquet_file *file = NULL;
  shukei_parquet_selection *selection = NULL;
  shukei_cat_stats counts;
  struct sum sum = {.rows = 0};
  size_t groups = 0;
  shukei_status st = shukei_parquet_open(argv[1], 0, &file, &error);
  if (!st) {
    groups = shukei_parquet_group_count(file);
    st = shukei_parquet_selection_open(file, &condition, 1, &selection, &error);
  }
  for (size_t group = 0; group < groups && !st; group++)
    st = add_group(file, selection, group, shukei_parquet_find_column(file, argv[2]), &sum, &error);
  if (!st)
    shukei_parquet_selection_counts(selection, &counts);
  shukei_parquet_selection_close(selection);
  shukei_parquet_close(file);
  if (st) {
    fprintf(stderr, "find_rows: %s (%s)\n", error.text, shukei_status_name(st));
    return 1;
  }
  printf("%" PRIu64 " rows, %.17g, %" PRIu64 " of %zu row groups skipped\n", sum.rows, sum.total,
         counts.row_groups_by_statistics + counts.row_groups_by_bloom_filter +
             counts.row_groups_by_dictionary + counts.row_groups_by_page_index,
         groups);
  return 0;
}
