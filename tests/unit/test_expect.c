/* SPDX-License-Identifier: Apache-2.0 */
/* Expectations: ours, broken ones with their places, and judgements. */
#include "testing.h"

#include "bench/expect.h"

static const struct {
  const char *text, *want; /* want: what stands in the error */
} broken[] = {
    {"", "expected one key"},
    {"expectations: 3\n", "expected one key"},
    {"expectations: []\nmore: 1\n", "expected one key"},
    {"expectations: [3]\n", "x:1:16"},
    {"expectations:\n- seconds: {most: 1}\n", "a phase in each"},
    {"expectations:\n- phase: aggregate\n", "must reach"},
    {"expectations:\n- {phase: agregate, seconds: {most: 1}}\n", "x:2:11: \"agregate\""},
    {"expectations:\n- {phase: aggregate, second: {most: 1}}\n", "\"second\", expected phase"},
    {"expectations:\n- {phase: aggregate, seconds: {most: x}}\n", "\"x\", expected a number"},
    {"expectations:\n- {phase: aggregate, seconds: {most: -1}}\n", "\"-1\", expected a number"},
    {"expectations:\n- {phase: aggregate, seconds: {most: 1, least: 1}}\n",
     "one of least and most"},
    {"expectations:\n- {phase: aggregate, seconds: {of: {phase: convert}}}\n", "least or most"},
    {"expectations:\n- {phase: aggregate, seconds: {most: 1, of: convert}}\n", "a map of phase"},
    {"expectations:\n- {phase: aggregate, seconds: 1}\n", "a map of least"},
    {"expectations:\n- {phase: aggregate, mode: automatic, seconds: {most: 1}}\n",
     "x:2:28: \"automatic\", expected streaming, in-memory or auto"},
    {"expectations:\n- {phase: aggregate, sinks: sqlite, seconds: {most: 1}}\n", "a list of kinds"},
    {"expectations:\n- {phase: aggregate, sinks: [mysql], seconds: {most: 1}}\n",
     "x:2:30: \"mysql\", expected sqlite"},
    {"expectations:\n- {phase: convert, sinks: [csv], seconds: {most: 1}}\n", "expected no sinks"},
    {"expectations:\n- {phase: aggregate, lake: s4, seconds: {most: 1}}\n", "expected s3 or local"},
    {"expectations:\n- {phase: aggregate, scales: small, seconds: {most: 1}}\n",
     "a list of scales"},
    /* what could never be missed */
    {"expectations:\n- {phase: generate, seconds: {most: 1, of: {phase: aggregate}}}\n",
     "x:2:44: \"a map\", expected a mode"},
    {"expectations:\n- {phase: convert, seconds: {most: 1, of: {phase: validate}}}\n",
     "expected a mode"},
    {"expectations:\n- {phase: generate, mode: streaming, seconds: {most: 1}}\n",
     "x:2:27: \"streaming\", expected no mode"},
    {"expectations:\n- {mode: streaming, phase: upload, seconds: {most: 1}}\n", "expected no mode"},
    {"expectations:\n- {phase: generate, seconds: {most: 1, of: {phase: convert, mode: "
     "streaming}}}\n",
     "expected no mode"},
    {"expectations:\n- {phase: aggregate, seconds: {most: 1, of: {phase: aggregate}}}\n",
     "another phase or mode"},
    {"expectations:\n- {phase: aggregate, differences: {most: 0}}\n", "expected validate"},
    {"expectations:\n- {phase: aggregate, scales: [smal], seconds: {most: 1}}\n",
     "x:2:31: \"smal\", expected the name of a scale"},
};

static void tells_what_is_wrong(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(broken); i++) {
    struct sk_expectations found;
    struct sk_arena arena;
    shukei_error err = {0};
    sk_arena_init(&arena, NULL);
    const shukei_status st =
        sk_expectations_parse("x", broken[i].text, strlen(broken[i].text), &arena, &found, &err);
    if (st != SHUKEI_EINVAL || !strstr(err.text, broken[i].want))
      fail_msg("%s: %s, %s", broken[i].text, shukei_status_name(st), err.text);
    sk_arena_reset(&arena);
  }
}

static struct sk_bench_line line_of(enum sk_bench_phase phase, enum sk_bench_mode mode,
                                    int64_t repeat, double seconds)
{
  struct sk_bench_line line;
  sk_bench_line_init(&line);
  line.key = (struct sk_bench_key){.scale = "20k", .phase = phase, .mode = mode, .repeat = repeat};
  line.outcome = SK_BENCH_STATE_DONE;
  line.seconds = seconds;
  line.rows = 1000;
  line.peak_rss = 64 << 20;
  line.differences = phase == SK_BENCH_PHASE_VALIDATE ? 0 : -1;
  return line;
}

static void judges(void **state)
{
  (void)state;
  static const char text[] =
      "expectations:\n"
      "- phase: aggregate\n"
      "  mode: streaming\n"
      "  rows_per_second: {least: 0.5, of: {phase: generate}}\n"
      "  seconds: {most: 2, of: {mode: in-memory}}\n"
      "- {phase: aggregate, memory_mib: {most: 63}, bytes_per_row: {most: 70000}}\n"
      "- {phase: aggregate, scales: [small], seconds: {most: 0}}\n"
      "- {phase: upload, seconds: {most: 0}}\n"
      "- {phase: validate, mode: streaming, differences: {most: 0}}\n"
      "- {phase: convert, seconds: {most: 9}}\n"
      "- {phase: generate, seconds: {least: 1}, rows_per_second: {most: 1000}}\n";
  struct sk_bench_line lines[] = {
      line_of(SK_BENCH_PHASE_GENERATE, SK_BENCH_MODE_NONE, 1, 1),
      line_of(SK_BENCH_PHASE_CONVERT, SK_BENCH_MODE_NONE, 1, 1),
      line_of(SK_BENCH_PHASE_AGGREGATE, SK_BENCH_MODE_STREAMING, 1, 3),
      line_of(SK_BENCH_PHASE_VALIDATE, SK_BENCH_MODE_STREAMING, 1, 1),
      line_of(SK_BENCH_PHASE_AGGREGATE, SK_BENCH_MODE_IN_MEMORY, 1, 2),
      line_of(SK_BENCH_PHASE_AGGREGATE, SK_BENCH_MODE_STREAMING, 2, 1),
      line_of(SK_BENCH_PHASE_AGGREGATE, SK_BENCH_MODE_STREAMING, 3, 1),
  };
  static const enum sk_judgement_kind want[] = {
      SK_JUDGEMENT_MET,                       /* rows_per_second: 1000 of at least 500 */
      SK_JUDGEMENT_MET,                       /* seconds: 1 of at most 4 */
      SK_JUDGEMENT_MISSED,                    /* memory, streaming */
      SK_JUDGEMENT_MISSED,                    /* memory, in-memory */
      SK_JUDGEMENT_MET,     SK_JUDGEMENT_MET, /* bytes_per_row, 67109 */
      SK_JUDGEMENT_MET,                       /* differences */
      SK_JUDGEMENT_UNKNOWN,                   /* convert was reused */
      SK_JUDGEMENT_MET,     SK_JUDGEMENT_MET, /* a bound itself is met, from both sides */
  };
  struct sk_expectations found;
  struct sk_arena arena;
  struct sk_judgement *judgements;
  size_t count;
  for (size_t i = 2; i < SK_COUNT(lines); i++) { /* which generate and convert do not have */
    lines[i].key.threads = 2;
    lines[i].key.memory = 1 << 30;
  }
  lines[1].reused = true;
  lines[1].seconds = -1;
  sk_arena_init(&arena, NULL);
  assert_int_equal(sk_expectations_parse("x", text, sizeof text - 1, &arena, &found, NULL),
                   SHUKEI_OK);
  assert_int_equal(
      sk_expectations_judge(&found, lines, SK_COUNT(lines), &arena, &judgements, &count, NULL),
      SHUKEI_OK);
  assert_int_equal(count, SK_COUNT(want));
  for (size_t i = 0; i < count; i++)
    if (judgements[i].kind != want[i])
      fail_msg("judgement %zu: %d", i, (int)judgements[i].kind);
  assert_true(judgements[0].measured == 1000 && judgements[0].bound == 500);
  lines[6].outcome = SK_BENCH_STATE_TIMED_OUT; /* one repeat is enough */
  assert_int_equal(
      sk_expectations_judge(&found, lines, SK_COUNT(lines), &arena, &judgements, &count, NULL),
      SHUKEI_OK);
  assert_int_equal(judgements[0].kind, SK_JUDGEMENT_MISSED);
  assert_int_equal(judgements[0].outcome, SK_BENCH_STATE_TIMED_OUT);
  sk_arena_reset(&arena);
}

/* How many expectations of such a text are about aggregations into these sinks. */
static size_t judged(const char *about, const struct sk_bench_line *lines, size_t line_count)
{
  struct sk_expectations found;
  struct sk_arena arena;
  struct sk_judgement *judgements;
  struct sk_bench_key plan[8];
  char text[160];
  size_t count;
  sk_arena_init(&arena, NULL);
  snprintf(text, sizeof text, "expectations:\n- {phase: aggregate, %s, seconds: {most: 9}}\n",
           about);
  assert_int_equal(sk_expectations_parse("x", text, strlen(text), &arena, &found, NULL), SHUKEI_OK);
  assert_int_equal(
      sk_expectations_judge(&found, lines, line_count, &arena, &judgements, &count, NULL),
      SHUKEI_OK);
  for (size_t i = 0; i < line_count; i++)
    plan[i] = lines[i].key;
  assert_int_equal(sk_expectations_apply(&found, plan, line_count, "postgresql"), count > 0);
  sk_arena_reset(&arena);
  return count;
}

/* What holds of a run that stays on one machine need not hold of one by way of servers. */
/* What is not known is no value, and what has failed tells none. */
static void measures_what_is_known(void **state)
{
  (void)state;
  struct sk_bench_line lines[3];
  double values[SK_BENCH_REPEATS];
  const struct sk_bench_line *failed = NULL;
  for (int i = 0; i < 3; i++) {
    sk_bench_line_init(&lines[i]);
    lines[i].key = (struct sk_bench_key){.scale = "small", .phase = SK_BENCH_PHASE_CONVERT};
    lines[i].key.repeat = i + 1;
    lines[i].outcome = i == 1 ? SK_BENCH_STATE_FAILED : SK_BENCH_STATE_DONE;
    lines[i].seconds = i == 1 ? 100 : 2;
    lines[i].rows = 10;
  }
  assert_true(sk_metric_of(&lines[0], SK_METRIC_ROWS_PER_SECOND) == 5);
  assert_int_equal(sk_metric_values(lines, 3, &lines[0].key, SK_METRIC_SECONDS, values), 2);
  assert_true(values[0] == 2 && values[1] == 2);
  assert_true(sk_metric_median(lines, 3, &lines[0].key, SK_METRIC_SECONDS, &failed) == 2);
  assert_ptr_equal(failed, &lines[1]);
  lines[0].seconds = 0;
  assert_true(sk_metric_of(&lines[0], SK_METRIC_ROWS_PER_SECOND) == -1);
  lines[0].rows = -1;
  lines[0].seconds = 2;
  assert_true(sk_metric_of(&lines[0], SK_METRIC_ROWS_PER_SECOND) == -1);
}

static void knows_sinks_and_lakes(void **state)
{
  (void)state;
  struct sk_bench_line lines[] = {
      line_of(SK_BENCH_PHASE_CONVERT, SK_BENCH_MODE_NONE, 1, 1),
      line_of(SK_BENCH_PHASE_AGGREGATE, SK_BENCH_MODE_STREAMING, 1, 1),
      line_of(SK_BENCH_PHASE_AGGREGATE, SK_BENCH_MODE_AUTO, 1, 1),
  };
  lines[1].sink = lines[2].sink = "postgresql";
  assert_int_equal(judged("sinks: [csv, postgresql]", lines, SK_COUNT(lines)), 2);
  assert_int_equal(judged("sinks: [postgresql], mode: auto", lines, SK_COUNT(lines)), 1);
  assert_int_equal(judged("sinks: [sqlite]", lines, SK_COUNT(lines)), 0);
  assert_int_equal(judged("lake: local", lines, SK_COUNT(lines)), 2);
  assert_int_equal(judged("lake: s3", lines, SK_COUNT(lines)), 0);
  lines[0].key.phase = SK_BENCH_PHASE_UPLOAD;
  assert_int_equal(judged("lake: local", lines, SK_COUNT(lines)), 0);
  assert_int_equal(judged("lake: s3, sinks: [postgresql]", lines, SK_COUNT(lines)), 2);
}

static void ours_can_be_read(void **state)
{
  (void)state;
  shukei_status st = SHUKEI_ENOMEM;
  for (int64_t n = 0; st == SHUKEI_ENOMEM; n++) {
    struct sk_expectations found;
    struct sk_arena arena;
    sk_arena_init(&arena, NULL);
    sk_test_fail_alloc(n);
    st = sk_expectations_read(NULL, &arena, &found, NULL);
    assert_true(st == SHUKEI_ENOMEM ? sk_test_alloc_failed() : found.count >= 5);
    sk_arena_reset(&arena);
  }
  sk_test_fail_alloc(-1);
  assert_int_equal(st, SHUKEI_OK);
}

static void tells_of_files_that_are_not_there(void **state)
{
  (void)state;
  struct sk_expectations found;
  struct sk_arena arena;
  sk_arena_init(&arena, NULL);
  assert_int_equal(sk_expectations_read("no/such.yml", &arena, &found, NULL), SHUKEI_ENOTFOUND);
  assert_int_equal(sk_expectations_read(".", &arena, &found, NULL), SHUKEI_EIO);
  sk_arena_reset(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tells_what_is_wrong),    cmocka_unit_test(judges),
      cmocka_unit_test(measures_what_is_known), cmocka_unit_test(knows_sinks_and_lakes),
      cmocka_unit_test(ours_can_be_read),       cmocka_unit_test(tells_of_files_that_are_not_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
