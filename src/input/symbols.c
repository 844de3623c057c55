/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of texts, and what a worker counts. */
#include "input/batch.h"

bool sk_symbols_init(struct sk_symbols *symbols, struct sk_budget *budget)
{
  memset(symbols, 0, sizeof *symbols);
  if (sk_intern_init(&symbols->names, budget) && sk_intern_init(&symbols->labels, budget) &&
      sk_intern_init(&symbols->intervals, budget)) {
    symbols->names.checks = symbols->labels.checks = true;
    return true;
  }
  sk_symbols_reset(symbols);
  return false;
}

void sk_symbols_share(struct sk_symbols *symbols)
{
  symbols->names.shared = symbols->labels.shared = symbols->intervals.shared = true;
}

bool sk_symbols_empty(struct sk_symbols *symbols)
{
  return sk_intern_empty(&symbols->names) && sk_intern_empty(&symbols->labels) &&
         sk_intern_empty(&symbols->intervals);
}

void sk_symbols_reset(struct sk_symbols *symbols)
{
  sk_intern_reset(&symbols->names);
  sk_intern_reset(&symbols->labels);
  sk_intern_reset(&symbols->intervals);
}

static const struct sk_place nowhere = {UINT32_MAX, UINT64_MAX, SK_FIELD_COUNT};

void sk_counts_init(struct sk_counts *counts)
{
  memset(counts, 0, sizeof *counts);
  counts->first_bad = counts->first_anomaly = counts->first_unparsable = nowhere;
}

bool sk_place_before(const struct sk_place *a, const struct sk_place *b)
{
  if (a->file != b->file)
    return a->file < b->file;
  if (a->row != b->row)
    return a->row < b->row;
  return a->field < b->field;
}

static void merge_place(struct sk_place *into, const struct sk_place *from)
{
  if (sk_place_before(from, into))
    *into = *from;
}

void sk_counts_merge(struct sk_counts *into, const struct sk_counts *from)
{
  into->rows_read += from->rows_read;
  into->rows_filtered += from->rows_filtered;
  into->rows_bad += from->rows_bad;
  into->anomalies_dropped += from->anomalies_dropped;
  into->cells_empty += from->cells_empty;
  into->cells_unparsable += from->cells_unparsable;
  into->values_negative += from->values_negative;
  merge_place(&into->first_bad, &from->first_bad);
  merge_place(&into->first_anomaly, &from->first_anomaly);
  merge_place(&into->first_unparsable, &from->first_unparsable);
}
