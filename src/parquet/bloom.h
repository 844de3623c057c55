/* SPDX-License-Identifier: Apache-2.0 */
/* Split block Bloom filters (BloomFilter.md of the format): blocks of 256 bits, one bit of each of
 * a block's eight words for a value, by xxHash64 of the value's bytes as PLAIN has them, a text
 * without its length. */
#ifndef SK_PARQUET_BLOOM_H
#define SK_PARQUET_BLOOM_H

#include "base/buffer.h"
#include "parquet/file.h"

#define SK_BLOOM_BLOCK 32 /* bytes */

uint64_t sk_bloom_hash(const void *bytes, size_t length);
/* Bytes of a filter for so many distinct values, of which one in a hundred that are not among them
 * is taken for one that is: a power of two, as some readers want it, at most 128 MiB. */
size_t sk_bloom_size(uint64_t distinct);
/* bits: [size], a multiple of SK_BLOOM_BLOCK, zero before the first value. */
void sk_bloom_insert(uint8_t *bits, size_t size, uint64_t hash);
/* False: no such value was inserted. */
bool sk_bloom_may_have(const uint8_t *bits, size_t size, uint64_t hash);
/* Appends the header that stands before the bits. */
void sk_bloom_put_header(struct sk_buffer *out, size_t size);

struct sk_bloom_place {
  uint64_t begin, bits; /* offsets of the header and of what follows it */
  uint32_t size;        /* of the bits; 0: the chunk has no filter that can be used */
};
/* Where the chunk's filter lies, by its header. A filter whose header cannot be right, or is of a
 * kind that we do not know, counts as none. OK; EIO. */
shukei_status sk_bloom_find(struct sk_file *file, uint32_t group, int column,
                            struct sk_bloom_place *place, shukei_error *err);
/* Reads all of the bits; freed by sk_free(). EIO; ENOMEM. */
shukei_status sk_bloom_read(struct sk_file *file, const struct sk_bloom_place *place,
                            struct sk_budget *budget, uint8_t **bits, shukei_error *err);
/* *lacks: the chunk has a filter, of a kind that we know, and none of the values is among those
 * inserted. OK; EIO; ENOMEM. */
shukei_status sk_bloom_lacks(struct sk_file *file, uint32_t group, int column,
                             const uint64_t *hashes, size_t count, struct sk_budget *budget,
                             bool *lacks, shukei_error *err);

#endif
