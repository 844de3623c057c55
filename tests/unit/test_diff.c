/* SPDX-License-Identifier: Apache-2.0 */
/* inspect --diff: what counts as the same value and the same row, and what is told of the footers.
 * Random pairs are compared in tests/interop/diff.py. */
#include "check_testing.h"
#include "nested_parquet.h"

#include "parquet/file.h"
#include "parquet/leaf.h"

/* What is told of two files as text, or as JSON; freed by the caller. */
static char *told_of(struct sk_file *a, struct sk_file *b, bool json, bool *differs)
{
  struct sk_buffer out;
  sk_buffer_init(&out, NULL, SIZE_MAX / 2);
  assert_int_equal(sk_parquet_diff(a, b, json, NULL, &out, differs, NULL), SHUKEI_OK);
  sk_buffer_byte(&out, 0);
  char *const text = strdup((const char *)out.bytes);
  assert_non_null(text);
  sk_buffer_reset(&out);
  return text;
}

static void expect_told(struct sk_file *a, struct sk_file *b, const char *why, const char *want,
                        bool want_differs)
{
  bool differs = !want_differs;
  char *const text = told_of(a, b, false, &differs);
  if (!strstr(text, want) || differs != want_differs)
    fail_msg("%s: %s", why, text);
  free(text);
}

/* A file of one page of plain values. */
static void plain_file(struct tiny *t, const struct tiny_column *column, const void *bytes,
                       size_t length, int32_t count)
{
  tiny_begin(t);
  tiny_page(t, SK_PAGE_DATA, SK_ENCODING_PLAIN, count, bytes, length);
  tiny_end(t, column, count);
  assert_int_equal(tiny_open(t, NULL), SHUKEI_OK);
}

static void knows_which_values_are_the_same(void **state)
{
  (void)state;
  static const struct tiny_column
      real = {.type = SK_TYPE_DOUBLE, .repetition = SK_REQUIRED},
      text = {.type = SK_TYPE_BYTE_ARRAY, .repetition = SK_REQUIRED},
      money = {.type = SK_TYPE_BYTE_ARRAY,
               .repetition = SK_REQUIRED,
               .converted = 6,
               .precision = 9,
               .scale = 2},
      fine = {.type = SK_TYPE_BYTE_ARRAY,
              .repetition = SK_REQUIRED,
              .converted = 6,
              .precision = 9,
              .scale = 3},
      millis = {.type = SK_TYPE_INT64, .repetition = SK_REQUIRED, .logical = 8, .unit = 1},
      micros = {.type = SK_TYPE_INT64, .repetition = SK_REQUIRED, .logical = 8, .unit = 2},
      narrow = {.type = SK_TYPE_INT32, .repetition = SK_REQUIRED},
      wide = {.type = SK_TYPE_INT64, .repetition = SK_REQUIRED};
  static const struct {
    const char *why;
    const struct tiny_column *a_column, *b_column;
    const char *a, *b;
    size_t a_length, b_length;
    const char *want;
    bool differs;
  } cases[] = {
      {"NaNs", &real, &real, "\1\0\0\0\0\0\xf8\x7f", "\2\0\0\0\0\0\xf8\xff", 8, 8,
       "the 1 rows are equal", false},
      {"zeros", &real, &real, "\0\0\0\0\0\0\0\0", "\0\0\0\0\0\0\0\x80", 8, 8,
       "the rows differ, first row 0 in column c", true},
      {"texts of other lengths", &text, &text, "\1\0\0\0a", "\2\0\0\0a\0", 5, 6, "the rows differ",
       true},
      {"decimals of other lengths", &money, &money, "\1\0\0\0\x80", "\2\0\0\0\xff\x80", 5, 6,
       "the 1 rows are equal", false},
      {"other decimals", &money, &money, "\1\0\0\0\x80", "\2\0\0\0\0\x80", 5, 6,
       "  c: 1 differs, the first is row 0: \"-1.28\" | \"1.28\"\n", true},
      {"decimals of other scales", &money, &fine, "\1\0\0\0\x40", "\1\0\0\0\x40", 5, 5,
       "c: 1 differs, the first is row 0: \"0.64\" | \"0.064\"\n", true},
      {"equal decimals of other scales", &money, &fine, "\1\0\0\0\7", "\1\0\0\0\x46", 5, 5,
       "the first is row 0: \"0.07\" | \"0.070\"\n", true},
      {"instants of other units", &millis, &micros, "\x2a\0\0\0\0\0\0\0", "\x2a\0\0\0\0\0\0\0", 8,
       8, "  c: 1 differs, the first is row 0: ", true},
      {"integers of other widths", &narrow, &wide, "\x2a\0\0\0", "\x2a\0\0\0\0\0\0\0", 4, 8,
       "schema\n  c: required INT32 | required INT64\n", true},
      {"integers of other widths", &narrow, &wide, "\x2a\0\0\0", "\x2a\0\0\0\0\0\0\0", 4, 8,
       "the 1 rows are equal in the columns that both have", true},
      {"other integers of other widths", &narrow, &wide, "\x2a\0\0\0", "\x2b\0\0\0\0\0\0\0", 4, 8,
       "  c: 1 differs, the first is row 0: 42 | 43\n", true},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    struct tiny a, b;
    plain_file(&a, cases[i].a_column, cases[i].a, cases[i].a_length, 1);
    plain_file(&b, cases[i].b_column, cases[i].b, cases[i].b_length, 1);
    expect_told(a.file, b.file, cases[i].why, cases[i].want, cases[i].differs);
    tiny_free(&a);
    tiny_free(&b);
  }
}

/* Levels that are broken: there is nothing to look at then, not the entry behind the last one that
 * was read. */
static void looks_at_nothing_where_levels_are_broken(void **state)
{
  (void)state;
  static const struct tiny_column column = {.type = SK_TYPE_INT32, .repetition = SK_OPTIONAL};
  struct sk_leaf leaf = {.at = 0};
  struct tiny t;
  bool there = true, differs = false;
  shukei_error err = {.status = SHUKEI_OK};
  struct sk_buffer out;
  plain_file(&t, &column, "\2\0\0\0\4\5", 6, 2); /* two levels of 5, the highest is 1 */
  leaf.meta = &t.file->meta.columns[0];
  assert_int_equal(sk_column_open_nested(t.file, 0, 0, NULL, &t.budget, &leaf.reader, &err),
                   SHUKEI_OK);
  assert_int_equal(sk_leaf_peek(&leaf, &there, &err), SHUKEI_EFORMAT);
  assert_false(there);
  sk_column_close(leaf.reader);
  sk_buffer_init(&out, NULL, SIZE_MAX / 2);
  assert_int_equal(sk_parquet_diff(t.file, t.file, false, NULL, &out, &differs, &err),
                   SHUKEI_EFORMAT);
  assert_non_null(strstr(err.text, "level 5, the highest is 1"));
  sk_buffer_reset(&out);
  tiny_free(&t);
}

/* Nothing is said to be equal where nothing was compared. */
static void tells_that_no_column_is_in_both(void **state)
{
  (void)state;
  static const struct tiny_column narrow = {.type = SK_TYPE_INT32, .repetition = SK_REQUIRED};
  struct tiny a, b;
  plain_file(&a, &narrow, "\1\0\0\0", 4, 1);
  plain_file(&b, &narrow, "\1\0\0\0\1\0\0\0", 8, 2);
  a.file->meta.columns[0].path = "other";
  expect_told(a.file, b.file, "no column in common",
              "1 rows | 2 rows\nno column of one file can be compared with one of the other\n",
              true);
  tiny_free(&a);
  tiny_free(&b);
}

/* A list that may be empty; every row that differs is counted, whatever number of entries it
 * has. */
static void compares_lists_row_by_row(void **state)
{
  (void)state;
  static const struct {
    const char *a, *b;
    int64_t a_rows, b_rows;
    const char *want;
    bool differs;
  } lists[] = {
      {"01 11|11 00 01", "01 11|11 00 01", 3, 3, "the 3 rows are equal", false},
      {"01 11|11 00 01", "01 11|11 01 01", 3, 3, "row 1: null | ", true},
      {"01 11|11 00 01", "01 11 00 01", 3, 3, "2 differ, the first is row 0: 3 | nothing", true},
      {"01 00 00 01", "01 11|11 00 00 01 11", 4, 4, "2 differ, the first is row 0: nothing | ",
       true},
      {"01 00", "01 00 01", 2, 3, "2 rows | 3 rows\nthe rows that both have are equal", true},
      {"01 11", "00 01", 1, 2, "the rows differ, first row 0 in column l", true},
  };
  for (size_t i = 0; i < SK_COUNT(lists); i++)
    for (int form = 0; form < NESTED_FORMS; form++) {
      struct tiny a, b;
      struct nested_element list = {
          .name = "l", .repetition = SK_REPEATED, .highest = {1, 1}, .entries = lists[i].a};
      assert_int_equal(nested_build(&a, &list, 1, 1, lists[i].a_rows, (enum nested_form)form, NULL),
                       SHUKEI_OK);
      list.entries = lists[i].b;
      assert_int_equal(nested_build(&b, &list, 1, 1, lists[i].b_rows,
                                    (enum nested_form)((form + 1) % NESTED_FORMS), NULL),
                       SHUKEI_OK);
      char why[40];
      snprintf(why, sizeof why, "lists %zu, form %d", i, form);
      expect_told(a.file, b.file, why, lists[i].want, lists[i].differs);
      tiny_free(&a);
      tiny_free(&b);
    }
}

/* DuckDB's arrays of a fixed length have an entry for each place where they are null; others have
 * one. */
static void takes_null_arrays_for_null_lists(void **state)
{
  (void)state;
  static const struct {
    const char *a, *b;
    const char *want;
    bool differs;
  } arrays[] = {
      {"00 10 03 13 00|10 00 10", "00 03 13 00 00", "the 4 rows are equal", false},
      {"00 10 03 13 01 00 10", "00 03 12 01 00", "row 1: 2 | null", true},
      {"00 10 03 13 00 10 10 02", "00 03 13 00 02 12", "row 3: nothing | null", true},
  };
  for (size_t i = 0; i < SK_COUNT(arrays); i++) {
    struct tiny t[2];
    struct nested_element list[] = {
        {.name = "l", .repetition = SK_OPTIONAL, .children = 1, .annotation = NESTED_LIST},
        {.name = "list", .repetition = SK_REPEATED, .children = 1},
        {.name = "element", .repetition = SK_OPTIONAL, .highest = {1, 3}}};
    for (int side = 0; side < 2; side++) {
      list[2].entries = side ? arrays[i].b : arrays[i].a;
      assert_int_equal(nested_build(&t[side], list, 3, 1, 4, NESTED_V2, NULL), SHUKEI_OK);
    }
    expect_told(t[0].file, t[1].file, arrays[i].a, arrays[i].want, arrays[i].differs);
    expect_told(t[1].file, t[0].file, arrays[i].b, "row", arrays[i].differs);
    tiny_free(&t[0]);
    tiny_free(&t[1]);
  }
}

static void tells_what_the_footers_tell(void **state)
{
  (void)state;
  struct checked a, b;
  setup(&a);
  setup(&b);
  struct sk_meta *const meta = &b.file->meta;
  struct sk_chunk_meta *const chunk = &meta->groups[1].chunks[1];
  const uint32_t own_keys = meta->key_value_count;
  struct sk_key_value *const own = meta->key_values;
  struct sk_key_value keys[3] = {own[0], {"k", "v\x1b"}, {"other", NULL}};
  assert_int_equal(own_keys, 1);
  expect_told(a.file, b.file, "twins", "b  c.parquet\nthe 3000 rows are equal\n", false);
  meta->key_values = keys;
  meta->key_value_count = 3;
  expect_told(a.file, b.file, "keys", "metadata\n  k: nothing | v?\n", false);
  expect_told(b.file, a.file, "a key without value", "  other:  | nothing\n", false);
  meta->key_values = own;
  meta->key_value_count = own_keys;
  meta->created_by = NULL;
  expect_told(a.file, b.file, "no writer", "file\n  created by: shukei", false);
  meta->created_by = a.file->meta.created_by;
  chunk->statistics.null_count = -1;
  expect_told(a.file, b.file, "no null count", "columns\n  d, nulls: 300 | nothing\n", false);
  chunk->statistics.null_count = 100;
  chunk->bloom_filter_offset = 4;
  expect_told(a.file, b.file, "a Bloom filter", "  d, Bloom filter: no | of some row groups\n",
              false);
  chunk->bloom_filter_offset = -1;
  chunk->statistics.max_value = NULL;
  expect_told(a.file, b.file, "no greatest",
              "columns\n  d, max: 354.875 | nothing\nthe 3000 rows are equal", false);
  chunk->statistics = a.file->meta.groups[1].chunks[1].statistics;
  chunk->statistics.min_value = NULL;
  expect_told(a.file, b.file, "no least", "columns\n  d, min: -20.0 | nothing\nthe 3000", false);
  chunk->statistics = a.file->meta.groups[1].chunks[1].statistics;
  meta->groups[0].chunks[1].statistics.null_count = -1;
  expect_told(a.file, b.file, "no null count of the first row group",
              "columns\n  d, nulls: 300 | nothing\nthe 3000", false);
  meta->groups[0].chunks[1].statistics.null_count =
      a.file->meta.groups[0].chunks[1].statistics.null_count;
  meta->groups[1].row_count = 0;
  expect_told(a.file, b.file, "a row group without rows", "  d, values: 3000 | 2000\n", true);
  expect_told(b.file, a.file, "a row group without rows",
              "2000 rows | 3000 rows\nthe rows that both have are equal\n", true);
  meta->groups[1].row_count = 1000;
  meta->columns[1].path = "e";
  expect_told(a.file, b.file, "another name",
              "schema\n  d: optional DOUBLE | nothing\n  e: nothing | optional DOUBLE\n", true);
  meta->columns[1].path = "d";
  expect_told(a.file, b.file, "all put right", "b  c.parquet\nthe 3000 rows are equal\n", false);
  teardown(&a);
  teardown(&b);
}

/* An optional list of lists: the same values, cut in another way, and what is not there in other
 * ways. */
static void tells_levels_apart(void **state)
{
  (void)state;
  static const struct {
    const char *a, *b;
    bool differs;
  } lists[] = {
      {"03 23 13", "03 23 13", false},
      {"03 23 13", "03 13 23", true},
      {"00 03", "01 03", true},
      {"02 03", "01 03", true},
  };
  for (size_t i = 0; i < SK_COUNT(lists); i++) {
    struct tiny a, b;
    struct nested_element elements[] = {
        {.name = "o", .repetition = SK_OPTIONAL, .children = 1},
        {.name = "p", .repetition = SK_REPEATED, .children = 1},
        {.name = "q", .repetition = SK_REPEATED, .highest = {2, 3}, .entries = lists[i].a}};
    const int64_t rows = i < 2 ? 1 : 2;
    assert_int_equal(nested_build(&a, elements, 3, 1, rows, NESTED_RLE, NULL), SHUKEI_OK);
    elements[2].entries = lists[i].b;
    assert_int_equal(nested_build(&b, elements, 3, 1, rows, NESTED_RLE, NULL), SHUKEI_OK);
    expect_told(a.file, b.file, lists[i].b,
                lists[i].differs ? "o.p.q: 1 differs, the first is row 0" : "rows are equal",
                lists[i].differs);
    tiny_free(&a);
    tiny_free(&b);
  }
}

/* The first row that differs in any column, whichever of them comes first. */
static void names_the_first_row_of_all_columns(void **state)
{
  (void)state;
  struct checked a, b;
  setup(&a);
  setup_nulls(&b, 5);
  expect_told(a.file, b.file, "texts differ at the end, numbers at the beginning",
              "  t: 1 differs, the first is row 2999: \"b29\" | \"b1\"\n"
              "  d: 4 differ, the first is row 0: -20.0 | null\n"
              "the rows differ, first row 0 in column d\n",
              true);
  teardown(&a);
  teardown(&b);
}

static void write_three(struct sink *out, const char *const names[3])
{
  static const int64_t word = 1;
  struct sk_write_column columns[3];
  struct sk_write_values values[3];
  struct sk_writer_options options;
  struct sk_writer *writer = NULL;
  for (int i = 0; i < 3; i++) {
    columns[i] = (struct sk_write_column){names[i], SK_WRITE_INT64, true};
    values[i] = (struct sk_write_values){.integers = &word};
  }
  sk_writer_options_init(&options);
  sink_init(out);
  assert_int_equal(sk_writer_open(&out->output, columns, 3, &options, NULL, &writer, NULL),
                   SHUKEI_OK);
  assert_int_equal(sk_writer_add(writer, 1, values, NULL), SHUKEI_OK);
  assert_int_equal(sk_writer_finish(writer, NULL), SHUKEI_OK);
  sk_writer_close(writer);
}

static void tells_that_columns_have_another_order(void **state)
{
  (void)state;
  static const char *const orders[][3] = {{"x", "y", "z"}, {"y", "z", "x"}, {"x", "z", "y"}};
  for (size_t i = 0; i < SK_COUNT(orders); i++) {
    struct sink out[2];
    struct sk_object *objects[2];
    struct sk_file *files[2];
    for (int side = 0; side < 2; side++) {
      write_three(&out[side], orders[side ? i : 0]);
      assert_int_equal(sk_object_from_bytes("o.parquet", out[side].bytes, out[side].length,
                                            &objects[side], NULL),
                       SHUKEI_OK);
      assert_int_equal(sk_file_open(objects[side], NULL, &files[side], NULL), SHUKEI_OK);
    }
    for (int turned = 0; turned < 2; turned++)
      expect_told(files[turned], files[!turned], "three columns",
                  i ? "schema\n  order of the columns: its own | another\n" : "rows are equal\n",
                  false);
    for (int side = 0; side < 2; side++) {
      sk_file_close(files[side]);
      sk_object_close(objects[side]);
      free(out[side].bytes);
    }
  }
}

#define GROUPS 24

/* A file of so many rows in each of its row groups. */
static struct sk_file *write_groups(struct sink *out, uint64_t rows, struct sk_object **object)
{
  static const struct sk_write_column column = {"x", SK_WRITE_INT64, true};
  static const int64_t words[2 * GROUPS] = {0};
  const struct sk_write_values values = {.integers = words};
  struct sk_writer_options options;
  struct sk_writer *writer = NULL;
  struct sk_file *file = NULL;
  sk_writer_options_init(&options);
  options.group_rows = rows;
  sink_init(out);
  assert_int_equal(sk_writer_open(&out->output, &column, 1, &options, NULL, &writer, NULL),
                   SHUKEI_OK);
  assert_int_equal(sk_writer_add(writer, rows * GROUPS, &values, NULL), SHUKEI_OK);
  assert_int_equal(sk_writer_finish(writer, NULL), SHUKEI_OK);
  sk_writer_close(writer);
  assert_int_equal(sk_object_from_bytes("g.parquet", out->bytes, out->length, object, NULL),
                   SHUKEI_OK);
  assert_int_equal(sk_file_open(*object, NULL, &file, NULL), SHUKEI_OK);
  assert_int_equal(file->meta.group_count, GROUPS);
  return file;
}

/* Of row groups that have other numbers of rows the first twenty are shown. */
static void shows_twenty_row_groups(void **state)
{
  (void)state;
  struct sink out[2];
  struct sk_object *objects[2];
  struct sk_file *const a = write_groups(&out[0], 1, &objects[0]);
  struct sk_file *const b = write_groups(&out[1], 2, &objects[1]);
  bool differs;
  char *const text = told_of(a, b, false, &differs);
  assert_non_null(strstr(text, "\nrow groups\n  0, rows: 1 | 2\n"));
  assert_non_null(strstr(text, "\n  19, rows: 1 | 2\n"));
  assert_null(strstr(text, "\n  20, rows: 1 | 2\n"));
  free(text);
  for (int side = 0; side < 2; side++) {
    sk_file_close(side ? b : a);
    sk_object_close(objects[side]);
    free(out[side].bytes);
  }
}

static shukei_status diff_with_itself(struct checked *c, int n, struct sk_buffer *text)
{
  bool differs = false;
  return sk_parquet_diff(c->file, c->file, n % 2 != 0, &c->budget, text, &differs, NULL);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  fail_each_allocation(diff_with_itself);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(knows_which_values_are_the_same),
      cmocka_unit_test(looks_at_nothing_where_levels_are_broken),
      cmocka_unit_test(tells_that_no_column_is_in_both),
      cmocka_unit_test(compares_lists_row_by_row),
      cmocka_unit_test(tells_levels_apart),
      cmocka_unit_test(names_the_first_row_of_all_columns),
      cmocka_unit_test(tells_that_columns_have_another_order),
      cmocka_unit_test(takes_null_arrays_for_null_lists),
      cmocka_unit_test(tells_what_the_footers_tell),
      cmocka_unit_test(shows_twenty_row_groups),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
