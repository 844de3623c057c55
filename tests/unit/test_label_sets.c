/* SPDX-License-Identifier: Apache-2.0 */
/* Label sets by number: spellings, enabled keys, unions, order. */
#include "testing.h"

#include "validate/label_sets.h"

static const char *const enabled[] = {"app", "tier"};

static uint32_t read_text(struct sk_label_sets *sets, const char *text, bool all)
{
  const uint32_t number = sk_label_sets_read(sets, text, strlen(text), all);
  assert_int_not_equal(number, SK_NO_ID);
  return number;
}

static const char *text_of(const struct sk_label_sets *sets, uint32_t number)
{
  static char text[256];
  const struct sk_intern_entry *const entry = sk_intern_at(&sets->texts, number);
  snprintf(text, sizeof text, "%.*s", (int)entry->length, entry->bytes);
  return text;
}

static const struct {
  const char *text, *all, *kept;
} spellings[] = {
    {"", "{}", "{}"},
    {"{}", "{}", "{}"},
    {"label_app:web|label_tier:front", "{\"app\": \"web\", \"tier\": \"front\"}",
     "{\"app\": \"web\", \"tier\": \"front\"}"},
    {"tier:a|app:b|app:c", "{\"app\": \"c\", \"tier\": \"a\"}",
     "{\"app\": \"c\", \"tier\": \"a\"}"},
    {"nocolon|a:b:c||:x|env:1", "{\"\": \"x\", \"env\": \"1\"}", "{}"},
    {"{\"tier\": \"\\u00fc\", \"app\": 1.50}", "{\"app\": \"1.5\", \"tier\": \"\xc3\xbc\"}",
     "{\"app\": \"1.5\", \"tier\": \"\xc3\xbc\"}"},
    {"{\"app\": null, \"tier\": true, \"x\": [1, \"\xc3\xbc\"]}",
     "{\"tier\": \"true\", \"x\": \"[1, \\\"\\\\u00fc\\\"]\"}", "{\"tier\": \"true\"}"},
    {"{\"x\": {\"a\": [0.1, 1e5, 1e-7], \"b\": \"\\ud83d\\ude00\\u007f\\n\"}, \"app\": 1e-7}",
     "{\"app\": \"1e-07\", \"x\": \"{\\\"a\\\": [0.1, 100000.0, 1e-07], \\\"b\\\": "
     "\\\"\\\\ud83d\\\\ude00\\\\u007f\\\\n\\\"}\"}",
     "{\"app\": \"1e-07\"}"},
    {"\u00a0\x1f app:x\u2003\xc2\x85", "{\"app\": \"x\"}", "{\"app\": \"x\"}"},
    {"\x01 app:x", "{\"\\u0001 app\": \"x\"}", "{}"},
    {"{broken:json", "{\"{broken\": \"json\"}", "{}"},
};

static void reads_both_spellings(void **state)
{
  struct sk_label_sets sets;
  (void)state;
  assert_true(sk_label_sets_init(&sets, enabled, SK_COUNT(enabled), NULL));
  for (size_t i = 0; i < SK_COUNT(spellings); i++) {
    assert_string_equal(text_of(&sets, read_text(&sets, spellings[i].text, true)),
                        spellings[i].all);
    assert_string_equal(text_of(&sets, read_text(&sets, spellings[i].text, false)),
                        spellings[i].kept);
  }
  sk_label_sets_reset(&sets);
}

/* Known sets are found in any spelling, others are not, and nothing is kept. */
static void finds_without_keeping(void **state)
{
  struct sk_label_sets sets;
  uint32_t number;
  (void)state;
  assert_true(sk_label_sets_init(&sets, enabled, SK_COUNT(enabled), NULL));
  const uint32_t known = read_text(&sets, "label_app:web|tier:a", true);
  const uint32_t texts = atomic_load(&sets.texts.count);
  const uint32_t spelled = atomic_load(&sets.spelled[1].count);
  const char *const same[] = {"label_app:web|tier:a", "{\"tier\": \"a\", \"app\": \"web\"}"};
  for (size_t i = 0; i < SK_COUNT(same); i++) {
    assert_true(sk_label_sets_find(&sets, same[i], strlen(same[i]), &number));
    assert_int_equal(number, known);
  }
  assert_true(sk_label_sets_find(&sets, "", 0, &number));
  assert_int_equal(number, SK_NO_LABELS);
  assert_true(sk_label_sets_find(&sets, "{\"app\": \"other\"}", 16, &number));
  assert_int_equal(number, SK_NO_ID);
  assert_int_equal(atomic_load(&sets.texts.count), texts);
  assert_int_equal(atomic_load(&sets.spelled[1].count), spelled);
  sk_label_sets_reset(&sets);
}

static bool is_tier(void *context, const struct sk_plain_label *label)
{
  (void)context;
  return label->key_length == 4 && memcmp(label->key, "tier", 4) == 0;
}

static void merges_and_orders(void **state)
{
  struct sk_label_sets sets;
  (void)state;
  assert_true(sk_label_sets_init(&sets, enabled, SK_COUNT(enabled), NULL));
  const uint32_t a = read_text(&sets, "app:1|tier:1", true), b = read_text(&sets, "app:2", true);
  assert_int_equal(sk_label_sets_union(&sets, a, b), read_text(&sets, "app:2|tier:1", true));
  assert_int_equal(sk_label_sets_union(&sets, b, a), a);
  assert_int_equal(sk_label_sets_union(&sets, SK_NO_LABELS, a), a);
  assert_int_equal(sk_label_sets_union(&sets, a, SK_NO_LABELS), a);
  assert_true(sk_label_sets_compare(&sets, a, b) < 0);
  assert_true(sk_label_sets_compare(&sets, SK_NO_LABELS, a) < 0);
  assert_int_equal(sk_label_sets_compare(&sets, a, a), 0);
  assert_int_equal(sk_label_sets_without(&sets, a, is_tier, NULL), read_text(&sets, "app:1", true));
  assert_true(sk_label_sets_has(&sets, a, "tier", "1"));
  assert_false(sk_label_sets_has(&sets, a, "tier", "2"));
  sk_label_sets_reset(&sets);
}

static void survives_every_failed_allocation(void **state)
{
  bool done = false;
  (void)state;
  for (int n = 0; !done; n++) {
    struct sk_label_sets sets;
    sk_test_fail_alloc(n);
    bool ok = sk_label_sets_init(&sets, enabled, SK_COUNT(enabled), NULL);
    for (size_t i = 0; ok && i < SK_COUNT(spellings); i++) {
      const size_t length = strlen(spellings[i].text);
      const uint32_t a = sk_label_sets_read(&sets, spellings[i].text, length, true);
      const uint32_t b = sk_label_sets_read(&sets, "tier:x|app:y", 12, true);
      ok = sk_label_sets_union(&sets, a, b) != SK_NO_ID;
    }
    assert_true(ok || sk_test_alloc_failed());
    done = ok && !sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    sk_label_sets_reset(&sets);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_both_spellings),
      cmocka_unit_test(finds_without_keeping),
      cmocka_unit_test(merges_and_orders),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
