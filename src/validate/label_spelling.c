/* SPDX-License-Identifier: Apache-2.0 */
/* jansson writes JSON, too, but doubles with digits that Python knows to be needless, and its
 * escapes in capitals. */
#include "validate/label_spelling.h"

#include "base/number.h"

#include <stdio.h>
#include <string.h>

static const char *const blanks[] = {" ",      "\t",     "\n",     "\v",     "\f",       "\r",
                                     "\x1c",   "\x1d",   "\x1e",   "\x1f",   "\xc2\x85", "\u00a0",
                                     "\u1680", "\u2000", "\u2001", "\u2002", "\u2003",   "\u2004",
                                     "\u2005", "\u2006", "\u2007", "\u2008", "\u2009",   "\u200a",
                                     "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};

/* Length of the blank that the text begins, or ends, with; 0: none. */
static size_t blank_of(const char *text, size_t length, bool at_end)
{
  for (size_t i = 0; i < SK_COUNT(blanks); i++) {
    const size_t n = strlen(blanks[i]);
    if (n <= length && memcmp(at_end ? text + length - n : text, blanks[i], n) == 0)
      return n;
  }
  return 0;
}

void sk_plain_strip(const char **text, size_t *length)
{
  size_t n;
  while ((n = blank_of(*text, *length, false)) > 0) {
    *text += n;
    *length -= n;
  }
  while ((n = blank_of(*text, *length, true)) > 0)
    *length -= n;
}

static void escape_unit(struct sk_buffer *out, unsigned unit)
{
  char text[8];
  snprintf(text, sizeof text, "\\u%04x", unit & 0xffff);
  sk_buffer_text(out, text);
}

/* The character at *at, which is valid UTF-8 since jansson takes nothing else. */
static uint32_t character(const unsigned char *text, size_t *at)
{
  const unsigned char lead = text[(*at)++];
  uint32_t value = lead < 0x80    ? lead
                   : lead >= 0xf0 ? lead & 7u
                   : lead >= 0xe0 ? lead & 15u
                                  : lead & 31u;
  for (int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0; more > 0; more--)
    value = value << 6 | (text[(*at)++] & 0x3fu);
  return value;
}

static void dump_text(struct sk_buffer *out, const char *text, size_t length)
{
  static const char plain[] = "\"\\\n\r\t\b\f", letters[] = "\"\\nrtbf";
  sk_buffer_byte(out, '"');
  for (size_t at = 0; at < length;) {
    const uint32_t c = character((const unsigned char *)text, &at);
    const char *const known = c && c < 0x80 ? strchr(plain, (int)c) : NULL;
    if (known) {
      sk_buffer_byte(out, '\\');
      sk_buffer_byte(out, (uint8_t)letters[known - plain]);
    } else if (c >= 0x20 && c < 0x7f) {
      sk_buffer_byte(out, (uint8_t)c);
    } else if (c < 0x10000) {
      escape_unit(out, c);
    } else {
      escape_unit(out, 0xd800 + ((c - 0x10000) >> 10));
      escape_unit(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
    }
  }
  sk_buffer_byte(out, '"');
}

static void dump_object(struct sk_buffer *out, const json_t *value)
{
  const char *key, *between = "";
  size_t length;
  json_t *member;
  sk_buffer_byte(out, '{');
  json_object_keylen_foreach((json_t *)(uintptr_t)value, key, length, member)
  {
    sk_buffer_text(out, between);
    dump_text(out, key, length);
    sk_buffer_text(out, ": ");
    sk_plain_dump(out, member);
    between = ", ";
  }
  sk_buffer_byte(out, '}');
}

void sk_plain_dump(struct sk_buffer *out, const json_t *value)
{
  char number[SK_NUMBER_TEXT];
  switch (json_typeof(value)) {
  case JSON_OBJECT:
    dump_object(out, value);
    break;
  case JSON_ARRAY:
    sk_buffer_byte(out, '[');
    for (size_t i = 0; i < json_array_size(value); i++) {
      sk_buffer_text(out, i ? ", " : "");
      sk_plain_dump(out, json_array_get(value, i));
    }
    sk_buffer_byte(out, ']');
    break;
  case JSON_STRING:
    dump_text(out, json_string_value(value), json_string_length(value));
    break;
  case JSON_INTEGER:
    snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    sk_buffer_text(out, number);
    break;
  case JSON_REAL:
    sk_buffer_add(out, number, sk_number_format(json_real_value(value), number));
    break;
  default:
    sk_buffer_text(out, json_is_true(value) ? "true" : json_is_false(value) ? "false" : "null");
  }
}
