/* SPDX-License-Identifier: Apache-2.0 */
/* A compressed body in parts that several threads decompress at the same time. */
#ifndef SK_PARQUET_FRAMES_H
#define SK_PARQUET_FRAMES_H

#include "base/helpers.h"
#include "parquet/codec.h"

/* As sk_decompress(), with the help of threads that wait at `helpers`, where the body is several
 * ZSTD frames (RFC 8878, 3) that tell their sizes, as sk_compress() makes them of a large page. Any
 * other body is decompressed by the caller alone. The lock of helpers is not held. */
shukei_status sk_frames_decompress(struct sk_helpers *helpers, struct sk_budget *budget,
                                   struct sk_codec_state *state, enum sk_codec codec,
                                   const uint8_t *in, size_t in_length, uint8_t *out,
                                   size_t out_length, shukei_error *err);

#endif
