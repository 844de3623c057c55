/* SPDX-License-Identifier: Apache-2.0 */
/* Folders: made, measured, removed. */
#define _XOPEN_SOURCE 700 /* nftw() */
#include "bench/bench_work.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 4096
#define OPEN_FOLDERS 16

static bool make(const char *path)
{
  struct stat found;
  return mkdir(path, 0777) == 0 ||
         (errno == EEXIST && stat(path, &found) == 0 && S_ISDIR(found.st_mode));
}

shukei_status sk_make_folders(const char *path, shukei_error *err)
{
  char part[PATH_BYTES], reason[128];
  const size_t length = strlen(path);
  bool ok = length > 0 && length < sizeof part;
  errno = length ? ENAMETOOLONG : ENOENT;
  for (size_t i = 1; ok && i <= length; i++) {
    if (path[i] != '/' && path[i])
      continue;
    memcpy(part, path, i);
    part[i] = 0;
    ok = make(part);
  }
  return ok ? SHUKEI_OK
            : sk_fail(err, SHUKEI_EWRITE, "could not make folder \"%s\": %s", path,
                      sk_errno_text(errno, reason));
}

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *place)
{
  (void)found;
  (void)kind;
  (void)place;
  return remove(path);
}

shukei_status sk_remove_folder(const char *path, shukei_error *err)
{
  char reason[128];
  if (nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
    return SHUKEI_OK;
  return sk_fail(err, SHUKEI_EWRITE, "could not remove folder \"%s\": %s", path,
                 sk_errno_text(errno, reason));
}

int64_t sk_folder_bytes(const char *path)
{
  char name[PATH_BYTES];
  int64_t bytes = 0;
  DIR *const folder = opendir(path);
  if (!folder)
    return -1;
  for (struct dirent *entry; (entry = readdir(folder));) {
    struct stat found;
    if ((size_t)snprintf(name, sizeof name, "%s/%s", path, entry->d_name) < sizeof name &&
        stat(name, &found) == 0 && S_ISREG(found.st_mode))
      bytes += found.st_size;
  }
  closedir(folder);
  return bytes;
}
