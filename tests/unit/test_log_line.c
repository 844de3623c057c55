/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of the log: members of the JSON form, odd texts, hidden secrets, failed allocations. */
#include "testing.h"

#include "cli/log_line.h"

#include <jansson.h>

static shukei_event plain(const char *text)
{
  return (shukei_event){.level = SHUKEI_LOG_INFO, .text = text, .rows = -1, .seconds = -1};
}

/* The line's object; it is one line. */
static json_t *object_of(const shukei_event *event, const shukei_error *err)
{
  struct sk_buffer line;
  sk_buffer_init(&line, NULL, SIZE_MAX);
  sk_log_line_json(&line, event, err);
  assert_false(line.failed);
  assert_ptr_equal(memchr(line.bytes, '\n', line.length), line.bytes + line.length - 1);
  json_t *root = json_loadb((const char *)line.bytes, line.length, JSON_REJECT_DUPLICATES, NULL);
  assert_non_null(root);
  sk_buffer_reset(&line);
  return root;
}

static void expect(json_t *root, const char *key, const char *want)
{
  const char *text = json_string_value(json_object_get(root, key));
  if (!want ? text != NULL : !text || strcmp(text, want) != 0)
    fail_msg("%s: \"%s\", expected \"%s\"", key, text ? text : "(none)", want ? want : "(none)");
}

static void members_that_apply_are_there(void **state)
{
  (void)state;
  shukei_event event = plain("hello");
  json_t *root = object_of(&event, NULL);
  assert_int_equal(json_object_size(root), 3);
  expect(root, "level", "info");
  expect(root, "message", "hello");
  const char *time = json_string_value(json_object_get(root, "time"));
  assert_int_equal(strlen(time), 24);
  assert_memory_equal(time + 10, "T", 1);
  assert_string_equal(time + 23, "Z");
  json_decref(root);
  event.phase = "pods";
  event.object = "a.csv";
  event.rows = 0;
  event.seconds = 1.25;
  root = object_of(&event, NULL);
  assert_int_equal(json_object_size(root), 7);
  expect(root, "phase", "pods");
  expect(root, "object", "a.csv");
  assert_int_equal(json_integer_value(json_object_get(root, "rows")), 0);
  assert_true(json_real_value(json_object_get(root, "seconds")) == 1.25);
  json_decref(root);
  const shukei_error err = {.status = SHUKEI_ETRUNC, .offset = 7, .advice = "again"};
  root = object_of(&event, &err);
  expect(root, "status", "ETRUNC");
  expect(root, "advice", "again");
  assert_int_equal(json_integer_value(json_object_get(root, "offset")), 7);
  json_decref(root);
}

static void odd_texts_stay_readable(void **state)
{
  (void)state;
  static const struct {
    const char *text, *want;
  } texts[] = {
      {"", ""},
      {"a \"b\"\n\t\\", "a \"b\"\n\t\\"},
      {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
      {"\xff", "\\xff"},
      {"a\xc3", "a\\xc3"},
      {"\xc3(", "\\xc3("},
      {"\xed\xa0\x80z", "\\xed\\xa0\\x80z"}, /* a surrogate */
      {"\xf0\x9f\x98", "\\xf0\\x9f\\x98"},
      {"\x1b[2J", "\x1b[2J"}, /* JSON escapes it */
  };
  for (size_t i = 0; i < SK_COUNT(texts); i++) {
    shukei_event event = plain(texts[i].text);
    event.object = texts[i].text;
    json_t *root = object_of(&event, NULL);
    expect(root, "message", texts[i].want);
    expect(root, "object", texts[i].text[0] ? texts[i].want : NULL);
    json_decref(root);
  }
}

static void secrets_are_hidden(void **state)
{
  (void)state;
  static const char uri[] = "postgresql://me:hunter2@db/x?sslpassword=hunter2";
  shukei_error err = {.status = SHUKEI_EINVAL, .offset = -1};
  snprintf(err.advice, sizeof err.advice, "look at %s", uri);
  for (int json = 0; json < 2; json++) {
    struct sk_buffer line;
    shukei_event event = plain(uri);
    event.object = uri;
    event.milestone = true;
    sk_buffer_init(&line, NULL, SIZE_MAX);
    if (json)
      sk_log_line_json(&line, &event, &err);
    else
      sk_log_line_text(&line, &event, err.advice, false);
    sk_buffer_byte(&line, '\0');
    assert_null(strstr((const char *)line.bytes, "hunter2"));
    assert_non_null(strstr((const char *)line.bytes, "me:***@db"));
    sk_buffer_reset(&line);
  }
}

static void milestones_are_sentences(void **state)
{
  (void)state;
  struct sk_buffer line;
  shukei_event event = plain("written");
  event.phase = "write";
  event.object = "a\x01.db";
  event.rows = 12;
  event.seconds = 0.5;
  event.milestone = true;
  sk_buffer_init(&line, NULL, SIZE_MAX);
  sk_log_line_text(&line, &event, NULL, false);
  sk_buffer_byte(&line, '\0');
  assert_string_equal((const char *)line.bytes,
                      "shukei: info: written: write, a\\x01.db, 12 rows, 0.500 s\n");
  sk_buffer_reset(&line);
}

static void survives_failed_allocations(void **state)
{
  (void)state;
  const shukei_event event = plain("a text");
  bool failed = true;
  for (int n = 0; failed; n++) {
    struct sk_buffer line;
    sk_buffer_init(&line, NULL, SIZE_MAX);
    sk_test_fail_alloc(n);
    sk_log_line_json(&line, &event, NULL);
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    /* a buffer may grow by less where it could not double */
    assert_true(failed || !line.failed);
    if (!line.failed)
      assert_non_null(memchr(line.bytes, '}', line.length));
    sk_buffer_reset(&line);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(members_that_apply_are_there), cmocka_unit_test(odd_texts_stay_readable),
      cmocka_unit_test(secrets_are_hidden),           cmocka_unit_test(milestones_are_sentences),
      cmocka_unit_test(survives_failed_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
