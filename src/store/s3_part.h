/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of objects: what one request fetches each, and how long they are kept; for s3_ahead.c. All
 * calls but the last are made with the lock of the session's parts held. */
#ifndef SK_STORE_S3_PART_H
#define SK_STORE_S3_PART_H

#include "store/s3_ahead.h"

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

/* The part that a place is in, or NULL. */
struct sk_s3_part *sk_s3_part_find(const struct sk_s3_entry *entry, uint64_t offset);
/* A part to be fetched, with room made for it by those that are not in use, oldest first. NULL:
 * there is no room for it. */
struct sk_s3_part *sk_s3_part_new(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                                  struct sk_range range, bool of_run);
/* Fetches it, with the lock given back meanwhile; where that fails the part is gone. */
shukei_status sk_s3_part_load(struct sk_s3_ahead *ahead, struct sk_s3_part *part,
                              shukei_error *err);
/* Lets a thread fetch the range, if there is room for it and not too many do so already. Who needs
 * it before it is there waits; where it fails, who needs it tries again and gets to know why. */
void sk_s3_part_load_later(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                           struct sk_range range, bool of_run);
/* Copies what the part has from offset on, at most `length`, with the lock given back meanwhile.
 * Returns how much that is. */
size_t sk_s3_part_copy(struct sk_s3_ahead *ahead, struct sk_s3_part *part, uint64_t offset,
                       void *bytes, size_t length);
/* Frees those parts of an entry that are not in use; only those of runs, if so wanted. */
void sk_s3_parts_free(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry, bool of_runs);
/* Waits, without the lock, for all threads that fetch. */
void sk_s3_parts_wait(struct sk_s3_ahead *ahead);

#endif
