/* SPDX-License-Identifier: Apache-2.0 */
/* The phase that runs: at its begin the trend is all that is known, at its end its own pace is.
 * With the share s of its rows done in t seconds and P predicted, the whole is taken to be (1 - s)
 * P + s (t / s), so (1 - s) of that is left; the interval comes the same way from the ends of
 * P's. */
#include "status/estimate.h"

#include "bench/trend.h"

#define POINTS 512
#define LEAST_SHARE 0.02 /* before, the pace of a phase says little */

enum likeness { ALIKE, OF_MODE, OF_PHASE, LIKENESS_COUNT };

static bool is_like(const struct sk_bench_key *a, const struct sk_bench_key *b, int likeness)
{
  if (a->phase != b->phase || (likeness <= OF_MODE && a->mode != b->mode))
    return false;
  return likeness > ALIKE || (a->threads == b->threads && a->memory == b->memory);
}

/* The newest points first, as many as there is room for. */
static size_t gather(const struct sk_bench_results *results, const struct sk_bench_key *key,
                     int likeness, double x[POINTS], double y[POINTS])
{
  size_t count = 0;
  for (size_t i = results->line_count; i-- > 0 && count < POINTS;) {
    const struct sk_bench_line *const line = &results->lines[i];
    if (line->outcome != SK_BENCH_STATE_DONE || line->reused || line->rows <= 0 ||
        line->seconds <= 0 || !is_like(&line->key, key, likeness))
      continue;
    x[count] = (double)line->rows;
    y[count++] = line->seconds;
  }
  return count;
}

static struct sk_estimate by_proportion(const double *x, double *y, size_t count, int64_t rows)
{
  struct sk_estimate estimate = {.known = true};
  for (size_t i = 0; i < count; i++)
    y[i] *= (double)rows / x[i];
  const struct sk_spread spread = sk_spread_of(y, count);
  estimate.seconds = spread.median;
  return estimate;
}

struct sk_estimate sk_estimate_phase(const struct sk_bench_results *results,
                                     const struct sk_bench_key *key, int64_t rows)
{
  struct sk_estimate estimate = {.missing = 1};
  double x[POINTS], y[POINTS];
  if (rows <= 0)
    return estimate;
  for (int likeness = ALIKE; likeness < LIKENESS_COUNT; likeness++) {
    const size_t count = gather(results, key, likeness, x, y);
    const struct sk_trend trend = sk_trend_of(x, y, count, SK_TREND_COST);
    const struct sk_prediction at = sk_trend_at(&trend, (double)rows);
    if (at.known)
      return (struct sk_estimate){.known = true,
                                  .interval = trend.count > 2,
                                  .seconds = at.value,
                                  .low = at.low,
                                  .high = at.high};
    if (count > 0 && !estimate.known)
      estimate = by_proportion(x, y, count, rows);
  }
  return estimate;
}

static double blend(double predicted, double share, double seconds)
{
  return (1 - share) * ((1 - share) * predicted + seconds);
}

static double left_of(double predicted, double seconds)
{
  return predicted > seconds ? predicted - seconds : 0;
}

/* Left of the phase that runs, by its prediction and how far it is. */
static struct sk_estimate phase_left(const struct sk_estimate *p, double share, double seconds)
{
  struct sk_estimate left = {.missing = 1};
  if (share >= LEAST_SHARE && p->known) {
    left = (struct sk_estimate){.known = true,
                                .interval = p->interval,
                                .seconds = blend(p->seconds, share, seconds),
                                .low = blend(p->low, share, seconds),
                                .high = blend(p->high, share, seconds)};
  } else if (share >= LEAST_SHARE) {
    left = (struct sk_estimate){.known = true, .seconds = seconds / share * (1 - share)};
  } else if (p->known && (p->interval ? p->high : 2 * p->seconds) > seconds) {
    left = (struct sk_estimate){.known = true,
                                .interval = p->interval,
                                .seconds = left_of(p->seconds, seconds),
                                .low = left_of(p->low, seconds),
                                .high = left_of(p->high, seconds)};
  }
  return left;
}

static int64_t rows_of_scale(const struct sk_standing *standing, const char *name)
{
  for (size_t i = 0; i < standing->scale_count; i++) {
    if (strcmp(standing->scales[i].name, name) == 0)
      return standing->scales[i].rows;
  }
  return -1;
}

/* The interval of a sum is the sum of the intervals: phases of one trend are wrong the same way. */
static void add(struct sk_estimate *sum, const struct sk_estimate *one)
{
  sum->missing += one->missing;
  if (!one->known)
    return;
  sum->interval = one->interval && (sum->interval || !sum->known);
  sum->known = true;
  sum->seconds += one->seconds;
  sum->low += one->low;
  sum->high += one->high;
}

void sk_estimate_left(struct sk_standing *standing)
{
  const struct sk_running *const running = &standing->running;
  struct sk_estimate phase = {0}, all = {0};
  if (standing->state == SK_STANDING_RUNNING && running->has_now) {
    const struct sk_estimate predicted = sk_estimate_phase(
        &standing->results, &running->now, rows_of_scale(standing, running->now.scale));
    phase = phase_left(&predicted, sk_standing_share(standing), running->seconds);
    all = phase;
  }
  for (size_t i = 0; standing->state == SK_STANDING_RUNNING && i < standing->item_count; i++) {
    const struct sk_standing_item *const item = &standing->items[i];
    if (item->state != SK_BENCH_STATE_WAITING)
      continue;
    const struct sk_estimate one =
        sk_estimate_phase(&standing->results, &item->key, rows_of_scale(standing, item->key.scale));
    add(&all, &one);
  }
  standing->phase_left = phase;
  standing->all_left = all;
}
