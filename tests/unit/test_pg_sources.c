/* SPDX-License-Identifier: Apache-2.0 */
/* Sources of a run into PostgreSQL: their order, their days, and what is left when memory lacks. */
#include "testing.h"

#include "sink/pg_sources.h"

static void expect_days(const struct sk_pg_sources *sources, const struct sk_pg_source *one,
                        const char *want)
{
  struct sk_buffer text;
  sk_buffer_init(&text, NULL, SIZE_MAX);
  sk_pg_days_text(sources, one, &text);
  assert_string_equal((const char *)text.bytes, want);
  sk_buffer_reset(&text);
}

static void add_days(struct sk_pg_sources *sources, const int32_t *days, size_t count)
{
  for (size_t i = 0; i < count; i++)
    sk_pg_days_add(&sources->list[sources->count - 1].days, days[i]);
}

static void each_has_its_days(void **state)
{
  (void)state;
  static const int32_t first[] = {20362, 20362, 20363}, second[] = {20361, 20363, 20363};
  struct sk_pg_sources sources;
  sk_pg_sources_init(&sources, NULL);
  assert_true(sk_pg_sources_begin(&sources, "b"));
  assert_true(sk_pg_sources_is(&sources, "b") && !sk_pg_sources_is(&sources, NULL));
  expect_days(&sources, NULL, "{}");
  add_days(&sources, first, SK_COUNT(first));
  assert_true(sk_pg_sources_begin(&sources, NULL));
  assert_true(sk_pg_sources_is(&sources, NULL) && !sk_pg_sources_is(&sources, "b"));
  add_days(&sources, second, SK_COUNT(second));
  assert_true(sk_pg_sources_begin(&sources, "a"));
  expect_days(&sources, &sources.list[0], "{2025-10-01,2025-10-02}");
  expect_days(&sources, &sources.list[1], "{2025-09-30,2025-10-02}");
  expect_days(&sources, &sources.list[2], "{}");
  expect_days(&sources, NULL, "{2025-10-01,2025-10-02,2025-09-30,2025-10-02}");
  const struct sk_buffer *days = &sources.list[1].days;
  assert_int_equal(sk_pg_days_first(days), 20361);
  assert_int_equal(sk_pg_days_last(days), 20363);
  assert_int_equal(sk_pg_days_last(&sources.list[2].days), INT32_MIN);
  assert_true(sk_pg_days_have(days, 20361) && sk_pg_days_have(days, 20363));
  assert_false(sk_pg_days_have(days, 20362));
  sk_pg_sources_sort(&sources);
  assert_null(sources.list[0].name);
  assert_string_equal(sources.list[1].name, "a");
  assert_string_equal(sources.list[2].name, "b");
  expect_days(&sources, &sources.list[2], "{2025-10-01,2025-10-02}");
  sk_pg_sources_reset(&sources);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  bool failed = true;
  for (int n = 0; failed; n++) {
    struct sk_budget budget;
    struct sk_pg_sources sources;
    sk_budget_init(&budget, UINT64_MAX);
    sk_pg_sources_init(&sources, &budget);
    sk_test_fail_alloc(n);
    bool ok = sk_pg_sources_begin(&sources, "one") && sk_pg_sources_begin(&sources, "two");
    if (ok) {
      sk_pg_days_add(&sources.list[1].days, 1);
      ok = !sources.list[1].days.failed;
    }
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    assert_true(ok || failed);
    sk_pg_sources_reset(&sources);
    assert_int_equal(atomic_load(&budget.used_bytes), 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_has_its_days),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
