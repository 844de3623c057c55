/* SPDX-License-Identifier: Apache-2.0 */
/* Arrow's types and arrays of columns that the writer does not make: built page by page. */
#include "tiny_parquet.h"

#include "api/arrow.h"

static const struct {
  const char *format;
  struct tiny_column column;
} types[] = {
    {"b", {.type = SK_TYPE_BOOLEAN}},
    {"i", {.type = SK_TYPE_INT32}},
    {"l", {.type = SK_TYPE_INT64}},
    {"f", {.type = SK_TYPE_FLOAT}},
    {"g", {.type = SK_TYPE_DOUBLE}},
    {"z", {.type = SK_TYPE_BYTE_ARRAY}},
    {"u", {.type = SK_TYPE_BYTE_ARRAY, .converted = 1}},
    {"u", {.type = SK_TYPE_BYTE_ARRAY, .logical = 12}}, /* JSON */
    {"z", {.type = SK_TYPE_BYTE_ARRAY, .logical = 13}}, /* BSON */
    {"w:3", {.type = SK_TYPE_FIXED_LEN_BYTE_ARRAY, .type_length = 3}},
    {"w:16", {.type = SK_TYPE_FIXED_LEN_BYTE_ARRAY, .type_length = 16, .logical = 14}}, /* UUID */
    {"w:12",
     {.type = SK_TYPE_FIXED_LEN_BYTE_ARRAY, .type_length = 12, .converted = 22}},   /* INTERVAL */
    {"e", {.type = SK_TYPE_FIXED_LEN_BYTE_ARRAY, .type_length = 2, .logical = 15}}, /* FLOAT16 */
    {"tsn:", {.type = SK_TYPE_INT96}},
    {"tdD", {.type = SK_TYPE_INT32, .converted = 7}},
    {"ttm", {.type = SK_TYPE_INT32, .converted = 8}},
    {"ttu", {.type = SK_TYPE_INT64, .converted = 9}},
    {"ttn", {.type = SK_TYPE_INT64, .logical = 7, .unit = 3}},
    {"tsm:UTC", {.type = SK_TYPE_INT64, .converted = 10}},
    {"tsn:UTC", {.type = SK_TYPE_INT64, .logical = 8, .unit = 3}},
    {"C", {.type = SK_TYPE_INT32, .converted = 12}},
    {"S", {.type = SK_TYPE_INT32, .converted = 13}},
    {"I", {.type = SK_TYPE_INT32, .converted = 14}},
    {"L", {.type = SK_TYPE_INT64, .converted = 15}},
    {"c", {.type = SK_TYPE_INT32, .converted = 16}},
    {"s", {.type = SK_TYPE_INT32, .converted = 17}},
    {"d:5,2", {.type = SK_TYPE_INT32, .converted = 6, .scale = 2, .precision = 5}},
    {"d:39,0,256", {.type = SK_TYPE_BYTE_ARRAY, .converted = 6, .scale = 0, .precision = 39}},
    {"z", {.type = SK_TYPE_BYTE_ARRAY, .converted = 6, .scale = 0, .precision = 77}},
    {"n", {.type = SK_TYPE_INT32, .repetition = SK_OPTIONAL, .logical = 11}},
};

static void has_the_types_of_arrow(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(types); i++) {
    struct tiny t;
    struct sk_arrow_type type;
    shukei_error err;
    tiny_begin(&t);
    tiny_end(&t, &types[i].column, 0);
    if (tiny_open(&t, &err))
      fail_msg("%zu: %s", i, err.text);
    sk_arrow_type_of(&sk_file_meta(t.file)->columns[0], &type);
    if (strcmp(type.format, types[i].format) != 0)
      fail_msg("%zu: %s, expected %s", i, type.format, types[i].format);
    tiny_free(&t);
  }
}

/* The array of one page of PLAIN values without levels. */
static shukei_status array_of(const struct tiny_column *column, int32_t rows, const void *bytes,
                              size_t length, struct ArrowArray *out, shukei_error *err)
{
  struct tiny t;
  struct ArrowArrayStream stream;
  shukei_parquet_file *file = NULL;
  tiny_begin(&t);
  tiny_page(&t, SK_PAGE_DATA, SK_ENCODING_PLAIN, rows, bytes, length);
  tiny_end(&t, column, rows);
  shukei_status st = shukei_parquet_open_memory("t", t.out.bytes, t.out.length, 0, &file, err);
  if (!st)
    st = shukei_parquet_arrow_stream(file, NULL, &stream, err);
  shukei_parquet_close(file);
  if (st)
    fail_msg("%s", err->text);
  if (stream.get_next(&stream, out)) {
    st = SHUKEI_EFORMAT;
    sk_fail(err, st, "%s", stream.get_last_error(&stream));
  }
  stream.release(&stream);
  tiny_free(&t);
  return st;
}

static void widens_decimals(void **state)
{
  (void)state;
  const struct tiny_column column = {.type = SK_TYPE_FIXED_LEN_BYTE_ARRAY,
                                     .type_length = 3,
                                     .converted = 6,
                                     .scale = 1,
                                     .precision = 6};
  const uint8_t bytes[] = {0x00, 0x01, 0x02, 0xff, 0xff, 0xfe};
  shukei_error err;
  struct ArrowArray array;
  if (array_of(&column, 2, bytes, sizeof bytes, &array, &err))
    fail_msg("%s", err.text);
  uint64_t words[4]; /* of this machine's order, each value's lower half where that order has it */
  const uint16_t one = 1;
  const size_t low = *(const uint8_t *)&one == 1 ? 0 : 1;
  memcpy(words, array.children[0]->buffers[1], sizeof words);
  assert_true(words[low] == 0x102 && words[1 - low] == 0);
  assert_true(words[2 + low] == UINT64_MAX - 1 && words[3 - low] == UINT64_MAX);
  array.release(&array);
}

static void refuses_decimals_that_do_not_fit(void **state)
{
  (void)state;
  const struct tiny_column column = {
      .type = SK_TYPE_BYTE_ARRAY, .converted = 6, .scale = 0, .precision = 38};
  uint8_t bytes[4 + 17] = {17};
  shukei_error err;
  struct ArrowArray array;
  assert_int_equal(array_of(&column, 1, bytes, sizeof bytes, &array, &err), SHUKEI_OK);
  array.release(&array); /* 17 bytes, but only of zeros */
  bytes[5] = 0x80;
  assert_int_equal(array_of(&column, 1, bytes, sizeof bytes, &array, &err), SHUKEI_EFORMAT);
  assert_non_null(strstr(err.text, "a decimal of 17 bytes, its precision is 38"));
}

static void refuses_texts_that_are_no_utf8(void **state)
{
  (void)state;
  const struct tiny_column column = {.type = SK_TYPE_BYTE_ARRAY, .converted = 1};
  uint8_t bytes[] = {2, 0, 0, 0, 'a', 0xc3};
  shukei_error err;
  struct ArrowArray array;
  assert_int_equal(array_of(&column, 1, bytes, sizeof bytes, &array, &err), SHUKEI_EFORMAT);
  assert_non_null(strstr(err.text, "column c: a text that is no UTF-8"));
  const uint8_t halves[] = {1, 0, 0, 0, 0xc3, 1, 0, 0, 0, 0xa9}; /* one only together */
  assert_int_equal(array_of(&column, 2, halves, sizeof halves, &array, &err), SHUKEI_EFORMAT);
  bytes[5] = 'b';
  assert_int_equal(array_of(&column, 1, bytes, sizeof bytes, &array, &err), SHUKEI_OK);
  array.release(&array);
}

static void keeps_halves_and_bits(void **state)
{
  (void)state;
  const struct tiny_column half = {
      .type = SK_TYPE_FIXED_LEN_BYTE_ARRAY, .type_length = 2, .logical = 15};
  const uint8_t halves[] = {0x00, 0x3c, 0x01, 0xfc};
  const struct tiny_column boolean = {.type = SK_TYPE_BOOLEAN};
  const uint8_t bits[] = {0xa5, 0x01};
  shukei_error err;
  struct ArrowArray array;
  assert_int_equal(array_of(&half, 2, halves, 4, &array, &err), SHUKEI_OK);
  assert_int_equal(((const uint16_t *)array.children[0]->buffers[1])[0], 0x3c00);
  assert_int_equal(((const uint16_t *)array.children[0]->buffers[1])[1], 0xfc01);
  array.release(&array);
  assert_int_equal(array_of(&boolean, 9, bits, 2, &array, &err), SHUKEI_OK);
  assert_memory_equal(array.children[0]->buffers[1], bits, 2);
  array.release(&array);
}

/* Words of each width, as the machine has them; of times by the millisecond four bytes as well. */
static void keeps_words_of_each_width(void **state)
{
  (void)state;
  static const struct {
    struct tiny_column column;
    size_t width;
  } cases[] = {
      {{.type = SK_TYPE_INT32, .converted = 16}, 1},
      {{.type = SK_TYPE_INT32, .converted = 13}, 2},
      {{.type = SK_TYPE_INT32}, 4},
      {{.type = SK_TYPE_INT32, .converted = 14}, 4},
      {{.type = SK_TYPE_INT32, .converted = 8}, 4},
      {{.type = SK_TYPE_INT64}, 8},
  };
  const int64_t values[] = {0x12345678, -2, 0, 77};
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    const size_t width = cases[i].column.type == SK_TYPE_INT64 ? 8 : 4, kept = cases[i].width;
    uint8_t bytes[32];
    shukei_error err;
    struct ArrowArray array;
    for (size_t v = 0; v < SK_COUNT(values); v++)
      for (size_t b = 0; b < width; b++)
        bytes[v * width + b] = (uint8_t)((uint64_t)values[v] >> 8 * b);
    assert_int_equal(array_of(&cases[i].column, 4, bytes, 4 * width, &array, &err), SHUKEI_OK);
    const uint8_t *at = array.children[0]->buffers[1];
    for (size_t v = 0; v < SK_COUNT(values); v++, at += kept) {
      const uint8_t one = (uint8_t)values[v];
      const uint16_t two = (uint16_t)values[v];
      const uint32_t four = (uint32_t)values[v];
      const void *const want = kept == 1   ? (const void *)&one
                               : kept == 2 ? (const void *)&two
                               : kept == 4 ? (const void *)&four
                                           : (const void *)&values[v];
      if (memcmp(at, want, kept) != 0)
        fail_msg("case %zu, value %zu", i, v);
    }
    array.release(&array);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(has_the_types_of_arrow),
      cmocka_unit_test(widens_decimals),
      cmocka_unit_test(refuses_decimals_that_do_not_fit),
      cmocka_unit_test(refuses_texts_that_are_no_utf8),
      cmocka_unit_test(keeps_halves_and_bits),
      cmocka_unit_test(keeps_words_of_each_width),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
