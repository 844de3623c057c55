/* SPDX-License-Identifier: Apache-2.0 */
/* CSV -> Parquet: columns, days, layouts, bad rows, the same bytes for any number of threads. */
#include "convert_testing.h"

static void keeps_all_columns(void **state)
{
  (void)state;
  put_text("in/a.csv", "Extra,interval_start,node,node_labels,free_bytes,\n"
                       "x,2025-10-01 00:00:00 +0000 UTC,n1,label_b:2|label_a:1,12,gone\n"
                       ",2025-10-01T01:00:00Z,,,,\n"
                       "\"q\"\"1\",2025-10-01 02:00:00,n\xC3\xA9,\"{\"\"a\"\": 1}\",n/a,\n");
  put_text("in/b.csv", "interval_start,node,node_labels,report_period_start,free_bytes\n"
                       "2025-10-01,n2,,2025-10-01,5\n2025-10-01,n3,,never,-7\n"
                       "2025-10-01,n4,,never,5\n2025-10-01,n5,,,5\n");
  assert_int_equal(convert("in", "out"), SHUKEI_OK);
  assert_string_equal(
      cat("out/node_labels.2025-10-01.parquet"),
      "extra,interval_start,node,node_labels,free_bytes,report_period_start\n"
      "x,2025-10-01T00:00:00Z,n1,\"{\"\"a\"\": \"\"1\"\", \"\"b\"\": \"\"2\"\"}\",12.0,\n"
      ",2025-10-01T01:00:00Z,,{},,\n"
      "\"q\"\"1\",2025-10-01T02:00:00Z,n\xC3\xA9,\"{\"\"a\"\": \"\"1\"\"}\",0.0,\n"
      ",2025-10-01T00:00:00Z,n2,{},5.0,2025-10-01T00:00:00Z\n"
      ",2025-10-01T00:00:00Z,n3,{},-7.0,\n,2025-10-01T00:00:00Z,n4,{},5.0,\n"
      ",2025-10-01T00:00:00Z,n5,{},5.0,\n");
  assert_int_equal(stats.files, 2);
  assert_int_equal(stats.rows_read, 7);
  assert_int_equal(stats.rows_written, 7);
  assert_int_equal(stats.cells_unparsable, 3);
  assert_int_equal(stats.values_negative, 1);
  assert_int_equal(stats.cells_empty, 1);
  assert_true(stats.bytes_written > 0);
  assert_int_equal(count_entries("out"), 1);
}

#define POD                                                                                        \
  "interval_start,pod,namespace,node,resource_id,pod_labels,pod_limit_cpu_core_seconds,"           \
  "pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,"   \
  "node_capacity_cpu_cores,node_capacity_cpu_core_seconds,node_capacity_memory_bytes,"             \
  "node_capacity_memory_byte_seconds,pod_usage_cpu_core_seconds,pod_request_cpu_core_seconds"

/* What the summary takes where effective usage lacks: the greater one of usage and request. */
static void fills_in_effective_usage(void **state)
{
  (void)state;
  char here[4096], place[4200];
  put_text("in/a.csv", POD ",pod_effective_usage_cpu_core_seconds\n"
                           "2025-10-01,p,s,n,i,,0,0,0,0,1,1,1,1,1,2,9\n");
  put_text("in/b.csv", POD "\n2025-10-01,p,s,n,i,,0,0,0,0,1,1,1,1,5,7\n"
                           "2025-10-01,p,s,n,i,label_a:1|b,0,0,0,0,1,1,1,1,8,3\n");
  assert_non_null(getcwd(here, sizeof here));
  snprintf(place, sizeof place, "%s/absolute", here);
  must_convert("in", place);
  const char *text = cat("absolute/pod_usage.2025-10-01.parquet");
  const char *at = strstr(text, "1.0,2.0,9.0\n");
  at = at ? strstr(at, "5.0,7.0,7.0\n") : NULL;
  at = at ? strstr(at, "8.0,3.0,8.0\n") : NULL;
  if (!at)
    fail_msg("%s", text);
  assert_int_equal(stats.label_pairs_skipped, 1);
}

/* Cells that repeat are parsed once, whatever stands between them. */
static void numbers_that_repeat_are_their_own(void **state)
{
  (void)state;
  static const char *const cells[] = {"5", "5", "-7", "5", "5", "\"6\"", "5", "none", "5"};
  static const char *const want[] = {"5.0", "5.0", "-7.0", "5.0", "5.0",
                                     "6.0", "5.0", "0.0",  "5.0"};
  struct sk_buffer text;
  sk_buffer_init(&text, NULL, SIZE_MAX / 2);
  sk_buffer_text(&text, "interval_start,node,node_labels,free_bytes\n");
  for (size_t i = 0; i < 900; i++)
    sk_buffer_printf(&text, "2025-10-01,n%zu,,%s\n", i, cells[i % SK_COUNT(cells)]);
  sk_buffer_byte(&text, '\0');
  put_text("in/a.csv", (const char *)text.bytes);
  sk_buffer_reset(&text);
  must_convert("in", "out");
  const char *at = cat("out/node_labels.2025-10-01.parquet");
  for (size_t i = 0; at && i < 900; i++) {
    char line[100];
    snprintf(line, sizeof line, "Z,n%zu,{},%s\n", i, want[i % SK_COUNT(want)]);
    at = strstr(at, line);
  }
  assert_non_null(at);
}

static void makes_a_file_a_day(void **state)
{
  (void)state;
  put_text("in/a.csv", "interval_start,node,node_labels\n"
                       "2025-10-02,a,\n2025-10-01,b,\n2025-10-02,c,\n2025-10-03,d,\n"
                       "2025-10-02T01:00:00+02:00,e,\n");
  put_text("in/b.csv", "interval_start,gpu_uuid\n2025-10-01,g\n");
  put_text("in/c.csv", "interval_start,vm_uptime_total_seconds,vm_labels\n2025-10-01,3,a:b\n");
  options.layout = SHUKEI_LAYOUT_KOKU;
  assert_int_equal(convert("in", "out"), SHUKEI_EINVAL);
  options.org = "../x";
  options.source = "u";
  assert_int_equal(convert("in", "out"), SHUKEI_EINVAL);
  options.org = "o";
  options.end = "2025-10-02";
  assert_int_equal(convert("in", "out"), SHUKEI_OK);
#define BELOW(report, day)                                                                         \
  "out/data/parquet/o/OCP/" report "/source=u/year=2025/month=10/day=0" day "/" report             \
  ".2025-10-0" day ".parquet"
  assert_string_equal(cat(BELOW("node_labels", "1")), "interval_start,node,node_labels\n"
                                                      "2025-10-01T00:00:00Z,b,{}\n"
                                                      "2025-10-01T23:00:00Z,e,{}\n");
  assert_string_equal(cat(BELOW("node_labels", "2")), "interval_start,node,node_labels\n"
                                                      "2025-10-02T00:00:00Z,a,{}\n"
                                                      "2025-10-02T00:00:00Z,c,{}\n");
  assert_string_equal(cat(BELOW("gpu_usage", "1")), "interval_start,gpu_uuid\n"
                                                    "2025-10-01T00:00:00Z,g\n");
  assert_string_equal(cat(BELOW("vm_usage", "1")),
                      "interval_start,vm_uptime_total_seconds,vm_labels\n"
                      "2025-10-01T00:00:00Z,3.0,\"{\"\"a\"\": \"\"b\"\"}\"\n");
  assert_int_equal(access(BELOW("node_labels", "3"), F_OK), -1);
  assert_int_equal(stats.rows_filtered, 1);
}

static void changes_nothing_on_failure(void **state)
{
  (void)state;
  static const struct {
    const char *text, *says;
    shukei_status want;
  } cases[] = {
      {"interval_start,node,node_labels\n2025-10-01,a,\n2025-10-01,b\n", "row 3: 2 cells",
       SHUKEI_EFORMAT},
      {"interval_start,node,node_labels\n2025-10-01,a,\nx,b,\n", "row 3: column interval_start",
       SHUKEI_EFORMAT},
      {"interval_start,node,node_labels\n2025-10-01,a,\n2025-10-01,b\xFF,\n",
       "row 3: column node: not valid UTF-8", SHUKEI_EFORMAT},
      {"interval_start,node,node_labels\n2025-10-01,a,\n2025-10-01,b,", "row 3: no line end",
       SHUKEI_EFORMAT},
      {"gpu_uuid,node\n", "gpu_usage report lacks interval_start", SHUKEI_EFORMAT},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    put_text("in.csv", cases[i].text);
    assert_int_equal(convert("in.csv", "out"), cases[i].want);
    if (!strstr(err.text, cases[i].says))
      fail_msg("%s", err.text);
    assert_int_equal(access("out", F_OK), -1);
  }
  put_text("out", "a file in the way");
  put_text("in.csv", "interval_start,node,node_labels\n2025-10-01,a,\n");
  assert_int_equal(convert("in.csv", "out"), SHUKEI_EWRITE);
}

static void keeps_bad_rows_aside(void **state)
{
  (void)state;
  size_t length = 0;
  put_text("in/a.csv", "interval_start,node,node_labels\n2025-10-01,a,\nx,\"b,\",\n2025-10-01,c\n");
  put_text("in/b.csv", "interval_start,node,node_labels\n2025-10-01,\xFF,\n");
  options.bad_rows = SHUKEI_BAD_ROWS_KEEP;
  options.bad_rows_file = "bad.csv";
  assert_int_equal(convert("in", "out"), SHUKEI_OK);
  assert_int_equal(stats.rows_bad, 3);
  assert_int_equal(stats.rows_written, 1);
  char *text = get_file("bad.csv", &length);
  assert_string_equal(
      text, "file,row,cause,text\n"
            "\"in/a.csv\",3,\"column interval_start: \"\"x\"\" is no time\",\"x,\"\"b,\"\",\"\n"
            "\"in/a.csv\",4,\"2 cells, expected 3\",\"2025-10-01,c\"\n"
            "\"in/b.csv\",2,\"column node: not valid UTF-8\",\"2025-10-01,\xFF,\"\n");
  free(text);
  options.dry_run = true;
  assert_int_equal(remove("bad.csv"), 0);
  assert_int_equal(convert("in", "never"), SHUKEI_OK);
  assert_int_equal(stats.rows_bad, 3);
  assert_int_equal(access("never", F_OK), -1);
  assert_int_equal(access("bad.csv", F_OK), -1);
}

/* Several blocks of rows, most of them of two days by turns. */
static void put_big(const char *path, uint64_t seed)
{
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  fprintf(file, "interval_start,node,node_labels,n_bytes\n");
  for (int i = 0; i < 60000; i++)
    fprintf(file, "2025-10-%02d %02d:00:00 +0000 UTC,node-%d,%s%d%s,%d\n", i % 7 == 0 ? 2 : 1,
            i / 2500, (int)random_below(&seed, 5000),
            i % 2 ? "\"{\"\"k\"\": \"\"" : "label_k:", (int)random_below(&seed, 3000),
            i % 2 ? "\"\"}\"" : "", i);
  assert_int_equal(fclose(file), 0);
}

static void gives_the_same_bytes_for_any_threads(void **state)
{
  (void)state;
  static const unsigned threads[] = {1, 2, 3, 8};
  static const char *const names[] = {"out/node_labels.2025-10-01.parquet",
                                      "out/node_labels.2025-10-02.parquet"};
  uint64_t first[2] = {0, 0};
  mkdir("in", 0777);
  put_big("in/a.csv", 1);
  put_big("in/b.csv", 2);
  for (size_t t = 0; t < SK_COUNT(threads); t++) {
    options.threads = threads[t];
    if (convert("in", "out"))
      fail_msg("%s", err.text);
    assert_int_equal(stats.rows_written, 120000);
    for (size_t i = 0; i < 2; i++) {
      size_t length = 0;
      char *bytes = get_file(names[i], &length);
      assert_non_null(bytes);
      const uint64_t hash = sk_hash_bytes(bytes, length);
      free(bytes);
      assert_true(t == 0 || hash == first[i]);
      first[i] = hash;
    }
  }
}

/* What is converted reads back as the rows of the CSV itself, but for the spelling of labels. */
static void reads_back_as_the_csv(void **state)
{
  (void)state;
  struct reading csv, parquet;
  mkdir("in", 0777);
  put_big("in/a.csv", 3);
  assert_int_equal(convert("in", "out"), SHUKEI_OK);
  reading_init(&csv, SK_REPORT_NODE_LABELS);
  reading_init(&parquet, SK_REPORT_NODE_LABELS);
  csv.options.wanted = parquet.options.wanted = SK_FIELD_BIT(SK_F_NODE);
  csv.options.end_day = 20362;
  parquet.format = SK_FORMAT_PARQUET;
  assert_int_equal(read_source(&csv, "in/a.csv"), SHUKEI_OK);
  assert_int_equal(read_source(&parquet, "out/node_labels.2025-10-01.parquet"), SHUKEI_OK);
  assert_int_equal(csv.rows.length, parquet.rows.length);
  assert_memory_equal(csv.rows.bytes, parquet.rows.bytes, csv.rows.length);
  reading_free(&csv);
  reading_free(&parquet);
}

static bool cancel(void *context)
{
  return --*(int *)context < 0;
}

static void stops_on_request(void **state)
{
  (void)state;
  mkdir("in", 0777);
  put_big("in/a.csv", 1);
  for (int after = 0; after < 3; after++) {
    int left = after;
    options.threads = 1;
    options.callbacks.context = &left;
    options.callbacks.canceled = cancel;
    assert_int_equal(convert("in", "out"), SHUKEI_ECANCELED);
    assert_int_equal(access("out", F_OK), -1);
  }
}

static void survives_failed_allocations(void **state)
{
  (void)state;
  shukei_status st = SHUKEI_ENOMEM;
  put_text("in/a.csv",
           "interval_start,node,node_labels\n2025-10-01,a,a:b\n2025-10-02,\"b\"\"\",\n");
  put_text("in/b.csv", "interval_start,node,node_labels,x\n2025-10-01,\xFF,,\n");
  options.threads = 1;
  options.bad_rows = SHUKEI_BAD_ROWS_KEEP;
  options.bad_rows_file = "bad.csv";
  for (int n = 0; st == SHUKEI_ENOMEM || st == SHUKEI_EWRITE; n++) {
    sk_test_fail_alloc(n);
    st = convert("in", "out");
    sk_test_fail_alloc(-1);
    assert_int_equal(budget.used_bytes, 0);
    if (st)
      assert_int_equal(access("out", F_OK), -1);
  }
  if (st)
    fail_msg("%s", err.text);
  assert_int_equal(count_entries("out"), 2);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      CASE(keeps_all_columns),
      CASE(fills_in_effective_usage),
      CASE(numbers_that_repeat_are_their_own),
      CASE(makes_a_file_a_day),
      CASE(changes_nothing_on_failure),
      CASE(keeps_bad_rows_aside),
      CASE(gives_the_same_bytes_for_any_threads),
      CASE(reads_back_as_the_csv),
      CASE(stops_on_request),
      CASE(survives_failed_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
