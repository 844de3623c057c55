/* SPDX-License-Identifier: Apache-2.0 */
/* Reports -> Parquet, one file a report and day (spec/1-input.md). Part of the room's face. */
#ifndef SK_INPUT_CONVERT_RUN_H
#define SK_INPUT_CONVERT_RUN_H

#include "input/input.h"

/* Converts the files of the plan.
 *
 * Every column of CSV is kept: timestamps and numbers typed, labels in the JSON spelling, the
 * rest as text; an empty cell is null, a cell that is no number 0.0, as the summary takes it. Rows
 * come in the order of files and rows, for any number of threads. What Parquet becomes says
 * docs/convert.md. Days outside of start..end are left out. All files appear only when the whole
 * input was read.
 *   stats  may be NULL; members that apply are set, also on failure
 * Statuses as of shukei_convert(); EINVAL also where koku or poc lacks org or source. */
shukei_status sk_convert(const shukei_convert_options *options, const struct sk_plan *plan,
                         struct sk_budget *budget, shukei_stats *stats, shukei_error *err);

#endif
