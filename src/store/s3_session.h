/* SPDX-License-Identifier: Apache-2.0 */
/* What the names of S3 in one run share: settings, keys, connections, what was listed, bytes read
 * ahead. A run is known by its budget; the session begins with the first name and ends with
 * sk_store_end(). */
#ifndef SK_STORE_S3_SESSION_H
#define SK_STORE_S3_SESSION_H

#include "store/s3_ahead.h"
#include "store/s3_credentials.h"

struct sk_s3 {
  struct sk_s3 *next;       /* of another run in this process */
  struct sk_budget *budget; /* the run's whole one, which it is known by */
  struct sk_s3_profiles profiles;
  struct sk_s3_settings settings;
  struct sk_http http;
  struct sk_s3_credentials credentials;
  struct sk_s3_ahead ahead;
  _Atomic uint64_t requests; /* sent, with those that were repeated */
  _Atomic int64_t skew_s;    /* what the server's clock is ahead of ours */
  _Atomic uint64_t random;
  _Atomic uint64_t waiting_bytes; /* of outputs that are written and wait for their commit */
  pthread_mutex_t bucket_lock;
  struct sk_s3_bucket *buckets; /* under the lock: those that outputs were begun in */
  bool http_made, credentials_made, ahead_made;
};

/* The session of the run that a budget belongs to, begun where there is none. Any thread.
 * EUNSUPPORTED: no libcurl; EINVAL: wrong settings; EIO: a file of profiles; ENOMEM. */
shukei_status sk_s3_session(struct sk_budget *budget, struct sk_s3 **out, shukei_error *err);
/* The session, and in it the entry of a path. As sk_s3_session() and sk_s3_entry_of(). */
shukei_status sk_s3_session_entry(struct sk_budget *budget, const char *path, struct sk_s3 **out,
                                  struct sk_s3_entry **entry, shukei_error *err);
/* What sessions of the run ask whether to end; see sk_store_heed(). */
void sk_s3_session_heed(struct sk_budget *budget, bool (*canceled)(void *context), void *context);
/* Ends it, if there is one: all objects and outputs of the run are closed. */
void sk_s3_session_end(struct sk_budget *budget);
/* How many requests it has sent; 0 where there is none. */
uint64_t sk_s3_session_requests(const struct sk_budget *budget);

#endif
