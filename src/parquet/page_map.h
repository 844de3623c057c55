/* SPDX-License-Identifier: Apache-2.0 */
/* Where the data pages of a row group lie, as far as one of its readers has been: so that another
 * one, who comes later, need not hop from header to header, of which each may have to be fetched.
 * For files without an offset index.
 *
 * sk_page_maps_init() -> sk_page_maps_begin() -> sk_page_maps_note(), sk_page_maps_find() by any
 * threads
 *   -> sk_page_maps_reset() */
#ifndef SK_PARQUET_PAGE_MAP_H
#define SK_PARQUET_PAGE_MAP_H

#include "base/alloc.h"

#include <pthread.h>

struct sk_mapped_page {
  uint64_t offset; /* of its header */
  int64_t first_row;
  uint32_t number; /* of the chunk's data pages */
};

struct sk_page_map;
struct sk_page_maps {
  struct sk_budget *budget;
  pthread_mutex_t lock; /* of all that follows */
  struct sk_page_map *columns;
  uint32_t column_count; /* 0: no row group was begun */
  uint32_t group;
};

void sk_page_maps_init(struct sk_page_maps *maps, struct sk_budget *budget);
void sk_page_maps_reset(struct sk_page_maps *maps);
/* Several threads are going to read this row group; what was noted of another one is forgotten.
 * Where memory lacks, nothing will be noted. */
void sk_page_maps_begin(struct sk_page_maps *maps, uint32_t group, uint32_t column_count);
/* Notes a page, unless it is known, or its predecessor is not, or the row group is another one. */
void sk_page_maps_note(struct sk_page_maps *maps, uint32_t group, int column,
                       const struct sk_mapped_page *page);
/* The last known page that does not begin behind the row; false where none is known. */
bool sk_page_maps_find(struct sk_page_maps *maps, uint32_t group, int column, int64_t row,
                       struct sk_mapped_page *page);

#endif
