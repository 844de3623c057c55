/* SPDX-License-Identifier: Apache-2.0 */
/* The log that a child writes as JSON lines (docs/logs.md), followed while it grows: how far it is,
 * and what it said when it failed. */
#ifndef SK_BENCH_CHILD_LOG_H
#define SK_BENCH_CHILD_LOG_H

#include "base/buffer.h"

struct sk_child_log {
  int fd;
  struct sk_buffer part;                    /* of a line that is not whole yet */
  int64_t rows, rows_known;                 /* of the last line of progress; 0: none */
  char error[512], status[24], advice[512]; /* of the last error; "" none */
};

/* Makes an empty file of it. */
void sk_child_log_open(struct sk_child_log *log, const char *path);
/* Takes what has been appended since. */
void sk_child_log_follow(struct sk_child_log *log);
/* The last call: what is no JSON counts as an error's text where nothing else does. */
void sk_child_log_close(struct sk_child_log *log);

#endif
