/* SPDX-License-Identifier: Apache-2.0 */
/* Merging sorted runs: sk_merge_open() -> sk_merge_next()... -> sk_merge_close().
 *
 * A tree of losers: each inner node keeps the reader that lost there, the winner of all is at the
 * top. After a step only the games on the way from the winner's leaf to the top are played again,
 * one comparison a level, where a heap needs two.
 *
 * With more runs than may be read at once the smallest are first merged into a run of their own, as
 * often as needed. The first of these merges takes just so many that all later ones, and the one
 * that the caller reads, are full: that rewrites the fewest bytes (the argument is Huffman's).
 *
 * Each reader holds a block's records; the buffer for stored blocks, needed only while one is
 * decompressed, is shared by all. */
#include "base/spill.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NOBODY UINT32_MAX

struct source {
  struct sk_run *run;
  bool own; /* made by an earlier pass */
};

struct sk_merge {
  struct sk_spill *spill;
  struct source *sources; /* [source_count], the longest first; the last ones are being read */
  size_t source_count;
  struct sk_run_reader *readers; /* [reader_count] of room for `most` */
  uint32_t *losers;              /* the winner at 0; reader i enters at node reader_count + i */
  uint32_t reader_count, most;
  uint8_t *packed;
  bool consume;
  bool given; /* the winner's record was given to the caller: step before the next */
};

/* How many runs may be read at once. */
static uint32_t readers_within(size_t memory_bytes, size_t runs)
{
  size_t most = memory_bytes < SK_MERGE_MEMORY_BYTES
                    ? 0
                    : (memory_bytes - SK_MERGE_MEMORY_BYTES) / SK_MERGE_RUN_MEMORY_BYTES;
  if (most < 2)
    most = 2;
  return (uint32_t)(most < runs ? most : runs);
}

/* Reader a's record comes before b's; one that is at its end comes last. */
static bool comes_before(const struct sk_merge *merge, uint32_t a, uint32_t b)
{
  const struct sk_record *x = &merge->readers[a].record, *y = &merge->readers[b].record;
  if (!x->key || !y->key)
    return x->key != NULL;
  const size_t common = x->key_length < y->key_length ? x->key_length : y->key_length;
  const int order = memcmp(x->key, y->key, common);
  return order ? order < 0 : x->key_length < y->key_length;
}

/* Plays a reader's games up to the top, or to a node where nobody has come yet: there it waits. */
static void play(struct sk_merge *merge, uint32_t reader)
{
  uint32_t winner = reader;
  for (uint32_t node = (merge->reader_count + reader) / 2; node > 0; node /= 2) {
    const uint32_t other = merge->losers[node];
    if (other == NOBODY) {
      merge->losers[node] = winner;
      return;
    }
    if (comes_before(merge, other, winner)) {
      merge->losers[node] = winner;
      winner = other;
    }
  }
  merge->losers[0] = winner;
}

static void close_readers(struct sk_merge *merge)
{
  for (uint32_t i = 0; i < merge->reader_count; i++)
    sk_run_reader_close(&merge->readers[i]);
  merge->reader_count = 0;
}

/* Begins to read the last `count` sources. */
static shukei_status open_readers(struct sk_merge *merge, uint32_t count, shukei_error *err)
{
  const struct source *sources = merge->sources + merge->source_count - count;
  merge->reader_count = 0;
  merge->given = false;
  for (uint32_t i = 0; i < count; i++) {
    const shukei_status st = sk_run_reader_open(
        &merge->readers[i], sources[i].run, merge->consume || sources[i].own, merge->packed, err);
    merge->reader_count = i + 1; /* also the one that failed is to be closed */
    if (st)
      return st;
  }
  for (uint32_t i = 0; i < count; i++)
    merge->losers[i] = NOBODY;
  for (uint32_t i = 0; i < count; i++)
    play(merge, i);
  return SHUKEI_OK;
}

shukei_status sk_merge_next(struct sk_merge *merge, const struct sk_record **record,
                            shukei_error *err)
{
  *record = NULL;
  if (merge->reader_count == 0)
    return SHUKEI_OK;
  if (merge->given) {
    const uint32_t last = merge->losers[0];
    const shukei_status st = sk_run_reader_next(&merge->readers[last], merge->packed, err);
    if (st)
      return st;
    play(merge, last);
  }
  merge->given = true;
  const struct sk_record *first = &merge->readers[merge->losers[0]].record;
  if (first->key)
    *record = first;
  return SHUKEI_OK;
}

/* Puts a run where it belongs by its length; there is room for it. */
static void insert_source(struct sk_merge *merge, struct sk_run *run)
{
  size_t at = merge->source_count++;
  for (; at > 0 && merge->sources[at - 1].run->bytes < run->bytes; at--)
    merge->sources[at] = merge->sources[at - 1];
  merge->sources[at] = (struct source){run, true};
}

/* Merges the `count` shortest runs into one. */
static shukei_status pass(struct sk_merge *merge, uint32_t count, shukei_error *err)
{
  struct sk_run *made = NULL;
  const struct sk_record *record = NULL;
  shukei_status st = sk_run_begin(merge->spill, &made, err);
  if (!st)
    st = open_readers(merge, count, err);
  while (!st && !(st = sk_merge_next(merge, &record, err)) && record)
    st = sk_run_add(made, record->key, record->key_length, record->payload, record->payload_length,
                    err);
  if (!st)
    st = sk_run_end(made, err);
  close_readers(merge);
  if (st) {
    sk_run_free(made);
    return st;
  }
  for (uint32_t i = 0; i < count; i++) {
    const struct source *source = &merge->sources[--merge->source_count];
    if (source->own)
      sk_run_free(source->run);
  }
  insert_source(merge, made);
  return SHUKEI_OK;
}

static int longest_first(const void *a, const void *b)
{
  const struct sk_run *x = ((const struct source *)a)->run, *y = ((const struct source *)b)->run;
  if (x->bytes != y->bytes)
    return x->bytes > y->bytes ? -1 : 1;
  return (x->serial > y->serial) - (x->serial < y->serial);
}

static shukei_status make_merge(struct sk_spill *spill, struct sk_run *const *runs, size_t count,
                                size_t memory_bytes, struct sk_merge **out, shukei_error *err)
{
  struct sk_budget *budget = sk_spill_budget(spill);
  const uint32_t most = readers_within(memory_bytes, count);
  struct sk_merge *merge = sk_calloc(budget, 1, sizeof *merge);
  if (!merge)
    goto no_memory;
  merge->spill = spill;
  merge->most = most;
  merge->sources = sk_calloc(budget, count, sizeof *merge->sources);
  merge->readers = sk_calloc(budget, most, sizeof *merge->readers);
  merge->losers = sk_calloc(budget, most, sizeof *merge->losers);
  merge->packed = sk_alloc(budget, SK_BLOCK_BYTES + SK_BLOCK_HEADER_BYTES);
  if (!merge->sources || !merge->readers || !merge->losers || !merge->packed)
    goto no_memory;
  for (size_t i = 0; i < count; i++)
    merge->sources[i].run = runs[i];
  merge->source_count = count;
  qsort(merge->sources, count, sizeof *merge->sources, longest_first);
  *out = merge;
  return SHUKEI_OK;
no_memory:
  sk_merge_close(merge);
  return sk_fail_memory(err, budget, SK_MERGE_MEMORY_BYTES, "a merge of sorted runs");
}

shukei_status sk_merge_open(struct sk_spill *spill, struct sk_run *const *runs, size_t count,
                            size_t memory_bytes, bool consume, struct sk_merge **out,
                            shukei_error *err)
{
  struct sk_merge *merge = NULL;
  *out = NULL;
  assert(count < NOBODY);
  shukei_status st = make_merge(spill, runs, count, memory_bytes, &merge, err);
  if (st)
    return st;
  merge->consume = consume;
  while (!st && merge->source_count > merge->most) {
    const size_t surplus = merge->source_count - merge->most;
    /* Each full merge leaves most - 1 runs less; what does not divide goes first. */
    const uint32_t odd = (uint32_t)(surplus % (merge->most - 1));
    st = pass(merge, odd ? odd + 1 : merge->most, err);
  }
  if (!st)
    st = open_readers(merge, (uint32_t)merge->source_count, err);
  if (st) {
    sk_merge_close(merge);
    return sk_context(err, st, "merging %zu sorted runs", count);
  }
  *out = merge;
  return SHUKEI_OK;
}

void sk_merge_close(struct sk_merge *merge)
{
  if (!merge)
    return;
  close_readers(merge);
  for (size_t i = 0; i < merge->source_count; i++) {
    if (merge->sources[i].own)
      sk_run_free(merge->sources[i].run);
  }
  sk_free(merge->sources);
  sk_free(merge->readers);
  sk_free(merge->losers);
  sk_free(merge->packed);
  sk_free(merge);
}
