/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of the files are claimed in order, each with a ticket, parsed by whoever claimed them, and
 * written in the order of the tickets. Nobody is the writer for good: a worker that has parsed a
 * block writes it and those that wait behind it, unless another is at that already. So all workers
 * parse while one writes, and a worker waits only when all pieces are in use. A piece that failed
 * to parse ends the run when its turn comes, so that the first error of the input is reported,
 * whichever worker met it. */
#include "input/convert_blocks.h"

#include "base/crew.h"
#include "input/archive.h"

#include <pthread.h>

struct blocks {
  struct sk_convert_shared *shared;
  const struct sk_convert_file *files;
  uint32_t file_count;
  struct sk_convert_writer *writer;
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
  shukei_status status;
  shukei_error error;
};

/* Ends the run; the first failure counts. Under the lock. */
static void fail(struct blocks *self, shukei_status status, const shukei_error *error)
{
  if (!self->status) {
    self->status = status;
    self->error = *error;
  }
  pthread_cond_broadcast(&self->changed);
}

/* The next block of the input into the piece; NULL csv: the end. Under the claim lock. */
static shukei_status claim_block(struct blocks *self, struct sk_piece *piece, bool *claimed,
                                 shukei_error *err)
{
  *claimed = false;
  for (;;) {
    if (self->csv) {
      const struct sk_convert_file *file = &self->files[self->next_file - 1];
      const shukei_status st = sk_csv_claim(self->csv, &piece->block, claimed, err);
      atomic_store_explicit(&self->shared->bytes_done,
                            self->bytes_behind + sk_csv_position(self->csv), memory_order_relaxed);
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
        sk_csv_open(planned, SK_CSV_BLOCK_BYTES, self->shared->budget, &self->csv, err);
    if (st)
      return st;
  }
}

/* Waits for a free piece and claims a block into it; NULL: nothing is left, or the run has
 * ended. */
static struct sk_piece *claim_piece(struct blocks *self)
{
  struct sk_piece *piece = NULL;
  shukei_error error = {0};
  bool claimed = false, canceled = false;
  pthread_mutex_lock(&self->claim_lock);
  pthread_mutex_lock(&self->lock);
  while (!self->status && self->next_ticket - self->written >= self->piece_count)
    pthread_cond_wait(&self->changed, &self->lock);
  const bool ended = self->status != SHUKEI_OK;
  pthread_mutex_unlock(&self->lock);
  if (!ended) {
    piece = &self->pieces[self->next_ticket % self->piece_count];
    shukei_status st = sk_convert_check_canceled(self->shared, &error);
    canceled = st != SHUKEI_OK;
    if (!st)
      st = claim_block(self, piece, &claimed, &error);
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
  if (canceled) {
    pthread_mutex_lock(&self->lock);
    fail(self, SHUKEI_ECANCELED, &error);
    pthread_mutex_unlock(&self->lock);
  }
  return claimed ? piece : NULL;
}

/* Hands in a parsed piece and, unless another worker is at it, writes what is ready in turn. */
static void hand_in(struct blocks *self, struct sk_piece *piece)
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
    sk_counts_merge(&self->shared->counts, &turn->counts);
    sk_convert_show_progress(self->shared);
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
  struct blocks *self = context;
  struct sk_convert_worker worker;
  shukei_error error;
  (void)number;
  const shukei_status st = sk_convert_worker_init(&worker, self->shared->budget, &error);
  if (st) {
    pthread_mutex_lock(&self->lock);
    fail(self, st, &error);
    pthread_mutex_unlock(&self->lock);
  }
  for (struct sk_piece *piece; !st && (piece = claim_piece(self));) {
    if (!piece->status)
      sk_piece_parse(piece, &worker, &self->shared->settings);
    else
      sk_counts_init(&piece->counts);
    hand_in(self, piece);
  }
  sk_convert_worker_reset(&worker);
}

static shukei_status make_pieces(struct blocks *self, shukei_error *err)
{
  struct sk_budget *budget = self->shared->budget;
  self->piece_count = self->shared->threads * 2 + 1;
  self->pieces = sk_alloc(budget, self->piece_count * sizeof *self->pieces);
  if (!self->pieces)
    return sk_fail_memory(err, budget, self->piece_count * sizeof *self->pieces, "blocks");
  for (uint32_t i = 0; i < self->piece_count; i++)
    sk_piece_init(&self->pieces[i], budget);
  return SHUKEI_OK;
}

shukei_status sk_convert_blocks(struct sk_convert_shared *shared,
                                const struct sk_convert_file *files, uint32_t count,
                                struct sk_convert_writer *writer, shukei_error *err)
{
  struct blocks self = {.shared = shared,
                        .files = files,
                        .file_count = count,
                        .writer = writer,
                        .bytes_behind = atomic_load(&shared->bytes_done)};
  shukei_status st = make_pieces(&self, err);
  if (st)
    return st;
  pthread_mutex_init(&self.claim_lock,
                     NULL); /* without attributes none of these can fail on Linux */
  pthread_mutex_init(&self.lock, NULL);
  pthread_cond_init(&self.changed, NULL);
  sk_crew_run(NULL, shared->threads, work, &self);
  st = self.status;
  if (st && err)
    *err = self.error;
  sk_csv_close(self.csv);
  for (uint32_t i = 0; i < self.piece_count; i++)
    sk_piece_reset(&self.pieces[i]);
  sk_free(self.pieces);
  pthread_mutex_destroy(&self.claim_lock);
  pthread_mutex_destroy(&self.lock);
  pthread_cond_destroy(&self.changed);
  return st;
}
