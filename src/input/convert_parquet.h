/* SPDX-License-Identifier: Apache-2.0 */
/* Converting Parquet files: rows of many of them into one file a report and day. */
#ifndef SK_INPUT_CONVERT_PARQUET_H
#define SK_INPUT_CONVERT_PARQUET_H

#include "input/convert_write.h"

struct sk_parquet_input { /* an open file */
  struct sk_object *object;
  struct sk_file *file;
};
/* Opens a planned file and looks whether its report's columns are there and of the right types. */
shukei_status sk_parquet_input_open(const struct sk_planned_file *planned, struct sk_budget *budget,
                                    struct sk_parquet_input *input, shukei_error *err);
void sk_parquet_input_close(struct sk_parquet_input *input); /* also where opening failed */

/* The name that a flat column has in what is written, and how its values are kept: those of the
 * report's own columns as of CSV; others by their type where that loses nothing, else as `cat`
 * prints them. ANY: it has no value. */
enum sk_convert_kind sk_parquet_kind(enum sk_report report, const struct sk_column_meta *column,
                                     const char **name);
/* The earliest interval_start by the statistics of all row groups; INT64_MIN where they do not
 * tell. */
int64_t sk_parquet_first_us(const struct sk_file *file);

struct sk_parquet_rows {
  const struct sk_convert_settings *settings;
  struct sk_convert_writer *writer;
  struct sk_counts *counts;
  /* After each batch; what is not OK ends it. */
  shukei_status (*step)(void *context, shukei_error *err);
  void *context;
};
/* Hands all rows of a file to the writer, in their order. */
shukei_status sk_parquet_rows_convert(const struct sk_parquet_rows *rows,
                                      const struct sk_convert_file *file, shukei_error *err);

#endif
