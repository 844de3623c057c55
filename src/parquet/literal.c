/* SPDX-License-Identifier: Apache-2.0 */
/* Texts become values here and not values texts, since values have an order and statistics are told
 * in it. */
#include "parquet/literal.h"

#include "base/bytes.h"
#include "base/calendar.h"
#include "base/number.h"
#include "base/text.h"
#include "parquet/page.h"

#include <string.h>

static shukei_status no_value(const char *text, const char *expected, shukei_error *err)
{
  return sk_fail(err, SHUKEI_EINVAL, "\"%s\" is no %s", text, expected);
}

static void put_integer(struct sk_buffer *out, uint64_t value, size_t width)
{
  uint8_t bytes[8];
  sk_put_le64(bytes, value);
  sk_buffer_add(out, bytes, width);
}

/* Sign and digits; false where the text is anything else. *fits: within 64 bits and a sign. */
static bool parse_digits(const char *text, bool *negative, uint64_t *size, bool *fits)
{
  *negative = *text == '-';
  text += *text == '-' || *text == '+';
  *size = 0;
  *fits = true;
  if (!*text)
    return false;
  for (; *text; text++) {
    const unsigned digit = (unsigned)(*text - '0');
    if (digit > 9)
      return false;
    if (*size > (UINT64_MAX - digit) / 10)
      *fits = false;
    else
      *size = *size * 10 + digit;
  }
  return true;
}

static shukei_status parse_integer(const struct sk_column_meta *column, const char *text,
                                   struct sk_buffer *out, bool *exists, shukei_error *err)
{
  const size_t width = sk_value_width(column);
  const bool typed = column->logical == SK_LOGICAL_INTEGER;
  const bool is_signed = !typed || column->is_signed;
  const unsigned bits = typed && column->bit_width ? column->bit_width : (unsigned)width * 8;
  bool negative = false, fits = false;
  uint64_t size = 0;
  if (!parse_digits(text, &negative, &size, &fits))
    return no_value(text, "integer", err);
  negative = negative && size;
  const uint64_t half = UINT64_C(1) << (bits - 1);
  const uint64_t most = is_signed ? half - !negative : half - 1 + half;
  *exists = fits && size <= most && (is_signed || !negative);
  put_integer(out, negative ? 0 - size : size, width);
  return SHUKEI_OK;
}

static shukei_status parse_double(const struct sk_column_meta *column, const char *text,
                                  struct sk_buffer *out, bool *exists, shukei_error *err)
{
  double value = 0;
  if (!sk_number_parse(text, strlen(text), &value))
    return no_value(text, "number", err);
  *exists = true;
  if (column->type == SK_TYPE_DOUBLE) {
    put_integer(out, sk_bits_of_double(value), sizeof value);
    return SHUKEI_OK;
  }
  const float narrow = (float)value;
  uint32_t word;
  memcpy(&word, &narrow, sizeof word);
  *exists = (double)narrow == value;
  put_integer(out, word, sizeof word);
  return SHUKEI_OK;
}

static shukei_status parse_boolean(const char *text, struct sk_buffer *out, bool *exists,
                                   shukei_error *err)
{
  const bool yes = strcmp(text, "true") == 0;
  *exists = true;
  if (!yes && strcmp(text, "false") != 0)
    return no_value(text, "boolean, which is true or false", err);
  put_integer(out, yes, 1);
  return SHUKEI_OK;
}

static shukei_status parse_date(const char *text, struct sk_buffer *out, bool *exists,
                                shukei_error *err)
{
  int32_t day = 0;
  *exists = true;
  if (!sk_day_parse(text, strlen(text), &day))
    return no_value(text, "day, YYYY-MM-DD", err);
  put_integer(out, (uint64_t)(int64_t)day, 4);
  return SHUKEI_OK;
}

/* ---- instants -------------------------------------------------------------------------------- */

static bool two_digits(const char **at, unsigned below, unsigned *value)
{
  const unsigned tens = (unsigned)((*at)[0] - '0');
  const unsigned ones = tens > 9 ? 10 : (unsigned)((*at)[1] - '0');
  if (ones > 9 || tens * 10 + ones >= below)
    return false;
  *value = tens * 10 + ones;
  *at += 2;
  return true;
}

/* Up to nine digits behind a point. */
static bool parse_fraction(const char **at, unsigned *nanos)
{
  unsigned unit = 100000000;
  *nanos = 0;
  if (**at != '.')
    return true;
  (*at)++;
  if (**at < '0' || **at > '9')
    return false;
  for (; **at >= '0' && **at <= '9'; (*at)++, unit /= 10) {
    if (unit == 0)
      return false;
    *nanos += unit * (unsigned)(**at - '0');
  }
  return true;
}

/* THH:MM:SS, a fraction, Z or nothing: behind the day. */
static bool parse_time(const char *at, unsigned *seconds, unsigned *nanos)
{
  unsigned hour = 0, minute = 0, second = 0;
  if (*at != 'T' && *at != ' ')
    return false;
  at++;
  if (!two_digits(&at, 24, &hour) || *at++ != ':' || !two_digits(&at, 60, &minute) ||
      *at++ != ':' || !two_digits(&at, 60, &second) || !parse_fraction(&at, nanos))
    return false;
  *seconds = hour * 3600 + minute * 60 + second;
  return strcmp(at, "Z") == 0 || !*at;
}

static shukei_status parse_timestamp(const struct sk_column_meta *column, const char *text,
                                     struct sk_buffer *out, bool *exists, shukei_error *err)
{
  static const int64_t per_second[] = {
      [SK_UNIT_MILLIS] = 1000, [SK_UNIT_MICROS] = 1000000, [SK_UNIT_NANOS] = 1000000000};
  const size_t length = strlen(text), day_length = length < 10 ? length : 10;
  const int64_t units = per_second[column->unit], unit_nanos = INT64_C(1000000000) / units;
  unsigned seconds = 0, nanos = 0;
  int32_t day = 0;
  int64_t value = 0;
  if (!sk_day_parse(text, day_length, &day) ||
      (length > 10 && !parse_time(text + 10, &seconds, &nanos)))
    return no_value(text, "instant, YYYY-MM-DDTHH:MM:SSZ", err);
  *exists = nanos % unit_nanos == 0 &&
            !__builtin_mul_overflow(day * INT64_C(86400) + seconds, units, &value) &&
            !__builtin_add_overflow(value, nanos / unit_nanos, &value);
  put_integer(out, (uint64_t)value, sizeof value);
  return SHUKEI_OK;
}

/* ---- all kinds ------------------------------------------------------------------------------- */

static bool is_text(const struct sk_column_meta *column)
{
  const bool said = column->logical == SK_LOGICAL_STRING || column->logical == SK_LOGICAL_ENUM ||
                    column->logical == SK_LOGICAL_JSON;
  return column->type == SK_TYPE_BYTE_ARRAY ? said || column->logical == SK_LOGICAL_NONE
                                            : said && column->type == SK_TYPE_FIXED_LEN_BYTE_ARRAY;
}

static int hex_digit(char c)
{
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool sk_literal_bytes(const struct sk_column_meta *column, const char *text, struct sk_buffer *out)
{
  const size_t before = out->length;
  if (column->type != SK_TYPE_BYTE_ARRAY || !is_text(column) || strncmp(text, "0x", 2) != 0)
    return false;
  for (text += 2; *text; text += 2) {
    const int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);
    if (low < 0)
      return false;
    sk_buffer_byte(out, (uint8_t)(high << 4 | low));
  }
  return out->failed || !sk_utf8_valid(out->bytes + before, out->length - before);
}

static bool is_number(const struct sk_column_meta *column)
{
  return (column->type == SK_TYPE_INT32 || column->type == SK_TYPE_INT64) &&
         (column->logical == SK_LOGICAL_NONE || column->logical == SK_LOGICAL_INTEGER);
}

static shukei_status parse(const struct sk_column_meta *column, const char *text,
                           struct sk_buffer *out, bool *exists, shukei_error *err)
{
  if (column->logical == SK_LOGICAL_NULL) { /* every row is null */
    *exists = false;
    return SHUKEI_OK;
  }
  if (is_text(column)) {
    const size_t length = strlen(text), width = sk_value_width(column);
    *exists = !width || length == width;
    sk_buffer_add(out, text, length);
    return SHUKEI_OK;
  }
  if (is_number(column))
    return parse_integer(column, text, out, exists, err);
  if (column->logical == SK_LOGICAL_NONE &&
      (column->type == SK_TYPE_DOUBLE || column->type == SK_TYPE_FLOAT))
    return parse_double(column, text, out, exists, err);
  if (column->logical == SK_LOGICAL_NONE && column->type == SK_TYPE_BOOLEAN)
    return parse_boolean(text, out, exists, err);
  if (column->logical == SK_LOGICAL_DATE && column->type == SK_TYPE_INT32)
    return parse_date(text, out, exists, err);
  if (column->logical == SK_LOGICAL_TIMESTAMP && column->type == SK_TYPE_INT64)
    return parse_timestamp(column, text, out, exists, err);
  return sk_fail(err, SHUKEI_EUNSUPPORTED, "%s (%s) cannot be compared with a text",
                 sk_type_name(column->type), sk_logical_name(column->logical));
}

shukei_status sk_literal_parse(const struct sk_column_meta *column, const char *text,
                               struct sk_buffer *out, bool *exists, shukei_error *err)
{
  const shukei_status st = parse(column, text, out, exists, err);
  return !st && out->failed ? sk_fail_memory(err, out->budget, out->length, "a value") : st;
}
