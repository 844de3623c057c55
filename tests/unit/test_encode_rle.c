/* SPDX-License-Identifier: Apache-2.0 */
/* The hybrid's writer against the reader, at every width and mix of runs, and known bytes. */
#include "testing.h"

#include "parquet/encode_rle.h"
#include "parquet/rle.h"

#define MOST 3000

static void round_trips_every_width(void **state)
{
  (void)state;
  static uint32_t values[MOST], back[MOST];
  static const size_t longest[] = {1, 3, 12, 60, 500};
  uint64_t random = 11;
  for (unsigned width = 1; width <= 32; width++)
    for (int round = 0; round < 60; round++) {
      const size_t count = random_below(&random, MOST);
      for (size_t at = 0; at < count;) {
        const uint32_t value = (uint32_t)(next_random(&random) >> (64 - width));
        size_t run = 1 + random_below(&random, longest[random_below(&random, 5)]);
        for (; run > 0 && at < count; run--)
          values[at++] = value;
      }
      struct sk_buffer out;
      struct sk_rle rle;
      sk_buffer_init(&out, NULL, SIZE_MAX);
      assert_true(sk_encode_rle(&out, values, count, width));
      assert_true(out.length <= count * width / 8 + width + 10 + count / 24);
      const size_t length = out.length;
      assert_true(sk_buffer_reserve(&out, 16)); /* the reader looks that far ahead */
      sk_rle_init(&rle, out.bytes, length, width);
      assert_true(sk_rle_read(&rle, back, count));
      assert_memory_equal(values, back, count * sizeof *values);
      sk_buffer_reset(&out);
    }
}

static void writes_known_bytes(void **state)
{
  (void)state;
  static const uint8_t want[] = {0x03, 0x88, 0xc6, 0xfa, /* 0 to 7 in three bits each */
                                 0xc8, 0x01, 0x05};      /* a hundred times 5 */
  uint32_t values[108];
  struct sk_buffer out;
  for (uint32_t i = 0; i < 108; i++)
    values[i] = i < 8 ? i : 5;
  sk_buffer_init(&out, NULL, SIZE_MAX);
  assert_true(sk_encode_rle(&out, values, 108, 3));
  assert_int_equal(out.length, sizeof want);
  assert_memory_equal(out.bytes, want, sizeof want);
  assert_true(sk_encode_run(&out, 5, 100, 3));
  assert_int_equal(out.length, sizeof want + 3);
  assert_memory_equal(out.bytes + sizeof want, want + 4, 3);
  sk_buffer_reset(&out);
}

static void tells_the_width(void **state)
{
  (void)state;
  assert_int_equal(sk_bit_width(0), 1);
  assert_int_equal(sk_bit_width(1), 1);
  assert_int_equal(sk_bit_width(2), 2);
  assert_int_equal(sk_bit_width(255), 8);
  assert_int_equal(sk_bit_width(256), 9);
  assert_int_equal(sk_bit_width(UINT32_MAX), 32);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(round_trips_every_width),
      cmocka_unit_test(writes_known_bytes),
      cmocka_unit_test(tells_the_width),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
