/* SPDX-License-Identifier: Apache-2.0 */
/* A table of texts that several threads add to at once: equal texts get equal ids, ids are dense,
 * entries are whole for whoever is given their id, values are passed on; memory that runs out for
 * one of the threads; emptying; and the lock behind it. */
#include "testing.h"

#include "base/crew.h"
#include "base/intern_run.h"
#include "base/spin.h"

enum { WORKERS = 6, TEXTS = 20000, BAD_EVERY = 50 };

/* Text number n, of 6 to 60 bytes; every BAD_EVERY'th one is no UTF-8. */
static size_t make_text(uint32_t n, char text[80])
{
  const int length = snprintf(text, 80, "%*" PRIu32, (int)(6 + n * 7 % 55), n);
  if (n % BAD_EVERY == 0)
    text[0] = '\xff';
  return (size_t)length;
}

struct work {
  struct sk_intern table;
  struct sk_budget budget;
  uint32_t ids[WORKERS][TEXTS]; /* that a worker was given for each text */
  char *kept;                   /* all texts, 80 bytes each */
  bool keeps;                   /* some are added without a copy */
  _Atomic uint32_t wrong, told, refused;
  _Atomic uint32_t published[TEXTS]; /* id + 1 of the text, by whoever met it */
};

static struct work *begin(bool checks, uint64_t limit)
{
  struct work *w = calloc(1, sizeof *w);
  assert_non_null(w);
  sk_budget_init(&w->budget, limit);
  assert_true(sk_intern_init(&w->table, &w->budget));
  w->table.shared = true;
  w->table.checks = checks;
  w->kept = calloc(TEXTS, 80);
  assert_non_null(w->kept);
  for (uint32_t n = 0; n < TEXTS; n++)
    (void)make_text(n, w->kept + 80 * (size_t)n);
  return w;
}

static void end(struct work *w)
{
  sk_intern_reset(&w->table);
  assert_int_equal(w->budget.used_bytes, 0);
  free(w->kept);
  free(w);
}

static bool has_text(const struct work *w, uint32_t id, uint32_t n)
{
  char text[80];
  const size_t length = make_text(n, text);
  const struct sk_intern_entry *entry = sk_intern_at(&w->table, id);
  return id && entry->length == length && !memcmp(entry->bytes, text, length);
}

/* Looks at what a worker was given for a text, at its value, and at an entry that another thread
 * has published. */
static void look_at(struct work *w, unsigned worker, uint32_t n, uint32_t id, uint64_t *random)
{
  const uint32_t value = sk_intern_value(&w->table, id);
  w->wrong += !has_text(w, id, n) || id >= w->table.count;
  w->wrong += w->ids[worker][n] && w->ids[worker][n] != id;
  w->wrong += value != SK_NO_ID && value != n;
  w->wrong += w->table.checks && sk_intern_at(&w->table, id)->bad != (n % BAD_EVERY == 0);
  sk_intern_set_value(&w->table, id, n);
  w->ids[worker][n] = id;
  atomic_store_explicit(&w->published[n], id + 1, memory_order_release);
  const uint32_t other = (uint32_t)random_below(random, TEXTS);
  const uint32_t told = atomic_load_explicit(&w->published[other], memory_order_acquire);
  if (told) {
    w->told++;
    w->wrong += !has_text(w, told - 1, other) || sk_intern_value(&w->table, told - 1) != other;
  }
}

/* A run of texts from the first on; gives the last one's id. Those that the table is to copy are
 * gone afterwards. */
static uint32_t add_run(struct work *w, unsigned worker, uint32_t first, uint32_t previous,
                        uint64_t *random)
{
  enum { MOST = 300 };
  uint32_t ids[MOST];
  char passing[MOST][80];
  const uint32_t count = 1 + (uint32_t)random_below(random, MOST);
  const bool keeps = w->keeps && random_below(random, 2);
  struct sk_intern_run run;
  bool ok = true;
  sk_intern_run_begin(&run, &w->table, previous, keeps);
  for (uint32_t i = 0; ok && i < count; i++) {
    const uint32_t n = (first + i) % TEXTS;
    const char *text = keeps ? w->kept + 80 * (size_t)n : passing[i];
    const size_t length = make_text(n, passing[i]);
    ok = sk_intern_run_next(&run, text, (uint32_t)length, &ids[i]);
  }
  ok = ok && sk_intern_run_end(&run);
  memset(passing, 0, sizeof passing);
  if (!ok) {
    atomic_fetch_add(&w->refused, 1);
    return previous;
  }
  for (uint32_t i = 0; i < count; i++)
    look_at(w, worker, (first + i) % TEXTS, ids[i], random);
  return run.previous;
}

/* Adds texts in a random order in one of three ways, mostly with a guess as a reader has it. */
static void add_all(void *context, unsigned worker)
{
  struct work *w = context;
  uint64_t random = worker + 1;
  uint32_t previous = 0;
  char text[80];
  for (uint32_t i = 0; i < 3 * TEXTS; i++) {
    const bool jump = random_below(&random, 8) == 0;
    const uint32_t n = jump ? (uint32_t)random_below(&random, TEXTS) : (i + worker * 977) % TEXTS;
    if (random_below(&random, 200) == 0) {
      previous = add_run(w, worker, n, previous, &random);
      continue;
    }
    const size_t length = make_text(n, text);
    const uint32_t id = jump ? sk_intern_add(&w->table, text, length)
                             : sk_intern_next(&w->table, previous, text, length);
    if (id == SK_NO_ID) {
      atomic_fetch_add(&w->refused, 1);
      continue;
    }
    look_at(w, worker, n, id, &random);
    previous = id;
  }
}

/* Every worker that met a text was given the same, and each text is there once. */
static void check_ids(const struct work *w)
{
  uint8_t *seen = calloc(TEXTS + 1, 1);
  assert_non_null(seen);
  for (uint32_t n = 0; n < TEXTS; n++) {
    char text[80];
    const uint32_t id = sk_intern_find(&w->table, text, make_text(n, text));
    assert_true(id && id <= TEXTS && !seen[id]);
    seen[id] = 1;
    for (unsigned worker = 0; worker < WORKERS; worker++)
      assert_true(!w->ids[worker][n] || w->ids[worker][n] == id);
    assert_int_equal(sk_intern_value(&w->table, id), n);
  }
  free(seen);
}

static void equal_texts_get_equal_ids(void **state)
{
  (void)state;
  for (int keeps = 0; keeps < 2; keeps++) {
    struct work *w = begin(true, UINT64_MAX);
    w->keeps = keeps;
    sk_crew_run(NULL, WORKERS, add_all, w);
    assert_int_equal(w->wrong, 0);
    assert_int_equal(w->refused, 0);
    assert_true(w->told > TEXTS);
    assert_int_equal(w->table.count, TEXTS + 1);
    assert_int_equal(w->table.bad_count, TEXTS / BAD_EVERY); /* once each */
    check_ids(w);
    const uint64_t before = w->budget.used_bytes;
    sk_intern_settle(&w->table); /* slots that were outgrown */
    assert_true(w->budget.used_bytes < before);
    check_ids(w);
    end(w);
  }
}

static void a_table_that_checks_nothing_flags_nothing(void **state)
{
  (void)state;
  struct work *w = begin(false, UINT64_MAX);
  const struct sk_intern_text many[] = {{"\xfe", 1}, {"\xfd", 1}};
  uint32_t ids[SK_COUNT(many)];
  assert_int_equal(sk_intern_add(&w->table, "\xff", 1), 1);
  assert_true(sk_intern_add_many(&w->table, many, SK_COUNT(many), false, ids));
  for (uint32_t id = 1; id < w->table.count; id++)
    assert_false(sk_intern_at(&w->table, id)->bad);
  assert_int_equal(w->table.bad_count, 0);
  end(w);
}

/* Memory ends in the middle: who is refused is told so, and all that was given holds. */
static void memory_may_end_for_any_thread(void **state)
{
  (void)state;
  for (uint64_t limit = 100000; limit < 2000000; limit *= 3) {
    struct work *w = begin(true, limit);
    sk_crew_run(NULL, WORKERS, add_all, w);
    assert_int_equal(w->wrong, 0);
    assert_true(w->refused > 0);
    assert_true(w->budget.peak_bytes <= limit);
    assert_true(w->table.count > 100 && w->table.count <= TEXTS);
    end(w);
  }
}

static void adds_with_failures(void *context, unsigned worker)
{
  struct work *w = context;
  if (worker == 0)
    for (int64_t n = 0; n < 40; n++) {
      sk_test_fail_alloc(n % 3);
      sk_wait_shortly(1000);
    }
  add_all(context, worker);
  for (uint32_t n = 0; n < TEXTS; n++) { /* those that were refused */
    char text[80];
    const size_t length = make_text(n, text);
    uint32_t id = sk_intern_add(&w->table, text, length);
    if (id == SK_NO_ID)
      id = sk_intern_add(&w->table, text, length);
    w->wrong += id == SK_NO_ID || (w->ids[worker][n] && w->ids[worker][n] != id);
    w->ids[worker][n] = id;
    sk_intern_set_value(&w->table, id, n);
  }
}

static void a_failed_allocation_changes_nothing(void **state)
{
  (void)state;
  struct work *w = begin(true, UINT64_MAX);
  sk_crew_run(NULL, WORKERS, adds_with_failures, w);
  sk_test_fail_alloc(-1);
  assert_int_equal(w->wrong, 0);
  assert_int_equal(w->table.count, TEXTS + 1);
  check_ids(w);
  end(w);
}

static void is_empty_again(void **state)
{
  (void)state;
  struct work *w = begin(true, UINT64_MAX);
  const uint64_t fresh = w->budget.used_bytes;
  assert_int_equal(w->table.generation, 0);
  for (uint32_t round = 1; round < 4; round++) {
    struct sk_shared *block = sk_shared_new(&w->budget, sk_alloc(&w->budget, 100));
    assert_true(block && sk_intern_keep(&w->table, block));
    sk_shared_leave(block); /* the table is its owner */
    sk_crew_run(NULL, WORKERS, add_all, w);
    assert_int_equal(w->wrong, 0);
    check_ids(w);
    assert_true(sk_intern_empty(&w->table));
    assert_int_equal(w->budget.used_bytes, fresh);
    assert_int_equal(w->table.generation, round);
    assert_int_equal(w->table.count, 1);
    assert_int_equal(w->table.bad_count, 0);
    assert_true(w->table.shared && w->table.checks);
    assert_int_equal(sk_intern_follower(&w->table, 0), 0);
    assert_int_equal(sk_intern_value(&w->table, 0), SK_NO_ID);
    assert_int_equal(sk_intern_find(&w->table, "           1", 12), SK_NO_ID);
    memset(w->ids, 0, sizeof w->ids);
    memset((void *)w->published, 0, sizeof w->published);
  }
  for (int64_t n = 0; n < 3; n++) { /* slots, the list of segments, the first one */
    sk_test_fail_alloc(n);
    assert_false(sk_intern_empty(&w->table));
    assert_true(sk_test_alloc_failed());
    assert_int_equal(w->budget.used_bytes, 0);
    assert_true(sk_intern_init(&w->table, &w->budget));
  }
  sk_test_fail_alloc(-1);
  end(w);
}

/* ---- the lock -------------------------------------------------------------------------------- */

struct counter {
  struct sk_spin spin;
  uint64_t count, copy;
  _Atomic uint32_t wrong;
};

static void count_up(void *context, unsigned worker)
{
  struct counter *counter = context;
  (void)worker;
  for (int i = 0; i < 100000; i++) {
    sk_spin_lock(&counter->spin);
    counter->wrong += counter->count != counter->copy;
    counter->count++;
    if (i % 1000 == 0)
      sk_wait_shortly(1000); /* the others wait for a holder that sleeps */
    counter->copy++;
    sk_spin_unlock(&counter->spin);
  }
}

static void one_thread_at_a_time_holds_the_lock(void **state)
{
  (void)state;
  struct counter counter = {.count = 0};
  sk_crew_run(NULL, WORKERS, count_up, &counter);
  assert_int_equal(counter.wrong, 0);
  assert_int_equal(counter.count, WORKERS * 100000);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equal_texts_get_equal_ids),
      cmocka_unit_test(a_table_that_checks_nothing_flags_nothing),
      cmocka_unit_test(memory_may_end_for_any_thread),
      cmocka_unit_test(a_failed_allocation_changes_nothing),
      cmocka_unit_test(is_empty_again),
      cmocka_unit_test(one_thread_at_a_time_holds_the_lock),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
