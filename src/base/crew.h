/* SPDX-License-Identifier: Apache-2.0 */
/* A crew of threads that all run one function and are then waited for.
 *
 *   sk_crew_init() -> sk_crew_run(), again and again -> sk_crew_reset() */
#ifndef SK_BASE_CREW_H
#define SK_BASE_CREW_H

#include "base/alloc.h"

#include <pthread.h>

struct sk_crew_member; /* crew.c */
struct sk_crew {
  pthread_mutex_t lock; /* of the members and of what follows */
  pthread_cond_t wanted, done;
  struct sk_crew_member *members; /* the newest first */
  unsigned busy;
  bool over; /* nobody is wanted any more */
};

/* No threads yet: the first run that needs some makes them, and they stay for the next one. */
void sk_crew_init(struct sk_crew *crew);
void sk_crew_reset(struct sk_crew *crew); /* ends them; no run is under way */

/* Runs work(context, 0 .. count-1), each in a thread of its own, the last one in the caller's.
 * Returns when all have. count >= 1. Where a thread cannot be had, the caller's runs that
 * worker's part after its own, so that work always runs count times: work must not wait for the
 * other workers. One run at a time of a crew; crew NULL: of threads that are made for this run. */
void sk_crew_run(struct sk_crew *crew, unsigned count, void (*work)(void *context, unsigned worker),
                 void *context);

#endif
