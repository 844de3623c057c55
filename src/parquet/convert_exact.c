/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions that lose nothing: integers and unscaled decimals as 64 bits. What 64 bits cannot
 * hold is refused, not rounded. */
#include "parquet/convert.h"

#include "base/bytes.h"

static shukei_status int96_nanos(const uint8_t *raw, size_t n, int64_t *out, shukei_error *err)
{
  const int64_t per_day = INT64_C(86400000000000);
  for (size_t i = 0; i < n; i++) {
    const struct sk_int96 t = sk_int96_of(raw + 12 * i);
    const bool near = t.day <= INT64_MAX / per_day && t.day >= INT64_MIN / per_day;
    const int64_t begin = near ? t.day * per_day : 0;
    if (!near || (t.nanos > 0 ? begin > INT64_MAX - t.nanos : begin < INT64_MIN - t.nanos))
      return sk_fail(err, SHUKEI_EFORMAT,
                     "the instant of day %" PRId64 " does not fit into 64 bits of nanoseconds",
                     t.day);
    out[i] = begin + t.nanos;
  }
  return SHUKEI_OK;
}

/* A big-endian two's complement number; false where it takes more than 64 bits. */
static bool unscaled(const uint8_t *bytes, size_t length, int64_t *out)
{
  const uint8_t sign = length && bytes[0] & 0x80 ? 0xff : 0;
  uint64_t value = sign ? UINT64_MAX : 0;
  for (size_t i = 0; i < length; i++) {
    if (length - i > 8 && bytes[i] != sign)
      return false;
    value = value << 8 | bytes[i];
  }
  *out = (int64_t)value;
  return length <= 8 || (value >> 63) == (sign & 1u);
}

static shukei_status too_long(size_t length, shukei_error *err)
{
  return sk_fail(err, SHUKEI_EFORMAT, "a decimal of %zu bytes does not fit into 64 bits", length);
}

shukei_status sk_convert_text_integers(const struct sk_column_meta *column,
                                       const struct sk_slice *slices, size_t n, int64_t *out,
                                       shukei_error *err)
{
  (void)column;
  for (size_t i = 0; i < n; i++)
    if (!unscaled(slices[i].bytes, slices[i].length, &out[i]))
      return too_long(slices[i].length, err);
  return SHUKEI_OK;
}

shukei_status sk_convert_integers(const struct sk_column_meta *column, const uint8_t *raw, size_t n,
                                  int64_t *out, shukei_error *err)
{
  const bool no_sign = column->logical == SK_LOGICAL_INTEGER && !column->is_signed;
  const size_t width = (size_t)column->type_length;
  switch (column->type) {
  case SK_TYPE_INT32:
    for (size_t i = 0; i < n; i++) {
      const uint32_t v = sk_le32(raw + 4 * i);
      out[i] = no_sign ? (int64_t)v : (int64_t)(int32_t)v;
    }
    return SHUKEI_OK;
  case SK_TYPE_INT64:
    for (size_t i = 0; i < n; i++)
      out[i] = (int64_t)sk_le64(raw + 8 * i);
    return SHUKEI_OK;
  case SK_TYPE_INT96:
    return int96_nanos(raw, n, out, err);
  default:
    for (size_t i = 0; i < n; i++)
      if (!unscaled(raw + i * width, width, &out[i]))
        return too_long(width, err);
    return SHUKEI_OK;
  }
}
