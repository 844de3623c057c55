/* SPDX-License-Identifier: Apache-2.0 */
/* --changed: which days of a run have to be made (docs/changed.md).
 *
 *   sk_changed_new() -> sk_plan_build() with sk_changed_memory()
 *   -> sk_changed_decide() for each cluster
 *   -> for each cluster sk_changed_keep() for each sink, for each pass: sk_changed_select(), the
 *   stages
 *   over its days -> prepare, commit -> sk_changed_free()
 *
 * A day's rows depend on the settings and on the objects that have rows of that day, and on nothing
 * else (docs/summary.md): a day whose objects and settings are those that a sink's ledger noted,
 * and whose rows are still in the sink, is not made again. Each cluster of the plan has a source
 * and ledgers of its own. */
#ifndef SK_CHANGED_H
#define SK_CHANGED_H

#include "run.h"
#include "sink/sink.h"
#include "summary/summary.h"

struct sk_changed;
/* EINVAL where a sink keeps no ledger, or none is given. The options are borrowed. */
shukei_status sk_changed_new(struct sk_run_shared *shared, const shukei_aggregate_options *options,
                             struct sk_changed **out, shukei_error *err);
void sk_changed_free(struct sk_changed *changed); /* NULL is fine */
/* Hands the ledgers to the plan, and takes what was listed. */
const struct sk_plan_memory *sk_changed_memory(const struct sk_changed *changed);
/* When the plan is built, for one cluster of it after the other: finds the days of all files,
 * reading those that do not tell them, and what is to be made. With options->explain each of these
 * days is told with its reason. The rules are the cluster's. Statuses as of reading and of
 * sk_sink_ledger_load(). */
shukei_status sk_changed_decide(struct sk_changed *changed, const struct sk_plan *plan,
                                size_t cluster, const struct sk_rules *rules,
                                const struct sk_read_options *read, shukei_error *err);
/* The cluster's days to be made, as ranges without a day between that is not; none where all is up
 * to date; NULL before that is decided. */
const struct sk_day_range *sk_changed_passes(const struct sk_changed *changed, size_t cluster,
                                             size_t *count);
/* Days of all clusters, or of one: */
size_t sk_changed_made(const struct sk_changed *changed);
size_t sk_changed_kept(const struct sk_changed *changed);
size_t sk_changed_made_of(const struct sk_changed *changed, size_t cluster);
/* True where no sink has to be written, not even its ledger. */
bool sk_changed_idle(const struct sk_changed *changed);
/* Leaves out the files of the plan that have no rows of a pass of the cluster. */
void sk_changed_select(const struct sk_changed *changed, struct sk_plan *plan, size_t cluster,
                       size_t pass);
/* Lets sink number i write its ledger of the cluster, whose rows come now. */
void sk_changed_keep(const struct sk_changed *changed, size_t cluster, size_t i,
                     struct sk_sink *sink);

#endif
