/* SPDX-License-Identifier: Apache-2.0 */
/* The hours of CSV and Parquet files. */
#include "input_testing.h"

#include "base/calendar.h"
#include "input/convert_run.h"
#include "input/hours.h"

#define HEAD "node,Interval_Start,node_labels\n"

static struct sk_budget budget;
static shukei_error err;

static int set_up(void **state)
{
  sk_budget_init(&budget, UINT64_MAX);
  return enter_scratch(state);
}

static int tear_down(void **state)
{
  assert_int_equal(budget.used_bytes, 0);
  return leave_scratch(state);
}

static shukei_status hours_of_text(const char *text, struct sk_hours *hours)
{
  const struct sk_planned_file file = {.path = "x.csv", .format = SK_FORMAT_CSV};
  struct sk_csv *csv;
  sk_hours_init(hours, &budget);
  put_text("x.csv", text);
  shukei_status st = sk_csv_open(&file, 4096, &budget, &csv, &err);
  if (!st)
    st = sk_hours_of_csv(csv, &budget, hours, &err);
  sk_csv_close(csv);
  return st;
}

static int32_t day_of(int year, int month, int day)
{
  return sk_day_of_date((struct sk_date){year, (uint8_t)month, (uint8_t)day});
}

static const char sample[] = HEAD "n,2025-10-02 01:00:00 +0000 UTC,\n"
                                  "n,2025-10-01T23:00:00Z,\n"
                                  "n,\"2025-10-02T01:00:00Z\",\n"
                                  "n,yesterday,\n"
                                  "n,2025-10-02 01:00:00\n"
                                  "n,2025-10-02 02:00:00,a:b\n"
                                  "n,2025-10-02 05:00:00,open";

static void counts_instants_and_rows(void **state)
{
  (void)state;
  struct sk_hours hours, more;
  uint64_t rows = 9;
  assert_int_equal(hours_of_text(sample, &hours), SHUKEI_OK);
  assert_int_equal(hours.count, 3);
  assert_int_equal(hours.records, 7);
  assert_int_equal(sk_hours_of_day(&hours, day_of(2025, 10, 1), &rows), 1);
  assert_int_equal(rows, 1);
  assert_int_equal(sk_hours_of_day(&hours, day_of(2025, 10, 2), &rows), 2);
  assert_int_equal(rows, 3);
  assert_int_equal(sk_hours_of_day(&hours, day_of(2025, 10, 3), &rows), 0);
  assert_int_equal(rows, 0);
  assert_int_equal(hours_of_text(HEAD "n,2025-10-02 01:00:00,\nn,2025-10-02 00:00:00,\n", &more),
                   SHUKEI_OK);
  assert_int_equal(sk_hours_add(&hours, &more, NULL), SHUKEI_OK);
  assert_int_equal(hours.records, 9);
  assert_int_equal(sk_hours_of_day(&hours, day_of(2025, 10, 2), &rows), 3);
  assert_int_equal(rows, 5);
  sk_hours_reset(&hours);
  sk_hours_reset(&more);
  assert_int_equal(hours_of_text(HEAD, &hours), SHUKEI_OK);
  assert_int_equal(hours.records, 0);
  sk_hours_reset(&hours);
  assert_int_equal(hours_of_text("node,node_labels\n", &hours), SHUKEI_EFORMAT);
  assert_int_equal(hours_of_text(HEAD "n,2025-10-02 01:00:00,\n\"a\n", &hours), SHUKEI_EFORMAT);
}

/* The same rows as Parquet: x/node_labels.DAY.parquet. */
static void convert_sample(const char *text)
{
  const char *const sources[] = {"x.csv"};
  const struct sk_plan_options options = {
      .sources = sources, .source_count = 1, .start_day = INT32_MIN, .end_day = INT32_MAX};
  const shukei_convert_options convert = {.destination = "x", .threads = 1};
  struct sk_plan plan;
  put_text("x.csv", text);
  assert_int_equal(sk_plan_build(&options, &budget, &plan, &err), SHUKEI_OK);
  assert_int_equal(sk_convert(&convert, &plan, &budget, NULL, &err), SHUKEI_OK);
  sk_plan_reset(&plan);
}

static void reads_parquet(void **state)
{
  (void)state;
  struct sk_hours hours;
  const struct sk_planned_file file = {.path = "x/node_labels.2025-10-02.parquet",
                                       .format = SK_FORMAT_PARQUET,
                                       .report = SK_REPORT_NODE_LABELS};
  struct sk_buffer text;
  uint64_t rows;
  sk_buffer_init(&text, NULL, 1 << 20);
  sk_buffer_text(&text, HEAD);
  for (int i = 0; i < 5000; i++) /* more than a batch */
    sk_buffer_printf(&text, "n,2025-10-02 %02d:00:00,\n", i % 7);
  sk_buffer_byte(&text, 0);
  convert_sample((const char *)text.bytes);
  sk_buffer_reset(&text);
  assert_int_equal(sk_hours_of_parquet(&file, &budget, &hours, &err), SHUKEI_OK);
  assert_int_equal(hours.records, 5000);
  assert_int_equal(sk_hours_of_day(&hours, day_of(2025, 10, 2), &rows), 7);
  assert_int_equal(rows, 5000);
  sk_hours_reset(&hours);
  put_text("x/node_labels.2025-10-02.parquet", "PAR1");
  assert_int_not_equal(sk_hours_of_parquet(&file, &budget, &hours, &err), SHUKEI_OK);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  const struct sk_planned_file file = {.path = "x/node_labels.2025-10-01.parquet",
                                       .format = SK_FORMAT_PARQUET,
                                       .report = SK_REPORT_NODE_LABELS};
  convert_sample(HEAD "n,2025-10-01 00:00:00,\n");
  for (int form = 0; form < 2; form++) {
    bool failed = true;
    for (int n = 0; failed; n++) {
      struct sk_hours hours;
      sk_test_fail_alloc(n);
      const shukei_status st =
          form ? sk_hours_of_parquet(&file, &budget, &hours, &err) : hours_of_text(sample, &hours);
      failed = sk_test_alloc_failed();
      if (st || !failed) /* a hint that could not be given is no failure */
        assert_int_equal(st, failed ? SHUKEI_ENOMEM : SHUKEI_OK);
      sk_hours_reset(&hours);
    }
    sk_test_fail_alloc(-1);
  }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
  const struct CMUnitTest tests[] = {
      CASE(counts_instants_and_rows),
      CASE(reads_parquet),
      CASE(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
