/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions of blocks of values. Loads go through base/bytes.h, so they are right on machines of
 * either byte order; compilers make single loads of them. */
#include "parquet/convert.h"

#include "base/bytes.h"
#include "base/calendar.h"
#include "base/number.h"

#include <math.h>

static double float_of(uint32_t bits)
{
  float f;
  memcpy(&f, &bits, sizeof f);
  return (double)f;
}

double sk_half_to_double(uint16_t half)
{
  const unsigned exponent = half >> 10 & 31, fraction = half & 1023;
  double value;
  if (exponent == 31)
    value = fraction ? (double)NAN : (double)INFINITY;
  else if (exponent == 0)
    value = ldexp(fraction, -24);
  else
    value = ldexp(fraction + 1024, (int)exponent - 25);
  return half & 0x8000 ? -value : value;
}

static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* Exact integers divided by an exact power round once, so the quotient is the nearest double;
 * anything larger goes through its decimal text. */
static double scaled(int64_t unscaled, int32_t scale)
{
  char text[SK_DECIMAL_TEXT];
  double value = 0;
  const int64_t exact = INT64_C(1) << 53;
  if (unscaled >= -exact && unscaled <= exact && (size_t)scale < SK_COUNT(powers))
    return (double)unscaled / powers[scale];
  const size_t length = sk_decimal_text_int(unscaled, scale, text);
  return sk_number_parse(text, length, &value) ? value : 0;
}

/* Drops bytes that only repeat the sign. */
static void strip(const uint8_t **bytes, size_t *length)
{
  while (*length > 1 &&
         ((**bytes == 0 && !((*bytes)[1] & 0x80)) || (**bytes == 0xff && ((*bytes)[1] & 0x80)))) {
    ++*bytes;
    --*length;
  }
}

static int64_t short_integer(const uint8_t *bytes, size_t length)
{
  uint64_t v = length && bytes[0] & 0x80 ? UINT64_MAX : 0;
  for (size_t i = 0; i < length; i++)
    v = v << 8 | bytes[i];
  return (int64_t)v;
}

static shukei_status decimal_of(const uint8_t *bytes, size_t length, int32_t scale, double *out,
                                shukei_error *err)
{
  char text[SK_DECIMAL_TEXT];
  size_t text_length = 0;
  strip(&bytes, &length);
  if (length <= 8) {
    *out = scaled(short_integer(bytes, length), scale);
    return SHUKEI_OK;
  }
  if (!sk_decimal_text(bytes, length, scale, text, &text_length) ||
      !sk_number_parse(text, text_length, out))
    return sk_fail(err, SHUKEI_EUNSUPPORTED, "a decimal of %zu bytes", length);
  return SHUKEI_OK;
}

bool sk_decimal_text(const uint8_t *bytes, size_t length, int32_t scale, char text[SK_DECIMAL_TEXT],
                     size_t *text_length)
{
  uint8_t magnitude[SK_DECIMAL_BYTES] = {0};
  char digits[SK_DECIMAL_TEXT]; /* backwards */
  size_t count = 0, n = 0, first = 0;
  strip(&bytes, &length);
  const bool negative = length && bytes[0] & 0x80;
  if (length > SK_DECIMAL_BYTES || scale < 0 || scale > 200)
    return false;
  unsigned carry = 1;
  for (size_t i = length; i-- > 0;) {
    const unsigned byte = negative ? (uint8_t)~bytes[i] + carry : bytes[i];
    magnitude[i] = (uint8_t)byte;
    carry = byte >> 8;
  }
  while (first < length) { /* long division by ten, most significant byte first */
    unsigned rest = 0;
    for (size_t i = first; i < length; i++) {
      rest = rest << 8 | magnitude[i];
      magnitude[i] = (uint8_t)(rest / 10);
      rest %= 10;
    }
    digits[count++] = (char)('0' + rest);
    while (first < length && magnitude[first] == 0)
      first++;
  }
  while (count < (size_t)scale + 1)
    digits[count++] = '0';
  while (count > (size_t)scale + 1 && digits[count - 1] == '0')
    count--;
  if (negative)
    text[n++] = '-';
  while (count) {
    if (count == (size_t)scale)
      text[n++] = '.';
    text[n++] = digits[--count];
  }
  *text_length = n;
  return true;
}

size_t sk_decimal_text_int(int64_t unscaled, int32_t scale, char text[SK_DECIMAL_TEXT])
{
  uint8_t bytes[8];
  size_t length = 0;
  for (unsigned i = 0; i < 8; i++)
    bytes[i] = (uint8_t)((uint64_t)unscaled >> (56 - 8 * i));
  return sk_decimal_text(bytes, 8, scale, text, &length) ? length : 0;
}

static shukei_status fixed_decimals(const struct sk_column_meta *c, const uint8_t *raw, size_t n,
                                    double *out, shukei_error *err)
{
  const size_t width = (size_t)c->type_length;
  for (size_t i = 0; i < n; i++) {
    const shukei_status st = decimal_of(raw + i * width, width, c->scale, &out[i], err);
    if (st)
      return st;
  }
  return SHUKEI_OK;
}

static void integers(const struct sk_column_meta *c, const uint8_t *raw, size_t n, double *out)
{
  const bool no_sign = c->logical == SK_LOGICAL_INTEGER && !c->is_signed;
  const bool decimal = c->logical == SK_LOGICAL_DECIMAL;
  if (c->type == SK_TYPE_INT32) {
    for (size_t i = 0; i < n; i++) {
      const uint32_t v = sk_le32(raw + 4 * i);
      out[i] = no_sign ? (double)v : (double)(int32_t)v;
    }
    for (size_t i = 0; decimal && i < n; i++)
      out[i] = scaled((int64_t)out[i], c->scale);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    const uint64_t v = sk_le64(raw + 8 * i);
    out[i] = decimal ? scaled((int64_t)v, c->scale) : no_sign ? (double)v : (double)(int64_t)v;
  }
}

shukei_status sk_convert_doubles(const struct sk_column_meta *column, const uint8_t *raw, size_t n,
                                 double *out, shukei_error *err)
{
  switch (column->type) {
  case SK_TYPE_DOUBLE:
    for (size_t i = 0; i < n; i++)
      out[i] = sk_double_of_bits(sk_le64(raw + 8 * i));
    return SHUKEI_OK;
  case SK_TYPE_FLOAT:
    for (size_t i = 0; i < n; i++)
      out[i] = float_of(sk_le32(raw + 4 * i));
    return SHUKEI_OK;
  case SK_TYPE_INT32:
  case SK_TYPE_INT64:
    integers(column, raw, n, out);
    return SHUKEI_OK;
  default:
    break;
  }
  if (column->logical != SK_LOGICAL_FLOAT16)
    return fixed_decimals(column, raw, n, out, err);
  for (size_t i = 0; i < n; i++)
    out[i] = sk_half_to_double(sk_le16(raw + 2 * i));
  return SHUKEI_OK;
}

shukei_status sk_convert_texts(const struct sk_column_meta *column, const struct sk_slice *slices,
                               size_t n, double *out, shukei_error *err)
{
  for (size_t i = 0; i < n; i++) {
    const shukei_status st =
        decimal_of(slices[i].bytes, slices[i].length, column->scale, &out[i], err);
    if (st)
      return st;
  }
  return SHUKEI_OK;
}

struct sk_int96 sk_int96_of(const uint8_t raw[12])
{
  enum { JULIAN_1970 = 2440588 };
  return (struct sk_int96){.day = (int64_t)sk_le32(raw + 8) - JULIAN_1970,
                           .nanos = (int64_t)sk_le64(raw)};
}

static int64_t floor_div(int64_t a, int64_t b)
{
  const int64_t q = a / b;
  return a % b < 0 ? q - 1 : q;
}

static shukei_status out_of_range(int64_t value, const char *unit, shukei_error *err)
{
  return sk_fail(err, SHUKEI_EFORMAT, "the instant %" PRId64 " %s does not fit into 64 bits", value,
                 unit);
}

static shukei_status int96_times(const uint8_t *raw, size_t n, int64_t *out, shukei_error *err)
{
  for (size_t i = 0; i < n; i++) {
    const struct sk_int96 t = sk_int96_of(raw + 12 * i);
    const int64_t us = floor_div(t.nanos, 1000);
    if (t.day > INT64_MAX / SK_DAY_US - 200000) /* leaves room for any 64-bit nanoseconds */
      return out_of_range(t.day, "days", err);
    out[i] = t.day * SK_DAY_US + us;
  }
  return SHUKEI_OK;
}

shukei_status sk_convert_times(const struct sk_column_meta *column, const uint8_t *raw, size_t n,
                               int64_t *out, shukei_error *err)
{
  if (column->type == SK_TYPE_INT96)
    return int96_times(raw, n, out, err);
  if (column->logical == SK_LOGICAL_DATE) {
    for (size_t i = 0; i < n; i++)
      out[i] = (int32_t)sk_le32(raw + 4 * i) * SK_DAY_US;
    return SHUKEI_OK;
  }
  for (size_t i = 0; i < n; i++)
    out[i] = (int64_t)sk_le64(raw + 8 * i);
  if (column->unit == SK_UNIT_NANOS) {
    for (size_t i = 0; i < n; i++)
      out[i] = floor_div(out[i], 1000);
  } else if (column->unit == SK_UNIT_MILLIS) {
    for (size_t i = 0; i < n; i++) {
      if (out[i] > INT64_MAX / 1000 || out[i] < INT64_MIN / 1000)
        return out_of_range(out[i], "milliseconds", err);
      out[i] *= 1000;
    }
  }
  return SHUKEI_OK;
}
