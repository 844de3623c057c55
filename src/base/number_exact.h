/* SPDX-License-Identifier: Apache-2.0 */
/* The slow, exact last resort of number_parse.c. */
#ifndef SK_BASE_NUMBER_EXACT_H
#define SK_BASE_NUMBER_EXACT_H

#include <stddef.h>
#include <stdint.h>

/* The digits of a number, perhaps with a '.' among them: value = digits, read as one integer,
 * times 10^exponent. At least one digit is not 0. */
struct sk_decimal {
  const char *text;
  size_t length;
  int64_t exponent; /* counted from the last digit of the text */
};

/* A decimal lies between the double with the bits `lower` (positive or 0) and the next one:
 * returns the bits of the nearer, of the even one where it lies half-way. */
uint64_t sk_number_nearer(const struct sk_decimal *decimal, uint64_t lower);

#endif
