/* SPDX-License-Identifier: Apache-2.0 */
/* Prints columns of a Parquet file, tab between them, each as what fits it best; a null as nothing.
 *
 *   cc read_columns.c -o read_columns $(pkg-config --cflags --libs shukei)
 *   ./read_columns FILE.parquet [COLUMN...]
 */
#include <shukei/parquet.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH_ROWS = 1024, MOST_COLUMNS = 64 };

/* A column and its rows of a batch. */
struct column {
  size_t number;
  shukei_parquet_kind kind;
  shukei_parquet_reader *reader;
  uint8_t valid[BATCH_ROWS];
  union {
    double doubles[BATCH_ROWS];
    int64_t integers[BATCH_ROWS];
    uint8_t booleans[BATCH_ROWS];
    shukei_parquet_text texts[BATCH_ROWS];
  } as;
};

static shukei_status next_batch(struct column *c, size_t *rows, shukei_error *err)
{
  switch (c->kind) {
  case SHUKEI_PARQUET_DOUBLES:
    return shukei_parquet_read_doubles(c->reader, BATCH_ROWS, c->as.doubles, c->valid, rows, err);
  case SHUKEI_PARQUET_INTEGERS:
    return shukei_parquet_read_integers(c->reader, BATCH_ROWS, c->as.integers, c->valid, rows, err);
  case SHUKEI_PARQUET_TIMES:
    return shukei_parquet_read_times(c->reader, BATCH_ROWS, c->as.integers, c->valid, rows, err);
  case SHUKEI_PARQUET_BOOLEANS:
    return shukei_parquet_read_booleans(c->reader, BATCH_ROWS, c->as.booleans, c->valid, rows, err);
  default:
    return shukei_parquet_read_texts(c->reader, BATCH_ROWS, c->as.texts, rows, err);
  }
}

static void print_cell(const struct column *c, size_t row)
{
  const bool texts = c->kind == SHUKEI_PARQUET_TEXTS;
  if (texts ? !c->as.texts[row].bytes : !c->valid[row])
    return;
  if (texts)
    fwrite(c->as.texts[row].bytes, 1, c->as.texts[row].length, stdout);
  else if (c->kind == SHUKEI_PARQUET_DOUBLES)
    printf("%.17g", c->as.doubles[row]);
  else if (c->kind == SHUKEI_PARQUET_BOOLEANS)
    printf("%s", c->as.booleans[row] ? "true" : "false");
  else /* integers; times as microseconds since 1970 */
    printf("%" PRId64, c->as.integers[row]);
}

/* All columns side by side: each call gives as many rows as the others. */
static shukei_status print_group(shukei_parquet_file *file, size_t group, struct column *columns,
                                 size_t count, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  size_t rows = 1;
  for (size_t i = 0; i < count && !st; i++)
    st = shukei_parquet_reader_open(file, group, columns[i].number, &columns[i].reader, err);
  while (!st && rows && count) {
    for (size_t i = 0; i < count && !st; i++)
      st = next_batch(&columns[i], &rows, err);
    for (size_t row = 0; row < rows && !st; row++)
      for (size_t i = 0; i < count; i++) {
        print_cell(&columns[i], row);
        putchar(i + 1 < count ? '\t' : '\n');
      }
  }
  for (size_t i = 0; i < count; i++) {
    shukei_parquet_reader_close(columns[i].reader);
    columns[i].reader = NULL;
  }
  return st;
}

/* Those named, else all that can be read; SHUKEI_EINVAL for a name that is none. */
static shukei_status pick(const shukei_parquet_file *file, char **names, size_t name_count,
                          struct column *columns, size_t *count)
{
  const size_t most = name_count ? name_count : shukei_parquet_column_count(file);
  *count = 0;
  for (size_t i = 0; i < most && *count < MOST_COLUMNS; i++) {
    const size_t number = name_count ? shukei_parquet_find_column(file, names[i]) : i;
    const shukei_parquet_column *column = shukei_parquet_column_at(file, number);
    if (!column) {
      fprintf(stderr, "read_columns: there is no column \"%s\"\n", names[i]);
      return SHUKEI_EINVAL;
    }
    if (!column->flat)
      continue;
    columns[*count].number = number;
    columns[(*count)++].kind = column->kind;
  }
  return SHUKEI_OK;
}

int main(int argc, char **argv)
{
  if (argc < 2) {
    fprintf(stderr, "usage: read_columns FILE.parquet [COLUMN...]\n");
    return 2;
  }
  shukei_error error = {.status = SHUKEI_OK};
  shukei_parquet_file *file = NULL;
  struct column *columns = calloc(MOST_COLUMNS, sizeof *columns);
  size_t count = 0;
  shukei_status st = columns ? shukei_parquet_open(argv[1], 0, &file, &error) : SHUKEI_ENOMEM;
  if (!st)
    st = pick(file, argv + 2, (size_t)argc - 2, columns, &count);
  for (size_t i = 0; i < count && !st; i++)
    printf("%s%c", shukei_parquet_column_at(file, columns[i].number)->name,
           i + 1 < count ? '\t' : '\n');
  for (size_t group = 0; !st && group < shukei_parquet_group_count(file); group++)
    st = print_group(file, group, columns, count, &error);
  shukei_parquet_close(file);
  free(columns);
  if (error.status)
    fprintf(stderr, "read_columns: %s (%s)\n", error.text, shukei_status_name(error.status));
  return st ? 1 : 0;
}
