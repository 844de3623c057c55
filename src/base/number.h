/* SPDX-License-Identifier: Apache-2.0 */
/* Doubles from and to decimal text, exact in both directions and independent of the locale. */
#ifndef SK_BASE_NUMBER_H
#define SK_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parses a decimal number that fills the whole text: optional sign, digits with an optional
 * point (at least one digit), optional exponent; or inf, infinity in any case with optional sign.
 * Correctly rounded to nearest, ties to even; overflow gives an infinity, underflow zero or a
 * subnormal. No blanks, no hexadecimal, no NaN. False leaves *value alone. Allocates nothing. */
bool sk_number_parse(const char *text, size_t length, double *value);

#define SK_NUMBER_PADDING 16
/* The same for a text that lies within others: text[length] can be no part of a number (a comma, a
 * quote, a blank, a line end, a zero), and SK_NUMBER_PADDING bytes from there on can be read. Does
 * without the copy. */
bool sk_number_parse_in(const char *text, size_t length, double *value);

#define SK_NUMBER_TEXT 32
/* Writes the shortest decimal that reads back as value, as Python's repr() spells it ("8.0",
 * "1e-07", "1e+16", "inf", "nan"); no terminating zero; returns the length, below
 * SK_NUMBER_TEXT. */
size_t sk_number_format(double value, char *text);

/* The same decimal as digits * 10^exponent, for a value above 0 that is finite; at most 17 digits,
 * which may end in zeros. */
void sk_number_shortest(double value, uint64_t *digits, int *exponent);

/* Decimal text of an integer; returns the length, at most 20. */
size_t sk_integer_format(int64_t value, char *text);

#endif
