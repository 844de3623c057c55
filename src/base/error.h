/* SPDX-License-Identifier: Apache-2.0 */
/* Filling a shukei_error: the cause where it is known, a context at each level above. */
#ifndef SK_BASE_ERROR_H
#define SK_BASE_ERROR_H

#include "shukei.h"

#include <inttypes.h>

#if defined(__GNUC__)
#define SK_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define SK_PRINTF(text, first)
#endif

#define SK_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Writes the cause and returns status. Offset becomes -1, the advice empty. err may be NULL. */
shukei_status sk_fail(shukei_error *err, shukei_status status, const char *format, ...)
    SK_PRINTF(3, 4);

/* Puts "context: " before the text that is there and returns status. err may be NULL. */
shukei_status sk_context(shukei_error *err, shukei_status status, const char *format, ...)
    SK_PRINTF(3, 4);

/* Sets the second line, what the reader can do. err may be NULL. */
void sk_advise(shukei_error *err, const char *format, ...) SK_PRINTF(2, 3);

/* The system's text for an errno value, thread-safe; writes into text and returns it. */
const char *sk_errno_text(int number, char text[128]);

#endif
