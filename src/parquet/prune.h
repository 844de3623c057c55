/* SPDX-License-Identifier: Apache-2.0 */
/* What of a row group cannot have rows that meet a predicate, by what the file tells of its
 * values. */
#ifndef SK_PARQUET_PRUNE_H
#define SK_PARQUET_PRUNE_H

#include "parquet/column.h"
#include "parquet/predicate.h"

/* True: by its statistics no row of the row group meets the predicate. Reads nothing. */
bool sk_prune_by_statistics(const struct sk_file *file, uint32_t group,
                            const struct sk_predicate *predicate);
/* *none: by the chunk's Bloom filter no row does. */
shukei_status sk_prune_by_bloom(struct sk_file *file, uint32_t group,
                                const struct sk_predicate *predicate, struct sk_budget *budget,
                                bool *none, shukei_error *err);
/* True where every value of the chunk is a code of its dictionary. Without a word of it in the
 * footer the page headers tell; one that cannot be read leaves it open, and its column's reader
 * will complain. */
bool sk_prune_is_coded(struct sk_file *file, uint32_t group, int column, struct sk_budget *budget);

struct sk_row_range {
  int64_t begin, end;
};
struct sk_row_ranges { /* of a row group, in their order, none empty */
  struct sk_row_range *list;
  size_t count;
};
/* Leaves of the ranges those rows that the column's page index does not rule out. `places` are the
 * column's pages, which may be none.
 *   pages, skipped  the pages that the index tells of, and those ruled out, are added
 * OK also where there is no sound index; EIO; ENOMEM. */
shukei_status sk_prune_by_pages(struct sk_file *file, uint32_t group,
                                const struct sk_predicate *predicate,
                                const struct sk_page_places *places, struct sk_budget *budget,
                                struct sk_row_ranges *ranges, uint64_t *pages, uint64_t *skipped,
                                shukei_error *err);

#endif
