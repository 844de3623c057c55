/* SPDX-License-Identifier: Apache-2.0 */
/* An object of S3 that is read by ranges. What is read from front to back (CSV) is asked for in
 * steps that double up to AHEAD_MOST; of the first bytes of anything but Parquet it is taken that
 * more will follow. */
#include "store/s3_store.h"

#include "base/text.h"

#include "store/s3_call.h"

#include <stdatomic.h>
#include <stdio.h>

#define AHEAD_FIRST (UINT64_C(256) << 10)
#define AHEAD_MOST (UINT64_C(4) << 20)

struct s3_object {
  struct sk_object object; /* first: what the others see */
  struct sk_s3_ahead *ahead;
  struct sk_s3_entry *entry;
  _Atomic uint64_t next; /* where a reader from front to back reads next */
  _Atomic uint64_t wish;
};

/* How much behind a read is worth having. */
static uint64_t wish_of(struct s3_object *self, uint64_t offset, size_t length)
{
  const uint64_t before = atomic_exchange(&self->next, offset + length);
  uint64_t wish = atomic_load(&self->wish);
  if (offset != before)
    wish = 0;
  else if (offset > 0)
    wish = wish == 0 ? AHEAD_FIRST : wish < AHEAD_MOST ? wish * 2 : AHEAD_MOST;
  else
    wish = sk_ends_with(self->object.name, ".parquet") || sk_ends_with(self->object.name, ".pq")
               ? 0
               : AHEAD_FIRST;
  atomic_store(&self->wish, wish);
  return wish;
}

static shukei_status s3_read(struct sk_object *object, uint64_t offset, void *bytes, size_t length,
                             shukei_error *err)
{
  struct s3_object *const self = (struct s3_object *)object;
  return sk_s3_entry_read(self->ahead, self->entry, offset, bytes, length,
                          wish_of(self, offset, length), err);
}

static void s3_expect(struct sk_object *object, const struct sk_range *ranges, size_t count)
{
  struct s3_object *const self = (struct s3_object *)object;
  sk_s3_entry_expect(self->ahead, self->entry, ranges, count);
}

static void s3_close(struct sk_object *object)
{
  struct s3_object *const self = (struct s3_object *)object;
  sk_s3_entry_close(self->ahead, self->entry);
  sk_free(self);
}

static const struct sk_object_calls s3_calls = {
    .read = s3_read, .close = s3_close, .expect = s3_expect};

shukei_status sk_s3_open(const char *path, struct sk_budget *budget, struct sk_object **out,
                         shukei_error *err)
{
  struct sk_s3 *s3 = NULL;
  struct sk_s3_entry *entry = NULL;
  struct s3_object *self = NULL;
  *out = NULL;
  shukei_status st = sk_s3_session_entry(budget, path, &s3, &entry, err);
  if (!st) {
    self = sk_calloc(budget, 1, sizeof *self);
    st = self ? sk_s3_entry_open(&s3->ahead, entry, err)
              : sk_fail_memory(err, budget, sizeof *self, "an open object");
  }
  if (st) {
    sk_free(self);
    return st;
  }
  self->ahead = &s3->ahead;
  self->entry = entry;
  self->object = (struct sk_object){&s3_calls, entry->path, entry->size_bytes};
  *out = &self->object;
  return SHUKEI_OK;
}

shukei_status sk_s3_metadata(const char *path, const char *name, struct sk_budget *budget,
                             char text[SK_METADATA_TEXT], shukei_error *err)
{
  struct sk_s3 *s3 = NULL;
  struct sk_s3_entry *entry = NULL;
  struct sk_s3_answer answer;
  char header[64];
  snprintf(header, sizeof header, "x-amz-meta-%s", name);
  shukei_status st = sk_s3_session_entry(budget, path, &s3, &entry, err);
  if (st)
    return st;
  const struct sk_s3_request request = {
      .method = "HEAD", .bucket = entry->name.bucket, .key = entry->name.key, .wanted = header};
  st = sk_s3_call(s3, &request, &answer, err);
  if (!st)
    memcpy(text, answer.reply.wanted, SK_METADATA_TEXT);
  sk_s3_answer_reset(&answer);
  return st ? sk_context(err, st, "%s: could not look at it", path) : SHUKEI_OK;
}

void sk_s3_soon(const char *path, struct sk_budget *budget)
{
  struct sk_s3 *s3 = NULL;
  struct sk_s3_entry *entry = NULL;
  if (sk_s3_session_entry(budget, path, &s3, &entry, NULL) == SHUKEI_OK)
    sk_s3_entry_soon(&s3->ahead, entry);
}
