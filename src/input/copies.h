/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are likely copies of others of a plan. */
#ifndef SK_INPUT_COPIES_H
#define SK_INPUT_COPIES_H

#include "input/input.h"

/* Warns of files of one report that have the same size and the same mark: all of them are read, and
 * their rows count once for each. ENOMEM. */
shukei_status sk_warn_of_copies(const struct sk_plan_options *options, struct sk_budget *budget,
                                const struct sk_plan *plan, shukei_error *err);

#endif
