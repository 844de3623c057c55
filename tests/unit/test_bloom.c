/* SPDX-License-Identifier: Apache-2.0 */
/* Bloom filters: nothing that was inserted is missed, about one in a hundred others is found; a
 * header that cannot be right is no filter. */
#include "one_chunk.h"

#include "base/bytes.h"
#include "parquet/bloom.h"

#include <stdio.h>

static uint64_t hash_of(unsigned i)
{
  char text[16];
  const int length = snprintf(text, sizeof text, "pod-%u", i);
  return sk_bloom_hash(text, (size_t)length);
}

/* By xxHash's own test vectors, seed 0: the same on every machine. */
static void hashes_as_the_format_says(void **state)
{
  (void)state;
  assert_true(sk_bloom_hash("", 0) == UINT64_C(0xef46db3751d8e999));
  assert_true(sk_bloom_hash("a", 1) == UINT64_C(0xd24ec4f1a98c6e5b));
  assert_true(sk_bloom_hash("abc", 3) == UINT64_C(0x44bc2cf5ad770999));
}

static void sizes_are_powers_of_two(void **state)
{
  (void)state;
  static const struct {
    uint64_t distinct;
    size_t size;
  } rows[] = {{0, 32},      {26, 32},           {27, 64},
              {1000, 2048}, {1000000, 2097152}, {UINT64_MAX, 134217728}};
  for (size_t i = 0; i < SK_COUNT(rows); i++)
    assert_int_equal(sk_bloom_size(rows[i].distinct), rows[i].size);
}

static void finds_what_was_inserted(void **state)
{
  (void)state;
  static const unsigned counts[] = {1, 26, 400, 20000};
  for (size_t k = 0; k < SK_COUNT(counts); k++) {
    const size_t size = sk_bloom_size(counts[k]);
    uint8_t *bits = calloc(size, 1);
    unsigned others = 0;
    assert_non_null(bits);
    for (unsigned i = 0; i < counts[k]; i++)
      sk_bloom_insert(bits, size, hash_of(i));
    for (unsigned i = 0; i < counts[k]; i++)
      assert_true(sk_bloom_may_have(bits, size, hash_of(i)));
    for (unsigned i = 0; i < 10000; i++)
      others += sk_bloom_may_have(bits, size, hash_of(1000000 + i));
    assert_true(others < 200);
    free(bits);
  }
}

/* One block, by hand from BloomFilter.md: bits (low word * salt) >> 27 of each word. */
static void sets_the_bits_that_others_look_for(void **state)
{
  (void)state;
  uint8_t bits[64] = {0};
  sk_bloom_insert(bits, sizeof bits, UINT64_C(0x8000000000000001)); /* the second block of two */
  for (int i = 0; i < 32; i++)
    assert_int_equal(bits[i], 0);
  assert_int_equal(sk_le32(bits + 32), UINT32_C(1) << (0x47b6137bu >> 27));
  assert_int_equal(sk_le32(bits + 60), UINT32_C(1) << (0x5c6bfb31u >> 27));
}

/* ---- in a file ---- */

/* Whether the file, with the filter at byte 4, is told to lack the values. */
static bool lacks_all(const struct sk_buffer *bytes, int32_t told, const uint64_t *hashes,
                      size_t count)
{
  struct one_chunk c;
  bool none = true;
  one_chunk_open(&c, bytes->bytes, bytes->length, 10, 4);
  c.chunk.bloom_filter_offset = 4;
  c.chunk.bloom_filter_length = told;
  assert_int_equal(sk_bloom_lacks(&c.file, 0, 0, hashes, count, NULL, &none, NULL), SHUKEI_OK);
  one_chunk_close(&c);
  return none;
}

static bool lacks(const struct sk_buffer *bytes, int32_t told, uint64_t hash)
{
  return lacks_all(bytes, told, &hash, 1);
}

/* A filter with pods 0 to 9; returns the length of its header. */
static size_t put_filter(struct sk_buffer *out, size_t size)
{
  sk_buffer_init(out, NULL, SIZE_MAX / 2);
  sk_buffer_text(out, "PAR1");
  sk_bloom_put_header(out, size);
  const size_t begin = out->length;
  assert_true(sk_buffer_reserve(out, size));
  memset(out->bytes + begin, 0, size);
  out->length += size;
  for (unsigned i = 0; i < 10; i++)
    sk_bloom_insert(out->bytes + begin, size, hash_of(i));
  return begin - 4;
}

static void reads_small_and_large_filters(void **state)
{
  (void)state;
  static const size_t sizes[] = {32, 4096, 64 << 10, 128 << 10};
  for (size_t k = 0; k < SK_COUNT(sizes); k++) {
    struct sk_buffer out;
    const int32_t told = (int32_t)(put_filter(&out, sizes[k]) + sizes[k]);
    for (unsigned i = 0; i < 10; i++)
      assert_false(lacks(&out, told, hash_of(i)));
    assert_true(lacks(&out, told, hash_of(77)));
    for (unsigned i = 0; i < 4; i++) { /* one of several values is enough */
      const uint64_t hashes[] = {hash_of(i == 0 ? 3 : 77), hash_of(i == 1 ? 3 : 78),
                                 hash_of(i == 2 ? 3 : 79)};
      assert_int_equal(lacks_all(&out, told, hashes, 3), i == 3);
    }
    assert_true(lacks(&out, -1, hash_of(77))); /* older writers do not tell the length */
    assert_false(lacks(&out, told - 1, hash_of(77)));
    sk_buffer_reset(&out);
  }
}

static void what_is_broken_is_no_filter(void **state)
{
  (void)state;
  struct sk_buffer out;
  const size_t head = put_filter(&out, 64);
  const uint64_t other = hash_of(77);
  const size_t whole = out.length;
  for (out.length = 5; out.length < whole; out.length++)
    assert_false(lacks(&out, -1, other));
  for (size_t at = 4; at < 4 + head; at++)
    for (unsigned bit = 0; bit < 8; bit++) {
      out.bytes[at] ^= (uint8_t)(1u << bit);
      lacks(&out, -1, other); /* whatever it says, it ends */
      out.bytes[at] ^= (uint8_t)(1u << bit);
    }
  assert_true(lacks(&out, -1, other));
  out.bytes[5] = 0xfe; /* 63 bytes */
  out.bytes[6] = 0;
  assert_false(lacks(&out, -1, other));
  sk_buffer_reset(&out);
}

static void other_algorithms_are_no_filter(void **state)
{
  (void)state;
  struct sk_buffer out;
  const size_t head = put_filter(&out, 64);
  for (size_t at = 4; at + 1 < 4 + head; at++) { /* each union's first member becomes its second */
    if (out.bytes[at] != 0x1c || out.bytes[at + 1] != 0x1c)
      continue;
    out.bytes[at + 1] = 0x2c;
    assert_false(lacks(&out, -1, hash_of(77)));
    out.bytes[at + 1] = 0x1c;
  }
  assert_true(lacks(&out, -1, hash_of(77)));
  sk_buffer_reset(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hashes_as_the_format_says),
      cmocka_unit_test(sizes_are_powers_of_two),
      cmocka_unit_test(finds_what_was_inserted),
      cmocka_unit_test(sets_the_bits_that_others_look_for),
      cmocka_unit_test(reads_small_and_large_filters),
      cmocka_unit_test(what_is_broken_is_no_filter),
      cmocka_unit_test(other_algorithms_are_no_filter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
