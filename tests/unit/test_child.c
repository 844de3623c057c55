/* SPDX-License-Identifier: Apache-2.0 */
/* Children under limits: how each end is told, by shells that end in that way; and their logs. */
#include "testing.h"

#include "base/platform.h"
#include "bench/child.h"
#include "bench/child_log.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG "test-child.log"

static int64_t ticks;
static bool want_cancel;

static void tick(void *context, int64_t pid, double seconds, int64_t rss)
{
  (void)context;
  assert_true(pid > 0 && seconds >= 0 && rss >= -1);
  ticks++;
}

static bool canceled(void *context)
{
  (void)context;
  return want_cancel;
}

static struct sk_child_end run(const char *script, double timeout, uint64_t memory)
{
  const char *const words[] = {"sh", "-c", script, NULL};
  const struct sk_child_order order = {.program = "/bin/sh",
                                       .words = words,
                                       .log = LOG,
                                       .keep_fd = -1,
                                       .timeout = timeout,
                                       .memory = memory,
                                       .tick = tick,
                                       .canceled = canceled};
  struct sk_child_end end;
  ticks = 0;
  assert_int_equal(sk_child_run(&order, &end, NULL), SHUKEI_OK);
  return end;
}

static void tells_every_end(void **state)
{
  (void)state;
  struct sk_child_end end = run("exit 0", 0, UINT64_MAX);
  assert_true(end.cause == SK_CHILD_ITSELF && end.exit == 0 && end.signal == 0);
  assert_true(end.seconds > 0 && end.peak_rss > 0);
  end = run("exit 4", 0, UINT64_MAX);
  assert_true(end.cause == SK_CHILD_ITSELF && end.exit == 4);
  end = run("kill -9 $$", 0, UINT64_MAX);
  assert_true(end.cause == SK_CHILD_ITSELF && end.exit == -1 && end.signal == SIGKILL);
  end = run("exec sleep 60", 0.05, UINT64_MAX);
  assert_true(end.cause == SK_CHILD_TIME && end.signal == SIGTERM && end.seconds < 30);
  assert_true(ticks > 0);
  end = run("exec sleep 0.1", 0, 512 << 20);
  assert_true(end.cause == SK_CHILD_ITSELF && end.exit == 0);
  end = run("exec sleep 20", 0, 256 << 10); /* bytes, and not as many KiB */
#if defined(__linux__)
  assert_true(end.cause == SK_CHILD_MEMORY && end.signal == SIGKILL);
#endif
  want_cancel = true;
  end = run("exec sleep 60", 0, UINT64_MAX);
  want_cancel = false;
  assert_true(end.cause == SK_CHILD_INTERRUPTED && end.seconds < 30);
}

/* A control group of 16 MiB, version 1 or 2; false where this process may make none. */
static bool make_group(char folder[64])
{
  static const char *const kinds[][2] = {{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"},
                                         {"/sys/fs/cgroup", "memory.max"}};
  for (size_t i = 0; i < SK_COUNT(kinds); i++) {
    char limit[128];
    snprintf(folder, 64, "%s/shukei-test-%ld", kinds[i][0], (long)getpid());
    snprintf(limit, sizeof limit, "%s/%s", folder, kinds[i][1]);
    if (mkdir(folder, 0700) != 0)
      continue;
    FILE *const file = fopen(limit, "re+");
    const bool set = file && fputs("16777216", file) >= 0;
    if (file && fclose(file) == 0 && set)
      return true;
    (void)rmdir(folder);
  }
  return false;
}

/* Runs the script from a process that is in the group, as a benchmark may be. */
static struct sk_child_end run_in_group(const char *folder, const char *script)
{
  struct sk_child_end end = {.exit = -1};
  char path[128];
  int status, through[2];
  assert_int_equal(pipe(through), 0);
  const pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    snprintf(path, sizeof path, "%s/cgroup.procs", folder);
    FILE *const file = fopen(path, "re+");
    if (file && fputs("0", file) >= 0 && fclose(file) == 0)
      end = run(script, 60, UINT64_MAX);
    _exit(write(through[1], &end, sizeof end) != sizeof end);
  }
  close(through[1]);
  if (read(through[0], &end, sizeof end) != sizeof end)
    end = (struct sk_child_end){.exit = -1};
  close(through[0]);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return end;
}

/* Not what the child or we did, but what the kernel did to keep the group within its limit. */
static void tells_what_a_control_group_kills(void **state)
{
  (void)state;
  char folder[64], script[256];
  if (!make_group(folder)) {
    print_message("no control group with a limit can be made here\n");
    skip();
  }
  const struct sk_child_end end = run_in_group(folder, "exec tail /dev/zero");
  snprintf(script, sizeof script,
           "sh -c 'echo $$ > %s/cgroup.procs && exec tail /dev/zero'; kill -9 $$", folder);
  const struct sk_child_end beside = run(script, 60, UINT64_MAX);
  assert_int_equal(rmdir(folder), 0);
  if (end.signal != SIGKILL) { /* we may not go into the group, or it is swapped out */
    print_message("a control group's limit kills nothing here\n");
    skip();
  }
  assert_true(end.cause == SK_CHILD_MEMORY);
  /* memory lacked in a group of others meanwhile, which did not end this one */
  assert_true(beside.signal == SIGKILL && beside.cause == SK_CHILD_ITSELF);
}

static void who_does_not_listen_is_killed(void **state)
{
  (void)state;
  const struct sk_child_end end = run(
      "trap '' TERM; i=0; while [ $i -lt 600 ]; do sleep 0.1; i=$((i+1)); done", 0.05, UINT64_MAX);
  assert_true(end.cause == SK_CHILD_TIME && end.signal == SIGKILL && end.seconds < 30);
}

static void counts_the_time_of_processors(void **state)
{
  (void)state;
  const struct sk_child_end end =
      run("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done", 0, UINT64_MAX);
  assert_true(end.cpu_user + end.cpu_system > 0);
  assert_true(end.cpu_user + end.cpu_system < end.seconds * 1.5 + 0.1);
}

static void tells_what_cannot_run(void **state)
{
  (void)state;
  const char *const words[] = {"x", NULL};
  struct sk_child_order order = {.program = "/no/such/program",
                                 .words = words,
                                 .log = LOG,
                                 .keep_fd = -1,
                                 .memory = UINT64_MAX,
                                 .tick = tick,
                                 .canceled = canceled};
  struct sk_child_end end;
  shukei_error err;
  assert_int_equal(sk_child_run(&order, &end, &err), SHUKEI_EIO);
  assert_non_null(strstr(err.text, "/no/such/program"));
  order.log = "no/such/folder/log";
  assert_int_equal(sk_child_run(&order, &end, &err), SHUKEI_EWRITE);
}

static void options_come_from_the_command_line_alone(void **state)
{
  (void)state;
  assert_int_equal(setenv("SHUKEI_MEMORY", "1", 1), 0);
  assert_int_equal(setenv("SHUKEI_ISA", "plain", 1), 0);
  const struct sk_child_end end = run(
      "[ -z \"$SHUKEI_MEMORY\" ] && [ \"$SHUKEI_ISA\" = plain ] && [ -n \"$SHUKEI_PROGRESS_MS\" ]",
      0, UINT64_MAX);
  assert_int_equal(end.exit, 0);
  unsetenv("SHUKEI_MEMORY");
  unsetenv("SHUKEI_ISA");
}

static void follows_a_log(void **state)
{
  (void)state;
  struct sk_child_log log;
  sk_child_log_open(&log, LOG);
  FILE *const file = fopen(LOG, "a");
  assert_non_null(file);
  fputs("{\"level\": \"progress\", \"rows_done\": 7, \"rows_known\": 9}\n{\"level\": \"pro", file);
  fflush(file);
  sk_child_log_follow(&log);
  assert_true(log.rows == 7 && log.rows_known == 9);
  fputs("gress\", \"rows_done\": 8, \"rows_known\": 9}\n", file);
  fflush(file);
  sk_child_log_follow(&log);
  assert_int_equal(log.rows, 8);
  fputs("a loader's complaint\n", file);
  fflush(file);
  sk_child_log_follow(&log);
  assert_string_equal(log.error, "a loader's complaint");
  fputs("{\"level\": \"error\", \"message\": \"m\", \"status\": \"ENOMEM\"}\nlast words", file);
  fclose(file);
  sk_child_log_close(&log);
  assert_string_equal(log.error, "m");
  assert_string_equal(log.status, "ENOMEM");
  (void)unlink(LOG);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tells_every_end),
      cmocka_unit_test(tells_what_a_control_group_kills),
      cmocka_unit_test(who_does_not_listen_is_killed),
      cmocka_unit_test(counts_the_time_of_processors),
      cmocka_unit_test(tells_what_cannot_run),
      cmocka_unit_test(options_come_from_the_command_line_alone),
      cmocka_unit_test(follows_a_log),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
