/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker needs to make a pair's rows (pair_rows.c, large_pair.c) and to read pairs back
 * (pair_claims.c). */
#ifndef SK_SUMMARY_PAIR_SCRATCH_H
#define SK_SUMMARY_PAIR_SCRATCH_H

#include "summary/finish.h"

/* A group of the pair, or several that were united. */
struct sk_pair_entry {
  const struct sk_pod_group *group; /* NULL: united with another entry */
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

/* Rows of one pair that memory had no room for: runs that are sorted by labels. */
struct sk_pair_runs {
  struct sk_run **at;
  uint32_t count, capacity;
};

struct sk_pair_scratch {
  struct sk_pair_entry *entries;
  struct sk_pair_row *rows;
  struct sk_ranked_text *sorted;
  struct sk_pod_group *sums;
  struct sk_pod_group *gathered; /* groups that several partials have, added up */
  uint32_t gathered_capacity;
  uint32_t entry_count, entry_capacity, row_count, row_capacity, sorted_capacity, sum_count,
      sum_capacity;
  struct sk_buffer json;
  struct sk_pair_runs runs; /* of the pair in hand */
  /* pairs that were read back */
  struct sk_claimed_pair *pairs;
  uint32_t pair_count, pair_capacity;
  struct sk_pair_runs bitten;  /* of the last of them, which is too large to be read at once, */
  struct sk_arena bite;        /* and the groups of it that were read last */
  struct sk_arena arena;       /* texts and groups of the others */
  uint32_t last_id, last_role; /* texts of the record before */
  shukei_status claim_status;
  shukei_error claim_error;
};

/* Made at the first use, as is the worker's tally of the day; NULL when memory lacks. */
struct sk_pair_scratch *sk_pair_scratch_of(const struct sk_day *day, struct sk_row_worker *worker);
/* A new entry behind the others, not set; NULL when memory lacks. */
struct sk_pair_entry *sk_pair_entry_add(struct sk_row_worker *worker);
/* A group of the node says what its role is. */
void sk_pair_tally_role(struct sk_row_worker *worker, uint32_t node, uint32_t role);
struct sk_pair_names sk_pair_names_of(const struct sk_day *day, struct sk_text namespace,
                                      uint32_t namespace_label, uint32_t node_index);
/* Adds to a group what is not an id. */
shukei_status sk_pair_add_group(struct sk_pod_group *into, const struct sk_pod_group *from,
                                shukei_error *err);
/* Makes the rows of `count` entries of one pair; those that there is no room for are written away.
 * Entries of a spilled day may be equal; others are not. */
shukei_status sk_pair_make_rows(struct sk_day *day, struct sk_row_worker *worker,
                                const struct sk_pair_names *names, struct sk_pair_entry *entries,
                                uint32_t count, shukei_error *err);
/* Sorts them by their labels. */
shukei_status sk_pair_sort_rows(struct sk_row_worker *worker, shukei_error *err);
/* The sorted row at *at, those of the same labels added to it; *at becomes the place of the
 * next. */
shukei_status sk_pair_take_row(struct sk_row_worker *worker, uint32_t *at, struct sk_pair_row **row,
                               shukei_error *err);
const struct sk_pod_group *sk_pair_sum_of(const struct sk_pair_scratch *scratch,
                                          const struct sk_pair_entry *entry);
shukei_status sk_pair_emit(struct sk_row_worker *worker, const struct sk_pair_names *names,
                           const struct sk_pair_row *row, sk_row_taker take, void *context,
                           shukei_error *err);

/* Pairs whose rows exceed finish->pair_bytes (large_pair.c): writes away the rows that were made,
 * and forgets them; emits what was written. */
shukei_status sk_large_pair_write(struct sk_row_worker *worker, shukei_error *err);
shukei_status sk_large_pair_emit(struct sk_row_worker *worker, const struct sk_pair_names *names,
                                 sk_row_taker take, void *context, shukei_error *err);
void sk_pair_runs_reset(struct sk_pair_runs *runs);
/* Between those of the pair in hand and those of the last pair that was read back. */
static inline void sk_pair_runs_swap(struct sk_pair_scratch *scratch)
{
  const struct sk_pair_runs runs = scratch->runs;
  scratch->runs = scratch->bitten;
  scratch->bitten = runs;
}

static inline bool sk_text_is(struct sk_text text, const char *other)
{
  return text.bytes && text.length == strlen(other) && !memcmp(text.bytes, other, text.length);
}

#endif
