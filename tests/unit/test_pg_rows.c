/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of binary COPY: their bytes for every type that a column may have, and what is refused. */
#include "sink_testing.h"

#include "base/bytes.h"
#include "sink/pg_rows.h"

#include <math.h>

enum { INT8 = 20, INT4 = 23, TEXT = 25, JSON = 114, FLOAT8 = 701, VARCHAR = 1043, DATE = 1082 };
enum { TIMESTAMP = 1114, NUMERIC = 1700, UUID = 2950, JSONB = 3802 };

#define LIMIT(n) ((n) + 4)
static const uint8_t uuid[SK_PG_UUID_BYTES] = {0x26, 0xdc, 0xdc, 0xae, 0x13, 0xf0, 0x4a, 0x93,
                                               0xbf, 0x10, 0x46, 0x24, 0xbf, 0x90, 0x4b, 0x8c};

static struct sk_pg_plan plan_of(int column, uint32_t type, int32_t typmod)
{
  struct sk_pg_plan plan = {.name = "postgresql:", .table = "\"s\".\"t\"", .count = 1};
  assert_null(sk_pg_field_of(column, type, typmod, &plan.fields[0]));
  memset(plan.source, 0xab, sizeof plan.source);
  return plan;
}

/* The bytes of a row's one field: length (-1: null) and value. */
static int32_t field_of(const struct sk_pg_plan *plan, const struct sk_row *row, uint8_t *out,
                        shukei_status want, shukei_error *err)
{
  struct sk_pg_rows rows;
  sk_pg_rows_init(&rows, plan, NULL);
  assert_int_equal(sk_pg_rows_add(&rows, row, uuid, err), want);
  int32_t length = 0;
  if (want == SHUKEI_OK) {
    const uint8_t *at = rows.bytes.bytes;
    assert_int_equal(at[0] << 8 | at[1], 1);
    length =
        (int32_t)((uint32_t)at[2] << 24 | (uint32_t)at[3] << 16 | (uint32_t)at[4] << 8 | at[5]);
    assert_int_equal(rows.bytes.length, 6 + (length > 0 ? length : 0));
    memcpy(out, at + 6, length > 0 ? (size_t)length : 0);
  } else {
    assert_int_equal(rows.bytes.length, 0);
  }
  sk_pg_rows_reset(&rows);
  return length;
}

static struct test_row sample(void)
{
  struct test_row test;
  memset(&test, 0, sizeof test);
  set_integer(&test, SK_R_usage_start, 20362); /* 2025-10-01 */
  set_text(&test, SK_R_node, "k\xc3\xb6ln");
  set_text(&test, SK_R_pod_labels, "{\"a\": \"b\"}");
  set_text(&test, SK_R_uuid, "not this one");
  set_text(&test, SK_R_source_uuid, "source-1");
  set_measure(&test, SK_R_node_capacity_cpu_cores, 2.5);
  set_integer(&test, SK_R_cost_category_id, -2);
  return test;
}

static void every_type_of_a_column(void **state)
{
  (void)state;
  static const struct {
    int column;
    uint32_t type;
    int32_t typmod, length;
    const char *bytes;
  } rows[] = {
      {SK_R_node, TEXT, -1, 5, "k\xc3\xb6ln"},
      {SK_R_node, VARCHAR, LIMIT(4), 5, "k\xc3\xb6ln"},
      {SK_R_node, VARCHAR, -1, 5, "k\xc3\xb6ln"},
      {SK_R_namespace, TEXT, -1, -1, ""},
      {SK_R_pod_labels, JSONB, -1, 11, "\1{\"a\": \"b\"}"},
      {SK_R_pod_labels, JSON, -1, 10, "{\"a\": \"b\"}"},
      {SK_R_pod_labels, TEXT, -1, 10, "{\"a\": \"b\"}"},
      {SK_R_volume_labels, JSONB, -1, -1, ""},
      {SK_R_usage_start, DATE, -1, 4, "\0\0\x24\xbd"},
      {SK_R_node_capacity_cpu_cores, FLOAT8, -1, 8, "\x40\x04\0\0\0\0\0\0"},
      {SK_R_node_capacity_cpu_cores, NUMERIC, -1, 12, "\0\2\0\0\0\0\0\1\0\2\x13\x88"},
      {SK_R_cost_category_id, INT4, -1, 4, "\xff\xff\xff\xfe"},
      {SK_R_cost_category_id, INT8, -1, 8, "\xff\xff\xff\xff\xff\xff\xff\xfe"},
      {SK_R_uuid, VARCHAR, LIMIT(64), 36, "26dcdcae-13f0-4a93-bf10-4624bf904b8c"},
      {SK_R_uuid, UUID, -1, 16, (const char *)uuid},
      {SK_R_source_uuid, TEXT, -1, 8, "source-1"},
      {SK_R_source_uuid, UUID, -1, 16,
       "\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab"},
      {SK_PG_SOURCE, VARCHAR, LIMIT(64), 8, "source-1"},
      {SK_PG_YEAR, TEXT, -1, 4, "2025"},
      {SK_PG_MONTH, TEXT, -1, 2, "10"},
      {SK_PG_DAY, TEXT, -1, 1, "1"},
  };
  const struct test_row test = sample();
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    const struct sk_pg_plan plan = plan_of(rows[i].column, rows[i].type, rows[i].typmod);
    uint8_t out[64];
    const int32_t length = field_of(&plan, &test.row, out, SHUKEI_OK, NULL);
    if (length != rows[i].length || (length > 0 && memcmp(out, rows[i].bytes, (size_t)length)))
      fail_msg("row %zu, %s: length %d", i, sk_pg_column_name(rows[i].column), (int)length);
  }
}

static void types_of_another_kind(void **state)
{
  (void)state;
  static const struct {
    int column;
    uint32_t type;
  } rows[] = {
      {SK_R_node, INT4},
      {SK_R_node, UUID},
      {SK_R_node, JSONB},
      {SK_R_pod_labels, VARCHAR},
      {SK_R_usage_start, TIMESTAMP},
      {SK_R_usage_start, TEXT},
      {SK_R_node_capacity_cpu_cores, INT8},
      {SK_R_cost_category_id, NUMERIC},
      {SK_R_uuid, INT8},
      {SK_PG_YEAR, INT4},
  };
  struct sk_pg_field field;
  for (size_t i = 0; i < SK_COUNT(rows); i++)
    assert_non_null(sk_pg_field_of(rows[i].column, rows[i].type, -1, &field));
  assert_non_null(sk_pg_field_of(SK_R_uuid, VARCHAR, LIMIT(20), &field));
}

static void values_without_room(void **state)
{
  (void)state;
  struct test_row test = sample();
  static const struct {
    int column;
    uint32_t type;
    int32_t typmod;
    const char *text; /* NULL: the number */
    double measure;
    int64_t integer;
    const char *words;
  } rows[] = {
      {SK_R_node, VARCHAR, LIMIT(3), "k\xc3\xb6ln", 0, 0, "has 4 characters, there is room for 3"},
      {SK_R_namespace, VARCHAR, LIMIT(1), "ab", 0, 0, "column \"namespace\""},
      {SK_R_pod_labels, JSONB, -1, "{\"a\": \"\\u0000\"}", 0, 0, "U+0000"},
      {SK_R_pod_labels, JSONB, -1, "{\"a\": \"\\\\\\u0000\"}", 0, 0, "U+0000"},
      {SK_R_node_capacity_cpu_cores, NUMERIC, (33 << 16 | 15) + 4, NULL, 1e18, 0, "numeric(33,15)"},
      {SK_R_cost_category_id, INT4, -1, NULL, 0, INT64_C(1) << 31, "2147483648"},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    const struct sk_pg_plan plan = plan_of(rows[i].column, rows[i].type, rows[i].typmod);
    const enum sk_row_column column = (enum sk_row_column)rows[i].column;
    shukei_error error;
    if (rows[i].text)
      set_text(&test, column, rows[i].text);
    else if (rows[i].type == NUMERIC)
      set_measure(&test, column, rows[i].measure);
    else
      set_integer(&test, column, rows[i].integer);
    field_of(&plan, &test.row, NULL, SHUKEI_EWRITE, &error);
    if (!strstr(error.text, rows[i].words) || !strstr(error.text, "\"s\".\"t\""))
      fail_msg("row %zu: %s", i, error.text);
  }
}

static void escapes_that_are_no_zero(void **state)
{
  (void)state;
  static const char *const fine[] = {"{\"a\": \"\\\\u0000\"}", "{\"a\": \"\\u0001\"}",
                                     "{\"\\\\\": \"\"}"};
  const struct sk_pg_plan plan = plan_of(SK_R_pod_labels, JSONB, -1);
  struct test_row test = sample();
  uint8_t out[64];
  for (size_t i = 0; i < SK_COUNT(fine); i++) {
    set_text(&test, SK_R_pod_labels, fine[i]);
    assert_int_equal(field_of(&plan, &test.row, out, SHUKEI_OK, NULL), strlen(fine[i]) + 1);
  }
  set_text(&test, SK_R_node, "a");
  test.row.cells[SK_R_node].text.bytes = "a\0b";
  test.row.cells[SK_R_node].text.length = 3;
  const struct sk_pg_plan names = plan_of(SK_R_node, TEXT, -1);
  field_of(&names, &test.row, NULL, SHUKEI_EWRITE, NULL);
}

static void null_where_a_value_is_due(void **state)
{
  (void)state;
  struct sk_pg_plan plan = plan_of(SK_R_namespace, TEXT, -1);
  const struct test_row test = sample();
  shukei_error error;
  plan.fields[0].not_null = true;
  field_of(&plan, &test.row, NULL, SHUKEI_EWRITE, &error);
  assert_non_null(strstr(error.text, "NOT NULL"));
}

/* Numbers are kept from row to row: each must be its own, whatever came before. */
static void numbers_that_repeat(void **state)
{
  (void)state;
  static const double values[] = {1.0, 1.0, 2.0, 0.0, -0.0, 1.0};
  const struct sk_pg_plan plan =
      plan_of(SK_R_node_capacity_cpu_cores, NUMERIC, (33 << 16 | 15) + 4);
  struct sk_pg_rows rows;
  size_t length = 0;
  sk_pg_rows_init(&rows, &plan, NULL);
  for (size_t i = 0; i < SK_COUNT(values); i++) {
    struct test_row test = sample();
    set_measure(&test, SK_R_node_capacity_cpu_cores, values[i]);
    assert_int_equal(sk_pg_rows_add(&rows, &test.row, uuid, NULL), SHUKEI_OK);
    const uint8_t *last = rows.bytes.bytes + length;
    length = rows.bytes.length;
    assert_int_equal(last[7], values[i] != 0.0); /* digits */
    assert_int_equal(values[i] != 0.0 ? last[15] : 0, (int)fabs(values[i]));
  }
  sk_pg_rows_reset(&rows);
}

static void columns_have_names(void **state)
{
  (void)state;
  for (int c = 0; c < SK_PG_COLUMN_COUNT; c++)
    assert_int_equal(sk_pg_column_find(sk_pg_column_name(c)), c);
  assert_int_equal(sk_pg_column_find("infrastructure_raw_cost"), -1);
}

static void a_budget_without_room(void **state)
{
  (void)state;
  const struct sk_pg_plan plan = plan_of(SK_R_node, TEXT, -1);
  const struct test_row test = sample();
  struct sk_budget budget;
  struct sk_pg_rows rows;
  sk_budget_init(&budget, 10);
  sk_pg_rows_init(&rows, &plan, &budget);
  assert_int_equal(sk_pg_rows_add(&rows, &test.row, uuid, NULL), SHUKEI_ENOMEM);
  budget.limit_bytes = UINT64_MAX;
  assert_int_equal(sk_pg_rows_add(&rows, &test.row, uuid, NULL), SHUKEI_OK);
  sk_pg_rows_reset(&rows);
}

static void marks_of_version_4(void **state)
{
  (void)state;
  uint8_t low[SK_PG_UUID_BYTES] = {0}, high[SK_PG_UUID_BYTES];
  memset(high, 0xff, sizeof high);
  sk_pg_uuid_mark(low);
  sk_pg_uuid_mark(high);
  assert_int_equal(low[6], 0x40);
  assert_int_equal(low[8], 0x80);
  assert_int_equal(high[6], 0x4f);
  assert_int_equal(high[8], 0xbf);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_type_of_a_column),    cmocka_unit_test(types_of_another_kind),
      cmocka_unit_test(values_without_room),       cmocka_unit_test(escapes_that_are_no_zero),
      cmocka_unit_test(null_where_a_value_is_due), cmocka_unit_test(numbers_that_repeat),
      cmocka_unit_test(columns_have_names),        cmocka_unit_test(a_budget_without_room),
      cmocka_unit_test(marks_of_version_4),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
