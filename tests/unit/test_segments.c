/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays in segments: elements stay where they are, segments come in any order, failed allocations,
 * and a reader beside the thread that makes them. */
#include "testing.h"

#include "base/segments.h"

#include <pthread.h>

enum { ELEMENTS = 50000 };

static void elements_never_move(void **state)
{
  (void)state;
  struct sk_budget budget;
  struct sk_segments segments;
  sk_budget_init(&budget, UINT64_MAX);
  sk_segments_init(&segments, sizeof(uint64_t), &budget);
  assert_null(sk_segments_find(&segments, 0));
  uint64_t *first = sk_segments_make(&segments, 0);
  for (uint32_t i = 0; i < ELEMENTS; i++) {
    uint64_t *element = sk_segments_make(&segments, i);
    assert_int_equal(*element, 0);
    *element = i * UINT64_C(7);
  }
  assert_ptr_equal(sk_segments_at(&segments, 0, sizeof(uint64_t)), first);
  for (uint32_t i = 0; i < ELEMENTS; i++) {
    const uint64_t *element = sk_segments_at(&segments, i, sizeof(uint64_t));
    assert_ptr_equal(sk_segments_find(&segments, i), element);
    assert_int_equal(*element, i * UINT64_C(7));
  }
  sk_segments_reset(&segments);
  assert_int_equal(budget.used_bytes, 0);
  assert_null(sk_segments_find(&segments, 0));
  assert_non_null(sk_segments_make(&segments, 3)); /* and again */
  sk_segments_reset(&segments);
}

static void makes_only_what_is_asked_for(void **state)
{
  (void)state;
  struct sk_budget budget;
  struct sk_segments segments;
  sk_budget_init(&budget, UINT64_MAX);
  sk_segments_init(&segments, 160, &budget);
  assert_non_null(sk_segments_make(&segments, 100 * SK_SEGMENT_ELEMENTS + 5));
  assert_true(budget.used_bytes < 160 * SK_SEGMENT_ELEMENTS + 4096);
  assert_null(sk_segments_find(&segments, 5));
  assert_null(sk_segments_find(&segments, 99 * SK_SEGMENT_ELEMENTS));
  assert_null(sk_segments_find(&segments, UINT32_MAX));
  assert_non_null(sk_segments_find(&segments, 100 * SK_SEGMENT_ELEMENTS));
  sk_segments_reset(&segments);
}

/* Behind the list lies what the heap had there: anything. */
static void nothing_is_found_behind_the_list(void **state)
{
  (void)state;
  struct sk_segments segments;
  struct sk_arena dirty;
  sk_arena_init(&dirty, NULL);
  void *block = sk_arena_bytes(&dirty, 900);
  assert_non_null(block);
  memset(block, 0x7f, 900);
  sk_arena_reset(&dirty);
  sk_segments_init(&segments, 1, NULL);
  assert_non_null(sk_segments_make(&segments, 0));
  for (uint32_t segment = 1; segment < 1000; segment++)
    assert_null(sk_segments_find(&segments, segment * SK_SEGMENT_ELEMENTS));
  sk_segments_reset(&segments);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  bool failed = true;
  for (int64_t n = 0; failed; n++) {
    struct sk_budget budget;
    struct sk_segments segments;
    sk_budget_init(&budget, UINT64_MAX);
    sk_segments_init(&segments, sizeof(uint32_t), &budget);
    sk_test_fail_alloc(n);
    for (uint32_t i = 0; i < 20 * SK_SEGMENT_ELEMENTS; i += SK_SEGMENT_ELEMENTS / 2) {
      uint32_t *element = sk_segments_make(&segments, i);
      if (!element) /* nothing changed; the next attempt works */
        element = sk_segments_make(&segments, i);
      *element = i;
    }
    for (uint32_t i = 0; i < 20 * SK_SEGMENT_ELEMENTS; i += SK_SEGMENT_ELEMENTS / 2)
      assert_int_equal(*(uint32_t *)sk_segments_find(&segments, i), i);
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    sk_segments_reset(&segments);
    assert_int_equal(budget.used_bytes, 0);
  }
}

struct shared {
  struct sk_segments segments;
  _Atomic uint32_t count;
};

static void *read_all(void *context)
{
  struct shared *shared = context;
  uint64_t wrong = 0;
  for (uint32_t seen = 0; seen < ELEMENTS;) {
    const uint32_t count = atomic_load_explicit(&shared->count, memory_order_acquire);
    for (; seen < count; seen++)
      wrong += *(uint32_t *)sk_segments_at(&shared->segments, seen, sizeof seen) != seen;
  }
  return (void *)(uintptr_t)wrong;
}

static void is_read_while_it_grows(void **state)
{
  (void)state;
  struct shared shared = {.count = 0};
  pthread_t reader;
  void *wrong;
  sk_segments_init(&shared.segments, sizeof(uint32_t), NULL);
  assert_int_equal(pthread_create(&reader, NULL, read_all, &shared), 0);
  for (uint32_t i = 0; i < ELEMENTS; i++) {
    *(uint32_t *)sk_segments_make(&shared.segments, i) = i;
    atomic_store_explicit(&shared.count, i + 1, memory_order_release);
  }
  assert_int_equal(pthread_join(reader, &wrong), 0);
  assert_null(wrong);
  sk_segments_reset(&shared.segments);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(elements_never_move),
      cmocka_unit_test(makes_only_what_is_asked_for),
      cmocka_unit_test(nothing_is_found_behind_the_list),
      cmocka_unit_test(survives_every_failed_allocation),
      cmocka_unit_test(is_read_while_it_grows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
