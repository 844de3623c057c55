/* SPDX-License-Identifier: Apache-2.0 */
/* An arena: many small blocks, freed all at once. Blocks never move. One thread at a time. */
#ifndef SK_BASE_ARENA_H
#define SK_BASE_ARENA_H

#include "base/alloc.h"

struct sk_arena_chunk;
struct sk_arena {
  struct sk_budget *budget;
  struct sk_arena_chunk *last;
  size_t used, size; /* of the last chunk */
};

void sk_arena_init(struct sk_arena *arena, struct sk_budget *budget);
/* Frees all blocks; the arena can be used again. */
void sk_arena_reset(struct sk_arena *arena);
/* Uninitialised memory, 16-byte aligned; NULL when the budget refuses. */
void *sk_arena_alloc(struct sk_arena *arena, size_t bytes);
/* Unaligned bytes, for text: packs tighter. */
void *sk_arena_bytes(struct sk_arena *arena, size_t bytes);

#endif
