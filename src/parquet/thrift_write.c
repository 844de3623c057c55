/* SPDX-License-Identifier: Apache-2.0 */
/* Thrift's compact protocol, writing (thrift-compact-protocol.md of Apache Thrift): a field is a
 * byte with the distance to the field before and a type, integers are zigzag varints. */
#include "parquet/thrift_write.h"

#include <assert.h>

#define FALSE_BYTE 2 /* a bool lies in the type of its header, or in a byte of its own in a list */

static void put_varint(struct sk_buffer *out, uint64_t value)
{
  while (value >= 0x80) {
    sk_buffer_byte(out, (uint8_t)(value | 0x80));
    value >>= 7;
  }
  sk_buffer_byte(out, (uint8_t)value);
}

static void put_zigzag(struct sk_buffer *out, int64_t value)
{
  put_varint(out, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

static void put_header(struct sk_compact *to, int16_t field, unsigned type)
{
  int16_t *last = &to->last[to->depth];
  const int distance = field - *last;
  assert(distance > 0);
  if (distance <= 15) {
    sk_buffer_byte(to->out, (uint8_t)((unsigned)distance << 4 | type));
  } else {
    sk_buffer_byte(to->out, (uint8_t)type);
    put_zigzag(to->out, field);
  }
  *last = field;
}

static void open(struct sk_compact *to)
{
  assert(to->depth + 1 < SK_COMPACT_DEPTH);
  to->last[++to->depth] = 0;
}

void sk_compact_init(struct sk_compact *to, struct sk_buffer *out)
{
  *to = (struct sk_compact){.out = out};
}

void sk_compact_bool(struct sk_compact *to, int16_t field, bool value)
{
  put_header(to, field, value ? SK_COMPACT_BOOL : FALSE_BYTE);
}

void sk_compact_i16(struct sk_compact *to, int16_t field, int16_t value)
{
  put_header(to, field, SK_COMPACT_I16);
  put_zigzag(to->out, value);
}

void sk_compact_i32(struct sk_compact *to, int16_t field, int32_t value)
{
  put_header(to, field, SK_COMPACT_I32);
  put_zigzag(to->out, value);
}

void sk_compact_i64(struct sk_compact *to, int16_t field, int64_t value)
{
  put_header(to, field, SK_COMPACT_I64);
  put_zigzag(to->out, value);
}

void sk_compact_bytes(struct sk_compact *to, int16_t field, const void *bytes, size_t length)
{
  put_header(to, field, SK_COMPACT_BYTES);
  sk_compact_item_bytes(to, bytes, length);
}

void sk_compact_text(struct sk_compact *to, int16_t field, const char *text)
{
  sk_compact_bytes(to, field, text, strlen(text));
}

void sk_compact_begin(struct sk_compact *to, int16_t field)
{
  put_header(to, field, SK_COMPACT_STRUCT);
  open(to);
}

void sk_compact_list(struct sk_compact *to, int16_t field, enum sk_compact_type type, size_t count)
{
  put_header(to, field, SK_COMPACT_LIST);
  if (count < 15) {
    sk_buffer_byte(to->out, (uint8_t)(count << 4 | type));
  } else {
    sk_buffer_byte(to->out, (uint8_t)(0xf0 | type));
    put_varint(to->out, count);
  }
}

void sk_compact_item(struct sk_compact *to)
{
  open(to);
}

void sk_compact_item_bool(struct sk_compact *to, bool value)
{
  sk_buffer_byte(to->out, value ? SK_COMPACT_BOOL : FALSE_BYTE);
}

void sk_compact_item_int(struct sk_compact *to, int64_t value)
{
  put_zigzag(to->out, value);
}

void sk_compact_item_bytes(struct sk_compact *to, const void *bytes, size_t length)
{
  put_varint(to->out, length);
  if (length)
    sk_buffer_add(to->out, bytes, length);
}

void sk_compact_end(struct sk_compact *to)
{
  sk_buffer_byte(to->out, 0);
  if (to->depth)
    to->depth--;
}
