/* SPDX-License-Identifier: Apache-2.0 */
/* A benchmark that runs: what its parts share. */
#ifndef SK_BENCH_BENCH_WORK_H
#define SK_BENCH_BENCH_WORK_H

#include "bench/bench.h"
#include "bench/running.h"

struct sk_bench_work {
  const struct sk_bench_settings *settings;
  const struct sk_bench_calls *calls;
  struct sk_arena *arena;
  struct sk_bench_results *results; /* of before */
  struct sk_bench_writer writer;
  struct sk_bench_run run;
  struct sk_running running;
  struct sk_bench_line *lines; /* [run.plan_count] */
  int lock, phase_lock;        /* phase_lock is held by the child as well */
  uint64_t shown_ns;           /* when running.json was written */
};

/* Runs the i-th phase and fills its line, or finds what it makes there already. OK however it
 * ended; EIO, EWRITE, ENOMEM for what hinders the benchmark itself. */
shukei_status sk_bench_phase(struct sk_bench_work *work, size_t i, shukei_error *err);
/* Empties the folder phase/ of what the last phase left in it. EWRITE, ENOMEM. */
shukei_status sk_bench_clear(struct sk_bench_work *work, shukei_error *err);
/* Writes running.json. A disk that is full is no reason to end. */
void sk_bench_show(struct sk_bench_work *work);

/* The line of the phase that this one needs and that is not done; NULL: nothing hinders it. */
const struct sk_bench_line *sk_bench_hindrance(const struct sk_bench_line *lines, size_t i);

/* mkdir -p. EWRITE. */
shukei_status sk_make_folders(const char *path, shukei_error *err);
/* Removes a folder with all that is in it; none is fine. EWRITE. */
shukei_status sk_remove_folder(const char *path, shukei_error *err);
/* The bytes of all files in a folder, not below; -1: no folder. */
int64_t sk_folder_bytes(const char *path);

#endif
