/* SPDX-License-Identifier: Apache-2.0 */
/* Sorted runs: what is merged against qsort() of everything; memory, disks and bytes that fail. */
#include "testing.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/crew.h"
#include "base/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct set {
  struct sk_arena arena;
  struct sk_record *records; /* [count], sorted */
  size_t count;
};

static int order_of_bytes(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length)
{
  const size_t common = a_length < b_length ? a_length : b_length;
  const int order = common ? memcmp(a, b, common) : 0;
  return order ? order : (a_length > b_length) - (a_length < b_length);
}

static int order_of_keys(const struct sk_record *a, const struct sk_record *b)
{
  return order_of_bytes(a->key, a->key_length, b->key, b->key_length);
}

static int order_of_records(const void *a, const void *b)
{
  const struct sk_record *x = a, *y = b;
  const int order = order_of_keys(x, y);
  return order ? order
               : order_of_bytes(x->payload, x->payload_length, y->payload, y->payload_length);
}

/* Up to `longest` bytes, short ones more often: of a few letters, or of any bytes. */
static const uint8_t *random_bytes(struct sk_arena *arena, uint64_t *random, size_t longest,
                                   bool few, size_t *length)
{
  *length = random_below(random, 1 + random_below(random, longest + 1));
  uint8_t *bytes = sk_arena_bytes(arena, *length + 1);
  assert_non_null(bytes);
  for (size_t i = 0; i < *length; i++)
    bytes[i] = few ? (uint8_t)('a' + random_below(random, 2)) : (uint8_t)next_random(random);
  return bytes;
}

static void make_set(struct set *set, uint64_t *random, size_t count, size_t longest_key,
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
static shukei_status write_runs(struct sk_spill *spill, const struct set *set, uint64_t *random,
                                struct sk_run **runs, size_t count, shukei_error *err)
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

static void free_runs(struct sk_run **runs, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    sk_run_free(runs[i]);
    runs[i] = NULL;
  }
}

/* Reads a merge to its end: all records of the set, keys in order. The copies come from malloc(),
 * which no test lets fail. */
static shukei_status read_merge(struct sk_merge *merge, const struct set *set, shukei_error *err)
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

static shukei_status merge_runs(struct sk_spill *spill, struct sk_run **runs, size_t count,
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

static uint64_t file_bytes(const struct sk_spill *spill)
{
  struct stat info;
  assert_int_equal(fstat(sk_test_spill_file(spill), &info), 0);
  return (uint64_t)info.st_size;
}

enum { RUNS_MOST = 300 };
static const size_t two_at_once = 0,
                    ten_at_once = SK_MERGE_MEMORY_BYTES + 10 * SK_MERGE_RUN_MEMORY_BYTES,
                    all_at_once = (size_t)1 << 30;

static void gives_what_qsort_gives(void **state)
{
  (void)state;
  static const struct {
    size_t records, runs, longest_key, longest_payload, memory_bytes;
  } cases[] = {
      {0, 1, 10, 10, all_at_once},
      {1, 1, 0, 0, all_at_once},
      {1, 3, 10, 10, two_at_once},
      {50, 1, 3, 0, all_at_once},
      {300, 7, 0, 3, two_at_once},
      {2000, 2, 40, 10, two_at_once},
      {2000, 3, 40, 400, two_at_once},
      {3000, 12, 60, 300, ten_at_once},
      {3000, 64, 30, 30, ten_at_once},
      {5000, 100, 200, 200, all_at_once},
      {1000, 299, 10, 10, two_at_once},
      {6000, 300, 100, 100, ten_at_once},
      {40, 5, 300000, 10, two_at_once},
      {40, 5, 10, 1 << 20, ten_at_once},
      {200, 11, 140000, 140000, ten_at_once},
  };
  uint64_t random = 1;
  for (size_t i = 0; i < 2 * SK_COUNT(cases); i++) {
    const bool consume = i % 2 != 0;
    struct sk_budget budget;
    struct sk_spill *spill = NULL;
    struct sk_run *runs[RUNS_MOST] = {NULL};
    struct set set;
    shukei_error err;
    sk_budget_init(&budget, UINT64_MAX);
    make_set(&set, &random, cases[i / 2].records, cases[i / 2].longest_key,
             cases[i / 2].longest_payload);
    const size_t count = cases[i / 2].runs;
    assert_int_equal(sk_spill_new(&budget, NULL, &spill, &err), SHUKEI_OK);
    assert_int_equal(write_runs(spill, &set, &random, runs, count, &err), SHUKEI_OK);
    uint64_t records = 0;
    for (size_t n = 0; n < count; n++)
      records += sk_run_records(runs[n]);
    assert_int_equal(records, set.count);
    for (int again = 0; again < (consume ? 1 : 2); again++)
      assert_int_equal(
          merge_runs(spill, runs, count, cases[i / 2].memory_bytes, consume, &set, &err),
          SHUKEI_OK);
    free_runs(runs, count);
    sk_spill_free(spill);
    assert_int_equal(budget.used_bytes, 0);
    sk_arena_reset(&set.arena);
  }
}

static void no_runs_and_empty_runs_hold_nothing(void **state)
{
  (void)state;
  const struct set nothing = {.count = 0};
  struct sk_spill *spill = NULL;
  struct sk_run *runs[3];
  assert_int_equal(sk_spill_new(NULL, NULL, &spill, NULL), SHUKEI_OK);
  assert_int_equal(merge_runs(spill, NULL, 0, 0, false, &nothing, NULL), SHUKEI_OK);
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(sk_run_begin(spill, &runs[i], NULL), SHUKEI_OK);
    assert_int_equal(sk_run_end(runs[i], NULL), SHUKEI_OK);
  }
  assert_int_equal(merge_runs(spill, runs, 3, 0, true, &nothing, NULL), SHUKEI_OK);
  free_runs(runs, 3);
  assert_int_equal(sk_test_spill_file(spill), -1); /* no file for nothing */
  assert_int_equal(sk_spill_bytes(spill), 0);
  sk_spill_free(spill);
  sk_spill_free(NULL);
  sk_run_free(NULL);
  sk_merge_close(NULL);
}

static void what_compresses_takes_less(void **state)
{
  (void)state;
  struct sk_spill *spill = NULL;
  struct sk_run *run = NULL;
  char key[200];
  memset(key, 'k', sizeof key);
  assert_int_equal(sk_spill_new(NULL, NULL, &spill, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_begin(spill, &run, NULL), SHUKEI_OK);
  for (int i = 0; i < 20000; i++) {
    snprintf(key + 190, 10, "%09d", i);
    assert_int_equal(sk_run_add(run, key, sizeof key, key, sizeof key, NULL), SHUKEI_OK);
  }
  assert_int_equal(sk_run_end(run, NULL), SHUKEI_OK);
  assert_true(sk_spill_bytes(spill) < 20000 * 40);
  assert_int_equal(sk_spill_bytes(spill), file_bytes(spill));
  sk_run_free(run);
  sk_spill_free(spill);
}

/* Writes, merges in several passes, frees: the whole of a spill's life. */
static shukei_status live(struct sk_budget *budget, const struct set *set, shukei_error *err)
{
  struct sk_spill *spill = NULL;
  struct sk_run *runs[6] = {NULL};
  uint64_t random = 5;
  shukei_status st = sk_spill_new(budget, NULL, &spill, err);
  assert_true((st == SHUKEI_OK) == (spill != NULL));
  if (!st)
    st = write_runs(spill, set, &random, runs, SK_COUNT(runs), err);
  if (!st)
    st = merge_runs(spill, runs, SK_COUNT(runs), two_at_once, false, set, err);
  if (!st)
    st = merge_runs(spill, runs, SK_COUNT(runs), two_at_once, true, set, err);
  free_runs(runs, SK_COUNT(runs));
  sk_spill_free(spill);
  return st;
}

static void every_allocation_may_fail(void **state)
{
  (void)state;
  struct set set;
  uint64_t random = 6;
  make_set(&set, &random, 60, 9000, 120000);
  struct sk_budget budget;
  sk_budget_init(&budget, UINT64_MAX);
  bool failed = true;
  int refused = 0;
  for (int n = 0; failed; n++) {
    shukei_error err;
    sk_test_fail_alloc(n);
    const shukei_status st = live(&budget, &set, &err);
    failed = sk_test_alloc_failed();
    assert_true(st == SHUKEI_OK || (failed && st == SHUKEI_ENOMEM));
    refused += st != SHUKEI_OK;
    assert_int_equal(budget.used_bytes, 0);
  }
  sk_test_fail_alloc(-1);
  assert_true(refused > 20);
  sk_arena_reset(&set.arena);
}

static void no_more_memory_than_was_told(void **state)
{
  (void)state;
  struct set set;
  struct sk_budget budget;
  struct sk_spill *spill = NULL;
  struct sk_run *runs[100] = {NULL};
  uint64_t random = 7;
  make_set(&set, &random, 20000, 2000, 1000);
  sk_budget_init(&budget, UINT64_MAX);
  assert_int_equal(sk_spill_new(&budget, NULL, &spill, NULL), SHUKEI_OK);
  const uint64_t before = budget.used_bytes;
  assert_int_equal(write_runs(spill, &set, &random, runs, 100, NULL), SHUKEI_OK);
  assert_true(budget.peak_bytes - before <= 100 * SK_RUN_MEMORY_BYTES + 10000);
  const uint64_t resting = budget.used_bytes, all = sk_spill_bytes(spill);
  assert_true(resting - before <= 100 * 400 + 10000);
  static const size_t readers[] = {2, 3, 9, 50, 99, 100};
  /* Percent of the bytes that passes may rewrite: with 50 readers 2 runs and then 50 of 100. */
  static const uint64_t rewritten[] = {650, 340, 130, 55, 2, 0};
  for (size_t i = 0; i < SK_COUNT(readers); i++) {
    const size_t memory = SK_MERGE_MEMORY_BYTES + readers[i] * SK_MERGE_RUN_MEMORY_BYTES;
    budget.peak_bytes = resting;
    const uint64_t written = sk_spill_bytes(spill);
    assert_int_equal(merge_runs(spill, runs, 100, memory, false, &set, NULL), SHUKEI_OK);
    assert_true(budget.peak_bytes - resting <= memory);
    assert_true((sk_spill_bytes(spill) - written) * 100 <= all * rewritten[i]);
    assert_int_equal(budget.used_bytes / 10000, resting / 10000); /* the chain may have grown */
  }
  free_runs(runs, 100);
  sk_spill_free(spill);
  sk_arena_reset(&set.arena);
}

static void place_is_used_again(void **state)
{
  (void)state;
  struct set set;
  struct sk_spill *spill = NULL;
  struct sk_run *runs[20] = {NULL};
  uint64_t random = 8;
  make_set(&set, &random, 12000, 200, 2000);
  assert_int_equal(sk_spill_new(NULL, NULL, &spill, NULL), SHUKEI_OK);
  assert_int_equal(write_runs(spill, &set, &random, runs, 20, NULL), SHUKEI_OK);
  const uint64_t once = file_bytes(spill), written = sk_spill_bytes(spill);
  assert_true(written <= once);
  for (int round = 0; round < 3; round++) {
    free_runs(runs, 20);
    assert_int_equal(write_runs(spill, &set, &random, runs, 20, NULL), SHUKEI_OK);
  }
  const uint64_t chunk = UINT64_C(256) << 10;
  assert_true(file_bytes(spill) <= once + 20 * chunk); /* runs of other lengths */
  const uint64_t before = file_bytes(spill);
  assert_true(sk_spill_bytes(spill) > 3 * written);
  /* Passes consume what they have made themselves: one copy beside the runs at any time. */
  assert_int_equal(merge_runs(spill, runs, 20, two_at_once, false, &set, NULL), SHUKEI_OK);
  const uint64_t twice = file_bytes(spill);
  assert_true(twice - before <= written + 8 * chunk);
  for (size_t i = 0; i < 20; i++) { /* the passes' place is empty again, the runs fill it */
    sk_run_free(runs[i]);
    runs[i] = NULL;
  }
  assert_int_equal(write_runs(spill, &set, &random, runs, 20, NULL), SHUKEI_OK);
  assert_int_equal(file_bytes(spill), twice);
  /* A merge that consumes: at any time every run has at most one chunk that is half read. */
  assert_int_equal(merge_runs(spill, runs, 20, two_at_once, true, &set, NULL), SHUKEI_OK);
  assert_int_equal(file_bytes(spill), twice);
  free_runs(runs, 20);
  /* One that was left in the middle gives back all the same. */
  assert_int_equal(write_runs(spill, &set, &random, runs, 20, NULL), SHUKEI_OK);
  const uint64_t full = file_bytes(spill);
  struct sk_merge *merge = NULL;
  const struct sk_record *record;
  assert_int_equal(sk_merge_open(spill, runs, 20, ten_at_once, true, &merge, NULL), SHUKEI_OK);
  for (size_t i = 0; i < set.count / 2; i++)
    assert_int_equal(sk_merge_next(merge, &record, NULL), SHUKEI_OK);
  sk_merge_close(merge);
  free_runs(runs, 20);
  assert_int_equal(write_runs(spill, &set, &random, runs, 20, NULL), SHUKEI_OK);
  assert_true(file_bytes(spill) <= full + 10 * chunk);
  free_runs(runs, 20);
  sk_spill_free(spill);
  sk_arena_reset(&set.arena);
}

enum { WORKERS = 4 };
struct work {
  struct sk_spill *spill;
  struct set sets[WORKERS];
  shukei_status statuses[WORKERS];
};

static void write_and_merge(void *context, unsigned worker)
{
  struct work *work = context;
  struct sk_run *runs[12] = {NULL};
  uint64_t random = worker;
  shukei_status st = SHUKEI_OK;
  for (int round = 0; round < 3 && !st; round++) {
    st = write_runs(work->spill, &work->sets[worker], &random, runs, 12, NULL);
    if (!st)
      st = merge_runs(work->spill, runs, 12, two_at_once, worker % 2 != 0, &work->sets[worker],
                      NULL);
    free_runs(runs, 12);
  }
  work->statuses[worker] = st;
}

static void threads_do_not_disturb_each_other(void **state)
{
  (void)state;
  struct work work = {.spill = NULL};
  uint64_t random = 9;
  for (size_t i = 0; i < WORKERS; i++)
    make_set(&work.sets[i], &random, 1500, 300, 1000);
  assert_int_equal(sk_spill_new(NULL, NULL, &work.spill, NULL), SHUKEI_OK);
  sk_crew_run(WORKERS, write_and_merge, &work);
  for (size_t i = 0; i < WORKERS; i++) {
    assert_int_equal(work.statuses[i], SHUKEI_OK);
    sk_arena_reset(&work.sets[i].arena);
  }
  sk_spill_free(work.spill);
}

/* Two runs, the second of one small block, the first of several: compressed, raw and a long one. */
static void write_two(struct sk_spill *spill, struct set *small, struct set *large,
                      struct sk_run **runs)
{
  uint64_t random = 10;
  make_set(small, &random, 12, 20, 30);
  make_set(large, &random, 300, 100, 3000);
  large->records[299].payload_length = 100000;
  large->records[299].payload = sk_arena_bytes(&large->arena, 100000);
  memset((void *)(uintptr_t)large->records[299].payload, 'x', 100000);
  assert_int_equal(write_runs(spill, large, &random, &runs[0], 1, NULL), SHUKEI_OK);
  assert_int_equal(write_runs(spill, small, &random, &runs[1], 1, NULL), SHUKEI_OK);
}

static void expect_damage(struct sk_spill *spill, struct sk_run *run, const struct set *set,
                          const char *words)
{
  shukei_error err;
  assert_int_equal(merge_runs(spill, &run, 1, 0, false, set, &err), SHUKEI_EIO);
  assert_non_null(strstr(err.text, words));
  assert_non_null(strstr(err.text, "temporary file in \""));
}

static void flip(int file, off_t at, uint8_t mask)
{
  uint8_t byte;
  assert_int_equal(pread(file, &byte, 1, at), 1);
  byte ^= mask;
  assert_int_equal(pwrite(file, &byte, 1, at), 1);
}

static void damage_is_found(void **state)
{
  (void)state;
  struct sk_spill *spill = NULL;
  struct sk_run *runs[2] = {NULL};
  struct set small, large;
  assert_int_equal(sk_spill_new(NULL, NULL, &spill, NULL), SHUKEI_OK);
  write_two(spill, &small, &large, runs);
  const int file = sk_test_spill_file(spill);
  const off_t size = (off_t)file_bytes(spill);
  const off_t second = size / (256 << 10) * (256 << 10); /* runs begin at chunks */
  assert_true(second > 0 && size - second < 1000);
  for (off_t at = second; at < size; at++) {
    for (unsigned bit = 0; bit < 8; bit++) {
      flip(file, at, (uint8_t)(1u << bit));
      expect_damage(spill, runs[1], &small, "is damaged");
      flip(file, at, (uint8_t)(1u << bit));
    }
  }
  const off_t first_end = (off_t)sk_spill_bytes(spill) - (size - second);
  uint64_t random = 11;
  for (off_t at = 0; at < first_end; at += (off_t)(1 + random_below(&random, 4000))) {
    const uint8_t mask = (uint8_t)(1 + random_below(&random, 255));
    flip(file, at, mask);
    expect_damage(spill, runs[0], &large, "is damaged");
    flip(file, at, mask);
  }
  assert_int_equal(merge_runs(spill, runs, 1, 0, false, &large, NULL), SHUKEI_OK);
  assert_int_equal(merge_runs(spill, runs + 1, 1, 0, false, &small, NULL), SHUKEI_OK);
  for (off_t cut = size - 1; cut >= second; cut--) {
    assert_int_equal(ftruncate(file, cut), 0);
    expect_damage(spill, runs[1], &small, "ends at byte");
  }
  free_runs(runs, 2);
  sk_spill_free(spill);
  sk_arena_reset(&small.arena);
  sk_arena_reset(&large.arena);
}

/* A block of one long record, whose header tells of less bytes than it has: as if it were compressed, for which there is
 * room for a usual block alone. */
static void a_long_block_is_never_a_compressed_one(void **state)
{
  (void)state;
  enum { LONG = 300000 };
  struct sk_spill *spill = NULL;
  struct sk_run *run = NULL;
  uint8_t *const payload = calloc(1, LONG), *const packed = malloc(SK_BLOCK_BYTES + 12);
  assert_true(payload && packed);
  assert_int_equal(sk_spill_new(NULL, NULL, &spill, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_begin(spill, &run, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_add(run, "k", 1, payload, LONG, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_end(run, NULL), SHUKEI_OK);
  for (unsigned bit = 0; bit < 32; bit++) {
    struct sk_run_reader reader;
    flip(sk_test_spill_file(spill), bit / 8, (uint8_t)(1u << bit % 8));
    assert_int_equal(sk_run_reader_open(&reader, run, false, packed, NULL), SHUKEI_EIO);
    sk_run_reader_close(&reader);
    flip(sk_test_spill_file(spill), bit / 8, (uint8_t)(1u << bit % 8));
  }
  sk_run_free(run);
  sk_spill_free(spill);
  free(payload);
  free(packed);
}

/* Blocks of equal length, two in each of two runs: none may stand for another. */
static void sound_blocks_from_elsewhere_are_found(void **state)
{
  (void)state;
  enum { PAYLOAD = 60000, BLOCK = 12 + 1 + 1 + 3 + 1 + PAYLOAD };
  struct sk_spill *spill = NULL;
  struct sk_run *runs[2] = {NULL};
  uint64_t random = 13;
  static uint8_t payload[PAYLOAD], blocks[3][BLOCK];
  assert_int_equal(sk_spill_new(NULL, NULL, &spill, NULL), SHUKEI_OK);
  for (size_t i = 0; i < 4; i++) {
    for (size_t n = 0; n < PAYLOAD; n++)
      payload[n] = (uint8_t)next_random(&random);
    if (i % 2 == 0)
      assert_int_equal(sk_run_begin(spill, &runs[i / 2], NULL), SHUKEI_OK);
    assert_int_equal(sk_run_add(runs[i / 2], i % 2 ? "b" : "a", 1, payload, PAYLOAD, NULL),
                     SHUKEI_OK);
    if (i % 2)
      assert_int_equal(sk_run_end(runs[i / 2], NULL), SHUKEI_OK);
  }
  assert_int_equal(sk_spill_bytes(spill), 4 * BLOCK);
  const int file = sk_test_spill_file(spill);
  static const off_t places[3] = {0, BLOCK, 256 << 10};
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(pread(file, blocks[i], BLOCK, places[i]), BLOCK);
  for (size_t i = 0; i < 9; i++) {
    const size_t to = i / 3, from = i % 3;
    struct sk_merge *merge = NULL;
    const struct sk_record *record = NULL;
    shukei_error err;
    assert_int_equal(pwrite(file, blocks[from], BLOCK, places[to]), BLOCK);
    shukei_status st = sk_merge_open(spill, runs, 2, all_at_once, false, &merge, &err);
    while (!st && !(st = sk_merge_next(merge, &record, &err)) && record)
      ;
    sk_merge_close(merge);
    assert_int_equal(st, from == to ? SHUKEI_OK : SHUKEI_EIO);
    assert_int_equal(pwrite(file, blocks[to], BLOCK, places[to]), BLOCK);
  }
  free_runs(runs, 2);
  sk_spill_free(spill);
}

/* Two records, then every value of every byte of theirs with a checksum to suit: all lengths stay
 * within the block. */
static void a_checksum_right_by_chance_does_no_harm(void **state)
{
  (void)state;
  struct sk_spill *spill = NULL;
  struct sk_run *run = NULL;
  uint8_t block[64];
  int refused = 0;
  assert_int_equal(sk_spill_new(NULL, NULL, &spill, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_begin(spill, &run, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_add(run, "ab", 2, "12", 2, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_add(run, "ac", 2, "3", 1, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_end(run, NULL), SHUKEI_OK);
  const int file = sk_test_spill_file(spill);
  const size_t length = (size_t)pread(file, block, sizeof block, 0);
  assert_int_equal(length, 12 + 7 + 5);
  for (size_t i = 12; i < length; i++) {
    const uint8_t right = block[i];
    for (unsigned value = 0; value < 256; value++) {
      struct sk_merge *merge = NULL;
      const struct sk_record *record = NULL;
      unsigned sum = 0, given = 0;
      block[i] = (uint8_t)value;
      sk_put_le32(block + 8, sk_spill_crc(run, 0, block, block + 12, length - 12));
      assert_int_equal(pwrite(file, block, length, 0), length);
      shukei_status st = sk_merge_open(spill, &run, 1, 0, false, &merge, NULL);
      while (!st && !(st = sk_merge_next(merge, &record, NULL)) && record) {
        given++;
        for (size_t n = 0; n < record->key_length; n++)
          sum += record->key[n];
        for (size_t n = 0; n < record->payload_length; n++)
          sum += record->payload[n];
      }
      assert_true(st == SHUKEI_EIO || (st == SHUKEI_OK && sum < 10 * 256));
      refused += st == SHUKEI_EIO;
      assert_true(i != 12 || value == 0 || st == SHUKEI_EIO); /* nothing to share with */
      assert_true(i != 19 || value <= 2 || st == SHUKEI_EIO); /* the key before has 2 bytes */
      assert_true(i != 21 || value <= 1 || given == 1);       /* one byte is left for it */
      sk_merge_close(merge);
    }
    block[i] = right;
  }
  assert_true(refused > 6 * 240);
  sk_run_free(run);
  sk_spill_free(spill);
}

static void long_records_leave_no_long_buffers(void **state)
{
  (void)state;
  enum { LONG = 1 << 20, SMALL = 1000 };
  struct sk_budget budget;
  struct sk_spill *spill = NULL;
  struct sk_run *run = NULL;
  static uint8_t payload[LONG];
  uint64_t random = 14;
  for (size_t i = 0; i < LONG; i++)
    payload[i] = (uint8_t)next_random(&random);
  sk_budget_init(&budget, UINT64_MAX);
  assert_int_equal(sk_spill_new(&budget, NULL, &spill, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_begin(spill, &run, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_add(run, "a", 1, payload, LONG, NULL), SHUKEI_OK);
  for (int i = 0; i < 200; i++)
    assert_int_equal(sk_run_add(run, "b", 1, payload, SMALL, NULL), SHUKEI_OK);
  assert_true(budget.used_bytes < SK_RUN_MEMORY_BYTES + 1000);
  assert_int_equal(sk_run_end(run, NULL), SHUKEI_OK);
  struct sk_merge *merge = NULL;
  const struct sk_record *record = NULL;
  assert_int_equal(sk_merge_open(spill, &run, 1, 0, false, &merge, NULL), SHUKEI_OK);
  assert_int_equal(sk_merge_next(merge, &record, NULL), SHUKEI_OK);
  assert_int_equal(record->payload_length, LONG);
  assert_true(budget.used_bytes > LONG);
  assert_int_equal(sk_merge_next(merge, &record, NULL), SHUKEI_OK);
  assert_int_equal(record->payload_length, SMALL);
  assert_true(budget.used_bytes < SK_MERGE_MEMORY_BYTES);
  while (record)
    assert_int_equal(sk_merge_next(merge, &record, NULL), SHUKEI_OK);
  assert_true(budget.used_bytes < SK_BLOCK_BYTES + 3000); /* a reader at its end holds nothing */
  sk_merge_close(merge);
  sk_run_free(run);
  sk_spill_free(spill);
  assert_int_equal(budget.used_bytes, 0);
}

/* A key that shares most of it with the one before begins a block of its own: there it is written whole. */
static void long_keys_alike_fit_in_their_blocks(void **state)
{
  (void)state;
  enum { KEY = 65000, PAYLOAD = 30000, KEYS = 9 };
  struct sk_budget budget;
  struct sk_spill *spill = NULL;
  struct sk_run *run = NULL;
  struct sk_merge *merge = NULL;
  const struct sk_record *record = NULL;
  uint8_t *const key = calloc(1, KEY), *const payload = calloc(1, PAYLOAD);
  assert_true(key && payload);
  sk_budget_init(&budget, UINT64_MAX);
  assert_int_equal(sk_spill_new(&budget, NULL, &spill, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_begin(spill, &run, NULL), SHUKEI_OK);
  const uint64_t before = budget.used_bytes; /* two blocks; the last key will be kept as well */
  for (uint8_t i = 0; i < KEYS; i++) {
    key[KEY - 1] = i;
    assert_int_equal(sk_run_add(run, key, KEY, payload, i ? PAYLOAD : 0, NULL), SHUKEI_OK);
  }
  assert_true(budget.peak_bytes >= before + KEY + (KEY + PAYLOAD - SK_BLOCK_BYTES) + KEY / 2);
  assert_int_equal(sk_run_end(run, NULL), SHUKEI_OK);
  assert_int_equal(sk_merge_open(spill, &run, 1, 0, false, &merge, NULL), SHUKEI_OK);
  for (uint8_t i = 0; i < KEYS; i++) {
    key[KEY - 1] = i;
    assert_int_equal(sk_merge_next(merge, &record, NULL), SHUKEI_OK);
    assert_true(record && record->key_length == KEY && !memcmp(record->key, key, KEY));
    assert_int_equal(record->payload_length, i ? PAYLOAD : 0);
  }
  sk_merge_close(merge);
  sk_run_free(run);
  sk_spill_free(spill);
  free(key);
  free(payload);
}

static void a_full_disk_says_what_to_do(void **state)
{
  (void)state;
  struct set set;
  struct sk_budget budget;
  struct rlimit before, lower;
  uint64_t random = 12;
  make_set(&set, &random, 4000, 100, 1000);
  sk_budget_init(&budget, UINT64_MAX);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
  static const rlim_t limits[] = {0, 1, 12, 50000, 262144, 300000, 1500000};
  for (size_t i = 0; i < SK_COUNT(limits); i++) {
    struct sk_spill *spill = NULL;
    struct sk_run *runs[20] = {NULL};
    shukei_error err;
    assert_int_equal(sk_spill_new(&budget, "/tmp", &spill, NULL), SHUKEI_OK);
    lower = before;
    lower.rlim_cur = limits[i];
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &lower), 0);
    shukei_status st = write_runs(spill, &set, &random, runs, i < 6 ? 1 : 3, &err);
    if (!st) /* writes of a merge fail as well */
      st = merge_runs(spill, runs, 3, two_at_once, false, &set, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    char words[100];
    snprintf(words, sizeof words, "temporary file in \"/tmp\": could not write after %llu bytes: ",
             (unsigned long long)sk_spill_bytes(spill));
    char why[128];
    assert_int_equal(st, SHUKEI_EWRITE);
    assert_non_null(strstr(err.text, sk_errno_text(EFBIG, why)));
    assert_non_null(strstr(err.text, words));
    assert_true(i == 6 || sk_spill_bytes(spill) == limits[i]);
    assert_non_null(strstr(err.advice, "TMPDIR"));
    assert_non_null(strstr(err.advice, "--memory"));
    free_runs(runs, 20);
    sk_spill_free(spill);
    assert_int_equal(budget.used_bytes, 0);
  }
  signal(SIGXFSZ, handler);
  sk_arena_reset(&set.arena);
}

/* EWRITE of a spill in the folder (NULL: of the environment), with these words. */
static void expect_no_file(const char *folder, const char *words)
{
  struct sk_spill *spill = NULL;
  struct sk_run *run = NULL;
  shukei_error err;
  assert_int_equal(sk_spill_new(NULL, folder, &spill, &err), SHUKEI_OK);
  assert_int_equal(sk_run_begin(spill, &run, &err), SHUKEI_OK);
  assert_int_equal(sk_run_add(run, "k", 1, "p", 1, &err), SHUKEI_OK);
  assert_int_equal(sk_run_end(run, &err), SHUKEI_EWRITE);
  assert_non_null(strstr(err.text, words));
  sk_run_free(run);
  sk_spill_free(spill);
}

static void the_file_is_where_it_should_be_and_has_no_name(void **state)
{
  (void)state;
  char folder[] = "/tmp/shukei-test-XXXXXX", longer[5000];
  assert_non_null(mkdtemp(folder));
  struct sk_spill *spill = NULL;
  struct sk_run *run = NULL;
  assert_int_equal(setenv("TMPDIR", folder, 1), 0);
  assert_int_equal(sk_spill_new(NULL, NULL, &spill, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_begin(spill, &run, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_add(run, "k", 1, "p", 1, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_end(run, NULL), SHUKEI_OK);
  const int file = sk_test_spill_file(spill);
  struct stat info, of_folder;
  assert_true(fstat(file, &info) == 0 && stat(folder, &of_folder) == 0);
  assert_int_equal(info.st_nlink, 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  assert_int_equal(info.st_dev, of_folder.st_dev);
  assert_true(fcntl(file, F_GETFD) & FD_CLOEXEC);
  assert_int_equal(rmdir(folder), 0); /* nothing is in it */
  sk_run_free(run);
  sk_spill_free(spill);
  expect_no_file(NULL, folder); /* which is gone */
  unsetenv("TMPDIR");
  expect_no_file("/dev/null", "temporary file in \"/dev/null\": could not create it after 0 bytes");
  memset(longer, '/', sizeof longer);
  longer[sizeof longer - 1] = '\0';
  expect_no_file(longer, "temporary file in \"//////");
}

static void a_record_has_a_limit(void **state)
{
  (void)state;
  struct sk_spill *spill = NULL;
  struct sk_run *run = NULL;
  shukei_error err;
  assert_int_equal(sk_spill_new(NULL, NULL, &spill, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_begin(spill, &run, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_add(run, "k", 1, "p", SK_RECORD_MOST_BYTES, &err), SHUKEI_EUNSUPPORTED);
  assert_int_equal(sk_run_add(run, "k", SIZE_MAX, "p", 2, &err), SHUKEI_EUNSUPPORTED);
  assert_non_null(strstr(err.text, "of at most 1073741824"));
  sk_run_free(run);
  sk_spill_free(spill);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_what_qsort_gives),
      cmocka_unit_test(no_runs_and_empty_runs_hold_nothing),
      cmocka_unit_test(what_compresses_takes_less),
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(no_more_memory_than_was_told),
      cmocka_unit_test(place_is_used_again),
      cmocka_unit_test(threads_do_not_disturb_each_other),
      cmocka_unit_test(damage_is_found),
      cmocka_unit_test(a_long_block_is_never_a_compressed_one),
      cmocka_unit_test(sound_blocks_from_elsewhere_are_found),
      cmocka_unit_test(a_checksum_right_by_chance_does_no_harm),
      cmocka_unit_test(long_records_leave_no_long_buffers),
      cmocka_unit_test(long_keys_alike_fit_in_their_blocks),
      cmocka_unit_test(a_full_disk_says_what_to_do),
      cmocka_unit_test(the_file_is_where_it_should_be_and_has_no_name),
      cmocka_unit_test(a_record_has_a_limit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
