/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a benchmark: written, read, locked; files that are none. */
#include "testing.h"

#include "bench/running.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "test-running"

static struct sk_running sample(struct sk_running_item *plan)
{
  plan[0] = (struct sk_running_item){
      {.scale = "20k", .phase = SK_BENCH_PHASE_GENERATE, .repeat = 1}, SK_BENCH_STATE_DONE};
  plan[1] = (struct sk_running_item){{.scale = "20k",
                                      .phase = SK_BENCH_PHASE_AGGREGATE,
                                      .repeat = 2,
                                      .mode = SK_BENCH_MODE_STREAMING,
                                      .threads = 2},
                                     SK_BENCH_STATE_RUNNING};
  return (struct sk_running){.run = "r",
                             .pid = 12,
                             .begun = "b",
                             .updated = "u",
                             .plan = plan,
                             .plan_count = 2,
                             .has_now = true,
                             .now = plan[1].key,
                             .now_pid = 13,
                             .now_begun = "n",
                             .seconds = 1.5,
                             .rows = 10,
                             .rows_total = 100,
                             .rss = -1,
                             .rate = 6.666667,
                             .disk_free = 5,
                             .memory_free = 6,
                             .last_error = "e"};
}

static void reads_what_was_written(void **state)
{
  (void)state;
  struct sk_running_item plan[2];
  const struct sk_running want = sample(plan);
  struct sk_running found;
  struct sk_arena arena;
  sk_arena_init(&arena, NULL);
  assert_int_equal(sk_running_write(FOLDER, &want, NULL), SHUKEI_OK);
  assert_int_equal(sk_running_read(FOLDER, &arena, &found, NULL), SHUKEI_OK);
  assert_string_equal(found.run, "r");
  assert_int_equal(found.pid, 12);
  assert_int_equal(found.plan_count, 2);
  assert_int_equal(found.plan[1].state, SK_BENCH_STATE_RUNNING);
  assert_true(found.has_now && sk_bench_key_same(&found.now, &plan[1].key));
  assert_true(found.seconds == 1.5 && found.rate == 6.666667 && found.rows_total == 100);
  assert_int_equal(found.rss, -1);
  assert_string_equal(found.last_error, "e");
  sk_running_remove(FOLDER);
  assert_int_equal(sk_running_read(FOLDER, &arena, &found, NULL), SHUKEI_ENOTFOUND);
  sk_arena_reset(&arena);
}

static void bears_any_file(void **state)
{
  (void)state;
  static const char *const files[] = {"", "[]", "{}", "{\"plan\":[1,{}],\"now\":3,\"pid\":\"x\"}",
                                      "{\"pid\":"};
  static const shukei_status want[] = {SHUKEI_EFORMAT, SHUKEI_OK, SHUKEI_OK, SHUKEI_OK,
                                       SHUKEI_EFORMAT};
  for (size_t i = 0; i < SK_COUNT(files); i++) {
    struct sk_running found;
    struct sk_arena arena;
    sk_arena_init(&arena, NULL);
    const int fd = open(FOLDER "/" SK_RUNNING_FILE, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, files[i], strlen(files[i])), strlen(files[i]));
    close(fd);
    assert_int_equal(sk_running_read(FOLDER, &arena, &found, NULL), want[i]);
    if (!want[i])
      assert_true(!found.has_now && found.plan_count == 0 && found.pid == -1);
    sk_arena_reset(&arena);
  }
  sk_running_remove(FOLDER);
}

static void fails_without_memory(void **state)
{
  (void)state;
  struct sk_running_item plan[2];
  const struct sk_running want = sample(plan);
  shukei_status st = SHUKEI_ENOMEM;
  for (int64_t n = 0; st == SHUKEI_ENOMEM; n++) {
    struct sk_running found;
    struct sk_arena arena;
    sk_arena_init(&arena, NULL);
    sk_test_fail_alloc(n);
    st = sk_running_write(FOLDER, &want, NULL);
    if (!st)
      st = sk_running_read(FOLDER, &arena, &found, NULL);
    assert_true(st == SHUKEI_OK || sk_test_alloc_failed());
    sk_arena_reset(&arena);
  }
  sk_test_fail_alloc(-1);
  assert_int_equal(st, SHUKEI_OK);
}

static void one_at_a_time(void **state)
{
  (void)state;
  int first, second;
  shukei_error err;
  assert_false(sk_running_alive(FOLDER));
  assert_int_equal(sk_running_lock(FOLDER, &first, &err), SHUKEI_OK);
  assert_true(sk_running_alive(FOLDER));
  assert_int_equal(sk_running_lock(FOLDER, &second, &err), SHUKEI_EINVAL);
  assert_int_equal(second, -1);
  sk_running_unlock(second);
  sk_running_unlock(first);
  assert_false(sk_running_alive(FOLDER));
  assert_int_equal(sk_running_lock("no-such", &first, &err), SHUKEI_EWRITE);
  assert_false(sk_running_alive("no-such"));
}

static int make_folder(void **state)
{
  (void)state;
  (void)mkdir(FOLDER, 0700);
  return 0;
}

static int remove_folder(void **state)
{
  (void)state;
  sk_running_remove(FOLDER);
  (void)unlink(FOLDER "/" SK_RUNNING_LOCK);
  return rmdir(FOLDER);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_what_was_written),
      cmocka_unit_test(bears_any_file),
      cmocka_unit_test(fails_without_memory),
      cmocka_unit_test(one_at_a_time),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
