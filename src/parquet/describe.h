/* SPDX-License-Identifier: Apache-2.0 */
/* What a footer says, in words: for inspect and for comparing files. */
#ifndef SK_PARQUET_DESCRIBE_H
#define SK_PARQUET_DESCRIBE_H

#include "base/buffer.h"
#include "parquet/meta.h"

const char *sk_repetition_name(enum sk_repetition repetition); /* "optional" */
/* "DECIMAL(9,2)", "TIMESTAMP(MICROS,UTC)", "UINT(16)"; "" for none. */
void sk_describe_meaning(struct sk_buffer *out, const struct sk_column_meta *c);
/* "INT64", "FIXED_LEN_BYTE_ARRAY(16)" */
void sk_describe_physical(struct sk_buffer *out, const struct sk_column_meta *c);
bool sk_has_dictionary(const struct sk_chunk_meta *chunk);
/* Names of the bits of chunk->encodings, in JSON each in quotes, with commas in between. */
void sk_describe_encodings(struct sk_buffer *out, bool json, uint32_t encodings);
/* A bound for people is cut, so that a line stays a line; in JSON it is whole, and in quotes. */
void sk_describe_bound(struct sk_buffer *out, bool json, const struct sk_column_meta *c,
                       const uint8_t *bytes, uint32_t length);

#endif
