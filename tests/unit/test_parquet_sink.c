/* SPDX-License-Identifier: Apache-2.0 */
/* The Parquet sink: its columns, its rows read back, over the borders of pages and row groups. */
#include "sink_testing.h"

#include "base/calendar.h"
#include "parquet/parquet.h"
#include "store/store.h"

struct reading {
  struct sk_object *object;
  struct sk_file *file;
};

static struct reading open_reading(const char *path)
{
  struct reading reading = {NULL, NULL};
  shukei_error err = {0};
  if (sk_store_open(path, NULL, &reading.object, &err) ||
      sk_file_open(reading.object, NULL, &reading.file, &err))
    fail_msg("%s", err.text);
  return reading;
}

static void close_reading(struct reading *reading)
{
  sk_file_close(reading->file);
  sk_object_close(reading->object);
}

#define DAY_ROWS UINT64_C(1700) /* of two days each: three batches and a part */

static void check_text(struct sk_column *column, struct sk_intern *table, const struct sk_row *row,
                       int c)
{
  uint32_t id = 0;
  assert_int_equal(sk_column_ids(column, table, 1, &id, NULL), SHUKEI_OK);
  assert_int_equal(id != SK_NO_ID, sk_row_has(row, (enum sk_row_column)c));
  if (id == SK_NO_ID)
    return;
  const struct sk_text *text = &row->cells[c].text;
  assert_int_equal(sk_intern_at(table, id)->length, text->length);
  assert_memory_equal(sk_intern_at(table, id)->bytes, text->bytes, text->length);
}

static void check_number(struct sk_column *column, const struct sk_row *row, int c)
{
  const union sk_cell *cell = &row->cells[c];
  const bool present = sk_row_has(row, (enum sk_row_column)c);
  uint8_t valid = 7;
  if (sk_row_columns[c].kind == SK_ROW_DAY) {
    int64_t us = -1;
    assert_int_equal(sk_column_times(column, 1, &us, &valid, NULL), SHUKEI_OK);
    assert_int_equal(us, cell->integer * SK_DAY_US);
  } else {
    double value = -1.0;
    assert_int_equal(sk_column_doubles(column, 1, &value, &valid, NULL, NULL), SHUKEI_OK);
    if (present)
      assert_true(value == (sk_row_columns[c].kind == SK_ROW_MEASURE ? cell->measure
                                                                     : (double)cell->integer));
  }
  assert_int_equal(valid, present);
}

/* All rows of a column are as fill() made them. */
static void check_column(struct sk_file *file, int c, bool text)
{
  struct sk_column *column = NULL;
  struct sk_intern table;
  assert_true(sk_intern_init(&table, NULL));
  assert_int_equal(sk_column_open(file, 0, c, 0, NULL, NULL, &column, NULL), SHUKEI_OK);
  for (uint64_t n = 0; n < 2 * DAY_ROWS; n++) {
    struct test_row test;
    make_row(&test, n % DAY_ROWS, n < DAY_ROWS ? 20362 : 20363, "s1", n % 2);
    if (text)
      check_text(column, &table, &test.row, c);
    else
      check_number(column, &test.row, c);
  }
  sk_column_close(column);
  sk_intern_reset(&table);
}

static void rows_come_back(void **state)
{
  (void)state;
  const struct sk_sink_options options = plain_options("s1");
  assert_int_equal(write_sink("a.parquet", &options, DAY_ROWS, 20362, 20363, NULL, NULL),
                   SHUKEI_OK);
  struct reading reading = open_reading("a.parquet");
  const struct sk_meta *meta = sk_file_meta(reading.file);
  assert_int_equal(meta->row_count, 2 * DAY_ROWS);
  assert_int_equal(meta->group_count, 1);
  assert_int_equal(meta->column_count, SK_ROW_COLUMN_COUNT);
  for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++) {
    const struct sk_column_meta *column_meta = &meta->columns[c];
    const enum sk_row_kind kind = sk_row_columns[c].kind;
    const bool text = kind == SK_ROW_TEXT || kind == SK_ROW_LABELS;
    assert_string_equal(column_meta->name, sk_row_columns[c].name);
    assert_int_equal(column_meta->repetition, kind == SK_ROW_DAY ? SK_REQUIRED : SK_OPTIONAL);
    assert_int_equal(column_meta->type, text                     ? SK_TYPE_BYTE_ARRAY
                                        : kind == SK_ROW_DAY     ? SK_TYPE_INT32
                                        : kind == SK_ROW_INTEGER ? SK_TYPE_INT64
                                                                 : SK_TYPE_DOUBLE);
    if (text || kind == SK_ROW_DAY)
      assert_int_equal(column_meta->logical, text ? SK_LOGICAL_STRING : SK_LOGICAL_DATE);
    if (c == SK_R_uuid) /* hexadecimal digits shrink, a few codes need not */
      assert_int_equal(meta->groups[0].chunks[c].codec, SK_CODEC_ZSTD);
    check_column(reading.file, c, text);
  }
  close_reading(&reading);
  assert_int_equal(unlink("a.parquet"), 0);
}

/* Several row groups: the tables of texts are exchanged, and ids mean other texts then. */
static void row_groups_keep_their_texts(void **state)
{
  (void)state;
  const struct sk_sink_options options = plain_options("s1");
  const uint64_t count = 300000;
  struct sk_sink *sink = NULL;
  assert_int_equal(sk_sink_open("a.parquet", &options, NULL, &sink, NULL), SHUKEI_OK);
  for (uint64_t n = 0; n < count; n++) {
    static struct test_row test;
    if (n == 0)
      make_row(&test, 0, 20362, "s1", false);
    snprintf(test.room[SK_R_uuid], sizeof test.room[0], "u%u", (unsigned)n);
    set_text(&test, SK_R_uuid, test.room[SK_R_uuid]);
    snprintf(test.room[SK_R_node], sizeof test.room[0], "n%u", (unsigned)(n / 1000 * 7919 % 301));
    set_text(&test, SK_R_node, test.room[SK_R_node]);
    assert_int_equal(put_row(sink, &test.row, NULL), SHUKEI_OK);
  }
  assert_int_equal(sk_sink_prepare(sink, NULL), SHUKEI_OK);
  assert_int_equal(sk_sink_commit(sink, NULL), SHUKEI_OK);
  sk_sink_close(sink);

  struct reading reading = open_reading("a.parquet");
  const struct sk_meta *meta = sk_file_meta(reading.file);
  assert_true(meta->group_count >= 3);
  static const int columns[] = {SK_R_uuid, SK_R_node};
  for (size_t i = 0; i < SK_COUNT(columns); i++) {
    uint64_t n = 0;
    for (uint32_t g = 0; g < meta->group_count; g++) {
      struct sk_intern table;
      struct sk_column *column = NULL;
      assert_true(sk_intern_init(&table, NULL));
      assert_int_equal(sk_column_open(reading.file, g, columns[i], 0, NULL, NULL, &column, NULL),
                       SHUKEI_OK);
      for (int64_t row = 0; row < meta->groups[g].row_count; row++, n++) {
        char want[32];
        uint32_t id = 0;
        if (i == 0)
          snprintf(want, sizeof want, "u%u", (unsigned)n);
        else
          snprintf(want, sizeof want, "n%u", (unsigned)(n / 1000 * 7919 % 301));
        if (sk_column_ids(column, &table, 1, &id, NULL) || id == SK_NO_ID ||
            sk_intern_at(&table, id)->length != strlen(want) ||
            memcmp(sk_intern_at(&table, id)->bytes, want, strlen(want)))
          fail_msg("row %u of column %d is not \"%s\"", (unsigned)n, columns[i], want);
      }
      sk_column_close(column);
      sk_intern_reset(&table);
    }
    assert_int_equal(n, count);
  }
  close_reading(&reading);
  assert_int_equal(unlink("a.parquet"), 0);
}

static void chunks_and_threads_do_not_show(void **state)
{
  (void)state;
  expect_same_bytes("a.parquet", 12000, 5000, make_plain);
}

/* Labels of 2 kB, all different: 60 MB in all. */
#define WIDE_ROWS UINT64_C(15000)
#define WIDE_BYTES 2000u
static void make_wide(struct test_row *test, uint64_t n, uint64_t day_rows)
{
  static _Thread_local char labels[WIDE_BYTES + 1];
  uint64_t random = n * 2654435761u;
  make_plain(test, n, day_rows);
  for (size_t i = 0; i < WIDE_BYTES; i += 10)
    snprintf(labels + i, sizeof labels - i, "%010u", (unsigned)(next_random(&random) >> 32));
  set_text(test, SK_R_pod_labels, labels);
  set_text(test, SK_R_all_labels, n % 5 ? labels : labels + 1);
}

static void wide_rows_take_little_memory(void **state)
{
  (void)state;
  const struct sk_sink_options options = plain_options("s1");
  struct sk_budget budget;
  sk_budget_init(&budget, (uint64_t)64 << 20);
  write_in_chunks("a.parquet", &options, WIDE_ROWS, WIDE_ROWS, 40, 1, make_wide, &budget);
  /* 12 chunks beside the sink, each with a block of its own. */
  assert_in_range(atomic_load(&budget.peak_bytes), 1, (uint64_t)30 << 20);
  struct reading reading = open_reading("a.parquet");
  const struct sk_meta *meta = sk_file_meta(reading.file);
  assert_int_equal(meta->row_count, WIDE_ROWS);
  assert_true(meta->group_count > 2);
  uint64_t n = 0;
  for (uint32_t g = 0; g < meta->group_count; g++) {
    struct sk_column *column = NULL;
    struct sk_intern table;
    assert_true(sk_intern_init(&table, NULL));
    assert_int_equal(sk_column_open(reading.file, g, SK_R_all_labels, 0, NULL, NULL, &column, NULL),
                     SHUKEI_OK);
    for (int64_t row = 0; row < meta->groups[g].row_count; row++, n++) {
      static struct test_row test;
      make_wide(&test, n, WIDE_ROWS);
      check_text(column, &table, &test.row, SK_R_all_labels);
    }
    sk_column_close(column);
    sk_intern_reset(&table);
  }
  assert_int_equal(n, WIDE_ROWS);
  close_reading(&reading);
  assert_int_equal(unlink("a.parquet"), 0);
  expect_same_bytes("a.parquet", 4000, 4000, make_wide);
}

/* Labels that are all different within a day and come back the next: few enough for a dictionary,
 * or too many. Some rows have none, some an empty text. */
static void make_labels(struct test_row *test, uint64_t n, uint64_t day_rows)
{
  const uint64_t pod = n % day_rows;
  make_plain(test, n, day_rows);
  snprintf(test->room[SK_R_pod_labels], sizeof test->room[0],
           "{\"pod\": \"pod-%06u\", \"app\": \"an application\"}", (unsigned)pod);
  set_text(test, SK_R_pod_labels, pod % 11 ? test->room[SK_R_pod_labels] : "");
  set_text(test, SK_R_all_labels, pod % 13 ? test->room[SK_R_pod_labels] : "{}");
  if (pod % 19 == 0) /* the same address, not the same text */
    test->row.cells[SK_R_all_labels].text.length = 1;
  if (pod % 17 == 0)
    test->row.present &= ~(UINT64_C(1) << SK_R_pod_labels);
}

static void check_labels(struct sk_file *file, uint64_t day_rows, int c)
{
  const struct sk_meta *meta = sk_file_meta(file);
  uint64_t n = 0;
  for (uint32_t g = 0; g < meta->group_count; g++) {
    struct sk_column *column = NULL;
    struct sk_intern table;
    assert_true(sk_intern_init(&table, NULL));
    assert_int_equal(sk_column_open(file, g, c, 0, NULL, NULL, &column, NULL), SHUKEI_OK);
    for (int64_t row = 0; row < meta->groups[g].row_count; row++, n++) {
      struct test_row test;
      make_labels(&test, n, day_rows);
      check_text(column, &table, &test.row, c);
    }
    sk_column_close(column);
    sk_intern_reset(&table);
  }
  assert_int_equal(n, meta->row_count);
}

static void dictionaries_are_kept_where_they_serve(void **state)
{
  (void)state;
  static const struct {
    uint64_t day_rows, rows;
    bool kept;
  } cases[] = {{6000, 60000, true}, {50000, 60000, false}};
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    const struct sk_sink_options options = plain_options("s1");
    write_in_chunks("a.parquet", &options, cases[i].rows, cases[i].day_rows, 2000, i, make_labels,
                    NULL);
    struct reading reading = open_reading("a.parquet");
    const struct sk_meta *meta = sk_file_meta(reading.file);
    const struct sk_chunk_meta *chunk = &meta->groups[0].chunks[SK_R_pod_labels];
    assert_true(chunk->dictionary_page_offset > 0);
    const bool small = chunk->uncompressed_bytes < meta->groups[0].row_count * 20;
    assert_int_equal(small, cases[i].kept);
    assert_true(meta->groups[0].chunks[SK_R_uuid].dictionary_page_offset <= 0);
    check_labels(reading.file, cases[i].day_rows, SK_R_pod_labels);
    check_labels(reading.file, cases[i].day_rows, SK_R_all_labels);
    check_labels(reading.file, cases[i].day_rows, SK_R_uuid);
    close_reading(&reading);
    assert_int_equal(unlink("a.parquet"), 0);
  }
}

/* Between two days the sink holds what is not written, and little else. */
static void a_pause_gives_memory_back(void **state)
{
  (void)state;
  const struct sk_sink_options options = plain_options("s1");
  struct sk_budget budget;
  struct sk_sink *sink = NULL;
  char *want = NULL;
  size_t want_length = 0;
  for (int pauses = 0; pauses < 2; pauses++) {
    sk_budget_init(&budget, UINT64_MAX);
    assert_int_equal(sk_sink_open("a.parquet", &options, &budget, &sink, NULL), SHUKEI_OK);
    for (int32_t day = 1; day < 4; day++) {
      assert_int_equal(fill(sink, 9000, day, day, "s1", NULL), SHUKEI_OK);
      const uint64_t before = atomic_load(&budget.used_bytes);
      if (pauses)
        sk_sink_pause(sink);
      if (pauses) /* blocks, and what is compressed with */
        assert_true(atomic_load(&budget.used_bytes) + 2500000 < before);
    }
    assert_int_equal(sk_sink_prepare(sink, NULL), SHUKEI_OK);
    assert_int_equal(sk_sink_commit(sink, NULL), SHUKEI_OK);
    sk_sink_close(sink);
    size_t length = 0;
    char *bytes = read_whole("a.parquet", &length);
    if (pauses) {
      assert_int_equal(length, want_length);
      assert_memory_equal(bytes, want, length);
      free(bytes);
    } else {
      want = bytes;
      want_length = length;
    }
  }
  free(want);
  assert_int_equal(unlink("a.parquet"), 0);
}

static void nothing_changes_before_commit(void **state)
{
  (void)state;
  const struct sk_sink_options options = plain_options("s1");
  shukei_error err = {0};
  write_file("old.parquet", "old", 3);
  for (int stage = 0; stage < 3; stage++) {
    struct sk_sink *sink = NULL;
    assert_int_equal(sk_sink_open("old.parquet", &options, NULL, &sink, NULL), SHUKEI_OK);
    if (stage > 0)
      assert_int_equal(fill(sink, 1100, 1, 1, "s1", NULL), SHUKEI_OK);
    if (stage > 1)
      assert_int_equal(sk_sink_prepare(sink, NULL), SHUKEI_OK);
    sk_sink_close(sink);
    char *bytes = read_whole("old.parquet", NULL);
    assert_string_equal(bytes, "old");
    free(bytes);
    assert_int_equal(count_files("."), 1);
  }
  assert_int_equal(write_sink("old.parquet/a.parquet", &options, 1, 1, 1, NULL, &err),
                   SHUKEI_EWRITE);
  assert_non_null(strstr(err.text, "old.parquet/a.parquet"));
  assert_int_equal(write_sink("old.parquet", &options, 0, 1, 1, NULL, NULL), SHUKEI_OK);
  struct reading reading = open_reading("old.parquet"); /* no rows are a file as well */
  assert_int_equal(sk_file_meta(reading.file)->row_count, 0);
  close_reading(&reading);
  assert_int_equal(unlink("old.parquet"), 0);
}

static void a_full_disk_leaves_the_old_file(void **state)
{
  (void)state;
  const struct sk_sink_options options = plain_options("s1");
  shukei_error err = {0};
  write_file("old.parquet", "old", 3);
  limit_files(100000);
  const shukei_status st = write_sink("old.parquet", &options, 30000, 1, 1, NULL, &err);
  limit_files(UINT64_MAX);
  assert_int_equal(st, SHUKEI_EWRITE);
  assert_non_null(strstr(err.text, "old.parquet"));
  char *bytes = read_whole("old.parquet", NULL);
  assert_string_equal(bytes, "old");
  free(bytes);
  assert_int_equal(count_files("."), 1);
  assert_int_equal(unlink("old.parquet"), 0);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  const struct sk_sink_options options = plain_options("s1");
  struct sk_budget budget;
  sk_budget_init(&budget, UINT64_MAX);
  bool failed = true;
  for (int n = 0; failed; n++) {
    sk_test_fail_alloc(n);
    const shukei_status st = write_sink("a.parquet", &options, 40, 1, 2, &budget, NULL);
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    assert_true(st == SHUKEI_OK || (failed && st == SHUKEI_ENOMEM));
    assert_int_equal(atomic_load(&budget.used_bytes), 0);
    assert_int_equal(count_files("."), !st);
    if (!st)
      assert_int_equal(unlink("a.parquet"), 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_come_back),
      cmocka_unit_test(row_groups_keep_their_texts),
      cmocka_unit_test(chunks_and_threads_do_not_show),
      cmocka_unit_test(wide_rows_take_little_memory),
      cmocka_unit_test(dictionaries_are_kept_where_they_serve),
      cmocka_unit_test(a_pause_gives_memory_back),
      cmocka_unit_test(nothing_changes_before_commit),
      cmocka_unit_test(a_full_disk_leaves_the_old_file),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
