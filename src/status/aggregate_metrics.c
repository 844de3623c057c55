/* SPDX-License-Identifier: Apache-2.0 */
/* The counters of shukei_stats under names by Prometheus' conventions: the unit last. While the run
 * goes on there are only the values of its progress. */
#include "status/aggregate_metrics.h"

#include "base/number.h"
#include "status/prometheus.h"

#include <string.h>

#define PREFIX "shukei_aggregate_"

static const struct {
  const char *name, *help;
  size_t place;
} counters[] = {
#define AT(member) offsetof(shukei_stats, member)
    {PREFIX "files", "Report files read.", AT(files)},
    {PREFIX "skipped_files", "Files left out by name, folder date or statistics.",
     AT(files_skipped)},
    {PREFIX "read_bytes", "Size of the files read.", AT(bytes_read)},
    {PREFIX "read_rows", "Rows of the reports read so far.", AT(rows_read)},
    {PREFIX "filtered_rows", "Rows of days that were not asked for.", AT(rows_filtered)},
    {PREFIX "bad_rows", "Rows left out by --bad-rows.", AT(rows_bad)},
    {PREFIX "rows_counted_more_than_once",
     "Rows that label sets changed in mid-day or shared volumes repeat.",
     AT(rows_counted_more_than_once)},
    {PREFIX "dropped_anomalies", "Anomalies left out.", AT(anomalies_dropped)},
    {PREFIX "empty_cells", "Cells of numbers that are empty.", AT(cells_empty)},
    {PREFIX "unparsable_cells", "Cells that are no number.", AT(cells_unparsable)},
    {PREFIX "negative_values", "Values below 0.", AT(values_negative)},
    {PREFIX "skipped_label_pairs", "Pairs in label texts that are none.", AT(label_pairs_skipped)},
    {PREFIX "groups", "Groups before unallocated rows.", AT(groups)},
    {PREFIX "written_rows", "Rows of the summary.", AT(rows_written)},
    {PREFIX "written_bytes", "Bytes written to the sinks.", AT(bytes_written)},
    {PREFIX "peak_budget_bytes", "Most memory charged to the budget at once.",
     AT(peak_budget_bytes)},
    {PREFIX "peak_resident_memory_bytes", "Most resident memory of the process.",
     AT(peak_rss_bytes)},
    {PREFIX "memory_limit_bytes", "The limit of --memory in force.", AT(memory_bytes)},
    {PREFIX "threads", "Worker threads.", AT(threads)},
    {PREFIX "made_daily_summaries", "Days made, with --changed.", AT(days_made)},
    {PREFIX "kept_daily_summaries", "Days that were up to date, with --changed.", AT(days_kept)},
    {PREFIX "spilled_bytes", "Bytes written to temporary files.", AT(spilled_bytes)},
    {PREFIX "store_requests", "Requests sent to S3.", AT(store_requests)},
    {PREFIX "payloads", "Payloads read.", AT(payloads)},
    {PREFIX "superseded_payloads", "Payloads of which nothing counts.", AT(payloads_superseded)},
    {PREFIX "bad_payloads", "Payloads left out by --bad-payloads.", AT(payloads_bad)},
    {PREFIX "left_out_members", "Members of payloads that were not read.", AT(members_left_out)},
    {PREFIX "superseded_rows", "Rows of days that other payloads repeat.", AT(rows_superseded)},
    {PREFIX "not_wanted_rows", "Rows of the summary left out by --namespace and --node.",
     AT(rows_not_wanted)},
#undef AT
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
