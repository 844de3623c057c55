/* SPDX-License-Identifier: Apache-2.0 */
#include "store/s3_name.h"

#include <string.h>

static const char scheme[] = "s3://";

bool sk_s3_named(const char *name)
{
  return strncmp(name, scheme, sizeof scheme - 1) == 0;
}

/* Buckets of today have lower-case letters, digits, '-' and '.'; old ones of us-east-1, and other
 * servers', may have the rest. */
static bool bucket_character(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

shukei_status sk_s3_name_parse(const char *text, struct sk_s3_name *name, shukei_error *err)
{
  const char *const bucket = text + sizeof scheme - 1;
  const size_t length = strcspn(bucket, "/");
  bool sound = length > 0 && length < sizeof name->bucket && bucket[0] != '.';
  for (size_t i = 0; i < length && sound; i++)
    sound = bucket_character(bucket[i]);
  if (!sound) {
    const shukei_status st =
        sk_fail(err, SHUKEI_EINVAL, "\"%s\" names no bucket that can exist", text);
    sk_advise(err, "name it s3://BUCKET/KEY");
    return st;
  }
  memcpy(name->bucket, bucket, length);
  name->bucket[length] = '\0';
  name->key = bucket + length + (bucket[length] == '/');
  if (strlen(name->key) > SK_S3_KEY_MOST)
    return sk_fail(err, SHUKEI_EINVAL, "\"%.64s...\": the key is longer than %d bytes", text,
                   SK_S3_KEY_MOST);
  return SHUKEI_OK;
}

static int digit(char c)
{
  return c >= '0' && c <= '9'                 ? c - '0'
         : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                              : -1;
}

void sk_s3_name_decode(char *text)
{
  char *to = text;
  for (const char *at = text; *at; at++) {
    const int high = at[0] == '%' ? digit(at[1]) : -1, low = high >= 0 ? digit(at[2]) : -1;
    if (low >= 0 && (high || low)) {
      *to++ = (char)(high << 4 | low);
      at += 2;
    } else {
      *to++ = *at == '+' ? ' ' : *at;
    }
  }
  *to = '\0';
}
