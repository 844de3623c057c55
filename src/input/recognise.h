/* SPDX-License-Identifier: Apache-2.0 */
/* Telling what a file is by its first bytes and its columns. */
#ifndef SK_INPUT_RECOGNISE_H
#define SK_INPUT_RECOGNISE_H

#include "input/input.h"
#include "store/store.h"

/* Looks into the file and fills *file, whose path and size are set.
 *   named     the user named this very file: whatever is wrong with it is an error
 *   *known    false: it is no report, and *why says what it is instead
 * Statuses as of sk_plan_build(). */
shukei_status sk_recognise(struct sk_planned_file *file, bool named, struct sk_budget *budget,
                           bool *known, const char **why, shukei_error *err);

#endif
