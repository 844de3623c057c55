/* SPDX-License-Identifier: Apache-2.0 */
/* The conversion as a whole: where to (convert_place.c), schemas from all headers and footers
 * (convert_columns.c), then CSV block by block (convert_blocks.c) and Parquet file by file
 * (convert_parquet.c). Where payloads of several clusters are read, one cluster after the other;
 * the files of all appear in the end. */
#include "input/convert_run.h"

#include "base/calendar.h"
#include "base/platform.h"
#include "input/bad_rows.h"
#include "input/convert_blocks.h"
#include "input/convert_columns.h"
#include "input/convert_parquet.h"
#include "input/reader.h"

#include <stdio.h>

struct converter {
  struct sk_convert_shared shared;
  struct sk_convert_schema schema;        /* of the cluster that is read */
  struct sk_convert_writer *writers;      /* [cluster_count], as far as they were begun */
  shukei_convert_options *writer_options; /* likewise, each with its cluster's source */
  uint32_t writer_count;
  struct sk_convert_writer *writer; /* the last of them */
  struct sk_bad_rows *kept;
  uint32_t files;
};

/* ---- what the parts share -------------------------------------------------------------------- */

void sk_convert_warn(const struct sk_convert_shared *shared, const char *text)
{
  const shukei_callbacks *callbacks = &shared->options->callbacks;
  if (callbacks->log)
    callbacks->log(callbacks->context, SHUKEI_LOG_WARNING, text);
}

void sk_convert_show_progress(const struct sk_convert_shared *shared)
{
  const shukei_callbacks *callbacks = &shared->options->callbacks;
  if (!callbacks->progress)
    return;
  const shukei_progress now = {
      .phase = "convert",
      .rows_done = shared->counts.rows_read,
      .bytes_done = atomic_load_explicit(&shared->bytes_done, memory_order_relaxed),
      .bytes_known = shared->bytes_known,
      .memory_bytes = atomic_load_explicit(&shared->budget->used_bytes, memory_order_relaxed)};
  callbacks->progress(callbacks->context, &now);
}

shukei_status sk_convert_check_canceled(const struct sk_convert_shared *shared, shukei_error *err)
{
  const shukei_callbacks *callbacks = &shared->options->callbacks;
  return callbacks->canceled && callbacks->canceled(callbacks->context)
             ? sk_fail(err, SHUKEI_ECANCELED, "stopped on request")
             : SHUKEI_OK;
}

/* ---- Parquet --------------------------------------------------------------------------------- */

static shukei_status parquet_step(void *context, shukei_error *err)
{
  const struct sk_convert_shared *shared = context;
  sk_convert_show_progress(shared);
  return sk_convert_check_canceled(shared, err);
}

/* The Parquet files of the cluster, one after the other. */
static shukei_status convert_parquet(struct converter *self, shukei_error *err)
{
  self->writer->texts.checks = self->writer->labels.checks = true;
  const struct sk_parquet_rows rows = {.settings = &self->shared.settings,
                                       .writer = self->writer,
                                       .counts = &self->shared.counts,
                                       .step = parquet_step,
                                       .context = &self->shared};
  shukei_status st = SHUKEI_OK;
  for (uint32_t i = 0; !st && i < self->schema.parquet_count; i++) {
    const struct sk_convert_file *file = &self->schema.parquet[i];
    const bool known = file->first_us != INT64_MIN && file->first_us != INT64_MAX;
    if (i && file->report != file[-1].report)
      st = sk_convert_writer_end_before(self->writer, file[-1].report->report, INT32_MAX, err);
    if (!st && known)
      st = sk_convert_writer_end_before(self->writer, file->report->report,
                                        sk_day_of_us(file->first_us), err);
    if (!st)
      st = sk_parquet_rows_convert(&rows, file, err);
    atomic_fetch_add_explicit(&self->shared.bytes_done, file->planned->size_bytes,
                              memory_order_relaxed);
  }
  return st;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static shukei_status settle_bad_rows(struct converter *self, shukei_error *err)
{
  const shukei_convert_options *options = self->shared.options;
  struct sk_read_options *read = &self->shared.settings.read;
  read->bad_rows = options->bad_rows;
  if (options->bad_rows != SHUKEI_BAD_ROWS_KEEP)
    return SHUKEI_OK;
  if (options->dry_run) {
    read->bad_rows = SHUKEI_BAD_ROWS_SKIP;
    return SHUKEI_OK;
  }
  read->keep_bad_row = sk_bad_rows_keep;
  const shukei_status st =
      sk_bad_rows_open(options->bad_rows_file, self->shared.budget, &self->kept, err);
  read->keep_context = self->kept;
  return st;
}

static shukei_status set_up(struct converter *self, shukei_error *err)
{
  struct sk_convert_shared *shared = &self->shared;
  const shukei_convert_options *options = shared->options;
  struct sk_read_options *read = &shared->settings.read;
  shukei_status st = sk_convert_check_place(shared, err);
  if (!st)
    st = sk_parse_days(options->start, options->end, &read->start_day, &read->end_day, err);
  if (!st)
    st = settle_bad_rows(self, err);
  if (st)
    return st;
  for (size_t i = 0; i < shared->plan->count; i++)
    shared->bytes_known += shared->plan->files[i].size_bytes;
  shared->settings.budget = shared->budget;
  shared->threads = options->threads ? options->threads : sk_processor_count();
  const size_t clusters = shared->plan->cluster_count;
  self->writers = sk_calloc(shared->budget, clusters, sizeof *self->writers);
  self->writer_options = sk_calloc(shared->budget, clusters, sizeof *self->writer_options);
  return self->writers && self->writer_options
             ? SHUKEI_OK
             : sk_fail_memory(err, shared->budget, clusters * sizeof *self->writers, "clusters");
}

/* Reads the files of one cluster and ends what is made of them. */
static shukei_status convert_cluster(struct converter *self, uint32_t cluster, shukei_error *err)
{
  struct sk_convert_schema *schema = &self->schema;
  shukei_convert_options *options = &self->writer_options[cluster];
  self->writer = &self->writers[cluster];
  *options = *self->shared.options;
  options->source = sk_convert_source_of(&self->shared, cluster);
  self->writer_count = cluster + 1;
  shukei_status st =
      sk_convert_writer_init(self->writer, options, self->shared.threads, self->shared.budget, err);
  if (!st)
    st = sk_convert_schema_read(schema, cluster, err);
  if (st || schema->csv_count + schema->parquet_count == 0)
    return st;
  self->files += schema->csv_count + schema->parquet_count;
  if (schema->csv_count)
    st = sk_convert_blocks(&self->shared, schema->csv, schema->csv_count, self->writer, err);
  if (!st && schema->parquet_count)
    st = convert_parquet(self, err);
  return st ? st : sk_convert_writer_finish(self->writer, err);
}

/* All clusters, then the files of all appear. */
static shukei_status convert_all(struct converter *self, shukei_error *err)
{
  const shukei_convert_options *options = self->shared.options;
  shukei_status st = SHUKEI_OK;
  for (uint32_t c = 0; c < self->shared.plan->cluster_count && !st; c++)
    st = convert_cluster(self, c, err);
  if (!st && self->files == 0)
    st = sk_fail(err, SHUKEI_ENOTFOUND, "%s: holds no report",
                 options->source_count ? options->sources[0] : "");
  for (uint32_t c = 0; c < self->writer_count && !st; c++)
    st = sk_convert_writer_commit(&self->writers[c], err);
  if (!st && self->kept)
    st = sk_bad_rows_commit(self->kept, err);
  return st;
}

static void tell(const struct converter *self, shukei_stats *stats)
{
  if (!stats)
    return;
  stats->files = self->files;
  stats->bytes_read = atomic_load(&self->shared.bytes_done);
  stats->rows_read = self->shared.counts.rows_read;
  stats->rows_filtered = self->shared.counts.rows_filtered;
  stats->rows_bad = self->shared.counts.rows_bad;
  stats->cells_empty = self->shared.counts.cells_empty;
  stats->cells_unparsable = self->shared.counts.cells_unparsable;
  stats->values_negative = self->shared.counts.values_negative;
  for (uint32_t c = 0; c < self->writer_count; c++) {
    stats->label_pairs_skipped += self->writers[c].label_pairs_skipped;
    stats->rows_written += self->writers[c].rows_written;
    stats->bytes_written += self->writers[c].bytes_written;
  }
  stats->threads = self->shared.threads;
}

static void tear_down(struct converter *self)
{
  for (uint32_t c = self->writer_count; c-- > 0;)
    sk_convert_writer_reset(&self->writers[c]);
  sk_free(self->writers);
  sk_free(self->writer_options);
  sk_bad_rows_close(self->kept);
  sk_convert_schema_reset(&self->schema);
}

static void warn_of_counts(const struct converter *self)
{
  const struct sk_plan *plan = self->shared.plan;
  const struct sk_counts *counts = &self->shared.counts;
  char text[600];
  if (counts->rows_bad) {
    snprintf(text, sizeof text, "%" PRIu64 " bad rows left out, the first: \"%s\" row %" PRIu64,
             counts->rows_bad, plan->files[counts->first_bad.file].path, counts->first_bad.row);
    sk_convert_warn(&self->shared, text);
  }
  if (counts->cells_unparsable) {
    snprintf(text, sizeof text,
             "%" PRIu64 " cells are no numbers, which become 0, or no times, which become null, "
             "the first: \"%s\" row %" PRIu64,
             counts->cells_unparsable, plan->files[counts->first_unparsable.file].path,
             counts->first_unparsable.row);
    sk_convert_warn(&self->shared, text);
  }
  if (counts->rows_read == counts->rows_filtered + counts->rows_bad)
    sk_convert_warn(&self->shared, "nothing is written: the reports have no rows of these days");
}

shukei_status sk_convert(const shukei_convert_options *options, const struct sk_plan *plan,
                         struct sk_budget *budget, shukei_stats *stats, shukei_error *err)
{
  struct converter self = {.shared = {.options = options, .plan = plan, .budget = budget}};
  sk_counts_init(&self.shared.counts);
  sk_convert_schema_init(&self.schema, &self.shared);
  shukei_status st = set_up(&self, err);
  if (!st)
    st = convert_all(&self, err);
  if (!st)
    warn_of_counts(&self);
  tell(&self, stats);
  tear_down(&self);
  return st;
}
