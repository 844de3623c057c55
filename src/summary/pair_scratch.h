/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker needs to make a pair's rows (pair_rows.c) and to read pairs back (pair_claims.c). */
#ifndef SK_SUMMARY_PAIR_SCRATCH_H
#define SK_SUMMARY_PAIR_SCRATCH_H

#include "summary/finish.h"

/* A group of the pair, or several that were united. */
struct sk_pair_entry {
  const struct sk_pod_group *group; /* of one partial; NULL: united with another entry */
  struct sk_text own;               /* label set in its canonical form */
  uint32_t node_set, space_set;     /* of the labels stage, hourly only */
  uint32_t resource_id;             /* of the worker's texts */
  uint32_t sum;                     /* place in sums + 1, 0: `group` as it is */
  bool owns_sum;                    /* nobody else refers to that */
};
/* A row in the making: an entry under one combination of label sets. */
struct sk_pair_row {
  struct sk_pair_entry entry;
  size_t at; /* its labels, in json */
  uint32_t length;
};
/* What the rows of a pair have in common. */
struct sk_pair_names {
  struct sk_text namespace, node;
  uint32_t namespace_label, node_label; /* names of the labels stage, or SK_NO_ID */
  uint32_t node_index;
  bool counts; /* for unallocated capacity */
  struct sk_capacities capacities;
};
struct sk_claimed_pair {
  struct sk_text namespace;
  uint32_t namespace_label, node_index, first, count; /* entries */
};

struct sk_pair_scratch {
  struct sk_pair_entry *entries;
  struct sk_pair_row *rows;
  struct sk_ranked_text *sorted;
  struct sk_pod_group *sums;
  uint32_t entry_count, entry_capacity, row_count, row_capacity, sorted_capacity, sum_count,
      sum_capacity;
  struct sk_buffer json;
  /* pairs that were read back */
  struct sk_claimed_pair *pairs;
  uint32_t pair_count, pair_capacity;
  struct sk_arena arena; /* their texts and groups */
  shukei_status claim_status;
  shukei_error claim_error;
};

/* Made at the first use; NULL when memory lacks. */
struct sk_pair_scratch *sk_pair_scratch_of(struct sk_row_worker *worker);
/* A new entry behind the others, not set; NULL when memory lacks. */
struct sk_pair_entry *sk_pair_entry_add(struct sk_row_worker *worker);
/* A group of the node says what its role is. */
void sk_pair_tally_role(struct sk_row_worker *worker, uint32_t node, uint32_t role);

static inline bool sk_text_is(struct sk_text text, const char *other)
{
  return text.bytes && text.length == strlen(other) && !memcmp(text.bytes, other, text.length);
}

#endif
