/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of an object hardly ever overlap. Those that are not kept stand in one row by their last
 * use, and those that nobody uses or is going to use first give way, oldest first, where the limit
 * is passed. A thread that needs a part which another one is fetching waits for it. */
#include "store/s3_part.h"

#include "store/s3_fetch.h"

#include <signal.h>

#define GLANCE_BYTES ((size_t)4 << 10) /* what is read of a page that is passed over */

static void leave_row(struct sk_s3_ahead *ahead, struct sk_s3_part *part)
{
  *(part->newer ? &part->newer->older : &ahead->newest) = part->older;
  *(part->older ? &part->older->newer : &ahead->oldest) = part->newer;
}

static void enter_row(struct sk_s3_ahead *ahead, struct sk_s3_part *part)
{
  part->newer = NULL;
  part->older = ahead->newest;
  *(ahead->newest ? &ahead->newest->newer : &ahead->oldest) = part;
  ahead->newest = part;
}

/* Counts it among those that are kept, if there is room: they take none from the others. */
static bool keep(struct sk_s3_ahead *ahead, struct sk_s3_part *part)
{
  const uint64_t length = part->end - part->begin;
  if (length > SK_S3_WHOLE_BYTES || length != part->entry->size_bytes ||
      length > ahead->kept_limit_bytes - ahead->kept_bytes)
    return false;
  ahead->kept_bytes += length;
  part->kept = true;
  return true;
}

static void free_part(struct sk_s3_ahead *ahead, struct sk_s3_part *part)
{
  struct sk_s3_part **at = &part->entry->parts;
  while (*at != part)
    at = &(*at)->next;
  *at = part->next;
  *(part->kept ? &ahead->kept_bytes : &ahead->held_bytes) -= part->end - part->begin;
  if (!part->kept)
    leave_row(ahead, part);
  sk_free(part->bytes);
  sk_free(part);
}

void sk_s3_parts_free(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry, bool of_runs)
{
  for (struct sk_s3_part *part = entry->parts, *next; part; part = next) {
    next = part->next;
    if (part->users == 0 && (!of_runs || part->of_run))
      free_part(ahead, part);
  }
}

static bool read_to_its_end(const struct sk_s3_part *part)
{
  return part->read_bytes >= part->end - part->begin;
}

/* Makes room by what is not in use, oldest first: at first by what was read to its end, since a
 * slow reader may still want what a quick one has passed over. */
static bool make_room(struct sk_s3_ahead *ahead, uint64_t bytes)
{
  for (int any = 0; any < 2; any++) {
    struct sk_s3_part *part = ahead->oldest;
    while (part && ahead->held_bytes + bytes > ahead->limit_bytes) {
      struct sk_s3_part *const newer = part->newer;
      if (part->users == 0 && !part->ahead && (any || read_to_its_end(part)))
        free_part(ahead, part);
      part = newer;
    }
  }
  return ahead->held_bytes + bytes <= ahead->limit_bytes;
}

struct sk_s3_part *sk_s3_part_new(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                                  struct sk_range range, bool of_run)
{
  const uint64_t length = range.end - range.begin;
  struct sk_s3_part *const part = sk_alloc(ahead->budget, sizeof *part);
  if (!part)
    return NULL;
  *part = (struct sk_s3_part){.entry = entry,
                              .begin = range.begin,
                              .end = range.end,
                              .users = 1,
                              .loading = true,
                              .of_run = of_run};
  if (!keep(ahead, part) && (length > ahead->limit_bytes || !make_room(ahead, length))) {
    sk_free(part);
    return NULL;
  }
  part->next = entry->parts; /* make_room() may have changed them */
  entry->parts = part;
  if (!part->kept) {
    ahead->held_bytes += length;
    enter_row(ahead, part);
  }
  part->bytes = sk_alloc(ahead->budget, (size_t)length);
  if (!part->bytes) {
    free_part(ahead, part);
    return NULL;
  }
  return part;
}

void sk_s3_part_release(struct sk_s3_ahead *ahead, struct sk_s3_part *part)
{
  const uint64_t length = part->end - part->begin;
  if (!make_room(ahead, length)) {
    free_part(ahead, part);
    return;
  }
  ahead->kept_bytes -= length;
  ahead->held_bytes += length;
  part->kept = false;
  enter_row(ahead, part);
}

struct sk_s3_part *sk_s3_part_find(const struct sk_s3_entry *entry, uint64_t offset)
{
  struct sk_s3_part *part = entry->parts;
  while (part && !(part->begin <= offset && offset < part->end))
    part = part->next;
  return part;
}

/* Fetches a part that this thread has made; the lock is held before and after. */
shukei_status sk_s3_part_load(struct sk_s3_ahead *ahead, struct sk_s3_part *part, shukei_error *err)
{
  pthread_mutex_unlock(&ahead->lock);
  const shukei_status st = sk_s3_fetch(ahead->s3, part->entry, part->begin, part->bytes,
                                       (size_t)(part->end - part->begin), err);
  pthread_mutex_lock(&ahead->lock);
  part->loading = false;
  part->users--;
  if (st)
    free_part(ahead, part);
  pthread_cond_broadcast(&ahead->fetched);
  return st;
}

void sk_s3_part_give_up(struct sk_s3_ahead *ahead, struct sk_s3_part *part)
{
  free_part(ahead, part);
  pthread_cond_broadcast(&ahead->fetched);
}

/* Copies what a part has from offset on; the lock is held before and after. */
size_t sk_s3_part_copy(struct sk_s3_ahead *ahead, struct sk_s3_part *part, uint64_t offset,
                       void *bytes, size_t length)
{
  const uint64_t there = part->end - offset;
  const size_t n = there < length ? (size_t)there : length;
  part->users++;
  part->read_bytes += n > GLANCE_BYTES ? n : 0;
  if (!part->kept) {
    leave_row(ahead, part);
    enter_row(ahead, part);
  }
  if (part->ahead && (!part->to_its_end || read_to_its_end(part))) {
    part->ahead = false;
    pthread_cond_broadcast(&ahead->moved);
  }
  pthread_mutex_unlock(&ahead->lock);
  memcpy(bytes, part->bytes + (offset - part->begin), n);
  pthread_mutex_lock(&ahead->lock);
  part->users--;
  return n;
}

/* ---- fetching by threads --------------------------------------------------------------------- */

#define LOADERS_MOST 8

static void stop_waiting(struct sk_s3_ahead *ahead, struct sk_s3_part *part)
{
  struct sk_s3_part **at = &ahead->first_waiting, *before = NULL;
  while (*at != part) {
    before = *at;
    at = &before->behind;
  }
  *at = part->behind;
  if (ahead->last_waiting == part)
    ahead->last_waiting = before;
  part->behind = NULL;
  part->waiting = false;
}

shukei_status sk_s3_part_load_now(struct sk_s3_ahead *ahead, struct sk_s3_part *part,
                                  shukei_error *err)
{
  stop_waiting(ahead, part);
  return sk_s3_part_load(ahead, part, err);
}

static void *load_main(void *argument)
{
  struct sk_s3_ahead *const ahead = argument;
  pthread_mutex_lock(&ahead->lock);
  while (!ahead->ending) {
    if (ahead->first_waiting) {
      sk_s3_part_load_now(ahead, ahead->first_waiting, NULL);
      continue;
    }
    ahead->idle_loaders++;
    pthread_cond_wait(&ahead->waiting, &ahead->lock);
    ahead->idle_loaders--;
  }
  ahead->loaders--;
  pthread_cond_broadcast(&ahead->fetched);
  pthread_mutex_unlock(&ahead->lock);
  return NULL;
}

bool sk_s3_thread_start(void *(*main)(void *), void *argument)
{
  pthread_attr_t detached;
  pthread_t thread;
  sigset_t all, before;
  if (!sk_budget_charge(NULL, 0) || pthread_attr_init(&detached))
    return false;
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before); /* threads inherit the mask of their maker */
  const bool started = pthread_create(&thread, &detached, main, argument) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&detached);
  return started;
}

/* Where no thread can be made it waits for who needs it. */
void sk_s3_part_load_later(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                           struct sk_range range, bool of_run)
{
  struct sk_s3_part *const part = sk_s3_part_new(ahead, entry, range, of_run);
  if (!part)
    return;
  part->waiting = true;
  *(ahead->last_waiting ? &ahead->last_waiting->behind : &ahead->first_waiting) = part;
  ahead->last_waiting = part;
  if (ahead->idle_loaders > 0)
    pthread_cond_signal(&ahead->waiting);
  else if (ahead->loaders < LOADERS_MOST)
    ahead->loaders += sk_s3_thread_start(load_main, ahead);
}

void sk_s3_parts_end(struct sk_s3_ahead *ahead)
{
  pthread_mutex_lock(&ahead->lock);
  ahead->ending = true;
  pthread_cond_broadcast(&ahead->waiting);
  pthread_cond_broadcast(&ahead->moved);
  while (ahead->loaders > 0 || ahead->streams > 0)
    pthread_cond_wait(&ahead->fetched, &ahead->lock);
  while (ahead->first_waiting) {
    struct sk_s3_part *const part = ahead->first_waiting;
    stop_waiting(ahead, part);
    free_part(ahead, part);
  }
  pthread_mutex_unlock(&ahead->lock);
}
