/* SPDX-License-Identifier: Apache-2.0 */
/* What the encodings of numbers cost and save, for values of several kinds: the measure of the rule
 * in src/parquet/chunk_words.c. A million values of each are written by shukei/parquet.h in each
 * encoding, then as the library chooses, and read again; a line for each has bytes and nanoseconds
 * of the processor, a value.
 *
 *   encodings FILE.parquet    the file is made anew for each line, and stays */
#include <shukei/parquet.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { VALUES = 1000000, BATCH = 2048, READS = 15 };

static union {
  double doubles[VALUES];
  int64_t integers[VALUES];
} made;
static uint64_t random_state = 1;

static uint64_t next_random(void)
{
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}

/* In [0, 1), of 53 bits. */
static double next_share(void)
{
  return (double)(next_random() >> 11) / 9007199254740992.0;
}

/* ---- values ---- */

static double any_double(double before)
{
  (void)before;
  return next_share() * 3600;
}
static double three_places(double before)
{
  (void)before;
  return round(next_share() * 3.6e6) / 1e3;
}
static double six_places(double before)
{
  (void)before;
  return round(next_share() * 3.6e9) / 1e6;
}
static double whole_bytes(double before)
{
  (void)before;
  return floor(next_share() * 1e9) * 3600;
}
static double whole_mebibytes(double before)
{
  (void)before;
  return floor(next_share() * 60000) * 1048576 * 3600;
}
static double thirds(double before)
{
  (void)before;
  return floor(next_share() * 1e9) / 3;
}
static double of_float(double before)
{
  (void)before;
  return (double)(float)(next_share() * 3600);
}
static double walk(double before)
{
  return before + next_share() - 0.5;
}

static int64_t each_second(int64_t before)
{
  return before + 1000000;
}
static int64_t within_a_second(int64_t before)
{
  return before + (int64_t)(next_random() % 1000000);
}
static int64_t serial(int64_t before)
{
  return before + 1 + (int64_t)(next_random() & 1);
}
static int64_t below_a_million(int64_t before)
{
  (void)before;
  return (int64_t)(next_random() % 1000000);
}
static int64_t any_integer(int64_t before)
{
  (void)before;
  return (int64_t)next_random();
}

static const struct {
  const char *what;
  double (*next_double)(double);
  int64_t (*next_integer)(int64_t);
} cases[] = {
    {"doubles, any", any_double, NULL},
    {"doubles, 3 decimal places", three_places, NULL},
    {"doubles, 6 decimal places", six_places, NULL},
    {"doubles, whole bytes x 3600", whole_bytes, NULL},
    {"doubles, whole MiB x 3600", whole_mebibytes, NULL},
    {"doubles, thirds", thirds, NULL},
    {"doubles, of floats", of_float, NULL},
    {"doubles, slowly changing", walk, NULL},
    {"times, a second apart", NULL, each_second},
    {"times, within a second", NULL, within_a_second},
    {"integers, serial with gaps", NULL, serial},
    {"integers, below a million", NULL, below_a_million},
    {"integers, any", NULL, any_integer},
};

/* ---- measuring ---- */

static double now_ns(void)
{
  struct timespec at;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return (double)at.tv_sec * 1e9 + (double)at.tv_nsec;
}

static shukei_status write_values(const char *path, bool doubles,
                                  shukei_parquet_write_encoding encoding, shukei_error *err)
{
  const shukei_parquet_write_column column = {
      "v", doubles ? SHUKEI_PARQUET_WRITE_DOUBLE : SHUKEI_PARQUET_WRITE_INT64, true};
  shukei_parquet_write_values values = {.as.doubles = made.doubles};
  shukei_parquet_writer_options options;
  shukei_parquet_writer *writer = NULL;
  shukei_parquet_writer_options_init(&options);
  options.encodings = &encoding;
  if (!doubles)
    values.as.integers = made.integers;
  shukei_status st = shukei_parquet_writer_open(path, &column, 1, &options, &writer, err);
  if (!st)
    st = shukei_parquet_write(writer, VALUES, &values, err);
  if (!st)
    st = shukei_parquet_writer_finish(writer, err);
  shukei_parquet_writer_close(writer);
  return st;
}

static shukei_status read_values(shukei_parquet_file *file, bool doubles, shukei_error *err)
{
  static union {
    double doubles[BATCH];
    int64_t integers[BATCH];
  } batch;
  shukei_parquet_reader *reader = NULL;
  size_t rows = 1;
  shukei_status st = shukei_parquet_reader_open(file, 0, 0, &reader, err);
  while (!st && rows)
    st = doubles ? shukei_parquet_read_doubles(reader, BATCH, batch.doubles, NULL, &rows, err)
                 : shukei_parquet_read_integers(reader, BATCH, batch.integers, NULL, &rows, err);
  shukei_parquet_reader_close(reader);
  return st;
}

static const char *encoding_of(const shukei_parquet_chunk *chunk)
{
  return chunk->encodings & 1 << 9   ? "BYTE_STREAM_SPLIT"
         : chunk->encodings & 1 << 8 ? "dictionary"
         : chunk->encodings & 1 << 5 ? "DELTA_BINARY_PACKED"
                                     : "PLAIN";
}

static shukei_status measure(const char *path, const char *what, bool doubles,
                             shukei_parquet_write_encoding encoding, shukei_error *err)
{
  shukei_parquet_file *file = NULL;
  shukei_parquet_chunk chunk;
  double least = INFINITY;
  memset(&chunk, 0, sizeof chunk);
  const double begin = now_ns();
  shukei_status st = write_values(path, doubles, encoding, err);
  const double written = now_ns() - begin;
  if (!st)
    st = shukei_parquet_open(path, 0, &file, err);
  if (!st)
    st = shukei_parquet_chunk_at(file, 0, 0, &chunk, err);
  for (int i = 0; i < READS && !st; i++) {
    const double from = now_ns();
    st = read_values(file, doubles, err);
    least = fmin(least, now_ns() - from);
  }
  shukei_parquet_close(file);
  if (!st)
    printf("%-28s %-8s %-19s %-12s %5.2f bytes, written in %5.1f ns, read in %5.2f ns\n", what,
           encoding ? "" : "chosen", encoding_of(&chunk), shukei_parquet_codec_name(chunk.codec),
           (double)chunk.compressed_bytes / VALUES, written / VALUES, least / VALUES);
  return st;
}

int main(int argc, char **argv)
{
  shukei_error error;
  shukei_status st = SHUKEI_OK;
  if (argc != 2) {
    fprintf(stderr, "usage: encodings FILE.parquet\n");
    return 2;
  }
  for (size_t i = 0; i < sizeof cases / sizeof *cases && !st; i++) {
    const bool doubles = cases[i].next_double != NULL;
    const shukei_parquet_write_encoding other =
        doubles ? SHUKEI_PARQUET_WRITE_BYTE_STREAM_SPLIT : SHUKEI_PARQUET_WRITE_DELTA_BINARY_PACKED;
    double before = 50;
    int64_t integer = INT64_C(1759276800000000);
    for (size_t k = 0; k < VALUES; k++)
      if (doubles)
        made.doubles[k] = before = cases[i].next_double(before);
      else
        made.integers[k] = integer = cases[i].next_integer(integer);
    const shukei_parquet_write_encoding tried[] = {SHUKEI_PARQUET_WRITE_PLAIN, other,
                                                   SHUKEI_PARQUET_WRITE_CHOSEN};
    for (size_t k = 0; k < 3 && !st; k++)
      st = measure(argv[1], cases[i].what, doubles, tried[k], &error);
  }
  if (st)
    fprintf(stderr, "encodings: %s (%s)\n", error.text, shukei_status_name(st));
  return st ? 1 : 0;
}
