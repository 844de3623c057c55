/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the input room: what csv_source.c and parquet_source.c have in common. A source fills
 * the rows of a reader; reader.c keeps the rules that hold for rows of either kind: which are bad,
 * which numbers are odd, what is counted (spec/1-input.md, Values).
 *
 * The order is the same for both, so that they count alike: rows that are bad by their shape or
 * their interval_start; rows outside of the days, of which nothing else is looked at; texts that
 * are no UTF-8; numbers. */
#ifndef SK_INPUT_READER_H
#define SK_INPUT_READER_H

#include "input/input.h"
#include "input/intervals.h"

#define SK_ANOMALY_ABOVE 1e18

struct sk_source_calls {
  /* As sk_reader_claim(). */
  shukei_status (*claim)(struct sk_source *source, struct sk_reader *reader, int32_t last_day,
                         bool *claimed, shukei_error *err);
  /* Adds rows to the reader, whose `rows` is 0; none: the piece is at its end. */
  shukei_status (*next)(struct sk_source *source, struct sk_reader *reader, shukei_error *err);
  /* Frees what a reader keeps of this source. */
  void (*leave)(struct sk_source *source, struct sk_reader *reader);
  uint64_t (*bytes_claimed)(struct sk_source *source);
  int32_t (*first_day)(struct sk_source *source);
  void (*close)(struct sk_source *source);
};

struct sk_source {
  const struct sk_source_calls *calls;
  struct sk_budget *budget;
  const char *path;
  uint32_t file;
  enum sk_report report;
  struct sk_read_options options;
  const struct sk_day_set *days; /* that count of the file, within those of the options */
  sk_fields numbers; /* NUMBER columns that the file has: all are read, for the anomalies */
  sk_fields texts;   /* NAME and LABELS columns that it has and that are wanted */
  sk_fields present; /* for the batches */
};
/* Sets the members above from the columns that the file has. */
void sk_source_describe(struct sk_source *source, const struct sk_planned_file *file,
                        uint32_t file_number, const struct sk_read_options *options,
                        sk_fields columns, struct sk_budget *budget);

/* Whether rows of that day are kept; one that is not is counted. */
static inline bool sk_source_keeps_day(const struct sk_source *source, int32_t day)
{
  return day >= source->options.start_day && day <= source->options.end_day &&
         sk_day_set_has(source->days, day);
}

shukei_status sk_csv_source_open(const struct sk_planned_file *file, uint32_t file_number,
                                 const struct sk_read_options *options, size_t block_bytes,
                                 struct sk_budget *budget, struct sk_source **out,
                                 shukei_error *err);
shukei_status sk_parquet_source_open(const struct sk_planned_file *file, uint32_t file_number,
                                     const struct sk_read_options *options, uint64_t cut_bytes,
                                     struct sk_budget *budget, struct sk_source **out,
                                     shukei_error *err);
/* EFORMAT that names all columns that the report requires and the file lacks. */
shukei_status sk_check_columns(const char *path, enum sk_report report, sk_fields columns,
                               shukei_error *err);

struct sk_csv_part;     /* what a reader keeps for CSV */
struct sk_parquet_part; /* and for Parquet */

struct sk_reader {
  struct sk_budget *budget;
  struct sk_symbols *symbols;
  struct sk_counts *counts;
  struct sk_source *source; /* of the piece in hand, NULL at first */
  struct sk_batch batch;
  struct sk_intervals intervals;
  uint32_t last_interval; /* id, to predict the next */
  struct sk_csv_part *csv;
  struct sk_parquet_part *parquet;
  /* the rows being made; arrays of SK_BATCH_ROWS */
  uint32_t rows;
  uint64_t *row_numbers; /* as messages name them */
  uint8_t *anomalous;
  bool any_anomalous;
  uint32_t *ids[SK_FIELD_COUNT];
  double *numbers[SK_FIELD_COUNT];
};

/* Allocates the arrays that rows of this source need. */
shukei_status sk_reader_reserve(struct sk_reader *reader, const struct sk_source *source,
                                shukei_error *err);

/* The interval ids's interval, which must be valid: its id in the symbols; SK_NO_ID: no memory. */
uint32_t sk_reader_interval(struct sk_reader *reader, struct sk_interval *interval);

enum sk_bad_cause {
  SK_ROW_GOOD,
  SK_BAD_CELLS,    /* wrong number of cells */
  SK_BAD_OPEN_END, /* the file ends within it */
  SK_BAD_TIME,
  SK_BAD_UTF8
};
struct sk_bad_row {
  enum sk_bad_cause cause;
  enum sk_field field;      /* UTF8 */
  const char *column;       /* UTF8: the column's name, where it is no field */
  uint32_t cells, expected; /* CELLS */
  const char *time;         /* TIME: what was found; NULL: nothing, or with a length a value */
  size_t time_length;
  uint64_t row;
  const char *text; /* of the whole row, where it has one */
  size_t length;
};
/* Counts a bad row of a file and does with it what the options say. */
shukei_status sk_bad_row(const char *path, uint32_t file, const struct sk_read_options *options,
                         const struct sk_bad_row *bad, struct sk_counts *counts, shukei_error *err);
static inline shukei_status sk_reader_bad_row(struct sk_reader *reader,
                                              const struct sk_source *source,
                                              const struct sk_bad_row *bad, shukei_error *err)
{
  return sk_bad_row(source->path, source->file, &source->options, bad, reader->counts, err);
}

static inline struct sk_intern *sk_reader_table(struct sk_reader *reader, enum sk_field field)
{
  return sk_field_info(field)->kind == SK_FIELD_LABELS ? &reader->symbols->labels
                                                       : &reader->symbols->names;
}
/* Whether the field's table has any text that is no UTF-8; whether this one is none. */
static inline bool sk_reader_some_bad(struct sk_reader *reader, enum sk_field field)
{
  return sk_reader_table(reader, field)->bad_count != 0;
}
static inline bool sk_reader_bad_text(struct sk_reader *reader, enum sk_field field, uint32_t id)
{
  return sk_intern_at(sk_reader_table(reader, field), id)->bad;
}

/* Looks at a number that is not within [0, SK_ANOMALY_ABOVE]: counts, marks the row as anomalous,
 * and returns what to keep. */
double sk_reader_odd_number(struct sk_reader *reader, const struct sk_source *source,
                            enum sk_field field, uint32_t at, double value);
/* Counts a cell that is no number. */
void sk_reader_unparsable(struct sk_reader *reader, const struct sk_source *source,
                          enum sk_field field, uint32_t at);
static inline bool sk_number_odd(double value)
{
  return !(value >= 0 && value <= SK_ANOMALY_ABOVE);
}
/* Takes the anomalous rows out. */
void sk_reader_drop_anomalies(struct sk_reader *reader, const struct sk_source *source);

/* Free the parts; make them forget the ids of the symbols. NULL is fine. */
void sk_csv_part_free(struct sk_csv_part *part);
void sk_csv_part_forget(struct sk_csv_part *part);
void sk_parquet_part_free(struct sk_parquet_part *part);
void sk_parquet_part_forget(struct sk_parquet_part *part);

#endif
