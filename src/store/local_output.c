/* SPDX-License-Identifier: Apache-2.0 */
/* A local file being written: sk_store_create() -> write... -> commit -> close.
 *
 * Bytes go to a hidden file beside the target, ".NAME.tmp-PROCESS-N", which commit makes durable
 * (fsync), renames over the target and makes durable again (fsync of the folder): a reader sees the
 * old file or the new one, whole, also after a crash. Closing without commit removes the hidden
 * file and those folders that were made for it and are still empty; what a killed process left is
 * removed by sk_local_clear_target(). Small writes are gathered, in a
 * buffer that grows with the file: a conversion has an output open for every report and day. */
#include "store/local_output.h"
#include "store/local_store.h"
#include "store/process_mark.h"

#include "base/platform.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define GATHER_FIRST_BYTES ((size_t)4 << 10)
#define GATHER_BYTES ((size_t)256 << 10)
#define BEGIN_BYTES                                                                                \
  (UINT64_C(2) << 20) /* the disk begins early, so that fsync has less to wait for */
#define LINKS_MOST 16
#define PATH_MOST 4096
#define NAME_SHOWN 190 /* of the target's name; 255 is what most file systems take */
#define OLD_S (6 * 3600)

struct local_output {
  struct sk_output output; /* first: what the others see */
  struct sk_budget *budget;
  char *name;        /* the path as it was given */
  char *path;        /* the target, symbolic links resolved */
  char *temporary;   /* NULL once it has been renamed */
  size_t old_folder; /* so many bytes of `path` name a folder that was there before */
  uint8_t *gathered;
  size_t gathered_bytes, gather_capacity;
  uint64_t written_bytes, begun_bytes; /* to the system; on their way to the disk */
  int fd;
  bool committed;
};

static _Atomic unsigned serial; /* tells the temporary files of one process apart */

static shukei_status fail_write(shukei_error *err, const char *name, const char *what)
{
  const int number = errno;
  char why[128];
  return sk_fail(err, SHUKEI_EWRITE, "%s: could not %s: %s", name, what,
                 sk_errno_text(number, why));
}

static shukei_status write_all(struct local_output *self, const uint8_t *bytes, size_t length,
                               shukei_error *err)
{
  while (length > 0) {
    const ssize_t put =
        write(self->fd, bytes, length < GATHER_BYTES * 64 ? length : GATHER_BYTES * 64);
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      return fail_write(err, self->name, "write");
    bytes += put;
    length -= (size_t)put;
    self->written_bytes += (uint64_t)put;
  }
  if (self->written_bytes - self->begun_bytes >= BEGIN_BYTES) {
    sk_begin_writing(self->fd, self->begun_bytes, self->written_bytes - self->begun_bytes);
    self->begun_bytes = self->written_bytes;
  }
  return SHUKEI_OK;
}

static shukei_status flush(struct local_output *self, shukei_error *err)
{
  const size_t length = self->gathered_bytes;
  self->gathered_bytes = 0;
  return write_all(self, self->gathered, length, err);
}

/* Enlarges the buffer; false where it is large enough, or memory lacks and it has to do. */
static bool gather_more(struct local_output *self)
{
  if (self->gather_capacity >= GATHER_BYTES)
    return false;
  uint8_t *moved = sk_realloc(self->budget, self->gathered, self->gather_capacity * 4);
  if (!moved)
    return false;
  self->gathered = moved;
  self->gather_capacity *= 4;
  return true;
}

static shukei_status local_write(struct sk_output *output, const void *bytes, size_t length,
                                 shukei_error *err)
{
  struct local_output *self = (struct local_output *)output;
  while (length > self->gather_capacity - self->gathered_bytes && gather_more(self))
    ;
  if (length > self->gather_capacity - self->gathered_bytes) {
    const shukei_status st = flush(self, err);
    if (st)
      return st;
    if (length >= self->gather_capacity)
      return write_all(self, bytes, length, err);
  }
  memcpy(self->gathered + self->gathered_bytes, bytes, length);
  self->gathered_bytes += length;
  return SHUKEI_OK;
}

/* Bytes of the path before its last '/': its folder; 0 where it has none. */
static size_t folder_length(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? (size_t)(slash - path) : 0;
}

shukei_status sk_local_sync_folder(const char *path, const char *shown, shukei_error *err)
{
  char folder[PATH_MOST];
  const size_t length = folder_length(path);
  if (length > 0 && length < sizeof folder) {
    memcpy(folder, path, length);
    folder[length] = '\0';
  } else {
    snprintf(folder, sizeof folder, "%s", path[0] == '/' ? "/" : ".");
  }
  const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return fail_write(err, shown, "open its folder");
  /* EINVAL: a file system that cannot sync folders; nothing more can be done there. */
  const bool bad = fsync(fd) != 0 && errno != EINVAL;
  const shukei_status st = bad ? fail_write(err, shown, "sync its folder") : SHUKEI_OK;
  close(fd);
  return st;
}

static shukei_status local_sync(struct sk_output *output, shukei_error *err)
{
  struct local_output *self = (struct local_output *)output;
  const shukei_status st = flush(self, err);
  if (st)
    return st;
  if (fsync(self->fd))
    return fail_write(err, self->name, "sync");
  const int closed = close(self->fd);
  self->fd = -1;
  sk_free(self->gathered); /* a dataset has many that wait for their commit */
  self->gathered = NULL;
  if (closed && errno != EINTR)
    return fail_write(err, self->name, "close");
  return SHUKEI_OK;
}

static shukei_status local_commit(struct sk_output *output, shukei_error *err)
{
  struct local_output *self = (struct local_output *)output;
  const shukei_status st = self->fd >= 0 ? local_sync(output, err) : SHUKEI_OK;
  if (st)
    return st;
  if (rename(self->temporary, self->path))
    return fail_write(err, self->name, "rename the finished file");
  self->committed = true;
  return sk_local_sync_folder(self->path, self->name, err);
}

/* Removes the folders that were made for the target, deepest first, as far as they are empty. */
static void remove_new_folders(struct local_output *self)
{
  for (size_t length = folder_length(self->path); length > self->old_folder;
       length = folder_length(self->path)) {
    self->path[length] = '\0';
    if (rmdir(self->path) && errno != ENOENT)
      break;
  }
}

static void local_close(struct sk_output *output)
{
  struct local_output *self = (struct local_output *)output;
  if (self->fd >= 0)
    close(self->fd);
  if (self->temporary && !self->committed) {
    unlink(self->temporary);
    remove_new_folders(self);
  }
  sk_free(self->gathered);
  sk_free(self->temporary);
  sk_free(self->path);
  sk_free(self->name);
  sk_free(self);
}

static const struct sk_output_calls local_calls = {local_write, local_commit, local_close,
                                                   local_sync};

/* Makes the folders above path that are missing and notes the longest part that was there. */
static shukei_status make_folders(struct local_output *self, shukei_error *err)
{
  char *path = self->path;
  const size_t all = folder_length(path);
  self->old_folder = all;
  bool first = true;
  for (size_t i = 1; i <= all; i++) {
    if (path[i] != '/')
      continue;
    path[i] = '\0';
    const bool made = mkdir(path, 0777) == 0;
    const int number = errno;
    struct stat info;
    const bool there = made || (stat(path, &info) == 0 && S_ISDIR(info.st_mode));
    path[i] = '/';
    if (!there) {
      errno = number == EEXIST ? ENOTDIR : number;
      return fail_write(err, self->name, "make its folder");
    }
    if (made && first) {
      const size_t length = i;
      path[length] = '\0';
      self->old_folder = folder_length(path);
      path[length] = '/';
      first = false;
    }
  }
  return SHUKEI_OK;
}

/* Follows symbolic links at the end of the path: the file that they name is replaced, not they. */
static shukei_status resolve(const char *given, char path[PATH_MOST], shukei_error *err)
{
  char link[PATH_MOST], next[PATH_MOST * 2];
  struct stat info;
  if (strlen(given) >= PATH_MOST)
    return sk_fail(err, SHUKEI_EWRITE, "\"%.64s...\": the name is longer than %d bytes", given,
                   PATH_MOST - 1);
  memcpy(path, given, strlen(given) + 1);
  for (int i = 0; i < LINKS_MOST; i++) {
    const ssize_t length = readlink(path, link, sizeof link - 1);
    if (length < 0)
      break;
    link[length] = '\0';
    const size_t folder = folder_length(path);
    if (link[0] == '/' || folder == 0)
      snprintf(next, sizeof next, "%s", link);
    else
      snprintf(next, sizeof next, "%.*s/%s", (int)folder, path, link);
    if (strlen(next) >= PATH_MOST)
      return sk_fail(err, SHUKEI_EWRITE, "%s: the name it links to is too long", given);
    memcpy(path, next, strlen(next) + 1);
  }
  if (stat(path, &info))
    return SHUKEI_OK; /* nothing there yet; other causes show when it is opened */
  if (S_ISDIR(info.st_mode))
    return sk_fail(err, SHUKEI_EWRITE, "%s: is a folder", given);
  if (!S_ISREG(info.st_mode))
    return sk_fail(err, SHUKEI_EWRITE, "%s: is there and is not a file", given);
  if (access(path, W_OK)) /* rename() would not ask */
    return fail_write(err, given, "replace");
  return SHUKEI_OK;
}

/* Opens a file that does not exist. It is to replace one that may: who might read or write that may
 * do so after it, and nobody else. The owner and the group change only where the system lets
 * them. */
static int open_new(const char *name, const char *path)
{
  struct stat info;
  const bool replaces = stat(path, &info) == 0 && S_ISREG(info.st_mode);
  const int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, replaces ? 0600 : 0666);
  if (fd < 0 || !replaces)
    return fd;
  const bool owned =
      fchown(fd, info.st_uid, info.st_gid) == 0 || fchown(fd, (uid_t)-1, info.st_gid) == 0;
  /* Rights of another group than they were given to are left away. */
  fchmod(fd, info.st_mode & (owned ? 0777 : 0707));
  return fd;
}

/* Opens a hidden file beside the path that did not exist; *name is the caller's. */
static shukei_status open_hidden(const char *path, const char *shown, struct sk_budget *budget,
                                 char **out, int *fd, shukei_error *err)
{
  const size_t folder = folder_length(path);
  const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
  const size_t room = strlen(path) + SK_PROCESS_MARK_TEXT + 32;
  char process[SK_PROCESS_MARK_TEXT];
  char *name = sk_alloc(budget, room);
  if (!name)
    return sk_fail_memory(err, budget, room, "an output");
  sk_process_mark(process);
  do {
    const unsigned n = atomic_fetch_add_explicit(&serial, 1, memory_order_relaxed);
    snprintf(name, room, "%.*s%s.%.*s.tmp-%s-%u", (int)folder, path, base == path ? "" : "/",
             NAME_SHOWN, base, process, n);
    *fd = open_new(name, path);
  } while (*fd < 0 && errno == EEXIST);
  if (*fd < 0) {
    const shukei_status st = fail_write(err, shown, "create");
    sk_free(name);
    return st;
  }
  *out = name;
  return SHUKEI_OK;
}

shukei_status sk_store_hidden(const char *path, struct sk_budget *budget, char **name,
                              shukei_error *err)
{
  int fd = -1;
  *name = NULL;
  const shukei_status st = open_hidden(path, path, budget, name, &fd, err);
  if (!st)
    close(fd);
  return st;
}

bool sk_output_left_over(const char *name, const char *target, const struct stat *info)
{
  static const char mark[] = ".tmp-";
  const char *at = NULL;
  int end = 0;
  if (name[0] != '.' || !name[1])
    return false;
  for (const char *next = strstr(name + 2, mark); next; next = strstr(next + 1, mark))
    at = next;
  if (at && target) {
    const size_t length = strlen(target), shown = length < NAME_SHOWN ? length : NAME_SHOWN;
    if ((size_t)(at - name) != shown + 1 || memcmp(name + 1, target, shown) != 0)
      return false;
  }
  at = at ? at + sizeof mark - 1 : "";
  sscanf(at, "%*16[0-9a-f]-%*8[0-9a-f]-%*16[0-9a-f]-%*10[0-9]%n", &end);
  if (!end || at[end])
    return false;
  const enum sk_process_state state = sk_process_state(at);
  return state == SK_PROCESS_GONE ||
         (state == SK_PROCESS_UNKNOWN && info->st_mtime < time(NULL) - OLD_S);
}

/* The folder that was looked through last and had no hidden file of a former process, so that a
 * thousand outputs of one folder look through it once. */
static struct {
  pthread_mutex_t lock;
  dev_t device;
  ino_t inode;
} clean = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool has_left_over(const char *folder)
{
  bool found = false;
  struct stat info;
  DIR *const opened = opendir(folder);
  for (const struct dirent *entry; opened && !found && (entry = readdir(opened)) != NULL;)
    found = entry->d_name[0] == '.' &&
            fstatat(dirfd(opened), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            sk_output_left_over(entry->d_name, NULL, &info);
  if (opened)
    closedir(opened);
  return found;
}

shukei_status sk_local_clear_target(const char *given, struct sk_budget *budget, shukei_error *err)
{
  char folder[PATH_MOST] = ".", path[PATH_MOST];
  struct stat info;
  const shukei_status st = resolve(given, path, err);
  if (st)
    return st;
  const size_t length = folder_length(path);
  if (path[0] == '/' || length)
    snprintf(folder, sizeof folder, "%.*s", length ? (int)length : 1, path);
  if (stat(folder, &info) != 0)
    return SHUKEI_OK; /* why not shows when the file is made */
  pthread_mutex_lock(&clean.lock);
  bool known = clean.inode == info.st_ino && clean.device == info.st_dev;
  if (!known && !has_left_over(folder)) {
    clean.device = info.st_dev;
    clean.inode = info.st_ino;
    known = true;
  }
  pthread_mutex_unlock(&clean.lock);
  const char *const slash = strrchr(path, '/');
  return known ? SHUKEI_OK
               : sk_local_clear_named(folder, slash ? slash + 1 : path, false, budget, err);
}

shukei_status sk_local_create(const char *path, struct sk_budget *budget, struct sk_output **out,
                              shukei_error *err)
{
  char target[PATH_MOST];
  struct local_output *self = NULL;
  *out = NULL;
  shukei_status st = resolve(path, target, err);
  if (st)
    return st;
  self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, budget, sizeof *self, "an output");
  self->output.calls = &local_calls;
  self->budget = budget;
  self->fd = -1;
  self->name = sk_strndup(budget, path, strlen(path));
  self->path = sk_strndup(budget, target, strlen(target));
  self->gathered = sk_alloc(budget, GATHER_FIRST_BYTES);
  self->gather_capacity = GATHER_FIRST_BYTES;
  if (!self->name || !self->path || !self->gathered) {
    st = sk_fail_memory(err, budget, GATHER_FIRST_BYTES, "an output");
    goto done;
  }
  self->output.name = self->name;
  st = make_folders(self, err);
  if (!st)
    st = open_hidden(self->path, self->name, budget, &self->temporary, &self->fd, err);
  if (st) {
    remove_new_folders(self);
    goto done;
  }
  *out = &self->output;
done:
  if (st)
    local_close(&self->output);
  return st;
}
