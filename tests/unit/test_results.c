/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of results: what is written is read, torn and foreign lines, members that lack. */
#include "testing.h"

#include "bench/results.h"

#include <fcntl.h>
#include <unistd.h>

#define PATH "test-results.jsonl"

static const char *const words[] = {"shukei", "aggregate", "a b"};

static struct sk_bench_line sample_line(const char *scale, int64_t repeat)
{
  struct sk_bench_line line;
  sk_bench_line_init(&line);
  line.key = (struct sk_bench_key){.scale = scale,
                                   .phase = SK_BENCH_PHASE_AGGREGATE,
                                   .mode = SK_BENCH_MODE_IN_MEMORY,
                                   .repeat = repeat,
                                   .threads = 2,
                                   .memory = 1 << 28};
  line.run = "0123456789abcdef";
  line.time = "2026-11-26T21:00:00.000Z";
  line.sink = "sqlite";
  line.outcome = SK_BENCH_STATE_OUT_OF_MEMORY;
  line.exit = 3;
  line.signal = 9;
  line.seconds = 1.234567;
  line.cpu_user = 0.5;
  line.peak_rss = 123456;
  line.rows = 22320;
  line.differences = 0;
  line.sample_count = 2;
  line.samples[0] = (struct sk_bench_sample){0.25, 100, 4096};
  line.samples[1] = (struct sk_bench_sample){0.5, 200, 8192};
  line.command = (struct sk_bench_words){(const char **)(uintptr_t)words, SK_COUNT(words)};
  line.error = "out of \"memory\" \xff";
  return line;
}

static struct sk_bench_run sample_run(struct sk_bench_key *plan, int64_t *threads)
{
  struct sk_bench_run run = {.id = "0123456789abcdef", .time = "2026-11-26T21:00:00.000Z"};
  run.version = "0.1.0";
  run.command = (struct sk_bench_words){(const char **)(uintptr_t)words, SK_COUNT(words)};
  run.machine =
      (struct sk_bench_machine){.host = "h", .cpu = "c", .processors = 2, .memory = 1 << 30};
  run.repeat = 3;
  run.threads = threads;
  run.threads_count = 2;
  run.to = "bench.db";
  run.plan = plan;
  run.plan_count = 2;
  return run;
}

static void write_sample(void)
{
  struct sk_bench_writer writer;
  struct sk_bench_key plan[] = {{.scale = "small", .phase = SK_BENCH_PHASE_GENERATE, .repeat = 1},
                                {.scale = "small", .phase = SK_BENCH_PHASE_CONVERT, .repeat = 1}};
  int64_t threads[] = {1, 2};
  const struct sk_bench_run run = sample_run(plan, threads);
  const struct sk_bench_line first = sample_line("small", 1), second = sample_line("small", 2);
  (void)unlink(PATH);
  assert_int_equal(sk_bench_writer_open(&writer, PATH, NULL), SHUKEI_OK);
  assert_int_equal(sk_bench_writer_run(&writer, &run, NULL), SHUKEI_OK);
  assert_int_equal(sk_bench_writer_line(&writer, &first, NULL), SHUKEI_OK);
  assert_int_equal(sk_bench_writer_line(&writer, &second, NULL), SHUKEI_OK);
  sk_bench_writer_close(&writer);
}

static void reads_what_was_written(void **state)
{
  (void)state;
  struct sk_bench_results results;
  const struct sk_bench_line want = sample_line("small", 2);
  write_sample();
  sk_bench_results_init(&results, NULL);
  assert_int_equal(sk_bench_results_read(&results, PATH, NULL), SHUKEI_OK);
  assert_int_equal(results.run_count, 1);
  assert_int_equal(results.line_count, 2);
  const struct sk_bench_run *const run = sk_bench_results_run(&results, want.run);
  assert_non_null(run);
  assert_null(sk_bench_results_run(&results, "other"));
  assert_int_equal(run->plan_count, 2);
  assert_int_equal(run->plan[1].phase, SK_BENCH_PHASE_CONVERT);
  assert_int_equal(run->threads[1], 2);
  assert_int_equal(run->machine.memory, 1 << 30);
  assert_string_equal(run->command.items[2], "a b");
  const struct sk_bench_line *const line = sk_bench_results_line(&results, want.run, &want.key);
  assert_ptr_equal(line, &results.lines[1]);
  assert_null(sk_bench_results_line(&results, "other", &want.key));
  assert_int_equal(line->outcome, SK_BENCH_STATE_OUT_OF_MEMORY);
  assert_true(line->seconds == want.seconds && line->cpu_user == 0.5 && line->cpu_system == -1);
  assert_int_equal(line->signal, 9);
  assert_int_equal(line->rows, 22320);
  assert_int_equal(line->groups, -1);
  assert_int_equal(line->differences, 0);
  assert_int_equal(line->sample_count, 2);
  assert_true(line->samples[1].seconds == 0.5 && line->samples[1].rss == 8192);
  assert_string_equal(line->error, "out of \"memory\" ?");
  assert_null(line->log);
  assert_false(line->reused);
  sk_bench_results_reset(&results);
}

static const struct {
  const char *why, *text;
  shukei_status want;
  size_t runs, lines;
} texts[] = {
    {"nothing", "", SHUKEI_OK, 0, 0},
    {"torn", "{\"kind\":\"run\",\"run\":\"1\"}\n{\"kind\":\"ru", SHUKEI_OK, 1, 0},
    {"unknown kind", "{\"kind\":\"note\"}\n", SHUKEI_OK, 0, 0},
    {"unknown members", "{\"kind\":\"run\",\"run\":\"1\",\"x\":[{}]}\n", SHUKEI_OK, 1, 0},
    {"wrong types", "{\"kind\":\"run\",\"run\":\"1\",\"plan\":7,\"settings\":[],\"time\":1}\n",
     SHUKEI_OK, 1, 0},
    {"newer", "{\"kind\":\"run\",\"run\":\"1\",\"format\":2}\n", SHUKEI_EUNSUPPORTED, 0, 0},
    {"no JSON", "{\"kind\":\n{}\n", SHUKEI_EFORMAT, 0, 0},
    {"no kind", "[]\n", SHUKEI_EFORMAT, 0, 0},
    {"no run", "{\"kind\":\"run\"}\n", SHUKEI_EFORMAT, 0, 0},
    {"no key", "{\"kind\":\"phase\",\"run\":\"1\",\"outcome\":\"done\"}\n", SHUKEI_EFORMAT, 0, 0},
    {"a state, but no outcome",
     "{\"kind\":\"phase\",\"run\":\"1\",\"scale\":\"s\",\"phase\":\"convert\",\"outcome\":"
     "\"running\"}\n",
     SHUKEI_EFORMAT, 0, 0},
    {"least of a phase",
     "{\"kind\":\"phase\",\"run\":\"1\",\"scale\":\"s\",\"phase\":\"convert\",\"outcome\":\"done\"}"
     "\n",
     SHUKEI_OK, 0, 1},
};

static void parses_lines(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(texts); i++) {
    struct sk_bench_results results;
    sk_bench_results_init(&results, NULL);
    const shukei_status st =
        sk_bench_results_parse(&results, "x", texts[i].text, strlen(texts[i].text), NULL);
    if (st != texts[i].want || results.run_count != texts[i].runs ||
        results.line_count != texts[i].lines)
      fail_msg("%s: %s, %zu, %zu", texts[i].why, shukei_status_name(st), results.run_count,
               results.line_count);
    sk_bench_results_reset(&results);
  }
}

/* The last line of a key counts, and of samples only so many are kept. */
static void takes_the_last_line_and_few_samples(void **state)
{
  (void)state;
  struct sk_bench_results results;
  struct sk_buffer text;
  sk_bench_results_init(&results, NULL);
  sk_buffer_init(&text, NULL, SIZE_MAX / 2);
  for (int line = 1; line <= 2; line++) {
    sk_buffer_printf(&text,
                     "{\"kind\":\"phase\",\"run\":\"1\",\"scale\":\"s\",\"phase\":\"convert\","
                     "\"outcome\":\"done\",\"rows\":%d,\"samples\":[",
                     line);
    for (int i = 0; i < 3 * SK_BENCH_SAMPLES; i++)
      sk_buffer_printf(&text, "%s[%d,1,2]", i ? "," : "", i);
    sk_buffer_text(&text, "]}\n");
  }
  assert_int_equal(
      sk_bench_results_parse(&results, "x", (const char *)text.bytes, text.length, NULL),
      SHUKEI_OK);
  assert_int_equal(results.line_count, 2);
  const struct sk_bench_line *const last =
      sk_bench_results_line(&results, "1", &results.lines[0].key);
  assert_ptr_equal(last, &results.lines[1]);
  assert_int_equal(last->rows, 2);
  assert_int_equal(last->sample_count, SK_BENCH_SAMPLES);
  sk_buffer_reset(&text);
  sk_bench_results_reset(&results);
}

/* The file of write_sample(), cut at every byte: whole lines are read, and the next writer goes on
 * behind them. */
static void survives_any_tear(void **state)
{
  (void)state;
  char bytes[8192];
  write_sample();
  int fd = open(PATH, O_RDONLY);
  const ssize_t length = read(fd, bytes, sizeof bytes);
  close(fd);
  assert_true(length > 0 && length < (ssize_t)sizeof bytes);
  size_t whole = 0;
  for (ssize_t cut = 0; cut <= length; cut += cut < length - 40 ? 7 : 1) {
    struct sk_bench_results results;
    struct sk_bench_writer writer;
    const struct sk_bench_line line = sample_line("medium", 1);
    for (whole = 0, fd = 0; fd < cut; fd++)
      whole += bytes[fd] == '\n';
    fd = open(PATH, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, bytes, (size_t)cut), cut);
    close(fd);
    sk_bench_results_init(&results, NULL);
    assert_int_equal(sk_bench_results_read(&results, PATH, NULL), SHUKEI_OK);
    assert_int_equal(results.run_count + results.line_count, whole);
    assert_int_equal(sk_bench_writer_open(&writer, PATH, NULL), SHUKEI_OK);
    assert_int_equal(sk_bench_writer_line(&writer, &line, NULL), SHUKEI_OK);
    sk_bench_writer_close(&writer);
    sk_bench_results_reset(&results);
    assert_int_equal(sk_bench_results_read(&results, PATH, NULL), SHUKEI_OK);
    assert_int_equal(results.run_count + results.line_count, whole + 1);
    assert_string_equal(results.lines[results.line_count - 1].key.scale, "medium");
    sk_bench_results_reset(&results);
  }
}

/* A torn line that is longer than what is looked at in one go: a phase of many words was being
 * written. */
static void survives_a_long_tear(void **state)
{
  (void)state;
  static char torn[200000];
  struct sk_bench_results results;
  struct sk_bench_writer writer;
  const struct sk_bench_line line = sample_line("medium", 1);
  memset(torn, 'x', sizeof torn);
  write_sample();
  const int fd = open(PATH, O_WRONLY | O_APPEND);
  assert_int_equal(write(fd, torn, sizeof torn), sizeof torn);
  close(fd);
  assert_int_equal(sk_bench_writer_open(&writer, PATH, NULL), SHUKEI_OK);
  assert_int_equal(sk_bench_writer_line(&writer, &line, NULL), SHUKEI_OK);
  sk_bench_writer_close(&writer);
  sk_bench_results_init(&results, NULL);
  assert_int_equal(sk_bench_results_read(&results, PATH, NULL), SHUKEI_OK);
  assert_int_equal(results.run_count, 1);
  assert_int_equal(results.line_count, 3);
  assert_string_equal(results.lines[2].key.scale, "medium");
  sk_bench_results_reset(&results);
}

static void fails_without_memory(void **state)
{
  (void)state;
  write_sample();
  shukei_status st = SHUKEI_ENOMEM;
  for (int64_t n = 0; st == SHUKEI_ENOMEM; n++) {
    struct sk_bench_results results;
    sk_bench_results_init(&results, NULL);
    sk_test_fail_alloc(n);
    st = sk_bench_results_read(&results, PATH, NULL);
    assert_true(st == SHUKEI_ENOMEM ? sk_test_alloc_failed() : results.line_count == 2);
    sk_bench_results_reset(&results);
  }
  assert_int_equal(st, SHUKEI_OK);
  st = SHUKEI_ENOMEM;
  for (int64_t n = 0; st == SHUKEI_ENOMEM; n++) {
    struct sk_bench_writer writer;
    const struct sk_bench_line line = sample_line("small", 3);
    sk_test_fail_alloc(n);
    st = sk_bench_writer_open(&writer, PATH, NULL);
    if (!st)
      st = sk_bench_writer_line(&writer, &line, NULL);
    sk_bench_writer_close(&writer);
  }
  sk_test_fail_alloc(-1);
  assert_int_equal(st, SHUKEI_OK);
  (void)unlink(PATH);
}

static void tells_what_is_missing(void **state)
{
  (void)state;
  struct sk_bench_results results;
  struct sk_bench_writer writer;
  shukei_error err;
  sk_bench_results_init(&results, NULL);
  assert_int_equal(sk_bench_results_read(&results, "no/such.jsonl", &err), SHUKEI_ENOTFOUND);
  assert_non_null(strstr(err.text, "no/such.jsonl"));
  assert_int_equal(sk_bench_results_read(&results, ".", &err), SHUKEI_EIO);
  assert_int_equal(sk_bench_writer_open(&writer, "no/such.jsonl", &err), SHUKEI_EWRITE);
  sk_bench_writer_close(&writer);
  sk_bench_results_reset(&results);
}

static void knows_times(void **state)
{
  (void)state;
  char text[SK_BENCH_TIME_TEXT];
  assert_int_equal(sk_bench_time_ms("1970-01-02T00:00:01.002Z"), 86401002);
  assert_int_equal(sk_bench_time_ms("2026-11-26T21:00:00Z"), -1);
  assert_int_equal(sk_bench_time_ms("2026-11-26 21:00:00.000Z"), -1);
  assert_int_equal(sk_bench_time_ms("2026-11-26T2x:00:00.000Z"), -1);
  assert_int_equal(sk_bench_time_ms(NULL), -1);
  assert_true(sk_bench_time_ms(sk_bench_time_text(text)) > INT64_C(1700000000000));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_what_was_written),
      cmocka_unit_test(parses_lines),
      cmocka_unit_test(takes_the_last_line_and_few_samples),
      cmocka_unit_test(survives_any_tear),
      cmocka_unit_test(survives_a_long_tear),
      cmocka_unit_test(fails_without_memory),
      cmocka_unit_test(tells_what_is_missing),
      cmocka_unit_test(knows_times),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
