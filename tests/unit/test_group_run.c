/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of texts and of groups' keys: what they give is what one call a text gives, with the same
 * followers, however the order changes; repetitions within what waits; failed allocations. */
#include "testing.h"

#include "base/intern_run.h"
#include "summary/group_run.h"

enum { TEXTS = 700, STEPS = 40000, MOST = 1000 };

/* Text number n, of up to 300 bytes; every fiftieth is empty. */
static uint32_t make_text(uint32_t n, char text[320])
{
  memset(text, 'x', 320);
  return n % 50 == 49 ? 0 : (uint32_t)snprintf(text, 320, "%*" PRIu32, (int)(4 + n * 7 % 300), n);
}

/* Mostly the same order again and again, at times another; now and then a text again at once. */
static uint32_t next_number(uint64_t *random, uint32_t step, uint32_t before)
{
  const uint64_t way = random_below(random, 20);
  return way == 0 ? (uint32_t)random_below(random, TEXTS) : way == 1 ? before : step % 500;
}

struct texts {
  char bytes[MOST][320];
  uint32_t lengths[MOST], numbers[MOST], ids[MOST];
};

static void texts_get_the_ids_of_single_calls(void **state)
{
  (void)state;
  struct texts *t = calloc(1, sizeof *t);
  assert_non_null(t);
  for (int shared = 0; shared < 2; shared++) {
    struct sk_intern in_runs, singly;
    uint64_t random = 7;
    uint32_t run_previous = 0, previous = 0, number = 0;
    assert_true(sk_intern_init(&in_runs, NULL) && sk_intern_init(&singly, NULL));
    in_runs.shared = shared;
    in_runs.checks = singly.checks = true;
    for (uint32_t step = 0; step < STEPS;) {
      struct sk_intern_run run;
      const uint32_t count = (uint32_t)random_below(&random, MOST);
      sk_intern_run_begin(&run, &in_runs, run_previous, false);
      for (uint32_t i = 0; i < count; i++, step++) {
        number = next_number(&random, step, number);
        t->lengths[i] = make_text(number, t->bytes[i]);
        if (number % 13 == 0)
          t->bytes[i][0] = '\xff';
        assert_true(sk_intern_run_next(&run, t->bytes[i], t->lengths[i], &t->ids[i]));
      }
      assert_true(sk_intern_run_end(&run));
      run_previous = run.previous;
      for (uint32_t i = 0; i < count; i++) {
        const uint32_t id = sk_intern_next(&singly, previous, t->bytes[i], t->lengths[i]);
        assert_int_equal(t->ids[i], id);
        assert_int_equal(sk_intern_at(&in_runs, id)->bad, sk_intern_at(&singly, id)->bad);
        previous = id;
      }
      assert_int_equal(run_previous, previous);
      memset(t->bytes, 0, sizeof t->bytes); /* the table has its own copies */
    }
    assert_int_equal(in_runs.count, singly.count);
    assert_int_equal(in_runs.bad_count, singly.bad_count);
    for (uint32_t id = 0; id < singly.count; id++) {
      const struct sk_intern_entry *entry = sk_intern_at(&in_runs, id);
      assert_int_equal(entry->follower, sk_intern_at(&singly, id)->follower);
      assert_int_equal(entry->length, sk_intern_at(&singly, id)->length);
      assert_memory_equal(entry->bytes, sk_intern_at(&singly, id)->bytes, entry->length);
    }
    sk_intern_reset(&in_runs);
    sk_intern_reset(&singly);
  }
  free(t);
}

/* hinted: a few keys share each hint, so that it is right, another key's, or, at first, beyond the
 * table. Otherwise no hint is ever right, and followers are those of single calls, too. */
static void check_keys(bool shared, bool hinted)
{
  struct sk_groups in_runs, singly;
  static _Atomic uint32_t hints[MOST];
  static uint32_t indexes[MOST];
  static uint64_t keys[MOST][SK_GROUP_RUN_WORDS];
  uint64_t random = 9;
  uint32_t run_last = 0, last = 0, number = 0;
  assert_true(sk_groups_init(&in_runs, SK_GROUP_RUN_WORDS, NULL) &&
              sk_groups_init(&singly, SK_GROUP_RUN_WORDS, NULL));
  in_runs.shared = shared;
  memset(hints, 0xff, sizeof hints);
  for (uint32_t step = 0; step < STEPS;) {
    struct sk_group_run run;
    const uint32_t count = (uint32_t)random_below(&random, MOST);
    sk_group_run_begin(&run, &in_runs, run_last);
    for (uint32_t i = 0; i < count; i++, step++) {
      number = next_number(&random, step, number);
      keys[i][0] = number % 50;
      keys[i][1] = (uint64_t)number << 32;
      _Atomic uint32_t *hint = &hints[hinted ? number % 300 : i];
      if (!hinted)
        atomic_store(hint, UINT32_MAX);
      assert_true(sk_group_run_next(&run, keys[i], hint, &indexes[i]));
    }
    assert_true(sk_group_run_end(&run));
    run_last = run.last;
    for (uint32_t i = 0; i < count; i++)
      assert_int_equal(indexes[i], sk_groups_next(&singly, &last, keys[i], SK_GROUP_RUN_WORDS));
    assert_true(hinted || run_last == last);
  }
  assert_int_equal(in_runs.count, singly.count);
  for (uint32_t i = 0; !hinted && i < singly.count; i++)
    assert_int_equal(sk_groups_follower(&in_runs, i, SK_GROUP_RUN_WORDS),
                     sk_groups_follower(&singly, i, SK_GROUP_RUN_WORDS));
  sk_groups_reset(&in_runs);
  sk_groups_reset(&singly);
}

static void keys_get_the_groups_of_single_calls(void **state)
{
  (void)state;
  for (int kind = 0; kind < 4; kind++)
    check_keys(kind & 1, kind & 2);
}

/* A key that is known and whose hint is right is told at once, and waits for nobody. */
static void a_right_hint_needs_no_search(void **state)
{
  (void)state;
  const uint64_t keys[2][SK_GROUP_RUN_WORDS] = {{1, 2}, {3, 4}};
  _Atomic uint32_t hints[2] = {0, 0};
  struct sk_groups groups;
  struct sk_group_run run;
  uint32_t indexes[2] = {0, 0}, again = 0, other = 0;
  assert_true(sk_groups_init(&groups, SK_GROUP_RUN_WORDS, NULL));
  for (int i = 0; i < 2; i++) {
    sk_group_run_begin(&run, &groups, 0);
    assert_true(sk_group_run_next(&run, keys[i], &hints[i], &indexes[i]));
    assert_true(sk_group_run_end(&run));
    assert_int_equal(hints[i], indexes[i]);
  }
  const uint64_t unknown[SK_GROUP_RUN_WORDS] = {5, 6};
  _Atomic uint32_t none = 0;
  sk_group_run_begin(&run, &groups, 0);
  run.limit = SK_GROUPS_MANY;
  assert_true(sk_group_run_next(&run, unknown, &none, &other));
  assert_int_equal(run.count, 1); /* this one waits */
  assert_true(sk_group_run_next(&run, keys[0], &hints[0], &again));
  assert_int_equal(run.count, 1);
  assert_int_equal(again, indexes[0]);
  assert_true(sk_group_run_end(&run));
  assert_int_equal(other, 3);
  sk_groups_reset(&groups);
}

/* Twice as many keys wait each time, up to the most; where one follows as it did before, one is
 * enough again. */
static void more_wait_each_time(void **state)
{
  (void)state;
  enum { KEYS = 1 + 2 + 4 + 8 + 16 + 32 + 64 + 64 };
  static uint32_t indexes[KEYS + 2];
  static _Atomic uint32_t hints[KEYS + 2];
  struct sk_groups groups;
  struct sk_group_run run;
  uint32_t limit = 1, waiting = 0;
  assert_true(sk_groups_init(&groups, SK_GROUP_RUN_WORDS, NULL));
  sk_group_run_begin(&run, &groups, 0);
  for (uint32_t i = 0; i < KEYS; i++) {
    const uint64_t key[SK_GROUP_RUN_WORDS] = {i, 7};
    assert_int_equal(run.limit, limit);
    assert_true(sk_group_run_next(&run, key, &hints[i], &indexes[i]));
    if (++waiting == limit) {
      waiting = 0;
      limit = limit < SK_GROUPS_MANY ? 2 * limit : limit;
    }
    assert_int_equal(run.count, waiting);
  }
  assert_int_equal(run.count, 0);
  assert_int_equal(limit, SK_GROUPS_MANY);
  sk_group_run_begin(&run, &groups, indexes[5]);
  run.limit = SK_GROUPS_MANY;
  atomic_store(&hints[6], 0);
  assert_true(sk_group_run_next(&run, (const uint64_t[]){6, 7}, &hints[6], &indexes[KEYS]));
  assert_int_equal(indexes[KEYS], indexes[6]);
  assert_int_equal(run.limit, 1);
  sk_groups_reset(&groups);
}

/* One run of all texts, and of all keys; false when memory lacks. */
static bool add_all(struct sk_intern *table, struct sk_groups *groups, uint32_t ids[TEXTS],
                    uint32_t indexes[TEXTS])
{
  static char bytes[TEXTS][320];
  struct sk_intern_run texts;
  static _Atomic uint32_t hints[TEXTS];
  struct sk_group_run keys;
  sk_intern_run_begin(&texts, table, 0, false);
  sk_group_run_begin(&keys, groups, 0);
  for (uint32_t i = 0; i < TEXTS; i++) {
    const uint32_t length = make_text(i, bytes[i]);
    const uint64_t key[SK_GROUP_RUN_WORDS] = {i, ~(uint64_t)i};
    if (!sk_intern_run_next(&texts, bytes[i], length, &ids[i]) ||
        !sk_group_run_next(&keys, key, &hints[i], &indexes[i]))
      return false;
  }
  return sk_intern_run_end(&texts) && sk_group_run_end(&keys);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  bool failed = true;
  for (int64_t n = 0; failed; n++) {
    struct sk_budget budget;
    struct sk_intern table;
    struct sk_groups groups = {.words = 0};
    uint32_t ids[TEXTS], indexes[TEXTS];
    sk_budget_init(&budget, UINT64_MAX);
    sk_test_fail_alloc(n);
    const bool begun = sk_intern_init(&table, &budget);
    const bool both = begun && sk_groups_init(&groups, SK_GROUP_RUN_WORDS, &budget);
    if (both && !add_all(&table, &groups, ids, indexes)) {
      assert_true(sk_test_alloc_failed());
      assert_true(add_all(&table, &groups, ids, indexes)); /* the next attempt works */
    }
    for (uint32_t i = 0; both && i < TEXTS; i++) {
      char text[320];
      const uint32_t length = make_text(i, text);
      assert_int_equal(sk_intern_find(&table, text, length), ids[i]);
      assert_int_equal(sk_groups_key(&groups, indexes[i])[0], i);
    }
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    if (both)
      sk_groups_reset(&groups);
    if (begun)
      sk_intern_reset(&table);
    assert_int_equal(budget.used_bytes, 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(texts_get_the_ids_of_single_calls),
      cmocka_unit_test(keys_get_the_groups_of_single_calls),
      cmocka_unit_test(a_right_hint_needs_no_search),
      cmocka_unit_test(more_wait_each_time),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
