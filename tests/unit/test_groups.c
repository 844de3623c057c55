/* SPDX-License-Identifier: Apache-2.0 */
/* The table of groups: indexes in order of sight, guesses, growth, failed allocations. */
#include "testing.h"

#include "base/intern.h"
#include "summary/groups.h"

enum { KEYS = 3000, WORDS = 2 };

static void key_of(uint32_t i, uint64_t key[WORDS])
{
  key[0] = (uint64_t)(i % 50) << 32 | i % 7;
  key[1] = (uint64_t)i << 32;
}

static void numbers_keys_in_order_of_sight(void **state)
{
  (void)state;
  struct sk_groups groups;
  uint64_t key[WORDS], seed = 5;
  uint32_t last = 0;
  assert_true(sk_groups_init(&groups, WORDS, NULL));
  for (int round = 0; round < 3; round++)
    for (uint32_t i = 0; i < KEYS; i++) {
      key_of(i, key);
      assert_int_equal(sk_groups_next(&groups, &last, key, WORDS), i + 1);
    }
  for (int n = 0; n < 20000; n++) { /* wrong guesses as well */
    const uint32_t i = (uint32_t)random_below(&seed, KEYS);
    key_of(i, key);
    assert_int_equal(sk_groups_next(&groups, &last, key, WORDS), i + 1);
    assert_int_equal(sk_groups_add(&groups, key), i + 1);
  }
  assert_int_equal(groups.count, KEYS + 1);
  sk_groups_reset(&groups);
}

/* Slots that were outgrown are kept for other threads alone. */
static void a_table_of_one_thread_keeps_no_old_slots(void **state)
{
  (void)state;
  uint64_t used[2];
  for (int shared = 0; shared < 2; shared++) {
    struct sk_budget budget;
    struct sk_groups groups;
    uint64_t key[WORDS];
    sk_budget_init(&budget, UINT64_MAX);
    assert_true(sk_groups_init(&groups, WORDS, &budget));
    groups.shared = shared;
    for (uint32_t i = 0; i < KEYS; i++) {
      key_of(i, key);
      assert_int_equal(sk_groups_add(&groups, key), i + 1);
    }
    used[shared] = budget.used_bytes;
    sk_groups_reset(&groups);
    assert_int_equal(budget.used_bytes, 0);
  }
  assert_true(used[0] < used[1]);
}

static void zero_is_a_key(void **state)
{
  (void)state;
  struct sk_groups groups;
  const uint64_t zero[4] = {0};
  uint32_t last = 0;
  assert_true(sk_groups_init(&groups, 4, NULL));
  assert_int_equal(sk_groups_next(&groups, &last, zero, 4), 1);
  assert_int_equal(sk_groups_next(&groups, &last, zero, 4), 1);
  sk_groups_reset(&groups);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  bool failed = true;
  for (int64_t n = 0; failed; n++) {
    struct sk_budget budget;
    struct sk_groups groups;
    uint32_t last = 0;
    sk_budget_init(&budget, UINT64_MAX);
    sk_test_fail_alloc(n);
    if (sk_groups_init(&groups, WORDS, &budget))
      for (uint32_t i = 0; i < KEYS; i++) {
        uint64_t key[WORDS];
        key_of(i, key);
        uint32_t index = sk_groups_next(&groups, &last, key, WORDS);
        if (index == SK_NO_ID) /* nothing changed; the next attempt works */
          index = sk_groups_next(&groups, &last, key, WORDS);
        assert_int_equal(index, i + 1);
      }
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    sk_groups_reset(&groups);
    assert_int_equal(budget.used_bytes, 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_keys_in_order_of_sight),
      cmocka_unit_test(a_table_of_one_thread_keeps_no_old_slots),
      cmocka_unit_test(zero_is_a_key),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
