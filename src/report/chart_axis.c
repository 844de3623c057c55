/* SPDX-License-Identifier: Apache-2.0 */
/* Round ends and ticks: 1, 2 and 5 times a power of ten; fewer where labels would meet. */
#include "report/chart_axis.h"

#include <math.h>
#include <stdio.h>

#define GAP 12         /* between labels side by side */
#define LINE_HEIGHT 24 /* between labels one above another */

const char *sk_tick_text(double value, char text[SK_TICK_TEXT])
{
  static const char *const units[] = {"", "k", "M", "G", "T"};
  size_t unit = 0;
  while (fabs(value) >= 999.5 && unit + 1 < SK_COUNT(units)) {
    value /= 1000;
    unit++;
  }
  snprintf(text, SK_TICK_TEXT, "%.4g%s", value, units[unit]);
  return text;
}

double sk_text_width(const char *text)
{
  double width = 0;
  for (; *text; text++) {
    const uint8_t byte = (uint8_t)*text;
    if ((byte & 0xc0) == 0x80)
      continue;
    width += byte >= 0xe2                   ? 12.5 /* perhaps a full-width letter */
             : strchr("mMwW@%", byte)       ? 11.5
             : strchr("il.,:;|'!jI ", byte) ? 4.5
             : byte >= 'A' && byte <= 'Z'   ? 9
                                            : 7.2;
  }
  return width;
}

double sk_scale_at(const struct sk_scale *scale, double value)
{
  double share;
  if (scale->logarithmic)
    share = value > 0 ? log(value / scale->low) / log(scale->high / scale->low) : 0;
  else
    share = (value - scale->low) / (scale->high - scale->low);
  if (!(share > 0))
    share = 0;
  if (share > 1)
    share = 1;
  return scale->begin + share * (scale->end - scale->begin);
}

/* The 1-2-5 number at or below value (up: at or above). */
static double round_number(double value, bool up)
{
  const double power = pow(10, floor(log10(value) + 1e-9));
  const double mantissa = value / power;
  static const double steps[] = {1, 2, 5, 10};
  if (up) {
    for (size_t i = 0; i < SK_COUNT(steps); i++)
      if (mantissa <= steps[i] * (1 + 1e-9))
        return steps[i] * power;
    return 10 * power;
  }
  for (size_t i = SK_COUNT(steps); i-- > 0;)
    if (mantissa >= steps[i] * (1 - 1e-9))
      return steps[i] * power;
  return power;
}

/* Whether the labels of all ticks have room. */
static bool fits(const struct sk_scale *scale, bool across)
{
  char text[SK_TICK_TEXT];
  for (size_t i = 1; i < scale->tick_count; i++) {
    const double apart =
        fabs(sk_scale_at(scale, scale->ticks[i]) - sk_scale_at(scale, scale->ticks[i - 1]));
    double need = LINE_HEIGHT;
    if (across) {
      need = sk_text_width(sk_tick_text(scale->ticks[i - 1], text)) / 2;
      need += sk_text_width(sk_tick_text(scale->ticks[i], text)) / 2 + GAP;
    }
    if (apart < need)
      return false;
  }
  return true;
}

static void add_tick(struct sk_scale *scale, double value)
{
  if (scale->tick_count < SK_TICKS_MOST && value >= scale->low * (1 - 1e-9) &&
      value <= scale->high * (1 + 1e-9))
    scale->ticks[scale->tick_count++] = value;
}

static void logarithmic_ticks(struct sk_scale *scale, bool across)
{
  const int first = (int)floor(log10(scale->low) + 1e-9),
            last = (int)ceil(log10(scale->high) - 1e-9);
  for (int density = 0; density < 12;
       density++) { /* 1-2-5, 1-3, then every decade, every second one ... */
    scale->tick_count = 0;
    for (int power = first; power <= last; power++) {
      const int step = density < 2 ? 1 : density - 1;
      if ((power - first) % step)
        continue;
      const double unit = pow(10, power);
      add_tick(scale, unit);
      if (density == 0) {
        add_tick(scale, 2 * unit);
        add_tick(scale, 5 * unit);
      } else if (density == 1) {
        add_tick(scale, 3 * unit);
      }
    }
    const bool whole = (double)scale->tick_count < SK_TICKS_MOST;
    if (whole && fits(scale, across) && (scale->tick_count > 1 || density))
      return;
  }
}

static void linear_ticks(struct sk_scale *scale, bool across)
{
  double step = round_number((scale->high - scale->low) / 10, true);
  for (int more = 0; more < 8; more++) {
    scale->tick_count = 0;
    for (double n = ceil(scale->low / step - 1e-9); n * step <= scale->high + step * 1e-9; n++)
      if (scale->tick_count < SK_TICKS_MOST)
        scale->ticks[scale->tick_count++] = n * step;
    if (scale->tick_count < SK_TICKS_MOST && fits(scale, across))
      return;
    step = round_number(step * 1.5, true);
  }
}

void sk_scale_set(struct sk_scale *scale, const struct sk_axis *axis, double low, double high,
                  double begin, double end, bool across)
{
  *scale = (struct sk_scale){.logarithmic = axis->logarithmic, .begin = begin, .end = end};
  if (!isfinite(low) || !isfinite(high) || low > high || (axis->logarithmic && low <= 0)) {
    low = axis->logarithmic ? 1 : 0;
    high = axis->logarithmic ? 10 : 1;
  }
  if (axis->logarithmic) {
    scale->low = round_number(low, false);
    scale->high = round_number(high, true);
    if (scale->high / scale->low < 1.5) { /* one value: in the middle */
      scale->low = round_number(low / 2, false);
      scale->high = round_number(high * 2, true);
    }
    logarithmic_ticks(scale, across);
    return;
  }
  if (axis->zero)
    low = low < 0 ? low : 0;
  if (high - low <= fabs(high) * 1e-9)
    high = low + (low > 0 ? low : 1);
  const double step = round_number((high - low) / 5, true);
  scale->low = floor(low / step + 1e-9) * step;
  scale->high = ceil(high / step - 1e-9) * step;
  linear_ticks(scale, across);
}
