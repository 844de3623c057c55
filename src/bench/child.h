/* SPDX-License-Identifier: Apache-2.0 */
/* One child process under limits, watched until it ends.
 *
 * The kernel kills it when this process dies (Linux), it is the first to go when memory lacks,
 * writes no core, and cannot use more processor time than the time-out allows for all processors.
 * Memory is watched from here, by the resident pages: RLIMIT_AS would count mapped files and the
 * stacks of threads, which take none. */
#ifndef SK_BENCH_CHILD_H
#define SK_BENCH_CHILD_H

#include "base/alloc.h"

enum sk_child_cause {
  SK_CHILD_ITSELF,      /* by exit or by a signal of others */
  SK_CHILD_TIME,        /* stopped at the time-out */
  SK_CHILD_MEMORY,      /* stopped above the limit, or by the kernel's OOM killer */
  SK_CHILD_INTERRUPTED, /* stopped on request */
};

struct sk_child_order {
  const char *program;
  const char *const *words; /* argv, NULL behind the last */
  const char *log;          /* file that standard error goes to */
  const char *out;          /* file that standard output goes to; NULL: the same */
  int keep_fd;              /* stays open in the child; -1: none */
  double timeout;           /* seconds; 0: none */
  uint64_t memory;          /* most resident bytes; UINT64_MAX: none */
  void *context;
  /* Is called every few milliseconds; rss -1: not known. */
  void (*tick)(void *context, int64_t pid, double seconds, int64_t rss);
  bool (*canceled)(void *context);
};

struct sk_child_end {
  enum sk_child_cause cause;
  int exit, signal; /* exit is -1 where a signal ended it */
  double seconds, cpu_user, cpu_system;
  int64_t peak_rss;
};

/* Runs it to its end. OK however it ended; EIO it could not be started; EWRITE the log. */
shukei_status sk_child_run(const struct sk_child_order *order, struct sk_child_end *end,
                           shukei_error *err);

#endif
