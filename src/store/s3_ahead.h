/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of objects in S3 that were fetched and may be read again or soon: so that a request is made
 * for many reads, and one object that is opened twice (by the plan, then by the reader) is not
 * fetched twice.
 *
 * sk_s3_ahead_init() -> sk_s3_entry_of() ... -> sk_s3_entry_open() -> sk_s3_entry_read() by any
 * number
 *   of threads at once -> sk_s3_entry_close() ... -> sk_s3_ahead_reset() */
#ifndef SK_STORE_S3_AHEAD_H
#define SK_STORE_S3_AHEAD_H

#include "base/intern.h"
#include "base/object.h"
#include "store/s3_name.h"

#include <pthread.h>

struct sk_s3;
struct sk_s3_part;   /* a range of an object, fetched or on its way */
struct sk_s3_stream; /* a range that is going to be read */

/* What is known of an object. Lives as long as the session. */
struct sk_s3_entry {
  const char *path; /* zero-terminated, "s3://..." */
  struct sk_s3_name name;
  bool known; /* the two below are set */
  uint64_t size_bytes;
  char etag[192];
  /* under the lock */
  unsigned open_count;
  bool read_once; /* it was open, and is no longer */
  struct sk_s3_part *parts;
  struct sk_s3_stream *streams;
  uint32_t expected; /* how often ranges were expected */
};

struct sk_s3_ahead {
  struct sk_s3 *s3;
  struct sk_budget *budget;
  pthread_mutex_t lock;
  pthread_cond_t fetched; /* or a loader is gone */
  pthread_cond_t waiting; /* something for loaders */
  pthread_cond_t moved;   /* something for streams: room, a reader that is further, an end */
  /* under the lock */
  struct sk_intern paths;
  struct sk_s3_entry **entries; /* by the path's number */
  size_t entry_capacity;
  struct sk_s3_part *newest, *oldest;
  uint64_t held_bytes, limit_bytes;
  uint64_t promised_bytes;               /* of the limit, to ranges that are held as a whole */
  unsigned streams;                      /* threads that fetch one each */
  uint64_t kept_bytes, kept_limit_bytes; /* of small objects between plan and reader */
  struct sk_s3_part *first_waiting, *last_waiting;
  unsigned loaders, idle_loaders; /* threads that fetch; of these, who have nothing to do */
  bool ending;                    /* they shall end */
};

shukei_status sk_s3_ahead_init(struct sk_s3_ahead *ahead, struct sk_s3 *s3,
                               struct sk_budget *budget, shukei_error *err);
void sk_s3_ahead_reset(struct sk_s3_ahead *ahead);

/* The entry of a path, new where there is none. EINVAL: no name of S3's; ENOMEM. */
shukei_status sk_s3_entry_of(struct sk_s3_ahead *ahead, const char *path, struct sk_s3_entry **out,
                             shukei_error *err);
/* Notes what a listing says, unless something is known already; etag may be too long, then it is
 * left. */
void sk_s3_entry_note(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry, uint64_t size_bytes,
                      const char *etag);
/* Forgets everything: the object is about to be replaced by this run. */
void sk_s3_entry_forget(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry);

/* Finds size and ETag where they are not known, with the object's last bytes in the same request.
 * ENOTFOUND, EIO. */
shukei_status sk_s3_entry_open(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                               shukei_error *err);
void sk_s3_entry_close(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry);
/* Reads a range that lies within the object.
 *   wish  so many bytes more are likely to be read next
 * EIO: also where the object was replaced since its size and ETag were found. */
shukei_status sk_s3_entry_read(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                               uint64_t offset, void *bytes, size_t length, uint64_t wish,
                               shukei_error *err);
/* See sk_store_soon(). */
void sk_s3_entry_soon(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry);
/* See sk_object_expect(). */
void sk_s3_entry_expect(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                        const struct sk_range *ranges, size_t count);

#endif
