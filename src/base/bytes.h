/* SPDX-License-Identifier: Apache-2.0 */
/* Little-endian loads and stores, right on every machine and at every alignment. */
#ifndef SK_BASE_BYTES_H
#define SK_BASE_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Whether the words of this machine are so already. */
static inline bool sk_little_endian(void)
{
  const uint16_t one = 1;
  uint8_t first;
  memcpy(&first, &one, 1);
  return first == 1;
}
static inline uint16_t sk_le16(const void *at)
{
  const uint8_t *b = at;
  return (uint16_t)(b[0] | b[1] << 8);
}
static inline uint32_t sk_le32(const void *at)
{
  const uint8_t *b = at;
  return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}
static inline uint64_t sk_le64(const void *at)
{
  return (uint64_t)sk_le32(at) | (uint64_t)sk_le32((const uint8_t *)at + 4) << 32;
}
static inline void sk_put_le32(void *at, uint32_t v)
{
  uint8_t *b = at;
  b[0] = (uint8_t)v;
  b[1] = (uint8_t)(v >> 8);
  b[2] = (uint8_t)(v >> 16);
  b[3] = (uint8_t)(v >> 24);
}
static inline void sk_put_le64(void *at, uint64_t v)
{
  sk_put_le32(at, (uint32_t)v);
  sk_put_le32((uint8_t *)at + 4, (uint32_t)(v >> 32));
}
static inline double sk_double_of_bits(uint64_t bits)
{
  double d;
  memcpy(&d, &bits, sizeof d);
  return d;
}
static inline uint64_t sk_bits_of_double(double d)
{
  uint64_t bits;
  memcpy(&bits, &d, sizeof bits);
  return bits;
}

#endif
