/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes the first column of Parquet files by shukei/parquet.h, for bench/decode.py. Each line of
 * the input has a word and a path, and is answered by a line:
 *
 *   time PATH   seconds of the processor, opening and closing included; the values go into one
 *               batch of rows
 *   arrow PATH  the same by batches of Arrow
 *   sum PATH    what bench/decode_peers.py makes of the values too: a sum in which each has its own
 *               weight */
#include <shukei/parquet.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { BATCH_ROWS = 4096, LONGEST_LINE = 4096 };

static struct {
  union {
    double doubles[BATCH_ROWS];
    int64_t integers[BATCH_ROWS];
    uint8_t booleans[BATCH_ROWS];
    shukei_parquet_text texts[BATCH_ROWS];
  } as;
  uint8_t valid[BATCH_ROWS];
} batch;

/* Of the values so far. */
struct checksum {
  uint64_t sum, values, bytes;
};

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The kind that loses nothing; a timestamp stays in its unit. */
static shukei_parquet_kind kind_of(const shukei_parquet_column *column)
{
  return column->kinds & SHUKEI_PARQUET_INTEGERS ? SHUKEI_PARQUET_INTEGERS : column->kind;
}

static shukei_status next_batch(shukei_parquet_reader *reader, shukei_parquet_kind kind,
                                size_t *rows, shukei_error *err)
{
  switch (kind) {
  case SHUKEI_PARQUET_DOUBLES:
    return shukei_parquet_read_doubles(reader, BATCH_ROWS, batch.as.doubles, batch.valid, rows,
                                       err);
  case SHUKEI_PARQUET_INTEGERS:
    return shukei_parquet_read_integers(reader, BATCH_ROWS, batch.as.integers, batch.valid, rows,
                                        err);
  case SHUKEI_PARQUET_BOOLEANS:
    return shukei_parquet_read_booleans(reader, BATCH_ROWS, batch.as.booleans, batch.valid, rows,
                                        err);
  default:
    return shukei_parquet_read_texts(reader, BATCH_ROWS, batch.as.texts, rows, err);
  }
}

static uint64_t word_at(shukei_parquet_kind kind, size_t row)
{
  uint64_t word = 0;
  if (kind == SHUKEI_PARQUET_BOOLEANS)
    return batch.as.booleans[row];
  if (kind == SHUKEI_PARQUET_TEXTS)
    return batch.as.texts[row].length;
  memcpy(&word, &batch.as.integers[row], sizeof word); /* the doubles' bits, too */
  return word;
}

static void add_batch(struct checksum *checksum, shukei_parquet_kind kind, size_t rows)
{
  for (size_t i = 0; i < rows; i++) {
    checksum->sum += word_at(kind, i) * ++checksum->values;
    if (kind != SHUKEI_PARQUET_TEXTS)
      continue;
    for (size_t k = 0; k < batch.as.texts[i].length; k++)
      checksum->sum += (uint8_t)batch.as.texts[i].bytes[k] * ++checksum->bytes;
  }
}

static shukei_status read_group(shukei_parquet_file *file, size_t group, struct checksum *checksum,
                                shukei_error *err)
{
  shukei_parquet_reader *reader = NULL;
  size_t rows = 1;
  const shukei_parquet_kind kind = kind_of(shukei_parquet_column_at(file, 0));
  shukei_status st = shukei_parquet_reader_open(file, group, 0, &reader, err);
  while (!st && rows) {
    st = next_batch(reader, kind, &rows, err);
    if (checksum)
      add_batch(checksum, kind, rows);
  }
  shukei_parquet_reader_close(reader);
  return st;
}

static shukei_status read_arrow(shukei_parquet_file *file, shukei_error *err)
{
  struct ArrowArrayStream stream;
  struct ArrowArray array = {.release = NULL};
  const shukei_status st = shukei_parquet_arrow_stream(file, NULL, &stream, err);
  if (st)
    return st;
  int failed = 0;
  do {
    if (array.release)
      array.release(&array);
    failed = stream.get_next(&stream, &array);
  } while (!failed && array.release);
  if (failed)
    snprintf(err->text, sizeof err->text, "%s", stream.get_last_error(&stream));
  stream.release(&stream);
  return failed ? SHUKEI_EFORMAT : SHUKEI_OK;
}

static shukei_status answer(const char *what, const char *path, shukei_error *err)
{
  shukei_parquet_file *file = NULL;
  struct checksum checksum = {0};
  const double start = now();
  shukei_status st = shukei_parquet_open(path, 0, &file, err);
  if (!st && strcmp(what, "arrow") == 0)
    st = read_arrow(file, err);
  else
    for (size_t group = 0; !st && group < shukei_parquet_group_count(file); group++)
      st = read_group(file, group, strcmp(what, "sum") == 0 ? &checksum : NULL, err);
  shukei_parquet_close(file);
  if (!st && strcmp(what, "sum") == 0)
    printf("%" PRIu64 "\n", checksum.sum);
  else if (!st)
    printf("%.9f\n", now() - start);
  return st;
}

int main(void)
{
  char line[LONGEST_LINE];
  shukei_error error = {.status = SHUKEI_OK};
  while (fgets(line, sizeof line, stdin)) {
    char *path = strchr(line, ' ');
    line[strcspn(line, "\n")] = 0;
    if (!path)
      return 2;
    *path++ = 0;
    if (answer(line, path, &error)) {
      fprintf(stderr, "decode_column: %s (%s)\n", error.text, shukei_status_name(error.status));
      return 1;
    }
    fflush(stdout);
  }
  return 0;
}
