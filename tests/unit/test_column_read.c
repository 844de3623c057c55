/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of shukei/parquet.h: every kind in pieces of any size, from any row, and only as what
 * a column can be read as. */
#include "api_testing.h"
#include "tiny_parquet.h"

#include <pthread.h>

static struct made made;

static void reads_in_pieces_from_any_row(void **state)
{
  (void)state;
  uint64_t random = 5;
  made_begin(&made);
  shukei_parquet_file *file = made_open(&made);
  for (size_t round = 0; round < 60; round++) {
    const size_t group = random_below(&random, 3), column = random_below(&random, 2);
    const size_t begin = random_below(&random, 1001), piece = 1 + random_below(&random, 1500);
    static double doubles[1500];
    static shukei_parquet_text texts[1500];
    static uint8_t valid[1500];
    shukei_parquet_reader *reader = NULL;
    size_t n = 1, row = begin;
    assert_int_equal(shukei_parquet_reader_open(file, group, column, &reader, NULL), SHUKEI_OK);
    assert_int_equal(shukei_parquet_reader_skip_to(reader, (int64_t)begin, NULL), SHUKEI_OK);
    while (n) {
      assert_int_equal(shukei_parquet_reader_row(reader), row);
      const shukei_status st =
          column ? shukei_parquet_read_doubles(reader, piece, doubles, valid, &n, NULL)
                 : shukei_parquet_read_texts(reader, piece, texts, &n, NULL);
      assert_int_equal(st, SHUKEI_OK);
      for (size_t i = 0; i < n; i++) {
        const size_t at = group * 1000 + row + i;
        if (column)
          assert_true(doubles[i] == (valid[i] ? made.doubles[at] : 0));
        else if (texts[i].bytes)
          assert_memory_equal(texts[i].bytes, made.bytes[at], texts[i].length);
        assert_int_equal(column ? valid[i] : texts[i].bytes != NULL, made.valid[column][at]);
      }
      row += n;
    }
    assert_int_equal(row, 1000);
    shukei_parquet_reader_close(reader);
  }
  shukei_parquet_close(file);
  made_end(&made);
}

static void holds_to_its_kind(void **state)
{
  (void)state;
  shukei_error err;
  shukei_parquet_reader *reader = NULL;
  double doubles[4];
  int64_t integers[4];
  uint8_t booleans[4];
  shukei_parquet_text texts[4];
  size_t rows = 9;
  made_begin(&made);
  shukei_parquet_file *file = made_open(&made);
  assert_int_equal(shukei_parquet_reader_open(file, 3, 0, &reader, &err), SHUKEI_EINVAL);
  assert_null(reader);
  assert_int_equal(shukei_parquet_reader_open(file, 0, SHUKEI_PARQUET_NO_COLUMN, &reader, &err),
                   SHUKEI_EINVAL);
  assert_non_null(strstr(err.text, "no such column"));
  assert_int_equal(shukei_parquet_reader_open(file, 0, 2, &reader, &err), SHUKEI_OK);
  assert_int_equal(shukei_parquet_read_texts(reader, 4, texts, &rows, &err), SHUKEI_EINVAL);
  assert_non_null(strstr(err.text, "column int64 holds INT64"));
  assert_non_null(strstr(err.text, "cannot be read as texts"));
  assert_int_equal(rows, 0);
  assert_int_equal(shukei_parquet_read_times(reader, 4, integers, NULL, &rows, &err),
                   SHUKEI_EINVAL);
  assert_int_equal(shukei_parquet_read_booleans(reader, 4, booleans, NULL, &rows, &err),
                   SHUKEI_EINVAL);
  assert_int_equal(shukei_parquet_read_integers(reader, 0, integers, NULL, &rows, &err), SHUKEI_OK);
  assert_int_equal(rows, 0); /* no room is not the end */
  assert_int_equal(shukei_parquet_read_doubles(reader, 4, doubles, NULL, &rows, &err),
                   SHUKEI_EINVAL);
  assert_non_null(strstr(err.text, "a reader of integers cannot go on with doubles"));
  assert_int_equal(shukei_parquet_read_integers(reader, 4, integers, NULL, &rows, &err), SHUKEI_OK);
  assert_int_equal(rows, 4);
  assert_int_equal(shukei_parquet_reader_skip_to(reader, 3, &err), SHUKEI_EINVAL);
  assert_int_equal(shukei_parquet_reader_skip_to(reader, 1001, &err), SHUKEI_EINVAL);
  assert_int_equal(shukei_parquet_reader_skip_to(reader, 999, &err), SHUKEI_OK);
  assert_int_equal(shukei_parquet_read_integers(reader, 4, integers, NULL, &rows, &err), SHUKEI_OK);
  assert_int_equal(rows, 1);
  shukei_parquet_reader_close(reader);
  shukei_parquet_reader_close(NULL);
  shukei_parquet_close(file);
  made_end(&made);
}

static void ends_where_a_page_is_broken(void **state)
{
  (void)state;
  shukei_error err;
  shukei_parquet_reader *reader = NULL;
  static double doubles[ROWS];
  size_t length, rows = 9;
  made_begin(&made);
  shukei_parquet_close(made_open(&made));
  uint8_t *bytes = made_bytes(&made, &length);
  shukei_parquet_file *file = NULL;
  assert_int_equal(shukei_parquet_open_memory("m", bytes, length, 0, &file, &err), SHUKEI_OK);
  const struct sk_chunk_meta *chunk = &file->meta->groups[1].chunks[1];
  bytes[chunk->data_page_offset + 60] ^= 1;
  assert_int_equal(shukei_parquet_reader_open(file, 1, 1, &reader, &err), SHUKEI_OK);
  assert_int_equal(shukei_parquet_read_doubles(reader, ROWS, doubles, NULL, &rows, &err),
                   SHUKEI_EFORMAT);
  assert_int_equal(rows, 0);
  assert_non_null(strstr(err.text, "m: column double, row group 1, "));
  assert_int_equal(shukei_parquet_read_doubles(reader, 1, doubles, NULL, &rows, &err),
                   SHUKEI_EINVAL);
  assert_non_null(strstr(err.text, "can only be closed"));
  assert_int_equal(shukei_parquet_reader_skip_to(reader, 1000, &err), SHUKEI_EINVAL);
  shukei_parquet_reader_close(reader);
  shukei_parquet_close(file);
  free(bytes);
  made_end(&made);
}

/* A column of one PLAIN page without levels, as the calls see it. */
static shukei_parquet_reader *open_tiny(struct tiny *t, const struct tiny_column *column,
                                        int32_t rows, const void *bytes, size_t length,
                                        shukei_parquet_file **file)
{
  shukei_error err;
  shukei_parquet_reader *reader = NULL;
  tiny_begin(t);
  tiny_page(t, SK_PAGE_DATA, SK_ENCODING_PLAIN, rows, bytes, length);
  tiny_end(t, column, rows);
  if (shukei_parquet_open_memory("t", t->out.bytes, t->out.length, 0, file, &err) ||
      shukei_parquet_reader_open(*file, 0, 0, &reader, &err))
    fail_msg("%s", err.text);
  return reader;
}

static void reads_booleans(void **state)
{
  (void)state;
  struct tiny t;
  shukei_parquet_file *file = NULL;
  const struct tiny_column column = {.type = SK_TYPE_BOOLEAN};
  const uint8_t bits[] = {0x35, 0x01}, want[] = {1, 0, 1, 0, 1, 1, 0, 0, 1};
  shukei_parquet_reader *reader = open_tiny(&t, &column, 9, bits, 2, &file);
  uint8_t values[9], valid[9];
  size_t rows = 0;
  assert_int_equal(shukei_parquet_read_booleans(reader, 9, values, valid, &rows, NULL), SHUKEI_OK);
  assert_int_equal(rows, 9);
  assert_memory_equal(values, want, 9);
  for (size_t i = 0; i < 9; i++)
    assert_int_equal(valid[i], 1);
  shukei_parquet_reader_close(reader);
  shukei_parquet_close(file);
  tiny_free(&t);
}

static void reads_integers_exactly(void **state)
{
  (void)state;
  struct tiny t;
  shukei_parquet_file *file = NULL;
  const int64_t want[] = {INT64_MAX, INT64_MIN, (INT64_C(1) << 53) + 1, -1};
  uint8_t bytes[32];
  for (size_t i = 0; i < 4; i++)
    sk_put_le64(bytes + 8 * i, (uint64_t)want[i]);
  const struct tiny_column columns[] = {{.type = SK_TYPE_INT64},
                                        {.type = SK_TYPE_INT64, .converted = 15}, /* UINT_64 */
                                        {.type = SK_TYPE_INT64, .logical = 8, .unit = 3}};
  for (size_t i = 0; i < SK_COUNT(columns); i++) {
    shukei_parquet_reader *reader = open_tiny(&t, &columns[i], 4, bytes, 32, &file);
    int64_t values[5];
    size_t rows = 0;
    assert_int_equal(shukei_parquet_read_integers(reader, 5, values, NULL, &rows, NULL), SHUKEI_OK);
    assert_int_equal(rows, 4);
    assert_memory_equal(values, want, sizeof want);
    shukei_parquet_reader_close(reader);
    shukei_parquet_close(file);
    tiny_free(&t);
  }
}

/* Four threads, each with readers of its own, all of one file. */
static void *read_all(void *context)
{
  shukei_parquet_file *file = context;
  int64_t *integers = malloc(ROWS * sizeof *integers);
  uint8_t *valid = malloc(ROWS);
  size_t wrong = !integers || !valid;
  for (size_t round = 0; round < 20 && !wrong; round++) {
    const size_t group = round % 3;
    shukei_parquet_reader *reader = NULL;
    size_t n = 0;
    wrong += shukei_parquet_reader_open(file, group, 2, &reader, NULL) != SHUKEI_OK ||
             shukei_parquet_read_integers(reader, ROWS, integers, valid, &n, NULL) != SHUKEI_OK;
    for (size_t i = 0; i < n; i++)
      wrong += integers[i] != (valid[i] ? made.integers[group * 1000 + i] : 0);
    wrong += n != 1000;
    shukei_parquet_reader_close(reader);
  }
  free(integers);
  free(valid);
  return wrong ? context : NULL;
}

static void serves_many_threads(void **state)
{
  (void)state;
  pthread_t threads[4];
  made_begin(&made);
  shukei_parquet_file *file = made_open(&made);
  for (size_t i = 0; i < SK_COUNT(threads); i++)
    assert_int_equal(pthread_create(&threads[i], NULL, read_all, file), 0);
  for (size_t i = 0; i < SK_COUNT(threads); i++) {
    void *wrong = file;
    assert_int_equal(pthread_join(threads[i], &wrong), 0);
    assert_null(wrong);
  }
  shukei_parquet_close(file);
  made_end(&made);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  made_begin(&made);
  shukei_parquet_file *file = made_open(&made);
  const uint64_t before = file->budget.used_bytes;
  shukei_status st = SHUKEI_ENOMEM;
  for (int64_t n = 0; st == SHUKEI_ENOMEM; n++) {
    static shukei_parquet_text texts[1000];
    shukei_parquet_reader *reader = NULL;
    size_t rows = 0;
    sk_test_fail_alloc(n);
    st = shukei_parquet_reader_open(file, 0, 0, &reader, NULL);
    if (!st)
      st = shukei_parquet_read_texts(reader, 500, texts, &rows, NULL);
    if (!st)
      st = shukei_parquet_read_texts(reader, 1000, texts, &rows, NULL);
    shukei_parquet_reader_close(reader);
    assert_int_equal(file->budget.used_bytes, before);
  }
  sk_test_fail_alloc(-1);
  assert_int_equal(st, SHUKEI_OK);
  shukei_parquet_close(file);
  made_end(&made);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_in_pieces_from_any_row),     cmocka_unit_test(holds_to_its_kind),
      cmocka_unit_test(ends_where_a_page_is_broken),      cmocka_unit_test(reads_booleans),
      cmocka_unit_test(reads_integers_exactly),           cmocka_unit_test(serves_many_threads),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
