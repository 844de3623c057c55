/* SPDX-License-Identifier: Apache-2.0 */
/* What a person reads on a terminal, and the phrases that the page has as well. */
#include "status/standing_text.h"

#include "base/calendar.h"

#include <math.h>
#include <stdio.h>

const char *sk_count_text(double count, char text[SK_GROUPED_TEXT])
{
  if (!(count >= 0) || count >= 1.8e19)
    return snprintf(text, SK_GROUPED_TEXT, "-"), text;
  return sk_grouped_text((uint64_t)(count + 0.5), text);
}

const char *sk_bytes_text(int64_t bytes, char text[SK_SIZE_TEXT])
{
  if (bytes < 0)
    return snprintf(text, SK_SIZE_TEXT, "-"), text;
  return sk_size_text((uint64_t)bytes, text);
}

/* "2026-11-26 21:00:03 UTC", "?" for a time that is not known. */
static const char *time_text(int64_t ms, char text[40])
{
  char day[16];
  if (ms < 0)
    return snprintf(text, 40, "?"), text;
  const unsigned second = (unsigned)(ms / 1000 % 86400);
  snprintf(text, 40, "%s %02u:%02u:%02u UTC", sk_day_text(sk_day_of_us(ms * 1000), day),
           second / 3600, second / 60 % 60, second % 60);
  return text;
}

const char *sk_standing_line(const struct sk_standing *standing, char text[SK_STANDING_LINE])
{
  char time[40];
  switch (standing->state) {
  case SK_STANDING_RUNNING:
    snprintf(text, SK_STANDING_LINE, "running since %s", time_text(standing->begun_ms, time));
    break;
  case SK_STANDING_CRASHED:
    snprintf(text, SK_STANDING_LINE, "not running since %s: it ended without a word",
             time_text(standing->updated_ms, time));
    break;
  case SK_STANDING_STOPPED:
    snprintf(text, SK_STANDING_LINE, "stopped, %zu of %zu phases are still to do",
             standing->item_count - sk_standing_ended(standing), standing->item_count);
    break;
  case SK_STANDING_FINISHED:
    snprintf(text, SK_STANDING_LINE, "finished");
    break;
  default:
    snprintf(text, SK_STANDING_LINE, "no benchmark yet");
  }
  return text;
}

const char *sk_phase_text(const struct sk_bench_key *key, char text[SK_PHASE_TEXT])
{
  char size[SK_SIZE_TEXT];
  int n = snprintf(text, SK_PHASE_TEXT, "%s of %.60s", sk_bench_phase_name(key->phase),
                   key->scale ? key->scale : "?");
  if (key->mode != SK_BENCH_MODE_NONE)
    n += snprintf(text + n, SK_PHASE_TEXT - (size_t)n, ", %s", sk_bench_mode_name(key->mode));
  if (key->threads > 0)
    n += snprintf(text + n, SK_PHASE_TEXT - (size_t)n, ", %" PRIi64 " %s", key->threads,
                  key->threads == 1 ? "thread" : "threads");
  if (key->memory > 0)
    n += snprintf(text + n, SK_PHASE_TEXT - (size_t)n, ", %s", sk_bytes_text(key->memory, size));
  if (key->repeat > 1)
    snprintf(text + n, SK_PHASE_TEXT - (size_t)n, ", run %" PRIi64, key->repeat);
  return text;
}

const char *sk_estimate_text(const struct sk_estimate *estimate, char text[SK_ESTIMATE_TEXT])
{
  char about[SK_DURATION_TEXT], low[SK_DURATION_TEXT], high[SK_DURATION_TEXT];
  int n;
  if (!estimate->known)
    return snprintf(text, SK_ESTIMATE_TEXT, "not known yet"), text;
  sk_duration_text(estimate->seconds, about);
  if (estimate->interval)
    n = snprintf(text, SK_ESTIMATE_TEXT, "about %s (%s to %s)", about,
                 sk_duration_text(estimate->low, low), sk_duration_text(estimate->high, high));
  else
    n = snprintf(text, SK_ESTIMATE_TEXT, "about %s", about);
  if (estimate->missing)
    snprintf(text + n, SK_ESTIMATE_TEXT - (size_t)n, ", plus %zu %s not known", estimate->missing,
             estimate->missing == 1 ? "phase" : "phases");
  return text;
}

static void add_counts(struct sk_buffer *out, const struct sk_standing *standing)
{
  static const enum sk_bench_state named[] = {SK_BENCH_STATE_SKIPPED, SK_BENCH_STATE_INTERRUPTED,
                                              SK_BENCH_STATE_RUNNING, SK_BENCH_STATE_WAITING};
  sk_buffer_printf(out, "phases     %zu of %zu done", standing->counts[SK_BENCH_STATE_DONE],
                   standing->item_count);
  if (sk_standing_failed(standing))
    sk_buffer_printf(out, ", %zu failed", sk_standing_failed(standing));
  for (size_t i = 0; i < SK_COUNT(named); i++)
    if (standing->counts[named[i]])
      sk_buffer_printf(out, ", %zu %s", standing->counts[named[i]], sk_bench_state_name(named[i]));
  sk_buffer_byte(out, '\n');
}

static void add_now(struct sk_buffer *out, const struct sk_standing *standing)
{
  const struct sk_running *const r = &standing->running;
  char key[SK_PHASE_TEXT], rows[SK_GROUPED_TEXT], total[SK_GROUPED_TEXT], rate[SK_GROUPED_TEXT];
  char rss[SK_SIZE_TEXT], seconds[SK_DURATION_TEXT], left[SK_ESTIMATE_TEXT];
  const double share = sk_standing_share(standing);
  sk_buffer_printf(out, "%s  %s\n", standing->alive ? "now      " : "last seen",
                   sk_phase_text(&r->now, key));
  sk_buffer_printf(out, "           %s of %s rows", sk_count_text((double)r->rows, rows),
                   sk_count_text((double)r->rows_total, total));
  if (share >= 0)
    sk_buffer_printf(out, " (%.0f %%)", floor(share * 100));
  sk_buffer_printf(out, ", %s rows/s, %s of memory, %s so far\n",
                   sk_count_text(standing->rate, rate), sk_bytes_text(r->rss, rss),
                   sk_duration_text(r->seconds, seconds));
  if (!standing->alive)
    return;
  sk_buffer_printf(out, "           left of it: %s\n",
                   sk_estimate_text(&standing->phase_left, left));
}

const char *sk_scale_times_text(const struct sk_standing_scale *scale, char text[SK_TIMES_TEXT])
{
  char begun[40], ended[40], took[SK_DURATION_TEXT];
  if (scale->begun_ms < 0)
    return "-";
  time_text(scale->begun_ms, begun);
  begun[strlen(begun) - strlen(" UTC")] = 0;
  if (scale->ended_ms < 0)
    return snprintf(text, SK_TIMES_TEXT, "since %s", begun), text;
  time_text(scale->ended_ms, ended);
  ended[strlen(ended) - strlen(" UTC")] = 0;
  const size_t day = strlen("2026-01-02 "); /* is not said twice */
  snprintf(text, SK_TIMES_TEXT, "%s to %s, %s", begun,
           strncmp(begun, ended, day) == 0 ? ended + day : ended,
           sk_duration_text(sk_scale_seconds(scale), took));
  return text;
}

static void add_scales(struct sk_buffer *out, const struct sk_standing *standing)
{
  sk_buffer_printf(out, "\n%-17s %11s  %-11s %7s  %-9s %9s %11s %8s  %s\n", "scale", "rows",
                   "state", "phases", "phase", "aggregate", "best rows/s", "memory", "valid");
  for (size_t i = 0; i < standing->scale_count; i++) {
    const struct sk_standing_scale *const s = &standing->scales[i];
    char rows[SK_GROUPED_TEXT], rate[SK_GROUPED_TEXT], rss[SK_SIZE_TEXT], phases[40];
    char seconds[SK_DURATION_TEXT] = "-";
    if (s->seconds >= 0)
      sk_duration_text(s->seconds, seconds);
    snprintf(phases, sizeof phases, "%zu/%zu", s->done, s->phases);
    sk_buffer_printf(out, "%-17s %11s  %-11s %7s  %-9s %9s %11s %8s  %s\n", s->name,
                     sk_count_text((double)s->rows, rows), sk_bench_state_name(s->state), phases,
                     s->phase ? s->phase : "-", seconds, sk_count_text(s->rate, rate),
                     sk_bytes_text(s->peak_rss, rss),
                     s->differences < 0 ? "-"
                     : s->differences   ? "no"
                                        : "yes");
  }
}

/* The scales that have begun. */
static void add_times(struct sk_buffer *out, const struct sk_standing *standing)
{
  char times[SK_TIMES_TEXT];
  bool any = false;
  for (size_t i = 0; i < standing->scale_count; i++) {
    const struct sk_standing_scale *const s = &standing->scales[i];
    if (s->begun_ms < 0)
      continue;
    if (!any)
      sk_buffer_printf(out, "\n%-17s %s\n", "scale", "when (UTC)");
    any = true;
    sk_buffer_printf(out, "%-17s %s\n", s->name, sk_scale_times_text(s, times));
  }
}

void sk_standing_text(struct sk_buffer *out, const struct sk_standing *standing)
{
  const struct sk_running *const r = &standing->running;
  char line[SK_STANDING_LINE], left[SK_ESTIMATE_TEXT], disk[SK_SIZE_TEXT], memory[SK_SIZE_TEXT];
  char key[SK_PHASE_TEXT];
  sk_buffer_printf(out, "benchmark  %s\n", sk_standing_line(standing, line));
  if (standing->state == SK_STANDING_NONE)
    return;
  add_counts(out, standing);
  if (standing->state == SK_STANDING_RUNNING)
    sk_buffer_printf(out, "left       %s\n", sk_estimate_text(&standing->all_left, left));
  if (r->has_now)
    add_now(out, standing);
  if (standing->alive)
    sk_buffer_printf(out, "processes  %d alive; left: %s on the disk, %s of memory\n",
                     1 + standing->phase_alive, sk_bytes_text(r->disk_free, disk),
                     sk_bytes_text(r->memory_free, memory));
  add_scales(out, standing);
  add_times(out, standing);
  sk_buffer_byte(out, '\n');
  for (size_t i = 0; i < SK_INDICATORS; i++) {
    const struct sk_indicator *const one = &standing->indicators[i];
    sk_buffer_printf(out, "%-11s%-8s %s\n", one->name, sk_health_name(one->verdict), one->text);
  }
  if (!standing->last_error)
    return;
  sk_buffer_printf(out, "\nlast error");
  if (standing->error_key.scale)
    sk_buffer_printf(out, " (%s)", sk_phase_text(&standing->error_key, key));
  sk_buffer_printf(out, ": %s\n", standing->last_error);
  if (standing->last_advice)
    sk_buffer_printf(out, "           %s\n", standing->last_advice);
}
