/* SPDX-License-Identifier: Apache-2.0 */
/* What aggregate and convert share; see run.h. */
#include "run.h"

#include "base/platform.h"
#include "store/store.h"

#include <stdarg.h>
#include <stdio.h>

#define MAX_THREADS 256
#define MAX_MESSAGE 1024

void sk_run_shared_init(struct sk_run_shared *shared, const shukei_callbacks *callbacks,
                        unsigned threads, uint64_t memory_bytes)
{
  *shared = (struct sk_run_shared){.callbacks = callbacks, .phase = "plan"};
  if (threads == 0)
    threads = sk_processor_count();
  shared->threads = threads > MAX_THREADS ? MAX_THREADS : threads;
  const unsigned processors = sk_processor_count();
  shared->workers = shared->threads < processors ? shared->threads : processors;
  if (memory_bytes == 0)
    memory_bytes = sk_memory_available_bytes() / 2;
  sk_budget_init(&shared->budget, memory_bytes);
  sk_store_heed(&shared->budget, callbacks->canceled, callbacks->context);
  pthread_mutex_init(&shared->lock, NULL);
  sk_crew_init(&shared->crew);
  sk_helpers_init(&shared->helpers);
}

void sk_run_shared_reset(struct sk_run_shared *shared)
{
  sk_crew_reset(&shared->crew);
  sk_helpers_reset(&shared->helpers);
  sk_store_end(&shared->budget);
  pthread_mutex_destroy(&shared->lock);
}

static void tell(struct sk_run_shared *shared, const shukei_event *event)
{
  const shukei_callbacks *callbacks = shared->callbacks;
  if (!callbacks->event && (!callbacks->log || event->milestone))
    return;
  pthread_mutex_lock(&shared->lock);
  if (callbacks->event)
    callbacks->event(callbacks->context, event);
  else
    callbacks->log(callbacks->context, event->level, event->text);
  pthread_mutex_unlock(&shared->lock);
}

static void tell_text(struct sk_run_shared *shared, shukei_log_level level, const char *object,
                      int64_t rows, const char *format, va_list args)
{
  char text[MAX_MESSAGE];
  const shukei_event event = {.level = level,
                              .text = text,
                              .phase = shared->phase,
                              .object = object,
                              .rows = rows,
                              .seconds = -1};
  vsnprintf(text, sizeof text, format, args);
  tell(shared, &event);
}

void sk_run_log(struct sk_run_shared *shared, shukei_log_level level, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  tell_text(shared, level, NULL, -1, format, args);
  va_end(args);
}

void sk_run_log_about(struct sk_run_shared *shared, shukei_log_level level, const char *object,
                      int64_t rows, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  tell_text(shared, level, object, rows, format, args);
  va_end(args);
}

void sk_run_milestone(struct sk_run_shared *shared, const char *phase, const char *object,
                      int64_t rows, double seconds)
{
  const shukei_event event = {.level = SHUKEI_LOG_INFO,
                              .text = object ? "written" : "phase ended",
                              .phase = phase,
                              .object = object,
                              .rows = rows,
                              .seconds = seconds,
                              .milestone = true};
  tell(shared, &event);
}

/* Texts of any length. */
static void tell_whole(struct sk_run_shared *shared, shukei_log_level level, const char *text)
{
  const shukei_event event = {
      .level = level, .text = text, .phase = shared->phase, .rows = -1, .seconds = -1};
  tell(shared, &event);
}

void sk_run_warn_text(void *shared, const char *text)
{
  tell_whole(shared, SHUKEI_LOG_WARNING, text);
}

void sk_run_note_text(void *shared, const char *text)
{
  tell_whole(shared, SHUKEI_LOG_INFO, text);
}

void sk_run_progress(struct sk_run_shared *shared)
{
  const shukei_callbacks *callbacks = shared->callbacks;
  if (!callbacks->progress || pthread_mutex_trylock(&shared->lock) != 0)
    return;
  const shukei_progress now = {
      .phase = shared->phase,
      .rows_done = atomic_load(&shared->rows_done),
      .rows_known = shared->rows_known,
      .bytes_done = atomic_load(&shared->bytes_done),
      .bytes_known = shared->bytes_known,
      .memory_bytes = atomic_load(&shared->budget.used_bytes),
  };
  callbacks->progress(callbacks->context, &now);
  pthread_mutex_unlock(&shared->lock);
}

shukei_status sk_run_check_canceled(struct sk_run_shared *shared, shukei_error *err)
{
  const shukei_callbacks *callbacks = shared->callbacks;
  if (callbacks->canceled && callbacks->canceled(callbacks->context))
    return sk_fail(err, SHUKEI_ECANCELED, "stopped; nothing was changed");
  return SHUKEI_OK;
}

shukei_status sk_run_check_plan(void *shared, shukei_error *err)
{
  return sk_run_check_canceled(shared, err);
}

void sk_stats_take_counts(shukei_stats *stats, const struct sk_counts *counts)
{
  stats->rows_read = counts->rows_read;
  stats->rows_filtered = counts->rows_filtered;
  stats->rows_bad = counts->rows_bad;
  stats->anomalies_dropped = counts->anomalies_dropped;
  stats->cells_empty = counts->cells_empty;
  stats->cells_unparsable = counts->cells_unparsable;
  stats->values_negative = counts->values_negative;
}

void sk_stats_take_plan(shukei_stats *stats, const struct sk_plan *plan)
{
  stats->files_skipped = plan->files_skipped;
  stats->payloads = plan->payloads;
  stats->payloads_superseded = plan->payloads_superseded;
  stats->payloads_bad = plan->payloads_bad;
  stats->members_left_out = plan->members_left_out;
  stats->rows_superseded = plan->rows_superseded;
}

void sk_stats_take_run(shukei_stats *stats, const struct sk_run_shared *shared)
{
  stats->peak_budget_bytes = atomic_load(&shared->budget.peak_bytes);
  stats->peak_rss_bytes = sk_peak_rss_bytes();
  stats->memory_bytes = shared->budget.limit_bytes;
  stats->threads = shared->threads;
  stats->store_requests = sk_store_requests(&shared->budget);
}

/* One warning: how many, and where the first one stands. */
static void report_place(struct sk_run_shared *shared, const struct sk_plan *plan, uint64_t count,
                         const struct sk_place *first, const char *what)
{
  if (count == 0)
    return;
  const char *file = first->file < plan->count ? plan->files[first->file].path : "?";
  const bool has_field = first->field < SK_FIELD_COUNT;
  sk_run_log_about(shared, SHUKEI_LOG_WARNING, file, (int64_t)count,
                   "%s: %" PRIu64 ", first %s: row %" PRIu64 "%s%s", what, count, file, first->row,
                   has_field ? ", column " : "",
                   has_field ? sk_field_info(first->field)->column : "");
}

void sk_run_report_counts(struct sk_run_shared *shared, const struct sk_plan *plan,
                          const struct sk_counts *counts, uint64_t counted_more_than_once,
                          uint64_t label_pairs_skipped)
{
  report_place(shared, plan, counts->rows_bad, &counts->first_bad, "bad rows left out");
  report_place(shared, plan, counts->anomalies_dropped, &counts->first_anomaly,
               "rows dropped as anomalies (a measure above 1e18 or infinite)");
  report_place(shared, plan, counts->cells_unparsable, &counts->first_unparsable,
               "cells that are no numbers and count as 0.0");
  if (counts->values_negative)
    sk_run_log(shared, SHUKEI_LOG_WARNING, "negative values, kept: %" PRIu64,
               counts->values_negative);
  if (label_pairs_skipped)
    sk_run_log(shared, SHUKEI_LOG_WARNING,
               "%" PRIu64 " label pairs without exactly one ':' left out", label_pairs_skipped);
  if (counted_more_than_once)
    sk_run_log(shared, SHUKEI_LOG_WARNING,
               "%" PRIu64 " rows were counted more than once, because labels changed within a day "
               "or volumes are shared",
               counted_more_than_once);
}

static bool is_given_before(const char *const *keys, size_t i)
{
  for (size_t k = 0; k < i; k++)
    if (strcmp(keys[k], keys[i]) == 0)
      return true;
  return false;
}

void sk_run_report_keys(struct sk_run_shared *shared, const char *const *keys,
                        const atomic_bool *met, size_t count)
{
  char text[400];
  size_t length = 0, lacking = 0;
  for (size_t i = 0; i < count; i++) {
    if (!*keys[i] || atomic_load(&met[i]) || is_given_before(keys, i))
      continue;
    if (length < sizeof text - 1)
      length += (size_t)snprintf(text + length, sizeof text - length, "%s\"%s\"",
                                 lacking ? ", " : "", keys[i]);
    lacking++;
  }
  if (lacking)
    sk_run_log(shared, SHUKEI_LOG_WARNING, "no label of the reports has the enabled key%s %s%s",
               lacking == 1 ? "" : "s", text, length < sizeof text ? "" : "...");
}
