/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks that are cut from slabs: none overlaps another one, whatever is asked for, resized and
 * given back in whatever order, by several threads at once; and with the last one all slabs are
 * gone. */
#include "testing.h"

#include "base/crew.h"
#include "base/platform.h"
#include "base/slabs.h"

enum { WORKERS = 4, BLOCKS = 60, STEPS = 4000 };
#define LEAST ((size_t)32 << 10)
#define MOST ((size_t)127 * 16 << 10)

struct block {
  uint8_t *at;
  size_t bytes;
  uint8_t mark;
};

/* The first and last bytes, and one of each unit. */
static void fill(const struct block *block)
{
  for (size_t i = 0; i < block->bytes; i += 4096)
    block->at[i] = block->mark;
  block->at[block->bytes - 1] = block->mark;
}

static bool is_filled(const struct block *block)
{
  bool filled = block->at[block->bytes - 1] == block->mark;
  for (size_t i = 0; i < block->bytes; i += 4096)
    filled = filled && block->at[i] == block->mark;
  return filled;
}

static size_t some_size(uint64_t *random)
{
  const size_t most = random_below(random, 4) ? (size_t)200 << 10 : MOST;
  return LEAST + random_below(random, most - LEAST + 1);
}

static void work(void *context, unsigned worker)
{
  _Atomic uint32_t *wrong = context;
  struct block blocks[BLOCKS] = {{.at = NULL}};
  uint64_t random = worker + 1;
  for (uint32_t step = 0; step < STEPS; step++) {
    struct block *block = &blocks[random_below(&random, BLOCKS)];
    if (!block->at) {
      *block =
          (struct block){.bytes = some_size(&random), .mark = (uint8_t)random_below(&random, 256)};
      block->at = sk_slab_alloc(block->bytes);
      *wrong += !block->at || (uintptr_t)block->at % 16;
      fill(block);
      continue;
    }
    *wrong += !is_filled(block);
    const size_t bytes = some_size(&random);
    if (random_below(&random, 2)) {
      sk_slab_free(block->at, block->bytes);
      block->at = NULL;
    } else if (sk_slab_resize(block->at, block->bytes, bytes)) {
      block->bytes = bytes;
      fill(block);
    } else {
      *wrong += bytes <= block->bytes || !is_filled(block);
    }
  }
  for (size_t i = 0; i < BLOCKS; i++)
    if (blocks[i].at) {
      *wrong += !is_filled(&blocks[i]);
      sk_slab_free(blocks[i].at, blocks[i].bytes);
    }
}

static void blocks_do_not_overlap(void **state)
{
  (void)state;
  _Atomic uint32_t wrong = 0;
  if (!sk_slab_takes(LEAST))
    skip(); /* this system maps no blocks, or a tool that watches memory does not know them */
  assert_int_equal(sk_slab_count(), 0);
  for (unsigned workers = 1; workers <= WORKERS; workers++) {
    sk_crew_run(NULL, workers, work, &wrong);
    assert_int_equal(wrong, 0);
    assert_int_equal(sk_slab_count(), 0);
  }
}

static void memory_is_used_again(void **state)
{
  (void)state;
  void *blocks[40];
  if (!sk_slab_takes(LEAST))
    skip();
  void *first = sk_slab_alloc(LEAST);
  for (int round = 0; round < 50; round++) {
    for (size_t i = 0; i < SK_COUNT(blocks); i++)
      assert_non_null(blocks[i] = sk_slab_alloc(LEAST * (1 + i % 8)));
    assert_true(sk_slab_count() <= 5); /* of 40 blocks with 9 units on average */
    for (size_t i = 0; i < SK_COUNT(blocks); i++)
      sk_slab_free(blocks[i], LEAST * (1 + i % 8));
    assert_true(sk_slab_count() <= 2); /* an empty one is kept beside the first block's */
  }
  assert_true(sk_slab_resize(first, LEAST, MOST)); /* all that is behind it */
  assert_true(sk_slab_resize(first, MOST, LEAST));
  assert_true(sk_slab_resize(first, LEAST, MOST));
  for (size_t i = 0; i < 2; i++) /* one at least finds no room in the first block's slab */
    assert_non_null(blocks[i] = sk_slab_alloc(MOST));
  assert_true(sk_slab_resize(first, MOST, LEAST)); /* now there is */
  assert_non_null(blocks[2] = sk_slab_alloc(MOST - LEAST));
  assert_int_equal(sk_slab_count(), 3);
  for (size_t i = 0; i < 3; i++)
    sk_slab_free(blocks[i], i < 2 ? MOST : MOST - LEAST);
  sk_slab_free(first, LEAST);
  assert_int_equal(sk_slab_count(), 0);
}

static void takes_sizes_in_between(void **state)
{
  (void)state;
  if (sk_mapped_bytes() == SIZE_MAX) {
    assert_false(sk_slab_takes(LEAST));
    return;
  }
  assert_false(sk_slab_takes(LEAST - 1));
  assert_true(sk_slab_takes(LEAST) && sk_slab_takes(MOST));
  assert_false(sk_slab_takes(MOST + 1));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blocks_do_not_overlap),
      cmocka_unit_test(memory_is_used_again),
      cmocka_unit_test(takes_sizes_in_between),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
