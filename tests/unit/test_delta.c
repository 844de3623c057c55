/* SPDX-License-Identifier: Apache-2.0 */
/* DELTA_BINARY_PACKED against a small encoder: all widths, wrap-around, odd block shapes,
 * truncation at every byte, lying headers. */
#include "testing.h"

#include "base/error.h"
#include "parquet/delta.h"

enum { PAD = 16, MOST = 2000 };

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

static void put_zigzag(struct bytes *b, uint64_t v)
{
  put_varint(b, v << 1 ^ (v >> 63 ? UINT64_MAX : 0));
}

static unsigned bits_of(uint64_t v)
{
  unsigned n = 0;
  for (; v; v >>= 1)
    n++;
  return n;
}

static void put_miniblock(struct bytes *b, const uint64_t *values, size_t count, size_t size,
                          unsigned width)
{
  memset(b->at + b->length, 0, size * width / 8);
  for (size_t i = 0; i < count; i++)
    for (unsigned k = 0; k < width; k++)
      if (values[i] >> k & 1)
        b->at[b->length + (i * width + k) / 8] |= (uint8_t)(1u << (i * width + k) % 8);
  b->length += size * width / 8;
}

static void encode(struct bytes *b, const int64_t *values, size_t n, size_t block, size_t minis)
{
  uint64_t deltas[4096];
  const size_t size = block / minis;
  b->length = 0;
  put_varint(b, block);
  put_varint(b, minis);
  put_varint(b, n);
  put_zigzag(b, n ? (uint64_t)values[0] : 0);
  for (size_t at = 1; at < n; at += block) {
    const size_t count = n - at < block ? n - at : block;
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < count; i++) {
      deltas[i] = (uint64_t)values[at + i] - (uint64_t)values[at + i - 1];
      least = (int64_t)deltas[i] < least ? (int64_t)deltas[i] : least;
    }
    put_zigzag(b, (uint64_t)least);
    const size_t widths = b->length;
    b->length += minis;
    for (size_t m = 0; m < minis; m++) {
      uint64_t all = 0;
      const size_t from = m * size, to = from + size < count ? from + size : count;
      b->at[widths + m] = 0;
      if (from >= count)
        continue;
      for (size_t i = from; i < to; i++)
        all |= deltas[i] -= (uint64_t)least;
      b->at[widths + m] = (uint8_t)bits_of(all);
      put_miniblock(b, deltas + from, to - from, size, bits_of(all));
    }
  }
  memset(b->at + b->length, 0xee, PAD);
}

static void fill(uint64_t *random, unsigned width, int64_t *values, size_t n)
{
  for (size_t i = 0; i < n; i++)
    values[i] = width ? (int64_t)(next_random(random) >> (64 - width)) : 5;
}

static void reads_every_width_in_any_pieces(void **state)
{
  (void)state;
  static struct bytes b;
  static int64_t values[MOST], got[MOST];
  static const size_t shapes[][2] = {{128, 4}, {128, 1}, {256, 8}, {32, 4}, {1024, 2}, {8, 1}};
  static const size_t counts[] = {0, 1, 2, 33, 128, 129, 130, 1000};
  uint64_t random = 1;
  for (unsigned width = 0; width <= 64; width++) {
    for (size_t s = 0; s < SK_COUNT(shapes) * SK_COUNT(counts); s++) {
      const size_t n = counts[s / SK_COUNT(shapes)];
      const size_t *shape = shapes[s % SK_COUNT(shapes)];
      struct sk_delta d;
      const uint8_t *end = NULL;
      fill(&random, width, values, n);
      encode(&b, values, n, shape[0], shape[1]);
      assert_null(sk_delta_init(&d, b.at, b.length));
      assert_int_equal(d.count, n);
      assert_null(sk_delta_end(&d, &end));
      assert_ptr_equal(end, b.at + b.length);
      for (size_t at = 0; at < n;) {
        size_t k = 1 + random_below(&random, 150);
        k = k > n - at ? n - at : k;
        if (random_below(&random, 4) == 0)
          assert_null(sk_delta_skip(&d, k));
        else {
          assert_null(sk_delta_read(&d, got, k));
          if (memcmp(got, values + at, k * sizeof *got) != 0)
            fail_msg("width %u, %zu values, blocks of %zu", width, n, shape[0]);
        }
        at += k;
      }
      assert_non_null(sk_delta_read(&d, got, 1));
    }
  }
}

static void refuses_each_truncation(void **state)
{
  (void)state;
  static struct bytes b;
  static int64_t values[MOST], got[MOST];
  uint64_t random = 2;
  for (unsigned width = 1; width <= 64; width += 9) {
    fill(&random, width, values, 257);
    encode(&b, values, 257, 128, 4);
    for (size_t cut = 0; cut < b.length; cut++) {
      struct sk_delta d;
      const uint8_t *end = NULL;
      uint8_t *exact = malloc(cut + PAD);
      assert_non_null(exact);
      memcpy(exact, b.at, cut + PAD);
      const char *wrong = sk_delta_init(&d, exact, cut);
      if (!wrong) {
        const char *first = sk_delta_end(&d, &end);
        wrong = sk_delta_read(&d, got, 257);
        assert_true(!first == !wrong);
      }
      if (!wrong)
        fail_msg("width %u: %zu of %zu bytes gave all values", width, cut, b.length);
      free(exact);
    }
  }
}

static void takes_an_unfilled_last_miniblock(void **state)
{
  (void)state;
  static struct bytes b;
  int64_t values[4] = {10, 17, 11, 30}, got[4];
  struct sk_delta d;
  encode(&b, values, 4, 128, 4);
  /* 32 values of 5 bits are 20 bytes, of which 3 values need 2. */
  b.length -= 18;
  assert_null(sk_delta_init(&d, b.at, b.length));
  assert_null(sk_delta_read(&d, got, 4));
  assert_memory_equal(got, values, sizeof got);
  b.length--;
  assert_null(sk_delta_init(&d, b.at, b.length));
  assert_non_null(sk_delta_read(&d, got, 4));
}

static void refuses_impossible_headers(void **state)
{
  (void)state;
  static const struct {
    const char *why;
    uint64_t block, minis, count;
    uint8_t width;
    bool open, read;
  } rows[] = {
      {"good", 128, 4, 3, 1, true, true},
      {"no values in a block", 0, 4, 3, 1, false, false},
      {"no miniblocks", 128, 0, 3, 1, false, false},
      {"a block that does not divide", 128, 3, 3, 1, false, false},
      {"miniblocks of 4", 16, 4, 3, 1, false, false},
      {"2^40 values", 128, 4, UINT64_C(1) << 40, 1, false, false},
      {"a block of 2^40", UINT64_C(1) << 40, 4, 3, 1, false, false},
      {"65 bits", 128, 4, 3, 65, true, false},
      {"255 bits", 128, 4, 3, 255, true, false},
      {"more miniblocks than bytes", 1 << 30, 1 << 27, 3, 1, true, false},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    static struct bytes b;
    struct sk_delta d;
    int64_t got[3];
    memset(&b, 0, sizeof b);
    put_varint(&b, rows[i].block);
    put_varint(&b, rows[i].minis);
    put_varint(&b, rows[i].count);
    put_zigzag(&b, 1);
    put_zigzag(&b, 1);
    memset(b.at + b.length, rows[i].width, 4);
    b.length += 4 + 64; /* two differences of 255 bits fit, so it is the width that is wrong */
    const char *wrong = sk_delta_init(&d, b.at, b.length);
    if (!wrong != rows[i].open)
      fail_msg("%s: %s", rows[i].why, wrong ? wrong : "opened");
    if (!wrong)
      wrong = sk_delta_read(&d, got, 3);
    if (!wrong != rows[i].read)
      fail_msg("%s: %s", rows[i].why, wrong ? wrong : "read");
  }
}

static void survives_flipped_bits(void **state)
{
  (void)state;
  static struct bytes b;
  static int64_t values[MOST], got[MOST];
  uint64_t random = 5;
  fill(&random, 13, values, 300);
  encode(&b, values, 300, 128, 4);
  uint8_t *exact = malloc(b.length + PAD);
  assert_non_null(exact);
  memcpy(exact, b.at, b.length + PAD);
  for (size_t bit = 0; bit < b.length * 8; bit++) {
    struct sk_delta d;
    const uint8_t *end = NULL;
    exact[bit / 8] ^= (uint8_t)(1u << bit % 8);
    if (!sk_delta_init(&d, exact, b.length)) {
      if (!sk_delta_end(&d, &end))
        assert_true(end <= exact + b.length);
      sk_delta_read(&d, got, 300);
    }
    exact[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
  free(exact);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_every_width_in_any_pieces),
      cmocka_unit_test(refuses_each_truncation),
      cmocka_unit_test(takes_an_unfilled_last_miniblock),
      cmocka_unit_test(refuses_impossible_headers),
      cmocka_unit_test(survives_flipped_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
