/* SPDX-License-Identifier: Apache-2.0 */
/* The file of aggregate --metrics-file, in the form that the textfile collector of Prometheus'
 * node_exporter reads.
 *
 *   sk_metrics_file_open() before the run -> sk_metrics_file_progress() in it
 *   -> sk_metrics_file_end() behind it -> sk_metrics_file_close()
 *
 * The file is written at the begin, once a second, and at the end, each time whole: beside its
 * name, and renamed. A run that was killed leaves what was written last. */
#ifndef SK_CLI_METRICS_FILE_H
#define SK_CLI_METRICS_FILE_H

#include "base/buffer.h"

struct sk_metrics_file {
  const char *path; /* borrowed; NULL: everything that follows does nothing */
  char *temporary, *run;
  double started, last_success;
  uint64_t written_ns;
  struct sk_buffer text;
};

/* OK; EINVAL: not a file, or one that holds something else; EWRITE; ENOMEM. *file must be closed in
 * any case. */
shukei_status sk_metrics_file_open(struct sk_metrics_file *file, const char *path,
                                   shukei_error *err);
/* Called one at a time. A failure is left for the end to tell. */
void sk_metrics_file_progress(struct sk_metrics_file *file, const shukei_progress *now);
shukei_status sk_metrics_file_end(struct sk_metrics_file *file, const shukei_stats *stats,
                                  int exit_status, shukei_error *err);
void sk_metrics_file_close(struct sk_metrics_file *file);

#endif
