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
  assert_int_equal(sk_column_open(file, 0, c, 0, NULL, &column, NULL), SHUKEI_OK);
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
    assert_int_equal(sk_sink_add(sink, &test.row, NULL), SHUKEI_OK);
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
      assert_int_equal(sk_column_open(reading.file, g, columns[i], 0, NULL, &column, NULL),
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

static void threads_do_not_change_the_bytes(void **state)
{
  (void)state;
  struct sk_sink_options options = plain_options("s1");
  size_t length[2];
  char *bytes[2];
  for (int i = 0; i < 2; i++) {
    options.threads = i ? 3 : 1;
    assert_int_equal(write_sink("a.parquet", &options, 900, 20362, 20363, NULL, NULL), SHUKEI_OK);
    bytes[i] = read_whole("a.parquet", &length[i]);
  }
  assert_int_equal(length[0], length[1]);
  assert_memory_equal(bytes[0], bytes[1], length[0]);
  free(bytes[0]);
  free(bytes[1]);
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
      cmocka_unit_test(threads_do_not_change_the_bytes),
      cmocka_unit_test(nothing_changes_before_commit),
      cmocka_unit_test(a_full_disk_leaves_the_old_file),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
