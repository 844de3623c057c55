/* SPDX-License-Identifier: Apache-2.0 */
/* The plan is that of the benchmark that runs or crashed, else that of the last run in
 * results.jsonl. results.jsonl is only read again when it has grown; running.json each time.
 *
 * Whether a benchmark is alive is known by its lock. It is asked for only where the process of that
 * number exists, or wrote within the last ten seconds (it may live in another container, or have
 * just begun): who asks holds the lock for an instant, in which a benchmark could not begin. */
#include "status/standing.h"

#include "bench/bench.h"
#include "status/estimate.h"
#include "status/indicators.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#define RATE_WINDOW_SECONDS 10.0
#define RECENT_MS 10000

const char *sk_standing_state_name(enum sk_standing_state state)
{
  static const char *const names[] = {"none", "running", "stopped", "crashed", "finished"};
  return (size_t)state < SK_COUNT(names) ? names[state] : "?";
}

bool sk_bench_state_failed(enum sk_bench_state state)
{
  return state == SK_BENCH_STATE_FAILED || state == SK_BENCH_STATE_OUT_OF_MEMORY ||
         state == SK_BENCH_STATE_TIMED_OUT;
}

static bool has_ended(enum sk_bench_state state)
{
  return sk_bench_state_failed(state) || state == SK_BENCH_STATE_DONE ||
         state == SK_BENCH_STATE_SKIPPED;
}

void sk_standing_init(struct sk_standing *standing, const char *folder)
{
  memset(standing, 0, sizeof *standing);
  standing->folder = folder;
  standing->file_size = -1;
  sk_bench_results_init(&standing->results, NULL);
  sk_arena_init(&standing->arena, NULL);
}

void sk_standing_reset(struct sk_standing *standing)
{
  sk_bench_results_reset(&standing->results);
  sk_arena_reset(&standing->arena);
}

static int64_t now_ms(void)
{
  struct timespec now = {0};
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool exists(int64_t pid)
{
  return pid > 0 && pid <= INT32_MAX && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

/* Reads results.jsonl where it is another than before; none is as good as an empty one. */
static shukei_status read_results(struct sk_standing *standing, shukei_error *err)
{
  char path[4096];
  struct stat found;
  if ((size_t)snprintf(path, sizeof path, "%s/%s", standing->folder, SK_BENCH_RESULTS_FILE) >=
      sizeof path)
    return sk_fail(err, SHUKEI_EINVAL, "the name of folder \"%.80s...\" is too long",
                   standing->folder);
  const bool there = stat(path, &found) == 0;
  const int64_t size = there ? (int64_t)found.st_size : 0;
  const int64_t changed =
      there ? (int64_t)found.st_mtim.tv_sec * 1000000000 + found.st_mtim.tv_nsec : 0;
  if (size == standing->file_size && changed == standing->file_time)
    return SHUKEI_OK;
  sk_bench_results_reset(&standing->results);
  sk_bench_results_init(&standing->results, NULL);
  standing->file_size = -1;
  const shukei_status st = there ? sk_bench_results_read(&standing->results, path, err) : SHUKEI_OK;
  if (st)
    return st;
  standing->file_size = size;
  standing->file_time = changed;
  return SHUKEI_OK;
}

static void forget_running(struct sk_running *running)
{
  memset(running, 0, sizeof *running);
  running->pid = running->now_pid = running->rows = running->rows_total = running->rss = -1;
  running->disk_free = running->memory_free = -1;
  running->seconds = running->rate = -1;
}

static shukei_status read_running(struct sk_standing *standing, bool *there, shukei_error *err)
{
  shukei_error found = {.offset = -1};
  forget_running(&standing->running);
  *there = false;
  const shukei_status st =
      sk_running_read(standing->folder, &standing->arena, &standing->running, &found);
  if (st == SHUKEI_ENOTFOUND) {
    forget_running(&standing->running);
    return SHUKEI_OK;
  }
  if (st) {
    if (err)
      *err = found;
    return st;
  }
  *there = true;
  return SHUKEI_OK;
}

/* The run that the plan is of; its lines are those that the runner itself goes on from. */
static const char *run_of(const struct sk_standing *standing)
{
  return standing->running.run ? standing->running.run : standing->run ? standing->run->id : NULL;
}

static shukei_status make_items(struct sk_standing *standing, bool has_running, shukei_error *err)
{
  const struct sk_running *const running = &standing->running;
  const size_t count = has_running     ? running->plan_count
                       : standing->run ? standing->run->plan_count
                                       : 0;
  const char *const run = run_of(standing);
  standing->items = sk_arena_alloc(&standing->arena, (count + 1) * sizeof *standing->items);
  if (!standing->items)
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for the plan of a benchmark");
  for (size_t i = 0; i < count; i++) {
    struct sk_standing_item *const item = &standing->items[i];
    item->key = has_running ? running->plan[i].key : standing->run->plan[i];
    item->line = sk_bench_results_line(&standing->results, run, &item->key);
    item->state = has_running  ? running->plan[i].state
                  : item->line ? item->line->outcome
                               : SK_BENCH_STATE_WAITING;
    if (item->state == SK_BENCH_STATE_RUNNING && !standing->alive)
      item->state = SK_BENCH_STATE_INTERRUPTED;
    if (item->state == SK_BENCH_STATE_WAITING || item->state == SK_BENCH_STATE_RUNNING)
      item->line = NULL; /* it was interrupted, and is run again */
    standing->counts[item->state]++;
  }
  standing->item_count = count;
  return SHUKEI_OK;
}

static void find_alive(struct sk_standing *standing, bool has_running)
{
  const struct sk_running *const running = &standing->running;
  standing->updated_ms = running->updated ? sk_bench_time_ms(running->updated) : -1;
  const int64_t begun_ms = standing->run ? sk_bench_time_ms(standing->run->time) : -1;
  const int64_t last_ms = has_running ? standing->updated_ms : begun_ms;
  const bool recent = standing->read_ms - last_ms < RECENT_MS;
  standing->alive =
      ((has_running && exists(running->pid)) || recent) && sk_running_alive(standing->folder);
  standing->phase_alive = standing->alive && exists(running->now_pid);
}

static void choose_state(struct sk_standing *standing, bool has_running)
{
  const struct sk_running *const running = &standing->running;
  standing->begun_ms = running->begun  ? sk_bench_time_ms(running->begun)
                       : standing->run ? sk_bench_time_ms(standing->run->time)
                                       : -1;
  if (standing->alive)
    standing->state = SK_STANDING_RUNNING;
  else if (has_running)
    standing->state = SK_STANDING_CRASHED;
  else if (standing->item_count == 0)
    standing->state = SK_STANDING_NONE;
  else if (sk_standing_ended(standing) == standing->item_count)
    standing->state = SK_STANDING_FINISHED;
  else
    standing->state = SK_STANDING_STOPPED;
}

/* From the begin of the first phase to the end of the last; data that are there take no time. */
static void add_times(struct sk_standing_scale *scale, const struct sk_bench_line *line)
{
  const int64_t begun = sk_bench_time_ms(line->time);
  const int64_t ended = begun + (line->seconds > 0 ? (int64_t)(line->seconds * 1000) : 0);
  if (begun < 0)
    return;
  if (scale->begun_ms < 0 || begun < scale->begun_ms)
    scale->begun_ms = begun;
  if (ended > scale->ended_ms)
    scale->ended_ms = ended;
}

static void add_to_scale(struct sk_standing_scale *scale, const struct sk_standing_item *item)
{
  const struct sk_bench_line *const line = item->line;
  scale->phases++;
  scale->done += item->state == SK_BENCH_STATE_DONE;
  scale->skipped += item->state == SK_BENCH_STATE_SKIPPED;
  scale->ended += has_ended(item->state);
  scale->failed += sk_bench_state_failed(item->state);
  if (item->state == SK_BENCH_STATE_RUNNING ||
      (scale->state != SK_BENCH_STATE_RUNNING && sk_bench_state_failed(item->state))) {
    scale->state =
        item->state == SK_BENCH_STATE_RUNNING ? SK_BENCH_STATE_RUNNING : SK_BENCH_STATE_FAILED;
    scale->phase = sk_bench_phase_name(item->key.phase);
  } else if (scale->state == SK_BENCH_STATE_DONE && !has_ended(item->state)) {
    scale->state = item->state;
    scale->phase = sk_bench_phase_name(item->key.phase);
  }
  if (!line)
    return;
  add_times(scale, line);
  if (line->rows >= 0)
    scale->rows = line->rows;
  if (line->differences >= 0) /* a validation that finds some has failed */
    scale->differences = (scale->differences > 0 ? scale->differences : 0) + line->differences;
  if (item->key.phase == SK_BENCH_PHASE_AGGREGATE && line->outcome == SK_BENCH_STATE_DONE &&
      line->seconds > 0 && (scale->seconds < 0 || line->seconds < scale->seconds)) {
    scale->seconds = line->seconds;
    scale->rate = line->rows >= 0 ? (double)line->rows / line->seconds : -1;
    scale->peak_rss = line->peak_rss;
  }
}

static shukei_status make_scales(struct sk_standing *standing, shukei_error *err)
{
  standing->scales =
      sk_arena_alloc(&standing->arena, (standing->item_count + 1) * sizeof *standing->scales);
  if (!standing->scales)
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for the scales of a benchmark");
  for (size_t i = 0; i < standing->item_count; i++) {
    const char *const name = standing->items[i].key.scale;
    size_t at = 0;
    while (at < standing->scale_count && strcmp(standing->scales[at].name, name) != 0)
      at++;
    if (at == standing->scale_count)
      standing->scales[standing->scale_count++] =
          (struct sk_standing_scale){.name = name,
                                     .rows = sk_bench_scale_rows(name),
                                     .state = SK_BENCH_STATE_DONE,
                                     .seconds = -1,
                                     .rate = -1,
                                     .peak_rss = -1,
                                     .differences = -1,
                                     .begun_ms = -1,
                                     .ended_ms = -1};
    add_to_scale(&standing->scales[at], &standing->items[i]);
  }
  for (size_t i = 0; i < standing->scale_count; i++)
    if (standing->scales[i].ended < standing->scales[i].phases)
      standing->scales[i].ended_ms = -1;
  return SHUKEI_OK;
}

/* What the benchmark says itself, else the error of the last phase that failed. */
static void find_last_error(struct sk_standing *standing)
{
  const char *newest = "";
  for (size_t i = 0; i < standing->item_count; i++) {
    const struct sk_bench_line *const line = standing->items[i].line;
    if (line && line->error && sk_bench_state_failed(line->outcome) && line->time &&
        strcmp(line->time, newest) >= 0) {
      newest = line->time;
      standing->last_error = line->error;
      standing->last_advice = line->advice;
      standing->error_key = standing->items[i].key;
    }
  }
  if (!standing->last_error && standing->running.last_error && standing->running.last_error[0])
    standing->last_error = standing->running.last_error;
}

static void look_at_phase(struct sk_standing *standing)
{
  const struct sk_running *const running = &standing->running;
  standing->rate = running->rate;
  standing->row_bytes = NAN;
  if (!running->has_now)
    return;
  const struct sk_sight sight = {running->seconds, (double)running->rows, (double)running->rss};
  sk_history_add(&standing->history, running->now_pid, sight);
  const double lately = sk_history_rate(&standing->history, RATE_WINDOW_SECONDS);
  standing->rate = lately >= 0 ? lately : running->rate;
  standing->row_bytes = sk_history_row_bytes(&standing->history);
}

shukei_status sk_standing_read(struct sk_standing *standing, shukei_error *err)
{
  bool has_running = false;
  sk_arena_reset(&standing->arena);
  standing->read_ms = now_ms();
  standing->item_count = standing->scale_count = 0;
  standing->items = NULL;
  standing->scales = NULL;
  standing->last_error = standing->last_advice = NULL;
  standing->run = NULL;
  memset(standing->counts, 0, sizeof standing->counts);
  memset(&standing->error_key, 0, sizeof standing->error_key);
  shukei_status st = read_running(standing, &has_running, err);
  if (!st)
    st = read_results(standing, err); /* second: a phase that ends meanwhile is not lost */
  if (!st && standing->results.run_count > 0)
    standing->run = &standing->results.runs[standing->results.run_count - 1];
  find_alive(standing, has_running);
  if (!st)
    st = make_items(standing, has_running, err);
  if (!st)
    st = make_scales(standing, err);
  if (st)
    return sk_context(err, st, "benchmark in \"%s\"", standing->folder);
  choose_state(standing, has_running);
  find_last_error(standing);
  look_at_phase(standing);
  sk_estimate_left(standing);
  sk_indicators_judge(standing);
  return SHUKEI_OK;
}

size_t sk_standing_ended(const struct sk_standing *standing)
{
  size_t ended = 0;
  for (size_t state = 0; state < SK_BENCH_STATE_COUNT; state++)
    ended += has_ended((enum sk_bench_state)state) ? standing->counts[state] : 0;
  return ended;
}

size_t sk_standing_failed(const struct sk_standing *standing)
{
  size_t failed = 0;
  for (size_t state = 0; state < SK_BENCH_STATE_COUNT; state++)
    failed += sk_bench_state_failed((enum sk_bench_state)state) ? standing->counts[state] : 0;
  return failed;
}

double sk_standing_share(const struct sk_standing *standing)
{
  const struct sk_running *const running = &standing->running;
  if (!running->has_now || running->rows < 0 || running->rows_total <= 0)
    return -1;
  const double share = (double)running->rows / (double)running->rows_total;
  return share < 1 ? share : 1;
}
