/* SPDX-License-Identifier: Apache-2.0 */
/* Local places: asking for a folder, removing a file, a lock between processes.
 *
 * The lock is a record lock on a file that is removed while it is held. Whoever gets it looks
 * whether the name still leads to the file that it has locked; if not, another one was before, and
 * it begins anew. A process that dies loses its locks, so that its file, which stays, is in
 * nobody's way. Within one process record locks do not exclude each other: two threads that write
 * one target are told apart by nothing. */
#include "store/local_output.h"
#include "store/local_store.h"
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAUSE_MOST_MS 100

struct local_lock {
  struct sk_store_lock lock; /* first: what the others see */
  int fd;
  char path[];
};

bool sk_store_is_folder(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static shukei_status fail_system(shukei_error *err, const char *path, const char *what)
{
  const int number = errno;
  char why[128];
  return sk_fail(err, SHUKEI_EWRITE, "%s: could not %s: %s", path, what,
                 sk_errno_text(number, why));
}

shukei_status sk_local_remove(const char *path, shukei_error *err)
{
  if (unlink(path))
    return errno == ENOENT || errno == ENOTDIR ? SHUKEI_OK : fail_system(err, path, "remove");
  return sk_local_sync_folder(path, path, err);
}

/* Makes the folders above the path, as far as they are missing. */
static void make_folders(char *path)
{
  for (char *at = path + 1; *at; at++) {
    if (*at != '/')
      continue;
    *at = '\0';
    mkdir(path, 0777); /* whatever is wrong shows when the file is opened */
    *at = '/';
  }
}

/* Opens and locks; *out -1 where the system has no locks. */
static shukei_status open_locked(const char *path, struct sk_lock_waiting *waiting, int *out,
                                 shukei_error *err)
{
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  *out = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (*out < 0)
    return fail_system(err, path, "create");
  while (fcntl(*out, F_SETLK, &whole)) {
    const bool taken = errno == EACCES || errno == EAGAIN || errno == EINTR;
    const bool none = errno == ENOLCK || errno == EINVAL || errno == ENOTSUP || errno == ENOSYS;
    const shukei_status st = taken  ? sk_lock_pause(waiting, path, err)
                             : none ? SHUKEI_OK
                                    : fail_system(err, path, "lock");
    if (taken && !st)
      continue;
    close(*out);
    if (!taken)
      unlink(path);
    *out = -1;
    return st;
  }
  return SHUKEI_OK;
}

/* True where the name leads to the open file. */
static bool still_named(const char *path, int fd)
{
  struct stat named, opened;
  return stat(path, &named) == 0 && fstat(fd, &opened) == 0 && named.st_dev == opened.st_dev &&
         named.st_ino == opened.st_ino;
}

static void local_release(struct sk_store_lock *lock)
{
  struct local_lock *self = (struct local_lock *)lock;
  unlink(self->path);
  close(self->fd);
  sk_free(self);
}

shukei_status sk_local_lock(const char *path, const struct sk_store_wait *wait,
                            struct sk_budget *budget, struct sk_store_lock **out, shukei_error *err)
{
  struct sk_lock_waiting waiting = {.wait = wait, .pause_most_ms = PAUSE_MOST_MS};
  const size_t length = strlen(path) + 1;
  struct local_lock *self = sk_alloc(budget, sizeof *self + length);
  shukei_status st = SHUKEI_OK;
  *out = NULL;
  if (!self)
    return sk_fail_memory(err, budget, sizeof *self + length, "a lock");
  self->lock = (struct sk_store_lock){.release = local_release};
  memcpy(self->path, path, length);
  make_folders(self->path);
  for (;;) {
    st = open_locked(path, &waiting, &self->fd, err);
    if (st || self->fd < 0 || still_named(path, self->fd))
      break;
    close(self->fd);
  }
  if (st || self->fd < 0) {
    sk_free(self);
    return st;
  }
  *out = &self->lock;
  return SHUKEI_OK;
}
