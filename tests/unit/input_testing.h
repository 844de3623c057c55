/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of store and input share: a folder of their own, files in it, and a source's rows
 * as text. */
#ifndef SK_TESTS_INPUT_TESTING_H
#define SK_TESTS_INPUT_TESTING_H

#include "testing.h"

#include "base/alloc.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch[256], scratch_from[4096];

/* Goes to a new empty folder. */
static inline int enter_scratch(void **state)
{
  const char *base = getenv("TMPDIR");
  (void)state;
  snprintf(scratch, sizeof scratch, "%s/shukei-test-XXXXXX", base && *base ? base : "/tmp");
  return getcwd(scratch_from, sizeof scratch_from) && mkdtemp(scratch) && chdir(scratch) == 0 ? 0
                                                                                              : -1;
}

static inline void remove_tree(const char *path)
{
  char below[4096];
  struct stat info;
  if (lstat(path, &info))
    return;
  DIR *dir = S_ISDIR(info.st_mode) ? opendir(path) : NULL;
  for (const struct dirent *entry; dir && (entry = readdir(dir));) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    if (snprintf(below, sizeof below, "%s/%s", path, entry->d_name) < (int)sizeof below)
      remove_tree(below);
  }
  if (dir)
    closedir(dir);
  remove(path);
}

static inline int leave_scratch(void **state)
{
  (void)state;
  if (chdir(scratch_from))
    return -1;
  remove_tree(scratch);
  return 0;
}

/* Makes the folders above path. */
static inline void make_folders(const char *path)
{
  char part[1024];
  for (size_t i = 1; path[i]; i++)
    if (path[i] == '/') {
      snprintf(part, sizeof part, "%.*s", (int)i, path);
      mkdir(part, 0777);
    }
}

static inline void put_file(const char *path, const void *bytes, size_t length)
{
  make_folders(path);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, length, file), length);
  assert_int_equal(fclose(file), 0);
}

static inline void put_text(const char *path, const char *text)
{
  put_file(path, text, strlen(text));
}

/* The file's bytes with a zero behind them, freed by free(); NULL where there is none. */
static inline char *get_file(const char *path, size_t *length)
{
  FILE *file = fopen(path, "rb");
  if (!file)
    return NULL;
  size_t size = 0, room = 65536, got;
  char *bytes = malloc(room + 1);
  assert_non_null(bytes);
  while ((got = fread(bytes + size, 1, room - size, file)) > 0) {
    size += got;
    if (size == room) {
      bytes = realloc(bytes, (room *= 2) + 1);
      assert_non_null(bytes);
    }
  }
  fclose(file);
  bytes[size] = '\0';
  if (length)
    *length = size;
  return bytes;
}

/* Entries of a folder, hidden ones too. */
static inline int count_entries(const char *folder)
{
  int count = -2;
  DIR *dir = opendir(folder);
  assert_non_null(dir);
  while (readdir(dir))
    count++;
  closedir(dir);
  return count;
}

#endif
