/* SPDX-License-Identifier: Apache-2.0 */
/* Times, numbers and patterns of the reports, read a second way (spec/1-input.md, Values). */
#ifndef SK_VALIDATE_PLAIN_VALUES_H
#define SK_VALIDATE_PLAIN_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Microseconds since 1970 UTC, rounded down; false for what is no time. */
bool sk_plain_time(const char *text, size_t length, int64_t *us);
/* The number of a cell: 0 where it is empty, or no number. SK_NUMBER_PADDING bytes behind the text
 * can be read, of which the first is no part of a number. */
double sk_plain_number(const char *text, size_t length);
/* SQL LIKE without an escape: % any run of characters, _ any one of UTF-8. */
bool sk_plain_like(const char *pattern, const char *text, size_t length);

#endif
