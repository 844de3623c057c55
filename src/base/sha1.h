/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-1 (FIPS 180-4): for uuids of version 5, not for secrets. */
#ifndef SK_BASE_SHA1_H
#define SK_BASE_SHA1_H

#include <stddef.h>
#include <stdint.h>

#define SK_SHA1_BLOCK 64
#define SK_SHA1_PAD 72 /* behind a message; hashing it overwrites them */
#define SK_SHA1_KEPT 4

/* The first blocks of the message before, and where they led to. Begins as zeros. */
struct sk_sha1 {
  size_t kept;
  uint8_t blocks[SK_SHA1_KEPT][SK_SHA1_BLOCK];
  uint32_t states[SK_SHA1_KEPT][5];
};

/* The hash of message[length], which has room for SK_SHA1_PAD bytes behind it. Blocks that the
 * message before began with, too, are not hashed again. */
void sk_sha1(struct sk_sha1 *before, uint8_t *message, size_t length, uint8_t digest[20]);

/* Takes `count` blocks into the state. */
typedef void sk_sha1_kernel(uint32_t state[5], const uint8_t *blocks, size_t count);
sk_sha1_kernel sk_sha1_scalar;
/* By the processor's own instructions; NULL where it has none. */
sk_sha1_kernel *sk_sha1_processor(void);

#endif
