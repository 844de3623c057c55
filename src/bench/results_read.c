/* SPDX-License-Identifier: Apache-2.0 */
/* Reading results. A file may be anybody's: jansson parses each line, members of the wrong type are
 * as unknown as absent ones, and lists are as long as what is there. */
#include "bench/members.h"
#include "bench/results.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define FIRST_ROOM 16

void sk_bench_results_init(struct sk_bench_results *results, struct sk_budget *budget)
{
  memset(results, 0, sizeof *results);
  sk_arena_init(&results->arena, budget);
}

void sk_bench_results_reset(struct sk_bench_results *results)
{
  sk_free(results->runs);
  sk_free(results->lines);
  sk_arena_reset(&results->arena);
  sk_bench_results_init(results, results->arena.budget);
}

/* ---- members ------------------------------------------------------------------------------- */

/* What is read, and whether memory lacked anywhere. */
struct taking {
  struct sk_arena *arena;
  bool failed;
};

static const char *take_text(struct taking *taking, const json_t *object, const char *name)
{
  return sk_member_text(object, name, taking->arena, &taking->failed);
}

static int64_t number_or(const json_t *object, const char *name, int64_t otherwise)
{
  const int64_t number = sk_member_number(object, name);
  return number < 0 ? otherwise : number;
}

static void take_words(struct taking *taking, const json_t *object, const char *name,
                       struct sk_bench_words *words)
{
  const json_t *const list = json_object_get(object, name);
  const size_t count = json_array_size(list);
  *words =
      (struct sk_bench_words){.items = sk_arena_alloc(taking->arena, (count + 1) * sizeof(char *))};
  if (!words->items) {
    taking->failed = true;
    return;
  }
  for (size_t i = 0; i < count; i++) {
    const char *const text = json_string_value(json_array_get(list, i));
    const size_t size = text ? strlen(text) + 1 : 0;
    char *const copy = text ? sk_arena_bytes(taking->arena, size) : NULL;
    taking->failed |= text && !copy;
    if (copy)
      words->items[words->count++] = memcpy(copy, text, size);
  }
}

static int64_t *take_numbers(struct taking *taking, const json_t *object, const char *name,
                             size_t *count)
{
  const json_t *const list = json_object_get(object, name);
  const size_t size = json_array_size(list);
  int64_t *const numbers = sk_arena_alloc(taking->arena, (size + 1) * sizeof *numbers);
  *count = 0;
  if (!numbers) {
    taking->failed = true;
    return NULL;
  }
  for (size_t i = 0; i < size; i++)
    if (json_is_integer(json_array_get(list, i)))
      numbers[(*count)++] = json_integer_value(json_array_get(list, i));
  return numbers;
}

static bool take_key(struct taking *taking, const json_t *object, struct sk_bench_key *key)
{
  const char *const phase = json_string_value(json_object_get(object, "phase"));
  const char *const mode = json_string_value(json_object_get(object, "mode"));
  const int place = phase ? sk_bench_phase_find(phase) : -1;
  const int of_mode = mode ? sk_bench_mode_find(mode) : SK_BENCH_MODE_NONE;
  *key = (struct sk_bench_key){.scale = take_text(taking, object, "scale"),
                               .repeat = number_or(object, "repeat", 1),
                               .threads = number_or(object, "threads", 0),
                               .memory = number_or(object, "memory", 0)};
  if (!key->scale || place < 0 || of_mode < 0)
    return false;
  key->phase = (enum sk_bench_phase)place;
  key->mode = (enum sk_bench_mode)of_mode;
  return true;
}

bool sk_bench_key_take(const json_t *object, struct sk_arena *arena, struct sk_bench_key *key)
{
  struct taking taking = {.arena = arena};
  return take_key(&taking, object, key) && !taking.failed;
}

static void take_samples(const json_t *object, struct sk_bench_line *line)
{
  const json_t *const list = json_object_get(object, "samples");
  for (size_t i = 0; i < json_array_size(list) && line->sample_count < SK_BENCH_SAMPLES; i++) {
    const json_t *const three = json_array_get(list, i);
    const json_t *const seconds = json_array_get(three, 0);
    if (json_is_number(seconds))
      line->samples[line->sample_count++] =
          (struct sk_bench_sample){.seconds = json_number_value(seconds),
                                   .rows = json_integer_value(json_array_get(three, 1)),
                                   .rss = json_integer_value(json_array_get(three, 2))};
  }
}

/* False: it lacks what a line must have. */
static bool take_line(struct taking *taking, const json_t *root, struct sk_bench_line *line)
{
  const char *const outcome = json_string_value(json_object_get(root, "outcome"));
  const int state = outcome ? sk_bench_state_find(outcome) : -1;
  sk_bench_line_init(line);
  line->run = take_text(taking, root, "run");
  if (!line->run || state < SK_BENCH_STATE_DONE || !take_key(taking, root, &line->key))
    return false;
  line->outcome = (enum sk_bench_state)state;
  line->time = take_text(taking, root, "time");
  line->sink = take_text(taking, root, "sink");
  line->exit = sk_member_number(root, "exit");
  line->signal = number_or(root, "signal", 0);
  line->seconds = sk_member_real(root, "seconds");
  line->cpu_user = sk_member_real(root, "cpu_user");
  line->cpu_system = sk_member_real(root, "cpu_system");
  line->peak_rss = sk_member_number(root, "peak_rss");
  take_samples(root, line);
#define SK_AS_TAKE(name) line->name = sk_member_number(root, #name);
  SK_BENCH_LINE_COUNTERS(SK_AS_TAKE)
#undef SK_AS_TAKE
  line->mode_used = take_text(taking, root, "mode_used");
  line->mode_reason = take_text(taking, root, "mode_reason");
  line->reused = json_is_true(json_object_get(root, "reused"));
  line->dataset = take_text(taking, root, "dataset");
  take_words(taking, root, "command", &line->command);
  line->error = take_text(taking, root, "error");
  line->advice = take_text(taking, root, "advice");
  line->log = take_text(taking, root, "log");
  return true;
}

static void take_plan(struct taking *taking, const json_t *root, struct sk_bench_run *run)
{
  const json_t *const plan = json_object_get(root, "plan");
  const size_t count = json_array_size(plan);
  run->plan = sk_arena_alloc(taking->arena, (count + 1) * sizeof *run->plan);
  taking->failed |= !run->plan;
  for (size_t i = 0; run->plan && i < count; i++)
    run->plan_count += take_key(taking, json_array_get(plan, i), &run->plan[run->plan_count]);
}

static bool take_run(struct taking *taking, const json_t *root, struct sk_bench_run *run)
{
  const json_t *const machine = json_object_get(root, "machine");
  const json_t *const settings = json_object_get(root, "settings");
  memset(run, 0, sizeof *run);
  run->id = take_text(taking, root, "run");
  if (!run->id)
    return false;
  run->time = take_text(taking, root, "time");
  run->version = take_text(taking, root, "version");
  take_words(taking, root, "command", &run->command);
  run->machine = (struct sk_bench_machine){.host = take_text(taking, machine, "host"),
                                           .cpu = take_text(taking, machine, "cpu"),
                                           .kernel = take_text(taking, machine, "kernel"),
                                           .os = take_text(taking, machine, "os"),
                                           .processors = sk_member_number(machine, "processors"),
                                           .memory = sk_member_number(machine, "memory")};
  take_words(taking, settings, "scales", &run->scales);
  take_words(taking, settings, "modes", &run->modes);
  run->repeat = number_or(settings, "repeat", 1);
  run->threads = take_numbers(taking, settings, "threads", &run->threads_count);
  run->memory = take_numbers(taking, settings, "memory", &run->memory_count);
  run->to = take_text(taking, settings, "to");
  run->schema = take_text(taking, settings, "schema");
  run->lake = take_text(taking, settings, "lake");
  run->timeout = number_or(settings, "timeout", 0);
  take_plan(taking, root, run);
  return true;
}

/* ---- lines --------------------------------------------------------------------------------- */

/* Room for one more of a list. */
static bool grow(struct sk_budget *budget, void **list, size_t *room, size_t count, size_t size)
{
  if (count < *room)
    return true;
  const size_t more = *room ? *room * 2 : FIRST_ROOM;
  void *const grown = sk_realloc(budget, *list, more * size);
  if (!grown)
    return false;
  *list = grown;
  *room = more;
  return true;
}

static shukei_status add(struct sk_bench_results *results, const json_t *root, shukei_error *err)
{
  const char *const kind = json_string_value(json_object_get(root, "kind"));
  struct sk_budget *const budget = results->arena.budget;
  struct taking taking = {.arena = &results->arena};
  void *runs = results->runs, *lines = results->lines;
  if (!kind)
    return sk_fail(err, SHUKEI_EFORMAT, "no object with a member \"kind\"");
  if (!grow(budget, &runs, &results->run_room, results->run_count, sizeof *results->runs))
    return sk_fail_memory(err, budget, 0, "results");
  results->runs = runs;
  if (!grow(budget, &lines, &results->line_room, results->line_count, sizeof *results->lines))
    return sk_fail_memory(err, budget, 0, "results");
  results->lines = lines;
  bool whole = true;
  if (strcmp(kind, "run") == 0) {
    const int64_t format = sk_member_number(root, "format");
    if (format > SK_BENCH_RESULTS_FORMAT)
      return sk_fail(err, SHUKEI_EUNSUPPORTED, "results of format %" PRId64 ", known is %d", format,
                     SK_BENCH_RESULTS_FORMAT);
    whole = take_run(&taking, root, &results->runs[results->run_count]);
    results->run_count += whole && !taking.failed;
  } else if (strcmp(kind, "phase") == 0) {
    whole = take_line(&taking, root, &results->lines[results->line_count]);
    results->line_count += whole && !taking.failed;
  }
  if (taking.failed)
    return sk_fail_memory(err, budget, 0, "results");
  return whole ? SHUKEI_OK
               : sk_fail(err, SHUKEI_EFORMAT, "a line of kind \"%s\" lacks members", kind);
}

shukei_status sk_bench_results_parse(struct sk_bench_results *results, const char *name,
                                     const char *bytes, size_t length, shukei_error *err)
{
  size_t number = 1;
  for (size_t at = 0; at < length; number++) {
    const char *const end = memchr(bytes + at, '\n', length - at);
    if (!end)
      return SHUKEI_OK; /* torn */
    const size_t size = (size_t)(end - bytes) - at;
    json_error_t problem;
    json_t *const root = json_loadb(bytes + at, size, 0, &problem);
    shukei_status st =
        root ? add(results, root, err) : sk_fail(err, SHUKEI_EFORMAT, "no JSON: %s", problem.text);
    json_decref(root);
    if (st)
      return sk_context(err, st, "results \"%s\": line %zu", name, number);
    at += size + 1;
  }
  return SHUKEI_OK;
}

static shukei_status read_all(int fd, struct sk_buffer *bytes)
{
  for (;;) {
    if (!sk_buffer_reserve(bytes, 65536))
      return SHUKEI_ENOMEM;
    const ssize_t n = read(fd, bytes->bytes + bytes->length, bytes->capacity - bytes->length);
    if (n == 0)
      return SHUKEI_OK;
    if (n > 0)
      bytes->length += (size_t)n;
    else if (errno != EINTR)
      return SHUKEI_EIO;
  }
}

shukei_status sk_bench_results_read(struct sk_bench_results *results, const char *path,
                                    shukei_error *err)
{
  char text[128];
  struct sk_buffer bytes;
  sk_buffer_init(&bytes, results->arena.budget, (size_t)SK_BENCH_RESULTS_BYTES);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  shukei_status st = fd < 0 ? SHUKEI_EIO : read_all(fd, &bytes);
  if (st == SHUKEI_EIO)
    sk_fail(err, errno == ENOENT ? (st = SHUKEI_ENOTFOUND) : st,
            "could not read results \"%s\": %s", path, sk_errno_text(errno, text));
  else if (st)
    sk_fail(err, st, "results \"%s\" are larger than memory or %" PRIu64 " bytes", path,
            SK_BENCH_RESULTS_BYTES);
  else
    st = sk_bench_results_parse(results, path, (const char *)bytes.bytes, bytes.length, err);
  if (fd >= 0)
    close(fd);
  sk_buffer_reset(&bytes);
  return st;
}

const struct sk_bench_run *sk_bench_results_run(const struct sk_bench_results *results,
                                                const char *id)
{
  for (size_t i = 0; i < results->run_count; i++)
    if (strcmp(results->runs[i].id, id) == 0)
      return &results->runs[i];
  return NULL;
}

const struct sk_bench_line *sk_bench_results_line(const struct sk_bench_results *results,
                                                  const char *run, const struct sk_bench_key *key)
{
  for (size_t i = results->line_count; i-- > 0;) {
    const struct sk_bench_line *const line = &results->lines[i];
    if ((!run || strcmp(line->run, run) == 0) && sk_bench_key_same(&line->key, key))
      return line;
  }
  return NULL;
}
