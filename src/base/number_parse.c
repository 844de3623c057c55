/* SPDX-License-Identifier: Apache-2.0 */
/* Decimal text -> the nearest double.
 *
 * 1. Digits are added up eight at a time into w, the last few of them without a loop;
 *    value = w * 10^q. Where there are more than 19 significant digits, w holds the first 19 and
 *    the value lies in [w, w + 1) * 10^q.
 * 2. With at most 19 digits, the highest word of w times the leading 64 bits of 10^q settles all
 *    but two texts of a thousand. One way for short and long, whole and broken numbers: a column
 *    mixes them, and a wrongly guessed branch costs as much as all of it.
 * 3. Else w (or w and w + 1) is multiplied with the leading 128 bits P of 10^q. The true power is
 *    in [P, P + 1), so the value lies between two 192-bit products. If both round to the same
 *    double, that is it; the borders differ so little that nearly always one glance at the middle
 *    word tells.
 * 4. Else the two doubles are neighbours, and number_exact.c compares with the point between them.
 *
 * strtod() would do, but asks the locale, needs a zero behind the text, takes hexadecimal, and at
 * 60 to 200 ns a cell would be the greatest part of reading CSV. */
#include "base/number.h"

#include "base/bytes.h"
#include "base/number_exact.h"
#include "base/powers_of_ten.h"

#include <string.h>

#define INFINITE_BITS (UINT64_C(0x7ff) << 52)
#define COPIED 48 /* the longest text that is copied to get its padding */
/* Of any w below 10^19 these powers give a normal double. */
#define QUICK_FIRST (-307)
#define QUICK_LAST 288

static const uint64_t whole_powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};

static bool is_digit(char c)
{
  return (unsigned char)(c - '0') < 10;
}

/* The number that eight digits spell, each as its value in a byte, the first in the lowest:
 * neighbours are joined to pairs, pairs to fours, fours to the whole. */
static inline uint64_t value_of_eight(uint64_t chunk)
{
  chunk = chunk * 10 + (chunk >> 8);
  const uint64_t first = (chunk & UINT64_C(0x000000ff000000ff)) * (100 + (UINT64_C(1000000) << 32));
  const uint64_t second =
      (chunk >> 16 & UINT64_C(0x000000ff000000ff)) * (1 + (UINT64_C(10000) << 32));
  return (first + second) >> 32;
}

/* Adds the digits from `at` on to *w, modulo 2^64; returns where they end: something else stands
 * there, and eight bytes behind it may be read. What is no digit gives a top bit in its byte, the
 * lowest of which is right (a sum can only spill into bytes above); shifting the digits before it
 * to the top leaves zeros in front, so that any number of them is worth one step without a
 * branch. */
static inline const char *take_digits(const char *at, uint64_t *w)
{
  for (;;) {
    const uint64_t chunk = sk_le64(at) ^ UINT64_C(0x3030303030303030);
    const uint64_t others =
        ((chunk + UINT64_C(0x7676767676767676)) | chunk) & UINT64_C(0x8080808080808080);
    if (others) {
      const unsigned bits = (unsigned)__builtin_ctzll(others) - 7; /* 8 for each digit */
      *w = *w * whole_powers[bits / 8] + value_of_eight(chunk << 8 << (56 - bits));
      return at + bits / 8;
    }
    *w = *w * 100000000 + value_of_eight(chunk);
    at += 8;
  }
}

struct product { /* 192 bits */
  uint64_t high, middle, low;
};

static struct product multiply(uint64_t w, const struct sk_power *power)
{
  const sk_u128 low = (sk_u128)w * power->low;
  const sk_u128 high = (sk_u128)w * power->high + (uint64_t)(low >> 64);
  return (struct product){(uint64_t)(high >> 64), (uint64_t)high, (uint64_t)low};
}

static void increase(struct product *p, uint64_t term)
{
  p->low += term;
  if (p->low < term && ++p->middle == 0)
    p->high++;
}

/* Bits of the double nearest to p * 2^(exponent - 191), ties to even. */
static uint64_t round_product(struct product p, int exponent)
{
  if (!(p.high >> 63)) { /* a product of two numbers in [1, 2) may lie in [1, 2) or [2, 4) */
    p.high = p.high << 1 | p.middle >> 63;
    p.middle = p.middle << 1 | p.low >> 63;
    p.low <<= 1;
    exponent--;
  }
  if (exponent > 1023)
    return INFINITE_BITS;
  const int surplus = exponent < -1022 ? -1022 - exponent : 0; /* bits a subnormal lacks */
  if (surplus > 53)
    return 0;
  const int drop = 11 + surplus; /* at most 64 */
  const uint64_t mantissa = drop == 64 ? 0 : p.high >> drop;
  const uint64_t half = UINT64_C(1) << (drop - 1);
  const uint64_t tail = p.high & (half + (half - 1));
  const bool more = p.middle | p.low;
  const bool up = tail > half || (tail == half && (more || (mantissa & 1)));
  /* A normal mantissa carries its highest bit into the exponent, as does rounding up to 2^53. */
  const uint64_t biased = surplus ? 0 : (uint64_t)(exponent + 1022);
  return (biased << 52) + mantissa + up;
}

/* The doubles that bound w * 10^q, or [w, w + 1) * 10^q where w is cut; w is not 0. They are equal
 * or neighbours. */
static void bound(uint64_t w, int64_t q, bool cut, uint64_t *lower, uint64_t *upper)
{
  if (q < SK_POWER_FIRST || q > 308) { /* below a fourth of the smallest, above the greatest */
    *lower = *upper = q < 0 ? 0 : INFINITE_BITS;
    return;
  }
  const struct sk_power *power = sk_power_at((int)q);
  const bool exact = sk_power_exact((int)q);
  const int zeros = __builtin_clzll(w);
  const int exponent = sk_power_log2((int)q) + 64 - zeros;
  struct product p = multiply(w << zeros, power);
  *lower = *upper = round_product(p, exponent);
  if (cut) {
    const int next_zeros = __builtin_clzll(w + 1); /* w < 10^19 */
    const uint64_t next = (w + 1) << next_zeros;
    p = multiply(next, power);
    if (!exact)
      increase(&p, next);
    *upper = round_product(p, sk_power_log2((int)q) + 64 - next_zeros);
  } else if (!exact && ((p.middle + 1) & (UINT64_MAX >> 1)) <= 1) {
    /* Only a middle word about to overflow (or to become not 0) lets w units make a difference. */
    increase(&p, w << zeros);
    *upper = round_product(p, exponent);
  }
}

/* The double of the digits' first 19 significant ones, or of all of them where need be. */
static double long_number(const struct sk_decimal *decimal)
{
  const char *at = decimal->text, *end = at + decimal->length;
  uint64_t w = 0, lower, upper;
  int64_t q = decimal->exponent;
  bool cut = false;
  int taken = 0;
  while (at < end && (*at == '0' || *at == '.'))
    at++;
  for (; at < end; at++) {
    if (*at == '.')
      continue;
    if (taken < 19) {
      w = w * 10 + (uint64_t)(*at - '0');
      taken++;
    } else {
      q++;
      cut |= *at != '0';
    }
  }
  if (w == 0)
    return 0.0;
  bound(w, q, cut, &lower, &upper);
  return sk_double_of_bits(lower == upper ? lower : sk_number_nearer(decimal, lower));
}

/* "inf" or "infinity" in any case. */
static bool is_infinity(const char *text, size_t length)
{
  static const char word[] = "infinity";
  if (length != 3 && length != 8)
    return false;
  for (size_t i = 0; i < length; i++) {
    if ((text[i] | 0x20) != word[i])
      return false;
  }
  return true;
}

/* The exponent's digits up to the end; false where they are none. Held below 10^18, so that adding
 * a length cannot overflow. */
static bool take_exponent(const char *at, const char *end, int64_t *exponent)
{
  const bool negative = at < end && *at == '-';
  int64_t sum = 0;
  if (at < end && (*at == '-' || *at == '+'))
    at++;
  if (at == end)
    return false;
  for (; at < end; at++) {
    if (!is_digit(*at))
      return false;
    if (sum < INT64_C(100000000000000000))
      sum = sum * 10 + (*at - '0');
  }
  *exponent = negative ? -sum : sum;
  return true;
}

/* The double of w * 10^q from the leading 64 bits of the power alone; w is not 0. False where they
 * leave it open: two texts of a thousand.
 *
 * With w shifted to the top and P = high * 2^64 + low, the highest word of the exact product is at
 * least that of w * high, and less than that and 2. What is dropped of it decides unless it is half
 * of a unit, or one less; all ones round up to the same double that a carry would give. */
static inline bool quick_number(uint64_t w, int64_t q, double *value)
{
  if (q < QUICK_FIRST || q > QUICK_LAST)
    return false;
  const int zeros = __builtin_clzll(w);
  const uint64_t high = (uint64_t)((sk_u128)(w << zeros) * sk_power_at((int)q)->high >> 64);
  const unsigned top = (unsigned)(high >> 63), drop = 10 + top;
  const uint64_t half = UINT64_C(1) << (drop - 1);
  const uint64_t tail = high & (2 * half - 1);
  if (tail + 1 - half <= 1)
    return false;
  const uint64_t biased = (uint64_t)(sk_power_log2((int)q) + 64 - zeros + 1021) + top;
  *value = sk_double_of_bits((biased << 52) + (high >> drop) + (tail > half));
  return true;
}

/* Without bounds on the number of digits, and byte by byte. */
static double slow_number(const struct sk_decimal *decimal)
{
  uint64_t w = 0, lower, upper;
  size_t digits = 0;
  for (size_t i = 0; i < decimal->length; i++)
    if (decimal->text[i] != '.') {
      w = w * 10 + (uint64_t)(decimal->text[i] - '0');
      digits++;
    }
  if (digits > 19) /* w may have overflowed */
    return long_number(decimal);
  if (w == 0)
    return 0.0;
  bound(w, decimal->exponent, false, &lower, &upper);
  return sk_double_of_bits(lower == upper ? lower : sk_number_nearer(decimal, lower));
}

bool sk_number_parse_in(const char *text, size_t length, double *value)
{
  const char *at = text, *end = text + length;
  uint64_t w = 0;
  int64_t exponent = 0;
  double number = 0.0;
  const bool negative = *at == '-';
  at += negative || *at == '+';
  const char *first = at;
  at = take_digits(at, &w);
  ptrdiff_t digits = at - first, fraction = 0;
  if (*at == '.') {
    const char *point = ++at;
    at = take_digits(at, &w);
    fraction = at - point;
    digits += fraction;
  }
  if (digits == 0) {
    if (first > end || !is_infinity(first, (size_t)(end - first)))
      return false;
    *value = sk_double_of_bits(INFINITE_BITS | (uint64_t)negative << 63);
    return true;
  }
  const char *last = at;
  if (at != end) {
    if (at > end || (*at | 0x20) != 'e' || !take_exponent(at + 1, end, &exponent))
      return false;
  }
  const int64_t q = exponent - fraction;
  if (digits > 19 || (w != 0 && !quick_number(w, q, &number)))
    number = slow_number(&(struct sk_decimal){first, (size_t)(last - first), q});
  *value = negative ? -number : number;
  return true;
}

/* A text that is too long to be copied. */
static bool parse_long(const char *text, size_t length, double *value)
{
  const char *at = text, *end = text + length, *point = NULL;
  int64_t exponent = 0;
  const bool negative = *at == '-';
  at += negative || *at == '+';
  const char *first = at;
  for (; at < end && (is_digit(*at) || (*at == '.' && !point)); at++)
    if (*at == '.')
      point = at;
  if (at - first - (point != NULL) <= 0)
    return false;
  const char *last = at;
  if (at < end && ((*at | 0x20) != 'e' || !take_exponent(at + 1, end, &exponent)))
    return false;
  exponent -= point ? last - point - 1 : 0;
  const double number = slow_number(&(struct sk_decimal){first, (size_t)(last - first), exponent});
  *value = negative ? -number : number;
  return true;
}

bool sk_number_parse(const char *text, size_t length, double *value)
{
  char copy[COPIED + SK_NUMBER_PADDING] = {0};
  if (length > COPIED)
    return parse_long(text, length, value);
  if (length)
    memcpy(copy, text, length);
  return sk_number_parse_in(copy, length, value);
}
