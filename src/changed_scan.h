/* SPDX-License-Identifier: Apache-2.0 */
/* The days of a file that does not tell them. */
#ifndef SK_CHANGED_SCAN_H
#define SK_CHANGED_SCAN_H

#include "base/day_list.h"
#include "input/input.h"

/* Fills the list by reading the file's interval_start. Rows that cannot be read are errors where
 * bad_rows says FAIL, and otherwise of no day. Statuses as of reading.
 *   threads  that share the file; 0 counts as 1 */
shukei_status sk_scan_days(const struct sk_planned_file *file, shukei_bad_rows bad_rows,
                           unsigned threads, struct sk_budget *budget, struct sk_day_list *list,
                           shukei_error *err);

#endif
