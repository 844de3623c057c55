/* SPDX-License-Identifier: Apache-2.0 */
/* The table of a scale. Columns have widths of their own, since a scale is printed before the next one runs. */
#include "cli/bench_table.h"

#include "bench/trend.h"
#include "cli/progress.h"
#include "cli/sizes.h"

#include <stdio.h>

#define MOST_REPEATS 1024
#define CELL 32

const char *sk_bench_key_text(const struct sk_bench_key *key, char text[SK_BENCH_KEY_TEXT])
{
  char size[SK_SIZE_TEXT], threads[40] = "", memory[SK_SIZE_TEXT + 4] = "", repeat[40] = "";
  if (key->threads > 0)
    snprintf(threads, sizeof threads, ", %" PRId64 " thread%s", key->threads,
             key->threads == 1 ? "" : "s");
  if (key->memory > 0)
    snprintf(memory, sizeof memory, ", %s", sk_size_text((uint64_t)key->memory, size));
  if (key->repeat > 1)
    snprintf(repeat, sizeof repeat, ", repeat %" PRId64, key->repeat);
  snprintf(text, SK_BENCH_KEY_TEXT, "%s of %s%s%s%s%s%s", sk_bench_phase_name(key->phase),
           key->scale, key->mode ? ", " : "", sk_bench_mode_name(key->mode), threads, memory,
           repeat);
  return text;
}

/* Medians of what the repeats of a summary took; -1: none was done. */
struct middle {
  double seconds, memory;
  const struct sk_bench_line *failed; /* one that is not done, or NULL */
};

static struct middle middle_of(const struct sk_bench_line *lines, size_t count,
                               const struct sk_bench_key *first)
{
  double seconds[MOST_REPEATS], memory[MOST_REPEATS];
  size_t done = 0;
  struct middle middle = {.seconds = -1, .memory = -1};
  for (size_t i = 0; i < count; i++) {
    struct sk_bench_key key = *first;
    key.repeat = lines[i].key.repeat;
    if (!sk_bench_key_same(&lines[i].key, &key))
      continue;
    if (lines[i].outcome != SK_BENCH_STATE_DONE)
      middle.failed = &lines[i];
    else if (done < MOST_REPEATS) {
      seconds[done] = lines[i].seconds;
      memory[done++] = (double)lines[i].peak_rss;
    }
  }
  if (done > 0) {
    middle.seconds = sk_spread_of(seconds, done).median;
    middle.memory = sk_spread_of(memory, done).median;
  }
  return middle;
}

static const struct sk_bench_line *find(const struct sk_bench_line *lines, size_t count,
                                        enum sk_bench_phase phase)
{
  for (size_t i = 0; i < count; i++)
    if (lines[i].key.phase == phase)
      return &lines[i];
  return NULL;
}

static const struct sk_bench_line *validation(const struct sk_bench_line *lines, size_t count,
                                              const struct sk_bench_key *made)
{
  struct sk_bench_key key = *made;
  key.phase = SK_BENCH_PHASE_VALIDATE;
  for (size_t i = 0; i < count; i++)
    if (sk_bench_key_same(&lines[i].key, &key))
      return &lines[i];
  return NULL;
}

/* The time of a phase, or what became of it. */
static const char *phase_cell(const struct sk_bench_line *line, char cell[CELL])
{
  if (!line)
    return "-";
  if (line->outcome != SK_BENCH_STATE_DONE)
    return sk_bench_state_name(line->outcome);
  if (line->reused)
    return "reused";
  snprintf(cell, CELL, "%.3f s", line->seconds);
  return cell;
}

static const char *valid_cell(const struct sk_bench_line *line)
{
  return !line                                  ? "-"
         : line->outcome == SK_BENCH_STATE_DONE ? "yes"
         : line->differences > 0                ? "NO"
                                                : sk_bench_state_name(line->outcome);
}

static void put_row(struct sk_buffer *out, const struct sk_bench_line *lines, size_t count,
                    const struct sk_bench_line *first)
{
  char rows[SK_GROUPED_TEXT], rate[SK_GROUPED_TEXT], peak[SK_SIZE_TEXT], memory[SK_SIZE_TEXT];
  char generate[CELL], convert[CELL], aggregate[CELL] = "-", validate[CELL], each[CELL] = "-";
  char threads[CELL] = "all";
  const struct middle middle = middle_of(lines, count, &first->key);
  const struct sk_bench_line *const lake = find(lines, count, SK_BENCH_PHASE_UPLOAD);
  const struct sk_bench_line *const checked = validation(lines, count, &first->key);
  snprintf(rate, sizeof rate, "-");
  snprintf(peak, sizeof peak, "-");
  snprintf(memory, sizeof memory, "-");
  if (first->key.threads > 0)
    snprintf(threads, sizeof threads, "%" PRId64, first->key.threads);
  if (first->key.memory > 0)
    sk_size_text((uint64_t)first->key.memory, memory);
  if (middle.seconds >= 0) {
    snprintf(aggregate, sizeof aggregate, "%.3f s", middle.seconds);
    sk_grouped_text((uint64_t)((double)first->rows / (middle.seconds > 0 ? middle.seconds : 1e-6)),
                    rate);
    sk_size_text((uint64_t)middle.memory, peak);
    snprintf(each, sizeof each, "%.0f", middle.memory / (double)first->rows);
  }
  if (middle.failed)
    snprintf(aggregate, sizeof aggregate, "%s", sk_bench_state_name(middle.failed->outcome));
  sk_buffer_printf(out, "%-18s %10s  %-9s %4s %9s  %9s %9s %13s %9s  %10s  %9s %7s  %s\n",
                   first->key.scale, sk_grouped_text((uint64_t)first->rows, rows),
                   sk_bench_mode_name(first->key.mode), threads, memory,
                   phase_cell(find(lines, count, SK_BENCH_PHASE_GENERATE), generate),
                   phase_cell(lake ? lake : find(lines, count, SK_BENCH_PHASE_CONVERT), convert),
                   aggregate, phase_cell(checked, validate), rate, peak, each, valid_cell(checked));
}

void sk_bench_table(struct sk_buffer *out, const struct sk_bench_line *lines, size_t count,
                    bool names)
{
  const bool upload = find(lines, count, SK_BENCH_PHASE_UPLOAD) != NULL;
  if (names)
    sk_buffer_printf(out, "%-18s %10s  %-9s %4s %9s  %9s %9s %13s %9s  %10s  %9s %7s  %s\n",
                     "scale", "pod rows", "mode", "thr.", "--memory", "generate",
                     upload ? "upload" : "convert", "aggregate", "validate", "rows/s", "peak",
                     "B/row", "valid");
  for (size_t i = 0; i < count; i++)
    if (lines[i].key.phase == SK_BENCH_PHASE_AGGREGATE && lines[i].key.repeat == 1)
      put_row(out, lines, count, &lines[i]);
}
