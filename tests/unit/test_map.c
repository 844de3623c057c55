/* SPDX-License-Identifier: Apache-2.0 */
/* The map of packed ids: indexes in order of sight, growth, regular keys, failed allocations. */
#include "testing.h"

#include "base/map.h"

static void numbers_keys_in_order_of_sight(void **state)
{
  (void)state;
  struct sk_budget budget;
  struct sk_map map;
  bool is_new = true;
  sk_budget_init(&budget, UINT64_MAX);
  sk_map_init(&map, &budget);
  assert_int_equal(budget.used_bytes, 0);
  assert_int_equal(sk_map_find(&map, 0, 0), SK_NO_ID);
  assert_int_equal(sk_map_add(&map, 0, 0, &is_new), 0);
  assert_true(is_new);
  assert_int_equal(sk_map_add(&map, 0, 1, &is_new), 1);
  assert_int_equal(sk_map_add(&map, 1, 0, &is_new), 2);
  assert_true(is_new);
  assert_int_equal(sk_map_add(&map, 0, 1, &is_new), 1);
  assert_false(is_new);
  assert_int_equal(sk_map_add(&map, UINT64_MAX, UINT64_MAX, &is_new), 3);
  assert_int_equal(sk_map_find(&map, 1, 0), 2);
  assert_int_equal(sk_map_find(&map, 1, 1), SK_NO_ID);
  assert_true(map.keys[2].high == 1 && map.keys[2].low == 0);
  sk_map_reset(&map);
  assert_int_equal(budget.used_bytes, 0);
  assert_int_equal(sk_map_find(&map, 1, 0), SK_NO_ID);
}

/* Keys as the summary packs them; the number of slots passed over says how well they spread. */
static void spreads_packed_ids(void **state)
{
  (void)state;
  static const struct {
    const char *why;
    int high_shift, low_shift;
  } packings[] = {
      {"ids in the low bits", 0, 0}, {"ids in the high bits", 32, 32}, {"low and high", 0, 32},
      {"high and low", 32, 0},       {"near the words' ends", 50, 50}, {"odd places", 13, 41},
  };
  enum { SIDE = 300 };
  for (size_t i = 0; i < SK_COUNT(packings); i++) {
    struct sk_map map;
    sk_map_init(&map, NULL);
    for (uint64_t a = 0; a < SIDE; a++) {
      for (uint64_t b = 0; b < SIDE; b++) {
        bool is_new = false;
        const uint64_t high = a << packings[i].high_shift, low = b << packings[i].low_shift;
        const uint32_t index = sk_map_add(&map, high, low, &is_new);
        assert_true(is_new && index == a * SIDE + b);
      }
    }
    size_t longest = 0, run = 0;
    for (size_t slot = 0; slot <= map.slot_mask; slot++) {
      run = map.slots[slot] ? run + 1 : 0;
      longest = run > longest ? run : longest;
    }
    if (longest > 120) /* random keys at this load: about 40 */
      fail_msg("%s: a run of %zu slots", packings[i].why, longest);
    for (uint64_t a = 0; a < SIDE; a++) {
      for (uint64_t b = 0; b < SIDE; b++) {
        const uint64_t high = a << packings[i].high_shift, low = b << packings[i].low_shift;
        assert_true(sk_map_find(&map, high, low) == a * SIDE + b);
      }
    }
    sk_map_reset(&map);
  }
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  enum { KEYS = 500 };
  for (int64_t n = 0;; n++) {
    struct sk_map map;
    sk_map_init(&map, NULL);
    sk_test_fail_alloc(n);
    for (uint32_t i = 0; i < KEYS; i++) {
      bool is_new = false;
      uint32_t index = sk_map_add(&map, i, i, &is_new);
      if (index == SK_NO_ID) { /* nothing changed; the next attempt works */
        assert_false(is_new);
        assert_int_equal(map.count, i);
        assert_int_equal(sk_map_find(&map, i, i), SK_NO_ID);
        index = sk_map_add(&map, i, i, &is_new);
      }
      assert_true(is_new && index == i);
    }
    for (uint32_t i = 0; i < KEYS; i++)
      assert_int_equal(sk_map_find(&map, i, i), i);
    sk_map_reset(&map);
    if (!sk_test_alloc_failed())
      break;
  }
  sk_test_fail_alloc(-1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_keys_in_order_of_sight),
      cmocka_unit_test(spreads_packed_ids),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
