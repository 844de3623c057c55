/* SPDX-License-Identifier: Apache-2.0 */
/* What is left of a phase and of a plan, from results that follow a law that is known. */
#include "bench_lines.h"

#include "status/estimate.h"

#include <math.h>

static struct sk_bench_key key_of(const char *scale, enum sk_bench_phase phase)
{
  return (struct sk_bench_key){
      .scale = scale, .phase = phase, .mode = SK_BENCH_MODE_STREAMING, .repeat = 1, .threads = 2};
}

static void parse(struct sk_bench_results *results, struct sk_buffer *text)
{
  sk_bench_results_init(results, NULL);
  assert_int_equal(
      sk_bench_results_parse(results, "test", (const char *)text->bytes, text->length, NULL),
      SHUKEI_OK);
  sk_buffer_reset(text);
}

#define DONE ",\"outcome\":\"done\""
#define IN_MEMORY ",\"mode\":\"in-memory\""

/* Twice the rows, twice the time: any size is predicted, and exactly. */
static void follows_the_trend(void **state)
{
  struct sk_bench_results results;
  struct sk_buffer text;
  const struct sk_bench_key key = key_of("z", SK_BENCH_PHASE_AGGREGATE);
  (void)state;
  sk_buffer_init(&text, NULL, 1 << 20);
  bench_phase(&text, "a", "aggregate", 1000, 1, DONE);
  bench_phase(&text, "b", "aggregate", 2000, 2, DONE);
  bench_phase(&text, "c", "aggregate", 4000, 4, DONE);
  bench_phase(&text, "d", "aggregate", 4000, 900, ",\"outcome\":\"failed\"");
  bench_phase(&text, "e", "aggregate", 4000, 900, DONE ",\"reused\":true");
  bench_phase(&text, "f", "convert", 4000, 900, DONE);
  bench_phase(&text, "g", "aggregate", 1000, 5, DONE IN_MEMORY);
  bench_phase(&text, "h", "aggregate", 2000, 10, DONE IN_MEMORY);
  parse(&results, &text);
  struct sk_estimate got = sk_estimate_phase(&results, &key, 8000);
  assert_true(got.known && got.interval && got.missing == 0);
  assert_true(fabs(got.seconds - 8) < 1e-6);
  assert_true(fabs(got.low - 8) < 1e-3 && fabs(got.high - 8) < 1e-3);
  got = sk_estimate_phase(&results, &key, -1);
  assert_true(!got.known && got.missing == 1);
  /* other threads: the same mode will do */
  struct sk_bench_key other = key;
  other.threads = 8;
  assert_true(fabs(sk_estimate_phase(&results, &other, 8000).seconds - 8) < 1e-6);
  other.mode = SK_BENCH_MODE_IN_MEMORY;
  got = sk_estimate_phase(&results, &other, 8000);
  assert_true(fabs(got.seconds - 40) < 1e-6 && !got.interval); /* two points have none */
  other.mode = SK_BENCH_MODE_AUTO;                             /* of no mode: the phase of any */
  assert_true(sk_estimate_phase(&results, &other, 8000).known);
  other.phase = SK_BENCH_PHASE_VALIDATE;
  assert_false(sk_estimate_phase(&results, &other, 8000).known);
  /* one size alone: by proportion, and no interval */
  other.phase = SK_BENCH_PHASE_CONVERT;
  got = sk_estimate_phase(&results, &other, 8000);
  assert_true(got.known && !got.interval && fabs(got.seconds - 1800) < 1e-6);
  sk_bench_results_reset(&results);
}

static void spreads_widen_the_interval(void **state)
{
  struct sk_bench_results results;
  struct sk_buffer text;
  const struct sk_bench_key key = key_of("z", SK_BENCH_PHASE_AGGREGATE);
  (void)state;
  sk_buffer_init(&text, NULL, 1 << 20);
  bench_phase(&text, "a", "aggregate", 1000, 1, DONE);
  bench_phase(&text, "b", "aggregate", 2000, 2.2, DONE);
  bench_phase(&text, "c", "aggregate", 4000, 3.9, DONE);
  bench_phase(&text, "d", "aggregate", 8000, 8.3, DONE);
  parse(&results, &text);
  const struct sk_estimate got = sk_estimate_phase(&results, &key, 16000);
  assert_true(got.interval && got.low < got.seconds && got.seconds < got.high);
  assert_true(got.low < 16 && got.high > 16);
  sk_bench_results_reset(&results);
}

/* A standing with one phase that runs, and one that waits. */
static void put_standing(struct sk_standing *standing, struct sk_standing_item items[2],
                         struct sk_standing_scale scales[2])
{
  memset(standing, 0, sizeof *standing);
  items[0] = (struct sk_standing_item){key_of("x", SK_BENCH_PHASE_AGGREGATE),
                                       SK_BENCH_STATE_RUNNING, NULL};
  items[1] = (struct sk_standing_item){key_of("y", SK_BENCH_PHASE_AGGREGATE),
                                       SK_BENCH_STATE_WAITING, NULL};
  scales[0] = (struct sk_standing_scale){.name = "x", .rows = 8000};
  scales[1] = (struct sk_standing_scale){.name = "y", .rows = 16000};
  standing->state = SK_STANDING_RUNNING;
  standing->items = items;
  standing->item_count = 2;
  standing->scales = scales;
  standing->scale_count = 2;
  standing->running.has_now = true;
  standing->running.now = items[0].key;
  standing->running.rows_total = 8000;
}

static void blends_trend_and_pace(void **state)
{
  struct sk_standing standing;
  struct sk_standing_item items[2];
  struct sk_standing_scale scales[2];
  struct sk_buffer text;
  (void)state;
  put_standing(&standing, items, scales);
  sk_buffer_init(&text, NULL, 1 << 20);
  bench_phase(&text, "a", "aggregate", 1000, 1, DONE);
  bench_phase(&text, "b", "aggregate", 2000, 2, DONE);
  bench_phase(&text, "c", "aggregate", 4000, 4, DONE);
  parse(&standing.results, &text);
  static const struct {
    int64_t rows;
    double seconds, left;
  } moments[] = {{0, 0, 8},      /* predicted: 8 s in all */
                 {-1, 3, 5},     /* rows not known */
                 {4000, 4, 4},   /* as predicted */
                 {4000, 8, 6},   /* half as fast: (1/2)((1/2) 8 + 8) */
                 {8000, 20, 0}}; /* through */
  for (size_t i = 0; i < SK_COUNT(moments); i++) {
    standing.running.rows = moments[i].rows;
    standing.running.seconds = moments[i].seconds;
    sk_estimate_left(&standing);
    if (!standing.phase_left.known || fabs(standing.phase_left.seconds - moments[i].left) > 1e-6)
      fail_msg("moment %zu: %.3f left", i, standing.phase_left.seconds);
    assert_true(fabs(standing.all_left.seconds - moments[i].left - 16) < 1e-6);
    assert_true(standing.all_left.interval && standing.all_left.missing == 0);
  }
  /* beyond everything predicted, and no rows to tell */
  standing.running.rows = -1;
  standing.running.seconds = 30;
  sk_estimate_left(&standing);
  assert_true(!standing.phase_left.known && standing.all_left.known &&
              standing.all_left.missing == 1);
  /* not running: nothing is left to wait for */
  standing.state = SK_STANDING_CRASHED;
  sk_estimate_left(&standing);
  assert_true(!standing.phase_left.known && !standing.all_left.known &&
              standing.all_left.missing == 0);
  sk_bench_results_reset(&standing.results);
}

/* Slower than predicted, but within what the interval leaves: nothing is left then, not less. */
static void nothing_is_left_of_what_takes_longer(void **state)
{
  struct sk_standing standing;
  struct sk_standing_item items[2];
  struct sk_standing_scale scales[2];
  struct sk_buffer text;
  (void)state;
  put_standing(&standing, items, scales);
  sk_buffer_init(&text, NULL, 1 << 20);
  bench_phase(&text, "a", "aggregate", 1000, 1, DONE);
  bench_phase(&text, "b", "aggregate", 2000, 2.2, DONE);
  bench_phase(&text, "c", "aggregate", 4000, 3.9, DONE);
  parse(&standing.results, &text);
  const struct sk_estimate all = sk_estimate_phase(&standing.results, &items[0].key, 8000);
  standing.running.rows = -1;
  standing.running.seconds = (all.seconds + all.high) / 2;
  sk_estimate_left(&standing);
  assert_true(standing.phase_left.known && standing.phase_left.seconds == 0);
  assert_true(standing.phase_left.low == 0 && standing.phase_left.high > 0);
  assert_true(standing.all_left.interval);
  items[0].key.phase = standing.running.now.phase = SK_BENCH_PHASE_VALIDATE; /* by its pace alone */
  standing.running.rows = 4000;
  sk_estimate_left(&standing);
  assert_true(standing.phase_left.known && !standing.phase_left.interval);
  assert_true(standing.all_left.known && !standing.all_left.interval);
  sk_bench_results_reset(&standing.results);
}

static void knows_the_pace_alone(void **state)
{
  struct sk_standing standing;
  struct sk_standing_item items[2];
  struct sk_standing_scale scales[2];
  (void)state;
  put_standing(&standing, items, scales);
  sk_bench_results_init(&standing.results, NULL);
  standing.running.rows = 2000;
  standing.running.seconds = 1;
  sk_estimate_left(&standing);
  assert_true(standing.phase_left.known && !standing.phase_left.interval &&
              standing.phase_left.seconds == 3);
  assert_true(standing.all_left.seconds == 3 && standing.all_left.missing == 1);
  standing.running.rows = 10; /* too few to tell a pace by */
  sk_estimate_left(&standing);
  assert_true(!standing.phase_left.known && standing.all_left.missing == 2);
  sk_bench_results_reset(&standing.results);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(follows_the_trend),
                                     cmocka_unit_test(spreads_widen_the_interval),
                                     cmocka_unit_test(blends_trend_and_pace),
                                     cmocka_unit_test(nothing_is_left_of_what_takes_longer),
                                     cmocka_unit_test(knows_the_pace_alone)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
