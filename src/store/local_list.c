/* SPDX-License-Identifier: Apache-2.0 */
/* Listing a local place: the file itself, or every file below a folder.
 *
 * Folders wait in a queue, so that a deep tree costs no stack. The names of a folder are sorted
 * before anything is done with them: where two ways (a symbolic link and the folder itself) lead to
 * one folder, the first in that order is taken, whatever order the system lists them in. A folder
 * is known by device and inode, not by its path. */
#include "store/listing.h"
#include "store/local_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define PATH_MOST 4096

struct folder {
  const char *path; /* in the listing's arena */
  size_t relative;  /* where the part below the listed place begins; the path's length at the top */
  dev_t device;
  ino_t inode;
};

struct walk {
  struct sk_listing *listing;
  struct folder *folders; /* done and waiting */
  size_t count, capacity;
  const char **names; /* of the folder in hand */
  size_t name_count, name_capacity;
};

/* Makes room for one more element of an array; false when memory lacks. */
static bool grow(struct sk_budget *budget, void **array, size_t count, size_t *capacity,
                 size_t size)
{
  if (count < *capacity)
    return true;
  const size_t more = *capacity ? *capacity * 2 : 64;
  void *moved = more > SIZE_MAX / size ? NULL : sk_realloc(budget, *array, more * size);
  if (!moved)
    return false;
  *array = moved;
  *capacity = more;
  return true;
}

/* "folder/name", or the name alone where folder is NULL; NULL when memory lacks. */
static const char *join(struct sk_arena *arena, const char *folder, const char *name)
{
  const size_t name_length = strlen(name);
  size_t length = folder ? strlen(folder) : 0;
  char *path = sk_arena_bytes(arena, length + name_length + 2);
  if (!path)
    return NULL;
  if (folder)
    memcpy(path, folder, length);
  if (length && path[length - 1] != '/')
    path[length++] = '/';
  memcpy(path + length, name, name_length + 1);
  return path;
}

/* How old a file must be for a further change to show in its time: file systems that keep whole
 * seconds (some, two) are known by times that have no fraction. */
#define YOUNG_NS INT64_C(20000000)
#define YOUNG_COARSE_NS INT64_C(2000000000)
#define SECOND_NS INT64_C(1000000000)

static int64_t changed_ns(const struct stat *info)
{
  return (int64_t)info->st_mtim.tv_sec * SECOND_NS + (int64_t)info->st_mtim.tv_nsec;
}

static bool is_young(const struct stat *info)
{
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  const int64_t age_ns = (int64_t)now.tv_sec * SECOND_NS + (int64_t)now.tv_nsec - changed_ns(info);
  return age_ns < (info->st_mtim.tv_nsec == 0 ? YOUNG_COARSE_NS : YOUNG_NS);
}

static shukei_status add_file(struct sk_listing *listing, const char *path, const char *relative,
                              const struct stat *info, shukei_error *err)
{
  char identity[64];
  const int length = snprintf(identity, sizeof identity, "%" PRIuMAX ":%" PRIuMAX,
                              (uintmax_t)info->st_dev, (uintmax_t)info->st_ino);
  char *copy = sk_arena_bytes(&listing->arena, (size_t)length + 1);
  char etag_text[96];
  snprintf(etag_text, sizeof etag_text, "%" PRIuMAX "-%" PRId64 "-%" PRIuMAX,
           (uintmax_t)info->st_size, changed_ns(info), (uintmax_t)info->st_ino);
  const char *etag = join(&listing->arena, NULL, etag_text);
  if (!copy || !etag)
    return sk_fail_memory(err, listing->arena.budget, (uint64_t)length, "the list of files");
  memcpy(copy, identity, (size_t)length + 1);
  const struct sk_listed item = {.path = path,
                                 .relative = relative,
                                 .size_bytes = (uint64_t)info->st_size,
                                 .identity = copy,
                                 .etag = etag,
                                 .young = is_young(info)};
  return sk_listing_add(listing, &item, err);
}

static shukei_status add_folder(struct walk *walk, const char *path, size_t relative,
                                const struct stat *info, shukei_error *err)
{
  struct sk_budget *budget = walk->listing->arena.budget;
  for (size_t i = 0; i < walk->count; i++)
    if (walk->folders[i].device == info->st_dev && walk->folders[i].inode == info->st_ino)
      return SHUKEI_OK;
  void *folders = walk->folders;
  if (!grow(budget, &folders, walk->count, &walk->capacity, sizeof *walk->folders))
    return sk_fail_memory(err, budget, sizeof *walk->folders, "the list of folders");
  walk->folders = folders;
  walk->folders[walk->count++] = (struct folder){path, relative, info->st_dev, info->st_ino};
  return SHUKEI_OK;
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Collects the names of a folder, sorted. */
static shukei_status read_names(struct walk *walk, DIR *dir, const char *path, shukei_error *err)
{
  struct sk_arena *arena = &walk->listing->arena;
  char why[128];
  shukei_status st = SHUKEI_OK;
  walk->name_count = 0;
  for (;;) {
    errno = 0;
    const struct dirent *entry = readdir(dir);
    if (!entry) {
      if (errno)
        st = sk_fail(err, SHUKEI_EIO, "could not list \"%s\": %s", path, sk_errno_text(errno, why));
      break;
    }
    if (entry->d_name[0] == '.' || entry->d_name[0] == '_')
      continue;
    void *names = walk->names;
    const char *name = join(arena, NULL, entry->d_name);
    if (!name ||
        !grow(arena->budget, &names, walk->name_count, &walk->name_capacity, sizeof *walk->names)) {
      st = sk_fail_memory(err, arena->budget, sizeof *walk->names, "the names of a folder");
      break;
    }
    walk->names = names;
    walk->names[walk->name_count++] = name;
  }
  if (!st && walk->name_count > 1)
    qsort(walk->names, walk->name_count, sizeof *walk->names, by_name);
  return st;
}

/* Whether a name that cannot be looked at has a reason to be passed over: it has just gone, or is a
 * link that leads nowhere or in a circle, which is noted. */
static bool pass_over(struct walk *walk, int at, const char *name, const char *path, int number)
{
  struct stat info;
  if (number != ENOENT && number != ELOOP)
    return false;
  if (fstatat(at, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode) &&
      walk->listing->dead_links++ == 0)
    walk->listing->dead_link = path;
  return true;
}

/* Adds what a folder holds. Asked for below the open folder, a name is looked up without the way to
 * it. */
static shukei_status add_names(struct walk *walk, int at, struct folder folder, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; !st && i < walk->name_count; i++) {
    struct stat info;
    char why[128];
    const char *path = join(&walk->listing->arena, folder.path, walk->names[i]);
    if (!path)
      return sk_fail_memory(err, walk->listing->arena.budget, strlen(folder.path),
                            "the list of files");
    if (fstatat(at, walk->names[i], &info, 0)) {
      const int number = errno;
      if (pass_over(walk, at, walk->names[i], path, number))
        continue;
      return sk_fail(err, SHUKEI_EIO, "could not look at \"%s\": %s", path,
                     sk_errno_text(number, why));
    }
    if (S_ISDIR(info.st_mode))
      st = add_folder(walk, path, folder.relative, &info, err);
    else if (S_ISREG(info.st_mode))
      st = add_file(walk->listing, path, path + folder.relative, &info, err);
  }
  return st;
}

static shukei_status visit(struct walk *walk, struct folder folder, shukei_error *err)
{
  char why[128];
  DIR *const dir = opendir(folder.path);
  if (!dir)
    return sk_fail(err, SHUKEI_EIO, "could not list \"%s\": %s", folder.path,
                   sk_errno_text(errno, why));
  shukei_status st = read_names(walk, dir, folder.path, err);
  if (!st)
    st = add_names(walk, dirfd(dir), folder, err);
  closedir(dir);
  return st;
}

static const char *base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

shukei_status sk_local_list(const char *place, struct sk_listing *listing, shukei_error *err)
{
  struct walk walk = {.listing = listing};
  struct stat info;
  char why[128];
  const char *path;
  shukei_status st = SHUKEI_OK;
  if (stat(place, &info))
    return sk_fail(err, errno == ENOENT || errno == ENOTDIR ? SHUKEI_ENOTFOUND : SHUKEI_EIO,
                   "could not find \"%s\": %s", place, sk_errno_text(errno, why));
  path = join(&listing->arena, NULL, place);
  if (!path)
    return sk_fail_memory(err, listing->arena.budget, strlen(place) + 1, "the list of files");
  if (S_ISREG(info.st_mode)) {
    st = add_file(listing, path, base_name(path), &info, err);
    goto done;
  }
  if (!S_ISDIR(info.st_mode)) {
    st = sk_fail(err, SHUKEI_EUNSUPPORTED, "\"%s\" is neither a file nor a folder", place);
    goto done;
  }
  const size_t length = strlen(path);
  st = add_folder(&walk, path, length + (length && path[length - 1] == '/' ? 0 : 1), &info, err);
  for (size_t i = 0; !st && i < walk.count; i++)
    st = visit(&walk, walk.folders[i], err);
done:
  sk_free(walk.folders);
  sk_free(walk.names);
  if (!st)
    sk_listing_sort(listing);
  return st;
}

/* The folder that a name lies in, cut at its last '/'; false where it is too long. */
static bool folder_of(const char *path, char folder[PATH_MOST])
{
  const size_t length = (size_t)(base_name(path) - path);
  if (length >= PATH_MOST)
    return false;
  memcpy(folder, length ? path : ".", length ? length : 1);
  folder[length ? length : 1] = '\0';
  return true;
}

bool sk_local_same(const char *a, const char *b)
{
  struct stat x, y;
  char folders[2][PATH_MOST];
  const bool is = stat(a, &x) == 0, other = stat(b, &y) == 0;
  if (is && other)
    return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
  if (is != other)
    return false;
  if (strcmp(a, b) == 0)
    return true;
  return strcmp(base_name(a), base_name(b)) == 0 && folder_of(a, folders[0]) &&
         folder_of(b, folders[1]) && stat(folders[0], &x) == 0 && stat(folders[1], &y) == 0 &&
         x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}
