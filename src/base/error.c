/* SPDX-License-Identifier: Apache-2.0 */
/* Filling a shukei_error.
 *
 * sk_fail() where the cause is known, then sk_context() once a level on the way up, sk_advise() at
 * any time after sk_fail(). Everything is formatted beside the error and then moved in, so that the
 * error's own text may be an argument. What does not fit is cut at the end, never within a UTF-8
 * sequence: names of files and columns may be in any language. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The length to keep of a text that was cut at length bytes: without a sequence's first part. */
static size_t whole_sequences(const char *text, size_t length)
{
  size_t back = 0;
  while (back < 3 && back < length && ((uint8_t)text[length - 1 - back] & 0xC0) == 0x80)
    back++;
  if (back == length)
    return length;
  const uint8_t lead = (uint8_t)text[length - 1 - back];
  const size_t wanted = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
  return wanted > back ? length - 1 - back : length;
}

static size_t format_cut(char *out, size_t size, const char *format, va_list arguments)
    SK_PRINTF(3, 0);
static size_t format_cut(char *out, size_t size, const char *format, va_list arguments)
{
  const int wanted = vsnprintf(out, size, format, arguments);
  size_t length = wanted < 0 ? 0 : (size_t)wanted;
  if (length >= size)
    length = whole_sequences(out, size - 1);
  out[length] = '\0';
  return length;
}

shukei_status sk_fail(shukei_error *err, shukei_status status, const char *format, ...)
{
  if (!err)
    return status;
  char text[sizeof err->text];
  va_list arguments;
  va_start(arguments, format);
  const size_t length = format_cut(text, sizeof text, format, arguments);
  va_end(arguments);
  err->status = status;
  err->offset = -1;
  err->advice[0] = '\0';
  memcpy(err->text, text, length + 1);
  return status;
}

shukei_status sk_context(shukei_error *err, shukei_status status, const char *format, ...)
{
  if (!err || status == SHUKEI_OK)
    return status;
  char text[sizeof err->text];
  va_list arguments;
  va_start(arguments, format);
  size_t length = format_cut(text, sizeof text, format, arguments);
  va_end(arguments);
  const size_t cause = strlen(err->text);
  const size_t room = sizeof text - 1 - length;
  if (cause && room > 2) {
    const size_t kept = cause <= room - 2 ? cause : whole_sequences(err->text, room - 2);
    memcpy(text + length, ": ", 2);
    memcpy(text + length + 2, err->text, kept);
    length += 2 + kept;
    text[length] = '\0';
  }
  err->status = status;
  memcpy(err->text, text, length + 1);
  return status;
}

void sk_advise(shukei_error *err, const char *format, ...)
{
  if (!err)
    return;
  char text[sizeof err->advice];
  va_list arguments;
  va_start(arguments, format);
  const size_t length = format_cut(text, sizeof text, format, arguments);
  va_end(arguments);
  memcpy(err->advice, text, length + 1);
}

const char *sk_errno_text(int number, char text[128])
{
  /* The POSIX form, which returns an int: nothing defines _GNU_SOURCE for this file. */
  if (strerror_r(number, text, 128) != 0)
    (void)snprintf(text, 128, "system error %d", number);
  return text;
}
