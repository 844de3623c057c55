/* SPDX-License-Identifier: Apache-2.0 */
/* Text: UTF-8, JSON strings, endings of names. */
#ifndef SK_BASE_TEXT_H
#define SK_BASE_TEXT_H

#include "base/buffer.h"

/* True for well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). */
bool sk_utf8_valid(const void *bytes, size_t length);
/* Writes the UTF-8 form of a scalar value; returns 1 to 4. */
size_t sk_utf8_put(uint32_t scalar, uint8_t out[4]);
/* True where both are the same text, or both are NULL. */
bool sk_same_text(const char *a, const char *b);
/* True where the text ends with that ending, or is it. */
bool sk_ends_with(const char *text, const char *ending);
/* Appends text as a JSON string with its quotes: \" \\ \b \f \n \r \t, \u00XX for other control
 * characters, everything else as it is (Python's json.dumps with ensure_ascii=False). */
void sk_json_quote(struct sk_buffer *out, const char *text, size_t length);
/* Appends text for a terminal, on one line: a line feed as \n, other control characters of ASCII
 * and of Latin-1 (U+0080 to U+009F), which a terminal might obey, as \xNN of their bytes. */
void sk_text_show(struct sk_buffer *out, const void *bytes, size_t length);

#endif
