/* SPDX-License-Identifier: Apache-2.0 */
/* A CSV file that several threads read by blocks of whole records.
 *
 *   sk_csv_open() reads the header -> sk_csv_claim() from any thread, until *claimed is false
 *   -> sk_csv_close()
 *
 * Blocks are cut by the text alone: the n-th block of a file is always the same. */
#ifndef SK_INPUT_CSV_FILE_H
#define SK_INPUT_CSV_FILE_H

#include "base/arena.h"
#include "base/object.h"
#include "input/input.h"

#define SK_CSV_BLOCK_BYTES ((size_t)1 << 20)
#define SK_CSV_RECORD_MOST ((size_t)16 << 20) /* the longest record that is taken */

struct sk_csv;

/* A block in a worker's hands; zeroed before the first use, its memory is used again and again. */
struct sk_csv_block {
  uint8_t *bytes;
  size_t length, capacity;
  uint64_t first_row; /* number of its first record; the header is 1 */
  uint64_t number;    /* of the block, from 0 */
  bool open_end;      /* its last record has no line end, and the file ends there */
};
void sk_csv_block_reset(struct sk_csv_block *block);

/* Opens the file and reads its header: names trimmed and in lower case.
 *   file         its path and member outlive what is opened
 *   block_bytes  of the text, SK_CSV_BLOCK_BYTES but for tests
 * ENOTFOUND, EIO; EFORMAT no header; ETRUNC, EUNSUPPORTED, ENOMEM. */
shukei_status sk_csv_open(const struct sk_planned_file *file, size_t block_bytes,
                          struct sk_budget *budget, struct sk_csv **out, shukei_error *err);
void sk_csv_close(struct sk_csv *csv); /* NULL is fine */
uint32_t sk_csv_column_count(const struct sk_csv *csv);
const char *const *sk_csv_columns(const struct sk_csv *csv);
/* EFORMAT where a name is there twice that the report is read by, or, of report -1, any name;
 * columns without a name are nobody's and may be several. */
shukei_status sk_csv_check_names(const struct sk_csv *csv, int report, shukei_error *err);
const char *sk_csv_path(const struct sk_csv *csv);
/* Tells the first rows, those that came with the header, from others, before any block is claimed;
 * 0 where there are none. */
uint64_t sk_csv_mark(const struct sk_csv *csv);

/* The next block of records. After a failure every later call fails alike. */
shukei_status sk_csv_claim(struct sk_csv *csv, struct sk_csv_block *block, bool *claimed,
                           shukei_error *err);
/* Bytes of the file, as it lies there, that are behind the blocks claimed; any thread. */
uint64_t sk_csv_position(struct sk_csv *csv);

#endif
