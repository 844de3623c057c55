/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of inspect --check, for the files that look for them. */
#ifndef SK_PARQUET_CHECK_H
#define SK_PARQUET_CHECK_H

#include "parquet/bloom.h"
#include "parquet/column.h"
#include "parquet/values.h"

struct sk_check {
  struct sk_file *file;
  struct sk_budget *budget;
  struct sk_column_tools *tools;
  struct sk_buffer *out;
  struct sk_check_result *result;
};

/* A chunk under examination, and what was found in it so far. */
struct sk_check_chunk {
  struct sk_check *check;
  const struct sk_column_meta *meta;
  const struct sk_chunk_meta *chunk;
  uint32_t group;
  int column;
  uint32_t data_pages;
  uint32_t told; /* kinds of findings, a bit each: a kind is told once */
};

/* A finding with its place. */
void sk_check_found(struct sk_check_chunk *c, const char *format, ...) SK_PRINTF(2, 3);

/* What is told of a chunk's values beside its pages: statistics, page index, Bloom filter,
 * dictionary.
 *
 *   sk_check_told_open() -> [ sk_check_told_page()
 *   -> sk_check_told_values() ... ] for each data page
 *   -> sk_check_told_end() -> sk_check_told_close() */
struct sk_check_told {
  struct sk_check_chunk *c;
  struct sk_bounds bounds; /* of the chunk */
  struct sk_page_places places;
  struct sk_page_bounds pages;
  struct sk_bloom_place bloom;
  uint8_t *bits; /* of the Bloom filter; NULL: there is none that can be used */
  int64_t page;  /* the present one; -1 before the first */
  struct sk_bounds page_bounds;
  int64_t page_nulls, page_values;
};
/* The column's reader stands before its first row. */
shukei_status sk_check_told_open(struct sk_check_told *told, struct sk_check_chunk *c,
                                 struct sk_column *column, shukei_error *err);
/* The reader has begun a data page, with that record; pages without values were passed over. */
void sk_check_told_page(struct sk_check_told *told, const struct sk_column *column,
                        int64_t first_row);
void sk_check_told_values(struct sk_check_told *told, const struct sk_slice *values, size_t count);
void sk_check_told_nulls(struct sk_check_told *told, size_t count);
void sk_check_told_end(struct sk_check_told *told);
void sk_check_told_close(struct sk_check_told *told);

#endif
