/* SPDX-License-Identifier: Apache-2.0 */
/* Points of a setup, and the curve through them. */
#include "report/fits.h"

#include <math.h>

#define POINTS_MOST 64
#define POINTS_OWN 3 /* an interval takes three */
#define SPAN_LEAST 2 /* sizes that lie closer together tell nothing of growth */

double sk_cost_of(const struct sk_setting *setting, enum sk_cost metric)
{
  if (!setting)
    return NAN;
  const struct sk_spread *const spread =
      metric == SK_COST_SECONDS ? &setting->time : &setting->memory;
  return spread->count ? spread->median : NAN;
}

/* family SK_FAMILY_COUNT: of all. */
static struct sk_fit through(const struct sk_measured *measured, const struct sk_setup *setup,
                             enum sk_family family, enum sk_cost metric, double below)
{
  double x[POINTS_MOST], y[POINTS_MOST];
  size_t count = 0;
  struct sk_fit fit = {.least = INFINITY};
  for (size_t i = 0; i < setup->count && count < POINTS_MOST; i++) {
    const struct sk_setting *const setting = setup->settings[i];
    const double rows = sk_setting_rows(measured, setting), value = sk_cost_of(setting, metric);
    if (!(rows > 0 && rows < below && value > 0) ||
        (family != SK_FAMILY_COUNT && measured->sizes[setting->size].family != family))
      continue;
    x[count] = rows;
    y[count++] = value;
    fit.least = fmin(fit.least, rows);
    fit.most = fmax(fit.most, rows);
  }
  fit.trend = sk_trend_of(x, y, count, metric == SK_COST_SECONDS ? SK_TREND_COST : SK_TREND_POWER);
  fit.trend.known &= fit.most >= fit.least * SPAN_LEAST;
  return fit;
}

double sk_fit_doubling(const struct sk_fit *fit)
{
  return sk_trend_at(&fit->trend, 2 * fit->most).value / sk_trend_at(&fit->trend, fit->most).value;
}

struct sk_fit sk_fit_of(const struct sk_measured *measured, const struct sk_setup *setup,
                        enum sk_family family, enum sk_cost metric, double below, bool own)
{
  struct sk_fit fit = through(measured, setup, family, metric, below);
  if (own || fit.trend.count >= POINTS_OWN)
    return fit;
  fit = through(measured, setup, SK_FAMILY_COUNT, metric, below);
  fit.pooled = true;
  return fit;
}
