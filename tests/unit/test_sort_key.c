/* SPDX-License-Identifier: Apache-2.0 */
/* Keys as bytes: memcmp() of keys against the order of the values, and the way back. */
#include "testing.h"

#include "base/sort_key.h"

enum { TEXT_MOST = 6, PARTS = 3, ROUNDS = 60000 };

static int sign(int64_t number)
{
  return (number > 0) - (number < 0);
}

/* memcmp() of all bytes, the shorter first. */
static int order_of_bytes(const void *a, size_t a_length, const void *b, size_t b_length)
{
  const size_t common = a_length < b_length ? a_length : b_length;
  const int order = common ? memcmp(a, b, common) : 0;
  return order ? sign(order) : sign((int64_t)a_length - (int64_t)b_length);
}

static int order_of_keys(const struct sk_buffer *a, const struct sk_buffer *b)
{
  return order_of_bytes(a->bytes, a->length, b->bytes, b->length);
}

struct text {
  uint8_t bytes[TEXT_MOST];
  size_t length;
};

/* Of few letters, so that many texts begin alike; the ones that escaping is about among them. */
static struct text random_text(uint64_t *random)
{
  static const uint8_t letters[] = {0, 0, 1, 'a', 0xfe, 0xff};
  struct text text = {.length = random_below(random, TEXT_MOST + 1)};
  for (size_t i = 0; i < text.length; i++)
    text.bytes[i] = letters[random_below(random, sizeof letters)];
  return text;
}

static void texts_one_after_the_other_sort_as_they_do(void **state)
{
  (void)state;
  uint64_t random = 1;
  struct sk_buffer a, b;
  sk_buffer_init(&a, NULL, 1000);
  sk_buffer_init(&b, NULL, 1000);
  for (int round = 0; round < ROUNDS; round++) {
    int expected = 0;
    sk_buffer_clear(&a);
    sk_buffer_clear(&b);
    for (int part = 0; part < PARTS; part++) {
      const struct text x = random_text(&random);
      const struct text y = random_below(&random, 3) ? x : random_text(&random);
      sk_key_text(&a, x.bytes, x.length);
      sk_key_text(&b, y.bytes, y.length);
      if (!expected)
        expected = order_of_bytes(x.bytes, x.length, y.bytes, y.length);
    }
    assert_int_equal(order_of_keys(&a, &b), expected);
  }
  sk_buffer_reset(&a);
  sk_buffer_reset(&b);
}

static void every_short_text_sorts_and_comes_back(void **state)
{
  (void)state;
  struct sk_buffer key, before, scratch;
  sk_buffer_init(&key, NULL, 1000);
  sk_buffer_init(&before, NULL, 1000);
  sk_buffer_init(&scratch, NULL, 1000);
  /* In rising order: "", then for each first byte that byte alone and with each second byte. */
  for (int n = 0; n < 1 + 256 * 257; n++) {
    const uint8_t text[2] = {(uint8_t)((n - 1) / 257), (uint8_t)((n - 1) % 257 - 1)};
    const size_t length = n == 0 ? 0 : (n - 1) % 257 == 0 ? 1 : 2;
    sk_buffer_clear(&key);
    sk_key_text(&key, text, length);
    assert_true(n == 0 || order_of_keys(&before, &key) < 0);
    struct sk_key_rest rest = {key.bytes, key.bytes + key.length};
    const uint8_t *back;
    size_t back_length;
    assert_true(sk_key_take_text(&rest, &scratch, &back, &back_length));
    assert_int_equal(back_length, length);
    assert_memory_equal(back, text, length);
    assert_ptr_equal(rest.at, rest.end);
    sk_buffer_clear(&before);
    sk_buffer_add(&before, key.bytes, key.length);
  }
  sk_buffer_reset(&key);
  sk_buffer_reset(&before);
  sk_buffer_reset(&scratch);
}

static uint64_t random_number(uint64_t *random)
{
  const uint64_t number = next_random(random) >> random_below(random, 64);
  return random_below(random, 2) ? number : ~number;
}

static void numbers_sort_as_they_do(void **state)
{
  (void)state;
  uint64_t random = 2;
  struct sk_buffer a[3], b[3];
  for (int i = 0; i < 3; i++) {
    sk_buffer_init(&a[i], NULL, 100);
    sk_buffer_init(&b[i], NULL, 100);
  }
  for (int round = 0; round < ROUNDS; round++) {
    const uint64_t x = random_number(&random), y = random_number(&random);
    for (int i = 0; i < 3; i++) {
      sk_buffer_clear(&a[i]);
      sk_buffer_clear(&b[i]);
    }
    sk_key_u32(&a[0], (uint32_t)x);
    sk_key_u32(&b[0], (uint32_t)y);
    sk_key_u64(&a[1], x);
    sk_key_u64(&b[1], y);
    sk_key_i64(&a[2], (int64_t)x);
    sk_key_i64(&b[2], (int64_t)y);
    assert_int_equal(order_of_keys(&a[0], &b[0]),
                     ((uint32_t)x > (uint32_t)y) - ((uint32_t)x < (uint32_t)y));
    assert_int_equal(order_of_keys(&a[1], &b[1]), (x > y) - (x < y));
    assert_int_equal(order_of_keys(&a[2], &b[2]),
                     ((int64_t)x > (int64_t)y) - ((int64_t)x < (int64_t)y));
  }
  for (int i = 0; i < 3; i++) {
    sk_buffer_reset(&a[i]);
    sk_buffer_reset(&b[i]);
  }
}

static void a_key_comes_apart_and_its_parts_do_not(void **state)
{
  (void)state;
  static const int64_t numbers[] = {0, 1, -1, INT64_MAX, INT64_MIN, -719162};
  uint64_t random = 3;
  struct sk_buffer key, scratch;
  sk_buffer_init(&key, NULL, 1000);
  sk_buffer_init(&scratch, NULL, 1000);
  for (int round = 0; round < 2000; round++) {
    const struct text first = random_text(&random), second = random_text(&random);
    const int64_t number = numbers[random_below(&random, SK_COUNT(numbers))];
    const uint64_t large = random_number(&random);
    sk_buffer_clear(&key);
    sk_key_i64(&key, number);
    sk_key_text(&key, first.bytes, first.length);
    sk_key_u32(&key, (uint32_t)large);
    sk_key_text(&key, second.bytes, second.length);
    sk_key_u64(&key, large);
    for (size_t cut = 0; cut <= key.length; cut++) {
      struct sk_key_rest rest = {key.bytes, key.bytes + cut};
      int64_t signed_back = 1;
      uint64_t back = 1;
      uint32_t small = 1;
      const uint8_t *text;
      size_t length;
      const bool whole = sk_key_take_i64(&rest, &signed_back) && signed_back == number &&
                         sk_key_take_text(&rest, &scratch, &text, &length) &&
                         length == first.length && memcmp(text, first.bytes, length) == 0 &&
                         sk_key_take_u32(&rest, &small) && small == (uint32_t)large &&
                         sk_key_take_text(&rest, &scratch, &text, &length) &&
                         length == second.length && memcmp(text, second.bytes, length) == 0 &&
                         sk_key_take_u64(&rest, &back) && back == large && rest.at == rest.end;
      assert_int_equal(whole, cut == key.length);
    }
  }
  sk_buffer_reset(&key);
  sk_buffer_reset(&scratch);
}

static void what_is_no_text_is_refused(void **state)
{
  (void)state;
  static const struct {
    const char *bytes;
    size_t length;
  } cases[] = {{"", 0},        {"a", 1},           {"a\0", 2},          {"\0\x01", 2},
               {"a\0\xff", 3}, {"a\0\x01\0\0", 5}, {"a\0\xff\0\x02", 5}};
  struct sk_buffer scratch;
  sk_buffer_init(&scratch, NULL, 1000);
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    const uint8_t *bytes = (const uint8_t *)cases[i].bytes, *text;
    struct sk_key_rest rest = {bytes, bytes + cases[i].length};
    size_t length;
    assert_false(sk_key_take_text(&rest, &scratch, &text, &length));
    assert_false(scratch.failed);
  }
  sk_buffer_reset(&scratch);
}

static void lack_of_memory_shows(void **state)
{
  (void)state;
  static const uint8_t key[] = {'a', 0, 0xff, 'b', 0, 0};
  struct sk_key_rest rest = {key, key + sizeof key};
  struct sk_buffer buffer;
  const uint8_t *text;
  size_t length;
  sk_buffer_init(&buffer, NULL, 1); /* no more than a byte */
  assert_false(sk_key_take_text(&rest, &buffer, &text, &length));
  assert_true(buffer.failed);
  sk_buffer_clear(&buffer);
  sk_key_text(&buffer, "a", 1);
  assert_true(buffer.failed);
  sk_buffer_reset(&buffer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(texts_one_after_the_other_sort_as_they_do),
      cmocka_unit_test(every_short_text_sorts_and_comes_back),
      cmocka_unit_test(numbers_sort_as_they_do),
      cmocka_unit_test(a_key_comes_apart_and_its_parts_do_not),
      cmocka_unit_test(what_is_no_text_is_refused),
      cmocka_unit_test(lack_of_memory_shows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
