/* SPDX-License-Identifier: Apache-2.0 */
/* Decides between two neighbouring doubles exactly, for the few texts (fewer than one in 10^6 of
 * real ones, or written to be hard) that 128 bits leave open.
 *
 * Both the decimal and the point half-way between the neighbours are written as integers of one
 * scale and compared. A half-way point has at most 767 significant digits, so digits behind the
 * 800th only matter by being there: they become one final 1. That bounds the integers:
 * 801 digits and 5^1125 times 54 bits are both below 2^2700.
 */
#include "base/number_exact.h"

#include "base/powers_of_ten.h"

#include <assert.h>
#include <string.h>

#define MAX_DIGITS 800
#define LIMBS 64

struct big { /* little-endian limbs; the highest is not 0 */
  uint64_t limbs[LIMBS];
  size_t count;
};

static void multiply_add(struct big *number, uint64_t factor, uint64_t term)
{
  uint64_t carry = term;
  for (size_t i = 0; i < number->count; i++) {
    const sk_u128 product = (sk_u128)number->limbs[i] * factor + carry;
    number->limbs[i] = (uint64_t)product;
    carry = (uint64_t)(product >> 64);
  }
  if (carry) {
    assert(number->count < LIMBS);
    number->limbs[number->count++] = carry;
  }
}

static void multiply_by_power_of_five(struct big *number, int64_t exponent)
{
  const uint64_t five_27 = UINT64_C(7450580596923828125); /* the highest below 2^64 */
  for (; exponent >= 27; exponent -= 27)
    multiply_add(number, five_27, 0);
  for (; exponent > 0; exponent--)
    multiply_add(number, 5, 0);
}

static void shift_left(struct big *number, int64_t bits)
{
  const size_t whole = (size_t)bits / 64;
  if (bits % 64)
    multiply_add(number, UINT64_C(1) << bits % 64, 0);
  assert(number->count + whole <= LIMBS);
  memmove(number->limbs + whole, number->limbs, number->count * sizeof number->limbs[0]);
  memset(number->limbs, 0, whole * sizeof number->limbs[0]);
  number->count += whole;
}

static int compare(const struct big *a, const struct big *b)
{
  if (a->count != b->count)
    return a->count < b->count ? -1 : 1;
  for (size_t i = a->count; i-- > 0;) {
    if (a->limbs[i] != b->limbs[i])
      return a->limbs[i] < b->limbs[i] ? -1 : 1;
  }
  return 0;
}

/* The significant digits as an integer; *exponent is corrected for the ones cut off. */
static void load_digits(struct big *number, const struct sk_decimal *decimal, int64_t *exponent)
{
  const char *at = decimal->text, *end = at + decimal->length;
  size_t taken = 0;
  int64_t cut = 0;
  uint64_t more = 0;
  number->count = 0;
  while (at < end && (*at == '0' || *at == '.'))
    at++;
  for (; at < end; at++) {
    if (*at == '.')
      continue;
    const uint64_t digit = (uint64_t)(*at - '0');
    if (taken == MAX_DIGITS) {
      cut++;
      more |= digit;
      continue;
    }
    multiply_add(number, 10, digit);
    taken++;
  }
  *exponent = decimal->exponent + cut;
  if (more) {
    multiply_add(number, 10, 1);
    --*exponent;
  }
}

uint64_t sk_number_nearer(const struct sk_decimal *decimal, uint64_t lower)
{
  struct big value, half;
  int64_t ten;
  load_digits(&value, decimal, &ten);

  /* Half-way to the next double: (2 * mantissa + 1) * 2^(exponent - 1). */
  const int64_t biased = (int64_t)(lower >> 52);
  const uint64_t fraction = lower & ((UINT64_C(1) << 52) - 1);
  const uint64_t mantissa = biased ? fraction | UINT64_C(1) << 52 : fraction;
  const int64_t two = (biased ? biased : 1) - 1075 - 1;
  half.count = 1;
  half.limbs[0] = 2 * mantissa + 1;

  if (ten >= 0)
    multiply_by_power_of_five(&value, ten);
  else
    multiply_by_power_of_five(&half, -ten);
  if (ten >= two)
    shift_left(&value, ten - two);
  else
    shift_left(&half, two - ten);
  const int order = compare(&value, &half);
  return order > 0 || (order == 0 && (mantissa & 1)) ? lower + 1 : lower;
}
