/* SPDX-License-Identifier: Apache-2.0 */
/* Rows kept aside (--bad-rows FILE): a CSV file of file, row, cause and the row's text.
 *
 *   sk_bad_rows_open() -> sk_bad_rows_keep() from any thread -> sk_bad_rows_commit() -> _close()
 *
 * Rows are held in memory, for they come in any order, and written sorted by file and row. */
#ifndef SK_INPUT_BAD_ROWS_H
#define SK_INPUT_BAD_ROWS_H

#include "base/alloc.h"

struct sk_bad_rows;
/* Opens the target at once, so that one that cannot be written is an error before the work. */
shukei_status sk_bad_rows_open(const char *path, struct sk_budget *budget, struct sk_bad_rows **out,
                               shukei_error *err);
/* For sk_read_options.keep_bad_row, with the handle as keep_context. False when memory lacks. */
bool sk_bad_rows_keep(void *bad_rows, const char *path, uint64_t row, const char *cause,
                      const char *text, size_t length);
shukei_status sk_bad_rows_commit(struct sk_bad_rows *bad_rows, shukei_error *err);
void sk_bad_rows_close(struct sk_bad_rows *bad_rows); /* NULL is fine */

#endif
