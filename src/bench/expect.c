/* SPDX-License-Identifier: Apache-2.0 */
/* What was measured against what is expected. */
#include "bench/expect.h"

#include "bench/trend.h"

#define SK_AS_NAME(id, name) name,
static const char *const metric_names[] = {SK_METRIC_MAP(SK_AS_NAME)};
#undef SK_AS_NAME

const char *sk_metric_name(enum sk_metric metric)
{
  return metric_names[metric];
}

double sk_metric_of(const struct sk_bench_line *line, enum sk_metric metric)
{
  switch (metric) {
  case SK_METRIC_ROWS_PER_SECOND:
    return line->seconds > 0 && line->rows >= 0 ? (double)line->rows / line->seconds : -1;
  case SK_METRIC_SECONDS:
    return line->seconds;
  case SK_METRIC_MEMORY_MIB:
    return line->peak_rss >= 0 ? (double)line->peak_rss / 0x1p20 : -1;
  case SK_METRIC_BYTES_PER_ROW:
    return line->peak_rss >= 0 && line->rows > 0 ? (double)line->peak_rss / (double)line->rows : -1;
  default:
    return (double)line->differences;
  }
}

/* A repeat of that key. */
static bool is_repeat(const struct sk_bench_line *line, const struct sk_bench_key *key)
{
  struct sk_bench_key same = *key;
  same.repeat = line->key.repeat;
  return sk_bench_key_same(&line->key, &same);
}

size_t sk_metric_values(const struct sk_bench_line *lines, size_t count,
                        const struct sk_bench_key *key, enum sk_metric metric,
                        double values[SK_BENCH_REPEATS])
{
  size_t known = 0;
  for (size_t i = 0; i < count && known < SK_BENCH_REPEATS; i++)
    if (is_repeat(&lines[i], key) && lines[i].outcome == SK_BENCH_STATE_DONE &&
        sk_metric_of(&lines[i], metric) >= 0)
      values[known++] = sk_metric_of(&lines[i], metric);
  return known;
}

double sk_metric_median(const struct sk_bench_line *lines, size_t count,
                        const struct sk_bench_key *key, enum sk_metric metric,
                        const struct sk_bench_line **failed)
{
  double values[SK_BENCH_REPEATS];
  const size_t known = sk_metric_values(lines, count, key, metric, values);
  if (failed)
    *failed = NULL;
  for (size_t i = 0; failed && i < count; i++)
    if (is_repeat(&lines[i], key) && lines[i].outcome != SK_BENCH_STATE_DONE)
      *failed = &lines[i];
  return known ? sk_spread_of(values, known).median : -1;
}

/* No word: all are meant. */
static bool has(const struct sk_bench_words *words, const char *text)
{
  for (size_t i = 0; text && i < words->count; i++)
    if (strcmp(words->items[i], text) == 0)
      return true;
  return words->count == 0;
}

static bool is_about(const struct sk_expectation *expectation, const struct sk_bench_key *key,
                     const char *sink, bool uploaded)
{
  return key->repeat == 1 && key->phase == expectation->phase &&
         (expectation->mode == SK_BENCH_MODE_NONE || key->mode == expectation->mode) &&
         (expectation->lake == SK_LAKE_ANY || uploaded == (expectation->lake == SK_LAKE_S3)) &&
         has(&expectation->scales, key->scale) && has(&expectation->sinks, sink);
}

/* Whether the lake is in S3: then all scales have such a phase. */
static bool is_uploaded(const struct sk_bench_line *lines, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (lines[i].key.phase == SK_BENCH_PHASE_UPLOAD)
      return true;
  return false;
}

bool sk_expectations_apply(const struct sk_expectations *expectations,
                           const struct sk_bench_key *plan, size_t count, const char *sink)
{
  bool uploaded = false;
  for (size_t i = 0; i < count; i++)
    uploaded |= plan[i].phase == SK_BENCH_PHASE_UPLOAD;
  for (size_t e = 0; e < expectations->count; e++)
    for (size_t i = 0; i < count; i++)
      if (is_about(&expectations->items[e], &plan[i], sink, uploaded))
        return true;
  return false;
}

/* The bound in the metric's own unit; -1: what it is relative to was not measured. */
static double bound_of(const struct sk_expectation *expectation, const struct sk_bench_line *lines,
                       size_t count, const struct sk_bench_key *key)
{
  struct sk_bench_key of = *key;
  if (!expectation->relative)
    return expectation->bound;
  of.phase = expectation->of_phase;
  if (of.phase < SK_BENCH_PHASE_AGGREGATE) {
    of.mode = SK_BENCH_MODE_NONE;
    of.threads = of.memory = 0;
  } else if (expectation->of_mode != SK_BENCH_MODE_NONE) {
    of.mode = expectation->of_mode;
  }
  const double other = sk_metric_median(lines, count, &of, expectation->metric, NULL);
  return other >= 0 ? other * expectation->bound : -1;
}

static struct sk_judgement judge(const struct sk_expectation *expectation,
                                 const struct sk_bench_line *lines, size_t count,
                                 const struct sk_bench_key *key)
{
  const struct sk_bench_line *failed;
  struct sk_judgement judgement = {
      .kind = SK_JUDGEMENT_UNKNOWN,
      .expectation = expectation,
      .key = *key,
      .measured = sk_metric_median(lines, count, key, expectation->metric, &failed),
      .bound = bound_of(expectation, lines, count, key),
      .outcome = failed ? failed->outcome : SK_BENCH_STATE_DONE,
  };
  if (failed)
    judgement.kind = SK_JUDGEMENT_MISSED;
  else if (judgement.measured >= 0 && judgement.bound >= 0)
    judgement.kind = (expectation->least ? judgement.measured >= judgement.bound
                                         : judgement.measured <= judgement.bound)
                         ? SK_JUDGEMENT_MET
                         : SK_JUDGEMENT_MISSED;
  return judgement;
}

shukei_status sk_expectations_judge(const struct sk_expectations *expectations,
                                    const struct sk_bench_line *lines, size_t count,
                                    struct sk_arena *arena, struct sk_judgement **judgements,
                                    size_t *judgement_count, shukei_error *err)
{
  size_t most = 0;
  const bool uploaded = is_uploaded(lines, count);
  *judgement_count = 0;
  for (size_t e = 0; e < expectations->count; e++)
    for (size_t i = 0; i < count; i++)
      most += is_about(&expectations->items[e], &lines[i].key, lines[i].sink, uploaded);
  *judgements = sk_arena_alloc(arena, (most + 1) * sizeof **judgements);
  if (!*judgements)
    return sk_fail_memory(err, arena->budget, 0, "the judgements");
  for (size_t e = 0; e < expectations->count; e++)
    for (size_t i = 0; i < count; i++)
      if (is_about(&expectations->items[e], &lines[i].key, lines[i].sink, uploaded))
        (*judgements)[(*judgement_count)++] =
            judge(&expectations->items[e], lines, count, &lines[i].key);
  return SHUKEI_OK;
}
