/* SPDX-License-Identifier: Apache-2.0 */
/* Joining byte streams, by each set of instructions that this processor has, beside the rule. */
#include "testing.h"

#include "base/error.h"
#include "parquet/stream_join.h"

enum { MOST = 100, WIDEST = 20, GUARD = 0xa5 };

static uint8_t streams[MOST * WIDEST], joined[MOST * WIDEST + 1];

static void check(size_t width, size_t stride, size_t from, size_t n)
{
  for (size_t i = 0; i < n; i++)
    for (size_t b = 0; b < width; b++)
      if (joined[i * width + b] != streams[b * stride + from + i])
        fail_msg("width %zu, value %zu of %zu from %zu, byte %zu", width, i, n, from, b);
  assert_int_equal(joined[n * width], GUARD);
}

static void joins_every_width(void **state)
{
  (void)state;
  uint64_t random = 1;
  for (size_t i = 0; i < sizeof streams; i++)
    streams[i] = (uint8_t)next_random(&random);
  for (size_t width = 1; width <= WIDEST; width++)
    for (size_t round = 0; round < 300; round++) {
      const size_t stride = 1 + random_below(&random, MOST);
      const size_t from = random_below(&random, stride),
                   n = random_below(&random, stride - from + 1);
      joined[n * width] = GUARD;
      sk_stream_join(streams + from, stride, width, n, joined);
      check(width, stride, from, n);
    }
}

static void kernels_agree(void **state)
{
  (void)state;
  uint64_t random = 2;
  size_t kernels = 0;
  for (int isa = 0; isa < SK_ISA_COUNT; isa++)
    for (size_t width = 1; width <= WIDEST; width++) {
      sk_join_kernel *kernel = sk_stream_join_kernel((enum sk_isa)isa, width);
      if (!kernel)
        continue;
      kernels++;
      for (size_t n = 0; n <= MOST; n++) {
        const size_t from = random_below(&random, MOST - n + 1);
        memset(joined, GUARD, sizeof joined);
        const size_t done = kernel(streams + from, MOST, n, joined);
        assert_true(done <= n && n - done < 16);
        check(width, MOST, from, done);
      }
    }
  assert_null(sk_stream_join_kernel(SK_ISA_SCALAR, 8));
#if defined(SK_ISA_X86) || defined(SK_ISA_ARM)
  assert_true(kernels >= 4);
#endif
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(joins_every_width),
      cmocka_unit_test(kernels_agree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
