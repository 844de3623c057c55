/* SPDX-License-Identifier: Apache-2.0 */
/* What people see on standard error, read back from a pipe; the file of statistics; buffered
 * output and how its failures show. */
#include "testing.h"

#include "cli/console.h"
#include "cli/stats_file.h"
#include "cli/stdout_writer.h"

#include <fcntl.h>
#include <jansson.h>
#include <unistd.h>

struct shown {
  int fds[2];
  struct sk_console console;
  char text[8192];
};

static void begin(struct shown *s)
{
  assert_int_equal(pipe(s->fds), 0);
  unsetenv("NO_COLOR");
  sk_console_init(&s->console, s->fds[1]);
}

static const char *end(struct shown *s)
{
  size_t length = 0;
  ssize_t n = 1;
  close(s->fds[1]);
  while (n > 0 && length < sizeof s->text - 1) {
    n = read(s->fds[0], s->text + length, sizeof s->text - 1 - length);
    if (n > 0)
      length += (size_t)n;
  }
  s->text[length] = 0;
  close(s->fds[0]);
  sk_console_reset(&s->console);
  return s->text;
}

static void configure(struct shown *s, const char *option, const char *value, shukei_status want)
{
  char *argv[] = {(char *)(uintptr_t) "shukei", (char *)(uintptr_t) "cat",
                  (char *)(uintptr_t)option, (char *)(uintptr_t)value};
  struct sk_arguments arguments;
  assert_int_equal(sk_arguments_parse(value ? 4 : 3, argv, &arguments, NULL), SHUKEI_OK);
  assert_int_equal(sk_console_configure(&s->console, &arguments, NULL), want);
  sk_arguments_reset(&arguments);
}

static void log_all(struct shown *s)
{
  sk_console_log(&s->console, SHUKEI_LOG_WARNING, "w");
  sk_console_log(&s->console, SHUKEI_LOG_INFO, "i");
  sk_console_log(&s->console, SHUKEI_LOG_DEBUG, "d");
  sk_console_log(&s->console, SHUKEI_LOG_ERROR, "e");
}

static void shows_what_was_asked_for(void **state)
{
  (void)state;
  static const struct {
    const char *option, *value, *want;
  } cases[] = {
      {"-q", NULL, "shukei: e\n"},
      {"-v", NULL, "shukei: warning: w\nshukei: info: i\nshukei: debug: d\nshukei: e\n"},
      {"--color", "never", "shukei: warning: w\nshukei: info: i\nshukei: e\n"},
      {"--color", "auto", "shukei: warning: w\nshukei: info: i\nshukei: e\n"},
      {"--color", "always",
       "\033[33mshukei: warning: \033[0mw\n\033[36mshukei: info: \033[0mi\n"
       "\033[1;31mshukei: \033[0me\n"},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    struct shown s;
    begin(&s);
    configure(&s, cases[i].option, cases[i].value, SHUKEI_OK);
    log_all(&s);
    assert_string_equal(end(&s), cases[i].want);
  }
}

static void refuses_bad_choices(void **state)
{
  (void)state;
  struct shown s;
  begin(&s);
  configure(&s, "--color", "red", SHUKEI_EINVAL);
  configure(&s, "--progress", "", SHUKEI_EINVAL);
  configure(&s, "--log-format", "xml", SHUKEI_EINVAL);
  configure(&s, "-qv", NULL, SHUKEI_EINVAL);
  assert_string_equal(end(&s), "");
}

static void errors_are_one_line_and_advice(void **state)
{
  (void)state;
  struct shown s;
  shukei_error err = {.offset = 12};
  begin(&s);
  snprintf(err.text, sizeof err.text, "file \"a\nb\033[2J\": cut");
  snprintf(err.advice, sizeof err.advice, "send it again");
  sk_console_error(&s.console, SHUKEI_ETRUNC, &err);
  err = (shukei_error){.offset = -1};
  sk_console_error(&s.console, SHUKEI_ENOMEM, &err); /* no text: the status speaks */
  assert_string_equal(end(&s), "shukei: file \"a\\nb\\x1b[2J\": cut\nsend it again\n"
                               "shukei: out of memory or over the budget\n");
}

static void json_lines_are_json(void **state)
{
  (void)state;
  struct shown s;
  shukei_error err = {.offset = 12, .text = "a \"b\"\n", .advice = "try"};
  const shukei_progress now = {"pods", 5, 10, 0, 0, 0};
  int lines = 0;
  begin(&s);
  configure(&s, "--log-format", "json", SHUKEI_OK);
  log_all(&s);
  s.console.progress = true;
  sk_console_progress(&s.console, &now);
  sk_console_progress_end(&s.console);
  sk_console_error(&s.console, SHUKEI_EFORMAT, &err);
  end(&s);
  for (char *at = s.text; *at; lines++) {
    const size_t n = strcspn(at, "\n");
    json_t *const line = json_loadb(at, n, 0, NULL);
    assert_non_null(line);
    assert_non_null(json_object_get(line, "level"));
    if (!at[n] || !at[n + 1]) {
      assert_string_equal(json_string_value(json_object_get(line, "message")), "a \"b\"\n");
      assert_string_equal(json_string_value(json_object_get(line, "status")), "EFORMAT");
      assert_string_equal(json_string_value(json_object_get(line, "advice")), "try");
      assert_int_equal(json_integer_value(json_object_get(line, "offset")), 12);
    }
    json_decref(line);
    at += n + (at[n] == '\n');
  }
  assert_int_equal(lines, 6);
}

static void a_bar_makes_way_for_messages(void **state)
{
  (void)state;
  struct shown s;
  const shukei_progress now = {"pods", 5, 10, 0, 0, 0};
  begin(&s);
  s.console.progress = s.console.terminal = true;
  sk_console_progress(&s.console, &now);
  sk_console_log(&s.console, SHUKEI_LOG_WARNING, "w");
  sk_console_progress_end(&s.console);
  end(&s);
  char *const message = strstr(s.text, "\r\033[Kshukei: warning: w\n");
  assert_non_null(message);
  assert_memory_equal(s.text, "\r\033[Kpods    [##########....", 20);
  assert_non_null(strstr(message + 10, "\r\033[Kpods")); /* drawn again behind it */
  assert_int_equal(s.text[strlen(s.text) - 1], '\n');
}

static void no_color_is_heard(void **state)
{
  (void)state;
  struct shown s;
  setenv("NO_COLOR", "1", 1);
  assert_int_equal(pipe(s.fds), 0);
  sk_console_init(&s.console, s.fds[1]);
  assert_false(s.console.color);
  configure(&s, "--color", "always", SHUKEI_OK);
  assert_true(s.console.color);
  end(&s);
  unsetenv("NO_COLOR");
}

static void output_arrives_whole(void **state)
{
  (void)state;
  char path[] = "test_console.XXXXXX";
  const int fd = mkstemp(path);
  struct sk_stdout out;
  uint64_t seed = 3;
  size_t total = 0;
  static uint8_t block[600000];
  for (size_t i = 0; i < sizeof block; i++)
    block[i] = (uint8_t)i;
  sk_stdout_init(&out, fd);
  for (int i = 0; i < 40; i++) { /* bytes go on counting from block to block */
    const size_t n = i == 7 ? 300000 : random_below(&seed, 70000);
    assert_true(sk_stdout_write(&out, block + total % 256, n));
    total += n;
  }
  assert_int_equal(sk_stdout_finish(&out, NULL), SHUKEI_OK);
  sk_stdout_reset(&out);
  assert_int_equal(lseek(fd, 0, SEEK_END), total);
  for (size_t at = 0; at < total;) {
    uint8_t got[4096];
    const ssize_t n = pread(fd, got, sizeof got, (off_t)at);
    assert_true(n > 0);
    assert_memory_equal(got, block + at % 256, (size_t)n);
    at += (size_t)n;
  }
  close(fd);
  remove(path);
}

static void output_tells_failures(void **state)
{
  (void)state;
  struct sk_stdout out;
  shukei_error err;
  sk_stdout_init(&out, -1);
  assert_true(sk_stdout_write(&out, "a", 1)); /* only kept so far */
  assert_int_equal(sk_stdout_finish(&out, &err), SHUKEI_EWRITE);
  assert_string_equal(err.text, "could not write to standard output: Bad file descriptor");
  assert_false(sk_stdout_write(&out, "a", 1));
  assert_int_equal(sk_stdout_finish(&out, &err), SHUKEI_EWRITE);
  sk_stdout_reset(&out);
  sk_test_fail_alloc(0);
  sk_stdout_init(&out, -1);
  assert_false(sk_stdout_write(&out, "a", 1));
  sk_test_fail_alloc(-1);
  sk_stdout_reset(&out);
}

static void statistics_have_every_counter(void **state)
{
  (void)state;
  shukei_stats stats;
  memset(&stats, 0, sizeof stats);
  stats.rows_read = UINT64_MAX;
  stats.groups = 41600;
  stats.mode = SHUKEI_MODE_STREAMING;
  stats.total_seconds = 0.1234567;
  snprintf(stats.mode_reason, sizeof stats.mode_reason, "asked \"for\"");
  char *const text = sk_stats_text("aggregate", &stats);
  assert_non_null(text);
  json_t *const json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
  assert_non_null(json);
#define CHECK(name) assert_true(json_is_integer(json_object_get(json, #name)));
  SHUKEI_STATS_COUNTERS(CHECK)
#undef CHECK
  assert_int_equal(json_integer_value(json_object_get(json, "groups")), 41600);
  assert_int_equal(json_integer_value(json_object_get(json, "rows_read")), INT64_MAX);
  assert_string_equal(json_string_value(json_object_get(json, "mode")), "streaming");
  assert_string_equal(json_string_value(json_object_get(json, "mode_reason")), "asked \"for\"");
  assert_non_null(strstr(text, "\"total\": 0.123457"));
  json_decref(json);
  free(text);
}

static bool exists(const char *path)
{
  return access(path, F_OK) == 0;
}

static void statistics_appear_whole_or_not_at_all(void **state)
{
  (void)state;
  static const char path[] = "test_console.stats.json";
  struct sk_stats_file file;
  shukei_stats stats;
  shukei_error err;
  char temporary[128];
  memset(&stats, 0, sizeof stats);
  snprintf(temporary, sizeof temporary, ".%s.%ld.tmp", path, (long)getpid());
  assert_int_equal(sk_stats_file_open(&file, path, &err), SHUKEI_OK);
  assert_true(exists(temporary) && !exists(path));
  sk_stats_file_close(&file); /* a failed run */
  assert_false(exists(temporary) || exists(path));
  assert_int_equal(sk_stats_file_open(&file, path, &err), SHUKEI_OK);
  assert_int_equal(sk_stats_file_commit(&file, "convert", &stats, &err), SHUKEI_OK);
  sk_stats_file_close(&file);
  assert_true(exists(path) && !exists(temporary));
  remove(path);
  assert_int_equal(sk_stats_file_open(&file, "no/such/file", &err), SHUKEI_EWRITE);
  sk_stats_file_close(&file);
  assert_int_equal(sk_stats_file_open(&file, "/dev/full", &err), SHUKEI_OK);
  assert_int_equal(sk_stats_file_commit(&file, "convert", &stats, &err), SHUKEI_EWRITE);
  sk_stats_file_close(&file);
  assert_true(exists("/dev/full"));
  assert_int_equal(sk_stats_file_open(&file, NULL, &err), SHUKEI_OK);
  assert_int_equal(sk_stats_file_commit(&file, "convert", &stats, &err), SHUKEI_OK);
  sk_stats_file_close(&file);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shows_what_was_asked_for),
      cmocka_unit_test(refuses_bad_choices),
      cmocka_unit_test(errors_are_one_line_and_advice),
      cmocka_unit_test(json_lines_are_json),
      cmocka_unit_test(a_bar_makes_way_for_messages),
      cmocka_unit_test(no_color_is_heard),
      cmocka_unit_test(output_arrives_whole),
      cmocka_unit_test(output_tells_failures),
      cmocka_unit_test(statistics_have_every_counter),
      cmocka_unit_test(statistics_appear_whole_or_not_at_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
