/* SPDX-License-Identifier: Apache-2.0 */
/* Rows one behind the other, each with the cells that differ from the row before: what chunks of
 * the SQLite sink consist of, whose statement keeps what was bound last. */
#ifndef SK_SINK_PACKED_ROWS_H
#define SK_SINK_PACKED_ROWS_H

#include "base/alloc.h"
#include "summary/row.h"

struct sk_packed_rows {
  struct sk_budget *budget;
  uint8_t *bytes;
  size_t length, capacity;
  uint64_t present;                  /* of the last row */
  size_t cells[SK_ROW_COLUMN_COUNT]; /* where the last value of a column lies */
  int64_t days[2];                   /* usage_start, usage_end of the last row that had them */
};

struct sk_packed_row {
  uint64_t present, changed; /* bit per column */
  int32_t day;               /* usage_start */
  /* Of each column that is changed and present: 8 bytes, little-endian: the double's bits, the
   * integer, or the length of the text that follows. Days are texts. */
  const uint8_t *cells;
};

void sk_packed_rows_init(struct sk_packed_rows *rows, struct sk_budget *budget);
void sk_packed_rows_reset(struct sk_packed_rows *rows); /* frees */
void sk_packed_rows_clear(struct sk_packed_rows *rows); /* keeps the memory */
shukei_status sk_packed_rows_add(struct sk_packed_rows *rows, const struct sk_row *row,
                                 shukei_error *err);
/* Reads the head of the row at a place. */
void sk_packed_row_read(const uint8_t *at, struct sk_packed_row *row);

#endif
