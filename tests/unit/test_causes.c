/* SPDX-License-Identifier: Apache-2.0 */
/* What a pair of rows is said to differ by. */
#include "testing.h"

#include "validate/compare.h"

enum { USAGE, OTHER = SK_M_pod_limit_cpu_core_hours };
#define CAPACITY SK_M_node_capacity_cpu_cores

static struct sk_check_names names;
static shukei_validate_options options = {.tolerance = 1e-9};

static shukei_status go_on(void *context, uint64_t rows, uint64_t bytes, shukei_error *err)
{
  (void)context, (void)rows, (void)bytes, (void)err;
  return SHUKEI_OK;
}

static int set_up(void **state)
{
  (void)state;
  return sk_label_sets_init(&names.labels, NULL, 0, NULL) ? 0 : -1;
}

static int tear_down(void **state)
{
  (void)state;
  sk_label_sets_reset(&names.labels);
  return 0;
}

static struct sk_check_row row_of(enum sk_row_sort sort, const double *measures, int count)
{
  struct sk_check_row row;
  memset(&row, 0, sizeof row);
  row.key = (struct sk_row_key){
      .day = 20000, .sort = sort, .namespace = 1, .node = 1, .labels = SK_NO_LABELS};
  row.all_labels = SK_NO_LABELS;
  row.known = SK_POD_MEASURES;
  for (int i = 0; i < count; i++)
    row.measures[i] = measures[i];
  return row;
}

/* The cause of the one difference; COUNT: there are several, or none. */
static shukei_cause cause_of(const struct sk_check_row *expected, const struct sk_check_row *found)
{
  const struct sk_validate_request request = {.options = &options, .check = go_on};
  struct sk_check_rows rows = {.count = 0};
  struct sk_compare compare;
  shukei_error err;
  shukei_cause cause = SHUKEI_CAUSE_COUNT;
  uint64_t events = 0;
  *sk_check_rows_add(&rows) = *expected;
  assert_true(sk_compare_init(&compare, &request, &names, &rows, NULL));
  assert_true(sk_compare_take(&compare, found));
  assert_int_equal(sk_compare_pair(&compare, &err), SHUKEI_OK);
  assert_int_equal(sk_compare_judge(&compare, &err), SHUKEI_OK);
  for (int i = 0; i < SHUKEI_CAUSE_COUNT; i++) {
    events += compare.events[i];
    cause = compare.events[i] ? (shukei_cause)i : cause;
  }
  sk_compare_reset(&compare);
  return events == 1 ? cause : SHUKEI_CAUSE_COUNT;
}

#define TIME SHUKEI_CAUSE_UNIT_OF_TIME
#define BYTES SHUKEI_CAUSE_UNIT_OF_BYTES
#define CHANGED SHUKEI_CAUSE_VALUE_CHANGED
#define TWICE SHUKEI_CAUSE_ROWS_TWICE

/* One measure is so many times as large, or as small. */
static void ratios(void **state)
{
  static const struct {
    double ratio;
    shukei_cause cause;
  } rows[] = {
      {3600, TIME},
      {60, TIME},
      {24, TIME},
      {86400, TIME},
      {3600 * (1 + 9e-7), TIME},
      {3600 * (1 + 2e-6), CHANGED},
      {1440, CHANGED},
      {1024, BYTES},
      {1048576, BYTES},
      {1073741824, BYTES},
      {1099511627776, BYTES},
      {1125899906842624, CHANGED},
      {1e3, BYTES},
      {1e6, BYTES},
      {1e9, BYTES},
      {1e12, BYTES},
      {1e15, CHANGED},
      {1.024, BYTES},
      {1.048576, BYTES},
      {1.073741824, BYTES},
      {1.099511627776, BYTES},
      {1.125899906842624, CHANGED},
      {2, CHANGED}, /* one measure alone does not tell that rows counted twice */
      {8, CHANGED},
  };
  (void)state;
  for (size_t i = 0; i < SK_COUNT(rows); i++)
    for (int inverse = 0; inverse < 2; inverse++) {
      const double before = 7, after = inverse ? 7 / rows[i].ratio : 7 * rows[i].ratio;
      const struct sk_check_row expected = row_of(SK_ROW_POD, &before, 1);
      const struct sk_check_row found = row_of(SK_ROW_POD, &after, 1);
      const shukei_cause cause = cause_of(&expected, &found);
      if (cause != rows[i].cause)
        fail_msg("%.17g: %s", rows[i].ratio, shukei_cause_name(cause));
    }
}

static void several_measures(void **state)
{
  static const struct {
    const char *why;
    double before[4], after[4]; /* two usages, two capacities */
    bool storage;
    shukei_cause cause;
  } rows[] = {
      {"all are of time", {1, 2, 3, 4}, {60, 2. / 3600, 3, 4}, false, TIME},
      {"one is not", {1, 2, 3, 4}, {60, 2.5, 3, 4}, false, CHANGED},
      {"all are of bytes", {1, 2, 3, 4}, {1024, 2e-6, 3, 4}, false, BYTES},
      {"of both", {1, 2, 3, 4}, {1024, 120, 3, 4}, false, CHANGED},
      {"from nothing", {0, 2, 3, 4}, {60, 2, 3, 4}, false, CHANGED},
      {"a capacity", {1, 2, 3, 4}, {1, 2, 3.5, 4}, false, SHUKEI_CAUSE_CAPACITY},
      {"both capacities", {1, 2, 3, 4}, {1, 2, 3.5, 9}, false, SHUKEI_CAUSE_CAPACITY},
      {"a capacity and a usage", {1, 2, 3, 4}, {1, 2.5, 3.5, 4}, false, CHANGED},
      {"twice", {1, 2, 3, 4}, {2, 4, 3, 4}, false, TWICE},
      {"three times", {1, 2, 3, 4}, {3, 6, 3, 4}, false, TWICE},
      {"four times", {1, 2, 3, 4}, {4, 8, 3, 4}, false, CHANGED},
      {"half", {1, 2, 3, 4}, {.5, 1, 3, 4}, false, CHANGED},
      {"one of two is twice", {1, 2, 3, 4}, {2, 2, 3, 4}, false, CHANGED},
      {"the only one is twice", {1, 0, 3, 4}, {2, 0, 3, 4}, false, CHANGED},
      {"twice, and a capacity", {1, 2, 3, 4}, {2, 4, 6, 4}, false, CHANGED},
      {"in a row of storage", {0, 0, 3, 4}, {0, 0, 3.5, 4}, true, CHANGED},
  };
  (void)state;
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    const enum sk_row_sort sort = rows[i].storage ? SK_ROW_STORAGE : SK_ROW_POD;
    struct sk_check_row expected = row_of(sort, NULL, 0), found = expected;
    static const int places[4] = {USAGE, OTHER, CAPACITY, CAPACITY + 1};
    for (int k = 0; k < 4; k++) {
      expected.measures[places[k]] = rows[i].before[k];
      found.measures[places[k]] = rows[i].after[k];
    }
    const shukei_cause cause = cause_of(&expected, &found);
    if (cause != rows[i].cause)
      fail_msg("%s: %s", rows[i].why, shukei_cause_name(cause));
  }
}

/* Sums of claims; their capacity, which is no sum, stays. */
static void storage_counted_twice(void **state)
{
  (void)state;
  for (int capacity = 0; capacity < 2; capacity++) {
    struct sk_check_row expected = row_of(SK_ROW_STORAGE, NULL, 0), found;
    for (int i = SK_M_STORAGE; i < SK_MEASURE_COUNT; i++)
      expected.measures[i] = i;
    found = expected;
    for (int i = SK_M_STORAGE + !capacity; i < SK_MEASURE_COUNT; i++)
      found.measures[i] *= 2;
    assert_int_equal(cause_of(&expected, &found), capacity ? CHANGED : TWICE);
  }
}

static void keys_and_the_rest(void **state)
{
  (void)state;
  const double measures[] = {1, 2, 3};
  static const char text[] = "{\"a\": \"b\"}";
  const uint32_t labels = sk_label_sets_read(&names.labels, text, strlen(text), true);
  assert_int_not_equal(labels, SK_NO_ID);
  const struct sk_check_row expected = row_of(SK_ROW_POD, measures, 3);
  struct sk_check_row found = expected;
#define CASE(change, cause)                                                                        \
  found = expected;                                                                                \
  change;                                                                                          \
  assert_int_equal(cause_of(&expected, &found), cause)
  CASE(found.key.namespace = 9, SHUKEI_CAUSE_NAMESPACE_SWAPPED);
  CASE(found.key.day = 20001, SHUKEI_CAUSE_DAY_SHIFTED);
  CASE(found.key.labels = labels, SHUKEI_CAUSE_LABELS_LOST);
  CASE(found.key.node = 9, SHUKEI_CAUSE_NAME_CHANGED);
  CASE((found.key.namespace = 9, found.key.day = 20001), SHUKEI_CAUSE_NAMESPACE_SWAPPED);
  CASE((found.key.labels = labels, found.key.day = 20001), SHUKEI_CAUSE_DAY_SHIFTED);
  CASE(found.unlike = SK_UNLIKE_END, SHUKEI_CAUSE_DAY_SHIFTED);
  CASE(found.unlike = SK_UNLIKE_LABELS, SHUKEI_CAUSE_LABELS_LOST);
  CASE(found.all_labels = labels, SHUKEI_CAUSE_LABELS_LOST);
  CASE(found.unlike = SK_UNLIKE_USAGE_COST, SHUKEI_CAUSE_VALUE_CHANGED);
  CASE(found.resource_id = 4, SHUKEI_CAUSE_NAME_CHANGED);
  CASE((found.unlike = SK_UNLIKE_END, found.measures[0] = 60), TIME);
#undef CASE
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ratios),
      cmocka_unit_test(several_measures),
      cmocka_unit_test(storage_counted_twice),
      cmocka_unit_test(keys_and_the_rest),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
