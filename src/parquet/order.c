/* SPDX-License-Identifier: Apache-2.0 */
/* One way to compare for each kind of number: signed, unsigned, IEEE (-0 and 0 are equal, writers
 * differ in which of them a bound is), two's complement of any length, and bytes. */
#include "parquet/order.h"

#include "base/bytes.h"
#include "parquet/convert.h"

#include <math.h>
#include <string.h>

bool sk_has_order(const struct sk_column_meta *column)
{
  return column->type != SK_TYPE_INT96 && column->logical != SK_LOGICAL_INTERVAL &&
         column->logical != SK_LOGICAL_UNKNOWN && column->logical != SK_LOGICAL_NULL;
}

static bool is_unsigned(const struct sk_column_meta *column)
{
  return column->logical == SK_LOGICAL_INTEGER && !column->is_signed;
}

bool sk_has_old_order(const struct sk_column_meta *column)
{
  return sk_has_order(column) && column->type != SK_TYPE_BYTE_ARRAY &&
         column->type != SK_TYPE_FIXED_LEN_BYTE_ARRAY && !is_unsigned(column);
}

static int order_of(bool below, bool above)
{
  return above - below;
}

static int compare_bytes(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length)
{
  const size_t both = a_length < b_length ? a_length : b_length;
  const int order = both ? memcmp(a, b, both) : 0;
  return order ? order : order_of(a_length<b_length, a_length> b_length);
}

/* Byte `at` of a big-endian two's complement number as if it had `length` bytes, the highest turned
 * so that unsigned order is signed order. */
static uint8_t widened(const uint8_t *bytes, size_t own, size_t length, size_t at)
{
  const uint8_t sign = own && bytes[0] & 0x80 ? 0xff : 0;
  const uint8_t byte = at < length - own ? sign : bytes[at - (length - own)];
  return at ? byte : byte ^ 0x80;
}

static int compare_decimals(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length)
{
  const size_t length = a_length > b_length ? a_length : b_length;
  for (size_t i = 0; i < length; i++) {
    const uint8_t x = widened(a, a_length, length, i), y = widened(b, b_length, length, i);
    if (x != y)
      return x < y ? -1 : 1;
  }
  return 0;
}

static double ieee_of(const struct sk_column_meta *column, const uint8_t *bytes)
{
  const uint32_t word = column->type == SK_TYPE_FLOAT ? sk_le32(bytes) : 0;
  const uint64_t wide = column->type == SK_TYPE_DOUBLE ? sk_le64(bytes) : 0;
  float single;
  double value;
  if (column->logical == SK_LOGICAL_FLOAT16)
    return sk_half_to_double(sk_le16(bytes));
  memcpy(&single, &word, sizeof single);
  memcpy(&value, &wide, sizeof value);
  return column->type == SK_TYPE_FLOAT ? (double)single : value;
}

static int compare_integers(uint64_t a, uint64_t b, bool is_signed)
{
  const uint64_t turned = is_signed ? UINT64_C(1) << 63 : 0;
  return order_of((a ^ turned) < (b ^ turned), (a ^ turned) > (b ^ turned));
}

int sk_value_compare(const struct sk_column_meta *column, const uint8_t *a, size_t a_length,
                     const uint8_t *b, size_t b_length, bool *unordered)
{
  *unordered = false;
  if (column->type == SK_TYPE_FLOAT || column->type == SK_TYPE_DOUBLE ||
      column->logical == SK_LOGICAL_FLOAT16) {
    const double x = ieee_of(column, a), y = ieee_of(column, b);
    *unordered = isnan(x) || isnan(y);
    return order_of(x<y, x> y);
  }
  switch (column->type) {
  case SK_TYPE_BOOLEAN:
    return order_of(a[0]<b[0], a[0]> b[0]);
  case SK_TYPE_INT32:
    return is_unsigned(column) ? compare_integers(sk_le32(a), sk_le32(b), false)
                               : compare_integers((uint64_t)(int32_t)sk_le32(a),
                                                  (uint64_t)(int32_t)sk_le32(b), true);
  case SK_TYPE_INT64:
    return compare_integers(sk_le64(a), sk_le64(b), !is_unsigned(column));
  default:
    return column->logical == SK_LOGICAL_DECIMAL ? compare_decimals(a, a_length, b, b_length)
                                                 : compare_bytes(a, a_length, b, b_length);
  }
}
