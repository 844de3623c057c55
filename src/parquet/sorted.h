/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the rows of a row group come sorted, ascending and nulls last, by some columns.
 *
 *   [ sk_sorted_look() per page -> sk_sorted_end() ] per row group */
#ifndef SK_PARQUET_SORTED_H
#define SK_PARQUET_SORTED_H

#include "parquet/chunk_write.h"

struct sk_sorted {
  uint32_t columns[SK_SORTING_MOST], count;
  uint32_t broken; /* the rows so far are sorted by the columns but the last `broken` ones */
  bool begun;
  uint64_t last[SK_SORTING_MOST]; /* of the row before, words or codes */
  bool null[SK_SORTING_MOST];
};

/* Looks at the rows of the page that each column has just encoded, which still lie in its
 * stripe. */
void sk_sorted_look(struct sk_sorted *sorted, const struct sk_chunk_writer *columns, uint32_t rows);
/* The row group ends: by how many of the columns it is sorted. */
uint32_t sk_sorted_end(struct sk_sorted *sorted);

#endif
