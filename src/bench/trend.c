/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of few points. The bootstrap draws by a generator of its own with a fixed seed, so
 * that equal results give equal reports. */
#include "bench/trend.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DRAWS 2000
#define MOST_VALUES 256 /* of a set that is drawn from */

static int by_value(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median_of_sorted(const double *values, size_t count)
{
  return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

struct sk_spread sk_spread_of(double *values, size_t count)
{
  struct sk_spread spread = {.count = count};
  if (!count)
    return spread;
  qsort(values, count, sizeof *values, by_value);
  spread.median = median_of_sorted(values, count);
  spread.least = values[0];
  spread.most = values[count - 1];
  if (spread.median > 0)
    spread.relative = (spread.most - spread.least) / spread.median;
  return spread;
}

/* The weight of a point, and the point as the line goes through it; 0: it cannot be used. */
static double point(double x, double y, enum sk_trend_kind kind, double *px, double *py)
{
  const bool power = kind == SK_TREND_POWER;
  if (!isfinite(x) || !isfinite(y) || (power && x <= 0) || (kind != SK_TREND_LINE && y <= 0))
    return 0;
  *px = power ? log(x) : x;
  *py = power ? log(y) : y;
  return kind == SK_TREND_COST ? 1 / (y * y) : 1;
}

/* A cost has no part below 0: the line is then the best of those that have that part 0. */
static void bound_cost(struct sk_trend *trend, double mean_y, double both)
{
  const double mean = trend->weight * trend->mean_x;
  if (trend->slope < 0) {
    trend->slope = 0;
    trend->intercept = mean_y;
  } else if (trend->intercept < 0) {
    trend->slope = (both + mean * mean_y) / (trend->square_x + mean * trend->mean_x);
    trend->intercept = 0;
  }
}

struct sk_trend sk_trend_of(const double *x, const double *y, size_t count, enum sk_trend_kind kind)
{
  struct sk_trend trend = {.kind = kind};
  double px, py, mean_y = 0, square_y = 0, both = 0;
  for (size_t i = 0; i < count; i++) { /* Welford's way: no large squares are subtracted */
    const double weight = point(x[i], y[i], kind, &px, &py);
    if (!(weight > 0) || !isfinite(weight))
      continue;
    const double dx = px - trend.mean_x, dy = py - mean_y;
    trend.count++;
    trend.weight += weight;
    trend.mean_x += dx * weight / trend.weight;
    mean_y += dy * weight / trend.weight;
    trend.square_x += weight * dx * (px - trend.mean_x);
    square_y += weight * dy * (py - mean_y);
    both += weight * dx * (py - mean_y);
  }
  if (trend.count < 2 || trend.square_x <= DBL_EPSILON * trend.weight * fabs(trend.mean_x))
    return trend;
  trend.known = true;
  trend.slope = both / trend.square_x;
  trend.intercept = mean_y - trend.slope * trend.mean_x;
  double left = square_y - trend.slope * both; /* squared distances from the line */
  if (kind == SK_TREND_COST) {
    bound_cost(&trend, mean_y, both);
    const double off = mean_y - trend.intercept - trend.slope * trend.mean_x;
    left = square_y - trend.slope * (2 * both - trend.slope * trend.square_x) +
           trend.weight * off * off;
  }
  left = left < 0 ? 0 : left;
  trend.fit = square_y > left ? 1 - left / square_y : square_y > 0 ? 0 : 1;
  trend.deviation = trend.count > 2 ? sqrt(left / (double)(trend.count - 2)) : 0;
  return trend;
}

/* The 97.5 % quantile of Student's distribution (any table of it; beyond 30 by a series in 1/n). */
static double student(size_t freedom)
{
  static const double table[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306,
                                 2.262,  2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
                                 2.110,  2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064,
                                 2.060,  2.056, 2.052, 2.048, 2.045, 2.042};
  return freedom <= sizeof table / sizeof *table ? table[freedom - 1]
                                                 : 1.96 + 2.372 / (double)freedom;
}

/* The interval of a cost is that of its logarithm, which has the relative error: so it stays above
 * 0. A part that was held at 0 leaves it as wide as if it had been free. */
struct sk_prediction sk_trend_at(const struct sk_trend *trend, double x)
{
  struct sk_prediction prediction = {0};
  const bool power = trend->kind == SK_TREND_POWER, cost = trend->kind == SK_TREND_COST;
  if (!trend->known || !isfinite(x) || (power && x <= 0))
    return prediction;
  const double at = power ? log(x) : x, dx = at - trend->mean_x;
  const double y = trend->intercept + trend->slope * at;
  prediction.known = !cost || y > 0;
  prediction.value = power ? exp(y) : y;
  if (trend->count < 3 || !prediction.known)
    return prediction;
  const double of_line = 1 / trend->weight + dx * dx / trend->square_x;
  const double width =
      student(trend->count - 2) * trend->deviation * sqrt(1 + (cost ? of_line / (y * y) : of_line));
  prediction.low = power ? exp(y - width) : cost ? y * exp(-width) : y - width;
  prediction.high = power ? exp(y + width) : cost ? y * exp(width) : y + width;
  return prediction;
}

/* ---- two sets ------------------------------------------------------------------------------ */

/* splitmix64 (Steele, Lea, Flood 2014), of which the upper bits are taken. */
static size_t draw(uint64_t *state, size_t count)
{
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return (size_t)(((z ^ z >> 31) >> 32) * count >> 32);
}

static double drawn_median(uint64_t *state, const double *values, size_t count)
{
  double drawn[MOST_VALUES];
  for (size_t i = 0; i < count; i++)
    drawn[i] = values[draw(state, count)];
  qsort(drawn, count, sizeof *drawn, by_value);
  return median_of_sorted(drawn, count);
}

static double median(const double *values, size_t count)
{
  double sorted[MOST_VALUES];
  memcpy(sorted, values, count * sizeof *values);
  qsort(sorted, count, sizeof *sorted, by_value);
  return median_of_sorted(sorted, count);
}

struct sk_ratio sk_ratio_of(const double *before, size_t before_count, const double *after,
                            size_t after_count)
{
  struct sk_ratio ratio = {0};
  double ratios[DRAWS];
  uint64_t state = 1;
  before_count = before_count < MOST_VALUES ? before_count : MOST_VALUES;
  after_count = after_count < MOST_VALUES ? after_count : MOST_VALUES;
  for (size_t i = 0; i < before_count; i++)
    if (!(before[i] > 0))
      return ratio;
  if (!before_count || !after_count)
    return ratio;
  ratio.known = true;
  ratio.value = median(after, after_count) / median(before, before_count);
  for (size_t i = 0; i < DRAWS; i++)
    ratios[i] =
        drawn_median(&state, after, after_count) / drawn_median(&state, before, before_count);
  qsort(ratios, DRAWS, sizeof *ratios, by_value);
  ratio.low = ratios[DRAWS * 25 / 1000];
  ratio.high = ratios[DRAWS * 975 / 1000 - 1];
  ratio.sure = before_count > 1 && after_count > 1 && (ratio.low > 1 || ratio.high < 1);
  return ratio;
}
