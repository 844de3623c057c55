/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 of every scalar value and of what must be refused; JSON strings as Python writes them. */
#include "testing.h"

#include "base/json_marks.h"
#include "base/text.h"

static void takes_every_scalar_value(void **state)
{
  (void)state;
  for (uint32_t scalar = 0; scalar <= 0x10FFFF; scalar++) {
    uint8_t bytes[4];
    const size_t length = sk_utf8_put(scalar, bytes);
    const size_t want = scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;
    const bool surrogate = scalar >= 0xD800 && scalar <= 0xDFFF;
    if (length != want || sk_utf8_valid(bytes, length) == surrogate)
      fail_msg("U+%04" PRIX32, scalar);
    for (size_t cut = 1; cut < length; cut++)
      assert_false(sk_utf8_valid(bytes, cut));
  }
}

static void refuses_malformed_bytes(void **state)
{
  (void)state;
  static const struct {
    const char *why, *bytes;
  } cases[] = {
      {"a continuation alone", "\x80"},
      {"a continuation too many", "\xC3\xA4\xA4"},
      {"overlong of 2", "\xC0\xAF"},
      {"overlong of 2, highest", "\xC1\xBF"},
      {"overlong of 3", "\xE0\x80\xAF"},
      {"overlong of 3, highest", "\xE0\x9F\xBF"},
      {"overlong of 4", "\xF0\x8F\xBF\xBF"},
      {"lowest surrogate", "\xED\xA0\x80"},
      {"highest surrogate", "\xED\xBF\xBF"},
      {"above U+10FFFF", "\xF4\x90\x80\x80"},
      {"a lead that never is", "\xF5\x80\x80\x80"},
      {"a sequence of 5", "\xF8\x88\x80\x80\x80"},
      {"0xFF", "\xFF"},
      {"third byte no continuation", "\xE2\x82\x28"},
      {"fourth byte no continuation", "\xF0\x9F\x98\x28"},
      {"second byte a lead", "\xE2\xE2\xAC"},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    const size_t length = strlen(cases[i].bytes);
    for (size_t before = 0; before < 20; before++) { /* at every place of a word */
      for (size_t after = 0; after < 12; after += 11) {
        char text[64];
        memset(text, 'a', sizeof text);
        memcpy(text + before, cases[i].bytes, length);
        if (sk_utf8_valid(text, before + length + after))
          fail_msg("%s taken at %zu", cases[i].why, before);
      }
    }
  }
  assert_true(sk_utf8_valid(NULL, 0));
  assert_true(sk_utf8_valid("\0", 1));
}

/* Another way to decide it: decode, encode, compare. */
static bool valid_by_decoding(const uint8_t *bytes, size_t length)
{
  for (size_t at = 0; at < length;) {
    const uint8_t lead = bytes[at];
    const size_t size = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : 4;
    if (at + size > length)
      return false;
    uint32_t scalar = size == 1 ? lead : lead & (0xFFu >> (size + 1));
    for (size_t i = 1; i < size; i++)
      scalar = scalar << 6 | (bytes[at + i] & 0x3F);
    uint8_t again[4];
    if (scalar > 0x10FFFF || (scalar >= 0xD800 && scalar <= 0xDFFF) ||
        sk_utf8_put(scalar, again) != size || memcmp(again, bytes + at, size) != 0)
      return false;
    at += size;
  }
  return true;
}

static void agrees_with_decoding(void **state)
{
  (void)state;
  static const uint8_t often[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0,
                                  0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5};
  uint64_t random = 11;
  size_t valid = 0;
  for (int i = 0; i < 300000; i++) {
    uint8_t bytes[12];
    const size_t length = random_below(&random, sizeof bytes);
    for (size_t n = 0; n < length; n++)
      bytes[n] = often[random_below(&random, sizeof often)];
    const bool want = valid_by_decoding(bytes, length);
    valid += want;
    if (sk_utf8_valid(bytes, length) != want)
      fail_msg("text %d", i);
  }
  assert_true(valid > 10000);
}

static void quotes_as_python_does(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    size_t length;
    const char *want;
  } cases[] = {
      {"", 0, "\"\""},
      {"plain", 5, "\"plain\""},
      {"a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\""},
      {"\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\""},
      {"\0\x01\x0b\x1f", 4, "\"\\u0000\\u0001\\u000b\\u001f\""},
      {"\x7f", 1, "\"\x7f\""},
      {"sch\xC3\xB6n \xE9\x9B\x86\xE8\xA8\x88", 13, "\"sch\xC3\xB6n \xE9\x9B\x86\xE8\xA8\x88\""},
      {"\"", 1, "\"\\\"\""},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    struct sk_buffer out;
    sk_buffer_init(&out, NULL, 1000);
    sk_json_quote(&out, cases[i].text, cases[i].length);
    assert_false(out.failed);
    assert_int_equal(out.length, strlen(cases[i].want));
    assert_memory_equal(out.bytes, cases[i].want, out.length);
    sk_buffer_reset(&out);
  }
}

/* Texts of every length, nearly all of them plain, against a byte at a time. */
static void quotes_every_length(void **state)
{
  (void)state;
  static const char odd[] = "\"\\\n\x1f\x20\x21\x5b\x5d\x7f\x80\xff";
  uint64_t random = 3;
  for (int i = 0; i < 60000; i++) {
    char text[80], want[6 * sizeof text + 3], *to = want;
    const size_t length = random_below(&random, sizeof text);
    for (size_t n = 0; n < length; n++)
      text[n] = random_below(&random, 60) ? (char)('a' + random_below(&random, 26))
                                          : odd[random_below(&random, sizeof odd)];
    *to++ = '"';
    for (size_t n = 0; n < length; n++)
      if (text[n] == '\n')
        to += snprintf(to, 3, "\\n");
      else if ((uint8_t)text[n] < 0x20)
        to += snprintf(to, 7, "\\u%04x", text[n]);
      else
        to += snprintf(to, 3, text[n] == '"' || text[n] == '\\' ? "\\%c" : "%c", text[n]);
    *to++ = '"';
    struct sk_buffer out;
    sk_buffer_init(&out, NULL, 1000);
    char *exact = malloc(length + 1); /* a sanitizer sees what is read behind it */
    assert_non_null(exact);
    memcpy(exact, text, length);
    sk_json_quote(&out, exact, length);
    free(exact);
    assert_int_equal(out.length, to - want);
    assert_memory_equal(out.bytes, want, out.length);
    sk_buffer_reset(&out);
  }
}

static void shows_what_a_terminal_would_obey(void **state)
{
  static const char text[] = "a\x1b[2J\n\t\x7f\xc2\x9b"
                             "2J \xc3\xbc\xc2\xa0\xc2";
  static const char want[] = "a\\x1b[2J\\n\\x09\\x7f\\xc2\\x9b2J \xc3\xbc\xc2\xa0\xc2";
  struct sk_buffer out;
  (void)state;
  sk_buffer_init(&out, NULL, 1 << 16);
  sk_text_show(&out, text, sizeof text - 1);
  assert_false(out.failed);
  assert_int_equal(out.length, sizeof want - 1);
  assert_memory_equal(out.bytes, want, out.length);
  sk_buffer_reset(&out);
}

static void marks_are_the_same_by_all_ways(void **state)
{
  (void)state;
  uint64_t random = 9;
  for (int i = 0; i < 20000; i++) {
    uint8_t bytes[SK_JSON_BLOCK];
    struct sk_json_marks want = {0, 0};
    for (size_t n = 0; n < sizeof bytes; n++) {
      bytes[n] = (uint8_t)random_below(&random, i % 2 ? 256 : 100);
      want.quotes |= (uint64_t)(bytes[n] == '"') << n;
      want.others |= (uint64_t)(bytes[n] == '\\' || bytes[n] < 0x20) << n;
    }
    const struct sk_json_marks plain = sk_json_marks_plain(bytes), best = sk_json_marks(bytes);
    assert_true(plain.quotes == want.quotes && plain.others == want.others);
    assert_true(best.quotes == want.quotes && best.others == want.others);
  }
}

static void endings(void **state)
{
  (void)state;
  assert_true(sk_ends_with("a.csv", ".csv") && sk_ends_with(".csv", ".csv") &&
              sk_ends_with("a", ""));
  assert_false(sk_ends_with("csv", ".csv") || sk_ends_with("a.CSV", ".csv"));
  assert_false(sk_ends_with("a.csv.gz", ".csv") || sk_ends_with("", "a"));
}

static void the_same_or_neither(void **state)
{
  (void)state;
  const char one[] = "a", other[] = "a";
  assert_true(sk_same_text(one, other) && sk_same_text(NULL, NULL));
  assert_false(sk_same_text(one, "b") || sk_same_text(one, NULL) || sk_same_text(NULL, ""));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(takes_every_scalar_value),
      cmocka_unit_test(refuses_malformed_bytes),
      cmocka_unit_test(agrees_with_decoding),
      cmocka_unit_test(quotes_as_python_does),
      cmocka_unit_test(quotes_every_length),
      cmocka_unit_test(marks_are_the_same_by_all_ways),
      cmocka_unit_test(endings),
      cmocka_unit_test(the_same_or_neither),
      cmocka_unit_test(shows_what_a_terminal_would_obey),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
