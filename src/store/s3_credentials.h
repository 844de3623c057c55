/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that requests are signed with: found where users keep them, renewed before they expire.
 * */
#ifndef SK_STORE_S3_CREDENTIALS_H
#define SK_STORE_S3_CREDENTIALS_H

#include "store/s3_keys.h"

struct sk_s3_credentials {
  struct sk_s3_ways ways;
  pthread_mutex_t lock;
  /* under the lock */
  struct sk_s3_keys keys;
  int64_t renew_s;  /* when newer ones are to be asked for */
  uint64_t version; /* counts the sets of keys; 0: none yet */
};

/* EINVAL where a lock cannot be made; asks nobody. `ways` is copied, what it points to is borrowed.
 * */
shukei_status sk_s3_credentials_init(struct sk_s3_credentials *credentials,
                                     const struct sk_s3_ways *ways, shukei_error *err);
void sk_s3_credentials_reset(struct sk_s3_credentials *credentials);

/* Keys that are good now, copied. Any thread; one asks, the others wait for it.
 *   refused  the version of keys that the server called expired, 0: none; newer ones are fetched
 * EIO: a way that is set up gives none; EINVAL: no way is set up. */
shukei_status sk_s3_credentials_get(struct sk_s3_credentials *credentials, uint64_t refused,
                                    struct sk_s3_keys *keys, uint64_t *version, shukei_error *err);

#endif
