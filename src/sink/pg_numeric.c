/* SPDX-License-Identifier: Apache-2.0 */
/* The wire form: four 16-bit integers (number of digits, weight, sign, scale shown), then the
 * digits to the base of 10,000, the highest first; the value is the sum of digit[i] * 10000^(weight
 * - i). Zeros at either end are left out, and zero has no digits.
 *
 * A double's decimal has at most 17 digits; rounded to the scale and moved by up to three places,
 * so that its exponent is a multiple of four, it stays below 10^20: at most six digits of that
 * base. */
#include "sink/pg_numeric.h"

#include "base/bytes.h"
#include "base/number.h"

#define NEGATIVE UINT16_C(0x4000)
#define DIGITS_MOST 6

__extension__ typedef unsigned __int128 wide;

static const uint64_t powers[] = {UINT64_C(1),
                                  UINT64_C(10),
                                  UINT64_C(100),
                                  UINT64_C(1000),
                                  UINT64_C(10000),
                                  UINT64_C(100000),
                                  UINT64_C(1000000),
                                  UINT64_C(10000000),
                                  UINT64_C(100000000),
                                  UINT64_C(1000000000),
                                  UINT64_C(10000000000),
                                  UINT64_C(100000000000),
                                  UINT64_C(1000000000000),
                                  UINT64_C(10000000000000),
                                  UINT64_C(100000000000000),
                                  UINT64_C(1000000000000000),
                                  UINT64_C(10000000000000000),
                                  UINT64_C(100000000000000000)};
#define PLACES ((int)(sizeof powers / sizeof powers[0]))

struct sk_pg_numeric sk_pg_numeric_of(int32_t typmod)
{
  if (typmod < 4)
    return (struct sk_pg_numeric){0, 0};
  const int32_t bits = typmod - 4;
  /* Eleven bits with sign since PostgreSQL 15; before it had 16, of at most 1,000. */
  return (struct sk_pg_numeric){bits >> 16 & 0xffff, ((bits & 0x7ff) ^ 0x400) - 0x400};
}

static uint8_t *put16(uint8_t *at, int value)
{
  const uint16_t bits = (uint16_t)value;
  at[0] = (uint8_t)(bits >> 8);
  at[1] = (uint8_t)bits;
  return at + 2;
}

/* Rounds to a multiple of 10^-scale, halves upwards. */
static void round_to(uint64_t *digits, int *exponent, int scale)
{
  const int dropped = -scale - *exponent;
  if (dropped <= 0)
    return;
  if (dropped >= PLACES) { /* 10^17 is more than any digits, and ten times half of them */
    *digits = 0;
  } else {
    const uint64_t unit = powers[dropped], rest = *digits % unit;
    *digits = *digits / unit + (rest >= unit - rest);
  }
  *exponent = -scale;
}

static int count_digits(uint64_t number)
{
  int count = 0;
  while (count < PLACES && number >= powers[count])
    count++;
  return count;
}

/* Cuts digits * 10^exponent into digits to the base of 10,000, the lowest first, without zeros at
 * the low end; *low is the power of 10,000 of the first. */
static int cut(uint64_t digits, int exponent, uint16_t out[DIGITS_MOST], int *low)
{
  const int shift = ((exponent % 4) + 4) % 4;
  const wide moved = (wide)digits * powers[shift];
  uint64_t lower = (uint64_t)(moved % powers[16]), upper = (uint64_t)(moved / powers[16]);
  int count = 0, zeros = 0;
  *low = (exponent - shift) / 4;
  for (int i = 0; i < DIGITS_MOST; i++) {
    const uint16_t digit = (uint16_t)(i < 4 ? lower % 10000 : upper % 10000);
    if (i < 4)
      lower /= 10000;
    else
      upper /= 10000;
    if (count == 0 && digit == 0)
      zeros++;
    else
      out[count++] = digit;
  }
  *low += zeros;
  while (count > 0 && out[count - 1] == 0)
    count--;
  return count;
}

size_t sk_pg_numeric_put(double value, const struct sk_pg_numeric *type,
                         uint8_t out[SK_PG_NUMERIC_BYTES])
{
  const bool negative = value < 0.0;
  uint64_t digits = 0;
  int exponent = 0, low = 0;
  uint16_t cells[DIGITS_MOST];
  if (!(value - value == 0.0)) /* an infinity, or no number */
    return 0;
  if (value != 0.0)
    sk_number_shortest(negative ? -value : value, &digits, &exponent);
  if (type->precision) {
    round_to(&digits, &exponent, type->scale);
    if (digits && count_digits(digits) + exponent > type->precision - type->scale)
      return 0;
  }
  for (; !type->precision && digits && digits % 10 == 0; digits /= 10)
    exponent++; /* as the server reads the decimal's text, it shows no more places than that has */
  const int shown = type->precision ? type->scale : -exponent;
  const int count = digits ? cut(digits, exponent, cells, &low) : 0;
  uint8_t *at = put16(out, count);
  at = put16(at, count ? low + count - 1 : 0);
  at = put16(at, negative && count ? NEGATIVE : 0);
  at = put16(at, shown > 0 ? shown : 0);
  for (int i = count; i-- > 0;)
    at = put16(at, cells[i]);
  return (size_t)(at - out);
}
