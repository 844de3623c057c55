/* SPDX-License-Identifier: Apache-2.0 */
/* Label sets: filtering, equality, union, order, text. */
#include "testing.h"

#include "summary/labelsets.h"

static const char *const enabled[] = {"app", "tier", "env", "naïve"};
static const struct sk_rules rules = {.enabled_keys = enabled,
                                      .enabled_key_count = SK_COUNT(enabled)};

struct tables {
  struct sk_keys keys;
  struct sk_labelsets sets;
  struct sk_label_texts texts;
  struct sk_intern labels, canonical;
  struct sk_budget budget;
};

static bool begin(struct tables *t)
{
  sk_budget_init(&t->budget, UINT64_MAX);
  sk_label_texts_init(&t->texts, &t->budget);
  const bool keys = sk_keys_init(&t->keys, &rules, &t->budget);
  const bool sets = sk_intern_init(&t->canonical, &t->budget);
  const bool labels = sk_intern_init(&t->labels, &t->budget);
  sk_labelsets_init(&t->sets, &t->canonical, &t->budget);
  return keys && sets && labels; /* all are made, so that end() may reset all */
}
static void end(struct tables *t)
{
  sk_label_texts_reset(&t->texts);
  sk_keys_reset(&t->keys);
  sk_labelsets_reset(&t->sets);
  sk_intern_reset(&t->canonical);
  sk_intern_reset(&t->labels);
  assert_int_equal(t->budget.used_bytes, 0);
}
static uint32_t set_of(struct tables *t, const char *text)
{
  const uint32_t id = sk_intern_add(&t->labels, text, strlen(text));
  if (id == SK_NO_ID)
    return SK_NO_ID;
  return sk_label_texts_set(&t->texts, &t->sets, &t->keys, &t->labels, id);
}
static struct sk_text canonical_of(const struct tables *t, uint32_t set)
{
  const struct sk_intern_entry *e = sk_intern_at(&t->canonical, set);
  return (struct sk_text){e->bytes, e->length};
}

static bool json_of_union(const struct tables *t, uint32_t a, uint32_t b, struct sk_buffer *out)
{
  const struct sk_text sets[] = {canonical_of(t, a), canonical_of(t, b)};
  return sk_labelsets_json(sets, 2, out);
}

static bool has_text(struct tables *t, uint32_t set, const char *want)
{
  struct sk_buffer out;
  sk_buffer_init(&out, NULL, SIZE_MAX);
  const struct sk_text canonical = canonical_of(t, set);
  assert_true(sk_labelsets_json(&canonical, 1, &out));
  const bool same = out.length == strlen(want) && !memcmp(out.bytes, want, out.length);
  if (!same)
    print_error("%.*s, not %s\n", (int)out.length, (const char *)out.bytes, want);
  sk_buffer_reset(&out);
  return same;
}

static void filters_and_interns(void **state)
{
  (void)state;
  static const struct {
    const char *text, *want;
    uint32_t skipped;
  } rows[] = {
      {"", "{}", 0},
      {"{}", "{}", 0},
      {"label_secret:1", "{}", 0},
      {"label_app:web|label_tier:front", "{\"app\": \"web\", \"tier\": \"front\"}", 0},
      {"label_tier:front|app:web|secret:x", "{\"app\": \"web\", \"tier\": \"front\"}", 0},
      {"{\"tier\": \"front\", \"app\": \"web\"}", "{\"app\": \"web\", \"tier\": \"front\"}", 0},
      {"app:web|nocolon|a:b:c", "{\"app\": \"web\"}", 2},
      {"label_app:", "{\"app\": \"\"}", 0},
      {"vm_kubevirt_io_name:v", "{\"vm_kubevirt_io_name\": \"v\"}", 0},
      {"naïve:😀", "{\"naïve\": \"😀\"}", 0},
  };
  struct tables t;
  assert_true(begin(&t));
  uint32_t skipped = 0;
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    for (int again = 0; again < 2; again++)
      if (!has_text(&t, set_of(&t, rows[i].text), rows[i].want))
        fail_msg("%s", rows[i].text);
    skipped += rows[i].skipped;
  }
  uint32_t counted = 0;
  for (uint32_t i = 0; i < t.texts.skipped_count; i++)
    counted += t.texts.skipped[i].pairs;
  assert_int_equal(counted, skipped);
  assert_int_equal(set_of(&t, "label_secret:1"), 0);
  assert_int_equal(set_of(&t, "app:web|tier:front"), set_of(&t, "tier:front|app:web"));
  end(&t);
}

static void marks_infra(void **state)
{
  (void)state;
  struct tables t;
  assert_true(begin(&t));
  assert_true(set_of(&t, "label_node_role_kubernetes_io:infra") & SK_TEXT_INFRA);
  assert_true(set_of(&t, "app:x|node_role_kubernetes_io:infra|tier:y") & SK_TEXT_INFRA);
  assert_false(set_of(&t, "label_node_role_kubernetes_io:infrared") & SK_TEXT_INFRA);
  assert_false(set_of(&t, "app:infra") & SK_TEXT_INFRA);
  end(&t);
}

static void unites(void **state)
{
  (void)state;
  static const struct {
    const char *a, *b, *want;
  } rows[] = {
      {"", "", "{}"},
      {"app:a", "", "{\"app\": \"a\"}"},
      {"", "app:b", "{\"app\": \"b\"}"},
      {"app:a", "app:b", "{\"app\": \"b\"}"},
      {"app:a|tier:1", "app:b", "{\"app\": \"b\", \"tier\": \"1\"}"},
      {"app:a", "app:b|tier:1", "{\"app\": \"b\", \"tier\": \"1\"}"},
      {"tier:1", "app:b", "{\"app\": \"b\", \"tier\": \"1\"}"},
      {"env:e|tier:1", "app:b|tier:2", "{\"app\": \"b\", \"env\": \"e\", \"tier\": \"2\"}"},
  };
  struct tables t;
  assert_true(begin(&t));
  for (int again = 0; again < 2; again++)
    for (size_t i = 0; i < SK_COUNT(rows); i++) {
      const uint32_t a = set_of(&t, rows[i].a), b = set_of(&t, rows[i].b);
      struct sk_buffer json;
      sk_buffer_init(&json, NULL, SIZE_MAX);
      assert_true(json_of_union(&t, a, b, &json));
      sk_buffer_byte(&json, 0);
      assert_string_equal(json.bytes, rows[i].want);
      sk_buffer_reset(&json);
      if (!has_text(&t, sk_labelsets_union(&t.sets, a, b), rows[i].want))
        fail_msg("%s with %s", rows[i].a, rows[i].b);
    }
  end(&t);
}

static void compares_as_lists_of_pairs(void **state)
{
  (void)state;
  static const char *const ascending[] = {
      "",       "app:",  "app:a", "app:a|env:1", "app:a|tier:", "app:a|tier:0",
      "app:aa", "app:ä", "env:",  "tier:a",      "tier:b"};
  struct tables t;
  assert_true(begin(&t));
  for (size_t i = 0; i < SK_COUNT(ascending); i++)
    for (size_t k = 0; k < SK_COUNT(ascending); k++) {
      const int order =
          sk_labelsets_compare(&t.sets, set_of(&t, ascending[i]), set_of(&t, ascending[k]));
      if ((order > 0) - (order < 0) != (i > k) - (i < k))
        fail_msg("\"%s\" and \"%s\"", ascending[i], ascending[k]);
    }
  end(&t);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  bool failed = true;
  for (int64_t n = 0; failed; n++) {
    struct tables t;
    struct sk_buffer out;
    sk_buffer_init(&out, NULL, SIZE_MAX);
    sk_test_fail_alloc(n);
    bool ok = begin(&t);
    for (int i = 0; ok && i < 80; i++) {
      char text[2000]; /* the last one might be of so many labels that there is no room in a list */
      snprintf(text, sizeof text, "app:%0*d|tier:%d|bad", i < 79 ? 1 : 1900, i, i % 3);
      const uint32_t a = set_of(&t, text);
      ok = a != SK_NO_ID;
      if (!ok)
        break;
      const uint32_t b = set_of(&t, "tier:9|env:1");
      ok = b != SK_NO_ID && sk_labelsets_union(&t.sets, a, b) != SK_NO_ID &&
           json_of_union(&t, a, b, &out) && !out.failed;
    }
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    assert_true(ok || failed);
    sk_buffer_reset(&out);
    end(&t);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(filters_and_interns),
      cmocka_unit_test(marks_infra),
      cmocka_unit_test(unites),
      cmocka_unit_test(compares_as_lists_of_pairs),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
