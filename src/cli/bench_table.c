/* SPDX-License-Identifier: Apache-2.0 */
/* The table of a scale. Columns have widths of their own, since a scale is printed before the next
 * one runs. */
#include "cli/bench_table.h"

#include "bench/trend.h"
#include "cli/progress.h"
#include "cli/sizes.h"

#include <stdio.h>

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
  const struct sk_bench_line *failed;
  const double seconds = sk_metric_median(lines, count, &first->key, SK_METRIC_SECONDS, &failed);
  const double memory_mib = sk_metric_median(lines, count, &first->key, SK_METRIC_MEMORY_MIB, NULL);
  const struct sk_bench_line *const lake = find(lines, count, SK_BENCH_PHASE_UPLOAD);
  const struct sk_bench_line *const checked = validation(lines, count, &first->key);
  snprintf(rate, sizeof rate, "-");
  snprintf(peak, sizeof peak, "-");
  snprintf(memory, sizeof memory, "-");
  if (first->key.threads > 0)
    snprintf(threads, sizeof threads, "%" PRId64, first->key.threads);
  if (first->key.memory > 0)
    sk_size_text((uint64_t)first->key.memory, memory);
  if (seconds >= 0) {
    snprintf(aggregate, sizeof aggregate, "%.3f s", seconds);
    sk_grouped_text((uint64_t)((double)first->rows / (seconds > 0 ? seconds : 1e-6)), rate);
  }
  if (memory_mib >= 0) {
    sk_size_text((uint64_t)(memory_mib * 0x1p20), peak);
    snprintf(each, sizeof each, "%.0f", memory_mib * 0x1p20 / (double)first->rows);
  }
  if (failed)
    snprintf(aggregate, sizeof aggregate, "%s", sk_bench_state_name(failed->outcome));
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

/* How many times as much of a metric streaming takes as in-memory; false: not both were
 * measured. */
static bool compare(const struct sk_bench_line *lines, size_t count,
                    const struct sk_bench_key *streaming, enum sk_metric metric,
                    struct sk_ratio *ratio)
{
  double ours[SK_BENCH_REPEATS], theirs[SK_BENCH_REPEATS];
  struct sk_bench_key other = *streaming;
  other.mode = SK_BENCH_MODE_IN_MEMORY;
  const size_t n = sk_metric_values(lines, count, streaming, metric, ours);
  const size_t m = sk_metric_values(lines, count, &other, metric, theirs);
  *ratio = sk_ratio_of(theirs, m, ours, n);
  return ratio->known;
}

void sk_bench_modes(struct sk_buffer *out, const struct sk_bench_line *lines, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    const struct sk_bench_key *const key = &lines[i].key;
    char name[SK_BENCH_KEY_TEXT];
    struct sk_ratio time, memory;
    if (key->phase != SK_BENCH_PHASE_AGGREGATE || key->repeat != 1 ||
        key->mode != SK_BENCH_MODE_STREAMING ||
        !compare(lines, count, key, SK_METRIC_SECONDS, &time) ||
        !compare(lines, count, key, SK_METRIC_MEMORY_MIB, &memory))
      continue;
    sk_buffer_printf(out, "%s, beside in-memory: %.2f times the time", sk_bench_key_text(key, name),
                     time.value);
    if (time.low < time.high)
      sk_buffer_printf(out, " (%.2f to %.2f, %s)", time.low, time.high,
                       time.sure ? "beyond noise" : "within noise");
    sk_buffer_printf(out, ", %.2f times the memory\n", memory.value);
  }
}

void sk_bench_choices(struct sk_buffer *out, const struct sk_bench_line *lines, size_t count)
{
  char name[SK_BENCH_KEY_TEXT];
  for (size_t i = 0; i < count; i++)
    if (lines[i].key.mode == SK_BENCH_MODE_AUTO && lines[i].key.repeat == 1 && lines[i].mode_used)
      sk_buffer_printf(out, "%s, chose %s: %s\n", sk_bench_key_text(&lines[i].key, name),
                       lines[i].mode_used, lines[i].mode_reason ? lines[i].mode_reason : "");
}

/* "128", "0.25" */
static const char *number_text(double number, char cell[CELL])
{
  if (number < 0)
    return "-";
  snprintf(cell, CELL, number >= 100 ? "%.0f" : "%.4g", number);
  return cell;
}

void sk_bench_judgements(struct sk_buffer *out, const struct sk_judgement *judgements, size_t count,
                         enum sk_judgement_kind kind)
{
  char name[SK_BENCH_KEY_TEXT], measured[CELL], bound[CELL];
  bool first = true;
  for (size_t i = 0; i < count; i++) {
    const struct sk_judgement *const v = &judgements[i];
    if (v->kind != kind)
      continue;
    if (first)
      sk_buffer_printf(out, "%-52s %-16s %12s %18s\n", "phase", "what", "measured", "expected");
    first = false;
    const bool done = v->outcome == SK_BENCH_STATE_DONE;
    sk_buffer_printf(out, "%-52s %-16s %12s %8s %9s\n", sk_bench_key_text(&v->key, name),
                     sk_metric_name(v->expectation->metric),
                     done ? number_text(v->measured, measured) : sk_bench_state_name(v->outcome),
                     v->expectation->least ? "at least" : "at most", number_text(v->bound, bound));
  }
}
