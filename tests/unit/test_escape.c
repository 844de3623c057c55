/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that would become a part of HTML, Markdown, CSV or a command line do not. */
#include "testing.h"

#include "report/escape.h"

#define BAD "\xef\xbf\xbd"

static const struct {
  const char *why;
  void (*escape)(struct sk_buffer *out, const char *text);
  const char *text, *want;
} cases[] = {
    {"a tag", sk_escape_html, "<b a=\"1\" c='2'>&", "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;"},
    {"letters of others", sk_escape_html, "gr\xc3\xb6\xc3\x9f", "gr\xc3\xb6\xc3\x9f"},
    {"control characters", sk_escape_html, "a\x1b[31mb\x7f", "a" BAD "[31mb" BAD},
    {"no UTF-8", sk_escape_html, "a\xff\xc3(", "a" BAD BAD "("},
    {"cut off", sk_escape_html, "a\xe2\x80", "a" BAD},
    {"turned direction", sk_escape_html,
     "a\xe2\x80\xae"
     "b\xe2\x81\xa6",
     "a" BAD "b" BAD},
    {"C1", sk_escape_html, "\xc2\x85\xc2\x9f\xc2\xa0", BAD BAD "\xc2\xa0"},
    {"a table's end", sk_escape_markdown, "a|b\nc", "a\\|b c"},
    {"markup", sk_escape_markdown, "*a* `b` [c](d)", "\\*a\\* \\`b\\` \\[c\\](d)"},
    {"a sentence", sk_escape_markdown, "as fast (1.5 + 2 = 3.5)! 20k #1 {a} rows_per_second",
     "as fast (1.5 + 2 = 3.5)! 20k #1 {a} rows_per_second"},
    {"emphasis", sk_escape_markdown, "_a_ b_ __c__", "\\_a\\_ b\\_ \\_\\_c\\_\\_"},
    {"a numbered list", sk_escape_markdown, "12. a 3. b", "12\\. a 3. b"},
    {"a number alone", sk_escape_markdown, "1.5", "1.5"},
    {"a heading", sk_escape_markdown, " # a", " \\# a"},
    {"tags and addresses", sk_escape_markdown, "<img> http://x a@b",
     "&lt;img&gt; http&#58;//x a&#64;b"},
    {"a list", sk_escape_markdown, "- a-b", "\\- a-b"},
    {"a number", sk_escape_csv, "-1.5e3", "-1.5e3"},
    {"a formula", sk_escape_csv, "=1+1", "'=1+1"},
    {"other formulas", sk_escape_csv, "@a", "'@a"},
    {"a formula with commas", sk_escape_csv, "-a,b", "\"'-a,b\""},
    {"a blank first", sk_escape_csv, " =1", "\" =1\""},
    {"quotes", sk_escape_csv, "a\"b", "\"a\"\"b\""},
    {"lines", sk_escape_csv, "a\nb", "\"a\nb\""},
    {"one line", sk_escape_plain, "a\nb\x01", "a b" BAD},
    {"a plain word", sk_escape_shell, "--to=s3://b/k", "--to=s3://b/k"},
    {"an empty word", sk_escape_shell, "", "''"},
    {"words and quotes", sk_escape_shell, "it's $HOME", "'it'\\''s $HOME'"},
};

static void escapes(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    struct sk_buffer out;
    sk_buffer_init(&out, NULL, 1000);
    cases[i].escape(&out, cases[i].text);
    sk_buffer_byte(&out, '\0');
    assert_false(out.failed);
    if (strcmp((const char *)out.bytes, cases[i].want) != 0)
      fail_msg("%s: %s", cases[i].why, (const char *)out.bytes);
    sk_buffer_reset(&out);
  }
}

/* Any bytes become well-formed HTML text, and no byte behind the end is looked at (a sanitizer
 * tells). */
static void takes_any_bytes(void **state)
{
  (void)state;
  uint64_t random = 5;
  for (int round = 0; round < 2000; round++) {
    const size_t length = random_below(&random, 12);
    char *const text = malloc(length + 1);
    struct sk_buffer out;
    assert_non_null(text);
    for (size_t i = 0; i < length; i++)
      text[i] = (char)(1 + random_below(&random, 255));
    text[length] = '\0';
    sk_buffer_init(&out, NULL, 1000);
    sk_escape_html(&out, text);
    for (size_t i = 0; i < out.length; i++)
      assert_true(out.bytes[i] >= 0x20 || out.bytes[i] == '\n' || out.bytes[i] == '\t');
    sk_buffer_byte(&out, '\0');
    assert_null(strpbrk((const char *)out.bytes, "<>\"'"));
    sk_buffer_reset(&out);
    free(text);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(escapes), cmocka_unit_test(takes_any_bytes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
