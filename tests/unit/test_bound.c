/* SPDX-License-Identifier: Apache-2.0 */
/* Cut bounds: on the right side of the text, short enough, and still UTF-8. */
#include "testing.h"

#include "base/text.h"
#include "parquet/bound.h"

static int compare(const struct sk_bound *bound, const char *text, size_t length)
{
  const size_t common = bound->length < length ? bound->length : length;
  const int order = memcmp(bound->bytes, text, common);
  return order ? order : (bound->length > length) - (bound->length < length);
}

static void check(const char *text, size_t length, bool utf8)
{
  struct sk_bound lower, upper;
  sk_bound_lower(text, length, &lower);
  assert_true(lower.exact == (compare(&lower, text, length) == 0));
  assert_true(compare(&lower, text, length) <= 0);
  assert_true(lower.length <= SK_BOUND_BYTES);
  assert_true(lower.exact == (length <= SK_BOUND_BYTES));
  if (utf8)
    assert_true(sk_utf8_valid(lower.bytes, lower.length));
  if (!sk_bound_upper(text, length, &upper))
    return;
  assert_true(upper.exact == (compare(&upper, text, length) == 0));
  assert_true(compare(&upper, text, length) >= 0);
  if (utf8)
    assert_true(sk_utf8_valid(upper.bytes, upper.length));
}

static void bounds_texts_of_every_length(void **state)
{
  (void)state;
  static const char *const parts[] = {"a",
                                      "\x7f",
                                      "é",
                                      "\xdf\xbf",
                                      "\xef\xbf\xbf",
                                      "\xed\x9f\xbf" /* before the surrogates */,
                                      "😀",
                                      "\xf4\x8f\xbf\xbf" /* the last character */};
  uint64_t random = 2;
  for (int round = 0; round < 5000; round++) {
    char text[200] = "";
    const size_t aim = random_below(&random, 120);
    size_t length = 0;
    const size_t kind = random_below(&random, SK_COUNT(parts) + 1);
    while (length < aim) {
      const char *part = parts[kind < SK_COUNT(parts) && random_below(&random, 8)
                                   ? kind
                                   : random_below(&random, SK_COUNT(parts))];
      memcpy(text + length, part, strlen(part));
      length += strlen(part);
    }
    check(text, length, true);
    for (size_t i = 0; i < length; i++)
      text[i] = (char)next_random(&random);
    check(text, length, false);
  }
}

static void raises_the_last_character(void **state)
{
  (void)state;
  struct sk_bound upper;
  char text[100];
  memset(text, 'a', sizeof text);
  assert_true(sk_bound_upper(text, sizeof text, &upper));
  assert_int_equal(upper.length, 64);
  assert_int_equal(upper.bytes[63], 'b');
  assert_int_equal(upper.bytes[62], 'a');
  assert_true(sk_bound_upper(text, 64, &upper));
  assert_true(upper.exact);
  memset(text, 0xff, sizeof text); /* nothing sorts behind it */
  assert_false(sk_bound_upper(text, sizeof text, &upper));
  for (size_t i = 0; i < sizeof text; i += 4)
    memcpy(text + i, "\xf4\x8f\xbf\xbf", 4);
  assert_false(sk_bound_upper(text, sizeof text, &upper));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bounds_texts_of_every_length),
      cmocka_unit_test(raises_the_last_character),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
