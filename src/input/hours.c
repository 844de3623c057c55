/* SPDX-License-Identifier: Apache-2.0 */
#include "input/hours.h"
#include "base/calendar.h"
#include "input/csv_split.h"
#include "input/intervals.h"

#include <stdlib.h>
#include <string.h>

void sk_hours_init(struct sk_hours *hours, struct sk_budget *budget)
{
  *hours = (struct sk_hours){.budget = budget};
}

void sk_hours_reset(struct sk_hours *hours)
{
  sk_free(hours->items);
  sk_hours_init(hours, hours->budget);
}

static shukei_status no_memory(const struct sk_hours *hours, shukei_error *err)
{
  return sk_fail_memory(err, hours->budget, 0, "the hours of a report");
}

/* Adds one behind the others; sort() puts it in its place. */
static bool append(struct sk_hours *hours, struct sk_hour hour)
{
  if (hours->count == hours->capacity) {
    const size_t capacity = hours->capacity * 2 + 32;
    struct sk_hour *grown = sk_realloc(hours->budget, hours->items, capacity * sizeof *grown);
    if (!grown)
      return false;
    hours->items = grown;
    hours->capacity = capacity;
  }
  hours->items[hours->count++] = hour;
  return true;
}

static int by_instant(const void *a, const void *b)
{
  const struct sk_hour *x = a, *y = b;
  return (x->us > y->us) - (x->us < y->us);
}

static void sort(struct sk_hours *hours)
{
  size_t kept = 0;
  if (hours->count)
    qsort(hours->items, hours->count, sizeof *hours->items, by_instant);
  for (size_t i = 0; i < hours->count; i++) {
    if (kept && hours->items[kept - 1].us == hours->items[i].us)
      hours->items[kept - 1].rows += hours->items[i].rows;
    else
      hours->items[kept++] = hours->items[i];
  }
  hours->count = kept;
}

shukei_status sk_hours_add(struct sk_hours *hours, const struct sk_hours *more, shukei_error *err)
{
  hours->records += more->records;
  for (size_t i = 0; i < more->count; i++)
    if (!append(hours, more->items[i]))
      return no_memory(hours, err);
  sort(hours);
  return SHUKEI_OK;
}

size_t sk_hours_of_day(const struct sk_hours *hours, int32_t day, uint64_t *rows)
{
  const int64_t first = day * SK_DAY_US;
  size_t low = 0, high = hours->count, count = 0;
  uint64_t sum = 0;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (hours->items[middle].us < first)
      low = middle + 1;
    else
      high = middle;
  }
  for (; low < hours->count && hours->items[low].us - first < SK_DAY_US; low++, count++)
    sum += hours->items[low].rows;
  if (rows)
    *rows = sum;
  return count;
}

/* ---- CSV ------------------------------------------------------------------------------------- */

struct csv_scan {
  struct sk_csv *csv;
  struct sk_hours *hours;
  uint32_t columns, *slots;
  struct sk_csv_block block;
  struct sk_csv_split split;
  struct sk_intervals intervals;
  struct sk_buffer text;
  uint32_t last;
};

static shukei_status count_row(struct csv_scan *scan, struct sk_csv_cell cell, shukei_error *err)
{
  const char *text = (const char *)scan->block.bytes + cell.at;
  size_t length = cell.length & ~SK_CELL_QUOTED;
  if (cell.length & SK_CELL_QUOTED) {
    if (!sk_csv_unquote(scan->block.bytes + cell.at, length, &scan->text))
      return no_memory(scan->hours, err);
    text = (const char *)scan->text.bytes;
    length = scan->text.length;
  }
  struct sk_interval *interval = sk_intervals_find(&scan->intervals, &scan->last, text, length);
  if (!interval)
    return no_memory(scan->hours, err);
  if (!interval->valid)
    return SHUKEI_OK;
  if (interval->id == SK_NO_ID) { /* its place among the hours, while they are not sorted */
    interval->id = (uint32_t)scan->hours->count;
    if (!append(scan->hours, (struct sk_hour){interval->us, 0}))
      return no_memory(scan->hours, err);
  }
  scan->hours->items[interval->id].rows++;
  return SHUKEI_OK;
}

static shukei_status count_block(struct csv_scan *scan, shukei_error *err)
{
  struct sk_csv_split *split = &scan->split;
  sk_csv_split_begin(split, scan->block.bytes, scan->block.length, scan->block.open_end);
  while (sk_csv_split_next(split) > 0) {
    const struct sk_csv_cell *cells = sk_csv_slot(split, 0);
    scan->hours->records += split->rows;
    for (uint32_t i = 0; i < split->rows; i++) {
      const bool open = split->last_row_open && i + 1 == split->rows;
      if (split->row_cells[i] != scan->columns || open)
        continue;
      const shukei_status st = count_row(scan, cells[i], err);
      if (st)
        return st;
    }
  }
  return SHUKEI_OK;
}

static shukei_status start_scan(struct csv_scan *scan, struct sk_budget *budget, shukei_error *err)
{
  const char *const *names = sk_csv_columns(scan->csv);
  bool found = false;
  scan->columns = sk_csv_column_count(scan->csv);
  scan->slots = sk_alloc(budget, scan->columns * sizeof *scan->slots);
  if (!scan->slots)
    return no_memory(scan->hours, err);
  for (uint32_t i = 0; i < scan->columns; i++) {
    const bool here = !found && strcmp(names[i], "interval_start") == 0;
    scan->slots[i] = here ? 0 : 1;
    found |= here;
  }
  if (!found)
    return sk_fail(err, SHUKEI_EFORMAT, "%s: lacks interval_start", sk_csv_path(scan->csv));
  sk_buffer_init(&scan->text, budget, SK_CSV_RECORD_MOST * 2);
  if (!sk_csv_split_init(&scan->split, scan->columns, scan->slots, 1, budget) ||
      !sk_intervals_init(&scan->intervals, budget))
    return no_memory(scan->hours, err);
  return SHUKEI_OK;
}

shukei_status sk_hours_of_csv(struct sk_csv *csv, struct sk_budget *budget, struct sk_hours *hours,
                              shukei_error *err)
{
  struct csv_scan scan = {.csv = csv, .hours = hours};
  bool claimed = true;
  sk_hours_init(hours, budget);
  shukei_status st = start_scan(&scan, budget, err);
  while (!st) {
    st = sk_csv_claim(csv, &scan.block, &claimed, err);
    if (st || !claimed)
      break;
    st = count_block(&scan, err);
  }
  sort(hours);
  sk_csv_block_reset(&scan.block);
  sk_csv_split_reset(&scan.split);
  sk_intervals_reset(&scan.intervals);
  sk_buffer_reset(&scan.text);
  sk_free(scan.slots);
  if (st)
    sk_hours_reset(hours);
  return st;
}

/* ---- Parquet --------------------------------------------------------------------------------- */

/* Adds the instants of a batch, whose ids are those of the symbols' table. */
static shukei_status count_batch(struct sk_hours *hours, const struct sk_symbols *symbols,
                                 const struct sk_batch *batch, shukei_error *err)
{
  const uint32_t *ids = batch->ids[SK_F_INTERVAL_START];
  while (hours->count < symbols->intervals.count) /* one for each id, that of none as well */
    if (!append(hours, (struct sk_hour){0, 0}))
      return no_memory(hours, err);
  for (uint32_t i = 0; i < batch->rows; i++) {
    struct sk_hour *hour = &hours->items[ids[i]];
    if (hour->rows++ == 0)
      hour->us = sk_symbols_interval_us(symbols, ids[i]);
  }
  hours->records += batch->rows;
  return SHUKEI_OK;
}

/* Takes the ids out that no row has. */
static void drop_unused(struct sk_hours *hours)
{
  size_t kept = 0;
  for (size_t i = 0; i < hours->count; i++)
    if (hours->items[i].rows)
      hours->items[kept++] = hours->items[i];
  hours->count = kept;
}

shukei_status sk_hours_of_parquet(const struct sk_planned_file *file, struct sk_budget *budget,
                                  struct sk_hours *hours, shukei_error *err)
{
  const struct sk_read_options options = {.start_day = INT32_MIN,
                                          .end_day = INT32_MAX,
                                          .times_only = true,
                                          .bad_rows = SHUKEI_BAD_ROWS_SKIP};
  struct sk_symbols symbols;
  struct sk_counts counts;
  struct sk_source *source = NULL;
  struct sk_reader *reader = NULL;
  const struct sk_batch *batch = NULL;
  bool claimed = true;
  sk_hours_init(hours, budget);
  sk_counts_init(&counts);
  shukei_status st = sk_symbols_init(&symbols, budget) ? SHUKEI_OK : no_memory(hours, err);
  if (!st)
    st = sk_source_open(file, 0, &options, budget, &source, err);
  if (!st)
    st = sk_reader_new(&symbols, &counts, budget, &reader, err);
  while (!st && (batch || claimed)) {
    if (!batch)
      st = sk_reader_claim(reader, source, INT32_MAX, &claimed, err);
    if (!st && claimed)
      st = sk_reader_next(reader, &batch, err);
    if (!st && batch)
      st = count_batch(hours, &symbols, batch, err);
  }
  sk_reader_free(reader);
  sk_source_close(source);
  sk_symbols_reset(&symbols);
  drop_unused(hours);
  sort(hours);
  if (st)
    sk_hours_reset(hours);
  return st;
}
