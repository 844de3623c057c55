/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 as FIPS 180-4 has it, one block of 64 bytes at a time; section 4.1.2 names the functions,
 * 4.2.2 the constants (the fractions of the cube roots of the first 64 primes), 5.3.3 the start. On
 * x86 with the SHA instructions a block is done by them: sha256_x86.c. */
#include "base/sha256.h"
#include "base/sha256_block.h"

#include <string.h>

const uint32_t sk_sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t x, int n)
{
  return x >> n | x << (32 - n);
}

static uint32_t load_be32(const uint8_t *at)
{
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void store_be32(uint8_t *at, uint32_t value)
{
  for (int i = 0; i < 4; i++)
    at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void one_block(uint32_t state[8], const uint8_t *bytes)
{
  uint32_t w[64], s[8];
  for (int i = 0; i < 16; i++)
    w[i] = load_be32(bytes + (size_t)i * 4);
  for (int i = 16; i < 64; i++) {
    const uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[i - 7] +
           (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
  }
  memcpy(s, state, sizeof s);
  for (int i = 0; i < 64; i++) {
    const uint32_t sum1 = rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25);
    const uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
    const uint32_t sum0 = rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22);
    const uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
    const uint32_t t1 = s[7] + sum1 + choice + sk_sha256_constants[i] + w[i];
    memmove(s + 1, s, 7 * sizeof *s);
    s[4] += t1;
    s[0] = t1 + sum0 + majority;
  }
  for (int i = 0; i < 8; i++)
    state[i] += s[i];
}

void sk_sha256_blocks_plain(uint32_t state[8], const uint8_t *bytes, size_t count)
{
  for (; count > 0; count--, bytes += 64)
    one_block(state, bytes);
}

static void blocks(struct sk_sha256 *sha, const uint8_t *bytes, size_t count)
{
  if (sk_sha256_fast())
    sk_sha256_blocks_fast(sha->state, bytes, count);
  else
    sk_sha256_blocks_plain(sha->state, bytes, count);
}

void sk_sha256_init(struct sk_sha256 *sha)
{
  static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memcpy(sha->state, start, sizeof start);
  sha->length = 0;
}

void sk_sha256_add(struct sk_sha256 *sha, const void *bytes, size_t length)
{
  const uint8_t *at = bytes;
  const size_t held = (size_t)(sha->length % 64);
  sha->length += length;
  if (held) {
    const size_t wanted = 64 - held, got = length < wanted ? length : wanted;
    if (got)
      memcpy(sha->rest + held, at, got);
    if (got < wanted)
      return;
    blocks(sha, sha->rest, 1);
    at += got;
    length -= got;
  }
  blocks(sha, at, length / 64);
  if (length % 64)
    memcpy(sha->rest, at + length / 64 * 64, length % 64);
}

void sk_sha256_end(struct sk_sha256 *sha, uint8_t digest[SK_SHA256_BYTES])
{
  static const uint8_t mark[64] = {0x80};
  const uint64_t bits = sha->length * 8;
  uint8_t tail[8];
  store_be32(tail, (uint32_t)(bits >> 32));
  store_be32(tail + 4, (uint32_t)bits);
  sk_sha256_add(sha, mark, 1 + (119 - (size_t)(sha->length % 64)) % 64);
  sk_sha256_add(sha, tail, sizeof tail);
  for (int i = 0; i < 8; i++)
    store_be32(digest + (size_t)i * 4, sha->state[i]);
}

const char *sk_sha256_hex(const uint8_t digest[SK_SHA256_BYTES], char text[SK_SHA256_TEXT])
{
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < SK_SHA256_BYTES; i++) {
    text[i * 2] = digits[digest[i] >> 4];
    text[i * 2 + 1] = digits[digest[i] & 15];
  }
  text[SK_SHA256_TEXT - 1] = '\0';
  return text;
}

const char *sk_sha256_text(const void *bytes, size_t length, char text[SK_SHA256_TEXT])
{
  struct sk_sha256 sha;
  uint8_t digest[SK_SHA256_BYTES];
  sk_sha256_init(&sha);
  sk_sha256_add(&sha, bytes, length);
  sk_sha256_end(&sha, digest);
  return sk_sha256_hex(digest, text);
}

void sk_hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
                    uint8_t digest[SK_SHA256_BYTES])
{
  uint8_t block[64] = {0}, inner[SK_SHA256_BYTES];
  struct sk_sha256 sha;
  if (key_length > sizeof block) {
    sk_sha256_init(&sha);
    sk_sha256_add(&sha, key, key_length);
    sk_sha256_end(&sha, block);
  } else {
    memcpy(block, key, key_length);
  }
  for (size_t i = 0; i < sizeof block; i++)
    block[i] ^= 0x36;
  sk_sha256_init(&sha);
  sk_sha256_add(&sha, block, sizeof block);
  sk_sha256_add(&sha, bytes, length);
  sk_sha256_end(&sha, inner);
  for (size_t i = 0; i < sizeof block; i++)
    block[i] ^= 0x36 ^ 0x5c;
  sk_sha256_init(&sha);
  sk_sha256_add(&sha, block, sizeof block);
  sk_sha256_add(&sha, inner, sizeof inner);
  sk_sha256_end(&sha, digest);
}
