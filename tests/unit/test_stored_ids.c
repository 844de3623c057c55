/* SPDX-License-Identifier: Apache-2.0 */
/* Names of stored Parquet and the ids that count. */
#include "input_testing.h"

#include "input/convert_run.h"
#include "input/stored_ids.h"

#define PLACE "data/parquet/o/OCP/node_labels/source=s/year=2025/month=10/"
#define DAILY "data/parquet/daily/o/OCP/node_labels/source=s/year=2025/month=10/"
#define FILE_OF(id, rest) PLACE "node_labels.2025-10-01." id "." rest ".parquet"

static struct sk_budget budget;
static char warnings[1 << 14];
static uint64_t skipped; /* of the last plan */

static int set_up(void **state)
{
  sk_budget_init(&budget, UINT64_MAX);
  warnings[0] = '\0';
  return enter_scratch(state);
}

static int tear_down(void **state)
{
  assert_int_equal(budget.used_bytes, 0);
  return leave_scratch(state);
}

static void warn(void *context, const char *text)
{
  (void)context;
  const size_t length = strlen(warnings);
  snprintf(warnings + length, sizeof warnings - length, "%s\n", text);
}

static const struct {
  const char *path, *id; /* NULL: none of ours */
  bool daily;
} names[] = {
    {"a/pod_usage.2025-10-01.17.0_0.parquet", "17", false},
    {"pod_usage.2025-10-01.0017.0_12.parquet", "17", false},
    {"pod_usage.2025-10-01.0.1_2.parquet", "0", false},
    {"pod_usage.2025-10-01.17.0_daily_3.parquet", "17", true},
    {"pod_usage.2025-10-01.123456789012345678901234567890.0_0.parquet",
     "123456789012345678901234567890", false},
    {"pod_usage.2025-10-01.parquet", NULL, false},
    {"pod_usage.2025-10-01.x.0_0.parquet", NULL, false},
    {"pod_usage.2025-10-01..0_0.parquet", NULL, false},
    {"pod_usage.2025-10-1.17.0_0.parquet", NULL, false},
    {"pod_usage.2025-10-01.17.0_0", NULL, false},
    {"pod_usage.2025-10-01.17.0_0.parquet.gz", NULL, false},
    {"pod_usage.2025-10-01.17.0.parquet", NULL, false},
    {"pod_usage.2025-10-01.17._0.parquet", NULL, false},
    {"pod_usage.2025-10-01.17.0_daily_.parquet", NULL, false},
    {".2025-10-01.17.0_0.parquet", NULL, false},
    {"pod_usage", NULL, false},
    {"", NULL, false},
};

static void reads_names(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(names); i++) {
    struct sk_stored_name name;
    const bool read = sk_stored_name_read(names[i].path, &name);
    if (read != (names[i].id != NULL))
      fail_msg("%s", names[i].path);
    if (!read)
      continue;
    assert_int_equal(name.id_length, strlen(names[i].id));
    assert_memory_equal(name.id, names[i].id, name.id_length);
    assert_int_equal(name.daily, names[i].daily);
  }
  struct sk_stored_name a, b;
  assert_true(sk_stored_name_read("p.2025-10-01.9.0_0.parquet", &a));
  assert_true(sk_stored_name_read("p.2025-10-01.010.0_0.parquet", &b));
  assert_true(sk_stored_id_compare(&a, &b) < 0 && sk_stored_id_compare(&b, &a) > 0);
  assert_int_equal(sk_stored_id_compare(&a, &a), 0);
}

/* A file with rows of the first so many hours, of node or namespace. */
static void put_hours_of(const char *what, const char *path, int hours)
{
  char made[64];
  const char *const sources[] = {"making/x.csv"};
  const struct sk_plan_options options = {
      .sources = sources, .source_count = 1, .start_day = INT32_MIN, .end_day = INT32_MAX};
  const shukei_convert_options convert = {.destination = "making/out", .threads = 1};
  struct sk_plan plan;
  struct sk_buffer text;
  sk_buffer_init(&text, NULL, 4096);
  sk_buffer_printf(&text, "interval_start,%s,%s_labels\n", what, what);
  for (int h = 0; h < hours; h++)
    sk_buffer_printf(&text, "2025-10-01 %02d:00:00,n,\n", h);
  put_file("making/x.csv", text.bytes, text.length);
  sk_buffer_reset(&text);
  assert_int_equal(sk_plan_build(&options, &budget, &plan, NULL), SHUKEI_OK);
  assert_int_equal(sk_convert(&convert, &plan, &budget, NULL, NULL), SHUKEI_OK);
  sk_plan_reset(&plan);
  make_folders(path);
  snprintf(made, sizeof made, "making/out/%s_labels.2025-10-01.parquet", what);
  assert_int_equal(rename(made, path), 0);
  remove_tree("making");
}

static void put_hours(const char *path, int hours)
{
  put_hours_of("node", path, hours);
}

/* The files of the plan of data/, by what comes before ".parquet" in the last part of their
 * names. */
static const char *planned(shukei_layout layout, shukei_status *st, char text[1024])
{
  const char *const sources[] = {"data"};
  const struct sk_plan_options options = {.sources = sources,
                                          .source_count = 1,
                                          .layout = layout,
                                          .start_day = INT32_MIN,
                                          .end_day = INT32_MAX,
                                          .warn = warn};
  struct sk_plan plan;
  text[0] = '\0';
  *st = sk_plan_build(&options, &budget, &plan, NULL);
  skipped = plan.files_skipped;
  for (size_t i = 0; !*st && i < plan.count; i++) {
    const char *name = strrchr(plan.files[i].path, '/') + sizeof "/node_labels.2025-10-01";
    snprintf(text + strlen(text), 1024 - strlen(text), "%s%.*s", i ? " " : "",
             (int)(strlen(name) - strlen(".parquet")), name);
  }
  sk_plan_reset(&plan);
  return text;
}

static void keeps_the_id_that_counts(void **state)
{
  (void)state;
  char text[1024];
  shukei_status st;
  put_hours(FILE_OF("7", "0_0"), 5);
  put_hours(FILE_OF("7", "1_0"), 3); /* the same hours again: 5 in all */
  put_hours(FILE_OF("40", "0_0"), 4);
  assert_string_equal(planned(SHUKEI_LAYOUT_AUTO, &st, text), "7.0_0 7.1_0");
  assert_string_equal(warnings,
                      "1 file left out, because another manifest id of the same report and day "
                      "has more hours or is higher: " FILE_OF("40", "0_0") "\n");
  assert_int_equal(skipped, 1);
  put_hours(FILE_OF("40", "1_0"), 5); /* a tie: the higher id */
  assert_string_equal(planned(SHUKEI_LAYOUT_AUTO, &st, text), "40.0_0 40.1_0");
  put_hours(DAILY "node_labels.2025-10-01.3.0_daily_0.parquet",
            9); /* left out beside hourly ones */
  assert_string_equal(planned(SHUKEI_LAYOUT_AUTO, &st, text), "40.0_0 40.1_0");
  assert_string_equal(planned(SHUKEI_LAYOUT_FLAT, &st, text),
                      "3.0_daily_0 40.0_0 40.1_0 7.0_0 7.1_0");
}

/* Ids of another report, organisation or day do not contend with it. */
static void groups_have_ids_of_their_own(void **state)
{
  (void)state;
  static const char *const others[] = {
      "data/parquet/p/OCP/node_labels/source=s/year=2025/month=10/"
      "node_labels.2025-10-01.9.0_0.parquet",
      "data/parquet/o/OCP/node_labels/source=s/year=2025/month=10/"
      "node_labels.2025-10-02.10.0_0.parquet",
  };
  struct sk_plan plan;
  const char *const sources[] = {"data"};
  const struct sk_plan_options options = {.sources = sources,
                                          .source_count = 1,
                                          .start_day = INT32_MIN,
                                          .end_day = INT32_MAX,
                                          .warn = warn};
  put_hours(FILE_OF("7", "0_0"), 2);
  for (size_t i = 0; i < SK_COUNT(others); i++)
    put_hours(others[i], 1 + 2 * (int)i);
  put_hours_of("namespace",
               "data/parquet/o/OCP/namespace_labels/source=s/year=2025/month=10/"
               "namespace_labels.2025-10-01.11.0_0.parquet",
               1);
  assert_int_equal(sk_plan_build(&options, &budget, &plan, NULL), SHUKEI_OK);
  assert_int_equal(plan.count, 4);
  assert_string_equal(warnings, "");
  sk_plan_reset(&plan);
}

/* Names are told until there are some thousand bytes of them. */
static void tells_of_so_many_files(void **state)
{
  (void)state;
  enum { FILES = 100 };
  char text[1024], path[200], last[200];
  shukei_status st;
  put_hours(FILE_OF("7", "0_0"), 2);
  put_hours(FILE_OF("3", "0_0"), 1);
  static uint8_t bytes[1 << 16];
  FILE *const file = fopen(FILE_OF("3", "0_0"), "rb");
  assert_non_null(file);
  const size_t size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  assert_in_range(size, 100, sizeof bytes - 1);
  for (int i = 1; i < FILES; i++) {
    snprintf(path, sizeof path, FILE_OF("3", "%d_0"), i);
    put_file(path, bytes, size);
  }
  assert_string_equal(planned(SHUKEI_LAYOUT_AUTO, &st, text), "7.0_0");
  assert_int_equal(skipped, FILES);
  assert_memory_equal(warnings, "100 files left out, ", 20);
  const size_t length = strlen(warnings);
  assert_in_range(length, 8000, 8000 + sizeof path);
  assert_string_equal(warnings + length - 14, ".parquet, ...\n");
  snprintf(last, sizeof last, ", " FILE_OF("3", "%d_0"), 10);
  assert_non_null(strstr(warnings, last));
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  char text[1024];
  bool failed = true;
  put_hours(FILE_OF("7", "0_0"), 2);
  put_hours(FILE_OF("8", "0_0"), 1);
  for (int n = 0; failed; n++) {
    shukei_status st;
    sk_test_fail_alloc(n);
    planned(SHUKEI_LAYOUT_AUTO, &st, text);
    failed = sk_test_alloc_failed();
    if (st) /* a buffer makes do with less */
      assert_true(failed && st == SHUKEI_ENOMEM);
    else
      assert_string_equal(text, "7.0_0");
  }
  sk_test_fail_alloc(-1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_names),          CASE(keeps_the_id_that_counts),
      CASE(groups_have_ids_of_their_own),     CASE(tells_of_so_many_files),
      CASE(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
