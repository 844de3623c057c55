/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads that runs began and never finished, because they were killed. Nobody sees them, the
 * server keeps them, and nothing but their key, their name and when they were begun can be learned
 * of them.
 *
 * A run begins one upload more, which it never finishes either: a sign, whose key tells by a
 * process mark who is at work. Signs of processes that are gone are litter, and so is every upload
 * of a key that this run writes which no sign of others accounts for.
 *
 * sk_s3_bucket_enter() before the first output in a bucket -> sk_s3_bucket_clear() for each key ->
 * ...
 *   -> sk_s3_buckets_leave() with the session */
#ifndef SK_STORE_S3_LITTER_H
#define SK_STORE_S3_LITTER_H

#include "store/s3_upload.h"

struct sk_s3_leftover {
  char *key, *id; /* id NULL: aborted */
};
/* A bucket that the session writes to. */
struct sk_s3_bucket {
  struct sk_s3_bucket *next;
  char name[SK_S3_BUCKET_TEXT];
  struct sk_s3_upload sign;
  struct sk_arena arena;
  struct sk_s3_leftover *leftovers; /* under the lock: uploads that nobody is at */
  size_t count;
};

/* Looks what uploads the bucket has and puts the sign up, in the folder of the key: once a session
 * and bucket. EWRITE, which names the path: the bucket is not there or cannot be written to;
 * ENOMEM. Any thread. */
shukei_status sk_s3_bucket_enter(struct sk_s3 *s3, const char *path, const struct sk_s3_name *name,
                                 struct sk_s3_bucket **out, shukei_error *err);
/* Aborts what was left of a key; with `file`, of all keys below the key as a folder whose last part
 * it is. What cannot be aborted stays: it costs room alone. */
void sk_s3_bucket_clear(struct sk_s3 *s3, struct sk_s3_bucket *bucket, const char *key,
                        const char *file);
/* Takes the signs away and frees everything. */
void sk_s3_buckets_leave(struct sk_s3 *s3);

#endif
