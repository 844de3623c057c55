/* SPDX-License-Identifier: Apache-2.0 */
/* The limits: a running benchmark writes four times a second, so five seconds of silence are no
 * accident; rows may stand still while a phase writes, so that is a thing to watch. Memory is
 * bounded where the second half of the rows adds less than a tenth of it. Throughput holds where
 * ten times the rows cost less than a fifth of it. */
#include "status/indicators.h"

#include "base/figures.h"
#include "bench/trend.h"

#include <math.h>
#include <stdio.h>

#define SILENCE_MS 5000
#define STILL_SECONDS 30.0
#define GROWTH_SHARE 0.1
#define FALL_SHARE 0.2

const char *sk_health_name(enum sk_health verdict)
{
  static const char *const names[] = {"unknown", "good", "watch", "bad"};
  return (size_t)verdict < SK_COUNT(names) ? names[verdict] : "?";
}

static void judge_progress(const struct sk_standing *standing, struct sk_indicator *out)
{
  char text[SK_DURATION_TEXT];
  const double still = sk_history_still(&standing->history);
  const int64_t silent = standing->read_ms - standing->updated_ms;
  if (standing->state == SK_STANDING_CRASHED) {
    out->verdict = SK_HEALTH_BAD;
    snprintf(out->text, sizeof out->text, "the benchmark ended without a word");
  } else if (standing->state != SK_STANDING_RUNNING) {
    snprintf(out->text, sizeof out->text, "no benchmark is running");
  } else if (silent > SILENCE_MS) {
    out->verdict = SK_HEALTH_BAD;
    snprintf(out->text, sizeof out->text, "no sign of life for %s",
             sk_duration_text((double)silent / 1e3, text));
  } else if (still >= STILL_SECONDS && standing->running.has_now) {
    out->verdict = SK_HEALTH_WATCH;
    snprintf(out->text, sizeof out->text, "no row more for %s", sk_duration_text(still, text));
  } else {
    out->verdict = SK_HEALTH_GOOD;
    snprintf(out->text, sizeof out->text, "values come, no stall");
  }
}

static void judge_errors(const struct sk_standing *standing, struct sk_indicator *out)
{
  const size_t failed = sk_standing_failed(standing);
  int64_t differences = 0;
  for (size_t i = 0; i < standing->scale_count; i++) {
    const int64_t more = standing->scales[i].differences;
    differences += more > 0 ? more : 0;
  }
  if (standing->state == SK_STANDING_NONE)
    return;
  out->verdict = failed || differences ? SK_HEALTH_BAD : SK_HEALTH_GOOD;
  if (failed && differences)
    snprintf(out->text, sizeof out->text,
             "%zu of %zu phases failed; validation found %" PRIi64 " %s", failed,
             standing->item_count, differences, differences == 1 ? "difference" : "differences");
  else if (failed)
    snprintf(out->text, sizeof out->text, "%zu of %zu phases failed", failed, standing->item_count);
  else if (differences)
    snprintf(out->text, sizeof out->text, "validation found %" PRIi64 " %s", differences,
             differences == 1 ? "difference" : "differences");
  else
    snprintf(out->text, sizeof out->text, "no phase failed, no validation found a difference");
}

/* Of the last streaming aggregation that ended: NAN where too little is known. */
static double slope_of_line(const struct sk_bench_line *line, double *rows, double *rss)
{
  struct sk_sight sights[SK_BENCH_SAMPLES];
  size_t count = 0;
  for (size_t i = 0; i < line->sample_count; i++) {
    const struct sk_bench_sample *const one = &line->samples[i];
    if (one->rows >= 0 && one->rss >= 0)
      sights[count++] = (struct sk_sight){one->seconds, (double)one->rows, (double)one->rss};
  }
  if (!count)
    return NAN;
  *rows = sights[count - 1].rows - sights[0].rows;
  *rss = sights[count - 1].rss;
  return sk_row_bytes_of(sights, count);
}

static const struct sk_bench_line *last_streaming(const struct sk_standing *standing)
{
  for (size_t i = standing->item_count; i-- > 0;) {
    const struct sk_bench_line *const line = standing->items[i].line;
    if (line && sk_bench_line_streams(line) && line->outcome == SK_BENCH_STATE_DONE)
      return line;
  }
  return NULL;
}

static void judge_memory(const struct sk_standing *standing, struct sk_indicator *out)
{
  const struct sk_running *const running = &standing->running;
  const struct sk_history *const history = &standing->history;
  const struct sk_bench_line *const line = last_streaming(standing);
  double slope = NAN, rows = 0, rss = 0;
  const char *scale = "";
  if (standing->alive && running->has_now && running->now.phase == SK_BENCH_PHASE_AGGREGATE &&
      running->now.mode != SK_BENCH_MODE_IN_MEMORY && history->count > 0) {
    slope = standing->row_bytes;
    rows = history->sights[history->count - 1].rows - history->sights[0].rows;
    rss = (double)running->rss;
    scale = running->now.scale;
  }
  if (isnan(slope) && line) {
    slope = slope_of_line(line, &rows, &rss);
    scale = line->key.scale;
  }
  if (isnan(slope) || !(rss > 0)) {
    snprintf(out->text, sizeof out->text, "too few values of a streaming aggregation yet");
    return;
  }
  const bool bounded = slope * rows / 2 <= GROWTH_SHARE * rss;
  out->verdict = bounded ? SK_HEALTH_GOOD : SK_HEALTH_WATCH;
  snprintf(out->text, sizeof out->text,
           "%s: %+.2g bytes for each row more, in the second half of %s",
           bounded ? "bounded" : "grows", slope, scale);
}

static void judge_throughput(const struct sk_standing *standing, struct sk_indicator *out)
{
  double x[256], y[256];
  size_t count = 0;
  for (size_t i = 0; i < standing->item_count && count < SK_COUNT(x); i++) {
    const struct sk_bench_line *const line = standing->items[i].line;
    if (!line || !sk_bench_line_streams(line) || line->outcome != SK_BENCH_STATE_DONE ||
        line->rows <= 0 || line->seconds <= 0)
      continue;
    x[count] = (double)line->rows;
    y[count++] = (double)line->rows / line->seconds;
  }
  const struct sk_trend trend = sk_trend_of(x, y, count, SK_TREND_POWER);
  if (!trend.known) {
    snprintf(out->text, sizeof out->text, "needs streaming aggregations of two scales");
    return;
  }
  const double change = pow(10, trend.slope) - 1;
  out->verdict = change >= -FALL_SHARE ? SK_HEALTH_GOOD : SK_HEALTH_WATCH;
  snprintf(out->text, sizeof out->text, "%+.0f %% rows/s for ten times the rows, over %zu runs",
           change * 100, trend.count);
}

void sk_indicators_judge(struct sk_standing *standing)
{
  static const struct {
    const char *name, *title;
    void (*judge)(const struct sk_standing *standing, struct sk_indicator *out);
  } all[SK_INDICATORS] = {{"progress", "Progress", judge_progress},
                          {"errors", "Errors", judge_errors},
                          {"memory", "Memory", judge_memory},
                          {"throughput", "Throughput", judge_throughput}};
  for (size_t i = 0; i < SK_INDICATORS; i++) {
    struct sk_indicator *const out = &standing->indicators[i];
    *out = (struct sk_indicator){.name = all[i].name, .title = all[i].title};
    all[i].judge(standing, out);
    if (!out->text[0])
      snprintf(out->text, sizeof out->text, "nothing is known yet");
  }
}
