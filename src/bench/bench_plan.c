/* SPDX-License-Identifier: Apache-2.0 */
/* From settings to phases. */
#include "bench/bench_plan.h"

#include "base/nearest.h"
#include "base/scales.h"
#include "base/text.h"

int64_t sk_bench_scale_rows(const char *name)
{
  const struct sk_scale *const scale = sk_scale_find(name);
  return scale ? sk_scale_rows(scale) : -1;
}

const char *sk_bench_sink_kind(const char *to)
{
  if (strncmp(to, "postgres:", 9) == 0 || strncmp(to, "postgresql:", 11) == 0)
    return "postgresql";
  if (strncmp(to, "sqlite:", 7) == 0)
    return "sqlite";
  return sk_ends_with(to, "/")          ? "dataset"
         : sk_ends_with(to, ".csv")     ? "csv"
         : sk_ends_with(to, ".parquet") ? "parquet"
                                        : "sqlite";
}

bool sk_bench_is_sink_kind(const char *kind)
{
  static const char *const kinds[] = {"sqlite", "postgresql", "parquet", "csv", "dataset"};
  for (size_t i = 0; i < SK_COUNT(kinds); i++)
    if (strcmp(kinds[i], kind) == 0)
      return true;
  return false;
}

static shukei_status check_scales(const struct sk_bench_settings *settings, shukei_error *err)
{
  for (size_t i = 0; i < settings->scale_count; i++) {
    const char *const name = settings->scales[i];
    for (size_t k = 0; k < i; k++)
      if (strcmp(settings->scales[k], name) == 0)
        return sk_fail(err, SHUKEI_EINVAL, "scale \"%s\" is given twice", name);
    if (sk_bench_scale_rows(name) >= 0)
      continue;
    struct sk_nearest nearest;
    sk_nearest_init(&nearest, name, strlen(name));
    for (size_t k = 0; k < SK_SCALE_COUNT; k++)
      sk_nearest_offer(&nearest, sk_scales[k].name);
    const shukei_status st = sk_fail(err, SHUKEI_EINVAL, "unknown scale \"%s\"", name);
    sk_advise(err,
              "%s%s%sscales are the presets of generate, small to production-large and 20k to 2m, "
              "or all",
              nearest.best ? "did you mean " : "", nearest.best ? nearest.best : "",
              nearest.best ? "? " : "");
    return st;
  }
  return SHUKEI_OK;
}

/* The phases of a scale that are measured for each combination. */
static size_t add_measured(const struct sk_bench_settings *settings, const char *scale,
                           struct sk_bench_key *plan)
{
  size_t count = 0;
  for (int64_t repeat = 1; repeat <= settings->repeat; repeat++)
    for (size_t m = 0; m < settings->mode_count; m++)
      for (size_t t = 0; t < settings->thread_count; t++)
        for (size_t b = 0; b < settings->memory_count; b++) {
          const struct sk_bench_key key = {.scale = scale,
                                           .phase = SK_BENCH_PHASE_AGGREGATE,
                                           .mode = settings->modes[m],
                                           .repeat = repeat,
                                           .threads = settings->threads[t],
                                           .memory = settings->memory[b]};
          plan[count++] = key;
          if (repeat > 1)
            continue;
          plan[count] = key;
          plan[count++].phase = SK_BENCH_PHASE_VALIDATE;
        }
  return count;
}

static size_t phases_of_scale(const struct sk_bench_settings *settings)
{
  size_t count = (size_t)settings->repeat + 1; /* the first one is validated, too */
  const size_t factors[] = {settings->mode_count, settings->thread_count, settings->memory_count,
                            settings->scale_count};
  for (size_t i = 0; i < SK_COUNT(factors); i++)
    if (factors[i] && count > SK_BENCH_PHASES / factors[i])
      return SIZE_MAX;
    else
      count *= factors[i];
  return count / settings->scale_count + 2;
}

shukei_status sk_bench_plan(const struct sk_bench_settings *settings, struct sk_arena *arena,
                            struct sk_bench_key **plan, size_t *count, shukei_error *err)
{
  *count = 0;
  shukei_status st = check_scales(settings, err);
  if (st)
    return st;
  if (settings->to && (strcmp(settings->to, "-") == 0 || !settings->to[0]))
    return sk_fail(err, SHUKEI_EINVAL, "a benchmark's sink must keep the rows, \"%s\" does not",
                   settings->to);
  if (settings->lake && strncmp(settings->lake, "s3://", 5) != 0)
    return sk_fail(err, SHUKEI_EINVAL, "lake \"%s\" is no s3://BUCKET/KEY", settings->lake);
  const size_t each = phases_of_scale(settings);
  if (each == SIZE_MAX)
    return sk_fail(err, SHUKEI_EINVAL, "more than %d phases are asked for", SK_BENCH_PHASES);
  *plan = sk_arena_alloc(arena, each * settings->scale_count * sizeof **plan);
  if (!*plan)
    return sk_fail_memory(err, arena->budget, 0, "the plan");
  for (size_t i = 0; i < settings->scale_count; i++) {
    struct sk_bench_key *const first = *plan + *count;
    first[0] = (struct sk_bench_key){
        .scale = settings->scales[i], .phase = SK_BENCH_PHASE_GENERATE, .repeat = 1};
    first[1] = first[0];
    first[1].phase = settings->lake ? SK_BENCH_PHASE_UPLOAD : SK_BENCH_PHASE_CONVERT;
    *count += 2 + add_measured(settings, settings->scales[i], first + 2);
  }
  return SHUKEI_OK;
}
