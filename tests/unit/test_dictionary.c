/* SPDX-License-Identifier: Apache-2.0 */
/* Dictionaries that readers share: who loads, who waits, whose pages they are, and what becomes of
 * a reader that fails. */
#include "testing.h"

#include "base/bytes.h"
#include "parquet/dictionary.h"

#include <sched.h>

static const struct sk_column_meta texts = {
    .name = "c", .path = "c", .type = SK_TYPE_BYTE_ARRAY, .flat = true};

static struct sk_budget budget;
static struct sk_dictionary_pool pool;

static int set_up(void **state)
{
  (void)state;
  sk_budget_init(&budget, UINT64_MAX);
  sk_dictionary_pool_init(&pool, &budget);
  return sk_dictionary_pool_add(&pool, 3) && sk_dictionary_pool_add(&pool, 5) ? 0 : -1;
}

static int tear_down(void **state)
{
  (void)state;
  sk_dictionary_pool_reset(&pool);
  return budget.used_bytes == 0 && pool.count == 0 ? 0 : -1;
}

static bool begin(struct sk_dictionary *d, uint32_t group, int column)
{
  bool wanted = false;
  sk_dictionary_init(d, &texts, &budget);
  assert_int_equal(sk_dictionary_begin(d, &pool, group, column, &wanted, NULL), SHUKEI_OK);
  return wanted;
}

/* A page of one text of a byte. */
static shukei_status load(struct sk_dictionary *d, char text, int32_t count)
{
  uint8_t body[5] = {1, 0, 0, 0, (uint8_t)text};
  const struct sk_page_header header = {.type = SK_PAGE_DICTIONARY,
                                        .stored_length = sizeof body,
                                        .uncompressed_length = sizeof body,
                                        .value_count = count,
                                        .encoding = SK_ENCODING_PLAIN};
  return sk_dictionary_load(d, &header, body, SK_CODEC_UNCOMPRESSED, NULL, NULL);
}

static void says(const struct sk_dictionary *d, char text)
{
  assert_true(d->loaded);
  assert_int_equal(d->count, 1);
  const struct sk_slice slice = sk_dictionary_at(d, 0);
  assert_true(slice.length == 1 && slice.bytes[0] == (uint8_t)text);
}

static void one_page_for_all_readers_of_a_chunk(void **state)
{
  struct sk_dictionary a, b, other_column, other_group, again;
  (void)state;
  assert_true(begin(&a, 0, 3));
  assert_int_equal(load(&a, 'a', 1), SHUKEI_OK);
  assert_false(begin(&b, 0, 3));
  assert_ptr_equal(a.page, b.page);
  says(&b, 'a');
  assert_true(begin(&other_column, 0, 5));
  assert_int_equal(load(&other_column, 'c', 1), SHUKEI_OK);
  assert_true(begin(&other_group, 1, 3));
  assert_ptr_not_equal(other_group.page, a.page);
  assert_int_equal(load(&other_group, 'g', 1), SHUKEI_OK);
  sk_dictionary_reset(&a);
  says(&b, 'a'); /* who has it, keeps it */
  says(&other_group, 'g');
  assert_true(begin(&again, 0, 3)); /* that of the group asked for last alone is held */
  assert_int_equal(load(&again, 'A', 1), SHUKEI_OK);
  says(&b, 'a');
  says(&again, 'A');
  sk_dictionary_reset(&b);
  sk_dictionary_reset(&other_column);
  sk_dictionary_reset(&other_group);
  sk_dictionary_reset(&again);
}

static void columns_that_nobody_shares(void **state)
{
  struct sk_dictionary a, b;
  (void)state;
  assert_true(begin(&a, 0, 4));
  assert_int_equal(load(&a, 'a', 1), SHUKEI_OK);
  assert_true(begin(&b, 0, 4));
  assert_int_equal(load(&b, 'b', 1), SHUKEI_OK);
  says(&a, 'a');
  says(&b, 'b');
  sk_dictionary_reset(&a);
  sk_dictionary_reset(&b);
}

static void a_second_page_of_a_chunk_is_refused(void **state)
{
  struct sk_dictionary a;
  shukei_error err = {.text = ""};
  bool wanted;
  (void)state;
  assert_true(begin(&a, 0, 3));
  assert_int_equal(load(&a, 'a', 1), SHUKEI_OK);
  assert_int_equal(sk_dictionary_begin(&a, &pool, 0, 3, &wanted, &err), SHUKEI_EFORMAT);
  assert_string_equal(err.text, "a second one in the chunk");
  sk_dictionary_reset(&a);
}

/* The next one tries it anew. */
static void readers_that_fail_leave_it_to_others(void **state)
{
  struct sk_dictionary a, b, c;
  (void)state;
  assert_true(begin(&a, 0, 3));
  assert_int_equal(load(&a, 'a', 2), SHUKEI_EFORMAT); /* there is but one */
  assert_false(a.loaded);
  assert_true(begin(&b, 0, 3));
  const uint8_t cut[] = {1, 0, 0, 0, 'a', 9, 0, 0, 0}; /* the second one passes the end */
  const struct sk_page_header header = {.type = SK_PAGE_DICTIONARY,
                                        .stored_length = sizeof cut,
                                        .uncompressed_length = sizeof cut,
                                        .value_count = 2,
                                        .encoding = SK_ENCODING_PLAIN};
  assert_int_equal(sk_dictionary_load(&b, &header, cut, SK_CODEC_UNCOMPRESSED, NULL, NULL),
                   SHUKEI_EFORMAT);
  sk_dictionary_reset(&b);
  assert_true(begin(&b, 0, 3));
  sk_dictionary_give_up(&b);
  assert_false(b.loaded);
  assert_true(begin(&c, 0, 3));
  assert_ptr_equal(c.page, a.page);
  assert_int_equal(load(&c, 'c', 1), SHUKEI_OK);
  says(&c, 'c');
  sk_dictionary_reset(&a);
  sk_dictionary_reset(&b);
  sk_dictionary_reset(&c);
}

static _Atomic uint32_t round_now, started;

static void *begin_beside(void *argument)
{
  struct sk_dictionary *const d = argument;
  bool wanted = false;
  sk_dictionary_init(d, &texts, &budget);
  atomic_fetch_add(&started, 1);
  return sk_dictionary_begin(d, &pool, round_now, 5, &wanted, NULL) || wanted ? NULL : d;
}

/* Whenever they come: while it is loaded they wait, afterwards it is there. */
static void others_wait_while_it_is_loaded(void **state)
{
  (void)state;
  for (uint32_t round = 0; round < 50; round++) {
    struct sk_dictionary first, others[3];
    pthread_t threads[3];
    atomic_store(&round_now, round);
    atomic_store(&started, 0);
    assert_true(begin(&first, round, 5));
    for (int i = 0; i < 3; i++)
      assert_int_equal(pthread_create(&threads[i], NULL, begin_beside, &others[i]), 0);
    while (atomic_load(&started) < round % 4) /* so many of them may be there by now */
      sched_yield();
    assert_int_equal(load(&first, 'x', 1), SHUKEI_OK);
    for (int i = 0; i < 3; i++) {
      void *got = NULL;
      pthread_join(threads[i], &got);
      assert_ptr_equal(got, &others[i]);
      says(&others[i], 'x');
      sk_dictionary_reset(&others[i]);
    }
    sk_dictionary_reset(&first);
  }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      CASE(one_page_for_all_readers_of_a_chunk), CASE(columns_that_nobody_shares),
      CASE(a_second_page_of_a_chunk_is_refused), CASE(readers_that_fail_leave_it_to_others),
      CASE(others_wait_while_it_is_loaded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
