/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a slice as columns for Parquet. */
#ifndef SK_GENERATE_TABLE_ROWS_H
#define SK_GENERATE_TABLE_ROWS_H

#include "base/buffer.h"
#include "generate/slices.h"
#include "parquet/parquet.h"

#define SK_TABLE_MOST_COLUMNS 24
#define SK_KNOWN_SLOTS 50000u /* most slots whose texts are held */

/* The columns of a report's table. */
const struct sk_write_column *sk_table_columns(enum sk_report report, size_t *count);

/* The texts of slots that have the same ones in every hour, interned once for a dataset: rows then
 * cost no text at all, and a writer need not look at them. */
struct sk_known_texts {
  struct sk_intern texts;
  uint32_t *ids;    /* [slots][columns]; a slot without a row has SK_NO_ID in column 0 */
  uint32_t columns; /* of texts, in the order of the table */
};
/* NULL in *out where the model is not steady or has too many slots. */
shukei_status sk_known_texts_new(const struct sk_model *model, enum sk_report report,
                                 struct sk_budget *budget, struct sk_known_texts **out,
                                 shukei_error *err);
void sk_known_texts_free(struct sk_known_texts *known); /* NULL is fine */

/* One slice's columns, used again and again. */
struct sk_table {
  struct sk_budget *budget;
  struct sk_intern own;    /* texts of a slice whose texts are not known */
  struct sk_intern *texts; /* NULL: there is no table */
  struct sk_buffer json;
  size_t rows, capacity;
  uint32_t *ids[10];
  double *doubles[10];
  uint8_t *valid[10];
  int64_t *times[4];
  struct sk_write_values values[SK_TABLE_MOST_COLUMNS];
};
void sk_table_init(struct sk_table *table, struct sk_budget *budget);
void sk_table_reset(struct sk_table *table);

/* Fills table with the slice's rows, and the tally as sk_csv_rows() does. Writers must have
 * forgotten `own` of the call before.
 *   known  what sk_known_texts_new() made for the slice's report; may be NULL
 * ENOMEM. */
shukei_status sk_table_rows(const struct sk_model *model, const struct sk_slice *slice,
                            const struct sk_known_texts *known, struct sk_table *table,
                            struct sk_tally *tally, shukei_error *err);

#endif
