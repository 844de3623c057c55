/* SPDX-License-Identifier: Apache-2.0 */
/* Deep copies of batches in one arena: each column that is present, packed to its rows. */
#include "retained.h"

void sk_retained_init(struct sk_retained *retained, struct sk_budget *budget)
{
  *retained = (struct sk_retained){.batches = NULL};
  sk_arena_init(&retained->arena, budget);
}

void sk_retained_reset(struct sk_retained *retained)
{
  sk_free(retained->batches);
  sk_arena_reset(&retained->arena);
  retained->batches = NULL;
  retained->count = retained->capacity = 0;
}

static shukei_status no_memory(struct sk_retained *retained, size_t bytes, shukei_error *err)
{
  const shukei_status st = sk_fail_memory(err, retained->arena.budget, bytes, "decoded rows");
  sk_advise(err, "use --mode streaming, or a larger --memory");
  return st;
}

/* A copy of length bytes in the arena; NULL for NULL. */
static bool copy_column(struct sk_arena *arena, const void *from, size_t length, const void **out)
{
  *out = NULL;
  if (!from)
    return true;
  void *to = sk_arena_alloc(arena, length);
  if (!to)
    return false;
  memcpy(to, from, length);
  *out = to;
  return true;
}

shukei_status sk_retained_add(struct sk_retained *retained, const struct sk_batch *batch,
                              shukei_error *err)
{
  if (retained->count == retained->capacity) {
    const size_t capacity = retained->capacity ? 2 * retained->capacity : 64;
    struct sk_batch **grown =
        sk_realloc(retained->arena.budget, retained->batches, capacity * sizeof *grown);
    if (!grown)
      return no_memory(retained, capacity * sizeof *grown, err);
    retained->batches = grown;
    retained->capacity = capacity;
  }
  struct sk_batch *copy = sk_arena_alloc(&retained->arena, sizeof *copy);
  if (!copy)
    return no_memory(retained, sizeof *copy, err);
  *copy = *batch;
  for (int f = 0; f < SK_FIELD_COUNT; f++) {
    const void *ids, *numbers;
    if (!copy_column(&retained->arena, batch->ids[f], batch->rows * sizeof(uint32_t), &ids) ||
        !copy_column(&retained->arena, batch->numbers[f], batch->rows * sizeof(double), &numbers))
      return no_memory(retained, batch->rows * sizeof(double), err);
    copy->ids[f] = ids;
    copy->numbers[f] = numbers;
  }
  retained->batches[retained->count++] = copy;
  return SHUKEI_OK;
}

shukei_status sk_retained_replay(const struct sk_retained *retained, struct sk_partial *partial,
                                 shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < retained->count && !st; i++)
    st = sk_partial_add(partial, retained->batches[i], err);
  return st;
}
