/* SPDX-License-Identifier: Apache-2.0 */
/* Arenas: blocks do not overlap or move, small arenas are cheap, refusals leave nothing behind. */
#include "testing.h"

#include "base/arena.h"

static void blocks_keep_their_bytes(void **state)
{
  (void)state;
  enum { BLOCKS = 20000 };
  static struct {
    uint8_t *bytes;
    size_t length;
  } blocks[BLOCKS];
  struct sk_budget budget;
  struct sk_arena arena;
  uint64_t random = 1;
  sk_budget_init(&budget, UINT64_MAX);
  sk_arena_init(&arena, &budget);
  for (size_t i = 0; i < BLOCKS; i++) {
    const size_t most = random_below(&random, 100) == 0 ? 20000 : 200;
    const size_t length = random_below(&random, most);
    const bool aligned = random_below(&random, 2) == 0;
    blocks[i].length = length;
    blocks[i].bytes = aligned ? sk_arena_alloc(&arena, length) : sk_arena_bytes(&arena, length);
    assert_non_null(blocks[i].bytes);
    if (aligned)
      assert_int_equal((uintptr_t)blocks[i].bytes % 16, 0);
    memset(blocks[i].bytes, (int)(i % 251), length);
  }
  for (size_t i = 0; i < BLOCKS; i++) {
    for (size_t at = 0; at < blocks[i].length; at++)
      assert_int_equal(blocks[i].bytes[at], i % 251);
  }
  sk_arena_reset(&arena);
  assert_int_equal(budget.used_bytes, 0);
}

#define LARGEST_CHUNK (2 << 20)

static void costs_little_more_than_it_holds(void **state)
{
  (void)state;
  static const struct {
    const char *why;
    size_t blocks, length, most_bytes;
  } cases[] = {
      {"nothing allocated", 0, 0, 0},
      {"one small block", 1, 10, 4096},
      {"a few names", 100, 30, 4096},
      {"names packed tightly", 100000, 30, 3000000 + LARGEST_CHUNK},
      {"and more of them", 1000000, 30, 30000000 + LARGEST_CHUNK},
      {"blocks of the chunk's own size", 100, 4096, 409600 + 300000},
      {"large blocks lie alone", 10, 5000000, 50000000 + 4096},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    struct sk_budget budget;
    struct sk_arena arena;
    sk_budget_init(&budget, UINT64_MAX);
    sk_arena_init(&arena, &budget);
    for (size_t n = 0; n < cases[i].blocks; n++)
      assert_non_null(sk_arena_bytes(&arena, cases[i].length));
    if (budget.used_bytes > cases[i].most_bytes)
      fail_msg("%s: %" PRIu64 " bytes", cases[i].why, budget.used_bytes);
    sk_arena_reset(&arena);
  }
}

/* The rest of a chunk is lost only to a block that it has no room for, and what is behind the last
 * block is never more than the largest chunk, nor than four times what the arena holds: blocks of
 * their own make the next chunk larger. */
static void wastes_less_than_it_holds_and_a_chunk(void **state)
{
  (void)state;
  uint64_t random = 3;
  for (int round = 0; round < 300; round++) {
    struct sk_budget budget;
    struct sk_arena arena;
    const size_t most = (size_t)1 << (4 + random_below(&random, 18));
    uint64_t held = 0;
    sk_budget_init(&budget, UINT64_MAX);
    sk_arena_init(&arena, &budget);
    for (int i = 0; i < 100; i++) {
      const size_t length = 1 + random_below(&random, most);
      assert_non_null(sk_arena_bytes(&arena, length));
      held += length;
      const uint64_t rest = held * 4 < LARGEST_CHUNK ? held * 4 : LARGEST_CHUNK;
      if (budget.used_bytes > 4096 + 2 * held + rest)
        fail_msg("%" PRIu64 " bytes for %" PRIu64 ", blocks up to %zu", budget.used_bytes, held,
                 most);
    }
    sk_arena_reset(&arena);
  }
}

static void a_large_block_keeps_the_open_chunk(void **state)
{
  (void)state;
  struct sk_arena arena;
  sk_arena_init(&arena, NULL);
  uint8_t *before = sk_arena_bytes(&arena, 10);
  uint8_t *large = sk_arena_bytes(&arena, 1000000);
  uint8_t *after = sk_arena_bytes(&arena, 10);
  assert_non_null(large);
  assert_ptr_equal(after, before + 10);
  sk_arena_reset(&arena);
  large = sk_arena_alloc(&arena, 1000000); /* first of all */
  assert_non_null(large);
  memset(large, 1, 1000000);
  assert_non_null(sk_arena_alloc(&arena, 1));
  sk_arena_reset(&arena);
}

/* Chunks grow by blocks of their own as well: else each of many such blocks would be one of the
 * heap's. */
static void many_blocks_take_few_chunks(void **state)
{
  (void)state;
  struct sk_arena arena;
  for (size_t length = 600; length <= 300000; length *= 5) {
    sk_arena_init(&arena, NULL);
    sk_test_fail_alloc(40);
    for (int i = 0; i < 60; i++)
      assert_non_null(sk_arena_bytes(&arena, length));
    assert_false(sk_test_alloc_failed());
    sk_test_fail_alloc(-1);
    sk_arena_reset(&arena);
  }
}

static void refusal_leaves_it_usable(void **state)
{
  (void)state;
  struct sk_budget budget;
  struct sk_arena arena;
  sk_budget_init(&budget, 20000);
  sk_arena_init(&arena, &budget);
  assert_null(sk_arena_alloc(&arena, SIZE_MAX));
  assert_null(sk_arena_bytes(&arena, SIZE_MAX - 40));
  assert_null(sk_arena_bytes(&arena, 30000));
  size_t blocks = 0;
  while (sk_arena_alloc(&arena, 96))
    blocks++;
  assert_true(blocks > 100);
  sk_arena_reset(&arena);
  assert_int_equal(budget.used_bytes, 0);
  assert_non_null(sk_arena_alloc(&arena, 0));
  assert_non_null(sk_arena_bytes(&arena, 0));
  sk_test_fail_alloc(0);
  assert_null(sk_arena_alloc(&arena, 5000));
  assert_non_null(sk_arena_alloc(&arena, 5000));
  sk_arena_reset(&arena);
  sk_arena_reset(&arena); /* twice does no harm */
}

static void the_last_owner_frees(void **state)
{
  (void)state;
  struct sk_budget budget;
  struct sk_arena one, two;
  sk_budget_init(&budget, 100000);
  sk_arena_init(&one, &budget);
  sk_arena_init(&two, &budget);
  for (int order = 0; order < 3; order++) {
    struct sk_shared *shared = sk_shared_new(&budget, sk_alloc(&budget, 50000));
    assert_non_null(shared);
    assert_true(sk_arena_keep(&one, shared) && sk_arena_keep(&two, shared));
    for (int i = 0; i < 3; i++) {
      assert_true(budget.used_bytes > 50000);
      if ((order + i) % 3 == 0)
        sk_arena_reset(&one);
      else if ((order + i) % 3 == 1)
        sk_arena_reset(&two);
      else
        sk_shared_leave(shared);
    }
    assert_int_equal(budget.used_bytes, 0);
  }
  sk_shared_leave(NULL);
  sk_test_fail_alloc(0);
  assert_null(sk_shared_new(&budget, NULL));
  struct sk_shared *shared = sk_shared_new(&budget, NULL);
  sk_test_fail_alloc(0);
  assert_false(sk_arena_keep(&one, shared));
  sk_arena_reset(&one);
  sk_shared_leave(shared);
  assert_int_equal(budget.used_bytes, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blocks_keep_their_bytes),
      cmocka_unit_test(costs_little_more_than_it_holds),
      cmocka_unit_test(wastes_less_than_it_holds_and_a_chunk),
      cmocka_unit_test(a_large_block_keeps_the_open_chunk),
      cmocka_unit_test(many_blocks_take_few_chunks),
      cmocka_unit_test(refusal_leaves_it_usable),
      cmocka_unit_test(the_last_owner_frees),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
