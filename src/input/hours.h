/* SPDX-License-Identifier: Apache-2.0 */
/* Which intervals the rows of a file begin in: what decides between files that repeat each
 * other. */
#ifndef SK_INPUT_HOURS_H
#define SK_INPUT_HOURS_H

#include "input/csv_file.h"
#include "input/input.h"

struct sk_hour { /* an interval_start */
  int64_t us;
  uint64_t rows;
};
struct sk_hours {
  struct sk_budget *budget;
  struct sk_hour *items; /* in order, each instant once */
  size_t count, capacity;
  uint64_t records; /* all of the file, those without a time as well */
};

void sk_hours_init(struct sk_hours *hours, struct sk_budget *budget);
void sk_hours_reset(struct sk_hours *hours);
/* Adds the rows of another file. ENOMEM. */
shukei_status sk_hours_add(struct sk_hours *hours, const struct sk_hours *more, shukei_error *err);
/* How many of them lie in the day, and their rows; rows may be NULL. */
size_t sk_hours_of_day(const struct sk_hours *hours, int32_t day, uint64_t *rows);

/* Reads interval_start of an open CSV file, to its end. Rows that cannot be read are passed over.
 * EFORMAT where there is no such column or the file is not CSV to its end; EIO, ETRUNC, ENOMEM. */
shukei_status sk_hours_of_csv(struct sk_csv *csv, struct sk_budget *budget, struct sk_hours *hours,
                              shukei_error *err);
/* The same of a Parquet file, of a report that the summary is made from. */
shukei_status sk_hours_of_parquet(const struct sk_planned_file *file, struct sk_budget *budget,
                                  struct sk_hours *hours, shukei_error *err);

#endif
