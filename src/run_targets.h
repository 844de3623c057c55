/* SPDX-License-Identifier: Apache-2.0 */
/* What a run must not write to. */
#ifndef SK_RUN_TARGETS_H
#define SK_RUN_TARGETS_H

#include "run.h"

/* EINVAL where a sink or the file of bad rows is one of the files of the plan, which it would
 * replace, or two of them are one file. ENOMEM. */
shukei_status sk_run_check_targets(struct sk_run_shared *shared,
                                   const shukei_aggregate_options *options,
                                   const struct sk_plan *plan, shukei_error *err);
/* The same of the file that bad rows are kept in alone. */
shukei_status sk_run_check_bad_rows(struct sk_run_shared *shared, const char *path,
                                    const struct sk_plan *plan, shukei_error *err);

#endif
