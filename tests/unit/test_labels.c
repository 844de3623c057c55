/* SPDX-License-Identifier: Apache-2.0 */
/* Label texts in both spellings; what is wanted is what the reference gives. */
#include "testing.h"
#include "label_order.h"

#include "input/batch.h"

static const struct {
  const char *why, *text, *want;
  uint32_t skipped;
} cases[] = {
    {"none", "", "{}", 0},
    {"blanks only", " \t\n", "{}", 0},
    {"operator", "label_tier:front|label_app:web", "{\"app\": \"web\", \"tier\": \"front\"}", 0},
    {"no prefix", "b:1|a:2", "{\"a\": \"2\", \"b\": \"1\"}", 0},
    {"prefix anywhere", "xlabel_y:1|label_label_z:2", "{\"xy\": \"1\", \"z\": \"2\"}", 0},
    {"prefix that forms anew stays", "lalabel_bel_x:1", "{\"label_x\": \"1\"}", 0},
    {"prefix in the value stays", "a:label_b", "{\"a\": \"label_b\"}", 0},
    {"pairs without one colon", "a:b:c|nocolon||d:e|", "{\"d\": \"e\"}", 4},
    {"empty key and value", ":v|k:", "{\"\": \"v\", \"k\": \"\"}", 0},
    {"last wins", "label_a:1|a:2", "{\"a\": \"2\"}", 0},
    {"blanks inside stay", " a : b ", "{\"a \": \" b\"}", 0},
    {"blanks of Unicode around",
     "\xC2\xA0\xE3\x80\x80"
     "a:b\xE2\x80\x83\xC2\x85",
     "{\"a\": \"b\"}", 0},
    {"quotes are escaped", "a:q\"\\", "{\"a\": \"q\\\"\\\\\"}", 0},
    {"JSON", "{\"b\": \"2\", \"a\": \"1\"}", "{\"a\": \"1\", \"b\": \"2\"}", 0},
    {"prefix in JSON stays", "{\"label_a\":\"1\"}", "{\"label_a\": \"1\"}", 0},
    {"empty object", "{ }", "{}", 0},
    {"null is left out", "{\"a\":null,\"b\":\"\"}", "{\"b\": \"\"}", 0},
    {"null takes an earlier one away", "{\"a\":\"1\",\"a\":null}", "{}", 0},
    {"JSON, last wins", "{\"a\":\"1\",\"\\u0061\":\"2\"}", "{\"a\": \"2\"}", 0},
    {"scalars", "{\"t\":true,\"f\":false,\"i\":1,\"d\":1.0,\"e\":1E2,\"n\":-0}",
     "{\"d\": \"1.0\", \"e\": \"100.0\", \"f\": \"false\", \"i\": \"1\", \"n\": \"0\", \"t\": "
     "\"true\"}",
     0},
    {"long integers", "{\"a\":123456789012345678901234567890}",
     "{\"a\": \"123456789012345678901234567890\"}", 0},
    {"NaN and infinities", "{\"a\":NaN,\"b\":-Infinity,\"c\":1e999}",
     "{\"a\": \"NaN\", \"b\": \"-Infinity\", \"c\": \"Infinity\"}", 0},
    {"nested", "{\"a\":{\"x\":[1,2.50,null],\"y\":\"\xC3\xA9\"},\"b\":[ ]}",
     "{\"a\": \"{\\\"x\\\": [1, 2.5, null], \\\"y\\\": \\\"\\\\u00e9\\\"}\", \"b\": \"[]\"}", 0},
    {"nested, last wins at the first place", "{\"a\":{\"x\":1,\"y\":2,\"x\":3}}",
     "{\"a\": \"{\\\"x\\\": 3, \\\"y\\\": 2}\"}", 0},
    {"surrogate pair", "{\"a\":\"\\ud83d\\ude00\"}", "{\"a\": \"\xF0\x9F\x98\x80\"}", 0},
    {"half a pair", "{\"a\":\"\\ud83dx\\ude00\"}", "{\"a\": \"\xEF\xBF\xBDx\xEF\xBF\xBD\"}", 0},
    {"escapes", "{\"a\":\"\\n\\t\\/\\\\\\\"\\u0001\"}", "{\"a\": \"\\n\\t/\\\\\\\"\\u0001\"}", 0},
    {"no JSON: the operator spelling", "{\"a\":1,}", "{\"{\\\"a\\\"\": \"1,}\"}", 0},
    {"text behind", "{\"a\":\"b\"}x:y", "{}", 1},
    {"a control character", "{\"a\":\"\n\"}", "{\"{\\\"a\\\"\": \"\\\"\\n\\\"}\"}", 0},
    {"more than 64 bytes",
     "{\"a\": \"0123456789012345678901234567890123456789\", \"c\": \"\xC3\xA9\","
     "\"b\":\"0123456789012345678901234567890123456789\"}",
     "{\"a\": \"0123456789012345678901234567890123456789\", \"b\": "
     "\"0123456789012345678901234567890123456789\", \"c\": \"\xC3\xA9\"}",
     0},
    {"an escape behind 64 bytes",
     "{\"a\": \"0123456789012345678901234567890123456789012345678901234567\", \"b\": \"\\u0061\"}",
     "{\"a\": \"0123456789012345678901234567890123456789012345678901234567\", \"b\": \"a\"}", 0},
    {"keys in any order, some twice", "{\"b\": \"1\", \"a\": \"2\", \"b\": \"3\", \"\": \"\"}",
     "{\"\": \"\", \"a\": \"2\", \"b\": \"3\"}", 0},
    {"two strings side by side", "{\"a\": \"b\" \"c\": \"d\"}", "{}", 1},
    {"blanks where they may be", "{ \"a\" : \"b\" , \"c\":\"d\" }", "{\"a\": \"b\", \"c\": \"d\"}",
     0},
    {"a comma for a colon", "{\"a\", \"b\"}", "{}", 1},
    {"a bracket too many", "{\"a\": \"b\"}}", "{\"{\\\"a\\\"\": \" \\\"b\\\"}}\"}", 0},
    {"a leading zero", "{\"a\":01}", "{\"{\\\"a\\\"\": \"01}\"}", 0},
};

static shukei_status spell(struct sk_budget *budget, const char *text, size_t length,
                           struct sk_buffer *out, uint32_t *skipped)
{
  struct sk_arena arena;
  struct sk_label *labels;
  uint32_t count;
  sk_arena_init(&arena, budget);
  sk_buffer_clear(out);
  const bool memory = sk_labels_parse(text, length, &arena, &labels, &count, skipped);
  for (uint32_t i = 1; memory && i < count; i++)
    assert_true(label_order(&labels[i - 1], 1, &labels[i], 1) < 0);
  if (memory)
    sk_labels_json(out, labels, count);
  sk_arena_reset(&arena);
  sk_buffer_byte(out, '\0');
  return memory && !out->failed ? SHUKEI_OK : SHUKEI_ENOMEM;
}

static void parses_labels(void **state)
{
  (void)state;
  struct sk_budget budget;
  struct sk_buffer out;
  sk_budget_init(&budget, UINT64_MAX);
  sk_buffer_init(&out, &budget, 1 << 20);
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    uint32_t skipped;
    assert_int_equal(spell(&budget, cases[i].text, strlen(cases[i].text), &out, &skipped),
                     SHUKEI_OK);
    if (strcmp((char *)out.bytes, cases[i].want) != 0 || skipped != cases[i].skipped)
      fail_msg("%s: %s, %u skipped", cases[i].why, (char *)out.bytes, skipped);
  }
  sk_buffer_reset(&out);
  assert_int_equal(budget.used_bytes, 0);
}

/* The JSON spelling parses to itself, and nothing reads beyond a text that is cut anywhere. */
static void spelling_is_stable(void **state)
{
  (void)state;
  struct sk_budget budget;
  struct sk_buffer once, twice;
  uint32_t skipped;
  sk_budget_init(&budget, UINT64_MAX);
  sk_buffer_init(&once, &budget, 1 << 20);
  sk_buffer_init(&twice, &budget, 1 << 20);
  for (size_t i = 0; i < SK_COUNT(cases); i++)
    for (size_t length = 0; length <= strlen(cases[i].text); length++) {
      char *exact = malloc(length + 1);
      assert_non_null(exact);
      memcpy(exact, cases[i].text, length);
      spell(&budget, exact, length, &once, &skipped);
      free(exact);
      spell(&budget, (char *)once.bytes, once.length - 1, &twice, &skipped);
      assert_string_equal((char *)once.bytes, (char *)twice.bytes);
    }
  sk_buffer_reset(&once);
  sk_buffer_reset(&twice);
}

static void bounds_depth_and_digits(void **state)
{
  (void)state;
  struct sk_budget budget;
  struct sk_buffer out;
  static char text[200000];
  uint32_t skipped;
  sk_budget_init(&budget, UINT64_MAX);
  sk_buffer_init(&out, &budget, 1 << 20);
  memcpy(text, "{\"a\":", 5);
  memset(text + 5, '[', 90000);
  memset(text + 90005, ']', 90000);
  text[180005] = '}';
  assert_int_equal(spell(&budget, text, 180006, &out, &skipped), SHUKEI_OK);
  assert_memory_equal(out.bytes, "{\"{", 3); /* too deep: no JSON */
  for (size_t digits = 4300; digits <= 4301; digits++) {
    memset(text + 5, '7', digits);
    text[5 + digits] = '}';
    assert_int_equal(spell(&budget, text, digits + 6, &out, &skipped), SHUKEI_OK);
    assert_int_equal(memcmp(out.bytes, "{\"a\"", 4) == 0, digits == 4300);
  }
  sk_buffer_reset(&out);
}

static void survives_failed_allocations(void **state)
{
  (void)state;
  const char *text =
      "{\"a\":{\"x\":1,\"y\":[2],\"x\":3,\"k\":1,\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1},"
      "\"b\":\"c\"}";
  struct sk_budget budget;
  struct sk_buffer out;
  shukei_status st = SHUKEI_ENOMEM;
  uint32_t skipped;
  sk_budget_init(&budget, UINT64_MAX);
  sk_buffer_init(&out, &budget, 1 << 20);
  for (int n = 0; st == SHUKEI_ENOMEM; n++) {
    sk_test_fail_alloc(n);
    st = spell(&budget, text, strlen(text), &out, &skipped);
    sk_test_fail_alloc(-1);
    if (st)
      sk_buffer_reset(&out);
  }
  assert_memory_equal(out.bytes, "{\"a\": \"{\\\"x\\\": 3", 16);
  sk_buffer_reset(&out);
  assert_int_equal(budget.used_bytes, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parses_labels),
      cmocka_unit_test(spelling_is_stable),
      cmocka_unit_test(bounds_depth_and_digits),
      cmocka_unit_test(survives_failed_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
