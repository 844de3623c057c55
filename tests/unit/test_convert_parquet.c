/* SPDX-License-Identifier: Apache-2.0 */
/* Parquet -> Parquet: many files of hours become the files that the CSV of all of them becomes,
 * bytes and all; what columns that no report has are kept as; rows that are bad or not wanted. */
#include "convert_testing.h"

#include "input/convert_parquet.h"
#include "input/convert_write.h"

enum { HOURS = 60, PODS = 40 };

/* ---- hours ----------------------------------------------------------------------------------- */

static void add_header(struct sk_buffer *out, bool effective)
{
  sk_buffer_text(out, "interval_start,interval_end,node,namespace,pod,pod_usage_cpu_core_seconds,"
                      "pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,"
                      "pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,"
                      "pod_limit_memory_byte_seconds,node_capacity_cpu_cores,"
                      "node_capacity_cpu_core_seconds,node_capacity_memory_bytes,"
                      "node_capacity_memory_byte_seconds,resource_id,pod_labels,note");
  sk_buffer_text(out, effective ? ",pod_effective_usage_cpu_core_seconds\n" : "\n");
}

/* The rows of an hour; every third hour has effective usage. */
static void add_hour(struct sk_buffer *out, int hour, bool effective, uint64_t random)
{
  const int pods = (int)random_below(&random, PODS);
  for (int pod = 0; pod < pods; pod++) {
    char start[32], usage[32] = "";
    snprintf(start, sizeof start, "2025-10-%02dT%02d:00:00Z", 1 + hour / 24, hour % 24);
    if (random_below(&random, 9))
      snprintf(usage, sizeof usage, "%.17g", (double)next_random(&random) / 1e15);
    sk_buffer_printf(out, "%s,%s,n%d,%s,p%d,%s,%d,,%d,%d,,8,28800,64,230400,,%s,%s", start,
                     random_below(&random, 7) ? start : "", pod % 3, pod % 5 ? "shop" : "", pod,
                     usage, pod * 10, pod * 1000, pod * 7,
                     random_below(&random, 4) ? "label_app:web|label_b:\"\"" : "",
                     random_below(&random, 3) ? "x" : "");
    if (effective)
      sk_buffer_printf(out, ",%d", pod * 11);
    sk_buffer_byte(out, '\n');
  }
}

/* Puts hours first .. end as CSV files of one header each; `step` of them a file. */
static void put_hours(const char *folder, int step, uint64_t seed)
{
  char path[64];
  struct sk_buffer text;
  sk_buffer_init(&text, NULL, SIZE_MAX / 2);
  for (int hour = 0; hour < HOURS; hour++) {
    const bool effective = hour % 3 == 0;
    sk_buffer_clear(&text);
    add_header(&text, effective);
    add_hour(&text, hour, effective, seed * 1000 + (uint64_t)hour);
    sk_buffer_byte(&text, '\0');
    if (step)
      snprintf(path, sizeof path, "%s/%02d/a.csv", folder, hour);
    else
      snprintf(path, sizeof path, "%s/%02d.csv", folder, hour);
    put_text(path, (const char *)text.bytes);
  }
  sk_buffer_reset(&text);
}

/* Each hour's CSV converted by itself, in files whose names tell no order. */
static void put_parquet_hours(uint64_t seed)
{
  char from[64], to[64], name[64];
  put_hours("h", 1, seed);
  for (int hour = 0; hour < HOURS; hour++) {
    snprintf(from, sizeof from, "h/%02d", hour);
    snprintf(to, sizeof to, "one/%02d", hour);
    must_convert(from, to);
    snprintf(from, sizeof from, "one/%02d/pod_usage.2025-10-%02d.parquet", hour, 1 + hour / 24);
    snprintf(name, sizeof name, "hours/%02d.parquet", hour * 37 % HOURS);
    make_folders(name);
    assert_true(rename(from, name) == 0 ||
                access(from, F_OK) != 0); /* an hour without rows has none */
  }
}

static void hours_become_what_their_csv_becomes(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 6; seed++) {
    put_hours("csv", 0, seed);
    must_convert("csv", "whole");
    put_parquet_hours(seed);
    options.threads = 1 + (unsigned)seed % 3;
    must_convert("hours", "again");
    assert_true(stats.rows_read > 100 && stats.rows_written == stats.rows_read);
    for (int day = 1; day <= 3; day++) {
      char one[64], other[64];
      size_t length = 0, other_length = 0;
      snprintf(one, sizeof one, "whole/pod_usage.2025-10-%02d.parquet", day);
      snprintf(other, sizeof other, "again/pod_usage.2025-10-%02d.parquet", day);
      char *bytes = get_file(one, &length), *others = get_file(other, &other_length);
      sk_buffer_clear(&table);
      const char *text = cat(one);
      char *copy = malloc(strlen(text) + 1);
      assert_non_null(copy);
      memcpy(copy, text, strlen(text) + 1);
      assert_string_equal(cat(other), copy);
      assert_int_equal(length, other_length);
      assert_memory_equal(bytes, others, length);
      free(copy);
      free(bytes);
      free(others);
    }
    assert_int_equal(count_entries("again"), 3);
    for (const char *const *at =
             (const char *const[]){"csv", "whole", "h", "one", "hours", "again", NULL};
         *at; at++)
      remove_tree(*at);
  }
}

static void keeps_to_the_days(void **state)
{
  (void)state;
  put_parquet_hours(3);
  must_convert("hours", "all");
  const uint64_t rows = stats.rows_written;
  options.start = options.end = "2025-10-02";
  must_convert("hours", "some");
  options.start = options.end = NULL;
  assert_int_equal(count_entries("some"), 1);
  assert_int_equal(stats.rows_read, rows);
  assert_int_equal(stats.rows_filtered + stats.rows_written, rows);
  assert_true(stats.rows_filtered > 0 && stats.rows_written > 0);
}

/* ---- files of other writers ------------------------------------------------------------------ */

static const int64_t hour_us = INT64_C(3600000000), day_us = INT64_C(1759276800000000);

/* A file of node labels of two rows at those times, with a column "x" of that kind. */
static void put_nodes_at(const int64_t times[2], const char *path, enum sk_write_kind kind,
                         const struct sk_write_values *x, const uint8_t *valid, const char *labels)
{
  const struct sk_write_column columns[] = {{"interval_start", SK_WRITE_TIME, false},
                                            {"node", SK_WRITE_TEXT, false},
                                            {"Node_Labels", SK_WRITE_TEXT, false},
                                            {"x", kind, false}};
  struct sk_intern texts;
  struct sk_output *output = NULL;
  struct sk_writer *writer = NULL;
  struct sk_writer_options write;
  sk_writer_options_init(&write);
  assert_true(sk_intern_init(&texts, NULL));
  const uint32_t nodes[] = {sk_intern_add(&texts, "n1", 2), sk_intern_add(&texts, "n2", 2)};
  const uint32_t label[] = {sk_intern_add(&texts, labels, strlen(labels)), SK_NO_ID};
  const struct sk_write_values values[] = {{.valid = valid, .integers = times},
                                           {.ids = nodes, .texts = &texts},
                                           {.ids = label, .texts = &texts},
                                           *x};
  make_folders(path);
  assert_int_equal(sk_store_create(path, NULL, &output, &err), SHUKEI_OK);
  assert_int_equal(sk_writer_open(output, columns, 4, &write, NULL, &writer, &err), SHUKEI_OK);
  assert_int_equal(sk_writer_add(writer, 2, values, &err), SHUKEI_OK);
  assert_int_equal(sk_writer_finish(writer, &err), SHUKEI_OK);
  assert_int_equal(sk_output_commit(output, &err), SHUKEI_OK);
  sk_writer_close(writer);
  sk_output_close(output);
  sk_intern_reset(&texts);
}

static void put_nodes(const char *path, enum sk_write_kind kind, const struct sk_write_values *x,
                      const uint8_t *valid, const char *labels)
{
  const int64_t times[] = {day_us, day_us + hour_us};
  put_nodes_at(times, path, kind, x, valid, labels);
}

static const char made[] = "out/node_labels.2025-10-01.parquet";

static void keeps_columns_of_other_kinds(void **state)
{
  (void)state;
  const int64_t integers[] = {7, -1};
  const double doubles[] = {0.5, 1e300};
  const struct sk_write_values whole = {.integers = integers}, broken = {.doubles = doubles};
  static const struct {
    enum sk_write_kind kinds[2];
    const char *cells[4];
  } cases[] = {
      {{SK_WRITE_INT64, SK_WRITE_INT64}, {"7", "-1", "7", "-1"}},
      {{SK_WRITE_DATE, SK_WRITE_DATE}, {"1970-01-08", "1969-12-31", "1970-01-08", "1969-12-31"}},
      {{SK_WRITE_INT64, SK_WRITE_DOUBLE}, {"7.0", "-1.0", "0.5", "1e+300"}},
      {{SK_WRITE_DATE, SK_WRITE_INT64}, {"1970-01-08", "1969-12-31", "7", "-1"}},
      {{SK_WRITE_DOUBLE, SK_WRITE_TIME},
       {"0.5", "1e+300", "1970-01-01T00:00:00.000007Z", "1969-12-31T23:59:59.999999Z"}},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    char path[32], want[1024];
    for (int f = 0; f < 2; f++) {
      snprintf(path, sizeof path, "in/%d.parquet", f);
      put_nodes(path, cases[i].kinds[f], cases[i].kinds[f] == SK_WRITE_DOUBLE ? &broken : &whole,
                NULL, "label_b:2|label_a:1");
    }
    must_convert("in", "out");
    const char *const *cells = cases[i].cells;
    snprintf(want, sizeof want,
             "interval_start,node,node_labels,x\n"
             "2025-10-01T00:00:00Z,n1,\"{\"\"a\"\": \"\"1\"\", \"\"b\"\": \"\"2\"\"}\",%s\n"
             "2025-10-01T01:00:00Z,n2,,%s\n"
             "2025-10-01T00:00:00Z,n1,\"{\"\"a\"\": \"\"1\"\", \"\"b\"\": \"\"2\"\"}\",%s\n"
             "2025-10-01T01:00:00Z,n2,,%s\n",
             cells[0], cells[1], cells[2], cells[3]);
    assert_string_equal(cat(made), want);
  }
}

static void knows_the_type_that_keeps_all_values(void **state)
{
  (void)state;
  static const struct {
    struct sk_column_meta meta;
    enum sk_convert_kind kind;
  } cases[] = {
      {{.type = SK_TYPE_INT64,
        .logical = SK_LOGICAL_TIMESTAMP,
        .unit = SK_UNIT_MICROS,
        .utc = true},
       SK_CONVERT_TIME},
      {{.type = SK_TYPE_INT64, .logical = SK_LOGICAL_TIMESTAMP, .unit = SK_UNIT_MICROS},
       SK_CONVERT_TEXT},
      {{.type = SK_TYPE_INT64, .logical = SK_LOGICAL_TIMESTAMP, .unit = SK_UNIT_NANOS, .utc = true},
       SK_CONVERT_TEXT},
      {{.type = SK_TYPE_INT64, .logical = SK_LOGICAL_INTEGER, .bit_width = 64, .is_signed = true},
       SK_CONVERT_INTEGER},
      {{.type = SK_TYPE_INT64, .logical = SK_LOGICAL_INTEGER, .bit_width = 64}, SK_CONVERT_TEXT},
      {{.type = SK_TYPE_INT32, .logical = SK_LOGICAL_INTEGER, .bit_width = 32}, SK_CONVERT_INTEGER},
      {{.type = SK_TYPE_INT32, .logical = SK_LOGICAL_DATE}, SK_CONVERT_DATE},
      {{.type = SK_TYPE_FLOAT}, SK_CONVERT_NUMBER},
      {{.type = SK_TYPE_BOOLEAN}, SK_CONVERT_TEXT},
      {{.type = SK_TYPE_INT32, .logical = SK_LOGICAL_DECIMAL}, SK_CONVERT_TEXT},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    struct sk_column_meta meta = cases[i].meta;
    const char *name = NULL;
    meta.name = "x";
    if (sk_parquet_kind(SK_REPORT_NODE_LABELS, &meta, &name) != cases[i].kind)
      fail_msg("case %zu", i);
  }
}

static void write_rows(const char *path, const struct sk_write_column *columns, uint32_t count,
                       uint32_t rows, uint32_t group_rows, const struct sk_write_values *values)
{
  struct sk_writer_options write;
  struct sk_output *output = NULL;
  struct sk_writer *writer = NULL;
  sk_writer_options_init(&write);
  write.group_rows = group_rows;
  make_folders(path);
  assert_int_equal(sk_store_create(path, NULL, &output, &err), SHUKEI_OK);
  assert_int_equal(sk_writer_open(output, columns, count, &write, NULL, &writer, &err), SHUKEI_OK);
  assert_int_equal(sk_writer_add(writer, rows, values, &err), SHUKEI_OK);
  assert_int_equal(sk_writer_finish(writer, &err), SHUKEI_OK);
  assert_int_equal(sk_output_commit(output, &err), SHUKEI_OK);
  sk_writer_close(writer);
  sk_output_close(output);
}

/* Files are taken in the order of their first rows, whichever row group has those. */
static void finds_the_first_instant_of_all_row_groups(void **state)
{
  (void)state;
  enum { MANY = 4000 };
  static int64_t times[MANY];
  const struct sk_write_column column = {"interval_start", SK_WRITE_TIME, true};
  const struct sk_write_values values = {.integers = times};
  struct sk_object *object = NULL;
  struct sk_file *file = NULL;
  for (int i = 0; i < MANY; i++)
    times[i] = day_us + (i / (MANY / 4) == 2 ? 0 : hour_us) + i;
  write_rows("in/a.parquet", &column, 1, MANY, MANY / 4, &values);
  assert_int_equal(sk_store_open("in/a.parquet", NULL, &object, &err), SHUKEI_OK);
  assert_int_equal(sk_file_open(object, NULL, &file, &err), SHUKEI_OK);
  struct sk_group_meta *groups = sk_file_meta(file)->groups;
  assert_int_equal(sk_file_meta(file)->group_count, 4);
  assert_true(sk_parquet_first_us(file) == times[MANY / 2]);
  struct sk_statistics *const turned = &groups[1].chunks[0].statistics;
  const struct sk_statistics right = *turned;
  turned->min_value = right.max_value;
  turned->max_value = right.min_value;
  assert_true(sk_parquet_first_us(file) == INT64_MIN); /* the wrong way round */
  *turned = right;
  groups[0].chunks[0].statistics = (struct sk_statistics){.null_count = -1};
  assert_true(sk_parquet_first_us(file) == INT64_MIN); /* not told of all of them */
  groups[0].row_count = 0;
  assert_true(sk_parquet_first_us(file) == times[MANY / 2]); /* of those that have rows */
  sk_file_close(file);
  sk_object_close(object);
}

static void counts_and_keeps_what_is_odd(void **state)
{
  (void)state;
  const double doubles[] = {-0.5, 2};
  const int64_t last = INT64_C(253402300799999999); /* of 9999 */
  const struct sk_write_values x = {.doubles = doubles};
  const int64_t good[] = {day_us, last}, late[] = {day_us, last + 1};
  put_nodes_at(good, "in/a.parquet", SK_WRITE_DOUBLE, &x, NULL, "label_a:1|b");
  must_convert("in", "out");
  assert_int_equal(stats.values_negative, 1);
  assert_int_equal(stats.label_pairs_skipped, 1);
  assert_int_equal(stats.rows_written, 2);
  assert_non_null(strstr(cat("out/node_labels.9999-12-31.parquet"), "9999-12-31T23:59:59.999999Z"));
  put_nodes_at(late, "late/a.parquet", SK_WRITE_DOUBLE, &x, NULL, "");
  options.bad_rows = SHUKEI_BAD_ROWS_FAIL;
  assert_int_equal(convert("late", "never"), SHUKEI_EFORMAT);
  assert_non_null(strstr(err.text, "row 2"));
}

static void keep_warning(void *context, shukei_log_level level, const char *text)
{
  (void)level;
  snprintf(context, 300, "%s", text);
}

/* Times of another writer may be texts. */
static void reads_times_that_are_texts(void **state)
{
  (void)state;
  static const struct sk_write_column columns[] = {{"interval_start", SK_WRITE_TEXT, false},
                                                   {"report_period_start", SK_WRITE_TEXT, false},
                                                   {"node", SK_WRITE_TEXT, false},
                                                   {"node_labels", SK_WRITE_TEXT, false}};
  struct sk_intern texts;
  char warning[300] = "";
  assert_true(sk_intern_init(&texts, NULL));
  const uint32_t start = sk_intern_add(&texts, "2025-10-01 00:00:00 +0000 UTC", 29);
  const uint32_t period = sk_intern_add(&texts, "2025-09-01 00:00:00 +0000 UTC", 29);
  const uint32_t never = sk_intern_add(&texts, "never", 5);
  const uint32_t starts[] = {start, start, start}, periods[] = {period, never, SK_NO_ID};
  const struct sk_write_values values[] = {{.ids = starts, .texts = &texts},
                                           {.ids = periods, .texts = &texts},
                                           {.ids = starts, .texts = &texts},
                                           {.ids = periods, .texts = &texts}};
  write_rows("in/a.parquet", columns, 4, 3, 1000, values);
  sk_intern_reset(&texts);
  options.callbacks.log = keep_warning;
  options.callbacks.context = warning;
  must_convert("in", "out");
  assert_int_equal(stats.cells_unparsable, 1);
  assert_non_null(strstr(warning, "a.parquet\" row 2"));
  const char *at = strstr(cat(made), "\n2025-10-01T00:00:00Z,2025-09-01T00:00:00Z,");
  at = at ? strstr(at, "\n2025-10-01T00:00:00Z,,") : NULL;
  assert_non_null(at);
}

static void does_with_bad_rows_as_told(void **state)
{
  (void)state;
  const int64_t integers[] = {1, 2};
  const struct sk_write_values x = {.integers = integers};
  const uint8_t no_first[] = {0, 1};
  put_nodes("time/a.parquet", SK_WRITE_INT64, &x, no_first, "");
  put_nodes("text/a.parquet", SK_WRITE_INT64, &x, NULL, "label_a:\xff");
  for (int text = 0; text < 2; text++) {
    const char *in = text ? "text" : "time";
    options.bad_rows = SHUKEI_BAD_ROWS_FAIL;
    assert_int_equal(convert(in, "out"), SHUKEI_EFORMAT);
    assert_non_null(strstr(err.text, "row 1"));
    assert_non_null(strstr(err.text, text ? "node_labels" : "interval_start"));
    assert_int_equal(access("out", F_OK), -1);
    options.bad_rows = SHUKEI_BAD_ROWS_SKIP;
    must_convert(in, "out");
    assert_int_equal(stats.rows_bad, 1);
    assert_int_equal(stats.rows_written, 1);
    assert_non_null(strstr(cat(made), "n2"));
    assert_null(strstr(cat(made), "n1"));
    remove_tree("out");
  }
}

static void stays_out_of_its_sources(void **state)
{
  (void)state;
  const int64_t integers[] = {1, 2};
  const struct sk_write_values x = {.integers = integers};
  put_nodes("in/a.parquet", SK_WRITE_INT64, &x, NULL, "");
  assert_int_equal(convert("in", "in"), SHUKEI_EINVAL);
  assert_int_equal(convert("in", "in/new"), SHUKEI_EINVAL);
  assert_non_null(strstr(err.text, "twice"));
  assert_int_equal(count_entries("in"), 1);
  assert_int_equal(convert("in/a.parquet", "in/new"), SHUKEI_OK);
  assert_int_equal(convert("in/a.parquet", "./in/"), SHUKEI_EINVAL); /* as the shell spells in/ */
  assert_non_null(strstr(err.text, "twice"));
  assert_int_equal(count_entries("in"), 2);
}

/* Rows of a day whose file is ended already are an error, not lost. */
static void loses_no_row_of_a_day_that_ended(void **state)
{
  (void)state;
  enum sk_convert_kind kinds[] = {SK_CONVERT_TIME};
  struct sk_write_column columns[] = {{"interval_start", SK_WRITE_TIME, true}};
  struct sk_convert_report report = {
      .report = SK_REPORT_NODE_LABELS, .columns = columns, .kinds = kinds, .column_count = 1};
  const struct sk_planned_file planned = {.path = "a.parquet"};
  uint32_t slot_columns[] = {0};
  const struct sk_convert_file file = {
      .planned = &planned, .report = &report, .columns = slot_columns, .slot_count = 1};
  int64_t times[] = {day_us, day_us + 24 * hour_us};
  uint8_t valid[] = {1, 1};
  struct sk_piece_column column = {.times = times, .valid = valid};
  int32_t days[] = {20362, 20363};
  struct sk_piece piece = {.file = &file, .rows = 2, .columns = &column, .days = days};
  struct sk_convert_writer writer;
  options.destination = "out";
  assert_int_equal(sk_convert_writer_init(&writer, &options, 1, &budget, &err), SHUKEI_OK);
  assert_int_equal(sk_convert_writer_add(&writer, &piece, &err), SHUKEI_OK);
  assert_int_equal(sk_convert_writer_end_before(&writer, SK_REPORT_POD, INT32_MAX, &err),
                   SHUKEI_OK);
  assert_int_equal(sk_convert_writer_end_before(&writer, SK_REPORT_NODE_LABELS, 20363, &err),
                   SHUKEI_OK);
  assert_true(writer.outputs[0].ended && !writer.outputs[1].ended);
  assert_int_equal(sk_convert_writer_add(&writer, &piece, &err), SHUKEI_EFORMAT);
  assert_non_null(strstr(err.text, "a.parquet"));
  sk_convert_writer_reset(&writer);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  const int64_t integers[] = {1, 2};
  const struct sk_write_values x = {.integers = integers};
  shukei_status st = SHUKEI_ENOMEM;
  put_nodes("in/a.parquet", SK_WRITE_INT64, &x, NULL, "label_a:1");
  put_nodes("in/b.parquet", SK_WRITE_DATE, &x, NULL, "");
  for (int n = 0; st == SHUKEI_ENOMEM; n += 1 + n / 60) {
    sk_test_fail_alloc(n);
    st = convert("in", "out");
    const bool failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    if (st != SHUKEI_OK && st != SHUKEI_ENOMEM)
      fail_msg("%d: %s", n, err.text);
    assert_true(st == SHUKEI_OK || failed);
    assert_int_equal(access(made, F_OK), st ? -1 : 0);
    assert_int_equal(budget.used_bytes, 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(hours_become_what_their_csv_becomes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(keeps_to_the_days, set_up, tear_down),
      cmocka_unit_test_setup_teardown(keeps_columns_of_other_kinds, set_up, tear_down),
      cmocka_unit_test(knows_the_type_that_keeps_all_values),
      cmocka_unit_test_setup_teardown(finds_the_first_instant_of_all_row_groups, set_up, tear_down),
      cmocka_unit_test_setup_teardown(counts_and_keeps_what_is_odd, set_up, tear_down),
      cmocka_unit_test_setup_teardown(reads_times_that_are_texts, set_up, tear_down),
      cmocka_unit_test_setup_teardown(does_with_bad_rows_as_told, set_up, tear_down),
      cmocka_unit_test_setup_teardown(stays_out_of_its_sources, set_up, tear_down),
      cmocka_unit_test_setup_teardown(loses_no_row_of_a_day_that_ended, set_up, tear_down),
      cmocka_unit_test_setup_teardown(survives_every_failed_allocation, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
