/* SPDX-License-Identifier: Apache-2.0 */
/* Summarises a folder of usage reports with libshukei: writes the daily summary to a file and
 * tells what was read.
 *
 *   cc summary.c -o summary $(pkg-config --cflags --libs shukei)
 *   ./summary examples/cluster summary.csv app,tier
 */
#include <shukei.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void tell(void *context, shukei_log_level level, const char *text)
{
  (void)context;
  if (level <= SHUKEI_LOG_WARNING)
    fprintf(stderr, "summary: %s\n", text);
}

/* Cuts "a,b" in place; returns the number of keys. */
static size_t split(char *text, const char **keys, size_t most)
{
  size_t count = 0;
  while (text && *text && count < most) {
    char *comma = strchr(text, ',');
    if (comma)
      *comma = '\0';
    keys[count++] = text;
    text = comma ? comma + 1 : NULL;
  }
  return count;
}

int main(int argc, char **argv)
{
  if (argc < 3) {
    fprintf(stderr, "usage: summary REPORTS SUMMARY.csv|.parquet|.db [KEY,KEY...]\n");
    return 2;
  }
  const char *keys[16], *source = argv[1], *sink = argv[2];
  shukei_aggregate_options options;
  shukei_aggregate_options_init(&options);
  options.sources = &source;
  options.source_count = 1;
  options.sinks = &sink;
  options.sink_count = 1;
  options.enabled_keys = keys;
  options.enabled_key_count = argc > 3 ? split(argv[3], keys, 16) : 0;
  options.callbacks.log = tell;

  shukei_stats stats;
  shukei_error error;
  if (shukei_aggregate(&options, &stats, &error)) {
    fprintf(stderr, "summary: %s (%s)\n", error.text, shukei_status_name(error.status));
    if (error.advice[0])
      fprintf(stderr, "summary: %s\n", error.advice);
    return 1;
  }
  printf("%" PRIu64 " rows of %" PRIu64 " files -> %" PRIu64 " rows in %s\n", stats.rows_read,
         stats.files, stats.rows_written, sink);
  return 0;
}
