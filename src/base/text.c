/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 and JSON strings. Nearly all text of reports is ASCII, so eight bytes are looked at once
 * while none of them has its top bit set; only others are looked at one by one. */
#include "base/text.h"

#include "base/masks.h"

#include <string.h>

bool sk_same_text(const char *a, const char *b)
{
  return a && b ? strcmp(a, b) == 0 : a == b;
}

bool sk_ends_with(const char *text, const char *ending)
{
  const size_t length = strlen(text), part = strlen(ending);
  return length >= part && memcmp(text + length - part, ending, part) == 0;
}

/* Length of the sequence at `at`, 0 where it is malformed. Table 3-7 of the Unicode standard: the
 * second byte's range is what forbids overlong forms, surrogates and values above U+10FFFF. */
static size_t sequence_length(const uint8_t *at, size_t left)
{
  const uint8_t lead = at[0];
  uint8_t low = 0x80, high = 0xBF;
  size_t length;
  if (lead < 0x80)
    return 1;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    low = lead == 0xE0 ? 0xA0 : 0x80;
    high = lead == 0xED ? 0x9F : 0xBF;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    low = lead == 0xF0 ? 0x90 : 0x80;
    high = lead == 0xF4 ? 0x8F : 0xBF;
  } else {
    return 0;
  }
  if (left < length || at[1] < low || at[1] > high)
    return 0;
  for (size_t i = 2; i < length; i++) {
    if ((at[i] & 0xC0) != 0x80)
      return 0;
  }
  return length;
}

bool sk_utf8_valid(const void *bytes, size_t length)
{
  const uint8_t *text = bytes;
  for (size_t at = 0; at < length;) {
    uint64_t word;
    if (length - at >= sizeof word) {
      memcpy(&word, text + at, sizeof word);
      if (!(word & SK_TOPS)) {
        at += sizeof word;
        continue;
      }
    }
    const size_t step = sequence_length(text + at, length - at);
    if (!step)
      return false;
    at += step;
  }
  return true;
}

size_t sk_utf8_put(uint32_t scalar, uint8_t out[4])
{
  if (scalar < 0x80) {
    out[0] = (uint8_t)scalar;
    return 1;
  }
  if (scalar < 0x800) {
    out[0] = (uint8_t)(0xC0 | scalar >> 6);
    out[1] = (uint8_t)(0x80 | (scalar & 0x3F));
    return 2;
  }
  if (scalar < 0x10000) {
    out[0] = (uint8_t)(0xE0 | scalar >> 12);
    out[1] = (uint8_t)(0x80 | (scalar >> 6 & 0x3F));
    out[2] = (uint8_t)(0x80 | (scalar & 0x3F));
    return 3;
  }
  out[0] = (uint8_t)(0xF0 | scalar >> 18);
  out[1] = (uint8_t)(0x80 | (scalar >> 12 & 0x3F));
  out[2] = (uint8_t)(0x80 | (scalar >> 6 & 0x3F));
  out[3] = (uint8_t)(0x80 | (scalar & 0x3F));
  return 4;
}

/* What JSON writes instead of a byte; NULL where it stays. */
static const char *escape_of(uint8_t byte, char hex[8])
{
  static const char digits[] = "0123456789abcdef";
  switch (byte) {
  case '"':
    return "\\\"";
  case '\\':
    return "\\\\";
  case '\b':
    return "\\b";
  case '\f':
    return "\\f";
  case '\n':
    return "\\n";
  case '\r':
    return "\\r";
  case '\t':
    return "\\t";
  default:
    if (byte >= 0x20)
      return NULL;
    memcpy(hex, "\\u00", 4);
    hex[4] = digits[byte >> 4];
    hex[5] = digits[byte & 15];
    hex[6] = '\0';
    return hex;
  }
}

/* Not 0 where a byte of the word is below 0x20, '"' or a backslash. */
static inline uint64_t special_in(uint64_t word)
{
  return sk_same_of_8(word, '"') | sk_same_of_8(word, '\\') |
         sk_same_of_8(word & 0xe0 * SK_ONES, 0);
}

/* Copies a text, and tells whether nothing in it needs an escape. The last word begins within the
 * one before, so that it ends where the text does. */
static bool copy_plain(uint8_t *to, const char *from, size_t length)
{
  uint64_t word = 0, special = 0;
  if (length < 4) {
    for (size_t i = 0; i < length; i++) {
      to[i] = (uint8_t)from[i];
      word = word << 8 | to[i];
    }
    return !length || !(special_in(word | (' ' * SK_ONES << 8 * length)));
  }
  if (length < sizeof word) {
    uint32_t first, last;
    memcpy(&first, from, sizeof first);
    memcpy(&last, from + length - sizeof last, sizeof last);
    memcpy(to, &first, sizeof first);
    memcpy(to + length - sizeof last, &last, sizeof last);
    return !special_in((uint64_t)first << 32 | last);
  }
  for (size_t i = 0; i + sizeof word <= length; i += sizeof word) {
    memcpy(&word, from + i, sizeof word);
    memcpy(to + i, &word, sizeof word);
    special |= special_in(word);
  }
  memcpy(&word, from + length - sizeof word, sizeof word);
  memcpy(to + length - sizeof word, &word, sizeof word);
  return !(special | special_in(word));
}

void sk_json_quote(struct sk_buffer *out, const char *text, size_t length)
{
  if (out->capacity - out->length < length + 2 && !sk_buffer_reserve(out, length + 2))
    return;
  uint8_t *to = out->bytes + out->length;
  *to = '"';
  if (copy_plain(to + 1, text, length)) {
    to[length + 1] = '"';
    out->length += length + 2;
    return;
  }
  out->length++;
  for (size_t done = 0, plain = 0; done < length; done = plain + 1) {
    const char *escaped = NULL;
    char hex[8];
    for (plain = done; plain < length; plain++)
      if ((escaped = escape_of((uint8_t)text[plain], hex)))
        break;
    sk_buffer_add(out, text + done, plain - done);
    if (escaped)
      sk_buffer_text(out, escaped);
  }
  sk_buffer_byte(out, '"');
}

void sk_text_show(struct sk_buffer *out, const void *bytes, size_t length)
{
  const uint8_t *const text = bytes;
  for (size_t i = 0; i < length; i++) {
    const uint8_t c = text[i];
    if (c == '\n')
      sk_buffer_text(out, "\\n");
    else if (c == 0xc2 && i + 1 < length && text[i + 1] >= 0x80 && text[i + 1] < 0xa0)
      sk_buffer_printf(out, "\\xc2\\x%02x", text[++i]);
    else if (c < 0x20 || c == 0x7f)
      sk_buffer_printf(out, "\\x%02x", c);
    else
      sk_buffer_byte(out, c);
  }
}
