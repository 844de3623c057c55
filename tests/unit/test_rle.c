/* SPDX-License-Identifier: Apache-2.0 */
/* The hybrid of runs and bit-packed groups: every width against a bit-by-bit encoder, runs in odd
 * pieces, truncation, widths without bits. */
#include "testing.h"

#include "base/error.h"
#include "parquet/rle.h"

enum { PAD = 16, MOST = 4096 };

struct bytes {
  uint8_t at[64 * 1024 + PAD];
  size_t length;
};

static void put_varint(struct bytes *b, uint64_t v)
{
  for (; v > 127; v >>= 7)
    b->at[b->length++] = (uint8_t)(v | 128);
  b->at[b->length++] = (uint8_t)v;
}

static void put_run(struct bytes *b, unsigned width, uint64_t count, uint32_t value)
{
  put_varint(b, count << 1);
  for (unsigned i = 0; i < (width + 7) / 8; i++)
    b->at[b->length++] = (uint8_t)(value >> 8 * i);
}

static void put_packed(struct bytes *b, unsigned width, size_t count, const uint32_t *values)
{
  const size_t groups = (count + 7) / 8, begin = b->length;
  put_varint(b, groups << 1 | 1);
  const size_t data = b->length;
  memset(b->at + data, 0, groups * width);
  for (size_t i = 0; i < count; i++)
    for (unsigned k = 0; k < width; k++)
      if (values[i] >> k & 1)
        b->at[data + (i * width + k) / 8] |= (uint8_t)(1u << (i * width + k) % 8);
  b->length = data + groups * width;
  assert_true(b->length > begin);
}

static uint32_t of_width(uint64_t *random, unsigned width)
{
  return width == 0 ? 0 : (uint32_t)(next_random(random) >> (64 - width));
}

/* Random runs into b and their values into `values`; returns how many. */
static size_t make(uint64_t *random, unsigned width, struct bytes *b, uint32_t *values)
{
  size_t n = 0;
  b->length = 0;
  while (n < 600) {
    const size_t count = 1 + random_below(random, 70);
    if (width == 0 || random_below(random, 2)) {
      const uint32_t value = of_width(random, width);
      put_run(b, width, count, value);
      for (size_t i = 0; i < count; i++)
        values[n++] = value;
    } else {
      const size_t packed = (count + 7) & ~(size_t)7;
      for (size_t i = 0; i < packed; i++)
        values[n + i] = of_width(random, width);
      put_packed(b, width, packed, values + n);
      n += packed;
    }
  }
  memset(b->at + b->length, 0xee, PAD);
  return n;
}

static void reads_every_width_in_any_pieces(void **state)
{
  (void)state;
  static struct bytes b;
  static uint32_t values[MOST], got[MOST];
  uint64_t random = 1;
  for (unsigned width = 0; width <= 32; width++) {
    const size_t n = make(&random, width, &b, values);
    for (int round = 0; round < 4; round++) {
      struct sk_rle rle;
      sk_rle_init(&rle, b.at, b.length, width);
      for (size_t at = 0; at < n;) {
        size_t k = 1 + random_below(&random, round ? 40 : 600);
        k = k > n - at ? n - at : k;
        if (round == 3 && random_below(&random, 2)) {
          assert_true(sk_rle_skip(&rle, k));
        } else {
          assert_true(sk_rle_read(&rle, got, k));
          if (memcmp(got, values + at, k * sizeof *got) != 0)
            fail_msg("width %u, values from %zu", width, at);
        }
        at += k;
      }
      assert_false(sk_rle_read(&rle, got, 1));
    }
  }
}

static void ends_where_the_bytes_end(void **state)
{
  (void)state;
  static struct bytes b;
  static uint32_t values[MOST], got[MOST];
  uint64_t random = 2;
  for (unsigned width = 1; width <= 32; width += 5) {
    const size_t n = make(&random, width, &b, values);
    for (size_t cut = 0; cut < b.length; cut++) {
      struct sk_rle rle;
      uint8_t *exact = malloc(cut + PAD);
      assert_non_null(exact);
      memcpy(exact, b.at, cut + PAD);
      sk_rle_init(&rle, exact, cut, width);
      if (sk_rle_read(&rle, got, n))
        fail_msg("width %u: %zu of %zu bytes gave all values", width, cut, b.length);
      free(exact);
    }
  }
}

static void takes_an_unfilled_last_group(void **state)
{
  (void)state;
  static const uint8_t bytes[2 + PAD] = {3, 0x21}; /* one group of 4 bits, only 2 values there */
  uint32_t got[3];
  struct sk_rle rle;
  sk_rle_init(&rle, bytes, 2, 4);
  assert_true(sk_rle_read(&rle, got, 2));
  assert_int_equal(got[0], 1);
  assert_int_equal(got[1], 2);
  assert_false(sk_rle_read(&rle, got, 1));
}

static void knows_codes_without_bits(void **state)
{
  (void)state;
  static const struct {
    const char *why;
    uint8_t bytes[4];
    size_t length, count;
    bool want;
  } rows[] = {
      {"a run", {0x10}, 1, 8, true},
      {"one group", {0x03}, 1, 8, true},
      {"two groups", {0x05}, 1, 8, false},
      {"nothing", {0}, 0, 1, false},
      {"empty runs without end", {0, 0, 0, 0}, 4, 1, false},
      {"a header of seven bytes", {0xff, 0xff, 0xff, 0xff}, 4, 1, false},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    uint8_t padded[4 + PAD] = {0};
    uint32_t got[8] = {9, 9, 9, 9, 9, 9, 9, 9};
    struct sk_rle rle;
    memcpy(padded, rows[i].bytes, 4);
    sk_rle_init(&rle, padded, rows[i].length, 0);
    if (sk_rle_read(&rle, got, rows[i].count) != rows[i].want)
      fail_msg("%s", rows[i].why);
    if (rows[i].want)
      assert_int_equal(got[7], 0);
  }
}

static void survives_random_bytes(void **state)
{
  (void)state;
  static uint32_t got[MOST];
  uint64_t random = 3;
  for (int round = 0; round < 5000; round++) {
    uint8_t bytes[64 + PAD];
    const size_t length = random_below(&random, 65);
    struct sk_rle rle;
    uint8_t *exact = malloc(length + PAD);
    assert_non_null(exact);
    for (size_t i = 0; i < sizeof bytes; i++)
      bytes[i] = (uint8_t)next_random(&random);
    memcpy(exact, bytes, length + PAD);
    sk_rle_init(&rle, exact, length, (unsigned)random_below(&random, 33));
    int calls = 0; /* a run may be as long as it likes */
    while (calls++ < 20 && sk_rle_read(&rle, got, 1 + random_below(&random, MOST)))
      ;
    free(exact);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_every_width_in_any_pieces), cmocka_unit_test(ends_where_the_bytes_end),
      cmocka_unit_test(takes_an_unfilled_last_group),    cmocka_unit_test(knows_codes_without_bits),
      cmocka_unit_test(survives_random_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
