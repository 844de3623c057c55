/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a day are made by whichever worker is free, each into chunks of its own, and appended to
 * the sinks in their order: a worker whose part is not next waits, and one whose chunk grows large
 * waits for its turn before the part is complete. The worker of the first part not appended yet never
 * waits, so all go on. */
#include "day_write.h"

#include "base/crew.h"

#define CHUNK_BYTES ((size_t)2 << 20)
/* Of chunks, which have room to spare, and of groups in hand. */
#define MEMORY_PER_WORKER (UINT64_C(8) << 20)

struct writing {
  const struct sk_day_write *write;
  struct sk_day *day;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  uint32_t turn; /* the part that is appended next */
  shukei_status status;
  shukei_error error;
};

/* What a worker fills. */
struct filling {
  struct writing *writing;
  struct sk_chunk **chunks; /* [sink_count] */
  uint32_t part, rows;
  bool has_turn;
};

static void fail(struct writing *writing, shukei_status status, const shukei_error *error)
{
  pthread_mutex_lock(&writing->lock);
  if (!writing->status) {
    writing->status = status;
    writing->error = *error;
  }
  pthread_cond_broadcast(&writing->changed);
  pthread_mutex_unlock(&writing->lock);
}

static shukei_status wait_for_turn(struct filling *filling, shukei_error *err)
{
  struct writing *writing = filling->writing;
  if (filling->has_turn)
    return SHUKEI_OK;
  pthread_mutex_lock(&writing->lock);
  while (writing->turn != filling->part && !writing->status)
    pthread_cond_wait(&writing->changed, &writing->lock);
  const shukei_status st = writing->status;
  if (st && err)
    *err = writing->error;
  pthread_mutex_unlock(&writing->lock);
  filling->has_turn = !st;
  return st;
}

static shukei_status append(struct filling *filling, shukei_error *err)
{
  const struct sk_day_write *write = filling->writing->write;
  shukei_status st = wait_for_turn(filling, err);
  for (size_t i = 0; !st && i < write->sink_count; i++)
    st = sk_sink_append(write->sinks[i], filling->chunks[i], err);
  return st;
}

static shukei_status take(void *context, const struct sk_row *row, shukei_error *err)
{
  struct filling *filling = context;
  const struct sk_day_write *write = filling->writing->write;
  shukei_status st = SHUKEI_OK;
  size_t bytes = 0;
  if (++filling->rows % 1024 == 0)
    st = sk_run_check_canceled(write->shared, err);
  for (size_t i = 0; !st && i < write->sink_count; i++) {
    st = sk_chunk_add(filling->chunks[i], row, err);
    bytes += sk_chunk_bytes(filling->chunks[i]);
  }
  return st || bytes < CHUNK_BYTES ? st : append(filling, err);
}

static shukei_status make_parts(struct filling *filling, unsigned number, shukei_error *err)
{
  struct writing *writing = filling->writing;
  shukei_status st = SHUKEI_OK;
  while (!st && sk_day_claim(writing->day, number, &filling->part)) {
    filling->has_turn = false;
    st = sk_day_rows(writing->day, number, filling->part, take, filling, err);
    if (!st)
      st = append(filling, err);
    if (st)
      break;
    pthread_mutex_lock(&writing->lock);
    writing->turn++;
    st = writing->status;
    if (st && err)
      *err = writing->error;
    pthread_cond_broadcast(&writing->changed);
    pthread_mutex_unlock(&writing->lock);
  }
  return st;
}

static void work(void *context, unsigned number)
{
  struct writing *writing = context;
  const struct sk_day_write *write = writing->write;
  struct filling filling = {.writing = writing};
  shukei_error error = {.status = SHUKEI_OK};
  shukei_status st = SHUKEI_OK;
  filling.chunks = sk_calloc(&write->shared->budget, write->sink_count + 1, sizeof *filling.chunks);
  if (!filling.chunks)
    st = sk_fail_memory(&error, &write->shared->budget, 0, "rows on their way to the sinks");
  for (size_t i = 0; !st && i < write->sink_count; i++)
    st = sk_chunk_new(write->sinks[i], &filling.chunks[i], &error);
  if (!st)
    st = make_parts(&filling, number, &error);
  if (st)
    fail(writing, st, &error);
  for (size_t i = 0; filling.chunks && i < write->sink_count; i++)
    sk_chunk_free(filling.chunks[i]);
  sk_free(filling.chunks);
}

/* As many workers as there is work for and memory is left. */
static unsigned count_workers(const struct writing *writing)
{
  const struct sk_budget *budget = &writing->write->shared->budget;
  const uint64_t used = atomic_load_explicit(&budget->used_bytes, memory_order_relaxed);
  const uint64_t left = used < budget->limit_bytes ? budget->limit_bytes - used : 0;
  const unsigned useful = sk_day_workers(writing->day);
  const uint64_t fitting = 1 + left / MEMORY_PER_WORKER;
  return fitting < useful ? (unsigned)fitting : useful;
}

shukei_status sk_day_write(const struct sk_day_write *write, int32_t day, shukei_error *err)
{
  struct writing writing = {.write = write};
  pthread_mutex_init(&writing.lock, NULL);
  pthread_cond_init(&writing.changed, NULL);
  shukei_status st = sk_day_open(write->finish, day, &writing.day, err);
  if (!st) {
    sk_crew_run(count_workers(&writing), work, &writing);
    st = writing.status;
    if (!st)
      st = sk_day_tail(writing.day, err);
    else if (err)
      *err = writing.error;
  }
  if (!st) {
    writing.turn = 0;
    sk_crew_run(count_workers(&writing), work, &writing);
    st = writing.status;
    if (st && err)
      *err = writing.error;
  }
  sk_day_close(writing.day);
  pthread_cond_destroy(&writing.changed);
  pthread_mutex_destroy(&writing.lock);
  return st;
}
