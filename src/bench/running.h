/* SPDX-License-Identifier: Apache-2.0 */
/* running.json: how a benchmark stands while it runs. The file is replaced whole, so that a reader
 * finds the old or the new one; who holds bench.lock is alive.
 *
 *   writer: sk_running_lock() -> sk_running_write() ... -> sk_running_remove()
 *   -> sk_running_unlock()
 *   reader: sk_running_read(), sk_running_alive() */
#ifndef SK_BENCH_RUNNING_H
#define SK_BENCH_RUNNING_H

#include "bench/results.h"

#define SK_RUNNING_FILE "running.json"
#define SK_RUNNING_LOCK "bench.lock"

struct sk_running_item {
  struct sk_bench_key key;
  enum sk_bench_state state;
};

struct sk_running {
  const char *run;
  int64_t pid;
  const char *begun, *updated; /* UTC */
  struct sk_running_item *plan;
  size_t plan_count;
  /* The phase that runs. -1: not known. */
  bool has_now;
  struct sk_bench_key now;
  int64_t now_pid;
  const char *now_begun;
  double seconds;
  int64_t rows, rows_total, rss;
  double rate;                    /* rows a second since the phase began */
  int64_t disk_free, memory_free; /* bytes */
  const char *last_error;
};

/* Writes FOLDER/running.json. OK; EWRITE; ENOMEM. */
shukei_status sk_running_write(const char *folder, const struct sk_running *running,
                               shukei_error *err);
void sk_running_remove(const char *folder);
/* Reads it; texts and lists live in the arena. OK; ENOTFOUND nothing there; EIO; EFORMAT;
 * ENOMEM. */
shukei_status sk_running_read(const char *folder, struct sk_arena *arena,
                              struct sk_running *running, shukei_error *err);

/* Takes FOLDER/bench.lock. OK and *lock to be given to sk_running_unlock(); EINVAL another
 * benchmark runs in that folder; EWRITE. */
shukei_status sk_running_lock(const char *folder, int *lock, shukei_error *err);
void sk_running_unlock(int lock); /* -1 is fine */
/* True while a benchmark holds the lock of that folder. */
bool sk_running_alive(const char *folder);

#endif
