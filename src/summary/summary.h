/* SPDX-License-Identifier: Apache-2.0 */
/* The face of the summary room: batches in, rows of the daily summary out. No I/O, no clock, no
 * globals. A rule of spec/2-summary.md lives here and nowhere else.
 *
 * The run has three stages, because later ones use what earlier ones found: label reports (the
 * label sets of nodes and namespaces), storage reports (which pods have volumes), pod reports.
 * In each stage every worker owns one sk_partial:
 *
 *   sk_partial_new(stage) -> sk_partial_add(batch)... -> sk_partial_merge() all into one
 *
 * and the merged one of a stage is handed, read-only, to the later stages (done[]). Then
 * sk_rows_open() -> sk_rows_next() gives the rows, sorted.
 *
 * Sums are kept as 128-bit integers on a fixed grid and everything else is a maximum, a set or a
 * count, so nothing depends on the order of rows, batches, workers or merges. */
#ifndef SK_SUMMARY_SUMMARY_H
#define SK_SUMMARY_SUMMARY_H

#include "input/batch.h"
#include "shukei.h"
#include "summary/row.h"

enum sk_stage { SK_STAGE_LABELS, SK_STAGE_STORAGE, SK_STAGE_PODS, SK_STAGE_COUNT };
/* The stage that a report belongs to; SK_STAGE_COUNT for one that the summary ignores. */
enum sk_stage sk_stage_of_report(enum sk_report report);

/* The run's settings; borrowed, constant during the run. */
struct sk_rules {
  const char *const *enabled_keys; /* vm_kubevirt_io_name is added */
  size_t enabled_key_count;
  const shukei_cost_category *cost_categories;
  size_t cost_category_count;
  const shukei_node_role *nodes;
  size_t node_count;
  shukei_label_mode labels;
  const char *source_uuid, *cluster_id, *cluster_alias; /* NULL: null */
  int64_t report_period_id;
  bool has_report_period_id;
};

struct sk_partial; /* what one worker has added up in one stage */

/* done[s] is the merged partial of an earlier stage, NULL where that stage had no reports. */
shukei_status sk_partial_new(const struct sk_rules *rules, enum sk_stage stage,
                             const struct sk_partial *const done[SK_STAGE_COUNT],
                             struct sk_budget *budget, struct sk_partial **out, shukei_error *err);
void sk_partial_free(struct sk_partial *partial); /* NULL is fine */
/* The tables that the batches' ids refer to; the reader of this worker fills them. */
struct sk_symbols *sk_partial_symbols(struct sk_partial *partial);
/* The fields that this stage needs of a report; e.g. `pod` only where volumes are. */
sk_fields sk_partial_wants(const struct sk_partial *partial, enum sk_report report);
/* Adds the rows of a batch whose ids are of this partial's symbols. ENOMEM, ERANGE. */
shukei_status sk_partial_add(struct sk_partial *partial, const struct sk_batch *batch,
                             shukei_error *err);
/* Adds all of `from` to `into`; `from` is left to be freed. Same stage and rules. */
shukei_status sk_partial_merge(struct sk_partial *into, const struct sk_partial *from,
                               shukei_error *err);

struct sk_summary_counts {
  uint64_t groups, rows_written, rows_counted_more_than_once, label_pairs_skipped;
  int32_t first_day, last_day; /* of the rows; first > last: none */
};

struct sk_rows; /* the finished summary, row by row */
/* Takes the merged partials of all stages (borrowed until closed; NULL entries allowed). */
shukei_status sk_rows_open(const struct sk_rules *rules,
                           const struct sk_partial *const done[SK_STAGE_COUNT],
                           struct sk_budget *budget, struct sk_rows **out, shukei_error *err);
/* The next row, valid until the next call; NULL at the end. Rows come day by day, then by
 * data_source, namespace, node and the rest of the key in byte order, absent first; a day's
 * unallocated rows follow its other Pod rows. */
shukei_status sk_rows_next(struct sk_rows *rows, const struct sk_row **row, shukei_error *err);
/* Complete after the last row. */
const struct sk_summary_counts *sk_rows_counts(const struct sk_rows *rows);
void sk_rows_close(struct sk_rows *rows); /* NULL is fine */

#endif
