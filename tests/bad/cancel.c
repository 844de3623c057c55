/* SPDX-License-Identifier: Apache-2.0 */
/* Stopping at each place where the library asks: the n-th question gets a yes, for n = 0, 1, 2, ...
 * until a run comes through. Every stopped run says ECANCELED, leaves the sinks as they were and
 * nothing beside them; each phase of a run must have been met.
 *
 * usage: cancel CSV_FOLDER */
#include "shukei.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <dirent.h>
#include <unistd.h>

enum { PATH_BYTES = 300, SINKS = 3 };
static const char *const phases[] = {"plan", "labels", "storage", "pods", "write"};
enum { PHASES = sizeof phases / sizeof phases[0] };

struct run {
  atomic_long left; /* questions that get a no */
  atomic_int phase; /* the last one told */
  bool met[PHASES];
};

static bool canceled(void *context)
{
  struct run *run = context;
  return atomic_fetch_sub(&run->left, 1) <= 0;
}

static void progress(void *context, const shukei_progress *now)
{
  struct run *run = context;
  for (int i = 0; i < PHASES; i++)
    if (!strcmp(now->phase, phases[i])) {
      atomic_store(&run->phase, i);
      run->met[i] = true;
    }
}

static size_t entries(const char *folder)
{
  size_t count = 0;
  DIR *listing = opendir(folder);
  for (struct dirent *entry; listing && (entry = readdir(listing));)
    count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
  if (listing)
    closedir(listing);
  return count;
}

static shukei_status aggregate(const char *source, const char *const *sinks, struct run *run,
                               shukei_error *error)
{
  shukei_aggregate_options options;
  shukei_aggregate_options_init(&options);
  options.sources = &source;
  options.source_count = 1;
  options.sinks = sinks;
  options.sink_count = SINKS;
  options.threads = 2;
  options.callbacks.context = run;
  options.callbacks.canceled = canceled;
  options.callbacks.progress = progress;
  return shukei_aggregate(&options, NULL, error);
}

static shukei_status convert(const char *source, const char *folder, struct run *run,
                             shukei_error *error)
{
  shukei_convert_options options;
  shukei_convert_options_init(&options);
  options.sources = &source;
  options.source_count = 1;
  options.destination = folder;
  options.threads = 2;
  options.callbacks.context = run;
  options.callbacks.canceled = canceled;
  return shukei_convert(&options, NULL, error);
}

int main(int argc, char **argv)
{
  char folder[] = "/tmp/shukei-cancel-XXXXXX", paths[SINKS][PATH_BYTES];
  static const char *const names[SINKS] = {"out.csv", "out.parquet", "out.db"};
  const char *sinks[SINKS];
  static struct run run;
  shukei_error error;
  int wrong = 0;
  long n = 0;
  if (argc < 2 || !mkdtemp(folder))
    return 2;
  for (int i = 0; i < SINKS; i++) {
    snprintf(paths[i], sizeof paths[i], "%s/%s", folder, names[i]);
    sinks[i] = paths[i];
  }
  for (shukei_status status = SHUKEI_ECANCELED; status && wrong < 5; n++) {
    atomic_store(&run.left, n);
    memset(&error, 0, sizeof error);
    status = aggregate(argv[1], sinks, &run, &error);
    const size_t found = entries(folder), expected = status ? 0 : SINKS;
    if ((status && status != SHUKEI_ECANCELED) || found != expected) {
      printf("aggregate, stopped at question %ld in %s: %s, %zu files: %s\n", n,
             phases[atomic_load(&run.phase)], shukei_status_name(status), found, error.text);
      wrong++;
    }
    for (int i = 0; i < SINKS; i++)
      unlink(paths[i]);
  }
  printf("aggregate asked %ld times\n", n - 1);
  for (int i = 0; i < PHASES; i++)
    if (!run.met[i]) {
      printf("phase %s was never told\n", phases[i]);
      wrong++;
    }
  if (n < 10) { /* plan, three stages, three sinks ask at least this often */
    printf("asked too seldom\n");
    wrong++;
  }
  n = 0;
  for (shukei_status status = SHUKEI_ECANCELED; status && wrong < 5; n++) {
    atomic_store(&run.left, n);
    status = convert(argv[1], paths[0], &run, &error);
    if (status && (status != SHUKEI_ECANCELED || entries(paths[0]) != 0)) {
      printf("convert, stopped at question %ld: %s, %zu files\n", n, shukei_status_name(status),
             entries(paths[0]));
      wrong++;
    }
  }
  printf("convert asked %ld times\n", n - 1);
  if (n < 3)
    wrong++;
  char command[PATH_BYTES + 16];
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return system(command) || wrong ? 1 : 0;
}
