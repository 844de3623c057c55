/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a progress bar; cli/console.h puts it on the terminal. */
#ifndef SK_CLI_PROGRESS_H
#define SK_CLI_PROGRESS_H

#include "shukei.h"

#define SK_PROGRESS_TEXT 160

/* Rows done of rows known (bytes where rows are not known), rows a second, time left, memory; cut
 * to width characters, below SK_PROGRESS_TEXT. Returns the length. */
size_t sk_progress_text(const shukei_progress *now, uint64_t elapsed_ns, size_t width,
                        char text[SK_PROGRESS_TEXT]);
/* The same as one JSON object. */
size_t sk_progress_json(const shukei_progress *now, uint64_t elapsed_ns, char *text,
                        size_t capacity);

/* 998400 -> "998,400"; returns text. */
#define SK_GROUPED_TEXT 32
const char *sk_grouped_text(uint64_t number, char text[SK_GROUPED_TEXT]);

#endif
