/* SPDX-License-Identifier: Apache-2.0 */
/* Reading of a file just what its days are: interval_start of all rows, each distinct one once for
 * each thread. */
#include "changed_scan.h"

#include "base/crew.h"

#include <pthread.h>

struct scan {
  struct sk_source *source;
  struct sk_budget *budget;
  pthread_mutex_t lock; /* of all that follows */
  int32_t *days;        /* of all threads that are done */
  size_t day_count;
  shukei_status status; /* the first failure */
  shukei_error error;
};

/* Adds all intervals that a reader has met, as days. With the lock held. */
static bool add_days(struct scan *scan, const struct sk_symbols *symbols)
{
  const uint32_t count = symbols->intervals.count; /* the first one is unused */
  int32_t *const days =
      sk_realloc(scan->budget, scan->days, (scan->day_count + count) * sizeof *days);
  if (!days)
    return false;
  scan->days = days;
  for (uint32_t id = 1; id < count; id++)
    days[scan->day_count++] = sk_day_of_us(sk_symbols_interval_us(symbols, id));
  return true;
}

static shukei_status read_all(struct sk_reader *reader, struct sk_source *source, shukei_error *err)
{
  for (;;) {
    bool claimed = false;
    const struct sk_batch *batch = NULL;
    shukei_status st = sk_reader_claim(reader, source, INT32_MAX, &claimed, err);
    if (st || !claimed)
      return st;
    do
      st = sk_reader_next(reader, &batch, err);
    while (!st && batch);
    if (st)
      return st;
  }
}

static shukei_status no_memory(const struct scan *scan, shukei_error *err)
{
  return sk_fail_memory(err, scan->budget, 0, "the days of a file");
}

static void read_some(void *context, unsigned worker)
{
  struct scan *const scan = context;
  struct sk_symbols symbols;
  struct sk_counts counts;
  struct sk_reader *reader = NULL;
  shukei_error error = {.status = SHUKEI_OK};
  (void)worker;
  sk_counts_init(&counts);
  const bool ready = sk_symbols_init(&symbols, scan->budget);
  shukei_status st = ready ? sk_reader_new(&symbols, &counts, scan->budget, &reader, &error)
                           : no_memory(scan, &error);
  if (!st)
    st = read_all(reader, scan->source, &error);
  sk_reader_free(reader);
  pthread_mutex_lock(&scan->lock);
  if (!st && !add_days(scan, &symbols))
    st = no_memory(scan, &error);
  if (st && !scan->status) {
    scan->status = st;
    scan->error = error;
  }
  pthread_mutex_unlock(&scan->lock);
  if (ready)
    sk_symbols_reset(&symbols);
}

shukei_status sk_scan_days(const struct sk_planned_file *file, shukei_bad_rows bad_rows,
                           unsigned threads, struct sk_budget *budget, struct sk_day_list *list,
                           shukei_error *err)
{
  const struct sk_read_options options = {
      .start_day = INT32_MIN,
      .end_day = INT32_MAX,
      .bad_rows = bad_rows == SHUKEI_BAD_ROWS_FAIL ? bad_rows : SHUKEI_BAD_ROWS_SKIP,
  };
  struct scan scan = {.budget = budget};
  *list = (struct sk_day_list){.ranges = NULL};
  if (pthread_mutex_init(&scan.lock, NULL))
    return sk_fail(err, SHUKEI_ENOMEM, "no lock for \"%s\"", file->path);
  shukei_status st = sk_source_open(file, 0, &options, budget, &scan.source, err);
  if (!st) {
    sk_crew_run(NULL, threads ? threads : 1, read_some, &scan);
    st = scan.status;
    if (st && err)
      *err = scan.error;
  }
  if (!st && !sk_day_list_of(list, scan.days, scan.day_count, budget))
    st = no_memory(&scan, err);
  sk_source_close(scan.source);
  sk_free(scan.days);
  pthread_mutex_destroy(&scan.lock);
  return st;
}
