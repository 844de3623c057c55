/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that the workers of a stage share, used by several threads at once: groups and days
 * get one index each, followers lead to whole keys, values of texts agree; partials that share them
 * are added to at once and give the sums of one; emptying and its generation; failed
 * allocations. */
#include "testing.h"

#include "base/crew.h"
#include "summary/finish.h"
#include "summary/partial.h"
#include "summary/tables.h"

enum { WORKERS = 6, KEYS = 20000, WORDS = 3, DAYS = 300 };

struct work {
  struct sk_groups groups;
  struct sk_tables *tables;
  struct sk_budget budget;
  uint32_t given[WORKERS][KEYS];
  _Atomic uint32_t wrong, refused;
  struct sk_partial *partials[WORKERS];
};

static struct work *new_work(uint64_t limit)
{
  struct work *w = calloc(1, sizeof *w);
  assert_non_null(w);
  sk_budget_init(&w->budget, limit);
  return w;
}

static void key_of(uint32_t n, uint64_t key[WORDS])
{
  key[0] = sk_pack(n % 50, n % 7);
  key[1] = n;
  key[2] = ~(uint64_t)n << 32;
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* The groups of some keys at once, of which number n is the first. */
static bool add_some(struct work *w, uint32_t n, uint32_t *index)
{
  uint64_t keys[SK_GROUPS_MANY][WORDS];
  uint32_t indexes[SK_GROUPS_MANY];
  const uint32_t count = 1 + n % SK_GROUPS_MANY;
  for (uint32_t i = 0; i < count; i++)
    key_of((n + i) % KEYS, keys[i]);
  if (!sk_groups_add_many(&w->groups, keys[0], count, indexes))
    return false;
  for (uint32_t i = 0; i < count; i++)
    w->wrong += memcmp(sk_groups_key(&w->groups, indexes[i]), keys[i], sizeof keys[i]) != 0;
  *index = indexes[0];
  return true;
}

static void add_groups(void *context, unsigned worker)
{
  struct work *w = context;
  uint64_t random = worker + 1;
  uint32_t last = 0;
  for (uint32_t i = 0; i < 3 * KEYS; i++) {
    const bool jump = random_below(&random, 8) == 0;
    const uint32_t n = jump ? (uint32_t)random_below(&random, KEYS) : (i + worker * 977) % KEYS;
    uint64_t key[WORDS];
    key_of(n, key);
    uint32_t index;
    if (random_below(&random, 3) == 0) {
      if (!add_some(w, n, &index))
        index = SK_NO_ID;
    } else {
      index = jump ? sk_groups_add(&w->groups, key) : sk_groups_next(&w->groups, &last, key, WORDS);
    }
    if (index == SK_NO_ID) {
      atomic_fetch_add(&w->refused, 1);
      continue;
    }
    w->wrong += !index || index >= w->groups.count;
    w->wrong += memcmp(sk_groups_key(&w->groups, index), key, sizeof key) != 0;
    w->wrong += w->given[worker][n] && w->given[worker][n] != index;
    w->given[worker][n] = index;
    const uint32_t follower = sk_groups_follower(&w->groups, index, WORDS);
    if (follower) { /* of any thread: its key is whole */
      const uint64_t *next = sk_groups_key(&w->groups, follower);
      w->wrong += next[1] >= KEYS || next[2] != ~next[1] << 32 || next[0] >> 32 != next[1] % 50;
    }
  }
}

static void equal_keys_get_equal_indexes(void **state)
{
  (void)state;
  struct work *w = new_work(UINT64_MAX);
  uint8_t *seen = calloc(KEYS + 1, 1);
  assert_true(seen && sk_groups_init(&w->groups, WORDS, &w->budget));
  w->groups.shared = true;
  sk_crew_run(NULL, WORKERS, add_groups, w);
  assert_int_equal(w->wrong, 0);
  assert_int_equal(w->refused, 0);
  assert_int_equal(w->groups.count, KEYS + 1);
  for (uint32_t n = 0; n < KEYS; n++) {
    uint64_t key[WORDS];
    key_of(n, key);
    const uint32_t index = sk_groups_add(&w->groups, key); /* which is there */
    assert_true(index && index <= KEYS && !seen[index]);
    seen[index] = 1;
    for (unsigned worker = 0; worker < WORKERS; worker++)
      assert_true(!w->given[worker][n] || w->given[worker][n] == index);
  }
  sk_groups_reset(&w->groups);
  assert_int_equal(w->budget.used_bytes, 0);
  free(seen);
  free(w);
}

static void memory_may_end_for_any_thread(void **state)
{
  (void)state;
  for (uint64_t limit = 100000; limit < 1000000; limit *= 3) {
    struct work *w = new_work(limit);
    assert_true(sk_groups_init(&w->groups, WORDS, &w->budget));
    w->groups.shared = true;
    sk_crew_run(NULL, WORKERS, add_groups, w);
    assert_int_equal(w->wrong, 0);
    assert_true(w->refused > 0 && w->groups.count > 100);
    assert_true(w->budget.peak_bytes <= limit);
    sk_groups_reset(&w->groups);
    assert_int_equal(w->budget.used_bytes, 0);
    free(w);
  }
}

/* ---- days ------------------------------------------------------------------------------------ */

/* Days in an order of its own; a key in the groups of each. */
static void add_days(void *context, unsigned worker)
{
  static const uint32_t steps[WORKERS] = {1, 7, 11, 13, 17, DAYS - 1};
  struct work *w = context;
  for (uint32_t i = 0; i < 5 * DAYS; i++) {
    const uint32_t n = (i * steps[worker] + worker * 31) % DAYS;
    const uint32_t index = sk_tables_day(w->tables, (int32_t)n - 100);
    if (index == SK_NO_ID) {
      atomic_fetch_add(&w->refused, 1);
      continue;
    }
    w->wrong += w->given[worker][n] && w->given[worker][n] != index + 1;
    w->given[worker][n] = index + 1;
    w->wrong += sk_tables_day_number(w->tables, index) != (int32_t)n - 100;
    uint64_t key[WORDS];
    key_of(n, key);
    w->wrong += sk_groups_add(sk_tables_groups(w->tables, index), key) != 1;
  }
}

static void equal_days_get_equal_indexes(void **state)
{
  (void)state;
  struct work *w = new_work(UINT64_MAX);
  w->tables = sk_tables_new(WORDS, &w->budget);
  assert_non_null(w->tables);
  assert_false(sk_tables_in_use(w->tables));
  for (uint32_t round = 0; round < 3; round++) {
    assert_int_equal(w->tables->generation, round);
    memset(w->given, 0, sizeof w->given);
    sk_crew_run(NULL, WORKERS, add_days, w);
    assert_int_equal(w->wrong, 0);
    assert_int_equal(w->tables->days.count, DAYS);
    for (uint32_t n = 0; n < DAYS; n++) {
      const uint32_t index = sk_days_find(&w->tables->days, (int32_t)n - 100);
      assert_true(index < DAYS && w->tables->groups[index]->count == 2);
      for (unsigned worker = 0; worker < WORKERS; worker++)
        assert_int_equal(w->given[worker][n], index + 1);
    }
    for (uint32_t i = 0; i < DAYS; i++) {
      assert_true(sk_tables_in_use(w->tables));
      sk_tables_drop_day(w->tables, i);
      sk_tables_drop_day(w->tables, i); /* nothing to drop */
      assert_null(sk_tables_groups(w->tables, i));
    }
    assert_false(sk_tables_in_use(w->tables));
    assert_int_equal(sk_days_find(&w->tables->days, DAYS), SK_NO_ID);
    assert_true(sk_tables_empty(w->tables));
    assert_int_equal(w->tables->days.count, 0);
    assert_true(w->tables->sets.shared && w->tables->classes.shared && w->tables->pairs.shared);
    assert_true(w->tables->symbols.names.shared && w->tables->symbols.labels.shared);
  }
  sk_tables_leave(w->tables);
  assert_int_equal(w->budget.used_bytes, 0);
  free(w);
}

static void the_last_user_frees(void **state)
{
  (void)state;
  struct work *w = new_work(UINT64_MAX);
  w->tables = sk_tables_new(0, &w->budget);
  assert_non_null(w->tables);
  assert_int_not_equal(sk_tables_day(w->tables, 3), SK_NO_ID);
  assert_null(sk_tables_groups(w->tables, 0)); /* it has none */
  sk_tables_join(w->tables);
  sk_tables_leave(w->tables);
  assert_int_equal(sk_tables_day_number(w->tables, 0), 3);
  sk_tables_leave(w->tables);
  assert_int_equal(w->budget.used_bytes, 0);
  sk_tables_leave(NULL);
  free(w);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  bool failed = true;
  int refused = 0;
  for (int64_t n = 0; failed; n++) {
    struct work *w = new_work(UINT64_MAX);
    sk_test_fail_alloc(n);
    w->tables = sk_tables_new(WORDS, &w->budget);
    bool ok = w->tables != NULL;
    for (uint32_t d = 0; ok && d < 40; d++) {
      uint32_t index = sk_tables_day(w->tables, (int32_t)d);
      if (index == SK_NO_ID) /* nothing changed; the next attempt works */
        index = sk_tables_day(w->tables, (int32_t)d);
      assert_int_equal(index, d);
    }
    ok = ok && sk_tables_empty(w->tables) && sk_tables_day(w->tables, 7) == 0;
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    refused += !ok;
    assert_true(ok || failed);
    sk_tables_leave(w->tables);
    assert_int_equal(w->budget.used_bytes, 0);
    free(w);
  }
  assert_true(refused > 20);
}

/* ---- partials -------------------------------------------------------------------------------- */

enum { BATCHES = 12, ROWS = 500, PODS = 3000 };
#define HOUR_US INT64_C(3600000000)

struct rows {
  struct sk_batch batch;
  uint32_t ids[SK_FIELD_COUNT][ROWS];
  double numbers[ROWS];
};

static void set_id(struct rows *rows, struct sk_intern *table, enum sk_field field, uint32_t i,
                   const char *form, uint32_t n)
{
  char text[64];
  const int length = snprintf(text, sizeof text, form, n);
  rows->ids[field][i] = sk_intern_add(table, text, (size_t)length);
  assert_true(rows->ids[field][i] != SK_NO_ID);
  rows->batch.ids[field] = rows->ids[field];
}

/* Rows of pods that all workers have, and of their own. */
static void fill(struct rows *rows, struct sk_partial *p, unsigned worker, uint64_t *random)
{
  struct sk_symbols *s = sk_partial_symbols(p);
  rows->batch = (struct sk_batch){.report = SK_REPORT_POD, .rows = ROWS};
  for (uint32_t i = 0; i < ROWS; i++) {
    const int64_t us = (int64_t)random_below(random, 72) * HOUR_US;
    const uint32_t pod =
        (uint32_t)random_below(random, PODS) + (random_below(random, 3) ? 0 : PODS * (worker + 1));
    rows->ids[SK_F_INTERVAL_START][i] = sk_intern_add(&s->intervals, &us, sizeof us);
    set_id(rows, &s->names, SK_F_NAMESPACE, i, "space-%" PRIu32, pod % 40);
    set_id(rows, &s->names, SK_F_NODE, i, "node-%" PRIu32, pod % 17);
    set_id(rows, &s->names, SK_F_RESOURCE_ID, i, "i-%" PRIu32, pod % 17);
    set_id(rows, &s->labels, SK_F_POD_LABELS, i, "vm_kubevirt_io_name:%" PRIu32 "|bad", pod);
    rows->numbers[i] = (double)(1 + pod % 9) * 1800;
  }
  rows->batch.ids[SK_F_INTERVAL_START] = rows->ids[SK_F_INTERVAL_START];
  rows->batch.numbers[SK_F_POD_USAGE_CPU] = rows->numbers;
  rows->batch.numbers[SK_F_NODE_CAPACITY_CORES] = rows->numbers;
}

static void add_rows(void *context, unsigned worker)
{
  struct work *w = context;
  struct sk_partial *p = w->partials[worker];
  struct rows *rows = calloc(1, sizeof *rows);
  uint64_t random = worker * 7 + 1;
  for (int b = 0; rows && b < BATCHES; b++) {
    fill(rows, p, worker, &random);
    w->wrong += sk_partial_add(p, &rows->batch, NULL) != SHUKEI_OK;
  }
  w->wrong += !rows;
  free(rows);
}

static shukei_status count_row(void *context, const struct sk_row *row, shukei_error *err)
{
  uint64_t *sums = context;
  (void)err;
  sums[0]++;
  const double hours = row->cells[SK_R_pod_usage_cpu_core_hours].measure;
  if (hours > 0) /* what is unallocated is below zero here */
    sums[1] += (uint64_t)(hours * 2);
  return SHUKEI_OK;
}

/* Rows and half hours of all days. */
static void finish_all(struct sk_finish *finish, uint64_t sums[2])
{
  int32_t number;
  memset(sums, 0, 2 * sizeof *sums);
  while (sk_finish_next_day(finish, INT32_MAX, &number)) {
    struct sk_day *day = NULL;
    uint32_t part;
    assert_int_equal(sk_day_open(finish, number, &day, NULL), SHUKEI_OK);
    for (int half = 0; half < 2; half++) {
      if (half)
        assert_int_equal(sk_day_tail(day, NULL), SHUKEI_OK);
      while (sk_day_claim(day, 0, &part))
        assert_int_equal(sk_day_rows(day, 0, part, count_row, sums, NULL), SHUKEI_OK);
    }
    sk_day_close(day);
  }
}

/* The same rows by threads at once, and one after the other; emptied in between or not. */
static void workers_at_once_give_what_one_does(void **state)
{
  (void)state;
  const struct sk_rules rules = {.labels = SHUKEI_LABELS_KOKU};
  const struct sk_partial *const done[SK_STAGE_COUNT] = {NULL};
  uint64_t want[2] = {0};
  for (int way = 0; way < 4; way++) {
    struct work *w = new_work(UINT64_MAX);
    struct sk_finish *finish = NULL;
    struct sk_summary_counts counts;
    uint64_t sums[2];
    const bool at_once = way & 1, emptied = way & 2;
    for (unsigned i = 0; i < WORKERS; i++)
      assert_int_equal(sk_partial_new(&rules, SK_STAGE_PODS, done, w->partials[0], &w->budget,
                                      &w->partials[i], NULL),
                       SHUKEI_OK);
    assert_int_equal(
        sk_finish_new(&rules, done, w->partials, WORKERS, 1, &w->budget, &finish, NULL), SHUKEI_OK);
    for (int round = 0; round < 2; round++) {
      if (at_once)
        sk_crew_run(NULL, WORKERS, add_rows, w);
      for (unsigned i = 0; !at_once && i < WORKERS; i++)
        add_rows(w, i);
      if (emptied) {
        if (round) /* some have written theirs away before, some have not */
          assert_int_equal(sk_finish_spill(finish, w->partials[1], NULL), SHUKEI_OK);
        assert_int_equal(sk_finish_empty(finish, NULL), SHUKEI_OK);
        assert_int_equal(sk_partial_symbols(w->partials[0])->names.count, 1);
        assert_true(sk_finish_spilled_bytes(finish) > 0);
      }
    }
    assert_int_equal(w->wrong, 0);
    finish_all(finish, sums);
    assert_true(sk_finish_counts(finish, &counts));
    assert_true(counts.label_pairs_skipped > PODS);
    if (way == 0)
      memcpy(want, sums, sizeof want);
    assert_true(want[0] > PODS && want[1] > PODS);
    assert_memory_equal(want, sums, sizeof want);
    sk_finish_free(finish);
    for (unsigned i = 0; i < WORKERS; i++)
      sk_partial_free(w->partials[i]);
    assert_int_equal(w->budget.used_bytes, 0);
    free(w);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equal_keys_get_equal_indexes),
      cmocka_unit_test(memory_may_end_for_any_thread),
      cmocka_unit_test(equal_days_get_equal_indexes),
      cmocka_unit_test(the_last_user_frees),
      cmocka_unit_test(survives_every_failed_allocation),
      cmocka_unit_test(workers_at_once_give_what_one_does),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
