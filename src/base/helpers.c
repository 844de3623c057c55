/* SPDX-License-Identifier: Apache-2.0 */
/* One condition for both, changes and work: whoever waits takes what comes first. Threads that are
 * there already, and have nothing to do, cost a signal; a crew of their own for some 2 ms of work
 * costs threads, their stacks and what the allocator keeps for each (sk_crew_run()). */
#include "base/helpers.h"

#include <assert.h>

struct sk_help {
  void (*work)(void *context, unsigned helper);
  void *context;
  unsigned most, begun, running; /* of the helpers: how many may, did, and have not returned */
};

void sk_helpers_init(struct sk_helpers *helpers)
{
  *helpers = (struct sk_helpers){.wanted = NULL};
  pthread_mutex_init(&helpers->lock, NULL); /* without attributes neither can fail on Linux */
  pthread_cond_init(&helpers->changed, NULL);
}

void sk_helpers_reset(struct sk_helpers *helpers)
{
  assert(!helpers->wanted);
  pthread_cond_destroy(&helpers->changed);
  pthread_mutex_destroy(&helpers->lock);
}

void sk_helpers_changed(struct sk_helpers *helpers)
{
  pthread_cond_broadcast(&helpers->changed);
}

void sk_helpers_wait(struct sk_helpers *helpers)
{
  struct sk_help *help = helpers->wanted;
  if (!help || help->begun == help->most) {
    pthread_cond_wait(&helpers->changed, &helpers->lock);
    return;
  }
  const unsigned number = ++help->begun;
  help->running++;
  pthread_mutex_unlock(&helpers->lock);
  help->work(help->context, number);
  pthread_mutex_lock(&helpers->lock);
  if (--help->running == 0)
    sk_helpers_changed(helpers);
}

void sk_helpers_run(struct sk_helpers *helpers, unsigned most,
                    void (*work)(void *context, unsigned helper), void *context)
{
  struct sk_help help = {.work = work, .context = context, .most = most - 1};
  assert(most >= 1);
  pthread_mutex_lock(&helpers->lock);
  assert(!helpers->wanted);
  helpers->wanted = &help;
  sk_helpers_changed(helpers);
  pthread_mutex_unlock(&helpers->lock);
  work(context, 0);
  pthread_mutex_lock(&helpers->lock);
  helpers->wanted = NULL; /* who comes now finds nothing; who came before is waited for */
  while (help.running > 0)
    pthread_cond_wait(&helpers->changed, &helpers->lock);
  pthread_mutex_unlock(&helpers->lock);
}
