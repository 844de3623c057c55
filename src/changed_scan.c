/* SPDX-License-Identifier: Apache-2.0 */
/* Reading of a file just what its days are: interval_start of all rows, each distinct one once. */
#include "changed_scan.h"

/* All intervals that a reader has met, as days. */
static bool days_of_intervals(const struct sk_symbols *symbols, struct sk_budget *budget,
                              struct sk_day_list *list)
{
  const uint32_t count = symbols->intervals.count; /* the first one is unused */
  int32_t *days = sk_alloc(budget, count * sizeof *days);
  if (!days)
    return false;
  for (uint32_t id = 1; id < count; id++)
    days[id - 1] = sk_day_of_us(sk_symbols_interval_us(symbols, id));
  const bool ok = sk_day_list_of(list, days, count - 1, budget);
  sk_free(days);
  return ok;
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

shukei_status sk_scan_days(const struct sk_planned_file *file, shukei_bad_rows bad_rows,
                           struct sk_budget *budget, struct sk_day_list *list, shukei_error *err)
{
  const struct sk_read_options options = {
      .start_day = INT32_MIN,
      .end_day = INT32_MAX,
      .bad_rows = bad_rows == SHUKEI_BAD_ROWS_FAIL ? bad_rows : SHUKEI_BAD_ROWS_SKIP,
  };
  struct sk_symbols symbols;
  struct sk_counts counts;
  struct sk_source *source = NULL;
  struct sk_reader *reader = NULL;
  *list = (struct sk_day_list){.ranges = NULL};
  if (!sk_symbols_init(&symbols, budget))
    return sk_fail_memory(err, budget, 0, "the days of a file");
  sk_counts_init(&counts);
  shukei_status st = sk_reader_new(&symbols, &counts, budget, &reader, err);
  if (!st)
    st = sk_source_open(file, 0, &options, budget, &source, err);
  if (!st)
    st = read_all(reader, source, err);
  if (!st && !days_of_intervals(&symbols, budget, list))
    st = sk_fail_memory(err, budget, 0, "the days of a file");
  sk_reader_free(reader);
  sk_source_close(source);
  sk_symbols_reset(&symbols);
  return st;
}
