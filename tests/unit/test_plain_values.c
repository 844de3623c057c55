/* SPDX-License-Identifier: Apache-2.0 */
/* The second reading of times, numbers and patterns: the same as the first where both say
 * something. */
#include "testing.h"

#include "input/times.h"
#include "validate/plain_values.h"

#include "base/error.h"

static const char *const times[] = {
    "2025-10-01 00:00:00 +0000 UTC",
    "2025-10-01T00:00:00Z",
    "2025-10-01 00:00:00",
    "2025-10-01",
    "2025-10-01T02:00:00+02:00",
    "2025-10-01 02:00:00 -0530",
    "2025-10-01 02:00:00 -05",
    " 2025-10-01 23:59:59.123456789 UTC ",
    "2025-10-01 23:59",
    "2024-02-29 00:00:00z",
    "1969-12-31 23:59:59.9",
    "2025-13-01 00:00:00",
    "2025-00-01",
    "2025-02-30",
    "2025-10-01 24:00:00",
    "2025-10-01 23:60:00",
    "2025-10-01 23:59:60",
    "2025-10-01 23:59:59.",
    "2025-10-01T",
    "2025-10-01 00:00:00 +25:00",
    "2025-10-01 00:00:00 CET",
    "2025-10-1",
    "",
    "now",
};

static void reads_times_as_the_engine_does(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(times); i++) {
    const size_t length = strlen(times[i]);
    int64_t first = -1, second = -1;
    const bool ok = sk_time_parse(times[i], length, &first) == SHUKEI_OK;
    if (sk_plain_time(times[i], length, &second) != ok || (ok && first != second))
      fail_msg("\"%s\": %d %lld, expected %lld", times[i], ok, (long long)second, (long long)first);
  }
}

static void reads_numbers(void **state)
{
  static const struct {
    const char *text;
    double value;
  } numbers[] = {{"1.5", 1.5},
                 {" 2e3\t", 2000},
                 {"-.5", -0.5},
                 {"", 0},
                 {"n/a", 0},
                 {"nan", 0},
                 {"1.5 kB", 0},
                 {"+7", 7},
                 {"0x10", 0},
                 {"1e", 0},
                 {"123456789012345678", 123456789012345680.0}};
  (void)state;
  for (size_t i = 0; i < SK_COUNT(numbers); i++)
    if (sk_plain_number(numbers[i].text, strlen(numbers[i].text)) != numbers[i].value)
      fail_msg("\"%s\"", numbers[i].text);
}

static void matches_patterns(void **state)
{
  static const struct {
    const char *pattern, *text;
    bool matches;
  } likes[] = {
      {"kube-%", "kube-system", true},
      {"kube-%", "akube-system", false},
      {"%test", "shop-test", true},
      {"a_b", "axb", true},
      {"a_b",
       "a\xc3\xbc"
       "b",
       true},
      {"a_b", "ab", false},
      {"%", "", true},
      {"", "", true},
      {"", "a", false},
      {"%a%b%", "xxaxxbxx", true},
      {"%a%b", "ab a", false},
      {"%aab", "aaaab", true},
      {"_", "\xe2\x82\xac", true},
      {"__", "\xe2\x82\xac", false},
      {"a\\%", "a\\x", true},
  };
  (void)state;
  for (size_t i = 0; i < SK_COUNT(likes); i++)
    if (sk_plain_like(likes[i].pattern, likes[i].text, strlen(likes[i].text)) != likes[i].matches)
      fail_msg("\"%s\" LIKE \"%s\"", likes[i].text, likes[i].pattern);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_times_as_the_engine_does),
      cmocka_unit_test(reads_numbers),
      cmocka_unit_test(matches_patterns),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
