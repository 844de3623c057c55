/* SPDX-License-Identifier: Apache-2.0 */
/* The files ~/.aws/config and ~/.aws/credentials, in which users keep what all programs for S3
 * read. */
#ifndef SK_STORE_S3_PROFILE_H
#define SK_STORE_S3_PROFILE_H

#include "base/buffer.h"

#define SK_S3_VALUE_TEXT 4096

struct sk_s3_profiles {
  struct sk_buffer config, credentials; /* zero-terminated texts; length 0: no such file */
  char name[256];                       /* of the profile in force */
  bool asked_for;                       /* by AWS_PROFILE */
};

/* Reads both files from where AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE or HOME say. EIO: one
 * that the environment names is not there, or one is there that cannot be read; EINVAL: AWS_PROFILE
 * names a profile that is in neither; ENOMEM. */
shukei_status sk_s3_profiles_read(struct sk_s3_profiles *profiles, struct sk_budget *budget,
                                  shukei_error *err);
void sk_s3_profiles_reset(struct sk_s3_profiles *profiles);

/* The value of a key of the profile in force, out of the credentials file, else out of the config
 * file.
 *   group  NULL, or the key under which this one is indented ("s3")
 * False: there is none, or it is empty. */
bool sk_s3_profile_value(const struct sk_s3_profiles *profiles, const char *group, const char *key,
                         char value[SK_S3_VALUE_TEXT]);
/* The same of another section of the config file, "services NAME". */
bool sk_s3_section_value(const struct sk_s3_profiles *profiles, const char *section,
                         const char *group, const char *key, char value[SK_S3_VALUE_TEXT]);

#endif
