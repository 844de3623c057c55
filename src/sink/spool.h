/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that are kept until a sink can write them, and may have to be written again: the first of
 * them in memory, the rest in a temporary file without a name.
 *
 *   sk_spool_init() -> sk_spool_add() ... -> sk_spool_each(), as often as wanted
 *   -> sk_spool_reset() */
#ifndef SK_SINK_SPOOL_H
#define SK_SINK_SPOOL_H

#include "base/buffer.h"

struct sk_spool {
  struct sk_buffer head;
  int file; /* -1: none */
  uint64_t file_bytes;
};

/* memory_bytes: how much of it stays in memory, where the budget allows. */
void sk_spool_init(struct sk_spool *spool, struct sk_budget *budget, size_t memory_bytes);
void sk_spool_reset(struct sk_spool *spool);
/* EWRITE with the temporary folder's name. */
shukei_status sk_spool_add(struct sk_spool *spool, const void *bytes, size_t length,
                           shukei_error *err);
static inline uint64_t sk_spool_bytes(const struct sk_spool *spool)
{
  return spool->head.length + spool->file_bytes;
}
/* Hands all bytes in their order to take, in pieces of at most SK_SPOOL_PIECE; its first failure
 * ends it. EIO for the temporary file. */
#define SK_SPOOL_PIECE ((size_t)64 << 10)
shukei_status sk_spool_each(const struct sk_spool *spool,
                            shukei_status (*take)(void *context, const void *bytes, size_t length,
                                                  shukei_error *err),
                            void *context, shukei_error *err);

#endif
