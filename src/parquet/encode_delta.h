/* SPDX-License-Identifier: Apache-2.0 */
/* DELTA_BINARY_PACKED and the encodings of texts that rest on it (Encodings.md of parquet-format),
 * writing. Each call appends the values of a whole page; false when memory lacks. */
#ifndef SK_PARQUET_ENCODE_DELTA_H
#define SK_PARQUET_ENCODE_DELTA_H

#include "base/buffer.h"
#include "parquet/slice.h"

/* Words of `width` bytes: 8, or 4 of INT32, whose differences wrap around at 32 bits. */
bool sk_encode_delta(struct sk_buffer *out, const uint64_t *words, size_t count, size_t width);
/* DELTA_LENGTH_BYTE_ARRAY, and DELTA_BYTE_ARRAY. No text is longer than INT32_MAX.
 *   words  [count], scratch */
bool sk_encode_delta_lengths(struct sk_buffer *out, const struct sk_slice *texts, size_t count,
                             uint64_t *words);
bool sk_encode_delta_texts(struct sk_buffer *out, const struct sk_slice *texts, size_t count,
                           uint64_t *words);

#endif
