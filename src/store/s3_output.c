/* SPDX-License-Identifier: Apache-2.0 */
/* An object of S3 being written. Bytes are gathered; each time a part is full it is sent by a
 * thread of its own, up to SLOTS at once, while the next one is gathered. What never fills a part
 * goes by one request when it is committed, unless too much waits for that: then it is sent when
 * its output is synced, as an upload of one part. The first output of a run in a bucket puts up a
 * sign, so that a bucket that is not there, or may not be written to, is known before the work.
 *
 * An upload has 10,000 parts at most, and all but the last have 5 MiB at least: every 1,000 parts
 * they become larger by that much. */
#include "store/s3_store.h"

#include "store/s3_litter.h"

#include <signal.h>

#define PART_BYTES ((size_t)5 << 20)
#define GATHER_FIRST ((size_t)16 << 10)
#define PARTS_MOST 10000
#define WAITING_MOST ((uint64_t)32 << 20)
#define SLOTS 3

struct s3_output;
struct slot {
  struct s3_output *output;
  pthread_t thread;
  bool busy, threaded;
  uint8_t *bytes;
  size_t length;
  unsigned number;
  struct sk_s3_tag tag;
  shukei_status status;
  shukei_error error;
};

struct s3_output {
  struct sk_output output; /* first: what the others see */
  struct sk_budget *budget;
  struct sk_s3 *s3;
  struct sk_s3_entry *entry;
  struct sk_s3_upload upload;
  uint8_t *bytes; /* gathered */
  size_t length, capacity;
  struct sk_s3_tag *tags;
  unsigned count, tag_capacity; /* parts sent, or on their way */
  struct slot slots[SLOTS];     /* of part n the one numbered n % SLOTS */
  bool synced, waits;           /* waits: its bytes are among the session's that do */
};

static void *send_part(void *argument)
{
  struct slot *const slot = argument;
  slot->status = sk_s3_upload_part(&slot->output->upload, slot->number, slot->bytes, slot->length,
                                   &slot->tag, &slot->error);
  return NULL;
}

/* Waits for a slot's part; afterwards the slot is free. */
static shukei_status wait_for(struct s3_output *self, struct slot *slot, shukei_error *err)
{
  if (!slot->busy)
    return SHUKEI_OK;
  if (slot->threaded)
    pthread_join(slot->thread, NULL);
  sk_free(slot->bytes);
  slot->bytes = NULL;
  slot->busy = false;
  self->tags[slot->number - 1] = slot->tag;
  if (slot->status && err)
    *err = slot->error;
  return slot->status;
}

static shukei_status wait_for_all(struct s3_output *self, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (int i = 0; i < SLOTS; i++) {
    const shukei_status one = wait_for(self, &self->slots[i], st ? NULL : err);
    st = st ? st : one;
  }
  return st;
}

static void start(struct slot *slot)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before); /* threads inherit the mask of their maker */
  slot->threaded =
      sk_budget_charge(NULL, 0) && pthread_create(&slot->thread, NULL, send_part, slot) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (!slot->threaded)
    send_part(slot);
}

static shukei_status room_for_tag(struct s3_output *self, shukei_error *err)
{
  if (self->count == PARTS_MOST)
    return sk_fail(err, SHUKEI_EWRITE, "%s: is larger than an object can be", self->output.name);
  if (self->count < self->tag_capacity)
    return SHUKEI_OK;
  const unsigned more = self->tag_capacity ? self->tag_capacity * 2 : 16;
  void *const moved = sk_realloc(self->budget, self->tags, more * sizeof *self->tags);
  if (!moved)
    return sk_fail_memory(err, self->budget, more * sizeof *self->tags, "the parts of an upload");
  self->tags = moved;
  self->tag_capacity = more;
  return SHUKEI_OK;
}

/* Sends what is gathered as the next part. */
static shukei_status ship(struct s3_output *self, shukei_error *err)
{
  struct slot *const slot = &self->slots[(self->count + 1) % SLOTS];
  shukei_status st = wait_for(self, slot, err);
  if (!st && !self->upload.id[0])
    st = sk_s3_upload_begin(&self->upload, err);
  if (!st)
    st = room_for_tag(self, err);
  if (st)
    return st;
  *slot = (struct slot){.output = self,
                        .busy = true,
                        .bytes = self->bytes,
                        .length = self->length,
                        .number = ++self->count};
  self->bytes = NULL;
  self->length = self->capacity = 0;
  start(slot);
  return SHUKEI_OK;
}

/* Enlarges the buffer; where memory lacks, the parts on their way are waited for first. */
static shukei_status gather_more(struct s3_output *self, size_t most, shukei_error *err)
{
  size_t more = self->capacity ? self->capacity * 2 : self->count ? most : GATHER_FIRST;
  more = more < most ? more : most;
  uint8_t *moved = sk_realloc(self->budget, self->bytes, more);
  if (!moved) {
    const shukei_status st = wait_for_all(self, err);
    if (st)
      return st;
    moved = sk_realloc(self->budget, self->bytes, more);
  }
  if (!moved)
    return sk_fail_memory(err, self->budget, more, "a part of an upload");
  self->bytes = moved;
  self->capacity = more;
  return SHUKEI_OK;
}

static shukei_status s3_write(struct sk_output *output, const void *bytes, size_t length,
                              shukei_error *err)
{
  struct s3_output *const self = (struct s3_output *)output;
  const uint8_t *from = bytes;
  shukei_status st = SHUKEI_OK;
  while (!st && length > 0) {
    const size_t part = PART_BYTES * (1 + self->count / 1000);
    if (self->length == part) {
      st = ship(self, err);
    } else if (self->length == self->capacity) {
      st = gather_more(self, part, err);
    } else {
      const size_t room = self->capacity - self->length, n = length < room ? length : room;
      memcpy(self->bytes + self->length, from, n);
      self->length += n;
      from += n;
      length -= n;
    }
  }
  return st;
}

/* Whether the bytes, which are all there are, may stay in memory until the commit. */
static bool may_wait(struct s3_output *self)
{
  const uint64_t of_budget = self->s3->budget ? self->s3->budget->limit_bytes / 8 : UINT64_MAX;
  const uint64_t most = of_budget < WAITING_MOST ? of_budget : WAITING_MOST;
  self->waits = true;
  return atomic_fetch_add(&self->s3->waiting_bytes, self->length) + self->length <= most;
}

static void end_waiting(struct s3_output *self)
{
  if (self->waits)
    atomic_fetch_sub(&self->s3->waiting_bytes, self->length);
  self->waits = false;
}

static shukei_status s3_sync(struct sk_output *output, shukei_error *err)
{
  struct s3_output *const self = (struct s3_output *)output;
  shukei_status st = SHUKEI_OK;
  self->synced = true;
  if (!self->upload.id[0] && may_wait(self))
    return SHUKEI_OK; /* one request, which is the commit */
  end_waiting(self);
  if (self->length > 0)
    st = ship(self, err);
  const shukei_status waited = wait_for_all(self, st ? NULL : err);
  return st ? st : waited;
}

static shukei_status s3_commit(struct sk_output *output, shukei_error *err)
{
  struct s3_output *const self = (struct s3_output *)output;
  shukei_status st = self->synced ? SHUKEI_OK : s3_sync(output, err);
  if (!st && self->count > 0)
    st = sk_s3_upload_end(&self->upload, self->tags, self->count, err);
  else if (!st)
    st = sk_s3_upload_whole(&self->upload, self->bytes, self->length, err);
  end_waiting(self);
  sk_free(self->bytes);
  self->bytes = NULL;
  self->length = 0;
  sk_s3_entry_forget(&self->s3->ahead, self->entry);
  return st;
}

static void s3_close(struct sk_output *output)
{
  struct s3_output *const self = (struct s3_output *)output;
  wait_for_all(self, NULL);
  sk_s3_upload_abort(&self->upload);
  end_waiting(self);
  sk_free(self->bytes);
  sk_free(self->tags);
  sk_free(self);
}

static const struct sk_output_calls s3_calls = {s3_write, s3_commit, s3_close, s3_sync};

shukei_status sk_s3_create(const char *path, struct sk_budget *budget, struct sk_output **out,
                           shukei_error *err)
{
  struct sk_s3 *s3 = NULL;
  struct sk_s3_entry *entry = NULL;
  struct sk_s3_bucket *bucket;
  *out = NULL;
  shukei_status st = sk_s3_session_entry(budget, path, &s3, &entry, err);
  if (st)
    return st;
  struct s3_output *const self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, budget, sizeof *self, "an output");
  self->output = (struct sk_output){.calls = &s3_calls, .name = entry->path};
  self->budget = budget;
  self->s3 = s3;
  self->entry = entry;
  sk_s3_upload_init(&self->upload, s3, entry);
  st = sk_s3_bucket_enter(s3, entry->path, &entry->name, &bucket, err);
  if (st) {
    s3_close(&self->output);
    return st;
  }
  sk_s3_bucket_clear(s3, bucket, entry->name.key, NULL);
  *out = &self->output;
  return SHUKEI_OK;
}

shukei_status sk_s3_clear_named(const char *folder, const char *name, struct sk_budget *budget,
                                shukei_error *err)
{
  struct sk_s3 *s3 = NULL;
  struct sk_s3_name at;
  struct sk_s3_bucket *bucket;
  shukei_status st = sk_s3_name_parse(folder, &at, err);
  if (!st)
    st = sk_s3_session(budget, &s3, err);
  if (!st)
    st = sk_s3_bucket_enter(s3, folder, &at, &bucket, err);
  if (!st)
    sk_s3_bucket_clear(s3, bucket, at.key, name);
  return st;
}
