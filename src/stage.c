/* SPDX-License-Identifier: Apache-2.0 */
/* The workers of a stage.
 *
 * Every worker has a slot for the file that it opened. Free workers take an unopened file; when
 * none is left they help with a file in somebody's slot, piece by piece; the last one to leave a
 * file closes it. One that finds neither waits only while another worker is opening a file, since
 * that one may be large enough to share. */
#include "stage.h"

#include "base/crew.h"
#include "retained.h"

struct slot {
  struct sk_source *source; /* NULL: none open */
  unsigned users;
  bool exhausted;      /* no piece is left to claim */
  uint64_t bytes_seen; /* already added to the progress */
};

struct stage {
  const struct sk_stage_input *input;
  const struct sk_planned_file **files; /* those of this stage */
  size_t file_count, next_file;
  struct slot *slots; /* [threads] */
  unsigned threads, opening;
  pthread_mutex_t lock;   /* of everything below and of the slots */
  pthread_cond_t changed; /* a file was opened, or opening failed */
  shukei_status status;   /* the first failure */
  shukei_error error;
  _Atomic bool stop;
  struct sk_partial *merged; /* finished workers' partials that nobody merges right now */
  struct sk_counts counts;
};

struct worker {
  struct stage *stage;
  unsigned number;
  struct sk_partial *partial;
  struct sk_reader *reader;
  struct sk_counts counts;
  struct sk_retained retained;
};

static void fail_stage(struct stage *stage, shukei_status status, const shukei_error *error)
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

/* Opens the next unopened file into the worker's slot. Called and left with the lock held. */
static shukei_status open_next(struct worker *worker, shukei_error *err)
{
  struct stage *stage = worker->stage;
  const struct sk_stage_input *input = stage->input;
  const struct sk_planned_file *file = stage->files[stage->next_file++];
  stage->opening++;
  pthread_mutex_unlock(&stage->lock);

  struct sk_read_options read = *input->read;
  struct sk_source *source = NULL;
  read.wanted = sk_partial_wants(worker->partial, file->report);
  sk_run_log(input->shared, SHUKEI_LOG_DEBUG, "%s: %s, %" PRIu64 " bytes", file->path,
             sk_report_info(file->report)->name, file->size_bytes);
  const shukei_status st = sk_source_open(file, (uint32_t)(file - input->plan->files), &read,
                                          &input->shared->budget, &source, err);

  pthread_mutex_lock(&stage->lock);
  stage->opening--;
  pthread_cond_broadcast(&stage->changed);
  if (!st)
    stage->slots[worker->number] = (struct slot){.source = source};
  return st;
}

/* Finds a file to work on and counts the worker among its users; NULL when the stage is done. */
static shukei_status take_slot(struct worker *worker, struct slot **out, shukei_error *err)
{
  struct stage *stage = worker->stage;
  shukei_status st = SHUKEI_OK;
  struct slot *found = NULL;
  pthread_mutex_lock(&stage->lock);
  while (!found && !st && !atomic_load(&stage->stop)) {
    struct slot *own = &stage->slots[worker->number];
    if (!own->source && stage->next_file < stage->file_count)
      st = open_next(worker, err);
    for (unsigned i = 0; i < stage->threads && !found && !st; i++) {
      struct slot *slot = &stage->slots[(worker->number + i) % stage->threads];
      if (slot->source && !slot->exhausted)
        found = slot;
    }
    if (!found && !st) {
      if (!own->source && stage->next_file < stage->file_count)
        continue;
      if (stage->opening == 0)
        break;
      pthread_cond_wait(&stage->changed, &stage->lock);
    }
  }
  if (found)
    found->users++;
  pthread_mutex_unlock(&stage->lock);
  *out = found;
  return st;
}

static void leave_slot(struct stage *stage, struct slot *slot)
{
  struct sk_source *close = NULL;
  pthread_mutex_lock(&stage->lock);
  slot->exhausted = true;
  if (--slot->users == 0) {
    close = slot->source;
    slot->source = NULL;
    pthread_cond_broadcast(&stage->changed);
  }
  pthread_mutex_unlock(&stage->lock);
  sk_source_close(close);
}

static void add_bytes_done(struct stage *stage, struct slot *slot)
{
  pthread_mutex_lock(&stage->lock);
  const uint64_t claimed = sk_source_bytes_claimed(slot->source);
  if (claimed > slot->bytes_seen) {
    atomic_fetch_add(&stage->input->shared->bytes_done, claimed - slot->bytes_seen);
    slot->bytes_seen = claimed;
  }
  pthread_mutex_unlock(&stage->lock);
}

/* Reads the claimed piece to its end. */
static shukei_status read_piece(struct worker *worker, shukei_error *err)
{
  struct stage *stage = worker->stage;
  for (;;) {
    const struct sk_batch *batch = NULL;
    shukei_status st = sk_run_check_canceled(stage->input->shared, err);
    if (!st)
      st = sk_reader_next(worker->reader, &batch, err);
    if (st || !batch)
      return st;
    atomic_fetch_add_explicit(&stage->input->shared->rows_done, batch->rows, memory_order_relaxed);
    st = stage->input->in_memory ? sk_retained_add(&worker->retained, batch, err)
                                 : sk_partial_add(worker->partial, batch, err);
    if (st)
      return st;
  }
}

static shukei_status read_slot(struct worker *worker, struct slot *slot, shukei_error *err)
{
  struct stage *stage = worker->stage;
  shukei_status st = SHUKEI_OK;
  while (!st && !atomic_load(&stage->stop)) {
    bool claimed = false;
    st = sk_reader_claim(worker->reader, slot->source, &claimed, err);
    if (st || !claimed)
      break;
    st = read_piece(worker, err);
    add_bytes_done(stage, slot);
    sk_run_progress(stage->input->shared);
  }
  return st;
}

/* Merges with finished partials until none is waiting, then leaves the result to the others. */
static shukei_status merge_as_they_come(struct worker *worker, shukei_error *err)
{
  struct stage *stage = worker->stage;
  for (;;) {
    pthread_mutex_lock(&stage->lock);
    struct sk_partial *other = stage->merged;
    if (!other)
      stage->merged = worker->partial;
    else
      stage->merged = NULL;
    pthread_mutex_unlock(&stage->lock);
    if (!other) {
      worker->partial = NULL;
      return SHUKEI_OK;
    }
    const shukei_status st = sk_partial_merge(worker->partial, other, err);
    sk_partial_free(other);
    if (st)
      return st;
  }
}

static shukei_status work_through(struct worker *worker, shukei_error *err)
{
  struct stage *stage = worker->stage;
  const struct sk_stage_input *input = stage->input;
  shukei_status st = sk_partial_new(input->rules, input->stage, input->done, &input->shared->budget,
                                    &worker->partial, err);
  if (!st)
    st = sk_reader_new(sk_partial_symbols(worker->partial), &worker->counts, &input->shared->budget,
                       &worker->reader, err);
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
  }
  sk_reader_free(worker->reader);
  worker->reader = NULL;
  if (!st && input->in_memory)
    st = sk_retained_replay(&worker->retained, worker->partial, err);
  sk_retained_reset(&worker->retained);
  if (!st && !atomic_load(&stage->stop))
    st = merge_as_they_come(worker, err);
  return st;
}

static void run_worker(void *context, unsigned number)
{
  struct stage *stage = context;
  struct worker worker = {.stage = stage, .number = number};
  shukei_error error = {.status = SHUKEI_OK};
  sk_counts_init(&worker.counts);
  sk_retained_init(&worker.retained, &stage->input->shared->budget);
  const shukei_status st = work_through(&worker, &error);
  if (st)
    fail_stage(stage, st, &error);
  sk_partial_free(worker.partial);
  pthread_mutex_lock(&stage->lock);
  sk_counts_merge(&stage->counts, &worker.counts);
  pthread_mutex_unlock(&stage->lock);
}

static shukei_status collect_files(struct stage *stage, shukei_error *err)
{
  const struct sk_plan *plan = stage->input->plan;
  struct sk_budget *budget = &stage->input->shared->budget;
  stage->files = sk_calloc(budget, plan->count, sizeof *stage->files);
  stage->slots = sk_calloc(budget, stage->threads, sizeof *stage->slots);
  if (!stage->files || !stage->slots)
    return sk_fail_memory(err, budget, plan->count * sizeof *stage->files, "the list of files");
  for (size_t i = 0; i < plan->count; i++)
    if (sk_stage_of_report(plan->files[i].report) == stage->input->stage)
      stage->files[stage->file_count++] = &plan->files[i];
  return SHUKEI_OK;
}

shukei_status sk_stage_run(const struct sk_stage_input *input, struct sk_partial **out,
                           struct sk_counts *counts, uint64_t *files, shukei_error *err)
{
  struct stage stage = {.input = input, .threads = input->shared->threads};
  *out = NULL;
  sk_counts_init(&stage.counts);
  pthread_mutex_init(&stage.lock, NULL);
  pthread_cond_init(&stage.changed, NULL);
  shukei_status st = collect_files(&stage, err);
  if (!st && stage.file_count > 0) {
    sk_crew_run(stage.threads, run_worker, &stage);
    sk_counts_merge(counts, &stage.counts);
    *files += stage.next_file;
    st = stage.status;
    if (st && err)
      *err = stage.error;
  }
  for (unsigned i = 0; stage.slots && i < stage.threads; i++)
    sk_source_close(stage.slots[i].source);
  if (st)
    sk_partial_free(stage.merged);
  else
    *out = stage.merged;
  sk_free(stage.slots);
  sk_free(stage.files);
  pthread_cond_destroy(&stage.changed);
  pthread_mutex_destroy(&stage.lock);
  return st;
}
