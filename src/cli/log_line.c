/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of the log. The time is made by hand: strftime() would ask for the zone and the locale. */
#include "cli/log_line.h"

#include "base/calendar.h"
#include "base/redact.h"
#include "base/text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TEXT_BYTES ((size_t)2 << 20) /* what is told of payloads names all it is about */
#define TIME_TEXT 48
#define SECONDS_DIGITS 12

static const struct {
  const char *name, *color;
} levels[] = {
    {"error", "\033[1;31m"}, {"warning", "\033[33m"}, {"info", "\033[36m"}, {"debug", "\033[2m"}};

static void add_escaped(struct sk_buffer *line, const char *text)
{
  struct sk_buffer shown;
  sk_buffer_init(&shown, NULL, TEXT_BYTES);
  sk_redact(&shown, text);
  sk_text_show(line, shown.bytes, shown.length);
  line->failed |= shown.failed;
  sk_buffer_reset(&shown);
}

void sk_log_line_text(struct sk_buffer *line, const shukei_event *event, const char *advice,
                      bool color)
{
  if (color)
    sk_buffer_text(line, levels[event->level].color);
  sk_buffer_text(line, "shukei: ");
  if (event->level != SHUKEI_LOG_ERROR)
    sk_buffer_printf(line, "%s: ", levels[event->level].name);
  if (color)
    sk_buffer_text(line, "\033[0m");
  add_escaped(line, event->text);
  if (event->milestone && event->phase)
    sk_buffer_printf(line, ": %s", event->phase);
  if (event->milestone && event->object) {
    sk_buffer_text(line, ", ");
    add_escaped(line, event->object);
  }
  if (event->milestone && event->rows >= 0)
    sk_buffer_printf(line, ", %" PRId64 " rows", event->rows);
  if (event->milestone && event->seconds >= 0)
    sk_buffer_printf(line, ", %.3f s", event->seconds);
  sk_buffer_byte(line, '\n');
  if (advice && advice[0]) {
    add_escaped(line, advice);
    sk_buffer_byte(line, '\n');
  }
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static const char *time_text(char text[TIME_TEXT])
{
  struct timespec now;
  char day[16];
  clock_gettime(CLOCK_REALTIME, &now);
  const int64_t seconds = (int64_t)now.tv_sec;
  const unsigned of_day = (unsigned)(seconds % 86400);
  snprintf(text, TIME_TEXT, "%sT%02u:%02u:%02u.%03uZ", sk_day_text((int32_t)(seconds / 86400), day),
           of_day / 3600, of_day / 60 % 60, of_day % 60, (unsigned)(now.tv_nsec / 1000000));
  return text;
}

/* The text as JSON can hold it; NULL when memory lacks. */
static json_t *text_value(const char *text)
{
  struct sk_buffer shown, valid;
  sk_buffer_init(&shown, NULL, TEXT_BYTES);
  sk_buffer_init(&valid, NULL, TEXT_BYTES * 4);
  sk_redact(&shown, text);
  for (size_t at = 0; at < shown.length;) {
    size_t length = 1; /* of the character: no prefix of one is valid */
    while (length < 4 && at + length < shown.length && !sk_utf8_valid(shown.bytes + at, length))
      length++;
    if (sk_utf8_valid(shown.bytes + at, length)) {
      sk_buffer_add(&valid, shown.bytes + at, length);
      at += length;
    } else {
      sk_buffer_printf(&valid, "\\x%02x", shown.bytes[at++]);
    }
  }
  json_t *value = shown.failed || valid.failed
                      ? NULL
                      : json_stringn(valid.bytes ? (const char *)valid.bytes : "", valid.length);
  sk_buffer_reset(&shown);
  sk_buffer_reset(&valid);
  return value;
}

static int add_text(json_t *root, const char *key, const char *text)
{
  return text && text[0] ? json_object_set_new(root, key, text_value(text)) : 0;
}

void sk_log_line_json(struct sk_buffer *line, const shukei_event *event, const shukei_error *err)
{
  char time[TIME_TEXT];
  json_t *const root = json_object();
  int failed = json_object_set_new(root, "time", json_string(time_text(time)));
  failed |= json_object_set_new(root, "level", json_string(levels[event->level].name));
  failed |= add_text(root, "phase", event->phase);
  failed |= add_text(root, "object", event->object);
  if (event->rows >= 0)
    failed |= json_object_set_new(root, "rows", json_integer(event->rows));
  if (event->seconds >= 0)
    failed |= json_object_set_new(root, "seconds",
                                  json_real((double)(int64_t)(event->seconds * 1e6 + 0.5) / 1e6));
  failed |= json_object_set_new(root, "message", text_value(event->text));
  if (err) {
    failed |= json_object_set_new(root, "status", json_string(shukei_status_name(err->status)));
    if (err->offset >= 0)
      failed |= json_object_set_new(root, "offset", json_integer(err->offset));
    failed |= add_text(root, "advice", err->advice);
  }
  char *const text = failed ? NULL : json_dumps(root, JSON_REAL_PRECISION(SECONDS_DIGITS));
  if (text) {
    sk_buffer_text(line, text);
    sk_buffer_byte(line, '\n');
  }
  line->failed |= !text;
  free(text);
  json_decref(root);
}
