/* SPDX-License-Identifier: Apache-2.0 */
/* Opening files of shukei/parquet.h, and what they tell of themselves. */
#include "api_testing.h"
#include "tiny_parquet.h"

static struct made made;

static void tells_what_a_file_holds(void **state)
{
  (void)state;
  made_begin(&made);
  shukei_parquet_file *file = made_open(&made);
  shukei_error err;
  assert_int_equal(shukei_parquet_rows(file), ROWS);
  assert_int_equal(shukei_parquet_column_count(file), COLUMNS);
  assert_int_equal(shukei_parquet_group_count(file), 3);
  assert_int_equal(shukei_parquet_group_rows(file, 2), 1000);
  assert_int_equal(shukei_parquet_group_rows(file, 3), 0);
  assert_int_equal(shukei_parquet_find_column(file, "DOUBLE"), 1);
  assert_true(shukei_parquet_find_column(file, "doubl") == SHUKEI_PARQUET_NO_COLUMN);
  assert_non_null(strstr(shukei_parquet_created_by(file), "shukei"));
  const char *key = "as it was", *value = NULL;
  assert_false(shukei_parquet_key_value(file, 99, &key, &value));
  assert_string_equal(key, "as it was");
  assert_null(shukei_parquet_column_at(file, COLUMNS));
  const shukei_parquet_column *time = shukei_parquet_column_at(file, 3);
  assert_string_equal(time->path, "time");
  assert_true(time->logical == SHUKEI_PARQUET_LOGICAL_TIMESTAMP && time->utc && time->flat);
  assert_true(time->unit == SHUKEI_PARQUET_MICROS && !time->nullable);
  assert_true(shukei_parquet_column_at(file, 0)->nullable);
  shukei_parquet_chunk chunk;
  assert_int_equal(shukei_parquet_chunk_at(file, 1, 0, &chunk, &err), SHUKEI_OK);
  assert_true(chunk.readable && chunk.has_page_index && !chunk.has_bloom_filter);
  assert_true(chunk.value_count == 1000 && chunk.compressed_bytes > 0);
  assert_int_equal(shukei_parquet_chunk_at(file, 3, 0, &chunk, &err), SHUKEI_EINVAL);
  assert_non_null(strstr(err.text, "no row group 3, it has 3"));
  assert_int_equal(shukei_parquet_chunk_at(file, 0, 5, &chunk, &err), SHUKEI_EINVAL);
  assert_non_null(strstr(err.text, "no column 5, it has 5"));
  shukei_parquet_close(file);
  made_end(&made);
}

static void has_the_names_of_the_format(void **state)
{
  (void)state;
  assert_string_equal(shukei_parquet_type_name(SHUKEI_PARQUET_INT96), "INT96");
  assert_string_equal(shukei_parquet_logical_name(SHUKEI_PARQUET_LOGICAL_INTERVAL), "INTERVAL");
  assert_string_equal(shukei_parquet_codec_name(SHUKEI_PARQUET_CODEC_BROTLI), "BROTLI");
  assert_string_equal(shukei_parquet_type_name((shukei_parquet_type)-1), "?");
}

enum { B = SHUKEI_PARQUET_BOOLEANS, I = SHUKEI_PARQUET_INTEGERS, D = SHUKEI_PARQUET_DOUBLES };
enum { T = SHUKEI_PARQUET_TIMES, X = SHUKEI_PARQUET_TEXTS };

static const struct {
  const char *why;
  struct tiny_column column;
  unsigned kind, kinds;
} kinds[] = {
    {"boolean", {.type = SK_TYPE_BOOLEAN}, B, B},
    {"int32", {.type = SK_TYPE_INT32}, I, I | D},
    {"int64", {.type = SK_TYPE_INT64}, I, I | D},
    {"int96", {.type = SK_TYPE_INT96}, T, T | I},
    {"float", {.type = SK_TYPE_FLOAT}, D, D},
    {"double", {.type = SK_TYPE_DOUBLE}, D, D},
    {"bytes", {.type = SK_TYPE_BYTE_ARRAY}, X, X},
    {"fixed", {.type = SK_TYPE_FIXED_LEN_BYTE_ARRAY, .type_length = 3}, X, X},
    {"date", {.type = SK_TYPE_INT32, .converted = 7}, T, T | I},
    {"time", {.type = SK_TYPE_INT32, .converted = 8}, I, I},
    {"timestamp", {.type = SK_TYPE_INT64, .converted = 10}, T, T | I},
    {"decimal", {.type = SK_TYPE_INT32, .converted = 6, .scale = 2, .precision = 5}, D, D | I},
    {"decimal bytes",
     {.type = SK_TYPE_BYTE_ARRAY, .converted = 6, .scale = 2, .precision = 5},
     D,
     D | I | X},
    {"null",
     {.type = SK_TYPE_INT32, .repetition = SK_OPTIONAL, .logical = 11},
     X,
     B | I | D | T | X},
};

static void knows_how_columns_can_be_read(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(kinds); i++) {
    struct tiny t;
    shukei_error err;
    shukei_parquet_file *file = NULL;
    tiny_begin(&t);
    tiny_end(&t, &kinds[i].column, 0);
    if (shukei_parquet_open_memory("t.parquet", t.out.bytes, t.out.length, 0, &file, &err))
      fail_msg("%s: %s", kinds[i].why, err.text);
    const shukei_parquet_column *column = shukei_parquet_column_at(file, 0);
    if (column->kind != kinds[i].kind || column->kinds != kinds[i].kinds)
      fail_msg("%s: %u of %u", kinds[i].why, (unsigned)column->kind, column->kinds);
    shukei_parquet_close(file);
    tiny_free(&t);
  }
}

static void refuses_what_is_no_file(void **state)
{
  (void)state;
  shukei_error err;
  shukei_parquet_file *file = (shukei_parquet_file *)&err;
  assert_int_equal(shukei_parquet_open(NULL, 0, &file, &err), SHUKEI_EINVAL);
  assert_null(file);
  assert_int_equal(shukei_parquet_open("", 0, &file, NULL), SHUKEI_EINVAL);
  assert_int_equal(shukei_parquet_open("/nowhere/a.parquet", 0, &file, &err), SHUKEI_ENOTFOUND);
  assert_non_null(strstr(err.text, "/nowhere/a.parquet"));
  assert_int_equal(shukei_parquet_open_memory(NULL, "x", 1, 0, &file, &err), SHUKEI_EINVAL);
  assert_string_equal(err.text, "no name is given");
  assert_int_equal(shukei_parquet_open_memory("a", NULL, 0, 0, &file, &err), SHUKEI_EINVAL);
  assert_int_equal(shukei_parquet_open_memory("a", "PAR1", 4, 0, &file, &err), SHUKEI_ETRUNC);
  assert_int_equal(shukei_parquet_open_memory("b", "NOT A PARQUET FILE", 18, 0, &file, &err),
                   SHUKEI_EFORMAT);
  assert_true(strncmp(err.text, "b: ", 3) == 0);
  shukei_parquet_close(NULL);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  made_begin(&made);
  shukei_parquet_close(made_open(&made));
  shukei_status st = SHUKEI_ENOMEM;
  shukei_parquet_file *file = NULL;
  for (int64_t n = 0; st == SHUKEI_ENOMEM; n++) {
    sk_test_fail_alloc(n);
    st = shukei_parquet_open(made.path, 0, &file, NULL);
    assert_true((st == SHUKEI_OK) == (file != NULL));
  }
  sk_test_fail_alloc(-1);
  assert_int_equal(st, SHUKEI_OK);
  shukei_parquet_close(file);
  made_end(&made);
}

static void keeps_to_the_limit(void **state)
{
  (void)state;
  shukei_error err;
  shukei_parquet_file *file = NULL;
  made_begin(&made);
  shukei_parquet_close(made_open(&made));
  assert_int_equal(shukei_parquet_open(made.path, 100, &file, &err), SHUKEI_ENOMEM);
  assert_null(file);
  made_end(&made);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tells_what_a_file_holds),
      cmocka_unit_test(has_the_names_of_the_format),
      cmocka_unit_test(knows_how_columns_can_be_read),
      cmocka_unit_test(refuses_what_is_no_file),
      cmocka_unit_test(survives_every_failed_allocation),
      cmocka_unit_test(keeps_to_the_limit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
