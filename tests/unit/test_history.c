/* SPDX-License-Identifier: Apache-2.0 */
/* Sights of a phase: its rate of late, standing still, memory over rows. */
#include "testing.h"

#include "status/history.h"

#include <math.h>

static void add(struct sk_history *history, double seconds, double rows, double rss)
{
  sk_history_add(history, 7, (struct sk_sight){seconds, rows, rss});
}

static void knows_the_rate_of_late(void **state)
{
  struct sk_history history = {0};
  (void)state;
  assert_true(sk_history_rate(&history, 10) == -1);
  for (int i = 0; i <= 20; i++) /* 100 rows a second, then 1000 */
    add(&history, i, i < 10 ? 100 * i : 1000 + 1000 * (i - 10), 1e6);
  assert_true(sk_history_rate(&history, 10) == 1000);
  assert_true(sk_history_rate(&history, 5) == 1000);
  assert_true(sk_history_rate(&history, 20) == 550);
  assert_true(sk_history_rate(&history, 21) == -1);
}

static void knows_standing_still(void **state)
{
  struct sk_history history = {0};
  (void)state;
  assert_true(sk_history_still(&history) == 0);
  add(&history, 1, 5, 1);
  add(&history, 2, 6, 1);
  assert_true(sk_history_still(&history) == 0);
  add(&history, 9, 6, 1);
  assert_true(sk_history_still(&history) == 7);
  add(&history, 10, 7, 1);
  assert_true(sk_history_still(&history) == 0);
}

static void begins_anew(void **state)
{
  struct sk_history history = {0};
  (void)state;
  add(&history, 1, 5, 1);
  add(&history, 1, 6, 1);  /* no time has passed */
  add(&history, 2, -1, 1); /* not known */
  add(&history, 2, 5, -1);
  assert_true(history.count == 1 && history.sights[0].rows == 5);
  sk_history_add(&history, 8, (struct sk_sight){3, 1, 1}); /* another process */
  assert_int_equal(history.count, 1);
  assert_true(history.sights[0].rows == 1);
  sk_history_add(&history, 8, (struct sk_sight){1, 1, 1}); /* the same number, begun later */
  assert_int_equal(history.count, 1);
}

static void covers_all_of_a_long_phase(void **state)
{
  struct sk_history history = {0};
  (void)state;
  for (int i = 0; i < 100000; i++) {
    add(&history, i, 10.0 * i, 1e6 + 20.0 * i);
    assert_in_range(history.count, 1, SK_HISTORY_SIGHTS);
  }
  assert_true(history.sights[0].seconds == 0);
  assert_true(history.sights[history.count - 1].seconds == 99999);
  assert_true(fabs(sk_history_row_bytes(&history) - 2) < 1e-6);
  assert_true(fabs(sk_history_rate(&history, 10) - 10) < 1e-9);
}

static void looks_at_the_second_half(void **state)
{
  struct sk_sight sights[20];
  (void)state;
  for (int i = 0; i < 20; i++) /* tables grow at first, then no more */
    sights[i] = (struct sk_sight){i, 100.0 * i, i < 8 ? 1000.0 * i : 8000};
  assert_true(sk_row_bytes_of(sights, 20) == 0);
  assert_true(isnan(sk_row_bytes_of(sights, 0)));
  assert_true(isnan(sk_row_bytes_of(sights, 6))); /* three of them in the second half */
  for (int i = 0; i < 20; i++)
    sights[i].rows = 5;
  assert_true(isnan(sk_row_bytes_of(sights, 20)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(knows_the_rate_of_late), cmocka_unit_test(knows_standing_still),
      cmocka_unit_test(begins_anew), cmocka_unit_test(covers_all_of_a_long_phase),
      cmocka_unit_test(looks_at_the_second_half)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
