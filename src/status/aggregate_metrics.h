/* SPDX-License-Identifier: Apache-2.0 */
/* A run of `aggregate` as metrics (aggregate --metrics-file). All are gauges: they are of one run,
 * and stay until the next. */
#ifndef SK_STATUS_AGGREGATE_METRICS_H
#define SK_STATUS_AGGREGATE_METRICS_H

#include "base/buffer.h"

#define SK_LAST_SUCCESS_METRIC "shukei_aggregate_last_success_timestamp_seconds"

struct sk_aggregate_metrics {
  const char *run;                 /* the label by which runs of several jobs are told apart */
  double started, now;             /* seconds since 1970 */
  double last_success;             /* of this run or one before; 0: none is known */
  const shukei_progress *progress; /* NULL: none yet */
  const shukei_stats *stats;       /* NULL: the run has not ended */
  int exit_status;                 /* where it has */
};

void sk_aggregate_metrics_write(struct sk_buffer *out, const struct sk_aggregate_metrics *metrics);

/* The time of the last success that such a text tells; 0: none. */
double sk_aggregate_metrics_last_success(const char *text, size_t length);

#endif
