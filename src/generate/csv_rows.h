/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a slice as the operator's CSV. */
#ifndef SK_GENERATE_CSV_ROWS_H
#define SK_GENERATE_CSV_ROWS_H

#include "base/buffer.h"
#include "generate/slices.h"

/* The header line of a report, with its line feed. */
const char *sk_csv_header(enum sk_report report);
/* Appends the slice's rows to text (text->failed where memory lacks), adds to the tally
 * (totals.rows, and for pods all of it) and returns the number of rows. */
uint64_t sk_csv_rows(const struct sk_model *model, const struct sk_slice *slice,
                     struct sk_buffer *text, struct sk_tally *tally);

#endif
