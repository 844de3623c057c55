/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of sinks share: a folder of their own, rows of every shape, whole files. */
#ifndef SK_TESTS_SINK_TESTING_H
#define SK_TESTS_SINK_TESTING_H

#include "testing.h"

#include "sink/sink.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char test_folder[32];

static inline int enter_folder(void **state)
{
  (void)state;
  snprintf(test_folder, sizeof test_folder, "sinks-XXXXXX");
  return mkdtemp(test_folder) && chdir(test_folder) == 0 ? 0 : -1;
}

static inline int leave_folder(void **state)
{
  (void)state;
  return chdir("..") == 0 && rmdir(test_folder) == 0 ? 0 : -1; /* fails where a test left files */
}

/* Names in a folder, but "." and ".."; hidden files too. */
static inline int count_files(const char *folder)
{
  int count = 0;
  DIR *dir = opendir(folder);
  assert_non_null(dir);
  while (readdir(dir))
    count++;
  closedir(dir);
  return count - 2;
}

static inline void write_file(const char *path, const void *bytes, size_t length)
{
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, length, file), length);
  assert_int_equal(fclose(file), 0);
}

/* The file's bytes with a zero behind them; freed by free(). */
static inline char *read_whole(const char *path, size_t *length)
{
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  const long size = ftell(file);
  assert_true(size >= 0);
  rewind(file);
  char *bytes = malloc((size_t)size + 1);
  assert_non_null(bytes);
  assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
  bytes[size] = '\0';
  fclose(file);
  if (length)
    *length = (size_t)size;
  return bytes;
}

/* Writing beyond so many bytes of a file fails from here on, as on a full disk. */
static inline void limit_files(uint64_t bytes)
{
  struct rlimit limit;
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
  limit.rlim_cur = bytes == UINT64_MAX ? limit.rlim_max : (rlim_t)bytes;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

struct test_row {
  struct sk_row row;
  char room[SK_ROW_COLUMN_COUNT][64];
};

static inline void set_text(struct test_row *test, enum sk_row_column column, const char *text)
{
  test->row.present |= UINT64_C(1) << column;
  test->row.cells[column].text = (struct sk_text){text, (uint32_t)strlen(text)};
}
static inline void set_integer(struct test_row *test, enum sk_row_column column, int64_t value)
{
  test->row.present |= UINT64_C(1) << column;
  test->row.cells[column].integer = value;
}
static inline void set_measure(struct test_row *test, enum sk_row_column column, double value)
{
  test->row.present |= UINT64_C(1) << column;
  test->row.cells[column].measure = value;
}

/* A row with every column, or with about half of them where `sparse`; the same n and source give
 * the same row. */
static inline void make_row(struct test_row *test, uint64_t n, int32_t day, const char *source,
                            bool sparse)
{
  uint64_t state = n * 77 + (uint64_t)day;
  memset(test, 0, sizeof *test);
  for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++) {
    const enum sk_row_column column = (enum sk_row_column)c;
    const uint64_t number = next_random(&state);
    if (sparse && number % 2)
      continue;
    switch (sk_row_columns[c].kind) {
    case SK_ROW_MEASURE:
      set_measure(test, column, (double)(number % 1000003) / (number % 3 ? 1.0 : 7.0));
      break;
    case SK_ROW_LABELS:
      snprintf(test->room[c], sizeof test->room[c], "{\"app\": \"a%u\", \"tier\": \"%s\"}",
               (unsigned)(number % 50),
               number % 8 ? "front"
                          : "b\xc3\xa4"
                            "ck");
      set_text(test, column, test->room[c]);
      break;
    case SK_ROW_TEXT:
      snprintf(test->room[c], sizeof test->room[c], "%s-%u", sk_row_columns[c].name,
               (unsigned)(number % 200));
      set_text(test, column, test->room[c]);
      break;
    case SK_ROW_INTEGER:
      set_integer(test, column, (int64_t)(number % 10) - 3);
      break;
    case SK_ROW_DAY:
      break;
    }
  }
  set_integer(test, SK_R_usage_start, day);
  set_integer(test, SK_R_usage_end, day);
  snprintf(test->room[SK_R_uuid], sizeof test->room[SK_R_uuid], "%s/%d/%llu",
           source ? source : "none", (int)day, (unsigned long long)n);
  set_text(test, SK_R_uuid, test->room[SK_R_uuid]);
  test->row.present &= ~(UINT64_C(1) << SK_R_source_uuid);
  if (source)
    set_text(test, SK_R_source_uuid, source);
}

/* Days that nobody asked for: those of the rows. */
static inline struct sk_sink_options plain_options(const char *source)
{
  return (struct sk_sink_options){
      .start_day = INT32_MIN, .end_day = INT32_MAX, .source_uuid = source, .threads = 1};
}

/* Adds a row and appends it. */
static inline shukei_status put_row(struct sk_sink *sink, const struct sk_row *row,
                                    shukei_error *err)
{
  struct sk_chunk *chunk = NULL;
  shukei_status st = sk_chunk_new(sink, &chunk, err);
  if (!st)
    st = sk_chunk_add(chunk, row, err);
  if (!st)
    st = sk_sink_append(sink, chunk, err);
  sk_chunk_free(chunk);
  return st;
}

/* Writes `count` rows of each day from first to last, every second one sparse. */
static inline shukei_status fill(struct sk_sink *sink, uint64_t count, int32_t first, int32_t last,
                                 const char *source, shukei_error *err)
{
  struct sk_chunk *chunk = NULL;
  shukei_status st = sk_chunk_new(sink, &chunk, err);
  uint64_t left = 1; /* in the chunk; chunks grow */
  for (int32_t day = first; day <= last; day++) {
    for (uint64_t n = 0; n < count && !st; n++) {
      struct test_row test;
      make_row(&test, n, day, source, n % 2);
      st = sk_chunk_add(chunk, &test.row, err);
      memset(&test, 'x', sizeof test); /* the sink must not lean on it any longer */
      if (!st && --left == 0) {
        st = sk_sink_append(sink, chunk, err);
        left = 1 + n;
      }
    }
  }
  if (!st)
    st = sk_sink_append(sink, chunk, err);
  sk_chunk_free(chunk);
  return st;
}

/* A whole run: open, rows, prepare, commit, close. */
static inline shukei_status write_sink(const char *name, const struct sk_sink_options *options,
                                       uint64_t count, int32_t first, int32_t last,
                                       struct sk_budget *budget, shukei_error *err)
{
  struct sk_sink *sink = NULL;
  shukei_status st = sk_sink_open(name, options, budget, &sink, err);
  assert_true((st == SHUKEI_OK) == (sink != NULL));
  if (!st)
    st = fill(sink, count, first, last, options->source_uuid, err);
  if (!st)
    st = sk_sink_prepare(sink, err);
  if (!st)
    st = sk_sink_commit(sink, err);
  sk_sink_close(sink);
  return st;
}

/* ---- chunks filled by several threads ------------------------------------------------------ */

#define WAVE_CHUNKS 6
#define FILL_THREADS 3

struct wave {
  struct sk_chunk *chunks[WAVE_CHUNKS];
  uint64_t borders[WAVE_CHUNKS + 1]; /* the rows of each */
  uint64_t day_rows;
  void (*make)(struct test_row *test, uint64_t n, uint64_t day_rows);
};
struct filler {
  struct wave *wave;
  unsigned number;
  pthread_t thread;
  shukei_status status;
};

static inline void *fill_chunks(void *context)
{
  struct filler *filler = context;
  const struct wave *wave = filler->wave;
  struct test_row *test = malloc(sizeof *test);
  if (!test)
    abort();
  for (size_t i = filler->number; i < WAVE_CHUNKS; i += FILL_THREADS) {
    for (uint64_t n = wave->borders[i]; n < wave->borders[i + 1] && !filler->status; n++) {
      wave->make(test, n, wave->day_rows);
      filler->status = sk_chunk_add(wave->chunks[i], &test->row, NULL);
    }
  }
  free(test);
  return NULL;
}

/* Rows 0 .. count in chunks of random sizes up to `most` rows, which threads fill while those of
 * the wave before are appended. */
static inline void write_in_chunks(const char *name, const struct sk_sink_options *options,
                                   uint64_t count, uint64_t day_rows, uint64_t most, uint64_t seed,
                                   void (*make)(struct test_row *, uint64_t, uint64_t),
                                   struct sk_budget *budget)
{
  struct sk_sink *sink = NULL;
  struct wave waves[2];
  uint64_t next = 0;
  assert_int_equal(sk_sink_open(name, options, budget, &sink, NULL), SHUKEI_OK);
  for (size_t w = 0; w < 2; w++) {
    waves[w] = (struct wave){.day_rows = day_rows, .make = make};
    for (size_t i = 0; i < WAVE_CHUNKS; i++)
      assert_int_equal(sk_chunk_new(sink, &waves[w].chunks[i], NULL), SHUKEI_OK);
  }
  bool more = true;
  for (size_t turn = 0; more || turn % 2; turn++) {
    struct wave *filled = &waves[turn % 2], *other = &waves[(turn + 1) % 2];
    struct filler fillers[FILL_THREADS];
    filled->borders[0] = next;
    for (size_t i = 0; i < WAVE_CHUNKS; i++) {
      next += random_below(&seed, most + 1);
      next = next < count ? next : count;
      filled->borders[i + 1] = next;
    }
    for (unsigned t = 0; t < FILL_THREADS; t++) {
      fillers[t] = (struct filler){.wave = filled, .number = t};
      assert_int_equal(pthread_create(&fillers[t].thread, NULL, fill_chunks, &fillers[t]), 0);
    }
    for (size_t i = 0; i < WAVE_CHUNKS; i++)
      assert_int_equal(sk_sink_append(sink, other->chunks[i], NULL), SHUKEI_OK);
    for (unsigned t = 0; t < FILL_THREADS; t++) {
      assert_int_equal(pthread_join(fillers[t].thread, NULL), 0);
      assert_int_equal(fillers[t].status, SHUKEI_OK);
    }
    more = filled->borders[0] < count;
  }
  assert_int_equal(sk_sink_prepare(sink, NULL), SHUKEI_OK);
  assert_int_equal(sk_sink_commit(sink, NULL), SHUKEI_OK);
  sk_sink_close(sink);
  for (size_t w = 0; w < 2; w++)
    for (size_t i = 0; i < WAVE_CHUNKS; i++)
      sk_chunk_free(waves[w].chunks[i]);
}

/* The rows of fill() with the source "s1" from day 20362 on. */
static inline void make_plain(struct test_row *test, uint64_t n, uint64_t day_rows)
{
  make_row(test, n % day_rows, (int32_t)(20362 + n / day_rows), "s1", n % day_rows % 2);
}

/* The same bytes, however the rows are cut and however many threads there are. */
static inline void expect_same_bytes(const char *name, uint64_t count, uint64_t day_rows,
                                     void (*make)(struct test_row *, uint64_t, uint64_t))
{
  static const uint64_t mosts[] = {100000, 3, 700, 5000};
  char *want = NULL;
  size_t want_length = 0;
  for (size_t i = 0; i < SK_COUNT(mosts); i++) {
    struct sk_sink_options options = plain_options("s1");
    struct sk_budget budget;
    size_t length = 0;
    sk_budget_init(&budget, UINT64_MAX);
    options.threads = 1 + (unsigned)i;
    write_in_chunks(name, &options, count, day_rows, mosts[i], i, make, &budget);
    assert_int_equal(atomic_load(&budget.used_bytes), 0);
    char *bytes = read_whole(name, &length);
    if (i) {
      assert_int_equal(length, want_length);
      assert_memory_equal(bytes, want, length);
      free(bytes);
    } else {
      want = bytes;
      want_length = length;
    }
    assert_int_equal(unlink(name), 0);
  }
  free(want);
}

#endif
