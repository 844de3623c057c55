/* SPDX-License-Identifier: Apache-2.0 */
/* Two results compared: from how many repeats on, what is noise, and which settings are the
 * same. */
#include "testing.h"

#include "report/regression.h"

struct side {
  struct sk_measured measured;
  struct sk_size size;
  struct sk_setting settings[2];
  struct sk_bench_run runs[2];
  const struct sk_bench_run *machines[2];
  double seconds[2][5], peaks[2][5];
};

/* A setting of two machines, `hosts` many; each with the times, so many times the first
 * machine's. */
static void make(struct side *s, size_t settings, const double *seconds, size_t count)
{
  static const char *const hosts[] = {"h0", "h1"};
  memset(s, 0, sizeof *s);
  s->size.name = "small";
  for (size_t i = 0; i < settings; i++) {
    s->runs[i].machine = (struct sk_bench_machine){
        .host = hosts[i], .cpu = "c", .processors = 2, .memory = (int64_t)8 << 30};
    s->machines[i] = &s->runs[i];
    for (size_t k = 0; k < count; k++) {
      s->seconds[i][k] = seconds[k] * (double)(i + 1);
      s->peaks[i][k] = 1e6;
    }
    s->settings[i] = (struct sk_setting){.key = {.scale = "small",
                                                 .phase = SK_BENCH_PHASE_AGGREGATE,
                                                 .mode = SK_BENCH_MODE_STREAMING,
                                                 .threads = 2,
                                                 .memory = 3},
                                         .sink = "sqlite",
                                         .machine = i,
                                         .done = count,
                                         .seconds = s->seconds[i],
                                         .peaks = s->peaks[i],
                                         .count = count,
                                         .peak_count = count};
  }
  s->measured = (struct sk_measured){.sizes = &s->size,
                                     .size_count = 1,
                                     .settings = s->settings,
                                     .setting_count = settings,
                                     .machines = s->machines,
                                     .machine_count = settings};
}

static void compare(struct sk_comparison *comparison, struct sk_doc *doc, const struct side *before,
                    const struct side *after)
{
  sk_doc_init(doc, NULL);
  sk_comparison_make(comparison, &before->measured, &after->measured, 0.05, doc);
  assert_false(doc->failed);
}

static void needs_three_repeats_and_a_change(void **state)
{
  (void)state;
  static const struct {
    const char *why;
    size_t had, has;
    double before[4], after[4];
    enum sk_change verdict;
    bool shut;
  } rows[] = {
      {"twice", 3, 3, {10, 10.1, 9.9}, {20, 20.2, 19.9}, SK_CHANGE_WORSE, true},
      {"half", 3, 3, {10, 10.1, 9.9}, {5, 5.1, 4.9}, SK_CHANGE_BETTER, false},
      {"the same", 3, 3, {10, 10.1, 9.9}, {10, 10.1, 9.9}, SK_CHANGE_SAME, false},
      {"4 %", 3, 3, {10, 10, 10}, {10.4, 10.4, 10.4}, SK_CHANGE_SAME, false},
      {"6 %", 3, 3, {10, 10, 10}, {10.6, 10.6, 10.6}, SK_CHANGE_WORSE, true},
      {"4 % less", 3, 3, {10, 10, 10}, {9.6, 9.6, 9.6}, SK_CHANGE_SAME, false},
      {"6 % less", 3, 3, {10, 10, 10}, {9.4, 9.4, 9.4}, SK_CHANGE_BETTER, false},
      {"noise", 4, 4, {5, 20, 5, 20}, {5, 20, 20, 20}, SK_CHANGE_SAME, false},
      {"two before", 2, 3, {10, 10.1}, {20, 20.2, 19.9}, SK_CHANGE_FEW, true},
      {"two now", 3, 2, {10, 10.1, 9.9}, {20, 20.2}, SK_CHANGE_FEW, true},
      {"four", 4, 4, {10, 10, 10, 10}, {20, 20, 20, 20}, SK_CHANGE_WORSE, true},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++)
    for (int memory = 0; memory < 2; memory++) {
      struct side before, after;
      struct sk_comparison comparison;
      struct sk_doc doc;
      make(&before, 1, rows[i].before, rows[i].had);
      make(&after, 1, rows[i].after, rows[i].has);
      if (memory) { /* the same of memory, where the times are alike and few */
        memcpy(before.peaks[0], rows[i].before, sizeof rows[i].before);
        memcpy(after.peaks[0], rows[i].after, sizeof rows[i].after);
        memcpy(after.seconds[0], before.seconds[0], sizeof after.seconds[0]);
        before.settings[0].count = after.settings[0].count = 1;
      } else {
        before.settings[0].peak_count = 0; /* not measured: not compared */
      }
      compare(&comparison, &doc, &before, &after);
      const struct sk_difference *const one = comparison.first;
      assert_non_null(one);
      assert_int_equal(one->metric, SK_COST_SECONDS);
      assert_true(memory ? one->next != NULL && one->next->metric == SK_COST_MEMORY : !one->next);
      if ((memory ? one->next : one)->verdict != rows[i].verdict)
        fail_msg("%s: %d", rows[i].why, (int)(memory ? one->next : one)->verdict);
      assert_int_equal(comparison.counts[rows[i].verdict],
                       memory && rows[i].verdict == SK_CHANGE_FEW ? 2 : 1);
      if ((sk_comparison_fault(&comparison) != NULL) != rows[i].shut)
        fail_msg("%s: the gate", rows[i].why);
      sk_doc_reset(&doc);
    }
}

/* What is no longer done, or is now, counts however few its repeats are. */
static void broken_and_mended(void **state)
{
  (void)state;
  static const double seconds[] = {10};
  for (int mended = 0; mended < 2; mended++) {
    struct side before, after;
    struct sk_comparison comparison;
    struct sk_doc doc;
    make(&before, 1, seconds, 1);
    make(&after, 1, seconds, 1);
    (mended ? &before : &after)->settings[0].done = 0;
    (mended ? &before : &after)->settings[0].count = 0;
    compare(&comparison, &doc, &before, &after);
    assert_int_equal(comparison.counts[mended ? SK_CHANGE_MENDED : SK_CHANGE_BROKEN], 1);
    assert_non_null(comparison.first);
    assert_null(comparison.first->next);
    assert_int_equal(sk_comparison_fault(&comparison) != NULL, !mended);
    sk_doc_reset(&doc);
  }
}

static void settings_that_are_others(void **state)
{
  (void)state;
  static const double seconds[] = {10, 10, 10};
  enum { SAME, SCALE, PHASE, MODE, THREADS, MEMORY, SINK, CPU, PROCESSORS, HOST, CHANGES };
  for (int i = 0; i < CHANGES; i++) {
    struct side before, after;
    struct sk_comparison comparison;
    struct sk_doc doc;
    make(&before, 1, seconds, 3);
    make(&after, 1, seconds, 3);
    struct sk_setting *const one = &after.settings[0];
    after.size.name = i == SCALE ? "other" : "small";
    one->key.phase = i == PHASE ? SK_BENCH_PHASE_CONVERT : one->key.phase;
    one->key.mode = i == MODE ? SK_BENCH_MODE_IN_MEMORY : one->key.mode;
    one->key.threads += i == THREADS;
    one->key.memory += i == MEMORY;
    one->sink = i == SINK ? "csv" : one->sink;
    after.runs[0].machine.cpu = i == CPU ? NULL : "c";
    after.runs[0].machine.processors += i == PROCESSORS;
    after.runs[0].machine.host = i == HOST ? "elsewhere" : "h0";
    compare(&comparison, &doc, &before, &after);
    const bool same = i == SAME || i == HOST;
    if (comparison.only_before != !same || comparison.only_after != !same ||
        (comparison.first != NULL) != same)
      fail_msg("change %d", i);
    sk_doc_reset(&doc);
  }
}

/* Of two machines of a kind each is compared with itself, whichever comes first. */
static void the_same_host_comes_first(void **state)
{
  (void)state;
  static const double seconds[] = {10, 10, 10};
  for (int turned = 0; turned < 2; turned++) {
    struct side before, after;
    struct sk_comparison comparison;
    struct sk_doc doc;
    make(&before, 2, seconds, 3); /* the second one takes twice as long */
    make(&after, 2, seconds, 3);
    if (turned) {
      after.settings[0].machine = 1;
      after.settings[1].machine = 0;
      after.settings[0].seconds = after.seconds[1];
      after.settings[1].seconds = after.seconds[0];
    }
    compare(&comparison, &doc, &before, &after);
    assert_int_equal(comparison.counts[SK_CHANGE_SAME], 4);
    assert_null(sk_comparison_fault(&comparison));
    sk_doc_reset(&doc);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(needs_three_repeats_and_a_change),
      cmocka_unit_test(broken_and_mended),
      cmocka_unit_test(settings_that_are_others),
      cmocka_unit_test(the_same_host_comes_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
