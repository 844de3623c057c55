/* SPDX-License-Identifier: Apache-2.0 */
/* Converting, the parallel half: a block of CSV becomes columns of typed values and of slices of
 * text. convert_write.c is the half that goes in order. */
#ifndef SK_INPUT_CONVERT_PIECE_H
#define SK_INPUT_CONVERT_PIECE_H

#include "input/csv_file.h"
#include "input/csv_split.h"
#include "input/intervals.h"
#include "parquet/parquet.h"

enum sk_convert_kind {
  SK_CONVERT_TEXT,
  SK_CONVERT_LABELS,
  SK_CONVERT_NUMBER,
  SK_CONVERT_TIME,
  SK_CONVERT_INTEGER, /* this and the next one of Parquet only */
  SK_CONVERT_DATE,
  SK_CONVERT_ANY /* without a value so far */
};

/* The columns that the files of one report have between them, in the order they are met. */
struct sk_convert_report {
  enum sk_report report;
  struct sk_write_column *columns; /* names in the converter's arena */
  enum sk_convert_kind *kinds;
  uint32_t *last; /* of the half that goes in order: ids of the row before */
  uint32_t column_count, capacity;
};

struct sk_convert_file {
  const struct sk_planned_file *planned;
  uint32_t number;
  struct sk_convert_report *report;
  uint32_t column_count; /* of the CSV */
  uint32_t *slots;       /* [column_count] the report's column; its slot count: passed over */
  uint32_t *columns;     /* [slot_count] slot -> the report's column */
  uint32_t slot_count, start_slot; /* of interval_start */
  int *leaves;      /* [slot_count] of Parquet: slot -> the file's column; NULL of CSV */
  int64_t first_us; /* of Parquet: no row is earlier, by the statistics; INT64_MIN: not known */
};

struct sk_convert_settings {
  struct sk_read_options read; /* the days, and what to do with bad rows */
  struct sk_budget *budget;
};

/* Values of one column of a piece. A text is a slice of the block or, marked SK_CELL_QUOTED, of
 * `extra`. */
struct sk_piece_column {
  struct sk_csv_cell *cells;
  uint32_t *ids; /* instead, of Parquet: of the writer's texts or labels, SK_NO_ID is null */
  double *numbers;
  int64_t *times; /* integers and days, too */
  uint8_t *valid;
};
#define SK_NO_DAY INT32_MIN /* of a row that is not written */
struct sk_piece {
  struct sk_csv_block block;
  const struct sk_convert_file *file;
  const struct sk_convert_file *shaped_for; /* whose columns the arrays are made for */
  uint64_t ticket;
  bool ready;
  shukei_status status;
  shukei_error error;
  struct sk_counts counts;
  uint32_t rows, capacity, column_count;
  struct sk_piece_column *columns; /* by slot of the file */
  int32_t *days;
  uint64_t *row_numbers;
  struct sk_buffer extra;
};

struct sk_convert_worker {
  struct sk_csv_split split;
  const struct sk_convert_file *split_for;
  struct sk_intervals intervals;
  struct sk_buffer text;
  uint32_t *last; /* [last_count] texts of the times of the row before */
  uint32_t last_count;
};
shukei_status sk_convert_worker_init(struct sk_convert_worker *worker, struct sk_budget *budget,
                                     shukei_error *err);
void sk_convert_worker_reset(struct sk_convert_worker *worker);

void sk_piece_init(struct sk_piece *piece, struct sk_budget *budget);
void sk_piece_reset(struct sk_piece *piece);
/* Parses the piece's block; what went wrong is kept in the piece, too. */
void sk_piece_parse(struct sk_piece *piece, struct sk_convert_worker *worker,
                    const struct sk_convert_settings *settings);

#endif
