/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting a block of whole CSV records into cells.
 *
 *   sk_csv_split_init() once -> sk_csv_split_begin() for each block -> sk_csv_split_next() until it
 *   gives no rows
 *
 * Cells come in small groups of rows, which stay in the nearest cache while their columns are read
 * one after the other. Which columns are of interest is told by `slots`; the others are passed
 * over. */
#ifndef SK_INPUT_CSV_SPLIT_H
#define SK_INPUT_CSV_SPLIT_H

#include "base/buffer.h"
#include "base/same.h"
#include "input/csv_scan.h"

#define SK_SPLIT_ROWS 128
/* Cells of one slot lie behind each other; the odd bit keeps slots from falling on one cache
 * set. */
#define SK_SPLIT_STRIDE (SK_SPLIT_ROWS + 8)
#define SK_CELL_QUOTED UINT32_C(0x80000000)

struct sk_csv_cell {
  uint32_t at;     /* in the block */
  uint32_t length; /* with SK_CELL_QUOTED: the cell as it stands, for sk_csv_unquote() */
};

/* A column that is read, and where to. */
struct sk_csv_take {
  uint32_t column, slot;
};

struct sk_csv_split {
  struct sk_budget *budget;
  uint32_t columns; /* that a record should have */
  struct sk_csv_take *takes;
  uint32_t take_count;
  struct sk_csv_cell *cells; /* [slot_count + 1][SK_SPLIT_STRIDE] */
  struct sk_csv_marks marks; /* of a stretch that begins with a record */
  size_t mark, end;          /* the first of them that are behind `at` */
  uint8_t *bytes;
  size_t at, length; /* at: where the next record begins */
  uint32_t line;     /* records of the block passed, blank ones too */
  bool open_end;     /* the last record has no line end */
  /* of the rows that sk_csv_split_next() gave */
  uint32_t rows;
  uint32_t row_cells[SK_SPLIT_ROWS]; /* how many cells each has; not `columns`: a bad row */
  uint32_t row_line[SK_SPLIT_ROWS];  /* its number in the block, from 0 */
  uint32_t row_at[SK_SPLIT_ROWS];    /* where it begins; it ends where the next begins */
  uint32_t row_end[SK_SPLIT_ROWS];   /* behind its last cell */
  bool last_row_open;                /* the last of them is cut off by the end of the file */
};

/*   slots  [columns] 0 .. slot_count - 1, or slot_count for one to pass over
 * False when memory lacks. */
bool sk_csv_split_init(struct sk_csv_split *split, uint32_t columns, const uint32_t *slots,
                       uint32_t slot_count, struct sk_budget *budget);
void sk_csv_split_reset(struct sk_csv_split *split);
/* bytes[length] must be writable, with SK_CSV_PADDING bytes behind; borrowed until the next
 * begin. */
void sk_csv_split_begin(struct sk_csv_split *split, uint8_t *bytes, size_t length, bool open_end);
/* The next up to SK_SPLIT_ROWS rows, blank lines left out; 0 at the end. */
uint32_t sk_csv_split_next(struct sk_csv_split *split);

static inline const struct sk_csv_cell *sk_csv_slot(const struct sk_csv_split *split, uint32_t slot)
{
  return split->cells + (size_t)slot * SK_SPLIT_STRIDE;
}

/* Whether two cells are written alike, in quotes or not. */
static inline bool sk_csv_same_cells(const struct sk_csv_split *split, struct sk_csv_cell a,
                                     struct sk_csv_cell b)
{
  return a.length == b.length &&
         sk_same_bytes(split->bytes + a.at, split->bytes + b.at, a.length & ~SK_CELL_QUOTED);
}

/* The cell of a slot's rows row[0 .. count) seems to be the same again and again, as capacities of
 * nodes are: then comparing costs less than parsing. */
bool sk_csv_repeats(const struct sk_csv_split *split, uint32_t slot, const uint32_t *row,
                    uint32_t count);

/* Takes the blanks around a number away. */
static inline void sk_trim_blanks(const char **text, size_t *length)
{
  while (*length && ((*text)[*length - 1] == ' ' || (*text)[*length - 1] == '\t'))
    --*length;
  while (*length && (**text == ' ' || **text == '\t')) {
    ++*text;
    --*length;
  }
}

/* The text of a cell that is marked SK_CELL_QUOTED, into out, which is cleared first; false when
 * memory lacks. */
bool sk_csv_unquote(const uint8_t *cell, size_t length, struct sk_buffer *out);

#endif
