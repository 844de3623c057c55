/* SPDX-License-Identifier: Apache-2.0 */
#include "input/times.h"
#include "base/calendar.h"
#include "input/ascii.h"

#include <string.h>

struct cursor {
  const char *at, *end;
};

/* Exactly `count` digits as a number; -1 where they are not there. */
static int digits(struct cursor *in, int count)
{
  int value = 0;
  if (in->end - in->at < count)
    return -1;
  for (int i = 0; i < count; i++) {
    if (!sk_ascii_digit(in->at[i]))
      return -1;
    value = value * 10 + (in->at[i] - '0');
  }
  in->at += count;
  return value;
}

static bool take(struct cursor *in, char c)
{
  if (in->at == in->end || *in->at != c)
    return false;
  in->at++;
  return true;
}

static void skip_blanks(struct cursor *in)
{
  while (in->at < in->end && sk_ascii_blank(*in->at))
    in->at++;
}

/* ":SS" and ".F"; both may be absent. */
static bool seconds(struct cursor *in, int64_t *us)
{
  if (!take(in, ':'))
    return true;
  const int second = digits(in, 2);
  if (second < 0 || second > 59)
    return false;
  *us += second * INT64_C(1000000);
  if (!take(in, '.') && !take(in, ','))
    return true;
  int64_t fraction = 0;
  int count = 0;
  for (; in->at < in->end && sk_ascii_digit(*in->at); in->at++, count++)
    if (count < 6)
      fraction = fraction * 10 + (*in->at - '0');
  for (int i = count; i < 6; i++)
    fraction *= 10;
  *us += fraction;
  return count >= 1 && count <= 9;
}

static bool clock_time(struct cursor *in, int64_t *us)
{
  const int hour = digits(in, 2);
  if (hour < 0 || hour > 23 || !take(in, ':'))
    return false;
  const int minute = digits(in, 2);
  if (minute < 0 || minute > 59)
    return false;
  *us = (hour * 60 + minute) * INT64_C(60000000);
  return seconds(in, us);
}

static bool take_utc(struct cursor *in)
{
  if (in->end - in->at < 3 || memcmp(in->at, "UTC", 3) != 0)
    return false;
  in->at += 3;
  return true;
}

/* The zone; *offset_us is what the text's clock is ahead of UTC. */
static bool zone(struct cursor *in, int64_t *offset_us)
{
  *offset_us = 0;
  skip_blanks(in);
  if (take(in, 'Z') || take(in, 'z') || take_utc(in))
    return true;
  const bool ahead = take(in, '+');
  if (!ahead && !take(in, '-'))
    return true;
  const int hours = digits(in, 2);
  const bool colon = take(in, ':');
  int minutes = 0;
  if (colon || (in->at < in->end && sk_ascii_digit(*in->at)))
    minutes = digits(in, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
    return false;
  *offset_us = (hours * 60 + minutes) * INT64_C(60000000) * (ahead ? 1 : -1);
  skip_blanks(in);
  take_utc(in);
  return true;
}

shukei_status sk_time_parse(const char *text, size_t length, int64_t *us)
{
  struct cursor in = {text, text + length};
  int64_t within = 0, offset = 0;
  skip_blanks(&in);
  const int year = digits(&in, 4);
  if (year < 1 || !take(&in, '-'))
    return SHUKEI_EFORMAT;
  const int month = digits(&in, 2);
  if (month < 1 || month > 12 || !take(&in, '-'))
    return SHUKEI_EFORMAT;
  const int day = digits(&in, 2);
  if (day < 1)
    return SHUKEI_EFORMAT;
  const struct sk_date date = {year, (uint8_t)month, (uint8_t)day};
  if (!sk_date_valid(date))
    return SHUKEI_EFORMAT;
  const bool letter = take(&in, 'T') || take(&in, 't');
  if (letter || (take(&in, ' ') && in.at < in.end && sk_ascii_digit(*in.at))) {
    if (!clock_time(&in, &within) || !zone(&in, &offset))
      return SHUKEI_EFORMAT;
  }
  skip_blanks(&in);
  if (in.at != in.end)
    return SHUKEI_EFORMAT;
  const int64_t at = sk_day_of_date(date) * SK_DAY_US + within - offset;
  const int64_t first = sk_day_of_date((struct sk_date){1, 1, 1}) * SK_DAY_US;
  const int64_t last = (sk_day_of_date((struct sk_date){9999, 12, 31}) + 1) * SK_DAY_US;
  if (at < first || at >= last)
    return SHUKEI_EFORMAT;
  *us = at;
  return SHUKEI_OK;
}
