/* SPDX-License-Identifier: Apache-2.0 */
/* What the locks of all stores share: how they begin, for store.c, and how they wait. */
#ifndef SK_STORE_LOCK_H
#define SK_STORE_LOCK_H

#include "store/store.h"

struct sk_store_lock {
  shukei_status (*renew)(struct sk_store_lock *lock, shukei_error *err); /* NULL: lasts of itself */
  void (*release)(struct sk_store_lock *lock);                           /* frees it, too */
};

/* A wait under way; begins with all but the first two 0. */
struct sk_lock_waiting {
  const struct sk_store_wait *wait; /* NULL: not to be ended, and silent */
  unsigned pause_most_ms;
  unsigned pause_ms, waited_ms;
  bool told;
};
/* Sleeps before another try, each time twice as long, up to the longest pause. When a second has
 * passed it is told once that the run waits for the lock of that path. ECANCELED. */
shukei_status sk_lock_pause(struct sk_lock_waiting *waiting, const char *path, shukei_error *err);

#endif
