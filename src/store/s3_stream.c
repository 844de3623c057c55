/* SPDX-License-Identifier: Apache-2.0 */
/* A stream's thread makes a part for each piece, fills it, and goes on when the foremost reader is
 * less than the lead behind, or somebody waits, and there is room. While it does not go on, libcurl
 * does not read, and the server waits: so a column chunk of any size takes one request, and what is
 * held stays small.
 *
 * Pieces that nobody has read yet do not give way, since they would have to be asked for once more.
 * Those that the foremost reader has passed over do.
 *
 * A reader who waits for a piece for which there is no room fetches what it needs by itself. So do
 * those who look for a piece that has given way, or stand far before the stream. */
#include "store/s3_stream.h"

#include "store/s3_fetch.h"
#include "store/s3_part.h"

#define STREAMS_MOST 24
#define JUMP_BYTES (UINT64_C(4) << 20) /* somebody so far before the stream is not waited for */

/* ---- its thread ------------------------------------------------------------------------------ */

static bool may_go_on(const struct sk_s3_stream *self)
{
  if (self->wanted > self->at || self->plan.lead == UINT64_MAX)
    return true;
  return self->at < self->foremost || self->at - self->foremost < self->plan.lead;
}

/* A part for the next piece, when the time has come for it. False: no more is wanted. */
static bool begin_piece(struct sk_s3_stream *self)
{
  struct sk_s3_ahead *const ahead = self->ahead;
  pthread_mutex_lock(&ahead->lock);
  const uint64_t left = self->plan.range.end - self->at;
  const uint64_t length = left < self->plan.step ? left : self->plan.step;
  while (!self->left && !ahead->ending) {
    if (may_go_on(self))
      self->part =
          sk_s3_part_new(ahead, self->entry, (struct sk_range){self->at, self->at + length}, true);
    if (self->part)
      break;
    self->starved = self->wanted > self->at;
    if (self->starved)
      pthread_cond_broadcast(&ahead->fetched);
    pthread_cond_wait(&ahead->moved, &ahead->lock);
  }
  if (self->part) {
    self->at += length;
    self->filled = 0;
    self->starved = false;
  }
  const bool goes_on = self->part;
  pthread_mutex_unlock(&ahead->lock);
  return goes_on;
}

static void end_piece(struct sk_s3_stream *self)
{
  struct sk_s3_part *const part = self->part;
  const bool whole = self->plan.lead == UINT64_MAX;
  pthread_mutex_lock(&self->ahead->lock);
  part->loading = false;
  part->users--;
  part->ahead = whole || part->end > self->foremost;
  part->to_its_end = whole;
  pthread_cond_broadcast(&self->ahead->fetched);
  pthread_mutex_unlock(&self->ahead->lock);
  self->part = NULL;
}

static bool take(struct sk_s3_taker *taker, const uint8_t *bytes, size_t length)
{
  struct sk_s3_stream *const self = (struct sk_s3_stream *)taker;
  while (length > 0) {
    if (!self->part && !begin_piece(self))
      return false;
    const size_t room = (size_t)(self->part->end - self->part->begin) - self->filled;
    const size_t n = room < length ? room : length;
    memcpy(self->part->bytes + self->filled, bytes, n);
    self->filled += n;
    if (n == room)
      end_piece(self);
    bytes += n;
    length -= n;
  }
  return true;
}

static void free_stream(struct sk_s3_stream *self)
{
  self->ahead->promised_bytes -= self->plan.share;
  sk_free(self);
}

static void *stream_main(void *argument)
{
  struct sk_s3_stream *const self = argument;
  struct sk_s3_ahead *const ahead = self->ahead;
  shukei_error error = {.status = SHUKEI_OK};
  const shukei_status st = sk_s3_fetch_by(ahead->s3, self->entry, &self->taker, &error);
  pthread_mutex_lock(&ahead->lock);
  if (self->part)
    sk_s3_part_give_up(ahead, self->part);
  self->part = NULL;
  self->status = st;
  self->error = error;
  self->over = true;
  ahead->streams--;
  if (self->left)
    free_stream(self);
  pthread_cond_broadcast(&ahead->fetched);
  pthread_mutex_unlock(&ahead->lock);
  return NULL;
}

/* ---- for readers ----------------------------------------------------------------------------- */

bool sk_s3_stream_start(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                        const struct sk_s3_stream_plan *plan)
{
  if (ahead->streams >= STREAMS_MOST || ahead->ending)
    return false;
  struct sk_s3_stream *const self = sk_calloc(ahead->budget, 1, sizeof *self);
  if (!self)
    return false;
  *self = (struct sk_s3_stream){
      .taker = {take, plan->range.begin, plan->range.end, .etag = entry->etag},
      .next = entry->streams,
      .ahead = ahead,
      .entry = entry,
      .plan = *plan,
      .at = plan->range.begin,
      .foremost = plan->range.begin,
      .expected = entry->expected};
  if (!sk_s3_thread_start(stream_main, self)) {
    sk_free(self);
    return false;
  }
  ahead->streams++;
  ahead->promised_bytes += plan->share;
  entry->streams = self;
  return true;
}

struct sk_s3_stream *sk_s3_stream_find(const struct sk_s3_entry *entry, uint64_t offset)
{
  struct sk_s3_stream *stream = entry->streams;
  while (stream && !(stream->plan.range.begin <= offset && offset < stream->plan.range.end))
    stream = stream->next;
  return stream;
}

static bool is_far(const struct sk_s3_stream *stream, uint64_t offset)
{
  return stream->plan.lead != UINT64_MAX && offset > stream->at && offset - stream->at > JUMP_BYTES;
}

void sk_s3_stream_note(struct sk_s3_ahead *ahead, struct sk_s3_stream *stream, uint64_t offset,
                       size_t length)
{
  if (stream->plan.lead == UINT64_MAX || offset + length <= stream->foremost ||
      is_far(stream, offset))
    return;
  stream->foremost = offset + length;
  for (struct sk_s3_part *part = stream->entry->parts; part; part = part->next)
    if (part->end <= offset && part->begin >= stream->plan.range.begin)
      part->ahead = false;
  pthread_cond_broadcast(&ahead->moved);
}

shukei_status sk_s3_stream_await(struct sk_s3_ahead *ahead, struct sk_s3_stream *stream,
                                 uint64_t offset, bool *coming, shukei_error *err)
{
  *coming = false;
  if (stream->status && stream->status != SHUKEI_ECANCELED) {
    if (err)
      *err = stream->error;
    return stream->status;
  }
  if (stream->over || offset < stream->at || is_far(stream, offset))
    return SHUKEI_OK;
  if (stream->wanted <= offset) {
    stream->wanted = offset + 1;
    stream->starved = false;
    pthread_cond_broadcast(&ahead->moved);
  }
  if (stream->starved)
    return SHUKEI_OK;
  *coming = true;
  pthread_cond_wait(&ahead->fetched, &ahead->lock);
  return SHUKEI_OK;
}

/* Parts of the stream may give way: all of them, or those that somebody has begun to read. */
static void give_way(const struct sk_s3_stream *stream, bool begun)
{
  for (struct sk_s3_part *part = stream->entry->parts; part; part = part->next)
    if (part->begin >= stream->plan.range.begin && part->end <= stream->plan.range.end &&
        (!begun || part->read_bytes))
      part->ahead = false;
}

void sk_s3_streams_leave(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry, uint32_t before)
{
  struct sk_s3_stream **at = &entry->streams;
  while (*at) {
    struct sk_s3_stream *const stream = *at;
    if (stream->expected + before > entry->expected) {
      at = &stream->next;
      continue;
    }
    *at = stream->next;
    give_way(stream, false);
    stream->left = true;
    if (stream->over)
      free_stream(stream);
  }
  pthread_cond_broadcast(&ahead->moved);
}

void sk_s3_streams_release(struct sk_s3_ahead *ahead, const struct sk_s3_entry *entry)
{
  for (struct sk_s3_stream *stream = entry->streams; stream; stream = stream->next) {
    ahead->promised_bytes -= stream->plan.share;
    stream->plan.share = 0;
    give_way(stream, true);
  }
}
