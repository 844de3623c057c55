/* SPDX-License-Identifier: Apache-2.0 */
/* Clearing away what a killed process left: hidden files of outputs that were never committed.
 *
 * Folders wait in a list rather than on the stack. Symbolic links are not followed: what they lead
 * to belongs to somebody else. A file that cannot be removed stays, which costs room alone. */
#include "store/local_output.h"
#include "store/local_store.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_MOST 4096

struct waiting {
  struct waiting *next;
  char path[];
};

static bool wait_for(struct sk_arena *arena, const char *path, struct waiting **first)
{
  const size_t length = strlen(path) + 1;
  struct waiting *one = sk_arena_alloc(arena, sizeof *one + length);
  if (!one)
    return false;
  memcpy(one->path, path, length);
  one->next = *first;
  *first = one;
  return true;
}

/* first NULL: folders below are left alone. */
static bool clear_one(struct sk_arena *arena, const char *folder, const char *target,
                      struct waiting **first)
{
  char path[PATH_MOST];
  struct stat info;
  const struct dirent *entry;
  bool ok = true;
  DIR *const opened = opendir(folder);
  while (ok && opened && (entry = readdir(opened)) != NULL) {
    const char *const name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || (!first && name[0] != '.') ||
        (size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path ||
        lstat(path, &info) != 0)
      continue;
    if (S_ISDIR(info.st_mode))
      ok = !first || wait_for(arena, path, first);
    else if (S_ISREG(info.st_mode) && sk_output_left_over(name, target, &info))
      unlink(path);
  }
  if (opened)
    closedir(opened);
  return ok;
}

shukei_status sk_local_clear_named(const char *folder, const char *name, bool below,
                                   struct sk_budget *budget, shukei_error *err)
{
  struct sk_arena arena;
  struct waiting *first = NULL;
  sk_arena_init(&arena, budget);
  bool ok = wait_for(&arena, folder, &first);
  while (ok && first) {
    const struct waiting *const one = first;
    first = one->next;
    ok = clear_one(&arena, one->path, name, below ? &first : NULL);
  }
  sk_arena_reset(&arena);
  return ok ? SHUKEI_OK : sk_fail_memory(err, budget, PATH_MOST, "the list of folders");
}

shukei_status sk_local_clear(const char *folder, struct sk_budget *budget, shukei_error *err)
{
  return sk_local_clear_named(folder, NULL, true, budget, err);
}
