/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the form s3://BUCKET/KEY. */
#ifndef SK_STORE_S3_NAME_H
#define SK_STORE_S3_NAME_H

#include "base/error.h"

#include <stdbool.h>

#define SK_S3_BUCKET_TEXT 256
#define SK_S3_KEY_MOST 1024 /* bytes, the limit of S3 */

struct sk_s3_name {
  char bucket[SK_S3_BUCKET_TEXT];
  const char *key; /* within the name; "" for the bucket itself */
};

/* Whether the name is one of S3's, sound or not. */
bool sk_s3_named(const char *name);
/* EINVAL: no bucket, a bucket with other characters than S3 allows, a key that is too long. */
shukei_status sk_s3_name_parse(const char *text, struct sk_s3_name *name, shukei_error *err);
/* Decodes a percent-encoded key of a listing in place; '+' is a blank, as S3 writes it. */
void sk_s3_name_decode(char *text);

#endif
