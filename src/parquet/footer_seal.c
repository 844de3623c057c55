/* SPDX-License-Identifier: Apache-2.0 */
/* See footer_seal.h. The pair is found by its bytes, not by the parsed footer: key, the header of
 * the field behind it (Thrift's compact protocol: delta 1, binary), length 8, the digits. */
#include "parquet/footer_seal.h"

#include "parquet/crc.h"

#include <string.h>

static const char before_digits[] = SK_SEAL_KEY "\x18\x08";
#define BEFORE_LENGTH (sizeof before_digits - 1)

static void compute(const uint8_t *footer, size_t length, size_t digits, char out[SK_SEAL_DIGITS])
{
  static const char hex[] = "0123456789abcdef";
  uint32_t crc = sk_crc32(0, footer, digits);
  crc = sk_crc32(crc, SK_SEAL_BLANK, SK_SEAL_DIGITS);
  crc = sk_crc32(crc, footer + digits + SK_SEAL_DIGITS, length - digits - SK_SEAL_DIGITS);
  for (int i = SK_SEAL_DIGITS - 1; i >= 0; i--, crc >>= 4)
    out[i] = hex[crc & 15];
}

void sk_seal_set(uint8_t *footer, size_t length, size_t digits)
{
  char text[SK_SEAL_DIGITS];
  compute(footer, length, digits, text);
  memcpy(footer + digits, text, sizeof text);
}

bool sk_seal_holds(const uint8_t *footer, size_t length)
{
  if (length < BEFORE_LENGTH + SK_SEAL_DIGITS)
    return true;
  for (size_t at = length - BEFORE_LENGTH - SK_SEAL_DIGITS + 1; at-- > 0;) {
    if (footer[at] != (uint8_t)before_digits[0] ||
        memcmp(footer + at, before_digits, BEFORE_LENGTH) != 0)
      continue;
    char text[SK_SEAL_DIGITS];
    compute(footer, length, at + BEFORE_LENGTH, text);
    return memcmp(footer + at + BEFORE_LENGTH, text, sizeof text) == 0;
  }
  return true;
}
