/* SPDX-License-Identifier: Apache-2.0 */
#include "validate/plain_values.h"

#include "base/calendar.h"
#include "base/number.h"

#include <string.h>

#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)

static bool blank(char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

/* `count` digits; -1 where they are not there. */
static int number_of(const char **at, const char *end, int count)
{
  int value = 0;
  if (end - *at < count)
    return -1;
  for (int i = 0; i < count; i++) {
    const char c = (*at)[i];
    if (c < '0' || c > '9')
      return -1;
    value = value * 10 + (c - '0');
  }
  *at += count;
  return value;
}

/* HH:MM[:SS[.F]] */
static bool clock_of(const char **at, const char *end, int64_t *us)
{
  const int hour = number_of(at, end, 2);
  if (hour < 0 || hour > 23 || *at == end || *(*at)++ != ':')
    return false;
  const int minute = number_of(at, end, 2);
  if (minute < 0 || minute > 59)
    return false;
  *us = (hour * 60 + minute) * MINUTE_US;
  if (*at == end || **at != ':')
    return true;
  ++*at;
  const int second = number_of(at, end, 2);
  if (second < 0 || second > 59)
    return false;
  *us += second * SECOND_US;
  if (*at == end || (**at != '.' && **at != ','))
    return true;
  const char *const from = ++*at;
  int64_t unit = SECOND_US;
  while (*at < end && **at >= '0' && **at <= '9') {
    unit /= 10;
    *us += unit * (*(*at)++ - '0');
  }
  return *at > from && *at - from <= 9;
}

/* What the clock of the zone is ahead of UTC; blanks around it are taken, too. */
static bool zone_of(const char **at, const char *end, int64_t *us)
{
  *us = 0;
  while (*at < end && blank(**at))
    ++*at;
  if (*at < end && (**at == 'Z' || **at == 'z')) {
    ++*at;
    return true;
  }
  if (*at < end && (**at == '+' || **at == '-')) {
    const bool behind = *(*at)++ == '-';
    const int hours = number_of(at, end, 2);
    const bool colon = *at < end && **at == ':';
    *at += colon;
    int minutes = 0;
    if (colon || (*at < end && **at >= '0' && **at <= '9'))
      minutes = number_of(at, end, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
      return false;
    *us = (hours * 60 + minutes) * (behind ? -MINUTE_US : MINUTE_US);
    while (*at < end && blank(**at))
      ++*at;
  }
  if (end - *at >= 3 && memcmp(*at, "UTC", 3) == 0)
    *at += 3;
  return true;
}

bool sk_plain_time(const char *text, size_t length, int64_t *us)
{
  const char *at = text, *end = text + length;
  int64_t clock = 0, ahead = 0;
  while (at < end && blank(*at))
    at++;
  while (end > at && blank(end[-1]))
    end--;
  const int year = number_of(&at, end, 4);
  if (year < 1 || at == end || *at++ != '-')
    return false;
  const int month = number_of(&at, end, 2);
  if (month < 0 || at == end || *at++ != '-')
    return false;
  const int day = number_of(&at, end, 2);
  const struct sk_date date = {year, (uint8_t)month, (uint8_t)day};
  if (month > 12 || day < 0 || day > 31 || !sk_date_valid(date))
    return false;
  if (at < end) {
    if (*at != 'T' && *at != 't' && *at != ' ')
      return false;
    at++;
    if (!clock_of(&at, end, &clock) || !zone_of(&at, end, &ahead) || at != end)
      return false;
  }
  *us = sk_day_of_date(date) * SK_DAY_US + clock - ahead;
  return true;
}

double sk_plain_number(const char *text, size_t length)
{
  double value = 0;
  while (length && (*text == ' ' || *text == '\t')) {
    text++;
    length--;
  }
  while (length && (text[length - 1] == ' ' || text[length - 1] == '\t'))
    length--;
  return length && sk_number_parse(text, length, &value) ? value : 0;
}

static size_t next_character(const char *text, size_t length, size_t at)
{
  for (at++; at < length && ((unsigned char)text[at] & 0xc0) == 0x80;)
    at++;
  return at;
}

bool sk_plain_like(const char *pattern, const char *text, size_t length)
{
  const char *star = NULL;
  size_t at = 0, from = 0;
  for (;;) {
    if (*pattern == '%') {
      star = ++pattern;
      from = at;
    } else if (at < length && *pattern == '_') {
      at = next_character(text, length, at);
      pattern++;
    } else if (at < length && *pattern && *pattern == text[at]) {
      at++;
      pattern++;
    } else if (at == length && !*pattern) {
      return true;
    } else if (star && from < length) {
      at = from = next_character(text, length, from);
      pattern = star;
    } else {
      return false;
    }
  }
}
