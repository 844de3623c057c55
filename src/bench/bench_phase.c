/* SPDX-License-Identifier: Apache-2.0 */
/* One phase: its command, its child, and the line that says what became of it. */
#include "bench/bench_work.h"

#include "base/platform.h"
#include "bench/child.h"
#include "bench/child_log.h"
#include "bench/machine.h"
#include "bench/members.h"
#include "bench/phase_command.h"

#include <stdio.h>

#define SHOW_NS UINT64_C(250000000)
#define SLACK_BYTES (UINT64_C(64) << 20) /* the program itself, and what libraries hold */

/* A phase while it runs. */
struct doing {
  struct sk_bench_work *work;
  struct sk_bench_line *line;
  struct sk_child_log log;
  double step, next_sample; /* seconds between samples; doubled when there is no room for more */
  int64_t last_rss;
  uint64_t limit; /* of resident memory */
};

/* ---- while it runs ------------------------------------------------------------------------- */

/* Keeps every second sample: those that stay are as far from each other as before, twice. */
static void thin(struct doing *doing)
{
  struct sk_bench_line *const line = doing->line;
  for (size_t i = 0; i < SK_BENCH_SAMPLES / 2; i++)
    line->samples[i] = line->samples[2 * i + 1];
  line->sample_count = SK_BENCH_SAMPLES / 2;
  doing->step *= 2;
}

static void add_sample(struct doing *doing, double seconds, int64_t rss)
{
  struct sk_bench_line *const line = doing->line;
  if (seconds < doing->next_sample || rss <= 0)
    return;
  if (line->sample_count == SK_BENCH_SAMPLES)
    thin(doing);
  line->samples[line->sample_count++] =
      (struct sk_bench_sample){.seconds = seconds, .rows = doing->log.rows, .rss = rss};
  doing->next_sample = seconds + doing->step;
}

static void tick(void *context, int64_t pid, double seconds, int64_t rss)
{
  struct doing *const doing = context;
  struct sk_running *const running = &doing->work->running;
  sk_child_log_follow(&doing->log);
  if (rss > 0)
    doing->last_rss = rss;
  add_sample(doing, seconds, rss);
  running->now_pid = pid;
  running->seconds = seconds;
  running->rows = doing->log.rows;
  if (doing->log.rows_known > 0)
    running->rows_total = doing->log.rows_known;
  running->rss = rss;
  running->rate = seconds > 0 ? (double)doing->log.rows / seconds : 0;
  if (sk_monotonic_ns() - doing->work->shown_ns >= SHOW_NS)
    sk_bench_show(doing->work);
}

static bool canceled(void *context)
{
  const struct doing *const doing = context;
  return doing->work->calls->canceled(doing->work->calls->context);
}

void sk_bench_show(struct sk_bench_work *work)
{
  char updated[SK_BENCH_TIME_TEXT];
  work->running.updated = sk_bench_time_text(updated);
  work->running.disk_free = sk_disk_free_bytes(work->settings->folder);
  work->running.memory_free = sk_memory_free_bytes();
  (void)sk_running_write(work->settings->folder, &work->running, NULL);
  work->shown_ns = sk_monotonic_ns();
}

/* ---- what it left -------------------------------------------------------------------------- */

static json_t *load(const char *path)
{
  return path ? json_load_file(path, 0, NULL) : NULL;
}

/* Hash and rows of the data, where they are whole. */
static void take_dataset(struct sk_bench_work *work, struct sk_bench_line *line)
{
  bool failed = false;
  const char *const data = sk_bench_data(work->settings, line->key.scale, work->arena);
  const char *const path = data ? sk_arena_text(work->arena, "%s/shukei-dataset.json", data) : NULL;
  json_t *const dataset = load(path);
  const json_t *const rows = json_object_get(dataset, "rows");
  if (!json_object_get(dataset, "unfinished")) {
    line->dataset = sk_member_text(dataset, "hash", work->arena, &failed);
    if (sk_member_number(rows, "pod_usage") >= 0)
      line->rows = sk_member_number(rows, "pod_usage");
    work->running.rows_total = sk_member_number(rows, "all");
  }
  json_decref(dataset);
}

/* A member of --stats where there is one, else what is known. */
static void take(const json_t *stats, const char *name, int64_t *number)
{
  const int64_t found = sk_member_number(stats, name);
  if (found >= 0)
    *number = found;
}

/* data: the folder that a generate finds whole. */
static void take_stats(const char *path, const char *data, struct sk_arena *arena,
                       struct sk_bench_line *line)
{
  bool failed = false;
  json_t *const stats = load(path);
  if (line->key.phase == SK_BENCH_PHASE_AGGREGATE) {
    line->mode_used = sk_member_text(stats, "mode", arena, &failed);
    line->mode_reason = sk_member_text(stats, "mode_reason", arena, &failed);
  }
  take(stats, "rows_read", &line->rows_read);
  take(stats, "groups", &line->groups);
  take(stats, "rows", &line->rows_written);
  take(stats, "rows_written", &line->rows_written);
  take(stats, "bytes_read", &line->bytes_in);
  take(stats, "bytes_written", &line->bytes_out);
  take(stats, "store_requests", &line->requests);
  take(stats, "differences", &line->differences);
  take(stats, "peak_rss_bytes", &line->peak_rss); /* getrusage() has our own in it */
  if (sk_member_number(stats, "reused") == 1) {
    line->reused = true;
    line->seconds = line->cpu_user = line->cpu_system = -1;
    line->peak_rss = -1;
    line->sample_count = 0;
    line->bytes_out = data ? sk_folder_bytes(data) : -1;
  }
  json_decref(stats);
}

static const char *cause_text(const struct doing *doing, const struct sk_child_end *end)
{
  struct sk_arena *const arena = doing->work->arena;
  switch (end->cause) {
  case SK_CHILD_TIME:
    return sk_arena_text(arena, "stopped at the time-out of %g s", doing->work->settings->timeout);
  case SK_CHILD_MEMORY:
    return end->peak_rss > 0 && (uint64_t)end->peak_rss > doing->limit
               ? sk_arena_text(arena,
                               "stopped: %" PRId64 " bytes of memory in use, %" PRIu64 " allowed",
                               end->peak_rss, doing->limit)
               : "ended by the system, which had no memory left";
  case SK_CHILD_INTERRUPTED:
    return "stopped on request";
  case SK_CHILD_ITSELF:
    break;
  }
  if (doing->line->differences > 0)
    return sk_arena_text(arena, "the summary is not as the reports say: %" PRId64 " differences",
                         doing->line->differences);
  if (doing->log.error[0])
    return sk_text_redacted(doing->log.error, arena);
  return end->signal ? sk_arena_text(arena, "ended by signal %d", end->signal)
                     : sk_arena_text(arena, "ended with exit status %d", end->exit);
}

static enum sk_bench_state outcome_of(const struct doing *doing, const struct sk_child_end *end)
{
  switch (end->cause) {
  case SK_CHILD_TIME:
    return SK_BENCH_STATE_TIMED_OUT;
  case SK_CHILD_MEMORY:
    return SK_BENCH_STATE_OUT_OF_MEMORY;
  case SK_CHILD_INTERRUPTED:
    return SK_BENCH_STATE_INTERRUPTED;
  case SK_CHILD_ITSELF:
    break;
  }
  if (end->exit == 0)
    return SK_BENCH_STATE_DONE;
  return strcmp(doing->log.status, "ENOMEM") == 0 ? SK_BENCH_STATE_OUT_OF_MEMORY
                                                  : SK_BENCH_STATE_FAILED;
}

static void take_end(struct doing *doing, const struct sk_child_end *end, const char *stats)
{
  struct sk_bench_line *const line = doing->line;
  line->exit = end->exit;
  line->signal = end->signal;
  line->seconds = end->seconds;
  line->cpu_user = end->cpu_user;
  line->cpu_system = end->cpu_system;
  line->peak_rss = end->peak_rss;
  line->outcome = outcome_of(doing, end);
  doing->next_sample = 0;
  add_sample(doing, end->seconds, doing->last_rss);
  if (line->key.phase == SK_BENCH_PHASE_GENERATE)
    take_dataset(doing->work, line);
  take_stats(stats, sk_bench_data(doing->work->settings, line->key.scale, doing->work->arena),
             doing->work->arena, line);
  if (line->outcome != SK_BENCH_STATE_DONE)
    line->error = cause_text(doing, end);
  if (line->error && end->cause == SK_CHILD_ITSELF && doing->log.advice[0])
    line->advice = sk_text_redacted(doing->log.advice, doing->work->arena);
}

/* ---- data that are there ------------------------------------------------------------------- */

/* The line that made the local lake of this dataset by this version, where its files are still
 * there. */
static const struct sk_bench_line *made_before(const struct sk_bench_work *work,
                                               const struct sk_bench_line *line, const char *lake)
{
  const int64_t bytes = sk_folder_bytes(lake);
  for (size_t i = work->results->line_count; line->dataset && bytes > 0 && i-- > 0;) {
    const struct sk_bench_line *const old = &work->results->lines[i];
    const struct sk_bench_run *const run = sk_bench_results_run(work->results, old->run);
    if (!sk_bench_key_same(&old->key, &line->key))
      continue;
    return old->outcome == SK_BENCH_STATE_DONE && old->dataset &&
                   strcmp(old->dataset, line->dataset) == 0 && old->bytes_out == bytes && run &&
                   run->version && strcmp(run->version, shukei_version()) == 0
               ? old
               : NULL;
  }
  return NULL;
}

/* Before the local lake is written: it is there already, or whatever is there goes away. */
static shukei_status prepare_lake(struct sk_bench_work *work, struct sk_bench_line *line,
                                  shukei_error *err)
{
  const char *const lake = sk_bench_lake(work->settings, line->key.scale, work->arena);
  if (!lake)
    return sk_fail_memory(err, work->arena->budget, 0, "the name of a folder");
  const struct sk_bench_line *const old =
      work->settings->again ? NULL : made_before(work, line, lake);
  if (!old)
    return sk_remove_folder(lake, err);
  line->reused = true;
  line->outcome = SK_BENCH_STATE_DONE;
#define SK_AS_COPY(name) line->name = old->name;
  SK_BENCH_LINE_COUNTERS(SK_AS_COPY)
#undef SK_AS_COPY
  return SHUKEI_OK;
}

/* ---- all of it ----------------------------------------------------------------------------- */

static uint64_t memory_limit(const struct sk_bench_key *key)
{
  const uint64_t all = sk_memory_available_bytes(), most = all - all / 10;
  if (key->phase != SK_BENCH_PHASE_AGGREGATE || key->memory <= 0)
    return most;
  const uint64_t limit = (uint64_t)key->memory + (uint64_t)key->memory / 4 + SLACK_BYTES;
  return limit < most ? limit : most;
}

static const char *log_path(struct sk_bench_work *work, const struct sk_bench_key *key,
                            shukei_error *err)
{
  const char *const folder =
      sk_arena_text(work->arena, "%s/logs/%s", work->settings->folder, work->run.id);
  if (!folder || sk_make_folders(folder, err))
    return NULL;
  return sk_arena_text(work->arena, "%s/%s-%s%s%s-t%" PRId64 "-m%" PRId64 "-r%" PRId64 ".log",
                       folder, key->scale, sk_bench_phase_name(key->phase), key->mode ? "-" : "",
                       sk_bench_mode_name(key->mode), key->threads, key->memory, key->repeat);
}

shukei_status sk_bench_clear(struct sk_bench_work *work, shukei_error *err)
{
  const char *const folder = sk_arena_text(work->arena, "%s/phase", work->settings->folder);
  if (!folder)
    return sk_fail_memory(err, work->arena->budget, 0, "the name of a folder");
  const shukei_status st = sk_remove_folder(folder, err);
  return st ? st : sk_make_folders(folder, err);
}

static shukei_status run_child(struct sk_bench_work *work, struct sk_bench_line *line,
                               const struct sk_bench_words *words, const char *stats,
                               shukei_error *err)
{
  struct doing doing = {
      .work = work, .line = line, .step = 0.02, .limit = memory_limit(&line->key)};
  const struct sk_child_order order = {.program = work->settings->program,
                                       .words = words->items,
                                       .log = line->log,
                                       .out = line->key.phase == SK_BENCH_PHASE_VALIDATE ? stats
                                                                                         : NULL,
                                       .keep_fd = work->phase_lock,
                                       .timeout = work->settings->timeout,
                                       .memory = doing.limit,
                                       .context = &doing,
                                       .tick = tick,
                                       .canceled = canceled};
  struct sk_child_end end;
  shukei_status st = sk_bench_clear(work, err);
  if (st)
    return st;
  sk_child_log_open(&doing.log, line->log);
  st = sk_child_run(&order, &end, err);
  sk_child_log_close(&doing.log);
  if (!st)
    take_end(&doing, &end, stats);
  return st;
}

shukei_status sk_bench_phase(struct sk_bench_work *work, size_t i, shukei_error *err)
{
  struct sk_bench_line *const line = &work->lines[i];
  const struct sk_bench_settings *const settings = work->settings;
  char time[SK_BENCH_TIME_TEXT];
  sk_bench_line_init(line);
  line->key = work->run.plan[i];
  line->run = work->run.id;
  line->time = sk_arena_text(work->arena, "%s", sk_bench_time_text(time));
  line->rows = sk_bench_scale_rows(line->key.scale);
  if (line->key.phase >= SK_BENCH_PHASE_AGGREGATE)
    line->sink = sk_bench_sink_kind(settings->to);
  line->log = log_path(work, &line->key, err);
  if (!line->log)
    return SHUKEI_EWRITE;
  const char *const stats =
      line->key.phase == SK_BENCH_PHASE_VALIDATE
          ? sk_arena_text(work->arena, "%s.verdict.json", line->log)
          : sk_arena_text(work->arena, "%s/phase/stats.json", settings->folder);
  const struct sk_bench_words words =
      stats ? sk_phase_command(settings, &line->key, stats, work->arena)
            : (struct sk_bench_words){0};
  line->command = words.count ? sk_words_redacted(&words, work->arena) : words;
  if (!line->command.count || !line->time)
    return sk_fail_memory(err, work->arena->budget, 0, "a phase");
  shukei_status st = SHUKEI_OK;
  if (line->key.phase != SK_BENCH_PHASE_GENERATE)
    take_dataset(work, line);
  if (line->key.phase == SK_BENCH_PHASE_CONVERT)
    st = prepare_lake(work, line, err);
  if (st || line->reused) {
    line->log = NULL;
    return st;
  }
  return run_child(work, line, &words, stats, err);
}

const struct sk_bench_line *sk_bench_hindrance(const struct sk_bench_line *lines, size_t i)
{
  const struct sk_bench_key *const key = &lines[i].key;
  for (size_t k = i; k-- > 0 && strcmp(lines[k].key.scale, key->scale) == 0;) {
    struct sk_bench_key made = *key;
    made.phase = SK_BENCH_PHASE_AGGREGATE;
    const bool of_data = lines[k].key.phase < SK_BENCH_PHASE_AGGREGATE;
    const bool of_rows =
        key->phase == SK_BENCH_PHASE_VALIDATE && sk_bench_key_same(&made, &lines[k].key);
    if ((of_data || of_rows) && lines[k].outcome != SK_BENCH_STATE_DONE)
      return &lines[k];
  }
  return NULL;
}
