/* SPDX-License-Identifier: Apache-2.0 */
/* All are gauges: a benchmark's values go up and down, and begin anew with the next one. Names end
 * in their unit; docs/status.md lists them, deploy/grafana uses them, and tests compare the
 * three. */
#include "status/prometheus.h"
#include "status/standing_text.h"

#include <math.h>
#include <stdio.h>

#define PREFIX "shukei_bench_"

static void gauge(struct sk_buffer *out, const char *name, const char *help, double value)
{
  sk_metrics_gauge(out, name, help, value >= 0, value);
}

static double seconds_of(int64_t ms)
{
  return ms < 0 ? -1 : (double)ms / 1e3;
}

/* The labels of a phase, of which the numbers need room. */
struct key_labels {
  struct sk_metric_label labels[7];
  size_t count;
  char repeat[24], threads[24], memory[24];
};

static void fill_labels(struct key_labels *to, const struct sk_bench_key *key)
{
  snprintf(to->repeat, sizeof to->repeat, "%" PRIi64, key->repeat);
  snprintf(to->threads, sizeof to->threads, "%" PRIi64, key->threads > 0 ? key->threads : 0);
  snprintf(to->memory, sizeof to->memory, "%" PRIi64, key->memory > 0 ? key->memory : 0);
  const struct sk_metric_label all[] = {{"scale", key->scale},
                                        {"phase", sk_bench_phase_name(key->phase)},
                                        {"mode", sk_bench_mode_name(key->mode)},
                                        {"threads", to->threads},
                                        {"memory_limit", to->memory},
                                        {"repeat", to->repeat}};
  memcpy(to->labels, all, sizeof all);
  to->count = SK_COUNT(all);
}

static void write_whole(struct sk_buffer *out, const struct sk_standing *standing)
{
  const struct sk_running *const r = &standing->running;
  const struct sk_metric_label version = {"version", shukei_version()};
  sk_metrics_family(out, "shukei_build_info", "gauge", "1, with the version as a label.");
  sk_metrics_sample(out, "shukei_build_info", &version, 1, 1);
  gauge(out, PREFIX "running", "1 while a benchmark is alive, else 0.", standing->alive);
  gauge(out, PREFIX "crashed", "1 where the last benchmark ended without a word, else 0.",
        standing->state == SK_STANDING_CRASHED);
  gauge(out, PREFIX "processes", "Processes of the benchmark that are alive.",
        standing->alive ? 1 + standing->phase_alive : 0);
  gauge(out, PREFIX "start_timestamp_seconds", "When the benchmark began.",
        seconds_of(standing->begun_ms));
  gauge(out, PREFIX "updated_timestamp_seconds", "When the benchmark last told how it stands.",
        seconds_of(standing->updated_ms));
  gauge(out, PREFIX "disk_free_bytes", "Room left on the disk of the benchmark.",
        (double)r->disk_free);
  gauge(out, PREFIX "memory_free_bytes", "Memory left on the machine.", (double)r->memory_free);
}

static void write_estimate(struct sk_buffer *out, const char *name, const char *help,
                           const struct sk_estimate *estimate)
{
  const struct {
    const char *bound;
    double seconds;
    bool known;
  } all[] = {{"estimate", estimate->seconds, estimate->known},
             {"low", estimate->low, estimate->known && estimate->interval},
             {"high", estimate->high, estimate->known && estimate->interval}};
  sk_metrics_family(out, name, "gauge", help);
  for (size_t i = 0; i < SK_COUNT(all); i++) {
    const struct sk_metric_label label = {"bound", all[i].bound};
    if (all[i].known)
      sk_metrics_sample(out, name, &label, 1, all[i].seconds);
  }
}

static void write_now(struct sk_buffer *out, const struct sk_standing *standing)
{
  const struct sk_running *const r = &standing->running;
  const bool now = standing->alive && r->has_now;
  struct key_labels key;
  sk_metrics_family(out, PREFIX "phase_running", "gauge", "1 for the phase that runs.");
  if (now) {
    fill_labels(&key, &r->now);
    sk_metrics_sample(out, PREFIX "phase_running", key.labels, key.count, 1);
  }
  gauge(out, PREFIX "phase_elapsed_seconds", "How long the phase has taken so far.",
        now ? r->seconds : -1);
  gauge(out, PREFIX "phase_rows", "Rows that the phase has done.", now ? (double)r->rows : -1);
  gauge(out, PREFIX "phase_expected_rows", "Rows that the phase has to do.",
        now ? (double)r->rows_total : -1);
  gauge(out, PREFIX "phase_rows_per_second", "Rows a second of the phase, lately.",
        now ? standing->rate : -1);
  gauge(out, PREFIX "phase_resident_memory_bytes", "Resident memory of the phase's process.",
        now ? (double)r->rss : -1);
  sk_metrics_gauge(out, PREFIX "phase_memory_bytes_per_row",
                   "By how much its memory grows with each row, over the second half of them.",
                   now && !isnan(standing->row_bytes), standing->row_bytes);
  write_estimate(out, PREFIX "phase_remaining_seconds", "How long the phase will still take.",
                 &standing->phase_left);
  write_estimate(out, PREFIX "remaining_seconds", "How long the whole plan will still take.",
                 &standing->all_left);
}

static void write_plan(struct sk_buffer *out, const struct sk_standing *standing)
{
  sk_metrics_family(out, PREFIX "phases", "gauge", "Phases of the plan by how they stand.");
  for (size_t i = 0; i < SK_BENCH_STATE_COUNT; i++) {
    const struct sk_metric_label label = {"state", sk_bench_state_name((enum sk_bench_state)i)};
    sk_metrics_sample(out, PREFIX "phases", &label, 1, (double)standing->counts[i]);
  }
  sk_metrics_family(out, PREFIX "scale_rows", "gauge", "Hourly pod rows of a scale of the plan.");
  for (size_t i = 0; i < standing->scale_count; i++) {
    const struct sk_standing_scale *const scale = &standing->scales[i];
    const struct sk_metric_label label = {"scale", scale->name};
    if (scale->rows >= 0)
      sk_metrics_sample(out, PREFIX "scale_rows", &label, 1, (double)scale->rows);
  }
  sk_metrics_family(out, PREFIX "healthy", "gauge",
                    "1 where an indicator is good, 0.5 to be watched, 0 bad.");
  for (size_t i = 0; i < SK_INDICATORS; i++) {
    const struct sk_indicator *const one = &standing->indicators[i];
    const struct sk_metric_label label = {"indicator", one->name};
    if (one->verdict != SK_HEALTH_UNKNOWN)
      sk_metrics_sample(out, PREFIX "healthy", &label, 1, (SK_HEALTH_BAD - one->verdict) / 2.0);
  }
}

static double rate_of(const struct sk_bench_line *line)
{
  return line->rows >= 0 && line->seconds > 0 ? (double)line->rows / line->seconds : -1;
}

static double seconds_of_line(const struct sk_bench_line *line)
{
  return line->seconds;
}

static double processor_of(const struct sk_bench_line *line)
{
  return line->cpu_user >= 0 && line->cpu_system >= 0 ? line->cpu_user + line->cpu_system : -1;
}

static double memory_of(const struct sk_bench_line *line)
{
  return (double)line->peak_rss;
}

static double differences_of(const struct sk_bench_line *line)
{
  return (double)line->differences;
}

static void write_results(struct sk_buffer *out, const struct sk_standing *standing)
{
  static const struct {
    const char *name, *help;
    double (*of)(const struct sk_bench_line *line);
    bool only_done;
  } families[] = {
      {PREFIX "result_seconds", "Time that a phase took.", seconds_of_line, false},
      {PREFIX "result_processor_seconds", "Processor time of a phase.", processor_of, false},
      {PREFIX "result_rows_per_second", "Hourly pod rows a second of a phase.", rate_of, true},
      {PREFIX "result_peak_resident_memory_bytes", "Most resident memory.", memory_of, false},
      {PREFIX "result_differences", "Differences that a validation found.", differences_of, false},
  };
  for (size_t f = 0; f < SK_COUNT(families); f++) {
    sk_metrics_family(out, families[f].name, "gauge", families[f].help);
    for (size_t i = 0; i < standing->item_count; i++) {
      const struct sk_bench_line *const line = standing->items[i].line;
      struct key_labels key;
      if (!line || line->reused || !(families[f].of(line) >= 0) ||
          (families[f].only_done && line->outcome != SK_BENCH_STATE_DONE))
        continue;
      fill_labels(&key, &line->key);
      key.labels[key.count++] =
          (struct sk_metric_label){"outcome", sk_bench_state_name(line->outcome)};
      sk_metrics_sample(out, families[f].name, key.labels, key.count, families[f].of(line));
    }
  }
}

void sk_standing_metrics(struct sk_buffer *out, const struct sk_standing *standing)
{
  write_whole(out, standing);
  write_now(out, standing);
  write_plan(out, standing);
  write_results(out, standing);
}
