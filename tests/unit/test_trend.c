/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics against figures worked out by hand. */
#include "testing.h"

#include "bench/trend.h"
#include "base/error.h"

#include <math.h>

static void near(double found, double want)
{
  if (!(fabs(found - want) <= 1e-6 * (1 + fabs(want))))
    fail_msg("%.12g, expected %.12g", found, want);
}

static void knows_the_middle(void **state)
{
  (void)state;
  double odd[] = {5, 1, 3}, even[] = {4, 1, 3, 2}, zero[] = {0, 0};
  struct sk_spread spread = sk_spread_of(odd, 3);
  assert_true(spread.median == 3 && spread.least == 1 && spread.most == 5 && spread.count == 3);
  near(spread.relative, 4.0 / 3);
  spread = sk_spread_of(even, 4);
  assert_true(spread.median == 2.5);
  assert_true(sk_spread_of(zero, 2).relative == 0);
  assert_true(sk_spread_of(NULL, 0).count == 0);
}

static void finds_lines(void **state)
{
  (void)state;
  const double x[] = {1, 2, 3, 4, 5}, y[] = {2.1, 3.9, 6.2, 7.8, 10.1};
  struct sk_trend trend = sk_trend_of(x, y, 5, SK_TREND_LINE);
  assert_true(trend.known && trend.count == 5);
  near(trend.slope, 1.99); /* sum of (x - 3)(y - 6.02) = 19.9, of (x - 3)^2 = 10 */
  near(trend.intercept, 0.05);
  near(trend.deviation, sqrt(0.107 / 3));
  near(trend.fit, 1 - 0.107 / 39.708);
  const struct sk_prediction at = sk_trend_at(&trend, 6);
  near(at.value, 11.99);
  const double width = 3.182 * sqrt(0.107 / 3) * sqrt(1 + 0.2 + 0.9);
  near(at.high - at.value, width);
  near(at.value - at.low, width);

  const double rows[] = {1000, 10000, 100000}, seconds[] = {0.5, 5, 50};
  trend = sk_trend_of(rows, seconds, 3, SK_TREND_POWER);
  near(trend.slope, 1);
  near(sk_trend_at(&trend, 1e6).value, 500);
  assert_true(sk_trend_at(&trend, 1e6).high < 500.1);
  assert_false(sk_trend_at(&trend, 0).known);
}

/* y = 0.1 + 2e-6 x exactly, then with errors; figures by the normal equations with weights 1 /
 * y^2. */
static void finds_costs(void **state)
{
  (void)state;
  const double rows[] = {2e4, 1e5, 2.5e5, 1e6}, exact[] = {0.14, 0.3, 0.6, 2.1};
  struct sk_trend trend = sk_trend_of(rows, exact, 4, SK_TREND_COST);
  assert_true(trend.known && trend.count == 4);
  near(trend.intercept, 0.1);
  near(trend.slope * 1e6, 2);
  near(trend.fit, 1);
  near(sk_trend_at(&trend, 2e6).value, 4.1);
  near(sk_trend_at(&trend, 2e6).low, 4.1);
  /* a power through the same points expects too little of the next size */
  const struct sk_trend power = sk_trend_of(rows, exact, 4, SK_TREND_POWER);
  assert_true(sk_trend_at(&power, 2e6).value < 3.5);

  const double x[] = {1, 2, 4}, y[] = {1, 2, 5}; /* weights 1, 1/4, 1/25 */
  trend = sk_trend_of(x, y, 3, SK_TREND_COST);
  assert_true(trend.intercept == 0);                   /* the best line begins below 0 */
  const double slope = (1 + 1 + 0.8) / (1 + 1 + 0.64); /* sum of x/y by sum of (x/y)^2 */
  near(trend.slope, slope);
  const double r1 = 1 - slope, r3 = 1 - slope * 0.8;
  near(trend.deviation, sqrt(2 * r1 * r1 + r3 * r3));
  const double weight = 1.29, mean = 1.66 / weight, square = 2.64 - weight * mean * mean;
  const double value = 8 * slope;
  const double width = 12.706 * trend.deviation *
                       sqrt(1 + (1 / weight + (8 - mean) * (8 - mean) / square) / (value * value));
  const struct sk_prediction at = sk_trend_at(&trend, 8);
  near(at.value, value);
  near(at.low, value * exp(-width));
  near(at.high, value * exp(width));

  const double falling[] = {5, 4, 3}; /* no time a row is below 0: the weighted mean */
  trend = sk_trend_of(x, falling, 3, SK_TREND_COST);
  assert_true(trend.known && trend.slope == 0 && trend.fit == 0);
  near(trend.intercept, (1 / 5. + 1 / 4. + 1 / 3.) / (1 / 25. + 1 / 16. + 1 / 9.));
  const double none[] = {0, -1, NAN};
  assert_false(sk_trend_of(x, none, 3, SK_TREND_COST).known);
  assert_false(sk_trend_of((const double[]){7, 7, 7}, y, 3, SK_TREND_COST).known);
}

static void leaves_out_what_is_no_point(void **state)
{
  (void)state;
  const double x[] = {0, 10, 100, NAN, 1000}, y[] = {1, 1, 10, 4, INFINITY},
               same[] = {7, 7, 7, 7, 7};
  const struct sk_trend trend = sk_trend_of(x, y, 5, SK_TREND_POWER);
  assert_true(trend.known && trend.count == 2);
  near(trend.slope, 1);
  const struct sk_prediction two = sk_trend_at(&trend, 1000);
  assert_true(two.known && two.low == 0 && two.high == 0);
  assert_false(sk_trend_of(same, y, 3, SK_TREND_LINE).known);
  assert_false(sk_trend_of(x, y, 1, SK_TREND_LINE).known);
  assert_false(sk_trend_at(&(struct sk_trend){0}, 1).known);
  const double flat[] = {3, 3, 3};
  const struct sk_trend level = sk_trend_of(x, flat, 3, SK_TREND_LINE);
  assert_true(level.known && level.slope == 0 && level.fit == 1);
}

static void tells_noise_from_change(void **state)
{
  (void)state;
  const double before[] = {1.00, 1.02, 0.98, 1.01, 0.99};
  const double same[] = {1.01, 0.99, 1.00, 1.03, 0.97}, slower[] = {1.20, 1.22, 1.18, 1.25, 1.21};
  const struct sk_ratio noise = sk_ratio_of(before, 5, same, 5);
  assert_true(noise.known && !noise.sure && noise.low <= 1 && noise.high >= 1);
  near(noise.value, 1);
  const struct sk_ratio change = sk_ratio_of(before, 5, slower, 5);
  assert_true(change.sure && change.low > 1.1 && change.high < 1.3);
  near(change.value, 1.21);
  assert_true(memcmp(&change, &(struct sk_ratio){0}, sizeof change) != 0);
  const struct sk_ratio again = sk_ratio_of(before, 5, slower, 5);
  assert_true(again.low == change.low && again.high == change.high);
  const struct sk_ratio faster = sk_ratio_of(slower, 5, before, 5);
  assert_true(faster.sure && faster.high < 0.9);
  /* Of ten values one is far out: more than two of a hundred medians never meet it. */
  const double out[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 100}, ones[] = {1, 1, 1, 1, 1};
  const struct sk_ratio far = sk_ratio_of(ones, 5, out, 10),
                        near_by = sk_ratio_of(out, 10, ones, 5);
  assert_true(far.low == 1 && far.high == 1 && near_by.low == 1 && near_by.high == 1);
  const struct sk_ratio single = sk_ratio_of(before, 1, slower, 1);
  assert_true(single.known && !single.sure);
  assert_false(sk_ratio_of(before, 1, slower, 5).sure || sk_ratio_of(before, 5, slower, 1).sure);
  assert_false(sk_ratio_of(before, 0, slower, 1).known);
  assert_false(sk_ratio_of((const double[]){0}, 1, slower, 1).known);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(knows_the_middle),
      cmocka_unit_test(finds_lines),
      cmocka_unit_test(finds_costs),
      cmocka_unit_test(leaves_out_what_is_no_point),
      cmocka_unit_test(tells_noise_from_change),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
