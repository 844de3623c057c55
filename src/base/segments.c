/* SPDX-License-Identifier: Apache-2.0 */
/* An array in segments of SK_SEGMENT_ELEMENTS each, found through a list of pointers. When the list
 * must grow, readers may stand in the old one: it is kept until the reset, and since lists double,
 * all old ones together are smaller than the new one. All of it comes from an arena, of ever larger
 * blocks. */
#include "base/segments.h"

#include <string.h>

#define FIRST_SEGMENTS UINT32_C(8)

void sk_segments_init(struct sk_segments *segments, size_t size, struct sk_budget *budget)
{
  sk_arena_init(&segments->arena, budget);
  segments->size = size;
  atomic_init(&segments->list, NULL);
}

void sk_segments_reset(struct sk_segments *segments)
{
  sk_arena_reset(&segments->arena);
  atomic_init(&segments->list, NULL);
}

/* Zeros from the arena; NULL when memory lacks. */
static void *zeros(struct sk_segments *segments, size_t bytes)
{
  void *block = sk_arena_alloc(&segments->arena, bytes);
  return block ? memset(block, 0, bytes) : NULL;
}

/* The list, grown to have a place for the segment; NULL when memory lacks. */
static struct sk_segment_list *list_for(struct sk_segments *segments, uint32_t segment)
{
  struct sk_segment_list *list = segments->list;
  uint32_t capacity = list ? list->capacity : FIRST_SEGMENTS;
  if (list && segment < capacity)
    return list;
  while (capacity <= segment)
    capacity *= 2;
  struct sk_segment_list *grown = zeros(segments, sizeof *grown + capacity * sizeof *grown->at);
  if (!grown)
    return NULL;
  grown->capacity = capacity;
  if (list)
    memcpy(grown->at, list->at, list->capacity * sizeof *list->at);
  atomic_store_explicit(&segments->list, grown, memory_order_release);
  return grown;
}

void *sk_segments_make(struct sk_segments *segments, uint32_t index)
{
  const uint32_t segment = index >> SK_SEGMENT_SHIFT;
  struct sk_segment_list *list = list_for(segments, segment);
  if (!list)
    return NULL;
  if (!list->at[segment])
    list->at[segment] = zeros(segments, SK_SEGMENT_ELEMENTS * segments->size);
  return list->at[segment] ? sk_segments_at(segments, index, segments->size) : NULL;
}
