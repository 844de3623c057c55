/* SPDX-License-Identifier: Apache-2.0 */
/* A cursor over the entries of a column chunk, flat or not, one at a time.
 *
 *   { sk_leaf_peek() -> look at the levels of entry `at`
 *   -> at++, and sk_leaf_value() where it has a value }... */
#ifndef SK_PARQUET_LEAF_H
#define SK_PARQUET_LEAF_H

#include "parquet/column.h"

enum { SK_LEAF_ENTRIES = 64 };

struct sk_leaf { /* zero but for these two */
  const struct sk_column_meta *meta;
  struct sk_column *reader; /* by sk_column_open_nested() */
  size_t at, count;         /* of the entries below */
  size_t left;              /* values of theirs that are not among the slices yet */
  size_t used, got;         /* of the slices */
  uint16_t repetition[SK_LEAF_ENTRIES], definition[SK_LEAF_ENTRIES];
  struct sk_slice slices[SK_LEAF_ENTRIES];
};

/* Makes leaf->at the next entry; *there is false at the end of the chunk, and on failure. */
shukei_status sk_leaf_peek(struct sk_leaf *leaf, bool *there, shukei_error *err);
/* The value of the entry taken last, whose definition level is the highest; valid until the next
 * call. */
shukei_status sk_leaf_value(struct sk_leaf *leaf, struct sk_slice *value, shukei_error *err);

#endif
