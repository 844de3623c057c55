/* SPDX-License-Identifier: Apache-2.0 */
/* Telling what a file is by its first bytes and its columns. */
#ifndef SK_INPUT_RECOGNISE_H
#define SK_INPUT_RECOGNISE_H

#include "input/csv_file.h"
#include "input/input.h"
#include "store/store.h"

/* Looks into the file and fills *file, whose path and size are set.
 *   named     the user named this very file: whatever is wrong with it is an error
 *   *known    false: it is no report, and *why says what it is instead; an archive in gzip is
 *             known, its format is SK_FORMAT_PAYLOAD, and it is not looked into any further
 * Statuses as of sk_plan_build(). */
shukei_status sk_recognise(struct sk_planned_file *file, bool named, struct sk_budget *budget,
                           bool *known, const char **why, shukei_error *err);
/* The report of an open CSV file, -1 for none. EFORMAT where it lacks a column of that report, or
 * has one twice. */
shukei_status sk_recognise_csv(const struct sk_csv *csv, int *report, shukei_error *err);

#endif
