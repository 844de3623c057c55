/* SPDX-License-Identifier: Apache-2.0 */
/* Runs under every budget from next to nothing until one is enough: each call of the library, both
 * modes, CSV and Parquet. A budget that is too small is always the one error ENOMEM with an advice,
 * leaves nothing behind, and a run that comes through never took more than it was given.
 *
 * usage: budget CSV_FOLDER, an absolute path */
#include "shukei.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <dirent.h>
#include <unistd.h>

enum { NAME_BYTES = 300, FEWEST_FAILURES = 8 };
static const char *const sinks[] = {"outputs/out.csv", "outputs/out.parquet", "outputs/out.db"};
enum { SINKS = sizeof sinks / sizeof sinks[0] };
static const char *source; /* of the run in hand */
static int wrong;

static size_t entries(const char *path)
{
  size_t count = 0;
  DIR *listing = opendir(path);
  for (struct dirent *entry; listing && (entry = readdir(listing));)
    count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
  if (listing)
    closedir(listing);
  return count;
}

static bool swallow(void *context, const void *bytes, size_t length)
{
  (void)context;
  (void)bytes;
  (void)length;
  return true;
}

static shukei_status aggregate(uint64_t limit, shukei_mode mode, shukei_stats *stats,
                               shukei_error *error)
{
  shukei_aggregate_options options;
  shukei_aggregate_options_init(&options);
  options.sources = &source;
  options.source_count = 1;
  options.sinks = sinks;
  options.sink_count = SINKS;
  options.threads = 2;
  options.mode = mode;
  options.memory_bytes = limit;
  return shukei_aggregate(&options, stats, error);
}

static shukei_status aggregate_streaming(uint64_t limit, shukei_stats *stats, shukei_error *error)
{
  return aggregate(limit, SHUKEI_MODE_STREAMING, stats, error);
}

static shukei_status aggregate_in_memory(uint64_t limit, shukei_stats *stats, shukei_error *error)
{
  return aggregate(limit, SHUKEI_MODE_IN_MEMORY, stats, error);
}

static shukei_status convert(uint64_t limit, shukei_stats *stats, shukei_error *error)
{
  shukei_convert_options options;
  shukei_convert_options_init(&options);
  options.sources = &source;
  options.source_count = 1;
  options.destination = "outputs";
  options.threads = 2;
  options.memory_bytes = limit;
  return shukei_convert(&options, stats, error);
}

/* The first file of a folder. */
static void first_file(const char *path, char name[NAME_BYTES])
{
  DIR *listing = opendir(path);
  struct dirent *entry = NULL;
  while (listing && (entry = readdir(listing)) && entry->d_name[0] == '.')
    ;
  snprintf(name, NAME_BYTES, "%s/%s", path, entry ? entry->d_name : "none");
  if (listing)
    closedir(listing);
}

static shukei_status cat(uint64_t limit, shukei_stats *stats, shukei_error *error)
{
  char path[NAME_BYTES];
  shukei_cat_options options;
  shukei_cat_options_init(&options);
  options.memory_bytes = limit;
  options.callbacks.write = swallow;
  memset(stats, 0, sizeof *stats);
  first_file("parquet", path);
  return shukei_cat(path, &options, error);
}

static shukei_status inspect(uint64_t limit, shukei_stats *stats, shukei_error *error)
{
  char path[NAME_BYTES];
  shukei_inspect_options options;
  shukei_inspect_options_init(&options);
  options.memory_bytes = limit;
  options.callbacks.write = swallow;
  memset(stats, 0, sizeof *stats);
  first_file("parquet", path);
  return shukei_inspect(path, &options, error);
}

/* Raises the limit until the call comes through. */
static void starve(const char *what, const char *from,
                   shukei_status (*call)(uint64_t, shukei_stats *, shukei_error *))
{
  shukei_status status = SHUKEI_ENOMEM;
  int failures = -1;
  source = from;
  for (uint64_t limit = 64; status == SHUKEI_ENOMEM && limit < UINT64_C(1) << 34; failures++) {
    shukei_stats stats;
    shukei_error error;
    memset(&error, 0, sizeof error);
    status = call(limit, &stats, &error);
    if (status && (status != SHUKEI_ENOMEM || !error.text[0] || entries("outputs") != 0)) {
      printf("%s with %llu bytes: %s, %zu files left: %s\n", what, (unsigned long long)limit,
             shukei_status_name(status), entries("outputs"), error.text);
      wrong++;
    }
    if (!status && stats.peak_budget_bytes > limit) {
      printf("%s took %llu of %llu bytes\n", what, (unsigned long long)stats.peak_budget_bytes,
             (unsigned long long)limit);
      wrong++;
    }
    limit += limit / 5;
  }
  printf("%s: %d budgets were too small\n", what, failures);
  wrong += status || failures < FEWEST_FAILURES || system("rm -rf outputs/*");
}

int main(int argc, char **argv)
{
  char folder[] = "/tmp/shukei-budget-XXXXXX", command[sizeof folder + 16];
  const char *csv = argc < 2 ? NULL : argv[1];
  shukei_stats stats;
  shukei_error error;
  source = csv;
  if (!csv || !mkdtemp(folder) || chdir(folder) || mkdir("outputs", 0777))
    return 2;
  if (convert(0, &stats, &error) || rename("outputs", "parquet") || mkdir("outputs", 0777))
    return 2;
  if (stats.memory_bytes >
      (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 2) {
    printf("a budget of %llu bytes unasked\n", (unsigned long long)stats.memory_bytes);
    wrong++;
  }
  starve("aggregate of CSV", csv, aggregate_streaming);
  starve("aggregate of CSV in memory", csv, aggregate_in_memory);
  starve("aggregate of Parquet", "parquet", aggregate_streaming);
  starve("aggregate of Parquet in memory", "parquet", aggregate_in_memory);
  starve("convert", csv, convert);
  starve("cat", "parquet", cat);
  starve("inspect", "parquet", inspect);
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return system(command) || wrong ? 1 : 0;
}
