/* SPDX-License-Identifier: Apache-2.0 */
/* Expectations: what a phase must reach, read from YAML, compared with what was measured
 * (docs/bench.md).
 *
 *   sk_expectations_read() or _parse() -> sk_expectations_judge() */
#ifndef SK_BENCH_EXPECT_H
#define SK_BENCH_EXPECT_H

#include "bench/results.h"

#define SK_METRIC_MAP(X)                                                                           \
  X(ROWS_PER_SECOND, "rows_per_second")                                                            \
  X(SECONDS, "seconds")                                                                            \
  X(MEMORY_MIB, "memory_mib")                                                                      \
  X(BYTES_PER_ROW, "bytes_per_row")                                                                \
  X(DIFFERENCES, "differences")

#define SK_AS_ID(id, name) SK_METRIC_##id,
enum sk_metric { SK_METRIC_MAP(SK_AS_ID) SK_METRIC_COUNT };
#undef SK_AS_ID
const char *sk_metric_name(enum sk_metric metric);

enum sk_lake { SK_LAKE_ANY, SK_LAKE_LOCAL, SK_LAKE_S3 };

struct sk_expectation {
  struct sk_bench_words scales; /* none: all */
  struct sk_bench_words sinks;  /* kinds, of aggregate and validate; none: all */
  enum sk_lake lake;            /* where the Parquet files are */
  enum sk_bench_phase phase;
  enum sk_bench_mode mode; /* NONE: any */
  enum sk_metric metric;
  bool least; /* else at most */
  double bound;
  bool relative; /* times what the same scale, threads and memory have in of_phase, of_mode */
  enum sk_bench_phase of_phase;
  enum sk_bench_mode of_mode;
  uint32_t line; /* of the file */
};

struct sk_expectations {
  const char *name; /* of the file */
  struct sk_expectation *items;
  size_t count, room;
};

/* Lists and texts live in the arena. path NULL: ours. OK; ENOTFOUND, EIO; EINVAL with the place;
 * ENOMEM. */
shukei_status sk_expectations_read(const char *path, struct sk_arena *arena,
                                   struct sk_expectations *expectations, shukei_error *err);
shukei_status sk_expectations_parse(const char *name, const void *bytes, size_t length,
                                    struct sk_arena *arena, struct sk_expectations *expectations,
                                    shukei_error *err);

enum sk_judgement_kind {
  SK_JUDGEMENT_MET,
  SK_JUDGEMENT_MISSED,
  SK_JUDGEMENT_UNKNOWN /* was not measured: data of before, a phase that was not asked for */
};

struct sk_judgement {
  enum sk_judgement_kind kind;
  const struct sk_expectation *expectation;
  struct sk_bench_key key;     /* repeat 1 */
  double measured, bound;      /* medians of the repeats; bound is absolute; -1: not known */
  enum sk_bench_state outcome; /* of a phase that is not done */
};

/* A judgement for each expectation and each combination that it is about. OK; ENOMEM. */
shukei_status sk_expectations_judge(const struct sk_expectations *expectations,
                                    const struct sk_bench_line *lines, size_t count,
                                    struct sk_arena *arena, struct sk_judgement **judgements,
                                    size_t *judgement_count, shukei_error *err);

/* Whether any of them is about a phase of the plan. sink: the kind of sink. */
bool sk_expectations_apply(const struct sk_expectations *expectations,
                           const struct sk_bench_key *plan, size_t count, const char *sink);

/* The metric of a line; -1: not known. */
double sk_metric_of(const struct sk_bench_line *line, enum sk_metric metric);
/* The metric of the repeats of a key that are done, where it is known; returns how many, at most
 * SK_BENCH_REPEATS. */
#define SK_BENCH_REPEATS 1024
size_t sk_metric_values(const struct sk_bench_line *lines, size_t count,
                        const struct sk_bench_key *key, enum sk_metric metric,
                        double values[SK_BENCH_REPEATS]);
/* The median of the metric over the repeats of a key that are done; -1: none has it. *failed: a
 * repeat that is not done, or NULL; may be NULL itself. */
double sk_metric_median(const struct sk_bench_line *lines, size_t count,
                        const struct sk_bench_key *key, enum sk_metric metric,
                        const struct sk_bench_line **failed);

#endif
