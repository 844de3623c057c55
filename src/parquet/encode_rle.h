/* SPDX-License-Identifier: Apache-2.0 */
/* The RLE / bit-packing hybrid (Encodings.md of parquet-format), writing: dictionary codes and
 * definition levels. */
#ifndef SK_PARQUET_ENCODE_RLE_H
#define SK_PARQUET_ENCODE_RLE_H

#include "base/buffer.h"

/* Bits that values up to `greatest` need; 1 for 0, since not every reader takes a width of 0. */
unsigned sk_bit_width(uint32_t greatest);

/* Appends count values below 2^width (width 1 to 32), without length or width before them. False
 * when memory lacks. */
bool sk_encode_rle(struct sk_buffer *out, const uint32_t *values, size_t count, unsigned width);

/* As that, of one value count times. */
bool sk_encode_run(struct sk_buffer *out, uint32_t value, size_t count, unsigned width);

#endif
