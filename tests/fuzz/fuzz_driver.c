/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a target over files and folders, once each: what make check does with the kept corpora. With
 * clang's own driver (make fuzz) this file is not linked.
 *
 * usage: fuzz_TARGET FILE|FOLDER...    folders that are not there are passed over */
#include "fuzzing.h"

#include <dirent.h>
#include <sys/stat.h>

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t most);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t most)
{
  (void)bytes;
  (void)most;
  return length;
}

static size_t run_file(const char *path)
{
  FILE *file = fopen(path, "rb");
  if (!file)
    return 0;
  fseek(file, 0, SEEK_END);
  const long length = ftell(file);
  rewind(file);
  uint8_t *bytes = malloc((size_t)length + 1);
  MUST(length >= 0 && bytes && fread(bytes, 1, (size_t)length, file) == (size_t)length);
  fclose(file);
  LLVMFuzzerTestOneInput(bytes, (size_t)length);
  free(bytes);
  return 1;
}

static size_t run(const char *path)
{
  struct stat about;
  if (stat(path, &about) != 0)
    return 0;
  if (!S_ISDIR(about.st_mode))
    return run_file(path);
  size_t files = 0;
  DIR *folder = opendir(path);
  for (const struct dirent *entry; folder && (entry = readdir(folder));) {
    char name[1024];
    snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    if (entry->d_name[0] != '.')
      files += run(name);
  }
  if (folder)
    closedir(folder);
  return files;
}

int main(int argument_count, char **arguments)
{
  size_t files = 0;
  LLVMFuzzerTestOneInput(NULL, 0);
  for (int i = 1; i < argument_count; i++)
    files += run(arguments[i]);
  printf("%zu files\n", files);
  return files ? 0 : 1;
}
