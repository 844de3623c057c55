/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes in and out, and the texts of the progress bar that are made of them. */
#include "testing.h"

#include "base/error.h"
#include "cli/progress.h"
#include "cli/sizes.h"

static const struct {
  const char *text;
  bool want;
  uint64_t bytes;
} sizes[] = {
    {"0", true, 0},
    {"1", true, 1},
    {"512", true, 512},
    {"512B", true, 512},
    {"1K", true, 1024},
    {"1k", true, 1024},
    {"1KB", true, 1000},
    {"1KiB", true, 1024},
    {"256MiB", true, UINT64_C(256) << 20},
    {"256 MiB", true, UINT64_C(256) << 20},
    {"256mib", true, UINT64_C(256) << 20},
    {"1G", true, UINT64_C(1) << 30},
    {"1.5G", true, UINT64_C(3) << 29},
    {"0.1KiB", true, 102},
    {"0.1GB", true, 100000000},
    {"1.", false, 0},
    {".5G", false, 0},
    {"2TB", true, UINT64_C(2000000000000)},
    {"1PiB", true, UINT64_C(1) << 50},
    {"15EiB", true, UINT64_C(15) << 60},
    {"15.9999999999E", true, (UINT64_C(15) << 60) + UINT64_C(1152921503453925471)},
    {"16EiB", false, 0},
    {"18446744073709551615", true, UINT64_MAX},
    {"18446744073709551616", false, 0},
    {"18446744073709551615.9", true, UINT64_MAX},
    {"18446744073709551615K", false, 0},
    {"", false, 0},
    {" ", false, 0},
    {"G", false, 0},
    {"-1", false, 0},
    {"+1", false, 0},
    {"1X", false, 0},
    {"1KiBs", false, 0},
    {"1Ki", false, 0},
    {"1iB", false, 0},
    {"1BB", false, 0},
    {"1  G", false, 0},
    {"1e9", false, 0},
    {"0x10", false, 0},
};

static void parses_sizes(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(sizes); i++) {
    uint64_t bytes = 77; /* must stay on failure */
    const bool got = sk_size_parse(sizes[i].text, strlen(sizes[i].text), &bytes);
    const uint64_t want = sizes[i].want ? sizes[i].bytes : 77;
    if (got != sizes[i].want || bytes != want)
      fail_msg("\"%s\": %d, %" PRIu64, sizes[i].text, got, bytes);
  }
}

static void reads_no_further_than_told(void **state)
{
  (void)state;
  uint64_t bytes;
  assert_true(sk_size_parse("12KiB", 2, &bytes));
  assert_int_equal(bytes, 12);
  assert_true(sk_size_parse("12KiB", 3, &bytes));
  assert_int_equal(bytes, 12288);
}

static void writes_sizes(void **state)
{
  (void)state;
  static const struct {
    uint64_t bytes;
    const char *want;
  } cases[] = {{0, "0 B"},
               {1023, "1023 B"},
               {1024, "1 KiB"},
               {1536, "1.5 KiB"},
               {102400, "100 KiB"},
               {UINT64_C(256) << 20, "256 MiB"},
               {(UINT64_C(256) << 20) + 1, "256 MiB"},
               {UINT64_C(3) << 29, "1.5 GiB"},
               {UINT64_MAX, "15.9 EiB"}};
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    char text[SK_SIZE_TEXT];
    assert_string_equal(sk_size_text(cases[i].bytes, text), cases[i].want);
  }
}

static void groups_digits(void **state)
{
  (void)state;
  char text[SK_GROUPED_TEXT];
  assert_string_equal(sk_grouped_text(0, text), "0");
  assert_string_equal(sk_grouped_text(999, text), "999");
  assert_string_equal(sk_grouped_text(1000, text), "1,000");
  assert_string_equal(sk_grouped_text(998400, text), "998,400");
  assert_string_equal(sk_grouped_text(UINT64_MAX, text), "18,446,744,073,709,551,615");
}

#define SECOND UINT64_C(1000000000)

static void draws_bars(void **state)
{
  (void)state;
  static const struct {
    const char *why;
    shukei_progress now;
    uint64_t elapsed_ns;
    const char *want;
  } cases[] = {
      {"half of the rows",
       {"pods", 500000, 1000000, 0, 0, UINT64_C(100) << 20},
       10 * SECOND,
       "pods    [##########..........] 500,000 of 1,000,000 rows, 50 k rows/s, 0:10 left, 100 MiB"},
      {"nothing yet",
       {"plan", 0, 0, 0, 0, 0},
       0,
       "plan    [....................] 0 rows, 0 rows/s, -:-- left, 0 B"},
      {"bytes where rows are not known",
       {"pods", 3000000, 0, 75, 100, 1024},
       SECOND,
       "pods    [###############.....] 3,000,000 rows, 3.0 M rows/s, 0:00 left, 1 KiB"},
      {"more than was announced",
       {"write", 11, 10, 0, 0, 0},
       SECOND,
       "write   [####################] 11 of 10 rows, 11 rows/s, 0:00 left, 0 B"},
      {"days left",
       {"pods", 1, 1000000000, 0, 0, 0},
       10 * SECOND,
       "pods    [....................] 1 of 1,000,000,000 rows, 0 rows/s, -:-- left, 0 B"},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    char text[SK_PROGRESS_TEXT];
    const size_t n = sk_progress_text(&cases[i].now, cases[i].elapsed_ns, 120, text);
    if (strcmp(text, cases[i].want) != 0 || n != strlen(text))
      fail_msg("%s: \"%s\"", cases[i].why, text);
    assert_int_equal(sk_progress_text(&cases[i].now, cases[i].elapsed_ns, 30, text), 30);
    assert_int_equal(strlen(text), 30);
  }
}

static void survives_the_greatest_counters(void **state)
{
  (void)state;
  const shukei_progress now = {"convert",  UINT64_MAX, UINT64_MAX,
                               UINT64_MAX, UINT64_MAX, UINT64_MAX};
  char text[SK_PROGRESS_TEXT], json[512];
  assert_true(sk_progress_text(&now, 1, SK_PROGRESS_TEXT, text) < SK_PROGRESS_TEXT);
  assert_true(sk_progress_json(&now, UINT64_MAX, json, sizeof json) > 0);
  assert_int_equal(sk_progress_json(&now, UINT64_MAX, json, 20), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parses_sizes), cmocka_unit_test(reads_no_further_than_told),
      cmocka_unit_test(writes_sizes), cmocka_unit_test(groups_digits),
      cmocka_unit_test(draws_bars),   cmocka_unit_test(survives_the_greatest_counters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
