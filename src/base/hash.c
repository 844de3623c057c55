/* SPDX-License-Identifier: Apache-2.0 */
/* The hash of bytes behind the intern tables.
 *
 * Names and label texts are 10 to 300 bytes, so what counts is the cost of a start and of 16 bytes.
 * One step takes 16 bytes: two words, each masked by a constant or by the state, are multiplied to
 * 128 bits and both halves are xored (`fold`), which spreads every input bit over the whole word.
 * Two states that do not wait for each other take 32 bytes a round. The last 16 bytes are read
 * again where they overlap bytes already taken: no loop over single bytes, no copy. Words are
 * loaded little-endian, so every machine computes the same value. The multipliers are odd, with
 * about half of their bits set; nothing else matters about them. */
#include "base/bytes.h"
#include "base/intern.h"

__extension__ typedef unsigned __int128 wide;

#define KEY_A UINT64_C(0x9d3f6a4be2c857a1)
#define KEY_B UINT64_C(0xc6a5389d71e42b6f)
#define KEY_C UINT64_C(0x5be1d4837c9a2f35)

static inline uint64_t fold(uint64_t a, uint64_t b)
{
  const wide product = (wide)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t sk_hash_bytes(const void *bytes, size_t length)
{
  const uint8_t *at = bytes;
  uint64_t state = KEY_C ^ (uint64_t)length * KEY_A;
  uint64_t first = 0, second = 0;
  if (length > 16) {
    size_t left = length;
    if (left > 32) {
      uint64_t other = ~state;
      do {
        state = fold(sk_le64(at) ^ KEY_A, sk_le64(at + 8) ^ state);
        other = fold(sk_le64(at + 16) ^ KEY_B, sk_le64(at + 24) ^ other);
        at += 32;
        left -= 32;
      } while (left > 32);
      state += other;
    }
    if (left > 16) {
      state = fold(sk_le64(at) ^ KEY_A, sk_le64(at + 8) ^ state);
      at += 16;
      left -= 16;
    }
    first = sk_le64(at + left - 16);
    second = sk_le64(at + left - 8);
  } else if (length >= 8) {
    first = sk_le64(at);
    second = sk_le64(at + length - 8);
  } else if (length >= 4) {
    first = sk_le32(at);
    second = sk_le32(at + length - 4);
  } else if (length) {
    first = (uint64_t)at[0] << 16 | (uint64_t)at[length / 2] << 8 | at[length - 1];
  }
  return fold(fold(first ^ KEY_B, second ^ state) ^ KEY_A, KEY_C ^ (uint64_t)length);
}
