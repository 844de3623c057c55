/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer with a maximum set at birth. A failed append sets `failed` and leaves the
 * bytes as they were, so that a run of appends needs one check at its end. */
#ifndef SK_BASE_BUFFER_H
#define SK_BASE_BUFFER_H

#include "base/alloc.h"

#include <string.h>

struct sk_buffer {
  struct sk_budget *budget;
  uint8_t *bytes;
  size_t length, capacity, maximum;
  bool failed;
};

void sk_buffer_init(struct sk_buffer *buffer, struct sk_budget *budget, size_t maximum);
void sk_buffer_reset(struct sk_buffer *buffer); /* frees; ready to be used again */
void sk_buffer_clear(struct sk_buffer *buffer); /* keeps the memory, clears failed */
/* Makes room for at least `more` bytes behind length; false and failed when it cannot. */
bool sk_buffer_reserve(struct sk_buffer *buffer, size_t more);
void sk_buffer_add(struct sk_buffer *buffer, const void *bytes, size_t length);
void sk_buffer_text(struct sk_buffer *buffer, const char *text);
void sk_buffer_printf(struct sk_buffer *buffer, const char *format, ...) SK_PRINTF(2, 3);

static inline void sk_buffer_byte(struct sk_buffer *buffer, uint8_t byte)
{
  if (buffer->length < buffer->capacity || sk_buffer_reserve(buffer, 1))
    buffer->bytes[buffer->length++] = byte;
}

#endif
