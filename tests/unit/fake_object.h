/* SPDX-License-Identifier: Apache-2.0 */
/* One object of S3, behind a server within the test, and what is held of it. */
#ifndef SK_TESTS_FAKE_OBJECT_H
#define SK_TESTS_FAKE_OBJECT_H

#include "fake_http.h"

#include "store/s3_part.h"
#include "store/s3_stream.h"

#define MOST_BYTES ((size_t)6 << 20)
#define SMALL_BYTES ((size_t)40 << 10)

static uint8_t object[MOST_BYTES];
static size_t object_bytes;
static _Atomic uint64_t sent_bytes;
static _Atomic unsigned broken; /* answers to come that bring nothing */

/* Any thread; no assertions here, since the test's own thread alone may jump out of them. */
static inline void serve(const struct sk_http_request *request, struct fake_answer *answer)
{
  static _Thread_local char range[64];
  const char *const wanted = fake_header(request, "range");
  uint64_t first = 0, last = 0;
  if (strncmp(request->url, "http://127.0.0.1:9/b/k", 22) != 0) {
    answer->status = 404;
    return;
  }
  if (broken > 0) {
    broken--;
    answer->outcome = SK_HTTP_REFUSED;
    return;
  }
  if (wanted && sscanf(wanted, "bytes=-%" SCNu64, &last) == 1) {
    first = last < object_bytes ? object_bytes - last : 0;
    last = object_bytes - 1;
  } else if (!wanted || sscanf(wanted, "bytes=%" SCNu64 "-%" SCNu64, &first, &last) != 2 ||
             first > last || last >= object_bytes) {
    answer->status = 400;
    return;
  }
  snprintf(range, sizeof range, "bytes %" PRIu64 "-%" PRIu64 "/%zu", first, last, object_bytes);
  answer->status = 206;
  answer->range = range;
  answer->etag = "e";
  answer->bytes = object + first;
  answer->length = (size_t)(last + 1 - first);
  sent_bytes += answer->length;
}

static inline struct sk_s3_entry *open_entry(struct sk_s3 *s3, const char *path, size_t bytes,
                                             bool listed)
{
  struct sk_s3_entry *entry;
  uint64_t random = 11;
  for (size_t i = 0; i < sizeof object; i += 8) {
    const uint64_t word = next_random(&random);
    memcpy(object + i, &word, 8);
  }
  object_bytes = bytes;
  sent_bytes = 0;
  fake_http = serve;
  fake_piece = (size_t)16 << 10;
  assert_int_equal(sk_s3_entry_of(&s3->ahead, path, &entry, NULL), SHUKEI_OK);
  if (listed)
    sk_s3_entry_note(&s3->ahead, entry, bytes, "e");
  assert_int_equal(sk_s3_entry_open(&s3->ahead, entry, NULL), SHUKEI_OK);
  return entry;
}

static inline void check_read(struct sk_s3 *s3, struct sk_s3_entry *entry, uint64_t offset,
                              size_t length, uint64_t wish)
{
  uint8_t *const bytes = malloc(length + 1);
  assert_non_null(bytes);
  bytes[length] = 0xa5;
  const shukei_status st = sk_s3_entry_read(&s3->ahead, entry, offset, bytes, length, wish, NULL);
  const bool same = memcmp(bytes, object + offset, length) == 0 && bytes[length] == 0xa5;
  free(bytes);
  assert_int_equal(st, SHUKEI_OK);
  assert_true(same);
}

/* Sums of what is held and kept are those of the parts, in the row or not, and within the
 * limits. */
static inline void check_parts(struct sk_s3 *s3)
{
  struct sk_s3_ahead *const ahead = &s3->ahead;
  uint64_t held = 0, kept = 0, row = 0;
  pthread_mutex_lock(&ahead->lock);
  for (size_t i = 0; i < ahead->entry_capacity; i++)
    for (const struct sk_s3_part *part = ahead->entries[i] ? ahead->entries[i]->parts : NULL; part;
         part = part->next)
      *(part->kept ? &kept : &held) += part->end - part->begin;
  const struct sk_s3_part *older = NULL;
  bool linked = !ahead->oldest || !ahead->oldest->older;
  for (const struct sk_s3_part *part = ahead->oldest; part; older = part, part = part->newer) {
    row += part->end - part->begin;
    linked = linked && part->older == older && !part->kept;
  }
  linked = linked && ahead->newest == older;
  const bool sums = held == ahead->held_bytes && kept == ahead->kept_bytes && row == held;
  const bool within = held <= ahead->limit_bytes && kept <= ahead->kept_limit_bytes;
  pthread_mutex_unlock(&ahead->lock);
  assert_true(linked);
  assert_true(sums);
  assert_true(within);
}

#endif
