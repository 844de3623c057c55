/* SPDX-License-Identifier: Apache-2.0 */
/* The dictionary of words: codes in order of first sight, giving up, failed allocations. */
#include "testing.h"

#include "parquet/word_set.h"

#define COUNT 20000

static uint64_t values[COUNT];
static uint32_t codes[COUNT];

static void gives_codes_in_order_of_sight(void **state)
{
  (void)state;
  static const size_t distinct[] = {1, 2, 100, 700, COUNT};
  for (size_t i = 0; i < SK_COUNT(distinct); i++) {
    struct sk_word_set set;
    uint64_t random = i;
    uint32_t seen = 0;
    bool coded = false;
    sk_word_set_init(&set, NULL);
    for (size_t at = 0; at < COUNT; at++) {
      uint64_t of_value = random_below(&random, distinct[i]);
      values[at] = next_random(&of_value) * (at % 5 != 0); /* 0 among them */
    }
    for (size_t at = 0; at < COUNT; at += 4000) {
      assert_true(sk_word_set_codes(&set, values + at, 4000, 4000, codes, &coded));
      assert_true(coded);
      for (size_t row = 0; row < 4000; row++) {
        assert_true(set.words[codes[row]] == values[at + row]);
        assert_true(codes[row] <= seen);
        seen += codes[row] == seen;
      }
    }
    assert_int_equal(set.count, seen);
    sk_word_set_reset(&set);
  }
}

static void gives_up_at_the_limit(void **state)
{
  (void)state;
  struct sk_word_set set;
  bool coded = false;
  sk_word_set_init(&set, NULL);
  for (size_t at = 0; at < 100; at++)
    values[at] = at;
  assert_true(sk_word_set_codes(&set, values, 100, 100, codes, &coded));
  assert_true(coded);
  for (size_t at = 0; at < 100; at++)
    values[at] = at + 50;
  assert_true(sk_word_set_codes(&set, values, 100, 49, codes, &coded));
  assert_false(coded);
  assert_int_equal(set.count, 100);
  for (size_t at = 0; at < 100; at++)
    assert_true(set.words[at] == at);
  sk_word_set_reset(&set);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  bool coded = false;
  for (size_t at = 0; at < COUNT; at++)
    values[at] = at;
  for (int n = 0; !coded; n++) {
    struct sk_word_set set;
    struct sk_budget budget;
    sk_budget_init(&budget, UINT64_MAX);
    sk_word_set_init(&set, &budget);
    sk_test_fail_alloc(n);
    assert_true(sk_word_set_codes(&set, values, COUNT, COUNT, codes, &coded) !=
                sk_test_alloc_failed());
    sk_word_set_reset(&set);
    assert_int_equal(budget.used_bytes, 0);
  }
  sk_test_fail_alloc(-1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_codes_in_order_of_sight),
      cmocka_unit_test(gives_up_at_the_limit),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
