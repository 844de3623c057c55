/* SPDX-License-Identifier: Apache-2.0 */
/* An arena: many small blocks, freed all at once. Blocks never move. One thread at a time. */
#ifndef SK_BASE_ARENA_H
#define SK_BASE_ARENA_H

#include "base/alloc.h"

struct sk_arena_chunk;
struct sk_arena_kept;
struct sk_arena {
  struct sk_budget *budget;
  struct sk_arena_chunk *last;
  struct sk_arena_kept *kept; /* blocks of others */
  size_t used, size;          /* of the last chunk */
};

void sk_arena_init(struct sk_arena *arena, struct sk_budget *budget);
/* Frees all blocks; the arena can be used again. */
void sk_arena_reset(struct sk_arena *arena);
/* Uninitialised memory, 16-byte aligned; NULL when the budget refuses. */
void *sk_arena_alloc(struct sk_arena *arena, size_t bytes);
/* Unaligned bytes, for text: packs tighter. */
void *sk_arena_bytes(struct sk_arena *arena, size_t bytes);

/* A block of sk_alloc() with several owners, of which the last one to leave frees it. Any
 * thread. */
struct sk_shared {
  _Atomic uint32_t owners;
  void *block;
};
/* The block's first owner; NULL when the budget refuses, and the block stays the caller's. */
struct sk_shared *sk_shared_new(struct sk_budget *budget, void *block);
void sk_shared_leave(struct sk_shared *shared); /* NULL is fine */
/* Makes the arena an owner, until it is reset. False when the budget refuses. */
bool sk_arena_keep(struct sk_arena *arena, struct sk_shared *shared);

#endif
