/* SPDX-License-Identifier: Apache-2.0 */
/* The workers of a stage.
 *
 * Files are opened in the order of their first days. A free worker opens the next file that may
 * have rows of the days asked for; when none is left, it helps with one that another worker has
 * open, piece by piece; the last one to leave a file that has nothing left closes it. A file whose
 * next piece is of later days waits, open, for the next read. A worker that finds nothing waits
 * only while another one is opening a file, since that one may be large enough to share.
 *
 * When memory runs short, all workers meet between two batches: each writes away what it has added
 * up, the last one to come empties the tables that they share, and all go on. A worker that has
 * nothing left to read is not waited for: the last one to come writes away what it left behind. */
#include "stage.h"

#include "base/crew.h"
#include "base/platform.h"
#include "retained.h"
#include "store/store.h"

#include <stdlib.h>

/* A worker costs some 0.3 ms (thread, tables), the time for a good 100 KiB of Parquet. */
#define BYTES_PER_WORKER (UINT64_C(256) << 10)
/* Buffers of a worker, and a partial that is worth writing to disk. */
#define MEMORY_PER_WORKER (UINT64_C(40) << 20)
#define LEAST_SPILLED_BYTES (UINT64_C(1) << 20)
#define LEAST_RESERVE (UINT64_C(24) << 20)

struct slot {
  struct sk_source *source; /* NULL: free */
  unsigned users;
  bool nothing;        /* of the days asked for */
  uint64_t bytes_seen; /* already added to the progress */
};

struct worker {
  struct sk_stage_run *stage;
  unsigned number;
  struct sk_reader *reader;
  struct sk_counts counts;
  struct sk_retained retained;
};

struct sk_stage_run {
  const struct sk_stage_input *input;
  const struct sk_planned_file **files; /* those of this stage, by first day */
  size_t file_count, next_file;
  size_t told; /* files up to here are known to the store */
  struct slot **slots;
  size_t slot_count, slot_capacity;
  struct worker *workers;       /* [threads] */
  struct sk_partial **partials; /* [threads] */
  unsigned threads, opening;
  int32_t last_day; /* of the read under way */
  struct sk_finish *finish;
  pthread_mutex_t lock;   /* of everything below, of the slots and of next_file */
  pthread_cond_t changed; /* a file was opened, or opening failed */
  shukei_status status;   /* the first failure */
  shukei_error error;
  unsigned active, met; /* workers that read; of these, who wait for the others to meet */
  uint32_t meetings;    /* that are over */
  _Atomic bool meeting; /* one is called */
  _Atomic bool stop;
  struct sk_partial *merged; /* finished workers' partials that nobody merges right now */
};

static void fail_stage(struct sk_stage_run *stage, shukei_status status, const shukei_error *error)
{
  pthread_mutex_lock(&stage->lock);
  if (!stage->status) {
    stage->status = status;
    stage->error = *error;
  }
  atomic_store(&stage->stop, true);
  pthread_cond_broadcast(&stage->changed);
  pthread_mutex_unlock(&stage->lock);
}

/* ---- files ----------------------------------------------------------------------------------- */

static int32_t file_day(const struct sk_planned_file *file)
{
  return file->first_day == INT32_MAX ? INT32_MIN : file->first_day; /* no rows: to be counted */
}

static bool may_open(const struct sk_stage_run *stage)
{
  return stage->next_file < stage->file_count &&
         file_day(stage->files[stage->next_file]) <= stage->last_day;
}

/* A free slot, users 1; NULL when memory lacks. With the lock held. */
static struct slot *free_slot(struct sk_stage_run *stage)
{
  struct sk_budget *budget = &stage->input->shared->budget;
  for (size_t i = 0; i < stage->slot_count; i++)
    if (!stage->slots[i]->source && !stage->slots[i]->users) {
      stage->slots[i]->users = 1;
      return stage->slots[i];
    }
  if (stage->slot_count == stage->slot_capacity) {
    const size_t capacity = stage->slot_capacity * 2 + 8;
    struct slot **grown = sk_realloc(budget, stage->slots, capacity * sizeof(struct slot *));
    if (!grown)
      return NULL;
    stage->slots = grown;
    stage->slot_capacity = capacity;
  }
  struct slot *slot = sk_calloc(budget, 1, sizeof *slot);
  if (!slot)
    return NULL;
  slot->users = 1;
  return stage->slots[stage->slot_count++] = slot;
}

#define SOON 16 /* files of a distant store that are fetched before they are opened */

/* Tells the store which files come next, each once. With the lock held. */
static void tell_store(struct sk_stage_run *stage)
{
  if (stage->told < stage->next_file)
    stage->told = stage->next_file;
  while (stage->told < stage->file_count && stage->told < stage->next_file + SOON)
    sk_store_soon(stage->files[stage->told++]->path, &stage->input->shared->budget);
}

/* Opens the next unopened file. Called and left with the lock held. */
static shukei_status open_next(struct worker *worker, struct slot **out, shukei_error *err)
{
  struct sk_stage_run *stage = worker->stage;
  const struct sk_stage_input *input = stage->input;
  const struct sk_planned_file *file = stage->files[stage->next_file++];
  struct slot *slot = free_slot(stage);
  if (!slot)
    return sk_fail_memory(err, &input->shared->budget, sizeof *slot, "open files");
  tell_store(stage);
  stage->opening++;
  pthread_mutex_unlock(&stage->lock);

  struct sk_read_options read = *input->read;
  struct sk_source *source = NULL;
  read.wanted = sk_partial_wants(stage->partials[worker->number], file->report);
  sk_run_log_about(input->shared, SHUKEI_LOG_DEBUG, file->path,
                   file->row_count_known ? (int64_t)file->row_count : -1,
                   "%s: %s, %" PRIu64 " bytes", file->path, sk_report_info(file->report)->name,
                   file->size_bytes);
  const shukei_status st = sk_source_open(file, (uint32_t)(file - input->plan->files), &read,
                                          &input->shared->budget, &source, err);

  pthread_mutex_lock(&stage->lock);
  stage->opening--;
  pthread_cond_broadcast(&stage->changed);
  *slot = (struct slot){.source = source, .users = st ? 0 : 1};
  *out = st ? NULL : slot;
  return st;
}

/* Finds a file to work on and counts the worker among its users; NULL when the read is done. */
static shukei_status take_slot(struct worker *worker, struct slot **out, shukei_error *err)
{
  struct sk_stage_run *stage = worker->stage;
  shukei_status st = SHUKEI_OK;
  struct slot *found = NULL;
  pthread_mutex_lock(&stage->lock);
  while (!found && !st && !atomic_load(&stage->stop)) {
    if (may_open(stage)) {
      st = open_next(worker, &found, err);
      break;
    }
    for (size_t i = 0; i < stage->slot_count && !found; i++)
      if (stage->slots[i]->source && !stage->slots[i]->nothing) {
        found = stage->slots[i];
        found->users++;
      }
    if (!found) {
      if (stage->opening == 0)
        break;
      pthread_cond_wait(&stage->changed, &stage->lock);
    }
  }
  pthread_mutex_unlock(&stage->lock);
  *out = found;
  return st;
}

/* Nothing was left to claim of it, for now or for good. */
static void leave_slot(struct sk_stage_run *stage, struct slot *slot)
{
  struct sk_source *close = NULL;
  pthread_mutex_lock(&stage->lock);
  slot->nothing = true;
  if (--slot->users == 0 && sk_source_first_day(slot->source) == INT32_MAX) {
    close = slot->source;
    slot->source = NULL;
  }
  pthread_mutex_unlock(&stage->lock);
  sk_source_close(close);
}

static void add_bytes_done(struct sk_stage_run *stage, struct slot *slot)
{
  pthread_mutex_lock(&stage->lock);
  const uint64_t claimed = sk_source_bytes_claimed(slot->source);
  if (claimed > slot->bytes_seen) {
    atomic_fetch_add(&stage->input->shared->bytes_done, claimed - slot->bytes_seen);
    slot->bytes_seen = claimed;
  }
  pthread_mutex_unlock(&stage->lock);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* What finishing a day takes beside its groups, and spilling them: arrays by group, rows on their
 * way to the sinks. Of a small budget it is half. */
static uint64_t reserve_bytes(uint64_t limit)
{
  const uint64_t least = limit / 2 < LEAST_RESERVE ? limit / 2 : LEAST_RESERVE;
  return limit / 4 < least ? least : limit / 4;
}

/* Partials and their tables may take what the reserve leaves; beyond, they are written away, if
 * that is worth it. */
static bool should_spill(const struct sk_stage_run *stage)
{
  const struct sk_budget *budget = &stage->input->shared->budget;
  const uint64_t limit = budget->limit_bytes;
  const uint64_t used = atomic_load_explicit(&budget->used_bytes, memory_order_relaxed);
  if (used < limit && limit - used > reserve_bytes(limit))
    return false;
  uint64_t held = sk_partial_shared_bytes(stage->partials[0]);
  for (unsigned i = 0; i < stage->threads; i++)
    held += sk_partial_bytes(stage->partials[i]);
  return held >= LEAST_SPILLED_BYTES;
}

static void forget_ids(struct sk_stage_run *stage)
{
  for (unsigned i = 0; i < stage->threads; i++)
    if (stage->workers[i].reader)
      sk_reader_forget(stage->workers[i].reader);
}

/* Ends a meeting that everybody has come to. With the lock held: whoever begins to read waits for
 * it. When the stage failed, who met goes on by itself and frees its reader. */
static void end_meeting(struct sk_stage_run *stage)
{
  shukei_error error = {.status = SHUKEI_OK};
  if (!stage->met || stage->met < stage->active || atomic_load(&stage->stop))
    return;
  const shukei_status st = sk_finish_empty(stage->finish, &error);
  forget_ids(stage);
  if (st && !stage->status) {
    stage->status = st;
    stage->error = error;
  }
  if (st)
    atomic_store(&stage->stop, true);
  stage->met = 0;
  stage->meetings++;
  atomic_store(&stage->meeting, false);
  pthread_cond_broadcast(&stage->changed);
}

static shukei_status meet(struct worker *worker, shukei_error *err)
{
  struct sk_stage_run *stage = worker->stage;
  atomic_store(&stage->meeting, true);
  const shukei_status st = sk_finish_spill(stage->finish, stage->partials[worker->number], err);
  if (st) /* who waits is told by fail_stage() */
    return st;
  pthread_mutex_lock(&stage->lock);
  const uint32_t meeting = stage->meetings;
  stage->met++;
  end_meeting(stage);
  while (stage->meetings == meeting && !atomic_load(&stage->stop))
    pthread_cond_wait(&stage->changed, &stage->lock);
  pthread_mutex_unlock(&stage->lock);
  return SHUKEI_OK;
}

static shukei_status keep_within_memory(struct worker *worker, shukei_error *err)
{
  const struct sk_stage_run *stage = worker->stage;
  if (atomic_load_explicit(&stage->meeting, memory_order_relaxed) || should_spill(stage))
    return meet(worker, err);
  return SHUKEI_OK;
}

/* Who reads must come to meetings from here on, or no longer. */
static void count_active(struct sk_stage_run *stage, bool begins)
{
  pthread_mutex_lock(&stage->lock);
  stage->active += begins ? 1u : -1u;
  if (!begins)
    end_meeting(stage);
  pthread_mutex_unlock(&stage->lock);
}

/* Reads the claimed piece to its end, or until the stage stops: then the tables may be gone. */
static shukei_status read_piece(struct worker *worker, const struct sk_source *source,
                                shukei_error *err)
{
  struct sk_stage_run *stage = worker->stage;
  struct sk_partial *partial = stage->partials[worker->number];
  const bool in_memory = stage->input->in_memory;
  while (!atomic_load(&stage->stop)) {
    const struct sk_batch *batch = NULL;
    shukei_status st = sk_run_check_canceled(stage->input->shared, err);
    if (!st)
      st = sk_reader_next(worker->reader, &batch, err);
    if (st || !batch)
      return st;
    atomic_fetch_add_explicit(&stage->input->shared->rows_done, batch->rows, memory_order_relaxed);
    st = in_memory ? sk_retained_add(&worker->retained, batch, err)
                   : sk_partial_add(partial, batch, err);
    if (st == SHUKEI_EFORMAT)
      sk_context(err, st, "%s", sk_source_path(source));
    if (!st && stage->finish && !in_memory)
      st = keep_within_memory(worker, err);
    if (st)
      return st;
  }
  return SHUKEI_OK;
}

static shukei_status read_slot(struct worker *worker, struct slot *slot, shukei_error *err)
{
  struct sk_stage_run *stage = worker->stage;
  shukei_status st = SHUKEI_OK;
  while (!st && !atomic_load(&stage->stop)) {
    bool claimed = false;
    st = sk_reader_claim(worker->reader, slot->source, stage->last_day, &claimed, err);
    if (st || !claimed)
      break;
    st = read_piece(worker, slot->source, err);
    add_bytes_done(stage, slot);
    sk_run_progress(stage->input->shared);
  }
  return st;
}

static shukei_status work_through(struct worker *worker, shukei_error *err)
{
  struct sk_stage_run *stage = worker->stage;
  shukei_status st = SHUKEI_OK;
  while (!st) {
    struct slot *slot = NULL;
    st = take_slot(worker, &slot, err);
    if (st || !slot)
      break;
    st = read_slot(worker, slot, err);
    if (st || atomic_load(&stage->stop)) { /* the reader may stand in mid-piece: it goes first */
      sk_reader_free(worker->reader);
      worker->reader = NULL;
    }
    leave_slot(stage, slot);
    if (!worker->reader)
      break;
  }
  if (!st && stage->input->in_memory && !atomic_load(&stage->stop)) {
    st = sk_retained_replay(&worker->retained, stage->partials[worker->number], err);
    sk_retained_reset(&worker->retained);
  }
  return st;
}

static void run_worker(void *context, unsigned number)
{
  struct sk_stage_run *stage = context;
  shukei_error error = {.status = SHUKEI_OK};
  count_active(stage, true);
  const shukei_status st = work_through(&stage->workers[number], &error);
  if (st)
    fail_stage(stage, st, &error);
  count_active(stage, false);
}

static shukei_status outcome(const struct sk_stage_run *stage, shukei_error *err)
{
  if (stage->status && err)
    *err = stage->error;
  return stage->status;
}

static void free_readers(struct sk_stage_run *stage)
{
  for (unsigned i = 0; i < stage->threads; i++) {
    sk_reader_free(stage->workers[i].reader);
    stage->workers[i].reader = NULL;
  }
}

shukei_status sk_stage_read(struct sk_stage_run *stage, int32_t last_day, struct sk_finish *finish,
                            shukei_error *err)
{
  stage->last_day = last_day;
  stage->finish = finish;
  for (size_t i = 0; i < stage->slot_count; i++)
    stage->slots[i]->nothing = false;
  sk_crew_run(&stage->input->shared->crew, stage->threads, run_worker, stage);
  if (sk_stage_first_day(stage) == INT32_MAX) /* all is read: the summary may need the memory */
    free_readers(stage);
  return outcome(stage, err);
}

int32_t sk_stage_first_day(const struct sk_stage_run *stage)
{
  int32_t first =
      stage->next_file < stage->file_count ? file_day(stage->files[stage->next_file]) : INT32_MAX;
  for (size_t i = 0; i < stage->slot_count; i++) {
    struct sk_source *source = stage->slots[i]->source;
    const int32_t day = source ? sk_source_first_day(source) : INT32_MAX;
    first = day < first ? day : first;
  }
  return first;
}

shukei_status sk_stage_renew(struct sk_stage_run *stage, struct sk_finish *finish,
                             shukei_error *err)
{
  if (!sk_finish_outgrown(finish))
    return SHUKEI_OK;
  forget_ids(stage);
  return sk_finish_empty(finish, err);
}

/* ---- merging --------------------------------------------------------------------------------- */

/* Merges with finished partials until none is waiting, then leaves the result to the others. */
static void merge_worker(void *context, unsigned number)
{
  struct sk_stage_run *stage = context;
  struct sk_partial *own = stage->partials[number];
  shukei_error error = {.status = SHUKEI_OK};
  stage->partials[number] = NULL;
  for (;;) {
    pthread_mutex_lock(&stage->lock);
    struct sk_partial *other = stage->merged;
    stage->merged = other ? NULL : own;
    pthread_mutex_unlock(&stage->lock);
    if (!other)
      return;
    const shukei_status st = sk_partial_merge(own, other, &error);
    sk_partial_free(other);
    if (st) {
      sk_partial_free(own);
      fail_stage(stage, st, &error);
      return;
    }
  }
}

shukei_status sk_stage_merge(struct sk_stage_run *stage, struct sk_partial **out, shukei_error *err)
{
  sk_crew_run(&stage->input->shared->crew, stage->threads, merge_worker, stage);
  const shukei_status st = outcome(stage, err);
  *out = NULL;
  if (!st) {
    *out = stage->merged;
    stage->merged = NULL;
  }
  return st;
}

/* ---- the stage ------------------------------------------------------------------------------- */

static int compare_files(const void *a, const void *b)
{
  const struct sk_planned_file *x = *(const struct sk_planned_file *const *)a;
  const struct sk_planned_file *y = *(const struct sk_planned_file *const *)b;
  if (file_day(x) != file_day(y))
    return file_day(x) < file_day(y) ? -1 : 1;
  return (x > y) - (x < y);
}

/* The stage's files, and how many workers are of use for them and fit into the budget. */
static shukei_status collect_files(struct sk_stage_run *stage, shukei_error *err)
{
  const struct sk_plan *plan = stage->input->plan;
  struct sk_budget *budget = &stage->input->shared->budget;
  uint64_t bytes = 0;
  stage->files = sk_calloc(budget, plan->count, sizeof *stage->files);
  if (!stage->files)
    return sk_fail_memory(err, budget, plan->count * sizeof *stage->files, "the list of files");
  for (size_t i = 0; i < plan->count; i++)
    if (sk_stage_of_report(plan->files[i].report) == stage->input->stage &&
        plan->files[i].cluster == stage->input->cluster && !plan->files[i].left_out) {
      stage->files[stage->file_count++] = &plan->files[i];
      bytes += plan->files[i].size_bytes;
    }
  qsort(stage->files, stage->file_count, sizeof *stage->files, compare_files);
  const uint64_t useful = 1 + bytes / BYTES_PER_WORKER;
  const uint64_t fitting = 1 + budget->limit_bytes / 2 / MEMORY_PER_WORKER;
  const uint64_t most = useful < fitting ? useful : fitting;
  stage->threads = stage->input->shared->workers;
  if (most < stage->threads)
    stage->threads = (unsigned)most;
  return SHUKEI_OK;
}

static shukei_status make_workers(struct sk_stage_run *stage, shukei_error *err)
{
  const struct sk_stage_input *input = stage->input;
  struct sk_budget *budget = &input->shared->budget;
  shukei_status st = SHUKEI_OK;
  stage->workers = sk_calloc(budget, stage->threads, sizeof *stage->workers);
  stage->partials = sk_calloc(budget, stage->threads, sizeof *stage->partials);
  if (!stage->workers || !stage->partials)
    return sk_fail_memory(err, budget, stage->threads * sizeof *stage->workers, "workers");
  for (unsigned i = 0; i < stage->threads; i++) {
    struct worker *worker = &stage->workers[i];
    worker->stage = stage;
    worker->number = i;
    sk_counts_init(&worker->counts);
    sk_retained_init(&worker->retained, budget);
  }
  for (unsigned i = 0; !st && i < stage->threads; i++) {
    struct worker *worker = &stage->workers[i];
    st = sk_partial_new(input->rules, input->stage, input->done, stage->partials[0], budget,
                        &stage->partials[i], err);
    if (!st)
      st = sk_reader_new(sk_partial_symbols(stage->partials[i]), &worker->counts, budget,
                         &worker->reader, err);
  }
  return st;
}

shukei_status sk_stage_open(const struct sk_stage_input *input, struct sk_stage_run **out,
                            shukei_error *err)
{
  struct sk_budget *budget = &input->shared->budget;
  *out = NULL;
  struct sk_stage_run *stage = sk_calloc(budget, 1, sizeof *stage);
  if (!stage)
    return sk_fail_memory(err, budget, sizeof *stage, "a stage");
  stage->input = input;
  pthread_mutex_init(&stage->lock, NULL);
  pthread_cond_init(&stage->changed, NULL);
  shukei_status st = collect_files(stage, err);
  if (!st && stage->file_count > 0)
    st = make_workers(stage, err);
  if (st || stage->file_count == 0)
    sk_stage_close(stage, NULL, NULL);
  else
    *out = stage;
  return st;
}

struct sk_partial *const *sk_stage_partials(const struct sk_stage_run *stage, size_t *count)
{
  *count = stage->threads;
  return stage->partials;
}

void sk_stage_close(struct sk_stage_run *stage, struct sk_counts *counts, uint64_t *files)
{
  if (!stage)
    return;
  for (unsigned i = 0; stage->workers && i < stage->threads; i++) {
    struct worker *worker = &stage->workers[i];
    sk_reader_free(worker->reader);
    sk_retained_reset(&worker->retained);
    if (counts)
      sk_counts_merge(counts, &worker->counts);
  }
  for (unsigned i = 0; stage->partials && i < stage->threads; i++)
    sk_partial_free(stage->partials[i]);
  sk_partial_free(stage->merged);
  for (size_t i = 0; i < stage->slot_count; i++) {
    sk_source_close(stage->slots[i]->source);
    sk_free(stage->slots[i]);
  }
  if (files)
    *files += stage->next_file;
  sk_free(stage->slots);
  sk_free(stage->workers);
  sk_free(stage->partials);
  sk_free(stage->files);
  pthread_cond_destroy(&stage->changed);
  pthread_mutex_destroy(&stage->lock);
  sk_free(stage);
}
