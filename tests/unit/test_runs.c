/* SPDX-License-Identifier: Apache-2.0 */
/* Sorted runs: what is merged against qsort() of everything; memory and disks that fail. */
#include "runs_testing.h"

#include "base/crew.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

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
  sk_crew_run(NULL, WORKERS, write_and_merge, &work);
  for (size_t i = 0; i < WORKERS; i++) {
    assert_int_equal(work.statuses[i], SHUKEI_OK);
    sk_arena_reset(&work.sets[i].arena);
  }
  sk_spill_free(work.spill);
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

/* A key that shares most of it with the one before begins a block of its own: there it is written
 * whole. */
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
      cmocka_unit_test(long_records_leave_no_long_buffers),
      cmocka_unit_test(long_keys_alike_fit_in_their_blocks),
      cmocka_unit_test(a_full_disk_says_what_to_do),
      cmocka_unit_test(the_file_is_where_it_should_be_and_has_no_name),
      cmocka_unit_test(a_record_has_a_limit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
