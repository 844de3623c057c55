/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a day are made by whichever worker is free, each into a batch of chunks, one for every
 * sink, and batches are appended in the order of the parts.
 *
 * Nobody waits while there is work. A worker hands its batch over when the part is complete, or the
 * batch has grown large, and goes on with another batch; who hands over the one that is next
 * appends it, and those behind it that are there. Only where all batches are in use, or no part is
 * left, a worker waits, and then helps the one that appends (base/helpers.h).
 *
 * The number of batches, and the bytes of those that wait for their turn, bound the memory. Both
 * leave room for a worker that the system has put aside for some milliseconds with the part that is
 * next. That part never lacks a batch: workers of later parts leave one over, so its worker never
 * waits for them, and all go on. */
#include "day_write.h"

#include "base/crew.h"
#include "row_filter.h"

#define BATCH_BYTES ((size_t)2 << 20)
#define BATCHES_PER_WORKER 6 /* parts are of a fourth of that, mostly */
/* Of a batch and of groups in hand; of batches that wait. */
#define MEMORY_PER_WORKER (UINT64_C(8) << 20)
#define MEMORY_AHEAD (UINT64_C(4) << 20)

enum batch_state { BATCH_FREE, BATCH_FILLING, BATCH_READY };
struct batch {
  enum batch_state state;
  struct sk_chunk **chunks; /* [sink_count], NULL until it is first used */
  uint32_t part;
  uint64_t number; /* of the hand-over */
  size_t bytes;    /* then */
  bool ends;       /* the part */
};

struct writing {
  const struct sk_day_write *write;
  struct sk_day *day;
  struct sk_helpers *helpers; /* their lock is that of all below */
  struct batch *batches;      /* [batch_capacity], of which batch_count are in use */
  unsigned batch_capacity, batch_count;
  uint64_t ahead_bytes; /* that may wait for their turn */
  uint64_t handed_over;
  uint32_t turn;    /* the part that is appended next */
  uint32_t claimed; /* parts */
  bool appending;
  shukei_status status;
  shukei_error error;
};

static unsigned least(unsigned a, uint64_t b)
{
  return a < b ? a : (unsigned)b;
}

/* What a worker fills. */
struct filling {
  struct writing *writing;
  struct batch *batch; /* NULL: it has none */
  uint32_t part, rows;
  uint64_t not_wanted;
};

/* With the lock held. */
static void fail(struct writing *writing, shukei_status status, const shukei_error *error)
{
  if (!writing->status) {
    writing->status = status;
    writing->error = *error;
  }
  sk_helpers_changed(writing->helpers);
}

/* With the lock held: what stopped the writing. */
static shukei_status stopped(const struct writing *writing, shukei_error *err)
{
  if (writing->status && err)
    *err = writing->error;
  return writing->status;
}

/* ---- batches ------------------------------------------------------------------------------- */

static void free_batches(struct writing *writing)
{
  for (unsigned i = 0; i < writing->batch_capacity; i++) {
    struct batch *batch = &writing->batches[i];
    for (size_t k = 0; batch->chunks && k < writing->write->sink_count; k++)
      sk_chunk_free(batch->chunks[k]);
    sk_free(batch->chunks);
  }
  sk_free(writing->batches);
}

static shukei_status make_chunks(const struct sk_day_write *write, struct batch *batch,
                                 shukei_error *err)
{
  struct sk_budget *budget = &write->shared->budget;
  shukei_status st = SHUKEI_OK;
  if (batch->chunks)
    return SHUKEI_OK;
  batch->chunks = sk_calloc(budget, write->sink_count + 1, sizeof *batch->chunks);
  if (!batch->chunks)
    return sk_fail_memory(err, budget, 0, "rows on their way to the sinks");
  for (size_t i = 0; !st && i < write->sink_count; i++)
    st = sk_chunk_new(write->sinks[i], &batch->chunks[i], err);
  return st;
}

/* With the lock held: a batch that the worker of a part may take, or NULL. */
static struct batch *find_free(struct writing *writing, uint32_t part)
{
  struct batch *found = NULL;
  unsigned later = 0; /* batches of parts that are not next */
  uint64_t waiting = 0;
  for (unsigned i = 0; i < writing->batch_count; i++) {
    struct batch *batch = &writing->batches[i];
    if (batch->state == BATCH_FREE) {
      if (!found || (!found->chunks && batch->chunks))
        found = batch;
      continue;
    }
    later += batch->part != writing->turn;
    waiting += batch->state == BATCH_READY ? batch->bytes : 0;
  }
  const bool may = later + 1 < writing->batch_count && waiting <= writing->ahead_bytes;
  return may || part == writing->turn ? found : NULL;
}

static shukei_status take_batch(struct filling *filling, shukei_error *err)
{
  struct writing *writing = filling->writing;
  pthread_mutex_lock(&writing->helpers->lock);
  while (!writing->status && !(filling->batch = find_free(writing, filling->part)))
    sk_helpers_wait(writing->helpers);
  const shukei_status st = stopped(writing, err);
  if (!st) {
    filling->batch->state = BATCH_FILLING;
    filling->batch->part = filling->part;
  }
  pthread_mutex_unlock(&writing->helpers->lock);
  return st ? st : make_chunks(writing->write, filling->batch, err);
}

/* With the lock held: the batch that is to be appended next, or NULL. */
static struct batch *find_next(struct writing *writing)
{
  struct batch *next = NULL;
  for (unsigned i = 0; i < writing->batch_count; i++) {
    struct batch *batch = &writing->batches[i];
    if (batch->state == BATCH_READY && batch->part == writing->turn &&
        (!next || batch->number < next->number))
      next = batch;
  }
  return next;
}

static shukei_status append(const struct sk_day_write *write, struct batch *batch,
                            shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; !st && i < write->sink_count; i++)
    st = sk_sink_append(write->sinks[i], batch->chunks[i], err);
  return st;
}

/* With the lock held, which it gives up meanwhile: appends what is next, unless another thread
 * does. */
static void append_ready(struct writing *writing)
{
  struct batch *batch;
  while (!writing->status && !writing->appending && (batch = find_next(writing))) {
    shukei_error error = {.status = SHUKEI_OK};
    writing->appending = true;
    pthread_mutex_unlock(&writing->helpers->lock);
    const shukei_status st = append(writing->write, batch, &error);
    pthread_mutex_lock(&writing->helpers->lock);
    writing->appending = false;
    writing->turn += batch->ends;
    batch->state = BATCH_FREE;
    if (st)
      fail(writing, st, &error);
    sk_helpers_changed(writing->helpers);
  }
}

/* The part's rows so far; `ends`: these are all of it. */
static shukei_status hand_over(struct filling *filling, bool ends, shukei_error *err)
{
  struct writing *writing = filling->writing;
  struct batch *batch = filling->batch;
  filling->batch = NULL;
  batch->bytes = 0;
  for (size_t i = 0; i < writing->write->sink_count; i++)
    batch->bytes += sk_chunk_bytes(batch->chunks[i]);
  pthread_mutex_lock(&writing->helpers->lock);
  batch->state = BATCH_READY;
  batch->ends = ends;
  batch->number = writing->handed_over++;
  append_ready(writing);
  const shukei_status st = stopped(writing, err);
  pthread_mutex_unlock(&writing->helpers->lock);
  return st;
}

/* ---- workers ------------------------------------------------------------------------------- */

static shukei_status take(void *context, const struct sk_row *row, shukei_error *err)
{
  struct filling *filling = context;
  const struct sk_day_write *write = filling->writing->write;
  shukei_status st = SHUKEI_OK;
  size_t bytes = 0;
  if (++filling->rows % 1024 == 0)
    st = sk_run_check_canceled(write->shared, err);
  if (!st && write->filter && !sk_row_filter_accepts(write->filter, row)) {
    filling->not_wanted++;
    return SHUKEI_OK;
  }
  if (!st && !filling->batch)
    st = take_batch(filling, err);
  for (size_t i = 0; !st && i < write->sink_count; i++) {
    struct sk_chunk *chunk = filling->batch->chunks[i];
    st = sk_chunk_add(chunk, row, err);
    bytes += sk_chunk_bytes(chunk);
  }
  return st || bytes < BATCH_BYTES ? st : hand_over(filling, false, err);
}

static bool claim(struct filling *filling, unsigned number)
{
  struct writing *writing = filling->writing;
  if (!sk_day_claim(writing->day, number, &filling->part))
    return false;
  pthread_mutex_lock(&writing->helpers->lock);
  if (writing->claimed <= filling->part)
    writing->claimed = filling->part + 1;
  pthread_mutex_unlock(&writing->helpers->lock);
  return true;
}

static shukei_status make_parts(struct filling *filling, unsigned number, shukei_error *err)
{
  struct writing *writing = filling->writing;
  shukei_status st = SHUKEI_OK;
  while (!st && claim(filling, number)) {
    st = sk_day_rows(writing->day, number, filling->part, take, filling, err);
    if (!st && !filling->batch)
      st = take_batch(filling, err);
    if (!st)
      st = hand_over(filling, true, err);
  }
  return st;
}

static void work(void *context, unsigned number)
{
  struct writing *writing = context;
  struct filling filling = {.writing = writing};
  shukei_error error = {.status = SHUKEI_OK};
  const shukei_status st = make_parts(&filling, number, &error);
  if (filling.not_wanted)
    atomic_fetch_add(writing->write->rows_not_wanted, filling.not_wanted);
  pthread_mutex_lock(&writing->helpers->lock);
  if (st)
    fail(writing, st, &error);
  /* Parts are claimed by workers that run, which the crew's contract allows to wait for. */
  while (!writing->status && writing->turn < writing->claimed)
    sk_helpers_wait(writing->helpers);
  pthread_mutex_unlock(&writing->helpers->lock);
}

/* Makes all parts that there are, with as many workers as there is work and memory for. */
static shukei_status write_parts(struct writing *writing, shukei_error *err)
{
  const struct sk_budget *budget = &writing->write->shared->budget;
  const uint64_t used = atomic_load_explicit(&budget->used_bytes, memory_order_relaxed);
  const uint64_t left = used < budget->limit_bytes ? budget->limit_bytes - used : 0;
  const unsigned useful = sk_day_workers(writing->day);
  const unsigned workers = least(useful, 1 + left / MEMORY_PER_WORKER);
  const uint64_t others = (workers - 1) * MEMORY_PER_WORKER;
  const unsigned ahead = workers == 1 ? 0 : least(workers, (left - others) / MEMORY_AHEAD);
  writing->batch_count = workers + ahead * (BATCHES_PER_WORKER - 1);
  writing->ahead_bytes = ahead * (uint64_t)BATCH_BYTES;
  writing->turn = writing->claimed = 0;
  sk_crew_run(&writing->write->shared->crew, workers, work, writing);
  return stopped(writing, err);
}

shukei_status sk_day_write(const struct sk_day_write *write, int32_t day, shukei_error *err)
{
  struct sk_run_shared *shared = write->shared;
  struct writing writing = {.write = write, .helpers = &shared->helpers};
  shukei_status st = SHUKEI_OK;
  writing.batch_capacity = shared->workers * BATCHES_PER_WORKER;
  writing.batches = sk_calloc(&shared->budget, writing.batch_capacity, sizeof *writing.batches);
  if (!writing.batches)
    return sk_fail_memory(err, &shared->budget, 0, "rows on their way to the sinks");
  st = sk_day_open(write->finish, day, &writing.day, err);
  if (!st)
    st = write_parts(&writing, err);
  if (!st)
    st = sk_day_tail(writing.day, err);
  if (!st)
    st = write_parts(&writing, err);
  free_batches(&writing);
  for (size_t i = 0; i < write->sink_count; i++)
    sk_sink_pause(write->sinks[i]);
  sk_day_close(writing.day);
  return st;
}
