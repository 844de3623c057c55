/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and progress on standard error. The bar is one line that is drawn over itself ten times
 * a second at most; a message erases it first, and the next call draws it again. */
#include "cli/console.h"

#include "base/platform.h"
#include "cli/log_line.h"
#include "cli/progress.h"
#include "cli/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINE_BYTES ((size_t)16 << 20)
#define DRAW_NS UINT64_C(100000000)
#define LINES_NS UINT64_C(1000000000) /* where the bar is no terminal but lines of a log */
#define BAR_WIDTH 100
#define ERASE "\r\033[K"

/* What SHUKEI_PROGRESS_MS says: who watches a program that is soon done wants more lines. */
static uint64_t lines_ns(void)
{
  const char *const text = getenv("SHUKEI_PROGRESS_MS");
  uint64_t ms;
  return text && sk_value_digits(text, &ms) && ms <= 3600000 ? ms * 1000000 : LINES_NS;
}

void sk_console_init(struct sk_console *console, int fd)
{
  const char *const none = getenv("NO_COLOR");
  memset(console, 0, sizeof *console);
  console->fd = fd;
  console->level = SHUKEI_LOG_INFO;
  console->terminal = isatty(fd) == 1;
  console->color = console->terminal && !(none && *none);
  console->progress = console->terminal;
  console->started_ns = sk_monotonic_ns();
  console->lines_ns = lines_ns();
  pthread_mutex_init(&console->lock, NULL);
}

void sk_console_reset(struct sk_console *console)
{
  pthread_mutex_destroy(&console->lock);
}

bool sk_console_wants_json(int argc, char *const argv[])
{
  static const char option[] = "--log-format";
  bool json = false;
  for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
    const char *value =
        strncmp(argv[i], option, sizeof option - 1) == 0 ? argv[i] + sizeof option - 1 : NULL;
    if (value && *value == '=')
      json = strcmp(value + 1, "json") == 0;
    else if (value && !*value && i + 1 < argc)
      json = strcmp(argv[i + 1], "json") == 0;
  }
  return json;
}

static shukei_status choose(const struct sk_arguments *arguments, enum sk_option_id id, int *choice,
                            shukei_error *err)
{
  const struct sk_option *const option = sk_option_at(id);
  const char *const text = sk_arguments_last(arguments, id);
  struct sk_value value;
  *choice = 0;
  if (!text)
    return SHUKEI_OK;
  const shukei_status st = sk_value_check(option, text, &value, err);
  if (st)
    return sk_context(err, st, "--%s", option->name);
  *choice = value.choice;
  return SHUKEI_OK;
}

shukei_status sk_console_configure(struct sk_console *console, const struct sk_arguments *arguments,
                                   shukei_error *err)
{
  enum { AUTO, ALWAYS, NEVER };
  const bool quiet = sk_arguments_last(arguments, SK_OPTION_QUIET) != NULL;
  const bool verbose = sk_arguments_last(arguments, SK_OPTION_VERBOSE) != NULL;
  int format, color, progress;
  shukei_status st = choose(arguments, SK_OPTION_LOG_FORMAT, &format, err);
  if (!st)
    st = choose(arguments, SK_OPTION_COLOR, &color, err);
  if (!st)
    st = choose(arguments, SK_OPTION_PROGRESS, &progress, err);
  if (st)
    return st;
  if (quiet && verbose)
    return sk_fail(err, SHUKEI_EINVAL, "--quiet and --verbose exclude each other");
  console->json = format == 1;
  if (color != AUTO)
    console->color = color == ALWAYS;
  if (progress == AUTO)
    console->progress = console->terminal && !quiet && !console->json;
  else
    console->progress = progress == ALWAYS;
  if (quiet)
    console->level = SHUKEI_LOG_ERROR;
  if (verbose)
    console->level = SHUKEI_LOG_DEBUG;
  return SHUKEI_OK;
}

static void emit(const struct sk_console *console, const struct sk_buffer *line)
{
  size_t done = 0;
  while (done < line->length) {
    const ssize_t n = write(console->fd, line->bytes + done, line->length - done);
    if (n <= 0)
      return; /* nowhere left to complain */
    done += (size_t)n;
  }
}

/* One event; err gives a line of an error its status, place and advice. */
static void show(struct sk_console *console, const shukei_event *event, const shukei_error *err)
{
  static const char lost[] = "shukei: out of memory\n";
  struct sk_buffer line;
  sk_buffer_init(&line, NULL, LINE_BYTES);
  pthread_mutex_lock(&console->lock);
  if (console->bar_shown)
    sk_buffer_text(&line, ERASE);
  console->bar_shown = false;
  if (console->json)
    sk_log_line_json(&line, event, err);
  else
    sk_log_line_text(&line, event, err ? err->advice : NULL, console->color);
  if (line.failed) {
    sk_buffer_clear(&line);
    sk_buffer_text(&line, lost);
  }
  emit(console, &line);
  pthread_mutex_unlock(&console->lock);
  sk_buffer_reset(&line);
}

void sk_console_event(struct sk_console *console, const shukei_event *event)
{
  /* For people a milestone is a detail; what they want to know of it the last line says. */
  const bool detail = event->milestone && !console->json;
  if (event->phase)
    snprintf(console->phase, sizeof console->phase, "%s", event->phase);
  if ((detail ? SHUKEI_LOG_DEBUG : event->level) <= console->level)
    show(console, event, NULL);
}

void sk_console_log(struct sk_console *console, shukei_log_level level, const char *text)
{
  const shukei_event event = {.level = level, .text = text, .rows = -1, .seconds = -1};
  sk_console_event(console, &event);
}

void sk_console_error(struct sk_console *console, shukei_status status, const shukei_error *err)
{
  shukei_error shown = *err;
  shown.status = status;
  const shukei_event event = {.level = SHUKEI_LOG_ERROR,
                              .text = shown.text[0] ? shown.text : shukei_status_text(status),
                              .phase = console->phase,
                              .rows = -1,
                              .seconds = -1};
  show(console, &event, &shown);
}

/* Under the lock. */
static void draw(struct sk_console *console, uint64_t now_ns)
{
  char bytes[512];
  struct sk_buffer line = {.bytes = (uint8_t *)bytes, .capacity = sizeof bytes};
  const uint64_t elapsed = now_ns - console->started_ns;
  char text[SK_PROGRESS_TEXT];
  if (console->json) {
    line.length = sk_progress_json(&console->last, elapsed, bytes, sizeof bytes - 1);
    bytes[line.length++] = '\n';
  } else {
    const size_t n = sk_progress_text(&console->last, elapsed, BAR_WIDTH, text);
    line.length = (size_t)snprintf(bytes, sizeof bytes, "%s%.*s%s", console->terminal ? ERASE : "",
                                   (int)n, text, console->terminal ? "" : "\n");
    console->bar_shown = console->terminal;
  }
  emit(console, &line);
  console->drawn_ns = now_ns;
}

void sk_console_progress(struct sk_console *console, const shukei_progress *now)
{
  if (!console->progress)
    return;
  const uint64_t now_ns = sk_monotonic_ns();
  const bool bar = console->terminal && !console->json;
  pthread_mutex_lock(&console->lock);
  console->last = *now;
  snprintf(console->last_phase, sizeof console->last_phase, "%s", now->phase ? now->phase : "");
  console->last.phase = console->last_phase; /* the caller's may be gone by the last drawing */
  if (!console->drawn_ns || now_ns - console->drawn_ns >= (bar ? DRAW_NS : console->lines_ns))
    draw(console, now_ns);
  pthread_mutex_unlock(&console->lock);
}

void sk_console_progress_end(struct sk_console *console)
{
  struct sk_buffer end = {.bytes = (uint8_t *)(uintptr_t) "\n", .length = 1};
  pthread_mutex_lock(&console->lock);
  if (console->progress && console->last.phase)
    draw(console, sk_monotonic_ns());
  if (console->bar_shown)
    emit(console, &end);
  console->bar_shown = false;
  pthread_mutex_unlock(&console->lock);
}
