/* SPDX-License-Identifier: Apache-2.0 */
/* The summary as a dataset: FOLDER/year=YYYY/month=MM/day=DD/summary.SOURCE.parquet, one file a day
 * and source, so that several sources live side by side and a run replaces none but its own files.
 *
 * Rows come sorted by day: as a day begins, the file of the day before is ended, synced and put
 * aside under its hidden name. Committing renames one file after the other, when all of them are
 * there, and then removes the files of days that were asked for and have no rows any more. A reader
 * sees each day old or new, never a part of it; a crash between two renames leaves some days old
 * and some new. Two runs of one source take turns in committing, by a lock beside the files; the
 * last one's days stay. Where rows of another source begin, another set of files does; one set is
 * committed after the other.
 *
 * One Parquet sink makes all the files, so that blocks and their pool serve the whole run. */
#include "sink/kinds.h"

#include "base/buffer.h"
#include "base/calendar.h"
#include "base/object.h"
#include "base/text.h"
#include "sink/dataset_ledger.h"
#include "sink/dataset_others.h"
#include "store/store.h"

#include <assert.h>

struct day_file {
  int32_t day;
  struct sk_output *output; /* NULL: under way, it is the Parquet sink's */
};
/* The files of one source. */
struct source_files {
  struct sk_dataset_names names;
  struct sk_output *place; /* never committed: shows that the folder can be written, and keeps it */
  char *source;
  struct day_file *days; /* sorted by day */
  size_t day_count, day_capacity;
  const struct sk_day_range *ranges; /* of these the days that are made; NULL: all */
  size_t range_count;
  struct sk_ledger *ledger; /* NULL: none is kept */
  struct sk_output *ledger_output;
};
struct dataset_sink {
  struct sk_sink sink; /* first: what the others see */
  struct sk_budget *budget;
  struct sk_sink *parquet;
  char *path;
  struct sk_store_wait wait; /* for runs of the same source */
  const char *lacking;       /* data_source of rows that no report gives; NULL: none */
  int32_t start_day, end_day;
  bool whole_range;                  /* both were given */
  const struct sk_day_range *ranges; /* of the source that comes next */
  size_t range_count;
  struct source_files *sources; /* one after the other, the last one's rows come now */
  size_t source_count;
};

/* Rows of one day, in the Parquet sink's form. */
struct segment {
  int32_t day;
  struct sk_chunk *rows;
};
struct dataset_chunk {
  struct sk_chunk chunk; /* first: what the others see */
  struct dataset_sink *sink;
  struct segment *segments; /* [made] have chunks, [count] have rows */
  size_t count, made, capacity;
};

/* ---- chunks -------------------------------------------------------------------------------- */

static shukei_status dataset_chunk_new(struct sk_sink *sink, struct sk_chunk **out,
                                       shukei_error *err)
{
  struct dataset_sink *of = (struct dataset_sink *)sink;
  struct dataset_chunk *self = sk_calloc(of->budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, of->budget, sizeof *self, "rows for a dataset");
  self->chunk.calls = sink->calls;
  self->sink = of;
  *out = &self->chunk;
  return SHUKEI_OK;
}

static void dataset_chunk_free(struct sk_chunk *chunk)
{
  struct dataset_chunk *self = (struct dataset_chunk *)chunk;
  for (size_t i = 0; i < self->made; i++)
    sk_chunk_free(self->segments[i].rows);
  sk_free(self->segments);
  sk_free(self);
}

static shukei_status begin_segment(struct dataset_chunk *self, int32_t day, shukei_error *err)
{
  struct sk_budget *budget = self->sink->budget;
  if (self->count == self->capacity) {
    const size_t capacity = self->capacity ? self->capacity * 2 : 4;
    struct segment *segments = sk_realloc(budget, self->segments, capacity * sizeof *segments);
    if (!segments)
      return sk_fail_memory(err, budget, capacity * sizeof *segments, "rows for a dataset");
    self->segments = segments;
    self->capacity = capacity;
  }
  if (self->count == self->made) {
    const shukei_status st =
        sk_chunk_new(self->sink->parquet, &self->segments[self->made].rows, err);
    if (st)
      return st;
    self->made++;
  }
  self->segments[self->count++].day = day;
  return SHUKEI_OK;
}

static shukei_status dataset_chunk_add(struct sk_chunk *chunk, const struct sk_row *row,
                                       shukei_error *err)
{
  struct dataset_chunk *self = (struct dataset_chunk *)chunk;
  const int32_t day = (int32_t)row->cells[SK_R_usage_start].integer;
  if (self->count == 0 || self->segments[self->count - 1].day != day) {
    const shukei_status st = begin_segment(self, day, err);
    if (st)
      return st;
  }
  struct sk_chunk *rows = self->segments[self->count - 1].rows;
  const size_t before = sk_chunk_bytes(rows);
  const shukei_status st = sk_chunk_add(rows, row, err);
  chunk->bytes += sk_chunk_bytes(rows) - before;
  return st;
}

/* ---- days ---------------------------------------------------------------------------------- */

static struct source_files *last_source(const struct dataset_sink *self)
{
  return &self->sources[self->source_count - 1];
}

/* Ends the day under way. */
static shukei_status end_day(struct dataset_sink *self, const char *next_path, shukei_error *err)
{
  struct source_files *files = last_source(self);
  struct sk_output *done = NULL;
  const shukei_status st = sk_parquet_sink_turn(self->parquet, next_path, &done, err);
  if (done)
    files->days[files->day_count - 1].output = done;
  return st;
}

static shukei_status begin_day(struct dataset_sink *self, int32_t day, shukei_error *err)
{
  struct source_files *files = last_source(self);
  struct sk_buffer path;
  assert(files->day_count == 0 || files->days[files->day_count - 1].day < day);
  if (files->day_count == files->day_capacity) {
    const size_t capacity = files->day_capacity ? files->day_capacity * 2 : 32;
    struct day_file *days = sk_realloc(self->budget, files->days, capacity * sizeof *days);
    if (!days)
      return sk_fail_memory(err, self->budget, capacity * sizeof *days, "a dataset's days");
    files->days = days;
    files->day_capacity = capacity;
  }
  shukei_status st = sk_dataset_path(&files->names, day, self->budget, &path, err);
  if (!st)
    st = end_day(self, (const char *)path.bytes, err);
  if (!st)
    files->days[files->day_count++] = (struct day_file){.day = day};
  sk_buffer_reset(&path);
  return st;
}

static shukei_status dataset_append(struct sk_sink *sink, struct sk_chunk *chunk, shukei_error *err)
{
  struct dataset_sink *self = (struct dataset_sink *)sink;
  struct dataset_chunk *from = (struct dataset_chunk *)chunk;
  const struct source_files *files = last_source(self);
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < from->count && !st; i++) {
    const struct segment *segment = &from->segments[i];
    if (files->day_count == 0 || files->days[files->day_count - 1].day != segment->day)
      st = begin_day(self, segment->day, err);
    if (!st)
      st = sk_sink_append(self->parquet, segment->rows, err);
  }
  from->count = 0;
  chunk->bytes = 0;
  return st;
}

static void dataset_pause(struct sk_sink *sink)
{
  sk_sink_pause(((struct dataset_sink *)sink)->parquet);
}

/* ---- sources ------------------------------------------------------------------------------- */

/* Removes what killed runs of this source left. Under the lock: of a run that is committing,
 * perhaps on another machine, nothing may be taken away. */
static shukei_status clear_litter(const struct dataset_sink *self, const struct source_files *files,
                                  shukei_error *err)
{
  struct sk_budget *budget = self->budget;
  struct sk_store_lock *lock = NULL;
  if (!sk_store_distant(files->names.folder) && !sk_store_is_folder(files->names.folder))
    return SHUKEI_OK;
  shukei_status st = sk_store_lock(files->names.lock, &self->wait, budget, &lock, err);
  if (!st)
    st = sk_store_clear_named(files->names.folder, files->names.file, true, budget, err);
  if (!st)
    st = sk_dataset_ledger_clear(&files->names, budget, err);
  sk_store_unlock(lock);
  return st;
}

static shukei_status find_place(struct source_files *files, struct sk_budget *budget,
                                shukei_error *err)
{
  struct sk_buffer path;
  sk_buffer_init(&path, budget, SIZE_MAX);
  sk_buffer_text(&path, files->names.folder);
  sk_buffer_add(&path, files->names.file, strlen(files->names.file) + 1);
  const shukei_status st =
      path.failed ? sk_fail_memory(err, budget, 0, "a dataset sink")
                  : sk_store_create((const char *)path.bytes, budget, &files->place, err);
  sk_buffer_reset(&path);
  return st;
}

static shukei_status add_source(struct dataset_sink *self, const char *source, shukei_error *err)
{
  const size_t bytes = (self->source_count + 1) * sizeof *self->sources;
  struct source_files *sources = sk_realloc(self->budget, self->sources, bytes);
  if (!sources)
    return sk_fail_memory(err, self->budget, bytes, "a dataset sink");
  self->sources = sources;
  struct source_files *files = &sources[self->source_count++];
  *files = (struct source_files){.ranges = self->ranges, .range_count = self->range_count};
  shukei_status st = sk_dataset_names_init(&files->names, self->path, source, self->budget, err);
  if (!st && source) {
    files->source = sk_strndup(self->budget, source, strlen(source));
    if (!files->source)
      st = sk_fail_memory(err, self->budget, strlen(source), "a dataset sink");
  }
  if (!st)
    st = clear_litter(self, files, err);
  return st ? st : find_place(files, self->budget, err);
}

static shukei_status dataset_begin_source(struct sk_sink *sink, const char *source_uuid,
                                          shukei_error *err)
{
  struct dataset_sink *self = (struct dataset_sink *)sink;
  if (sk_same_text(last_source(self)->source, source_uuid))
    return SHUKEI_OK;
  const shukei_status st = end_day(self, NULL, err);
  return st ? st : add_source(self, source_uuid, err);
}

/* ---- the sink ------------------------------------------------------------------------------ */

static bool has_rows(const struct source_files *files, int32_t day)
{
  size_t low = 0, high = files->day_count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (files->days[middle].day < day)
      low = middle + 1;
    else
      high = middle;
  }
  return low < files->day_count && files->days[low].day == day;
}

/* True where this run makes the day's rows. */
static bool makes(const struct dataset_sink *self, const struct source_files *files, int32_t day)
{
  bool made = files->ranges == NULL;
  for (size_t i = 0; i < files->range_count && !made; i++)
    made = day >= files->ranges[i].first && day <= files->ranges[i].last;
  return made && day >= self->start_day && day <= self->end_day;
}

/* Whether the day's file is replaced or removed. */
struct replacing {
  const struct dataset_sink *sink;
  const struct source_files *files;
};
static bool is_replaced(const void *replacing, int32_t day)
{
  const struct replacing *const r = replacing;
  return has_rows(r->files, day) || (r->sink->whole_range && makes(r->sink, r->files, day));
}

/* Rows without a source beside those of others, and rows that go and that no report of this run
 * gives. What of other files cannot be read is no reason to fail. */
static void tell_of_others(const struct dataset_sink *self, const struct source_files *files)
{
  const struct replacing replacing = {self, files};
  const struct sk_dataset_days days = {is_replaced, &replacing};
  const struct sk_store_wait *const to = &self->wait;
  struct sk_other_rows others = {.rows = 0};
  uint64_t removed = 0;
  if (!files->source && !sk_dataset_others(&files->names, &days, self->budget, &others, NULL))
    sk_other_rows_warn(&others, self->path, to->warn, to->warn_context);
  if (self->lacking &&
      !sk_dataset_rows_of(&files->names, &days, self->lacking, self->budget, &removed, NULL))
    sk_removed_rows_warn(removed, self->lacking, self->path, to->warn, to->warn_context);
}

static shukei_status dataset_prepare(struct sk_sink *sink, shukei_error *err)
{
  struct dataset_sink *self = (struct dataset_sink *)sink;
  shukei_status st = end_day(self, NULL, err);
  for (size_t i = 0; i < self->source_count && !st; i++) {
    struct source_files *files = &self->sources[i];
    tell_of_others(self, files);
    if (files->ledger && sk_ledger_changed(files->ledger))
      st = sk_store_create(files->names.ledger, self->budget, &files->ledger_output, err);
  }
  return st;
}

static void dataset_keep_ledger(struct sk_sink *sink, struct sk_ledger *ledger)
{
  last_source((struct dataset_sink *)sink)->ledger = ledger;
}

static void dataset_limit(struct sk_sink *sink, const struct sk_day_range *ranges, size_t count)
{
  struct dataset_sink *self = (struct dataset_sink *)sink;
  self->ranges = ranges;
  self->range_count = count;
}

/* Removes the files of days that were asked for and have no rows any more. */
static shukei_status remove_emptied(const struct dataset_sink *self,
                                    const struct source_files *files,
                                    const struct sk_listing *listing, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < listing->count && !st; i++) {
    int32_t day;
    if (sk_dataset_day(&files->names, listing->items[i].relative, &day) &&
        makes(self, files, day) && !has_rows(files, day))
      st = sk_store_remove(listing->items[i].path, self->budget, err);
  }
  return st;
}

static shukei_status replace_days(struct dataset_sink *self, struct source_files *files,
                                  struct sk_store_lock *lock, shukei_error *err)
{
  struct sk_listing old;
  sk_listing_init(&old, self->budget);
  shukei_status st = self->whole_range ? sk_dataset_list(&files->names, &old, err) : SHUKEI_OK;
  for (size_t i = 0; i < files->day_count && !st; i++) {
    st = sk_store_lock_renew(lock, err);
    if (!st)
      st = sk_output_commit(files->days[i].output, err);
  }
  if (!st)
    st = remove_emptied(self, files, &old, err);
  sk_listing_reset(&old);
  return st;
}

/* The days' files have their names: now their versions are known. */
static shukei_status save_ledger(struct dataset_sink *self, const struct source_files *files,
                                 shukei_error *err)
{
  struct sk_listing now;
  sk_listing_init(&now, self->budget);
  shukei_status st = sk_dataset_list(&files->names, &now, err);
  if (!st)
    st = sk_dataset_marks(&files->names, &now, true, files->ledger, err);
  for (size_t i = 0; i < files->ledger->day_count && !st; i++)
    if (!has_rows(files, files->ledger->days[i].day))
      sk_ledger_no_rows(&files->ledger->days[i]);
  if (!st)
    st = sk_dataset_ledger_save(&files->names, files->source, files->ledger, files->ledger_output,
                                self->budget, err);
  sk_listing_reset(&now);
  return st ? sk_context(err, st, "the days are written, their ledger is not") : SHUKEI_OK;
}

static shukei_status commit_source(struct dataset_sink *self, struct source_files *files,
                                   shukei_error *err)
{
  struct sk_store_lock *lock = NULL;
  shukei_status st = sk_store_lock(files->names.lock, &self->wait, self->budget, &lock, err);
  if (!st)
    st = replace_days(self, files, lock, err);
  if (!st && files->ledger_output)
    st = save_ledger(self, files, err);
  sk_store_unlock(lock);
  return st;
}

static shukei_status dataset_commit(struct sk_sink *sink, shukei_error *err)
{
  struct dataset_sink *self = (struct dataset_sink *)sink;
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < self->source_count && !st; i++)
    st = commit_source(self, &self->sources[i], err);
  return st;
}

static uint64_t dataset_bytes(const struct sk_sink *sink)
{
  const struct dataset_sink *self = (const struct dataset_sink *)sink;
  uint64_t bytes = 0;
  for (size_t s = 0; s < self->source_count; s++)
    for (size_t i = 0; i < self->sources[s].day_count; i++) {
      const struct sk_output *output = self->sources[s].days[i].output;
      bytes += output ? output->written_bytes : 0;
    }
  return bytes;
}

static void dataset_close(struct sk_sink *sink)
{
  struct dataset_sink *self = (struct dataset_sink *)sink;
  sk_sink_close(self->parquet);
  for (size_t s = self->source_count; s-- > 0;) { /* backwards, so that no folder is left behind */
    struct source_files *files = &self->sources[s];
    for (size_t i = files->day_count; i-- > 0;)
      sk_output_close(files->days[i].output);
    sk_output_close(files->ledger_output);
    sk_output_close(files->place);
    sk_free(files->source);
    sk_free(files->days);
    sk_dataset_names_reset(&files->names);
  }
  sk_free(self->sources);
  sk_free(self->path);
  sk_free(self);
}

static const struct sk_sink_calls dataset_calls = {.chunk_new = dataset_chunk_new,
                                                   .chunk_add = dataset_chunk_add,
                                                   .chunk_free = dataset_chunk_free,
                                                   .append = dataset_append,
                                                   .pause = dataset_pause,
                                                   .prepare = dataset_prepare,
                                                   .commit = dataset_commit,
                                                   .bytes = dataset_bytes,
                                                   .begin_source = dataset_begin_source,
                                                   .keep_ledger = dataset_keep_ledger,
                                                   .limit = dataset_limit,
                                                   .close = dataset_close};

shukei_status sk_dataset_sink_open(const char *path, const struct sk_sink_options *options,
                                   struct sk_budget *budget, struct sk_sink **out,
                                   shukei_error *err)
{
  *out = NULL;
  struct dataset_sink *self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, budget, sizeof *self, "a dataset sink");
  self->sink.calls = &dataset_calls;
  self->budget = budget;
  self->lacking = options->lacking;
  self->start_day = options->start_day;
  self->end_day = options->end_day;
  self->whole_range = options->start_day != INT32_MIN && options->end_day != INT32_MAX;
  self->ranges = options->ranges;
  self->range_count = options->range_count;
  self->wait = (struct sk_store_wait){options->canceled, options->canceled_context, options->warn,
                                      options->warn_context};
  self->path = sk_strndup(budget, path, strlen(path));
  shukei_status st = self->path ? add_source(self, options->source_uuid, err)
                                : sk_fail_memory(err, budget, strlen(path), "a dataset sink");
  if (!st)
    st = sk_parquet_sink_open(NULL, options, budget, &self->parquet, err);
  if (st) {
    dataset_close(&self->sink);
    return st;
  }
  *out = &self->sink;
  return SHUKEI_OK;
}
