/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/written_over.h"

#include "base/alloc.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOKED_AT_BYTES 4096

/* The begin of the file as a text; false where it cannot be read. */
static bool read_begin(const char *path, char text[LOOKED_AT_BYTES + 1])
{
  size_t length = 0;
  ssize_t got = 0;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  while (length < LOOKED_AT_BYTES && (got = read(fd, text + length, LOOKED_AT_BYTES - length)) > 0)
    length += (size_t)got;
  close(fd);
  text[length] = '\0';
  return got >= 0;
}

static bool is_ours(const char *path, const char *begins, const char *holds)
{
  char text[LOOKED_AT_BYTES + 1];
  const char *at = text;
  if (!read_begin(path, text))
    return false;
  while (isspace((unsigned char)*at))
    at++;
  return strncmp(at, begins, strlen(begins)) == 0 && strstr(at, holds);
}

shukei_status sk_check_written_over(const char *path, const char *what, const char *begins,
                                    const char *holds, shukei_error *err)
{
  struct stat found;
  if (stat(path, &found) || !S_ISREG(found.st_mode) || found.st_size == 0 ||
      is_ours(path, begins, holds))
    return SHUKEI_OK;
  sk_fail(err, SHUKEI_EINVAL, "%s \"%s\": the file is there and holds something else", what, path);
  sk_advise(err, "name another file, or remove this one");
  return SHUKEI_EINVAL;
}
