/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a benchmark is said to be well, at the limits of each verdict. */
#include "testing.h"

#include "base/alloc.h"
#include "status/indicators.h"

#include <math.h>

enum { PROGRESS, ERRORS, MEMORY, THROUGHPUT };

static struct sk_standing_item items[8];
static struct sk_standing_scale scales[2];
static struct sk_bench_line lines[8];

static void begin(struct sk_standing *standing)
{
  memset(standing, 0, sizeof *standing);
  memset(items, 0, sizeof items);
  memset(scales, 0, sizeof scales);
  memset(lines, 0, sizeof lines);
  standing->state = SK_STANDING_RUNNING;
  standing->alive = true;
  standing->row_bytes = NAN;
  standing->items = items;
  standing->scales = scales;
}

static void says(struct sk_standing *standing, int which, enum sk_health verdict, const char *text)
{
  sk_indicators_judge(standing);
  const struct sk_indicator *const one = &standing->indicators[which];
  if (one->verdict != verdict || strcmp(one->text, text) != 0)
    fail_msg("%s: %s, \"%s\"", one->name, sk_health_name(one->verdict), one->text);
}

static void progress(void **state)
{
  static struct sk_standing standing;
  (void)state;
  begin(&standing);
  standing.state = SK_STANDING_CRASHED;
  says(&standing, PROGRESS, SK_HEALTH_BAD, "the benchmark ended without a word");
  standing.state = SK_STANDING_FINISHED;
  says(&standing, PROGRESS, SK_HEALTH_UNKNOWN, "no benchmark is running");
  standing.state = SK_STANDING_RUNNING;
  standing.updated_ms = 1000;
  standing.read_ms = 6000;
  says(&standing, PROGRESS, SK_HEALTH_GOOD, "values come, no stall");
  standing.read_ms = 6001;
  says(&standing, PROGRESS, SK_HEALTH_BAD, "no sign of life for 5.0 s");
  standing.read_ms = 2000;
  standing.running.has_now = true;
  sk_history_add(&standing.history, 1, (struct sk_sight){1, 10, 1});
  sk_history_add(&standing.history, 1, (struct sk_sight){2, 50, 1});
  sk_history_add(&standing.history, 1, (struct sk_sight){31.5, 50, 1});
  says(&standing, PROGRESS, SK_HEALTH_GOOD, "values come, no stall");
  sk_history_add(&standing.history, 1, (struct sk_sight){32, 50, 1});
  says(&standing, PROGRESS, SK_HEALTH_WATCH, "no row more for 30 s");
  standing.running.has_now = false; /* between two phases */
  says(&standing, PROGRESS, SK_HEALTH_GOOD, "values come, no stall");
}

static void errors(void **state)
{
  static struct sk_standing standing;
  (void)state;
  begin(&standing);
  standing.item_count = 5;
  standing.scale_count = 2;
  scales[0].differences = -1; /* not validated */
  says(&standing, ERRORS, SK_HEALTH_GOOD, "no phase failed, no validation found a difference");
  standing.counts[SK_BENCH_STATE_FAILED] = 2;
  says(&standing, ERRORS, SK_HEALTH_BAD, "2 of 5 phases failed");
  scales[1].differences = 1;
  says(&standing, ERRORS, SK_HEALTH_BAD, "2 of 5 phases failed; validation found 1 difference");
  standing.counts[SK_BENCH_STATE_FAILED] = 0;
  says(&standing, ERRORS, SK_HEALTH_BAD, "validation found 1 difference");
  scales[0].differences = 4;
  says(&standing, ERRORS, SK_HEALTH_BAD, "validation found 5 differences");
  standing.counts[SK_BENCH_STATE_FAILED] = 1;
  says(&standing, ERRORS, SK_HEALTH_BAD, "1 of 5 phases failed; validation found 5 differences");
  standing.state = SK_STANDING_NONE;
  says(&standing, ERRORS, SK_HEALTH_UNKNOWN, "nothing is known yet");
}

static void add_streaming(struct sk_standing *standing, int64_t rows, double seconds)
{
  struct sk_bench_line *const line = &lines[standing->item_count];
  line->key = (struct sk_bench_key){
      .scale = "s", .phase = SK_BENCH_PHASE_AGGREGATE, .mode = SK_BENCH_MODE_STREAMING};
  line->outcome = SK_BENCH_STATE_DONE;
  line->rows = rows;
  line->seconds = seconds;
  items[standing->item_count++].line = line;
}

/* Memory is `rss` in the end and `slope` bytes a row more from the first of `rows` rows on. */
static void add_samples(struct sk_bench_line *line, int64_t rows, double rss, double slope)
{
  for (int i = 0; i <= 20; i++)
    line->samples[line->sample_count++] =
        (struct sk_bench_sample){.seconds = i,
                                 .rows = rows * i / 20,
                                 .rss = (int64_t)(rss - slope * (double)(rows * (20 - i) / 20))};
  line->samples[line->sample_count++] =
      (struct sk_bench_sample){.seconds = 21, .rows = -1, .rss = 1};
  line->samples[line->sample_count++] =
      (struct sk_bench_sample){.seconds = 22, .rows = 1, .rss = -1};
}

static void memory(void **state)
{
  static const char unknown[] = "too few values of a streaming aggregation yet";
  static struct sk_standing standing;
  (void)state;
  begin(&standing);
  says(&standing, MEMORY, SK_HEALTH_UNKNOWN, unknown);
  add_streaming(&standing, 1000, 1);
  says(&standing, MEMORY, SK_HEALTH_UNKNOWN, unknown);
  add_samples(&lines[0], 1000000, 10e6, 1.9); /* the second half adds 9.5 % */
  says(&standing, MEMORY, SK_HEALTH_GOOD,
       "bounded: +1.9 bytes for each row more, in the second half of s");
  lines[0].sample_count = 0;
  add_samples(&lines[0], 1000000, 10e6, 2.1); /* 10.5 % */
  says(&standing, MEMORY, SK_HEALTH_WATCH,
       "grows: +2.1 bytes for each row more, in the second half of s");
  lines[0].outcome = SK_BENCH_STATE_FAILED;
  says(&standing, MEMORY, SK_HEALTH_UNKNOWN, unknown);
  lines[0].outcome = SK_BENCH_STATE_DONE;
  add_streaming(&standing, 1000, 1); /* the last one counts */
  add_samples(&lines[1], 1000000, 10e6, -3);
  says(&standing, MEMORY, SK_HEALTH_GOOD,
       "bounded: -3 bytes for each row more, in the second half of s");
  standing.running = (struct sk_running){
      .has_now = true,
      .now = {.scale = "now", .phase = SK_BENCH_PHASE_AGGREGATE, .mode = SK_BENCH_MODE_STREAMING},
      .rss = 1000};
  sk_history_add(&standing.history, 1, (struct sk_sight){1, 100, 1000});
  sk_history_add(&standing.history, 1, (struct sk_sight){2, 200, 1000});
  says(&standing, MEMORY, SK_HEALTH_GOOD, /* nothing is known of what runs */
       "bounded: -3 bytes for each row more, in the second half of s");
  standing.row_bytes = 1.9; /* times 50 rows: 9.5 % */
  says(&standing, MEMORY, SK_HEALTH_GOOD,
       "bounded: +1.9 bytes for each row more, in the second half of now");
  standing.row_bytes = 2.1;
  says(&standing, MEMORY, SK_HEALTH_WATCH,
       "grows: +2.1 bytes for each row more, in the second half of now");
  standing.running.now.mode = SK_BENCH_MODE_IN_MEMORY; /* may grow */
  says(&standing, MEMORY, SK_HEALTH_GOOD,
       "bounded: -3 bytes for each row more, in the second half of s");
  standing.running.now.mode = SK_BENCH_MODE_STREAMING;
  standing.alive = false;
  says(&standing, MEMORY, SK_HEALTH_GOOD,
       "bounded: -3 bytes for each row more, in the second half of s");
}

static void throughput(void **state)
{
  static const char unknown[] = "needs streaming aggregations of two scales";
  static struct sk_standing standing;
  (void)state;
  begin(&standing);
  add_streaming(&standing, 1000, 1);
  says(&standing, THROUGHPUT, SK_HEALTH_UNKNOWN, unknown);
  add_streaming(&standing, 100000, 100 / (0.81 * 0.81));
  says(&standing, THROUGHPUT, SK_HEALTH_GOOD, "-19 % rows/s for ten times the rows, over 2 runs");
  lines[1].seconds = 100 / (0.79 * 0.79);
  says(&standing, THROUGHPUT, SK_HEALTH_WATCH, "-21 % rows/s for ten times the rows, over 2 runs");
  lines[1].seconds = 0; /* data of before: no time */
  says(&standing, THROUGHPUT, SK_HEALTH_UNKNOWN, unknown);
  lines[1].seconds = 1;
  lines[1].outcome = SK_BENCH_STATE_FAILED;
  says(&standing, THROUGHPUT, SK_HEALTH_UNKNOWN, unknown);
  lines[1].outcome = SK_BENCH_STATE_DONE;
  lines[1].key.mode = SK_BENCH_MODE_IN_MEMORY;
  says(&standing, THROUGHPUT, SK_HEALTH_UNKNOWN, unknown);
  add_streaming(&standing, 10000, 10);
  says(&standing, THROUGHPUT, SK_HEALTH_GOOD, "+0 % rows/s for ten times the rows, over 2 runs");
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(progress), cmocka_unit_test(errors),
                                     cmocka_unit_test(memory), cmocka_unit_test(throughput)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
