/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of random records, written as runs and read back merged, beside what qsort() makes of
 * them. */
#ifndef RUNS_TESTING_H
#define RUNS_TESTING_H

#include "testing.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/spill.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RUNS_MOST = 300 };

struct set {
  struct sk_arena arena;
  struct sk_record *records; /* [count], sorted */
  size_t count;
};

static inline int order_of_bytes(const uint8_t *a, size_t a_length, const uint8_t *b,
                                 size_t b_length)
{
  const size_t common = a_length < b_length ? a_length : b_length;
  const int order = common ? memcmp(a, b, common) : 0;
  return order ? order : (a_length > b_length) - (a_length < b_length);
}

static inline int order_of_keys(const struct sk_record *a, const struct sk_record *b)
{
  return order_of_bytes(a->key, a->key_length, b->key, b->key_length);
}

static inline int order_of_records(const void *a, const void *b)
{
  const struct sk_record *x = a, *y = b;
  const int order = order_of_keys(x, y);
  return order ? order
               : order_of_bytes(x->payload, x->payload_length, y->payload, y->payload_length);
}

/* Up to `longest` bytes, short ones more often: of a few letters, or of any bytes. */
static inline const uint8_t *random_bytes(struct sk_arena *arena, uint64_t *random, size_t longest,
                                          bool few, size_t *length)
{
  *length = random_below(random, 1 + random_below(random, longest + 1));
  uint8_t *bytes = sk_arena_bytes(arena, *length + 1);
  assert_non_null(bytes);
  for (size_t i = 0; i < *length; i++)
    bytes[i] = few ? (uint8_t)('a' + random_below(random, 2)) : (uint8_t)next_random(random);
  return bytes;
}

static inline void make_set(struct set *set, uint64_t *random, size_t count, size_t longest_key,
                            size_t longest_payload)
{
  sk_arena_init(&set->arena, NULL);
  set->records = sk_arena_alloc(&set->arena, (count + 1) * sizeof *set->records);
  set->count = count;
  for (size_t i = 0; i < count; i++) {
    struct sk_record *record = &set->records[i];
    record->key = random_bytes(&set->arena, random, longest_key, random_below(random, 4) != 0,
                               &record->key_length);
    record->payload = random_bytes(&set->arena, random, longest_payload,
                                   random_below(random, 2) != 0, &record->payload_length);
  }
  qsort(set->records, count, sizeof *set->records, order_of_records);
}

/* Deals the records out to the runs, which grow at the same time. */
static inline shukei_status write_runs(struct sk_spill *spill, const struct set *set,
                                       uint64_t *random, struct sk_run **runs, size_t count,
                                       shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < count && !st; i++)
    st = sk_run_begin(spill, &runs[i], err);
  for (size_t i = 0; i < set->count && !st; i++) {
    const struct sk_record *record = &set->records[i];
    st = sk_run_add(runs[random_below(random, count)], record->key, record->key_length,
                    record->payload, record->payload_length, err);
  }
  for (size_t i = 0; i < count && !st; i++)
    st = sk_run_end(runs[i], err);
  return st;
}

static inline void free_runs(struct sk_run **runs, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    sk_run_free(runs[i]);
    runs[i] = NULL;
  }
}

/* Reads a merge to its end: all records of the set, keys in order. The copies come from malloc(),
 * which no test lets fail. */
static inline shukei_status read_merge(struct sk_merge *merge, const struct set *set,
                                       shukei_error *err)
{
  size_t total = 1, used = 0, count = 0;
  for (size_t i = 0; i < set->count; i++)
    total += set->records[i].key_length + set->records[i].payload_length;
  struct sk_record *got = malloc((set->count + 1) * sizeof *got);
  uint8_t *bytes = malloc(total);
  assert_true(got && bytes);
  const struct sk_record *record = NULL;
  shukei_status st;
  while (!(st = sk_merge_next(merge, &record, err)) && record) {
    const size_t length = record->key_length + record->payload_length;
    assert_true(count < set->count && length < total - used);
    got[count] = *record;
    got[count].key = memcpy(bytes + used, record->key, record->key_length);
    got[count].payload =
        memcpy(bytes + used + record->key_length, record->payload, record->payload_length);
    used += length;
    assert_true(count == 0 || order_of_keys(&got[count - 1], &got[count]) <= 0);
    count++;
  }
  if (!st) {
    assert_int_equal(count, set->count);
    qsort(got, count, sizeof *got, order_of_records);
    for (size_t i = 0; i < count; i++)
      assert_int_equal(order_of_records(&got[i], &set->records[i]), 0);
    for (int i = 0; i < 2; i++) { /* the end stays the end */
      assert_int_equal(sk_merge_next(merge, &record, err), SHUKEI_OK);
      assert_null(record);
    }
  }
  free(got);
  free(bytes);
  return st;
}

static inline shukei_status merge_runs(struct sk_spill *spill, struct sk_run **runs, size_t count,
                                       size_t memory_bytes, bool consume, const struct set *set,
                                       shukei_error *err)
{
  struct sk_merge *merge = NULL;
  shukei_status st = sk_merge_open(spill, runs, count, memory_bytes, consume, &merge, err);
  assert_true((st == SHUKEI_OK) == (merge != NULL));
  if (!st)
    st = read_merge(merge, set, err);
  sk_merge_close(merge);
  return st;
}

static inline uint64_t file_bytes(const struct sk_spill *spill)
{
  struct stat info;
  assert_int_equal(fstat(sk_test_spill_file(spill), &info), 0);
  return (uint64_t)info.st_size;
}

#endif
