/* SPDX-License-Identifier: Apache-2.0 */
/* Decimal text -> the nearest double.
 *
 * 1. Digits are added up eight at a time into w; value = w * 10^q. Where there are more than 19
 *    significant digits, w holds the first 19 and the value lies in [w, w + 1) * 10^q.
 * 2. w <= 2^53 and |q| <= 22: both are exact doubles, one multiplication or division rounds once.
 * 3. Else w (or w and w + 1) is multiplied with the leading 128 bits P of 10^q. The true power is
 *    in [P, P + 1), so the value lies between two 192-bit products. If both round to the same
 *    double, that is it; the borders differ so little that nearly always one glance at the middle
 *    word tells.
 * 4. Else the two doubles are neighbours, and number_exact.c compares with the point between them.
 *
 * strtod() would do, but asks the locale, needs a zero behind the text, takes hexadecimal, and at
 * 60 to 200 ns a cell would be the greatest part of reading CSV.
 */
#include "base/number.h"

#include "base/bytes.h"
#include "base/number_exact.h"
#include "base/powers_of_ten.h"

#include <string.h>

#define INFINITE_BITS (UINT64_C(0x7ff) << 52)

/* Exact in a double. */
static const double small_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static bool is_digit(char c)
{
  return (unsigned char)(c - '0') < 10;
}

/* True where all eight bytes are '0' to '9': their high nibble is 3, and still is with 6 added. */
static bool eight_digits(uint64_t chunk)
{
  const uint64_t high = UINT64_C(0xf0f0f0f0f0f0f0f0);
  return ((chunk & high) | ((chunk + UINT64_C(0x0606060606060606)) & high) >> 4) ==
         UINT64_C(0x3333333333333333);
}

/* The number that eight digits spell, first digit in the lowest byte: neighbours are joined to
 * pairs, pairs to fours, fours to the whole. */
static uint64_t value_of_eight(uint64_t chunk)
{
  chunk -= UINT64_C(0x3030303030303030);
  chunk = chunk * 10 + (chunk >> 8);
  const uint64_t first = (chunk & UINT64_C(0x000000ff000000ff)) * (100 + (UINT64_C(1000000) << 32));
  const uint64_t second =
      (chunk >> 16 & UINT64_C(0x000000ff000000ff)) * (1 + (UINT64_C(10000) << 32));
  return (first + second) >> 32;
}

/* Adds the digits from `at` on to *w, modulo 2^64; returns where they end. */
static const char *take_digits(const char *at, const char *end, uint64_t *w)
{
  while (end - at >= 8) {
    const uint64_t chunk = sk_le64(at);
    if (!eight_digits(chunk))
      break;
    *w = *w * 100000000 + value_of_eight(chunk);
    at += 8;
  }
  for (; at < end && is_digit(*at); at++)
    *w = *w * 10 + (uint64_t)(*at - '0');
  return at;
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

bool sk_number_parse(const char *text, size_t length, double *value)
{
  const char *at = text, *end = text + length;
  uint64_t w = 0, lower, upper;
  int64_t exponent = 0;
  double number;
  const bool negative = at < end && *at == '-';
  if (at < end && (*at == '-' || *at == '+'))
    at++;
  const char *first = at;
  at = take_digits(at, end, &w);
  ptrdiff_t digits = at - first;
  ptrdiff_t fraction = 0;
  if (at < end && *at == '.') {
    const char *point = ++at;
    at = take_digits(at, end, &w);
    fraction = at - point;
    digits += fraction;
  }
  if (digits == 0) {
    if (!is_infinity(first, (size_t)(end - first)))
      return false;
    *value = sk_double_of_bits(INFINITE_BITS | (uint64_t)negative << 63);
    return true;
  }
  const struct sk_decimal decimal = {first, (size_t)(at - first), 0};
  if (at < end) {
    if ((*at | 0x20) != 'e' || !take_exponent(at + 1, end, &exponent))
      return false;
  }
  const int64_t q = exponent - fraction;
  if (digits > 19) { /* w may have overflowed */
    number = long_number(&(struct sk_decimal){decimal.text, decimal.length, q});
  } else if (w <= UINT64_C(1) << 53 && q >= -22 && q <= 22) {
    number = (double)w;
    if (q < 0)
      number /= small_powers[-q];
    else
      number *= small_powers[q];
  } else if (w == 0) {
    number = 0.0;
  } else {
    bound(w, q, false, &lower, &upper);
    if (lower != upper)
      lower = sk_number_nearer(&(struct sk_decimal){decimal.text, decimal.length, q}, lower);
    number = sk_double_of_bits(lower);
  }
  *value = negative ? -number : number;
  return true;
}
