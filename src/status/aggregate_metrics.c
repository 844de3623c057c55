/* SPDX-License-Identifier: Apache-2.0 */
/* The counters of shukei_stats under names by Prometheus' conventions: the unit last. While the run goes on
 * there are only the values of its progress. */
#include "status/aggregate_metrics.h"

#include "base/number.h"
#include "status/prometheus.h"

#include <string.h>

#define PREFIX "shukei_aggregate_"

static const struct {
  const char *name, *help;
  size_t place;
} counters[] = {
#define COUNTER(member, name, help) {PREFIX name, help, offsetof(shukei_stats, member)},
    COUNTER(files, "files", "Report files read.") COUNTER(
        files_skipped, "skipped_files", "Files left out by name, folder date or statistics.")
        COUNTER(bytes_read, "read_bytes", "Size of the files read.") COUNTER(
            rows_read, "read_rows",
            "Rows of the reports read so far.") COUNTER(rows_filtered, "filtered_rows",
                                                        "Rows of days that were not asked for.")
            COUNTER(rows_bad, "bad_rows", "Rows left out by --bad-rows.") COUNTER(
                rows_counted_more_than_once, "rows_counted_more_than_once",
                "Rows that label sets changed in mid-day or shared volumes repeat.")
                COUNTER(anomalies_dropped, "dropped_anomalies", "Anomalies left out.") COUNTER(
                    cells_empty, "empty_cells",
                    "Cells of numbers that are empty.") COUNTER(cells_unparsable,
                                                                "unparsable_cells",
                                                                "Cells that are no number.")
                    COUNTER(values_negative, "negative_values",
                            "Values below 0.") COUNTER(label_pairs_skipped, "skipped_label_pairs",
                                                       "Pairs in label texts that are none.")
                        COUNTER(groups, "groups", "Groups before unallocated rows.") COUNTER(
                            rows_written, "written_rows",
                            "Rows of the summary.") COUNTER(bytes_written, "written_bytes",
                                                            "Bytes written to the sinks.")
                            COUNTER(peak_budget_bytes, "peak_budget_bytes",
                                    "Most memory charged to the budget at once.")
                                COUNTER(peak_rss_bytes, "peak_resident_memory_bytes",
                                        "Most resident memory of the process.")
                                    COUNTER(memory_bytes, "memory_limit_bytes",
                                            "The limit of --memory in force.")
                                        COUNTER(threads, "threads", "Worker threads.") COUNTER(
                                            days_made, "made_daily_summaries",
                                            "Days made, with --changed.")
                                            COUNTER(days_kept, "kept_daily_summaries",
                                                    "Days that were up to date, with --changed.")
                                                COUNTER(spilled_bytes, "spilled_bytes",
                                                        "Bytes written to temporary files.")
                                                    COUNTER(store_requests, "store_requests",
                                                            "Requests sent to S3.")
                                                        COUNTER(payloads, "payloads",
                                                                "Payloads read.")
                                                            COUNTER(
                                                                payloads_superseded,
                                                                "superseded_payloads",
                                                                "Payloads of which nothing counts.")
                                                                COUNTER(payloads_bad,
                                                                        "bad_payloads",
                                                                        "Payloads left out by "
                                                                        "--bad-payloads.")
                                                                    COUNTER(members_left_out,
                                                                            "left_out_members",
                                                                            "Members of payloads "
                                                                            "that were not read.")
                                                                        COUNTER(rows_superseded,
                                                                                "superseded_rows",
                                                                                "Rows of days that "
                                                                                "other payloads "
                                                                                "repeat.")
#undef COUNTER
};
#define SK_COUNT_ONE(name) +1
_Static_assert(SK_COUNT(counters) == 0 SHUKEI_STATS_COUNTERS(SK_COUNT_ONE), "a metric for each");
#undef SK_COUNT_ONE

struct writer {
  struct sk_buffer *out;
  struct sk_metric_label run;
};

static void gauge(const struct writer *w, const char *name, const char *help, bool known,
                  double value)
{
  sk_metrics_family(w->out, name, "gauge", help);
  if (known)
    sk_metrics_sample(w->out, name, &w->run, 1, value);
}

static void write_run(const struct writer *w, const struct sk_aggregate_metrics *m)
{
  const bool ended = m->stats != NULL;
  gauge(w, PREFIX "running", "1 while the run goes on.", true, !ended);
  gauge(w, PREFIX "success", "1 where the last run succeeded, else 0.", ended, m->exit_status == 0);
  gauge(w, PREFIX "exit_code", "Exit status of the last run.", ended, m->exit_status);
  gauge(w, PREFIX "start_timestamp_seconds", "When the run began.", true, m->started);
  gauge(w, PREFIX "end_timestamp_seconds", "When the run ended.", ended, m->now);
  gauge(w, PREFIX "updated_timestamp_seconds", "When these values were written.", true, m->now);
  gauge(w, SK_LAST_SUCCESS_METRIC, "When a run last ended with success.", m->last_success > 0,
        m->last_success);
  gauge(w, PREFIX "duration_seconds", "How long the run took, or has taken so far.", true,
        ended ? m->stats->total_seconds : m->now - m->started);
}

static void write_progress(const struct writer *w, const struct sk_aggregate_metrics *m)
{
  const shukei_progress *const p = m->stats ? NULL : m->progress;
  gauge(w, PREFIX "expected_rows", "Rows that the files announce; none for CSV.",
        p && p->rows_known, p ? (double)p->rows_known : 0);
  gauge(w, PREFIX "expected_bytes", "Bytes that are to be read.", p && p->bytes_known,
        p ? (double)p->bytes_known : 0);
  gauge(w, PREFIX "budget_bytes", "Memory charged to the budget now.", p != NULL,
        p ? (double)p->memory_bytes : 0);
  sk_metrics_family(w->out, PREFIX "phase", "gauge", "1 for the phase that the run is in.");
  if (p && p->phase) {
    const struct sk_metric_label labels[] = {w->run, {"phase", p->phase}};
    sk_metrics_sample(w->out, PREFIX "phase", labels, SK_COUNT(labels), 1);
  }
}

static void write_seconds(const struct writer *w, const shukei_stats *stats)
{
  sk_metrics_family(w->out, PREFIX "phase_seconds", "gauge", "Time of each phase.");
  if (!stats)
    return;
  const struct {
    const char *phase;
    double seconds;
  } phases[] = {{"plan", stats->plan_seconds},
                {"labels", stats->labels_seconds},
                {"storage", stats->storage_seconds},
                {"pods", stats->pods_seconds},
                {"write", stats->write_seconds}};
  for (size_t i = 0; i < SK_COUNT(phases); i++) {
    const struct sk_metric_label labels[] = {w->run, {"phase", phases[i].phase}};
    sk_metrics_sample(w->out, PREFIX "phase_seconds", labels, SK_COUNT(labels), phases[i].seconds);
  }
}

/* What the progress knows of a counter while there are no statistics. */
static bool counter_of_progress(size_t place, const shukei_progress *progress, double *value)
{
  const bool rows = place == offsetof(shukei_stats, rows_read);
  if (!progress || (!rows && place != offsetof(shukei_stats, bytes_read)))
    return false;
  *value = rows ? (double)progress->rows_done : (double)progress->bytes_done;
  return true;
}

void sk_aggregate_metrics_write(struct sk_buffer *out, const struct sk_aggregate_metrics *metrics)
{
  const struct writer w = {out, {"run", metrics->run}};
  write_run(&w, metrics);
  write_progress(&w, metrics);
  write_seconds(&w, metrics->stats);
  for (size_t i = 0; i < SK_COUNT(counters); i++) {
    uint64_t count = 0;
    double value = 0;
    bool known = metrics->stats != NULL;
    if (known) {
      memcpy(&count, (const char *)metrics->stats + counters[i].place, sizeof count);
      value = (double)count;
    } else {
      known = counter_of_progress(counters[i].place, metrics->progress, &value);
    }
    gauge(&w, counters[i].name, counters[i].help, known, value);
  }
}

double sk_aggregate_metrics_last_success(const char *text, size_t length)
{
  static const char start[] = SK_LAST_SUCCESS_METRIC "{";
  for (const char *line = text, *const end = text + length; line < end;) {
    const char *const stop = memchr(line, '\n', (size_t)(end - line));
    const size_t size = (size_t)((stop ? stop : end) - line);
    double value;
    if (size > sizeof start && memcmp(line, start, sizeof start - 1) == 0) {
      const char *number = line + size;
      while (number > line && number[-1] != ' ')
        number--;
      if (sk_number_parse(number, (size_t)(line + size - number), &value) && value > 0)
        return value;
    }
    line += size + 1;
  }
  return 0;
}
