/* SPDX-License-Identifier: Apache-2.0 */
/* The page index of a column chunk (PageIndex.md of the format): where its data pages lie, and
 * which values each of them has.
 *
 *   sk_page_places_read() -> sk_page_places_find() ... -> sk_page_places_reset()
 *   sk_page_bounds_read() -> ... -> sk_page_bounds_reset()
 *
 * An index is a help, never needed: one that contradicts itself, the chunk or the row group counts
 * as none, for which `count` is 0. */
#ifndef SK_PARQUET_PAGE_INDEX_H
#define SK_PARQUET_PAGE_INDEX_H

#include "parquet/file.h"
#include "parquet/thrift.h"

struct sk_page_place { /* PageLocation */
  int64_t offset, first_row;
  int32_t bytes; /* compressed, header included */
};
/* The next element of an offset index; members that lack are -1. */
struct sk_page_place sk_page_place_read(struct sk_thrift *t);

struct sk_page_places { /* OffsetIndex */
  struct sk_page_place *pages;
  uint32_t count;
  int64_t row_count; /* of the row group */
  const char *fault; /* count 0: why; NULL where the footer tells of no index */
};
/* Every page of a flat column has a row at least; they follow each other from row 0 on and lie
 * within the chunk, in this order. OK also where there is no sound index; EIO; ENOMEM. */
shukei_status sk_page_places_read(struct sk_file *file, uint32_t group, int column,
                                  struct sk_budget *budget, struct sk_page_places *places,
                                  shukei_error *err);
void sk_page_places_reset(struct sk_page_places *places);
/* The page that has the row, which is one of the row group. */
uint32_t sk_page_places_find(const struct sk_page_places *places, int64_t row);
/* The row behind the page. */
int64_t sk_page_places_end(const struct sk_page_places *places, uint32_t page);

struct sk_page_bounds { /* ColumnIndex */
  uint8_t *bytes;       /* that min and max point into */
  uint8_t *null_pages;  /* 1: nothing but nulls */
  struct sk_slice *min, *max;
  int64_t *null_counts; /* -1 where it does not tell */
  int32_t order;        /* boundary_order */
  uint32_t count;
  const char *fault; /* as above */
};
enum { SK_UNORDERED = 0, SK_ASCENDING = 1, SK_DESCENDING = 2 }; /* BoundaryOrder */
/* Null flags and bounds of each of `page_count` pages, else there is no index. OK; EIO; ENOMEM. */
shukei_status sk_page_bounds_read(struct sk_file *file, uint32_t group, int column,
                                  uint32_t page_count, struct sk_budget *budget,
                                  struct sk_page_bounds *bounds, shukei_error *err);
void sk_page_bounds_reset(struct sk_page_bounds *bounds);

#endif
