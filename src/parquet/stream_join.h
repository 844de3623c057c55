/* SPDX-License-Identifier: Apache-2.0 */
/* BYTE_STREAM_SPLIT (Encodings.md): byte b of all values of a page lies in stream b, one stream
 * behind the other. */
#ifndef SK_PARQUET_STREAM_JOIN_H
#define SK_PARQUET_STREAM_JOIN_H

#include "base/isa.h"

#include <stddef.h>
#include <stdint.h>

/* Puts values together again.
 *   streams  the next value's byte in the first stream; each stream begins `stride` bytes behind
 *            the last
 *   width    streams, and bytes of a value
 *   out      [n * width] */
void sk_stream_join(const uint8_t *streams, size_t stride, size_t width, size_t n, uint8_t *out);

/* As many of the n values as a kernel takes at a time; returns how many. */
typedef size_t sk_join_kernel(const uint8_t *streams, size_t stride, size_t n, uint8_t *out);
/* The kernel of a set of instructions for values of that width; NULL: there is none. */
sk_join_kernel *sk_stream_join_kernel(enum sk_isa isa, size_t width);

#endif
