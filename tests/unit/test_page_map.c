/* SPDX-License-Identifier: Apache-2.0 */
/* The map of a row group's pages: it knows what was noted without a gap, by whichever thread, of
 * the row group that was begun last, and nothing where memory lacks. */
#include "testing.h"

#include "base/crew.h"
#include "parquet/page_map.h"

#include <string.h>

#define GROUP 7u
#define COLUMNS 3u
#define PAGES 500u

/* Pages of 10, 11, 12 ... 19, 10 ... rows: the first row of page n. */
static int64_t row_of(uint32_t n)
{
  int64_t row = 0;
  for (uint32_t i = 0; i < n; i++)
    row += 10 + i % 10;
  return row;
}

static struct sk_mapped_page page_of(int column, uint32_t n)
{
  return (struct sk_mapped_page){
      .offset = 1000u * (uint64_t)column + n, .first_row = row_of(n), .number = n};
}

static void note(struct sk_page_maps *maps, int column, uint32_t n)
{
  const struct sk_mapped_page page = page_of(column, n);
  sk_page_maps_note(maps, GROUP, column, &page);
}

static void expect(struct sk_page_maps *maps, int column, int64_t row, uint32_t n)
{
  struct sk_mapped_page page = {0};
  if (!sk_page_maps_find(maps, GROUP, column, row, &page))
    fail_msg("column %d, row %" PRId64 ": no page", column, row);
  const struct sk_mapped_page want = page_of(column, n);
  if (page.number != n || page.offset != want.offset || page.first_row != want.first_row)
    fail_msg("column %d, row %" PRId64 ": page %" PRIu32 ", expected %" PRIu32, column, row,
             page.number, n);
}

static void expect_none(struct sk_page_maps *maps, uint32_t group, int column, int64_t row)
{
  struct sk_mapped_page page = page_of(9, 9);
  const struct sk_mapped_page before = page;
  assert_false(sk_page_maps_find(maps, group, column, row, &page));
  assert_memory_equal(&page, &before, sizeof page);
}

static void begin(struct sk_page_maps *maps, struct sk_budget *budget)
{
  sk_budget_init(budget, UINT64_MAX);
  sk_page_maps_init(maps, budget);
  expect_none(maps, 0, 0, 0); /* no row group was begun */
  note(maps, 0, 0);
  sk_page_maps_begin(maps, GROUP, COLUMNS);
  expect_none(maps, GROUP, 0, 0);
}

static void end(struct sk_page_maps *maps, struct sk_budget *budget)
{
  sk_page_maps_reset(maps);
  assert_int_equal(budget->used_bytes, 0);
}

static void finds_the_page_of_a_row(void **state)
{
  (void)state;
  struct sk_page_maps maps;
  struct sk_budget budget;
  begin(&maps, &budget);
  for (uint32_t n = 0; n < PAGES; n++)
    for (int column = 0; column < 2; column++) { /* the other column's are its own */
      note(&maps, column, n);
      expect(&maps, column, INT64_MAX, n);
    }
  for (uint32_t n = 0; n < PAGES; n++)
    for (int column = 0; column < 2; column++) {
      expect(&maps, column, row_of(n), n);
      expect(&maps, column, row_of(n + 1) - 1, n);
    }
  expect_none(&maps, GROUP, 2, 0);
  expect_none(&maps, GROUP, 0, -1);
  end(&maps, &budget);
}

static void knows_no_gaps(void **state)
{
  (void)state;
  struct sk_page_maps maps;
  struct sk_budget budget;
  begin(&maps, &budget);
  note(&maps, 1, 1); /* without its predecessor */
  expect_none(&maps, GROUP, 1, INT64_MAX);
  note(&maps, 1, 0);
  note(&maps, 1, 2);
  expect(&maps, 1, INT64_MAX, 0);
  const struct sk_mapped_page other = {.offset = 1, .first_row = 5, .number = 0};
  sk_page_maps_note(&maps, GROUP, 1, &other); /* known: the first word counts */
  expect(&maps, 1, INT64_MAX, 0);
  note(&maps, 1, 1);
  expect(&maps, 1, INT64_MAX, 1);
  end(&maps, &budget);
}

static void is_of_one_row_group(void **state)
{
  (void)state;
  struct sk_page_maps maps;
  struct sk_budget budget;
  const struct sk_mapped_page first = page_of(0, 0);
  begin(&maps, &budget);
  sk_page_maps_note(&maps, GROUP + 1, 0, &first);
  sk_page_maps_note(&maps, GROUP, COLUMNS, &first); /* a column that it has not */
  expect_none(&maps, GROUP, 0, 0);
  note(&maps, 0, 0);
  expect_none(&maps, GROUP + 1, 0, 0);
  expect_none(&maps, GROUP, COLUMNS, 0);
  sk_page_maps_begin(&maps, GROUP + 1, COLUMNS);
  expect_none(&maps, GROUP, 0, 0);
  expect_none(&maps, GROUP + 1, 0, 0);
  note(&maps, 0, 0); /* by a reader that is still in the one before */
  expect_none(&maps, GROUP + 1, 0, 0);
  end(&maps, &budget);
}

static void notes_nothing_where_memory_lacks(void **state)
{
  (void)state;
  struct sk_page_maps maps;
  struct sk_budget budget;
  begin(&maps, &budget);
  sk_test_fail_alloc(0);
  sk_page_maps_begin(&maps, GROUP, COLUMNS);
  sk_test_fail_alloc(-1);
  note(&maps, 0, 0);
  expect_none(&maps, GROUP, 0, 0);
  sk_page_maps_begin(&maps, GROUP, COLUMNS);
  for (uint32_t n = 0; n < PAGES; n++) {
    sk_test_fail_alloc(0);
    note(&maps, 0, n);
    const bool failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    if (failed && n)
      expect(&maps, 0, INT64_MAX, n - 1);
    note(&maps, 0, n); /* known already, or now */
    expect(&maps, 0, INT64_MAX, n);
  }
  end(&maps, &budget);
}

struct walk {
  struct sk_page_maps maps;
  _Atomic uint32_t missed;
};

/* Each goes over the same pages and looks for some that it has met. */
static void go(void *context, unsigned worker)
{
  struct walk *const walk = context;
  for (uint32_t n = 0; n < PAGES; n++) {
    struct sk_mapped_page page;
    note(&walk->maps, 2, n);
    const uint32_t wanted = (n + worker) / 2;
    if (!sk_page_maps_find(&walk->maps, GROUP, 2, row_of(wanted), &page) || page.number != wanted)
      walk->missed++;
  }
}

static void is_shared_by_threads(void **state)
{
  (void)state;
  struct walk walk = {.missed = 0};
  struct sk_budget budget;
  begin(&walk.maps, &budget);
  sk_crew_run(NULL, 2, go, &walk);
  assert_int_equal(walk.missed, 0);
  for (uint32_t n = 0; n < PAGES; n++)
    expect(&walk.maps, 2, row_of(n), n);
  end(&walk.maps, &budget);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_the_page_of_a_row), cmocka_unit_test(knows_no_gaps),
      cmocka_unit_test(is_of_one_row_group),     cmocka_unit_test(notes_nothing_where_memory_lacks),
      cmocka_unit_test(is_shared_by_threads),
  };
  return cmocka_run_group_tests_name("page_map", tests, NULL, NULL);
}
