/* SPDX-License-Identifier: Apache-2.0 */
/* stdio is not used for data: it hides which write failed and drops what was buffered. */
#include "cli/stdout_writer.h"

#include "cli/signals.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_BYTES ((size_t)256 << 10)

void sk_stdout_init(struct sk_stdout *out, int fd)
{
  *out = (struct sk_stdout){.fd = fd};
}

void sk_stdout_reset(struct sk_stdout *out)
{
  sk_free(out->buffer);
  sk_stdout_init(out, out->fd);
}

static bool flush(struct sk_stdout *out, const uint8_t *bytes, size_t length)
{
  while (!out->failed && length > 0) {
    const ssize_t n = write(out->fd, bytes, length);
    if (n >= 0) {
      bytes += n;
      length -= (size_t)n;
    } else if (errno != EINTR || sk_signals_caught()) {
      out->failed = errno;
    }
  }
  return !out->failed;
}

bool sk_stdout_write(struct sk_stdout *out, const void *bytes, size_t length)
{
  if (!out->buffer && !out->failed) {
    out->buffer = sk_alloc(NULL, BUFFER_BYTES);
    if (!out->buffer)
      out->failed = ENOMEM;
  }
  if (out->failed)
    return false;
  if (length > BUFFER_BYTES - out->length) {
    if (!flush(out, out->buffer, out->length))
      return false;
    out->length = 0;
    if (length >= BUFFER_BYTES)
      return flush(out, bytes, length);
  }
  memcpy(out->buffer + out->length, bytes, length);
  out->length += length;
  return true;
}

shukei_status sk_stdout_finish(struct sk_stdout *out, shukei_error *err)
{
  char text[128];
  flush(out, out->buffer, out->length);
  out->length = 0;
  if (out->failed)
    return sk_fail(err, SHUKEI_EWRITE, "could not write to standard output: %s",
                   sk_errno_text(out->failed, text));
  return SHUKEI_OK;
}
