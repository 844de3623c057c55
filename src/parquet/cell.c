/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a value, by its logical type, else by its physical one. Nothing is rounded: a float
 * is widened and written so that it reads back, an instant keeps its nanoseconds. A number that its
 * type gives no sense (an hour 25) is written as the number that it is. */
#include "parquet/cell.h"

#include "base/bytes.h"
#include "base/calendar.h"
#include "base/number.h"
#include "base/text.h"
#include "parquet/convert.h"
#include "parquet/page.h"

static void add_double(struct sk_buffer *out, double value)
{
  char text[SK_NUMBER_TEXT];
  sk_buffer_add(out, text, sk_number_format(value, text));
}

static void add_integer(struct sk_buffer *out, int64_t value)
{
  char text[SK_NUMBER_TEXT];
  sk_buffer_add(out, text, sk_integer_format(value, text));
}

static void add_hex(struct sk_buffer *out, const uint8_t *bytes, size_t length)
{
  static const char digits[] = "0123456789abcdef";
  sk_buffer_text(out, "0x");
  for (size_t i = 0; i < length; i++) {
    sk_buffer_byte(out, (uint8_t)digits[bytes[i] >> 4]);
    sk_buffer_byte(out, (uint8_t)digits[bytes[i] & 15]);
  }
}

/* Days that a year of seven digits can hold; far more than 64 bits of microseconds reach. */
static const int64_t last_day = 700000000;

static void add_date(struct sk_buffer *out, int64_t day)
{
  if (day > last_day || day < -last_day) {
    add_integer(out, day);
    return;
  }
  const struct sk_date date = sk_date_of_day((int32_t)day);
  const char *sign = date.year < 0 ? "-" : date.year > 9999 ? "+" : "";
  const int32_t year = date.year < 0 ? -date.year : date.year;
  sk_buffer_printf(out, "%s%04" PRId32 "-%02u-%02u", sign, year, (unsigned)date.month,
                   (unsigned)date.day);
}

static void add_clock(struct sk_buffer *out, int64_t nanos)
{
  const int64_t seconds = nanos / 1000000000;
  int64_t fraction = nanos % 1000000000;
  sk_buffer_printf(out, "%02d:%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60),
                   (int)(seconds % 60));
  if (!fraction)
    return;
  int digits = 9;
  for (; fraction % 10 == 0; digits--)
    fraction /= 10;
  sk_buffer_printf(out, ".%0*" PRId64, digits, fraction);
}

static int64_t nanos_of_unit(enum sk_time_unit unit)
{
  return unit == SK_UNIT_MILLIS ? 1000000 : unit == SK_UNIT_MICROS ? 1000 : 1;
}

static void add_time(struct sk_buffer *out, int64_t value, enum sk_time_unit unit)
{
  const int64_t scale = nanos_of_unit(unit);
  if (value < 0 || value >= INT64_C(86400000000000) / scale)
    add_integer(out, value);
  else
    add_clock(out, value * scale);
}

static void add_instant(struct sk_buffer *out, int64_t day, int64_t nanos)
{
  add_date(out, day);
  sk_buffer_byte(out, 'T');
  add_clock(out, nanos);
  sk_buffer_byte(out, 'Z');
}

static void add_timestamp(struct sk_buffer *out, int64_t value, enum sk_time_unit unit)
{
  const int64_t scale = nanos_of_unit(unit), per_day = INT64_C(86400000000000) / scale;
  int64_t day = value / per_day, rest = value % per_day;
  if (rest < 0) {
    rest += per_day;
    day--;
  }
  if (day > last_day || day < -last_day)
    add_integer(out, value);
  else
    add_instant(out, day, rest * scale);
}

static void add_int96(struct sk_buffer *out, const uint8_t *bytes)
{
  const int64_t per_day = INT64_C(86400000000000);
  struct sk_int96 t = sk_int96_of(bytes);
  t.day += t.nanos / per_day;
  t.nanos %= per_day;
  if (t.nanos < 0) {
    t.nanos += per_day;
    t.day--;
  }
  if (t.day > last_day || t.day < -last_day)
    add_hex(out, bytes, 12);
  else
    add_instant(out, t.day, t.nanos);
}

static void add_decimal(struct sk_buffer *out, const struct sk_column_meta *c, const uint8_t *bytes,
                        size_t length)
{
  char text[SK_DECIMAL_TEXT];
  size_t text_length = 0;
  if (c->type == SK_TYPE_INT32)
    text_length = sk_decimal_text_int((int32_t)sk_le32(bytes), c->scale, text);
  else if (c->type == SK_TYPE_INT64)
    text_length = sk_decimal_text_int((int64_t)sk_le64(bytes), c->scale, text);
  else if (!sk_decimal_text(bytes, length, c->scale, text, &text_length))
    text_length = 0;
  if (text_length)
    sk_buffer_add(out, text, text_length);
  else
    add_hex(out, bytes, length);
}

static void add_uuid(struct sk_buffer *out, const uint8_t *b)
{
  for (unsigned i = 0; i < 16; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      sk_buffer_byte(out, '-');
    sk_buffer_printf(out, "%02x", b[i]);
  }
}

/* ISO 8601 duration of months, days and milliseconds. */
static void add_interval(struct sk_buffer *out, const uint8_t *b)
{
  const uint32_t ms = sk_le32(b + 8);
  sk_buffer_printf(out, "P%" PRIu32 "M%" PRIu32 "DT%" PRIu32, sk_le32(b), sk_le32(b + 4),
                   ms / 1000);
  if (ms % 1000)
    sk_buffer_printf(out, ".%03" PRIu32, ms % 1000);
  sk_buffer_byte(out, 'S');
}

static bool is_text(const struct sk_column_meta *c, const uint8_t *bytes, size_t length)
{
  const bool said = c->logical == SK_LOGICAL_STRING || c->logical == SK_LOGICAL_ENUM ||
                    c->logical == SK_LOGICAL_JSON || c->logical == SK_LOGICAL_BSON;
  if (c->type == SK_TYPE_FIXED_LEN_BYTE_ARRAY && !said)
    return false;
  return c->logical != SK_LOGICAL_DECIMAL &&
         (c->type == SK_TYPE_BYTE_ARRAY || c->type == SK_TYPE_FIXED_LEN_BYTE_ARRAY) &&
         sk_utf8_valid(bytes, length);
}

static void add_int32(struct sk_buffer *out, const struct sk_column_meta *c, const uint8_t *bytes)
{
  const uint32_t v = sk_le32(bytes);
  if (c->logical == SK_LOGICAL_DATE)
    add_date(out, (int32_t)v);
  else if (c->logical == SK_LOGICAL_TIME)
    add_time(out, (int32_t)v, c->unit);
  else if (c->logical == SK_LOGICAL_INTEGER && !c->is_signed)
    add_integer(out, v);
  else
    add_integer(out, (int32_t)v);
}

static void add_int64(struct sk_buffer *out, const struct sk_column_meta *c, const uint8_t *bytes)
{
  const uint64_t v = sk_le64(bytes);
  if (c->logical == SK_LOGICAL_TIMESTAMP)
    add_timestamp(out, (int64_t)v, c->unit);
  else if (c->logical == SK_LOGICAL_TIME)
    add_time(out, (int64_t)v, c->unit);
  else if (c->logical == SK_LOGICAL_INTEGER && !c->is_signed)
    sk_buffer_printf(out, "%" PRIu64, v);
  else
    add_integer(out, (int64_t)v);
}

static void add_number(struct sk_buffer *out, const struct sk_column_meta *c, const uint8_t *bytes)
{
  static const struct sk_column_meta as_float = {.type = SK_TYPE_FLOAT};
  double value = 0;
  switch (c->type) {
  case SK_TYPE_BOOLEAN:
    sk_buffer_text(out, bytes[0] ? "true" : "false");
    break;
  case SK_TYPE_INT32:
    add_int32(out, c, bytes);
    break;
  case SK_TYPE_INT64:
    add_int64(out, c, bytes);
    break;
  case SK_TYPE_INT96:
    add_int96(out, bytes);
    break;
  case SK_TYPE_FLOAT:
    sk_convert_doubles(&as_float, bytes, 1, &value, NULL);
    add_double(out, value);
    break;
  default:
    add_double(out, sk_double_of_bits(sk_le64(bytes)));
  }
}

void sk_value_text(struct sk_buffer *out, const struct sk_column_meta *column, const uint8_t *bytes,
                   size_t length)
{
  const size_t width = sk_value_width(column);
  if (width && width != length)
    add_hex(out, bytes, length);
  else if (column->logical == SK_LOGICAL_DECIMAL)
    add_decimal(out, column, bytes, length);
  else if (column->type != SK_TYPE_BYTE_ARRAY && column->type != SK_TYPE_FIXED_LEN_BYTE_ARRAY)
    add_number(out, column, bytes);
  else if (is_text(column, bytes, length))
    sk_buffer_add(out, bytes, length);
  else if (column->logical == SK_LOGICAL_UUID)
    add_uuid(out, bytes);
  else if (column->logical == SK_LOGICAL_INTERVAL)
    add_interval(out, bytes);
  else if (column->logical == SK_LOGICAL_FLOAT16)
    add_double(out, sk_half_to_double(sk_le16(bytes)));
  else
    add_hex(out, bytes, length);
}

void sk_csv_quote(struct sk_buffer *out, const char *text, size_t length)
{
  bool quotes = false;
  for (size_t i = 0; i < length && !quotes; i++)
    quotes = text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
  if (!quotes) {
    sk_buffer_add(out, text, length);
    return;
  }
  sk_buffer_byte(out, '"');
  for (size_t i = 0; i < length; i++) {
    if (text[i] == '"')
      sk_buffer_byte(out, '"');
    sk_buffer_byte(out, (uint8_t)text[i]);
  }
  sk_buffer_byte(out, '"');
}

void sk_cell_write(struct sk_buffer *out, const struct sk_column_meta *column, const uint8_t *bytes,
                   size_t length)
{
  if (!is_text(column, bytes, length))
    sk_value_text(out, column, bytes, length);
  else if (length == 0)
    sk_buffer_text(out, "\"\"");
  else
    sk_csv_quote(out, (const char *)bytes, length);
}

/* Whether values are shown as numbers or booleans. */
static bool is_number(const struct sk_column_meta *c)
{
  switch (c->type) {
  case SK_TYPE_BOOLEAN:
  case SK_TYPE_FLOAT:
  case SK_TYPE_DOUBLE:
    return true;
  case SK_TYPE_INT32:
  case SK_TYPE_INT64:
    return c->logical != SK_LOGICAL_DECIMAL && c->logical != SK_LOGICAL_DATE &&
           c->logical != SK_LOGICAL_TIME && c->logical != SK_LOGICAL_TIMESTAMP;
  default:
    return c->logical == SK_LOGICAL_FLOAT16;
  }
}

void sk_json_write(struct sk_buffer *out, const struct sk_column_meta *column, const uint8_t *bytes,
                   size_t length)
{
  const size_t begin = out->length;
  if (is_text(column, bytes, length)) {
    sk_json_quote(out, (const char *)bytes, length);
    return;
  }
  sk_value_text(out, column, bytes, length);
  if (out->failed || (is_number(column) && out->bytes[out->length - 1] != 'n' &&
                      out->bytes[out->length - 1] != 'f')) /* nan, inf */
    return;
  out->length = begin;
  sk_buffer_byte(out, '"');
  sk_value_text(out, column, bytes, length);
  sk_buffer_byte(out, '"');
}

void sk_name_write(struct sk_buffer *out, bool json, const char *name)
{
  static const struct sk_column_meta as_bytes = {.type = SK_TYPE_FIXED_LEN_BYTE_ARRAY};
  const size_t length = strlen(name);
  if (sk_utf8_valid(name, length)) {
    if (json)
      sk_json_quote(out, name, length);
    for (size_t i = 0; !json && i < length; i++)
      sk_buffer_byte(out, (uint8_t)name[i] < 0x20 || name[i] == 0x7f ? '?' : (uint8_t)name[i]);
    return;
  }
  if (json)
    sk_buffer_byte(out, '"');
  struct sk_column_meta meta = as_bytes;
  meta.type_length = (int32_t)length;
  sk_value_text(out, &meta, (const uint8_t *)name, length);
  if (json)
    sk_buffer_byte(out, '"');
}
