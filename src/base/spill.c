/* SPDX-License-Identifier: Apache-2.0 */
/* The temporary file behind sorted runs.
 *
 * The file is cut into chunks of 256 KiB. A run is a stream of bytes over a chain of chunks; the
 * chains lie in one array, next[chunk], and so does the chain of free chunks. All chunks are
 * of one size, so that giving a run back is one link, cannot fail and leaves no gaps of odd
 * sizes; an allocator of extents would keep blocks together, but needs memory to give some back.
 * The part of a run's last chunk that is not written takes no room on the disk, as the file is
 * sparse. The array costs 16 KiB for 1 GiB of file.
 *
 * A lock guards the chains; it is held for a few instructions once per chunk, never during input or
 * output. A chunk belongs to one run, so that pread() and pwrite() need none. */
#include "base/spill.h"

#include "base/bytes.h"
#include "base/platform.h"

#include <assert.h>
#include <errno.h>
#include <libdeflate.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

struct sk_spill {
  struct sk_budget *budget;
  char *folder;
  pthread_mutex_t lock; /* of what follows up to `serial` */
  int fd;
  uint32_t *next;
  uint32_t count, capacity; /* chunks of the file; room in next */
  uint32_t free_chunk;      /* the first of the free ones */
  _Atomic uint64_t serial;
  _Atomic uint64_t written_bytes;
};

shukei_status sk_spill_new(struct sk_budget *budget, const char *folder, struct sk_spill **out,
                           shukei_error *err)
{
  *out = NULL;
  if (!folder)
    folder = sk_temporary_folder();
  struct sk_spill *spill = sk_calloc(budget, 1, sizeof *spill);
  char *copy = sk_strndup(budget, folder, strlen(folder));
  if (!spill || !copy || pthread_mutex_init(&spill->lock, NULL) != 0) {
    sk_free(copy);
    sk_free(spill);
    return sk_fail_memory(err, budget, sizeof *spill, "a temporary file");
  }
  spill->budget = budget;
  spill->folder = copy;
  spill->fd = -1;
  spill->free_chunk = SK_NO_CHUNK;
  atomic_init(&spill->serial, 0);
  atomic_init(&spill->written_bytes, 0);
  *out = spill;
  return SHUKEI_OK;
}

void sk_spill_free(struct sk_spill *spill)
{
  if (!spill)
    return;
  if (spill->fd >= 0)
    (void)close(spill->fd); /* nobody needs the bytes any more */
  pthread_mutex_destroy(&spill->lock);
  sk_free(spill->next);
  sk_free(spill->folder);
  sk_free(spill);
}

uint64_t sk_spill_bytes(const struct sk_spill *spill)
{
  return atomic_load_explicit(&spill->written_bytes, memory_order_relaxed);
}

int sk_test_spill_file(const struct sk_spill *spill)
{
  return spill->fd;
}

struct sk_budget *sk_spill_budget(const struct sk_spill *spill)
{
  return spill->budget;
}

uint64_t sk_spill_serial(struct sk_spill *spill)
{
  return atomic_fetch_add_explicit(&spill->serial, 1, memory_order_relaxed);
}

/* EWRITE for the errno value `number`. */
static shukei_status fail_write(const struct sk_spill *spill, const char *what, int number,
                                shukei_error *err)
{
  char why[128];
  const shukei_status st = sk_fail(
      err, SHUKEI_EWRITE, "temporary file in \"%s\": could not %s after %" PRIu64 " bytes: %s",
      spill->folder, what, sk_spill_bytes(spill), sk_errno_text(number, why));
  sk_advise(err, "set TMPDIR to a folder with more room, or allow more memory (--memory, "
                 "memory_bytes)");
  return st;
}

/* Makes room in the array for one chunk more. */
static shukei_status grow_chain(struct sk_spill *spill, shukei_error *err)
{
  if (spill->count < spill->capacity)
    return SHUKEI_OK;
  /* A quarter more: the array is moved seldom, and a large one does not double. */
  const uint32_t capacity = spill->capacity + spill->capacity / 4 + 64;
  assert(capacity > spill->capacity); /* 2^32 chunks are a petabyte */
  uint32_t *next = sk_realloc(spill->budget, spill->next, capacity * sizeof *next);
  if (!next)
    return sk_fail_memory(err, spill->budget, capacity * sizeof *next, "a temporary file's chunks");
  spill->next = next;
  spill->capacity = capacity;
  return SHUKEI_OK;
}

shukei_status sk_spill_chain(struct sk_spill *spill, uint32_t *chunk, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  pthread_mutex_lock(&spill->lock);
  if (spill->fd < 0) {
    spill->fd = sk_temporary_file(spill->folder);
    if (spill->fd < 0) {
      st = fail_write(spill, "create it", errno, err);
      goto done;
    }
  }
  uint32_t added = spill->free_chunk;
  if (added != SK_NO_CHUNK) {
    spill->free_chunk = spill->next[added];
  } else {
    st = grow_chain(spill, err);
    if (st)
      goto done;
    added = spill->count++;
  }
  if (*chunk != SK_NO_CHUNK)
    spill->next[*chunk] = added;
  *chunk = added;
done:
  pthread_mutex_unlock(&spill->lock);
  return st;
}

uint32_t sk_spill_next(struct sk_spill *spill, uint32_t chunk)
{
  pthread_mutex_lock(&spill->lock);
  const uint32_t next = spill->next[chunk];
  pthread_mutex_unlock(&spill->lock);
  return next;
}

void sk_spill_release(struct sk_spill *spill, uint32_t first, uint32_t last)
{
  if (first == SK_NO_CHUNK)
    return;
  pthread_mutex_lock(&spill->lock);
  spill->next[last] = spill->free_chunk;
  spill->free_chunk = first;
  pthread_mutex_unlock(&spill->lock);
}

shukei_status sk_spill_write(struct sk_spill *spill, uint32_t chunk, uint32_t offset,
                             const void *bytes, size_t length, shukei_error *err)
{
  assert(offset <= SK_SPILL_CHUNK_BYTES && length <= SK_SPILL_CHUNK_BYTES - offset);
  const uint8_t *from = bytes;
  off_t at = (off_t)((uint64_t)chunk * SK_SPILL_CHUNK_BYTES + offset);
  while (length > 0) {
    const ssize_t put = pwrite(spill->fd, from, length, at);
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0) /* nothing taken and no reason given: as if the disk were full */
      return fail_write(spill, "write", put < 0 ? errno : ENOSPC, err);
    atomic_fetch_add_explicit(&spill->written_bytes, (uint64_t)put, memory_order_relaxed);
    from += put;
    at += put;
    length -= (size_t)put;
  }
  return SHUKEI_OK;
}

shukei_status sk_spill_read(struct sk_spill *spill, uint32_t chunk, uint32_t offset, void *bytes,
                            size_t length, shukei_error *err)
{
  assert(offset <= SK_SPILL_CHUNK_BYTES && length <= SK_SPILL_CHUNK_BYTES - offset);
  uint8_t *to = bytes;
  off_t at = (off_t)((uint64_t)chunk * SK_SPILL_CHUNK_BYTES + offset);
  while (length > 0) {
    const ssize_t got = pread(spill->fd, to, length, at);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0) {
      char why[128];
      return sk_fail(err, SHUKEI_EIO, "temporary file in \"%s\": could not read: %s", spill->folder,
                     sk_errno_text(errno, why));
    }
    if (got == 0)
      return sk_fail(err, SHUKEI_EIO,
                     "temporary file in \"%s\": ends at byte %" PRId64
                     ", where %zu more were written",
                     spill->folder, (int64_t)at, length);
    to += got;
    at += got;
    length -= (size_t)got;
  }
  return SHUKEI_OK;
}

shukei_status sk_spill_damaged(const struct sk_spill *spill, const struct sk_run *run,
                               uint32_t block, shukei_error *err)
{
  return sk_fail(err, SHUKEI_EIO,
                 "temporary file in \"%s\": block %" PRIu32 " of run %" PRIu64
                 " is damaged: it does not read as it was written",
                 spill->folder, block, run->serial);
}

uint32_t sk_spill_crc(const struct sk_run *run, uint32_t block, const uint8_t *header,
                      const void *stored, size_t stored_length)
{
  uint8_t place[20];
  sk_put_le64(place, run->serial);
  sk_put_le32(place + 8, block);
  memcpy(place + 12, header, 8);
  return libdeflate_crc32(libdeflate_crc32(0, place, sizeof place), stored, stored_length);
}
