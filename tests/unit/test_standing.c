/* SPDX-License-Identifier: Apache-2.0 */
/* Folders of benchmarks as they are found, and what is said of them: text, JSON, metrics, page. */
#include "bench_lines.h"

#include "status/site.h"
#include "status/standing_text.h"

#include <jansson.h>
#include <math.h>

static char folder[] = "/tmp/shukei-standing-XXXXXX";

static int make_folder(void **state)
{
  (void)state;
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
  (void)state;
  remove_bench(folder);
  return 0;
}

#define RUN RUN_OF("00000000000000aa")
#define RUN_OF(id)                                                                                 \
  "{\"kind\":\"run\",\"format\":1,\"run\":\"" id "\",\"time\":\"2026-11-26T21:00:00.000Z\","       \
  "\"plan\":[{" BENCH_KEY "},{" BENCH_KEY "},{" BENCH_KEY "}]}\n"

/* small is aggregated and validated, big, which is no preset, waits. */
static void put_results(const char *validated)
{
  struct sk_buffer text;
  sk_buffer_init(&text, NULL, 1 << 20);
  sk_buffer_printf(&text, RUN, "small", "aggregate", "small", "validate", "big", "aggregate");
  bench_phase(&text, "small", "aggregate", 1000, 0.5, ",\"outcome\":\"done\"");
  if (validated)
    bench_phase(&text, "small", "validate", 1000, 0.25, validated);
  write_buffer(folder, SK_BENCH_RESULTS_FILE, &text);
  sk_buffer_reset(&text);
}

static void put_running(int64_t pid)
{
  char text[2048];
  const int n = snprintf(
      text, sizeof text,
      "{\"format\":1,\"run\":\"00000000000000aa\",\"pid\":%" PRIi64
      ",\"begun\":\"2026-11-26T21:00:00.000Z\","
      "\"updated\":\"2026-11-26T21:00:05.500Z\",\"plan\":[{" BENCH_KEY ",\"state\":\"done\"},"
      "{" BENCH_KEY ",\"state\":\"failed\"},{" BENCH_KEY ",\"state\":\"running\"}],"
      "\"now\":{" BENCH_KEY ",\"pid\":%" PRIi64 ",\"seconds\":2.5,\"rows\":400,\"rows_total\":1000,"
      "\"rss\":2097152,\"rate\":160},\"disk_free\":1073741824,\"memory_free\":5,\"last_error\":"
      "\"it broke\"}\n",
      pid, "small", "aggregate", "small", "validate", "big", "aggregate", "big", "aggregate", pid);
  write_text(folder, SK_RUNNING_FILE, text, (size_t)n);
}

static void remove_running(void)
{
  sk_running_remove(folder);
}

static void must_read(struct sk_standing *standing)
{
  shukei_error err = {.offset = 0};
  if (sk_standing_read(standing, &err))
    fail_msg("%s", err.text);
}

static void nothing_there(void **state)
{
  struct sk_standing standing;
  char line[SK_STANDING_LINE];
  (void)state;
  sk_standing_init(&standing, "/tmp/shukei-no-such-folder");
  must_read(&standing);
  assert_int_equal(standing.state, SK_STANDING_NONE);
  assert_string_equal(sk_standing_line(&standing, line), "no benchmark yet");
  assert_int_equal(standing.begun_ms, -1);
  assert_true(standing.rate == -1 && isnan(standing.row_bytes));
  sk_standing_reset(&standing);
}

static void stopped_then_finished(void **state)
{
  struct sk_standing standing;
  struct sk_buffer text;
  char line[SK_STANDING_LINE];
  (void)state;
  remove_running();
  put_results(",\"outcome\":\"interrupted\"");
  sk_standing_init(&standing, folder);
  must_read(&standing);
  assert_int_equal(standing.state, SK_STANDING_STOPPED);
  assert_int_equal(sk_standing_ended(&standing), 1);
  assert_string_equal(sk_standing_line(&standing, line), "stopped, 2 of 3 phases are still to do");
  assert_int_equal(standing.scales[0].state, SK_BENCH_STATE_INTERRUPTED);
  assert_int_equal(standing.scales[1].state, SK_BENCH_STATE_WAITING);
  assert_int_equal(standing.scales[0].rows, 1000);
  assert_true(standing.scales[0].rate == 2000);
  assert_int_equal(standing.scales[0].differences, -1);
  sk_buffer_init(&text, NULL, 1 << 20);
  bench_phase(&text, "small", "validate", 1000, 0.25, ",\"outcome\":\"done\",\"differences\":0");
  bench_phase(&text, "big", "aggregate", 10000, 4,
              ",\"outcome\":\"out-of-memory\",\"error\":\"no memory\"");
  struct sk_buffer all;
  sk_buffer_init(&all, NULL, 1 << 20);
  sk_buffer_printf(&all, RUN, "small", "aggregate", "small", "validate", "big", "aggregate");
  bench_phase(&all, "small", "aggregate", 1000, 0.5, ",\"outcome\":\"done\"");
  sk_buffer_add(&all, text.bytes, text.length);
  write_buffer(folder, SK_BENCH_RESULTS_FILE, &all);
  must_read(&standing); /* the file has grown */
  assert_int_equal(standing.state, SK_STANDING_FINISHED);
  assert_int_equal(standing.scales[0].differences, 0);
  assert_int_equal(standing.scales[1].state, SK_BENCH_STATE_FAILED);
  assert_string_equal(standing.scales[1].phase, "aggregate");
  assert_int_equal(sk_standing_failed(&standing), 1);
  assert_string_equal(standing.last_error, "no memory");
  assert_int_equal(standing.indicators[1].verdict, SK_HEALTH_BAD);
  sk_buffer_reset(&text);
  sk_buffer_reset(&all);
  sk_standing_reset(&standing);
}

/* A run is whole; the next one of the same plan, --again, was stopped after its first phase. */
static void lines_of_a_run_before_do_not_count(void **state)
{
  struct sk_standing standing;
  struct sk_buffer text;
  (void)state;
  remove_running();
  sk_buffer_init(&text, NULL, 1 << 20);
  sk_buffer_printf(&text, RUN, "small", "aggregate", "small", "validate", "big", "aggregate");
  bench_phase(&text, "small", "aggregate", 1000, 0.5, ",\"outcome\":\"done\"");
  bench_phase(&text, "small", "validate", 1000, 0.25, ",\"outcome\":\"done\",\"differences\":0");
  bench_phase(&text, "big", "aggregate", 10000, 4, ",\"outcome\":\"failed\",\"error\":\"old\"");
  sk_buffer_printf(&text, RUN_OF("00000000000000bb"), "small", "aggregate", "small", "validate",
                   "big", "aggregate");
  bench_phase_of(&text, "00000000000000bb", "small", "aggregate", 1000, 0.25,
                 ",\"outcome\":\"done\"");
  write_buffer(folder, SK_BENCH_RESULTS_FILE, &text);
  sk_buffer_reset(&text);
  sk_standing_init(&standing, folder);
  must_read(&standing);
  assert_int_equal(standing.state, SK_STANDING_STOPPED);
  assert_int_equal(sk_standing_ended(&standing), 1);
  assert_int_equal(sk_standing_failed(&standing), 0);
  assert_true(standing.scales[0].rate == 4000);
  assert_int_equal(standing.scales[0].differences, -1);
  assert_null(standing.last_error);
  put_running(getpid()); /* of the run before: its phase that is done has that run's line */
  must_read(&standing);
  assert_true(standing.items[0].line && standing.items[0].line->seconds == 0.5);
  sk_standing_reset(&standing);
  remove_running();
}

/* A validation that finds differences ends with exit status 4, and has failed. */
static void differences_of_a_failed_validation_count(void **state)
{
  struct sk_standing standing;
  struct sk_buffer out;
  (void)state;
  remove_running();
  put_results(",\"outcome\":\"failed\",\"exit\":4,\"differences\":7,\"error\":\"7 differences\"");
  sk_standing_init(&standing, folder);
  must_read(&standing);
  assert_int_equal(standing.scales[0].differences, 7);
  sk_buffer_init(&out, NULL, SK_STANDING_BYTES);
  sk_standing_text(&out, &standing);
  sk_buffer_byte(&out, 0);
  assert_non_null(strstr((const char *)out.bytes, "1 MiB  no\n"));
  sk_buffer_reset(&out);
  sk_standing_reset(&standing);
}

static void running_then_crashed(void **state)
{
  struct sk_standing standing;
  char line[SK_STANDING_LINE], left[SK_ESTIMATE_TEXT];
  int lock;
  (void)state;
  put_results(",\"outcome\":\"failed\",\"error\":\"it differs\"");
  put_running(getpid());
  assert_int_equal(sk_running_lock(folder, &lock, NULL), SHUKEI_OK);
  sk_standing_init(&standing, folder);
  must_read(&standing);
  assert_int_equal(standing.state, SK_STANDING_RUNNING);
  assert_true(standing.alive && standing.phase_alive);
  assert_true(sk_standing_share(&standing) == 0.4 && standing.rate == 160);
  assert_string_equal(sk_standing_line(&standing, line), "running since 2026-11-26 21:00:00 UTC");
  assert_string_equal(standing.last_error,
                      "it differs"); /* of a phase: says more than the benchmark's */
  assert_string_equal(sk_estimate_text(&standing.phase_left, left), "about 3.8 s");
  assert_int_equal(standing.indicators[0].verdict, SK_HEALTH_BAD); /* it wrote long ago */
  sk_running_unlock(lock);
  must_read(&standing);
  assert_int_equal(standing.state, SK_STANDING_CRASHED);
  assert_string_equal(sk_standing_line(&standing, line),
                      "not running since 2026-11-26 21:00:05 UTC: it ended without a word");
  assert_int_equal(standing.items[2].state, SK_BENCH_STATE_INTERRUPTED);
  assert_false(standing.phase_left.known);
  put_running(INT32_MAX);
  must_read(&standing);
  assert_int_equal(standing.state, SK_STANDING_CRASHED);
  sk_standing_reset(&standing);
  remove_running();
}

static void told_in_all_forms(void **state)
{
  struct sk_standing standing;
  struct sk_buffer out;
  char policy[SK_PAGE_POLICY];
  int lock;
  (void)state;
  put_results(",\"outcome\":\"failed\",\"error\":\"<script>&\\\"x\\\"\"");
  put_running(getpid());
  assert_int_equal(sk_running_lock(folder, &lock, NULL), SHUKEI_OK);
  sk_standing_init(&standing, folder);
  must_read(&standing);
  sk_running_unlock(lock);
  sk_buffer_init(&out, NULL, SK_STANDING_BYTES);
  for (int indented = 0; indented < 2; indented++) {
    sk_standing_json(&out, &standing, indented);
    json_t *const root = json_loadb((const char *)out.bytes, out.length, 0, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "state")), "running");
    assert_int_equal(json_array_size(json_object_get(root, "phases")), 3);
    assert_int_equal(json_integer_value(json_object_get(root, "disk_free_bytes")), 1073741824);
    json_decref(root);
    const size_t lines = indented ? 40 : 1;
    size_t found = 0;
    for (size_t i = 0; i < out.length; i++)
      found += out.bytes[i] == '\n';
    assert_true(indented ? found > lines : found == lines);
    sk_buffer_clear(&out);
  }
  sk_standing_page(&out, &standing, "a <problem>");
  sk_buffer_byte(&out, 0);
  const char *const page = (const char *)out.bytes;
  assert_non_null(strstr(page, "&lt;script&gt;&amp;&quot;x&quot;"));
  assert_non_null(strstr(page, "a &lt;problem&gt;"));
  assert_non_null(strstr(page, "400 of 1,000"));
  assert_null(strstr(page, "http://"));
  assert_ptr_equal(strstr(strstr(page, "<script>") + 1, "<script>"), NULL);
  sk_buffer_clear(&out);
  sk_standing_metrics(&out, &standing);
  sk_buffer_byte(&out, 0);
  assert_non_null(strstr((const char *)out.bytes, "shukei_bench_phase_rows 400.0\n"));
  assert_non_null(strstr((const char *)out.bytes, "shukei_bench_phases{state=\"failed\"} 1.0\n"));
  assert_non_null(strstr(sk_standing_page_policy(policy), "frame-ancestors 'none'"));
  sk_buffer_reset(&out);
  sk_standing_reset(&standing);
  remove_running();
}

static void spells_keys(void **state)
{
  struct sk_bench_key key = {.scale = "large", .phase = SK_BENCH_PHASE_CONVERT, .repeat = 1};
  char text[SK_PHASE_TEXT], long_name[300], count[SK_GROUPED_TEXT], size[SK_SIZE_TEXT];
  (void)state;
  assert_string_equal(sk_phase_text(&key, text), "convert of large");
  key.mode = SK_BENCH_MODE_IN_MEMORY;
  key.threads = 1;
  key.memory = 268435456;
  key.repeat = 2;
  assert_string_equal(sk_phase_text(&key, text),
                      "convert of large, in-memory, 1 thread, 256 MiB, run 2");
  memset(long_name, 'x', sizeof long_name - 1);
  long_name[sizeof long_name - 1] = '\0';
  key.scale = long_name;
  key.memory = key.repeat = key.threads = INT64_MAX;
  assert_true(strlen(sk_phase_text(&key, text)) < SK_PHASE_TEXT);
  assert_string_equal(sk_count_text(-1, count), "-");
  assert_string_equal(sk_count_text(NAN, count), "-");
  assert_string_equal(sk_count_text(1e30, count), "-");
  assert_string_equal(sk_count_text(1234.6, count), "1,235");
  assert_string_equal(sk_bytes_text(-1, size), "-");
}

static void site_answers(void **state)
{
  struct sk_site site;
  struct sk_http_answer answer = {.status = 200};
  (void)state;
  put_results(NULL);
  sk_site_init(&site, folder);
  sk_site_look(&site);
  sk_site_answer(&site, "/", &answer);
  assert_int_equal(answer.status, 200);
  assert_non_null(answer.policy);
  assert_true(answer.length > 1000);
  const void *const before = answer.bytes;
  sk_site_answer(&site, "/", &answer); /* made once */
  assert_ptr_equal(answer.bytes, before);
  sk_site_answer(&site, "/none", &answer);
  assert_int_equal(answer.status, 404);
  write_text(folder, SK_BENCH_RESULTS_FILE, "x\ny\n", 4);
  site.read_ns = 0;
  sk_site_answer(&site, "/status.json", &answer);
  assert_int_equal(answer.status, 503);
  sk_site_answer(&site, "/", &answer);
  assert_int_equal(answer.status, 200);
  sk_site_reset(&site);
}

/* Every allocation of ours failed once: an error, a text that is marked as failed, or, where a
 * buffer tried again with less, all of it. */
static void survives_every_failed_allocation(void **state)
{
  bool failed = true;
  (void)state;
  put_results(",\"outcome\":\"done\",\"differences\":1");
  put_running(getpid());
  for (int n = 0; failed; n++) {
    struct sk_standing standing;
    struct sk_buffer out;
    sk_standing_init(&standing, folder);
    sk_buffer_init(&out, NULL, SK_STANDING_BYTES);
    sk_test_fail_alloc(n);
    const shukei_status st = sk_standing_read(&standing, NULL);
    if (!st) {
      sk_standing_text(&out, &standing);
      sk_standing_json(&out, &standing, true);
      sk_standing_metrics(&out, &standing);
      sk_standing_page(&out, &standing, NULL);
    }
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    assert_true(failed || (st == SHUKEI_OK && !out.failed));
    assert_true(st || standing.item_count == 3);
    assert_true(st == SHUKEI_OK || st == SHUKEI_ENOMEM);
    sk_buffer_reset(&out);
    sk_standing_reset(&standing);
  }
  remove_running();
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_there),
                                     cmocka_unit_test(stopped_then_finished),
                                     cmocka_unit_test(lines_of_a_run_before_do_not_count),
                                     cmocka_unit_test(differences_of_a_failed_validation_count),
                                     cmocka_unit_test(running_then_crashed),
                                     cmocka_unit_test(told_in_all_forms),
                                     cmocka_unit_test(spells_keys),
                                     cmocka_unit_test(site_answers),
                                     cmocka_unit_test(survives_every_failed_allocation)};
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
