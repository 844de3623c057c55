/* SPDX-License-Identifier: Apache-2.0 */
/* koku: [data/parquet/[daily/]]{org}/OCP/{report}/source={s}/year={Y}/month={M}[/day={D}]/NAME
 * poc:  [data/]{org}/OCP/source={s}/year={Y}/month={M}/day={D}/{table}[_daily]/NAME
 * The two are told apart by what follows "OCP"; what lies before the organisation is not looked at,
 * but for the word "daily". */
#include "input/layout.h"
#include "base/calendar.h"
#include "input/ascii.h"

#define PARTS_MOST 64 /* the last ones count */

struct parts {
  struct sk_path_part part[PARTS_MOST];
  int count;
};

/* The parts of a path; of a very long one the last. */
static void split(const char *path, struct parts *parts)
{
  parts->count = 0;
  for (const char *at = path; *at;) {
    const size_t length = strcspn(at, "/");
    if (length > 0) {
      if (parts->count == PARTS_MOST) {
        memmove(parts->part, parts->part + 1, (PARTS_MOST - 1) * sizeof *parts->part);
        parts->count--;
      }
      parts->part[parts->count++] = (struct sk_path_part){at, length};
    }
    at += length + (at[length] == '/');
  }
}

/* The value of "key=value"; text NULL where the part is none. */
static struct sk_path_part value_of(struct sk_path_part part, const char *key)
{
  const size_t length = strlen(key);
  if (part.length > length && part.text[length] == '=' && memcmp(part.text, key, length) == 0)
    return (struct sk_path_part){part.text + length + 1, part.length - length - 1};
  return (struct sk_path_part){NULL, 0};
}

/* A number of at most four digits; -1 where the part is none. */
static int number_of(struct sk_path_part part)
{
  int value = 0;
  if (!part.text || part.length == 0 || part.length > 4)
    return -1;
  for (size_t i = 0; i < part.length; i++) {
    if (!sk_ascii_digit(part.text[i]))
      return -1;
    value = value * 10 + (part.text[i] - '0');
  }
  return value;
}

static void read_days(int year, int month, int day, struct sk_path_facts *facts)
{
  facts->first_day = INT32_MIN;
  facts->last_day = INT32_MAX;
  if (year < 1)
    return;
  const int first_month = month >= 1 && month <= 12 ? month : 1;
  const int last_month = month >= 1 && month <= 12 ? month : 12;
  struct sk_date first = {year, (uint8_t)first_month, 1};
  struct sk_date last = {year, (uint8_t)last_month, (uint8_t)sk_days_in_month(year, last_month)};
  if (first_month == last_month && day >= 1 && day <= last.day)
    first.day = last.day = (uint8_t)day;
  facts->first_day = sk_day_of_date(first);
  facts->last_day = sk_day_of_date(last);
}

/* "..._daily.parquet", "..._daily_17.parquet", as upstream names them. */
static bool daily_name(struct sk_path_part name)
{
  static const char mark[] = "_daily";
  const size_t n = sizeof mark - 1;
  for (size_t i = 0; i + n < name.length; i++) {
    if (memcmp(name.text + i, mark, n) != 0)
      continue;
    size_t at = i + n;
    if (name.text[at] == '_')
      for (at++; at < name.length && sk_ascii_digit(name.text[at]);)
        at++;
    if (at < name.length && name.text[at] == '.')
      return true;
  }
  return false;
}

static bool daily_table(struct sk_path_part part)
{
  static const char mark[] = "_daily";
  const size_t n = sizeof mark - 1;
  if (part.length <= n || memcmp(part.text + part.length - n, mark, n) != 0)
    return false;
  const struct sk_path_part table = {part.text, part.length - n};
  for (int r = 0; r < SK_REPORT_COUNT; r++)
    if (sk_part_is(table, sk_report_info((enum sk_report)r)->table))
      return true;
  return false;
}

void sk_path_read(const char *path, struct sk_path_facts *facts)
{
  struct parts parts;
  int year = -1, month = -1, day = -1, ocp = -1;
  *facts = (struct sk_path_facts){.layout = SHUKEI_LAYOUT_FLAT};
  split(path, &parts);
  for (int i = 0; i + 1 < parts.count; i++) {
    const struct sk_path_part part = parts.part[i];
    const struct sk_path_part source = value_of(part, "source");
    if (source.text)
      facts->source = source;
    if (value_of(part, "year").text)
      year = number_of(value_of(part, "year"));
    if (value_of(part, "month").text)
      month = number_of(value_of(part, "month"));
    if (value_of(part, "day").text)
      day = number_of(value_of(part, "day"));
    if (sk_part_is(part, "OCP") && i > 0)
      ocp = i;
    facts->daily |= daily_table(part);
  }
  read_days(year, month, day, facts);
  if (parts.count)
    facts->daily |= daily_name(parts.part[parts.count - 1]);
  if (ocp < 0 || !facts->source.text)
    return;
  facts->org = parts.part[ocp - 1];
  facts->layout =
      value_of(parts.part[ocp + 1], "source").text ? SHUKEI_LAYOUT_POC : SHUKEI_LAYOUT_KOKU;
  facts->daily |= ocp >= 2 && sk_part_is(parts.part[ocp - 2], "daily");
}

void sk_path_make(struct sk_buffer *out, shukei_layout layout, const char *org, const char *source,
                  enum sk_report report, int32_t day)
{
  const struct sk_report_info *info = sk_report_info(report);
  const struct sk_date date = sk_date_of_day(day);
  char text[16];
  if (layout == SHUKEI_LAYOUT_KOKU)
    sk_buffer_printf(out, "data/parquet/%s/OCP/%s/source=%s/year=%04d/month=%02d/day=%02d/", org,
                     info->name, source, (int)date.year, date.month, date.day);
  else if (layout == SHUKEI_LAYOUT_POC)
    sk_buffer_printf(out, "data/%s/OCP/source=%s/year=%04d/month=%02d/day=%02d/%s/", org, source,
                     (int)date.year, date.month, date.day, info->table);
  sk_buffer_printf(out, "%s.%s.parquet", info->name, sk_day_text(day, text));
}
