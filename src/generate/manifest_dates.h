/* SPDX-License-Identifier: Apache-2.0 */
/* When the generators of a manifest run. Moments are seconds since 1970 of the clock on the wall:
 * nise drops the zone of a date, and so do we. */
#ifndef SK_GENERATE_MANIFEST_DATES_H
#define SK_GENERATE_MANIFEST_DATES_H

#include "generate/manifest_walk.h"

/* "YYYY-MM-DD", "MM-DD-YYYY" (also with / or . and without leading zeros; DD-MM-YYYY where the
 * first number is no month), perhaps with "T" or blanks and "HH[:MM[:SS[.fff]]]" and a zone. */
bool sk_moment_parse(const char *text, int64_t *seconds);

/* What the dates of a manifest are counted from. */
struct sk_dates {
  int64_t now; /* the running hour's start */
  bool has_start, has_end;
  int64_t start, end; /* for generators that have none of their own */
};

struct sk_span_of_time {
  int64_t start, end; /* as given */
  /* Hours since 1970, one run of them or two: nise starts each month anew, at its first midnight,
   * so that a generator that starts at half past loses the last hour of its first month. */
  struct {
    int64_t first, end;
  } runs[2];
  unsigned run_count; /* 0: nise leaves the generator out */
};

/* Reads the two dates of a generator (NULL: absent or null). EFORMAT.
 *   at  the generator, for messages without a date of their own */
shukei_status sk_dates_read(struct sk_walk *walk, const struct sk_dates *dates,
                            const struct sk_yaml *at, const struct sk_yaml *start,
                            const struct sk_yaml *end, struct sk_span_of_time *span);
/* Fills the hours, once all generators' dates are known.
 *   last_end  the latest end of them all */
void sk_dates_hours(int64_t last_end, struct sk_span_of_time *span);

#endif
