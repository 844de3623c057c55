/* SPDX-License-Identifier: Apache-2.0 */
/* What was seen of the phase that runs, so that who looks again and again knows more than the last
 * values: the rate of late, whether rows still come, and how memory goes with them. */
#ifndef SK_STATUS_HISTORY_H
#define SK_STATUS_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SK_HISTORY_SIGHTS 256
struct sk_sight {
  double seconds; /* of the phase */
  double rows, rss;
};

struct sk_history {
  int64_t pid; /* of the phase; another one begins anew */
  struct sk_sight sights[SK_HISTORY_SIGHTS];
  size_t count;
};

/* Adds a sight, -1 for what is not known. Full, every other one goes: the whole phase stays
 * covered, the older part more thinly. */
void sk_history_add(struct sk_history *history, int64_t pid, struct sk_sight sight);
/* Rows a second of the last `window` seconds; -1 where they are not covered. */
double sk_history_rate(const struct sk_history *history, double window);
/* How long the rows have been the same; 0: they came with the last sight. */
double sk_history_still(const struct sk_history *history);
/* Bytes of memory for each row more, over the second half of the rows; NAN: too little was seen. */
double sk_history_row_bytes(const struct sk_history *history);

/* The same of any sights: least squares over those whose rows are in the second half of theirs. */
double sk_row_bytes_of(const struct sk_sight *sights, size_t count);

#endif
