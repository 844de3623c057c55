/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of finished days into the sinks, by all workers. */
#ifndef SK_DAY_WRITE_H
#define SK_DAY_WRITE_H

#include "run.h"
#include "sink/sink.h"
#include "summary/summary.h"

struct sk_day_write {
  struct sk_run_shared *shared;
  struct sk_finish *finish;
  struct sk_sink *const *sinks; /* [sink_count] */
  size_t sink_count;
  const shukei_aggregate_options *filter; /* NULL: all rows are wanted */
  _Atomic uint64_t *rows_not_wanted;      /* those left out by the filter are added */
};
/* Makes the day's rows and hands them to every sink, in their order. The day is finished then. */
shukei_status sk_day_write(const struct sk_day_write *write, int32_t day, shukei_error *err);

#endif
