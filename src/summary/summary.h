/* SPDX-License-Identifier: Apache-2.0 */
/* The face of the summary room: batches in, rows of the daily summary out. No I/O, no clock, no
 * globals. A rule of spec/2-summary.md lives here and nowhere else.
 *
 * The run has three stages, because later ones use what earlier ones found: label reports (the
 * label sets of nodes and namespaces), storage reports (which pods have volumes), pod reports.
 * In each stage every worker owns one sk_partial; texts, label sets and groups are looked up in
 * tables that all of them share:
 *
 *   sk_partial_new(stage) -> sk_partial_add(batch)... -> sk_partial_merge() all into one
 *
 * and the merged one of a stage is handed, read-only, to the later stages (done[]). Those of the
 * pods stage stay apart: a day that no file can add to is finished from all of them, by all
 * workers,
 *
 *   sk_day_open() -> each worker: sk_day_claim() -> sk_day_rows() ... -> sk_day_tail() -> again
 *   -> sk_day_close()
 *
 * Rows come day by day, then by data_source, namespace, node and the rest of the key in byte order,
 * absent first; a day's unallocated rows follow its other Pod rows.
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
  atomic_bool *keys_met; /* [enabled_key_count] set where a label has the key; NULL: nobody asks */
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

/* done[s] is the merged partial of an earlier stage, NULL where that stage had no reports.
 *   mate  another partial of the stage, whose tables of texts and groups this one shares; NULL for
 *         the first one, which makes them */
shukei_status sk_partial_new(const struct sk_rules *rules, enum sk_stage stage,
                             const struct sk_partial *const done[SK_STAGE_COUNT],
                             const struct sk_partial *mate, struct sk_budget *budget,
                             struct sk_partial **out, shukei_error *err);
void sk_partial_free(struct sk_partial *partial); /* NULL is fine */
/* The tables that the batches' ids refer to; the readers of all workers of the stage fill them. */
struct sk_symbols *sk_partial_symbols(struct sk_partial *partial);
/* The fields that this stage needs of a report; e.g. `pod` only where volumes are. */
sk_fields sk_partial_wants(const struct sk_partial *partial, enum sk_report report);
/* Adds the rows of a batch whose ids are of this partial's symbols. ENOMEM, ERANGE. */
shukei_status sk_partial_add(struct sk_partial *partial, const struct sk_batch *batch,
                             shukei_error *err);
/* Adds all of `from` to `into`, its mate; `from` is left to be freed. Labels and storage
 * only: partials of the pods stage are brought together a day at a time, by sk_day_open(). */
shukei_status sk_partial_merge(struct sk_partial *into, const struct sk_partial *from,
                               shukei_error *err);
/* Of a stage that is done, labels or storage: frees what no later stage looks at. False when memory
 * lacks. */
bool sk_partial_settle(struct sk_partial *partial);
/* Bytes that a partial holds by itself, and that the tables which it shares do. */
uint64_t sk_partial_bytes(const struct sk_partial *partial);
uint64_t sk_partial_shared_bytes(const struct sk_partial *partial);

struct sk_summary_counts {
  uint64_t groups, rows_written, rows_counted_more_than_once, label_pairs_skipped;
  int32_t first_day, last_day; /* of the rows; first > last: none */
};

/* ---- the finished summary -------------------------------------------------------------------- */

struct sk_finish;
/* Made before the pods stage reads, as it holds what is spilled.
 *   done     the merged partials of labels and storage (borrowed; NULL entries allowed)
 *   pods     [pod_count] the partials of the pods stage's workers (borrowed, may hold nothing yet)
 *   workers  how many threads will ask for rows at once */
shukei_status sk_finish_new(const struct sk_rules *rules,
                            const struct sk_partial *const done[SK_STAGE_COUNT],
                            struct sk_partial *const *pods, size_t pod_count, unsigned workers,
                            struct sk_budget *budget, struct sk_finish **out, shukei_error *err);
void sk_finish_free(struct sk_finish *finish); /* NULL is fine */
/* Writes what a partial holds by itself to a temporary file and empties it; its tables stay. Any
 * thread, each its own partial; no day may be open. EWRITE, ENOMEM. */
shukei_status sk_finish_spill(struct sk_finish *finish, struct sk_partial *partial,
                              shukei_error *err);
/* Empties the tables of the partials, and spills what these still hold. No worker may be at work
 * and no day open; all readers must forget their ids (sk_reader_forget()). EWRITE, ENOMEM. */
shukei_status sk_finish_empty(struct sk_finish *finish, shukei_error *err);
/* Whether that would be good: all days so far are finished, and most of what the tables hold is of
 * days gone by. */
bool sk_finish_outgrown(const struct sk_finish *finish);
/* The least day below `before` that has rows and is not finished yet; false where there is none. */
bool sk_finish_next_day(const struct sk_finish *finish, int64_t before, int32_t *day);
/* Bytes written to the temporary file so far. */
uint64_t sk_finish_spilled_bytes(const struct sk_finish *finish);

struct sk_day; /* one day's rows, made part by part */
/* Opens a day to which no row can be added any more. One at a time, in rising order. */
shukei_status sk_day_open(struct sk_finish *finish, int32_t day, struct sk_day **out,
                          shukei_error *err);
/* How many workers can be of use: at least 1. */
unsigned sk_day_workers(const struct sk_day *day);
/* Claims the next part; false: none is left. Parts count from 0 in the order of rows; a worker
 * makes the rows of one before it claims the next. worker: 0 to workers - 1, each one thread at a
 * time. */
bool sk_day_claim(struct sk_day *day, unsigned worker, uint32_t *part);
/* Takes a row; its texts are valid during the call. */
typedef shukei_status (*sk_row_taker)(void *context, const struct sk_row *row, shukei_error *err);
/* Makes the rows of a claimed part, sorted. */
shukei_status sk_day_rows(struct sk_day *day, unsigned worker, uint32_t part, sk_row_taker take,
                          void *context, shukei_error *err);
/* When all parts are made: turns to the rows that follow them, whose parts count from 0 again. */
shukei_status sk_day_tail(struct sk_day *day, shukei_error *err);
/* Frees the day, and its groups in the partials. */
void sk_day_close(struct sk_day *day); /* NULL is fine */
/* Complete after the last day. False when memory lacks. */
bool sk_finish_counts(struct sk_finish *finish, struct sk_summary_counts *counts);

#endif
