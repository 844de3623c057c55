/* SPDX-License-Identifier: Apache-2.0 */
/* An array that grows while others read it: elements lie in segments that never move. One thread at
 * a time may make segments; any number may read elements whose indexes they were told by that
 * thread (in the sense of C11: what it published afterwards was acquired). */
#ifndef SK_BASE_SEGMENTS_H
#define SK_BASE_SEGMENTS_H

#include "base/arena.h"

#define SK_SEGMENT_SHIFT 8
#define SK_SEGMENT_ELEMENTS (UINT32_C(1) << SK_SEGMENT_SHIFT)

struct sk_segment_list {
  uint32_t capacity;
  void *at[]; /* NULL: not made */
};
struct sk_segments {
  struct sk_arena arena;
  size_t size; /* of an element */
  struct sk_segment_list *_Atomic list;
};

void sk_segments_init(struct sk_segments *segments, size_t size, struct sk_budget *budget);
void sk_segments_reset(struct sk_segments *segments); /* frees; empty, can be used again */
/* The element, its segment made where it was missing, all zeros; NULL when memory lacks. */
void *sk_segments_make(struct sk_segments *segments, uint32_t index);

/* An element of a segment that was made; size is segments->size, as a constant where speed
 * counts. */
static inline void *sk_segments_at(const struct sk_segments *segments, uint32_t index, size_t size)
{
  const struct sk_segment_list *list = atomic_load_explicit(&segments->list, memory_order_acquire);
  return (char *)list->at[index >> SK_SEGMENT_SHIFT] + (index & (SK_SEGMENT_ELEMENTS - 1)) * size;
}
/* The same, NULL where its segment was not made. */
static inline void *sk_segments_find(const struct sk_segments *segments, uint32_t index)
{
  const struct sk_segment_list *list = atomic_load_explicit(&segments->list, memory_order_acquire);
  if (!list || index >> SK_SEGMENT_SHIFT >= list->capacity || !list->at[index >> SK_SEGMENT_SHIFT])
    return NULL;
  return sk_segments_at(segments, index, segments->size);
}

#endif
