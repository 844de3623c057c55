/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting that helps: work is done whoever comes, each helper once and under a number of its own,
 * and who asked goes on only when all have returned. */
#include "testing.h"

#include "base/crew.h"
#include "base/helpers.h"

enum { TASKS = 5000, MOST = 5 };

struct shared {
  struct sk_helpers helpers;
  unsigned most;
  bool over;
  _Atomic unsigned next, running, done[TASKS], by[MOST], idle, wrong;
};

static void tasks(void *context, unsigned helper)
{
  struct shared *shared = context;
  if (helper >= shared->most || atomic_fetch_add(&shared->by[helper], 1) != 0)
    atomic_fetch_add(&shared->wrong, 1);
  atomic_fetch_add(&shared->running, 1);
  for (unsigned n; (n = atomic_fetch_add(&shared->next, 1)) < TASKS;)
    atomic_fetch_add(&shared->done[n], 1);
  for (unsigned i = 0; helper && i < 3000; i++) /* helpers return after who asked */
    atomic_fetch_add(&shared->idle, 1);
  atomic_fetch_sub(&shared->running, 1);
}

static void ask_or_wait(void *context, unsigned worker)
{
  struct shared *shared = context;
  if (worker) {
    pthread_mutex_lock(&shared->helpers.lock);
    while (!shared->over)
      sk_helpers_wait(&shared->helpers);
    pthread_mutex_unlock(&shared->helpers.lock);
    return;
  }
  for (unsigned round = 0; round < 50; round++) {
    for (unsigned i = 0; i < MOST; i++)
      shared->by[i] = 0;
    shared->next = 0;
    sk_helpers_run(&shared->helpers, shared->most, tasks, shared);
    if (shared->running || !shared->by[0])
      atomic_fetch_add(&shared->wrong, 1);
    for (unsigned n = 0; n < TASKS; n++)
      if (shared->done[n] != round + 1)
        atomic_fetch_add(&shared->wrong, 1);
  }
  pthread_mutex_lock(&shared->helpers.lock);
  shared->over = true;
  sk_helpers_changed(&shared->helpers);
  pthread_mutex_unlock(&shared->helpers.lock);
}

static void work_is_done_whoever_comes(void **state)
{
  (void)state;
  static const struct {
    unsigned most, threads;
  } cases[] = {{1, 1}, {1, 3}, {2, 1}, {2, 2}, {2, 4}, {MOST, 3}, {MOST, 8}};
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    struct shared shared = {.most = cases[i].most};
    sk_helpers_init(&shared.helpers);
    sk_crew_run(NULL, cases[i].threads, ask_or_wait, &shared);
    assert_int_equal(shared.wrong, 0);
    assert_null(shared.helpers.wanted);
    sk_helpers_reset(&shared.helpers);
  }
}

/* Who waits comes to help: two tasks that each wait for the other cannot be done by one thread. */
struct meeting {
  struct sk_helpers helpers;
  pthread_mutex_t lock;
  pthread_cond_t met;
  unsigned there;
  bool over;
};

static void meet(void *context, unsigned helper)
{
  struct meeting *meeting = context;
  (void)helper;
  pthread_mutex_lock(&meeting->lock);
  meeting->there++;
  pthread_cond_broadcast(&meeting->met);
  while (meeting->there < 3)
    pthread_cond_wait(&meeting->met, &meeting->lock);
  pthread_mutex_unlock(&meeting->lock);
}

static void come(void *context, unsigned worker)
{
  struct meeting *meeting = context;
  if (worker == 1)
    sk_helpers_run(&meeting->helpers, 3, meet, meeting);
  pthread_mutex_lock(&meeting->helpers.lock);
  meeting->over |= worker == 1;
  sk_helpers_changed(&meeting->helpers);
  while (!meeting->over)
    sk_helpers_wait(&meeting->helpers);
  pthread_mutex_unlock(&meeting->helpers.lock);
}

static void those_who_wait_help(void **state)
{
  (void)state;
  struct meeting meeting = {.over = false};
  sk_helpers_init(&meeting.helpers);
  pthread_mutex_init(&meeting.lock, NULL);
  pthread_cond_init(&meeting.met, NULL);
  sk_crew_run(NULL, 3, come, &meeting);
  assert_int_equal(meeting.there, 3);
  pthread_cond_destroy(&meeting.met);
  pthread_mutex_destroy(&meeting.lock);
  sk_helpers_reset(&meeting.helpers);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(work_is_done_whoever_comes),
      cmocka_unit_test(those_who_wait_help),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
