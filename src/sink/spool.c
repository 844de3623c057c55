/* SPDX-License-Identifier: Apache-2.0 */
/* Once a piece did not fit into memory, all that follow go to the file. */
#include "sink/spool.h"

#include "base/platform.h"

#include <errno.h>
#include <unistd.h>

void sk_spool_init(struct sk_spool *spool, struct sk_budget *budget, size_t memory_bytes)
{
  *spool = (struct sk_spool){.file = -1};
  sk_buffer_init(&spool->head, budget, memory_bytes);
}

void sk_spool_reset(struct sk_spool *spool)
{
  if (spool->file >= 0)
    (void)close(spool->file);
  sk_buffer_reset(&spool->head);
  spool->file = -1;
  spool->file_bytes = 0;
}

static shukei_status fail(shukei_error *err, shukei_status status, const char *what)
{
  const int number = errno;
  char text[128];
  const shukei_status st = sk_fail(err, status, "could not %s a temporary file in \"%s\": %s", what,
                                   sk_temporary_folder(), sk_errno_text(number, text));
  if (number == ENOSPC || number == EACCES || number == EROFS)
    sk_advise(err, "set TMPDIR to a folder that can be written and has room for the rows");
  return st;
}

shukei_status sk_spool_add(struct sk_spool *spool, const void *bytes, size_t length,
                           shukei_error *err)
{
  const uint8_t *at = bytes;
  if (length == 0)
    return SHUKEI_OK;
  if (spool->file < 0) {
    sk_buffer_add(&spool->head, bytes, length);
    if (!spool->head.failed)
      return SHUKEI_OK;
    spool->file = sk_temporary_file(sk_temporary_folder());
    if (spool->file < 0)
      return fail(err, SHUKEI_EWRITE, "make");
  }
  while (length > 0) {
    const ssize_t written = pwrite(spool->file, at, length, (off_t)spool->file_bytes);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return fail(err, SHUKEI_EWRITE, "write");
    at += written;
    length -= (size_t)written;
    spool->file_bytes += (uint64_t)written;
  }
  return SHUKEI_OK;
}

shukei_status sk_spool_each(const struct sk_spool *spool,
                            shukei_status (*take)(void *context, const void *bytes, size_t length,
                                                  shukei_error *err),
                            void *context, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t at = 0; at < spool->head.length && !st; at += SK_SPOOL_PIECE) {
    const size_t left = spool->head.length - at;
    st = take(context, spool->head.bytes + at, left < SK_SPOOL_PIECE ? left : SK_SPOOL_PIECE, err);
  }
  if (st || spool->file_bytes == 0)
    return st;
  uint8_t *piece = sk_alloc(spool->head.budget, SK_SPOOL_PIECE);
  if (!piece)
    return sk_fail_memory(err, spool->head.budget, SK_SPOOL_PIECE, "rows of a temporary file");
  for (uint64_t at = 0; at < spool->file_bytes && !st;) {
    const ssize_t length = pread(spool->file, piece, SK_SPOOL_PIECE, (off_t)at);
    if (length < 0 && errno == EINTR)
      continue;
    if (length == 0)
      errno = EIO; /* somebody has cut it */
    st = length > 0 ? take(context, piece, (size_t)length, err) : fail(err, SHUKEI_EIO, "read");
    at += (uint64_t)(length > 0 ? length : 0);
  }
  sk_free(piece);
  return st;
}
