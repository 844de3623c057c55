/* SPDX-License-Identifier: Apache-2.0 */
/* Sinks by name, and the CSV sink: every cell's form, files that appear whole or not at all. */
#include "sink_testing.h"

#include <float.h>

static const struct {
  const char *name;
  bool fits;
} names[] = {
    {"-", true},
    {"a.csv", true},
    {"folder/a.parquet", true},
    {"a.db", true},
    {"a.sqlite", true},
    {"a.sqlite3", true},
    {"sqlite:a", true},
    {"sqlite:", false},
    {"", false},
    {".csv", false},
    {"a.txt", false},
    {"a.csv.gz", false},
    {"csv", false},
    {"folder/", true},
    {".", true}, /* a folder that is there */
    {"s3://bucket/a.csv", true},
    {"s3://bucket/a.db", false},
    {"s3://bucket/folder/", true},
    {"gs://bucket/a.csv", false},
    {"postgresql.txt", false},
};
static void names_tell_the_kind(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(names); i++) {
    shukei_error err = {0};
    const shukei_status st = sk_sink_check(names[i].name, &err);
    if (st != (names[i].fits ? SHUKEI_OK : SHUKEI_EINVAL))
      fail_msg("\"%s\": %s", names[i].name, shukei_status_name(st));
    if (!names[i].fits) {
      assert_non_null(strstr(err.text, names[i].name));
      assert_non_null(strstr(err.advice, "NAME.parquet"));
      struct sk_sink *sink = (struct sk_sink *)&err;
      const struct sk_sink_options options = plain_options(NULL);
      assert_int_equal(sk_sink_open(names[i].name, &options, NULL, &sink, NULL), SHUKEI_EINVAL);
      assert_null(sink);
    }
  }
}

struct taken {
  char bytes[1 << 16];
  size_t length;
  int calls_left; /* then writing fails */
};
static bool take(void *context, const void *bytes, size_t length)
{
  struct taken *taken = context;
  if (taken->calls_left-- <= 0)
    return false;
  assert_true(length <= sizeof taken->bytes - taken->length);
  memcpy(taken->bytes + taken->length, bytes, length);
  taken->length += length;
  return true;
}

static const char header[] =
    "data_source,usage_start,usage_end,namespace,node,resource_id,pod_labels,"
    "pod_usage_cpu_core_hours,pod_request_cpu_core_hours,pod_effective_usage_cpu_core_hours,"
    "pod_limit_cpu_core_hours,pod_usage_memory_gigabyte_hours,pod_request_memory_gigabyte_hours,"
    "pod_effective_usage_memory_gigabyte_hours,pod_limit_memory_gigabyte_hours,"
    "node_capacity_cpu_cores,node_capacity_cpu_core_hours,node_capacity_memory_gigabytes,"
    "node_capacity_memory_gigabyte_hours,cluster_capacity_cpu_core_hours,"
    "cluster_capacity_memory_gigabyte_hours,persistentvolumeclaim,persistentvolume,storageclass,"
    "csi_volume_handle,volume_labels,persistentvolumeclaim_capacity_gigabyte,"
    "persistentvolumeclaim_capacity_gigabyte_months,volume_request_storage_gigabyte_months,"
    "persistentvolumeclaim_usage_gigabyte_months,all_labels,infrastructure_usage_cost,"
    "cost_category_id,uuid,report_period_id,cluster_id,cluster_alias,source_uuid\n";

static void cells_have_their_form(void **state)
{
  (void)state;
  static struct taken taken;
  taken = (struct taken){.calls_left = 100};
  struct sk_sink_options options = plain_options("s");
  options.write = take;
  options.write_context = &taken;
  struct sk_sink *sink = NULL;
  assert_int_equal(sk_sink_open("-", &options, NULL, &sink, NULL), SHUKEI_OK);
  struct test_row test;
  memset(&test, 0, sizeof test);
  set_text(&test, SK_R_data_source, "Pod");
  set_integer(&test, SK_R_usage_start, 20362);
  set_integer(&test, SK_R_usage_end, 20363);
  set_text(&test, SK_R_namespace, "a,b");
  set_text(&test, SK_R_node, "say \"hi\"");
  set_text(&test, SK_R_resource_id, "two\nlines");
  set_text(&test, SK_R_pod_labels, "{}");
  set_measure(&test, SK_R_pod_usage_cpu_core_hours, 0.1);
  set_measure(&test, SK_R_pod_request_cpu_core_hours, 0.1);
  set_measure(&test, SK_R_pod_effective_usage_cpu_core_hours, -1e-7);
  set_measure(&test, SK_R_pod_limit_cpu_core_hours, 0.0);
  set_text(&test, SK_R_volume_labels, "{\"k\": \"v, \\\"w\\\"\"}");
  set_integer(&test, SK_R_cost_category_id, INT64_MIN);
  set_text(&test, SK_R_uuid, "");
  set_text(&test, SK_R_cluster_id, "cr\r");
  set_text(&test, SK_R_cluster_alias, " blank ");
  set_text(&test, SK_R_source_uuid, "'semi;colon'");
  assert_int_equal(put_row(sink, &test.row, NULL), SHUKEI_OK);
  /* The next row: the same day, measures that differ from the kept ones and one that comes back. */
  memset(&test, 0, sizeof test);
  set_integer(&test, SK_R_usage_start, 20362);
  set_measure(&test, SK_R_pod_usage_cpu_core_hours, DBL_MAX);
  set_measure(&test, SK_R_pod_limit_cpu_core_hours, -0.0);
  assert_int_equal(put_row(sink, &test.row, NULL), SHUKEI_OK);
  memset(&test, 0, sizeof test);
  set_measure(&test, SK_R_pod_request_cpu_core_hours, 0.1);
  set_text(&test, SK_R_source_uuid, "z");
  set_text(&test, SK_R_pod_labels, "{\"k\": \"v\"}");
  test.row.cells[SK_R_all_labels].text =
      (struct sk_text){test.row.cells[SK_R_pod_labels].text.bytes, 2};
  test.row.present |= UINT64_C(1) << SK_R_all_labels; /* the same address, not the same text */
  assert_int_equal(put_row(sink, &test.row, NULL), SHUKEI_OK);
  assert_int_equal(taken.length, 0); /* a failed run's rows are not printed so soon */
  assert_int_equal(sk_sink_prepare(sink, NULL), SHUKEI_OK);
  assert_int_equal(sk_sink_commit(sink, NULL), SHUKEI_OK);
  assert_int_equal(sk_sink_bytes(sink), taken.length);
  sk_sink_close(sink);
  static const char rows[] =
      "Pod,2025-10-01,2025-10-02,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",{},0.1,0.1,-1e-07,0.0,"
      ",,,,,,,,,,,,,,\"{\"\"k\"\": \"\"v, \\\"\"w\\\"\"\"\"}\",,,,,,,-9223372036854775808,,,"
      "\"cr\r\", blank ,'semi;colon'\n"
      ",2025-10-01,,,,,,1.7976931348623157e+308,,,-0.0,,,,,,,,,,,,,,,,,,,,,,,,,,,\n"
      ",,,,,,\"{\"\"k\"\": \"\"v\"\"}\",,0.1,,,,,,,,,,,,,,,,,,,,,,\"{\"\"\",,,,,,,z\n";
  assert_int_equal(taken.length, strlen(header) + strlen(rows));
  assert_memory_equal(taken.bytes, header, strlen(header));
  assert_memory_equal(taken.bytes + strlen(header), rows, strlen(rows));
}

static void standard_output_can_fail(void **state)
{
  (void)state;
  static struct taken taken;
  struct sk_sink_options options = plain_options("s");
  struct sk_sink *sink = NULL;
  shukei_error err = {0};
  assert_int_equal(sk_sink_open("-", &options, NULL, &sink, &err), SHUKEI_EINVAL);
  options.write = take;
  options.write_context = &taken;
  taken = (struct taken){.calls_left = 0};
  assert_int_equal(write_sink("-", &options, 3, 1, 1, NULL, &err), SHUKEI_EWRITE);
  assert_string_equal(err.text, "standard output: could not write");
}

/* More than the buffer holds, so that it is handed on in the middle, against one row a time. */
static void large_files_are_whole(void **state)
{
  (void)state;
  struct sk_sink_options options = plain_options("s");
  size_t length, lines = 0;
  assert_int_equal(write_sink("large.csv", &options, 1500, 20362, 20363, NULL, NULL), SHUKEI_OK);
  char *bytes = read_whole("large.csv", &length);
  for (size_t i = 0; i < length; i++)
    lines += bytes[i] == '\n';
  assert_int_equal(lines, 3001);
  assert_memory_equal(bytes, header, strlen(header));
  assert_true(length > (size_t)1 << 20);

  const char *at = bytes + strlen(header);
  for (uint64_t n = 0; n < 1500; n += 499) {
    static struct taken taken;
    taken = (struct taken){.calls_left = 100};
    options.write = take;
    options.write_context = &taken;
    struct sk_sink *sink = NULL;
    struct test_row test;
    make_row(&test, n, 20362, "s", n % 2);
    assert_int_equal(sk_sink_open("-", &options, NULL, &sink, NULL), SHUKEI_OK);
    assert_int_equal(put_row(sink, &test.row, NULL), SHUKEI_OK);
    assert_int_equal(sk_sink_prepare(sink, NULL), SHUKEI_OK);
    sk_sink_close(sink);
    taken.bytes[taken.length] = '\0';
    at = strstr(at, taken.bytes + strlen(header));
    assert_non_null(at);
  }
  free(bytes);

  /* A cell that is larger than the buffer. */
  const size_t wide = (size_t)600 << 10;
  char *text = malloc(wide + 1);
  assert_non_null(text);
  memset(text, '"', wide);
  text[wide] = '\0';
  struct sk_sink *sink = NULL;
  struct test_row test;
  make_row(&test, 1, 20362, "s", true);
  set_text(&test, SK_R_all_labels, text);
  assert_int_equal(sk_sink_open("large.csv", &options, NULL, &sink, NULL), SHUKEI_OK);
  assert_int_equal(put_row(sink, &test.row, NULL), SHUKEI_OK);
  assert_int_equal(put_row(sink, &test.row, NULL), SHUKEI_OK);
  assert_int_equal(sk_sink_prepare(sink, NULL), SHUKEI_OK);
  assert_int_equal(sk_sink_commit(sink, NULL), SHUKEI_OK);
  sk_sink_close(sink);
  bytes = read_whole("large.csv", &length);
  size_t quotes = 0;
  for (size_t i = 0; i < length; i++)
    quotes += bytes[i] == '"';
  assert_true(quotes >= 4 * (wide + 1));
  free(bytes);
  free(text);
  assert_int_equal(unlink("large.csv"), 0);
}

/* Labels at one address for both columns, texts and numbers that repeat, go away and come back. */
static void make_repeating(struct test_row *test, uint64_t n, uint64_t day_rows)
{
  make_plain(test, n / 5, day_rows);
  if (n % 3 == 0)
    test->row.present &= ~(UINT64_C(1) << SK_R_node);
  if (sk_row_has(&test->row, SK_R_pod_labels) && n % 7)
    set_text(test, SK_R_all_labels, test->room[SK_R_pod_labels]);
}

static void chunks_do_not_show(void **state)
{
  (void)state;
  expect_same_bytes("a.csv", 9000, 4000, make_plain);
  expect_same_bytes("a.csv", 9000, 700, make_repeating);
  /* Each row alone, which has nothing to repeat, against rows together. */
  struct sk_sink_options options = plain_options("s1");
  char *bytes[2];
  for (size_t i = 0; i < 2; i++) {
    write_in_chunks("a.csv", &options, 3000, 700, i ? 1 : 3000, i, make_repeating, NULL);
    bytes[i] = read_whole("a.csv", NULL);
  }
  assert_string_equal(bytes[0], bytes[1]);
  free(bytes[0]);
  free(bytes[1]);
  assert_int_equal(unlink("a.csv"), 0);
}

static void nothing_changes_before_commit(void **state)
{
  (void)state;
  const struct sk_sink_options options = plain_options("s");
  shukei_error err = {0};
  write_file("old.csv", "old", 3);
  for (int stage = 0; stage < 3; stage++) {
    struct sk_sink *sink = NULL;
    assert_int_equal(sk_sink_open("old.csv", &options, NULL, &sink, NULL), SHUKEI_OK);
    if (stage > 0)
      assert_int_equal(fill(sink, 600, 1, 2, "s", NULL), SHUKEI_OK);
    if (stage > 1)
      assert_int_equal(sk_sink_prepare(sink, NULL), SHUKEI_OK);
    char *bytes = read_whole("old.csv", NULL);
    assert_string_equal(bytes, "old");
    free(bytes);
    sk_sink_close(sink);
    assert_int_equal(count_files("."), 1);
  }
  assert_int_equal(write_sink("old.csv/new.csv", &options, 1, 1, 1, NULL, &err), SHUKEI_EWRITE);
  assert_non_null(strstr(err.text, "old.csv/new.csv"));
  assert_int_equal(write_sink("old.csv", &options, 1, 1, 1, NULL, NULL), SHUKEI_OK);
  char *bytes = read_whole("old.csv", NULL);
  assert_memory_equal(bytes, header, strlen(header));
  free(bytes);
  assert_int_equal(unlink("old.csv"), 0);
  assert_int_equal(mkdir("folder.csv", 0777), 0);
  assert_int_equal(write_sink("folder.csv", &options, 1, 1, 1, NULL, &err), SHUKEI_EWRITE);
  assert_non_null(strstr(err.text, "folder"));
  assert_int_equal(rmdir("folder.csv"), 0);
}

static void a_full_disk_leaves_the_old_file(void **state)
{
  (void)state;
  const struct sk_sink_options options = plain_options("s1");
  shukei_error err = {0};
  write_file("old.csv", "old", 3);
  limit_files(100000);
  const shukei_status st = write_sink("old.csv", &options, 1500, 1, 1, NULL, &err);
  limit_files(UINT64_MAX);
  assert_int_equal(st, SHUKEI_EWRITE);
  assert_non_null(strstr(err.text, "old.csv"));
  char *bytes = read_whole("old.csv", NULL);
  assert_string_equal(bytes, "old");
  free(bytes);
  assert_int_equal(count_files("."), 1);
  assert_int_equal(unlink("old.csv"), 0);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  const struct sk_sink_options options = plain_options("s");
  struct sk_budget budget;
  sk_budget_init(&budget, UINT64_MAX);
  shukei_status st = SHUKEI_ENOMEM;
  for (int n = 0; st == SHUKEI_ENOMEM; n++) {
    assert_int_equal(count_files("."), 0);
    sk_test_fail_alloc(n);
    st = write_sink("a.csv", &options, 3, 1, 2, &budget, NULL);
    assert_true(st || !sk_test_alloc_failed());
    sk_test_fail_alloc(-1);
    assert_int_equal(atomic_load(&budget.used_bytes), 0);
  }
  assert_int_equal(st, SHUKEI_OK);
  assert_int_equal(unlink("a.csv"), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_tell_the_kind),
      cmocka_unit_test(cells_have_their_form),
      cmocka_unit_test(standard_output_can_fail),
      cmocka_unit_test(large_files_are_whole),
      cmocka_unit_test(chunks_do_not_show),
      cmocka_unit_test(nothing_changes_before_commit),
      cmocka_unit_test(a_full_disk_leaves_the_old_file),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
