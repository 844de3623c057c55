/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing rows: values that are no numbers, many rows of one content, being stopped. */
#include "testing.h"

#include "validate/compare.h"

#include <math.h>
#include <time.h>

#define IDLE_ROWS 200000
#define SECONDS_MOST 20 /* of processor time; row by row against all the others it takes minutes */

static shukei_validate_options options = {.tolerance = 1e-9};

static shukei_status go_on(void *context, uint64_t rows, uint64_t bytes, shukei_error *err)
{
  (void)rows;
  (void)bytes;
  (void)err;
  ++*(int *)context;
  return SHUKEI_OK;
}

static shukei_status stop(void *context, uint64_t rows, uint64_t bytes, shukei_error *err)
{
  (void)context;
  (void)rows;
  (void)bytes;
  return sk_fail(err, SHUKEI_ECANCELED, "stopped");
}

/* A pod that used nothing, number `n` of its node. */
static struct sk_check_row idle(uint32_t n, uint32_t namespace)
{
  struct sk_check_row row;
  memset(&row, 0, sizeof row);
  row.key = (struct sk_row_key){
      .day = 20000, .sort = SK_ROW_POD, .namespace = namespace, .node = n, .labels = SK_NO_LABELS};
  row.all_labels = SK_NO_LABELS;
  row.known = SK_POD_MEASURES;
  row.measures[SK_M_node_capacity_cpu_cores] = 4;
  return row;
}

static void fill(struct sk_check_rows *rows, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++) {
    struct sk_check_row *const row = sk_check_rows_add(rows);
    assert_non_null(row);
    *row = idle(i, 1);
  }
}

static struct sk_check_names names;

static void begin(struct sk_compare *compare, const struct sk_validate_request *request,
                  uint32_t count)
{
  struct sk_check_rows expected = {.count = 0};
  fill(&expected, count);
  assert_true(sk_compare_init(compare, request, &names, &expected, NULL));
}

static void infinity_equals_itself_alone(void **state)
{
  const struct sk_compare compare = {.tolerance = 1e-9};
  (void)state;
  assert_true(sk_compare_same(&compare, 1, 1 + 1e-10, 0));
  assert_true(sk_compare_same(&compare, INFINITY, INFINITY, 0));
  assert_false(sk_compare_same(&compare, 1, INFINITY, 0));
  assert_false(sk_compare_same(&compare, -INFINITY, INFINITY, 0));
  assert_false(sk_compare_same(&compare, NAN, 1, 0));
  assert_false(sk_compare_same(&compare, NAN, INFINITY, 0));
}

/* What makes a row of the sink the one that is expected. */
static void knows_rows_that_agree(void **state)
{
  static const struct {
    const char *why;
    double measure;
    uint32_t known, resource_id, handle;
    uint8_t unlike;
    int64_t category;
    bool has_category, lacks_handle, agrees;
  } cases[] = {
      {"the same", 0, SK_POD_MEASURES, 0, 5, 0, 7, true, false, true},
      {"a digit that no sink keeps", 1e-13, SK_POD_MEASURES, 0, 5, 0, 7, true, false, true},
      {"another measure", 1e-11, SK_POD_MEASURES, 0, 5, 0, 7, true, false, false},
      {"a null", 0, SK_POD_MEASURES & ~1u, 0, 5, 0, 7, true, false, false},
      {"another resource id", 0, SK_POD_MEASURES, 3, 5, 0, 7, true, false, false},
      {"another category", 0, SK_POD_MEASURES, 0, 5, 0, 8, true, false, false},
      {"no category", 0, SK_POD_MEASURES, 0, 5, 0, 7, false, false, false},
      {"another end", 0, SK_POD_MEASURES, 0, 5, SK_UNLIKE_END, 7, true, false, false},
      {"no handle", 0, SK_POD_MEASURES, 0, 0, 0, 7, true, false, false},
      {"no handle in the whole table", 0, SK_POD_MEASURES, 0, 0, 0, 7, true, true, true},
  };
  int asked = 0;
  const struct sk_validate_request request = {
      .options = &options, .check = go_on, .context = &asked};
  (void)state;
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    struct sk_check_rows expected = {.count = 0};
    struct sk_compare compare;
    fill(&expected, 1);
    struct sk_check_row *const row = &expected.rows[0];
    row->key.handle = 5;
    row->has_category = true;
    row->category = 7;
    struct sk_check_row found = *row;
    found.measures[0] = cases[i].measure;
    found.known = cases[i].known;
    found.resource_id = cases[i].resource_id;
    found.key.handle = cases[i].handle;
    found.unlike = cases[i].unlike;
    found.has_category = cases[i].has_category;
    found.category = cases[i].category;
    assert_true(sk_compare_init(&compare, &request, &names, &expected, NULL));
    compare.lacks_handle = cases[i].lacks_handle;
    assert_true(sk_compare_take(&compare, &found));
    assert_true(sk_compare_take(&compare, &found)); /* the second one is too many */
    if (compare.odd.count != (cases[i].agrees ? 1 : 2))
      fail_msg("%s: %u", cases[i].why, (unsigned)compare.odd.count);
    sk_compare_reset(&compare);
  }
  const struct sk_row_key a = {.resource_id = 1}, b = {.resource_id = 2, .volume = 1};
  assert_int_equal(sk_keys_differ(&a, &b), 2);
}

static void tells_the_days_of_missing_rows(void **state)
{
  static const int32_t days[] = {20001, 20003, 20000, 20002};
  int asked = 0;
  const struct sk_validate_request request = {
      .options = &options, .check = go_on, .context = &asked};
  struct sk_check_rows expected = {.count = 0};
  struct sk_compare compare;
  struct sk_missing missing;
  shukei_error err;
  (void)state;
  fill(&expected, SK_COUNT(days));
  for (size_t i = 0; i < SK_COUNT(days); i++)
    expected.rows[i].key.day = days[i];
  assert_true(sk_compare_init(&compare, &request, &names, &expected, NULL));
  assert_int_equal(sk_compare_pair(&compare, &err), SHUKEI_OK);
  assert_true(sk_compare_misses(&compare, &missing));
  assert_true(missing.first_day == 20000 && missing.last_day == 20003 && missing.whole_day);
  sk_compare_reset(&compare);
}

/* Every row is there under another namespace, all have one content. */
static void many_rows_of_one_content(void **state)
{
  int asked = 0;
  const struct sk_validate_request request = {
      .options = &options, .check = go_on, .context = &asked};
  struct sk_compare compare;
  struct sk_missing missing;
  shukei_error err;
  const clock_t start = clock();
  (void)state;
  begin(&compare, &request, IDLE_ROWS);
  for (uint32_t i = 0; i < IDLE_ROWS; i++) {
    const struct sk_check_row row = idle(IDLE_ROWS - 1 - i, 2);
    assert_true(sk_compare_take(&compare, &row));
  }
  assert_int_equal(sk_compare_pair(&compare, &err), SHUKEI_OK);
  sk_compare_misses(&compare, &missing);
  for (uint32_t i = 0; i < IDLE_ROWS; i++) {
    const struct sk_check_row row = idle(i, 3);
    sk_compare_look(&compare, &row, i % 2);
  }
  assert_int_equal(sk_compare_judge(&compare, &err), SHUKEI_OK);
  assert_true((double)(clock() - start) / CLOCKS_PER_SEC < SECONDS_MOST);
  assert_true(asked > 4 * (IDLE_ROWS / 4096));
  sk_compare_reset(&compare);
}

/* A row that is missing is there with another source; what other days have does not explain it. */
static void missing_rows_are_looked_for(void **state)
{
  int asked = 0;
  const struct sk_validate_request request = {
      .options = &options, .check = go_on, .context = &asked};
  struct sk_compare compare;
  struct sk_missing missing;
  shukei_error err;
  (void)state;
  begin(&compare, &request, 3);
  struct sk_check_row row = idle(0, 1);
  assert_true(sk_compare_take(&compare, &row));
  row = idle(50, 2); /* that nobody expects: of the other source, too */
  row.measures[0] = 3;
  assert_true(sk_compare_take(&compare, &row));
  assert_int_equal(sk_compare_pair(&compare, &err), SHUKEI_OK);
  assert_true(sk_compare_misses(&compare, &missing));
  assert_int_equal(missing.first_day, 20000);
  assert_int_equal(missing.last_day, 20000);
  assert_false(missing.whole_day);
  row = idle(1, 1);
  row.key.day++;
  sk_compare_look(&compare, &row, true);
  row = idle(2, 1);
  row.source = 7;
  sk_compare_look(&compare, &row, false);
  row.source = 8; /* the first one counts */
  sk_compare_look(&compare, &row, false);
  assert_int_equal(sk_compare_judge(&compare, &err), SHUKEI_OK);
  assert_int_equal(compare.events[SHUKEI_CAUSE_SOURCE_SWAPPED], 2);
  assert_int_equal(compare.events[SHUKEI_CAUSE_ROW_LOST], 1);
  assert_true(compare.other_source);
  assert_int_equal(compare.other_name, 7);
  sk_compare_reset(&compare);
}

/* The row of the same key goes before others of the same content. */
static void its_own_key_comes_first(void **state)
{
  int asked = 0;
  const struct sk_validate_request request = {
      .options = &options, .check = go_on, .context = &asked};
  struct sk_compare compare;
  shukei_error err;
  (void)state;
  begin(&compare, &request, 1000);
  struct sk_check_row row = idle(0, 1);
  row.unlike = SK_UNLIKE_USAGE_COST;
  assert_true(sk_compare_take(&compare, &row));
  assert_int_equal(sk_compare_pair(&compare, &err), SHUKEI_OK);
  assert_int_equal(compare.mate[0], 1);
  sk_compare_reset(&compare);
}

/* A second row of a key has no mate: the first one has it. */
static void each_expected_row_has_one_mate(void **state)
{
  int asked = 0;
  const struct sk_validate_request request = {
      .options = &options, .check = go_on, .context = &asked};
  (void)state;
  for (int equal = 0; equal < 2; equal++) {
    struct sk_compare compare;
    shukei_error err;
    begin(&compare, &request, 1);
    struct sk_check_row row = idle(0, 1);
    row.measures[0] = equal ? 0 : 5;
    assert_true(sk_compare_take(&compare, &row));
    row.measures[0] = equal ? 0 : 6;
    assert_true(sk_compare_take(&compare, &row));
    assert_int_equal(sk_compare_pair(&compare, &err), SHUKEI_OK);
    assert_int_equal(compare.odd.count, equal ? 1 : 2);
    assert_int_equal(compare.mate[0], equal ? SK_MATE_ITSELF : 1);
    assert_int_equal(compare.odd_mate[0], equal ? 0 : 1);
    assert_int_equal(compare.odd_mate[compare.odd.count - 1], 0);
    assert_int_equal(sk_compare_judge(&compare, &err), SHUKEI_OK);
    assert_int_equal(compare.events[SHUKEI_CAUSE_ROWS_TWICE], equal ? 1 : 0);
    assert_int_equal(compare.events[SHUKEI_CAUSE_OTHER_RUN], equal ? 0 : 1);
    sk_compare_reset(&compare);
  }
}

/* A missing day's rows are looked for a month before and behind it. */
static void missing_days_are_looked_for_around(void **state)
{
  static const struct {
    int32_t by;
    uint32_t times;
    bool other_day_is_there; /* then it is no day that is missing as a whole */
    shukei_cause cause;
  } rows[] = {{1, 1, false, SHUKEI_CAUSE_DAY_SHIFTED},  {-1, 1, false, SHUKEI_CAUSE_DAY_SHIFTED},
              {31, 1, false, SHUKEI_CAUSE_DAY_SHIFTED}, {-31, 1, false, SHUKEI_CAUSE_DAY_SHIFTED},
              {32, 1, false, SHUKEI_CAUSE_DAY_MISSING}, {-32, 1, false, SHUKEI_CAUSE_DAY_MISSING},
              {0, 1, false, SHUKEI_CAUSE_DAY_MISSING},  {1, 2, false, SHUKEI_CAUSE_DAY_SHIFTED},
              {1, 1, true, SHUKEI_CAUSE_ROW_LOST}};
  int asked = 0;
  const struct sk_validate_request request = {
      .options = &options, .check = go_on, .context = &asked};
  (void)state;
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct sk_compare compare;
    struct sk_missing missing;
    shukei_error err;
    begin(&compare, &request, 2);
    struct sk_check_row row = idle(1, 1);
    if (rows[i].other_day_is_there)
      assert_true(sk_compare_take(&compare, &row));
    assert_int_equal(sk_compare_pair(&compare, &err), SHUKEI_OK);
    assert_true(sk_compare_misses(&compare, &missing));
    assert_int_equal(missing.whole_day, !rows[i].other_day_is_there);
    row = idle(0, 1);
    row.key.day += rows[i].by;
    for (uint32_t n = 0; n < rows[i].times; n++)
      sk_compare_look(&compare, &row, true);
    row.measures[0] = 1; /* another row */
    sk_compare_look(&compare, &row, true);
    assert_int_equal(sk_compare_judge(&compare, &err), SHUKEI_OK);
    if (compare.events[rows[i].cause] < 1 ||
        (rows[i].cause == SHUKEI_CAUSE_DAY_SHIFTED && compare.events[rows[i].cause] != 1))
      fail_msg("row %zu", i);
    sk_compare_reset(&compare);
  }
}

/* Rows of pods that did something are one where two parts of their keys differ, those of idle ones
 * where one does. */
static void likeness_depends_on_what_rows_say(void **state)
{
  int asked = 0;
  const struct sk_validate_request request = {
      .options = &options, .check = go_on, .context = &asked};
  (void)state;
  for (int busy = 0; busy < 2; busy++)
    for (int parts = 1; parts <= 3; parts++) {
      struct sk_check_rows expected = {.count = 0};
      struct sk_compare compare;
      shukei_error err;
      fill(&expected, 1);
      expected.rows[0].measures[0] = busy ? 5 : 0;
      struct sk_check_row row = expected.rows[0];
      row.key.node = 9;
      row.key.namespace = parts > 1 ? 2 : row.key.namespace;
      row.key.day += parts > 2;
      assert_true(sk_compare_init(&compare, &request, &names, &expected, NULL));
      assert_true(sk_compare_take(&compare, &row));
      assert_int_equal(sk_compare_pair(&compare, &err), SHUKEI_OK);
      assert_int_equal(compare.mate[0], parts <= (busy ? 2 : 1) ? 1 : SK_MATE_NONE);
      sk_compare_reset(&compare);
    }
}

static void can_be_stopped(void **state)
{
  const struct sk_validate_request request = {.options = &options, .check = stop};
  struct sk_compare compare;
  shukei_error err;
  (void)state;
  begin(&compare, &request, 1);
  assert_int_equal(sk_compare_pair(&compare, &err), SHUKEI_ECANCELED);
  assert_int_equal(sk_compare_judge(&compare, &err), SHUKEI_ECANCELED);
  sk_compare_reset(&compare);
}

static int make_names(void **state)
{
  (void)state;
  const bool ok = sk_intern_init(&names.texts, NULL);
  return ok && sk_label_sets_init(&names.labels, NULL, 0, NULL) ? 0 : -1;
}

static int drop_names(void **state)
{
  (void)state;
  sk_label_sets_reset(&names.labels);
  sk_intern_reset(&names.texts);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(infinity_equals_itself_alone),
                                     cmocka_unit_test(knows_rows_that_agree),
                                     cmocka_unit_test(tells_the_days_of_missing_rows),
                                     cmocka_unit_test(many_rows_of_one_content),
                                     cmocka_unit_test(missing_rows_are_looked_for),
                                     cmocka_unit_test(its_own_key_comes_first),
                                     cmocka_unit_test(likeness_depends_on_what_rows_say),
                                     cmocka_unit_test(each_expected_row_has_one_mate),
                                     cmocka_unit_test(missing_days_are_looked_for_around),
                                     cmocka_unit_test(can_be_stopped)};
  return cmocka_run_group_tests(tests, make_names, drop_names);
}
