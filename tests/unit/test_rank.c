/* SPDX-License-Identifier: Apache-2.0 */
/* Sorting texts and rows against the C library's sort. */
#include "testing.h"

#include "base/error.h"
#include "summary/rank.h"

static int compare_texts(const void *a, const void *b)
{
  const struct sk_ranked_text *x = a, *y = b;
  const int order = memcmp(x->bytes, y->bytes, x->length < y->length ? x->length : y->length);
  return order ? order : (x->length > y->length) - (x->length < y->length);
}

static void sorts_texts(void **state)
{
  (void)state;
  uint64_t seed = 11;
  for (int round = 0; round < 40; round++) {
    struct sk_intern table;
    struct sk_ranks ranks = {.count = 0};
    struct sk_ranked_text *want;
    const size_t count = 1 + random_below(&seed, round < 20 ? 40 : 3000);
    assert_true(sk_intern_init(&table, NULL));
    for (size_t i = 0; i < count; i++) {
      /* long shared beginnings, few letters, zero bytes, one text the beginning of another */
      char text[64];
      const size_t shared = random_below(&seed, 4) * 8;
      const size_t length = shared + random_below(&seed, 20);
      memset(text, 'x', shared);
      for (size_t k = shared; k < length; k++)
        text[k] = (char)("ab\0\xc3"[random_below(&seed, 4)]);
      const uint32_t id = sk_intern_add(&table, text, length);
      const struct sk_intern_entry *e = sk_intern_at(&table, id);
      assert_true(sk_ranks_want(&ranks, NULL, id, e->bytes, e->length));
    }
    want = sk_alloc(NULL, ranks.count * sizeof *want);
    memcpy(want, ranks.texts, ranks.count * sizeof *want);
    qsort(want, ranks.count, sizeof *want, compare_texts);
    sk_ranks_sort(&ranks);
    for (uint32_t i = 0; i < ranks.count; i++)
      assert_int_equal(ranks.rank.at[want[i].id], i);
    sk_ranks_clear(&ranks);
    for (uint32_t i = 0; i < ranks.rank.count; i++)
      assert_int_equal(ranks.rank.at[i], SK_NO_ID);
    sk_free(want);
    sk_ranks_reset(&ranks);
    sk_intern_reset(&table);
  }
}

static void sorts_rows(void **state)
{
  (void)state;
  enum { ROWS = 2000, WIDTH = 3 };
  uint64_t seed = 13;
  static uint32_t keys[ROWS * WIDTH], order[ROWS], spare[ROWS];
  static const uint32_t bounds[WIDTH] = {5, 70000, 300};
  for (uint32_t i = 0; i < ROWS; i++) {
    order[i] = i;
    for (size_t w = 0; w < WIDTH; w++)
      keys[i * WIDTH + w] = (uint32_t)random_below(&seed, bounds[w]);
  }
  sk_sort_rows(keys, WIDTH, order, spare, ROWS);
  for (size_t i = 1; i < ROWS; i++) {
    const uint32_t *a = &keys[order[i - 1] * WIDTH], *b = &keys[order[i] * WIDTH];
    size_t w = 0;
    while (w < WIDTH && a[w] == b[w])
      w++;
    assert_true(w == WIDTH ? order[i - 1] < order[i] : a[w] < b[w]);
  }
  sk_sort_rows(keys, WIDTH, order, spare, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sorts_texts),
      cmocka_unit_test(sorts_rows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
