/* SPDX-License-Identifier: Apache-2.0 */
/* Getting bytes of an object by one request each, always of the version that was found first. */
#ifndef SK_STORE_S3_FETCH_H
#define SK_STORE_S3_FETCH_H

#include "store/s3_call.h"

/* Fetches [offset, offset + length) of a known entry. EIO names the object and says so where it was
 * replaced or deleted since. */
shukei_status sk_s3_fetch(struct sk_s3 *s3, const struct sk_s3_entry *entry, uint64_t offset,
                          void *bytes, size_t length, shukei_error *err);
/* Fetches what is missing of a range, as it comes; errors as above, and ECANCELED where the taker
 * wants no more. */
shukei_status sk_s3_fetch_by(struct sk_s3 *s3, const struct sk_s3_entry *entry,
                             struct sk_s3_taker *taker, shukei_error *err);
/* Finds out about an object and fetches its last bytes, at most `length`.
 *   got  how many; 0 for an empty object, and where the server does not give a range from the end
 * ENOTFOUND, EIO name the object. */
shukei_status sk_s3_fetch_tail(struct sk_s3 *s3, const struct sk_s3_entry *entry, void *bytes,
                               size_t length, size_t *got, uint64_t *size_bytes, char etag[192],
                               shukei_error *err);

#endif
