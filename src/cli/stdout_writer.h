/* SPDX-License-Identifier: Apache-2.0 */
/* Data on standard output: few big writes, and no failed one that goes unnoticed.
 *
 *   sk_stdout_init() -> sk_stdout_write() -> sk_stdout_finish() -> sk_stdout_reset() */
#ifndef SK_CLI_STDOUT_WRITER_H
#define SK_CLI_STDOUT_WRITER_H

#include "base/alloc.h"

struct sk_stdout {
  int fd;
  uint8_t *buffer; /* taken at the first write */
  size_t length;
  int failed; /* errno of the write that failed, 0: none; nothing is written after it */
};

void sk_stdout_init(struct sk_stdout *out, int fd);
void sk_stdout_reset(struct sk_stdout *out); /* what was not finished is dropped */
/* False where it could not be written, or a signal was caught while waiting to. */
bool sk_stdout_write(struct sk_stdout *out, const void *bytes, size_t length);
/* Writes what is left. OK; EWRITE with the system's reason, also for an earlier failure. */
shukei_status sk_stdout_finish(struct sk_stdout *out, shukei_error *err);

#endif
