/* SPDX-License-Identifier: Apache-2.0 */
/* Crews: every worker's part runs once, the last in the caller, also where threads cannot be had.
 * And what the platform tells, as far as it must be so on every machine. */
#include "testing.h"

#include "base/crew.h"
#include "base/platform.h"

#include <sys/resource.h>
#include <pthread.h>
#include <signal.h>

enum { MOST = 64 };
struct log {
  _Atomic unsigned runs[MOST];
  pthread_t caller;
  _Atomic unsigned in_caller;
  _Atomic unsigned caller_worker;
  _Atomic unsigned blocked;
};

static void note(void *context, unsigned worker)
{
  struct log *log = context;
  atomic_fetch_add(&log->runs[worker], 1);
  if (pthread_equal(log->caller, pthread_self())) {
    atomic_fetch_add(&log->in_caller, 1);
    log->caller_worker = worker;
  }
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, NULL, &mask);
  if (sigismember(&mask, SIGINT) && !sigismember(&mask, SIGSEGV))
    atomic_fetch_add(&log->blocked, 1);
}

static void runs_every_worker_once(struct sk_crew *crew)
{
  static const unsigned counts[] = {1, 2, 3, 8, MOST, 8, 1, 3, MOST};
  for (size_t i = 0; i < SK_COUNT(counts); i++) {
    struct log log = {.caller = pthread_self()};
    sk_crew_run(crew, counts[i], note, &log);
    for (unsigned worker = 0; worker < MOST; worker++)
      assert_int_equal(log.runs[worker], worker < counts[i]);
    assert_int_equal(log.in_caller, 1);
    assert_int_equal(log.caller_worker, counts[i] - 1);
    assert_int_equal(log.blocked, counts[i] - 1); /* the caller's mask is as it was */
  }
}

static void runs_with_threads_of_its_own(void **state)
{
  (void)state;
  runs_every_worker_once(NULL);
}

static void runs_with_kept_threads(void **state)
{
  (void)state;
  struct sk_crew crew;
  sk_crew_init(&crew);
  runs_every_worker_once(&crew);
  sk_crew_reset(&crew);
}

static void caller_does_what_threads_cannot(void **state)
{
  (void)state;
  for (int64_t n = 0; n < 6; n++) { /* each of the threads */
    struct log log = {.caller = pthread_self()};
    sk_test_fail_alloc(n);
    sk_crew_run(NULL, 5, note, &log);
    assert_int_equal(sk_test_alloc_failed(), n < 4);
    assert_int_equal(log.in_caller, n < 4 ? 5 - n : 1);
    for (unsigned worker = 0; worker < MOST; worker++)
      assert_int_equal(log.runs[worker], worker < 5);
  }
  sk_test_fail_alloc(-1);
}

/* A run that needs more threads than the one before makes those alone, and tries again where it
 * could not. */
static void threads_are_kept(void **state)
{
  (void)state;
  static const struct {
    unsigned count, made; /* threads, beside the caller's */
  } runs[] = {{3, 2}, {2, 0}, {3, 0}, {6, 3}, {1, 0}, {6, 0}};
  struct sk_crew crew;
  sk_crew_init(&crew);
  for (size_t i = 0; i < SK_COUNT(runs); i++) {
    struct log log = {.caller = pthread_self()};
    sk_test_fail_alloc(runs[i].made); /* the one after the last that is needed */
    sk_crew_run(&crew, runs[i].count, note, &log);
    assert_false(sk_test_alloc_failed());
    assert_int_equal(log.in_caller, 1);
  }
  for (unsigned more = 0; more < 2; more++) {
    struct log log = {.caller = pthread_self()};
    sk_test_fail_alloc(more ? -1 : 1);
    sk_crew_run(&crew, 9, note, &log);
    assert_int_equal(log.in_caller, more ? 1 : 3); /* of three threads more, the second failed */
    for (unsigned worker = 0; worker < MOST; worker++)
      assert_int_equal(log.runs[worker], worker < 9);
  }
  sk_test_fail_alloc(-1);
  sk_crew_reset(&crew);
}

static void add_up(void *context, unsigned worker)
{
  uint64_t *sums = context;
  for (uint64_t n = worker; n < 100000; n += 4)
    sums[worker] += n;
}

static void results_are_there_when_it_returns(void **state)
{
  (void)state;
  uint64_t sums[4] = {0};
  sk_crew_run(NULL, 4, add_up, sums);
  assert_int_equal(sums[0] + sums[1] + sums[2] + sums[3], UINT64_C(99999) * 100000 / 2);
}

static void platform_tells_what_can_be(void **state)
{
  (void)state;
  assert_true(sk_processor_count() >= 1 && sk_processor_count() <= 1024);
  assert_true(sk_memory_available_bytes() >= UINT64_C(16) << 20);
  assert_true(sk_peak_rss_bytes() >= 100000);
  const uint64_t before = sk_monotonic_ns();
  assert_true(sk_monotonic_ns() >= before);
  const size_t bytes = (size_t)64 << 20;
  uint8_t *block = sk_alloc(NULL, bytes);
  assert_non_null(block);
  memset(block, 1, bytes);
  assert_true(sk_peak_rss_bytes() >= bytes);
  sk_free(block);
  assert_true(sk_peak_rss_bytes() >= bytes); /* the peak stays */
}

static void platform_heeds_the_limit_of_the_address_space(void **state)
{
  (void)state;
  const uint64_t most = UINT64_C(100) << 20;
  struct rlimit before, lower, now;
  assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
  lower = before;
  lower.rlim_cur = most;
  assert_int_equal(setrlimit(RLIMIT_AS, &lower), 0);
  assert_int_equal(getrlimit(RLIMIT_AS, &now), 0);
  if (now.rlim_cur != most) /* qemu-user sets no such limit, and does not say so */
    skip();
  const uint64_t available = sk_memory_available_bytes();
  assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
  assert_true(available <= most);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(runs_with_threads_of_its_own),
      cmocka_unit_test(runs_with_kept_threads),
      cmocka_unit_test(caller_does_what_threads_cannot),
      cmocka_unit_test(threads_are_kept),
      cmocka_unit_test(results_are_there_when_it_returns),
      cmocka_unit_test(platform_tells_what_can_be),
      cmocka_unit_test(platform_heeds_the_limit_of_the_address_space),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
