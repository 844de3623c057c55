/* SPDX-License-Identifier: Apache-2.0 */
/* Days and instants: proleptic Gregorian, UTC. A day is counted from 1970-01-01, an instant in
 * microseconds from its midnight. Years 0001 to 9999 can be written. */
#ifndef SK_BASE_CALENDAR_H
#define SK_BASE_CALENDAR_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SK_DAY_US INT64_C(86400000000)

struct sk_date {
  int32_t year;
  uint8_t month, day; /* from 1 */
};

struct sk_day_range { /* both included */
  int32_t first, last;
};

int32_t sk_day_of_date(struct sk_date date);
struct sk_date sk_date_of_day(int32_t day);
bool sk_date_valid(struct sk_date date); /* the month has that day; year 1 to 9999 */
int sk_days_in_month(int32_t year, int month);
/* The day an instant lies in, rounding towards the past. */
int32_t sk_day_of_us(int64_t us);
/* "YYYY-MM-DD"; returns text. */
char *sk_day_text(int32_t day, char text[16]);
/* Parses "YYYY-MM-DD", nothing before or behind. */
bool sk_day_parse(const char *text, size_t length, int32_t *day);

/* Parses both days (NULL: INT32_MIN, INT32_MAX) and checks their order. EINVAL. */
shukei_status sk_parse_days(const char *start, const char *end, int32_t *start_day,
                            int32_t *end_day, shukei_error *err);

#endif
