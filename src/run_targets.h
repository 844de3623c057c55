/* SPDX-License-Identifier: Apache-2.0 */
/* What a run must not write to. */
#ifndef SK_RUN_TARGETS_H
#define SK_RUN_TARGETS_H

#include "run.h"

/* EINVAL where a sink is one of the files of the plan, which it would replace, or two sinks are one file.
 * ENOMEM. */
shukei_status sk_run_check_targets(struct sk_run_shared *shared,
                                   const shukei_aggregate_options *options,
                                   const struct sk_plan *plan, shukei_error *err);

#endif
