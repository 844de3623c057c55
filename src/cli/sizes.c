/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes: read in integers, because 0.1 is no double and a budget of 2^63 bytes must not be
 * rounded. A fraction keeps nine digits, which a unit of up to 2^60 turns into whole bytes by one
 * multiplication and division in parts. */
#include "cli/sizes.h"

#include <stdio.h>

static bool multiply(uint64_t a, uint64_t b, uint64_t *product)
{
  if (b && a > UINT64_MAX / b)
    return false;
  *product = a * b;
  return true;
}

static char capital(char c)
{
  return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* The bytes of a unit, 0 where it is none. */
static uint64_t unit_bytes(const char *text, size_t length)
{
  static const char letters[] = "KMGTPE";
  uint64_t unit = 1, base = 1024;
  if (length == 0 || (length == 1 && capital(text[0]) == 'B'))
    return 1;
  if (length == 2 && capital(text[1]) == 'B')
    base = 1000;
  else if (length == 3 && capital(text[1]) == 'I' && capital(text[2]) == 'B')
    base = 1024;
  else if (length != 1)
    return 0;
  for (size_t i = 0; letters[i]; i++) {
    unit *= base;
    if (letters[i] == capital(text[0]))
      return unit;
  }
  return 0;
}

bool sk_size_parse(const char *text, size_t length, uint64_t *bytes)
{
  uint64_t whole = 0, part = 0, scale = 1, unit;
  size_t i = 0, digits = 0;
  for (; i < length && text[i] >= '0' && text[i] <= '9'; i++, digits++) {
    const uint64_t digit = (uint64_t)(text[i] - '0');
    if (!multiply(whole, 10, &whole) || whole > UINT64_MAX - digit)
      return false;
    whole += digit;
  }
  if (i < length && text[i] == '.' && digits > 0) {
    for (i++, digits = 0; i < length && text[i] >= '0' && text[i] <= '9'; i++, digits++)
      if (scale < 1000000000) {
        part = part * 10 + (uint64_t)(text[i] - '0');
        scale *= 10;
      }
  }
  if (digits == 0)
    return false;
  if (i < length && text[i] == ' ')
    i++;
  unit = unit_bytes(text + i, length - i);
  if (!unit || !multiply(whole, unit, &whole))
    return false;
  part = unit / scale * part + unit % scale * part / scale; /* each below 2^64: scale is 10^9 */
  if (whole > UINT64_MAX - part)
    return false;
  *bytes = whole + part;
  return true;
}
