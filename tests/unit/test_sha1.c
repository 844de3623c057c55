/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-1 against known hashes, against libuuid's, and its kernels against each other. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/sha1.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

#define MOST 2000

static uint32_t random_state = 17;
static uint32_t next_random(void)
{
  random_state = random_state * 1664525 + 1013904223;
  return random_state >> 8;
}

static void gives_known_hashes(void **state)
{
  (void)state;
  static const struct {
    const char *text, *hash;
  } known[] = {
      /* FIPS 180-4's examples, and RFC 3174's */
      {"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
      {"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
      {"The quick brown fox jumps over the lazy dog", "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"},
  };
  for (size_t i = 0; i < SK_COUNT(known); i++) {
    struct sk_sha1 before = {.kept = 0};
    uint8_t message[128 + SK_SHA1_PAD], digest[20];
    char hash[41];
    memcpy(message, known[i].text, strlen(known[i].text));
    sk_sha1(&before, message, strlen(known[i].text), digest);
    for (size_t k = 0; k < sizeof digest; k++)
      snprintf(hash + 2 * k, 3, "%02x", digest[k]);
    assert_string_equal(hash, known[i].hash);
  }
}

static void kernels_agree(void **state)
{
  (void)state;
  sk_sha1_kernel *processor = sk_sha1_processor();
  if (!processor)
    skip();
  for (int round = 0; round < 2000; round++) {
    uint8_t blocks[5 * SK_SHA1_BLOCK];
    uint32_t one[5], other[5];
    const size_t count = next_random() % 6;
    for (size_t i = 0; i < sizeof blocks; i++)
      blocks[i] = (uint8_t)next_random();
    for (size_t i = 0; i < 5; i++)
      one[i] = other[i] = next_random() << 8 ^ next_random();
    sk_sha1_scalar(one, blocks, count);
    processor(other, blocks, count);
    assert_memory_equal(one, other, sizeof one);
  }
}

/* The message that libuuid hashes: the space, and the name. */
static void check(struct sk_sha1 *before, const uint8_t *bytes, size_t length)
{
  static uint8_t message[16 + MOST + SK_SHA1_PAD];
  uint8_t digest[20];
  uuid_t want;
  memcpy(message, bytes, 16 + length);
  memset(message + 16 + length, 0xaa, SK_SHA1_PAD);
  uuid_generate_sha1(want, bytes, (const char *)bytes + 16, length);
  sk_sha1(before, message, 16 + length, digest);
  digest[6] = (uint8_t)((digest[6] & 0x0f) | 0x50);
  digest[8] = (uint8_t)((digest[8] & 0x3f) | 0x80);
  assert_memory_equal(digest, want, 16);
  assert_memory_equal(message, bytes, 16 + length);
}

static void hashes_as_libuuid_does(void **state)
{
  (void)state;
  static uint8_t bytes[16 + MOST];
  struct sk_sha1 before = {.kept = 0};
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (uint8_t)next_random();
  for (size_t length = 0; length <= 300; length++)
    check(&before, bytes, length);
  for (size_t length = 300; length-- > 0;)
    check(&before, bytes, length);
  for (int round = 0; round < 20000; round++) { /* messages that begin as others did */
    bytes[next_random() % (round % 2 ? 400 : sizeof bytes)] ^= (uint8_t)(1u << round % 8);
    check(&before, bytes, next_random() % (round % 3 ? 400 : MOST + 1));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_known_hashes),
      cmocka_unit_test(kernels_agree),
      cmocka_unit_test(hashes_as_libuuid_does),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
