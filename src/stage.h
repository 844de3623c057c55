/* SPDX-License-Identifier: Apache-2.0 */
/* One stage of the aggregation: all workers over all files of the stage's reports. */
#ifndef SK_STAGE_H
#define SK_STAGE_H

#include "run.h"
#include "summary/summary.h"

struct sk_stage_input {
  struct sk_run_shared *shared;
  const struct sk_rules *rules;
  const struct sk_plan *plan;
  const struct sk_read_options *read; /* wanted is set by the stage */
  enum sk_stage stage;
  const struct sk_partial *const *done;
  bool in_memory; /* decode everything first, then add it up */
};

/* Reads the stage's files and merges what the workers added up.
 *   out     the merged partial, NULL where the stage has no files or on failure
 *   counts  what was counted is added
 *   files   number of files read is added
 * The first error of any worker ends the stage. */
shukei_status sk_stage_run(const struct sk_stage_input *input, struct sk_partial **out,
                           struct sk_counts *counts, uint64_t *files, shukei_error *err);

#endif
