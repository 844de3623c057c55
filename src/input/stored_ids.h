/* SPDX-License-Identifier: Apache-2.0 */
/* Stored Parquet of the koku layout that two payloads left for one day (spec/6-payloads.md, The
 * same rule in stored Parquet). */
#ifndef SK_INPUT_STORED_IDS_H
#define SK_INPUT_STORED_IDS_H

#include "input/input.h"

/* What a file's name says: {report_type}.{YYYY-MM-DD}.{manifest id}.{n}_{k}.parquet, {k} of a daily
 * file with "daily_" before it. */
struct sk_stored_name {
  const char *report, *day, *id; /* slices of the path; id without zeros before it */
  size_t report_length, id_length;
  bool daily;
};
/* False for a name of another form, which belongs to nobody. */
bool sk_stored_name_read(const char *path, struct sk_stored_name *name);
/* The order of two ids as numbers, of any length. */
int sk_stored_id_compare(const struct sk_stored_name *a, const struct sk_stored_name *b);

/* Leaves out of the plan the files whose manifest id does not count, with one warning that names
 * them. What reading them fails with; ENOMEM. */
shukei_status sk_drop_stored(const struct sk_plan_options *options, struct sk_budget *budget,
                             struct sk_plan *plan, shukei_error *err);

#endif
