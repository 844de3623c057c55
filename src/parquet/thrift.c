/* SPDX-License-Identifier: Apache-2.0 */
/* Thrift's compact protocol (thrift-compact-protocol.md in apache/thrift): varints with zigzag,
 * field ids as differences, booleans inside the field's type. Skipping an unknown field is the one
 * recursion; its depth is bounded, since a byte is enough to open a level. */
#include "parquet/thrift.h"

enum { MAX_DEPTH = 64 };

void sk_thrift_init(struct sk_thrift *t, const void *bytes, size_t length)
{
  t->begin = t->at = bytes;
  t->end = t->begin + length;
  t->error = NULL;
  t->truncated = false;
}

size_t sk_thrift_position(const struct sk_thrift *t)
{
  return (size_t)(t->at - t->begin);
}

void sk_thrift_fail(struct sk_thrift *t, const char *error)
{
  if (!t->error)
    t->error = error;
}

static void ends_early(struct sk_thrift *t)
{
  if (!t->error) {
    t->error = "ends too early";
    t->truncated = true;
  }
}

static size_t left(const struct sk_thrift *t)
{
  return (size_t)(t->end - t->at);
}

static uint8_t byte(struct sk_thrift *t)
{
  if (t->error)
    return 0;
  if (t->at == t->end) {
    ends_early(t);
    return 0;
  }
  return *t->at++;
}

static uint64_t varint(struct sk_thrift *t)
{
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const uint8_t b = byte(t);
    if (shift == 63 && b > 1)
      break;
    value |= (uint64_t)(b & 0x7f) << shift;
    if (!(b & 0x80))
      return t->error ? 0 : value;
  }
  sk_thrift_fail(t, "integer of more than 64 bits");
  return 0;
}

static int64_t zigzag(struct sk_thrift *t)
{
  const uint64_t v = varint(t);
  return (int64_t)(v >> 1 ^ (0 - (v & 1)));
}

bool sk_thrift_field(struct sk_thrift *t, struct sk_thrift_field *field)
{
  const uint8_t b = byte(t);
  field->type = b & 0x0f;
  if (t->error || field->type == SK_THRIFT_STOP)
    return false;
  const unsigned delta = b >> 4;
  const int64_t id = delta ? field->id + (int64_t)delta : zigzag(t);
  if (id < INT16_MIN || id > INT16_MAX)
    sk_thrift_fail(t, "field id of more than 16 bits");
  if (field->type > SK_THRIFT_UUID)
    sk_thrift_fail(t, "unknown field type");
  field->id = (int16_t)id;
  return !t->error;
}

bool sk_thrift_bool(struct sk_thrift *t, const struct sk_thrift_field *field)
{
  if (field->type != SK_THRIFT_TRUE && field->type != SK_THRIFT_FALSE)
    sk_thrift_fail(t, "field of another type than a boolean");
  return field->type == SK_THRIFT_TRUE;
}

int64_t sk_thrift_i64(struct sk_thrift *t, const struct sk_thrift_field *field)
{
  if (field->type == SK_THRIFT_BYTE)
    return (int8_t)byte(t);
  if (field->type < SK_THRIFT_I16 || field->type > SK_THRIFT_I64) {
    sk_thrift_fail(t, "field of another type than an integer");
    return 0;
  }
  return zigzag(t);
}

static int32_t narrow(struct sk_thrift *t, int64_t value)
{
  if (value < INT32_MIN || value > INT32_MAX) {
    sk_thrift_fail(t, "integer of more than 32 bits");
    return 0;
  }
  return (int32_t)value;
}

int32_t sk_thrift_i32(struct sk_thrift *t, const struct sk_thrift_field *field)
{
  return narrow(t, sk_thrift_i64(t, field));
}

int32_t sk_thrift_item_i32(struct sk_thrift *t)
{
  return narrow(t, zigzag(t));
}

int64_t sk_thrift_item_i64(struct sk_thrift *t)
{
  return zigzag(t);
}

/* False is 2 by the protocol; 0 is what some have written. */
bool sk_thrift_item_bool(struct sk_thrift *t)
{
  const uint8_t value = byte(t);
  if (value > SK_THRIFT_FALSE)
    sk_thrift_fail(t, "an element that is no boolean");
  return value == SK_THRIFT_TRUE;
}

const uint8_t *sk_thrift_item_binary(struct sk_thrift *t, uint32_t *length)
{
  const uint64_t n = varint(t);
  const uint8_t *at = t->at;
  *length = 0;
  if (t->error)
    return NULL;
  if (n > left(t) || n > INT32_MAX) {
    ends_early(t);
    return NULL;
  }
  t->at += n;
  *length = (uint32_t)n;
  return at;
}

const uint8_t *sk_thrift_binary(struct sk_thrift *t, const struct sk_thrift_field *field,
                                uint32_t *length)
{
  if (field->type != SK_THRIFT_BINARY) {
    sk_thrift_fail(t, "field of another type than bytes");
    *length = 0;
    return NULL;
  }
  return sk_thrift_item_binary(t, length);
}

bool sk_thrift_struct(struct sk_thrift *t, const struct sk_thrift_field *field)
{
  if (field->type != SK_THRIFT_STRUCT)
    sk_thrift_fail(t, "field of another type than a struct");
  return !t->error;
}

static uint32_t list_head(struct sk_thrift *t, uint8_t *type)
{
  const uint8_t b = byte(t);
  const uint64_t count = b >> 4 == 15 ? varint(t) : b >> 4;
  *type = b & 0x0f;
  if (t->error)
    return 0;
  if (count > left(t) || count > INT32_MAX) { /* each element takes a byte at least */
    ends_early(t);
    return 0;
  }
  return (uint32_t)count;
}

uint32_t sk_thrift_list(struct sk_thrift *t, const struct sk_thrift_field *field, uint8_t type)
{
  uint8_t found = 0;
  if (field->type != SK_THRIFT_LIST) {
    sk_thrift_fail(t, "field of another type than a list");
    return 0;
  }
  const uint32_t count = list_head(t, &found);
  if (count && found != type)
    sk_thrift_fail(t, "list of another type");
  return t->error ? 0 : count;
}

uint32_t sk_thrift_bool_list(struct sk_thrift *t, const struct sk_thrift_field *field)
{
  struct sk_thrift before = *t;
  uint8_t type = 0;
  if (field->type == SK_THRIFT_LIST)
    list_head(&before, &type);
  return sk_thrift_list(t, field, type == SK_THRIFT_FALSE ? SK_THRIFT_FALSE : SK_THRIFT_TRUE);
}

static void skip_bytes(struct sk_thrift *t, size_t count)
{
  if (count > left(t))
    ends_early(t);
  else
    t->at += count;
}

static void skip_value(struct sk_thrift *t, uint8_t type, bool in_list, unsigned depth);

static void skip_struct(struct sk_thrift *t, unsigned depth)
{
  struct sk_thrift_field field = {0};
  while (sk_thrift_field(t, &field))
    skip_value(t, field.type, false, depth + 1);
}

static void skip_map(struct sk_thrift *t, unsigned depth)
{
  const uint64_t count = varint(t);
  if (!count)
    return;
  const uint8_t types = byte(t);
  if (!t->error && count > left(t))
    ends_early(t);
  for (uint64_t i = 0; i < count && !t->error; i++) {
    skip_value(t, types >> 4, true, depth + 1);
    skip_value(t, types & 0x0f, true, depth + 1);
  }
}

static void skip_list(struct sk_thrift *t, unsigned depth)
{
  uint8_t type = 0;
  const uint32_t count = list_head(t, &type);
  for (uint32_t i = 0; i < count && !t->error; i++)
    skip_value(t, type, true, depth + 1);
}

static void skip_value(struct sk_thrift *t, uint8_t type, bool in_list, unsigned depth)
{
  uint32_t length = 0;
  if (depth > MAX_DEPTH)
    sk_thrift_fail(t, "nested too deeply");
  if (t->error)
    return;
  switch (type) {
  case SK_THRIFT_TRUE:
  case SK_THRIFT_FALSE:
    skip_bytes(t, in_list ? 1 : 0);
    break;
  case SK_THRIFT_BYTE:
    skip_bytes(t, 1);
    break;
  case SK_THRIFT_I16:
  case SK_THRIFT_I32:
  case SK_THRIFT_I64:
    varint(t);
    break;
  case SK_THRIFT_DOUBLE:
    skip_bytes(t, 8);
    break;
  case SK_THRIFT_BINARY:
    sk_thrift_item_binary(t, &length);
    break;
  case SK_THRIFT_LIST:
  case SK_THRIFT_SET:
    skip_list(t, depth);
    break;
  case SK_THRIFT_MAP:
    skip_map(t, depth);
    break;
  case SK_THRIFT_STRUCT:
    skip_struct(t, depth);
    break;
  case SK_THRIFT_UUID:
    skip_bytes(t, 16);
    break;
  default:
    sk_thrift_fail(t, "unknown field type");
  }
}

void sk_thrift_skip(struct sk_thrift *t, const struct sk_thrift_field *field)
{
  skip_value(t, field->type, false, 0);
}
