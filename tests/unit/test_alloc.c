/* SPDX-License-Identifier: Apache-2.0 */
/* Budgets: what is charged, refused and given back, also from many threads at once and for blocks
 * that are mappings of their own. */
#include "testing.h"

#include "base/alloc.h"
#include "base/crew.h"
#include "base/platform.h"

#include <sys/resource.h>

static void charges_and_gives_back(void **state)
{
  (void)state;
  struct sk_budget budget;
  sk_budget_init(&budget, 10000);
  void *a = sk_alloc(&budget, 1000);
  void *b = sk_calloc(&budget, 10, 100);
  assert_non_null(a);
  assert_non_null(b);
  const uint64_t two = budget.used_bytes;
  assert_true(two >= 2000 && two < 2100);
  a = sk_realloc(&budget, a, 3000);
  assert_non_null(a);
  assert_int_equal(budget.used_bytes, two + 2000);
  a = sk_realloc(&budget, a, 500);
  assert_int_equal(budget.used_bytes, two - 500);
  assert_int_equal(budget.peak_bytes, two + 2000);
  sk_free(a);
  sk_free(b);
  sk_free(NULL);
  assert_int_equal(budget.used_bytes, 0);
  assert_int_equal(budget.peak_bytes, two + 2000);
}

static void refuses_what_passes_the_limit(void **state)
{
  (void)state;
  struct sk_budget budget;
  sk_budget_init(&budget, 4096);
  assert_null(sk_alloc(&budget, 4097));
  assert_null(sk_alloc(&budget, SIZE_MAX));
  assert_null(sk_alloc(&budget, SIZE_MAX - 15));
  assert_null(sk_calloc(&budget, 100, 100));
  assert_null(sk_calloc(NULL, SIZE_MAX / 2, 3));
  assert_null(sk_calloc(NULL, (size_t)1 << 32, (size_t)1 << 32));
  assert_int_equal(budget.used_bytes, 0);
  char *block = sk_realloc(&budget, NULL, 16);
  assert_non_null(block);
  memcpy(block, "fifteen letters", 16);
  const uint64_t used = budget.used_bytes;
  assert_null(sk_realloc(&budget, block, 8192));
  assert_null(sk_realloc(&budget, block, SIZE_MAX));
  assert_string_equal(block, "fifteen letters");
  assert_int_equal(budget.used_bytes, used);
  assert_false(sk_budget_charge(&budget, 4096));
  assert_true(sk_budget_charge(&budget, 4096 - used));
  assert_false(sk_budget_charge(&budget, 1));
  assert_true(sk_budget_charge(&budget, 0));
  assert_false(sk_budget_charge(&budget, UINT64_MAX));
  sk_budget_release(&budget, 4096 - used);
  sk_free(block);
  assert_int_equal(budget.used_bytes, 0);
  assert_int_equal(budget.peak_bytes, 4096);
}

static void works_without_a_budget(void **state)
{
  (void)state;
  assert_true(sk_budget_charge(NULL, UINT64_MAX));
  sk_budget_release(NULL, UINT64_MAX);
  uint8_t *zeroed = sk_calloc(NULL, 7, 11);
  assert_non_null(zeroed);
  for (size_t i = 0; i < 77; i++)
    assert_int_equal(zeroed[i], 0);
  void *empty = sk_alloc(NULL, 0);
  assert_non_null(empty);
  void *none = sk_calloc(NULL, 0, 0);
  assert_non_null(none);
  sk_free(zeroed);
  sk_free(empty);
  sk_free(none);
}

static void aligns_for_any_type(void **state)
{
  (void)state;
  for (size_t bytes = 0; bytes < 100; bytes++) {
    void *block = sk_alloc(NULL, bytes);
    assert_non_null(block);
    assert_int_equal((uintptr_t)block % _Alignof(max_align_t), 0);
    sk_free(block);
  }
}

static void copies_text(void **state)
{
  (void)state;
  char *copy = sk_strndup(NULL, "namespace", 4);
  assert_string_equal(copy, "name");
  sk_free(copy);
  copy = sk_strndup(NULL, NULL, 0);
  assert_string_equal(copy, "");
  sk_free(copy);
  assert_null(sk_strndup(NULL, "", SIZE_MAX));
  struct sk_budget budget;
  sk_budget_init(&budget, 8);
  assert_null(sk_strndup(&budget, "namespace", 9));
}

static void says_what_was_wanted(void **state)
{
  (void)state;
  struct sk_budget budget;
  shukei_error err;
  sk_budget_init(&budget, 1000);
  assert_true(sk_budget_charge(&budget, 600));
  assert_int_equal(sk_fail_memory(&err, &budget, 500, "groups"), SHUKEI_ENOMEM);
  assert_int_equal(err.status, SHUKEI_ENOMEM);
  assert_string_equal(
      err.text, "no memory for 500 bytes of groups: 600 of the budget's 1000 bytes are in use");
  assert_non_null(strstr(err.advice, "allow more memory (--memory"));
  assert_int_equal(sk_fail_memory(&err, &budget, 400, "groups"), SHUKEI_ENOMEM);
  assert_non_null(strstr(err.advice, "the system refused"));
  assert_null(sk_alloc(&budget, 385)); /* its header makes it 401 */
  assert_int_equal(sk_fail_memory(&err, &budget, 0, "groups"), SHUKEI_ENOMEM);
  assert_string_equal(
      err.text, "no memory for 401 bytes of groups: 600 of the budget's 1000 bytes are in use");
  assert_non_null(strstr(err.advice, "allow more memory (--memory"));
  assert_int_equal(sk_fail_memory(&err, NULL, 400, "groups"), SHUKEI_ENOMEM);
  assert_string_equal(err.text, "no memory for 400 bytes of groups");
  assert_int_equal(sk_fail_memory(NULL, &budget, 1, "groups"), SHUKEI_ENOMEM);
  sk_budget_release(&budget, 600);
}

static void fails_the_nth_allocation_once(void **state)
{
  (void)state;
  for (int64_t n = 0; n < 4; n++) {
    void *blocks[4];
    sk_test_fail_alloc(n);
    assert_false(sk_test_alloc_failed());
    blocks[0] = sk_alloc(NULL, 1);
    blocks[1] = sk_calloc(NULL, 1, 1);
    blocks[2] = sk_realloc(NULL, NULL, 1);
    blocks[3] = sk_strndup(NULL, "x", 1);
    assert_true(sk_test_alloc_failed());
    for (int64_t i = 0; i < 4; i++) {
      assert_true((blocks[i] == NULL) == (i == n));
      sk_free(blocks[i]);
    }
  }
  char *block = sk_alloc(NULL, 1);
  sk_test_fail_alloc(0);
  assert_null(sk_realloc(NULL, block, 2)); /* the block stays */
  sk_free(block);
  sk_test_fail_alloc(0);
  assert_false(sk_budget_charge(NULL, 1));
  sk_test_fail_alloc(3);
  sk_test_fail_alloc(-1);
  assert_false(sk_test_alloc_failed());
  for (int i = 0; i < 10; i++) {
    block = sk_alloc(NULL, 1);
    assert_non_null(block);
    sk_free(block);
  }
}

struct shared {
  struct sk_budget budget;
  _Atomic unsigned passed;
};

static void allocate_much(void *context, unsigned worker)
{
  struct shared *shared = context;
  uint64_t random = worker;
  void *blocks[8] = {NULL};
  for (int i = 0; i < 2000; i++) {
    void **block = &blocks[random_below(&random, SK_COUNT(blocks))];
    const size_t bytes = random_below(&random, 5000);
    void *grown = sk_realloc(&shared->budget, *block, bytes);
    if (grown) {
      *block = grown;
      memset(grown, (int)worker, bytes);
    }
    if (shared->budget.used_bytes > shared->budget.limit_bytes)
      atomic_fetch_add(&shared->passed, 1);
    if (random_below(&random, 3) == 0) {
      sk_free(*block);
      *block = NULL;
    }
  }
  for (size_t i = 0; i < SK_COUNT(blocks); i++)
    sk_free(blocks[i]);
}

static void counts_right_from_many_threads(void **state)
{
  (void)state;
  struct shared shared = {.passed = 0};
  sk_budget_init(&shared.budget, 40000); /* the blocks of 8 workers want about 3 times as much */
  sk_crew_run(NULL, 8, allocate_much, &shared);
  assert_int_equal(shared.passed, 0);
  assert_int_equal(shared.budget.used_bytes, 0);
  assert_true(shared.budget.peak_bytes > 4000 && shared.budget.peak_bytes <= 40000);
}

/* ---- blocks that are mappings of their own --------------------------------------------------- */

/* Sizes on both sides of the borders between malloc(), slabs and mappings, header included; on
 * machines without mappings all of them are malloc()'s. */
static const size_t sizes[] = {1000,
                               (32u << 10) - 17,
                               (32u << 10) - 16,
                               300000,
                               (2032u << 10) - 16,
                               (2032u << 10) - 15,
                               (2u << 20) - 17,
                               (2u << 20) - 16,
                               (2u << 20) - 15,
                               2u << 20,
                               (2u << 20) + 4096,
                               (4u << 20) - 16,
                               (4u << 20) + 1,
                               9000001};

static uint8_t byte_of(size_t at)
{
  return (uint8_t)(at * 31 + at / 251 + at / 65536);
}

static void fill(uint8_t *block, size_t from, size_t to)
{
  for (size_t i = from; i < to; i++)
    block[i] = byte_of(i);
}

static bool is_filled(const uint8_t *block, size_t length)
{
  size_t i = 0;
  while (i < length && block[i] == byte_of(i))
    i++;
  return i == length;
}

static void large_blocks_are_as_others(void **state)
{
  (void)state;
  struct sk_budget budget;
  sk_budget_init(&budget, UINT64_MAX);
  assert_true(sk_mapped_bytes() == SIZE_MAX || sk_mapped_bytes() == 2u << 20);
  void *kept = sk_alloc(NULL, 100000);    /* with the last block all slabs would be gone */
  for (int round = 0; round < 3; round++) /* memory that was used before as well */
    for (size_t i = 0; i < SK_COUNT(sizes); i++) {
      uint8_t *block = sk_alloc(&budget, sizes[i]);
      uint8_t *zeroed = sk_calloc(&budget, 1, sizes[i]);
      assert_true(block && zeroed);
      assert_int_equal((uintptr_t)block % _Alignof(max_align_t), 0);
      assert_int_equal((uintptr_t)zeroed % _Alignof(max_align_t), 0);
      assert_int_equal(budget.used_bytes, 2 * (sizes[i] + 16));
      size_t zeros = 0;
      while (zeros < sizes[i] && !zeroed[zeros])
        zeros++;
      assert_int_equal(zeros, sizes[i]);
      fill(block, 0, sizes[i]);
      memset(zeroed, 0xff, sizes[i]);
      assert_true(is_filled(block, sizes[i]));
      sk_free(block);
      sk_free(zeroed);
      assert_int_equal(budget.used_bytes, 0);
    }
  sk_free(kept);
}

static void large_blocks_are_resized(void **state)
{
  (void)state;
  struct sk_budget budget;
  for (size_t a = 0; a < SK_COUNT(sizes); a++)
    for (size_t b = 0; b < SK_COUNT(sizes); b++) {
      const size_t most = sizes[a] > sizes[b] ? sizes[a] : sizes[b];
      const size_t least = sizes[a] < sizes[b] ? sizes[a] : sizes[b];
      sk_budget_init(&budget, most + 16);
      uint8_t *block = sk_alloc(&budget, sizes[a]);
      assert_non_null(block);
      fill(block, 0, sizes[a]);
      sk_test_fail_alloc(0);
      assert_null(sk_realloc(&budget, block, sizes[b])); /* as it was */
      sk_test_fail_alloc(-1);
      assert_null(sk_realloc(&budget, block, most + 1));
      assert_null(sk_realloc(&budget, block, SIZE_MAX / 2));
      assert_int_equal(budget.used_bytes, sizes[a] + 16);
      assert_true(is_filled(block, sizes[a]));
      block = sk_realloc(&budget, block, sizes[b]);
      assert_non_null(block);
      assert_int_equal(budget.used_bytes, sizes[b] + 16);
      assert_int_equal(budget.peak_bytes, most + 16);
      assert_true(is_filled(block, least));
      fill(block, least, sizes[b]);
      assert_true(is_filled(block, sizes[b]));
      sk_free(block);
      assert_int_equal(budget.used_bytes, 0);
    }
}

/* The address space ends: the budget gets its bytes back, and the old block stays. */
static void the_system_may_refuse_large_blocks(void **state)
{
  (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  skip(); /* they take address space of their own */
#endif
  struct sk_budget budget;
  struct rlimit before, lower;
  const size_t much = (size_t)1 << 40;
  sk_budget_init(&budget, UINT64_MAX);
  uint8_t *small = sk_alloc(&budget, 1000), *large = sk_alloc(&budget, 5000000);
  assert_true(small && large);
  fill(small, 0, 1000);
  fill(large, 0, 5000000);
  assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
  lower = before;
  lower.rlim_cur = (rlim_t)4 << 30;
  assert_int_equal(setrlimit(RLIMIT_AS, &lower), 0);
  void *const refused[] = {sk_alloc(&budget, much), sk_calloc(&budget, 1, much),
                           sk_realloc(&budget, NULL, much), sk_realloc(&budget, small, much),
                           sk_realloc(&budget, large, much)};
  assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
  for (size_t i = 0; i < SK_COUNT(refused); i++)
    assert_null(refused[i]);
  assert_int_equal(budget.used_bytes, 5001032);
  assert_true(is_filled(small, 1000) && is_filled(large, 5000000));
  sk_free(small);
  sk_free(large);
  assert_int_equal(budget.used_bytes, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(charges_and_gives_back),
      cmocka_unit_test(refuses_what_passes_the_limit),
      cmocka_unit_test(works_without_a_budget),
      cmocka_unit_test(aligns_for_any_type),
      cmocka_unit_test(copies_text),
      cmocka_unit_test(says_what_was_wanted),
      cmocka_unit_test(fails_the_nth_allocation_once),
      cmocka_unit_test(counts_right_from_many_threads),
      cmocka_unit_test(large_blocks_are_as_others),
      cmocka_unit_test(large_blocks_are_resized),
      cmocka_unit_test(the_system_may_refuse_large_blocks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
