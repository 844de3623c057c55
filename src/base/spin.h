/* SPDX-License-Identifier: Apache-2.0 */
/* A lock for a few instructions: nobody sleeps while another thread adds an entry to a table. Who
 * waits long gives the processor away (sk_wait_shortly()), so a holder that was interrupted goes
 * on. */
#ifndef SK_BASE_SPIN_H
#define SK_BASE_SPIN_H

#include "base/platform.h"

#include <stdatomic.h>

struct sk_spin {
  atomic_flag taken; /* all zeros: free */
};

static inline void sk_spin_lock(struct sk_spin *spin)
{
  for (unsigned round = 0; atomic_flag_test_and_set_explicit(&spin->taken, memory_order_acquire);
       round++)
    sk_wait_shortly(round);
}
static inline void sk_spin_unlock(struct sk_spin *spin)
{
  atomic_flag_clear_explicit(&spin->taken, memory_order_release);
}

#endif
