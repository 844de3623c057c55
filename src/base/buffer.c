/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer.
 *
 *   sk_buffer_init() -> appends ... -> check failed -> sk_buffer_clear() or sk_buffer_reset()
 *
 * Capacity doubles up to the maximum. The maximum is a guard against our own mistakes and against
 * input that would grow a text without end; the budget guards memory as a whole. */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>

#define SMALLEST_BYTES ((size_t)64)

void sk_buffer_init(struct sk_buffer *buffer, struct sk_budget *budget, size_t maximum)
{
  *buffer = (struct sk_buffer){.budget = budget, .maximum = maximum};
}

void sk_buffer_reset(struct sk_buffer *buffer)
{
  sk_free(buffer->bytes);
  sk_buffer_init(buffer, buffer->budget, buffer->maximum);
}

void sk_buffer_clear(struct sk_buffer *buffer)
{
  buffer->length = 0;
  buffer->failed = false;
}

bool sk_buffer_reserve(struct sk_buffer *buffer, size_t more)
{
  if (more <= buffer->capacity - buffer->length)
    return true;
  if (more > buffer->maximum - buffer->length) {
    buffer->failed = true;
    return false;
  }
  const size_t needed = buffer->length + more;
  size_t capacity =
      buffer->capacity <= buffer->maximum / 2 ? buffer->capacity * 2 : buffer->maximum;
  if (capacity < SMALLEST_BYTES)
    capacity = SMALLEST_BYTES < buffer->maximum ? SMALLEST_BYTES : buffer->maximum;
  if (capacity < needed)
    capacity = needed;
  uint8_t *bytes = sk_realloc(buffer->budget, buffer->bytes, capacity);
  /* Near the budget's end twice the size may be too much where the bytes themselves fit. */
  if (!bytes && capacity > needed) {
    capacity = needed;
    bytes = sk_realloc(buffer->budget, buffer->bytes, capacity);
  }
  if (!bytes) {
    buffer->failed = true;
    return false;
  }
  buffer->bytes = bytes;
  buffer->capacity = capacity;
  return true;
}

void sk_buffer_add(struct sk_buffer *buffer, const void *bytes, size_t length)
{
  if (!length || !sk_buffer_reserve(buffer, length))
    return;
  memcpy(buffer->bytes + buffer->length, bytes, length);
  buffer->length += length;
}

void sk_buffer_text(struct sk_buffer *buffer, const char *text)
{
  sk_buffer_add(buffer, text, strlen(text));
}

void sk_buffer_printf(struct sk_buffer *buffer, const char *format, ...)
{
  /* Formatted beside the buffer: vsnprintf() writes a zero behind the text, for which the maximum
   * may leave no room. */
  char small[256];
  va_list arguments;
  va_start(arguments, format);
  const int wanted = vsnprintf(small, sizeof small, format, arguments);
  va_end(arguments);
  if (wanted < 0) {
    buffer->failed = true;
    return;
  }
  const size_t length = (size_t)wanted;
  if (length < sizeof small) {
    sk_buffer_add(buffer, small, length);
    return;
  }
  char *large = sk_alloc(buffer->budget, length + 1);
  if (!large) {
    buffer->failed = true;
    return;
  }
  va_start(arguments, format);
  (void)vsnprintf(large, length + 1, format, arguments);
  va_end(arguments);
  sk_buffer_add(buffer, large, length);
  sk_free(large);
}
