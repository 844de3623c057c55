/* SPDX-License-Identifier: Apache-2.0 */
/* nise makes its reports month by month. A generator's hours in a month are those that fit between
 * the later of its start and the month's, and the earlier of its end and the month's: an hour
 * begins a whole number of hours after that start and lasts 59 minutes and 59 seconds. The last
 * month of all generators is taken to end on its last day at midnight; a generator that starts
 * later than that is left out there. */
#include "generate/manifest_dates.h"

#include "base/calendar.h"

#include <stdio.h>

#define DAY INT64_C(86400)
#define HOUR INT64_C(3600)
#define HOUR_LASTS (HOUR - 1)

/* Reads up to `most` digits; the number of digits read. */
static int take_digits(const char **at, int most, int *value)
{
  int n = 0;
  *value = 0;
  while (n < most && **at >= '0' && **at <= '9') {
    *value = *value * 10 + (**at - '0');
    ++*at;
    n++;
  }
  return n;
}

static void skip_blanks(const char **at)
{
  while (**at == ' ' || **at == '\t')
    ++*at;
}

static bool take_date(const char **at, int64_t *day)
{
  int fields[3], digits[3];
  char separator = 0;
  for (int i = 0; i < 3; i++) {
    if (i > 0) {
      if ((**at != '-' && **at != '/' && **at != '.') || (separator && **at != separator))
        return false;
      separator = *(*at)++;
    }
    digits[i] = take_digits(at, 4, &fields[i]);
  }
  int year, month, of_month;
  if (digits[0] == 4 && digits[1] >= 1 && digits[1] <= 2 && digits[2] >= 1 && digits[2] <= 2) {
    year = fields[0], month = fields[1], of_month = fields[2];
  } else if (digits[2] == 4 && digits[0] >= 1 && digits[0] <= 2 && digits[1] >= 1 &&
             digits[1] <= 2) {
    year = fields[2], month = fields[0], of_month = fields[1];
    if (month > 12) {
      month = fields[1];
      of_month = fields[0];
    }
  } else {
    return false;
  }
  if (month < 1 || month > 12)
    return false;
  const struct sk_date date = {year, (uint8_t)month, (uint8_t)of_month};
  if (!sk_date_valid(date))
    return false;
  *day = sk_day_of_date(date);
  return true;
}

static bool take_time(const char **at, int64_t *seconds)
{
  int hour, minute = 0, second = 0, ignored;
  if (take_digits(at, 2, &hour) == 0 || hour > 23)
    return false;
  if (**at == ':') {
    ++*at;
    if (take_digits(at, 2, &minute) != 2 || minute > 59)
      return false;
    if (**at == ':') {
      ++*at;
      if (take_digits(at, 2, &second) != 2 || second > 59)
        return false;
      if (**at == '.') {
        ++*at;
        if (take_digits(at, 9, &ignored) == 0)
          return false;
      }
    }
  }
  *seconds = hour * HOUR + minute * 60 + second;
  return true;
}

/* "Z", "UTC", "+0000", "-05:30" or nothing: read over. */
static bool take_zone(const char **at)
{
  int ignored;
  skip_blanks(at);
  if (**at == 'Z') {
    ++*at;
  } else if (**at == '+' || **at == '-') {
    ++*at;
    if (take_digits(at, 2, &ignored) == 0)
      return false;
    if (**at == ':')
      ++*at;
    take_digits(at, 2, &ignored);
    skip_blanks(at);
  }
  if (strncmp(*at, "UTC", 3) == 0)
    *at += 3;
  return true;
}

bool sk_moment_parse(const char *text, int64_t *seconds)
{
  const char *at = text;
  int64_t day, of_day = 0;
  skip_blanks(&at);
  if (!take_date(&at, &day))
    return false;
  if (*at == 'T' || *at == 't' || *at == ' ' || *at == '\t') {
    const bool mark = *at == 'T' || *at == 't';
    if (mark)
      at++;
    skip_blanks(&at);
    if ((mark || *at) && !take_time(&at, &of_day))
      return false;
    if (!take_zone(&at))
      return false;
  }
  skip_blanks(&at);
  if (*at)
    return false;
  *seconds = day * DAY + of_day;
  return true;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
  return a / b - (a % b < 0);
}

static int64_t midnight(int64_t moment)
{
  return floor_divide(moment, DAY) * DAY;
}

/* Midnight of the first day of the month `months` after the moment's. */
static int64_t month_start(int64_t moment, int months)
{
  struct sk_date date = sk_date_of_day((int32_t)floor_divide(moment, DAY));
  const int month = date.month - 1 + months;
  date.year += month < 0 ? -1 : month / 12;
  date.month = (uint8_t)((month + 12) % 12 + 1);
  date.day = 1;
  return sk_day_of_date(date) * DAY;
}

static int month_of(int64_t moment)
{
  return sk_date_of_day((int32_t)floor_divide(moment, DAY)).month;
}

/* "-3d": so many days before today. */
static bool days_ago(const char *text, const struct sk_dates *dates, int64_t *moment)
{
  int days;
  if (*text++ != '-' || take_digits(&text, 4, &days) == 0 || text[0] != 'd' || text[1])
    return false;
  *moment = midnight(dates->now) - days * DAY;
  return true;
}

static bool known_date(const struct sk_yaml *node, const struct sk_dates *dates, int64_t *moment)
{
  if (strcmp(node->text, "last_month") == 0)
    *moment = month_start(dates->now, -1);
  else if (strcmp(node->text, "today") == 0)
    *moment = midnight(dates->now);
  else
    return days_ago(node->text, dates, moment) || sk_moment_parse(node->text, moment);
  return true;
}

static shukei_status no_date(struct sk_walk *walk, const struct sk_yaml *node, const char *what)
{
  const shukei_status st = node->kind == SK_YAML_SCALAR
                               ? sk_walk_fail(walk, node, "%s \"%s\" is no date", what, node->text)
                               : sk_walk_fail(walk, node, "%s is no date", what);
  sk_advise(walk->err, "a date is YYYY-MM-DD, last_month, today or -3d (three days before today)%s",
            strcmp(what, "end_date") == 0 ? ", an end also a number of days after the start" : "");
  return st;
}

/* An end is "so many days after the start", but not after now, unless another month lies there. */
static int64_t end_after_days(int64_t start, double days, int64_t now)
{
  const int64_t end = start + (int64_t)days * DAY;
  return month_of(end) > month_of(start) || end < now ? end : now;
}

/* A date of today without a time, and not as a text, stands for now. */
static bool is_today(const struct sk_yaml *node, int64_t moment, const struct sk_dates *dates)
{
  return node->plain && strlen(node->text) == 10 && node->text[4] == '-' &&
         moment == midnight(dates->now);
}

static shukei_status read_end(struct sk_walk *walk, const struct sk_dates *dates,
                              const struct sk_yaml *node, struct sk_span_of_time *span)
{
  double days;
  if (!node) {
    span->end = dates->has_end ? dates->end : dates->now;
    return SHUKEI_OK;
  }
  if (sk_yaml_whole(node, &days)) {
    if (days < 0 || days > 40000)
      return sk_walk_fail(walk, node, "end_date %s: from 0 to 40000 days after the start expected",
                          node->text);
    span->end = end_after_days(span->start, days, dates->now);
    return SHUKEI_OK;
  }
  if (node->kind != SK_YAML_SCALAR || !known_date(node, dates, &span->end))
    return no_date(walk, node, "end_date");
  if (is_today(node, span->end, dates))
    span->end = dates->now;
  return SHUKEI_OK;
}

static const char *moment_text(int64_t moment, char text[32])
{
  char day[16];
  const int64_t of_day = moment - midnight(moment);
  snprintf(text, 32, "%s %02d:%02d", sk_day_text((int32_t)floor_divide(moment, DAY), day),
           (int)(of_day / HOUR), (int)(of_day % HOUR / 60));
  return text;
}

shukei_status sk_dates_read(struct sk_walk *walk, const struct sk_dates *dates,
                            const struct sk_yaml *at, const struct sk_yaml *start,
                            const struct sk_yaml *end, struct sk_span_of_time *span)
{
  char first[32], last[32];
  double number;
  if (!start)
    span->start = dates->has_start ? dates->start : month_start(dates->now, 0);
  else if (sk_yaml_whole(start, &number) || start->kind != SK_YAML_SCALAR ||
           !known_date(start, dates, &span->start))
    return no_date(walk, start, "start_date");
  const shukei_status st = read_end(walk, dates, end, span);
  if (st || span->end >= span->start)
    return st;
  return sk_walk_fail(walk,
                      end     ? end
                      : start ? start
                              : at,
                      "the generator ends %s, before its start %s", moment_text(span->end, last),
                      moment_text(span->start, first));
}

/* Adds the hours between two moments of one month. */
static void add_hours(struct sk_span_of_time *span, int64_t from, int64_t to)
{
  if (to - from < HOUR_LASTS)
    return;
  const int64_t first = floor_divide(from, HOUR);
  const int64_t end = first + (to - from - HOUR_LASTS) / HOUR + 1;
  if (span->run_count && span->runs[span->run_count - 1].end == first) {
    span->runs[span->run_count - 1].end = end;
  } else {
    span->runs[span->run_count].first = first;
    span->runs[span->run_count].end = end;
    span->run_count++;
  }
}

void sk_dates_hours(int64_t last_end, struct sk_span_of_time *span)
{
  const int64_t last_month = month_start(last_end, 0);
  const int64_t late = month_start(last_end, 1) - DAY + last_end % 60;
  span->run_count = 0;
  if (span->start >= last_month && span->start > late)
    return;
  const int64_t next = month_start(span->start, 1);
  if (span->end <= next) {
    add_hours(span, span->start, span->end);
  } else {
    add_hours(span, span->start, next);
    add_hours(span, next, span->end); /* later months follow each other without a gap */
  }
}
