/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), for signing requests. */
#ifndef SK_BASE_SHA256_H
#define SK_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SK_SHA256_BYTES 32
#define SK_SHA256_TEXT 65 /* as hexadecimal digits, zero-terminated */

struct sk_sha256 {
  uint32_t state[8];
  uint64_t length;  /* bytes so far */
  uint8_t rest[64]; /* of them the last length % 64 */
};

void sk_sha256_init(struct sk_sha256 *sha);
void sk_sha256_add(struct sk_sha256 *sha, const void *bytes, size_t length);
/* The digest of what was added; the state is used up. */
void sk_sha256_end(struct sk_sha256 *sha, uint8_t digest[SK_SHA256_BYTES]);

/* The digest of bytes that are all there, as lower-case hexadecimal digits. Returns text. */
const char *sk_sha256_text(const void *bytes, size_t length, char text[SK_SHA256_TEXT]);
/* Writes a digest as lower-case hexadecimal digits. Returns text. */
const char *sk_sha256_hex(const uint8_t digest[SK_SHA256_BYTES], char text[SK_SHA256_TEXT]);

void sk_hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
                    uint8_t digest[SK_SHA256_BYTES]);

#endif
