/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that memcmp() sorts: sk_key_u32(), sk_key_text()... -> compare -> sk_key_take_u32()...
 *
 * Why the end of a text cannot be one zero byte, with zeros inside escaped as 00 FF: what follows
 * the end may begin with FF, and would then read as an escaped zero. With 00 00 an end is below
 * every escaped zero, and that is below every other byte, whatever follows. */
#include "base/sort_key.h"

#define SIGN_BIT (UINT64_C(1) << 63)

static void put_number(struct sk_buffer *key, uint64_t value, size_t size)
{
  uint8_t bytes[8];
  for (size_t i = 0; i < size; i++)
    bytes[i] = (uint8_t)(value >> 8 * (size - 1 - i));
  sk_buffer_add(key, bytes, size);
}

void sk_key_u32(struct sk_buffer *key, uint32_t value)
{
  put_number(key, value, 4);
}

void sk_key_u64(struct sk_buffer *key, uint64_t value)
{
  put_number(key, value, 8);
}

void sk_key_i64(struct sk_buffer *key, int64_t value)
{
  put_number(key, (uint64_t)value ^ SIGN_BIT, 8);
}

void sk_key_text(struct sk_buffer *key, const void *bytes, size_t length)
{
  const uint8_t *at = bytes;
  while (length > 0) {
    const uint8_t *zero = memchr(at, 0, length);
    const size_t clean = zero ? (size_t)(zero - at) : length;
    sk_buffer_add(key, at, clean);
    if (!zero)
      break;
    sk_buffer_add(key, "\x00\xff", 2);
    at = zero + 1;
    length -= clean + 1;
  }
  sk_buffer_add(key, "\x00\x00", 2);
}

static bool take_number(struct sk_key_rest *rest, size_t size, uint64_t *value)
{
  if ((size_t)(rest->end - rest->at) < size)
    return false;
  *value = 0;
  for (size_t i = 0; i < size; i++)
    *value = *value << 8 | *rest->at++;
  return true;
}

bool sk_key_take_u32(struct sk_key_rest *rest, uint32_t *value)
{
  uint64_t wide;
  if (!take_number(rest, 4, &wide))
    return false;
  *value = (uint32_t)wide;
  return true;
}

bool sk_key_take_u64(struct sk_key_rest *rest, uint64_t *value)
{
  return take_number(rest, 8, value);
}

bool sk_key_take_i64(struct sk_key_rest *rest, int64_t *value)
{
  uint64_t turned;
  if (!take_number(rest, 8, &turned))
    return false;
  turned ^= SIGN_BIT;
  memcpy(value, &turned, sizeof *value);
  return true;
}

/* The next zero and the byte behind it; NULL where there are no such two. */
static const uint8_t *find_zero(const uint8_t *at, const uint8_t *end)
{
  const uint8_t *zero = at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;
  return zero && zero + 1 < end ? zero : NULL;
}

bool sk_key_take_text(struct sk_key_rest *rest, struct sk_buffer *scratch, const uint8_t **bytes,
                      size_t *length)
{
  const uint8_t *at = rest->at, *zero = find_zero(at, rest->end);
  sk_buffer_clear(scratch);
  while (zero && zero[1] == 0xff) {
    sk_buffer_add(scratch, at, (size_t)(zero + 1 - at)); /* the zero, too */
    at = zero + 2;
    zero = find_zero(at, rest->end);
  }
  if (!zero || zero[1] != 0)
    return false;
  if (scratch->length)
    sk_buffer_add(scratch, at, (size_t)(zero - at));
  *bytes = scratch->length ? scratch->bytes : at;
  *length = scratch->length ? scratch->length : (size_t)(zero - at);
  rest->at = zero + 2;
  return !scratch->failed;
}
