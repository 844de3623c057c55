/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that all run one function.
 *
 * Threads are made for each run rather than kept: a run lasts as long as a phase over whole files,
 * next to which some 20 us a thread are nothing, and nothing is left behind in the host program.
 * Signals that come from outside are blocked in the workers, so that Ctrl-C reaches a thread of the
 * host's and no worker's system call is interrupted by it. */
#include "base/crew.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>

struct member {
  void (*work)(void *context, unsigned worker);
  void *context;
  unsigned worker;
  bool started;
  pthread_t thread;
};

static void *member_main(void *argument)
{
  const struct member *member = argument;
  member->work(member->context, member->worker);
  return NULL;
}

/* Blocks what a worker must not take: all but the signals that its own faults raise. */
static void block_signals(sigset_t *before)
{
  static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
  sigset_t blocked;
  sigfillset(&blocked);
  for (size_t i = 0; i < SK_COUNT(own); i++)
    sigdelset(&blocked, own[i]);
  pthread_sigmask(SIG_BLOCK, &blocked, before);
}

void sk_crew_run(unsigned count, void (*work)(void *context, unsigned worker), void *context)
{
  assert(count >= 1);
  const unsigned others = count - 1;
  struct member *members = others ? sk_calloc(NULL, others, sizeof *members) : NULL;
  if (members) {
    sigset_t before;
    block_signals(&before); /* threads inherit the mask of their maker */
    for (unsigned i = 0; i < others; i++) {
      members[i] = (struct member){.work = work, .context = context, .worker = i};
      /* A thread is memory as well: charged to no budget, but tests can let it fail. */
      members[i].started = sk_budget_charge(NULL, 0) &&
                           pthread_create(&members[i].thread, NULL, member_main, &members[i]) == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
  }
  work(context, others);
  for (unsigned i = 0; i < others; i++) {
    if (!members || !members[i].started)
      work(context, i);
  }
  for (unsigned i = 0; i < others && members; i++) {
    if (members[i].started)
      pthread_join(members[i].thread, NULL);
  }
  sk_free(members);
}
