/* SPDX-License-Identifier: Apache-2.0 */
/* Sorting: texts by bytes, and rows of ranks by their words. Texts are ranked once, so that rows
 * are sorted by integers. */
#ifndef SK_SUMMARY_RANK_H
#define SK_SUMMARY_RANK_H

#include "summary/ids.h"

struct sk_ranked_text {
  const char *bytes;
  uint32_t length, id;
  uint64_t word; /* the sort's own */
};
/* Sorts distinct texts by bytes, the shorter first where one begins the other. */
void sk_sort_texts(struct sk_ranked_text *texts, size_t count);

/* The texts of one sort and the rank of each by id. */
struct sk_ranks {
  struct sk_ids rank; /* by id; SK_NO_ID: not wanted */
  struct sk_ranked_text *texts;
  uint32_t count, capacity;
};
/* sk_ranks_want() each text, then sk_ranks_sort() once; sk_ranks_clear() begins anew. */
bool sk_ranks_want(struct sk_ranks *ranks, struct sk_budget *budget, uint32_t id, const char *bytes,
                   uint32_t length);
void sk_ranks_sort(struct sk_ranks *ranks);
void sk_ranks_clear(struct sk_ranks *ranks);
void sk_ranks_reset(struct sk_ranks *ranks);

/* Sorts order[count], indexes of rows of `words` words in keys, by the words from the first to the
 * last. Equal rows keep their order. spare has the room of order. */
void sk_sort_rows(const uint32_t *keys, size_t words, uint32_t *order, uint32_t *spare,
                  size_t count);

#endif
