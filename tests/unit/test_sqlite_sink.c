/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite sink: what is in the table after it, what it replaces, and what it leaves alone. */
#include "sink_testing.h"

#include "base/calendar.h"

#include <sqlite3.h>

#define TABLE "reporting_ocpusagelineitem_daily_summary"

static sqlite3 *open_db(const char *path)
{
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  return db;
}

static void run_sql(const char *path, const char *sql)
{
  sqlite3 *db = open_db(path);
  char *why = NULL;
  if (sqlite3_exec(db, sql, NULL, NULL, &why))
    fail_msg("%s: %s", sql, why);
  sqlite3_close(db);
}

static int64_t ask(const char *path, const char *sql)
{
  sqlite3 *db = open_db(path);
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) || sqlite3_step(statement) != SQLITE_ROW)
    fail_msg("%s: %s", sql, sqlite3_errmsg(db));
  const int64_t answer = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return answer;
}

static int64_t count_rows(const char *path, const char *where)
{
  char sql[512];
  snprintf(sql, sizeof sql, "SELECT count(*) FROM " TABLE " WHERE %s", where);
  return ask(path, sql);
}

static void compare_cell(sqlite3_stmt *rows, const struct sk_row *row, int c)
{
  const union sk_cell *cell = &row->cells[c];
  char day[16];
  if (!sk_row_has(row, (enum sk_row_column)c)) {
    assert_int_equal(sqlite3_column_type(rows, c), SQLITE_NULL);
    return;
  }
  switch (sk_row_columns[c].kind) {
  case SK_ROW_TEXT:
  case SK_ROW_LABELS:
    assert_int_equal(sqlite3_column_bytes(rows, c), cell->text.length);
    assert_memory_equal(sqlite3_column_text(rows, c), cell->text.bytes, cell->text.length);
    break;
  case SK_ROW_DAY:
    assert_string_equal(sqlite3_column_text(rows, c), sk_day_text((int32_t)cell->integer, day));
    break;
  case SK_ROW_MEASURE:
    assert_int_equal(sqlite3_column_type(rows, c), SQLITE_FLOAT);
    assert_true(sqlite3_column_double(rows, c) == cell->measure);
    break;
  case SK_ROW_INTEGER:
    assert_int_equal(sqlite3_column_type(rows, c), SQLITE_INTEGER);
    assert_int_equal(sqlite3_column_int64(rows, c), cell->integer);
    break;
  }
}

/* The table holds exactly the rows that fill() gives, in its order. */
static void check_rows(const char *path, uint64_t count, int32_t first, int32_t last,
                       const char *source)
{
  sqlite3 *db = open_db(path);
  sqlite3_stmt *rows = NULL;
  assert_int_equal(
      sqlite3_prepare_v2(db, "SELECT * FROM " TABLE " ORDER BY rowid", -1, &rows, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_column_count(rows), SK_ROW_COLUMN_COUNT);
  for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++)
    assert_string_equal(sqlite3_column_name(rows, c), sk_row_columns[c].name);
  for (int32_t day = first; day <= last; day++) {
    for (uint64_t n = 0; n < count; n++) {
      struct test_row test;
      make_row(&test, n, day, source, n % 2);
      assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
      for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++)
        compare_cell(rows, &test.row, c);
    }
  }
  assert_int_equal(sqlite3_step(rows), SQLITE_DONE);
  sqlite3_finalize(rows);
  sqlite3_close(db);
}

static void a_new_database_holds_the_rows(void **state)
{
  (void)state;
  const struct sk_sink_options options = plain_options("s1");
  struct sk_sink *sink = NULL;
  assert_int_equal(sk_sink_open("sqlite:new/deep/a", &options, NULL, &sink, NULL), SHUKEI_OK);
  assert_int_equal(fill(sink, 700, 20362, 20363, "s1", NULL), SHUKEI_OK);
  assert_int_equal(sk_sink_prepare(sink, NULL), SHUKEI_OK);
  assert_int_not_equal(access("new/deep/a", F_OK), 0);
  assert_int_equal(sk_sink_commit(sink, NULL), SHUKEI_OK);
  const uint64_t bytes = sk_sink_bytes(sink);
  sk_sink_close(sink);
  struct stat info;
  assert_int_equal(stat("new/deep/a", &info), 0);
  assert_true(bytes >= (uint64_t)info.st_size);
  assert_int_equal(count_files("new/deep"), 1);
  check_rows("new/deep/a", 700, 20362, 20363, "s1");
  assert_int_equal(ask("new/deep/a", "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND "
                                     "sql LIKE '%(usage_start, namespace)'"),
                   1);
  assert_int_equal(ask("new/deep/a", "SELECT count(*) FROM pragma_integrity_check "
                                     "WHERE integrity_check <> 'ok'"),
                   0);
  assert_int_equal(ask("new/deep/a", "SELECT count(*) FROM pragma_table_info('" TABLE "') WHERE "
                                     "(name = 'uuid' AND pk = 1 AND type = 'TEXT') OR "
                                     "(name = 'usage_end' AND \"notnull\" = 1) OR "
                                     "(name = 'cost_category_id' AND type = 'INTEGER') OR "
                                     "(name = 'node_capacity_cpu_cores' AND type = 'REAL')"),
                   4);
  assert_int_equal(unlink("new/deep/a"), 0);
  assert_int_equal(rmdir("new/deep"), 0);
  assert_int_equal(rmdir("new"), 0);
}

/* Two sources in one run: `first` rows of s1, then `second` of s2, of 2025-10-01 and the day
 * after. */
static void write_two(const struct sk_sink_options *options, uint64_t first, uint64_t second)
{
  struct sk_sink *sink = NULL;
  assert_int_equal(sk_sink_open("a.db", options, NULL, &sink, NULL), SHUKEI_OK);
  assert_int_equal(sk_sink_begin_source(sink, "s1", NULL), SHUKEI_OK);
  assert_int_equal(fill(sink, first, 20362, 20363, "s1", NULL), SHUKEI_OK);
  assert_int_equal(sk_sink_begin_source(sink, "s2", NULL), SHUKEI_OK);
  assert_int_equal(fill(sink, second, 20362, 20363, "s2", NULL), SHUKEI_OK);
  assert_int_equal(sk_sink_prepare(sink, NULL), SHUKEI_OK);
  assert_int_equal(sk_sink_commit(sink, NULL), SHUKEI_OK);
  sk_sink_close(sink);
}

static void rows_of_several_sources_are_replaced(void **state)
{
  (void)state;
  struct sk_sink_options options = plain_options("s1"), other = plain_options("s3");
  assert_int_equal(write_sink("a.db", &other, 5, 20362, 20363, NULL, NULL), SHUKEI_OK);
  for (int i = 0; i < 2; i++) {
    write_two(&options, 10, 20);
    assert_int_equal(count_rows("a.db", "source_uuid = 's1'"), 20);
    assert_int_equal(count_rows("a.db", "source_uuid = 's2'"), 40);
  }
  write_two(&options, 0, 3); /* days of rows: those of the first stay */
  assert_int_equal(count_rows("a.db", "source_uuid = 's1'"), 20);
  assert_int_equal(count_rows("a.db", "source_uuid = 's2'"), 6);
  options.start_day = 20362;
  options.end_day = 20362;
  write_two(&options, 0, 0); /* a day that was asked for: those of both go */
  assert_int_equal(count_rows("a.db", "source_uuid = 's1'"), 10);
  assert_int_equal(count_rows("a.db", "source_uuid = 's2'"), 3);
  assert_int_equal(count_rows("a.db", "source_uuid = 's3'"), 10);
  assert_int_equal(unlink("a.db"), 0);
}

static void rows_of_days_and_source_are_replaced(void **state)
{
  (void)state;
  struct sk_sink_options one = plain_options("s1"), two = plain_options("s2"),
                         none = plain_options(NULL);
  assert_int_equal(write_sink("a.db", &one, 10, 20362, 20364, NULL, NULL), SHUKEI_OK);
  assert_int_equal(write_sink("a.db", &two, 20, 20362, 20364, NULL, NULL), SHUKEI_OK);
  assert_int_equal(write_sink("a.db", &none, 5, 20363, 20363, NULL, NULL), SHUKEI_OK);
  for (int i = 0; i < 2; i++) { /* twice over: the same */
    assert_int_equal(write_sink("a.db", &one, 7, 20363, 20363, NULL, NULL), SHUKEI_OK);
    assert_int_equal(count_rows("a.db", "source_uuid = 's1' AND usage_start = '2025-10-02'"), 7);
    assert_int_equal(count_rows("a.db", "source_uuid = 's1'"), 27);
    assert_int_equal(count_rows("a.db", "source_uuid = 's2'"), 60);
    assert_int_equal(count_rows("a.db", "source_uuid IS NULL"), 5);
  }
  assert_int_equal(write_sink("a.db", &none, 3, 20363, 20364, NULL, NULL), SHUKEI_OK);
  assert_int_equal(count_rows("a.db", "source_uuid IS NULL"), 6);
  assert_int_equal(count_rows("a.db", "1"), 93);

  /* Days that were asked for lose their rows even where the run has none for them. */
  one.start_day = 20362;
  one.end_day = 20363;
  assert_int_equal(write_sink("a.db", &one, 4, 20363, 20363, NULL, NULL), SHUKEI_OK);
  assert_int_equal(count_rows("a.db", "source_uuid = 's1' AND usage_start = '2025-10-01'"), 0);
  assert_int_equal(count_rows("a.db", "source_uuid = 's1' AND usage_start = '2025-10-02'"), 4);
  assert_int_equal(count_rows("a.db", "source_uuid = 's1' AND usage_start = '2025-10-03'"), 10);
  assert_int_equal(write_sink("a.db", &one, 0, 0, 0, NULL, NULL), SHUKEI_OK); /* no rows at all */
  assert_int_equal(count_rows("a.db", "source_uuid = 's1'"), 10);
  assert_int_equal(count_rows("a.db", "1"), 76);
  assert_int_equal(count_files("."), 1);
  assert_int_equal(unlink("a.db"), 0);
}

/* Creates our table with its columns backwards, without those of the list, and with more. */
static void make_table(const char *path, const char *without, const char *more)
{
  char sql[8192];
  size_t at = (size_t)snprintf(sql, sizeof sql, "CREATE TABLE " TABLE " (extra TEXT DEFAULT 'e'");
  for (int c = SK_ROW_COLUMN_COUNT; c-- > 0;) {
    char word[64];
    snprintf(word, sizeof word, " %s ", sk_row_columns[c].name);
    if (!strstr(without, word))
      at += (size_t)snprintf(sql + at, sizeof sql - at, ", %s", sk_row_columns[c].name);
  }
  snprintf(sql + at, sizeof sql - at, "%s)", more);
  run_sql(path, sql);
}

static void existing_tables_are_taken_as_they_are(void **state)
{
  (void)state;
  const struct sk_sink_options options = plain_options("s1");
  make_table("a.db", "", ", INFRASTRUCTURE_RAW_COST REAL");
  run_sql("a.db", "CREATE TABLE other (x); INSERT INTO other VALUES (1), (2)");
  assert_int_equal(write_sink("a.db", &options, 10, 20362, 20363, NULL, NULL), SHUKEI_OK);
  assert_int_equal(count_rows("a.db", "extra = 'e' AND usage_start = usage_end"), 20);
  run_sql("a.db", "UPDATE " TABLE " SET infrastructure_raw_cost = rowid % 3 - 1, uuid = rowid");
  const int64_t costly = count_rows("a.db", "infrastructure_raw_cost <> 0");
  const int64_t kept = count_rows("a.db", "infrastructure_raw_cost <> 0 AND usage_start = "
                                          "'2025-10-01'");
  assert_true(kept > 0 && kept < 10);
  assert_int_equal(write_sink("a.db", &options, 8, 20362, 20362, NULL, NULL), SHUKEI_OK);
  assert_int_equal(count_rows("a.db", "usage_start = '2025-10-01'"), kept + 8);
  assert_int_equal(count_rows("a.db", "infrastructure_raw_cost <> 0"), costly);
  assert_int_equal(count_rows("a.db", "usage_start = '2025-10-02'"), 10);
  assert_int_equal(ask("a.db", "SELECT count(*) FROM other"), 2);
  assert_int_equal(unlink("a.db"), 0);

  run_sql("a.db", "PRAGMA journal_mode = WAL; CREATE TABLE other (x)");
  assert_int_equal(write_sink("a.db", &options, 10, 20362, 20363, NULL, NULL), SHUKEI_OK);
  assert_int_equal(count_rows("a.db", "1"), 20);
  assert_int_equal(unlink("a.db"), 0);
  assert_int_equal(count_files("."), 0);
  write_file("a.db", "", 0); /* empty is an empty database */
  assert_int_equal(write_sink("a.db", &options, 10, 20362, 20363, NULL, NULL), SHUKEI_OK);
  check_rows("a.db", 10, 20362, 20363, "s1");
  assert_int_equal(unlink("a.db"), 0);
}

/* Opening `path` fails with that text, and the file stays as it was. */
static void refuses(const char *path, const char *text)
{
  const struct sk_sink_options options = plain_options("s1");
  shukei_error err = {0};
  size_t length, length_after;
  struct sk_sink *sink = NULL;
  char *before = read_whole(path, &length);
  assert_int_equal(sk_sink_open(path, &options, NULL, &sink, &err), SHUKEI_EWRITE);
  assert_null(sink);
  char *after = read_whole(path, &length_after);
  assert_int_equal(length, length_after);
  assert_memory_equal(before, after, length);
  free(before);
  free(after);
  assert_non_null(strstr(err.text, path));
  if (!strstr(err.text, text))
    fail_msg("\"%s\" does not say \"%s\"", err.text, text);
  assert_int_equal(count_files("."), 1);
  assert_int_equal(unlink(path), 0);
}

static void chunks_do_not_show(void **state)
{
  (void)state;
  expect_same_bytes("a.db", 4000, 1500, make_plain);
  const struct sk_sink_options options = plain_options("s1");
  write_in_chunks("a.db", &options, 3000, 1500, 40, 1, make_plain, NULL);
  check_rows("a.db", 1500, 20362, 20363, "s1");
  write_in_chunks("a.db", &options, 3000, 1500, 900, 2, make_plain, NULL); /* in place */
  check_rows("a.db", 1500, 20362, 20363, "s1");
  assert_int_equal(unlink("a.db"), 0);
}

static void unfit_targets_are_refused(void **state)
{
  (void)state;
  const struct sk_sink_options options = plain_options("s1");
  shukei_error err = {0};
  char rubbish[5000];
  memset(rubbish, 'r', sizeof rubbish);
  write_file("a.db", rubbish, sizeof rubbish);
  refuses("a.db", "is not a SQLite database");
  write_file("a.db", rubbish, 3);
  refuses("a.db", "is not a SQLite database");
  run_sql("a.db", "CREATE TABLE t (x); CREATE VIEW " TABLE " AS SELECT * FROM t");
  refuses("a.db", "is there as a view");
  run_sql("a.db", "CREATE TABLE t (x); CREATE INDEX " TABLE " ON t (x)");
  refuses("a.db", "is there as an index");
  make_table("a.db", " node_capacity_cpu_cores ", "");
  refuses("a.db", "lacks the column node_capacity_cpu_cores");
  make_table("a.db", " all_labels  storageclass ", "");
  refuses("a.db", "lacks the columns storageclass, all_labels");
  assert_int_equal(mkdir("a.db", 0777), 0);
  assert_int_equal(write_sink("a.db", &options, 1, 1, 1, NULL, &err), SHUKEI_EWRITE);
  assert_non_null(strstr(err.text, "is a folder"));
  assert_int_equal(rmdir("a.db"), 0);
  write_file("file", "f", 1);
  assert_int_equal(write_sink("file/a.db", &options, 1, 1, 1, NULL, &err), SHUKEI_EWRITE);
  assert_non_null(strstr(err.text, "file/a.db"));
  assert_int_equal(unlink("file"), 0);
  assert_int_equal(mkfifo("a.db", 0666), 0);
  assert_int_equal(write_sink("a.db", &options, 1, 1, 1, NULL, &err), SHUKEI_EWRITE);
  assert_int_equal(unlink("a.db"), 0);
  if (geteuid() != 0) { /* root may write to it all the same */
    run_sql("a.db", "CREATE TABLE t (x)");
    assert_int_equal(chmod("a.db", 0444), 0);
    refuses("a.db", "read-only");
  }
}

static void closing_without_commit_leaves_the_old_rows(void **state)
{
  (void)state;
  struct sk_sink_options options = plain_options("s1");
  options.start_day = 20362;
  options.end_day = 20363;
  for (int stage = 0; stage < 3; stage++) {
    for (int exists = 0; exists < 2; exists++) {
      struct sk_sink *sink = NULL;
      if (exists)
        assert_int_equal(write_sink("a.db", &options, 300, 20362, 20363, NULL, NULL), SHUKEI_OK);
      assert_int_equal(sk_sink_open("a.db", &options, NULL, &sink, NULL), SHUKEI_OK);
      if (stage > 0)
        assert_int_equal(fill(sink, 200, 20362, 20363, "s1", NULL), SHUKEI_OK);
      if (stage > 1)
        assert_int_equal(sk_sink_prepare(sink, NULL), SHUKEI_OK);
      sk_sink_close(sink);
      assert_int_equal(count_files("."), exists);
      if (exists) {
        check_rows("a.db", 300, 20362, 20363, "s1");
        assert_int_equal(unlink("a.db"), 0);
      }
    }
  }
}

/* Other causes of failure in the middle of a run. */
static void failures_leave_the_old_rows(void **state)
{
  (void)state;
  const struct sk_sink_options options = plain_options("s1");
  shukei_error err = {0};
  struct sk_sink *sink = NULL;
  assert_int_equal(write_sink("a.db", &options, 50, 20362, 20362, NULL, NULL), SHUKEI_OK);
  /* A row that the table refuses: its uuid belongs to another source. */
  run_sql("a.db", "UPDATE " TABLE " SET source_uuid = 's2' WHERE uuid = 's1/20362/40'");
  assert_int_equal(write_sink("a.db", &options, 50, 20362, 20362, NULL, &err), SHUKEI_EWRITE);
  assert_non_null(strstr(err.text, "could not write a row"));
  assert_int_equal(count_rows("a.db", "source_uuid = 's1'"), 49);
  /* The table loses a column between opening and the first row. */
  assert_int_equal(sk_sink_open("a.db", &options, NULL, &sink, NULL), SHUKEI_OK);
  run_sql("a.db", "ALTER TABLE " TABLE " RENAME COLUMN node TO knot");
  assert_int_equal(fill(sink, 1, 20362, 20362, "s1", &err), SHUKEI_EWRITE);
  assert_non_null(strstr(err.text, "lacks the column node"));
  sk_sink_close(sink);
  assert_int_equal(count_rows("a.db", "1"), 50);
  assert_int_equal(unlink("a.db"), 0);
  assert_int_equal(sk_sink_open("a.db", &options, NULL, &sink, NULL), SHUKEI_OK);
  assert_int_equal(fill(sink, 5, 20362, 20362, "s1", NULL), SHUKEI_OK);
  assert_int_equal(sk_sink_prepare(sink, NULL), SHUKEI_OK);
  /* Another program makes the same database during the run: neither's rows are lost unseen. */
  run_sql("a.db", "CREATE TABLE theirs (x)");
  assert_int_equal(sk_sink_commit(sink, &err), SHUKEI_EWRITE);
  assert_non_null(strstr(err.text, "another program"));
  sk_sink_close(sink);
  assert_int_equal(ask("a.db", "SELECT count(*) FROM theirs"), 0);
  assert_int_equal(count_files("."), 1);
  assert_int_equal(unlink("a.db"), 0);
}

static void a_full_disk_leaves_the_old_rows(void **state)
{
  (void)state;
  const struct sk_sink_options options = plain_options("s1");
  for (int exists = 0; exists < 2; exists++) {
    shukei_error err = {0};
    if (exists)
      assert_int_equal(write_sink("a.db", &options, 300, 20362, 20362, NULL, NULL), SHUKEI_OK);
    limit_files((uint64_t)512 << 10);
    const shukei_status st = write_sink("a.db", &options, 3000, 20362, 20362, NULL, &err);
    limit_files(UINT64_MAX);
    assert_int_equal(st, SHUKEI_EWRITE);
    assert_non_null(strstr(err.text, "a.db: "));
    assert_int_equal(count_files("."), exists);
  }
  check_rows("a.db", 300, 20362, 20362, "s1");
  assert_int_equal(unlink("a.db"), 0);
}

static void odd_names_are_paths(void **state)
{
  (void)state;
  const struct sk_sink_options options = plain_options("s1");
  static const char *const names[] = {"sqlite::memory:", "sqlite:file:a?mode=memory", "sqlite: "};
  for (size_t i = 0; i < SK_COUNT(names); i++) {
    assert_int_equal(write_sink(names[i], &options, 2, 1, 1, NULL, NULL), SHUKEI_OK);
    assert_int_equal(count_files("."), 1);
    assert_int_equal(write_sink(names[i], &options, 2, 1, 1, NULL, NULL), SHUKEI_OK);
    assert_int_equal(unlink(names[i] + strlen("sqlite:")), 0);
  }
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  struct sk_budget budget;
  struct sk_sink_options options = plain_options("s1");
  sk_budget_init(&budget, (uint64_t)64 << 20);
  for (int exists = 0; exists < 2; exists++) {
    bool failed = true;
    for (int n = 0; failed; n++) {
      if (exists)
        make_table("a.db", "", "");
      sk_test_fail_alloc(n);
      const shukei_status st = write_sink("a.db", &options, 2, 20362, 20362, &budget, NULL);
      failed = sk_test_alloc_failed();
      sk_test_fail_alloc(-1);
      assert_true(st == SHUKEI_OK || (failed && st == SHUKEI_ENOMEM));
      assert_int_equal(atomic_load(&budget.used_bytes), 0);
      /* A buffer may grow by less where it could not double: then all is well. */
      assert_int_equal(count_files("."), exists || !st);
      if (exists || !st) {
        assert_int_equal(count_rows("a.db", "1"), st ? 0 : 2);
        assert_int_equal(unlink("a.db"), 0);
      }
    }
  }
  /* A budget too small for the page cache. */
  shukei_error err = {0};
  sk_budget_init(&budget, (uint64_t)700 << 10);
  assert_int_equal(write_sink("a.db", &options, 2, 1, 1, &budget, &err), SHUKEI_ENOMEM);
  assert_non_null(strstr(err.text, "page cache"));
  assert_int_equal(count_files("."), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_database_holds_the_rows),
      cmocka_unit_test(rows_of_days_and_source_are_replaced),
      cmocka_unit_test(rows_of_several_sources_are_replaced),
      cmocka_unit_test(existing_tables_are_taken_as_they_are),
      cmocka_unit_test(chunks_do_not_show),
      cmocka_unit_test(unfit_targets_are_refused),
      cmocka_unit_test(closing_without_commit_leaves_the_old_rows),
      cmocka_unit_test(failures_leave_the_old_rows),
      cmocka_unit_test(a_full_disk_leaves_the_old_rows),
      cmocka_unit_test(odd_names_are_paths),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
