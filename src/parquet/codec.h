/* SPDX-License-Identifier: Apache-2.0 */
/* Page compression. */
#ifndef SK_PARQUET_CODEC_H
#define SK_PARQUET_CODEC_H

#include "base/alloc.h"
#include "parquet/meta.h"

struct sk_codec_state; /* contexts that are worth keeping between pages; one thread at a time */

shukei_status sk_codec_new(struct sk_budget *budget, struct sk_codec_state **out,
                           shukei_error *err);
void sk_codec_free(struct sk_codec_state *state); /* NULL is fine */

/* Decompresses a page body that must fill exactly `out_length` bytes. EFORMAT where it does not,
 * or is corrupt; EUNSUPPORTED LZO. LZ4 takes the Hadoop framing and the bare frames and blocks that
 * some writers put under that name. */
shukei_status sk_decompress(struct sk_codec_state *state, enum sk_codec codec, const void *in,
                            size_t in_length, void *out, size_t out_length, shukei_error *err);
/* Room that compressing may need; 0 for a codec that is only read. */
size_t sk_compress_bound(enum sk_codec codec, size_t in_length);
/* SNAPPY, ZSTD (level 1 to 19; ignored by others), UNCOMPRESSED. */
shukei_status sk_compress(struct sk_codec_state *state, enum sk_codec codec, int level,
                          const void *in, size_t in_length, void *out, size_t out_capacity,
                          size_t *out_length, shukei_error *err);

#endif
