/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of shukei.h beside aggregate: convert, cat and inspect. */
#include "run.h"

#include "base/calendar.h"
#include "base/platform.h"
#include "input/convert_run.h"
#include "parquet/parquet.h"
#include "run_targets.h"
#include "store/store.h"

#include <stdio.h>

void shukei_convert_options_init(shukei_convert_options *options)
{
  memset(options, 0, sizeof *options);
}

void shukei_cat_options_init(shukei_cat_options *options)
{
  memset(options, 0, sizeof *options);
  options->limit = UINT64_MAX;
}

void shukei_inspect_options_init(shukei_inspect_options *options)
{
  memset(options, 0, sizeof *options);
}

static shukei_status check_convert(const shukei_convert_options *o, shukei_error *err)
{
  if (o->source_count == 0)
    return sk_fail(err, SHUKEI_EINVAL, "no source is given");
  if (!o->destination || !*o->destination)
    return sk_fail(err, SHUKEI_EINVAL, "no destination is given");
  if ((unsigned)o->codec > SHUKEI_CODEC_LZ4_RAW)
    return sk_fail(err, SHUKEI_EINVAL, "there is no codec %d", (int)o->codec);
  if (o->bad_rows == SHUKEI_BAD_ROWS_KEEP && !o->bad_rows_file)
    return sk_fail(err, SHUKEI_EINVAL, "keeping bad rows needs a file to keep them in");
  return SHUKEI_OK;
}

/* An open Parquet object of a path, for cat and inspect. */
struct opened {
  struct sk_budget *budget;
  struct sk_object *object;
  struct sk_file *file;
};

static void begin(struct sk_budget *budget, uint64_t memory_bytes,
                  const shukei_callbacks *callbacks)
{
  sk_budget_init(budget, memory_bytes ? memory_bytes : sk_memory_available_bytes() / 2);
  sk_store_heed(budget, callbacks->canceled, callbacks->context);
}

static shukei_status open_file(struct opened *opened, const char *path, struct sk_budget *budget,
                               shukei_error *err)
{
  *opened = (struct opened){.budget = budget};
  shukei_status st = sk_store_open(path, budget, &opened->object, err);
  if (!st)
    st = sk_file_open(opened->object, budget, &opened->file, err);
  return st;
}

static void close_file(struct opened *opened)
{
  sk_file_close(opened->file);
  sk_object_close(opened->object);
}

static void tell_skipped(const shukei_callbacks *callbacks, const char *path,
                         const shukei_cat_stats *stats)
{
  char text[512];
  const uint64_t skipped = stats->row_groups_by_statistics + stats->row_groups_by_bloom_filter +
                           stats->row_groups_by_dictionary + stats->row_groups_by_page_index;
  snprintf(text, sizeof text,
           "%s: %" PRIu64 " rows; %" PRIu64 " of %" PRIu64 " row groups skipped (%" PRIu64
           " by statistics, %" PRIu64 " by Bloom filters, %" PRIu64 " by dictionaries, %" PRIu64
           " by page indexes), %" PRIu64 " of %" PRIu64 " pages by page indexes",
           path, stats->rows_written, skipped, stats->row_groups, stats->row_groups_by_statistics,
           stats->row_groups_by_bloom_filter, stats->row_groups_by_dictionary,
           stats->row_groups_by_page_index, stats->pages_skipped, stats->pages);
  if (callbacks->log)
    callbacks->log(callbacks->context, SHUKEI_LOG_DEBUG, text);
}

static shukei_status cat_opened(struct opened *opened, const shukei_cat_options *options,
                                bool (*write)(void *, const void *, size_t), void *context,
                                shukei_cat_stats *stats, shukei_error *err)
{
  struct sk_selection *selection = NULL;
  struct sk_cat_options cat = {.columns = options->columns,
                               .column_count = options->column_count,
                               .nested = options->nested,
                               .limit = options->limit};
  shukei_status st = SHUKEI_OK;
  if (options->condition_count)
    st = sk_selection_open(opened->file, options->conditions, options->condition_count,
                           opened->budget, &selection, err);
  cat.selection = selection;
  if (!st)
    st = sk_parquet_cat(opened->file, &cat, &stats->rows_written, write, context, opened->budget,
                        err);
  if (selection)
    sk_selection_counts(selection, stats);
  sk_selection_close(selection);
  return st;
}

/* The write callback, which ends the call when the caller asks to stop. */
struct writing {
  const shukei_callbacks *callbacks;
  bool canceled;
};

static bool write_through(void *context, const void *bytes, size_t length)
{
  struct writing *writing = context;
  const shukei_callbacks *callbacks = writing->callbacks;
  if (callbacks->canceled && callbacks->canceled(callbacks->context)) {
    writing->canceled = true;
    return false;
  }
  return callbacks->write(callbacks->context, bytes, length);
}

shukei_status shukei_cat(const char *path, const shukei_cat_options *options, shukei_error *err)
{
  struct sk_budget budget;
  struct opened opened;
  shukei_cat_stats own_stats, *const stats = options->stats ? options->stats : &own_stats;
  struct writing writing = {.callbacks = &options->callbacks};
  memset(stats, 0, sizeof *stats);
  if (!options->callbacks.write)
    return sk_fail(err, SHUKEI_EINVAL, "cat needs the write callback");
  begin(&budget, options->memory_bytes, &options->callbacks);
  shukei_status st = open_file(&opened, path, &budget, err);
  if (!st)
    st = cat_opened(&opened, options, write_through, &writing, stats, err);
  if (!st && options->condition_count)
    tell_skipped(&options->callbacks, path, stats);
  if (writing.canceled)
    st = sk_fail(err, SHUKEI_ECANCELED, "stopped");
  close_file(&opened);
  sk_store_end(&budget);
  return st;
}

/* The description, or with `against` the differences. */
static shukei_status describe(const char *path, const shukei_inspect_options *options,
                              struct sk_budget *budget, struct sk_buffer *text, uint64_t *findings,
                              shukei_error *err)
{
  const struct sk_inspect_options wanted = {options->json, options->pages, options->check};
  struct opened first, second = {.budget = budget};
  bool differs = false;
  shukei_status st = open_file(&first, path, budget, err);
  if (!st && options->against)
    st = open_file(&second, options->against, budget, err);
  if (!st)
    st = options->against
             ? sk_parquet_diff(first.file, second.file, options->json, budget, text, &differs, err)
             : sk_parquet_inspect(first.file, &wanted, budget, text, findings, err);
  close_file(&first);
  close_file(&second);
  if (!st && options->against && options->differs)
    *options->differs = differs;
  return st;
}

shukei_status shukei_inspect(const char *path, const shukei_inspect_options *options,
                             shukei_error *err)
{
  struct sk_budget budget;
  struct sk_buffer text;
  uint64_t findings = 0;
  if (!options->callbacks.write)
    return sk_fail(err, SHUKEI_EINVAL, "inspect needs the write callback");
  if (options->against && (options->check || options->pages))
    return sk_fail(err, SHUKEI_EINVAL,
                   "two files are compared without looking for what is wrong "
                   "in them, or listing their pages");
  begin(&budget, options->memory_bytes, &options->callbacks);
  sk_buffer_init(&text, &budget, SIZE_MAX);
  shukei_status st = describe(path, options, &budget, &text, &findings, err);
  if (!st && !options->callbacks.write(options->callbacks.context, text.bytes, text.length))
    st = sk_fail(err, SHUKEI_EWRITE, "the description could not be written");
  if (!st && findings)
    st = sk_fail(err, SHUKEI_EFORMAT, "%s: %" PRIu64 " %s wrong", path, findings,
                 findings == 1 ? "thing is" : "things are");
  sk_buffer_reset(&text);
  sk_store_end(&budget);
  return st;
}

shukei_status shukei_convert(const shukei_convert_options *options, shukei_stats *stats,
                             shukei_error *err)
{
  shukei_stats own_stats;
  struct sk_run_shared shared;
  struct sk_plan plan = {.files = NULL};
  struct sk_plan_options plan_options = {
      .sources = options->sources,
      .source_count = options->source_count,
      .layout = SHUKEI_LAYOUT_AUTO,
      .source = options->source,
      .cluster_id = options->cluster_id,
      .clusters = options->clusters,
      .cluster_count = options->cluster_count,
      .skip_bad_payloads = options->bad_payloads == SHUKEI_BAD_PAYLOADS_SKIP,
      .skip_unknown_clusters = options->unknown_clusters == SHUKEI_UNKNOWN_CLUSTERS_SKIP,
      /* Else there is a folder for each. */
      .one_cluster = options->layout == SHUKEI_LAYOUT_AUTO || options->layout == SHUKEI_LAYOUT_FLAT,
      .layouts_for_several = true,
      .check = sk_run_check_plan,
      .warn = sk_run_warn_text,
      .note = sk_run_note_text,
      .context = &shared,
  };
  if (!stats)
    stats = &own_stats;
  memset(stats, 0, sizeof *stats);
  const uint64_t start_ns = sk_monotonic_ns();
  sk_run_shared_init(&shared, &options->callbacks, options->threads, options->memory_bytes);
  shukei_status st = check_convert(options, err);
  if (!st)
    st = sk_parse_days(options->start, options->end, &plan_options.start_day, &plan_options.end_day,
                       err);
  plan_options.threads = shared.threads;
  if (!st)
    st = sk_plan_build(&plan_options, &shared.budget, &plan, err);
  sk_stats_take_plan(stats, &plan);
  if (!st) {
    const double plan_seconds = (double)(sk_monotonic_ns() - start_ns) / 1e9;
    sk_run_milestone(&shared, "plan", NULL, -1, plan_seconds);
    if (options->bad_rows == SHUKEI_BAD_ROWS_KEEP && !options->dry_run)
      st = sk_run_check_bad_rows(&shared, options->bad_rows_file, &plan, err);
    if (!st)
      st = sk_convert(options, &plan, &shared.budget, stats, err);
    if (!st)
      sk_run_milestone(&shared, "convert", NULL, (int64_t)stats->rows_written,
                       (double)(sk_monotonic_ns() - start_ns) / 1e9 - plan_seconds);
  }
  sk_stats_take_run(stats, &shared);
  stats->total_seconds = (double)(sk_monotonic_ns() - start_ns) / 1e9;
  sk_plan_reset(&plan);
  sk_run_shared_reset(&shared);
  return st;
}
