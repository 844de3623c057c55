/* SPDX-License-Identifier: Apache-2.0 */
/* An arena: blocks are cut from chunks, and all chunks are freed at once.
 *
 *   sk_arena_init() -> sk_arena_alloc(), sk_arena_bytes() ... -> sk_arena_reset()
 *
 *   chunk:  | alloc's header 16 | struct sk_arena_chunk 16 | blocks ... used | rest ... size |
 *
 * Chunks start at 4 KiB, so that a table of a few names is cheap, and double up to 2 MiB, a large
 * page, so that a table of a million names needs few. A block that is larger than a quarter of the
 * next chunk gets one of its own behind the open chunk, whose rest stays usable: at most a quarter
 * is ever lost. */
#include "base/arena.h"

#define FIRST_BYTES ((size_t)4 << 10)
#define LARGEST_BYTES ((size_t)2 << 20)
#define OVERHEAD_BYTES ((size_t)32) /* both headers: totals stay powers of two */
#define ALIGNMENT ((size_t)16)

struct sk_arena_chunk {
  struct sk_arena_chunk *previous;
  size_t next_bytes; /* total size of the chunk after this one */
};

_Static_assert(sizeof(struct sk_arena_chunk) <= 16, "blocks of a chunk start aligned");

void sk_arena_init(struct sk_arena *arena, struct sk_budget *budget)
{
  *arena = (struct sk_arena){.budget = budget};
}

struct sk_arena_kept {
  struct sk_arena_kept *previous;
  struct sk_shared *shared;
};

struct sk_shared *sk_shared_new(struct sk_budget *budget, void *block)
{
  struct sk_shared *shared = sk_alloc(budget, sizeof *shared);
  if (shared) {
    atomic_init(&shared->owners, 1);
    shared->block = block;
  }
  return shared;
}

void sk_shared_leave(struct sk_shared *shared)
{
  if (!shared || atomic_fetch_sub(&shared->owners, 1) > 1)
    return;
  sk_free(shared->block);
  sk_free(shared);
}

bool sk_arena_keep(struct sk_arena *arena, struct sk_shared *shared)
{
  struct sk_arena_kept *kept = sk_arena_alloc(arena, sizeof *kept);
  if (!kept)
    return false;
  *kept = (struct sk_arena_kept){.previous = arena->kept, .shared = shared};
  arena->kept = kept;
  atomic_fetch_add(&shared->owners, 1);
  return true;
}

void sk_arena_reset(struct sk_arena *arena)
{
  for (struct sk_arena_kept *kept = arena->kept; kept; kept = kept->previous)
    sk_shared_leave(kept->shared);
  for (struct sk_arena_chunk *chunk = arena->last; chunk;) {
    struct sk_arena_chunk *previous = chunk->previous;
    sk_free(chunk);
    chunk = previous;
  }
  sk_arena_init(arena, arena->budget);
}

static uint8_t *blocks_of(struct sk_arena_chunk *chunk)
{
  return (uint8_t *)chunk + ALIGNMENT;
}

/* A block that the open chunk has no room for. */
static void *from_new_chunk(struct sk_arena *arena, size_t bytes)
{
  const size_t total = arena->last ? arena->last->next_bytes : FIRST_BYTES;
  const bool own = bytes > total / 4;
  if (bytes > SIZE_MAX / 2)
    return NULL;
  const size_t size = own ? bytes : total - OVERHEAD_BYTES;
  struct sk_arena_chunk *chunk = sk_alloc(arena->budget, ALIGNMENT + size);
  if (!chunk)
    return NULL;
  const size_t next = total < LARGEST_BYTES ? total * 2 : LARGEST_BYTES;
  if (own && arena->last) {
    chunk->previous = arena->last->previous;
    arena->last->previous = chunk;
    arena->last->next_bytes = next; /* which many blocks of this size soon fit into */
    return blocks_of(chunk);
  }
  chunk->previous = arena->last;
  chunk->next_bytes = next;
  arena->last = chunk;
  arena->size = size;
  arena->used = bytes;
  return blocks_of(chunk);
}

void *sk_arena_bytes(struct sk_arena *arena, size_t bytes)
{
  const size_t wanted = bytes ? bytes : 1; /* an empty block has an address as well */
  if (wanted > arena->size - arena->used)
    return from_new_chunk(arena, wanted);
  void *block = blocks_of(arena->last) + arena->used;
  arena->used += wanted;
  return block;
}

void *sk_arena_alloc(struct sk_arena *arena, size_t bytes)
{
  const size_t skip = (ALIGNMENT - arena->used % ALIGNMENT) % ALIGNMENT;
  /* Where the padding does not fit, neither does the block; a new chunk starts aligned. */
  if (skip > arena->size - arena->used)
    return from_new_chunk(arena, bytes ? bytes : 1);
  arena->used += skip;
  return sk_arena_bytes(arena, bytes);
}
