/* SPDX-License-Identifier: Apache-2.0 */
/* Timestamps as text. */
#include "testing.h"

#include "base/calendar.h"
#include "input/times.h"

#define OCTOBER INT64_C(1759276800000000) /* 2025-10-01 */

static const struct {
  const char *why, *text;
  shukei_status want;
  int64_t us;
} times[] = {
    {"operator spelling", "2025-10-01 00:00:00 +0000 UTC", SHUKEI_OK, OCTOBER},
    {"ISO", "2025-10-01T00:00:00Z", SHUKEI_OK, OCTOBER},
    {"no zone", "2025-10-01 00:00:00", SHUKEI_OK, OCTOBER},
    {"UTC alone", "2025-10-01 00:00:00 UTC", SHUKEI_OK, OCTOBER},
    {"date alone", "2025-10-01", SHUKEI_OK, OCTOBER},
    {"date and blanks", " 2025-10-01 ", SHUKEI_OK, OCTOBER},
    {"no seconds", "2025-10-01T00:01", SHUKEI_OK, OCTOBER + 60000000},
    {"blanks around", "\t 2025-10-01 00:00:00 \r\n", SHUKEI_OK, OCTOBER},
    {"offset with colon", "2025-10-01T02:00:00+02:00", SHUKEI_OK, OCTOBER},
    {"offset without", "2025-10-01 02:00:00 +0200", SHUKEI_OK, OCTOBER},
    {"offset of hours", "2025-10-01 02:00:00+02", SHUKEI_OK, OCTOBER},
    {"offset counts before UTC", "2025-10-01 02:00:00 +0200 UTC", SHUKEI_OK, OCTOBER},
    {"behind UTC", "2025-09-30T18:30:00-05:30", SHUKEI_OK, OCTOBER},
    {"fraction", "2025-10-01T00:00:00.5Z", SHUKEI_OK, OCTOBER + 500000},
    {"nanoseconds", "2025-10-01T00:00:00.123456789Z", SHUKEI_OK, OCTOBER + 123456},
    {"nanoseconds round down", "2025-10-01T00:00:00.999999999", SHUKEI_OK, OCTOBER + 999999},
    {"ten digits", "2025-10-01T00:00:00.1234567890Z", SHUKEI_EFORMAT, -1},
    {"no digit", "2025-10-01T00:00:00.Z", SHUKEI_EFORMAT, -1},
    {"leap day", "2024-02-29T00:00:00Z", SHUKEI_OK, INT64_C(1709164800000000)},
    {"no leap day", "2025-02-29T00:00:00Z", SHUKEI_EFORMAT, -1},
    {"before 1970", "1969-12-31T23:59:59.9", SHUKEI_OK, -100000},
    {"first instant", "0001-01-01T00:00:00Z", SHUKEI_OK, INT64_C(-62135596800000000)},
    {"last second", "9999-12-31T23:59:59Z", SHUKEI_OK, INT64_C(253402300799000000)},
    {"year 0", "0000-01-01T00:00:00Z", SHUKEI_EFORMAT, -1},
    {"offset leads to year 0", "0001-01-01T00:00:00+00:01", SHUKEI_EFORMAT, -1},
    {"offset leads to year 10000", "9999-12-31T23:59:59-01:00", SHUKEI_EFORMAT, -1},
    {"five digits", "12025-10-01T00:00:00Z", SHUKEI_EFORMAT, -1},
    {"month 13", "2025-13-01 00:00:00", SHUKEI_EFORMAT, -1},
    {"month 0", "2025-00-01 00:00:00", SHUKEI_EFORMAT, -1},
    {"day 0", "2025-10-00 00:00:00", SHUKEI_EFORMAT, -1},
    {"day 32", "2025-10-32 00:00:00", SHUKEI_EFORMAT, -1},
    {"hour 24", "2025-10-01 24:00:00", SHUKEI_EFORMAT, -1},
    {"minute 60", "2025-10-01 00:60:00", SHUKEI_EFORMAT, -1},
    {"second 60", "2025-10-01 00:00:60", SHUKEI_EFORMAT, -1},
    {"offset of 24 hours", "2025-10-01 00:00:00+24:00", SHUKEI_EFORMAT, -1},
    {"offset of 60 minutes", "2025-10-01 00:00:00+00:60", SHUKEI_EFORMAT, -1},
    {"another zone", "2025-10-01 00:00:00 CEST", SHUKEI_EFORMAT, -1},
    {"T and no time", "2025-10-01T", SHUKEI_EFORMAT, -1},
    {"one digit", "2025-10-1 00:00:00", SHUKEI_EFORMAT, -1},
    {"slashes", "2025/10/01 00:00:00", SHUKEI_EFORMAT, -1},
    {"words behind", "2025-10-01 00:00:00 x", SHUKEI_EFORMAT, -1},
    {"empty", "", SHUKEI_EFORMAT, -1},
    {"blanks", "  ", SHUKEI_EFORMAT, -1},
    {"a number", "1759276800", SHUKEI_EFORMAT, -1},
};

static void parses_timestamps(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(times); i++) {
    int64_t us = -1; /* must stay -1 on failure */
    const shukei_status st = sk_time_parse(times[i].text, strlen(times[i].text), &us);
    if (st != times[i].want || us != times[i].us)
      fail_msg("%s: %s, %" PRId64, times[i].why, shukei_status_name(st), us);
  }
}

/* Every day and any time within it come back; what is cut off is another time or none. */
static void round_trips(void **state)
{
  (void)state;
  uint64_t seed = 1;
  char text[64], day_text[16];
  for (int i = 0; i < 20000; i++) {
    const int32_t day = (int32_t)random_below(&seed, 3652059) - 719162;
    const int second = (int)random_below(&seed, 86400), micro = (int)random_below(&seed, 1000000);
    snprintf(text, sizeof text, "%s %02d:%02d:%02d.%06d +0000 UTC", sk_day_text(day, day_text),
             second / 3600, second / 60 % 60, second % 60, micro);
    int64_t us = -1;
    assert_int_equal(sk_time_parse(text, strlen(text), &us), SHUKEI_OK);
    assert_int_equal(us, day * SK_DAY_US + second * INT64_C(1000000) + micro);
  }
}

static void reads_nothing_behind_the_text(void **state)
{
  (void)state;
  const char *whole = "2025-10-01 02:03:04.5 +0200 UTC";
  for (size_t length = 0; length < strlen(whole); length++) {
    char *exact = malloc(length ? length : 1); /* ASan sees a step too far */
    int64_t us;
    assert_non_null(exact);
    memcpy(exact, whole, length);
    sk_time_parse(exact, length, &us);
    free(exact);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parses_timestamps),
      cmocka_unit_test(round_trips),
      cmocka_unit_test(reads_nothing_behind_the_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
