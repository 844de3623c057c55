/* SPDX-License-Identifier: Apache-2.0 */
/* CSV files, plain or in gzip, and archives of them.
 *
 * Every worker takes the next slice, makes its bytes alone (rows, what frames them, compression)
 * and then waits for its turn to append them: making is most of the work and runs side by side,
 * writing is in order. A worker that waits for its turn waits for slices that other running workers
 * hold, never for one that nobody has taken; so it ends with one worker as well as with many. A
 * worker holds one slice, whatever the size of the dataset.
 *
 * The last slice of a file closes it after the turn has been passed on: syncing waits for the disk
 * while the others go on.
 *
 * A tar archive has a member's size before its bytes. So archives are made in two passes, of which
 * the first makes all rows and keeps their lengths alone: that costs time, but neither memory nor
 * room on the disk. */
#include "generate/writing.h"

#include "base/crew.h"
#include "generate/csv_rows.h"
#include "generate/gzip_write.h"
#include "generate/tar_write.h"

#include <pthread.h>
#include <string.h>

#define SLICE_MOST_BYTES ((size_t)1 << 30)
#define PROGRESS_EVERY 16u /* slices */

struct text_run {
  struct sk_writing *writing;
  bool measure; /* first pass for archives: lengths alone */
  bool compress;
  pthread_mutex_t lock;
  pthread_cond_t turned;
  shukei_status status; /* the first failure, under the lock */
  shukei_error error;
  /* Where the next slice comes from; under the lock. */
  uint32_t part;
  struct sk_slicer slicer;
  bool begun; /* the part's first slice was taken */
  uint64_t taken, turn;
  /* The file being written; belongs to whose turn it is. */
  struct sk_output *output;
  uint32_t file_crc, raw_crc;
  uint64_t file_bytes, raw_bytes;
};

struct piece {
  struct sk_slice slice;
  uint32_t part;
  uint64_t number;
  bool opens_part, ends_part, opens_file, ends_file;
};

struct worker {
  struct sk_buffer text, packed;
  struct sk_deflater *deflater;
  struct sk_tally tally;
  uint32_t raw_crc;
  uint64_t row_bytes; /* of the part: with its header line, without tar's framing */
};

static void begin_part(struct text_run *run)
{
  const struct sk_plan_files *const files = run->writing->files;
  if (run->part >= files->part_count)
    return;
  const struct sk_part *const part = &files->parts[run->part];
  sk_slicer_init(&run->slicer, run->writing->model, part->report, part->first_hour, part->end_hour);
  run->begun = false;
}

static void fail_run(struct text_run *run, shukei_status status, const shukei_error *error)
{
  pthread_mutex_lock(&run->lock);
  if (!run->status) {
    run->status = status;
    run->error = *error;
  }
  pthread_cond_broadcast(&run->turned);
  pthread_mutex_unlock(&run->lock);
}

/* Takes the next slice; false at the end and after a failure. */
static bool take(struct text_run *run, struct piece *piece)
{
  const struct sk_plan_files *const files = run->writing->files;
  bool taken = false;
  pthread_mutex_lock(&run->lock);
  if (!run->status && run->part < files->part_count) {
    taken = sk_slicer_next(&run->slicer, &piece->slice);
    piece->part = run->part;
    piece->number = run->taken++;
    piece->opens_part = !run->begun;
    piece->ends_part = run->slicer.hour >= run->slicer.end_hour;
    piece->opens_file = piece->opens_part;
    piece->ends_file = piece->ends_part;
    run->begun = true;
    if (files->archive_count > 0) {
      const struct sk_archive *const archive = &files->archives[files->parts[run->part].archive];
      piece->opens_file = piece->opens_part && run->part == archive->first_part;
      piece->ends_file =
          piece->ends_part && run->part + 1 == archive->first_part + archive->part_count;
    }
    if (piece->ends_part) {
      run->part++;
      begin_part(run);
    }
  }
  pthread_mutex_unlock(&run->lock);
  return taken;
}

static int64_t archive_time(const struct text_run *run, const struct sk_archive *archive)
{
  return run->writing->model->first_day * INT64_C(86400) + archive->end_hour * INT64_C(3600);
}

/* What stands before the rows of the slice. */
static void put_head(const struct text_run *run, const struct piece *piece, struct worker *worker)
{
  struct sk_writing *const writing = run->writing;
  const struct sk_part *const part = &writing->files->parts[piece->part];
  if (writing->files->archive_count > 0 && !run->measure) {
    const struct sk_archive *const archive = &writing->files->archives[part->archive];
    const int64_t time = archive_time(run, archive);
    if (piece->opens_file) {
      struct sk_buffer manifest;
      sk_buffer_init(&manifest, writing->budget, SLICE_MOST_BYTES);
      sk_payload_manifest(writing, archive, &manifest);
      sk_tar_header(&worker->text, "manifest.json", manifest.length, time);
      sk_buffer_add(&worker->text, manifest.bytes, manifest.length);
      sk_tar_pad(&worker->text, manifest.length);
      worker->text.failed |= manifest.failed;
      sk_buffer_reset(&manifest);
    }
    if (piece->opens_part)
      sk_tar_header(&worker->text, part->name, part->bytes, time);
  }
}

/* Makes the bytes of a slice in worker->text, and in worker->packed where they are compressed. */
static shukei_status make(struct text_run *run, const struct piece *piece, struct worker *worker,
                          shukei_error *err)
{
  struct sk_writing *const writing = run->writing;
  const struct sk_model *const model = writing->model;
  const struct sk_part *const part = &writing->files->parts[piece->part];
  const bool archived = writing->files->archive_count > 0 && !run->measure;
  struct sk_buffer *const text = &worker->text;
  sk_buffer_clear(text);
  sk_buffer_clear(&worker->packed);
  memset(&worker->tally.totals, 0, sizeof worker->tally.totals);
  memset(worker->tally.nodes, 0, sk_bits_bytes(model->node_count));
  memset(worker->tally.spaces, 0, sk_bits_bytes(model->space_count));
  put_head(run, piece, worker);
  const size_t before = text->length;
  if (piece->opens_part)
    sk_buffer_text(text, sk_csv_header(part->report));
  sk_csv_rows(model, &piece->slice, text, &worker->tally);
  worker->row_bytes = text->length - before;
  if (archived && piece->ends_part)
    sk_tar_pad(text, part->bytes);
  if (archived && piece->ends_file)
    sk_tar_end(text);
  bool ok = !text->failed;
  if (ok && run->compress) {
    worker->raw_crc = sk_gzip_crc(text->bytes, text->length);
    ok = sk_deflate_piece(worker->deflater, text->bytes, text->length, piece->ends_file,
                          &worker->packed);
  }
  return ok ? SHUKEI_OK
            : sk_fail_memory(err, writing->budget, text->capacity, "the rows of a slice");
}

static shukei_status put_file(struct text_run *run, const struct sk_buffer *bytes,
                              shukei_error *err)
{
  if (bytes->failed)
    return sk_fail_memory(err, run->writing->budget, bytes->capacity, "the frame of a file");
  run->file_crc =
      sk_gzip_crc_join(run->file_crc, sk_gzip_crc(bytes->bytes, bytes->length), bytes->length);
  run->file_bytes += bytes->length;
  run->writing->bytes_done += bytes->length;
  return sk_output_write(run->output, bytes->bytes, bytes->length, err);
}

/* The head or tail of a gzip member. */
static shukei_status put_frame(struct text_run *run, bool tail, shukei_error *err)
{
  struct sk_buffer frame;
  sk_buffer_init(&frame, run->writing->budget, 64);
  if (tail)
    sk_gzip_tail(&frame, run->raw_crc, run->raw_bytes);
  else
    sk_gzip_head(&frame);
  const shukei_status st = put_file(run, &frame, err);
  sk_buffer_reset(&frame);
  return st;
}

static shukei_status open_file(struct text_run *run, const struct sk_part *part, shukei_error *err)
{
  struct sk_plan_files *const files = run->writing->files;
  const char *const name =
      files->archive_count > 0 ? files->archives[part->archive].name : part->name;
  run->file_crc = run->raw_crc = 0;
  run->file_bytes = run->raw_bytes = 0;
  const shukei_status st = sk_writing_open(run->writing, name, &run->output, err);
  return st || !run->compress ? st : put_frame(run, false, err);
}

/* Notes what the finished file has become. */
static void note_file(struct text_run *run, struct sk_part *part)
{
  struct sk_plan_files *const files = run->writing->files;
  run->writing->written_bytes += run->file_bytes;
  if (files->archive_count > 0) {
    files->archives[part->archive].bytes = run->file_bytes;
    files->archives[part->archive].crc32 = run->file_crc;
  } else {
    run->writing->report_bytes[part->report] += run->file_bytes;
    part->bytes = run->file_bytes;
    part->crc32 = run->file_crc;
  }
}

/* The part of a slice that is done in turn. Hands over the output of a file that is complete. */
static shukei_status append(struct text_run *run, const struct piece *piece, struct worker *worker,
                            struct sk_output **complete, shukei_error *err)
{
  struct sk_writing *const writing = run->writing;
  struct sk_part *const part = &writing->files->parts[piece->part];
  shukei_status st = sk_writing_check(writing, err);
  if (st)
    return st;
  if (run->measure) {
    part->bytes += worker->row_bytes;
    return SHUKEI_OK;
  }
  if (piece->opens_file)
    st = open_file(run, part, err);
  if (!st && run->compress) {
    run->raw_crc = sk_gzip_crc_join(run->raw_crc, worker->raw_crc, worker->text.length);
    run->raw_bytes += worker->text.length;
  }
  if (!st)
    st = put_file(run, run->compress ? &worker->packed : &worker->text, err);
  if (!st && piece->ends_file && run->compress)
    st = put_frame(run, true, err);
  if (st)
    return st;
  part->rows += worker->tally.totals.rows;
  if (writing->files->archive_count > 0)
    writing->report_bytes[part->report] += worker->row_bytes;
  sk_writing_take(writing, &piece->slice, &worker->tally);
  if (piece->ends_file) {
    note_file(run, part);
    *complete = run->output;
    run->output = NULL;
  }
  if (piece->number % PROGRESS_EVERY == 0)
    sk_writing_progress(writing);
  return SHUKEI_OK;
}

/* Waits for the turn; false after a failure of whoever. */
static bool wait_turn(struct text_run *run, uint64_t number)
{
  pthread_mutex_lock(&run->lock);
  while (run->turn != number && !run->status)
    pthread_cond_wait(&run->turned, &run->lock);
  const bool mine = !run->status;
  pthread_mutex_unlock(&run->lock);
  return mine;
}

static void pass_turn(struct text_run *run)
{
  pthread_mutex_lock(&run->lock);
  run->turn++;
  pthread_cond_broadcast(&run->turned);
  pthread_mutex_unlock(&run->lock);
}

static shukei_status worker_init(struct text_run *run, struct worker *worker, shukei_error *err)
{
  struct sk_writing *const writing = run->writing;
  const struct sk_model *const model = writing->model;
  sk_buffer_init(&worker->text, writing->budget, SLICE_MOST_BYTES);
  sk_buffer_init(&worker->packed, writing->budget, SLICE_MOST_BYTES);
  worker->tally.nodes = sk_calloc(writing->budget, 1, sk_bits_bytes(model->node_count) + 8);
  worker->tally.spaces = sk_calloc(writing->budget, 1, sk_bits_bytes(model->space_count) + 8);
  if (!worker->tally.nodes || !worker->tally.spaces)
    return sk_fail_memory(err, writing->budget, sk_bits_bytes(model->node_count), "a worker");
  return run->compress ? sk_deflater_new(writing->budget, &worker->deflater, err) : SHUKEI_OK;
}

static void worker_reset(struct worker *worker)
{
  sk_buffer_reset(&worker->text);
  sk_buffer_reset(&worker->packed);
  sk_deflater_free(worker->deflater);
  sk_free(worker->tally.nodes);
  sk_free(worker->tally.spaces);
}

static void work(void *context, unsigned number)
{
  struct text_run *const run = context;
  struct worker worker = {.deflater = NULL};
  struct piece piece;
  shukei_error error = {.offset = -1};
  (void)number;
  shukei_status st = worker_init(run, &worker, &error);
  while (!st && take(run, &piece)) {
    struct sk_output *complete = NULL;
    st = make(run, &piece, &worker, &error);
    if (st || !wait_turn(run, piece.number))
      break;
    st = append(run, &piece, &worker, &complete, &error);
    if (!st)
      pass_turn(run);
    if (complete && !st)
      st = sk_output_commit(complete, &error);
    sk_output_close(complete);
  }
  if (st)
    fail_run(run, st, &error);
  worker_reset(&worker);
}

static shukei_status pass(struct sk_writing *writing, bool measure, shukei_error *err)
{
  const struct sk_plan_files *const files = writing->files;
  struct text_run run = {.writing = writing,
                         .measure = measure,
                         .compress = !measure &&
                                     (files->form == SK_FORM_CSV_GZ || files->archive_count > 0)};
  pthread_mutex_init(&run.lock, NULL);
  pthread_cond_init(&run.turned, NULL);
  writing->phase = measure ? "measure" : "write";
  begin_part(&run);
  sk_crew_run(NULL, writing->threads ? writing->threads : 1, work, &run);
  sk_output_close(run.output);
  pthread_cond_destroy(&run.turned);
  pthread_mutex_destroy(&run.lock);
  if (run.status && err)
    *err = run.error;
  return run.status;
}

shukei_status sk_write_text(struct sk_writing *writing, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  if (writing->files->archive_count > 0)
    st = pass(writing, true, err);
  if (!st)
    st = pass(writing, false, err);
  if (!st)
    sk_writing_end(writing);
  return st;
}
