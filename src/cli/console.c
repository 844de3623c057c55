/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and progress on standard error. The bar is one line that is drawn over itself ten times
 * a second at most; a message erases it first, and the next call draws it again. */
#include "cli/console.h"

#include "base/calendar.h"
#include "base/platform.h"
#include "base/text.h"
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES 16384
#define DRAW_NS UINT64_C(100000000)
#define LINES_NS UINT64_C(1000000000) /* where the bar is no terminal but lines of a log */
#define BAR_WIDTH 100
#define ERASE "\r\033[K"

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
  pthread_mutex_init(&console->lock, NULL);
}

void sk_console_reset(struct sk_console *console)
{
  pthread_mutex_destroy(&console->lock);
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

static void add_escaped(struct sk_buffer *line, const char *text)
{
  for (; *text; text++) {
    const unsigned char c = (unsigned char)*text;
    if (c == '\n')
      sk_buffer_text(line, "\\n");
    else if (c < 0x20 || c == 0x7f)
      sk_buffer_printf(line, "\\x%02x", c);
    else
      sk_buffer_byte(line, c);
  }
}

static void add_time(struct sk_buffer *line)
{
  struct timespec now;
  char day[16];
  clock_gettime(CLOCK_REALTIME, &now);
  const int64_t seconds = (int64_t)now.tv_sec;
  const unsigned of_day = (unsigned)(seconds % 86400);
  sk_buffer_printf(line, "{\"time\": \"%sT%02u:%02u:%02u.%03uZ\"",
                   sk_day_text((int32_t)(seconds / 86400), day), of_day / 3600, of_day / 60 % 60,
                   of_day % 60, (unsigned)(now.tv_nsec / 1000000));
}

static const struct {
  const char *name, *color;
} levels[] = {
    {"error", "\033[1;31m"}, {"warning", "\033[33m"}, {"info", "\033[36m"}, {"debug", "\033[2m"}};

/* One message; err gives a JSON line its status, place and advice. */
static void add_message(const struct sk_console *console, struct sk_buffer *line,
                        shukei_log_level level, const char *text, const shukei_error *err)
{
  if (console->json) {
    add_time(line);
    sk_buffer_printf(line, ", \"level\": \"%s\", \"message\": ", levels[level].name);
    sk_json_quote(line, text, strlen(text));
    if (err) {
      sk_buffer_printf(line, ", \"status\": \"%s\"", shukei_status_name(err->status));
      if (err->offset >= 0)
        sk_buffer_printf(line, ", \"offset\": %" PRId64, err->offset);
      if (err->advice[0]) {
        sk_buffer_text(line, ", \"advice\": ");
        sk_json_quote(line, err->advice, strlen(err->advice));
      }
    }
    sk_buffer_text(line, "}\n");
    return;
  }
  if (console->color)
    sk_buffer_text(line, levels[level].color);
  sk_buffer_text(line, "shukei: ");
  if (level != SHUKEI_LOG_ERROR)
    sk_buffer_printf(line, "%s: ", levels[level].name);
  if (console->color)
    sk_buffer_text(line, "\033[0m");
  add_escaped(line, text);
  sk_buffer_byte(line, '\n');
  if (err && err->advice[0]) {
    add_escaped(line, err->advice);
    sk_buffer_byte(line, '\n');
  }
}

static void message(struct sk_console *console, shukei_log_level level, const char *text,
                    const shukei_error *err)
{
  static const char lost[] = "shukei: out of memory\n";
  struct sk_buffer line;
  sk_buffer_init(&line, NULL, LINE_BYTES);
  pthread_mutex_lock(&console->lock);
  if (console->bar_shown)
    sk_buffer_text(&line, ERASE);
  console->bar_shown = false;
  add_message(console, &line, level, text, err);
  if (line.failed) {
    sk_buffer_clear(&line);
    sk_buffer_text(&line, lost);
  }
  emit(console, &line);
  pthread_mutex_unlock(&console->lock);
  sk_buffer_reset(&line);
}

void sk_console_log(struct sk_console *console, shukei_log_level level, const char *text)
{
  if (level <= console->level)
    message(console, level, text, NULL);
}

void sk_console_error(struct sk_console *console, shukei_status status, const shukei_error *err)
{
  shukei_error shown = *err;
  shown.status = status;
  message(console, SHUKEI_LOG_ERROR, shown.text[0] ? shown.text : shukei_status_text(status),
          &shown);
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
  if (!console->drawn_ns || now_ns - console->drawn_ns >= (bar ? DRAW_NS : LINES_NS))
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
