/* SPDX-License-Identifier: Apache-2.0 */
/* A row's numbers are added alike by all instructions: random magnitudes and signs, halves that are
 * rounded to even, carries, and values beyond the fast way. */
#include "testing.h"

#include "base/bytes.h"
#include "summary/pod_sums.h"

#if defined(SK_ISA_X86)

#define ROWS 4

static uint64_t random_state = 29;

static double random_value(void)
{
  static const double often[] = {0.0,      -0.0,      0.5,      -0.5,          1.5,
                                 0x1p-43,  0x1.8p-42, 0x1p20,   0x1.fffffp19,  0x1p50,
                                 -0x1p-13, 0x1p61,    -0x1p100, 0x1.8p-12 + 8, NAN};
  const uint64_t kind = random_below(&random_state, 20);
  if (kind < 3)
    return often[random_below(&random_state, SK_COUNT(often))];
  const double value = ldexp((double)random_below(&random_state, UINT64_C(1) << 53),
                             (int)random_below(&random_state, 60) - 80);
  return kind == 3 ? -value : value;
}

static sk_wide random_sum(void)
{
  const uint64_t low = random_below(&random_state, 4) ? random_below(&random_state, UINT64_MAX)
                                                      : UINT64_MAX - random_below(&random_state, 3);
  const int64_t high = (int64_t)random_below(&random_state, 1000) - 500;
  return (sk_wide)((sk_uwide)(uint64_t)high << 64 | low);
}

SK_AVX512 static void compare_once(const struct sk_pod_values *c)
{
  sk_wide one[SK_SUM_COUNT], other[SK_SUM_COUNT];
  double one_scaled[SK_SUM_COUNT], other_scaled[SK_SUM_COUNT];
  for (uint32_t i = 0; i < ROWS; i++) {
    for (int k = 0; k < SK_SUM_COUNT; k++)
      one[k] = other[k] = random_sum();
    const bool fast = sk_pod_add_scalar(one, c, i, one_scaled);
    assert_int_equal(sk_pod_add_avx512(other, c, i, other_scaled), fast);
    assert_memory_equal(one, other, sizeof one);
    for (int k = 0; k < SK_SUM_COUNT && !fast; k++)
      assert_true(one_scaled[k] == other_scaled[k] ||
                  (isnan(one_scaled[k]) && isnan(other_scaled[k])));
  }
}

static void all_ways_add_alike(void **state)
{
  (void)state;
  double columns[SK_SUM_COUNT][ROWS];
  if (!sk_isa_present(SK_ISA_AVX512))
    skip();
  for (int round = 0; round < 50000; round++) {
    for (int k = 0; k < SK_SUM_COUNT; k++)
      for (int i = 0; i < ROWS; i++)
        columns[k][i] = random_value();
    const struct sk_pod_values values = {.usage_cpu = columns[0],
                                         .request_cpu = columns[1],
                                         .limit_cpu = columns[2],
                                         .usage_memory = columns[3],
                                         .request_memory = columns[4],
                                         .limit_memory = columns[5],
                                         .effective_cpu = round % 3 ? NULL : columns[6],
                                         .effective_memory = round % 2 ? NULL : columns[7]};
    compare_once(&values);
  }
}

#else

static void all_ways_add_alike(void **state)
{
  (void)state;
  skip(); /* there is but one */
}

#endif

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_ways_add_alike),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
