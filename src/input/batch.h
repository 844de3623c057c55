/* SPDX-License-Identifier: Apache-2.0 */
/* The one form in which rows travel from input to summary: a batch of columns, the same whether
 * they came from CSV or from Parquet. Texts are ids, so that a row is a few integers and doubles.
 *
 * A batch is valid until the next one is asked for. What input guarantees of every batch:
 *   - interval_start could be read: every row has an interval id;
 *   - numbers are finite or -- node_capacity_cpu_cores alone -- infinite, never NaN; anomalies are
 *     gone;
 *   - ids are below the counts of their tables; 0 is "absent" (null or empty);
 *   - texts are valid UTF-8. */
#ifndef SK_INPUT_BATCH_H
#define SK_INPUT_BATCH_H

#include "base/buffer.h"
#include "base/intern.h"
#include "input/report.h"

#define SK_BATCH_ROWS 2048

/* The texts that the workers of a stage have met, names and labels checked for UTF-8. */
struct sk_symbols {
  struct sk_intern names;
  struct sk_intern labels;    /* label texts as they were written */
  struct sk_intern intervals; /* interval_start: 8 bytes, int64_t microseconds; id 0 is unused */
};
bool sk_symbols_init(struct sk_symbols *symbols, struct sk_budget *budget);
void sk_symbols_reset(struct sk_symbols *symbols);
/* Lets several readers add at once (base/intern.h). */
void sk_symbols_share(struct sk_symbols *symbols);
/* Forgets all texts, while nobody uses them: each reader must forget their ids
 * (sk_reader_forget()). False when memory lacks: they can only be reset then. */
bool sk_symbols_empty(struct sk_symbols *symbols);
static inline int64_t sk_symbols_interval_us(const struct sk_symbols *symbols, uint32_t id)
{
  int64_t us;
  memcpy(&us, sk_intern_at(&symbols->intervals, id)->bytes, sizeof us);
  return us;
}

struct sk_batch {
  enum sk_report report;
  uint32_t rows;
  sk_fields present; /* columns that the file has and the reader was asked for */
  /* [rows] each where present, else NULL; interval_start is always there, as interval ids */
  const uint32_t *ids[SK_FIELD_COUNT];   /* NAME, LABELS, and INTERVAL_START */
  const double *numbers[SK_FIELD_COUNT]; /* NUMBER */
};

/* Where something was first met: files in the order of their names, rows from 1. */
struct sk_place {
  uint32_t file; /* UINT32_MAX: never */
  uint64_t row;
  enum sk_field field;
};

/* What input counts; merged by sk_counts_merge(), in any order with the same result. */
struct sk_counts {
  uint64_t rows_read, rows_filtered, rows_bad, anomalies_dropped;
  uint64_t cells_empty, cells_unparsable, values_negative;
  struct sk_place first_bad, first_anomaly, first_unparsable;
};
void sk_counts_init(struct sk_counts *counts);
void sk_counts_merge(struct sk_counts *into, const struct sk_counts *from);
bool sk_place_before(const struct sk_place *a, const struct sk_place *b);

/* One label. Both texts lie in the caller's arena. */
struct sk_label {
  const char *key, *value;
  uint32_t key_length, value_length;
};
/* Parses either spelling of a label text (spec/1-input.md, Labels): sorted by key in byte order,
 * each key once (the last one in the text wins).
 *   labels   in arena, *count of them; slices of the arena or of the text, which has to stay
 *   skipped  pairs of the operator spelling that were skipped
 * False when memory lacks. A text that begins with '{' and is no JSON object counts as the operator
 * spelling, as in the reference. */
bool sk_labels_parse(const char *text, size_t length, struct sk_arena *arena,
                     struct sk_label **labels, uint32_t *count, uint32_t *skipped);
/* Appends the labels as a JSON object in Python's spelling: {"a": "b", "c": "d"}. */
void sk_labels_json(struct sk_buffer *out, const struct sk_label *labels, uint32_t count);

#endif
