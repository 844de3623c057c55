/* SPDX-License-Identifier: Apache-2.0 */
/* Prometheus' text format, and a run's metrics in it. */
#include "testing.h"

#include "status/aggregate_metrics.h"
#include "status/prometheus.h"

#include <math.h>

static const char *text_of(struct sk_buffer *buffer)
{
  sk_buffer_byte(buffer, 0);
  assert_false(buffer->failed);
  return (const char *)buffer->bytes;
}

static void escapes_labels(void **state)
{
  struct sk_buffer out;
  const struct sk_metric_label labels[] = {{"a", "x\\y\"z\nw"}, {"b", "\xc3\xbc"}, {"c", ""}};
  (void)state;
  sk_buffer_init(&out, NULL, 1 << 16);
  sk_metrics_family(&out, "m", "gauge", "Help.");
  sk_metrics_sample(&out, "m", labels, 3, 1.5);
  sk_metrics_sample(&out, "m", labels, 0, 0);
  assert_string_equal(text_of(&out), "# HELP m Help.\n# TYPE m gauge\n"
                                     "m{a=\"x\\\\y\\\"z\\nw\",b=\"\xc3\xbc\",c=\"\"} 1.5\nm 0.0\n");
  sk_buffer_reset(&out);
}

static void spells_values(void **state)
{
  static const struct {
    double value;
    const char *want;
  } rows[] = {{NAN, "m NaN\n"},        {INFINITY, "m +Inf\n"},
              {-INFINITY, "m -Inf\n"}, {-0.25, "m -0.25\n"},
              {1e300, "m 1e+300\n"},   {9007199254740993.0, "m 9007199254740992.0\n"}};
  (void)state;
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct sk_buffer out;
    sk_buffer_init(&out, NULL, 1 << 16);
    sk_metrics_sample(&out, "m", NULL, 0, rows[i].value);
    assert_string_equal(text_of(&out), rows[i].want);
    sk_buffer_reset(&out);
  }
}

static void tells_a_run(void **state)
{
  struct sk_buffer out;
  shukei_stats stats;
  const shukei_progress progress = {
      .phase = "pods", .rows_done = 7, .rows_known = 9, .bytes_done = 70, .memory_bytes = 5};
  struct sk_aggregate_metrics metrics = {.run = "a", .started = 100, .now = 101.5};
  (void)state;
  memset(&stats, 0, sizeof stats);
  stats.rows_read = 11;
  stats.pods_seconds = 0.25;
  sk_buffer_init(&out, NULL, 1 << 16);
  sk_aggregate_metrics_write(&out, &metrics); /* begun */
  const char *text = text_of(&out);
  assert_non_null(strstr(text, "shukei_aggregate_running{run=\"a\"} 1.0\n"));
  assert_non_null(strstr(text, "shukei_aggregate_duration_seconds{run=\"a\"} 1.5\n"));
  assert_null(strstr(text, "shukei_aggregate_success{"));
  assert_null(strstr(text, "shukei_aggregate_read_rows{"));
  sk_buffer_clear(&out);
  metrics.progress = &progress; /* in the middle */
  sk_aggregate_metrics_write(&out, &metrics);
  text = text_of(&out);
  assert_non_null(strstr(text, "shukei_aggregate_phase{run=\"a\",phase=\"pods\"} 1.0\n"));
  assert_non_null(strstr(text, "shukei_aggregate_read_rows{run=\"a\"} 7.0\n"));
  assert_non_null(strstr(text, "shukei_aggregate_expected_rows{run=\"a\"} 9.0\n"));
  assert_non_null(strstr(text, "shukei_aggregate_read_bytes{run=\"a\"} 70.0\n"));
  assert_null(strstr(text, "shukei_aggregate_expected_bytes{"));
  assert_null(strstr(text, "shukei_aggregate_written_rows{"));
  sk_buffer_clear(&out);
  metrics.stats = &stats; /* failed, with a success before it */
  metrics.exit_status = 3;
  metrics.last_success = 50;
  sk_aggregate_metrics_write(&out, &metrics);
  text = text_of(&out);
  assert_non_null(strstr(text, "shukei_aggregate_running{run=\"a\"} 0.0\n"));
  assert_non_null(strstr(text, "shukei_aggregate_success{run=\"a\"} 0.0\n"));
  assert_non_null(strstr(text, "shukei_aggregate_exit_code{run=\"a\"} 3.0\n"));
  assert_non_null(strstr(text, "shukei_aggregate_read_rows{run=\"a\"} 11.0\n"));
  assert_non_null(strstr(text, "shukei_aggregate_phase_seconds{run=\"a\",phase=\"pods\"} 0.25\n"));
  assert_null(strstr(text, "shukei_aggregate_phase{"));
  assert_true(sk_aggregate_metrics_last_success(text, strlen(text)) == 50);
  sk_buffer_reset(&out);
}

static void finds_the_last_success(void **state)
{
  static const char begin[] = "a 1\nshukei_aggregate_last_success_timestamp_seconds{run=\"x y\"} ";
  char text[200];
  (void)state;
  snprintf(text, sizeof text, "%s1795730000.5\nb 2\n", begin);
  assert_true(sk_aggregate_metrics_last_success(text, strlen(text)) == 1795730000.5);
  for (size_t length = 0; length <= strlen(begin); length++) /* cut off anywhere */
    assert_true(sk_aggregate_metrics_last_success(text, length) == 0);
  snprintf(text, sizeof text, "%sNaN\n", begin);
  assert_true(sk_aggregate_metrics_last_success(text, strlen(text)) == 0);
  snprintf(text, sizeof text, "%s-5\n", begin);
  assert_true(sk_aggregate_metrics_last_success(text, strlen(text)) == 0);
  assert_true(sk_aggregate_metrics_last_success("", 0) == 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(escapes_labels),
                                     cmocka_unit_test(spells_values), cmocka_unit_test(tells_a_run),
                                     cmocka_unit_test(finds_the_last_success)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
