/* SPDX-License-Identifier: Apache-2.0 */
/* How a benchmark stands: what its folder tells (results.jsonl, running.json, bench.lock), put
 * together.
 *
 *   sk_standing_init() -> sk_standing_read(), as often as wanted -> sk_standing_reset()
 *
 * What is in the structure lives until the next read. Reading changes nothing in the folder, and a
 * benchmark that was killed is told as such, with what it told last. */
#ifndef SK_STATUS_STANDING_H
#define SK_STATUS_STANDING_H

#include "bench/running.h"
#include "status/history.h"

enum sk_standing_state {
  SK_STANDING_NONE,     /* nothing was measured in this folder yet */
  SK_STANDING_RUNNING,  /* a benchmark is alive */
  SK_STANDING_STOPPED,  /* ended in good order before its plan was through */
  SK_STANDING_CRASHED,  /* ended without a word */
  SK_STANDING_FINISHED, /* the whole plan has results */
  SK_STANDING_COUNT
};
const char *sk_standing_state_name(enum sk_standing_state state); /* "running" */

/* A phase of the plan. */
struct sk_standing_item {
  struct sk_bench_key key;
  enum sk_bench_state state;
  const struct sk_bench_line *line; /* its result; NULL: none yet */
};

/* A scale of the plan. What was not measured is -1. */
struct sk_standing_scale {
  const char *name;
  int64_t rows;              /* hourly pod rows */
  enum sk_bench_state state; /* RUNNING; FAILED where a phase did; WAITING, INTERRUPTED; DONE */
  size_t phases, done, ended, failed, skipped; /* ended: whatever the outcome */
  const char *phase;   /* that runs now, that failed last, or that comes next; NULL: all is done */
  double seconds;      /* the quickest aggregation */
  double rate;         /* its rows a second */
  int64_t peak_rss;    /* and its memory */
  int64_t differences; /* that validations found, all together */
  int64_t begun_ms;    /* of its first phase, since 1970; -1: none has a line */
  int64_t ended_ms;    /* of its last phase; -1 as long as one is to come */
};

/* From its begin to its end; -1: not known. */
static inline double sk_scale_seconds(const struct sk_standing_scale *scale)
{
  return scale->ended_ms >= 0 ? (double)(scale->ended_ms - scale->begun_ms) / 1000 : -1;
}

struct sk_estimate {
  bool known, interval; /* interval: low and high are, too */
  double seconds, low, high;
  size_t missing; /* phases that nothing is known of: they come on top */
};

enum sk_health { SK_HEALTH_UNKNOWN, SK_HEALTH_GOOD, SK_HEALTH_WATCH, SK_HEALTH_BAD };
const char *sk_health_name(enum sk_health verdict); /* "good" */
#define SK_INDICATORS 4
struct sk_indicator {
  const char *name, *title; /* "progress", "Progress" */
  enum sk_health verdict;
  char text[160];
};

struct sk_standing {
  const char *folder;
  enum sk_standing_state state;
  int64_t read_ms, begun_ms, updated_ms; /* since 1970; -1: not known */
  bool alive, phase_alive;               /* the benchmark, the process of its phase */
  struct sk_running running; /* of a benchmark that is alive, or crashed; else all is unknown */
  struct sk_standing_item *items;
  size_t item_count;
  size_t counts[SK_BENCH_STATE_COUNT]; /* items by state */
  struct sk_standing_scale *scales;
  size_t scale_count;
  double rate;      /* rows a second of the phase that runs, lately; -1: not known */
  double row_bytes; /* by which its memory grows for each row, lately; NAN: not known */
  struct sk_estimate phase_left, all_left;
  struct sk_indicator indicators[SK_INDICATORS];
  const char *last_error;         /* NULL: none */
  const char *last_advice;        /* what to do about it; NULL: the phase did not say */
  struct sk_bench_key error_key;  /* of the phase that it is of, where its scale is not NULL */
  const struct sk_bench_run *run; /* the last one; NULL: not known */
  /* Inside: what was read before. */
  struct sk_bench_results results;
  struct sk_arena arena;
  struct sk_history history;
  int64_t file_size, file_time;
};

/* folder must outlive it. */
void sk_standing_init(struct sk_standing *standing, const char *folder);
/* OK, also where nothing is there yet; EIO; EFORMAT; ENOMEM. */
shukei_status sk_standing_read(struct sk_standing *standing, shukei_error *err);
void sk_standing_reset(struct sk_standing *standing);

/* Phases that are through, with whatever outcome. */
size_t sk_standing_ended(const struct sk_standing *standing);
/* That failed, ran out of memory or into their time-out. */
size_t sk_standing_failed(const struct sk_standing *standing);
bool sk_bench_state_failed(enum sk_bench_state state);
/* The share of the phase that runs, 0 to 1; -1: not known. */
double sk_standing_share(const struct sk_standing *standing);

#endif
