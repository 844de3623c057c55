/* SPDX-License-Identifier: Apache-2.0 */
/* Rows as columns: what chunks of the Parquet sink consist of. */
#ifndef SK_SINK_COLUMN_BLOCK_H
#define SK_SINK_COLUMN_BLOCK_H

#include "parquet/parquet.h"
#include "summary/row.h"

#define SK_BLOCK_ROWS 1152u /* a part of a day, and its last pair (summary/day_pairs.c) */
#define SK_BLOCK_TEXT_BYTES ((size_t)1 << 20) /* a block with as many takes no more rows */

struct sk_block_column {
  union {
    uint64_t words[SK_BLOCK_ROWS]; /* doubles as bits, integers; anything where the row has none */
    uint32_t ids[SK_BLOCK_ROWS];   /* index in texts */
  };
  struct sk_write_text *texts; /* runs of equal texts share one */
  uint32_t text_count, text_capacity;
};

struct sk_column_block {
  struct sk_column_block *next;
  struct sk_budget *budget;
  uint32_t rows;
  uint64_t any, all; /* bit per column: some row has it, every row has it */
  char *heap;        /* the texts' bytes */
  size_t heap_bytes, heap_capacity;
  uint64_t present[SK_BLOCK_ROWS];
  uint64_t ends[SK_BLOCK_ROWS]; /* bytes of the texts of the rows 0 .. n, however they are stored */
  struct sk_block_column columns[SK_ROW_COLUMN_COUNT];
};

/* NULL when memory lacks. */
struct sk_column_block *sk_column_block_new(struct sk_budget *budget);
void sk_column_block_free(struct sk_column_block *block); /* this one alone; NULL is fine */
/* Empties it; what a huge text took is given back. */
void sk_column_block_clear(struct sk_column_block *block);
/* True where it has room for a row. */
bool sk_column_block_open(const struct sk_column_block *block);
/* Appends a row to an open block. ENOMEM; EUNSUPPORTED for texts beyond what the format allows. */
shukei_status sk_column_block_add(struct sk_column_block *block, const struct sk_row *row,
                                  shukei_error *err);
/* Whether all rows of `from` may go to the end of `into`, and doing so; false when memory lacks. */
bool sk_column_block_fits(const struct sk_column_block *into, const struct sk_column_block *from);
bool sk_column_block_join(struct sk_column_block *into, const struct sk_column_block *from);
/* The rows first .. end as a part for the writer. */
void sk_column_block_slices(const struct sk_column_block *block, uint32_t first, uint32_t end,
                            struct sk_write_slice slices[SK_ROW_COLUMN_COUNT]);

#endif
