/* SPDX-License-Identifier: Apache-2.0 */
/* The child inherits the writing end of a pipe and never uses it: when the reading end sees its
 * end, the child is gone, whatever it did, and poll() tells so at once. Only when exec fails the
 * errno comes through it. */
#define _DEFAULT_SOURCE 1 /* wait4() */
#include "bench/child.h"

#include "base/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define TICK_MS 10
#define CALM_TICK_MS 25 /* after some seconds */
#define CALM_AFTER_S 5.0
#define PROGRESS_MS "100" /* between lines of progress (docs/logs.md) */
#define GRACE_S 3.0       /* between SIGTERM and SIGKILL */

/* ---- in the child -------------------------------------------------------------------------- */

static void set_limit(int what, rlim_t value)
{
  struct rlimit limit;
  if (getrlimit(what, &limit) != 0)
    return;
  if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > value)
    limit.rlim_max = value;
  if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > limit.rlim_max)
    limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(what, &limit);
}

static void volunteer_for_oom(void)
{
  const int fd = open("/proc/self/oom_score_adj", O_WRONLY);
  if (fd < 0)
    return;
  if (write(fd, "1000", 4) < 0) {
    /* a kernel that does not let us: the child is as likely as others */
  }
  close(fd);
}

static void default_signals(void)
{
  static const int numbers[] = {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP};
  struct sigaction action;
  memset(&action, 0, sizeof action);
  sigemptyset(&action.sa_mask);
  action.sa_handler = SIG_DFL;
  for (size_t i = 0; i < SK_COUNT(numbers); i++)
    (void)sigaction(numbers[i], &action, NULL);
}

/* Options come from the command line that is recorded, and from nowhere else. */
static void set_environment(void)
{
  for (char **at = environ; *at;) {
    char name[64];
    const size_t length = strcspn(*at, "=");
    const bool ours = strncmp(*at, "SHUKEI_", 7) == 0 && strncmp(*at, "SHUKEI_ISA=", 11) != 0;
    snprintf(name, sizeof name, "%.*s", (int)length, *at);
    if (!ours || length >= sizeof name || unsetenv(name) != 0)
      at++;
  }
  (void)setenv("SHUKEI_PROGRESS_MS", PROGRESS_MS, 1);
}

_Noreturn static void become(const struct sk_child_order *order, pid_t parent, const int files[2],
                             int alive)
{
  (void)setpgid(0, 0); /* Ctrl-C is for the benchmark, which then stops the child */
  sk_die_with_parent((int64_t)parent);
  set_environment();
  default_signals();
  volunteer_for_oom();
  set_limit(RLIMIT_CORE, 0);
  if (order->timeout > 0)
    set_limit(RLIMIT_CPU, (rlim_t)(order->timeout * sk_processor_count()) + 10);
  const int null = open("/dev/null", O_RDONLY);
  if (null >= 0 && dup2(null, 0) == 0 && dup2(files[0], 1) == 1 && dup2(files[1], 2) == 2 &&
      fcntl(alive, F_SETFD, 0) == 0 &&
      (order->keep_fd < 0 || fcntl(order->keep_fd, F_SETFD, 0) == 0))
    execv(order->program, (char *const *)(uintptr_t)order->words);
  const int number = errno;
  if (write(alive, &number, sizeof number) < 0)
    _exit(126);
  _exit(127);
}

/* ---- in the parent ------------------------------------------------------------------------- */

static bool send_signal(pid_t pid, int number)
{
  return kill(pid, number) == 0;
}

/* What the watching has come to. */
struct watch {
  pid_t pid;
  uint64_t begun_ns;
  double told_s; /* when the child was told to end; 0: not yet */
  bool killed;
  enum sk_child_cause cause;
  int64_t most_rss;
};

static double seconds_of(const struct watch *watch)
{
  return (double)(sk_monotonic_ns() - watch->begun_ns) / 1e9;
}

/* Ends the child for a cause: politely, or at once where memory runs out. */
static void stop(struct watch *watch, enum sk_child_cause cause, double seconds)
{
  watch->cause = cause;
  watch->told_s = seconds;
  watch->killed = cause == SK_CHILD_MEMORY;
  (void)send_signal(watch->pid, watch->killed ? SIGKILL : SIGTERM);
}

static void look(const struct sk_child_order *order, struct watch *watch)
{
  const double seconds = seconds_of(watch);
  const int64_t rss = sk_process_rss_bytes((int64_t)watch->pid);
  if (rss > watch->most_rss)
    watch->most_rss = rss;
  order->tick(order->context, (int64_t)watch->pid, seconds, rss);
  if (watch->told_s > 0) {
    if (!watch->killed && seconds - watch->told_s > GRACE_S)
      watch->killed = send_signal(watch->pid, SIGKILL);
  } else if (rss > 0 && (uint64_t)rss > order->memory) {
    stop(watch, SK_CHILD_MEMORY, seconds);
  } else if (order->timeout > 0 && seconds > order->timeout) {
    stop(watch, SK_CHILD_TIME, seconds);
  } else if (order->canceled(order->context)) {
    stop(watch, SK_CHILD_INTERRUPTED, seconds);
  }
}

/* Looks until the pipe ends; returns the errno of a failed exec, 0 where it did not fail. */
static int wait_for_end(const struct sk_child_order *order, struct watch *watch, int alive)
{
  for (;;) {
    struct pollfd pipe_end = {.fd = alive, .events = POLLIN};
    int number = 0;
    const int ready = poll(&pipe_end, 1, seconds_of(watch) < CALM_AFTER_S ? TICK_MS : CALM_TICK_MS);
    if (ready > 0) {
      const ssize_t n = read(alive, &number, sizeof number);
      return n == (ssize_t)sizeof number ? number : 0;
    }
    look(order, watch);
  }
}

static double seconds_of_time(const struct timeval *time)
{
  return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static void take_end(const struct watch *watch, double seconds, int64_t kills_before,
                     struct sk_child_end *end)
{
  struct rusage usage;
  int status = 0;
  memset(&usage, 0, sizeof usage);
  while (wait4(watch->pid, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  *end = (struct sk_child_end){.cause = watch->cause,
                               .exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                               .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                               .seconds = seconds,
                               .cpu_user = seconds_of_time(&usage.ru_utime),
                               .cpu_system = seconds_of_time(&usage.ru_stime),
                               .peak_rss = (int64_t)sk_maxrss_bytes(usage.ru_maxrss)};
  if (watch->most_rss > end->peak_rss)
    end->peak_rss = watch->most_rss;
  if (end->exit == 0)
    end->cause = SK_CHILD_ITSELF; /* it was done before it was told to end */
  else if (end->signal == SIGKILL && !watch->killed && sk_oom_kills() > kills_before)
    end->cause = SK_CHILD_MEMORY;
  else if (end->signal == SIGXCPU)
    end->cause = SK_CHILD_TIME;
}

/* Standard output and standard error of the child. */
static shukei_status open_files(const struct sk_child_order *order, int files[2], shukei_error *err)
{
  const char *const names[] = {order->out ? order->out : order->log, order->log};
  char reason[128];
  for (int i = 0; i < 2; i++) {
    files[i] = open(names[i], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    if (files[i] < 0)
      return sk_fail(err, SHUKEI_EWRITE, "could not write log \"%s\": %s", names[i],
                     sk_errno_text(errno, reason));
  }
  return SHUKEI_OK;
}

shukei_status sk_child_run(const struct sk_child_order *order, struct sk_child_end *end,
                           shukei_error *err)
{
  char reason[128];
  int alive[2] = {-1, -1};
  struct watch watch = {.pid = -1};
  int number = 0;
  shukei_status st = SHUKEI_OK;
  const int64_t kills = sk_oom_kills();
  int files[2] = {-1, -1};
  st = open_files(order, files, err);
  if (st)
    goto done;
  if (pipe(alive) != 0 || fcntl(alive[0], F_SETFD, FD_CLOEXEC) != 0 ||
      fcntl(alive[1], F_SETFD, FD_CLOEXEC) != 0) {
    st = sk_fail(err, SHUKEI_EIO, "could not make a pipe: %s", sk_errno_text(errno, reason));
    goto done;
  }
  const pid_t self = getpid();
  watch.begun_ns = sk_monotonic_ns();
  watch.pid = fork();
  if (watch.pid == 0)
    become(order, self, files, alive[1]);
  if (watch.pid < 0) {
    st = sk_fail(err, SHUKEI_EIO, "could not start a process: %s", sk_errno_text(errno, reason));
    goto done;
  }
  close(alive[1]);
  alive[1] = -1;
  number = wait_for_end(order, &watch, alive[0]);
  take_end(&watch, seconds_of(&watch), kills, end);
  if (number)
    st = sk_fail(err, SHUKEI_EIO, "could not run \"%s\": %s", order->program,
                 sk_errno_text(number, reason));
done:
  for (int i = 0; i < 2; i++) {
    if (alive[i] >= 0)
      close(alive[i]);
    if (files[i] >= 0)
      close(files[i]);
  }
  return st;
}
