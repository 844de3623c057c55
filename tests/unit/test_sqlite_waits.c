/* SPDX-License-Identifier: Apache-2.0 */
/* What the SQLite sink asks of the system: how long it waits for other programs' locks, by naps
 * that this test counts and does not take, and that files and folders are synced, in this order,
 * before all is well. */
#include "sink_testing.h"

#include <errno.h>
#include <sqlite3.h>

static unsigned naps, release_after;
static int slept_ms;
static sqlite3 *holder; /* another program */

/* In place of SQLite's. */
int sqlite3_sleep(int ms)
{
  slept_ms += ms;
  if (++naps == release_after)
    assert_int_equal(sqlite3_exec(holder, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
  return ms;
}

static struct {
  unsigned files, folders;
  bool file_was_there, file_unnamed; /* "a.db", when the first of each was synced */
  int fails_file, fails_folder;      /* with that errno; 0: do not */
} synced;

/* In place of the system's. */
int fsync(int fd)
{
  struct stat info;
  assert_int_equal(fstat(fd, &info), 0);
  const bool folder = S_ISDIR(info.st_mode), named = access("a.db", F_OK) == 0;
  if (folder && synced.folders++ == 0)
    synced.file_was_there = named;
  if (!folder && synced.files++ == 0)
    synced.file_unnamed = !named;
  errno = folder ? synced.fails_folder : synced.fails_file;
  return errno ? -1 : 0;
}

static void hold(const char *sql)
{
  naps = 0;
  slept_ms = 0;
  assert_int_equal(sqlite3_open("a.db", &holder), SQLITE_OK);
  assert_int_equal(sqlite3_exec(holder, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void let_go(void)
{
  sqlite3_close(holder);
  holder = NULL;
}

static void waits_ten_seconds(void **state)
{
  static const struct {
    unsigned release_after, naps;
    shukei_status want;
  } rows[] = {{1, 1, SHUKEI_OK}, {1000, 1000, SHUKEI_OK}, {2000, 1000, SHUKEI_EWRITE}};
  const struct sk_sink_options options = plain_options("s1");
  (void)state;
  assert_int_equal(write_sink("a.db", &options, 30, 20362, 20362, NULL, NULL), SHUKEI_OK);
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    shukei_error err = {.text = ""};
    release_after = rows[i].release_after;
    hold("BEGIN IMMEDIATE");
    const shukei_status st = write_sink("a.db", &options, 30, 20362, 20362, NULL, &err);
    let_go();
    if (st != rows[i].want || naps != rows[i].naps || slept_ms != (int)naps * 10)
      fail_msg("row %zu: %s \"%s\", %u naps", i, shukei_status_name(st), err.text, naps);
    if (st)
      assert_non_null(strstr(err.text, "a.db"));
  }
  assert_int_equal(unlink("a.db"), 0);
}

/* Who reads when the rows go into the file is waited for as long again. */
static void waits_anew_for_the_next_step(void **state)
{
  const struct sk_sink_options options = plain_options("s1");
  struct sk_sink *sink = NULL;
  (void)state;
  assert_int_equal(write_sink("a.db", &options, 30, 20362, 20362, NULL, NULL), SHUKEI_OK);
  for (int late = 0; late < 2; late++) {
    release_after = 600;
    assert_int_equal(sk_sink_open("a.db", &options, NULL, &sink, NULL), SHUKEI_OK);
    hold("BEGIN IMMEDIATE");
    assert_int_equal(fill(sink, 30, 20362, 20362, "s1", NULL), SHUKEI_OK);
    assert_int_equal(naps, 600);
    let_go();
    release_after = late ? 2000 : 700;
    hold("BEGIN; SELECT * FROM reporting_ocpusagelineitem_daily_summary");
    assert_int_equal(sk_sink_prepare(sink, NULL), late ? SHUKEI_EWRITE : SHUKEI_OK);
    assert_int_equal(naps, late ? 1000 : 700);
    let_go();
    if (!late)
      assert_int_equal(sk_sink_commit(sink, NULL), SHUKEI_OK);
    sk_sink_close(sink);
  }
  assert_int_equal(unlink("a.db"), 0);
}

/* A new file is synced before it has its name, and its folder afterwards. */
static void syncs_new_files(void **state)
{
  static const struct {
    int file, folder;
    shukei_status want;
    const char *text;
  } rows[] = {{0, 0, SHUKEI_OK, ""},
              {0, EINVAL, SHUKEI_OK, ""}, /* the file system cannot */
              {0, EIO, SHUKEI_EWRITE, "sync its folder"},
              {EIO, 0, SHUKEI_EWRITE, "sync"}};
  const struct sk_sink_options options = plain_options("s1");
  (void)state;
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    shukei_error err = {.text = ""};
    memset(&synced, 0, sizeof synced);
    synced.fails_file = rows[i].file;
    synced.fails_folder = rows[i].folder;
    const shukei_status st = write_sink("a.db", &options, 30, 20362, 20362, NULL, &err);
    if (st != rows[i].want || !strstr(err.text, rows[i].text))
      fail_msg("row %zu: %s \"%s\"", i, shukei_status_name(st), err.text);
    assert_true(synced.files == 1 && synced.file_unnamed);
    assert_int_equal(synced.folders, rows[i].file ? 0 : 1);
    assert_int_equal(synced.file_was_there, !rows[i].file);
    assert_int_equal(count_files("."), rows[i].file ? 0 : 1);
    unlink("a.db");
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(waits_ten_seconds),
      cmocka_unit_test(waits_anew_for_the_next_step),
      cmocka_unit_test(syncs_new_files),
  };
  return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
