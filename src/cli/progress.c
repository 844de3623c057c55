/* SPDX-License-Identifier: Apache-2.0 */
/* A bar as a pure function of counters and time, so that a test needs neither terminal nor clock.
 */
#include "cli/progress.h"

#include "base/error.h"
#include "cli/sizes.h"

#include <stdio.h>
#include <string.h>

#define BAR_CELLS 20

/* The share that is done, 0 to 1, or -1 where the end is not known. */
static double share(const shukei_progress *now)
{
  const uint64_t done = now->rows_known ? now->rows_done : now->bytes_done;
  const uint64_t known = now->rows_known ? now->rows_known : now->bytes_known;
  if (!known)
    return -1;
  return done >= known ? 1 : (double)done / (double)known;
}

static void rate_text(double rate, char *text, size_t capacity)
{
  if (rate >= 999500)
    snprintf(text, capacity, "%.1f M rows/s", rate / 1e6);
  else if (rate >= 1000)
    snprintf(text, capacity, "%.0f k rows/s", rate / 1e3);
  else
    snprintf(text, capacity, "%.0f rows/s", rate);
}

static void left_text(double part, double seconds, char *text, size_t capacity)
{
  const double left = part > 0 ? seconds / part * (1 - part) : -1;
  if (left < 0 || left >= 360000)
    snprintf(text, capacity, "-:-- left");
  else
    snprintf(text, capacity, "%u:%02u left", (unsigned)(left + 0.5) / 60,
             (unsigned)(left + 0.5) % 60);
}

size_t sk_progress_text(const shukei_progress *now, uint64_t elapsed_ns, size_t width,
                        char text[SK_PROGRESS_TEXT])
{
  const double part = share(now), seconds = (double)elapsed_ns / 1e9;
  char bar[BAR_CELLS + 1] = "", done[SK_GROUPED_TEXT], known[SK_GROUPED_TEXT + 8] = "";
  char rate[32], left[32], memory[SK_SIZE_TEXT], grouped[SK_GROUPED_TEXT];
  const int cells = part < 0 ? 0 : (int)(part * BAR_CELLS);
  for (int i = 0; i < BAR_CELLS; i++)
    bar[i] = i < cells ? '#' : '.';
  bar[BAR_CELLS] = 0;
  if (now->rows_known)
    snprintf(known, sizeof known, " of %s", sk_grouped_text(now->rows_known, grouped));
  rate_text(seconds > 0 ? (double)now->rows_done / seconds : 0, rate, sizeof rate);
  left_text(part, seconds, left, sizeof left);
  const int n = snprintf(text, SK_PROGRESS_TEXT, "%-7s [%s] %s%s rows, %s, %s, %s", now->phase, bar,
                         sk_grouped_text(now->rows_done, done), known, rate, left,
                         sk_size_text(now->memory_bytes, memory));
  size_t length = n < 0 ? 0 : (size_t)n;
  if (length >= SK_PROGRESS_TEXT)
    length = SK_PROGRESS_TEXT - 1;
  if (length > width)
    length = width;
  text[length] = 0;
  return length;
}

size_t sk_progress_json(const shukei_progress *now, uint64_t elapsed_ns, char *text,
                        size_t capacity)
{
  const int n = snprintf(
      text, capacity,
      "{\"level\": \"progress\", \"phase\": \"%s\", \"rows_done\": %" PRIu64
      ", \"rows_known\": %" PRIu64 ", \"bytes_done\": %" PRIu64 ", \"bytes_known\": %" PRIu64
      ", \"memory_bytes\": %" PRIu64 ", \"seconds\": %" PRIu64 ".%03u}",
      now->phase, now->rows_done, now->rows_known, now->bytes_done, now->bytes_known,
      now->memory_bytes, elapsed_ns / 1000000000, (unsigned)(elapsed_ns / 1000000 % 1000));
  return n < 0 || (size_t)n >= capacity ? 0 : (size_t)n;
}
