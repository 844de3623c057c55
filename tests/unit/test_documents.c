/* SPDX-License-Identifier: Apache-2.0 */
/* Whole documents of small results: every allocation failed once, the same bytes twice, figures as
 * people read them, and what a comparison says. What the numbers are is for tests/report to
 * recompute. */
#include "testing.h"

#include "report/documents.h"
#include "report/numerals.h"

#include <math.h>

static const char run_line[] = "{\"kind\":\"run\",\"format\":1,\"run\":\"00000000000000ab\","
                               "\"time\":\"2026-11-26T21:00:00.000Z\","
                               "\"command\":[\"shukei\",\"bench\"],\"version\":\"0.1.0\","
                               "\"machine\":{\"host\":\"<h>\",\"cpu\":\"c\",\"processors\":2,"
                               "\"memory\":8000000000},\"settings\":{\"scales\":[\"small\"],"
                               "\"repeat\":3,\"threads\":[2],\"memory\":[0]},\"plan\":[]}\n";

/* Lines of three scales, three repeats each, so many times as slow; of the largest the last one
 * fails, or all where they run out of time. */
static void make_results(struct sk_bench_results *results, double slow, const char *outcome)
{
  static const struct {
    const char *scale;
    int rows;
  } scales[] = {{"small", 22320}, {"medium", 100000}, {"large", 250000}};
  static char text[32768];
  size_t at = (size_t)snprintf(text, sizeof text, "%s", run_line);
  for (size_t i = 0; i < SK_COUNT(scales); i++)
    for (int repeat = 1; repeat <= 3; repeat++)
      at += (size_t)snprintf(
          text + at, sizeof text - at,
          "{\"kind\":\"phase\",\"run\":\"00000000000000ab\",\"time\":\"t\",\"scale\":\"%s\","
          "\"phase\":\"aggregate\","
          "\"repeat\":%d,\"mode\":\"streaming\",\"threads\":2,\"memory\":0,\"sink\":\"sqlite\","
          "\"outcome\":\"%s\","
          "\"seconds\":%.6f,\"cpu_user\":1,\"cpu_system\":0.5,\"peak_rss\":%d,\"rows\":%d,"
          "\"command\":[\"shukei\",\"aggregate\"],\"error\":\"<script>|=1\"}\n",
          scales[i].scale, repeat, i == 2 && (repeat == 3 || *outcome == 't') ? outcome : "done",
          slow * scales[i].rows / 1e6 * (1 + repeat / 100.0), 10000000 + 100 * scales[i].rows,
          scales[i].rows);
  sk_bench_results_init(results, NULL);
  assert_int_equal(sk_bench_results_parse(results, "r", text, at, NULL), SHUKEI_OK);
}

static shukei_status all_forms(struct sk_buffer *out, const struct sk_bench_results *results,
                               const struct sk_bench_results *before)
{
  struct sk_reported report;
  struct sk_doc doc;
  sk_doc_init(&doc, NULL);
  shukei_status st = sk_report_make(&report, &doc, results, before, SK_COMPARE_LEAST_CHANGE, NULL);
  if (!st) {
    sk_report_html(out, &doc);
    sk_report_markdown(out, &doc, "charts/");
    sk_report_slides(out, &doc);
    sk_report_csv(out, sk_report_table(&doc, "phases"));
    sk_chart_file(out, sk_report_chart(&doc, "throughput"));
    st = out->failed ? SHUKEI_ENOMEM : SHUKEI_OK;
  }
  sk_doc_reset(&doc);
  return st;
}

static void gives_the_same_bytes(void **state)
{
  (void)state;
  struct sk_bench_results results;
  struct sk_buffer first, second;
  make_results(&results, 1, "failed");
  sk_buffer_init(&first, NULL, SIZE_MAX);
  sk_buffer_init(&second, NULL, SIZE_MAX);
  assert_int_equal(all_forms(&first, &results, &results), SHUKEI_OK);
  assert_int_equal(all_forms(&second, &results, &results), SHUKEI_OK);
  assert_int_equal(first.length, second.length);
  assert_memory_equal(first.bytes, second.bytes, first.length);
  sk_buffer_reset(&first);
  sk_buffer_reset(&second);
  sk_bench_results_reset(&results);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  struct sk_bench_results results;
  shukei_status st = SHUKEI_ENOMEM;
  make_results(&results, 1, "failed");
  for (int n = 0; st == SHUKEI_ENOMEM; n++) {
    struct sk_buffer out;
    sk_buffer_init(&out, NULL, SIZE_MAX);
    sk_test_fail_alloc(n);
    st = all_forms(&out, &results, &results);
    sk_test_fail_alloc(-1);
    sk_buffer_reset(&out);
  }
  assert_int_equal(st, SHUKEI_OK);
  sk_bench_results_reset(&results);
}

static void tells_of_no_phase(void **state)
{
  (void)state;
  struct sk_bench_results results;
  struct sk_buffer out;
  sk_bench_results_init(&results, NULL);
  sk_buffer_init(&out, NULL, SIZE_MAX);
  assert_int_equal(all_forms(&out, &results, NULL), SHUKEI_EFORMAT);
  sk_bench_results_reset(&results);
}

static const struct {
  double before, after;
  const char *outcome;
  size_t worse, better, same, broken;
} comparisons[] = {
    {1, 1, "done", 0, 0, 6, 0},
    {1, 1.5, "done", 3, 0, 3, 0},
    {1, 0.5, "done", 0, 3, 3, 0},
    {1, 1, "timed-out", 0, 0, 4, 1},
    /* not one of three is done any more */
    {1, 1.03, "done", 0, 0, 6, 0}, /* sure, but too little to count */
};

static void compares(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(comparisons); i++) {
    struct sk_bench_results before, after;
    struct sk_reported report;
    struct sk_doc doc;
    make_results(&before, comparisons[i].before, "done");
    make_results(&after, comparisons[i].after, comparisons[i].outcome);
    sk_doc_init(&doc, NULL);
    assert_int_equal(sk_report_make(&report, &doc, &after, &before, SK_COMPARE_LEAST_CHANGE, NULL),
                     SHUKEI_OK);
    const size_t *const counts = report.comparison.counts;
    assert_int_equal(counts[SK_CHANGE_WORSE], comparisons[i].worse);
    assert_int_equal(counts[SK_CHANGE_BETTER], comparisons[i].better);
    assert_int_equal(counts[SK_CHANGE_SAME], comparisons[i].same);
    assert_int_equal(counts[SK_CHANGE_BROKEN], comparisons[i].broken);
    assert_true(!sk_comparison_fault(&report.comparison) ==
                (comparisons[i].worse + comparisons[i].broken == 0));
    sk_doc_reset(&doc);
    sk_bench_results_reset(&before);
    sk_bench_results_reset(&after);
  }
}

static void writes_figures(void **state)
{
  (void)state;
  struct sk_doc doc;
  sk_doc_init(&doc, NULL);
  assert_string_equal(sk_figure_count(&doc, 1996800), "1,996,800");
  assert_string_equal(sk_figure_number(&doc, 1234567), "1,230,000");
  assert_string_equal(sk_figure_number(&doc, 0.01234), "0.0123");
  assert_string_equal(sk_figure_number(&doc, NAN), SK_FIGURE_NONE);
  assert_string_equal(sk_figure_number(&doc, INFINITY), SK_FIGURE_NONE);
  assert_string_equal(sk_figure_seconds(&doc, 0.4123), "0.412 s");
  assert_string_equal(sk_figure_seconds(&doc, 723), "12 min 3 s");
  assert_string_equal(sk_figure_seconds(&doc, 11040), "3 h 4 min");
  assert_string_equal(sk_figure_bytes(&doc, 388e6), "388 MB");
  assert_string_equal(sk_figure_bytes(&doc, 999.9e6), "1.00 GB");
  assert_string_equal(sk_figure_percent(&doc, -0.1234), "-12.3 %");
  assert_string_equal(sk_figure_plain(&doc, 22320), "22320");
  assert_string_equal(sk_figure_plain(&doc, NAN), "");
  sk_doc_reset(&doc);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_the_same_bytes), cmocka_unit_test(survives_every_failed_allocation),
      cmocka_unit_test(tells_of_no_phase),    cmocka_unit_test(compares),
      cmocka_unit_test(writes_figures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
