/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing short texts that are expected to be the same, inlined: a call of memcmp() costs more
 * than the comparison. No byte beyond either text is read. */
#ifndef SK_BASE_SAME_H
#define SK_BASE_SAME_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>

static inline uint64_t sk_load64(const void *at) /* in the machine's own order of bytes */
{
  uint64_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

static inline bool sk_same_bytes(const void *a, const void *b, size_t length)
{
  const uint8_t *x = a, *y = b;
  if (length >= 8) {
    if (length > 64)
      return memcmp(x, y, length) == 0;
    uint64_t other = sk_load64(x + length - 8) ^ sk_load64(y + length - 8);
    for (size_t i = 0; i + 8 < length; i += 8)
      other |= sk_load64(x + i) ^ sk_load64(y + i);
    return other == 0;
  }
  if (length >= 4)
    return ((sk_le32(x) ^ sk_le32(y)) | (sk_le32(x + length - 4) ^ sk_le32(y + length - 4))) == 0;
  uint8_t other = 0;
  for (size_t i = 0; i < length; i++)
    other |= x[i] ^ y[i];
  return other == 0;
}

#endif
