/* SPDX-License-Identifier: Apache-2.0 */
/* Converting, the half that goes in order: pieces -> Parquet writers, one a report and day. One
 * thread at a time. */
#ifndef SK_INPUT_CONVERT_WRITE_H
#define SK_INPUT_CONVERT_WRITE_H

#include "base/map.h"
#include "input/convert_piece.h"

struct sk_convert_output { /* of one report and day */
  const struct sk_convert_report *report;
  int32_t day;
  bool ended; /* nothing can be added */
  struct sk_output *output;
  struct sk_writer *writer;
};

struct sk_convert_writer {
  struct sk_budget *budget;
  const shukei_convert_options *options;
  unsigned threads;
  struct sk_intern texts;  /* all texts that are written */
  struct sk_intern labels; /* label texts as they stand in CSV */
  uint32_t *json;          /* [json_count] label text -> its JSON spelling in `texts` */
  uint32_t json_count, json_capacity;
  struct sk_map by_day; /* report, day -> output */
  struct sk_convert_output *outputs;
  uint32_t output_count, output_capacity;
  uint32_t **ids; /* [id_columns][id_rows] of the piece in hand */
  uint32_t id_columns, id_rows;
  struct sk_write_values *values; /* [id_columns] */
  double *zeros;                  /* [id_rows] for columns that a file lacks */
  double *effective[2];           /* [id_rows] CPU, memory: worked out where a file lacks them */
  uint32_t effective_column[2];   /* of the piece's report; UINT32_MAX: nothing was worked out */
  uint64_t rows_written, bytes_written, label_pairs_skipped;
};
shukei_status sk_convert_writer_init(struct sk_convert_writer *writer,
                                     const shukei_convert_options *options, unsigned threads,
                                     struct sk_budget *budget, shukei_error *err);
/* What was not committed vanishes. */
void sk_convert_writer_reset(struct sk_convert_writer *writer);
/* Writes the rows of a piece. */
shukei_status sk_convert_writer_add(struct sk_convert_writer *writer, struct sk_piece *piece,
                                    shukei_error *err);
/* No more rows of the report are of a day before that one: their files are ended, which gives
 * memory back. */
shukei_status sk_convert_writer_end_before(struct sk_convert_writer *writer, enum sk_report report,
                                           int32_t day, shukei_error *err);
/* Ends all files, so that what can fail for want of space has failed; nothing can be added then. */
shukei_status sk_convert_writer_finish(struct sk_convert_writer *writer, shukei_error *err);
/* Makes the files appear, which are finished. */
shukei_status sk_convert_writer_commit(struct sk_convert_writer *writer, shukei_error *err);

#endif
