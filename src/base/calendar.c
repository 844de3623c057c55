/* SPDX-License-Identifier: Apache-2.0 */
/* Days and dates of the proleptic Gregorian calendar.
 *
 * Both directions count in years that begin on 1 March: the leap day is then the last of its year,
 * months before it have fixed lengths, and the first day of such a month m (March 0) is
 * (153 m + 2) / 5. Counting starts at 0000-03-01, the begin of a cycle of 400 years, which has
 * 146097 days. Arithmetic is in 64 bits, so that every 32-bit day has a date. */
#include "base/calendar.h"

#include <string.h>

#define CYCLE_YEARS INT64_C(400)
#define CYCLE_DAYS INT64_C(146097)
#define EPOCH_DAYS INT64_C(719468) /* from 0000-03-01 to 1970-01-01 */

static int64_t floor_divide(int64_t a, int64_t b)
{
  return a / b - (a % b < 0);
}

int32_t sk_day_of_date(struct sk_date date)
{
  const int64_t march = (date.month + 9) % 12; /* March is 0, February 11 */
  const int64_t year = (int64_t)date.year - (march >= 10);
  const int64_t cycle = floor_divide(year, CYCLE_YEARS);
  const int64_t of_cycle = year - cycle * CYCLE_YEARS;
  const int64_t day = cycle * CYCLE_DAYS + of_cycle * 365 + of_cycle / 4 - of_cycle / 100 +
                      (153 * march + 2) / 5 + date.day - 1 - EPOCH_DAYS;
  return (int32_t)day;
}

struct sk_date sk_date_of_day(int32_t day)
{
  const int64_t count = day + EPOCH_DAYS;
  const int64_t cycle = floor_divide(count, CYCLE_DAYS);
  const int64_t of_cycle = count - cycle * CYCLE_DAYS;
  /* Leap days before this one taken out, every year has 365. The last day of 4 years is a leap
   * day, of 100 years not (it does not exist), of 400 years again one. */
  const int64_t year =
      (of_cycle - of_cycle / 1460 + of_cycle / 36524 - of_cycle / (CYCLE_DAYS - 1)) / 365;
  const int64_t of_year = of_cycle - (year * 365 + year / 4 - year / 100);
  const int64_t march = (5 * of_year + 2) / 153;
  return (struct sk_date){
      .year = (int32_t)(cycle * CYCLE_YEARS + year + (march >= 10)),
      .month = (uint8_t)(march < 10 ? march + 3 : march - 9),
      .day = (uint8_t)(of_year - (153 * march + 2) / 5 + 1),
  };
}

int sk_days_in_month(int32_t year, int month)
{
  static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12)
    return 0;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return days[month - 1] + (month == 2 && leap);
}

bool sk_date_valid(struct sk_date date)
{
  return date.year >= 1 && date.year <= 9999 && date.day >= 1 &&
         date.day <= sk_days_in_month(date.year, date.month);
}

int32_t sk_day_of_us(int64_t us)
{
  return (int32_t)floor_divide(us, SK_DAY_US);
}

/* Writes at least width digits; returns the place behind them. */
static char *put_digits(char *at, int64_t number, int width)
{
  char digits[12];
  int count = 0;
  for (; count < width || number; number /= 10)
    digits[count++] = (char)('0' + number % 10);
  while (count)
    *at++ = digits[--count];
  return at;
}

char *sk_day_text(int32_t day, char text[16])
{
  const struct sk_date date = sk_date_of_day(day);
  char *at = text;
  int64_t year = date.year;
  if (year < 0) {
    *at++ = '-';
    year = -year;
  }
  at = put_digits(at, year, 4);
  *at++ = '-';
  at = put_digits(at, date.month, 2);
  *at++ = '-';
  at = put_digits(at, date.day, 2);
  *at = '\0';
  return text;
}

bool sk_day_parse(const char *text, size_t length, int32_t *day)
{
  static const char pattern[] = "0000-00-00";
  if (length != sizeof pattern - 1)
    return false;
  for (size_t i = 0; i < length; i++) {
    const bool fits = pattern[i] == '0' ? text[i] >= '0' && text[i] <= '9' : text[i] == '-';
    if (!fits)
      return false;
  }
  const int tens = (text[0] - '0') * 10 + text[1] - '0';
  const struct sk_date date = {
      .year = tens * 100 + (text[2] - '0') * 10 + text[3] - '0',
      .month = (uint8_t)((text[5] - '0') * 10 + text[6] - '0'),
      .day = (uint8_t)((text[8] - '0') * 10 + text[9] - '0'),
  };
  if (!sk_date_valid(date))
    return false;
  *day = sk_day_of_date(date);
  return true;
}

static shukei_status parse_day(const char *name, const char *text, int32_t *day, shukei_error *err)
{
  if (text && !sk_day_parse(text, strlen(text), day))
    return sk_fail(err, SHUKEI_EINVAL, "%s \"%s\": expected a day, YYYY-MM-DD", name, text);
  return SHUKEI_OK;
}

shukei_status sk_parse_days(const char *start, const char *end, int32_t *start_day,
                            int32_t *end_day, shukei_error *err)
{
  *start_day = INT32_MIN;
  *end_day = INT32_MAX;
  shukei_status st = parse_day("start", start, start_day, err);
  if (!st)
    st = parse_day("end", end, end_day, err);
  if (!st && *start_day > *end_day)
    st = sk_fail(err, SHUKEI_EINVAL, "start %s is after end %s", start, end);
  return st;
}
