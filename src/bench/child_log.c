/* SPDX-License-Identifier: Apache-2.0 */
/* Following a log. Lines are anybody's (a loader's complaint, a sanitizer's report): what is no
 * JSON object is kept as plain text in case that nothing better comes. */
#include "bench/child_log.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#define READ_BYTES 65536
#define LINE_BYTES ((size_t)1 << 20)

void sk_child_log_open(struct sk_child_log *log, const char *path)
{
  memset(log, 0, sizeof *log);
  sk_buffer_init(&log->part, NULL, LINE_BYTES);
  log->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

static void take_line(struct sk_child_log *log, const char *text, size_t length)
{
  json_t *const root = json_loadb(text, length, 0, NULL);
  const char *const level = json_string_value(json_object_get(root, "level"));
  if (!level) {
    if (!log->status[0] && length > 0)
      snprintf(log->error, sizeof log->error, "%.*s", (int)(length < 500 ? length : 500), text);
  } else if (strcmp(level, "progress") == 0) {
    log->rows = json_integer_value(json_object_get(root, "rows_done"));
    log->rows_known = json_integer_value(json_object_get(root, "rows_known"));
  } else if (strcmp(level, "error") == 0) {
    const char *const message = json_string_value(json_object_get(root, "message"));
    const char *const status = json_string_value(json_object_get(root, "status"));
    snprintf(log->error, sizeof log->error, "%s", message ? message : "");
    const char *const advice = json_string_value(json_object_get(root, "advice"));
    snprintf(log->status, sizeof log->status, "%s", status ? status : "?");
    snprintf(log->advice, sizeof log->advice, "%s", advice ? advice : "");
  }
  json_decref(root);
}

static void take_lines(struct sk_child_log *log)
{
  const char *const bytes = (const char *)log->part.bytes;
  size_t at = 0;
  for (const char *end;
       at < log->part.length && (end = memchr(bytes + at, '\n', log->part.length - at));
       at = (size_t)(end - bytes) + 1)
    take_line(log, bytes + at, (size_t)(end - bytes) - at);
  if (at > 0)
    memmove(log->part.bytes, log->part.bytes + at, log->part.length - at);
  log->part.length -= at;
  if (log->part.length > LINE_BYTES / 2) /* no line of ours */
    sk_buffer_clear(&log->part);
}

void sk_child_log_follow(struct sk_child_log *log)
{
  char bytes[READ_BYTES];
  ssize_t n = 0;
  while (log->fd >= 0 &&
         ((n = read(log->fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR))) {
    if (n > 0)
      sk_buffer_add(&log->part, bytes, (size_t)n);
    take_lines(log);
  }
}

void sk_child_log_close(struct sk_child_log *log)
{
  sk_child_log_follow(log);
  if (log->part.length > 0)
    take_line(log, (const char *)log->part.bytes, log->part.length);
  if (log->fd >= 0)
    close(log->fd);
  sk_buffer_reset(&log->part);
  log->fd = -1;
}
