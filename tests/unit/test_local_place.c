/* SPDX-License-Identifier: Apache-2.0 */
/* Local places: removing, folders, the lock between processes; what listings tell of a file's
 * age. */
#include "input_testing.h"

#include "store/process_mark.h"
#include "store/store.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>

static struct sk_budget budget;

static int set_up(void **state)
{
  sk_budget_init(&budget, UINT64_MAX);
  return enter_scratch(state);
}

static int tear_down(void **state)
{
  assert_int_equal(budget.used_bytes, 0);
  return leave_scratch(state);
}

static void removes_files(void **state)
{
  (void)state;
  shukei_error err;
  put_text("d/a", "1");
  assert_int_equal(sk_store_remove("d/a", &budget, NULL), SHUKEI_OK);
  assert_int_equal(access("d/a", F_OK), -1);
  assert_int_equal(sk_store_remove("d/a", &budget, NULL), SHUKEI_OK);   /* gone already */
  assert_int_equal(sk_store_remove("d/a/b", &budget, NULL), SHUKEI_OK); /* its folder, too */
  put_text("d/f", "1");
  assert_int_equal(sk_store_remove("d/f/b", &budget, NULL), SHUKEI_OK);
  assert_int_equal(sk_store_remove("d", &budget, &err), SHUKEI_EWRITE);
  assert_non_null(strstr(err.text, "d: could not remove"));
}

static void knows_folders(void **state)
{
  (void)state;
  put_text("d/f", "1");
  assert_true(sk_store_is_folder("d"));
  assert_true(sk_store_is_folder("d/"));
  assert_false(sk_store_is_folder("d/f"));
  assert_false(sk_store_is_folder("none"));
  assert_int_equal(symlink("d", "link"), 0);
  assert_true(sk_store_is_folder("link"));
}

/* Adds 1 to the number in a file, slowly; exits with 0 where it could. */
static void count_up(void)
{
  struct sk_store_lock *lock = NULL;
  int ok = sk_store_lock("d/.turn", NULL, NULL, &lock, NULL) == SHUKEI_OK && lock;
  FILE *file = fopen("count", "r");
  int number = 0;
  ok = ok && file && fscanf(file, "%d", &number) == 1;
  if (file)
    fclose(file);
  file = fopen("count", "w");
  ok = ok && file && fprintf(file, "%d", number + 1) > 0;
  if (file)
    fclose(file);
  sk_store_unlock(lock);
  _exit(ok ? 0 : 1);
}

static void processes_take_turns(void **state)
{
  (void)state;
  enum { PROCESSES = 40 };
  size_t length;
  put_text("count", "0");
  for (int i = 0; i < PROCESSES; i++)
    if (fork() == 0)
      count_up();
  for (int i = 0; i < PROCESSES; i++) {
    int status;
    assert_true(wait(&status) > 0);
    assert_int_equal(status, 0);
  }
  char *text = get_file("count", &length);
  assert_string_equal(text, "40");
  free(text);
  assert_int_equal(access("d", F_OK), 0);
  assert_int_equal(access("d/.turn", F_OK), -1); /* nothing stays */
}

static void locks_of_the_dead_are_free(void **state)
{
  (void)state;
  struct sk_store_lock *lock = NULL;
  const pid_t child = fork();
  if (child == 0)
    _exit(sk_store_lock(".turn", NULL, NULL, &lock, NULL) == SHUKEI_OK ? 0 : 1);
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_int_equal(access(".turn", F_OK), 0);
  assert_int_equal(sk_store_lock(".turn", NULL, &budget, &lock, NULL), SHUKEI_OK);
  assert_non_null(lock);
  sk_store_unlock(lock);
  assert_int_equal(access(".turn", F_OK), -1);
}

struct seen {
  int asked;
  char text[200];
};

static bool cancel_at_60(void *context)
{
  struct seen *seen = context;
  return ++seen->asked >= 60;
}

static void keep_text(void *context, const char *text)
{
  struct seen *seen = context;
  assert_string_equal(seen->text, ""); /* told once */
  snprintf(seen->text, sizeof seen->text, "%s", text);
}

static void waiting_is_told_and_can_be_ended(void **state)
{
  (void)state;
  int ready[2], done[2];
  char byte;
  assert_int_equal(pipe(ready), 0);
  assert_int_equal(pipe(done), 0);
  const pid_t child = fork();
  if (child == 0) {
    struct sk_store_lock *own = NULL;
    int ok = sk_store_lock(".turn", NULL, NULL, &own, NULL) == SHUKEI_OK;
    ok = ok && write(ready[1], "x", 1) == 1 && read(done[0], &byte, 1) == 1;
    sk_store_unlock(own);
    _exit(ok ? 0 : 1);
  }
  assert_int_equal(read(ready[0], &byte, 1), 1);
  struct seen seen = {.asked = 0};
  struct sk_store_lock *lock = NULL;
  shukei_error err;
  const struct sk_store_wait wait_for = {cancel_at_60, &seen, keep_text, &seen};
  assert_int_equal(sk_store_lock(".turn", &wait_for, &budget, &lock, &err), SHUKEI_ECANCELED);
  assert_null(lock);
  assert_int_equal(seen.asked, 60);
  assert_string_equal(seen.text, ".turn: waits for another run's lock");
  assert_int_equal(access(".turn", F_OK), 0); /* it is the other's */
  assert_int_equal(write(done[1], "x", 1), 1);
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

static void locks_may_fail(void **state)
{
  (void)state;
  struct sk_store_lock *lock = NULL;
  shukei_error err;
  put_text("f", "1");
  assert_int_equal(sk_store_lock("f/.turn", NULL, &budget, &lock, &err), SHUKEI_EWRITE);
  assert_non_null(strstr(err.text, "f/.turn: could not create"));
  assert_null(lock);
  sk_test_fail_alloc(0);
  assert_int_equal(sk_store_lock(".turn", NULL, &budget, &lock, &err), SHUKEI_ENOMEM);
  sk_test_fail_alloc(-1);
  assert_null(lock);
}

/* The only file's etag in `text`; true where it is young. */
static bool look(const char *path, char text[128])
{
  struct sk_listing listing;
  sk_listing_init(&listing, &budget);
  assert_int_equal(sk_store_list(path, &listing, NULL), SHUKEI_OK);
  assert_int_equal(listing.count, 1);
  snprintf(text, 128, "%s", listing.items[0].etag);
  const bool young = listing.items[0].young;
  sk_listing_reset(&listing);
  return young;
}

static void set_age(const char *path, int64_t age_ns, bool coarse)
{
  struct timespec now, times[2];
  assert_int_equal(clock_gettime(CLOCK_REALTIME, &now), 0);
  const int64_t at = (int64_t)now.tv_sec * 1000000000 + (int64_t)now.tv_nsec - age_ns;
  times[0] = times[1] = (struct timespec){.tv_sec = (time_t)(at / 1000000000),
                                          .tv_nsec = coarse ? 0 : (long)(at % 1000000000) | 1};
  assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void etags_change_with_the_bytes(void **state)
{
  (void)state;
  char first[128], second[128];
  put_text("a", "1");
  assert_true(look("a", first)); /* a further write might have the same time */
  set_age("a", INT64_C(3600000000000), false);
  assert_false(look("a", first));
  assert_false(look("a", second));
  assert_string_equal(first, second);
  put_text("b", "1"); /* the same length and time, another file */
  set_age("a", INT64_C(7200000000000), true);
  struct stat info;
  assert_int_equal(stat("a", &info), 0);
  const struct timespec times[2] = {info.st_mtim, info.st_mtim};
  assert_int_equal(utimensat(AT_FDCWD, "b", times, 0), 0);
  look("a", first);
  assert_string_not_equal(first, second); /* another time */
  look("b", second);
  assert_string_not_equal(first, second);
  set_age("a", INT64_C(1000000000), false);
  assert_false(look("a", first));
  set_age("a", INT64_C(1000000000), true); /* times in whole seconds say less */
  assert_true(look("a", first));
}

static void clears_files_of_one_name(void **state)
{
  (void)state;
  char own[SK_PROCESS_MARK_TEXT], path[256];
  static const char *const forms[] = {"d/x/.a.parquet.tmp-%.*s-1-0", "d/.b.a.parquet.tmp-%.*s-1-0",
                                      "d/.a.parquet.b.tmp-%.*s-1-1", "d/.a.parque.tmp-%.*s-1-1"};
  sk_process_mark(own); /* of a former process of our number: with another start */
  const int length = (int)(strrchr(own, '-') - own);
  for (size_t i = 0; i < SK_COUNT(forms); i++) {
    snprintf(path, sizeof path, forms[i], length, own);
    put_text(path, "1");
  }
  assert_int_equal(sk_store_clear_named("d", "a.parquet", false, &budget, NULL), SHUKEI_OK);
  snprintf(path, sizeof path, forms[0], length, own);
  assert_int_equal(access(path, F_OK), 0); /* in a folder below */
  assert_int_equal(sk_store_clear_named("d", "a.parquet", true, &budget, NULL), SHUKEI_OK);
  for (size_t i = 0; i < SK_COUNT(forms); i++) {
    snprintf(path, sizeof path, forms[i], length, own);
    assert_int_equal(access(path, F_OK), i == 0 ? -1 : 0);
  }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      CASE(removes_files),
      CASE(knows_folders),
      CASE(processes_take_turns),
      CASE(locks_of_the_dead_are_free),
      CASE(waiting_is_told_and_can_be_ended),
      CASE(locks_may_fail),
      CASE(etags_change_with_the_bytes),
      CASE(clears_files_of_one_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
