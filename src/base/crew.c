/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that all run one function.
 *
 * A month of hourly files is read and written day by day, each in two or three runs for some 3 ms
 * of work, next to which making threads for each run would be a tenth. So who owns the crew keeps
 * them, and no longer than it lasts: nothing is left behind in the host program. Signals that come
 * from outside are blocked in the workers, so that Ctrl-C reaches a thread of the host's and no
 * worker's system call is interrupted by it. */
#include "base/crew.h"

#include <assert.h>
#include <signal.h>

struct sk_crew_member {
  struct sk_crew_member *next;
  struct sk_crew *crew;
  pthread_t thread;
  void (*work)(void *context, unsigned worker); /* NULL: idle */
  void *context;
  unsigned worker;
};

static void *member_main(void *argument)
{
  struct sk_crew_member *member = argument;
  struct sk_crew *crew = member->crew;
  pthread_mutex_lock(&crew->lock);
  for (;;) {
    while (!member->work && !crew->over)
      pthread_cond_wait(&crew->wanted, &crew->lock);
    if (!member->work)
      break;
    pthread_mutex_unlock(&crew->lock);
    member->work(member->context, member->worker);
    pthread_mutex_lock(&crew->lock);
    member->work = NULL;
    if (--crew->busy == 0)
      pthread_cond_signal(&crew->done);
  }
  pthread_mutex_unlock(&crew->lock);
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

/* With the lock held: one more, which waits for it, or NULL. */
static struct sk_crew_member *add_member(struct sk_crew *crew)
{
  sigset_t before;
  struct sk_crew_member *member = sk_calloc(NULL, 1, sizeof *member);
  if (!member)
    return NULL;
  member->crew = crew;
  block_signals(&before); /* threads inherit the mask of their maker */
  const bool made = pthread_create(&member->thread, NULL, member_main, member) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (!made) {
    sk_free(member);
    return NULL;
  }
  member->next = crew->members;
  crew->members = member;
  return member;
}

/* Gives workers from 0 on to threads; returns how many have one. */
static unsigned send_out(struct sk_crew *crew, unsigned others,
                         void (*work)(void *context, unsigned worker), void *context)
{
  unsigned sent = 0;
  pthread_mutex_lock(&crew->lock);
  assert(crew->busy == 0);
  struct sk_crew_member *idle = crew->members;
  for (; sent < others; sent++) {
    struct sk_crew_member *one = idle ? idle : add_member(crew);
    if (!one)
      break;
    one->work = work;
    one->context = context;
    one->worker = sent;
    idle = idle ? idle->next : NULL;
  }
  crew->busy = sent;
  pthread_cond_broadcast(&crew->wanted);
  pthread_mutex_unlock(&crew->lock);
  return sent;
}

void sk_crew_init(struct sk_crew *crew)
{
  *crew = (struct sk_crew){.members = NULL};
  pthread_mutex_init(&crew->lock, NULL); /* without attributes none of these can fail on Linux */
  pthread_cond_init(&crew->wanted, NULL);
  pthread_cond_init(&crew->done, NULL);
}

void sk_crew_reset(struct sk_crew *crew)
{
  pthread_mutex_lock(&crew->lock);
  assert(crew->busy == 0);
  crew->over = true;
  pthread_cond_broadcast(&crew->wanted);
  pthread_mutex_unlock(&crew->lock);
  for (struct sk_crew_member *member = crew->members, *next; member; member = next) {
    next = member->next;
    pthread_join(member->thread, NULL);
    sk_free(member);
  }
  pthread_cond_destroy(&crew->done);
  pthread_cond_destroy(&crew->wanted);
  pthread_mutex_destroy(&crew->lock);
}

static void run(struct sk_crew *crew, unsigned others, void (*work)(void *context, unsigned worker),
                void *context)
{
  const unsigned sent = others ? send_out(crew, others, work, context) : 0;
  work(context, others);
  for (unsigned i = sent; i < others; i++)
    work(context, i);
  if (!sent)
    return;
  pthread_mutex_lock(&crew->lock);
  while (crew->busy)
    pthread_cond_wait(&crew->done, &crew->lock);
  pthread_mutex_unlock(&crew->lock);
}

void sk_crew_run(struct sk_crew *crew, unsigned count, void (*work)(void *context, unsigned worker),
                 void *context)
{
  struct sk_crew own;
  assert(count >= 1);
  if (crew || count == 1) {
    run(crew, count - 1, work, context);
    return;
  }
  sk_crew_init(&own);
  run(&own, count - 1, work, context);
  sk_crew_reset(&own);
}
