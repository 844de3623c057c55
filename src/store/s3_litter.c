/* SPDX-License-Identifier: Apache-2.0 */
/* Which uploads are litter:
 *
 *   a sign                     whose process is gone, or that was put up more than OLD_S ago
 *   an upload of a key of ours that was begun more than OLD_S ago, or before every sign of a
 *                              run that goes on
 *
 * A sign of another machine, or another container, cannot be looked behind: it is believed for
 * OLD_S. Clocks are the server's throughout. Since a sign is put up before the first upload of its
 * run, and uploads are listed before our own sign is put up, no upload of a run that goes on is
 * taken for litter, unless it takes longer than OLD_S.
 *
 * The whole bucket is listed: another run's sign may lie in any folder, and MinIO lists by whole
 * keys or not at all. Where a bucket has more than PAGES_MOST pages of unfinished uploads, or does
 * not let us list them, nothing is cleared. */
#include "store/s3_litter.h"

#include "store/process_mark.h"
#include "store/s3_keys.h"

#include <stdio.h>
#include <time.h>

#define OLD_S (6 * 3600)
#define PAGES_MOST 10
#define SIGN ".shukei-run-"

struct unfinished {
  char *key, *id; /* in the arena; NULL while it is read */
  int64_t begun_s;
};
struct reading {
  struct sk_arena *arena; /* the bucket's */
  struct unfinished *items;
  size_t count, capacity;
  struct unfinished now; /* what is being read */
  bool more;
  char next_key[3 * SK_S3_KEY_MOST + 1], next_id[1024]; /* where the next page begins, encoded */
};

static char *keep(struct sk_arena *arena, const char *text)
{
  const size_t length = strlen(text) + 1;
  char *const copy = sk_arena_bytes(arena, length);
  return copy ? memcpy(copy, text, length) : NULL;
}

static bool on_leaf(void *context, const char *parent, const char *name, const char *text,
                    size_t length)
{
  struct reading *const self = context;
  if (strcmp(parent, "Upload") == 0) {
    if (strcmp(name, "Key") == 0)
      return (self->now.key = keep(self->arena, text)) != NULL;
    if (strcmp(name, "UploadId") == 0)
      return (self->now.id = keep(self->arena, text)) != NULL;
    if (strcmp(name, "Initiated") == 0 && !sk_s3_instant(text, &self->now.begun_s))
      self->now.begun_s = INT64_MAX; /* never old */
  } else if (strcmp(parent, "ListMultipartUploadsResult") == 0) {
    if (strcmp(name, "IsTruncated") == 0)
      self->more = strcmp(text, "true") == 0;
    else if (strcmp(name, "NextKeyMarker") == 0 && length < sizeof self->next_key)
      memcpy(self->next_key, text, length + 1);
    else if (strcmp(name, "NextUploadIdMarker") == 0 && length < sizeof self->next_id)
      memcpy(self->next_id, text, length + 1);
  }
  return true;
}

static bool on_end(void *context, const char *name)
{
  struct reading *const self = context;
  if (strcmp(name, "Upload") != 0)
    return true;
  if (self->count == self->capacity) {
    const size_t more = self->capacity ? self->capacity * 2 : 64;
    void *const moved = sk_realloc(self->arena->budget, self->items, more * sizeof *self->items);
    if (!moved)
      return false;
    self->items = moved;
    self->capacity = more;
  }
  if (self->now.key && self->now.id) {
    sk_s3_name_decode(self->now.key);
    self->items[self->count++] = self->now;
  }
  self->now = (struct unfinished){.key = NULL};
  return true;
}

/* One page of the bucket's unfinished uploads; *now_s is the server's time. *refused: the server
 * answers, and does not say what there is. */
static shukei_status read_page(struct sk_s3 *s3, const char *bucket, struct reading *self,
                               int64_t *now_s, bool *refused, shukei_error *err)
{
  static const struct sk_xml_calls calls = {.leaf = on_leaf, .end = on_end};
  struct sk_s3_request request = {.method = "GET", .bucket = bucket, .key = ""};
  struct sk_s3_answer answer;
  char key[sizeof self->next_key], id[sizeof self->next_id];
  memcpy(key, self->next_key, sizeof key);
  memcpy(id, self->next_id, sizeof id);
  sk_s3_name_decode(key);
  request.query[0] = (struct sk_s3_pair){"uploads", ""};
  request.query[1] = (struct sk_s3_pair){"encoding-type", "url"};
  if (key[0]) {
    request.query[2] = (struct sk_s3_pair){"key-marker", key};
    request.query[3] = (struct sk_s3_pair){"upload-id-marker", id};
  }
  self->more = false;
  self->next_key[0] = self->next_id[0] = '\0';
  shukei_status st = sk_s3_call(s3, &request, &answer, err);
  const long status = answer.reply.status;
  *refused = st && (status / 100 == 4 || status == 501) && status != 429;
  if (!st) {
    st = sk_xml_parse(answer.reply.body.bytes, answer.reply.body.length, &calls, self,
                      self->arena->budget, err);
    *refused = st == SHUKEI_EFORMAT || (self->more && !self->next_key[0]);
  }
  if (!sk_s3_date_parse(answer.reply.date, now_s))
    *now_s = (int64_t)time(NULL) + atomic_load(&s3->skew_s);
  sk_s3_answer_reset(&answer);
  return st;
}

static bool old(const struct unfinished *one, int64_t now_s)
{
  return one->begun_s < now_s - OLD_S;
}

/* The process mark of a key that is a sign's; NULL for any other. */
static const char *mark_of(const char *key)
{
  const char *const slash = strrchr(key, '/'), *const name = slash ? slash + 1 : key;
  return strncmp(name, SIGN, sizeof SIGN - 1) == 0 ? name + sizeof SIGN - 1 : NULL;
}

static shukei_status abort_upload(struct sk_s3 *s3, const char *bucket, const char *key,
                                  const char *id)
{
  struct sk_s3_request request = {.method = "DELETE", .bucket = bucket, .key = key};
  struct sk_s3_answer answer;
  request.query[0] = (struct sk_s3_pair){"uploadId", id};
  const shukei_status st = sk_s3_call(s3, &request, &answer, NULL);
  sk_s3_answer_reset(&answer);
  return st;
}

/* Aborts signs of runs that are gone, and notes which uploads nobody is at. */
static void sort_out(struct sk_s3 *s3, struct sk_s3_bucket *bucket, const struct reading *found,
                     int64_t now_s)
{
  int64_t first_s = INT64_MAX; /* when the first of the runs that go on began */
  for (size_t i = 0; i < found->count; i++) {
    const struct unfinished *const one = &found->items[i];
    const char *const mark = mark_of(one->key);
    if (!mark)
      continue;
    if (old(one, now_s) || sk_process_state(mark) == SK_PROCESS_GONE)
      abort_upload(s3, bucket->name, one->key, one->id);
    else if (one->begun_s < first_s)
      first_s = one->begun_s;
  }
  bucket->leftovers =
      sk_arena_alloc(&bucket->arena, (found->count + 1) * sizeof *bucket->leftovers);
  for (size_t i = 0; i < found->count && bucket->leftovers; i++) {
    const struct unfinished *const one = &found->items[i];
    if (!mark_of(one->key) && (old(one, now_s) || one->begun_s < first_s))
      bucket->leftovers[bucket->count++] = (struct sk_s3_leftover){one->key, one->id};
  }
}

static shukei_status look_around(struct sk_s3 *s3, struct sk_s3_bucket *bucket, shukei_error *err)
{
  struct reading found = {.arena = &bucket->arena};
  int64_t now_s = 0;
  shukei_status st = SHUKEI_OK;
  bool refused = false;
  int pages = 0;
  do
    st = read_page(s3, bucket->name, &found, &now_s, &refused, err);
  while (!st && !refused && found.more && ++pages < PAGES_MOST);
  if (!st && !refused && !found.more)
    sort_out(s3, bucket, &found, now_s);
  sk_free(found.items);
  return refused ? SHUKEI_OK : st;
}

/* The upload that is never finished. */
static shukei_status put_up_sign(struct sk_s3 *s3, struct sk_s3_bucket *bucket, const char *shown,
                                 const struct sk_s3_name *name, shukei_error *err)
{
  const char *const slash = strrchr(name->key, '/');
  const int folder = slash ? (int)(slash + 1 - name->key) : 0;
  char mark[SK_PROCESS_MARK_TEXT], path[SK_S3_BUCKET_TEXT + SK_S3_KEY_MOST + 128];
  struct sk_s3_entry *sign;
  sk_process_mark(mark);
  snprintf(path, sizeof path, "s3://%s/%.*s" SIGN "%s", bucket->name, folder, name->key, mark);
  shukei_status st = sk_s3_entry_of(&s3->ahead, path, &sign, err);
  if (st)
    return st;
  sk_s3_upload_init(&bucket->sign, s3, sign);
  bucket->sign.shown = shown;
  return sk_s3_upload_begin(&bucket->sign, err);
}

static void free_bucket(struct sk_s3_bucket *bucket)
{
  sk_arena_reset(&bucket->arena);
  sk_free(bucket);
}

static shukei_status enter_new(struct sk_s3 *s3, const char *shown, const struct sk_s3_name *name,
                               struct sk_s3_bucket **out, shukei_error *err)
{
  struct sk_s3_bucket *const bucket = sk_calloc(s3->budget, 1, sizeof *bucket);
  if (!bucket)
    return sk_fail_memory(err, s3->budget, sizeof *bucket, "an output");
  memcpy(bucket->name, name->bucket, sizeof bucket->name);
  sk_arena_init(&bucket->arena, s3->budget);
  shukei_status st = look_around(s3, bucket, err);
  if (st)
    st = sk_context(err, st == SHUKEI_EIO ? SHUKEI_EWRITE : st, "%s: could not begin to write",
                    shown);
  if (!st)
    st = put_up_sign(s3, bucket, shown, name, err);
  if (st) {
    free_bucket(bucket);
    return st;
  }
  bucket->next = s3->buckets;
  *out = s3->buckets = bucket;
  return SHUKEI_OK;
}

shukei_status sk_s3_bucket_enter(struct sk_s3 *s3, const char *path, const struct sk_s3_name *name,
                                 struct sk_s3_bucket **out, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  pthread_mutex_lock(&s3->bucket_lock);
  *out = s3->buckets;
  while (*out && strcmp((*out)->name, name->bucket) != 0)
    *out = (*out)->next;
  if (!*out)
    st = enter_new(s3, path, name, out, err);
  pthread_mutex_unlock(&s3->bucket_lock);
  return st;
}

static bool is_of(const char *key, const char *wanted, const char *file)
{
  const size_t length = strlen(wanted);
  if (!file)
    return strcmp(key, wanted) == 0;
  const char *const slash = strrchr(key, '/');
  return strncmp(key, wanted, length) == 0 && strcmp(slash ? slash + 1 : key, file) == 0;
}

void sk_s3_bucket_clear(struct sk_s3 *s3, struct sk_s3_bucket *bucket, const char *key,
                        const char *file)
{
  for (size_t i = 0; i < bucket->count; i++) {
    struct sk_s3_leftover *const one = &bucket->leftovers[i];
    char *id = NULL;
    if (!is_of(one->key, key, file))
      continue;
    pthread_mutex_lock(&s3->bucket_lock);
    id = one->id;
    one->id = NULL;
    pthread_mutex_unlock(&s3->bucket_lock);
    if (id)
      abort_upload(s3, bucket->name, one->key, id);
  }
}

void sk_s3_buckets_leave(struct sk_s3 *s3)
{
  while (s3->buckets) {
    struct sk_s3_bucket *const bucket = s3->buckets;
    s3->buckets = bucket->next;
    sk_s3_upload_abort(&bucket->sign);
    free_bucket(bucket);
  }
}
