/* SPDX-License-Identifier: Apache-2.0 */
/* Which columns of a Parquet file hold a report's fields. */
#ifndef SK_INPUT_PARQUET_COLUMNS_H
#define SK_INPUT_PARQUET_COLUMNS_H

#include "input/report.h"
#include "parquet/parquet.h"

/* The report by the names of the columns; -1 for none. SK_NO_MEMORY where memory lacks. */
#define SK_NO_MEMORY (-2)
int sk_parquet_report(const struct sk_file *file, struct sk_budget *budget);

struct sk_parquet_columns {
  sk_fields found;
  int column[SK_FIELD_COUNT]; /* -1 where the file lacks the field */
  enum sk_column_kind kind[SK_FIELD_COUNT];
};
/* Finds the known columns of the report and checks their types. EFORMAT for a column that lacks, is
 * there twice, is nested, or is of another kind than the field; each message names the file. */
shukei_status sk_parquet_find_columns(const struct sk_file *file, const char *path,
                                      enum sk_report report, struct sk_parquet_columns *out,
                                      shukei_error *err);
/* No row of the row group is of an earlier day, by the statistics of its interval_start, which is
 * column `column`: INT32_MIN where they do not tell; INT32_MAX where it has no rows. */
int32_t sk_parquet_first_day(const struct sk_file *file, uint32_t group, int column);
/* The same of the latest day: INT32_MAX where they do not tell; INT32_MIN where it has no rows. */
int32_t sk_parquet_last_day(const struct sk_file *file, uint32_t group, int column);

#endif
