/* SPDX-License-Identifier: Apache-2.0 */
/* Durations; sizes and grouped numbers are in test_sizes.c, beside the parser that they are the
 * other way of. */
#include "testing.h"

#include "base/figures.h"

static void tells_durations(void **state)
{
  static const struct {
    double seconds;
    const char *want;
  } rows[] = {
      {-1, "0.00 s"},       {0, "0.00 s"},         {0.004, "0.00 s"},    {0.42, "0.42 s"},
      {0.996, "1.0 s"},     {4.24, "4.2 s"},       {9.94, "9.9 s"},      {9.96, "10 s"},
      {59.4, "59 s"},       {59.6, "1 min 00 s"},  {185, "3 min 05 s"},  {3599.6, "1 h 00 min"},
      {7659, "2 h 07 min"}, {86399.7, "1 d 00 h"}, {273600, "3 d 04 h"}, {1e300, "99999 d 00 h"},
  };
  char text[SK_DURATION_TEXT];
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    assert_string_equal(sk_duration_text(rows[i].seconds, text), rows[i].want);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(tells_durations)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
