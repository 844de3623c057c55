/* SPDX-License-Identifier: Apache-2.0 */
/* Selections and nested columns of shukei/parquet.h: the rows found are those that looking at all
 * of them finds, and nothing goes on after a failure. What is skipped is tested in test_select.c,
 * JSON in test_nested.c. */
#include "api_testing.h"
#include "nested_parquet.h"

static struct made made;

/* Marks the rows of the whole file that the selection finds. */
static void find_all(shukei_parquet_file *file, const shukei_condition *conditions, size_t count,
                     uint64_t *random, uint8_t *found)
{
  shukei_parquet_selection *selection = NULL;
  memset(found, 0, ROWS);
  assert_int_equal(shukei_parquet_selection_open(file, conditions, count, &selection, NULL),
                   SHUKEI_OK);
  for (size_t group = 3; group-- > 0;) { /* in any order */
    shukei_parquet_selected some = {.rows = 1};
    bool any = true;
    assert_int_equal(shukei_parquet_selection_group(selection, group, &any, NULL), SHUKEI_OK);
    while (some.rows) {
      assert_int_equal(
          shukei_parquet_selection_next(selection, 1 + random_below(random, 300), &some, NULL),
          SHUKEI_OK);
      assert_true(any || !some.rows);
      assert_true(!some.rows || (some.match[0] && some.match[some.rows - 1]));
      for (size_t i = 0; i < some.rows; i++)
        found[group * 1000 + (size_t)some.first + i] = some.match[i];
    }
  }
  shukei_cat_stats counts;
  shukei_parquet_selection_counts(selection, &counts);
  assert_true(counts.row_groups == 3 && counts.rows_written == 0);
  shukei_parquet_selection_close(selection);
}

static void finds_the_rows_that_meet_conditions(void **state)
{
  (void)state;
  static uint8_t found[ROWS];
  uint64_t random = 11;
  size_t hits = 0;
  made_begin(&made);
  shukei_parquet_file *file = made_open(&made);
  for (int round = 0; round < 60; round++) {
    const size_t a = random_below(&random, ROWS), b = random_below(&random, ROWS);
    char number[32], text[2][16];
    snprintf(number, sizeof number, "%.17g", made.doubles[b]);
    for (int i = 0; i < 2; i++) {
      const shukei_parquet_text *const t = &made.texts[i ? b : a];
      memcpy(text[i], t->bytes, t->length);
      text[i][t->length] = '\0';
    }
    const shukei_condition conditions[] = {
        {"TEXT", text[0]}, {"text", text[1]}, {"double", number}};
    const size_t count = 1 + random_below(&random, 3);
    find_all(file, conditions, count, &random, found);
    for (size_t row = 0; row < ROWS; row++) {
      const shukei_parquet_text *const t = &made.texts[row];
      bool want = false;
      for (size_t i = 0; i < count && i < 2; i++)
        want = want || (made.valid[0][row] && t->length == strlen(text[i]) &&
                        memcmp(t->bytes, text[i], t->length) == 0);
      want = want && (count < 3 || (made.valid[1][row] && made.doubles[row] == made.doubles[b]));
      if (found[row] != want)
        fail_msg("round %d, row %zu: %d", round, row, found[row]);
      hits += want;
    }
  }
  assert_true(hits > 100);
  shukei_parquet_close(file);
  made_end(&made);
}

static void refuses_what_cannot_be(void **state)
{
  (void)state;
  shukei_error err;
  shukei_parquet_selection *selection = NULL;
  shukei_parquet_nested *nested = NULL;
  shukei_parquet_selected some;
  const shukei_condition none = {"nothing", "x"}, day = {"date", "yesterday"}, good = {"text", "x"};
  const shukei_condition halves[] = {{NULL, "x"}, {"text", NULL}, {NULL, NULL}};
  bool any = true;
  made_begin(&made);
  shukei_parquet_file *file = made_open(&made);
  assert_int_equal(shukei_parquet_selection_open(file, NULL, 0, &selection, &err), SHUKEI_EINVAL);
  assert_int_equal(shukei_parquet_selection_open(file, &none, 1, &selection, &err), SHUKEI_EINVAL);
  assert_int_equal(shukei_parquet_selection_open(file, &day, 1, &selection, &err), SHUKEI_EINVAL);
  for (size_t i = 0; i < SK_COUNT(halves); i++) {
    assert_int_equal(shukei_parquet_selection_open(file, &halves[i], 1, &selection, &err),
                     SHUKEI_EINVAL);
    assert_non_null(strstr(err.text, "without a column or a value"));
  }
  assert_null(selection);
  assert_int_equal(shukei_parquet_selection_open(file, &good, 1, &selection, &err), SHUKEI_OK);
  assert_int_equal(shukei_parquet_selection_next(selection, 9, &some, &err), SHUKEI_OK);
  assert_int_equal(some.rows, 0); /* no row group yet */
  assert_int_equal(shukei_parquet_selection_next(selection, 0, &some, &err), SHUKEI_EINVAL);
  assert_int_equal(shukei_parquet_selection_group(selection, 3, &any, &err), SHUKEI_EINVAL);
  assert_false(any);
  assert_int_equal(shukei_parquet_selection_group(selection, 2, &any, &err), SHUKEI_OK);
  shukei_parquet_selection_close(selection);
  shukei_parquet_selection_close(NULL);
  assert_int_equal(shukei_parquet_nested_open(file, 0, "nothing", &nested, &err), SHUKEI_EINVAL);
  assert_int_equal(shukei_parquet_nested_open(file, 0, NULL, &nested, &err), SHUKEI_EINVAL);
  assert_int_equal(shukei_parquet_nested_open(file, 3, "text", &nested, &err), SHUKEI_EINVAL);
  assert_null(nested);
  shukei_parquet_nested_close(NULL);
  shukei_parquet_close(file);
  made_end(&made);
}

static void reads_any_field_as_json(void **state)
{
  (void)state;
  static shukei_parquet_text texts[ROWS];
  char want[40];
  size_t rows = 1, row = 1000;
  shukei_parquet_nested *nested = NULL;
  made_begin(&made);
  shukei_parquet_file *file = made_open(&made);
  assert_int_equal(shukei_parquet_nested_open(file, 1, "Text", &nested, NULL), SHUKEI_OK);
  while (rows) {
    assert_int_equal(shukei_parquet_read_json(nested, 300, texts, &rows, NULL), SHUKEI_OK);
    for (size_t i = 0; i < rows; i++, row++) {
      const shukei_parquet_text *const t = &made.texts[row];
      const int length = snprintf(want, sizeof want, "\"%.*s\"", (int)t->length, t->bytes);
      assert_int_equal(texts[i].bytes != NULL, made.valid[0][row]);
      if (texts[i].bytes) {
        assert_int_equal(texts[i].length, length);
        assert_memory_equal(texts[i].bytes, want, (size_t)length);
      }
    }
  }
  assert_int_equal(row, 2000);
  shukei_parquet_nested_close(nested);
  shukei_parquet_close(file);
  made_end(&made);
}

/* The pages of a list, of which the last page lacks a row. */
static void ends_where_a_list_is_broken(void **state)
{
  (void)state;
  static const struct {
    const char *entries;
    int64_t rows;
    shukei_status want;
  } lists[] = {{"01 11|11 00 01", 3, SHUKEI_OK}, {"01 11|11 00 01", 2, SHUKEI_EFORMAT}};
  for (size_t i = 0; i < SK_COUNT(lists); i++) {
    const struct nested_element list = {
        .name = "l", .repetition = SK_REPEATED, .highest = {1, 1}, .entries = lists[i].entries};
    struct tiny t;
    shukei_parquet_file *file = NULL;
    shukei_parquet_nested *nested = NULL;
    shukei_parquet_text texts[8];
    size_t rows = 9;
    assert_int_equal(nested_build(&t, &list, 1, 1, lists[i].rows, NESTED_RLE, NULL), SHUKEI_OK);
    assert_int_equal(
        shukei_parquet_open_memory("l", t.out.bytes, t.out.length, 1 << 20, &file, NULL),
        SHUKEI_OK);
    assert_int_equal(shukei_parquet_nested_open(file, 0, "l", &nested, NULL), SHUKEI_OK);
    assert_int_equal(shukei_parquet_read_json(nested, 8, texts, &rows, NULL), lists[i].want);
    assert_int_equal(rows, lists[i].want ? 0 : 3);
    if (rows) {
      assert_true(texts[0].length == 7 && memcmp(texts[0].bytes, "[1,2,3]", 7) == 0);
      assert_true(texts[1].length == 2 && memcmp(texts[1].bytes, "[]", 2) == 0);
      assert_true(texts[2].length == 3 && memcmp(texts[2].bytes, "[4]", 3) == 0);
    } else {
      assert_int_equal(shukei_parquet_read_json(nested, 8, texts, &rows, NULL), SHUKEI_EINVAL);
    }
    shukei_parquet_nested_close(nested);
    shukei_parquet_close(file);
    tiny_free(&t);
  }
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  const shukei_condition condition = {"text", "0004"};
  bool failed = true;
  int refused = 0;
  made_begin(&made);
  shukei_parquet_file *file = made_open(&made);
  for (int n = 0; failed; n++) {
    shukei_parquet_selection *selection = NULL;
    shukei_parquet_nested *nested = NULL;
    shukei_parquet_selected some = {.rows = 1};
    shukei_parquet_text texts[50];
    size_t rows = 0;
    bool any = false;
    const uint64_t held = file->budget.used_bytes;
    sk_test_fail_alloc(n);
    shukei_status st = shukei_parquet_selection_open(file, &condition, 1, &selection, NULL);
    if (!st)
      st = shukei_parquet_selection_group(selection, 0, &any, NULL);
    while (!st && some.rows)
      st = shukei_parquet_selection_next(selection, 99, &some, NULL);
    if (!st)
      st = shukei_parquet_nested_open(file, 0, "text", &nested, NULL);
    if (!st)
      st = shukei_parquet_read_json(nested, 50, texts, &rows, NULL);
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    assert_true(st == SHUKEI_OK || (st == SHUKEI_ENOMEM && failed));
    refused += st != SHUKEI_OK;
    shukei_parquet_selection_close(selection);
    shukei_parquet_nested_close(nested);
    assert_int_equal(file->budget.used_bytes, held);
  }
  assert_true(refused > 10);
  shukei_parquet_close(file);
  made_end(&made);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_the_rows_that_meet_conditions),
      cmocka_unit_test(refuses_what_cannot_be),
      cmocka_unit_test(reads_any_field_as_json),
      cmocka_unit_test(ends_where_a_list_is_broken),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
