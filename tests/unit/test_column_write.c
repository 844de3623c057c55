/* SPDX-License-Identifier: Apache-2.0 */
/* The writer of shukei/parquet.h: what it writes is read back, nothing is there before it is whole,
 * and what cannot be written is refused. */
#include "api_testing.h"

static struct made made;

static bool is_there(void)
{
  struct stat status;
  return stat(made.path, &status) == 0;
}

static void same_rows(void)
{
  static int64_t integers[ROWS];
  static double doubles[ROWS];
  static uint8_t valid[ROWS];
  static shukei_parquet_text texts[ROWS];
  shukei_parquet_file *file = NULL;
  shukei_parquet_reader *readers[COLUMNS];
  assert_int_equal(shukei_parquet_open(made.path, 0, &file, NULL), SHUKEI_OK);
  assert_int_equal(shukei_parquet_rows(file), ROWS);
  size_t row = 0;
  for (size_t group = 0; group < shukei_parquet_group_count(file); group++) {
    size_t n = 0;
    for (size_t i = 0; i < COLUMNS; i++)
      assert_int_equal(shukei_parquet_reader_open(file, group, i, &readers[i], NULL), SHUKEI_OK);
    assert_int_equal(shukei_parquet_read_texts(readers[0], ROWS, texts, &n, NULL), SHUKEI_OK);
    assert_int_equal(n, shukei_parquet_group_rows(file, group));
    for (size_t i = 0; i < n; i++) {
      const shukei_parquet_text *want = &made.texts[row + i];
      assert_int_equal(texts[i].bytes != NULL, made.valid[0][row + i]);
      if (texts[i].bytes)
        assert_true(texts[i].length == want->length &&
                    memcmp(texts[i].bytes, want->bytes, want->length) == 0);
    }
    assert_int_equal(shukei_parquet_read_doubles(readers[1], ROWS, doubles, valid, &n, NULL),
                     SHUKEI_OK);
    for (size_t i = 0; i < n; i++)
      assert_true(valid[i] == made.valid[1][row + i] &&
                  doubles[i] == (valid[i] ? made.doubles[row + i] : 0));
    const int64_t *const wanted[] = {made.integers, made.times, made.dates};
    for (size_t k = 0; k < 3; k++) {
      assert_int_equal(
          shukei_parquet_read_integers(readers[2 + k], ROWS, integers, valid, &n, NULL), SHUKEI_OK);
      for (size_t i = 0; i < n; i++)
        assert_true(valid[i] == made.valid[2 + k][row + i] &&
                    integers[i] == (valid[i] ? wanted[k][row + i] : 0));
    }
    for (size_t i = 0; i < COLUMNS; i++)
      shukei_parquet_reader_close(readers[i]);
    row += n;
  }
  assert_int_equal(row, ROWS);
  shukei_parquet_close(file);
}

static void writes_the_same_bytes_however_rows_come(void **state)
{
  (void)state;
  uint8_t *first = NULL;
  size_t first_length = 0;
  const size_t steps[] = {ROWS, 1, 37, 1000};
  shukei_error err;
  made_begin(&made);
  for (size_t i = 0; i < SK_COUNT(steps); i++) {
    shukei_parquet_writer_options options;
    shukei_parquet_writer_options_init(&options);
    options.group_rows = 1100;
    options.threads = (unsigned)i; /* 0: one per processor */
    options.memory_bytes = 64 << 20;
    if (made_write(&made, &options, steps[i], &err))
      fail_msg("%s", err.text);
    size_t length;
    uint8_t *bytes = made_bytes(&made, &length);
    if (first)
      assert_true(length == first_length && memcmp(bytes, first, length) == 0);
    else
      same_rows();
    if (first)
      free(bytes);
    else
      first = bytes;
    first_length = length;
  }
  free(first);
  made_end(&made);
}

/* More texts than the table of a small limit holds: it is emptied again and again. */
static void writes_more_texts_than_its_table_holds(void **state)
{
  (void)state;
  enum { TEXTS = 60000, STEP = 6000 };
  static char bytes[TEXTS][24];
  static shukei_parquet_text texts[TEXTS];
  shukei_parquet_writer *writer = NULL;
  shukei_parquet_writer_options options;
  shukei_error err;
  made_begin(&made);
  shukei_parquet_writer_options_init(&options);
  options.memory_bytes = 9 << 20;
  if (shukei_parquet_writer_open(made.path, made_columns, 1, &options, &writer, &err))
    fail_msg("%s", err.text);
  for (size_t i = 0; i < TEXTS; i++)
    texts[i] = (shukei_parquet_text){
        bytes[i], (size_t)snprintf(bytes[i], sizeof bytes[i], "text %zu", i * 7919 % 50000)};
  for (size_t first = 0; first < TEXTS; first += STEP) {
    const shukei_parquet_write_values values = {.as.texts = texts + first};
    if (shukei_parquet_write(writer, STEP, &values, &err))
      fail_msg("%s", err.text);
  }
  assert_int_equal(shukei_parquet_writer_finish(writer, &err), SHUKEI_OK);
  shukei_parquet_writer_close(writer);
  shukei_parquet_file *file = NULL;
  assert_int_equal(shukei_parquet_open(made.path, 0, &file, &err), SHUKEI_OK);
  static shukei_parquet_text got[TEXTS];
  shukei_parquet_reader *reader = NULL;
  size_t n = 0;
  assert_int_equal(shukei_parquet_reader_open(file, 0, 0, &reader, &err), SHUKEI_OK);
  assert_int_equal(shukei_parquet_read_texts(reader, TEXTS, got, &n, &err), SHUKEI_OK);
  assert_int_equal(n, TEXTS);
  for (size_t i = 0; i < n; i++)
    assert_true(got[i].length == texts[i].length &&
                memcmp(got[i].bytes, texts[i].bytes, got[i].length) == 0);
  shukei_parquet_reader_close(reader);
  shukei_parquet_close(file);
  made_end(&made);
}

static void refuses_what_cannot_be_opened(void **state)
{
  (void)state;
  made_begin(&made);
  static const struct {
    const char *why, *words;
    shukei_parquet_write_column columns[2];
    size_t count;
    int codec;
    uint64_t group_rows;
    const char *sorting;
  } cases[] = {
      {"no columns", "0 columns", {{0}}, 0, SHUKEI_PARQUET_CODEC_ZSTD, 1, NULL},
      {"no name",
       "column 0 has no name",
       {{NULL, SHUKEI_PARQUET_WRITE_TEXT, false}},
       1,
       SHUKEI_PARQUET_CODEC_ZSTD,
       1,
       NULL},
      {"no UTF-8",
       "no UTF-8",
       {{"\xff", SHUKEI_PARQUET_WRITE_TEXT, false}},
       1,
       SHUKEI_PARQUET_CODEC_ZSTD,
       1,
       NULL},
      {"twice",
       "two columns are named \"a\"",
       {{"a", SHUKEI_PARQUET_WRITE_TEXT, false}, {"a", SHUKEI_PARQUET_WRITE_DATE, false}},
       2,
       SHUKEI_PARQUET_CODEC_ZSTD,
       1,
       NULL},
      {"kind",
       "kind 5",
       {{"a", (shukei_parquet_write_kind)5, false}},
       1,
       SHUKEI_PARQUET_CODEC_ZSTD,
       1,
       NULL},
      {"codec",
       "BROTLI",
       {{"a", SHUKEI_PARQUET_WRITE_TEXT, false}},
       1,
       SHUKEI_PARQUET_CODEC_BROTLI,
       1,
       NULL},
      {"rows",
       "0 rows",
       {{"a", SHUKEI_PARQUET_WRITE_TEXT, false}},
       1,
       SHUKEI_PARQUET_CODEC_ZSTD,
       0,
       NULL},
      {"sorting",
       "sorting column \"b\"",
       {{"a", SHUKEI_PARQUET_WRITE_TEXT, false}},
       1,
       SHUKEI_PARQUET_CODEC_SNAPPY,
       1,
       "b"},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    shukei_error err;
    shukei_parquet_writer *writer = (shukei_parquet_writer *)&err;
    shukei_parquet_writer_options options;
    shukei_parquet_writer_options_init(&options);
    options.codec = (shukei_parquet_codec)cases[i].codec;
    options.group_rows = cases[i].group_rows;
    options.sorting_columns = &cases[i].sorting;
    options.sorting_column_count = cases[i].sorting != NULL;
    const shukei_status st = shukei_parquet_writer_open(made.path, cases[i].columns, cases[i].count,
                                                        &options, &writer, &err);
    if (st != SHUKEI_EINVAL || writer || !strstr(err.text, cases[i].words) ||
        !strstr(err.text, "a.parquet"))
      fail_msg("%s: %s: %s", cases[i].why, shukei_status_name(st), err.text);
    assert_false(is_there());
  }
  shukei_parquet_writer *writer = NULL;
  assert_int_equal(shukei_parquet_writer_open("", made_columns, 1, NULL, &writer, NULL),
                   SHUKEI_EINVAL);
  made_end(&made);
}

static void refuses_options_that_cannot_be(void **state)
{
  (void)state;
  static const char *const day = "date", *const none = "none";
  static const shukei_parquet_write_encoding of_text[COLUMNS] = {
      SHUKEI_PARQUET_WRITE_DELTA_BINARY_PACKED};
  static const shukei_parquet_write_encoding unknown[COLUMNS] = {
      (shukei_parquet_write_encoding)(SHUKEI_PARQUET_WRITE_BYTE_STREAM_SPLIT + 1)};
  const char *many[9] = {day, day, day, day, day, day, day, day, day};
  static const char *const words[] = {"level 0",
                                      "level 20",
                                      "0 rows",
                                      "65537 rows",
                                      "encoding",
                                      "encoding",
                                      "none of",
                                      "no texts",
                                      "at most 8",
                                      "row groups of 1073741825",
                                      "GZIP has no level 10, but 1 to 9"};
  made_begin(&made);
  for (size_t i = 0; i < SK_COUNT(words); i++) {
    shukei_error err;
    shukei_parquet_writer *writer = NULL;
    shukei_parquet_writer_options options;
    shukei_parquet_writer_options_init(&options);
    options.level = i == 0 ? 0 : i == 1 ? 20 : i == 10 ? 10 : 1;
    options.codec = i == 10 ? SHUKEI_PARQUET_CODEC_GZIP : SHUKEI_PARQUET_CODEC_ZSTD;
    options.page_rows = i == 2 ? 0 : i == 3 ? 65537 : 10;
    options.encodings = i == 4 ? of_text : i == 5 ? unknown : NULL;
    options.bloom_columns = i == 6 ? &none : &day;
    options.bloom_column_count = i == 6 || i == 7;
    options.sorting_columns = many;
    options.sorting_column_count = i == 8 ? 9 : 0;
    options.group_rows = i == 9 ? (UINT64_C(1) << 30) + 1 : 1000;
    const shukei_status st =
        shukei_parquet_writer_open(made.path, made_columns, COLUMNS, &options, &writer, &err);
    if (st != SHUKEI_EINVAL || writer || !strstr(err.text, words[i]))
      fail_msg("%zu: %s: %s", i, shukei_status_name(st), err.text);
    assert_false(is_there());
  }
  made_end(&made);
}

/* Every encoding that a kind can have, with every codec; page index and Bloom filters as they are
 * asked for. */
static void writes_with_every_option(void **state)
{
  (void)state;
  static const shukei_parquet_codec codecs[] = {
      SHUKEI_PARQUET_CODEC_ZSTD, SHUKEI_PARQUET_CODEC_SNAPPY, SHUKEI_PARQUET_CODEC_UNCOMPRESSED,
      SHUKEI_PARQUET_CODEC_GZIP, SHUKEI_PARQUET_CODEC_LZ4_RAW};
  static const char *const text = "text";
  enum { ENCODINGS = SHUKEI_PARQUET_WRITE_BYTE_STREAM_SPLIT + 1 };
  static const uint32_t bits[ENCODINGS] = {0, 1 << 0, 1 << 8, 1 << 5, 1 << 6, 1 << 7, 1 << 9};
  made_begin(&made);
  for (size_t i = 0; i < ENCODINGS * SK_COUNT(codecs); i++) {
    shukei_error err;
    shukei_parquet_write_encoding encodings[COLUMNS];
    shukei_parquet_writer_options options;
    shukei_parquet_file *file = NULL;
    shukei_parquet_writer_options_init(&options);
    const size_t wanted = i % ENCODINGS;
    for (size_t c = 0; c < COLUMNS; c++) {
      const bool texts = made_columns[c].kind == SHUKEI_PARQUET_WRITE_TEXT;
      const bool fits = wanted <= SHUKEI_PARQUET_WRITE_DICTIONARY ||
                        (texts ? wanted == SHUKEI_PARQUET_WRITE_DELTA_LENGTH_BYTE_ARRAY ||
                                     wanted == SHUKEI_PARQUET_WRITE_DELTA_BYTE_ARRAY
                               : wanted == SHUKEI_PARQUET_WRITE_BYTE_STREAM_SPLIT ||
                                     (wanted == SHUKEI_PARQUET_WRITE_DELTA_BINARY_PACKED &&
                                      made_columns[c].kind != SHUKEI_PARQUET_WRITE_DOUBLE));
      encodings[c] = (shukei_parquet_write_encoding)(fits ? wanted : 0);
    }
    options.codec = codecs[i / ENCODINGS];
    options.level = 1 + (int)i % 7;
    options.group_rows = 1500;
    options.page_rows = 100;
    options.page_index = i % 2;
    options.encodings = encodings;
    options.bloom_columns = &text;
    options.bloom_column_count = 1;
    if (made_write(&made, &options, 333, &err))
      fail_msg("%zu: %s", i, err.text);
    same_rows();
    assert_int_equal(shukei_parquet_open(made.path, 0, &file, NULL), SHUKEI_OK);
    for (size_t c = 0; c < COLUMNS; c++) {
      shukei_parquet_chunk chunk;
      assert_int_equal(shukei_parquet_chunk_at(file, 0, c, &chunk, NULL), SHUKEI_OK);
      assert_true((chunk.encodings & bits[encodings[c]]) == bits[encodings[c]]);
      if (encodings[c] > SHUKEI_PARQUET_WRITE_DICTIONARY) /* and no other, but RLE of levels */
        assert_true((chunk.encodings & ~(1u << 3 | 1u)) == bits[encodings[c]]);
      assert_int_equal(chunk.has_page_index, options.page_index);
      assert_int_equal(chunk.has_bloom_filter,
                       c == 0 && encodings[0] <= 2 && encodings[0] != SHUKEI_PARQUET_WRITE_PLAIN);
      assert_true(chunk.codec == options.codec || chunk.codec == SHUKEI_PARQUET_CODEC_UNCOMPRESSED);
    }
    shukei_parquet_close(file);
  }
  made_end(&made);
}

static void refuses_rows_that_cannot_be_written(void **state)
{
  (void)state;
  made_begin(&made);
  for (size_t i = 0; i < 5; i++) {
    static const char *const words[] = {"no UTF-8", "column \"time\"", "column \"date\"", "bytes",
                                        "column \"text\": row 2"};
    shukei_error err;
    shukei_parquet_writer *writer = NULL;
    shukei_parquet_write_values values[COLUMNS];
    made_fill(&made, 1);
    made_values(&made, 0, values);
    memset(made.valid, 1, sizeof made.valid);
    if (i == 0 || i == 4)
      made.texts[2] = (shukei_parquet_text){"a\xc3", 2};
    made.valid[3][2] = i != 1; /* required */
    made.dates[2] = i == 2 ? INT64_C(1) << 31 : 0;
    if (i == 3)
      made.texts[2].length = (size_t)INT32_MAX + 1;
    assert_int_equal(
        shukei_parquet_writer_open(made.path, made_columns, COLUMNS, NULL, &writer, &err),
        SHUKEI_OK);
    const shukei_status st = shukei_parquet_write(writer, 10, values, &err);
    if (st != SHUKEI_EINVAL || !strstr(err.text, words[i]) || !strstr(err.text, "a.parquet"))
      fail_msg("%zu: %s: %s", i, shukei_status_name(st), err.text);
    assert_int_equal(shukei_parquet_write(writer, 1, values, &err), SHUKEI_EINVAL);
    assert_non_null(strstr(err.text, "failed"));
    assert_int_equal(shukei_parquet_writer_finish(writer, &err), SHUKEI_EINVAL);
    shukei_parquet_writer_close(writer);
    assert_false(is_there());
  }
  made_end(&made);
}

static void is_finished_once(void **state)
{
  (void)state;
  shukei_parquet_writer *writer = NULL;
  shukei_error err;
  made_begin(&made);
  assert_int_equal(shukei_parquet_writer_open(made.path, made_columns, 1, NULL, &writer, &err),
                   SHUKEI_OK);
  assert_false(is_there());
  assert_int_equal(shukei_parquet_writer_finish(writer, &err), SHUKEI_OK);
  assert_true(is_there());
  assert_int_equal(shukei_parquet_writer_finish(writer, &err), SHUKEI_EINVAL);
  assert_non_null(strstr(err.text, "was finished"));
  shukei_parquet_writer_close(writer);
  shukei_parquet_writer_close(NULL);
  shukei_parquet_file *file = NULL; /* no rows is a file too */
  assert_int_equal(shukei_parquet_open(made.path, 0, &file, &err), SHUKEI_OK);
  assert_int_equal(shukei_parquet_rows(file), 0);
  assert_int_equal(shukei_parquet_column_count(file), 1);
  shukei_parquet_close(file);
  made_end(&made);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  shukei_status st = SHUKEI_ENOMEM;
  shukei_parquet_writer_options options;
  made_begin(&made);
  shukei_parquet_writer_options_init(&options);
  options.group_rows = 2000;
  for (int64_t n = 0; st == SHUKEI_ENOMEM; n++) {
    sk_test_fail_alloc(n);
    st = made_write(&made, &options, ROWS, NULL);
    assert_true(st == SHUKEI_OK || !is_there());
  }
  sk_test_fail_alloc(-1);
  assert_int_equal(st, SHUKEI_OK);
  same_rows();
  made_end(&made);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(writes_the_same_bytes_however_rows_come),
      cmocka_unit_test(writes_more_texts_than_its_table_holds),
      cmocka_unit_test(refuses_what_cannot_be_opened),
      cmocka_unit_test(refuses_options_that_cannot_be),
      cmocka_unit_test(writes_with_every_option),
      cmocka_unit_test(refuses_rows_that_cannot_be_written),
      cmocka_unit_test(is_finished_once),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
