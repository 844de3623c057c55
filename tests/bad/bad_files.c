/* SPDX-License-Identifier: Apache-2.0 */
/* Every file of a folder must fail with the status in its name (what.STATUS.ext), with a text that
 * names the file, and with no output. STATUS is OK for neighbours that must be read.
 *
 * usage: bad_files FOLDER */
#include "shukei.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <dirent.h>
#include <unistd.h>

enum { PATH_BYTES = 600 };

static bool count_bytes(void *context, const void *bytes, size_t length)
{
  (void)bytes;
  *(size_t *)context += length;
  return true;
}

/* Returns whether the file ended as its name says. */
static bool check(const char *path, const char *status_name)
{
  const char *sink = "-";
  size_t written = 0;
  shukei_error error = {0};
  shukei_aggregate_options options;
  shukei_aggregate_options_init(&options);
  options.sources = &path;
  options.source_count = 1;
  options.sinks = &sink;
  options.sink_count = 1;
  options.callbacks.context = &written;
  options.callbacks.write = count_bytes;
  const shukei_status status = shukei_aggregate(&options, NULL, &error);
  const bool right = !strcmp(shukei_status_name(status), status_name) &&
                     (status == SHUKEI_OK || (!written && strstr(error.text, path)));
  printf("%s %s: %s: %s\n", right ? "ok" : "WRONG", path, shukei_status_name(status), error.text);
  return right;
}

int main(int argc, char **argv)
{
  unsigned files = 0, wrong = 0;
  DIR *listing = argc == 2 ? opendir(argv[1]) : NULL;
  for (struct dirent *entry; listing && (entry = readdir(listing));) {
    char path[PATH_BYTES], status_name[32];
    const char *dot = strchr(entry->d_name, '.');
    if (!dot || dot == entry->d_name || sscanf(dot, ".%31[A-Z].", status_name) != 1)
      continue;
    snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
    files++;
    wrong += !check(path, status_name);
  }
  if (listing)
    closedir(listing);
  printf("%u files, %u wrong\n", files, wrong);
  return wrong || !files;
}
