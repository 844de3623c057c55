/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of objects: what one request fetches each, and how long they are kept; for s3_ahead.c. All
 * calls but the last are made with the lock of the session's parts held. */
#ifndef SK_STORE_S3_PART_H
#define SK_STORE_S3_PART_H

#include "store/s3_ahead.h"

#define SK_S3_WHOLE_BYTES (UINT64_C(512) << 10) /* at most: it is fetched as a whole */

struct sk_s3_part {
  struct sk_s3_part *newer, *older; /* of all that are not kept */
  struct sk_s3_part *next;          /* of the entry's */
  struct sk_s3_part *behind;        /* of those that wait for a thread */
  struct sk_s3_entry *entry;
  uint64_t begin, end;
  uint8_t *bytes;
  uint64_t read_bytes; /* by whoever; glances at headers are not counted */
  unsigned users;      /* who copy from it or fetch it */
  bool loading;
  bool waiting;    /* for a thread to load it: whoever needs it may do that instead */
  bool of_run;     /* goes with the last object that is open */
  bool kept;       /* does not give way, until sk_s3_part_release() */
  bool ahead;      /* nor does this, until it is read: a stream brought it before anybody asked */
  bool to_its_end; /* read to its end, that is, since there is room for it so long */
};

/* The part that a place is in, or NULL. */
struct sk_s3_part *sk_s3_part_find(const struct sk_s3_entry *entry, uint64_t offset);
/* A part to be fetched, with room made for it by those that are not in use, oldest first. A small
 * object, as a whole, is kept as long as there is room for such. NULL: there is no room for it. */
struct sk_s3_part *sk_s3_part_new(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                                  struct sk_range range, bool of_run);
/* Fetches it, with the lock given back meanwhile; where that fails the part is gone. */
shukei_status sk_s3_part_load(struct sk_s3_ahead *ahead, struct sk_s3_part *part,
                              shukei_error *err);
/* Frees a part that its maker cannot fill. */
void sk_s3_part_give_up(struct sk_s3_ahead *ahead, struct sk_s3_part *part);
/* Fetches a part that waits for a thread, by this one. */
shukei_status sk_s3_part_load_now(struct sk_s3_ahead *ahead, struct sk_s3_part *part,
                                  shukei_error *err);
/* Has threads fetch the range after those that wait already, if there is room for it. Where it
 * fails, who needs it tries again and gets to know why. */
void sk_s3_part_load_later(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                           struct sk_range range, bool of_run);
/* A thread that ends by itself, with all signals blocked; false where there can be none. */
bool sk_s3_thread_start(void *(*main)(void *), void *argument);
/* Copies what the part has from offset on, at most `length`, with the lock given back meanwhile.
 * Returns how much that is. */
size_t sk_s3_part_copy(struct sk_s3_ahead *ahead, struct sk_s3_part *part, uint64_t offset,
                       void *bytes, size_t length);
/* A part that is kept may give way from now on. */
void sk_s3_part_release(struct sk_s3_ahead *ahead, struct sk_s3_part *part);
/* Frees those parts of an entry that are not in use; only those of runs, if so wanted. */
void sk_s3_parts_free(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry, bool of_runs);
/* Ends, without the lock, all threads that fetch, and frees what waits for them. */
void sk_s3_parts_end(struct sk_s3_ahead *ahead);

#endif
