/* SPDX-License-Identifier: Apache-2.0 */
/* Ends and ticks of axes: round, in order, with room for their labels, whatever the values. */
#include "testing.h"

#include "report/chart_axis.h"

#include <math.h>

static const struct {
  bool logarithmic, zero;
  double low, high, from, to; /* what comes in, which ends come out */
} cases[] = {
    {true, false, 22320, 1996800, 20000, 2000000},
    {true, false, 0.03, 0.07, 0.02, 0.1},
    {true, false, 5, 5, 2, 10},
    {false, true, 3, 97, 0, 100},
    {false, false, 40, 60, 40, 60},
    {false, true, 0, 0, 0, 1},
    {true, false, -1, 5, 1, 10},
    {false, true, NAN, NAN, 0, 1},
};

static void shortens_numbers_of_ticks(void **state)
{
  (void)state;
  static const struct {
    double value;
    const char *want;
  } ticks[] = {{0, "0"},    {0.05, "0.05"}, {500, "500"},    {1000, "1k"},  {2e6, "2M"},
               {5e9, "5G"}, {1e12, "1T"},   {1e15, "1000T"}, {-2000, "-2k"}};
  char text[SK_TICK_TEXT];
  for (size_t i = 0; i < SK_COUNT(ticks); i++)
    assert_string_equal(sk_tick_text(ticks[i].value, text), ticks[i].want);
}

static void finds_round_ends(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    const struct sk_axis axis = {
        .title = "", .logarithmic = cases[i].logarithmic, .zero = cases[i].zero};
    struct sk_scale scale;
    sk_scale_set(&scale, &axis, cases[i].low, cases[i].high, 0, 600, true);
    if (fabs(scale.low - cases[i].from) > 1e-9 * cases[i].to ||
        fabs(scale.high - cases[i].to) > 1e-9 * cases[i].to)
      fail_msg("case %zu: %g to %g", i, scale.low, scale.high);
    assert_true(scale.tick_count >= 2);
  }
}

static void ticks_have_room(void **state)
{
  (void)state;
  uint64_t random = 9;
  for (int round = 0; round < 3000; round++) {
    const struct sk_axis axis = {.title = "", .logarithmic = round % 2, .zero = round % 3 == 0};
    const double low = pow(10, (double)random_below(&random, 18) - 6) *
                       (1 + (double)random_below(&random, 900) / 100);
    const double high = low * (1 + (double)random_below(&random, 100000) / 10);
    const bool across = round % 5 < 3;
    const double pixels = 200 + (double)random_below(&random, 400);
    struct sk_scale scale;
    char text[SK_TICK_TEXT];
    sk_scale_set(&scale, &axis, low, high, across ? 0 : pixels, across ? pixels : 0, across);
    assert_true(scale.low <= low * (1 + 1e-9) && scale.high >= high * (1 - 1e-9));
    for (size_t i = 1; i < scale.tick_count; i++) {
      const double apart =
          fabs(sk_scale_at(&scale, scale.ticks[i]) - sk_scale_at(&scale, scale.ticks[i - 1]));
      const double need = across ? (sk_text_width(sk_tick_text(scale.ticks[i], text)) +
                                    sk_text_width(sk_tick_text(scale.ticks[i - 1], text))) /
                                       2
                                 : 16;
      assert_true(scale.ticks[i] > scale.ticks[i - 1]);
      if (apart < need)
        fail_msg("%g to %g: %g and %g are %g apart", low, high, scale.ticks[i - 1], scale.ticks[i],
                 apart);
    }
  }
}

static void places_lie_between_the_ends(void **state)
{
  (void)state;
  const struct sk_axis axis = {.title = "", .logarithmic = true};
  struct sk_scale scale;
  sk_scale_set(&scale, &axis, 10, 1000, 50, 250, true);
  assert_true(fabs(sk_scale_at(&scale, 100) - 150) < 1e-9);
  assert_true(fabs(sk_scale_at(&scale, 1) - 50) < 1e-9 &&
              fabs(sk_scale_at(&scale, 1e9) - 250) < 1e-9);
  assert_true(fabs(sk_scale_at(&scale, -5) - 50) < 1e-9 &&
              fabs(sk_scale_at(&scale, NAN) - 50) < 1e-9);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shortens_numbers_of_ticks),
      cmocka_unit_test(finds_round_ends),
      cmocka_unit_test(ticks_have_room),
      cmocka_unit_test(places_lie_between_the_ends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
