/* SPDX-License-Identifier: Apache-2.0 */
/* Doubles -> the shortest text that reads back, and integers -> text.
 *
 * Every decimal in the interval around v = c * 2^q whose ends are half-way to v's neighbours reads
 * back as v. With k = floor(log10(width of the interval)), the multiples of 10^k hit it at least
 * once and those of 10^(k+1) at most once; so it is enough to look at the one or two multiples of
 * 10^(k+1) around v, and if none is inside, at the two of 10^k, of which the nearer one is taken
 * (R. Giulietti, "The Schubfach way to render doubles", 2020). The three numbers compared, v and
 * the interval's ends in units of 10^k / 4, need only 64 bits where bits that are cut off leave a
 * sticky lowest bit behind.
 *
 * Whole numbers below 2^53, the most frequent values, need none of it.
 */
#include "base/number.h"

#include "base/bytes.h"
#include "base/powers_of_ten.h"

static const char digit_pairs[] = "00010203040506070809"
                                  "10111213141516171819"
                                  "20212223242526272829"
                                  "30313233343536373839"
                                  "40414243444546474849"
                                  "50515253545556575859"
                                  "60616263646566676869"
                                  "70717273747576777879"
                                  "80818283848586878889"
                                  "90919293949596979899";

/* Digits of a number so that they end before `end`; returns where they begin. 0 gives one digit. */
static char *digits_before(uint64_t number, char *end)
{
  while (number >= 100) {
    end -= 2;
    memcpy(end, digit_pairs + number % 100 * 2, 2);
    number /= 100;
  }
  if (number >= 10) {
    end -= 2;
    memcpy(end, digit_pairs + number * 2, 2);
  } else {
    *--end = (char)('0' + number);
  }
  return end;
}

/* floor(a * b / 2^128) for the power's leading bits b, which are rounded up here; a bit of the
 * product below makes the result odd. Rounding up adds less than 2^64 of 2^192, thus a middle word
 * of 0 or 1 means that the exact product is whole. */
static uint64_t multiply_to_odd(uint64_t a, uint64_t high, uint64_t low)
{
  const sk_u128 lower = (sk_u128)a * low;
  const sk_u128 upper = (sk_u128)a * high + (uint64_t)(lower >> 64);
  return (uint64_t)(upper >> 64) | ((uint64_t)upper > 1);
}

struct shortest {
  uint64_t digits;
  int exponent; /* value = digits * 10^exponent */
};

/* The shortest of a positive finite double, the nearest one where there are several. */
static struct shortest shorten(uint64_t bits)
{
  const uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
  const int biased = (int)(bits >> 52);
  const uint64_t c = biased ? fraction | UINT64_C(1) << 52 : fraction;
  const int q = (biased ? biased : 1) - 1075;
  const bool closer = fraction == 0 && biased > 1; /* the neighbour below is half as far */
  const uint64_t open = c & 1; /* the ends read back as v only where its mantissa is even */

  /* floor(log10(2^q)), or of 3/4 * 2^q. */
  const int k = (q * 1262611 - (closer ? 524031 : 0)) >> 22;
  const struct sk_power *power = sk_power_at(-k);
  const uint64_t low = power->low + !sk_power_exact(-k);
  const uint64_t high = power->high + (low < power->low);
  const int shift = q + sk_power_log2(-k) + 1;
  const uint64_t value = multiply_to_odd(c << 2 << shift, high, low);
  const uint64_t lower = multiply_to_odd(((c << 2) - 2 + closer) << shift, high, low) + open;
  const uint64_t upper = multiply_to_odd(((c << 2) + 2) << shift, high, low) - open;

  const uint64_t whole = value / 4;
  if (whole >= 10) {
    const uint64_t tens = whole / 10;
    const bool below = lower <= 40 * tens, above = 40 * tens + 40 <= upper;
    if (below != above)
      return (struct shortest){tens + above, k + 1};
  }
  const bool below = lower <= 4 * whole, above = 4 * whole + 4 <= upper;
  if (below != above)
    return (struct shortest){whole + above, k};
  const uint64_t rest = value & 3;
  return (struct shortest){whole + (rest > 2 || (rest == 2 && (whole & 1))), k};
}

/* Spells digits * 10^exponent as repr() does: with an exponent only below 1e-4 and from 1e16 on. */
static char *spell(struct shortest s, char *at)
{
  char room[20], *end = room + sizeof room;
  while (s.digits % 100 == 0) {
    s.digits /= 100;
    s.exponent += 2;
  }
  if (s.digits % 10 == 0) {
    s.digits /= 10;
    s.exponent++;
  }
  const char *digits = digits_before(s.digits, end);
  const int count = (int)(end - digits);
  const int point = count + s.exponent; /* value = 0.DIGITS * 10^point */
  if (point > -4 && point <= 0) {
    memcpy(at, "0.000", 5);
    at += 2 - point;
    memcpy(at, digits, (size_t)count);
    return at + count;
  }
  if (point > 0 && point <= 16) {
    if (count > point) {
      memcpy(at, digits, (size_t)point);
      at[point] = '.';
      memcpy(at + point + 1, digits + point, (size_t)(count - point));
      return at + count + 1;
    }
    memcpy(at, digits, (size_t)count);
    memset(at + count, '0', (size_t)(point - count));
    memcpy(at + point, ".0", 2);
    return at + point + 2;
  }
  *at++ = digits[0];
  if (count > 1) {
    *at++ = '.';
    memcpy(at, digits + 1, (size_t)count - 1);
    at += count - 1;
  }
  const int exponent = point - 1;
  const unsigned size = (unsigned)(exponent < 0 ? -exponent : exponent);
  *at++ = 'e';
  *at++ = exponent < 0 ? '-' : '+';
  if (size >= 100)
    *at++ = (char)('0' + size / 100);
  memcpy(at, digit_pairs + size % 100 * 2, 2);
  return at + 2;
}

size_t sk_number_format(double value, char *text)
{
  const uint64_t bits = sk_bits_of_double(value);
  const uint64_t positive = bits & (UINT64_MAX >> 1);
  char *at = text;
  if (positive > UINT64_C(0x7ff) << 52) {
    memcpy(text, "nan", 3);
    return 3;
  }
  if (bits >> 63) {
    *at++ = '-';
    value = -value;
  }
  if (positive == UINT64_C(0x7ff) << 52) {
    memcpy(at, "inf", 3);
    return (size_t)(at - text) + 3;
  }
  if (value < 9007199254740992.0 && value == (double)(uint64_t)value) {
    at += sk_integer_format((int64_t)value, at);
    memcpy(at, ".0", 2);
    return (size_t)(at - text) + 2;
  }
  return (size_t)(spell(shorten(positive), at) - text);
}

void sk_number_shortest(double value, uint64_t *digits, int *exponent)
{
  if (value < 9007199254740992.0 && value == (double)(uint64_t)value) {
    *digits = (uint64_t)value;
    *exponent = 0;
    return;
  }
  const struct shortest s = shorten(sk_bits_of_double(value));
  *digits = s.digits;
  *exponent = s.exponent;
}

size_t sk_integer_format(int64_t value, char *text)
{
  char room[20], *end = room + sizeof room;
  char *first = digits_before(value < 0 ? 0 - (uint64_t)value : (uint64_t)value, end);
  if (value < 0)
    *--first = '-';
  memcpy(text, first, (size_t)(end - first));
  return (size_t)(end - first);
}
