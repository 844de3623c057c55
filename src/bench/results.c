/* SPDX-License-Identifier: Apache-2.0 */
/* Names, keys and times of results, and writing them. A line is one write() and one fsync(): what
 * was measured is on the disk before the next phase begins. */
#include "bench/results.h"

#include "base/calendar.h"
#include "bench/members.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define TAIL_BYTES 65536
#define LINE_BYTES ((size_t)16 << 20)

#define SK_AS_NAME(id, name) name,
static const char *const phase_names[] = {SK_BENCH_PHASE_MAP(SK_AS_NAME)};
static const char *const state_names[] = {SK_BENCH_STATE_MAP(SK_AS_NAME)};
static const char *const mode_names[] = {SK_BENCH_MODE_MAP(SK_AS_NAME)};
#undef SK_AS_NAME

static int find(const char *const *names, size_t count, const char *name)
{
  for (size_t i = 0; i < count; i++)
    if (strcmp(names[i], name) == 0)
      return (int)i;
  return -1;
}

const char *sk_bench_phase_name(enum sk_bench_phase phase)
{
  return phase_names[phase];
}

const char *sk_bench_state_name(enum sk_bench_state state)
{
  return state_names[state];
}

const char *sk_bench_mode_name(enum sk_bench_mode mode)
{
  return mode_names[mode];
}

int sk_bench_phase_find(const char *name)
{
  return find(phase_names, SK_COUNT(phase_names), name);
}

int sk_bench_state_find(const char *name)
{
  return find(state_names, SK_COUNT(state_names), name);
}

int sk_bench_mode_find(const char *name)
{
  return find(mode_names, SK_COUNT(mode_names), name);
}

bool sk_bench_key_same(const struct sk_bench_key *a, const struct sk_bench_key *b)
{
  return strcmp(a->scale, b->scale) == 0 && a->phase == b->phase && a->mode == b->mode &&
         a->repeat == b->repeat && a->threads == b->threads && a->memory == b->memory;
}

bool sk_bench_line_streams(const struct sk_bench_line *line)
{
  return line->key.phase == SK_BENCH_PHASE_AGGREGATE &&
         (line->key.mode == SK_BENCH_MODE_STREAMING ||
          (line->mode_used && strcmp(line->mode_used, mode_names[SK_BENCH_MODE_STREAMING]) == 0));
}

void sk_bench_line_init(struct sk_bench_line *line)
{
  memset(line, 0, sizeof *line);
  line->exit = -1;
  line->seconds = line->cpu_user = line->cpu_system = -1;
  line->peak_rss = -1;
#define SK_AS_UNKNOWN(name) line->name = -1;
  SK_BENCH_LINE_COUNTERS(SK_AS_UNKNOWN)
#undef SK_AS_UNKNOWN
}

/* ---- times --------------------------------------------------------------------------------- */

char *sk_bench_time_text(char text[SK_BENCH_TIME_TEXT])
{
  struct timespec now;
  char day[16];
  clock_gettime(CLOCK_REALTIME, &now);
  const int64_t seconds = (int64_t)now.tv_sec;
  const unsigned of_day = (unsigned)(seconds % 86400);
  snprintf(text, SK_BENCH_TIME_TEXT, "%sT%02u:%02u:%02u.%03uZ",
           sk_day_text((int32_t)(seconds / 86400), day), of_day / 3600, of_day / 60 % 60,
           of_day % 60, (unsigned)(now.tv_nsec / 1000000));
  return text;
}

/* Two or three digits; -1 where they are none. */
static int64_t digits(const char *text, unsigned count)
{
  int64_t number = 0;
  for (unsigned i = 0; i < count; i++) {
    if (text[i] < '0' || text[i] > '9')
      return -1;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

int64_t sk_bench_time_ms(const char *text)
{
  int32_t day;
  if (!text || strlen(text) != strlen("2026-01-02T03:04:05.678Z") || !sk_day_parse(text, 10, &day))
    return -1;
  const int64_t hours = digits(text + 11, 2), minutes = digits(text + 14, 2);
  const int64_t seconds = digits(text + 17, 2), parts = digits(text + 20, 3);
  if (text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != '.' || text[23] != 'Z' ||
      hours < 0 || minutes < 0 || seconds < 0 || parts < 0)
    return -1;
  return (((int64_t)day * 24 + hours) * 60 + minutes) * 60000 + seconds * 1000 + parts;
}

/* ---- objects ------------------------------------------------------------------------------- */

static void set_words(json_t *object, const char *name, const struct sk_bench_words *words)
{
  json_t *const list = json_array();
  for (size_t i = 0; i < words->count; i++)
    if (json_array_append_new(list, sk_member_text_value(words->items[i])))
      sk_member_set(object, name, NULL);
  sk_member_set(object, name, list);
}

static void set_numbers(json_t *object, const char *name, const int64_t *numbers, size_t count)
{
  json_t *const list = json_array();
  for (size_t i = 0; i < count; i++)
    if (json_array_append_new(list, json_integer((json_int_t)numbers[i])))
      sk_member_set(object, name, NULL);
  sk_member_set(object, name, list);
}

void sk_bench_key_set(json_t *object, const struct sk_bench_key *key)
{
  sk_member_set_text(object, "scale", key->scale);
  sk_member_set_text(object, "phase", phase_names[key->phase]);
  sk_member_set_number(object, "repeat", key->repeat);
  if (key->mode != SK_BENCH_MODE_NONE)
    sk_member_set_text(object, "mode", mode_names[key->mode]);
  if (key->threads > 0)
    sk_member_set_number(object, "threads", key->threads);
  if (key->memory > 0)
    sk_member_set_number(object, "memory", key->memory);
}

static void set_machine(json_t *root, const struct sk_bench_machine *machine)
{
  json_t *const object = json_object();
  sk_member_set_text(object, "host", machine->host);
  sk_member_set_text(object, "cpu", machine->cpu);
  sk_member_set_number(object, "processors", machine->processors);
  sk_member_set_number(object, "memory", machine->memory);
  sk_member_set_text(object, "kernel", machine->kernel);
  sk_member_set_text(object, "os", machine->os);
  sk_member_set(root, "machine", object);
}

static void set_settings(json_t *root, const struct sk_bench_run *run)
{
  json_t *const object = json_object();
  set_words(object, "scales", &run->scales);
  sk_member_set_number(object, "repeat", run->repeat);
  set_numbers(object, "threads", run->threads, run->threads_count);
  set_numbers(object, "memory", run->memory, run->memory_count);
  set_words(object, "modes", &run->modes);
  sk_member_set_text(object, "to", run->to);
  sk_member_set_text(object, "schema", run->schema);
  sk_member_set_text(object, "lake", run->lake);
  sk_member_set_number(object, "timeout", run->timeout);
  sk_member_set(root, "settings", object);
}

static void set_plan(json_t *root, const struct sk_bench_run *run)
{
  json_t *const plan = json_array();
  for (size_t i = 0; i < run->plan_count; i++) {
    json_t *const key = json_object();
    sk_bench_key_set(key, &run->plan[i]);
    if (json_array_append_new(plan, key))
      sk_member_set(root, "plan", NULL);
  }
  sk_member_set(root, "plan", plan);
}

static void set_samples(json_t *root, const struct sk_bench_line *line)
{
  json_t *const list = json_array();
  for (size_t i = 0; i < line->sample_count; i++) {
    const struct sk_bench_sample *const sample = &line->samples[i];
    json_t *const three = json_array();
    int failed =
        json_array_append_new(three, json_real((double)(int64_t)(sample->seconds * 1e6) / 1e6));
    failed |= json_array_append_new(three, json_integer((json_int_t)sample->rows));
    failed |= json_array_append_new(three, json_integer((json_int_t)sample->rss));
    if (json_array_append_new(list, three) || failed)
      sk_member_set(root, "samples", NULL);
  }
  sk_member_set(root, "samples", list);
}

static void fill_line(json_t *root, const struct sk_bench_line *line)
{
  sk_member_set_text(root, "kind", "phase");
  sk_member_set_text(root, "run", line->run);
  sk_member_set_text(root, "time", line->time);
  sk_bench_key_set(root, &line->key);
  sk_member_set_text(root, "sink", line->sink);
  sk_member_set_text(root, "outcome", state_names[line->outcome]);
  sk_member_set_number(root, "exit", line->exit);
  sk_member_set_number(root, "signal", line->signal);
  sk_member_set_real(root, "seconds", line->seconds);
  sk_member_set_real(root, "cpu_user", line->cpu_user);
  sk_member_set_real(root, "cpu_system", line->cpu_system);
  sk_member_set_number(root, "peak_rss", line->peak_rss);
  set_samples(root, line);
#define SK_AS_SET(name) sk_member_set_number(root, #name, line->name);
  SK_BENCH_LINE_COUNTERS(SK_AS_SET)
#undef SK_AS_SET
  sk_member_set_text(root, "mode_used", line->mode_used);
  sk_member_set_text(root, "mode_reason", line->mode_reason);
  if (line->reused)
    sk_member_set(root, "reused", json_true());
  sk_member_set_text(root, "dataset", line->dataset);
  set_words(root, "command", &line->command);
  sk_member_set_text(root, "error", line->error);
  sk_member_set_text(root, "advice", line->advice);
  sk_member_set_text(root, "log", line->log);
}

static void fill_run(json_t *root, const struct sk_bench_run *run)
{
  sk_member_set_text(root, "kind", "run");
  sk_member_set_number(root, "format", SK_BENCH_RESULTS_FORMAT);
  sk_member_set_text(root, "run", run->id);
  sk_member_set_text(root, "time", run->time);
  set_words(root, "command", &run->command);
  sk_member_set_text(root, "version", run->version);
  set_machine(root, &run->machine);
  set_settings(root, run);
  set_plan(root, run);
}

/* ---- the file ------------------------------------------------------------------------------ */

static shukei_status fail_write(const struct sk_bench_writer *writer, shukei_error *err)
{
  char text[128];
  return sk_fail(err, SHUKEI_EWRITE, "could not write results \"%s\": %s", writer->name,
                 sk_errno_text(errno, text));
}

/* Where the last whole line ends. */
static off_t whole_end(int fd, off_t size)
{
  char bytes[TAIL_BYTES];
  while (size > 0) {
    const off_t begin = size > TAIL_BYTES ? size - TAIL_BYTES : 0;
    const ssize_t n = pread(fd, bytes, (size_t)(size - begin), begin);
    if (n != (ssize_t)(size - begin))
      return -1;
    for (ssize_t i = n; i > 0; i--)
      if (bytes[i - 1] == '\n')
        return begin + i;
    size = begin;
  }
  return 0;
}

shukei_status sk_bench_writer_open(struct sk_bench_writer *writer, const char *path,
                                   shukei_error *err)
{
  *writer = (struct sk_bench_writer){.fd = -1, .name = sk_strndup(NULL, path, strlen(path))};
  if (!writer->name)
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for the name of the results");
  writer->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (writer->fd < 0)
    return fail_write(writer, err);
  const off_t size = lseek(writer->fd, 0, SEEK_END);
  const off_t end = size < 0 ? -1 : whole_end(writer->fd, size);
  if (end < 0 || (end < size && ftruncate(writer->fd, end)))
    return fail_write(writer, err);
  return SHUKEI_OK;
}

void sk_bench_writer_close(struct sk_bench_writer *writer)
{
  if (writer->fd >= 0)
    close(writer->fd);
  sk_free(writer->name);
  *writer = (struct sk_bench_writer){.fd = -1};
}

static shukei_status append(struct sk_bench_writer *writer, json_t *root, shukei_error *err)
{
  struct sk_buffer text;
  sk_buffer_init(&text, NULL, LINE_BYTES);
  const off_t before = lseek(writer->fd, 0, SEEK_END);
  shukei_status st = SHUKEI_OK;
  if (!sk_member_dump(root, &text))
    st = sk_fail(err, SHUKEI_ENOMEM, "no memory for a line of results");
  else if (!sk_write_bytes(writer->fd, text.bytes, text.length) || fsync(writer->fd))
    st = fail_write(writer, err);
  sk_buffer_reset(&text);
  if (st && before >= 0 && ftruncate(writer->fd, before))
    return st; /* the next writer cuts it off */
  return st;
}

shukei_status sk_bench_writer_run(struct sk_bench_writer *writer, const struct sk_bench_run *run,
                                  shukei_error *err)
{
  json_t *const root = json_object();
  fill_run(root, run);
  return append(writer, root, err);
}

shukei_status sk_bench_writer_line(struct sk_bench_writer *writer, const struct sk_bench_line *line,
                                   shukei_error *err)
{
  json_t *const root = json_object();
  fill_line(root, line);
  return append(writer, root, err);
}
