/* SPDX-License-Identifier: Apache-2.0 */
/* Which of some names was meant by a mistyped one.
 *
 *   sk_nearest_init() -> sk_nearest_offer() for each name -> best, NULL where none is near */
#ifndef SK_BASE_NEAREST_H
#define SK_BASE_NEAREST_H

#include <stddef.h>

struct sk_nearest {
  const char *typed; /* borrowed */
  size_t length;
  size_t limit; /* the distance that still counts as near */
  const char *best;
  size_t distance;
};

void sk_nearest_init(struct sk_nearest *nearest, const char *typed, size_t length);
void sk_nearest_offer(struct sk_nearest *nearest, const char *name);

/* Insertions, deletions, replacements and swaps of neighbours that turn one text into the other,
 * letters compared without case and '_' like '-'. Texts over 63 bytes are SIZE_MAX apart. */
size_t sk_edit_distance(const char *a, size_t a_length, const char *b, size_t b_length);

#endif
