/* SPDX-License-Identifier: Apache-2.0 */
/* Ledgers of databases and datasets: what is written comes back, marks tell what became of the
 * rows, sources do not meet, damaged ledgers are empty ones. */
#include "sink_testing.h"

#include "sink/dataset_names.h"
#include "store/store.h"

#include <sqlite3.h>

#define FIRST 20362 /* 2025-10-01 */
#define TABLE "reporting_ocpusagelineitem_daily_summary"

static const char *const sinks[] = {"a.db", "out/"};

static void remove_all(const char *path)
{
  char below[1024];
  struct stat info;
  DIR *dir = lstat(path, &info) == 0 && S_ISDIR(info.st_mode) ? opendir(path) : NULL;
  for (const struct dirent *entry; dir && (entry = readdir(dir));)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name) < (int)sizeof below)
      remove_all(below);
  if (dir)
    closedir(dir);
  remove(path);
}

static void clean(void)
{
  static const char *const paths[] = {"a.db", "out", "out.s1.shukei-ledger.db",
                                      "out.shukei-ledger.db"};
  for (size_t i = 0; i < SK_COUNT(paths); i++)
    remove_all(paths[i]);
}

static int tear_down(void **state)
{
  clean();
  return leave_folder(state);
}

static struct sk_ledger_object object_of(const char *path, const char *etag)
{
  return (struct sk_ledger_object){.path = path,
                                   .etag = etag,
                                   .report = "pod_usage",
                                   .format = "csv",
                                   .days = "2025-10-01",
                                   .note = "",
                                   .rows = 7,
                                   .state = SK_LEDGER_NEW};
}

static struct sk_ledger_day day_of(int32_t day, const char *settings)
{
  return (struct sk_ledger_day){.day = day,
                                .settings = settings,
                                .objects = "o",
                                .mark = "",
                                .found = "",
                                .state = SK_LEDGER_NEW};
}

/* Writes `count` rows of each of the days from first on, and a ledger. */
static shukei_status run(const char *name, const char *source, uint64_t count, int32_t first,
                         int32_t last, struct sk_ledger *ledger, struct sk_budget *budget)
{
  struct sk_sink_options options = plain_options(source);
  struct sk_sink *sink = NULL;
  shukei_status st = sk_sink_open(name, &options, budget, &sink, NULL);
  if (!st && ledger)
    sk_sink_keep_ledger(sink, ledger);
  if (!st)
    st = fill(sink, count, first, last, source, NULL);
  if (!st)
    st = sk_sink_prepare(sink, NULL);
  if (!st)
    st = sk_sink_commit(sink, NULL);
  sk_sink_close(sink);
  return st;
}

static void load(const char *name, const char *source, struct sk_ledger *ledger)
{
  sk_ledger_init(ledger, NULL);
  const struct sk_sink_options options = {
      .start_day = INT32_MIN, .end_day = INT32_MAX, .source_uuid = source};
  assert_int_equal(sk_sink_ledger_load(name, &options, NULL, ledger, NULL), SHUKEI_OK);
}

/* Two days of rows with a ledger of two objects. */
static void first_run(const char *name, const char *source)
{
  struct sk_ledger ledger;
  load(name, source, &ledger);
  assert_true(sk_ledger_add_object(&ledger, object_of("b", "2")));
  assert_true(sk_ledger_add_object(&ledger, object_of("a", "1")));
  assert_true(sk_ledger_add_day(&ledger, day_of(FIRST + 1, "s")));
  assert_true(sk_ledger_add_day(&ledger, day_of(FIRST, "s")));
  sk_ledger_sort(&ledger);
  assert_true(sk_ledger_changed(&ledger));
  assert_int_equal(run(name, source, 5, FIRST, FIRST + 1, &ledger, NULL), SHUKEI_OK);
  sk_ledger_reset(&ledger);
}

static bool trusted(const struct sk_ledger *ledger, int32_t day)
{
  const struct sk_ledger_day *noted = sk_ledger_find_day(ledger, day);
  return noted && noted->mark[0] && strcmp(noted->mark, noted->found) == 0;
}

static void what_is_written_comes_back(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(sinks); i++) {
    struct sk_ledger ledger;
    assert_true(sk_sink_has_ledger(sinks[i]));
    load(sinks[i], "s1", &ledger);
    assert_int_equal(ledger.object_count + ledger.day_count, 0);
    sk_ledger_reset(&ledger);
    first_run(sinks[i], "s1");
    load(sinks[i], "s1", &ledger);
    assert_int_equal(ledger.object_count, 2);
    const struct sk_ledger_object *object = sk_ledger_find_object(&ledger, "b");
    assert_non_null(object);
    assert_string_equal(object->etag, "2");
    assert_string_equal(object->report, "pod_usage");
    assert_string_equal(object->format, "csv");
    assert_string_equal(object->days, "2025-10-01");
    assert_string_equal(object->note, "");
    assert_int_equal(object->rows, 7);
    assert_null(sk_ledger_find_object(&ledger, "c"));
    assert_int_equal(ledger.day_count, 2);
    assert_true(trusted(&ledger, FIRST) && trusted(&ledger, FIRST + 1));
    assert_string_equal(ledger.days[0].settings, "s");
    assert_string_equal(ledger.days[0].objects, "o");
    assert_false(sk_ledger_changed(&ledger));
    sk_ledger_reset(&ledger);
    clean();
  }
  assert_false(sk_sink_has_ledger("a.csv"));
  assert_false(sk_sink_has_ledger("a.parquet"));
  assert_false(sk_sink_has_ledger("-"));
  assert_false(sk_sink_has_ledger("nothing"));
}

/* A ledger may become many times as large, and keeps what it had. */
static void ledgers_grow(void **state)
{
  (void)state;
  enum { MORE = 3000 };
  for (size_t i = 0; i < SK_COUNT(sinks); i++) {
    struct sk_ledger ledger;
    first_run(sinks[i], "s1");
    load(sinks[i], "s1", &ledger);
    for (int n = 0; n < MORE; n++) {
      char path[40];
      snprintf(path, sizeof path, "c/%030d", n);
      assert_true(sk_ledger_add_object(&ledger, object_of(sk_ledger_text(&ledger, path), "3")));
    }
    sk_ledger_sort(&ledger);
    assert_int_equal(run(sinks[i], "s1", 5, FIRST, FIRST + 1, &ledger, NULL), SHUKEI_OK);
    sk_ledger_reset(&ledger);
    load(sinks[i], "s1", &ledger);
    assert_int_equal(ledger.object_count, MORE + 2);
    assert_non_null(sk_ledger_find_object(&ledger, "a"));
    assert_non_null(sk_ledger_find_object(&ledger, "c/000000000000000000000000002999"));
    sk_ledger_reset(&ledger);
    clean();
  }
}

static void changes_are_written(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(sinks); i++) {
    struct sk_ledger ledger;
    first_run(sinks[i], "s1");
    load(sinks[i], "s1", &ledger);
    sk_ledger_find_object(&ledger, "a")->state = SK_LEDGER_GONE;
    *sk_ledger_find_object(&ledger, "b") = object_of("b", "3");
    sk_ledger_find_day(&ledger, FIRST)->state = SK_LEDGER_GONE;
    struct sk_ledger_day *day = sk_ledger_find_day(&ledger, FIRST + 1);
    *day = day_of(FIRST + 1, "t");
    assert_int_equal(run(sinks[i], "s1", 6, FIRST + 1, FIRST + 1, &ledger, NULL), SHUKEI_OK);
    sk_ledger_reset(&ledger);
    load(sinks[i], "s1", &ledger);
    assert_int_equal(ledger.object_count, 1);
    assert_string_equal(ledger.objects[0].etag, "3");
    assert_true(trusted(&ledger, FIRST + 1));
    assert_string_equal(sk_ledger_find_day(&ledger, FIRST + 1)->settings, "t");
    /* its rows are there, so the day is, and nothing is known of it */
    assert_string_equal(sk_ledger_find_day(&ledger, FIRST)->settings, "");
    assert_true(sk_ledger_find_day(&ledger, FIRST)->found[0]);
    sk_ledger_reset(&ledger);
    clean();
  }
}

static void runs_without_ledger_are_noticed(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(sinks); i++) {
    struct sk_ledger ledger;
    first_run(sinks[i], "s1");
    /* The last day's rows, exchanged for as many others: the highest rowids of the table again. */
    assert_int_equal(run(sinks[i], "s1", 5, FIRST + 1, FIRST + 1, NULL, NULL), SHUKEI_OK);
    assert_int_equal(run(sinks[i], "s2", 5, FIRST, FIRST, NULL, NULL), SHUKEI_OK);
    load(sinks[i], "s1", &ledger);
    assert_true(trusted(&ledger, FIRST)); /* the other source's run does not matter */
    assert_false(trusted(&ledger, FIRST + 1));
    sk_ledger_reset(&ledger);
    load(sinks[i], "s2", &ledger);
    assert_int_equal(ledger.object_count, 0);
    assert_int_equal(ledger.day_count, 1);
    sk_ledger_reset(&ledger);
    load(sinks[i], NULL, &ledger);
    assert_int_equal(ledger.object_count + ledger.day_count, 0);
    sk_ledger_reset(&ledger);
    clean();
  }
}

static void sql(const char *name, const char *text)
{
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open(name, &db), SQLITE_OK);
  if (sqlite3_exec(db, text, NULL, NULL, NULL))
    fail_msg("%s: %s", text, sqlite3_errmsg(db));
  sqlite3_close(db);
}

static void lost_rows_are_noticed(void **state)
{
  (void)state;
  struct sk_ledger ledger;
  first_run(sinks[0], NULL);
  sql("a.db", "DELETE FROM " TABLE " WHERE usage_start = '2025-10-01' AND rowid % 2 = 0");
  load(sinks[0], NULL, &ledger);
  assert_false(trusted(&ledger, FIRST));
  assert_true(trusted(&ledger, FIRST + 1));
  sk_ledger_reset(&ledger);
  sql("a.db", "DROP TABLE " TABLE);
  load(sinks[0], NULL, &ledger);
  assert_int_equal(ledger.object_count, 2);
  assert_false(trusted(&ledger, FIRST + 1));
  sk_ledger_reset(&ledger);
  first_run(sinks[1], NULL);
  assert_int_equal(unlink("out/year=2025/month=10/day=01/summary.parquet"), 0);
  load(sinks[1], NULL, &ledger);
  assert_false(trusted(&ledger, FIRST));
  assert_true(trusted(&ledger, FIRST + 1));
  sk_ledger_reset(&ledger);
  clean();
}

static void odd_ledgers_are_empty(void **state)
{
  (void)state;
  struct sk_ledger ledger;
  static const char ledger_path[] = "out.shukei-ledger.db";
  static const char *const bytes[] = {"", "no database", "SQLite format 3"};
  for (size_t i = 0; i < SK_COUNT(bytes); i++) {
    first_run(sinks[1], NULL);
    write_file(ledger_path, bytes[i], strlen(bytes[i]));
    load(sinks[1], NULL, &ledger);
    assert_int_equal(ledger.object_count, 0);
    assert_int_equal(ledger.day_count, 2); /* by what the dataset holds */
    assert_false(trusted(&ledger, FIRST));
    sk_ledger_reset(&ledger);
    first_run(sinks[1], NULL); /* which writes it anew */
    load(sinks[1], NULL, &ledger);
    assert_int_equal(ledger.object_count, 2);
    assert_true(trusted(&ledger, FIRST));
    sk_ledger_reset(&ledger);
  }
  size_t length;
  char *whole = read_whole(ledger_path, &length);
  for (size_t cut = 0; cut < length;
       cut += 997) { /* whatever is left of it: no crash, and mended */
    write_file(ledger_path, whole, cut);
    load(sinks[1], NULL, &ledger);
    sk_ledger_reset(&ledger);
  }
  free(whole);
  first_run(sinks[1], NULL);
  /* tables of another version */
  first_run(sinks[0], NULL);
  sql("a.db", "ALTER TABLE shukei_ledger_objects DROP COLUMN format");
  load(sinks[0], NULL, &ledger);
  assert_int_equal(ledger.object_count, 0);
  sk_ledger_reset(&ledger);
  first_run(sinks[0], NULL);
  load(sinks[0], NULL, &ledger);
  assert_int_equal(ledger.object_count, 2);
  assert_true(trusted(&ledger, FIRST));
  sk_ledger_reset(&ledger);
  clean();
}

static void ranges_alone_are_replaced(void **state)
{
  (void)state;
  static const struct sk_day_range ranges[] = {{FIRST, FIRST}, {FIRST + 3, FIRST + 4}};
  for (size_t i = 0; i < SK_COUNT(sinks); i++) {
    struct sk_sink_options options = plain_options("s1");
    struct sk_sink *sink = NULL;
    struct sk_ledger ledger;
    assert_int_equal(run(sinks[i], "s1", 5, FIRST, FIRST + 4, NULL, NULL), SHUKEI_OK);
    options.start_day = FIRST;
    options.end_day = FIRST + 4;
    options.ranges = ranges;
    options.range_count = SK_COUNT(ranges);
    assert_int_equal(sk_sink_open(sinks[i], &options, NULL, &sink, NULL), SHUKEI_OK);
    assert_int_equal(fill(sink, 2, FIRST + 3, FIRST + 3, "s1", NULL), SHUKEI_OK);
    assert_int_equal(sk_sink_prepare(sink, NULL), SHUKEI_OK);
    assert_int_equal(sk_sink_commit(sink, NULL), SHUKEI_OK);
    sk_sink_close(sink);
    load(sinks[i], "s1", &ledger);
    assert_int_equal(ledger.day_count, 3);
    for (size_t d = 0; d < 3; d++)
      assert_int_equal(ledger.days[d].day, FIRST + 1 + (int32_t)d);
    sk_ledger_reset(&ledger);
    clean();
  }
}

/* Days whose rows are older than the run, which made none: they are noted as such. */
static void days_without_rows_have_no_mark(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(sinks); i++) {
    struct sk_ledger ledger;
    first_run(sinks[i], "s1");
    load(sinks[i], "s1", &ledger);
    for (size_t d = 0; d < ledger.day_count; d++)
      ledger.days[d].state = SK_LEDGER_NEW;
    assert_int_equal(run(sinks[i], "s1", 4, FIRST + 1, FIRST + 1, &ledger, NULL), SHUKEI_OK);
    sk_ledger_reset(&ledger);
    load(sinks[i], "s1", &ledger);
    assert_true(trusted(&ledger, FIRST + 1));
    assert_string_equal(sk_ledger_find_day(&ledger, FIRST)->mark, "");
    assert_true(sk_ledger_find_day(&ledger, FIRST)->found[0]);
    sk_ledger_reset(&ledger);
    clean();
  }
}

static void ledgers_lie_beside(void **state)
{
  (void)state;
  static const struct {
    const char *folder, *source, *ledger;
  } cases[] = {
      {"out", NULL, "out.shukei-ledger.db"},
      {"out//", "s/1", "out.s%2F1.shukei-ledger.db"},
      {"/a/b.c/", "s", "/a/b.c.s.shukei-ledger.db"},
      {"/", NULL, "/.shukei-ledger.db"},
      {"./", "s", "./.s.shukei-ledger.db"},
      {"a/..", NULL, "a/../.shukei-ledger.db"},
      {"a/.b", NULL, "a/.b.shukei-ledger.db"},
      {"s3://bucket/", NULL, "s3://bucket/.shukei-ledger.db"},
      {"s3://bucket/a/b/", "s", "s3://bucket/a/b.s.shukei-ledger.db"},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    struct sk_dataset_names names;
    assert_int_equal(sk_dataset_names_init(&names, cases[i].folder, cases[i].source, NULL, NULL),
                     SHUKEI_OK);
    assert_string_equal(names.ledger, cases[i].ledger);
    sk_dataset_names_reset(&names);
  }
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(sinks); i++) {
    struct sk_budget budget;
    bool failed = true;
    sk_budget_init(&budget, UINT64_MAX);
    for (int n = 0; failed; n++) {
      struct sk_ledger ledger;
      first_run(sinks[i], "s1");
      sk_ledger_init(&ledger, &budget);
      sk_test_fail_alloc(n);
      const struct sk_sink_options options = {
          .start_day = INT32_MIN, .end_day = INT32_MAX, .source_uuid = "s1"};
      shukei_status st = sk_sink_ledger_load(sinks[i], &options, &budget, &ledger, NULL);
      if (!st) {
        for (size_t d = 0; d < ledger.day_count; d++)
          ledger.days[d].state = SK_LEDGER_NEW;
        st = run(sinks[i], "s1", 2, FIRST, FIRST + 1, &ledger, &budget);
      }
      failed = sk_test_alloc_failed();
      sk_test_fail_alloc(-1);
      sk_ledger_reset(&ledger);
      assert_true(st == SHUKEI_OK || (failed && st == SHUKEI_ENOMEM));
      assert_int_equal(atomic_load(&budget.used_bytes), 0);
    }
    clean();
  }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter_folder, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      CASE(what_is_written_comes_back), CASE(ledgers_grow),
      CASE(changes_are_written),        CASE(runs_without_ledger_are_noticed),
      CASE(lost_rows_are_noticed),      CASE(odd_ledgers_are_empty),
      CASE(ranges_alone_are_replaced),  CASE(days_without_rows_have_no_mark),
      CASE(ledgers_lie_beside),         CASE(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
