/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of days: made, asked, written and read again. */
#include "testing.h"

#include "base/day_list.h"

#define FIRST 20362 /* 2025-10-01 */

static void expect_text(const struct sk_day_list *list, const char *want)
{
  struct sk_buffer text;
  sk_buffer_init(&text, NULL, SIZE_MAX);
  sk_day_list_text(list, &text);
  sk_buffer_byte(&text, '\0');
  assert_string_equal((const char *)text.bytes, want);
  sk_buffer_reset(&text);
}

static void days_become_ranges(void **state)
{
  (void)state;
  static const struct {
    int32_t days[6];
    size_t count;
    const char *want;
  } cases[] = {
      {{0}, 0, ""},
      {{FIRST}, 1, "2025-10-01"},
      {{FIRST, FIRST, FIRST}, 3, "2025-10-01"},
      {{FIRST + 2, FIRST, FIRST + 1}, 3, "2025-10-01..2025-10-03"},
      {{FIRST + 6, FIRST, FIRST + 2, FIRST + 1, FIRST + 4},
       5,
       "2025-10-01..2025-10-03 2025-10-05 2025-10-07"},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    struct sk_day_list list, again;
    int32_t days[6];
    memcpy(days, cases[i].days, sizeof days);
    assert_true(sk_day_list_of(&list, days, cases[i].count, NULL));
    expect_text(&list, cases[i].want);
    assert_true(sk_day_list_parse(cases[i].want, NULL, &again));
    assert_true(again.known);
    expect_text(&again, cases[i].want);
    sk_day_list_reset(&list);
    sk_day_list_reset(&again);
  }
}

static void ranges_meet(void **state)
{
  (void)state;
  static const struct {
    int32_t first, last;
    bool meets;
  } cases[] = {
      {0, 9, false},   {0, 10, true},  {10, 10, true}, {11, 11, true},  {12, 12, true},
      {13, 14, false}, {13, 15, true}, {15, 15, true}, {16, 90, false}, {0, 90, true},
  };
  int32_t days[] = {10, 11, 12, 15};
  struct sk_day_list list;
  assert_true(sk_day_list_of(&list, days, SK_COUNT(days), NULL));
  for (size_t i = 0; i < SK_COUNT(cases); i++)
    if (sk_day_list_meets(&list, (struct sk_day_range){cases[i].first, cases[i].last}) !=
        cases[i].meets)
      fail_msg("%d to %d", cases[i].first, cases[i].last);
  sk_day_list_reset(&list);
  assert_true(sk_day_list_meets(&list, (struct sk_day_range){1, 1})); /* not known: any day */
  list.known = true;
  assert_false(sk_day_list_meets(&list, (struct sk_day_range){1, 1}));
}

static void other_texts_are_not_known(void **state)
{
  (void)state;
  static const char *const texts[] = {
      "?",
      "2025-10-32",
      "2025-10-01,2025-10-02",
      "2025-10-02 2025-10-01",
      "2025-10-01 2025-10-01",
      "2025-10-02..2025-10-01",
      "2025-10-01..2025-13-01",
      "2025-10-01--2025-10-02",
      "2025-10-01  2025-10-03",
      "2025-10-01..2025-10-022",
      "x",
      " ",
  };
  for (size_t i = 0; i < SK_COUNT(texts); i++) {
    struct sk_day_list list;
    assert_true(sk_day_list_parse(texts[i], NULL, &list));
    if (list.known)
      fail_msg("%s", texts[i]);
    expect_text(&list, "?");
    sk_day_list_reset(&list);
  }
}

static void memory_may_lack(void **state)
{
  (void)state;
  struct sk_day_list list;
  int32_t days[] = {1};
  sk_test_fail_alloc(0);
  assert_false(sk_day_list_of(&list, days, 1, NULL));
  sk_test_fail_alloc(0);
  assert_false(sk_day_list_parse("2025-10-01", NULL, &list));
  sk_test_fail_alloc(-1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(days_become_ranges),
      cmocka_unit_test(ranges_meet),
      cmocka_unit_test(other_texts_are_not_known),
      cmocka_unit_test(memory_may_lack),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
