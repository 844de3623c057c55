/* SPDX-License-Identifier: Apache-2.0 */
/* A local file as an object: ranged reads by pread(), so that any number of threads can share it.
 * */
#include "store/local_store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct local_object {
  struct sk_object object; /* first: what the others see */
  int fd;
  char name[]; /* zero-terminated */
};

/* One read() may be refused or cut above 2 GiB. */
#define READ_MOST ((size_t)1 << 30)

static shukei_status local_read(struct sk_object *object, uint64_t offset, void *bytes,
                                size_t length, shukei_error *err)
{
  const struct local_object *self = (const struct local_object *)object;
  uint8_t *to = bytes;
  char why[128];
  while (length > 0) {
    const size_t want = length < READ_MOST ? length : READ_MOST;
    const ssize_t got = pread(self->fd, to, want, (off_t)offset);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return sk_fail(err, SHUKEI_EIO, "%s: could not read %zu bytes at %" PRIu64 ": %s",
                     object->name, want, offset, sk_errno_text(errno, why));
    if (got == 0)
      return sk_fail(err, SHUKEI_ETRUNC,
                     "%s: ends at %" PRIu64 ", had %" PRIu64 " bytes when it was opened",
                     object->name, offset, object->size_bytes);
    to += got;
    offset += (uint64_t)got;
    length -= (size_t)got;
  }
  return SHUKEI_OK;
}

static void local_close(struct sk_object *object)
{
  struct local_object *self = (struct local_object *)object;
  close(self->fd);
  sk_free(self);
}

static const struct sk_object_calls local_calls = {.read = local_read, .close = local_close};

shukei_status sk_local_open(const char *path, struct sk_budget *budget, struct sk_object **out,
                            shukei_error *err)
{
  const size_t length = strlen(path);
  struct local_object *self = NULL;
  struct stat info;
  char why[128];
  shukei_status st = SHUKEI_OK;
  *out = NULL;
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* no waiting for a pipe's writer */
  if (fd < 0) {
    st = sk_fail(err, errno == ENOENT || errno == ENOTDIR ? SHUKEI_ENOTFOUND : SHUKEI_EIO,
                 "%s: could not open: %s", path, sk_errno_text(errno, why));
    goto done;
  }
  if (fstat(fd, &info)) {
    st = sk_fail(err, SHUKEI_EIO, "%s: could not ask for its size: %s", path,
                 sk_errno_text(errno, why));
    goto done;
  }
  if (!S_ISREG(info.st_mode)) {
    st = sk_fail(err, SHUKEI_EIO, "%s: is not a file", path);
    goto done;
  }
  self = sk_alloc(budget, sizeof *self + length + 1);
  if (!self) {
    st = sk_fail_memory(err, budget, sizeof *self + length + 1, "an open file");
    goto done;
  }
  memcpy(self->name, path, length + 1);
  self->fd = fd;
  self->object = (struct sk_object){&local_calls, self->name, (uint64_t)info.st_size};
  *out = &self->object;
done:
  if (st && fd >= 0)
    close(fd);
  return st;
}
