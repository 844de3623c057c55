/* SPDX-License-Identifier: Apache-2.0 */
/* Signing requests: AWS Signature Version 4, with the header Authorization
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html). */
#ifndef SK_STORE_S3_SIGN_H
#define SK_STORE_S3_SIGN_H

#include "base/buffer.h"

#define SK_S3_TIME_TEXT 17

struct sk_s3_pair {
  const char *name, *value;
};

struct sk_s3_scope {
  const char *access_key, *secret_key, *region, *service;
  char time[SK_S3_TIME_TEXT]; /* "YYYYMMDDTHHMMSSZ" */
};

struct sk_s3_to_sign {
  const char *method;
  const char *path;                 /* percent-encoded, begins with '/' */
  const char *query;                /* sorted and percent-encoded, "" for none */
  const struct sk_s3_pair *headers; /* names in lower case, sorted; values without outer blanks */
  size_t header_count;
  const char *payload; /* the body's SHA-256 as hexadecimal digits */
};

/* Writes the instant, in seconds from 1970, as signatures have it. */
void sk_s3_time_text(int64_t time_s, char text[SK_S3_TIME_TEXT]);
/* Percent-encodes all bytes but A-Z a-z 0-9 - . _ ~, and '/' where it is kept. */
void sk_s3_encode(struct sk_buffer *out, const char *text, bool keep_slash);
/* Appends parameters, sorted as signatures want them: name=value&... At most 16. */
void sk_s3_query(struct sk_buffer *out, const struct sk_s3_pair *parameters, size_t count);
/* Appends the value of the header Authorization. False when memory lacks. */
bool sk_s3_sign(const struct sk_s3_scope *scope, const struct sk_s3_to_sign *request,
                struct sk_buffer *out);

#endif
