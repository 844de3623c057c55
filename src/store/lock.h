/* SPDX-License-Identifier: Apache-2.0 */
/* What the locks of all stores begin with; for store.c. */
#ifndef SK_STORE_LOCK_H
#define SK_STORE_LOCK_H

#include "store/store.h"

struct sk_store_lock {
  shukei_status (*renew)(struct sk_store_lock *lock, shukei_error *err); /* NULL: lasts of itself */
  void (*release)(struct sk_store_lock *lock);                           /* frees it, too */
};

#endif
