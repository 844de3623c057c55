/* SPDX-License-Identifier: Apache-2.0 */
/* What is held of an object are parts (s3_part.c). What is fetched where none covers a read:
 *
 *   an object of at most SK_S3_WHOLE_BYTES   all of it
 *   a place in a range that is expected      comes by a stream of one request (s3_stream.c);
 *                                            what has given way before it was read, by pieces
 *   anywhere else                            what is read, and as much behind it as the
 *                                            reader wishes
 *
 * Expected ranges that are less than GAP_BYTES apart are one stream, since fetching what lies
 * between them costs less than a request. They are read side by side, so that all of it has to be
 * held; where there is no room for that, each large range is a stream of its own, which stays as
 * far behind its foremost reader as the room allows.
 *
 * A small object that was opened once, by the plan, is kept for the reader, in an allowance of its
 * own: the first ones of many rather than the last ones, since they are read in that order. When
 * the reader closes it, it may give way.
 *
 * What lies before somebody who reads from front to back is fetched by threads meanwhile. Where a
 * part finds no room, the bytes are fetched straight to where they are wanted: the limit makes runs
 * slower, never fail. */
#include "store/s3_ahead.h"

#include "store/s3_fetch.h"
#include "store/s3_part.h"
#include "store/s3_stream.h"

#define TAIL_BYTES ((size_t)64 << 10) /* what the reader of footers asks for */
#define GAP_BYTES (UINT64_C(256) << 10)
#define LIMIT_BYTES (UINT64_C(20) << 20)
#define KEPT_BYTES (UINT64_C(128) << 20)
#define PIECE_LEAST (UINT64_C(64) << 10)
#define PIECE_BYTES (UINT64_C(256) << 10)
#define LATER_LEAST (UINT64_C(1) << 20) /* a wish by which a reader from front to back is known */

shukei_status sk_s3_ahead_init(struct sk_s3_ahead *ahead, struct sk_s3 *s3,
                               struct sk_budget *budget, shukei_error *err)
{
  *ahead = (struct sk_s3_ahead){.s3 = s3, .budget = budget, .limit_bytes = LIMIT_BYTES};
  if (budget && budget->limit_bytes / 4 < LIMIT_BYTES)
    ahead->limit_bytes = budget->limit_bytes / 4;
  ahead->kept_limit_bytes = KEPT_BYTES;
  if (budget && budget->limit_bytes / 8 < KEPT_BYTES)
    ahead->kept_limit_bytes = budget->limit_bytes / 8;
  if (!sk_intern_init(&ahead->paths, budget))
    return sk_fail_memory(err, budget, 0, "names of objects");
  if (pthread_mutex_init(&ahead->lock, NULL) || pthread_cond_init(&ahead->fetched, NULL) ||
      pthread_cond_init(&ahead->waiting, NULL) || pthread_cond_init(&ahead->moved, NULL)) {
    sk_intern_reset(&ahead->paths);
    return sk_fail(err, SHUKEI_ENOMEM, "no lock for objects");
  }
  return SHUKEI_OK;
}

/* What to fetch for a read at offset, where no part covers it. */
static struct sk_range choose(const struct sk_s3_entry *entry, uint64_t offset, size_t length,
                              uint64_t wish, bool *of_run)
{
  struct sk_range range = {offset, offset + length};
  *of_run = false;
  if (entry->size_bytes <= SK_S3_WHOLE_BYTES) {
    range = (struct sk_range){0, entry->size_bytes};
  } else {
    const uint64_t left = entry->size_bytes - range.end;
    range.end += wish < left ? wish : left;
    const struct sk_s3_stream *const stream = sk_s3_stream_find(entry, offset);
    if (stream) {
      const struct sk_s3_stream_plan *const plan = &stream->plan;
      *of_run = true;
      range.begin = offset - (offset - plan->range.begin) % plan->step;
      range.end =
          plan->range.end - range.begin < plan->step ? plan->range.end : range.begin + plan->step;
    }
  }
  for (const struct sk_s3_part *part = entry->parts; part; part = part->next) {
    if (part->end <= offset && part->end > range.begin)
      range.begin = part->end;
    if (part->begin > offset && part->begin < range.end)
      range.end = part->begin;
  }
  return range;
}

/* Has threads fetch what a reader from front to back, who stands at offset, will want next. */
static void look_ahead(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry, uint64_t offset,
                       uint64_t wish)
{
  uint64_t at = offset;
  if (wish > ahead->limit_bytes / 6)
    return;
  while (at < entry->size_bytes && at - offset < 2 * wish) {
    const struct sk_s3_part *part = sk_s3_part_find(entry, at);
    bool of_run;
    if (!part && sk_s3_stream_find(entry, at))
      return;
    if (!part) {
      const struct sk_range range = choose(entry, at, 0, wish, &of_run);
      sk_s3_part_load_later(ahead, entry, range, of_run);
      part = sk_s3_part_find(entry, at);
    }
    if (!part)
      return;
    at = part->end;
  }
}

shukei_status sk_s3_entry_read(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                               uint64_t offset, void *bytes, size_t length, uint64_t wish,
                               shukei_error *err)
{
  uint8_t *to = bytes;
  shukei_status st = SHUKEI_OK;
  pthread_mutex_lock(&ahead->lock);
  while (!st && length > 0) {
    struct sk_s3_part *part = sk_s3_part_find(entry, offset);
    if (part && part->waiting) {
      st = sk_s3_part_load_now(ahead, part, err);
    } else if (part && part->loading) {
      pthread_cond_wait(&ahead->fetched, &ahead->lock);
    } else if (part) {
      const size_t n = sk_s3_part_copy(ahead, part, offset, to, length);
      struct sk_s3_stream *const stream = sk_s3_stream_find(entry, offset);
      if (stream)
        sk_s3_stream_note(ahead, stream, offset, n);
      to += n;
      offset += n;
      length -= n;
    } else {
      bool of_run, coming = false;
      struct sk_s3_stream *const stream = sk_s3_stream_find(entry, offset);
      if (stream)
        st = sk_s3_stream_await(ahead, stream, offset, &coming, err);
      if (st || coming)
        continue;
      const struct sk_range range = choose(entry, offset, length, wish, &of_run);
      part = sk_s3_part_new(ahead, entry, range, of_run);
      if (part) {
        st = sk_s3_part_load(ahead, part, err);
        continue;
      }
      pthread_mutex_unlock(&ahead->lock);
      return sk_s3_fetch(ahead->s3, entry, offset, to, length, err);
    }
  }
  if (!st && wish >= LATER_LEAST)
    look_ahead(ahead, entry, offset, wish);
  pthread_mutex_unlock(&ahead->lock);
  return st;
}

/* ---- entries --------------------------------------------------------------------------------- */

static struct sk_s3_entry *new_entry(struct sk_s3_ahead *ahead, uint32_t id,
                                     const struct sk_s3_name *name)
{
  const struct sk_intern_entry *const text = sk_intern_at(&ahead->paths, id);
  if (id >= ahead->entry_capacity) {
    const size_t more = id < 32 ? 64 : (size_t)id * 2;
    void *const moved = sk_realloc(ahead->budget, ahead->entries, more * sizeof *ahead->entries);
    if (!moved)
      return NULL;
    ahead->entries = moved;
    memset(ahead->entries + ahead->entry_capacity, 0,
           (more - ahead->entry_capacity) * sizeof *ahead->entries);
    ahead->entry_capacity = more;
  }
  if (ahead->entries[id])
    return ahead->entries[id];
  struct sk_s3_entry *const entry = sk_calloc(ahead->budget, 1, sizeof *entry);
  if (!entry)
    return NULL;
  entry->path = text->bytes;
  entry->name = *name;
  entry->name.key = text->bytes + text->length - 1 - strlen(name->key);
  ahead->entries[id] = entry;
  return entry;
}

shukei_status sk_s3_entry_of(struct sk_s3_ahead *ahead, const char *path, struct sk_s3_entry **out,
                             shukei_error *err)
{
  struct sk_s3_name name;
  *out = NULL;
  const shukei_status st = sk_s3_name_parse(path, &name, err);
  if (st)
    return st;
  if (!*name.key)
    return sk_fail(err, SHUKEI_EINVAL, "\"%s\" is a bucket, not an object", path);
  pthread_mutex_lock(&ahead->lock);
  const uint32_t id = sk_intern_add(&ahead->paths, path, strlen(path) + 1);
  *out = id == SK_NO_ID ? NULL : new_entry(ahead, id, &name);
  pthread_mutex_unlock(&ahead->lock);
  return *out ? SHUKEI_OK
              : sk_fail_memory(err, ahead->budget, sizeof **out, "the names of objects");
}

void sk_s3_entry_note(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry, uint64_t size_bytes,
                      const char *etag)
{
  pthread_mutex_lock(&ahead->lock);
  if (!entry->known) {
    entry->size_bytes = size_bytes;
    if (strlen(etag) < sizeof entry->etag)
      memcpy(entry->etag, etag, strlen(etag) + 1);
    entry->known = true;
  }
  pthread_mutex_unlock(&ahead->lock);
}

void sk_s3_entry_forget(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry)
{
  pthread_mutex_lock(&ahead->lock);
  if (entry->open_count == 0) {
    entry->known = false;
    entry->etag[0] = '\0';
    sk_s3_parts_free(ahead, entry, false);
  }
  pthread_mutex_unlock(&ahead->lock);
}

/* Makes a part of bytes that are here. */
static void keep_tail(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry, const void *bytes,
                      size_t length)
{
  const struct sk_range range = {entry->size_bytes - length, entry->size_bytes};
  struct sk_s3_part *const part = length ? sk_s3_part_new(ahead, entry, range, false) : NULL;
  if (!part)
    return;
  memcpy(part->bytes, bytes, length);
  part->loading = false;
  part->users = 0;
}

static shukei_status find_out(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                              shukei_error *err)
{
  char etag[sizeof entry->etag] = "";
  uint64_t size = 0;
  size_t got = 0;
  uint8_t *const tail = sk_alloc(ahead->budget, TAIL_BYTES);
  if (!tail)
    return sk_fail_memory(err, ahead->budget, TAIL_BYTES, "the end of an object");
  const shukei_status st =
      sk_s3_fetch_tail(ahead->s3, entry, tail, TAIL_BYTES, &got, &size, etag, err);
  if (!st) {
    sk_s3_entry_note(ahead, entry, size, etag);
    pthread_mutex_lock(&ahead->lock);
    if (got <= entry->size_bytes && !entry->parts && strcmp(etag, entry->etag) == 0)
      keep_tail(ahead, entry, tail, got);
    pthread_mutex_unlock(&ahead->lock);
  }
  sk_free(tail);
  return st;
}

shukei_status sk_s3_entry_open(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                               shukei_error *err)
{
  pthread_mutex_lock(&ahead->lock);
  const bool known = entry->known;
  entry->open_count++;
  pthread_mutex_unlock(&ahead->lock);
  const shukei_status st = known ? SHUKEI_OK : find_out(ahead, entry, err);
  if (st)
    sk_s3_entry_close(ahead, entry);
  return st;
}

static void release(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry)
{
  struct sk_s3_part *part = entry->parts;
  while (part && !(part->kept && part->users == 0))
    part = part->next;
  if (part) /* as a whole, there is no other */
    sk_s3_part_release(ahead, part);
}

void sk_s3_entry_close(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry)
{
  pthread_mutex_lock(&ahead->lock);
  if (--entry->open_count == 0) {
    sk_s3_streams_leave(ahead, entry, 0);
    sk_s3_parts_free(ahead, entry, true);
    if (entry->read_once)
      release(ahead, entry);
    entry->read_once = true;
  }
  pthread_mutex_unlock(&ahead->lock);
}

void sk_s3_ahead_reset(struct sk_s3_ahead *ahead)
{
  sk_s3_parts_end(ahead);
  for (size_t i = 0; i < ahead->entry_capacity; i++) {
    struct sk_s3_entry *const entry = ahead->entries[i];
    if (!entry)
      continue;
    sk_s3_streams_leave(ahead, entry, 0);
    sk_s3_parts_free(ahead, entry, false);
    sk_free(entry);
  }
  sk_free(ahead->entries);
  sk_intern_reset(&ahead->paths);
  pthread_mutex_destroy(&ahead->lock);
  pthread_cond_destroy(&ahead->fetched);
  pthread_cond_destroy(&ahead->waiting);
  pthread_cond_destroy(&ahead->moved);
}

/* ---- what is expected ------------------------------------------------------------------------ */

static uint64_t length_of(struct sk_range range)
{
  return range.end - range.begin;
}

/* The next range, with those that follow closely, as long as they are at most that many bytes. */
static struct sk_range take_run(const struct sk_range *ranges, size_t count, uint64_t most,
                                size_t *at)
{
  struct sk_range run = ranges[*at];
  for (++*at; *at < count && ranges[*at].begin <= run.end + GAP_BYTES; ++*at) {
    const uint64_t end = ranges[*at].end > run.end ? ranges[*at].end : run.end;
    if (end - run.begin > most)
      break;
    run.end = end;
  }
  if (*at < count && ranges[*at].begin < run.end) /* ends of chunks are generous */
    run.end = ranges[*at].begin;
  return run;
}

static void begin_stream(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                         const struct sk_s3_stream_plan *plan)
{
  for (const struct sk_s3_stream *old = entry->streams; old; old = old->next)
    if (plan->range.begin < old->plan.range.end && old->plan.range.begin < plan->range.end)
      return; /* expected already */
  if (plan->range.begin == plan->range.end)
    return;
  sk_s3_stream_start(ahead, entry, plan);
}

/* What is small is held as a whole, with its neighbours; all else shares a quarter of the room, so
 * that slow readers find what quick ones have passed over. */
static void expect_large(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                         const struct sk_range *ranges, size_t count, uint64_t room)
{
  const uint64_t small = room / 16;
  size_t large = 0;
  for (size_t i = 0; i < count;)
    large += length_of(take_run(ranges, count, small, &i)) > small;
  uint64_t lead = room / 4 / (large ? large : 1), whole = room / 4;
  const uint64_t step = lead / 4 < PIECE_LEAST ? PIECE_LEAST : lead / 4;
  lead = lead < 2 * PIECE_LEAST ? 2 * PIECE_LEAST : lead;
  for (size_t i = 0; i < count;) {
    struct sk_s3_stream_plan plan = {.range = take_run(ranges, count, small, &i),
                                     .step = step < PIECE_BYTES ? step : PIECE_BYTES,
                                     .lead = lead,
                                     .share = lead};
    const uint64_t length = length_of(plan.range);
    if (length <= small && length <= whole) {
      whole -= length;
      plan.lead = UINT64_MAX;
      plan.share = length;
    }
    begin_stream(ahead, entry, &plan);
  }
}

void sk_s3_entry_expect(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                        const struct sk_range *ranges, size_t count)
{
  uint64_t all = 0;
  if (entry->size_bytes <= SK_S3_WHOLE_BYTES)
    return;
  for (size_t i = 0; i < count;)
    all += length_of(take_run(ranges, count, UINT64_MAX, &i));
  pthread_mutex_lock(&ahead->lock);
  entry->expected++;
  sk_s3_streams_leave(ahead, entry, 2); /* others may still read what was expected last */
  sk_s3_streams_release(ahead, entry);
  const uint64_t room =
      ahead->limit_bytes > ahead->promised_bytes ? ahead->limit_bytes - ahead->promised_bytes : 0;
  for (size_t i = 0; all <= room && i < count;) {
    struct sk_s3_stream_plan plan = {
        .range = take_run(ranges, count, UINT64_MAX, &i), .step = PIECE_BYTES, .lead = UINT64_MAX};
    plan.share = length_of(plan.range);
    begin_stream(ahead, entry, &plan);
  }
  if (all > room)
    expect_large(ahead, entry, ranges, count, room);
  pthread_mutex_unlock(&ahead->lock);
}

void sk_s3_entry_soon(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry)
{
  pthread_mutex_lock(&ahead->lock);
  if (entry->known && entry->size_bytes > 0 && entry->size_bytes <= SK_S3_WHOLE_BYTES &&
      !entry->parts)
    sk_s3_part_load_later(ahead, entry, (struct sk_range){0, entry->size_bytes}, false);
  pthread_mutex_unlock(&ahead->lock);
}
