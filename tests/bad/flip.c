/* SPDX-License-Identifier: Apache-2.0 */
/* One flipped bit of a Parquet file that the library wrote: an error, or the right rows.
 *
 * usage: flip CSV_FOLDER [PLACES]
 *
 * Converts the reports, then flips one bit after the other, evenly spread over each file and more
 * densely over its last 2 KiB, the footer, and summarises. In one process, because starting the
 * program thousands of times would take most of the time. */
#include "shukei.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <dirent.h>
#include <unistd.h>

enum { FILES_MAX = 32, PATH_BYTES = 600, SECONDS_MAX = 60, TAIL_BYTES = 2048 };

struct digest {
  uint64_t hash, length;
};

/* FNV-1a of what would go to standard output. */
static bool digest_bytes(void *context, const void *bytes, size_t length)
{
  struct digest *digest = context;
  const unsigned char *at = bytes;
  for (size_t i = 0; i < length; i++)
    digest->hash = (digest->hash ^ at[i]) * UINT64_C(1099511628211);
  digest->length += length;
  return true;
}

static shukei_status summarise(const char *source, struct digest *digest, shukei_error *error)
{
  static const char *const keys[] = {"app", "tier", "env"};
  const char *sink = "-";
  shukei_aggregate_options options;
  shukei_aggregate_options_init(&options);
  options.sources = &source;
  options.source_count = 1;
  options.sinks = &sink;
  options.sink_count = 1;
  options.enabled_keys = keys;
  options.enabled_key_count = 3;
  options.start = "2025-10-01";
  options.end = "2025-10-02";
  options.threads = 2;
  options.memory_bytes = UINT64_C(256) << 20;
  options.callbacks.context = digest;
  options.callbacks.write = digest_bytes;
  *digest = (struct digest){UINT64_C(14695981039346656037), 0};
  return shukei_aggregate(&options, NULL, error);
}

/* Collects the .parquet files below folder, in any order. */
static size_t collect(const char *folder, char files[][PATH_BYTES], size_t count)
{
  DIR *listing = opendir(folder);
  for (struct dirent *entry; listing && (entry = readdir(listing)) && count < FILES_MAX;) {
    char path[PATH_BYTES];
    struct stat info;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (entry->d_name[0] == '.' || stat(path, &info))
      continue;
    const size_t length = strlen(path);
    if (S_ISDIR(info.st_mode))
      count = collect(path, files, count);
    else if (length > 8 && !strcmp(path + length - 8, ".parquet"))
      memcpy(files[count++], path, length + 1);
  }
  if (listing)
    closedir(listing);
  return count;
}

static int toggle(int fd, uint64_t bit)
{
  unsigned char byte;
  if (pread(fd, &byte, 1, (off_t)(bit / 8)) != 1)
    return -1;
  byte ^= (unsigned char)(1u << bit % 8);
  return pwrite(fd, &byte, 1, (off_t)(bit / 8)) == 1 ? 0 : -1;
}

/* Returns the number of places with a wrong end. */
static unsigned flip_file(const char *path, unsigned places)
{
  struct digest right, now;
  shukei_error error;
  unsigned wrong = 0, refused = 0;
  struct stat info;
  const int fd = open(path, O_RDWR);
  if (fd < 0 || fstat(fd, &info) || summarise(path, &right, &error)) {
    printf("%s: cannot be read before anything was flipped\n", path);
    return 1;
  }
  const uint64_t bits = (uint64_t)info.st_size * 8;
  const uint64_t tail = bits < TAIL_BYTES * 8 ? bits : TAIL_BYTES * 8;
  for (unsigned i = 0; i < places; i++) {
    /* Every third place in the footer; the odd step spreads over the bits of a byte. */
    const uint64_t step = (uint64_t)i * 7919;
    const uint64_t bit = i % 3 == 2 ? bits - tail + step % tail : bits * i / places + step % 8;
    if (bit >= bits)
      continue;
    if (toggle(fd, bit)) {
      printf("%s: could not be changed\n", path);
      wrong++;
      break;
    }
    memset(&error, 0, sizeof error);
    alarm(SECONDS_MAX); /* a hang ends the test */
    const shukei_status status = summarise(path, &now, &error);
    alarm(0);
    if (status == SHUKEI_OK && (now.hash != right.hash || now.length != right.length)) {
      printf("%s: bit %" PRIu64 " of byte %" PRIu64 " of %" PRIu64 ": other rows and no error\n",
             path, bit % 8, bit / 8, bits / 8);
      wrong++;
    } else if (status != SHUKEI_OK && !strstr(error.text, path)) {
      printf("bit %" PRIu64 ": the error does not name the file: %s\n", bit, error.text);
      wrong++;
    }
    refused += status != SHUKEI_OK;
    if (toggle(fd, bit))
      wrong++;
  }
  close(fd);
  printf("%s: %u places, %u refused, %u wrong\n", path, places, refused, wrong);
  return wrong;
}

int main(int argc, char **argv)
{
  char folder[] = "/tmp/shukei-flip-XXXXXX";
  static char files[FILES_MAX][PATH_BYTES];
  const unsigned places = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 2000;
  unsigned wrong = 0;
  shukei_error error;
  if (argc < 2 || !mkdtemp(folder))
    return 2;
  shukei_convert_options options;
  shukei_convert_options_init(&options);
  const char *source = argv[1];
  options.sources = &source;
  options.source_count = 1;
  options.destination = folder;
  if (shukei_convert(&options, NULL, &error)) {
    printf("convert: %s\n", error.text);
    wrong = 1;
  }
  const size_t count = collect(folder, files, 0);
  for (size_t i = 0; i < count; i++)
    wrong += flip_file(files[i], places / (unsigned)count + 1);
  char command[64];
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return system(command) || wrong || !count;
}
