/* SPDX-License-Identifier: Apache-2.0 */
/* shukei bench: settings -> phases as child processes -> tables, and what is not as expected. */
#include "base/number.h"
#include "base/platform.h"
#include "base/scales.h"
#include "cli/bench_check.h"
#include "cli/bench_table.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "cli/sizes.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_SCALES "small,medium,large,xlarge,production-medium"
#define DEFAULT_FOLDER "shukei-bench"
#define PATH_BYTES 4096
#define TABLE_BYTES ((size_t)1 << 24)
#define LONGEST_TIMEOUT 1e7

/* What the command line came to, and what the calls need. */
struct asked {
  struct sk_program *program;
  struct sk_bench_settings settings;
  struct sk_arena arena;
  struct sk_expectations expectations;
  char path[PATH_BYTES], sink[PATH_BYTES];
  bool named; /* the table's columns */
};

/* ---- settings ------------------------------------------------------------------------------ */

static const char *given(const struct asked *asked, enum sk_option_id id)
{
  return sk_settings_get(&asked->program->settings, id)->text;
}

static shukei_status take_scales(struct asked *asked, shukei_error *err)
{
  const char *const text = given(asked, SK_OPTION_BENCH_SCALES);
  const char **list = NULL;
  size_t count = 0;
  if (text && strcmp(text, "all") == 0) {
    count = SK_SCALE_COUNT;
    list = sk_arena_alloc(&asked->arena, count * sizeof *list);
    for (size_t i = 0; list && i < count; i++)
      list[i] = sk_scales[i].name;
  } else if (!sk_list_split(&asked->arena, text ? text : DEFAULT_SCALES, &list, &count)) {
    list = NULL;
  }
  if (!list)
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for --scales");
  if (!count)
    return sk_fail(err, SHUKEI_EINVAL, "--scales names none");
  asked->settings.scales = list;
  asked->settings.scale_count = count;
  return SHUKEI_OK;
}

static bool take_count(const char *text, int64_t *number)
{
  uint64_t n;
  if (!sk_value_digits(text, &n) || n < 1 || n > SK_THREADS_MAXIMUM)
    return false;
  *number = (int64_t)n;
  return true;
}

static bool take_size(const char *text, int64_t *number)
{
  uint64_t n;
  if (!sk_size_parse(text, strlen(text), &n) || n < 1 || n > INT64_MAX / 2)
    return false;
  *number = (int64_t)n;
  return true;
}

/* A list of numbers; without one its only entry is 0. */
static shukei_status take_list(struct asked *asked, enum sk_option_id id,
                               bool (*take)(const char *text, int64_t *number),
                               const char *expected, const int64_t **numbers, size_t *count,
                               shukei_error *err)
{
  static const int64_t none[] = {0};
  const char *const text = given(asked, id);
  const char **list = NULL;
  size_t size = 0;
  *numbers = none;
  *count = 1;
  if (!text)
    return SHUKEI_OK;
  if (!sk_list_split(&asked->arena, text, &list, &size))
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for --%s", sk_option_at(id)->name);
  int64_t *const taken = sk_arena_alloc(&asked->arena, (size + 1) * sizeof *taken);
  if (!taken)
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for --%s", sk_option_at(id)->name);
  for (size_t i = 0; i < size; i++) {
    if (!take(list[i], &taken[i]))
      return sk_fail(err, SHUKEI_EINVAL, "--%s: \"%s\", expected %s", sk_option_at(id)->name,
                     list[i], expected);
    for (size_t k = 0; k < i; k++)
      if (taken[k] == taken[i])
        return sk_fail(err, SHUKEI_EINVAL, "--%s: \"%s\" is given twice", sk_option_at(id)->name,
                       list[i]);
  }
  if (!size)
    return sk_fail(err, SHUKEI_EINVAL, "--%s names none", sk_option_at(id)->name);
  *numbers = taken;
  *count = size;
  return SHUKEI_OK;
}

static shukei_status take_timeout(struct asked *asked, shukei_error *err)
{
  const char *const text = given(asked, SK_OPTION_TIMEOUT);
  double seconds = 0;
  if (!text)
    return SHUKEI_OK;
  if (!sk_number_parse(text, strlen(text), &seconds) ||
      !(seconds > 0 && seconds <= LONGEST_TIMEOUT))
    return sk_fail(err, SHUKEI_EINVAL, "--timeout: \"%s\", expected seconds above 0", text);
  asked->settings.timeout = seconds;
  return SHUKEI_OK;
}

static void take_modes(struct asked *asked)
{
  static const enum sk_bench_mode modes[] = {SK_BENCH_MODE_STREAMING, SK_BENCH_MODE_IN_MEMORY,
                                             SK_BENCH_MODE_AUTO};
  const struct sk_value *const mode =
      sk_settings_get(&asked->program->settings, SK_OPTION_BENCH_MODE);
  const bool both =
      mode->text && mode->choice == SK_COUNT(modes); /* as option_table.h lists them */
  asked->settings.modes = mode->text && !both ? modes + mode->choice : modes;
  asked->settings.mode_count = both ? 2 : 1;
}

/* The file that runs; the name it was called by where the system does not tell. */
static shukei_status take_program(struct asked *asked, shukei_error *err)
{
  const ssize_t length = readlink("/proc/self/exe", asked->path, sizeof asked->path - 1);
  const char *const called = asked->program->arguments->words[0];
  if (length > 0 && (size_t)length < sizeof asked->path - 1)
    asked->path[length] = 0;
  else if (!called || !strchr(called, '/') ||
           (size_t)snprintf(asked->path, sizeof asked->path, "%s", called) >= sizeof asked->path)
    return sk_fail(err, SHUKEI_EIO, "cannot find the file of the program, which the phases run");
  asked->settings.program = asked->path;
  asked->settings.command = asked->program->arguments->words;
  asked->settings.command_count = asked->program->arguments->word_count;
  return SHUKEI_OK;
}

static shukei_status take_places(struct asked *asked, shukei_error *err)
{
  struct sk_bench_settings *const s = &asked->settings;
  const char *const folder = given(asked, SK_OPTION_BENCH_FOLDER);
  s->folder = folder ? folder : DEFAULT_FOLDER;
  s->to = given(asked, SK_OPTION_BENCH_SINK);
  s->schema = given(asked, SK_OPTION_BENCH_SCHEMA);
  s->lake = given(asked, SK_OPTION_LAKE);
  if (s->to)
    return SHUKEI_OK;
  if ((size_t)snprintf(asked->sink, sizeof asked->sink, "%s/bench.db", s->folder) >=
      sizeof asked->sink)
    return sk_fail(err, SHUKEI_EINVAL, "the name of folder \"%s\" is too long", s->folder);
  s->to = asked->sink;
  return SHUKEI_OK;
}

static shukei_status take_settings(struct asked *asked, shukei_error *err)
{
  struct sk_bench_settings *const s = &asked->settings;
  const struct sk_settings *const values = &asked->program->settings;
  const struct sk_value *const repeat = sk_settings_get(values, SK_OPTION_REPEAT);
  const struct sk_value *const keep = sk_settings_get(values, SK_OPTION_KEEP);
  s->repeat = repeat->text ? (int64_t)repeat->number : 1;
  s->again = given(asked, SK_OPTION_AGAIN) != NULL;
  s->discard = keep->text && keep->choice == 1;
  take_modes(asked);
  shukei_status st = take_scales(asked, err);
  if (!st)
    st = take_list(asked, SK_OPTION_BENCH_THREADS, take_count, "numbers from 1 to 1024",
                   &s->threads, &s->thread_count, err);
  if (!st)
    st = take_list(asked, SK_OPTION_BENCH_MEMORY, take_size, "sizes such as 256MiB", &s->memory,
                   &s->memory_count, err);
  if (!st)
    st = take_timeout(asked, err);
  if (!st)
    st = take_places(asked, err);
  return st ? st : take_program(asked, err);
}

/* ---- what is told -------------------------------------------------------------------------- */

static bool is_canceled(void *context)
{
  (void)context;
  return sk_signals_caught() != 0;
}

static void note(void *context, const char *text)
{
  struct asked *const asked = context;
  sk_console_log(&asked->program->console, SHUKEI_LOG_INFO, text);
}

static shukei_status check(void *context, shukei_error *err)
{
  const struct asked *const asked = context;
  return sk_bench_check(&asked->settings, is_canceled, err);
}

static void begins(void *context, const struct sk_bench_key *key, size_t i, size_t count)
{
  struct asked *const asked = context;
  char name[SK_BENCH_KEY_TEXT], text[256];
  snprintf(text, sizeof text, "%zu of %zu: %s begins", i + 1, count, sk_bench_key_text(key, name));
  sk_console_log(&asked->program->console, SHUKEI_LOG_DEBUG, text);
}

static void ends(void *context, const struct sk_bench_line *line)
{
  struct asked *const asked = context;
  char name[SK_BENCH_KEY_TEXT], text[2048], memory[SK_SIZE_TEXT];
  sk_bench_key_text(&line->key, name);
  if (line->outcome != SK_BENCH_STATE_DONE)
    snprintf(text, sizeof text, "%s: %s: %s%s%s", name, sk_bench_state_name(line->outcome),
             line->error ? line->error : "", line->advice ? "; " : "",
             line->advice ? line->advice : "");
  else if (line->reused)
    snprintf(text, sizeof text, "%s: there already", name);
  else
    snprintf(text, sizeof text, "%s: %.3f s, %s of memory at most", name, line->seconds,
             sk_size_text(line->peak_rss > 0 ? (uint64_t)line->peak_rss : 0, memory));
  sk_console_log(&asked->program->console,
                 line->outcome == SK_BENCH_STATE_DONE ? SHUKEI_LOG_INFO : SHUKEI_LOG_WARNING, text);
}

static void print(struct asked *asked, struct sk_buffer *text)
{
  (void)sk_program_print(asked->program, text, NULL); /* main() tells of an output that fails */
  (void)sk_stdout_finish(&asked->program->out, NULL);
}

static void scale_done(void *context, const char *scale, const struct sk_bench_line *lines,
                       size_t count)
{
  struct asked *const asked = context;
  struct sk_buffer text;
  (void)scale;
  sk_buffer_init(&text, NULL, TABLE_BYTES);
  sk_bench_table(&text, lines, count, !asked->named);
  asked->named = true;
  print(asked, &text);
}

static shukei_status show_plan(struct asked *asked, shukei_error *err)
{
  struct sk_bench_key *plan = NULL;
  size_t count = 0;
  struct sk_buffer text;
  char name[SK_BENCH_KEY_TEXT];
  const shukei_status st = sk_bench_plan(&asked->settings, &asked->arena, &plan, &count, err);
  if (st)
    return st;
  sk_buffer_init(&text, NULL, TABLE_BYTES);
  for (size_t i = 0; i < count; i++)
    sk_buffer_printf(&text, "%s\n", sk_bench_key_text(&plan[i], name));
  return sk_program_print(asked->program, &text, err);
}

/* ---- the command --------------------------------------------------------------------------- */

/* The last line; exit status 1 where a phase is not done. */
static shukei_status sum_up(struct asked *asked, const struct sk_bench_line *lines, size_t count,
                            double seconds, shukei_error *err)
{
  struct sk_buffer text;
  double measured = 0;
  size_t done = 0, skipped = 0;
  for (size_t i = 0; i < count; i++) {
    measured += lines[i].seconds > 0 ? lines[i].seconds : 0;
    done += lines[i].outcome == SK_BENCH_STATE_DONE;
    skipped += lines[i].outcome == SK_BENCH_STATE_SKIPPED;
  }
  sk_buffer_init(&text, NULL, TABLE_BYTES);
  if (asked->settings.mode_count > 1)
    sk_bench_modes(&text, lines, count);
  sk_bench_choices(&text, lines, count);
  sk_buffer_printf(&text, "%zu of %zu phases done", done, count);
  if (done + skipped < count)
    sk_buffer_printf(&text, ", %zu failed", count - done - skipped);
  if (skipped)
    sk_buffer_printf(&text, ", %zu skipped", skipped);
  sk_buffer_printf(&text, ", %.1f s in phases, %.1f s in all\n", measured, seconds);
  if (done < count)
    asked->program->exit_status = 1;
  return sk_program_print(asked->program, &text, err);
}

/* Judgements are shown where they are asked for; exit status 1 where they are enforced and one is
 * missed, or none could be made. */
static shukei_status judge(struct asked *asked, const struct sk_bench_line *lines, size_t count,
                           shukei_error *err)
{
  struct sk_judgement *judgements = NULL;
  struct sk_buffer text;
  size_t of_kind[3] = {0}, judgement_count = 0;
  const bool enforced = given(asked, SK_OPTION_ENFORCE) != NULL;
  if (!enforced && !given(asked, SK_OPTION_EXPECT))
    return SHUKEI_OK;
  const shukei_status st = sk_expectations_judge(&asked->expectations, lines, count, &asked->arena,
                                                 &judgements, &judgement_count, err);
  if (st)
    return st;
  for (size_t i = 0; i < judgement_count; i++)
    of_kind[judgements[i].kind]++;
  sk_buffer_init(&text, NULL, TABLE_BYTES);
  sk_buffer_printf(&text, "%zu expectations met, %zu missed, %zu not measured (%s)\n",
                   of_kind[SK_JUDGEMENT_MET], of_kind[SK_JUDGEMENT_MISSED],
                   of_kind[SK_JUDGEMENT_UNKNOWN], asked->expectations.name);
  if (!enforced)
    sk_bench_judgements(&text, judgements, judgement_count, SK_JUDGEMENT_MET);
  sk_bench_judgements(&text, judgements, judgement_count, SK_JUDGEMENT_MISSED);
  if (enforced && !of_kind[SK_JUDGEMENT_MET] && !of_kind[SK_JUDGEMENT_MISSED])
    sk_console_log(&asked->program->console, SHUKEI_LOG_WARNING,
                   "nothing was compared: no expectation is about a phase that was measured");
  if (enforced && (of_kind[SK_JUDGEMENT_MISSED] || !of_kind[SK_JUDGEMENT_MET]))
    asked->program->exit_status = 1;
  return sk_program_print(asked->program, &text, err);
}

/* Expectations are read before all the work, and are about some of it. */
static shukei_status take_expectations(struct asked *asked, shukei_error *err)
{
  struct sk_bench_key *plan = NULL;
  size_t count = 0;
  shukei_status st = SHUKEI_OK;
  if (!given(asked, SK_OPTION_EXPECT) && !given(asked, SK_OPTION_ENFORCE))
    return SHUKEI_OK;
  st = sk_expectations_read(given(asked, SK_OPTION_EXPECT), &asked->arena, &asked->expectations,
                            err);
  if (!st)
    st = sk_bench_plan(&asked->settings, &asked->arena, &plan, &count, err);
  if (!st && given(asked, SK_OPTION_ENFORCE) &&
      !sk_expectations_apply(&asked->expectations, plan, count,
                             sk_bench_sink_kind(asked->settings.to)))
    st = sk_fail(err, SHUKEI_EINVAL, "%s: none is about a phase of this benchmark",
                 asked->expectations.name);
  return st;
}

static shukei_status run(struct asked *asked, shukei_error *err)
{
  const struct sk_bench_calls calls = {.context = asked,
                                       .canceled = is_canceled,
                                       .note = note,
                                       .check = check,
                                       .begins = begins,
                                       .ends = ends,
                                       .scale_done = scale_done};
  struct sk_bench_results results;
  struct sk_bench_line *lines = NULL;
  size_t count = 0;
  shukei_status st = SHUKEI_OK;
  const uint64_t begun_ns = sk_monotonic_ns();
  sk_bench_results_init(&results, NULL);
  if (!(st = take_expectations(asked, err)))
    st = sk_bench(&asked->settings, &calls, &results, &lines, &count, err);
  if (!st)
    st = judge(asked, lines, count, err);
  if (!st)
    st = sum_up(asked, lines, count, (double)(sk_monotonic_ns() - begun_ns) / 1e9, err);
  sk_bench_results_reset(&results);
  return st;
}

shukei_status sk_cmd_bench(struct sk_program *program, shukei_error *err)
{
  struct asked asked = {.program = program};
  sk_arena_init(&asked.arena, NULL);
  shukei_status st = take_settings(&asked, err);
  if (!st)
    st = given(&asked, SK_OPTION_BENCH_DRY_RUN) ? show_plan(&asked, err) : run(&asked, err);
  sk_arena_reset(&asked.arena);
  return st;
}
