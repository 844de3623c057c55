/* SPDX-License-Identifier: Apache-2.0 */
/* A benchmark's folder for unit tests: lines of results.jsonl, running.json, all with small
 * numbers. */
#ifndef SK_TESTS_BENCH_LINES_H
#define SK_TESTS_BENCH_LINES_H

#include "testing.h"
#include "bench/running.h"

#include <fcntl.h>
#include <unistd.h>

#define BENCH_KEY                                                                                  \
  "\"scale\":\"%s\",\"phase\":\"%s\",\"mode\":\"streaming\",\"repeat\":1,\"threads\":2,"           \
  "\"memory\":0"

static inline void bench_phase_of(struct sk_buffer *out, const char *run, const char *scale,
                                  const char *phase, int64_t rows, double seconds, const char *more)
{
  sk_buffer_printf(out,
                   "{\"kind\":\"phase\",\"run\":\"%s\",\"time\":\"2026-11-26T21:00:0%"
                   "u.000Z\"," BENCH_KEY ",\"rows\":%" PRIi64
                   ",\"seconds\":%.3f,\"peak_rss\":1048576%s}\n",
                   run, (unsigned)(out->length % 10), scale, phase, rows, seconds, more);
}

static inline void bench_phase(struct sk_buffer *out, const char *scale, const char *phase,
                               int64_t rows, double seconds, const char *more)
{
  bench_phase_of(out, "00000000000000aa", scale, phase, rows, seconds, more);
}

static inline void write_text(const char *folder, const char *name, const char *text, size_t length)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  assert_true(fd >= 0 && write(fd, text, length) == (ssize_t)length);
  close(fd);
}

static inline void write_buffer(const char *folder, const char *name, struct sk_buffer *text)
{
  assert_false(text->failed);
  write_text(folder, name, (const char *)text->bytes, text->length);
}

/* Removes the files that a benchmark has, and the folder. */
static inline void remove_bench(const char *folder)
{
  static const char *const names[] = {SK_BENCH_RESULTS_FILE, SK_RUNNING_FILE, SK_RUNNING_LOCK};
  for (size_t i = 0; i < SK_COUNT(names); i++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    unlink(path);
  }
  rmdir(folder);
}

#endif
