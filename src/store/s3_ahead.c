/* SPDX-License-Identifier: Apache-2.0 */
/* A part is what one request fetched. Parts of an object do not overlap; all of the session's stand
 * in one row by their last use, and the oldest give way where the limit is passed. What a part
 * covers:
 *
 *   an object of at most WHOLE_BYTES     all of it
 *   a place in a run that is expected    the run, or the piece of it that the place is in
 *   anywhere else                        what is read, and as much behind it as the reader wishes
 *
 * Expected ranges that are less than GAP_BYTES apart become one run: fetching what lies between
 * them costs less than a request. All runs that are expected together are read side by side; where
 * they are more than half of the limit they are fetched in pieces so small that the pieces in use
 * fit, since a piece that gives way before it is read to its end is fetched again.
 *
 * A thread that needs a part which another one is fetching waits for it. Where a part finds no
 * room, the bytes are fetched straight to where they are wanted: the limit makes runs slower, never
 * fail. */
#include "store/s3_ahead.h"

#include "store/s3_fetch.h"

#define WHOLE_BYTES (UINT64_C(512) << 10)
#define TAIL_BYTES ((size_t)64 << 10) /* what the reader of footers asks for */
#define GAP_BYTES (UINT64_C(256) << 10)
#define LIMIT_BYTES (UINT64_C(24) << 20)
#define PIECE_LEAST (UINT64_C(128) << 10)
#define READERS 4 /* that go through the runs of a row group at different places */

struct sk_s3_part {
  struct sk_s3_part *newer, *older; /* of all */
  struct sk_s3_part *next;          /* of the entry's */
  struct sk_s3_entry *entry;
  uint64_t begin, end;
  uint8_t *bytes;
  unsigned users; /* who copy from it or fetch it */
  bool loading;
  bool of_run; /* goes with the last object that is open */
};

shukei_status sk_s3_ahead_init(struct sk_s3_ahead *ahead, struct sk_s3 *s3,
                               struct sk_budget *budget, shukei_error *err)
{
  *ahead = (struct sk_s3_ahead){.s3 = s3, .budget = budget, .limit_bytes = LIMIT_BYTES};
  if (budget && budget->limit_bytes / 4 < LIMIT_BYTES)
    ahead->limit_bytes = budget->limit_bytes / 4;
  if (!sk_intern_init(&ahead->paths, budget))
    return sk_fail_memory(err, budget, 0, "names of objects");
  if (pthread_mutex_init(&ahead->lock, NULL) || pthread_cond_init(&ahead->fetched, NULL)) {
    sk_intern_reset(&ahead->paths);
    return sk_fail(err, SHUKEI_ENOMEM, "no lock for objects");
  }
  return SHUKEI_OK;
}

/* ---- parts, under the lock
 * -------------------------------------------------------------------------- */

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

static void free_part(struct sk_s3_ahead *ahead, struct sk_s3_part *part)
{
  struct sk_s3_part **at = &part->entry->parts;
  while (*at != part)
    at = &(*at)->next;
  *at = part->next;
  leave_row(ahead, part);
  ahead->held_bytes -= part->end - part->begin;
  sk_free(part->bytes);
  sk_free(part);
}

static void free_parts(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry, bool of_runs)
{
  for (struct sk_s3_part *part = entry->parts, *next; part; part = next) {
    next = part->next;
    if (part->users == 0 && (!of_runs || part->of_run))
      free_part(ahead, part);
  }
}

/* Makes room by what is not in use, oldest first. */
static bool make_room(struct sk_s3_ahead *ahead, uint64_t bytes)
{
  struct sk_s3_part *part = ahead->oldest;
  while (part && ahead->held_bytes + bytes > ahead->limit_bytes) {
    struct sk_s3_part *const newer = part->newer;
    if (part->users == 0)
      free_part(ahead, part);
    part = newer;
  }
  return ahead->held_bytes + bytes <= ahead->limit_bytes;
}

static struct sk_s3_part *new_part(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                                   struct sk_range range, bool of_run)
{
  const uint64_t length = range.end - range.begin;
  if (length > ahead->limit_bytes || !make_room(ahead, length))
    return NULL;
  struct sk_s3_part *const part = sk_alloc(ahead->budget, sizeof *part);
  uint8_t *const bytes = part ? sk_alloc(ahead->budget, (size_t)length) : NULL;
  if (!bytes) {
    sk_free(part);
    return NULL;
  }
  *part = (struct sk_s3_part){.entry = entry,
                              .begin = range.begin,
                              .end = range.end,
                              .bytes = bytes,
                              .users = 1,
                              .loading = true,
                              .of_run = of_run,
                              .next = entry->parts};
  entry->parts = part;
  ahead->held_bytes += length;
  enter_row(ahead, part);
  return part;
}

static struct sk_s3_part *find_part(const struct sk_s3_entry *entry, uint64_t offset)
{
  struct sk_s3_part *part = entry->parts;
  while (part && !(part->begin <= offset && offset < part->end))
    part = part->next;
  return part;
}

/* What to fetch for a read at offset, where no part covers it. */
static struct sk_range choose(const struct sk_s3_entry *entry, uint64_t offset, size_t length,
                              uint64_t wish, bool *of_run)
{
  struct sk_range range = {offset, offset + length};
  *of_run = false;
  if (entry->size_bytes <= WHOLE_BYTES) {
    range = (struct sk_range){0, entry->size_bytes};
  } else {
    const uint64_t left = entry->size_bytes - range.end;
    range.end += wish < left ? wish : left;
    for (size_t i = 0; i < entry->run_count; i++) {
      const struct sk_s3_run *const run = &entry->runs[i];
      if (offset < run->begin || offset >= run->end)
        continue;
      *of_run = true;
      range.begin = run->begin + (offset - run->begin) / run->step * run->step;
      range.end = run->end - range.begin < run->step ? run->end : range.begin + run->step;
      break;
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

/* ---- reading
 * ----------------------------------------------------------------------------------------- */

/* Fetches a part that this thread has made; the lock is held before and after. */
static shukei_status load(struct sk_s3_ahead *ahead, struct sk_s3_part *part, shukei_error *err)
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

/* Copies what a part has from offset on; the lock is held before and after. */
static size_t copy(struct sk_s3_ahead *ahead, struct sk_s3_part *part, uint64_t offset,
                   uint8_t *bytes, size_t length)
{
  const uint64_t there = part->end - offset;
  const size_t n = there < length ? (size_t)there : length;
  part->users++;
  leave_row(ahead, part);
  enter_row(ahead, part);
  pthread_mutex_unlock(&ahead->lock);
  memcpy(bytes, part->bytes + (offset - part->begin), n);
  pthread_mutex_lock(&ahead->lock);
  part->users--;
  return n;
}

shukei_status sk_s3_entry_read(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                               uint64_t offset, void *bytes, size_t length, uint64_t wish,
                               shukei_error *err)
{
  uint8_t *to = bytes;
  shukei_status st = SHUKEI_OK;
  pthread_mutex_lock(&ahead->lock);
  while (!st && length > 0) {
    struct sk_s3_part *part = find_part(entry, offset);
    if (part && part->loading) {
      pthread_cond_wait(&ahead->fetched, &ahead->lock);
    } else if (part) {
      const size_t n = copy(ahead, part, offset, to, length);
      to += n;
      offset += n;
      length -= n;
    } else {
      bool of_run;
      const struct sk_range range = choose(entry, offset, length, wish, &of_run);
      part = new_part(ahead, entry, range, of_run);
      if (part) {
        st = load(ahead, part, err);
        continue;
      }
      pthread_mutex_unlock(&ahead->lock);
      return sk_s3_fetch(ahead->s3, entry, offset, to, length, err);
    }
  }
  pthread_mutex_unlock(&ahead->lock);
  return st;
}

/* ---- entries
 * ----------------------------------------------------------------------------------------- */

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
    free_parts(ahead, entry, false);
  }
  pthread_mutex_unlock(&ahead->lock);
}

/* Makes a part of bytes that are here. */
static void keep_tail(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry, const void *bytes,
                      size_t length)
{
  const struct sk_range range = {entry->size_bytes - length, entry->size_bytes};
  struct sk_s3_part *const part = length ? new_part(ahead, entry, range, false) : NULL;
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

void sk_s3_entry_close(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry)
{
  pthread_mutex_lock(&ahead->lock);
  if (--entry->open_count == 0) {
    free_parts(ahead, entry, true);
    sk_free(entry->runs);
    entry->runs = NULL;
    entry->run_count = entry->run_capacity = 0;
  }
  pthread_mutex_unlock(&ahead->lock);
}

void sk_s3_ahead_reset(struct sk_s3_ahead *ahead)
{
  for (size_t i = 0; i < ahead->entry_capacity; i++) {
    struct sk_s3_entry *const entry = ahead->entries[i];
    if (!entry)
      continue;
    free_parts(ahead, entry, false);
    sk_free(entry->runs);
    sk_free(entry);
  }
  sk_free(ahead->entries);
  sk_intern_reset(&ahead->paths);
  pthread_mutex_destroy(&ahead->lock);
  pthread_cond_destroy(&ahead->fetched);
}

/* ---- what is expected
 * -------------------------------------------------------------------------------- */

static void add_run(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry, struct sk_s3_run run)
{
  for (size_t i = 0; i < entry->run_count; i++)
    if (run.begin < entry->runs[i].end && entry->runs[i].begin < run.end)
      return; /* known already */
  if (entry->run_count == entry->run_capacity) {
    const size_t more = entry->run_capacity ? entry->run_capacity * 2 : 16;
    void *const moved = sk_realloc(ahead->budget, entry->runs, more * sizeof *entry->runs);
    if (!moved)
      return; /* a hint: the run is then read as it comes */
    entry->runs = moved;
    entry->run_capacity = more;
  }
  entry->runs[entry->run_count++] = run;
}

void sk_s3_entry_expect(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                        const struct sk_range *ranges, size_t count)
{
  uint64_t all = 0;
  for (size_t i = 0; i < count; i++)
    all += ranges[i].end - ranges[i].begin;
  uint64_t step = UINT64_MAX;
  if (all > ahead->limit_bytes / 2) {
    step = ahead->limit_bytes / 2 / (count * READERS);
    step = step < PIECE_LEAST ? PIECE_LEAST : step;
  }
  pthread_mutex_lock(&ahead->lock);
  for (size_t i = 0; i < count;) {
    struct sk_s3_run run = {ranges[i].begin, ranges[i].end, step};
    for (i++; i < count && ranges[i].begin <= run.end + GAP_BYTES; i++)
      run.end = ranges[i].end > run.end ? ranges[i].end : run.end;
    add_run(ahead, entry, run);
  }
  pthread_mutex_unlock(&ahead->lock);
}
