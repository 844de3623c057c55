/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bench_check.h"

#include "base/buffer.h"
#include "store/store.h"

#define NAME_BYTES ((size_t)1 << 16)
#define TRIAL_BYTES (UINT64_C(256) << 20)
#define EMPTY_DAY "2000-01-01" /* none of the made-up reports */

/* Writes an object of that name and the ending .trial, and removes it. */
static shukei_status try_object(const char *place, const char *ending, shukei_error *err)
{
  struct sk_budget budget;
  struct sk_buffer name;
  struct sk_output *output = NULL;
  sk_budget_init(&budget, TRIAL_BYTES);
  sk_buffer_init(&name, NULL, NAME_BYTES);
  sk_buffer_printf(&name, "%s%s", place, ending);
  sk_buffer_byte(&name, 0);
  const char *const path = (const char *)name.bytes;
  shukei_status st = name.failed ? sk_fail_memory(err, NULL, 0, "the name of a trial")
                                 : sk_store_create(path, &budget, &output, err);
  if (!st)
    st = sk_output_write(output, "shukei\n", 7, err);
  if (!st)
    st = sk_output_commit(output, err);
  sk_output_close(output);
  if (!st)
    st = sk_store_remove(path, &budget, err);
  sk_store_end(&budget);
  sk_buffer_reset(&name);
  return st;
}

static shukei_status make_reports(const char *folder, const shukei_callbacks *callbacks,
                                  shukei_error *err)
{
  shukei_generate_options options;
  shukei_generate_options_init(&options);
  options.source = "small";
  options.destination = folder;
  options.pods = options.hours = 1;
  options.force = true;
  options.callbacks = *callbacks;
  return shukei_generate(&options, NULL, err);
}

static shukei_status try_sink(const struct sk_bench_settings *settings, const char *reports,
                              const shukei_callbacks *callbacks, shukei_error *err)
{
  shukei_aggregate_options options;
  shukei_aggregate_options_init(&options);
  options.sources = &reports;
  options.source_count = 1;
  options.sinks = &settings->to;
  options.sink_count = 1;
  options.start = options.end = EMPTY_DAY;
  options.source = "00000000-0000-5000-8000-000000000000";
  options.schema = settings->schema;
  options.create_tables = strcmp(sk_bench_sink_kind(settings->to), "postgresql") == 0;
  options.callbacks = *callbacks;
  return shukei_aggregate(&options, NULL, err);
}

/* A file is written over as a whole: what it holds of a run that goes on must stay. */
static bool is_file(const char *kind)
{
  return strcmp(kind, "csv") == 0 || strcmp(kind, "parquet") == 0;
}

shukei_status sk_bench_check(const struct sk_bench_settings *settings,
                             bool (*canceled)(void *context), shukei_error *err)
{
  const shukei_callbacks callbacks = {.canceled = canceled};
  struct sk_buffer folder;
  sk_buffer_init(&folder, NULL, NAME_BYTES);
  sk_buffer_printf(&folder, "%s/phase/trial", settings->folder);
  sk_buffer_byte(&folder, 0);
  shukei_status st = SHUKEI_OK;
  if (folder.failed)
    st = sk_fail_memory(err, NULL, 0, "the name of a folder");
  else if (settings->lake && (st = try_object(settings->lake, "/shukei.trial", err)))
    sk_context(err, st, "the lake cannot be written");
  else if (is_file(sk_bench_sink_kind(settings->to)))
    st = try_object(settings->to, ".trial", err);
  else if (!(st = make_reports((const char *)folder.bytes, &callbacks, err)))
    st = try_sink(settings, (const char *)folder.bytes, &callbacks, err);
  sk_buffer_reset(&folder);
  return st;
}
