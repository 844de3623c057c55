/* SPDX-License-Identifier: Apache-2.0 */
#include "base/each.h"

#include <pthread.h>

struct each {
  shukei_status (*call)(void *context, size_t i, shukei_error *err);
  void *context;
  size_t count;
  _Atomic size_t next;
  pthread_mutex_t lock;
  /* under the lock */
  size_t failed; /* the first that did, or count */
  shukei_status status;
  shukei_error error;
};

/* Numbers are taken in order, so that all before a failed one have been taken. */
static void work(void *context, unsigned worker)
{
  struct each *each = context;
  (void)worker;
  for (size_t i; (i = atomic_fetch_add(&each->next, 1)) < each->count;) {
    shukei_error error = {.status = SHUKEI_OK};
    const shukei_status st = each->call(each->context, i, &error);
    if (!st)
      continue;
    pthread_mutex_lock(&each->lock);
    if (i < each->failed) {
      each->failed = i;
      each->status = st;
      each->error = error;
    }
    pthread_mutex_unlock(&each->lock);
    return;
  }
}

shukei_status sk_each(unsigned threads, size_t count,
                      shukei_status (*call)(void *context, size_t i, shukei_error *err),
                      void *context, size_t *good, shukei_error *err)
{
  struct each each = {.call = call, .context = context, .count = count, .failed = count};
  if (threads > count)
    threads = (unsigned)count;
  pthread_mutex_init(&each.lock, NULL);
  sk_crew_run(NULL, threads ? threads : 1, work, &each);
  pthread_mutex_destroy(&each.lock);
  if (each.status && err)
    *err = each.error;
  if (good)
    *good = each.failed;
  return each.status;
}
