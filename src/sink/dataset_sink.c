/* SPDX-License-Identifier: Apache-2.0 */
/* The summary as a dataset: FOLDER/year=YYYY/month=MM/day=DD/summary.SOURCE.parquet, one file a day and
 * source, so that several sources live side by side and a run replaces none but its own files.
 *
 * Rows come sorted by day: as a day begins, the file of the day before is ended, synced and put aside
 * under its hidden name. Committing renames one file after the other, when all of them are there, and
 * then removes the files of days that were asked for and have no rows any more. A reader sees each day
 * old or new, never a part of it; a crash between two renames leaves some days old and some new. Two
 * runs of one source take turns in committing, by a lock beside the files; the last one's days stay.
 *
 * One Parquet sink makes all the files, so that blocks and their pool serve the whole run. */
#include "sink/kinds.h"

#include "base/buffer.h"
#include "base/calendar.h"
#include "base/object.h"
#include "sink/dataset_ledger.h"
#include "store/store.h"

#include <assert.h>

struct day_file {
  int32_t day;
  struct sk_output *output; /* NULL: under way, it is the Parquet sink's */
};
struct dataset_sink {
  struct sk_sink sink; /* first: what the others see */
  struct sk_budget *budget;
  struct sk_sink *parquet;
  struct sk_output *place; /* never committed: shows that the folder can be written, and keeps it */
  struct sk_dataset_names names;
  int32_t start_day, end_day;
  bool whole_range;                  /* both were given */
  const struct sk_day_range *ranges; /* of these the days that are made; NULL: all */
  size_t range_count;
  char *source;
  struct sk_ledger *ledger; /* NULL: none is kept */
  struct sk_output *ledger_output;
  struct day_file *days;
  size_t day_count, day_capacity;
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

/* Ends the day under way. */
static shukei_status end_day(struct dataset_sink *self, const char *next_path, shukei_error *err)
{
  struct sk_output *done = NULL;
  const shukei_status st = sk_parquet_sink_turn(self->parquet, next_path, &done, err);
  if (done)
    self->days[self->day_count - 1].output = done;
  return st;
}

static shukei_status begin_day(struct dataset_sink *self, int32_t day, shukei_error *err)
{
  struct sk_buffer path;
  assert(self->day_count == 0 || self->days[self->day_count - 1].day < day);
  if (self->day_count == self->day_capacity) {
    const size_t capacity = self->day_capacity ? self->day_capacity * 2 : 32;
    struct day_file *days = sk_realloc(self->budget, self->days, capacity * sizeof *days);
    if (!days)
      return sk_fail_memory(err, self->budget, capacity * sizeof *days, "a dataset's days");
    self->days = days;
    self->day_capacity = capacity;
  }
  shukei_status st = sk_dataset_path(&self->names, day, self->budget, &path, err);
  if (!st)
    st = end_day(self, (const char *)path.bytes, err);
  if (!st)
    self->days[self->day_count++] = (struct day_file){.day = day};
  sk_buffer_reset(&path);
  return st;
}

static shukei_status dataset_append(struct sk_sink *sink, struct sk_chunk *chunk, shukei_error *err)
{
  struct dataset_sink *self = (struct dataset_sink *)sink;
  struct dataset_chunk *from = (struct dataset_chunk *)chunk;
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < from->count && !st; i++) {
    const struct segment *segment = &from->segments[i];
    if (self->day_count == 0 || self->days[self->day_count - 1].day != segment->day)
      st = begin_day(self, segment->day, err);
    if (!st)
      st = sk_sink_append(self->parquet, segment->rows, err);
  }
  from->count = 0;
  chunk->bytes = 0;
  return st;
}

/* ---- the sink ------------------------------------------------------------------------------ */

static shukei_status dataset_prepare(struct sk_sink *sink, shukei_error *err)
{
  struct dataset_sink *self = (struct dataset_sink *)sink;
  const shukei_status st = end_day(self, NULL, err);
  return st || !self->ledger
             ? st
             : sk_store_create(self->names.ledger, self->budget, &self->ledger_output, err);
}

static void dataset_keep_ledger(struct sk_sink *sink, struct sk_ledger *ledger)
{
  ((struct dataset_sink *)sink)->ledger = ledger;
}

static bool has_rows(const struct dataset_sink *self, int32_t day)
{
  size_t low = 0, high = self->day_count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (self->days[middle].day < day)
      low = middle + 1;
    else
      high = middle;
  }
  return low < self->day_count && self->days[low].day == day;
}

/* True where this run makes the day's rows. */
static bool makes(const struct dataset_sink *self, int32_t day)
{
  bool made = self->ranges == NULL;
  for (size_t i = 0; i < self->range_count && !made; i++)
    made = day >= self->ranges[i].first && day <= self->ranges[i].last;
  return made && day >= self->start_day && day <= self->end_day;
}

/* Removes the files of days that were asked for and have no rows any more. */
static shukei_status remove_emptied(const struct dataset_sink *self,
                                    const struct sk_listing *listing, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < listing->count && !st; i++) {
    int32_t day;
    if (sk_dataset_day(&self->names, listing->items[i].relative, &day) && makes(self, day) &&
        !has_rows(self, day))
      st = sk_store_remove(listing->items[i].path, err);
  }
  return st;
}

static shukei_status replace_days(struct dataset_sink *self, shukei_error *err)
{
  struct sk_listing old;
  sk_listing_init(&old, self->budget);
  shukei_status st = self->whole_range ? sk_dataset_list(&self->names, &old, err) : SHUKEI_OK;
  for (size_t i = 0; i < self->day_count && !st; i++)
    st = sk_output_commit(self->days[i].output, err);
  if (!st)
    st = remove_emptied(self, &old, err);
  sk_listing_reset(&old);
  return st;
}

/* The days' files have their names: now their versions are known. */
static shukei_status save_ledger(struct dataset_sink *self, shukei_error *err)
{
  struct sk_listing now;
  sk_listing_init(&now, self->budget);
  shukei_status st = sk_dataset_list(&self->names, &now, err);
  if (!st)
    st = sk_dataset_marks(&self->names, &now, true, self->ledger, err);
  for (size_t i = 0; i < self->ledger->day_count && !st; i++)
    if (!has_rows(self, self->ledger->days[i].day))
      sk_ledger_no_rows(&self->ledger->days[i]);
  if (!st)
    st = sk_dataset_ledger_save(&self->names, self->source, self->ledger, self->ledger_output,
                                self->budget, err);
  sk_listing_reset(&now);
  return st ? sk_context(err, st, "the days are written, their ledger is not") : SHUKEI_OK;
}

static shukei_status dataset_commit(struct sk_sink *sink, shukei_error *err)
{
  struct dataset_sink *self = (struct dataset_sink *)sink;
  struct sk_store_lock *lock = NULL;
  shukei_status st = sk_store_lock(self->names.lock, self->budget, &lock, err);
  if (!st)
    st = replace_days(self, err);
  if (!st && self->ledger)
    st = save_ledger(self, err);
  sk_store_unlock(lock);
  return st;
}

static uint64_t dataset_bytes(const struct sk_sink *sink)
{
  const struct dataset_sink *self = (const struct dataset_sink *)sink;
  uint64_t bytes = 0;
  for (size_t i = 0; i < self->day_count; i++)
    bytes += self->days[i].output ? self->days[i].output->written_bytes : 0;
  return bytes;
}

static void dataset_close(struct sk_sink *sink)
{
  struct dataset_sink *self = (struct dataset_sink *)sink;
  sk_sink_close(self->parquet);
  for (size_t i = self->day_count; i-- > 0;) /* backwards, so that no folder is left behind */
    sk_output_close(self->days[i].output);
  sk_output_close(self->ledger_output);
  sk_output_close(self->place);
  sk_free(self->source);
  sk_free(self->days);
  sk_dataset_names_reset(&self->names);
  sk_free(self);
}

static const struct sk_sink_calls dataset_calls = {.chunk_new = dataset_chunk_new,
                                                   .chunk_add = dataset_chunk_add,
                                                   .chunk_free = dataset_chunk_free,
                                                   .append = dataset_append,
                                                   .prepare = dataset_prepare,
                                                   .commit = dataset_commit,
                                                   .bytes = dataset_bytes,
                                                   .keep_ledger = dataset_keep_ledger,
                                                   .close = dataset_close};

/* Removes what killed runs of this source left. Under the lock: of a run that is committing, perhaps on
 * another machine, nothing may be taken away. */
static shukei_status clear_litter(struct dataset_sink *self, shukei_error *err)
{
  struct sk_store_lock *lock = NULL;
  if (!sk_store_is_folder(self->names.folder))
    return SHUKEI_OK;
  shukei_status st = sk_store_lock(self->names.lock, self->budget, &lock, err);
  if (!st)
    st = sk_store_clear_named(self->names.folder, self->names.file, true, self->budget, err);
  if (!st)
    st = sk_dataset_ledger_clear(&self->names, self->budget, err);
  sk_store_unlock(lock);
  return st;
}

static shukei_status find_place(struct dataset_sink *self, shukei_error *err)
{
  struct sk_buffer path;
  sk_buffer_init(&path, self->budget, SIZE_MAX);
  sk_buffer_text(&path, self->names.folder);
  sk_buffer_add(&path, self->names.file, strlen(self->names.file) + 1);
  const shukei_status st =
      path.failed ? sk_fail_memory(err, self->budget, 0, "a dataset sink")
                  : sk_store_create((const char *)path.bytes, self->budget, &self->place, err);
  sk_buffer_reset(&path);
  return st;
}

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
  self->start_day = options->start_day;
  self->end_day = options->end_day;
  self->whole_range = options->start_day != INT32_MIN && options->end_day != INT32_MAX;
  self->ranges = options->ranges;
  self->range_count = options->range_count;
  const char *source = options->source_uuid;
  if (source)
    self->source = sk_strndup(budget, source, strlen(source));
  shukei_status st = sk_dataset_names_init(&self->names, path, source, budget, err);
  if (!st && source && !self->source)
    st = sk_fail_memory(err, budget, strlen(source), "a dataset sink");
  if (!st)
    st = clear_litter(self, err);
  if (!st)
    st = find_place(self, err);
  if (!st)
    st = sk_parquet_sink_open(NULL, options, budget, &self->parquet, err);
  if (st) {
    dataset_close(&self->sink);
    return st;
  }
  *out = &self->sink;
  return SHUKEI_OK;
}
