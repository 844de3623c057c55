/* SPDX-License-Identifier: Apache-2.0 */
/* The grid: rounding of values, independence of order, range, conversion to double. */
#include "testing.h"

#include "base/error.h"
#include "summary/grid.h"

#include <float.h>

static void rounds_each_value_once(void **state)
{
  (void)state;
  static const struct {
    const char *why;
    double value, steps;
    int64_t want;
  } rows[] = {
      {"a whole number", 3.0, SK_GRID_BYTES, 3 * 4096},
      {"half a step to even", 0.5 / 4096, SK_GRID_BYTES, 0},
      {"one and a half to even", 1.5 / 4096, SK_GRID_BYTES, 2},
      {"negative", -2.5 / 4096, SK_GRID_BYTES, -2},
      {"less than half", 0.4999 / 4096, SK_GRID_BYTES, 0},
      {"least subnormal", 5e-324, SK_GRID_CPU, 0},
      {"a tenth", 0.1, SK_GRID_CPU, 439804651110},
      {"the greatest fast one", 0x1.fffffffffffffp61, 1.0, 0x3ffffffffffffe00},
      {"the least slow one", 0x1p62, 1.0, INT64_C(1) << 62},
      {"a negative slow one", -0x1p62, 1.0, -(INT64_C(1) << 62)},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct sk_range range = {0};
    sk_wide sum = 0;
    if (!sk_grid_add(&sum, rows[i].value * rows[i].steps, &range) || sum != rows[i].want)
      fail_msg("%s: %lld", rows[i].why, (long long)sum);
  }
}

static void keeps_the_range(void **state)
{
  (void)state;
  struct sk_range range = {0}, other = {0};
  sk_wide sum = 0;
  assert_false(sk_grid_add(&sum, -DBL_MAX * SK_GRID_CPU, &range));
  assert_false(sk_grid_add(&sum, 0x1.0000000000001p126, &range));
  assert_false(sk_grid_add(&sum, NAN, &range));
  assert_true(sum == 0 && range.large == 0);
  assert_true(sk_grid_add(&sum, 0x1p125, &range));
  assert_true(sk_grid_add(&sum, -0x1p125, &range)); /* magnitudes count, not their sum */
  assert_true(sum == 0);
  assert_false(sk_grid_add(&sum, 0x1p62, &range));
  range = (struct sk_range){0};
  assert_true(sk_grid_add(&sum, 0x1p126, &range) && sum == (sk_wide)1 << 126);
  assert_false(sk_grid_add(&sum, 0x1p62, &range));
  sum = 0;
  assert_true(sk_grid_add(&sum, 1.0, &range)); /* the fast way is always open */
  assert_true(sum == 1);
  assert_true(sk_range_merge(&range, &other));
  other.large = 1;
  assert_false(sk_range_merge(&range, &other));
  /* a million rows of the greatest value that is no anomaly */
  range.large = 0;
  sum = 0;
  for (int i = 0; i < 1000000; i++)
    assert_true(sk_grid_add(&sum, 1e18 * SK_GRID_CPU, &range));
  assert_true(sk_grid_double(sum, SK_GRID_CPU_BITS) == 1e24);
}

static void multiplies_and_checks(void **state)
{
  (void)state;
  const sk_wide most = (sk_wide)(~(sk_uwide)0 >> 1);
  sk_wide sum = 5;
  assert_true(sk_grid_add_times(&sum, -7, 3) && sum == -16);
  assert_true(sk_grid_add_times(&sum, 123, 0) && sum == -16);
  sum = 0;
  assert_true(sk_grid_add_times(&sum, most, 1) && sum == most);
  assert_false(sk_grid_add_times(&sum, 1, 1));
  sum = 0;
  assert_false(sk_grid_add_times(&sum, most / 2 + 1, 2));
  sum = 0;
  assert_false(sk_grid_add_times(&sum, -most - 1, 2));
  sum = -1;
  assert_true(sk_grid_add_times(&sum, -most, 1));
  assert_false(sk_grid_add_times(&sum, -1, 1));
}

static void does_not_depend_on_order(void **state)
{
  (void)state;
  enum { VALUES = 500 };
  uint64_t seed = 7;
  double values[VALUES];
  for (int i = 0; i < VALUES; i++)
    values[i] = ldexp((double)(int64_t)next_random(&seed), (int)random_below(&seed, 80) - 70);
  sk_wide first = 0;
  for (int round = 0; round < 20; round++) {
    struct sk_range range = {0};
    sk_wide sum = 0, parts[2] = {0, 0};
    for (size_t i = VALUES; i > 1; i--) {
      const size_t other = random_below(&seed, i);
      const double t = values[i - 1];
      values[i - 1] = values[other];
      values[other] = t;
    }
    for (int i = 0; i < VALUES; i++)
      assert_true(sk_grid_add(&parts[random_below(&seed, 2)], values[i] * SK_GRID_CPU, &range));
    sum = parts[0] + parts[1];
    if (!round)
      first = sum;
    assert_true(sum == first);
  }
}

/* Rounding to nearest even by its definition: no double is nearer, a tie has an even fraction. */
static void check_double(sk_wide sum)
{
  const double got = sk_grid_double(sum, 0);
  const double size = fabs(got);
  const sk_uwide magnitude = sum < 0 ? -(sk_uwide)sum : (sk_uwide)sum;
  assert_true(sum == 0 || (sum < 0) == (got < 0));
  const double below = nextafter(size, 0.0), above = nextafter(size, INFINITY);
  /* twice the middles between neighbours are integers where the values are */
  if (size < 0x1p53) {
    assert_true((sk_uwide)size == magnitude);
    return;
  }
  const sk_uwide twice = (magnitude << 1);
  const sk_uwide low = (sk_uwide)below + (sk_uwide)size, high = (sk_uwide)size + (sk_uwide)above;
  uint64_t bits;
  memcpy(&bits, &size, sizeof bits);
  if (bits & 1)
    assert_true(twice > low && twice < high);
  else
    assert_true(twice >= low && twice <= high);
}

static void converts_correctly(void **state)
{
  (void)state;
  uint64_t seed = 3;
  for (int i = 0; i < 20000; i++) {
    sk_uwide v = (sk_uwide)next_random(&seed) << 64 | next_random(&seed);
    v >>= 2 + random_below(&seed, 126);
    if (i % 3 == 0) /* near a middle */
      v &= ~(((sk_uwide)1 << random_below(&seed, 70)) - 1);
    if (i % 5 == 0)
      v += random_below(&seed, 3);
    check_double((sk_wide)v);
    check_double(-(sk_wide)v);
  }
  check_double(0);
  assert_true(sk_grid_double((sk_wide)1 << 62, 42) == 0x1p20);
  assert_true(sk_grid_double(-3, 1) == -1.5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rounds_each_value_once), cmocka_unit_test(keeps_the_range),
      cmocka_unit_test(multiplies_and_checks),  cmocka_unit_test(does_not_depend_on_order),
      cmocka_unit_test(converts_correctly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
