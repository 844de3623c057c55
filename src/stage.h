/* SPDX-License-Identifier: Apache-2.0 */
/* One stage of the aggregation: all workers over all files of the stage's reports.
 *
 *   sk_stage_open() -> sk_stage_read() ... -> sk_stage_merge() or sk_stage_partials()
 *   -> sk_stage_close()
 *
 * The pods stage is read day by day where the files tell their days: what is read in one go reaches
 * up to a day, and days below sk_stage_first_day() have no row to come. */
#ifndef SK_STAGE_H
#define SK_STAGE_H

#include "run.h"
#include "summary/summary.h"

struct sk_stage_input {
  struct sk_run_shared *shared;
  const struct sk_rules *rules;
  const struct sk_plan *plan;
  uint32_t cluster;                   /* of the plan's: whose files are read */
  const struct sk_read_options *read; /* wanted is set by the stage */
  enum sk_stage stage;
  const struct sk_partial *const *done;
  bool in_memory; /* decode everything first, then add it up */
};

struct sk_stage_run;
/* Makes the stage's workers, with empty partials; *out NULL where the stage has no files. `input`
 * is borrowed until the close. */
shukei_status sk_stage_open(const struct sk_stage_input *input, struct sk_stage_run **out,
                            shukei_error *err);
/* The workers' partials; they stay the stage's. */
struct sk_partial *const *sk_stage_partials(const struct sk_stage_run *stage, size_t *count);
/* The earliest day that a row not read yet may have; INT32_MIN: any, INT32_MAX: nothing is left. */
int32_t sk_stage_first_day(const struct sk_stage_run *stage);
/* Reads what may have rows up to `last_day`, by all workers. A worker whose partial grows too large
 * for the budget spills it to `finish`, unless that is NULL. The first error of any worker ends
 * it. */
shukei_status sk_stage_read(struct sk_stage_run *stage, int32_t last_day, struct sk_finish *finish,
                            shukei_error *err);
/* Between reads, when days were finished: partials whose tables have grown old begin anew. */
shukei_status sk_stage_renew(struct sk_stage_run *stage, struct sk_finish *finish,
                             shukei_error *err);
/* When all is read: merges the partials into one, which the caller frees. */
shukei_status sk_stage_merge(struct sk_stage_run *stage, struct sk_partial **out,
                             shukei_error *err);
/* Adds what was counted and the number of files that were opened; NULL is fine. */
void sk_stage_close(struct sk_stage_run *stage, struct sk_counts *counts, uint64_t *files);

#endif
