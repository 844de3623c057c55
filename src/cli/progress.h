/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a progress bar; cli/console.h puts it on the terminal. */
#ifndef SK_CLI_PROGRESS_H
#define SK_CLI_PROGRESS_H

#include "base/figures.h"
#include "shukei.h"

#define SK_PROGRESS_TEXT 160

/* Rows done of rows known (bytes where rows are not known), rows a second, time left, memory; cut
 * to width characters, below SK_PROGRESS_TEXT. Returns the length. */
size_t sk_progress_text(const shukei_progress *now, uint64_t elapsed_ns, size_t width,
                        char text[SK_PROGRESS_TEXT]);
/* The same as one JSON object. */
size_t sk_progress_json(const shukei_progress *now, uint64_t elapsed_ns, char *text,
                        size_t capacity);

#endif
