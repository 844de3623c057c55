/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting long texts for statistics. In UTF-8 the order of bytes is the order of characters, so a
 * text cut behind some character sorts before the whole, and raising that character by one makes it
 * sort behind; the result stays UTF-8, which readers of statistics rely on. A text that is no UTF-8
 * is treated as bytes. */
#include "parquet/bound.h"

#include "base/text.h"

#include <string.h>

/* Length of the longest beginning of at most SK_BOUND_BYTES that ends between characters. */
static size_t cut(const uint8_t *text, size_t length)
{
  size_t at = SK_BOUND_BYTES;
  if (length <= at)
    return length;
  while (at > SK_BOUND_BYTES - 4 && (text[at] & 0xc0) == 0x80)
    at--;
  return (text[at] & 0xc0) == 0x80 ? SK_BOUND_BYTES : at;
}

static uint32_t scalar_of(const uint8_t *at, size_t length)
{
  uint32_t scalar = length == 1 ? at[0] : at[0] & (0x7fu >> length);
  for (size_t i = 1; i < length; i++)
    scalar = scalar << 6 | (at[i] & 0x3fu);
  return scalar;
}

static bool raise_character(struct sk_bound *bound)
{
  uint32_t length = bound->length;
  while (length > 0) {
    uint32_t at = length - 1;
    while (at > 0 && (bound->bytes[at] & 0xc0) == 0x80)
      at--;
    uint32_t next = scalar_of(bound->bytes + at, length - at) + 1;
    if (next == 0xd800) /* surrogates are no characters */
      next = 0xe000;
    if (next <= 0x10ffff) {
      bound->length = at + (uint32_t)sk_utf8_put(next, bound->bytes + at);
      return true;
    }
    length = at;
  }
  return false;
}

static bool raise_byte(struct sk_bound *bound)
{
  while (bound->length > 0) {
    uint8_t *last = &bound->bytes[bound->length - 1];
    if (*last < 0xff) {
      ++*last;
      return true;
    }
    bound->length--;
  }
  return false;
}

void sk_bound_lower(const char *text, size_t length, struct sk_bound *out)
{
  out->length = (uint32_t)cut((const uint8_t *)text, length);
  out->exact = out->length == length;
  memcpy(out->bytes, text, out->length);
}

bool sk_bound_upper(const char *text, size_t length, struct sk_bound *out)
{
  sk_bound_lower(text, length, out);
  if (out->exact)
    return true;
  return sk_utf8_valid(out->bytes, out->length) ? raise_character(out) : raise_byte(out);
}
