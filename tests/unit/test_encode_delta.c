/* SPDX-License-Identifier: Apache-2.0 */
/* What the delta encodings write is what the readers' decoders give back: all widths, wrap-around,
 * any count. */
#include "testing.h"

#include "base/bytes.h"
#include "parquet/delta.h"
#include "parquet/encode_delta.h"

enum { MOST = 1000, PAD = 16 };

/* Decoders read a little behind the end. */
static const uint8_t *padded(struct sk_buffer *out)
{
  static const uint8_t pad[PAD];
  const size_t length = out->length;
  sk_buffer_add(out, pad, sizeof pad);
  out->length = length;
  assert_false(out->failed);
  return out->bytes;
}

static void gives_words_back(void **state)
{
  (void)state;
  static uint64_t words[MOST];
  static int64_t got[MOST];
  static const size_t counts[] = {0, 1, 2, 32, 33, 128, 129, 130, 257, MOST};
  uint64_t random = 3;
  struct sk_buffer out;
  sk_buffer_init(&out, NULL, SIZE_MAX);
  for (unsigned bits = 0; bits <= 64; bits++)
    for (size_t c = 0; c < SK_COUNT(counts); c++)
      for (size_t width = 4; width <= 8; width += 4) {
        struct sk_delta delta;
        const uint8_t *end = NULL;
        for (size_t i = 0; i < counts[c]; i++) {
          const uint64_t any = bits ? next_random(&random) >> (64 - bits) : 7;
          words[i] = width == 4 ? (uint64_t)(int32_t)(uint32_t)any : any;
        }
        sk_buffer_clear(&out);
        sk_buffer_byte(&out, 'x'); /* it appends */
        assert_true(sk_encode_delta(&out, words, counts[c], width));
        const uint8_t *bytes = padded(&out);
        assert_int_equal(bytes[0], 'x');
        assert_null(sk_delta_init(&delta, bytes + 1, out.length - 1));
        assert_int_equal(delta.count, counts[c]);
        assert_null(sk_delta_end(&delta, &end));
        assert_ptr_equal(end, bytes + out.length);
        assert_null(sk_delta_read(&delta, got, counts[c]));
        for (size_t i = 0; i < counts[c]; i++)
          if (width == 4 ? (int32_t)got[i] != (int32_t)words[i] : (uint64_t)got[i] != words[i])
            fail_msg("%u bits, %zu values of %zu bytes: value %zu", bits, counts[c], width, i);
      }
  sk_buffer_reset(&out);
}

/* No difference of 32-bit values may take more than 32 bits: readers refuse wider miniblocks. */
static void wraps_around_at_the_width_of_the_type(void **state)
{
  (void)state;
  const uint64_t words[] = {(uint64_t)INT32_MIN, INT32_MAX, (uint64_t)INT32_MIN, 0, 5};
  struct sk_buffer out;
  sk_buffer_init(&out, NULL, SIZE_MAX);
  assert_true(sk_encode_delta(&out, words, SK_COUNT(words), 4));
  struct sk_delta delta;
  int64_t got[SK_COUNT(words)];
  const uint8_t *bytes = padded(&out);
  assert_null(sk_delta_init(&delta, bytes, out.length));
  assert_null(sk_delta_read(&delta, got, SK_COUNT(words)));
  assert_true(delta.widths[0] <= 32);
  for (size_t i = 0; i < SK_COUNT(words); i++)
    assert_int_equal((int32_t)got[i], (int32_t)words[i]);
  sk_buffer_reset(&out);
}

static void makes_small_what_grows_evenly(void **state)
{
  (void)state;
  static uint64_t words[MOST];
  struct sk_buffer out;
  sk_buffer_init(&out, NULL, SIZE_MAX);
  for (size_t i = 0; i < MOST; i++)
    words[i] = UINT64_C(1759276800000000) + i * 3600000000u;
  assert_true(sk_encode_delta(&out, words, MOST, 8));
  assert_true(out.length < 100);
  sk_buffer_reset(&out);
}

/* Texts of the two encodings by the rules of Encodings.md: lengths, or prefixes and lengths, then
 * the bytes. */
static void gives_texts_back(void **state)
{
  (void)state;
  static struct sk_slice texts[MOST];
  static uint64_t words[MOST];
  static int64_t prefixes[MOST], lengths[MOST];
  static uint8_t bytes[MOST * 16];
  static const size_t counts[] = {0, 1, 3, 200, MOST};
  uint64_t random = 8;
  struct sk_buffer out;
  sk_buffer_init(&out, NULL, SIZE_MAX);
  for (size_t c = 0; c < SK_COUNT(counts) * 2; c++) {
    const size_t count = counts[c / 2];
    const bool whole = c % 2;
    for (size_t i = 0; i < count; i++) {
      texts[i] = (struct sk_slice){bytes + 16 * i, (uint32_t)random_below(&random, 17)};
      for (size_t k = 0; k < texts[i].length; k++)
        bytes[16 * i + k] = (uint8_t)("aaaaab"[random_below(&random, 6)]);
    }
    sk_buffer_clear(&out);
    assert_true(whole ? sk_encode_delta_lengths(&out, texts, count, words)
                      : sk_encode_delta_texts(&out, texts, count, words));
    const uint8_t *at = padded(&out), *const end = at + out.length;
    struct sk_delta delta;
    memset(prefixes, 0, sizeof prefixes);
    for (int part = whole; part < 2; part++) {
      assert_null(sk_delta_init(&delta, at, (size_t)(end - at)));
      assert_int_equal(delta.count, count);
      assert_null(sk_delta_end(&delta, &at));
      assert_null(sk_delta_read(&delta, part ? lengths : prefixes, count));
    }
    uint8_t last[16];
    for (size_t i = 0; i < count; i++) {
      assert_int_equal(prefixes[i] + lengths[i], texts[i].length);
      memcpy(last + prefixes[i], at, (size_t)lengths[i]);
      at += lengths[i];
      assert_memory_equal(last, texts[i].bytes, texts[i].length);
    }
    assert_ptr_equal(at, end);
  }
  sk_buffer_reset(&out);
}

static void fails_where_memory_lacks(void **state)
{
  (void)state;
  const uint64_t words[3] = {1, 2, 3};
  const struct sk_slice texts[3] = {
      {(const uint8_t *)"one", 3}, {(const uint8_t *)"two", 3}, {(const uint8_t *)"three", 5}};
  uint64_t scratch[3];
  for (size_t most = 0; most < 40; most += 13) {
    struct sk_buffer out;
    sk_buffer_init(&out, NULL, most);
    assert_false(sk_encode_delta(&out, words, 3, 8));
    assert_false(sk_encode_delta_lengths(&out, texts, 3, scratch));
    assert_false(sk_encode_delta_texts(&out, texts, 3, scratch));
    sk_buffer_reset(&out);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_words_back),
      cmocka_unit_test(wraps_around_at_the_width_of_the_type),
      cmocka_unit_test(makes_small_what_grows_evenly),
      cmocka_unit_test(gives_texts_back),
      cmocka_unit_test(fails_where_memory_lacks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
