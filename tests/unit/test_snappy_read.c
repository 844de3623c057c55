/* SPDX-License-Identifier: Apache-2.0 */
/* Our reader of snappy against the library's: the same blocks are taken, and become the same. */
#include "testing.h"

#include "base/error.h"
#include "parquet/snappy_read.h"

#include <snappy-c.h>

#define MOST 12000
#define GUARD 100

static uint64_t seed = 11;

/* Reads a block with both; the buffers are exactly as long as said, so that ASan sees a step
 * beyond. */
static bool read_both(const uint8_t *block, size_t length, size_t out_length)
{
  uint8_t *in = malloc(length + 1), *ours = malloc(out_length + GUARD), *theirs = malloc(MOST * 2);
  size_t got = MOST * 2;
  assert_true(in && ours && theirs && out_length <= MOST * 2);
  uint8_t *exact = in + 1; /* not aligned */
  memcpy(exact, block, length);
  memset(ours, 0xA5, out_length + GUARD);
  const bool taken = sk_snappy_read(exact, length, ours, out_length);
  size_t said = 0;
  const bool expected =
      snappy_uncompressed_length((const char *)exact, length, &said) == SNAPPY_OK &&
      said == out_length &&
      snappy_uncompress((const char *)exact, length, (char *)theirs, &got) == SNAPPY_OK;
  assert_int_equal(taken, expected);
  for (size_t i = 0; i < GUARD; i++)
    assert_int_equal(ours[out_length + i], 0xA5);
  if (taken)
    assert_memory_equal(ours, theirs, out_length);
  free(in);
  free(ours);
  free(theirs);
  return taken;
}

/* Bytes with repetitions of every kind: patterns of 1 to 20 bytes, far copies, noise. */
static size_t make_bytes(uint8_t *bytes)
{
  const size_t length = random_below(&seed, MOST);
  for (size_t at = 0; at < length;) {
    size_t run = 1 + random_below(&seed, 90);
    run = run < length - at ? run : length - at;
    const uint64_t kind = random_below(&seed, 3);
    const size_t back = kind == 0 ? 1 + random_below(&seed, 20) : 1 + random_below(&seed, at + 1);
    for (size_t i = 0; i < run; i++, at++)
      bytes[at] = kind < 2 && back <= at ? bytes[at - back] : (uint8_t)random_below(&seed, 256);
  }
  return length;
}

static void reads_what_the_library_writes(void **state)
{
  (void)state;
  static uint8_t bytes[MOST], block[MOST * 2];
  for (int i = 0; i < 2000; i++) {
    const size_t length = make_bytes(bytes);
    size_t packed = sizeof block;
    assert_int_equal(snappy_compress((char *)bytes, length, (char *)block, &packed), SNAPPY_OK);
    assert_true(read_both(block, packed, length));
    assert_false(read_both(block, packed, length + 1));
    assert_false(length && read_both(block, packed, length - 1));
    for (int k = 0; k < 4; k++) { /* flipped bits */
      uint8_t *byte = &block[random_below(&seed, packed)];
      const uint8_t before = *byte;
      *byte ^= (uint8_t)(1 << random_below(&seed, 8));
      read_both(block, packed, length);
      *byte = before;
    }
  }
}

static void notices_truncation(void **state)
{
  (void)state;
  static uint8_t bytes[MOST], block[MOST * 2];
  for (int i = 0; i < 20; i++) {
    const size_t length = make_bytes(bytes);
    size_t packed = sizeof block;
    assert_int_equal(snappy_compress((char *)bytes, length, (char *)block, &packed), SNAPPY_OK);
    for (size_t cut = 0; cut < packed; cut++)
      assert_false(length && read_both(block, cut, length));
  }
}

/* Elements that the library never writes: random ones, those with four bytes of offset included. */
static void agrees_on_elements_of_every_kind(void **state)
{
  (void)state;
  static uint8_t block[MOST];
  unsigned taken = 0;
  for (int i = 0; i < 20000; i++) {
    size_t at = 2, out = 0;
    const size_t longest = random_below(&seed, 2) ? 64 : 3;
    for (uint64_t n = random_below(&seed, longest == 3 ? 60 : 12); n-- > 0;) {
      const uint64_t kind = out ? random_below(&seed, 4) : 0, wrong = random_below(&seed, 300);
      const size_t most = random_below(&seed, 8) ? longest : 64;
      size_t length = 1 + random_below(&seed, kind == 1 ? 8 : kind ? most : 3 * most);
      const size_t offset = wrong == 0   ? 0
                            : wrong == 1 ? out + 1
                                         : 1 + random_below(&seed, out ? out : 1);
      if (kind == 0) {
        const unsigned bytes =
            length > 60 || random_below(&seed, 3) == 0 ? 1 + (unsigned)random_below(&seed, 4) : 0;
        block[at++] = (uint8_t)((bytes ? 59 + bytes : length - 1) << 2);
        for (unsigned k = 0; k < bytes; k++)
          block[at++] = (uint8_t)((length - 1) >> 8 * k);
        for (size_t k = 0; k < length; k++)
          block[at++] = (uint8_t)random_below(&seed, 256);
      } else {
        block[at++] = (uint8_t)(kind | (length - 1) << 2 | (kind == 1 ? offset >> 8 << 5 : 0));
        for (uint64_t k = 0; k < (kind == 3 ? 4 : kind); k++)
          block[at++] = (uint8_t)(offset >> 8 * k);
        length += kind == 1 ? 3 : 0;
      }
      out += length;
    }
    block[0] = (uint8_t)(out | 0x80);
    block[1] = (uint8_t)(out >> 7);
    taken += read_both(block, at, out);
  }
  assert_in_range(taken, 10000, 19900);
}

static void knows_long_lengths(void **state)
{
  (void)state;
  static const uint8_t blocks[][8] = {{0},
                                      {0x80},
                                      {0x80, 0},
                                      {0x80, 0x80, 0x80, 0x80, 0},
                                      {0x80, 0x80, 0x80, 0x80, 0x10},
                                      {0x80, 0x80, 0x80, 0x80, 0x80, 0},
                                      {1, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 7}};
  for (size_t i = 0; i < SK_COUNT(blocks); i++)
    for (size_t length = 0; length <= sizeof blocks[i]; length++)
      for (size_t out = 0; out < 3; out++)
        read_both(blocks[i], length, out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_what_the_library_writes),
      cmocka_unit_test(notices_truncation),
      cmocka_unit_test(agrees_on_elements_of_every_kind),
      cmocka_unit_test(knows_long_lengths),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
