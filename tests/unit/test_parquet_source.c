/* SPDX-License-Identifier: Apache-2.0 */
/* Parquet sources: times of both forms, nulls, days, bad rows, wrong columns, cuts. */
#include "source_testing.h"

#include "parquet/parquet.h"
#include "store/store.h"

#define US0 INT64_C(1759276800000000) /* 2025-10-01 */
#define HOUR INT64_C(3600000000)

static struct reading reading;

static int set_up(void **state)
{
  reading_init(&reading, SK_REPORT_NODE_LABELS);
  reading.format = SK_FORMAT_PARQUET;
  return enter_scratch(state);
}

static int tear_down(void **state)
{
  reading_free(&reading);
  return leave_scratch(state);
}

/* One column of a small file. texts[i] NULL is null, as is times[i] INT64_MIN. */
struct column {
  const char *name;
  enum sk_write_kind kind;
  const char *const *texts;
  const int64_t *integers;
  const double *doubles;
};

static void write_table(const char *path, const struct column *columns, size_t count, size_t rows,
                        uint64_t group_rows)
{
  struct sk_output *output;
  struct sk_writer *writer;
  struct sk_writer_options options;
  struct sk_write_column written[32];
  struct sk_write_values values[32];
  struct sk_intern texts;
  shukei_error err;
  assert_true(count <= 32 && sk_intern_init(&texts, NULL));
  for (size_t c = 0; c < count; c++) {
    uint32_t *ids = calloc(rows + 1, sizeof *ids);
    uint8_t *valid = malloc(rows + 1);
    assert_non_null(ids);
    assert_non_null(valid);
    written[c] = (struct sk_write_column){columns[c].name, columns[c].kind, false};
    values[c] = (struct sk_write_values){.texts = &texts, .valid = valid};
    for (size_t i = 0; i < rows; i++) {
      const char *text = columns[c].texts ? columns[c].texts[i] : NULL;
      ids[i] = text ? sk_intern_add(&texts, text, strlen(text)) : SK_NO_ID;
      valid[i] =
          columns[c].integers ? columns[c].integers[i] != INT64_MIN : columns[c].doubles || text;
    }
    if (columns[c].integers)
      values[c].integers = columns[c].integers;
    else if (columns[c].doubles)
      values[c].doubles = columns[c].doubles;
    else
      values[c].ids = ids;
    if (!values[c].ids || values[c].ids != ids)
      free(ids);
  }
  sk_writer_options_init(&options);
  options.group_rows = group_rows;
  assert_int_equal(sk_store_create(path, NULL, &output, &err), SHUKEI_OK);
  assert_int_equal(sk_writer_open(output, written, count, &options, NULL, &writer, &err),
                   SHUKEI_OK);
  assert_int_equal(sk_writer_add(writer, rows, values, &err), SHUKEI_OK);
  assert_int_equal(sk_writer_finish(writer, &err), SHUKEI_OK);
  assert_int_equal(sk_output_commit(output, &err), SHUKEI_OK);
  sk_writer_close(writer);
  sk_output_close(output);
  for (size_t c = 0; c < count; c++) {
    free((void *)(uintptr_t)values[c].valid);
    if (columns[c].kind == SK_WRITE_TEXT)
      free((void *)(uintptr_t)values[c].ids);
  }
  sk_intern_reset(&texts);
}

static const int64_t times[] = {US0, US0, US0 + HOUR, US0 + 24 * HOUR, US0 - 1};
static const char *const time_texts[] = {"2025-10-01 00:00:00", "2025-10-01T00:00:00Z",
                                         "2025-10-01 01:00:00 +0000 UTC", "2025-10-02 00:00:00",
                                         "2025-09-30 23:59:59.999999"};
static const char *const nodes[] = {"n1", NULL, "", "n2", "n1"};
static const char *const labels[] = {"{\"a\": \"b\"}", NULL, "a:b", "", "{}"};

static void reads_times_and_nulls(void **state)
{
  (void)state;
  const char *want = "1759276800000000\t\"n1\"\t\"{\\\"a\\\": \\\"b\\\"}\"\n"
                     "1759276800000000\t\"\"\t\"\"\n1759280400000000\t\"\"\t\"a:b\"\n"
                     "1759363200000000\t\"n2\"\t\"\"\n1759276799999999\t\"n1\"\t\"{}\"\n";
  for (int text = 0; text < 2; text++)
    for (uint64_t group = 1; group <= 5; group++) {
      const struct column columns[] = {
          {.name = "node_labels", .kind = SK_WRITE_TEXT, .texts = labels},
          {.name = "NODE", .kind = SK_WRITE_TEXT, .texts = nodes},
          {.name = "interval_start",
           .kind = text ? SK_WRITE_TEXT : SK_WRITE_TIME,
           .texts = text ? time_texts : NULL,
           .integers = text ? NULL : times}};
      write_table("x.parquet", columns, 3, 5, group);
      reading.options.start_day = INT32_MIN;
      reading.options.end_day = INT32_MAX;
      if (read_source(&reading, "x.parquet"))
        fail_msg("%s", reading.err.text);
      assert_string_equal((char *)reading.rows.bytes, want);
      assert_int_equal(reading.counts.rows_read, 5);
      assert_int_equal(reading.pieces, (5 + group - 1) / group);
      reading.options.start_day = reading.options.end_day = 20362; /* row groups are passed over */
      assert_int_equal(read_source(&reading, "x.parquet"), SHUKEI_OK);
      assert_int_equal(reading.counts.rows_read, 5);
      assert_int_equal(reading.counts.rows_filtered, 2);
      if (!text && group == 1)
        assert_int_equal(reading.pieces, 3); /* two row groups are not even opened */
      assert_int_equal(strncmp((char *)reading.rows.bytes, want, reading.rows.length - 1), 0);
    }
}

static void handles_bad_rows(void **state)
{
  (void)state;
  static const int64_t some[] = {US0, INT64_MIN, US0, INT64_C(253402300800000000), US0};
  static const char *const texts[] = {"2025-10-01", NULL, "2025-10-01", "tomorrow", "2025-10-01"};
  static const char *const broken[] = {"n1", "n2", "n\xFF", "n4", "n5"};
  for (int text = 0; text < 2; text++) {
    const struct column columns[] = {
        {.name = "interval_start",
         .kind = text ? SK_WRITE_TEXT : SK_WRITE_TIME,
         .texts = text ? texts : NULL,
         .integers = text ? NULL : some},
        {.name = "node", .kind = SK_WRITE_TEXT, .texts = broken},
        {.name = "node_labels", .kind = SK_WRITE_TEXT, .texts = labels}};
    write_table("x.parquet", columns, 3, 5, 100);
    reading.options.wanted = SK_FIELD_BIT(SK_F_NODE);
    reading.options.bad_rows = SHUKEI_BAD_ROWS_FAIL;
    assert_int_equal(read_source(&reading, "x.parquet"), SHUKEI_EFORMAT);
    assert_string_equal(reading.err.text, "x.parquet: row 2: column interval_start: null, "
                                          "expected a time");
    reading.options.bad_rows = SHUKEI_BAD_ROWS_KEEP;
    assert_int_equal(read_source(&reading, "x.parquet"), SHUKEI_OK);
    assert_string_equal((char *)reading.rows.bytes,
                        "1759276800000000\t\"n1\"\n1759276800000000\t\"n5\"\n");
    assert_string_equal((char *)reading.kept.bytes,
                        text ? "2: column interval_start: null, expected a time []\n"
                               "3: column node: not valid UTF-8 []\n"
                               "4: column interval_start: \"tomorrow\" is no time []\n"
                             : "2: column interval_start: null, expected a time []\n"
                               "3: column node: not valid UTF-8 []\n"
                               "4: column interval_start: beyond the years 1 to 9999 []\n");
    assert_int_equal(reading.counts.rows_bad, 3);
  }
}

static void refuses_wrong_columns(void **state)
{
  (void)state;
  static const double doubles[] = {1, 2, 3, 4, 5};
  const struct {
    struct column columns[3];
    const char *says;
  } cases[] = {
      {{{.name = "interval_start", .kind = SK_WRITE_INT64, .integers = times},
        {.name = "node", .kind = SK_WRITE_TEXT, .texts = nodes},
        {.name = "node_labels", .kind = SK_WRITE_TEXT, .texts = labels}},
       "column interval_start: INT64 without annotation, expected a timestamp"},
      {{{.name = "interval_start", .kind = SK_WRITE_TIME, .integers = times},
        {.name = "node", .kind = SK_WRITE_DOUBLE, .doubles = doubles},
        {.name = "node_labels", .kind = SK_WRITE_TEXT, .texts = labels}},
       "column node: DOUBLE without annotation, expected text"},
      {{{.name = "interval_start", .kind = SK_WRITE_TIME, .integers = times},
        {.name = "nodes", .kind = SK_WRITE_TEXT, .texts = nodes},
        {.name = "node_labels", .kind = SK_WRITE_TEXT, .texts = labels}},
       "node_labels report lacks node"},
      {{{.name = "interval_start", .kind = SK_WRITE_TIME, .integers = times},
        {.name = "node", .kind = SK_WRITE_TEXT, .texts = nodes},
        {.name = "Node", .kind = SK_WRITE_TEXT, .texts = nodes}},
       "column Node: is there twice"},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    write_table("x.parquet", cases[i].columns, 3, 5, 100);
    assert_int_equal(read_source(&reading, "x.parquet"), SHUKEI_EFORMAT);
    if (!strstr(reading.err.text, cases[i].says) || !strstr(reading.err.text, "x.parquet: "))
      fail_msg("%s", reading.err.text);
  }
}

#define NUMBERS 10

/* Numbers: nulls, NaN, negative ones, anomalies; the same counts with and without other days. */
static void checks_numbers(void **state)
{
  (void)state;
  static const char *const names[NUMBERS] = {
      "pod_request_cpu_core_seconds",  "pod_limit_cpu_core_seconds",
      "pod_usage_memory_byte_seconds", "pod_request_memory_byte_seconds",
      "pod_limit_memory_byte_seconds", "node_capacity_cpu_core_seconds",
      "node_capacity_memory_bytes",    "node_capacity_memory_byte_seconds",
      "node_capacity_cpu_cores",       "pod_usage_cpu_core_seconds"};
  static const char *const texts[] = {"a", "b", "c", "d", "e", "f", "g"};
  static const int64_t at[] = {US0, US0, US0, US0, US0 + 24 * HOUR, US0, US0};
  static const double ones[] = {1, 1, 1, 1, 1, 1, 1};
  double usage[] = {5, 0, -1, 2e18, 0, 1e18, 0};
  double cores[] = {1, 1, 1, 1, 1, 0, 7};
  struct column columns[NUMBERS + 5];
  usage[1] = usage[4] = strtod("nan", NULL);
  cores[5] = strtod("inf", NULL);
  for (size_t i = 0; i < NUMBERS; i++)
    columns[i] = (struct column){.name = names[i],
                                 .kind = SK_WRITE_DOUBLE,
                                 .doubles = i == 9   ? usage
                                            : i == 8 ? cores
                                                     : ones};
  static const char *const keys[] = {"pod", "namespace", "node", "resource_id"};
  for (size_t i = 0; i < 4; i++)
    columns[NUMBERS + i] = (struct column){.name = keys[i], .kind = SK_WRITE_TEXT, .texts = texts};
  columns[NUMBERS + 4] =
      (struct column){.name = "interval_start", .kind = SK_WRITE_TIME, .integers = at};
  write_table("x.parquet", columns, NUMBERS + 5, 7, 100);
  reading.report = SK_REPORT_POD;
  reading.options.wanted = SK_FIELD_BIT(SK_F_POD) | SK_FIELD_BIT(SK_F_POD_USAGE_CPU) |
                           SK_FIELD_BIT(SK_F_NODE_CAPACITY_CORES);
  reading.options.end_day = 20362;
  if (read_source(&reading, "x.parquet"))
    fail_msg("%s", reading.err.text);
  assert_string_equal((char *)reading.rows.bytes,
                      "1759276800000000\t\"a\"\t5.0\t1.0\n1759276800000000\t\"b\"\t0.0\t1.0\n"
                      "1759276800000000\t\"c\"\t-1.0\t1.0\n1759276800000000\t\"f\"\t1e+18\tinf\n"
                      "1759276800000000\t\"g\"\t0.0\t7.0\n");
  assert_int_equal(reading.counts.cells_unparsable, 1);
  assert_int_equal(reading.counts.first_unparsable.row, 2);
  assert_int_equal(reading.counts.values_negative, 1);
  assert_int_equal(reading.counts.anomalies_dropped, 1);
  assert_int_equal(reading.counts.first_anomaly.row, 4);
  assert_int_equal(reading.counts.rows_filtered, 1);
}

static void cuts_change_nothing(void **state)
{
  (void)state;
  enum { rows = 200000 };
  char(*names)[16] = malloc(rows * sizeof *names);
  const char **some = malloc(rows * sizeof *some);
  int64_t *at = malloc(rows * sizeof *at);
  assert_true(names && some && at);
  for (size_t i = 0; i < rows; i++) {
    snprintf(names[i], sizeof names[i], "node-%zu", i * 7919 % 150001);
    some[i] = i % 11 ? names[i] : NULL;
    at[i] = US0 + (i / 5000 % 3 == 2 ? 24 * HOUR : 0);
  }
  const struct column columns[] = {
      {.name = "interval_start", .kind = SK_WRITE_TIME, .integers = at},
      {.name = "node", .kind = SK_WRITE_TEXT, .texts = some},
      {.name = "node_labels", .kind = SK_WRITE_TEXT, .texts = some}};
  write_table("x.parquet", columns, 3, rows, 150000);
  assert_int_equal(read_source(&reading, "x.parquet"), SHUKEI_OK);
  const uint64_t whole = sk_hash_bytes(reading.rows.bytes, reading.rows.length);
  const size_t length = reading.rows.length;
  reading.cut_bytes = 1;
  assert_int_equal(read_source(&reading, "x.parquet"), SHUKEI_OK);
  assert_true(reading.pieces > 2);
  assert_int_equal(reading.rows.length, length);
  assert_true(sk_hash_bytes(reading.rows.bytes, reading.rows.length) == whole);
  struct sk_counts counts;
  const uint64_t sum = read_shared(&reading, "x.parquet", 1, &counts);
  assert_true(read_shared(&reading, "x.parquet", 4, &counts) == sum);
  assert_int_equal(counts.rows_read, rows);
  /* Every third run of rows lies on the day after: the other columns must catch up at each. */
  char *wanted = malloc(length), *end = wanted;
  assert_non_null(wanted);
  for (char *line = (char *)reading.rows.bytes, *stop; (stop = strchr(line, '\n')); line = stop + 1)
    if (strncmp(line, "1759363200000000\t", 17) == 0) {
      memcpy(end, line, (size_t)(stop + 1 - line));
      end += stop + 1 - line;
    }
  *end = '\0';
  reading.options.start_day = reading.options.end_day = 20363;
  for (int i = 0; i < 2; i++) {
    reading.cut_bytes = i ? 1 : UINT64_C(4) << 20;
    assert_int_equal(read_source(&reading, "x.parquet"), SHUKEI_OK);
    assert_int_equal(reading.counts.rows_read, rows);
    assert_int_equal(reading.rows.length, end - wanted + 1);
    assert_memory_equal(reading.rows.bytes, wanted, reading.rows.length);
  }
  free(wanted);
  free(names);
  free(some);
  free(at);
}

/* Whatever the moment at which the symbols are emptied, the rows are the same. */
static void forgets(void **state)
{
  (void)state;
  enum { rows = 60000 };
  char(*names)[16] = malloc(rows * sizeof *names);
  const char **some = malloc(rows * sizeof *some), **hours = malloc(rows * sizeof *hours);
  assert_true(names && some && hours);
  for (size_t i = 0; i < rows; i++) {
    snprintf(names[i], sizeof names[i], i % 977 ? "node-%zu" : "\xFF%zu", i * 7919 % 4001);
    some[i] = i % 11 ? names[i] : NULL;
    hours[i] = i % 2003 ? time_texts[i / 5000 % 5] : "never";
  }
  int64_t *at = malloc(rows * sizeof *at);
  assert_non_null(at);
  for (size_t i = 0; i < rows; i++)
    at[i] = times[i / 5000 % 5];
  reading.options.bad_rows = SHUKEI_BAD_ROWS_KEEP;
  for (int text = 0; text < 2; text++) {
    const struct column columns[] = {{.name = "interval_start",
                                      .kind = text ? SK_WRITE_TEXT : SK_WRITE_TIME,
                                      .texts = text ? hours : NULL,
                                      .integers = text ? NULL : at},
                                     {.name = "node", .kind = SK_WRITE_TEXT, .texts = some},
                                     {.name = "node_labels", .kind = SK_WRITE_TEXT, .texts = some}};
    write_table("x.parquet", columns, 3, rows, 35000);
    reading.forget = 0;
    assert_int_equal(read_source(&reading, "x.parquet"), SHUKEI_OK);
    const uint64_t whole = sk_hash_bytes(reading.rows.bytes, reading.rows.length);
    const uint64_t kept = sk_hash_bytes(reading.kept.bytes, reading.kept.length);
    assert_true(reading.counts.rows_bad > 50);
    for (reading.forget = 1; reading.forget < 9; reading.forget += 2) {
      assert_int_equal(read_source(&reading, "x.parquet"), SHUKEI_OK);
      assert_true(sk_hash_bytes(reading.rows.bytes, reading.rows.length) == whole);
      assert_true(sk_hash_bytes(reading.kept.bytes, reading.kept.length) == kept);
    }
  }
  free(names);
  free(some);
  free(hours);
  free(at);
}

#define DAY0 20362

/* A row group is claimed on its day, or on an earlier one that some row group behind it has. */
static void claims_by_day(void **state)
{
  (void)state;
  static const int64_t at[] = {INT64_MIN, US0 + 24 * HOUR, US0 + 48 * HOUR, US0 + 24 * HOUR,
                               US0 + 72 * HOUR};
  static const char *const texts[] = {"a", "b", "c", "d", "e"};
  static const struct {
    int32_t last_day;
    uint64_t pieces;
    int32_t left;
  } cases[] = {{INT32_MIN, 1, DAY0 + 1}, {DAY0, 1, DAY0 + 1},      {DAY0 + 1, 4, DAY0 + 3},
               {DAY0 + 2, 4, DAY0 + 3},  {DAY0 + 3, 5, INT32_MAX}, {INT32_MAX, 5, INT32_MAX}};
  const struct column columns[] = {
      {.name = "interval_start", .kind = SK_WRITE_TIME, .integers = at},
      {.name = "node", .kind = SK_WRITE_TEXT, .texts = texts},
      {.name = "node_labels", .kind = SK_WRITE_TEXT, .texts = texts}};
  reading.options.bad_rows = SHUKEI_BAD_ROWS_SKIP;
  write_table("x.parquet", columns, 3, 5, 1);
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    reading.last_day = cases[i].last_day;
    assert_int_equal(read_source(&reading, "x.parquet"), SHUKEI_OK);
    assert_int_equal(reading.pieces, cases[i].pieces);
    assert_int_equal(reading.first_day, cases[i].left);
  }
  /* Row groups outside of the days are due on the last of these, and count. */
  reading.options.start_day = reading.options.end_day = DAY0 + 2;
  reading.last_day = DAY0;
  assert_int_equal(read_source(&reading, "x.parquet"), SHUKEI_OK);
  assert_int_equal(reading.first_day, DAY0 + 2);
  assert_int_equal(reading.counts.rows_read, 2);
  reading.last_day = DAY0 + 2;
  assert_int_equal(read_source(&reading, "x.parquet"), SHUKEI_OK);
  assert_int_equal(reading.first_day, INT32_MAX);
  assert_int_equal(reading.counts.rows_read, 5);
}

static void survives_failed_allocations(void **state)
{
  (void)state;
  const struct column columns[] = {
      {.name = "interval_start", .kind = SK_WRITE_TIME, .integers = times},
      {.name = "node", .kind = SK_WRITE_TEXT, .texts = nodes},
      {.name = "node_labels", .kind = SK_WRITE_TEXT, .texts = labels}};
  shukei_status st = SHUKEI_ENOMEM;
  write_table("x.parquet", columns, 3, 5, 2);
  for (int n = 0; st == SHUKEI_ENOMEM; n++) {
    sk_buffer_reserve(&reading.rows, 4096);
    sk_test_fail_alloc(n);
    st = read_source(&reading, "x.parquet");
    sk_test_fail_alloc(-1);
  }
  if (st)
    fail_msg("%s", reading.err.text);
  assert_int_equal(reading.counts.rows_read, 5);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      CASE(reads_times_and_nulls), CASE(handles_bad_rows),
      CASE(refuses_wrong_columns), CASE(checks_numbers),
      CASE(cuts_change_nothing),   CASE(forgets),
      CASE(claims_by_day),         CASE(survives_failed_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
