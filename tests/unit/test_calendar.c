/* SPDX-License-Identifier: Apache-2.0 */
/* Days and dates: known ones, every day of four centuries by counting, the ends of what fits. */
#include "testing.h"

#include "base/calendar.h"
#include "base/error.h"

static const struct {
  const char *text;
  int32_t day;
} known[] = {
    {"1970-01-01", 0},       {"1969-12-31", -1},      {"2025-10-01", 20362},
    {"2000-02-29", 11016},   {"2000-03-01", 11017},   {"1900-03-01", -25508},
    {"0001-01-01", -719162}, {"9999-12-31", 2932896}, {"2024-12-31", 20088},
    {"1600-02-29", -135081},
};

static void knows_days(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(known); i++) {
    char text[16];
    int32_t day = 12345;
    if (!sk_day_parse(known[i].text, 10, &day) || day != known[i].day)
      fail_msg("%s: day %d", known[i].text, (int)day);
    assert_string_equal(sk_day_text(known[i].day, text), known[i].text);
  }
}

/* Counts from 0001-01-01 to 9999-12-31, with nothing but the months' lengths. */
static void counts_every_day(void **state)
{
  (void)state;
  struct sk_date date = {1, 1, 1};
  int32_t day = -719162;
  for (;; day++) {
    const struct sk_date found = sk_date_of_day(day);
    if (found.year != date.year || found.month != date.month || found.day != date.day ||
        sk_day_of_date(date) != day || !sk_date_valid(date))
      fail_msg("day %d: %d-%d-%d", (int)day, (int)found.year, found.month, found.day);
    if (date.day < sk_days_in_month(date.year, date.month)) {
      date.day++;
    } else {
      date.day = 1;
      date.month++;
      if (date.month == 13) {
        date.month = 1;
        date.year++;
        if (date.year == 10000)
          break;
      }
    }
  }
  assert_int_equal(day, 2932896);
}

static void knows_lengths_of_months(void **state)
{
  (void)state;
  assert_int_equal(sk_days_in_month(2023, 2), 28);
  assert_int_equal(sk_days_in_month(2024, 2), 29);
  assert_int_equal(sk_days_in_month(1900, 2), 28);
  assert_int_equal(sk_days_in_month(2000, 2), 29);
  assert_int_equal(sk_days_in_month(2000, 0), 0);
  assert_int_equal(sk_days_in_month(2000, 13), 0);
  int sum = 0;
  for (int month = 1; month <= 12; month++)
    sum += sk_days_in_month(2025, month);
  assert_int_equal(sum, 365);
}

static void takes_every_32_bit_day(void **state)
{
  (void)state;
  static const int32_t days[] = {INT32_MIN, INT32_MIN + 1, -719163, 2932897, INT32_MAX};
  for (size_t i = 0; i < SK_COUNT(days); i++) {
    char text[16];
    assert_int_equal(sk_day_of_date(sk_date_of_day(days[i])), days[i]);
    assert_true(strlen(sk_day_text(days[i], text)) < sizeof text);
  }
  char text[16];
  assert_string_equal(sk_day_text(-719163, text), "0000-12-31");
  assert_string_equal(sk_day_text(2932897, text), "10000-01-01");
  assert_string_equal(sk_day_text(-719163 - 366, text), "-0001-12-31");
}

static void rounds_instants_to_the_past(void **state)
{
  (void)state;
  static const struct {
    int64_t us;
    int32_t day;
  } instants[] = {
      {0, 0},
      {-1, -1},
      {1, 0},
      {SK_DAY_US - 1, 0},
      {SK_DAY_US, 1},
      {-SK_DAY_US, -1},
      {-SK_DAY_US - 1, -2},
      {INT64_C(1759276800000000), 20362},
      {INT64_MAX, 106751991},
      {INT64_MIN, -106751992},
  };
  for (size_t i = 0; i < SK_COUNT(instants); i++)
    assert_int_equal(sk_day_of_us(instants[i].us), instants[i].day);
}

static void refuses_other_texts(void **state)
{
  (void)state;
  static const char *const texts[] = {
      "",           "2025-10-1",  "2025-10-011", "2025-13-01", "2025-00-01", "2025-02-29",
      "2025-01-32", "2025-01-00", "0000-01-01",  "2025/10/01", "2025-1 -01", "-025-10-01",
      " 2025-10-0", "20251001",   "2025-10-0:",  "2025-10-0/", "+025-10-01", "2025-10--1",
  };
  for (size_t i = 0; i < SK_COUNT(texts); i++) {
    int32_t day = 77;
    if (sk_day_parse(texts[i], strlen(texts[i]), &day) || day != 77)
      fail_msg("\"%s\" taken", texts[i]);
  }
  for (size_t length = 0; length < 10; length++) { /* cut at every byte */
    int32_t day = 77;
    assert_false(sk_day_parse("2025-10-01", length, &day));
  }
  assert_false(sk_date_valid((struct sk_date){10000, 1, 1}));
  assert_false(sk_date_valid((struct sk_date){2025, 255, 1}));
}

static void takes_ranges_of_days(void **state)
{
  (void)state;
  static const struct {
    const char *start, *end, *wrong;
  } ranges[] = {
      {"2025-10-01", "2025-10-01", NULL},
      {"2025-10-01", "2025-10-31", NULL},
      {NULL, "2025-10-31", NULL},
      {"2025-10-01", NULL, NULL},
      {NULL, NULL, NULL},
      {"2025-10-02", "2025-10-01", "start 2025-10-02 is after end 2025-10-01"},
      {"2025-10", "2025-10-01", "start \"2025-10\": expected a day"},
      {"2025-10-01", "never", "end \"never\": expected a day"},
  };
  for (size_t i = 0; i < SK_COUNT(ranges); i++) {
    int32_t start = 0, end = 0;
    shukei_error err = {0};
    const shukei_status st = sk_parse_days(ranges[i].start, ranges[i].end, &start, &end, &err);
    if (st != (ranges[i].wrong ? SHUKEI_EINVAL : SHUKEI_OK))
      fail_msg("range %zu: %s", i, err.text);
    assert_true(!ranges[i].wrong || strstr(err.text, ranges[i].wrong));
    assert_true(st || start == (ranges[i].start ? 20362 : INT32_MIN));
    assert_true(st || ranges[i].end || end == INT32_MAX);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(knows_days),
      cmocka_unit_test(counts_every_day),
      cmocka_unit_test(knows_lengths_of_months),
      cmocka_unit_test(takes_every_32_bit_day),
      cmocka_unit_test(rounds_instants_to_the_past),
      cmocka_unit_test(refuses_other_texts),
      cmocka_unit_test(takes_ranges_of_days),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
