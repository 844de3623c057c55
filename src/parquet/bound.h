/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest and greatest value of a page or chunk as the bytes that statistics and the column
 * index hold. */
#ifndef SK_PARQUET_BOUND_H
#define SK_PARQUET_BOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SK_BOUND_BYTES 64 /* longer texts are cut */

struct sk_bound {
  uint8_t bytes[SK_BOUND_BYTES + 4];
  uint32_t length;
  bool exact; /* else cut: below the smallest, or above the greatest value */
};

/* The text itself or its beginning, cut between characters. */
void sk_bound_lower(const char *text, size_t length, struct sk_bound *out);
/* The text itself, or its beginning with the last character replaced by the next one, so that it
 * sorts behind the text. False where no character has a next one. */
bool sk_bound_upper(const char *text, size_t length, struct sk_bound *out);

#endif
