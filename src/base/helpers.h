/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that share a state behind one lock, and help each other while they wait for it to change.
 *
 *   sk_helpers_init() -> threads: lock, while the state is not as wanted sk_helpers_wait(), unlock
 *   -> sk_helpers_reset() when all threads are gone
 *
 * One of them, at a time, may have work that several can do: sk_helpers_run(). */
#ifndef SK_BASE_HELPERS_H
#define SK_BASE_HELPERS_H

#include "base/alloc.h"

#include <pthread.h>

struct sk_help; /* helpers.c */
struct sk_helpers {
  pthread_mutex_t lock; /* of the state that they share, and of this */
  pthread_cond_t changed;
  struct sk_help *wanted; /* NULL: nobody wants help */
};

void sk_helpers_init(struct sk_helpers *helpers);
void sk_helpers_reset(struct sk_helpers *helpers);

/* With the lock held, which it gives up meanwhile: does a part of the work that somebody wants help
 * with, or waits for a change where there is none. The caller looks at the state again. */
void sk_helpers_wait(struct sk_helpers *helpers);
/* With the lock held: the state has changed. */
void sk_helpers_changed(struct sk_helpers *helpers);

/* Without the lock: runs work(context, 0) here and work(context, 1 .. most - 1) in threads that
 * wait meanwhile, as far as there are any; returns when all that began have returned. work(context,
 * 0) has to do all that the others leave. One thread at a time. */
void sk_helpers_run(struct sk_helpers *helpers, unsigned most,
                    void (*work)(void *context, unsigned helper), void *context);

#endif
