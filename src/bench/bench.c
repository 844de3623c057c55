/* SPDX-License-Identifier: Apache-2.0 */
/* A benchmark from its beginning, or from where it was stopped, to its end.
 *
 * Which phases are left is told by results.jsonl alone: a phase has a line or it has not run. What
 * a child that outlives a killed benchmark holds is a lock; the next benchmark waits for it, so
 * that no two phases ever run at once. */
#define _DEFAULT_SOURCE 1 /* flock() */
#include "bench/bench.h"

#include "base/platform.h"
#include "base/text.h"
#include "bench/bench_work.h"
#include "bench/machine.h"
#include "bench/phase_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#define WAIT_MS 10000 /* for the child of a benchmark that was killed */
#define WAIT_STEP_MS 20

/* ---- which run ----------------------------------------------------------------------------- */

static bool same_plan(const struct sk_bench_run *a, const struct sk_bench_run *b)
{
  if (a->plan_count != b->plan_count)
    return false;
  for (size_t i = 0; i < a->plan_count; i++)
    if (!sk_bench_key_same(&a->plan[i], &b->plan[i]))
      return false;
  return true;
}

/* Lines of the one may stand beside lines of the other. */
static bool same_run(const struct sk_bench_run *a, const struct sk_bench_run *b)
{
  return sk_same_text(a->version, b->version) && sk_same_text(a->to, b->to) &&
         sk_same_text(a->schema, b->schema) && sk_same_text(a->lake, b->lake) &&
         sk_same_text(a->machine.host, b->machine.host) && a->timeout == b->timeout &&
         same_plan(a, b);
}

static const char *new_id(struct sk_arena *arena)
{
  uint8_t b[8];
  if (!sk_random_bytes(b, sizeof b))
    return NULL;
  return sk_arena_text(arena, "%02x%02x%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4],
                       b[5], b[6], b[7]);
}

static shukei_status fill_run(struct sk_bench_work *work, shukei_error *err)
{
  const struct sk_bench_settings *const s = work->settings;
  struct sk_bench_run *const run = &work->run;
  struct sk_arena *const arena = work->arena;
  char time[SK_BENCH_TIME_TEXT];
  const struct sk_bench_words given = {(const char **)(uintptr_t)s->command, s->command_count};
  run->id = new_id(arena);
  run->time = sk_arena_text(arena, "%s", sk_bench_time_text(time));
  run->version = shukei_version();
  run->command = sk_words_redacted(&given, arena);
  sk_machine_look(arena, &run->machine);
  run->scales = (struct sk_bench_words){(const char **)(uintptr_t)s->scales, s->scale_count};
  run->modes.items = sk_arena_alloc(arena, s->mode_count * sizeof(char *));
  for (size_t i = 0; run->modes.items && i < s->mode_count; i++)
    run->modes.items[run->modes.count++] = sk_bench_mode_name(s->modes[i]);
  run->repeat = s->repeat;
  run->threads = (int64_t *)(uintptr_t)s->threads;
  run->threads_count = s->thread_count;
  run->memory = (int64_t *)(uintptr_t)s->memory;
  run->memory_count = s->memory_count;
  run->to = sk_text_redacted(s->to, arena);
  run->schema = s->schema;
  run->lake = s->lake ? sk_text_redacted(s->lake, arena) : "lake";
  run->timeout = (int64_t)(s->timeout + 0.999);
  if (!run->id || !run->time || !run->modes.items || !run->to || !run->lake)
    return sk_fail_memory(err, arena->budget, 0, "a run");
  return SHUKEI_OK;
}

/* What aggregate refuses is told before all the work. */
static shukei_status check_sink(const struct sk_bench_work *work, shukei_error *err)
{
  const char *const to = work->settings->to;
  const char *const shown = sk_text_redacted(to, work->arena);
  if (!shown)
    return sk_fail_memory(err, work->arena->budget, 0, "the name of the sink");
  if (strcmp(sk_bench_sink_kind(to), "postgresql") != 0 || strcmp(shown, to) == 0)
    return SHUKEI_OK;
  const shukei_status st =
      sk_fail(err, SHUKEI_EINVAL,
              "a sink \"postgresql:...\" has a password in it, which the list of processes shows");
  sk_advise(err, "set PGPASSWORD, or use ~/.pgpass or a service file");
  return st;
}

/* What the run has of this phase already; NULL where it is to run: it has not, was interrupted or
 * failed, or it was skipped for one of these. What ran out of memory or time would do so again
 * under the same limits. */
static const struct sk_bench_line *ended_before(const struct sk_bench_work *work, size_t i)
{
  const struct sk_bench_line *const line =
      sk_bench_results_line(work->results, work->run.id, &work->run.plan[i]);
  const struct sk_bench_line *const hindrance = sk_bench_hindrance(work->lines, i);
  if (!line || line->outcome == SK_BENCH_STATE_INTERRUPTED ||
      line->outcome == SK_BENCH_STATE_FAILED)
    return NULL;
  return line->outcome == SK_BENCH_STATE_SKIPPED &&
                 (!hindrance || hindrance->outcome == SK_BENCH_STATE_WAITING)
             ? NULL
             : line;
}

/* Goes on with the last run where it is the same, else begins a new one. */
static shukei_status begin_run(struct sk_bench_work *work, shukei_error *err)
{
  const struct sk_bench_results *const results = work->results;
  const struct sk_bench_run *const last =
      results->run_count ? &results->runs[results->run_count - 1] : NULL;
  shukei_status st = fill_run(work, err);
  if (st)
    return st;
  if (!work->settings->again && last && same_run(last, &work->run))
    work->run.id = last->id;
  else
    st = sk_bench_writer_run(&work->writer, &work->run, err);
  for (size_t i = 0; !st && i < work->run.plan_count; i++) {
    struct sk_bench_line *const line = &work->lines[i];
    sk_bench_line_init(line);
    line->key = work->run.plan[i];
    const struct sk_bench_line *const ended = ended_before(work, i);
    if (ended)
      *line = *ended;
    line->key = work->run.plan[i];
  }
  return st;
}

/* ---- locks --------------------------------------------------------------------------------- */

/* Another benchmark's child, if it still lives, holds it. */
static shukei_status lock_phase(struct sk_bench_work *work, shukei_error *err)
{
  char reason[128];
  const char *const path = sk_arena_text(work->arena, "%s/phase.lock", work->settings->folder);
  if (!path)
    return sk_fail_memory(err, work->arena->budget, 0, "the name of a lock");
  work->phase_lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (work->phase_lock < 0)
    return sk_fail(err, SHUKEI_EWRITE, "could not lock \"%s\": %s", path,
                   sk_errno_text(errno, reason));
  for (int waited = 0; flock(work->phase_lock, LOCK_EX | LOCK_NB) != 0; waited += WAIT_STEP_MS) {
    if (errno != EWOULDBLOCK || waited >= WAIT_MS)
      return sk_fail(err, SHUKEI_EINVAL, "a phase of another benchmark runs in \"%s\"",
                     work->settings->folder);
    (void)poll(NULL, 0, WAIT_STEP_MS);
  }
  return SHUKEI_OK;
}

static shukei_status open_work(struct sk_bench_work *work, shukei_error *err)
{
  const char *const folder = work->settings->folder;
  const char *const path = sk_arena_text(work->arena, "%s/" SK_BENCH_RESULTS_FILE, folder);
  shukei_status st = path ? sk_make_folders(folder, err)
                          : sk_fail_memory(err, work->arena->budget, 0, "the name of the results");
  if (!st)
    st = sk_running_lock(folder, &work->lock, err);
  if (!st)
    st = lock_phase(work, err);
  if (!st)
    st = sk_bench_writer_open(&work->writer, path, err);
  if (!st)
    st = sk_bench_results_read(work->results, path, err);
  return st ? st : begin_run(work, err);
}

/* ---- phases -------------------------------------------------------------------------------- */

static shukei_status begin_running(struct sk_bench_work *work, shukei_error *err)
{
  struct sk_running *const running = &work->running;
  running->run = work->run.id;
  running->pid = getpid();
  running->begun = work->run.time;
  running->plan_count = work->run.plan_count;
  running->plan = sk_arena_alloc(work->arena, (running->plan_count + 1) * sizeof *running->plan);
  if (!running->plan)
    return sk_fail_memory(err, work->arena->budget, 0, "the plan");
  for (size_t i = 0; i < running->plan_count; i++)
    running->plan[i] =
        (struct sk_running_item){.key = work->run.plan[i], .state = work->lines[i].outcome};
  return SHUKEI_OK;
}

static void show_begin(struct sk_bench_work *work, size_t i)
{
  struct sk_running *const running = &work->running;
  char time[SK_BENCH_TIME_TEXT];
  running->plan[i].state = SK_BENCH_STATE_RUNNING;
  running->has_now = true;
  running->now = work->run.plan[i];
  running->now_pid = running->rows_total = running->rss = -1;
  running->now_begun = sk_arena_text(work->arena, "%s", sk_bench_time_text(time));
  running->seconds = running->rate = 0;
  running->rows = 0;
  sk_bench_show(work);
}

static void show_end(struct sk_bench_work *work, size_t i)
{
  work->running.plan[i].state = work->lines[i].outcome;
  work->running.has_now = false;
  if (work->lines[i].error)
    work->running.last_error = work->lines[i].error;
  sk_bench_show(work);
}

/* A phase that cannot run has a line, too. */
static shukei_status skip(struct sk_bench_work *work, size_t i,
                          const struct sk_bench_line *for_what, shukei_error *err)
{
  char time[SK_BENCH_TIME_TEXT];
  struct sk_bench_line *const line = &work->lines[i];
  line->run = work->run.id;
  line->time = sk_arena_text(work->arena, "%s", sk_bench_time_text(time));
  line->rows = sk_bench_scale_rows(line->key.scale);
  line->outcome = SK_BENCH_STATE_SKIPPED;
  if (line->key.phase >= SK_BENCH_PHASE_AGGREGATE)
    line->sink = sk_bench_sink_kind(work->settings->to);
  line->error = sk_arena_text(work->arena, "%s of this scale is not done: %s",
                              sk_bench_phase_name(for_what->key.phase),
                              sk_bench_state_name(for_what->outcome));
  return line->error ? SHUKEI_OK : sk_fail_memory(err, work->arena->budget, 0, "a line");
}

static shukei_status run_phase(struct sk_bench_work *work, size_t i, shukei_error *err)
{
  const struct sk_bench_calls *const calls = work->calls;
  const struct sk_bench_line *const hindrance = sk_bench_hindrance(work->lines, i);
  calls->begins(calls->context, &work->run.plan[i], i, work->run.plan_count);
  show_begin(work, i);
  shukei_status st = hindrance ? skip(work, i, hindrance, err) : sk_bench_phase(work, i, err);
  if (!st)
    st = sk_bench_writer_line(&work->writer, &work->lines[i], err);
  if (st)
    return st;
  show_end(work, i);
  calls->ends(calls->context, &work->lines[i]);
  return work->lines[i].outcome == SK_BENCH_STATE_INTERRUPTED || calls->canceled(calls->context)
             ? sk_fail(err, SHUKEI_ECANCELED, "stopped on request")
             : SHUKEI_OK;
}

static shukei_status discard(struct sk_bench_work *work, const char *scale, shukei_error *err)
{
  const char *const data = sk_bench_data(work->settings, scale, work->arena);
  const char *const lake =
      work->settings->lake ? NULL : sk_bench_lake(work->settings, scale, work->arena);
  shukei_status st = data ? sk_remove_folder(data, err) : SHUKEI_OK;
  if (!st && lake)
    st = sk_remove_folder(lake, err);
  return st;
}

/* Whether the next call tries one of the phases again, which needs the data of those before. */
static bool runs_again(const struct sk_bench_work *work, size_t begin, size_t end)
{
  for (size_t i = begin; i < end; i++)
    if (work->lines[i].outcome == SK_BENCH_STATE_FAILED)
      return true;
  return false;
}

/* The phases of one scale, from the i-th on; *end is the first of the next. */
static shukei_status run_scale(struct sk_bench_work *work, size_t i, size_t *end, shukei_error *err)
{
  const char *const scale = work->run.plan[i].scale;
  const struct sk_bench_calls *const calls = work->calls;
  const size_t begin = i;
  shukei_status st = SHUKEI_OK;
  for (; !st && i < work->run.plan_count && strcmp(work->run.plan[i].scale, scale) == 0; i++)
    if (work->lines[i].outcome == SK_BENCH_STATE_WAITING)
      st = run_phase(work, i, err);
  *end = i;
  if (!st && work->settings->discard && !runs_again(work, begin, i))
    st = discard(work, scale, err);
  if (!st)
    calls->scale_done(calls->context, scale, work->lines + begin, i - begin);
  return st;
}

static shukei_status run_all(struct sk_bench_work *work, shukei_error *err)
{
  size_t left = 0;
  char text[160];
  shukei_status st = begin_running(work, err);
  for (size_t i = 0; i < work->run.plan_count; i++)
    left += work->lines[i].outcome == SK_BENCH_STATE_WAITING;
  if (!st && left < work->run.plan_count) {
    snprintf(text, sizeof text, "run %s goes on: %zu of %zu phases are left%s", work->run.id, left,
             work->run.plan_count, left ? "" : "; --again measures all anew");
    work->calls->note(work->calls->context, text);
  }
  if (!st && left && !(st = sk_bench_clear(work, err))) {
    st = work->calls->check(work->calls->context, err);
    (void)sk_bench_clear(work, NULL);
  }
  for (size_t i = 0; !st && i < work->run.plan_count;)
    st = run_scale(work, i, &i, err);
  if (!st)
    st = sk_bench_clear(work, err);
  sk_running_remove(work->settings->folder);
  return st;
}

shukei_status sk_bench(const struct sk_bench_settings *settings, const struct sk_bench_calls *calls,
                       struct sk_bench_results *results, struct sk_bench_line **lines,
                       size_t *count, shukei_error *err)
{
  struct sk_bench_work work = {.settings = settings,
                               .calls = calls,
                               .arena = &results->arena,
                               .results = results,
                               .writer = {.fd = -1},
                               .lock = -1,
                               .phase_lock = -1};
  *lines = NULL;
  *count = 0;
  shukei_status st = sk_bench_plan(settings, work.arena, &work.run.plan, &work.run.plan_count, err);
  if (!st)
    st = check_sink(&work, err);
  if (!st) {
    work.lines = sk_arena_alloc(work.arena, (work.run.plan_count + 1) * sizeof *work.lines);
    st = work.lines ? open_work(&work, err)
                    : sk_fail_memory(err, work.arena->budget, 0, "the lines");
  }
  if (!st)
    st = run_all(&work, err);
  if (!st) {
    *lines = work.lines;
    *count = work.run.plan_count;
  }
  sk_bench_writer_close(&work.writer);
  sk_running_unlock(work.phase_lock);
  sk_running_unlock(work.lock);
  return st;
}
