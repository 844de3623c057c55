/* SPDX-License-Identifier: Apache-2.0 */
/* The compression of whole blocks of SHA-256, by two ways that give the same; for sha256.c and its
 * test. */
#ifndef SK_BASE_SHA256_BLOCK_H
#define SK_BASE_SHA256_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const uint32_t sk_sha256_constants[64];

void sk_sha256_blocks_plain(uint32_t state[8], const uint8_t *bytes, size_t count);
/* Whether the processor has the instructions of the fast way and SHUKEI_ISA lets them be used. */
bool sk_sha256_fast(void);
void sk_sha256_blocks_fast(uint32_t state[8], const uint8_t *bytes, size_t count);

#endif
