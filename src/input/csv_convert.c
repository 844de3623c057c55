/* SPDX-License-Identifier: Apache-2.0 */
/* The conversion as a whole: schemas first, from all headers and footers, then CSV by a pipeline, then Parquet file by
 * file (convert_parquet.c). Where payloads of several
 * clusters are read, one cluster after the other; the files of all appear in the end.
 *
 * Blocks of the files are claimed in order, each with a ticket, parsed by whoever claimed them, and
 * written in the order of the tickets. Nobody is the writer for good: a worker that has parsed a block
 * writes it and those that wait behind it, unless another is at that already. So all workers parse
 * while one writes, and a worker waits only when all pieces are in use. A piece that failed to parse
 * ends the run when its turn comes, so that the first error of the input is reported, whichever
 * worker met it. */
#include "input/csv_convert.h"
#include "base/calendar.h"
#include "base/crew.h"
#include "base/platform.h"
#include "base/text.h"
#include "input/archive.h"
#include "input/ascii.h"
#include "input/bad_rows.h"
#include "input/convert_parquet.h"
#include "input/reader.h"
#include "store/store.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct converter {
  const shukei_convert_options *options;
  const struct sk_plan *plan;
  struct sk_budget *budget;
  struct sk_convert_settings settings;
  struct sk_arena arena;         /* files, columns, names */
  struct sk_convert_file *files; /* of the cluster that is read, CSV */
  uint32_t file_count, all_files;
  struct sk_convert_file *parquet; /* likewise; in the order in which they are read */
  uint32_t parquet_count;
  struct sk_convert_report reports[SK_REPORT_COUNT];
  struct sk_convert_writer *writers;      /* [cluster_count], as far as they were begun */
  shukei_convert_options *writer_options; /* likewise, each with its cluster's source */
  uint32_t writer_count;
  struct sk_convert_writer *writer; /* the last of them */
  struct sk_bad_rows *kept;
  uint64_t bytes_known;
  unsigned threads;
  pthread_mutex_t claim_lock; /* next_file, csv, next_ticket, bytes_behind */
  uint32_t next_file;
  struct sk_csv *csv; /* of files[next_file - 1] */
  uint64_t next_ticket;
  uint64_t bytes_behind; /* of the files that are done */
  pthread_mutex_t lock;  /* the rest */
  pthread_cond_t changed;
  struct sk_piece *pieces; /* [piece_count], by ticket modulo that */
  uint32_t piece_count;
  uint64_t written; /* tickets below have been */
  bool writing;
  shukei_status status; /* of the run */
  shukei_error error;
  struct sk_counts counts;
  _Atomic uint64_t bytes_done;
};

static void warn(const struct converter *self, const char *text)
{
  const shukei_callbacks *callbacks = &self->options->callbacks;
  if (callbacks->log)
    callbacks->log(callbacks->context, SHUKEI_LOG_WARNING, text);
}

/* ---- schemas ----------------------------------------------------------------------------------- */

/* Known fields by their kind, others by their names: reports of virtual machines and GPUs. */
static enum sk_convert_kind kind_of_column(enum sk_report report, const char *name)
{
  static const char *const times[] = {"interval_start", "interval_end", "report_period_start",
                                      "report_period_end"};
  static const char *const numbers[] = {"_seconds", "_bytes", "_cores", "_sockets",
                                        "_threads", "_mib",   "_uptime"};
  const int field = sk_field_of_column(report, name);
  if (field >= 0) {
    const enum sk_field_kind kind = sk_field_info((enum sk_field)field)->kind;
    return kind == SK_FIELD_TIME     ? SK_CONVERT_TIME
           : kind == SK_FIELD_NUMBER ? SK_CONVERT_NUMBER
           : kind == SK_FIELD_LABELS ? SK_CONVERT_LABELS
                                     : SK_CONVERT_TEXT;
  }
  for (size_t i = 0; i < SK_COUNT(times); i++)
    if (strcmp(name, times[i]) == 0)
      return SK_CONVERT_TIME;
  for (size_t i = 0; i < SK_COUNT(numbers); i++)
    if (sk_ends_with(name, numbers[i]))
      return SK_CONVERT_NUMBER;
  return sk_ends_with(name, "_labels") ? SK_CONVERT_LABELS : SK_CONVERT_TEXT;
}

static shukei_status no_memory(const struct converter *self, shukei_error *err)
{
  return sk_fail_memory(err, self->budget, 0, "the columns of a report");
}

/* What keeps the values of two files' columns of one name, integers beyond 2^53 beside doubles apart. */
static enum sk_convert_kind common_kind(enum sk_convert_kind a, enum sk_convert_kind b)
{
  const bool numbers = (a == SK_CONVERT_NUMBER || a == SK_CONVERT_INTEGER) &&
                       (b == SK_CONVERT_NUMBER || b == SK_CONVERT_INTEGER);
  if (a == b || b == SK_CONVERT_ANY)
    return a;
  return a == SK_CONVERT_ANY ? b : numbers ? SK_CONVERT_NUMBER : SK_CONVERT_TEXT;
}

/* The report's column of that name, added where new; UINT32_MAX when memory lacks. */
static uint32_t add_column(struct converter *self, struct sk_convert_report *report,
                           const char *name, enum sk_convert_kind kind)
{
  for (uint32_t i = 0; i < report->column_count; i++)
    if (strcmp(report->columns[i].name, name) == 0) {
      report->kinds[i] = common_kind(report->kinds[i], kind);
      return i;
    }
  if (report->column_count == report->capacity) {
    const uint32_t more = report->capacity ? report->capacity * 2 : 64;
    struct sk_write_column *columns = sk_arena_alloc(&self->arena, more * sizeof *columns);
    enum sk_convert_kind *kinds = sk_arena_alloc(&self->arena, more * sizeof *kinds);
    if (!columns || !kinds)
      return UINT32_MAX;
    if (report->column_count) {
      memcpy(columns, report->columns, report->column_count * sizeof *columns);
      memcpy(kinds, report->kinds, report->column_count * sizeof *kinds);
    }
    report->columns = columns;
    report->kinds = kinds;
    report->capacity = more;
  }
  const size_t length = strlen(name);
  char *copy = sk_arena_bytes(&self->arena, length + 1);
  if (!copy)
    return UINT32_MAX;
  memcpy(copy, name, length + 1);
  const uint32_t index = report->column_count++;
  report->kinds[index] = kind;
  report->columns[index] = (struct sk_write_column){
      .name = copy, .required = strcmp(name, sk_field_info(SK_F_INTERVAL_START)->column) == 0};
  return index;
}

/* Adds the columns of an open CSV file to its report's. */
static shukei_status add_columns(struct converter *self, struct sk_convert_file *file,
                                 const struct sk_csv *csv, shukei_error *err)
{
  const char *const *names = sk_csv_columns(csv);
  const uint32_t count = file->column_count = sk_csv_column_count(csv);
  shukei_status st = sk_csv_check_names(csv, -1, err);
  if (st)
    return st;
  file->slots = sk_arena_alloc(&self->arena, count * sizeof *file->slots);
  file->columns = sk_arena_alloc(&self->arena, count * sizeof *file->columns);
  file->start_slot = UINT32_MAX;
  if (!file->slots || !file->columns)
    return no_memory(self, err);
  for (uint32_t i = 0; i < count; i++) {
    if (!names[i][0])
      continue;
    const uint32_t column =
        add_column(self, file->report, names[i], kind_of_column(file->report->report, names[i]));
    if (column == UINT32_MAX)
      return no_memory(self, err);
    if (file->report->columns[column].required)
      file->start_slot = file->slot_count;
    file->slots[i] = file->slot_count;
    file->columns[file->slot_count++] = column;
  }
  for (uint32_t i = 0; i < count; i++)
    if (!names[i][0])
      file->slots[i] = file->slot_count;
  if (file->start_slot == UINT32_MAX)
    st = sk_fail(err, SHUKEI_EFORMAT, "%s: %s report lacks interval_start", file->planned->path,
                 sk_report_info(file->report->report)->name);
  return st;
}

/* Adds one column of a Parquet file; a second one of its name would be another value of the same cell. */
static shukei_status add_leaf(struct converter *self, struct sk_convert_file *file, uint32_t leaf,
                              const struct sk_column_meta *meta, shukei_error *err)
{
  const char *name;
  const enum sk_convert_kind kind = sk_parquet_kind(file->report->report, meta, &name);
  const uint32_t column = add_column(self, file->report, name, kind);
  if (column == UINT32_MAX)
    return no_memory(self, err);
  for (uint32_t slot = 0; slot < file->slot_count; slot++)
    if (file->columns[slot] == column)
      return sk_fail(err, SHUKEI_EFORMAT, "%s: column %s: is there twice", file->planned->path,
                     name);
  if (file->report->columns[column].required)
    file->start_slot = file->slot_count;
  file->leaves[file->slot_count] = (int)leaf;
  file->columns[file->slot_count++] = column;
  return SHUKEI_OK;
}

/* Adds the columns of an open Parquet file to its report's. */
static shukei_status add_leaves(struct converter *self, struct sk_convert_file *file,
                                const struct sk_file *parquet, shukei_error *err)
{
  const struct sk_meta *meta = sk_file_meta(parquet);
  char text[600];
  shukei_status st = SHUKEI_OK;
  if (meta->column_count > INT16_MAX)
    return sk_fail(err, SHUKEI_EUNSUPPORTED, "%s: %" PRIu32 " columns, at most %d can be written",
                   file->planned->path, meta->column_count, INT16_MAX);
  file->leaves = sk_arena_alloc(&self->arena, (meta->column_count + 1) * sizeof *file->leaves);
  file->columns = sk_arena_alloc(&self->arena, (meta->column_count + 1) * sizeof *file->columns);
  file->start_slot = UINT32_MAX;
  if (!file->leaves || !file->columns)
    return no_memory(self, err);
  for (uint32_t i = 0; !st && i < meta->column_count; i++)
    if (meta->columns[i].flat)
      st = add_leaf(self, file, i, &meta->columns[i], err);
  for (uint32_t i = 0; !st && i < meta->element_count; i++) {
    const struct sk_element *element = &meta->elements[i];
    if (element->depth != 1 || (element->leaf >= 0 && meta->columns[element->leaf].flat))
      continue;
    snprintf(text, sizeof text, "%s: column %s: is nested, left out", file->planned->path,
             element->name);
    warn(self, text);
  }
  if (!st && file->start_slot == UINT32_MAX)
    st = sk_fail(err, SHUKEI_EFORMAT, "%s: %s report lacks interval_start", file->planned->path,
                 sk_report_info(file->report->report)->name);
  if (!st && sk_column_kind(&meta->columns[file->leaves[file->start_slot]]) == SK_KIND_NUMBER)
    st = sk_fail(err, SHUKEI_EFORMAT, "%s: column interval_start: is no time", file->planned->path);
  if (!st)
    file->first_us = sk_parquet_first_us(parquet);
  return st;
}

static shukei_status read_header(struct converter *self, const struct sk_planned_file *planned,
                                 uint32_t number, shukei_error *err)
{
  const bool parquet = planned->format == SK_FORMAT_PARQUET;
  struct sk_convert_file *file =
      parquet ? &self->parquet[self->parquet_count++] : &self->files[self->file_count++];
  struct sk_parquet_input input = {.object = NULL};
  struct sk_csv *csv = NULL;
  *file = (struct sk_convert_file){
      .planned = planned, .number = number, .report = &self->reports[planned->report]};
  shukei_status st = parquet ? sk_parquet_input_open(planned, self->budget, &input, err)
                             : sk_csv_open(planned, (size_t)64 << 10, self->budget, &csv, err);
  if (!st)
    st = parquet ? add_leaves(self, file, input.file, err) : add_columns(self, file, csv, err);
  sk_csv_close(csv);
  sk_parquet_input_close(&input);
  return st;
}

/* Parquet files by report, and by when they begin: so their rows come in the order of time, and days end. */
static int by_time(const void *a, const void *b)
{
  const struct sk_convert_file *x = a, *y = b;
  if (x->report != y->report)
    return x->report < y->report ? -1 : 1;
  if (x->first_us != y->first_us)
    return x->first_us < y->first_us ? -1 : 1;
  return (x->number > y->number) - (x->number < y->number);
}

/* All columns are known: settles what they are written as. */
static shukei_status settle_columns(struct converter *self, struct sk_convert_report *report,
                                    shukei_error *err)
{
  static const enum sk_write_kind write[] = {
      [SK_CONVERT_TEXT] = SK_WRITE_TEXT,     [SK_CONVERT_LABELS] = SK_WRITE_TEXT,
      [SK_CONVERT_NUMBER] = SK_WRITE_DOUBLE, [SK_CONVERT_TIME] = SK_WRITE_TIME,
      [SK_CONVERT_INTEGER] = SK_WRITE_INT64, [SK_CONVERT_DATE] = SK_WRITE_DATE};
  for (uint32_t i = 0; i < report->column_count; i++) {
    if (report->kinds[i] == SK_CONVERT_ANY)
      report->kinds[i] = SK_CONVERT_TEXT;
    report->columns[i].kind = write[report->kinds[i]];
  }
  report->last = sk_arena_alloc(&self->arena, (report->capacity + 1) * sizeof *report->last);
  if (!report->last)
    return no_memory(self, err);
  memset(report->last, 0, (report->capacity + 1) * sizeof *report->last);
  return SHUKEI_OK;
}

/* Reads the headers and footers of a cluster's files. */
static shukei_status read_headers(struct converter *self, uint32_t cluster, shukei_error *err)
{
  const struct sk_plan *plan = self->plan;
  shukei_status st = SHUKEI_OK;
  self->files = sk_arena_alloc(&self->arena, (plan->count + 1) * sizeof *self->files);
  self->parquet = sk_arena_alloc(&self->arena, (plan->count + 1) * sizeof *self->parquet);
  self->file_count = self->parquet_count = self->next_file = 0;
  memset(self->reports, 0, sizeof self->reports);
  for (int r = 0; r < SK_REPORT_COUNT; r++)
    self->reports[r].report = (enum sk_report)r;
  if (!self->files || !self->parquet)
    return no_memory(self, err);
  for (size_t i = 0; !st && i < plan->count; i++)
    if (plan->files[i].cluster == cluster)
      st = read_header(self, &plan->files[i], (uint32_t)i, err);
  for (int r = 0; !st && r < SK_REPORT_COUNT; r++)
    st = settle_columns(self, &self->reports[r], err);
  if (self->parquet_count)
    qsort(self->parquet, self->parquet_count, sizeof *self->parquet, by_time);
  self->all_files += self->file_count + self->parquet_count;
  return st;
}

/* Of the reports that are here, one at least must have the column, and as texts. */
static shukei_status check_bloom_columns(const struct converter *self, shukei_error *err)
{
  const shukei_convert_options *options = self->options;
  for (size_t i = 0; i < options->bloom_column_count; i++) {
    const char *const name = options->bloom_columns[i];
    bool found = false;
    for (int r = 0; r < SK_REPORT_COUNT; r++)
      for (uint32_t c = 0; c < self->reports[r].column_count; c++) {
        if (strcmp(self->reports[r].columns[c].name, name) != 0)
          continue;
        found = true;
        if (self->reports[r].columns[c].kind != SK_WRITE_TEXT)
          return sk_fail(err, SHUKEI_EINVAL,
                         "column \"%s\" holds no texts, and only these can have a Bloom filter",
                         name);
      }
    if (!found)
      return sk_fail(err, SHUKEI_EINVAL, "no report has a column \"%s\", to get a Bloom filter",
                     name);
  }
  return SHUKEI_OK;
}

/* ---- the pipeline ------------------------------------------------------------------------------- */

/* Ends the run; the first failure counts. Under the lock. */
static void fail(struct converter *self, shukei_status status, const shukei_error *error)
{
  if (!self->status) {
    self->status = status;
    self->error = *error;
  }
  pthread_cond_broadcast(&self->changed);
}

/* The next block of the input into the piece; NULL csv: the end. Under the claim lock. */
static shukei_status claim_block(struct converter *self, struct sk_piece *piece, bool *claimed,
                                 shukei_error *err)
{
  *claimed = false;
  for (;;) {
    if (self->csv) {
      const struct sk_convert_file *file = &self->files[self->next_file - 1];
      const shukei_status st = sk_csv_claim(self->csv, &piece->block, claimed, err);
      atomic_store_explicit(&self->bytes_done, self->bytes_behind + sk_csv_position(self->csv),
                            memory_order_relaxed);
      if (st || *claimed) {
        piece->file = file;
        return st;
      }
      sk_csv_close(self->csv);
      self->csv = NULL;
      if (file->planned->member)
        sk_archive_forget(file->planned->member);
      self->bytes_behind += file->planned->size_bytes;
    }
    if (self->next_file == self->file_count)
      return SHUKEI_OK;
    const struct sk_planned_file *planned = self->files[self->next_file++].planned;
    const shukei_status st =
        sk_csv_open(planned, SK_CSV_BLOCK_BYTES, self->budget, &self->csv, err);
    if (st)
      return st;
  }
}

/* Waits for a free piece and claims a block into it; NULL: nothing is left, or the run has ended. */
static struct sk_piece *claim_piece(struct converter *self)
{
  struct sk_piece *piece = NULL;
  shukei_error error = {0};
  bool claimed = false, canceled;
  shukei_status st = SHUKEI_OK;
  const shukei_callbacks *callbacks = &self->options->callbacks;
  pthread_mutex_lock(&self->claim_lock);
  pthread_mutex_lock(&self->lock);
  while (!self->status && self->next_ticket - self->written >= self->piece_count)
    pthread_cond_wait(&self->changed, &self->lock);
  const bool ended = self->status != SHUKEI_OK;
  pthread_mutex_unlock(&self->lock);
  canceled = callbacks->canceled && callbacks->canceled(callbacks->context);
  if (!ended) {
    piece = &self->pieces[self->next_ticket % self->piece_count];
    st = canceled ? sk_fail(&error, SHUKEI_ECANCELED, "stopped on request")
                  : claim_block(self, piece, &claimed, &error);
    if (st && !canceled) { /* in its turn: rows before it may be bad, too */
      piece->status = st;
      piece->error = error;
      claimed = true;
    }
    if (claimed) {
      piece->ticket = self->next_ticket++;
      if (!st)
        piece->status = SHUKEI_OK;
    }
  }
  pthread_mutex_unlock(&self->claim_lock);
  if (canceled && !ended) {
    pthread_mutex_lock(&self->lock);
    fail(self, SHUKEI_ECANCELED, &error);
    pthread_mutex_unlock(&self->lock);
  }
  return claimed ? piece : NULL;
}

static void show_progress(struct converter *self)
{
  const shukei_callbacks *callbacks = &self->options->callbacks;
  if (!callbacks->progress)
    return;
  const shukei_progress now = {
      .phase = "convert",
      .rows_done = self->counts.rows_read,
      .bytes_done = atomic_load_explicit(&self->bytes_done, memory_order_relaxed),
      .bytes_known = self->bytes_known,
      .memory_bytes = atomic_load_explicit(&self->budget->used_bytes, memory_order_relaxed)};
  callbacks->progress(callbacks->context, &now);
}

/* Hands in a parsed piece and, unless another worker is at it, writes what is ready in turn. */
static void hand_in(struct converter *self, struct sk_piece *piece)
{
  pthread_mutex_lock(&self->lock);
  piece->ready = true;
  while (!self->writing && !self->status) {
    struct sk_piece *turn = &self->pieces[self->written % self->piece_count];
    if (!turn->ready || turn->ticket != self->written)
      break;
    self->writing = true;
    pthread_mutex_unlock(&self->lock);
    shukei_error error = turn->error;
    const shukei_status st =
        turn->status ? turn->status : sk_convert_writer_add(self->writer, turn, &error);
    sk_counts_merge(&self->counts, &turn->counts);
    show_progress(self);
    pthread_mutex_lock(&self->lock);
    turn->ready = false;
    self->writing = false;
    self->written++;
    if (st)
      fail(self, st, &error);
    pthread_cond_broadcast(&self->changed);
  }
  pthread_mutex_unlock(&self->lock);
}

static void work(void *context, unsigned number)
{
  struct converter *self = context;
  struct sk_convert_worker worker;
  shukei_error error;
  (void)number;
  const shukei_status st = sk_convert_worker_init(&worker, self->budget, &error);
  if (st) {
    pthread_mutex_lock(&self->lock);
    fail(self, st, &error);
    pthread_mutex_unlock(&self->lock);
  }
  for (struct sk_piece *piece; !st && (piece = claim_piece(self));) {
    if (!piece->status)
      sk_piece_parse(piece, &worker, &self->settings);
    else
      sk_counts_init(&piece->counts);
    hand_in(self, piece);
  }
  sk_convert_worker_reset(&worker);
}

/* ---- Parquet ------------------------------------------------------------------------------------ */

static shukei_status parquet_step(void *context, shukei_error *err)
{
  struct converter *self = context;
  const shukei_callbacks *callbacks = &self->options->callbacks;
  show_progress(self);
  return callbacks->canceled && callbacks->canceled(callbacks->context)
             ? sk_fail(err, SHUKEI_ECANCELED, "stopped on request")
             : SHUKEI_OK;
}

/* The Parquet files of the cluster, one after the other. */
static shukei_status convert_parquet(struct converter *self, shukei_error *err)
{
  self->writer->texts.checks = self->writer->labels.checks = true;
  const struct sk_parquet_rows rows = {.settings = &self->settings,
                                       .writer = self->writer,
                                       .counts = &self->counts,
                                       .step = parquet_step,
                                       .context = self};
  shukei_status st = SHUKEI_OK;
  for (uint32_t i = 0; !st && i < self->parquet_count; i++) {
    const struct sk_convert_file *file = &self->parquet[i];
    const bool known = file->first_us != INT64_MIN && file->first_us != INT64_MAX;
    if (i && file->report != file[-1].report)
      st = sk_convert_writer_end_before(self->writer, file[-1].report->report, INT32_MAX, err);
    if (!st && known)
      st = sk_convert_writer_end_before(self->writer, file->report->report,
                                        sk_day_of_us(file->first_us), err);
    if (!st)
      st = sk_parquet_rows_convert(&rows, file, err);
    atomic_fetch_add_explicit(&self->bytes_done, file->planned->size_bytes, memory_order_relaxed);
  }
  return st;
}

/* ---- the whole ---------------------------------------------------------------------------------- */

static bool plain_part(const char *text)
{
  return text && *text && !strchr(text, '/') && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

/* Part of the paths of a cluster's files. */
static const char *source_of(const struct converter *self, size_t cluster)
{
  const shukei_cluster *known = self->plan->clusters[cluster].known;
  return self->options->source || !known ? self->options->source : known->source;
}

/* Parquet that is written among the Parquet that is read would be its rows a second time. */
static shukei_status check_destination(const struct converter *self, shukei_error *err)
{
  const shukei_convert_options *options = self->options;
  const char *holds = NULL;  /* Parquet, and the destination */
  const char *before = NULL; /* the file before, mostly of the same folder */
  for (size_t i = 0; i < self->plan->count && !holds; i++) {
    const struct sk_planned_file *const file = &self->plan->files[i];
    if (file->format != SK_FORMAT_PARQUET)
      continue;
    if (sk_store_among(options->destination, file->path, before))
      holds = options->destination;
    before = file->path;
  }
  for (size_t i = 0; before && i < options->source_count && !holds; i++)
    if (sk_store_inside(options->sources[i], options->destination))
      holds = options->sources[i];
  if (!holds)
    return SHUKEI_OK;
  sk_fail(err, SHUKEI_EINVAL,
          "\"%s\" lies in \"%s\", whose Parquet files would then have their rows twice",
          options->destination, holds);
  sk_advise(err, "name a folder beside it with --to");
  return SHUKEI_EINVAL;
}

/* Parquet that is written above that which is read, or below its folder, is well as long as the two are read apart. */
static void warn_of_one_folder(const struct converter *self)
{
  const char *const destination = self->options->destination, *before = NULL;
  char text[600];
  for (size_t i = 0; i < self->plan->count; i++) {
    const char *const path = self->plan->files[i].path, *const slash = strrchr(path, '/');
    const size_t length = slash ? (size_t)(slash - path) + 1 : 0;
    char folder[4096] = ".";
    if (self->plan->files[i].format != SK_FORMAT_PARQUET || length >= sizeof folder ||
        (before && strncmp(path, before, length) == 0 && !strchr(before + length, '/')))
      continue;
    before = path;
    if (length)
      snprintf(folder, sizeof folder, "%.*s", length > 1 ? (int)length - 1 : 1, path);
    const char *const both = sk_store_inside(destination, folder)   ? destination
                             : sk_store_inside(folder, destination) ? folder
                                                                    : NULL;
    if (!both)
      continue;
    snprintf(text, sizeof text,
             "\"%.200s\" holds \"%.200s\" and what is made of it: who reads all of that folder has "
             "the rows twice",
             both, path);
    warn(self, text);
    return;
  }
}

static shukei_status set_up(struct converter *self, shukei_error *err)
{
  const shukei_convert_options *options = self->options;
  struct sk_read_options *read = &self->settings.read;
  const bool folders =
      options->layout == SHUKEI_LAYOUT_KOKU || options->layout == SHUKEI_LAYOUT_POC;
  if (!options->destination || !*options->destination)
    return sk_fail(err, SHUKEI_EINVAL, "no destination is named");
  if (strstr(options->destination, "://") && !sk_store_distant(options->destination))
    return sk_fail(err, SHUKEI_EINVAL, "\"%s\": neither a folder nor s3://BUCKET/PREFIX",
                   options->destination);
  if (folders && !plain_part(options->org)) {
    sk_fail(err, SHUKEI_EINVAL, "the layout needs an organisation, without '/'");
    sk_advise(err, "give it with --org");
    return SHUKEI_EINVAL;
  }
  for (size_t c = 0; c < self->plan->cluster_count && folders; c++)
    if (!plain_part(source_of(self, c))) {
      sk_fail(err, SHUKEI_EINVAL, "the layout needs a source, without '/'");
      sk_advise(err, "give it with --source, or list the cluster in the configuration's clusters");
      return SHUKEI_EINVAL;
    }
  const shukei_status outside = check_destination(self, err);
  if (outside)
    return outside;
  warn_of_one_folder(self);
  for (size_t i = 0; i < self->plan->count; i++)
    self->bytes_known += self->plan->files[i].size_bytes;
  shukei_status st =
      sk_parse_days(options->start, options->end, &read->start_day, &read->end_day, err);
  if (!st && options->bad_rows == SHUKEI_BAD_ROWS_KEEP && !options->dry_run)
    st = sk_bad_rows_open(options->bad_rows_file, self->budget, &self->kept, err);
  if (st)
    return st;
  read->bad_rows = self->kept                                  ? SHUKEI_BAD_ROWS_KEEP
                   : options->bad_rows == SHUKEI_BAD_ROWS_KEEP ? SHUKEI_BAD_ROWS_SKIP
                                                               : options->bad_rows;
  read->keep_bad_row = sk_bad_rows_keep;
  read->keep_context = self->kept;
  self->settings.budget = self->budget;
  self->threads = options->threads ? options->threads : sk_processor_count();
  self->piece_count = self->threads * 2 + 1;
  self->pieces = sk_alloc(self->budget, self->piece_count * sizeof *self->pieces);
  if (!self->pieces)
    return sk_fail_memory(err, self->budget, self->piece_count * sizeof *self->pieces, "blocks");
  for (uint32_t i = 0; i < self->piece_count; i++)
    sk_piece_init(&self->pieces[i], self->budget);
  const size_t clusters = self->plan->cluster_count;
  self->writers = sk_calloc(self->budget, clusters, sizeof *self->writers);
  self->writer_options = sk_calloc(self->budget, clusters, sizeof *self->writer_options);
  return self->writers && self->writer_options
             ? SHUKEI_OK
             : sk_fail_memory(err, self->budget, clusters * sizeof *self->writers, "clusters");
}

/* Reads the files of one cluster and ends what is made of them. */
static shukei_status convert_cluster(struct converter *self, uint32_t cluster, shukei_error *err)
{
  shukei_convert_options *options = &self->writer_options[cluster];
  self->writer = &self->writers[cluster];
  *options = *self->options;
  options->source = source_of(self, cluster);
  self->writer_count = cluster + 1;
  shukei_status st =
      sk_convert_writer_init(self->writer, options, self->threads, self->budget, err);
  if (!st)
    st = read_headers(self, cluster, err);
  if (st || self->file_count + self->parquet_count == 0)
    return st;
  st = check_bloom_columns(self, err);
  if (!st && self->file_count) {
    sk_crew_run(NULL, self->threads, work, self);
    st = self->status;
    if (st && err)
      *err = self->error;
  }
  if (!st && self->parquet_count)
    st = convert_parquet(self, err);
  return st ? st : sk_convert_writer_finish(self->writer, err);
}

/* All clusters, then the files of all appear. */
static shukei_status convert_all(struct converter *self, shukei_error *err)
{
  const shukei_convert_options *options = self->options;
  shukei_status st = SHUKEI_OK;
  for (uint32_t c = 0; c < self->plan->cluster_count && !st; c++)
    st = convert_cluster(self, c, err);
  if (!st && self->all_files == 0)
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
  stats->files = self->all_files;
  stats->bytes_read = atomic_load(&self->bytes_done);
  stats->rows_read = self->counts.rows_read;
  stats->rows_filtered = self->counts.rows_filtered;
  stats->rows_bad = self->counts.rows_bad;
  stats->cells_empty = self->counts.cells_empty;
  stats->cells_unparsable = self->counts.cells_unparsable;
  stats->values_negative = self->counts.values_negative;
  for (uint32_t c = 0; c < self->writer_count; c++) {
    stats->label_pairs_skipped += self->writers[c].label_pairs_skipped;
    stats->rows_written += self->writers[c].rows_written;
    stats->bytes_written += self->writers[c].bytes_written;
  }
  stats->threads = self->threads;
}

static void tear_down(struct converter *self)
{
  for (uint32_t c = self->writer_count; c-- > 0;)
    sk_convert_writer_reset(&self->writers[c]);
  sk_free(self->writers);
  sk_free(self->writer_options);
  sk_bad_rows_close(self->kept);
  sk_csv_close(self->csv);
  for (uint32_t i = 0; self->pieces && i < self->piece_count; i++)
    sk_piece_reset(&self->pieces[i]);
  sk_free(self->pieces);
  sk_arena_reset(&self->arena);
  pthread_mutex_destroy(&self->claim_lock);
  pthread_mutex_destroy(&self->lock);
  pthread_cond_destroy(&self->changed);
}

static void warn_of_counts(const struct converter *self)
{
  const struct sk_plan *plan = self->plan;
  const struct sk_counts *counts = &self->counts;
  char text[600];
  if (counts->rows_bad) {
    snprintf(text, sizeof text, "%" PRIu64 " bad rows left out, the first: \"%s\" row %" PRIu64,
             counts->rows_bad, plan->files[counts->first_bad.file].path, counts->first_bad.row);
    warn(self, text);
  }
  if (counts->cells_unparsable) {
    snprintf(text, sizeof text,
             "%" PRIu64 " cells are no numbers, which become 0, or no times, which become null, "
             "the first: \"%s\" row %" PRIu64,
             counts->cells_unparsable, plan->files[counts->first_unparsable.file].path,
             counts->first_unparsable.row);
    warn(self, text);
  }
  if (counts->rows_read == counts->rows_filtered + counts->rows_bad)
    warn(self, "nothing is written: the reports have no rows of these days");
}

shukei_status sk_convert(const shukei_convert_options *options, const struct sk_plan *plan,
                         struct sk_budget *budget, shukei_stats *stats, shukei_error *err)
{
  struct converter self = {.options = options, .plan = plan, .budget = budget};
  sk_arena_init(&self.arena, budget);
  sk_counts_init(&self.counts);
  if (pthread_mutex_init(&self.claim_lock, NULL) || pthread_mutex_init(&self.lock, NULL) ||
      pthread_cond_init(&self.changed, NULL))
    return sk_fail(err, SHUKEI_ENOMEM, "no lock for the conversion");
  shukei_status st = set_up(&self, err);
  if (!st)
    st = convert_all(&self, err);
  if (!st)
    warn_of_counts(&self);
  tell(&self, stats);
  tear_down(&self);
  return st;
}
