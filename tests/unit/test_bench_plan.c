/* SPDX-License-Identifier: Apache-2.0 */
/* Plans, the command lines of their phases, what hinders a phase; the scales are the presets of
 * generate. */
#include "testing.h"

#include "bench/bench_work.h"
#include "bench/phase_command.h"

static const char *const two_scales[] = {"small", "2m"};
static const int64_t none[] = {0}, threads[] = {1, 2};
static const enum sk_bench_mode modes[] = {SK_BENCH_MODE_STREAMING, SK_BENCH_MODE_IN_MEMORY};

static struct sk_bench_settings settings_of(void)
{
  return (struct sk_bench_settings){.folder = "f",
                                    .scales = two_scales,
                                    .scale_count = 2,
                                    .repeat = 1,
                                    .threads = none,
                                    .thread_count = 1,
                                    .memory = none,
                                    .memory_count = 1,
                                    .modes = modes,
                                    .mode_count = 1,
                                    .to = "f/bench.db",
                                    .program = "/bin/true"};
}

static void plans_every_combination_once(void **state)
{
  (void)state;
  struct sk_bench_settings settings = settings_of();
  struct sk_arena arena;
  struct sk_bench_key *plan;
  size_t count, of_phase[SK_BENCH_PHASE_COUNT] = {0};
  sk_arena_init(&arena, NULL);
  settings.repeat = 3;
  settings.threads = threads;
  settings.thread_count = 2;
  settings.mode_count = 2;
  assert_int_equal(sk_bench_plan(&settings, &arena, &plan, &count, NULL), SHUKEI_OK);
  for (size_t i = 0; i < count; i++) {
    of_phase[plan[i].phase]++;
    for (size_t k = 0; k < i; k++)
      assert_false(sk_bench_key_same(&plan[i], &plan[k]));
  }
  assert_int_equal(of_phase[SK_BENCH_PHASE_GENERATE], 2);
  assert_int_equal(of_phase[SK_BENCH_PHASE_CONVERT], 2);
  assert_int_equal(of_phase[SK_BENCH_PHASE_UPLOAD], 0);
  assert_int_equal(of_phase[SK_BENCH_PHASE_AGGREGATE], 2 * 3 * 2 * 2);
  assert_int_equal(of_phase[SK_BENCH_PHASE_VALIDATE], 2 * 2 * 2);
  assert_string_equal(plan[0].scale, "small");
  assert_string_equal(plan[count - 1].scale, "2m");
  assert_int_equal(plan[2].phase, SK_BENCH_PHASE_AGGREGATE);
  assert_int_equal(plan[3].phase, SK_BENCH_PHASE_VALIDATE);
  settings.lake = "s3://b/k";
  assert_int_equal(sk_bench_plan(&settings, &arena, &plan, &count, NULL), SHUKEI_OK);
  assert_int_equal(plan[1].phase, SK_BENCH_PHASE_UPLOAD);
  sk_arena_reset(&arena);
}

static shukei_status plan_of(struct sk_bench_settings *settings, const char *wanted)
{
  struct sk_arena arena;
  struct sk_bench_key *plan;
  size_t count;
  shukei_error err = {0};
  sk_arena_init(&arena, NULL);
  const shukei_status st = sk_bench_plan(settings, &arena, &plan, &count, &err);
  if (!strstr(err.text, wanted))
    fail_msg("\"%s\" is not in \"%s\"", wanted, err.text);
  sk_arena_reset(&arena);
  return st;
}

static void refuses_what_makes_no_sense(void **state)
{
  (void)state;
  static const char *const twice[] = {"20k", "20k"}, *const unknown[] = {"3m"};
  struct sk_bench_settings settings = settings_of();
  settings.scales = twice;
  assert_int_equal(plan_of(&settings, "twice"), SHUKEI_EINVAL);
  settings.scales = unknown;
  settings.scale_count = 1;
  assert_int_equal(plan_of(&settings, "\"3m\""), SHUKEI_EINVAL);
  settings = settings_of();
  settings.to = "-";
  assert_int_equal(plan_of(&settings, "must keep the rows"), SHUKEI_EINVAL);
  settings = settings_of();
  settings.lake = "lake";
  assert_int_equal(plan_of(&settings, "s3://"), SHUKEI_EINVAL);
  settings = settings_of();
  settings.repeat = INT64_MAX / 2;
  assert_int_equal(plan_of(&settings, "phases"), SHUKEI_EINVAL);
}

static void knows_sinks(void **state)
{
  (void)state;
  static const char *const sinks[][2] = {
      {"a.db", "sqlite"},
      {"sqlite:x.csv", "sqlite"},
      {"x.csv", "csv"},
      {"s3://b/x.csv", "csv"},
      {"x.parquet", "parquet"},
      {"x/", "dataset"},
      {"a.sqlite", "sqlite"},
      {"postgresql://h/d", "postgresql"},
      {"postgres://h/d", "postgresql"},
      {"postgresql:dbname=a", "postgresql"},
  };
  for (size_t i = 0; i < SK_COUNT(sinks); i++)
    assert_string_equal(sk_bench_sink_kind(sinks[i][0]), sinks[i][1]);
}

static bool has(const struct sk_bench_words *words, const char *word)
{
  for (size_t i = 0; i < words->count; i++)
    if (strcmp(words->items[i], word) == 0)
      return true;
  return false;
}

static void writes_command_lines(void **state)
{
  (void)state;
  struct sk_bench_settings settings = settings_of();
  struct sk_arena arena;
  struct sk_bench_key key = {.scale = "small", .phase = SK_BENCH_PHASE_GENERATE, .repeat = 1};
  sk_arena_init(&arena, NULL);
  struct sk_bench_words words = sk_phase_command(&settings, &key, "s.json", &arena);
  assert_string_equal(words.items[1], "generate");
  assert_true(has(&words, "f/data/small") && has(&words, "--reuse"));
  settings.again = true;
  words = sk_phase_command(&settings, &key, "s.json", &arena);
  assert_false(has(&words, "--reuse"));
  key.phase = SK_BENCH_PHASE_UPLOAD;
  settings.lake = "s3://b/k/";
  words = sk_phase_command(&settings, &key, "s.json", &arena);
  assert_true(has(&words, "convert") && has(&words, "s3://b/k/small"));
  key = (struct sk_bench_key){.scale = "small",
                              .phase = SK_BENCH_PHASE_AGGREGATE,
                              .repeat = 1,
                              .mode = SK_BENCH_MODE_IN_MEMORY,
                              .threads = 2,
                              .memory = 4096};
  settings.to = "postgresql://me:secret@h/d";
  words = sk_phase_command(&settings, &key, "s.json", &arena);
  assert_true(has(&words, "--create") && has(&words, "in-memory") && has(&words, "4096"));
  assert_true(has(&words, settings.to));
  const struct sk_bench_words shown = sk_words_redacted(&words, &arena);
  assert_int_equal(shown.count, words.count);
  assert_false(has(&shown, settings.to));
  assert_true(has(&shown, "postgresql://me:***@h/d"));
  assert_null(words.items[words.count]);
  sk_arena_reset(&arena);
}

static void commands_survive_failed_allocations(void **state)
{
  (void)state;
  const struct sk_bench_settings settings = settings_of();
  const struct sk_bench_key key = {.scale = "2m", .phase = SK_BENCH_PHASE_AGGREGATE, .repeat = 1};
  bool done = false;
  for (int64_t n = 0; !done; n++) {
    struct sk_arena arena;
    struct sk_bench_words shown = {0};
    sk_arena_init(&arena, NULL);
    sk_test_fail_alloc(n);
    const struct sk_bench_words words = sk_phase_command(&settings, &key, "s", &arena);
    if (words.count)
      shown = sk_words_redacted(&words, &arena);
    done = !sk_test_alloc_failed();
    assert_true(!done || shown.count == words.count);
    sk_arena_reset(&arena);
  }
  sk_test_fail_alloc(-1);
}

static void what_fails_hinders_what_needs_it(void **state)
{
  (void)state;
  const struct sk_bench_settings settings = settings_of();
  struct sk_arena arena;
  struct sk_bench_key *plan;
  struct sk_bench_line lines[8];
  size_t count;
  sk_arena_init(&arena, NULL);
  assert_int_equal(sk_bench_plan(&settings, &arena, &plan, &count, NULL), SHUKEI_OK);
  assert_int_equal(count, 8);
  for (size_t i = 0; i < count; i++) {
    sk_bench_line_init(&lines[i]);
    lines[i].key = plan[i];
    lines[i].outcome = SK_BENCH_STATE_DONE;
  }
  for (size_t i = 0; i < count; i++)
    assert_null(sk_bench_hindrance(lines, i));
  lines[0].outcome = SK_BENCH_STATE_FAILED; /* generate of the first scale */
  assert_ptr_equal(sk_bench_hindrance(lines, 3), &lines[0]);
  assert_null(sk_bench_hindrance(lines, 4));
  lines[0].outcome = SK_BENCH_STATE_DONE;
  lines[2].outcome = SK_BENCH_STATE_TIMED_OUT; /* aggregate */
  assert_ptr_equal(sk_bench_hindrance(lines, 3), &lines[2]);
  assert_null(sk_bench_hindrance(lines, 1));
  sk_arena_reset(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plans_every_combination_once),
      cmocka_unit_test(refuses_what_makes_no_sense),
      cmocka_unit_test(knows_sinks),
      cmocka_unit_test(writes_command_lines),
      cmocka_unit_test(commands_survive_failed_allocations),
      cmocka_unit_test(what_fails_hinders_what_needs_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
