/* SPDX-License-Identifier: Apache-2.0 */
/* A source's rows as text, one line a row, for tests that compare. */
#ifndef SK_TESTS_SOURCE_TESTING_H
#define SK_TESTS_SOURCE_TESTING_H

#include "input_testing.h"

#include "base/crew.h"
#include "base/number.h"
#include "base/text.h"
#include "input/reader.h"

struct reading {
  struct sk_budget budget;
  struct sk_read_options options;
  enum sk_format format;
  enum sk_report report;
  size_t block_bytes; /* CSV */
  uint64_t cut_bytes; /* Parquet */
  unsigned forget;    /* the symbols are emptied behind about one of so many batches; 0: never */
  int32_t last_day;   /* of the pieces that are claimed */
  /* results */
  struct sk_counts counts;
  struct sk_buffer rows;
  struct sk_buffer kept; /* bad rows: "row: cause [text]\n" */
  uint64_t pieces;
  int32_t first_day; /* of what was left at the end */
  shukei_error err;
};

static inline bool keep_row(void *context, const char *path, uint64_t row, const char *cause,
                            const char *text, size_t length)
{
  struct reading *reading = context;
  (void)path;
  sk_buffer_printf(&reading->kept, "%" PRIu64 ": %s [%.*s]\n", row, cause, (int)length, text);
  return true;
}

static inline void reading_init(struct reading *reading, enum sk_report report)
{
  memset(reading, 0, sizeof *reading);
  sk_budget_init(&reading->budget, UINT64_MAX);
  sk_buffer_init(&reading->rows, NULL, SIZE_MAX / 2);
  sk_buffer_init(&reading->kept, NULL, SIZE_MAX / 2);
  reading->report = report;
  reading->cut_bytes = UINT64_C(4) << 20;
  reading->last_day = INT32_MAX;
  reading->options = (struct sk_read_options){.wanted = ~(sk_fields)0,
                                              .start_day = INT32_MIN,
                                              .end_day = INT32_MAX,
                                              .keep_bad_row = keep_row,
                                              .keep_context = reading};
}

static inline void reading_free(struct reading *reading)
{
  sk_buffer_reset(&reading->rows);
  sk_buffer_reset(&reading->kept);
}

static inline void add_batch(struct reading *reading, const struct sk_batch *batch,
                             struct sk_symbols *symbols)
{
  char text[SK_NUMBER_TEXT];
  assert_in_range(batch->rows, 1, SK_BATCH_ROWS);
  for (uint32_t i = 0; i < batch->rows; i++) {
    sk_buffer_printf(&reading->rows, "%" PRId64,
                     sk_symbols_interval_us(symbols, batch->ids[SK_F_INTERVAL_START][i]));
    for (int f = 1; f < SK_FIELD_COUNT; f++) {
      if (!(batch->present & SK_FIELD_BIT(f)))
        continue;
      sk_buffer_byte(&reading->rows, '\t');
      if (batch->numbers[f]) {
        sk_buffer_add(&reading->rows, text, sk_number_format(batch->numbers[f][i], text));
        continue;
      }
      struct sk_intern *table = sk_field_info((enum sk_field)f)->kind == SK_FIELD_LABELS
                                    ? &symbols->labels
                                    : &symbols->names;
      assert_in_range(batch->ids[f][i], 0, table->count - 1);
      const struct sk_intern_entry *entry = sk_intern_at(table, batch->ids[f][i]);
      sk_json_quote(&reading->rows, entry->bytes, entry->length);
    }
    sk_buffer_byte(&reading->rows, '\n');
  }
}

/* Reads the whole file through one reader; rows end with a zero byte. */
static inline shukei_status read_source(struct reading *reading, const char *path)
{
  const struct sk_planned_file file = {
      .path = path, .format = reading->format, .report = reading->report};
  struct sk_source *source = NULL;
  struct sk_reader *reader = NULL;
  struct sk_symbols symbols;
  bool claimed = true;
  uint64_t batches = 0;
  struct sk_budget *budget = &reading->budget;
  sk_counts_init(&reading->counts);
  sk_buffer_clear(&reading->rows);
  sk_buffer_clear(&reading->kept);
  reading->pieces = 0;
  memset(&reading->err, 0, sizeof reading->err);
  memset(&symbols, 0, sizeof symbols);
  shukei_status st = reading->format == SK_FORMAT_PARQUET
                         ? sk_parquet_source_open(&file, 0, &reading->options, reading->cut_bytes,
                                                  budget, &source, &reading->err)
                         : sk_csv_source_open(&file, 0, &reading->options, reading->block_bytes,
                                              budget, &source, &reading->err);
  if (!st && !sk_symbols_init(&symbols, budget))
    st = SHUKEI_ENOMEM;
  if (!st)
    st = sk_reader_new(&symbols, &reading->counts, budget, &reader, &reading->err);
  while (!st && claimed) {
    const struct sk_batch *batch = NULL;
    st = sk_reader_claim(reader, source, reading->last_day, &claimed, &reading->err);
    reading->pieces += claimed;
    while (!st && claimed && !(st = sk_reader_next(reader, &batch, &reading->err)) && batch) {
      add_batch(reading, batch, &symbols);
      if (!reading->forget || sk_hash_u64(batches++) % reading->forget)
        continue;
      if (!sk_symbols_empty(&symbols))
        st = SHUKEI_ENOMEM;
      sk_reader_forget(reader);
    }
  }
  if (source)
    reading->first_day = sk_source_first_day(source);
  sk_reader_free(reader);
  sk_source_close(source);
  sk_symbols_reset(&symbols);
  sk_buffer_byte(&reading->rows, '\0');
  sk_buffer_byte(&reading->kept, '\0');
  assert_int_equal(budget->used_bytes, 0);
  assert_true(!st || st == SHUKEI_ENOMEM || reading->err.text[0]);
  return st;
}

/* ---- several workers at one source ----------------------------------------------------------- */

struct sharing {
  struct sk_budget *budget;
  struct sk_symbols symbols; /* of all of them */
  struct sk_source *source;
  struct sk_counts counts[8];
  uint64_t sum[8]; /* of a hash of each row: the same in any order */
  shukei_status status[8];
};

static inline void share(void *context, unsigned worker)
{
  struct sharing *sharing = context;
  struct sk_symbols *symbols = &sharing->symbols;
  struct sk_reader *reader = NULL;
  bool claimed = true;
  sk_counts_init(&sharing->counts[worker]);
  shukei_status st =
      sk_reader_new(symbols, &sharing->counts[worker], sharing->budget, &reader, NULL);
  while (!st && claimed) {
    const struct sk_batch *batch = NULL;
    st = sk_reader_claim(reader, sharing->source, INT32_MAX, &claimed, NULL);
    while (!st && claimed && !(st = sk_reader_next(reader, &batch, NULL)) && batch)
      for (uint32_t i = 0; i < batch->rows; i++) {
        const struct sk_intern_entry *node =
            sk_intern_at(&symbols->names, batch->ids[SK_F_NODE][i]);
        sharing->sum[worker] +=
            sk_hash_bytes(node->bytes, node->length) ^
            (uint64_t)sk_symbols_interval_us(symbols, batch->ids[SK_F_INTERVAL_START][i]);
      }
  }
  sk_reader_free(reader);
  sharing->status[worker] = st;
}

/* Reads a file that has a column `node` by some workers at once; the sum over its rows. */
static inline uint64_t read_shared(struct reading *reading, const char *path, unsigned workers,
                                   struct sk_counts *counts)
{
  const struct sk_planned_file file = {
      .path = path, .format = reading->format, .report = reading->report};
  struct sharing sharing = {.budget = &reading->budget};
  uint64_t sum = 0;
  const shukei_status st =
      reading->format == SK_FORMAT_PARQUET
          ? sk_parquet_source_open(&file, 0, &reading->options, reading->cut_bytes,
                                   &reading->budget, &sharing.source, &reading->err)
          : sk_csv_source_open(&file, 0, &reading->options, reading->block_bytes, &reading->budget,
                               &sharing.source, &reading->err);
  assert_int_equal(st, SHUKEI_OK);
  assert_true(sk_symbols_init(&sharing.symbols, &reading->budget));
  sk_symbols_share(&sharing.symbols);
  sk_crew_run(NULL, workers, share, &sharing);
  sk_counts_init(counts);
  for (unsigned i = 0; i < workers; i++) {
    assert_int_equal(sharing.status[i], SHUKEI_OK);
    sk_counts_merge(counts, &sharing.counts[i]);
    sum += sharing.sum[i];
  }
  sk_source_close(sharing.source);
  sk_symbols_reset(&sharing.symbols);
  return sum;
}

#endif
