/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: cause and contexts, cutting, and the statuses' one list. */
#include "testing.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>

static void puts_contexts_before_the_cause(void **state)
{
  (void)state;
  shukei_error err;
  memset(&err, 'x', sizeof err);
  assert_int_equal(sk_fail(&err, SHUKEI_EFORMAT, "length %d in an object of %d", 200, 13),
                   SHUKEI_EFORMAT);
  assert_int_equal(err.status, SHUKEI_EFORMAT);
  assert_int_equal(err.offset, -1);
  assert_string_equal(err.advice, "");
  err.offset = 5;
  sk_advise(&err, "write it %s", "again");
  assert_int_equal(sk_context(&err, SHUKEI_EFORMAT, "footer of \"%s\"", "a.parquet"),
                   SHUKEI_EFORMAT);
  assert_string_equal(err.text, "footer of \"a.parquet\": length 200 in an object of 13");
  assert_string_equal(err.advice, "write it again");
  assert_int_equal(err.offset, 5);
  assert_int_equal(sk_context(&err, SHUKEI_OK, "nothing"), SHUKEI_OK);
  assert_string_equal(err.text, "footer of \"a.parquet\": length 200 in an object of 13");
  sk_context(&err, SHUKEI_EIO, "again, %s", err.text); /* its own text as an argument */
  assert_string_equal(err.text, "again, footer of \"a.parquet\": length 200 in an object of 13: "
                                "footer of \"a.parquet\": length 200 in an object of 13");
  assert_int_equal(err.status, SHUKEI_EIO);
  err.text[0] = '\0';
  sk_context(&err, SHUKEI_EIO, "alone");
  assert_string_equal(err.text, "alone");
}

static void accepts_no_error(void **state)
{
  (void)state;
  assert_int_equal(sk_fail(NULL, SHUKEI_EIO, "x"), SHUKEI_EIO);
  assert_int_equal(sk_context(NULL, SHUKEI_EIO, "x"), SHUKEI_EIO);
  sk_advise(NULL, "x");
}

/* Texts of every length around the end, of sequences of 1 to 4 bytes: kept whole or cut between. */
static void cuts_between_characters(void **state)
{
  (void)state;
  static const char *const characters[] = {"a", "\xC3\xA4", "\xE9\x9B\x86", "\xF0\x9F\x98\x80"};
  for (size_t kind = 0; kind < SK_COUNT(characters); kind++) {
    for (size_t shift = 0; shift < 8; shift++) {
      char text[700];
      const size_t size = strlen(characters[kind]);
      memset(text, '.', shift);
      size_t length = shift;
      for (; length + size < sizeof text; length += size)
        memcpy(text + length, characters[kind], size);
      text[length] = '\0';
      shukei_error err;
      sk_fail(&err, SHUKEI_EFORMAT, "%s", text);
      const size_t kept = strlen(err.text);
      assert_true(kept < sizeof err.text && kept + size >= sizeof err.text);
      assert_true(sk_utf8_valid(err.text, kept));
      assert_memory_equal(err.text, text, kept);
      for (int level = 0; level < 300; level++) {
        sk_context(&err, SHUKEI_EFORMAT, "%d", level);
        assert_true(sk_utf8_valid(err.text, strlen(err.text)));
      }
      sk_advise(&err, "%s", text);
      assert_true(strlen(err.advice) < sizeof err.advice);
      assert_true(sk_utf8_valid(err.advice, strlen(err.advice)));
      sk_context(&err, SHUKEI_EFORMAT, "%s", text); /* a context that takes all the room */
      assert_true(sk_utf8_valid(err.text, strlen(err.text)));
      assert_memory_equal(err.text, text, 500);
    }
  }
  shukei_error err; /* bytes that are no UTF-8 are cut as well */
  char text[700];
  memset(text, 0x80, sizeof text);
  text[sizeof text - 1] = '\0';
  sk_fail(&err, SHUKEI_EFORMAT, "%s", text);
  assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

static void names_every_status(void **state)
{
  (void)state;
#define AS_ROW(name, value, text) {SHUKEI_##name, value, #name, text},
  static const struct {
    shukei_status status;
    int value;
    const char *name, *text;
  } statuses[] = {SHUKEI_STATUS_MAP(AS_ROW)};
  for (size_t i = 0; i < SK_COUNT(statuses); i++) {
    assert_int_equal((int)statuses[i].status, statuses[i].value);
    assert_int_equal(statuses[i].value, (int)i);
    assert_string_equal(shukei_status_name(statuses[i].status), statuses[i].name);
    assert_string_equal(shukei_status_text(statuses[i].status), statuses[i].text);
  }
  assert_string_equal(shukei_status_name((shukei_status)SK_COUNT(statuses)), "?");
  assert_true(strlen(shukei_status_text((shukei_status)SK_COUNT(statuses))) > 0);
}

static void tells_the_systems_reasons(void **state)
{
  (void)state;
  char text[128], other[128];
  assert_ptr_equal(sk_errno_text(ENOENT, text), text);
  assert_true(strlen(text) > 3);
  assert_string_not_equal(text, sk_errno_text(ENOSPC, other));
  assert_true(strlen(sk_errno_text(123456, text)) > 3);
}

static void version_has_three_numbers(void **state)
{
  (void)state;
  int major = -1, minor = -1, patch = -1, length = 0;
  assert_int_equal(sscanf(shukei_version(), "%d.%d.%d%n", &major, &minor, &patch, &length), 3);
  assert_int_equal(strlen(shukei_version()), length);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(puts_contexts_before_the_cause), cmocka_unit_test(accepts_no_error),
      cmocka_unit_test(cuts_between_characters),        cmocka_unit_test(names_every_status),
      cmocka_unit_test(tells_the_systems_reasons),      cmocka_unit_test(version_has_three_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
