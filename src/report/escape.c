/* SPDX-License-Identifier: Apache-2.0 */
/* One scalar value at a time: what cannot be seen is replaced before the form looks at it. */
#include "report/escape.h"

#include "base/number.h"
#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Length of the UTF-8 sequence at text; 0: it is none, or must not be seen. */
static size_t sequence(const char *text)
{
  const uint8_t *const byte = (const uint8_t *)text;
  const size_t length = byte[0] < 0x80 ? 1 : byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
  if (length == 1)
    return (byte[0] < 0x20 && byte[0] != '\n' && byte[0] != '\t') || byte[0] == 0x7f ? 0 : 1;
  for (size_t i = 1; i < length; i++)
    if (!byte[i])
      return 0;
  if (!sk_utf8_valid(text, length))
    return 0;
  if (byte[0] == 0xc2 && byte[1] < 0xa0) /* C1 */
    return 0;
  /* U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069 */
  if (byte[0] == 0xe2 && byte[1] == 0x80 &&
      (byte[2] == 0x8e || byte[2] == 0x8f || (byte[2] >= 0xa8 && byte[2] <= 0xae)))
    return 0;
  if (byte[0] == 0xe2 && byte[1] == 0x81 && byte[2] >= 0xa6 && byte[2] <= 0xa9)
    return 0;
  return length;
}

/* Copies a sequence, or what stands for it; returns how many bytes of text it took. */
static size_t copy(struct sk_buffer *out, const char *text)
{
  const size_t length = sequence(text);
  if (length) {
    sk_buffer_add(out, text, length);
    return length;
  }
  sk_buffer_text(out, REPLACEMENT);
  const uint8_t first = (uint8_t)text[0];
  size_t skip = 1; /* the whole of a well-formed one that must not be seen */
  if (first >= 0xc2)
    while (((uint8_t)text[skip] & 0xc0) == 0x80 && skip < 4)
      skip++;
  return skip;
}

void sk_escape_html(struct sk_buffer *out, const char *text)
{
  while (*text) {
    const char *const entity = *text == '&'    ? "&amp;"
                               : *text == '<'  ? "&lt;"
                               : *text == '>'  ? "&gt;"
                               : *text == '"'  ? "&quot;"
                               : *text == '\'' ? "&#39;"
                                               : NULL;
    if (entity) {
      sk_buffer_text(out, entity);
      text++;
    } else {
      text += copy(out, text);
    }
  }
}

static bool is_word(char c)
{
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80);
}

/* What would be markup here. Parentheses, signs and the like are none without one of these before
 * them, and a '_' within a word is none. before: the byte before, 0 at the beginning; begins:
 * nothing but blanks stands before. */
static bool is_markup(const char *text, char before, bool begins)
{
  static const char anywhere[] = "\\`*[]|~$", first[] = "-+#=";
  if (*text == '_')
    return !is_word(before) || !is_word(text[1]);
  if ((*text == '.' || *text == ')') && before >= '0' && before <= '9')
    return begins && (text[1] == ' ' || !text[1]); /* "1. " makes a list */
  return strchr(anywhere, *text) || (begins && strchr(first, *text));
}

/* One of the characters that are written as entities; NULL: none. */
static const char *entity_of(const char *text)
{
  /* ':' and '@' would make links of addresses, in the dialect of GitHub */
  return *text == '<'                                       ? "&lt;"
         : *text == '>'                                     ? "&gt;"
         : *text == '&'                                     ? "&amp;"
         : *text == '@'                                     ? "&#64;"
         : *text == ':' && text[1] == '/' && text[2] == '/' ? "&#58;"
                                                            : NULL;
}

void sk_escape_markdown(struct sk_buffer *out, const char *text)
{
  bool begins = true;
  for (char before = 0; *text;) {
    const char now = *text;
    const char *const entity = now == '\n' || now == '\t' ? " " : entity_of(text);
    if (!entity && is_markup(text, before, begins))
      sk_buffer_byte(out, '\\');
    begins = begins && (now == ' ' || (now >= '0' && now <= '9'));
    before = now;
    if (entity) {
      sk_buffer_text(out, entity);
      text++;
    } else {
      text += copy(out, text);
    }
  }
}

void sk_escape_csv(struct sk_buffer *out, const char *text)
{
  double number;
  const bool formula =
      *text && strchr("=+-@\t\r", *text) && !sk_number_parse(text, strlen(text), &number);
  const bool quoted = text[strcspn(text, ",\"\n\r;")] != '\0' || *text == ' ';
  if (quoted)
    sk_buffer_byte(out, '"');
  if (formula)
    sk_buffer_byte(out, '\'');
  while (*text) {
    if (*text == '"')
      sk_buffer_byte(out, '"');
    text += copy(out, text);
  }
  if (quoted)
    sk_buffer_byte(out, '"');
}

void sk_escape_plain(struct sk_buffer *out, const char *text)
{
  while (*text) {
    if (*text == '\n') { /* one line stays one line */
      sk_buffer_byte(out, ' ');
      text++;
    } else {
      text += copy(out, text);
    }
  }
}

void sk_escape_shell(struct sk_buffer *out, const char *word)
{
  static const char plain[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:=+@%";
  if (*word && strspn(word, plain) == strlen(word)) {
    sk_buffer_text(out, word);
    return;
  }
  sk_buffer_byte(out, '\'');
  for (; *word; word++)
    if (*word == '\'')
      sk_buffer_text(out, "'\\''");
    else
      sk_buffer_byte(out, (uint8_t)*word);
  sk_buffer_byte(out, '\'');
}
