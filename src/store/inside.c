/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a place lies in another, before anything is made there: local folders are known by what
 * they are, not by their names, so that links and "." do not matter. */
#include "store/store.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_BYTES = 8192, DEEPEST = 1000 };

static size_t length_of(const char *path)
{
  size_t length = strlen(path);
  while (length > 1 && path[length - 1] == '/')
    length--;
  return length;
}

static bool starts_with(const char *path, const char *folder)
{
  const size_t length = length_of(folder);
  return strncmp(path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/* Cuts a path back to the nearest folder that is there. */
static bool find_nearest(char *path, struct stat *status)
{
  while (stat(*path ? path : ".", status) != 0 || !S_ISDIR(status->st_mode)) {
    if (!*path)
      return false;
    path[length_of(path)] = '\0';
    char *const slash = strrchr(path, '/');
    path[!slash ? 0 : slash == path && path[1] ? 1 : (size_t)(slash - path)] = '\0';
  }
  if (!*path)
    memcpy(path, ".", 2);
  return true;
}

bool sk_store_inside(const char *folder, const char *path)
{
  char at[PATH_BYTES];
  struct stat outer, inner, before;
  if (sk_store_distant(folder) || sk_store_distant(path))
    return starts_with(path, folder);
  if (strlen(path) + 1 >= PATH_BYTES / 2 || stat(folder, &outer) != 0 || !S_ISDIR(outer.st_mode))
    return false;
  memcpy(at, path, strlen(path) + 1);
  if (!find_nearest(at, &inner))
    return false;
  for (int i = 0; i < DEEPEST; i++) {
    if (inner.st_dev == outer.st_dev && inner.st_ino == outer.st_ino)
      return true;
    before = inner;
    const size_t length = strlen(at);
    if (length + 4 > sizeof at)
      return false;
    memcpy(at + length, "/..", 4);
    if (stat(at, &inner) != 0 || (inner.st_dev == before.st_dev && inner.st_ino == before.st_ino))
      return false;
  }
  return false;
}

/* Up to the slash before the name; 0 where there is none. */
static size_t parent_length(const char *path)
{
  const char *const slash = strrchr(path, '/');
  return !slash ? 0 : slash == path ? 1 : (size_t)(slash - path);
}

bool sk_store_among(const char *folder, const char *path, const char *before)
{
  char parent[PATH_BYTES];
  const size_t length = parent_length(path);
  if (length >= sizeof parent ||
      (before && parent_length(before) == length && strncmp(path, before, length) == 0))
    return false;
  snprintf(parent, sizeof parent, "%.*s", length ? (int)length : 1, length ? path : ".");
  return sk_store_inside(folder, parent) && sk_store_inside(parent, folder);
}
