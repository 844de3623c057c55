/* SPDX-License-Identifier: Apache-2.0 */
/* A set of keys, and the ways to get one that need more than a look at the environment. */
#ifndef SK_STORE_S3_KEYS_H
#define SK_STORE_S3_KEYS_H

#include "store/s3_http.h"
#include "store/s3_profile.h"
#include "store/s3_settings.h"

#define SK_S3_NEVER INT64_MAX

struct sk_s3_keys {
  char access[256], secret[256], token[12288]; /* token "": none */
  int64_t expires_s;                           /* seconds from 1970; SK_S3_NEVER */
};

/* What the ways work with. */
struct sk_s3_ways {
  const struct sk_s3_profiles *profiles;
  const struct sk_s3_settings *settings;
  struct sk_http *http;
  struct sk_budget *budget;
};

/* Fills keys from texts; false where one is empty or too long. token may be NULL. */
bool sk_s3_keys_set(struct sk_s3_keys *keys, const char *access, const char *secret,
                    const char *token);
/* Parses "YYYY-MM-DDTHH:MM:SS[.FFF](Z|+HH:MM)" into seconds from 1970. */
bool sk_s3_instant(const char *text, int64_t *seconds);
/* Parses the JSON that credential_process, container and IMDS answer with. `session` is the name of
 * the token's member. False: it is none. */
bool sk_s3_keys_of_json(const char *text, size_t length, const char *session,
                        struct sk_s3_keys *keys);

/* Each: *found is false where this way is not set up. EIO: it is, and gives no keys. */
shukei_status sk_s3_keys_of_process(const struct sk_s3_ways *ways, struct sk_s3_keys *keys,
                                    bool *found, shukei_error *err);
shukei_status sk_s3_keys_of_container(const struct sk_s3_ways *ways, struct sk_s3_keys *keys,
                                      bool *found, shukei_error *err);
shukei_status sk_s3_keys_of_instance(const struct sk_s3_ways *ways, struct sk_s3_keys *keys,
                                     bool *found, shukei_error *err);
shukei_status sk_s3_keys_of_web_identity(const struct sk_s3_ways *ways, struct sk_s3_keys *keys,
                                         bool *found, shukei_error *err);

#endif
