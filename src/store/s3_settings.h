/* SPDX-License-Identifier: Apache-2.0 */
/* Where requests go and how long they may take: from the environment and the files of profiles, in
 * the words that other programs for S3 use (docs/s3.md lists them). */
#ifndef SK_STORE_S3_SETTINGS_H
#define SK_STORE_S3_SETTINGS_H

#include "store/s3_name.h"
#include "store/s3_profile.h"

struct sk_s3_settings {
  char region[64];
  char scheme[8];     /* "https" or "http" */
  char host[300];     /* of the endpoint, with its port */
  char folder[256];   /* the endpoint's own path, without '/' at its end */
  bool path_style;    /* the bucket in the path rather than in the host's name */
  bool given;         /* an endpoint was set */
  char ca_file[1024]; /* empty: the system's */
  unsigned attempts;  /* of a request, the first one included */
  long connect_ms, stall_s;
};

/* EINVAL: a value that cannot be. */
shukei_status sk_s3_settings_read(const struct sk_s3_profiles *profiles,
                                  struct sk_s3_settings *settings, shukei_error *err);
/* Splits "http[s]://HOST[:PORT][/PATH]". False: it is none. */
bool sk_s3_endpoint_split(const char *url, struct sk_s3_settings *settings);
/* The host that a bucket's requests go to, and whether the bucket is to be part of the path. */
bool sk_s3_bucket_host(const struct sk_s3_settings *settings, const char *bucket, char host[600]);

#endif
