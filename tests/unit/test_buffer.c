/* SPDX-License-Identifier: Apache-2.0 */
/* Buffers: growth, the maximum, and that a failed append changes nothing. */
#include "testing.h"

#include "base/buffer.h"

static void appends_what_it_is_given(void **state)
{
  (void)state;
  struct sk_buffer buffer;
  static uint8_t expected[300000];
  size_t length = 0;
  uint64_t random = 3;
  sk_buffer_init(&buffer, NULL, SIZE_MAX);
  while (length < sizeof expected - 1000) {
    uint8_t bytes[600];
    const size_t more = random_below(&random, sizeof bytes);
    for (size_t i = 0; i < more; i++)
      bytes[i] = expected[length + i] = (uint8_t)next_random(&random);
    sk_buffer_add(&buffer, bytes, more);
    length += more;
    expected[length] = (uint8_t)more;
    sk_buffer_byte(&buffer, expected[length++]);
  }
  assert_false(buffer.failed);
  assert_int_equal(buffer.length, length);
  assert_memory_equal(buffer.bytes, expected, length);
  const size_t capacity = buffer.capacity;
  sk_buffer_clear(&buffer);
  assert_int_equal(buffer.length, 0);
  assert_int_equal(buffer.capacity, capacity);
  sk_buffer_reset(&buffer);
  assert_null(buffer.bytes);
  sk_buffer_text(&buffer, "again");
  assert_int_equal(buffer.length, 5);
  sk_buffer_reset(&buffer);
}

static void holds_its_maximum_and_no_more(void **state)
{
  (void)state;
  static const size_t maxima[] = {0, 1, 2, 63, 64, 65, 100, 4097};
  for (size_t i = 0; i < SK_COUNT(maxima); i++) {
    struct sk_budget budget;
    struct sk_buffer buffer;
    sk_budget_init(&budget, UINT64_MAX);
    sk_buffer_init(&buffer, &budget, maxima[i]);
    for (size_t n = 0; n < maxima[i]; n++)
      sk_buffer_byte(&buffer, (uint8_t)n);
    assert_false(buffer.failed);
    assert_int_equal(buffer.length, maxima[i]);
    assert_true(buffer.capacity <= maxima[i]);
    sk_buffer_byte(&buffer, 1);
    assert_true(buffer.failed);
    assert_int_equal(buffer.length, maxima[i]);
    assert_false(sk_buffer_reserve(&buffer, SIZE_MAX));
    assert_true(sk_buffer_reserve(&buffer, 0));
    for (size_t n = 0; n < maxima[i]; n++)
      assert_int_equal(buffer.bytes[n], n & 255);
    sk_buffer_clear(&buffer);
    assert_false(buffer.failed);
    sk_buffer_reset(&buffer);
    assert_int_equal(budget.used_bytes, 0);
  }
}

static void prints_short_and_long_texts(void **state)
{
  (void)state;
  static const int widths[] = {1, 254, 255, 256, 257, 5000};
  for (size_t i = 0; i < SK_COUNT(widths); i++) {
    struct sk_buffer buffer;
    const size_t width = (size_t)widths[i];
    sk_buffer_init(&buffer, NULL, width + 1);
    sk_buffer_text(&buffer, "<");
    sk_buffer_printf(&buffer, "%*d", widths[i], 7); /* fills the maximum to the last byte */
    assert_false(buffer.failed);
    assert_int_equal(buffer.length, width + 1);
    assert_int_equal(buffer.bytes[0], '<');
    assert_int_equal(buffer.bytes[width], '7');
    sk_buffer_printf(&buffer, "%d", 1);
    assert_true(buffer.failed);
    assert_int_equal(buffer.length, width + 1);
    sk_buffer_reset(&buffer);
  }
}

static void grows_as_far_as_the_budget_allows(void **state)
{
  (void)state;
  struct sk_budget budget;
  struct sk_buffer buffer;
  sk_budget_init(&budget, 1000);
  sk_buffer_init(&buffer, &budget, SIZE_MAX);
  size_t count = 0;
  for (; !buffer.failed && count < 2000; count++)
    sk_buffer_byte(&buffer, 'x');
  assert_int_equal(count, 1000 - 16 + 1); /* all but the block's header */
  assert_int_equal(buffer.length, 1000 - 16);
  sk_buffer_reset(&buffer);
  assert_int_equal(budget.used_bytes, 0);
}

static void a_failed_allocation_keeps_the_bytes(void **state)
{
  (void)state;
  struct sk_buffer buffer;
  sk_buffer_init(&buffer, NULL, 1000);
  sk_buffer_text(&buffer, "kept");
  static const char text[] = "sixty-four bytes and more of text, so that the first block is too "
                             "small for it";
  for (int64_t n = 0;; n++) {
    sk_test_fail_alloc(n);
    sk_buffer_add(&buffer, text, sizeof text - 1);
    if (!sk_test_alloc_failed())
      break;
    if (buffer.failed)
      assert_int_equal(buffer.length, 4);
    assert_memory_equal(buffer.bytes, "kept", 4);
    sk_buffer_reset(&buffer);
    sk_buffer_text(&buffer, "kept");
  }
  sk_test_fail_alloc(-1);
  assert_int_equal(buffer.length, 4 + sizeof text - 1);
  sk_buffer_clear(&buffer);
  sk_test_fail_alloc(0);
  sk_buffer_printf(&buffer, "%600d", 1);
  assert_true(buffer.failed);
  assert_int_equal(buffer.length, 0);
  sk_buffer_reset(&buffer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(appends_what_it_is_given),
      cmocka_unit_test(holds_its_maximum_and_no_more),
      cmocka_unit_test(prints_short_and_long_texts),
      cmocka_unit_test(grows_as_far_as_the_budget_allows),
      cmocka_unit_test(a_failed_allocation_keeps_the_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
