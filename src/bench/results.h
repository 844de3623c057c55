/* SPDX-License-Identifier: Apache-2.0 */
/* results.jsonl: one JSON object a line, of kind "run" (machine, settings, plan) or "phase" (what
 * became of one). Lines are appended and synced, never rewritten; the last one may be torn where a
 * writer was killed: a reader leaves it out, the next writer cuts it off.
 *
 *   sk_bench_results_init() -> sk_bench_results_read(), any number of files -> runs, lines
 *   -> sk_bench_results_reset()
 *   sk_bench_writer_open() -> sk_bench_writer_run(), sk_bench_writer_line()
 *   -> sk_bench_writer_close()
 *
 * docs/bench.md describes the members. Absent is not known: -1 for numbers, NULL for texts. */
#ifndef SK_BENCH_RESULTS_H
#define SK_BENCH_RESULTS_H

#include "base/arena.h"
#include "base/buffer.h"

#include <jansson.h>

#define SK_BENCH_RESULTS_FORMAT 1
#define SK_BENCH_RESULTS_FILE "results.jsonl"
#define SK_BENCH_RESULTS_BYTES ((uint64_t)256 << 20) /* of a file that is read */

#define SK_BENCH_PHASE_MAP(X)                                                                      \
  X(GENERATE, "generate")                                                                          \
  X(CONVERT, "convert")                                                                            \
  X(UPLOAD, "upload")                                                                              \
  X(AGGREGATE, "aggregate")                                                                        \
  X(VALIDATE, "validate")

/* How a phase stands: the first two are only in running.json, the others are outcomes. */
#define SK_BENCH_STATE_MAP(X)                                                                      \
  X(WAITING, "waiting")                                                                            \
  X(RUNNING, "running")                                                                            \
  X(DONE, "done")                                                                                  \
  X(FAILED, "failed")                                                                              \
  X(OUT_OF_MEMORY, "out-of-memory")                                                                \
  X(TIMED_OUT, "timed-out")                                                                        \
  X(INTERRUPTED, "interrupted")                                                                    \
  X(SKIPPED, "skipped")

#define SK_BENCH_MODE_MAP(X)                                                                       \
  X(NONE, "")                                                                                      \
  X(STREAMING, "streaming")                                                                        \
  X(IN_MEMORY, "in-memory")                                                                        \
  X(AUTO, "auto")

#define SK_AS_ID(id, name) SK_BENCH_PHASE_##id,
enum sk_bench_phase { SK_BENCH_PHASE_MAP(SK_AS_ID) SK_BENCH_PHASE_COUNT };
#undef SK_AS_ID
#define SK_AS_ID(id, name) SK_BENCH_STATE_##id,
enum sk_bench_state { SK_BENCH_STATE_MAP(SK_AS_ID) SK_BENCH_STATE_COUNT };
#undef SK_AS_ID
#define SK_AS_ID(id, name) SK_BENCH_MODE_##id,
enum sk_bench_mode { SK_BENCH_MODE_MAP(SK_AS_ID) SK_BENCH_MODE_COUNT };
#undef SK_AS_ID

const char *sk_bench_phase_name(enum sk_bench_phase phase);
const char *sk_bench_state_name(enum sk_bench_state state);
const char *sk_bench_mode_name(enum sk_bench_mode mode);
/* The place of the name, or -1. */
int sk_bench_phase_find(const char *name);
int sk_bench_state_find(const char *name);
int sk_bench_mode_find(const char *name);

/* Which phase: no two of a plan have the same key. */
struct sk_bench_key {
  const char *scale;
  enum sk_bench_phase phase;
  enum sk_bench_mode mode; /* NONE: of generate, convert and upload */
  int64_t repeat;          /* from 1 */
  int64_t threads;         /* 0: one for each processor */
  int64_t memory;          /* bytes of --memory; 0: shukei's own default */
};
bool sk_bench_key_same(const struct sk_bench_key *a, const struct sk_bench_key *b);

/* What a phase counted; the names are the members'. rows: hourly pod rows of the scale, which is
 * its size; rows_read: rows of all reports. */
#define SK_BENCH_LINE_COUNTERS(X)                                                                  \
  X(rows)                                                                                          \
  X(rows_read)                                                                                     \
  X(groups)                                                                                        \
  X(rows_written)                                                                                  \
  X(bytes_in)                                                                                      \
  X(bytes_out)                                                                                     \
  X(requests)                                                                                      \
  X(differences)

#define SK_BENCH_SAMPLES 64
struct sk_bench_sample {
  double seconds; /* since the phase began */
  int64_t rows, rss;
};

struct sk_bench_words {
  const char **items;
  size_t count;
};

/* A line of kind "phase". */
struct sk_bench_line {
  struct sk_bench_key key;
  const char *run;  /* id of the run that it is of */
  const char *time; /* when it began, UTC */
  const char *sink; /* kind of sink; NULL: none */
  enum sk_bench_state outcome;
  int64_t exit, signal;
  double seconds, cpu_user, cpu_system;
  int64_t peak_rss;
  struct sk_bench_sample samples[SK_BENCH_SAMPLES]; /* in order of time */
  size_t sample_count;
#define SK_AS_MEMBER(name) int64_t name;
  SK_BENCH_LINE_COUNTERS(SK_AS_MEMBER)
#undef SK_AS_MEMBER
  const char *mode_used, *mode_reason; /* of aggregate: what it chose, and why */
  bool reused;                         /* data of before: no time was measured */
  const char *dataset;                 /* hash of shukei-dataset.json */
  struct sk_bench_words command;
  const char *error, *advice, *log; /* advice: what to do about the error */
};

/* Whether an aggregation streamed, asked for or chosen. */
bool sk_bench_line_streams(const struct sk_bench_line *line);

struct sk_bench_machine {
  const char *host, *cpu, *kernel, *os;
  int64_t processors, memory;
};

/* A line of kind "run". */
struct sk_bench_run {
  const char *id, *time, *version;
  struct sk_bench_words command;
  struct sk_bench_machine machine;
  struct sk_bench_words scales, modes;
  int64_t repeat, *threads, *memory;
  size_t threads_count, memory_count;
  const char *to, *schema, *lake; /* without secrets; schema NULL: the connection's own */
  int64_t timeout;                /* seconds; 0: none */
  struct sk_bench_key *plan;
  size_t plan_count;
};

struct sk_bench_results {
  struct sk_arena arena;     /* of all texts and lists */
  struct sk_bench_run *runs; /* in the order of the files */
  struct sk_bench_line *lines;
  size_t run_count, line_count, run_room, line_room;
};

void sk_bench_results_init(struct sk_bench_results *results, struct sk_budget *budget);
void sk_bench_results_reset(struct sk_bench_results *results);
/* Adds what a file holds. Lines of other kinds and members that nobody knows are left out.
 * OK, also where a file has no line; ENOTFOUND no such file; EIO; EFORMAT a line but the last is no
 * such object, or has no key; EUNSUPPORTED a newer format; ENOMEM. */
shukei_status sk_bench_results_read(struct sk_bench_results *results, const char *path,
                                    shukei_error *err);
/* The same of bytes; name stands in errors. */
shukei_status sk_bench_results_parse(struct sk_bench_results *results, const char *name,
                                     const char *bytes, size_t length, shukei_error *err);
const struct sk_bench_run *sk_bench_results_run(const struct sk_bench_results *results,
                                                const char *id); /* or NULL */
/* The last line of that run and key (run NULL: of any run), or NULL. */
const struct sk_bench_line *sk_bench_results_line(const struct sk_bench_results *results,
                                                  const char *run, const struct sk_bench_key *key);

struct sk_bench_writer {
  int fd;
  char *name;
};
/* Opens or makes the file and cuts off a torn last line. OK; EWRITE; ENOMEM. */
shukei_status sk_bench_writer_open(struct sk_bench_writer *writer, const char *path,
                                   shukei_error *err);
/* Append a line and sync it. OK; EWRITE; ENOMEM. */
shukei_status sk_bench_writer_run(struct sk_bench_writer *writer, const struct sk_bench_run *run,
                                  shukei_error *err);
shukei_status sk_bench_writer_line(struct sk_bench_writer *writer, const struct sk_bench_line *line,
                                   shukei_error *err);
void sk_bench_writer_close(
    struct sk_bench_writer *writer); /* also of one that could not be opened */

/* All numbers unknown. */
void sk_bench_line_init(struct sk_bench_line *line);
void sk_bench_key_set(json_t *object, const struct sk_bench_key *key);
/* A key whose texts live in the arena. False: no key, or no memory. */
bool sk_bench_key_take(const json_t *object, struct sk_arena *arena, struct sk_bench_key *key);

#define SK_BENCH_TIME_TEXT 32
/* Now, "2026-11-26T21:00:00.000Z"; returns text. */
char *sk_bench_time_text(char text[SK_BENCH_TIME_TEXT]);
/* Milliseconds since 1970 of such a text, -1 where it is none. */
int64_t sk_bench_time_ms(const char *text);

#endif
