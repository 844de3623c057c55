/* SPDX-License-Identifier: Apache-2.0 */
/* One gzip member made of pieces that were compressed apart, by any threads: every piece is a run
 * of deflate blocks that ends at a byte and knows nothing of its neighbours. */
#ifndef SK_GENERATE_GZIP_WRITE_H
#define SK_GENERATE_GZIP_WRITE_H

#include "base/buffer.h"

struct sk_deflater; /* one thread at a time */
shukei_status sk_deflater_new(struct sk_budget *budget, struct sk_deflater **out,
                              shukei_error *err);
void sk_deflater_free(struct sk_deflater *deflater); /* NULL is fine */
/* Appends the piece; the last one of a member ends the stream. False: memory lacks. */
bool sk_deflate_piece(struct sk_deflater *deflater, const void *bytes, size_t length, bool last,
                      struct sk_buffer *out);

/* Appends the member's head, without name and time. */
void sk_gzip_head(struct sk_buffer *out);
/* Appends its tail: the CRC-32 and length of everything that was compressed. */
void sk_gzip_tail(struct sk_buffer *out, uint32_t crc32, uint64_t length);

uint32_t sk_gzip_crc(const void *bytes, size_t length);
/* The CRC-32 of two pieces after each other. */
uint32_t sk_gzip_crc_join(uint32_t first, uint32_t second, uint64_t second_length);

#endif
