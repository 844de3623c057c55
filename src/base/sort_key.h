/* SPDX-License-Identifier: Apache-2.0 */
/* Keys as bytes that memcmp() sorts: several values, put one after the other into a buffer, compare
 * as the values do, the first one first. What was put is taken back in the same order.
 *
 * A number takes its bytes from the highest to the lowest, a signed one with its sign turned. A
 * text takes its bytes, each zero as 00 FF, and 00 00 as its end: so "a" comes before "a\0" and
 * "ab", and the empty text before all. */
#ifndef SK_BASE_SORT_KEY_H
#define SK_BASE_SORT_KEY_H

#include "base/buffer.h"

/* Append to key; without memory key->failed is set. */
void sk_key_u32(struct sk_buffer *key, uint32_t value);
void sk_key_u64(struct sk_buffer *key, uint64_t value);
void sk_key_i64(struct sk_buffer *key, int64_t value);
void sk_key_text(struct sk_buffer *key, const void *bytes, size_t length);

/* What is left of a key that is taken apart. */
struct sk_key_rest {
  const uint8_t *at, *end;
};
/* False where no such value stands there; the rest is then of no use. */
bool sk_key_take_u32(struct sk_key_rest *rest, uint32_t *value);
bool sk_key_take_u64(struct sk_key_rest *rest, uint64_t *value);
bool sk_key_take_i64(struct sk_key_rest *rest, int64_t *value);
/* *bytes points into the key or, where the text has zeros, into scratch, which is cleared first.
 * False and scratch->failed: no memory. */
bool sk_key_take_text(struct sk_key_rest *rest, struct sk_buffer *scratch, const uint8_t **bytes,
                      size_t *length);

#endif
