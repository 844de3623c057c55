/* SPDX-License-Identifier: Apache-2.0 */
/* --mode in-memory: batches that are kept until everything is decoded. */
#ifndef SK_RETAINED_H
#define SK_RETAINED_H

#include "base/arena.h"
#include "summary/summary.h"

struct sk_retained {
  struct sk_arena arena;
  struct sk_batch **batches;
  size_t count, capacity;
};
void sk_retained_init(struct sk_retained *retained, struct sk_budget *budget);
void sk_retained_reset(struct sk_retained *retained);
/* Keeps a copy. ENOMEM advises the streaming mode. */
shukei_status sk_retained_add(struct sk_retained *retained, const struct sk_batch *batch,
                              shukei_error *err);
/* Adds all of them to the partial whose symbols their ids are of. */
shukei_status sk_retained_replay(const struct sk_retained *retained, struct sk_partial *partial,
                                 shukei_error *err);

#endif
