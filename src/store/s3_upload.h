/* SPDX-License-Identifier: Apache-2.0 */
/* How an object gets into S3: in one request, or in parts that become visible together.
 *
 *   sk_s3_upload_init() -> sk_s3_upload_whole()
 * -> _begin() -> _part() by any number of threads ... -> _end(), or _abort() */
#ifndef SK_STORE_S3_UPLOAD_H
#define SK_STORE_S3_UPLOAD_H

#include "store/s3_call.h"

#define SK_S3_TAG_TEXT 128

struct sk_s3_tag {
  char text[SK_S3_TAG_TEXT]; /* the ETag of a part */
};

struct sk_s3_upload {
  struct sk_s3 *s3;
  const struct sk_s3_entry *entry;
  const char *shown; /* the object's name for people */
  const char *type;  /* of the content */
  char mark[33];     /* by which the object is known to be ours once it is there */
  char id[1024];     /* "": not begun */
};

/* All calls that fail give EWRITE (or ENOMEM) and name the object. */
void sk_s3_upload_init(struct sk_s3_upload *upload, struct sk_s3 *s3,
                       const struct sk_s3_entry *entry);
shukei_status sk_s3_upload_whole(const struct sk_s3_upload *upload, const void *bytes,
                                 size_t length, shukei_error *err);
shukei_status sk_s3_upload_begin(struct sk_s3_upload *upload, shukei_error *err);
/* Numbers count from 1; sending one again replaces it. */
shukei_status sk_s3_upload_part(const struct sk_s3_upload *upload, unsigned number,
                                const void *bytes, size_t length, struct sk_s3_tag *tag,
                                shukei_error *err);
/* Makes the object of parts 1 to count appear. */
shukei_status sk_s3_upload_end(struct sk_s3_upload *upload, const struct sk_s3_tag *tags,
                               unsigned count, shukei_error *err);
/* Frees what the server keeps; where it cannot, the bucket's rule for unfinished uploads has to. */
void sk_s3_upload_abort(struct sk_s3_upload *upload);

#endif
